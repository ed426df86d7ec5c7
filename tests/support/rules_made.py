"""Productions and facts written down by hand, of whatever fields a test wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.feel import Expression, Name, Scope, compile, types
from casewright.rules.networks.contract import Fact, Pattern, Production
from casewright.rules.networks.reading_terms import conditions, fields_of

if TYPE_CHECKING:
    from collections.abc import Mapping

FEEL = {
    "integer": types.NUMBER,
    "number": types.NUMBER,
    "string": types.STRING,
    "choice": types.ANY,
    "boolean": types.BOOLEAN,
    "date": types.DATE,
    "date_time": types.DATE_TIME,
    "any": types.ANY,
}
PLAIN: Mapping[str, str] = {
    "n": "integer",
    "m": "integer",
    "d": "number",
    "s": "string",
    "c": "choice",
    "b": "boolean",
    "day": "date",
    "at": "date_time",
    "z": "any",
}


def pattern(
    name: str,
    when: str = "",
    *before: str,
    label: str = "f",
    groups: tuple[str, ...] = (),
    count: int | None = None,
    distinct: str | None = None,
    kinds: Mapping[str, str] = PLAIN,
) -> Pattern:
    """Return a pattern; ``before`` are the names of those before it, ``groups`` of counted ones."""
    item = types.ContextType({field: types.Member(FEEL[kind]) for field, kind in kinds.items()})
    names = {one: types.ListType(item) if one in groups else item for one in (*before, name)}
    scope = Scope({one: Name(kind, f"s.lets.get({one!r})") for one, kind in names.items()})
    known = {one: kinds for one in names if one not in groups}
    made = conditions(compile(when, scope), before, fields_of(known)) if when else ()
    differs: Expression | None = None if distinct is None else compile(distinct, scope)
    return Pattern(name, label, made, count, differs)


def rule(*patterns: Pattern, absent: tuple[Pattern, ...] = (), name: str = "r") -> Production:
    """Return a production of patterns."""
    return Production(name, patterns, absent)


def facts(*data: Mapping[str, Any]) -> list[Fact]:
    """Return facts, the earliest first; ``is`` in the data names labels, ``f`` unless given."""
    return [
        Fact(
            f"f{place}",
            frozenset(str(one.get("is", "f")).split()),
            {name: value for name, value in one.items() if name != "is"},
        )
        for place, one in enumerate(data)
    ]
