"""Rules that hide, repeat or undo each other: what two of them do to one field at one event.

A rule that acts later than another overwrites what that one has set. It is told where both can act
at one event, unless the later one reads what it overwrites, and so knows what it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.bind.places import Where, fingerprint, plain
from casewright.errors import Related
from casewright.lint.rules.conflicts import Conflict, conflict, is_at_odds
from casewright.lint.rules.rulebook import Entry, entries
from casewright.lint.rules.shadows import shadow
from casewright.lint.rules.shelves import Shelves

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from casewright.bind.world import World
    from casewright.errors import Severity
    from casewright.lint.rules.facts import Facts

_MOST_PAIRS = 40_000
_MOST_QUESTIONS = 4_000
_WORDS = frozenset({"title", "description", "priority"})


def lint_pairs(world: World, facts: Mapping[str, Facts]) -> None:
    """Report rules that are there twice, shadowed, in conflict, or write one field."""
    told: set[tuple[str, ...]] = set()
    for known in facts.values():
        _Book(world, known, told).look()


class _Book:
    """The search in the rules of one case type.

    Attributes:
        left: pairs that may still be looked at, and those of which more may be asked; enough for
            rules that people write, and a bound for those that they do not.
    """

    def __init__(self, world: World, facts: Facts, told: set[tuple[str, ...]]) -> None:
        self.world = world
        self.told = told
        self.entries = entries(facts)
        self.left = [_MOST_PAIRS, _MOST_QUESTIONS]
        self.writers: dict[str, list[Entry]] = {}
        for entry in self.entries:
            for name in entry.writes:
                self.writers.setdefault(name, []).append(entry)

    def look(self) -> None:
        """Report all that is wrong."""
        twice = set(self._twice())
        at_once = [e for e in self.entries if not e.is_delayed and e.name not in twice]
        shelves = Shelves(at_once)
        for entry in at_once:
            if not self._is_idle(entry, shelves):
                self._undoes(entry, shelves)
            shelves.add(entry)
        if min(self.left) < 0 and self.entries:
            message = "there are too many rules of one kind to compare them all with each other"
            where = self.entries[0].where
            self._report(
                "CW753",
                where,
                (message, "tell them apart by values of one field, or make them a decision table"),
            )

    def _twice(self) -> Iterator[str]:
        """Report and yield the rules that say the same as an earlier one."""
        first: dict[str, Entry] = {}
        for entry in self.entries:
            body = {k: v for k, v in plain(entry.model).items() if k not in _WORDS}
            other = first.setdefault(fingerprint(body), entry)
            if other is not entry:
                message = f'rule "{entry.name}" is word for word rule "{other.name}": both act'
                self._tell("CW745", entry, other, (message, "take one of them away"))
                yield entry.name

    def _is_idle(self, entry: Entry, shelves: Shelves) -> bool:
        """Report a rule that an earlier one always makes false, or leaves nothing to do."""
        if not entry.rule.on:
            return False
        names = sorted(entry.reads | entry.writes.keys())
        for other in self._bounded(shelves.implied(entry, names)):
            if not entry.may_imply(other) or not set(entry.rule.on) <= set(other.rule.on):
                continue
            found = shadow(entry, other, self._writing(entry, other)) if self._may_ask() else None
            if found is not None:
                self._tell("CW746", entry, other, found)
                return True
        return False

    def _writing(self, entry: Entry, other: Entry) -> dict[str, list[Entry]]:
        """Return the rules that may set what both are about at an event of ``entry``, by field."""
        names = other.writes.keys() & (entry.reads | entry.writes.keys())
        return {
            name: [
                e
                for e in self.writers[name]
                if e is not entry and e is not other and e.shares(entry) is not None
            ]
            for name in names
        }

    def _undoes(self, entry: Entry, shelves: Shelves) -> None:
        for name in entry.writes:
            for other in self._bounded(shelves.possible(entry, name)):
                if not is_at_odds(other, entry, name) or entry.excludes(other):
                    continue
                found = conflict(other, entry, name) if self._may_ask() else None
                if found is not None:
                    self._tell_undone(entry, other, found)
                    break

    def _tell_undone(self, entry: Entry, other: Entry, found: Conflict) -> None:
        priority = other.model.priority
        if priority == entry.model.priority:
            order = f"both have priority {priority}, so file order decides"
        else:
            order = f'"{other.name}" has the higher priority, so it goes first and is overwritten'
        self._tell(
            "CW747" if found.is_sure else "CW748",
            entry,
            other,
            (found.message, f"{order}; let their conditions exclude each other"),
            severity="warning" if found.is_sure else "info",
            pointers=(f"/do{found.last.pointer}", f"/do{found.first.pointer}"),
        )

    # --- telling --------------------------------------------------------------------------------

    def _bounded(self, found: Iterable[Entry]) -> Iterator[Entry]:
        for entry in found:
            self.left[0] -= 1
            if self.left[0] < 0:
                return
            yield entry

    def _may_ask(self) -> bool:
        self.left[1] -= 1
        return self.left[1] >= 0

    def _tell(
        self,
        code: str,
        entry: Entry,
        other: Entry,
        words: tuple[str, str],
        *,
        severity: Severity = "warning",
        pointers: tuple[str, str] = ("", ""),
    ) -> None:
        where = Where(entry.where.spec, entry.where.pointer + pointers[0])
        second = other.where.spec.span(other.where.pointer + pointers[1], key=True)
        related = (Related(f'rule "{other.name}"', second),)
        self._report(code, where, words, severity, related)

    def _report(
        self,
        code: str,
        where: Where,
        words: tuple[str, str],
        severity: Severity = "info",
        related: tuple[Related, ...] = (),
    ) -> None:
        key = (code, str(where), *(str(one.span) for one in related))
        if key not in self.told:
            self.told.add(key)
            self.world.report(code, where, *words, severity, key=True, related=related)
