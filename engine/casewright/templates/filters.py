"""What templates may do with values: filters, tests, comparisons, and how a value is shown.

Our own where Jinja2's would read attributes, fail on null or make texts without bound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Undefined, pass_context
from jinja2 import filters as jinja_filters

from casewright.templates.fault import TemplateFault

if TYPE_CHECKING:
    from jinja2.runtime import Context

LOOP_LIMIT = 10_000
TEXT_LIMIT = 262_144
WORK = "_work"


class Work:
    """What one rendering may still do."""

    __slots__ = ("loops",)

    def __init__(self) -> None:
        self.loops = LOOP_LIMIT


def number_of(value: Any) -> Decimal | None:
    """Return a number as a decimal, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return value if isinstance(value, Decimal) else Decimal(str(value))


def bounded(text: str) -> str:
    """Return the text.

    Raises:
        TemplateFault: it is longer than a rendering may be.
    """
    if len(text) > TEXT_LIMIT:
        raise TemplateFault(f"a text of more than {TEXT_LIMIT} characters")
    return text


def text_of(value: Any) -> str:
    """Return a value as a template shows it: null as nothing, numbers plain, times in ISO 8601."""
    match value:
        case None | Undefined():
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case Decimal():
            return _decimal(value)
        case float():
            return _decimal(Decimal(repr(value)))
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case timedelta():
            return _length(value)
        case list() | tuple():
            return ", ".join(text_of(item) for item in value)  # pyright: ignore[reportUnknownVariableType]
        case _:
            return str(value)


def _length(value: timedelta) -> str:
    """Return a length of time in words, whole seconds of it."""
    seconds = int(abs(value).total_seconds())
    parts: list[str] = []
    for name, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}{'' if count == 1 else 's'}")
    text = " ".join(parts) or "0 seconds"
    return f"-{text}" if value < timedelta(0) else text


def _decimal(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@pass_context
def counted(context: Context, items: Any) -> Any:
    """Return what a loop goes over, each element paid for."""
    work: Work = context[WORK]
    for item in _elements(items):
        work.loops -= 1
        if work.loops < 0:
            raise TemplateFault(f"more than {LOOP_LIMIT} turns of loops")
        yield item


def _elements(items: Any) -> list[Any]:
    if items is None or isinstance(items, Undefined):
        return []
    if isinstance(items, list | tuple):
        return list(items)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if isinstance(items, Iterable) and not isinstance(items, str | Mapping):
        return list(items)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return [items]


def concatenated(parts: list[Any]) -> str:
    """Return the parts of ``a ~ b`` as one text."""
    return bounded("".join(text_of(part) for part in parts))


def compared(parts: list[Any]) -> bool:
    """Return whether ``[left, operator, right]`` holds; with null only ``==`` and ``!=`` can."""
    left, operator, right = parts
    if operator in ("eq", "ne"):
        return bool(_COMPARED[operator](left, right))
    if left is None or right is None:
        return False
    try:
        return bool(_COMPARED[operator](left, right))
    except TypeError:
        return False


_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: bool(left == right),
    "ne": lambda left, right: bool(left != right),
    "lt": lambda left, right: bool(left < right),
    "lteq": lambda left, right: bool(left <= right),
    "gt": lambda left, right: bool(left > right),
    "gteq": lambda left, right: bool(left >= right),
    "in": lambda left, right: left in right,
    "notin": lambda left, right: left not in right,
}


def _join(items: Any, separator: str = "", attribute: str | None = None) -> str:
    texts = [
        text_of(item if attribute is None else item.get(attribute)) for item in _elements(items)
    ]
    size = sum(map(len, texts)) + len(separator) * len(texts)
    return bounded(separator.join(texts)) if size <= TEXT_LIMIT else bounded(" " * size)


def _replace(value: Any, old: str, new: str, count: int | None = None) -> str:
    text = text_of(value)
    if (text.count(old) + 1) * len(new) + len(text) > TEXT_LIMIT:
        raise TemplateFault(f"a text of more than {TEXT_LIMIT} characters")
    return text.replace(old, new) if count is None else text.replace(old, new, count)


def _map(items: Any, *, attribute: str) -> list[Any]:
    return [item.get(attribute) for item in _elements(items)]


def _order(value: Any) -> tuple[int, Any]:
    if value is None:
        return (2, 0)
    if isinstance(value, bool | int | float | Decimal):
        return (0, value)
    return (1, text_of(value).lower())


