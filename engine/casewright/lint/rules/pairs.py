"""Rules that hide, repeat or undo each other: what two of them do to one field at one event.

A rule that acts later than another overwrites what that one has set. It is told where both can act
at one event, unless the later one reads what it overwrites, and so knows what it does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from casewright.bind.places import Where, fingerprint, plain
from casewright.errors import Related
from casewright.lint.rules.facts import ANY_MOMENT
from casewright.lint.rules.rulebook import Entry, afterwards, entries, first_key, reader_of
from casewright.lint.rules.truth import All, Solver, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from casewright.bind.world import World
    from casewright.errors import Severity
    from casewright.lint.rules.deeds import Write
    from casewright.lint.rules.facts import Facts, Moment
    from casewright.lint.rules.truth import Formula
    from casewright.lint.rules.values import Values

_MOST_PAIRS = 200_000
_MOST_QUESTIONS = 4_000
"""Pairs of rules of one case type that are looked at, and those of which more is asked: enough for
rules that people write, and a bound for those that they do not."""
_WORDS = frozenset({"title", "description", "priority"})
_WITH_FIELDS = frozenset({"create", "update"})


def lint_pairs(world: World, facts: Mapping[str, Facts]) -> None:
    """Report rules that are there twice, shadowed, in conflict, or write one field."""
    told: set[tuple[str, ...]] = set()
    for known in facts.values():
        _Book(world, known, told).look()


@dataclass(slots=True)
class _Shelf:
    """Rules that come earlier, found by a subject of which their condition leaves one value.

    Attributes:
        by_pin: by subject and value, those whose first subject it is.
        free: those of which no subject is fixed.
    """

    by_pin: dict[str, dict[object, list[Entry]]] = field(
        default_factory=dict[str, "dict[object, list[Entry]]"]
    )
    free: list[Entry] = field(default_factory=list[Entry])

    def add(self, entry: Entry, weight: Mapping[str, int]) -> None:
        """Put a rule in."""
        keys = entry.pins
        if not keys:
            self.free.append(entry)
            return
        key = max(keys, key=lambda one: (weight.get(one, 0), one))
        self.by_pin.setdefault(key, {}).setdefault(keys[key], []).append(entry)

    def possible(self, later: Entry) -> Iterator[Entry]:
        """Yield the rules that may hold together with a later one, as far as this tells."""
        yield from self.free
        for key, by_value in self.by_pin.items():
            if key in later.pins:
                yield from by_value.get(later.pins[key], ())
            else:
                for found in by_value.values():
                    yield from found

    def implied(self, later: Entry) -> Iterator[Entry]:
        """Yield the rules whose condition may follow from that of a later one."""
        yield from self.free
        for key, value in later.pins.items():
            yield from self.by_pin.get(key, {}).get(value, ())


_Shelves = dict[str, dict[str, _Shelf]]
"""By field that rules set and event at which they do; the empty text is any event."""


class _Book:
    """The search in the rules of one case type."""

    def __init__(self, world: World, facts: Facts, told: set[tuple[str, ...]]) -> None:
        self.world = world
        self.facts = facts
        self.told = told
        self.entries = entries(facts)
        self.left = _MOST_PAIRS
        self.questions = _MOST_QUESTIONS
        self.idle: set[str] = set()
        self.writers: dict[str, list[Entry]] = {}
        for entry in self.entries:
            for name in entry.writes:
                self.writers.setdefault(name, []).append(entry)

    def look(self) -> None:
        """Report all that is wrong."""
        self._same()
        at_once = [e for e in self.entries if not e.is_delayed and e.name not in self.idle]
        weight: dict[str, int] = {}
        for entry in at_once:
            for key in entry.pins:
                weight[key] = weight.get(key, 0) + 1
        shelves: _Shelves = {}
        for entry in at_once:
            if not self._is_idle(entry, shelves):
                self._undoes(entry, shelves)
            for name in entry.writes:
                for event in entry.rule.on or ("",):
                    of_field = shelves.setdefault(name, {})
                    of_field.setdefault(event, _Shelf()).add(entry, weight)

    def _ask(self) -> bool:
        """Return whether one more question may be asked."""
        self.questions -= 1
        return self.questions >= 0

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
        message, hint = words
        where = Where(entry.where.spec, entry.where.pointer + pointers[0])
        second = other.where.spec.span(other.where.pointer + pointers[1], key=True)
        key = (code, str(where), str(second))
        if key in self.told:
            return
        self.told.add(key)
        related = (Related(f'rule "{other.name}"', second),)
        self.world.report(code, where, message, hint, severity, key=True, related=related)

    # --- the same rule twice --------------------------------------------------------------------

    def _same(self) -> None:
        first: dict[str, Entry] = {}
        for entry in self.entries:
            body = {k: v for k, v in plain(entry.model).items() if k not in _WORDS}
            other = first.setdefault(fingerprint(body), entry)
            if other is not entry:
                self.idle.add(entry.name)
                message = f'rule "{entry.name}" is word for word rule "{other.name}": both act'
                self._tell("CW745", entry, other, (message, "take one of them away"))

    # --- a rule that can do nothing -------------------------------------------------------------

    def _is_idle(self, entry: Entry, shelves: _Shelves) -> bool:
        """Report a rule that an earlier one always makes false, or leaves nothing to do."""
        if not entry.rule.on:
            return False
        names = sorted(entry.reads | entry.writes.keys())
        for other in self._earlier(entry, names, shelves, _Shelf.implied):
            if not set(entry.rule.on) <= set(other.rule.on) or not self._ask():
                continue
            if not self._follows(entry, other):
                continue
            falsified = self._falsified(entry, other)
            if falsified:
                shown = _and(falsified)
                message = f'rule "{entry.name}" never acts: rule "{other.name}" acts before it '
                message += f"whenever it could, and sets {shown}"
                hint = "put it first by a higher `priority`, or make the other's condition narrower"
            elif self._repeats(entry, other):
                message = f'rule "{entry.name}" changes nothing: wherever it acts, rule '
                message += f'"{other.name}" has set the same before'
                hint = "take it away, or let it set something else"
            else:
                continue
            self._tell("CW746", entry, other, (message, hint))
            return True
        return False

    def _follows(self, entry: Entry, other: Entry) -> bool:
        when = other.rule.when
        solver = Solver(self.facts.universe(self._moment(entry.rule.on)))
        return when is None or solver.follows(when.tree, other.reader, entry.formula)

    def _falsified(self, entry: Entry, other: Entry) -> list[str]:
        """Return the fields by which ``other`` keeps the rule from acting, if nothing undoes it."""
        names = sorted(name for name in other.leaves if name in entry.reads)
        for name in names:
            given = (write for e in self._writing(name, entry) for write in e.writes[name])
            if all(not self._holds_with(entry, name, write) for write in given):
                return [name]
        return []

    def _holds_with(self, entry: Entry, name: str, write: Write) -> bool:
        if not write.is_constant:
            return True
        solver = Solver(self._set(self._moment(entry.rule.on), {name: write.values}))
        return solver.fits(afterwards(entry.formula, frozenset({name})))

    def _repeats(self, entry: Entry, other: Entry) -> bool:
        """Return whether all that a rule does is to set what ``other`` has just set."""
        fields = entry.writes
        if not fields or len(entry.deeds) != sum(map(len, fields.values())):
            return False
        for name, made in fields.items():
            mine = other.leaves.get(name)
            if mine is None or any(not w.is_constant or w.text != mine.text for w in made):
                return False
            if any(e is not other for e in self._writing(name, entry)):
                return False
        return True

    def _writing(self, name: str, entry: Entry) -> Iterator[Entry]:
        """Yield the other rules that may set a field at an event of this one."""
        for other in self.writers.get(name, ()):
            if other is not entry and other.shares(entry) is not None:
                yield other

    # --- two rules, one field -------------------------------------------------------------------

    def _undoes(self, entry: Entry, shelves: _Shelves) -> None:
        for name, made in entry.writes.items():
            last = made[-1]
            if name in entry.reads or any(name in _guard_reads(w) for w in made):
                continue
            for other in self._earlier(entry, [name], shelves, _Shelf.possible):
                before = other.writes[name][-1]
                if before.text == last.text or _reads_itself(before) or _reads_itself(last):
                    continue
                if self._are_apart(entry, other) or not self._ask():
                    continue
                if not self._can_follow(other, before, entry, last):
                    continue
                self._tell_undone(entry, last, other, before)
                break

    def _tell_undone(self, entry: Entry, last: Write, other: Entry, before: Write) -> None:
        field_name = last.name
        priority = other.model.priority
        if priority == entry.model.priority:
            order = f"both have priority {priority}, so file order decides"
        else:
            order = f'"{other.name}" has the higher priority, so it goes first and is overwritten'
        hint = f"{order}; let their conditions exclude each other"
        events = entry.shares(other)
        at = f" on one {_or(events)}" if events else " at once"
        both = f'"{other.name}" and "{entry.name}"'
        is_sure = last.is_constant and before.is_constant
        if is_sure:
            message = f"rules {both} can both act{at} and set {field_name} to {before.shown} and "
            message += f'{last.shown}; "{entry.name}" goes later and wins'
        else:
            message = f"rules {both} can both act{at} and set {field_name}; "
            message += f'"{entry.name}" goes later and wins'
        self._tell(
            "CW747" if is_sure else "CW748",
            entry,
            other,
            (message, hint),
            severity="warning" if is_sure else "info",
            pointers=(f"/do{last.pointer}", f"/do{before.pointer}"),
        )

    def _are_apart(self, entry: Entry, other: Entry) -> bool:
        """Return whether the two do not act together, as far as people go about it.

        A rule without ``on`` acts when what it reads changes: fields come with few events. And who
        has one role seldom has another, where no role holds both.
        """
        for one, two in ((entry, other), (other, entry)):
            if not one.rule.on and not one.is_of_fields:
                return True
            if not one.rule.on and two.rule.on and _WITH_FIELDS.isdisjoint(two.rule.on):
                return True
        return any(
            not self.facts.roles_with(mine) & self.facts.roles_with(others)
            for mine in entry.roles
            for others in other.roles
            if mine != others
        )

    def _can_follow(self, first: Entry, before: Write, later: Entry, last: Write) -> bool:
        """Return whether the later rule can act at an event at which the first one has."""
        names = first.touched
        parts: list[Formula] = [first.formula, afterwards(later.formula, names)]
        parts += (_guarded(before), afterwards(_guarded(last), names | later.touched))
        left = {name: write.values for name, write in first.leaves.items()}
        return Solver(self._set(self._moment(first.shares(later) or ()), left)).fits(*parts)

    # --- what can be ----------------------------------------------------------------------------

    def _earlier(
        self,
        entry: Entry,
        names: Iterable[str],
        shelves: _Shelves,
        of: Callable[[_Shelf, Entry], Iterator[Entry]],
    ) -> Iterator[Entry]:
        """Yield the rules before this one that set one of the fields at an event of it."""
        seen: set[str] = set()
        for name in names:
            of_field = shelves.get(name, {})
            for event in (*entry.rule.on, "") if entry.rule.on else tuple(of_field):
                shelf = of_field.get(event)
                for other in () if shelf is None else of(shelf, entry):
                    if other.name in seen:
                        continue
                    seen.add(other.name)
                    self.left -= 1
                    if self.left < 0:
                        return
                    yield other

    def _moment(self, events: tuple[str, ...]) -> Moment:
        return self.facts.at_event(events) if events else ANY_MOMENT

    def _set(self, moment: Moment, left: Mapping[str, Values]) -> Callable[[Subject], Values]:
        """Return the values of subjects where some fields have been set in the meantime."""
        universe = self.facts.universe(moment)

        def values(subject: Subject) -> Values:
            key, is_later = first_key(subject.key)
            if not is_later:
                return universe(subject)
            return left.get(key) or universe(Subject(key, subject.reads))

        return values


def _guarded(write: Write) -> Formula:
    """Return when the groups around an action let it be done."""
    return All(tuple(reader_of(g, write.deed.local).read(g.tree) for g in write.deed.guards))


def _guard_reads(write: Write) -> set[str]:
    """Return the first names of what the groups around an action read."""
    return {path[0] for guard in write.deed.guards for path in guard.reads}


def _reads_itself(write: Write) -> bool:
    return any(path[0] == write.name for path in write.value.reads)


def _and(names: list[str]) -> str:
    return " and ".join(names)


def _or(names: tuple[str, ...]) -> str:
    return " or ".join(f'"{name}"' for name in names)
