"""Rendering: a template's source and the data that was fixed for it, to a text.

The same source and data give the same text, in the step (comments and notes) and at delivery.
Jinja2 is imported when the first template is rendered.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from casewright.templates.fault import TemplateFault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Template as JinjaTemplate


@dataclass(frozen=True, slots=True)
class Message:
    """A rendered template; ``subject`` is one line, empty where the template has none."""

    subject: str
    body: str


def rendered(source: str, data: Mapping[str, Any]) -> str:
    """Return the text of a template.

    Args:
        source: Jinja2, as written in the spec.
        data: what it reads, by path, as :meth:`Template.data` made it, or that after JSON.

    Raises:
        TemplateFault: a value does not fit what the template does with it, or a limit is passed.
    """
    from jinja2 import TemplateError

    from casewright.templates.filters import TEXT_LIMIT, WORK, Work
    from casewright.templates.sandbox import DATA

    pieces: list[str] = []
    size = 0
    try:
        for piece in _compiled(source).generate({DATA: data, WORK: Work()}):
            size += len(piece)
            if size > TEXT_LIMIT:
                raise TemplateFault(f"a text of more than {TEXT_LIMIT} characters")
            pieces.append(piece)
    except (TemplateError, TypeError, ArithmeticError, RecursionError, LookupError) as err:
        raise TemplateFault(str(err)) from err
    return "".join(pieces)


def message(subject: str | None, body: str, data: Mapping[str, Any]) -> Message:
    """Return subject and body as rendered; line ends in the subject become spaces.

    Raises:
        TemplateFault: one of them cannot be rendered.
    """
    line = "" if subject is None else " ".join(rendered(subject, data).split())
    return Message(line, rendered(body, data))


@lru_cache(maxsize=512)
def _compiled(source: str) -> JinjaTemplate:
    from casewright.templates.reading import read
    from casewright.templates.sandbox import environment

    reading = read(source)
    if reading.slips:
        raise TemplateFault(reading.slips[0].message)
    made = environment()
    return made.template_class.from_code(made, made.compile(reading.tree), {})
