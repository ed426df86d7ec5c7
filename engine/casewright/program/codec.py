"""Canonical JSON of what a step takes and gives, and back, by declared type.

Equal records have equal bytes: keys of maps are sorted, numbers are decimals without trailing
zeros, instants carry their offset. Loading needs the program, for JSON does not know a date from a
text; folding a journal does not.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import msgspec
from msgspec.structs import replace

from casewright.case import Case, Event, Observation, RelatedItem, RelatedList, Timer, Window
from casewright.feel import Budget, Time, YearsMonths
from casewright.feel.literals import parse_duration
from casewright.feel.render import text_of
from casewright.temporal import Duration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casewright.bind.fields import FieldDefinition
    from casewright.program.kind import CaseType
    from casewright.rules.case_rules import Rule
    from casewright.rules.correlations.definition import Correlation

_TYPED = frozenset({"date", "date_time", "duration"})


def _encoded(value: object) -> Any:
    if isinstance(value, Duration):
        return str(value)
    if isinstance(value, timedelta | YearsMonths | Time):
        return text_of(Budget(), value)
    if isinstance(value, frozenset | set):
        return sorted(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    raise NotImplementedError(f"{type(value).__name__} has no canonical form")


_ENCODER = msgspec.json.Encoder(enc_hook=_encoded, order="deterministic", decimal_format="number")
_CASE = msgspec.json.Decoder(Case, float_hook=Decimal)
_WINDOW = msgspec.json.Decoder(Window, float_hook=Decimal)
_EVENT = msgspec.json.Decoder(Event, float_hook=Decimal)
_ANY = msgspec.json.Decoder(float_hook=Decimal)


def dump(value: object) -> bytes:
    """Return the canonical JSON of a record, value or outcome."""
    return _ENCODER.encode(value)


def plain(value: object) -> Any:
    """Return a record as plain JSON data; numbers are ints or decimals."""
    return _ANY.decode(_ENCODER.encode(value))


def parse(data: bytes | str) -> Any:
    """Return plain JSON data with exact numbers."""
    return _ANY.decode(data)


def load_event(data: bytes) -> Event:
    """Return an event; its data stays plain until a step converts it."""
    return _EVENT.decode(data)


def load_case(data: bytes, case_type: Callable[[str], CaseType]) -> Case:
    """Return a case with FEEL values in its fields."""
    case = _CASE.decode(data)
    ct = case_type(case.case_type)
    return replace(
        case,
        fields=_fields(case.fields, ct.fields),
        related={name: _list(summary, case_type) for name, summary in case.related.items()}
        if case.related
        else case.related,
        parents={name: _item(item, case_type) for name, item in case.parents.items()}
        if case.parents
        else case.parents,
        timers=tuple(_timer(timer, ct) for timer in case.timers),
    )


def load_window(data: bytes, correlation: Callable[[str], Correlation | None]) -> Window:
    """Return a window with FEEL values in its key and observations.

    Args:
        data: as dumped.
        correlation: looks one up by qualified name; values of one that is gone stay plain.
    """
    window = _WINDOW.decode(data)
    definition = correlation(window.correlation)
    if definition is None:
        return window
    fields = definition.fields
    observations = {
        name: typed_observation(found, fields) for name, found in window.observations.items()
    }
    key = typed_value(definition.key_field, window.key)
    return replace(window, key=key, observations=observations)


def typed_value(definition: FieldDefinition | None, value: Any) -> Any:
    """Return a value as its declared type has it, as it is where that is not known."""
    if definition is None or value is None:
        return value
    return _fields({definition.name: value}, {definition.name: definition})[definition.name]


def typed_observation(found: Observation, fields: Mapping[str, FieldDefinition]) -> Observation:
    """Return an observation with FEEL values."""
    return replace(found, data=_fields(found.data, fields)) if found.data else found


def _fields(values: dict[str, Any], definitions: Mapping[str, FieldDefinition]) -> dict[str, Any]:
    made = dict(values)
    for name, value in values.items():
        definition = definitions.get(name)
        if definition is None:
            continue
        if definition.kind == "duration" and isinstance(value, dict):
            written = cast("dict[str, Any]", value)  # as msgspec writes it
            made[name] = Duration(written["unit"], written["amount"])
        elif definition.kind in _TYPED or isinstance(value, Decimal):
            made[name] = _typed(definition, value)
    return made


def _typed(definition: FieldDefinition, value: Any) -> Any:
    """Return a FEEL value; what the field could hold under an older program stays as it is."""
    try:
        if definition.kind == "duration" and str(value).startswith(("P", "-P")):
            return parse_duration(value)  # one that FEEL worked out; others are in words
        return definition.convert(value)
    except ValueError:
        return value


def _list(summary: RelatedList, case_type: Callable[[str], CaseType]) -> RelatedList:
    return replace(summary, items=tuple(_item(item, case_type) for item in summary.items))


def _item(item: RelatedItem, case_type: Callable[[str], CaseType]) -> RelatedItem:
    if not item.fields:
        return item
    return replace(item, fields=_fields(item.fields, case_type(item.case_type).fields))


def kept(facts: Mapping[str, Any], rule: Rule) -> dict[str, Any]:
    """Return facts that a rule is over as they are once they have been through JSON."""
    return _bound(plain(facts), rule)


def _bound(facts: Mapping[str, Any], rule: Rule | None) -> dict[str, Any]:
    """Return facts that a rule is over with FEEL values, as far as their types are known."""
    lists = () if rule is None or rule.over is None else rule.over.lists
    fields = {one.name: one.fields for one in lists}
    return {name: _fields(data, fields.get(name, {})) for name, data in facts.items()}


def _timer(timer: Timer, ct: CaseType) -> Timer:
    if timer.bound:
        rule = ct.rules.by_name(timer.key.split("/")[1])
        timer = replace(timer, bound=_bound(timer.bound, rule))
    if timer.event is None:
        return timer
    declared = {**ct.fields, **ct.event_data.get(timer.event.type, {})}
    return replace(timer, event=replace(timer.event, data=_fields(timer.event.data, declared)))
