"""The contract of a rules network: facts in, activations out, nothing kept between two calls.

A production has patterns that facts must fit and patterns that no fact may fit. What an activation
is, is defined here; ``native`` computes it in Python and is the definition in code, ``durable``
computes the same with ``durable-rules`` where that is proven. Neither knows what a fact stands for:
windows bring observations, rules over a case bring the items of its lists.

An activation binds each single pattern to one fact and each counted pattern to a group, all
different facts. Groups are a function of the single bindings: pattern by pattern, in order, a
counted pattern takes the ``count`` earliest facts that fit and that nothing before it holds (the
newest ones where the production ``slides``), each with another value of ``distinct``. There is an
activation where every group is full and no fact, bound or not, fits a pattern of ``absent``.
Activations come in the order of their single facts, first pattern first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from casewright.feel import Budget, Expression
    from casewright.rules.networks.terms import Term


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is known.

    Attributes:
        id: unique among the facts of a call.
        labels: what it may be bound as; a pattern takes facts of its label only.
        data: FEEL values by name; a name without a value is absent or None, which is the same.
    """

    id: str
    labels: frozenset[str]
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """One conjunct of a pattern.

    Attributes:
        expression: its meaning: it holds where ``expression.true(s, budget)``, with the data of the
            pattern's own fact and of the facts bound before it in ``s.lets``, by pattern name (of a
            counted pattern a list of data).
        reads: names of the patterns before it whose facts it reads; empty: this fact alone.
        term: the same as comparisons of values of facts, where it can be said so; networks may use
            it instead of ``expression`` only where that cannot make a difference.
    """

    expression: Expression
    reads: frozenset[str]
    term: Term | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """What a fact has to be.

    Attributes:
        name: unique in the production.
        label: of the facts that it takes.
        conditions: all have to hold.
        count: None binds one fact; a number, also 1, a group of so many.
        distinct: its value, worked out as those of conditions are, differs within the group; a fact
            for which it is null is not taken.
    """

    name: str
    label: str
    conditions: tuple[Condition, ...] = ()
    count: int | None = None
    distinct: Expression | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Production:
    """Patterns that facts fit together.

    Attributes:
        name: unique in the network.
        patterns: at least one.
        absent: no fact may fit one of these; their conditions may read what all others hold.
        slides: groups are taken from the newest facts, not from the earliest.
    """

    name: str
    patterns: tuple[Pattern, ...]
    absent: tuple[Pattern, ...] = ()
    slides: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Activation:
    """A production and the facts that fit it.

    Attributes:
        facts: for each pattern the positions of its facts among those given, ascending.
    """

    production: str
    facts: tuple[tuple[int, ...], ...]


class Around(Protocol):
    """What conditions see beside the facts; a view."""

    lets: dict[str, Any]

    @property
    def budget(self) -> Budget:
        """Return what is left of the evaluation budget."""
        ...


class FactLimit(Exception):  # noqa: N818  becomes a failed step
    """There are more facts, or more activations, than a network may bring together."""


class Network(Protocol):
    """Brings facts together."""

    @property
    def name(self) -> str:
        """Return ``native`` or ``durable``."""
        ...

    def activations(self, facts: Sequence[Fact], around: Around) -> list[Activation]:
        """Return all activations: by production in the order given, then as defined above.

        Args:
            facts: the earliest first.
            around: what conditions see; its ``lets`` are as before when this returns.

        Raises:
            FactLimit: there are too many facts or activations.
            BudgetExceeded: the evaluation budget is spent.
        """
        ...

    def close(self) -> None:
        """Let go of what is held outside Python's memory; a second call does nothing."""
        ...
