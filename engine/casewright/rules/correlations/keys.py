"""Keys of windows: what values they may be, and the text that makes a window's id of one."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import msgspec

from casewright.bind.fields import FieldDefinition, canonical_number
from casewright.feel import Budget, Time, YearsMonths
from casewright.feel import types as feel
from casewright.feel.render import text_of
from casewright.temporal import Duration

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from casewright.bind.places import Where
    from casewright.bind.world import World
    from casewright.rules.correlations.sources import Source

LONGEST = 120
"""Characters of a key that stand in an id; a longer one is hashed."""

_JSON = msgspec.json.Encoder(order="deterministic", decimal_format="number")
_KINDS = {
    feel.STRING: "string",
    feel.NUMBER: "number",
    feel.BOOLEAN: "boolean",
    feel.DATE: "date",
    feel.DATE_TIME: "date_time",
    feel.UNIT_DURATION: "duration",
    feel.DAYS_TIME: "duration",
}


def key_kind(
    world: World,
    where: Where,
    types: Sequence[tuple[Source, feel.Type]],
    case_types: Container[str],
) -> tuple[FieldDefinition | None, feel.Type]:
    """Return what values of a key are, as a field (None where that is not known) and as a type.

    Args:
        where: place of the key, for reports.
        types: of the key at every source.
        case_types: qualified names; a reference to one is its id.
    """
    known = [(source, kind) for source, kind in types if kind is not feel.ANY]
    for source, kind in known:
        if not _may_be_key(kind):
            message = f"the key is {kind} at {source}; one window is kept for each value"
            world.report("CW730", where, message, "name a field, or a list of fields")
            return None, feel.ANY
    if not known or len(known) < len(types):
        return None, feel.ANY
    first_source, first = known[0]
    for source, kind in known:
        if _word(kind) != _word(first):
            message = f"the key is {first} at {first_source} and {kind} at {source}"
            cure = "let it be of one type everywhere, or name the case types in `for`"
            world.report("CW730", where, message, cure)
            return None, feel.ANY
    if isinstance(first, feel.ReferenceType):
        targets = {kind.target for _, kind in known if isinstance(kind, feel.ReferenceType)}
        alike = all(isinstance(kind, feel.ReferenceType) for _, kind in known)
        if alike and len(targets) == 1 and first.target not in case_types:
            return FieldDefinition("key", "reference", first, target=first.target), first
        return FieldDefinition("key", "string", feel.STRING), feel.STRING
    word = _KINDS.get(first)
    if word is None:
        return None, first
    return FieldDefinition("key", word, first), first


def _may_be_key(kind: feel.Type) -> bool:
    item = kind.item if isinstance(kind, feel.ListType) else kind
    return item is feel.ANY or _word(item) in {*_KINDS, "string"}


def _word(kind: feel.Type) -> object:
    """Return what a type is for the comparison of keys."""
    return feel.STRING if isinstance(kind, feel.ReferenceType) else kind


def key_text(key: object) -> str:
    """Return the text of a key: equal for equal values, fit for an id.

    A text stands for itself, everything else for its canonical JSON; what is long or would not
    print is hashed.

    Raises:
        ValueError: the value is none that JSON has a word for.
    """
    text = key if isinstance(key, str) else _encoded(key)
    if len(text) > LONGEST or not text.isprintable():
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return text


def _encoded(key: object) -> str:
    try:
        return _JSON.encode(_canonical(key)).decode()
    except (TypeError, msgspec.ValidationError) as err:
        raise ValueError(f"{key!r} cannot be the key of a window") from err


def _canonical(value: object) -> Any:
    if isinstance(value, Decimal):
        return canonical_number(value)
    if isinstance(value, datetime):
        return value if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, Duration):
        return str(value)
    if isinstance(value, timedelta | YearsMonths | Time):
        return text_of(Budget(), value)
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in cast("list[object]", value)]
    return value
