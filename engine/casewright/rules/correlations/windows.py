"""What a window does with its observations, as pure functions: let in, let go, bring together.

A window is a sequence of observations, the earliest first, and the instant of the newest. Some
observations age: those of events, and those that are expected of a case that the window has
created. One of a pattern that holds stays for as long as its source says so.

The step that uses this asks in the order :func:`standing` (of the window as it was),
:func:`admitted`, then :func:`next_firing` and :func:`left_by` until nothing fires any more; each
:attr:`Firing.ids` that fired joins what ``fired`` holds.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casewright.rules.networks.contract import Fact
from casewright.temporal import from_us

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from casewright.case import Observation
    from casewright.rules.correlations.definition import Correlation
    from casewright.rules.networks.contract import Activation, Around, Production

    EndOf = Callable[[int], int | None]

Ids = tuple[tuple[str, ...], ...]
"""Which observations an activation holds, pattern by pattern: what tells activations apart."""


@dataclass(frozen=True, slots=True)
class Firing:
    """An activation of a window.

    Attributes:
        found: for each pattern its observations, the earliest first.
    """

    found: tuple[tuple[Observation, ...], ...]

    @property
    def ids(self) -> Ids:
        """Return the identity: ids of the observations, pattern by pattern."""
        return tuple(tuple(one.id for one in group) for group in self.found)

    @property
    def observations(self) -> tuple[Observation, ...]:
        """Return all observations that it holds, the earliest first."""
        return ordered(one for group in self.found for one in group)

    def lets(self, production: Production) -> dict[str, Any]:
        """Return what its expressions see: data by pattern name, lists of counted patterns."""
        return {
            pattern.name: data_of(group[0])
            if pattern.count is None
            else [data_of(one) for one in group]
            for pattern, group in zip(production.patterns, self.found, strict=True)
        }


@dataclass(frozen=True, slots=True)
class Admitted:
    """A window with an observation that came in.

    Attributes:
        observations: the earliest first.
        newest_us: instant of the newest event; None where only what holds was ever observed.
        is_new: no observation of that id was there.
    """

    observations: tuple[Observation, ...]
    newest_us: int | None
    is_new: bool


def ordered(observations: Iterable[Observation]) -> tuple[Observation, ...]:
    """Return observations as windows order them: by time, then by id."""
    return tuple(sorted(observations, key=_place))


def _place(observation: Observation) -> tuple[int, str]:
    return observation.at_us, observation.id


def ages(observation: Observation) -> bool:
    """Return True if time takes the observation out of its window."""
    return observation.is_expected or not observation.holds


def kept(
    observations: Sequence[Observation], newest_us: int | None, end_of: EndOf
) -> tuple[Observation, ...]:
    """Return the observations that are not out of the window.

    Args:
        observations: the earliest first.
        newest_us: instant of the newest observation; at the end of a window, of that end, where
            nothing that ages is left.
        end_of: gives the instant ``within`` after another, None if that never comes. An observation
            is out when that instant of it is not behind the newest one. Of a later one it is no
            earlier, so whatever follows one that is in is in.
    """
    if newest_us is None:
        return tuple(observations)
    staying: list[Observation] = []
    for place, one in enumerate(observations):
        if not ages(one):
            staying.append(one)
        elif not _is_out(one, newest_us, end_of):
            return (*staying, *observations[place:])
    return tuple(staying)


def _is_out(one: Observation, newest_us: int, end_of: EndOf) -> bool:
    return ages(one) and (end := end_of(one.at_us)) is not None and end <= newest_us


def admitted(
    observations: Sequence[Observation],
    incoming: Observation,
    newest_us: int | None,
    end_of: EndOf,
) -> Admitted | None:
    """Return the window with one more observation, or None if that comes too late.

    One of the same id is replaced. What a new event leaves too far behind is out.

    Args:
        observations: the earliest first.
    """
    if newest_us is not None and _is_out(incoming, newest_us, end_of):
        return None
    others = [one for one in observations if one.id != incoming.id]
    is_new = len(others) == len(observations)
    if not incoming.holds:
        newest_us = incoming.at_us if newest_us is None else max(newest_us, incoming.at_us)
    insort(others, incoming, key=_place)
    return Admitted(kept(others, newest_us, end_of), newest_us, is_new)


def data_of(observation: Observation) -> dict[str, Any]:
    """Return what expressions see of an observation: its data, ``id``, ``type`` and ``time``.

    ``id`` is that of the case; of a signal, that of the observation. Data of one of these names
    wins.
    """
    return {
        "id": observation.id if observation.case is None else observation.case,
        "type": observation.type,
        "time": from_us(observation.at_us),
        **observation.data,
    }


def fact_of(observation: Observation) -> Fact:
    """Return the observation as networks take it: labelled with the patterns that it fits."""
    return Fact(observation.id, frozenset(observation.fits), data_of(observation))


def shut_by(correlation: Correlation, observations: Iterable[Observation]) -> Observation | None:
    """Return the fact that shuts the window, or None.

    That is one which holds and fits a pattern of ``absent`` that needs nothing else. As long as it
    holds nothing can fire, and the window keeps no events: they belong to what is there already.
    """
    shutting = {
        pattern.label
        for pattern in correlation.production.absent
        if pattern.name in correlation.expects and not pattern.conditions
    }
    for one in observations:
        if one.holds and not shutting.isdisjoint(one.fits):
            return one
    return None


def standing(
    correlation: Correlation, observations: Sequence[Observation], around: Around
) -> frozenset[Ids]:
    """Return the activations that consume nothing: all that they hold are facts that stay.

    Those that stood before a step do not fire in it: they fire when they come about, like a rule
    without event.

    Args:
        observations: those before the step, the earliest first.

    Raises:
        FactLimit: there are too many facts or activations.
        BudgetExceeded: the evaluation budget is spent.
    """
    staying = {label for one in observations if not ages(one) for label in one.fits}
    if not all(pattern.label in staying for pattern in correlation.production.patterns):
        return frozenset()
    made = _activations(correlation, observations, around)
    return frozenset(one.ids for one in made if not _consumed(one))


def next_firing(
    correlation: Correlation,
    observations: Sequence[Observation],
    incoming: str | None,
    fired: AbstractSet[Ids],
    around: Around,
) -> Firing | None:
    """Return the activation that fires next, the earliest first, or None.

    Where observations are kept, only activations fire that hold the one that came in.

    Args:
        observations: the earliest first.
        incoming: id of the observation that came in; None where none did, or where it only
            replaced what was known of a case.
        fired: what fired in this step, and what :func:`standing` gave.

    Raises:
        FactLimit: there are too many facts or activations.
        BudgetExceeded: the evaluation budget is spent.
    """
    if correlation.keep:
        made = _completed(correlation, observations, incoming, around)
    else:
        made = _activations(correlation, observations, around)
    return next((one for one in made if one.ids not in fired), None)


def left_by(
    correlation: Correlation, observations: Iterable[Observation], firing: Firing
) -> tuple[Observation, ...]:
    """Return the observations that a firing leaves: unless they are kept, it consumes events."""
    if correlation.keep:
        return tuple(observations)
    gone = _consumed(firing)
    return tuple(one for one in observations if one.id not in gone)


def _consumed(firing: Firing) -> set[str]:
    return {one.id for group in firing.found for one in group if ages(one)}


def _activations(
    correlation: Correlation, observations: Sequence[Observation], around: Around
) -> list[Firing]:
    if not _may_fit(correlation.production, observations):
        return []
    facts = [fact_of(one) for one in observations]
    made = correlation.network.activations(facts, around)
    return [_firing(observations, activation) for activation in made]


def _completed(
    correlation: Correlation,
    observations: Sequence[Observation],
    incoming: str | None,
    around: Around,
) -> list[Firing]:
    """Return the activations that hold an observation.

    Where all is kept there are ever more without it. So one pattern after another is offered no
    other, which leaves out nothing: a fact is bound once.
    """
    one = next((one for one in observations if one.id == incoming), None)
    if one is None or not _may_fit(correlation.production, observations):
        return []
    patterns = [p for p in correlation.production.patterns if p.label in one.fits]
    facts = [fact_of(other) for other in observations]
    if any(pattern.count is not None for pattern in patterns):
        found = correlation.network.activations(facts, around)
        firings = [_firing(observations, activation) for activation in found]
        return [firing for firing in firings if any(one.id in group for group in firing.ids)]
    made: list[Activation] = []
    for pattern in patterns:
        offered = [fact if fact.id == one.id else _without(fact, pattern.label) for fact in facts]
        made += correlation.network.activations(offered, around)
    singles = [i for i, p in enumerate(correlation.production.patterns) if p.count is None]
    made.sort(key=lambda activation: [activation.facts[i] for i in singles])
    return [_firing(observations, activation) for activation in made]


def _may_fit(production: Production, observations: Iterable[Observation]) -> bool:
    """Return False if a pattern lacks observations, whatever its conditions say."""
    there = Counter(label for one in observations for label in one.fits)
    return all(there[pattern.label] >= (pattern.count or 1) for pattern in production.patterns)


def _without(fact: Fact, label: str) -> Fact:
    return Fact(fact.id, fact.labels - {label}, fact.data) if label in fact.labels else fact


def _firing(observations: Sequence[Observation], activation: Activation) -> Firing:
    return Firing(tuple(tuple(observations[i] for i in group) for group in activation.facts))
