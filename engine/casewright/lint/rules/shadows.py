"""Rules in the shadow of an earlier one: it acts wherever they could, and leaves them nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.lint.rules.formulas import Solver
from casewright.lint.rules.moments import afterwards, values_of_two
from casewright.lint.rules.reading import follows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.lint.rules.deeds import Write
    from casewright.lint.rules.rulebook import Entry


def shadow(
    entry: Entry, other: Entry, writing: Mapping[str, list[Entry]]
) -> tuple[str, str] | None:
    """Return why a rule with ``on`` can do nothing after ``other``, and the cure; None if it can.

    Args:
        entry: the later rule.
        other: one that is tried earlier at all events of ``entry``.
        writing: by field that ``other`` sets, further rules that may set it at these events.
    """
    if not _follows(entry, other):
        return None
    field = _falsified(entry, other, writing)
    if field is not None:
        message = f'rule "{entry.name}" never acts: rule "{other.name}" acts before it whenever it '
        message += f"could, and sets {field}"
        return (
            message,
            "put it first by a higher `priority`, or make the other's condition narrower",
        )
    if _repeats(entry, other, writing):
        message = f'rule "{entry.name}" changes nothing: wherever it acts, rule "{other.name}" has '
        return message + "set the same before", "take it away, or let it set something else"
    return None


def _follows(entry: Entry, other: Entry) -> bool:
    """Return whether the condition of ``other`` holds wherever that of the rule does."""
    when, facts = other.rule.when, entry.facts
    solver = Solver(facts.universe(facts.at_event(entry.rule.on)))
    return when is None or follows(solver, when.tree, other.reader, entry.formula)


def _falsified(entry: Entry, other: Entry, writing: Mapping[str, list[Entry]]) -> str | None:
    """Return a field by which ``other`` keeps the rule from acting, if nothing undoes that."""
    for name in sorted(name for name in other.leaves if name in entry.reads):
        given = [*other.writes[name], *(w for e in writing[name] for w in e.writes[name])]
        if not any(_holds_with(entry, name, write) for write in given):
            return name
    return None


def _holds_with(entry: Entry, name: str, write: Write) -> bool:
    """Return whether the rule's condition can hold once a field is set so."""
    if not write.is_constant:
        return True
    solver = Solver(values_of_two(entry.facts, entry.rule.on, {name: write.values}))
    return solver.fits(afterwards(entry.formula, frozenset({name})))


def _repeats(entry: Entry, other: Entry, writing: Mapping[str, list[Entry]]) -> bool:
    """Return whether all that a rule does is to set what ``other`` has just set."""
    if not entry.writes or len(entry.deeds) != sum(map(len, entry.writes.values())):
        return False
    for name, made in entry.writes.items():
        mine = other.leaves.get(name)
        if mine is None or writing[name]:
            return False
        if any(not write.is_constant or write.text != mine.text for write in made):
            return False
    return True
