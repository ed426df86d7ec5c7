"""Two moments of one event: what a case is before a rule has acted, and what it is then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.lint.rules.facts import ANY_MOMENT
from casewright.lint.rules.formulas import All, Atom, Formula, Some, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casewright.lint.rules.facts import Facts
    from casewright.lint.rules.values import Values

_LATER = "then "


def afterwards(formula: Formula, names: frozenset[str]) -> Formula:
    """Return a formula about the later moment, at which what ``names`` stand for may be different.

    Subjects that are still the same keep their keys.
    """
    if isinstance(formula, Atom):
        subject = formula.subject
        if subject.reads & names:
            return Atom(Subject(_LATER + subject.key, subject.reads), formula.values)
        return formula
    items = tuple(afterwards(item, names) for item in formula.items)
    return All(items) if isinstance(formula, All) else Some(items)


def values_of_two(
    facts: Facts, events: tuple[str, ...], left: Mapping[str, Values]
) -> Callable[[Subject], Values]:
    """Return what gives the values of subjects at both moments.

    Args:
        facts: of the case type.
        events: at which rules are tried; empty: any.
        left: fields that have been set between the two, with their values.
    """
    universe = facts.universe(facts.at_event(events) if events else ANY_MOMENT)

    def values(subject: Subject) -> Values:
        if not subject.key.startswith(_LATER):
            return universe(subject)
        key = subject.key[len(_LATER) :]
        return left.get(key) or universe(Subject(key, subject.reads))

    return values