def _sort(items: Any, reverse: bool = False, *, attribute: str | None = None) -> list[Any]:
    return sorted(
        _elements(items),
        key=lambda item: _order(item if attribute is None else item.get(attribute)),
        reverse=reverse,
    )


def _unique(items: Any) -> list[Any]:
    found: dict[Any, Any] = {}
    for item in _elements(items):
        found.setdefault(_order(item), item)
    return list(found.values())


def _sum(items: Any, attribute: str | None = None) -> Any:
    values = (item if attribute is None else item.get(attribute) for item in _elements(items))
    return sum((number for number in map(number_of, values) if number is not None), Decimal(0))


def _by_attribute(*, keep: bool) -> Callable[..., list[Any]]:
    @pass_context
    def chosen(
        context: Context, items: Any, attribute: str, test: str = "", *args: Any
    ) -> list[Any]:
        def holds(item: Any) -> bool:
            value = item.get(attribute)
            if not test:
                return bool(value)
            return bool(context.environment.call_test(test, value, args))

        return [item for item in _elements(items) if holds(item) is keep]

    return chosen


def _date(value: Any, form: str, zone: str | None = None) -> str:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as err:
            raise TemplateFault(f"{value!r} is not a date") from err
    if value is None:
        return ""
    if not isinstance(value, date):
        raise TemplateFault(f"{value!r} is not a date")
    if zone is not None and isinstance(value, datetime) and value.tzinfo is not None:
        try:
            value = value.astimezone(ZoneInfo(zone))
        except (ZoneInfoNotFoundError, ValueError) as err:
            raise TemplateFault(f"{zone!r} is not a time zone") from err
    text: str = value.strftime(form)
    return bounded(text)


def _default(value: Any, default: Any = "", boolean: bool = False) -> Any:
    return default if value is None or (boolean and not value) else value


def _texts(change: Callable[[str], str]) -> Callable[[Any], str]:
    return lambda value: bounded(change(text_of(value)))


def _truncate(value: Any, length: int = 255, end: str = "...") -> str:
    text = text_of(value)
    return text if len(text) <= length else text[: max(length - len(end), 0)] + end


def _ends(*, last: bool) -> Callable[[Any], Any]:
    def end(items: Any) -> Any:
        found = _elements(items)
        return found[-1 if last else 0] if found else None

    return end


def _count(items: Any) -> int:
    return len(items) if isinstance(items, str) else len(_elements(items))


def _reverse(items: Any) -> list[Any]:
    return _elements(items)[::-1]


def _is_defined(value: Any) -> bool:
    return value is not None


def _is_none(value: Any) -> bool:
    return value is None


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [])


FILTERS: Mapping[str, Callable[..., Any]] = {
    "abs": abs,
    "capitalize": _texts(str.capitalize),
    "count": _count,
    "d": _default,
    "date": _date,
    "default": _default,
    "first": _ends(last=False),
    "join": _join,
    "last": _ends(last=True),
    "length": _count,
    "list": _elements,
    "lower": _texts(str.lower),
    "map": _map,
    "reject": jinja_filters.FILTERS["reject"],
    "rejectattr": _by_attribute(keep=False),
    "replace": _replace,
    "reverse": _reverse,
    "round": jinja_filters.FILTERS["round"],
    "select": jinja_filters.FILTERS["select"],
    "selectattr": _by_attribute(keep=True),
    "sort": _sort,
    "string": text_of,
    "sum": _sum,
    "title": _texts(str.title),
    "trim": _texts(str.strip),
    "truncate": _truncate,
    "unique": _unique,
    "upper": _texts(str.upper),
    "urlencode": _texts(quote),
    "_compared": compared,
    "_concatenated": concatenated,
    "_counted": counted,
}
TESTS = frozenset(
    {
        "==", "!=", ">", ">=", "<", "<=", "eq", "equalto", "ne", "gt", "greaterthan", "ge", "lt",
        "lessthan", "le", "in", "even", "odd", "divisibleby", "boolean", "number", "integer",
        "string", "true", "false",
    }
)  # fmt: skip
OWN_TESTS: Mapping[str, Callable[..., bool]] = {
    "defined": _is_defined,
    "undefined": _is_none,
    "none": _is_none,
    "empty": _is_empty,
}
