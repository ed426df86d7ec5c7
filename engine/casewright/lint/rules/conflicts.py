"""Two rules that set one field at one event, so that the order of trial decides what is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from casewright.lint.rules.formulas import All, Solver
from casewright.lint.rules.moments import afterwards, values_of_two
from casewright.lint.rules.rulebook import reader_of

if TYPE_CHECKING:
    from casewright.lint.rules.deeds import Write
    from casewright.lint.rules.formulas import Formula
    from casewright.lint.rules.rulebook import Entry

_WITH_FIELDS = frozenset({"create", "update"})


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that an earlier and a later rule set.

    Attributes:
        message: what is wrong.
        is_sure: the values are known to be different.
    """

    message: str
    first: Write
    last: Write
    is_sure: bool


def is_at_odds(earlier: Entry, later: Entry, name: str) -> bool:
    """Return whether two rules set a field to what may be different.

    One that reads what it overwrites, or adds to it, knows what it does.
    """
    first, last = earlier.writes[name][-1], later.writes[name][-1]
    if first.text == last.text or name in later.reads:
        return False
    return not (_reads_itself(first) or _reads_itself(last))


def conflict(earlier: Entry, later: Entry, name: str) -> Conflict | None:
    """Return how two rules at odds about a field come to act together, None if they do not."""
    first, last = earlier.writes[name][-1], later.writes[name][-1]
    if name in _guarded_by(later, name) or _are_apart(earlier, later):
        return None
    if not _can_follow(earlier, first, later, last):
        return None
    events = earlier.shares(later)
    at = " on one " + " or ".join(f'"{event}"' for event in events) if events else " at once"
    message = f'rules "{earlier.name}" and "{later.name}" can both act{at} and set {name}'
    is_sure = first.is_constant and last.is_constant
    if is_sure:
        message += f" to {first.shown} and {last.shown}"
    message += f'; "{later.name}" goes later and wins'
    return Conflict(message, first, last, is_sure)


def _guarded_by(entry: Entry, name: str) -> set[str]:
    """Return the first names of what the groups around a rule's writes of a field read."""
    guards = (guard for write in entry.writes[name] for guard in write.deed.guards)
    return {path[0] for guard in guards for path in guard.reads}


def _reads_itself(write: Write) -> bool:
    return any(path[0] == write.name for path in write.value.reads)


def _are_apart(earlier: Entry, later: Entry) -> bool:
    """Return whether two rules do not act together, as far as people go about it.

    A rule without ``on`` acts when what it reads changes: fields come with few events. And who has
    one role seldom has another, where no role holds both.
    """
    for one, two in ((earlier, later), (later, earlier)):
        if not one.rule.on and not one.is_of_fields:
            return True
        if not one.rule.on and two.rule.on and _WITH_FIELDS.isdisjoint(two.rule.on):
            return True
    roles_with = later.facts.roles_with
    return any(
        one != two and not roles_with(one) & roles_with(two)
        for one in earlier.roles
        for two in later.roles
    )


def _can_follow(earlier: Entry, first: Write, later: Entry, last: Write) -> bool:
    """Return whether the later rule can act at an event at which the earlier one has."""
    names = earlier.touched
    parts = (
        earlier.formula,
        _guards(first),
        afterwards(later.formula, names),
        afterwards(_guards(last), names | later.touched),
    )
    left = {name: write.values for name, write in earlier.leaves.items()}
    events = earlier.shares(later) or ()
    return Solver(values_of_two(later.facts, events, left)).fits(*parts)


def _guards(write: Write) -> Formula:
    """Return when the groups around an action let it be done."""
    made = ((reader_of(guard, write.deed.local), guard) for guard in write.deed.guards)
    return All(tuple(reader.read(guard.tree) for reader, guard in made))
