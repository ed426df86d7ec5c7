"""FEEL values as JSON that keeps their types, for the lines of ``feel`` and ``decide``.

``null``, booleans, texts and lists stand for themselves; every other value is an object with one
key: ``{"number": "12.50"}``, ``{"date": "2017-01-31"}``, ``{"context": {...}}`` and so on. Texts
of dates and durations are read and written by FEEL itself, so that this form has no rules of its
own. Source: the form in which the results of the DMN TCK are passed on.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, cast

from casewright import feel
from casewright.feel.types import kind
from casewright.temporal import Duration

_READERS = {
    "date": "date(x)",
    "time": "time(x)",
    "date and time": "date and time(x)",
    "days and time duration": "duration(x)",
    "years and months duration": "duration(x)",
}


def untagged(value: Any) -> Any:
    """Return the FEEL value of a tagged one; plain JSON numbers and objects are read too.

    Raises:
        ValueError: a text that is no such value.
    """
    if isinstance(value, list):
        return [untagged(item) for item in value]  # pyright: ignore[reportUnknownVariableType]  a list of anything
    if isinstance(value, float):
        return feel.evaluate(repr(value), {})
    if not isinstance(value, dict):
        return feel.evaluate(str(value), {}) if isinstance(value, Decimal) else value
    items = cast("dict[str, Any]", value)
    if len(items) == 1:
        ((tag, inner),) = items.items()
        if tag == "number" and isinstance(inner, str):
            return _from_text("number(x)", tag, inner)
        if tag == "context" and isinstance(inner, dict):
            return {k: untagged(v) for k, v in cast("dict[str, Any]", inner).items()}
        if tag in _READERS and isinstance(inner, str):
            return _from_text(_READERS[tag], tag, inner)
    return {k: untagged(v) for k, v in items.items()}


def tagged(value: Any) -> Any:
    """Return a FEEL value in the tagged form.

    Raises:
        ValueError: a range or a function, which the form has no word for.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, list | tuple):
        return [tagged(item) for item in value]  # pyright: ignore[reportUnknownVariableType]  a list of anything
    if isinstance(value, Mapping):
        members = cast("Mapping[str, Any]", value)
        return {"context": {str(k): tagged(v) for k, v in members.items()}}
    if isinstance(value, int | Decimal):
        return {"number": format(value, "f") if isinstance(value, Decimal) else str(value)}
    return {_tag(value): str(feel_text(value))}


def feel_text(value: Any) -> str:
    """Return what FEEL's ``string`` makes of a value; null is ``null``."""
    if isinstance(value, Duration):
        return str(value)
    text = _compiled("string(x)").evaluate({"x": value})
    return "null" if text is None else str(text)


def _tag(value: object) -> str:
    name = "days and time duration" if isinstance(value, Duration) else kind(value).name
    if name not in _READERS:
        raise ValueError(f"a {type(value).__name__.lower()} has no form in JSON")
    return name


def _from_text(source: str, tag: str, text: str) -> Any:
    value = feel.evaluate(text, {}) if tag == "number" else _compiled(source).evaluate({"x": text})
    if value is None:
        raise ValueError(f'"{text}" is no {tag}')
    return value


@cache
def _compiled(source: str) -> feel.Expression:
    return feel.compile(source)
