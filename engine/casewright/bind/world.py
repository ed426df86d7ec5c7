"""What all case types of a program share: packs, settings, record types, calendars, host functions.

The world resolves names, collects diagnostics, and gives the field definitions and FEEL types that
scopes are made of. One world serves one compile and is dropped after it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from casewright.bind.fields import FieldDefinition, canonical_number
from casewright.errors import Diagnostic
from casewright.feel import types as feel
from casewright.feel.problems import suggestion
from casewright.host import Host
from casewright.temporal import Calendar, parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from casewright.dmn import Table
    from casewright.errors import Severity
    from casewright.spec.models.common import FieldDefinition as FieldModel
    from casewright.spec.pack_set import PackSet, Spec

DEFAULT_ZONE = "UTC"

_TYPES: dict[str, feel.Type] = {
    "string": feel.STRING,
    "text": feel.STRING,
    "template": feel.STRING,
    "integer": feel.NUMBER,
    "number": feel.NUMBER,
    "boolean": feel.BOOLEAN,
    "date": feel.DATE,
    "date_time": feel.DATE_TIME,
    "duration": feel.ANY,
    "map": feel.ANY,
}

JOURNAL_TYPE = feel.ContextType(
    {
        "count": feel.Member(feel.NUMBER, "{}.count"),
        "last": feel.Member(
            feel.ContextType(
                {
                    "text": feel.Member(feel.STRING, "{}.text"),
                    "by": feel.Member(feel.STRING, "{}.by"),
                    "roles": feel.Member(feel.ListType(feel.STRING), "list({}.roles)"),
                    "at": feel.Member(feel.DATE_TIME, "{}.at"),
                },
                name="entry",
            ),
            "{}",
        ),
    },
    name="journal",
)
ATTACHMENT_TYPE = feel.ContextType(
    {"name": feel.Member(feel.STRING), "uri": feel.Member(feel.STRING)},
    closed=False,
    name="attachment",
)


@dataclass(frozen=True, slots=True)
class Where:
    """A place: a spec, and a JSON Pointer into it."""

    spec: Spec
    pointer: str

    @property
    def pack(self) -> str:
        """Return the pack in which names at this place are meant."""
        return self.spec.origin(self.pointer)

    def __truediv__(self, part: object) -> Where:
        step = str(part).replace("~", "~0").replace("/", "~1")
        return Where(self.spec, f"{self.pointer}/{step}")

    def __str__(self) -> str:
        return str(self.spec.span(self.pointer))


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


class World:
    """One compile: names, shared definitions and the diagnostics found so far.

    Attributes:
        packs: the loaded packs.
        host: what the host declares.
        diagnostics: everything reported, in the order of finding.
        settings: values by pack and name.
        setting_types: definitions by pack and name.
        zone: time zone of the domain.
    """

    def __init__(
        self,
        packs: PackSet,
        host: Host | None,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.packs = packs
        self.host = host or Host()
        self.diagnostics: list[Diagnostic] = []
        self._given = settings or {}
        self.setting_types: dict[str, dict[str, FieldDefinition]] = {}
        self.settings: dict[str, dict[str, Any]] = {}
        self.record_types: dict[str, RecordType] = {}
        self.tables: Mapping[str, Table] = {}
        self.case_members: dict[str, Callable[[], Mapping[str, feel.Member]]] = {}
        self.zone = DEFAULT_ZONE
        self._calendars: dict[str, Calendar | None] = {}

    # --- reporting ----------------------------------------------------------------------------

    def report(
        self,
        code: str,
        where: Where,
        message: str,
        hint: str = "",
        severity: Severity = "error",
        *,
        offset: int | None = None,
        end: int | None = None,
        key: bool = False,
    ) -> None:
        """Note a mistake.

        Args:
            offset: of the first wrong character in the text at ``where``; None for the whole.
            end: offset behind the last wrong one; one character without it.
            key: the mistake is in the key at ``where``, not in its value.
        """
        spec = where.spec
        if offset is not None:
            span = spec.scalar_span(where.pointer, offset, end or offset + 1)
        else:
            span = spec.span(where.pointer, key=key)
        self.diagnostics.append(
            Diagnostic(
                code,
                severity,
                message,
                span,
                where.pointer,
                hint,
                excerpt=spec.line_at(where.pointer, span.line),
            )
        )

    def unknown(
        self,
        code: str,
        where: Where,
        what: str,
        name: str,
        known: Iterable[str],
        *,
        key: bool = False,
    ) -> None:
        """Report a name that nothing declares, with the nearest one that something does."""
        names = list(known)
        hint = suggestion(name, names)
        if not hint and names:
            hint = f"known: {', '.join(sorted(names)[:12])}"
        self.report(code, where, f'unknown {what} "{name}"', hint, key=key)

    # --- names ------------------------------------------------------------------------------

    def find(self, kind: str, name: str, where: Where) -> Spec | None:
        """Return the spec that ``name`` means at ``where``, or None after a report."""
        spec = self.seek(kind, name, where)
        if spec is None and not self.packs.is_known(kind, name, where.pack):
            self.unknown(
                "CW221",
                where,
                kind.replace("_", " "),
                name,
                self.packs.candidates(kind, where.pack),
            )
        return spec

    def seek(self, kind: str, name: str, where: Where) -> Spec | None:
        """Return the spec that ``name`` means at ``where``, or None."""
        return self.packs.find(kind, name, where.pack)

    # --- shared definitions -----------------------------------------------------------------

    def declare(self) -> None:
        """Read settings and record types of every pack."""
        for spec in self.packs.all("pack"):
            self._declare_settings(spec)
        for spec in self.packs.all("records"):
            where = Where(spec, "/fields")
            fields = {
                name: self.field(name, model, where / name)
                for name, model in spec.model.fields.items()
            }
            if "id" not in fields:
                fields["id"] = FieldDefinition("id", "string", feel.STRING, indexed=True)
            self.record_types[spec.qualified] = RecordType(spec.qualified, fields, {})
        for spec in self.packs.all("records"):
            self._fill(spec)

    def _declare_settings(self, spec: Spec) -> None:
        types: dict[str, FieldDefinition] = {}
        values: dict[str, Any] = {}
        given = self._given.get(spec.pack, {})
        for name, model in spec.model.settings.items():
            where = Where(spec, "/settings") / name
            definition = self.field(name, model, where)
            if definition.kind == "duration":
                definition = _with_type(definition, feel.UNIT_DURATION)
            types[name] = definition
            try:
                values[name] = definition.convert(given.get(name, model.default))
            except ValueError as err:
                self.report("CW224", where / "default", str(err))
        for name in given:
            if name not in types:
                self.unknown("CW223", Where(spec, "/settings"), "setting", name, types)
        self.setting_types[spec.pack] = types
        self.settings[spec.pack] = values
        zone = values.get("time_zone")
        if isinstance(zone, str):
            self.zone = zone

    def _fill(self, spec: Spec) -> None:
        record_type = self.record_types[spec.qualified]
        rows: dict[str, dict[str, Any]] = {}
        for position, row in enumerate(_rows(spec)):
            where = Where(spec, "/rows") / position
            record_id = row.get("id")
            if not isinstance(record_id, str):
                self.report("CW225", where, "a record needs an id, a text")
                continue
            if record_id in rows:
                self.report("CW225", where, f'a second record has the id "{record_id}"')
            for name in row:
                if name not in record_type.fields:
                    self.unknown("CW226", where / name, "field", name, record_type.fields, key=True)
            try:
                rows[record_id] = record_type.convert(row)
            except ValueError as err:
                self.report("CW224", where, str(err))
        self.record_types[spec.qualified] = RecordType(spec.qualified, record_type.fields, rows)

    def calendar(self, name: str, where: Where) -> Calendar | None:
        """Return the calendar ``name``, or None after a report."""
        spec = self.find("calendar", name, where)
        if spec is None:
            return None
        if spec.qualified not in self._calendars:
            self._calendars[spec.qualified] = self._made_calendar(spec)
        return self._calendars[spec.qualified]

    def _made_calendar(self, spec: Spec) -> Calendar | None:
        model = spec.model
        try:
            return Calendar(
                timezone=model.timezone,
                hours={day: [_window(w) for w in windows] for day, windows in model.hours.items()},
                holidays=model.holidays,
                dates={day: [_window(w) for w in windows] for day, windows in model.dates.items()},
            )
        except ValueError as err:
            self.report(
                "CW501", Where(spec, "/timezone" if "zone" in str(err) else "/hours"), str(err)
            )
            return None

    def calendars(self) -> dict[str, Calendar]:
        """Return every calendar by qualified name; broken ones are left out."""
        for spec in self.packs.all("calendar"):
            self.calendar(spec.qualified, Where(spec, ""))
        return {name: made for name, made in self._calendars.items() if made is not None}

    # --- fields -----------------------------------------------------------------------------

    def field(self, name: str, model: FieldModel, where: Where, bit: int = 0) -> FieldDefinition:
        """Return the definition of a declared field, without its expressions."""
        choices, branches = self._choices(model, where)
        target, is_case = self._target(model, where)
        kind = self._type(name, model, choices, target, is_case=is_case)
        return FieldDefinition(
            name,
            model.type,
            feel.ListType(kind) if model.many else kind,
            title=model.title or name.replace("_", " ").capitalize(),
            bit=bit,
            many=model.many,
            target=target,
            target_is_case=is_case,
            choices=choices,
            depends_on=model.depends_on,
            branches=branches,
            required=model.required,
            set_once=model.set_once,
            max_length=model.max_length,
            minimum=model.minimum,
            maximum=model.maximum,
            indexed=model.indexed,
            read=None if model.read is None else frozenset(model.read),
            write=None if model.write is None else frozenset(model.write),
        )

    def _choices(
        self, model: FieldModel, where: Where
    ) -> tuple[dict[Any, str], dict[Any, tuple[Any, ...]]]:
        if model.type != "choice":
            return {}, {}
        if not model.choices:
            self.report("CW227", where, "a choice needs `choices`", key=True)
            return {}, {}
        if model.depends_on is None:
            return _labels(model.choices), {}
        branches: dict[Any, tuple[Any, ...]] = {}
        labels: dict[Any, str] = {}
        for value, choices in model.choices.items() if isinstance(model.choices, dict) else ():
            some = _labels(choices)
            branches[value] = tuple(some)
            labels.update(some)
        return labels, branches

    def _target(self, model: FieldModel, where: Where) -> tuple[str | None, bool]:
        if model.type != "reference":
            return None, False
        if model.to is None:
            self.report(
                "CW228", where, "a reference needs `to`, a record type or case type", key=True
            )
            return None, False
        place = where / "to"
        spec = self.seek("records", model.to, place) or self.seek("case_type", model.to, place)
        if spec is None:
            known = {
                *self.packs.candidates("records", place.pack),
                *self.packs.candidates("case_type", place.pack),
            }
            self.unknown("CW221", place, "record type or case type", model.to, known)
            return None, False
        return spec.qualified, spec.kind == "case_type"

    def _type(
        self,
        name: str,
        model: FieldModel,
        choices: dict[Any, str],
        target: str | None,
        *,
        is_case: bool,
    ) -> feel.Type:
        match model.type:
            case "choice":
                return (
                    feel.NUMBER
                    if choices and all(isinstance(c, int) for c in choices)
                    else feel.STRING
                )
            case "journal":
                return JOURNAL_TYPE
            case "attachment":
                return ATTACHMENT_TYPE
            case "reference" if target is not None and is_case:
                return feel.ReferenceType(
                    target=target,
                    members=lambda: self.case_members[target](),
                    follow=f"s.parent({name!r}, {{}})",
                )
            case "reference" if target is not None:
                return self.reference(target)
            case "reference":
                return feel.STRING
            case other:
                return _TYPES[other]

    def reference(self, target: str) -> feel.ReferenceType:
        """Return the type of references to a record type."""
        return feel.ReferenceType(
            target=target,
            members=lambda: self.record_members(target),
            follow=f"s.follow({target!r}, {{}})",
        )

    def record_members(self, target: str) -> Mapping[str, feel.Member]:
        """Return the properties of a record type's records."""
        return {
            name: feel.Member(definition.type)
            for name, definition in self.record_types[target].fields.items()
        }

    def record_set(self, target: str) -> feel.RecordSetType:
        """Return the type of ``records.<name>``."""
        record_type = self.record_types[target]
        return feel.RecordSetType(
            target,
            item=feel.ContextType(self.record_members(target), name=target),
            indexed=frozenset(n for n, d in record_type.fields.items() if d.indexed or n == "id"),
            select=f"s.select({target!r}, {{field!r}}, {{}})",
        )


