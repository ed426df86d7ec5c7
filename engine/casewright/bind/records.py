"""Types of reference data, and the records of them that ship with packs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from casewright.bind.places import Where

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.bind.fields import FieldDefinition
    from casewright.bind.world import World
    from casewright.spec.models.common import FieldDefinition as FieldModel
    from casewright.spec.pack_set import Spec


@dataclass(frozen=True, slots=True, eq=False)
class RecordType:
    """A type of reference data."""

    name: str
    fields: Mapping[str, FieldDefinition]
    rows: Mapping[str, dict[str, Any]]

    def convert(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record with FEEL values; keys that are not declared stay as they are.

        Raises:
            ValueError: a value is not of its field's type.
        """
        made: dict[str, Any] = {}
        for name, value in record.items():
            definition = self.fields.get(name)
            try:
                made[name] = value if definition is None else definition.convert(value)
            except ValueError as err:
                raise ValueError(f"{self.name} {record.get('id')}: {name}: {err}") from err
        return made


def with_rows(world: World, record_type: RecordType, spec: Spec) -> RecordType:
    """Return a record type with the records that ship with its spec; mistakes are reported."""
    rows: dict[str, dict[str, Any]] = {}
    for position, row in enumerate(shipped_rows(spec)):
        where = Where(spec, "/rows") / position
        record_id = row.get("id")
        if not isinstance(record_id, str):
            world.report("CW225", where, "a record needs an id, a text")
            continue
        if record_id in rows:
            world.report("CW225", where, f'a second record has the id "{record_id}"')
        for name in row:
            if name not in record_type.fields:
                world.unknown("CW226", where / name, "field", name, record_type.fields, key=True)
        rows[record_id] = _converted(world, record_type, row, where)
    return RecordType(record_type.name, record_type.fields, rows)


def _converted(
    world: World, record_type: RecordType, row: Mapping[str, Any], where: Where
) -> dict[str, Any]:
    """Return a record with FEEL values; a value that its field cannot have is reported."""
    made: dict[str, Any] = {}
    for name, value in row.items():
        definition = record_type.fields.get(name)
        try:
            made[name] = value if definition is None else definition.convert(value)
        except ValueError as err:
            world.report("CW224", where / name, str(err))
    return made


def shipped_rows(spec: Spec) -> list[dict[str, Any]]:
    """Return the records that ship with a spec; an empty cell of a CSV file is no value."""
    if spec.csv is None:
        return [dict(row) for row in spec.model.rows or ()]
    fields = spec.model.fields
    made: list[dict[str, Any]] = []
    for cells in spec.csv.rows:
        pairs = zip(spec.csv.header, cells, strict=True)
        made.append({name: _cell(fields.get(name), text) for name, text in pairs if text != ""})
    return made


def _cell(model: FieldModel | None, text: str) -> Any:
    if model is None:
        return text
    if model.many:
        return [part.strip() for part in text.split(";")]
    if model.type in ("integer", "number"):
        try:
            return Decimal(text)
        except ArithmeticError:
            return text
    if model.type == "boolean":
        return {"true": True, "false": False}.get(text, text)
    return text
