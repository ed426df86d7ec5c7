"""Gaps, overlaps and rows without effect, each with a concrete input.

What counts as a mistake depends on the hit policy: rows of a first-hit table may overlap, and a
table that collects need not answer everything. A cell that is evaluated is taken to match anything
in the search for gaps, nothing in that for shadows, and some input where rows overlap; two
different ones never overlap. The search counts its steps; where it had to stop, a finding says so.

Source: Vanthienen, Mues, Aerts, "An illustration of verification and validation in the modelling
phase of KBS development" (1998); the hit policies of DMN 1.5, section 8.2.10.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice, product
from typing import TYPE_CHECKING, Any, Literal

from casewright.dmn.definition import SEVERAL_HITS, Place, Problem
from casewright.dmn.domains import Atom, Domain, domains
from casewright.dmn.hit_policy import alike

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casewright.dmn.table import Table

Kind = Literal["gap", "overlap", "conflict", "duplicate", "shadowed", "unfinished"]
_CODES: dict[Kind, str] = {
    "gap": "CW620",
    "overlap": "CW621",
    "conflict": "CW622",
    "duplicate": "CW623",
    "shadowed": "CW624",
    "unfinished": "CW625",
}
_STEPS = 50_000
_MOST = 25


@dataclass(frozen=True, slots=True)
class Finding:
    """One weakness of a table.

    Attributes:
        kind: ``gap`` no row matches; ``overlap`` rows match together under ``unique``;
            ``conflict`` they do under ``any`` with different outputs; ``duplicate`` a row repeats
            another; ``shadowed`` a row is never the first; ``unfinished`` the search was cut short.
        rows: numbers of the rows concerned, counted from 1.
        choices: by input the values that the finding is about; one that is left out may be
            anything.
    """

    kind: Kind
    rows: tuple[int, ...] = ()
    choices: tuple[tuple[str, tuple[Any, ...]], ...] = ()

    @property
    def inputs(self) -> dict[str, Any]:
        """Return one concrete input."""
        return {name: values[0] for name, values in self.choices}

    def every_input(self) -> Iterator[dict[str, Any]]:
        """Return all inputs that the finding is about, for columns of listed values."""
        names = [name for name, _ in self.choices]
        for values in product(*(values for _, values in self.choices)):
            yield dict(zip(names, values, strict=True))


def analysed(table: Table) -> list[Finding]:
    """Return the weaknesses of a table: gaps first, then rows in file order."""
    found = domains(table)
    if found is None:
        return [Finding("unfinished")]
    search = _Search(table, found)
    findings = search.gaps() if _answers_all(table) else []
    return [*findings, *search.rows(), *([Finding("unfinished")] if search.is_cut else [])]


def analysis_problems(table: Table) -> list[Problem]:
    """Return the weaknesses of a table as problems with places; none of them is an error."""
    return [_problem(table, finding) for finding in analysed(table)]


def _answers_all(table: Table) -> bool:
    policy = table.definition.hit_policy
    return policy not in SEVERAL_HITS and not table.answers.defaults


@dataclass(slots=True)
class _Search:
    """A search of one table that counts its steps."""

    table: Table
    columns: Sequence[Domain]
    steps: int = _STEPS
    is_cut: bool = False
    full: int = field(init=False)

    def __post_init__(self) -> None:
        self.full = (1 << len(self.table.conditions)) - 1

    # Gaps

    def gaps(self) -> list[Finding]:
        """Return the stretches of expected inputs that no row can match."""
        expected = [[a for a in domain.atoms if a.expected] for domain in self.columns]
        regions = list(islice(self.uncovered(expected, self.full), _MOST + 1))
        if len(regions) > _MOST:
            self.is_cut = True
        return [Finding("gap", (), self._named(region)) for region in regions[:_MOST]]

    def _named(self, region: Sequence[Sequence[Atom]]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
        choices: list[tuple[str, tuple[Any, ...]]] = []
        for domain, atoms in zip(self.columns, region, strict=False):
            values = tuple(atom.value for atom in atoms)
            if values:
                choices.append((domain.name, values if domain.listed else values[:1]))
        return tuple(choices)

    def uncovered(
        self, atoms: Sequence[Sequence[Atom]], rows: int, *, certain: bool = False
    ) -> Iterator[list[list[Atom]]]:
        """Yield the regions of ``atoms`` that none of ``rows`` matches, until the steps are spent.

        A region is the atoms by column; behind its last column anything goes, and an empty list
        stands for a column that is opaque.

        Args:
            atoms: by column the values to look at.
            rows: the mask of the rows that may cover them.
            certain: rows with evaluated cells cover nothing, instead of everything.
        """
        rest = [self.full] * (len(self.columns) + 1)
        for at in range(len(self.columns) - 1, -1, -1):
            rest[at] = rest[at + 1] & self.columns[at].anything
        covered: set[tuple[int, int]] = set()

        def look(at: int, mask: int) -> Iterator[list[list[Atom]]]:
            if not mask:
                yield []
                return
            if at == len(self.columns) or mask & rest[at] or (at, mask) in covered:
                return
            self.steps -= 1
            if self.steps < 0:
                self.is_cut = True
                return
            is_gap = False
            for part, kept in self._parts(at, atoms[at], mask, certain=certain):
                for tail in look(at + 1, kept):
                    is_gap = True
                    yield [part, *tail]
            if not is_gap:
                covered.add((at, mask))

        return look(0, rows)

    def _parts(
        self, at: int, atoms: Sequence[Atom], mask: int, *, certain: bool
    ) -> list[tuple[list[Atom], int]]:
        """Return the atoms of a column parted by the rows of ``mask`` that they leave."""
        domain = self.columns[at]
        if not domain.atoms:
            return [([], mask & domain.anything if certain else mask)]
        parts: dict[int, list[Atom]] = {}
        for atom in atoms:
            parts.setdefault(mask & atom.rows, []).append(atom)
        return [(part, kept) for kept, part in parts.items()]

    # Rows

    def rows(self) -> list[Finding]:
        """Return what is wrong between rows, by the later one."""
        findings: list[Finding] = []
        for row in range(len(self.table.conditions)):
            finding = self._row(row)
            if finding is not None:
                findings.append(finding)
            if len(findings) >= _MOST or self.steps < 0:
                self.is_cut = True
                break
        return findings

    def _row(self, row: int) -> Finding | None:
        policy = self.table.definition.hit_policy
        before = self.full & ((1 << row) - 1)
        others = self._meeting(row, before)
        twin = self._twin(row, others)
        if twin is not None:
            return Finding("duplicate", (twin + 1, row + 1))
        if policy == "first":
            return self._shadowed(row, others)
        if policy not in ("unique", "any"):
            return None
        for other in _rows_in(others):
            if policy == "unique":
                return Finding("overlap", (other + 1, row + 1), self._shared(row, other))
            if self._differ(row, other):
                return Finding("conflict", (other + 1, row + 1), self._shared(row, other))
        return None

    def _meeting(self, row: int, others: int) -> int:
        """Return which of some rows match some input together with ``row`` for certain."""
        bit = 1 << row
        for domain in self.columns:
            if not others:
                break
            self.steps -= 1 + len(domain.atoms) // 16
            if not domain.atoms:
                is_any = domain.anything & bit
                others &= self.full if is_any else domain.anything | domain.same[row]
                continue
            meeting = 0
            for atom in domain.atoms:
                if atom.rows & bit:
                    meeting |= atom.rows
            others &= meeting
        return others

    def _twin(self, row: int, others: int) -> int | None:
        """Return an earlier row with the same cells, if its outputs are the same too."""
        conditions = self.table.conditions
        for other in _rows_in(others):
            if list(conditions[other]) == list(conditions[row]) and not self._differ(row, other):
                return other
        return None

    def _differ(self, row: int, other: int) -> bool:
        """Return whether the outputs of two rows are different for certain."""
        pairs = zip(self.table.answers.rows[row], self.table.answers.rows[other], strict=True)
        for one, two in pairs:
            if one.expression is not None or two.expression is not None:
                if one.text != two.text:
                    return False
            elif not alike(one.value, two.value):
                return True
        return False

    def _shadowed(self, row: int, others: int) -> Finding | None:
        bit = 1 << row
        atoms = [[atom for atom in d.atoms if atom.rows & bit] for d in self.columns]
        region = next(self.uncovered(atoms, others, certain=True), None)
        if region is not None or self.steps < 0:
            return None
        alone = (
            other + 1
            for other in _rows_in(others)
            if next(self.uncovered(atoms, 1 << other, certain=True), None) is None
        )
        return Finding("shadowed", (*islice(alone, 1), row + 1))

    def _shared(self, row: int, other: int) -> tuple[tuple[str, tuple[Any, ...]], ...]:
        both = 1 << row | 1 << other
        choices: list[tuple[str, tuple[Any, ...]]] = []
        for domain in self.columns:
            values = [atom.value for atom in domain.atoms if atom.rows & both == both]
            if values:
                choices.append((domain.name, (values[0],)))
        return tuple(choices)


def _rows_in(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


# Words


def _problem(table: Table, finding: Finding) -> Problem:
    rows = table.definition.rows
    place = rows[finding.rows[-1] - 1].place if finding.rows else Place("/rules")
    severity: Literal["warning", "info"] = "warning"
    related: tuple[tuple[str, Place], ...] = ()
    if len(finding.rows) > 1:
        first = finding.rows[0]
        related = ((f"row {first}", rows[first - 1].place),)
    if finding.kind in ("gap", "unfinished"):
        severity = "info"
    message, hint = _words(finding)
    return Problem(_CODES[finding.kind], message, place, hint, severity, related)


def _words(finding: Finding) -> tuple[str, str]:
    where = described(finding.choices)
    rows = " and ".join(str(row) for row in finding.rows)
    last = finding.rows[-1] if finding.rows else 0
    if finding.kind == "gap":
        return f"no row matches {where or 'any input'}", "the answer is null there"
    if finding.kind == "overlap":
        message = f"rows {rows} both match {where or 'any input'}"
        return message, 'narrow one of them, or choose hit policy "first" or "any"'
    if finding.kind == "conflict":
        message = f"rows {rows} both match {where or 'any input'} with different outputs"
        return message, 'hit policy "any" needs equal outputs'
    if finding.kind == "duplicate":
        return f"row {last} repeats row {finding.rows[0]}", "leave one of them out"
    if finding.kind == "shadowed":
        by = f"row {finding.rows[0]}" if len(finding.rows) > 1 else "the rows before it"
        return f"row {last} is never reached, {by} matches first", "move it up or leave it out"
    return "the table is too large to be looked at completely", ""


def described(choices: Sequence[tuple[str, tuple[Any, ...]]]) -> str:
    """Return values by input in words, such as ``stage "triage" or "l1", amount 5``."""
    return ", ".join(
        f"{name} {' or '.join(_shown(value) for value in values)}" for name, values in choices
    )


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)
