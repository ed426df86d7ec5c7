"""What all case types of a program share: packs, settings, record types, calendars, host functions.

The world resolves names, collects diagnostics, and gives the field definitions and FEEL types that
scopes are made of. One world serves one compile and is dropped after it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from casewright.bind.calendars import in_zones, made_calendar
from casewright.bind.declared import declared_field
from casewright.bind.fields import FieldDefinition
from casewright.bind.places import Where
from casewright.bind.records import RecordType, with_rows
from casewright.errors import Diagnostic
from casewright.feel import types as feel
from casewright.feel.problems import suggestion
from casewright.host import Host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from casewright.dmn import Table
    from casewright.errors import Related, Severity
    from casewright.feel import Function
    from casewright.spec.models.common import FieldDefinition as FieldModel
    from casewright.spec.pack_set import PackSet, Spec
    from casewright.temporal import Calendar

DEFAULT_ZONE = "UTC"


def _no_functions(_pack: str) -> Mapping[str, Function]:
    return {}


_DECLARED_BY = {
    "notification": "none is declared; write `kind: notification_map` for the case type",
    "role": "none is declared; write `kind: roles` for the case type",
    "calendar": "none is declared; write `kind: calendar`",
}
"""The cure of a name of which nothing is declared at all, by what it should name."""


class World:
    """One compile: names, shared definitions and the diagnostics found so far.

    Attributes:
        packs: the loaded packs.
        host: what the host declares.
        diagnostics: everything reported, in the order of finding.
        about: the case type that is being compiled, or None.
        heard: what was reported while one was, with its place and the case type.
        settings: values by pack and name.
        setting_types: definitions by pack and name.
        functions_of: gives the decision tables that specs of a pack may call, as functions.
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
        self.about: str | None = None
        self.heard: list[tuple[Diagnostic, Where, str]] = []
        self._given = settings or {}
        self.setting_types: dict[str, dict[str, FieldDefinition]] = {}
        self.settings: dict[str, dict[str, Any]] = {}
        self.record_types: dict[str, RecordType] = {}
        self.tables: Mapping[str, Table] = {}
        self.case_members: dict[str, Callable[[], Mapping[str, feel.Member]]] = {}
        self.functions_of: Callable[[str], Mapping[str, Function]] = _no_functions
        self.zone = DEFAULT_ZONE
        self._calendars: dict[str, Calendar | None] = {}
        self._combining: list[str] = []

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
        related: tuple[Related, ...] = (),
    ) -> None:
        """Note a mistake.

        Args:
            offset: of the first wrong character in the text at ``where``; None for the whole.
            end: offset behind the last wrong one; one character without it.
            key: the mistake is in the key at ``where``, not in its value.
            related: further places that belong to it.
        """
        spec = where.spec
        if offset is not None:
            span = spec.scalar_span(where.pointer, offset, end or offset + 1)
        else:
            span = spec.span(where.pointer, key=key)
        found = Diagnostic(
            code,
            severity,
            message,
            span,
            where.pointer,
            hint,
            related,
            excerpt=spec.line_at(where.pointer, span.line),
        )
        self.diagnostics.append(found)
        if self.about is not None:
            self.heard.append((found, where, self.about))

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
        pack = name.rpartition(".")[0]
        if code == "CW221" and pack and pack != where.pack and pack not in self._uses(where.pack):
            hint = f'put "{pack}" into the uses of pack.yaml'
        elif not names:
            hint = _DECLARED_BY.get(what, "")
        self.report(code, where, f'unknown {what} "{name}"', hint, key=key)

    def _uses(self, pack: str) -> tuple[str, ...]:
        """Return the packs whose names a pack may use; none if it is not known."""
        found = self.packs.packs.get(pack)
        return () if found is None else found.uses

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
            known = self.record_types[spec.qualified]
            self.record_types[spec.qualified] = with_rows(self, known, spec)

    def _declare_settings(self, spec: Spec) -> None:
        types: dict[str, FieldDefinition] = {}
        values: dict[str, Any] = {}
        given = self._given.get(spec.pack, {})
        for name, model in spec.model.settings.items():
            where = Where(spec, "/settings") / name
            definition = self.field(name, model, where)
            if definition.kind == "duration":
                definition = replace(definition, type=feel.UNIT_DURATION)
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

    def calendar(self, name: str, where: Where) -> Calendar | None:
        """Return the calendar ``name``, or None after a report."""
        spec = self.find("calendar", name, where)
        if spec is None:
            return None
        if spec.qualified in self._calendars:
            return self._calendars[spec.qualified]
        if spec.qualified in self._combining:
            chain = " -> ".join([*self._combining, spec.qualified])
            self.report("CW508", where, f"calendars are made of each other: {chain}")
            return None
        self._combining.append(spec.qualified)
        made = self._calendars[spec.qualified] = made_calendar(self, spec)
        self._combining.pop()
        if made is not None:
            self._calendars.update(in_zones(self, spec, made))
        return made

    def calendars(self) -> dict[str, Calendar]:
        """Return every calendar by qualified name; broken ones are left out."""
        for spec in self.packs.all("calendar"):
            self.calendar(spec.qualified, Where(spec, ""))
        return {name: made for name, made in self._calendars.items() if made is not None}

    # --- fields -----------------------------------------------------------------------------

    def field(self, name: str, model: FieldModel, where: Where, bit: int = 0) -> FieldDefinition:
        """Return the definition of a declared field, without its expressions."""
        return declared_field(self, name, model, where, bit)
