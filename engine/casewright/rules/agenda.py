"""Which rules an event may concern: looked up by what it is, what it has changed and what holds.

Three steps, each a look-up. The event's type and the bits that have changed give the rules whose
condition may hold, or have become true. Of many that compare one field with constants, its value
gives the few whose constant it is. Of many that begin with one condition, it is tried once for all.
What is left out cannot hold, so that the order of the others and what they do is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from casewright.rules.case_rules import Rule
    from casewright.rules.telling_apart import Test
    from casewright.view import View

_WORTH = 4
"""Fewer rules than this are tried one by one."""
_KEPT = 200_000
"""Rules in all agendas that are kept."""


class Tried(Protocol):
    """What is tried in an order, and left out where a test of it is not passed."""

    @property
    def order(self) -> int:
        """Return its place in the order of trial; each has its own."""
        ...

    @property
    def tests(self) -> tuple[Test, ...]:
        """Return tests that are passed wherever its condition holds."""
        ...


One = TypeVar("One", bound=Tried)


def _order(rule: Tried) -> int:
    return rule.order


class Agenda(Generic[One]):
    """Rules that events of one type with certain changes may concern.

    Attributes:
        rules: all of them, in the order of trial.
        is_grouped: whether a look at the case tells which of them may hold.
    """

    __slots__ = ("_able", "_plain", "_tests", "is_grouped", "rules")

    def __init__(self, rules: Iterable[One], unable: Collection[int] = ()) -> None:
        """Index rules.

        Args:
            rules: in any order.
            unable: places of those that cannot hold in such an event, and are in ``rules`` only.
        """
        self.rules = tuple(sorted(rules, key=_order))
        able = tuple(rule for rule in self.rules if rule.order not in unable)
        found = _grouped(able)
        told = {rule.order for _, groups in found for group in groups.values() for rule in group}
        self._tests = found
        self._able = able if unable else self.rules
        self._plain = tuple(rule for rule in able if rule.order not in told)
        self.is_grouped = bool(found or unable)

    def candidates(self, s: View) -> Sequence[One]:
        """Return the rules that may hold on ``s``, in the order of trial."""
        if not self._tests:
            return self._able
        found: list[Sequence[One]] = [self._plain] if self._plain else []
        try:
            for read, groups in self._tests:
                group = groups.get(read(s))
                if group is not None:
                    found.append(group)
        except TypeError:  # a list, which the field could hold under an older program
            return self._able
        if len(found) < 2:
            return found[0] if found else ()
        return sorted((rule for group in found for rule in group), key=_order)


Lookup = tuple["Callable[[View], Any]", "dict[Any, list[One]]"]


def _grouped(rules: Sequence[One]) -> list[Lookup[One]]:
    """Return tests that each tell apart many of the rules; no rule is in two of them."""
    sizes: dict[tuple[Any, Any], int] = {}
    of_reader: dict[Any, int] = {}
    for rule in rules:
        for test in rule.tests:
            of_reader[test.key] = of_reader.get(test.key, 0) + 1
            for value in test.values:
                sizes[test.key, value] = sizes.get((test.key, value), 0) + 1
    found: dict[Any, Lookup[One]] = {}
    for rule in rules:
        known = [test for test in rule.tests if of_reader[test.key] >= _WORTH]
        if not known:
            continue
        best = min(known, key=lambda test: sum(sizes[test.key, v] for v in test.values))
        _, groups = found.setdefault(best.key, (best.read, {}))
        for value in best.values:
            groups.setdefault(value, []).append(rule)
    return list(found.values())


class Agendas:
    """The agendas of a case type, each made when it is first asked for."""

    __slots__ = ("_always", "_by_bit", "_by_event", "_kept", "_levels", "_made")

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_event: dict[str, list[Rule]] = {}
        self._by_bit: dict[int, list[Rule]] = {}
        self._always: list[Rule] = []
        self._levels: list[Rule] = []
        for rule in rules:
            for event in rule.on:
                self._by_event.setdefault(event, []).append(rule)
            if not rule.on:
                self._add_level(rule)
        self._made: dict[tuple[str, int], Agenda[Rule]] = {}
        self._kept = 0

    def _add_level(self, rule: Rule) -> None:
        self._levels.append(rule)
        if rule.always:
            self._always.append(rule)
            return
        for bit in bits_of(rule.mask):
            self._by_bit.setdefault(bit, []).append(rule)

    def agenda(self, event_type: str, changed: int) -> Agenda[Rule]:
        """Return what an event of this type and these changes may concern.

        Args:
            event_type: of the internal event.
            changed: bits of what has changed in the event; -1 for everything.
        """
        key = (event_type, changed)
        found = self._made.get(key)
        if found is None:
            heard = self._by_event.get(event_type, ())
            unable = {rule.order for rule in heard if rule.needs & ~changed}
            found = Agenda([*heard, *self._changed(changed)], unable)
            self._kept += len(found.rules) + 1
            if self._kept <= _KEPT:
                self._made[key] = found
        return found

    def _changed(self, changed: int) -> Iterable[Rule]:
        if changed == -1:
            return self._levels
        found = {rule.order: rule for rule in self._always}
        for bit in bits_of(changed):
            found.update((rule.order, rule) for rule in self._by_bit.get(bit, ()))
        return found.values()


def bits_of(mask: int) -> Iterable[int]:
    """Yield the single bits of a mask, the lowest first."""
    while mask:
        bit = mask & -mask
        yield bit
        mask ^= bit