def fingerprint(definition: object) -> str:
    """Return a short stable hash of a definition: its canonical JSON, models by alias."""
    text = json.dumps(plain(definition), sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def plain(model: object) -> Any:
    """Return a spec model, or anything made of models, as plain data."""
    dump = getattr(model, "model_dump", None)
    if dump is not None:
        return dump(mode="python", by_alias=True, exclude_unset=True)
    if isinstance(model, tuple | list):
        return [plain(item) for item in cast("list[Any]", model)]
    if isinstance(model, dict):
        return {key: plain(value) for key, value in cast("dict[str, Any]", model).items()}
    return model


def is_expression(raw: object) -> bool:
    """Return True for a text that is FEEL in a value position."""
    return isinstance(raw, str) and raw.startswith("= ")


def duration_literal(text: str) -> Any:
    """Return a duration of a spec.

    Raises:
        ValueError: the text is not one.
    """
    return parse_duration(text)


def _with_type(definition: FieldDefinition, kind: feel.Type) -> FieldDefinition:
    return replace(definition, type=kind)


def _labels(choices: Any) -> dict[Any, str]:
    given: dict[Any, Any] = {}
    if isinstance(choices, dict):
        given.update(choices)  # pyright: ignore[reportUnknownArgumentType]  of Any
    else:
        given.update((choice, choice) for choice in choices)
    pairs = [(value, str(label)) for value, label in given.items()]
    if all(isinstance(v, int) or str(v).lstrip("-").isdigit() for v, _ in pairs):
        return {int(value): label for value, label in pairs}
    return {str(value): label for value, label in pairs}


def _rows(spec: Spec) -> list[dict[str, Any]]:
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


def _window(text: str) -> tuple[str, str]:
    opens, _, closes = text.partition("-")
    return opens.strip(), closes.strip()


__all__ = [
    "ATTACHMENT_TYPE",
    "JOURNAL_TYPE",
    "RecordType",
    "Where",
    "World",
    "canonical_number",
    "duration_literal",
    "fingerprint",
    "is_expression",
    "plain",
]
