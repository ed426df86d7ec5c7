"""The Jinja2 environment of templates: values without attributes, bounded work and output.

A template sees plain data only and calls nothing. Loops, the length of texts and the size of the
output are bounded, so a template can be as hostile as it likes: it ends, and reads nothing that
it was not given. Imported only where a template is read or rendered.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from casewright.templates.fault import TemplateFault
from casewright.templates.filters import (
    FILTERS,
    OWN_TESTS,
    TESTS,
    bounded,
    number_of,
    text_of,
)

DATA = "_data"


class Environment(ImmutableSandboxedEnvironment):
    """A sandbox in which data has items and no attributes."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "**", "%"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return an attribute of ``loop``; nothing else has any."""
        if isinstance(obj, LoopContext):
            return super().getattr(obj, attribute)
        return None

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return an item of a map or list, None where there is none."""
        if isinstance(obj, Mapping):
            return obj.get(argument)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        if isinstance(obj, list | tuple) and isinstance(argument, int):
            return obj[argument] if -len(obj) <= argument < len(obj) else None  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        return None

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Return the result of arithmetic on numbers, or ``+`` of texts within the limit."""
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return bounded(left + right)
        numbers = [number_of(value) for value in (left, right)]
        if None in numbers or operator == "**":
            raise TemplateFault(f"cannot work out {left!r} {operator} {right!r}")
        if operator in ("/", "//", "%") and not numbers[1]:
            return None
        return super().call_binop(context, operator, *numbers)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the one environment; it holds no state of a rendering."""
    made = Environment(autoescape=False, finalize=text_of)
    known = {name: test for name, test in made.tests.items() if name in TESTS}
    made.filters.clear()
    made.filters.update(FILTERS)
    made.tests.clear()
    made.tests.update({**known, **OWN_TESTS})
    made.globals.clear()
    return made
