"""The rules network in plain Python: the definition in code of what ``network`` describes.

Facts of a call are looked up by label, tests are made once a fact, joins by ``=`` are hashed. A
production that no fact concerns is not touched. Between two calls nothing is kept.

A condition may need a record that nobody has given yet. The call goes on, so that it can ask for
all that it lacks at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from casewright.rules.networks.alike import ODD, Different, alike
from casewright.rules.networks.contract import Activation, FactLimit
from casewright.rules.networks.native_plan import planned
from casewright.view import RecordsMissing

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from casewright.case import Need
    from casewright.feel import Expression
    from casewright.rules.networks.contract import Around, Fact, Production
    from casewright.rules.networks.native_plan import (
        Join,
        Memory,
        PatternPlan,
        Plans,
        ProductionPlan,
        Test,
        Value,
    )

FACTS = 10_000
ACTIVATIONS = 10_000
COMBINATIONS = 250_000
_ENDS = 3


class NativeNetwork:
    """A network that does without any library."""

    __slots__ = ("_activations", "_combinations", "_facts", "_is_charged", "_plans")

    def __init__(
        self,
        productions: Sequence[Production],
        *,
        facts: int = FACTS,
        activations: int = ACTIVATIONS,
        combinations: int = COMBINATIONS,
        is_charged: bool = False,
    ) -> None:
        """Plan productions.

        Args:
            facts: how many a call may bring.
            activations: how many a call may find.
            combinations: how often a call may try a fact together with others.
            is_charged: whether facts and combinations cost steps of the evaluation budget, for who
                calls many times in one step.
        """
        self._plans = planned(productions)
        self._facts = facts
        self._activations = activations
        self._combinations = combinations
        self._is_charged = is_charged

    @property
    def name(self) -> Literal["native"]:
        """Return ``native``."""
        return "native"

    def activations(self, facts: Sequence[Fact], around: Around) -> list[Activation]:
        """Return all activations, as the contract defines them.

        Raises:
            FactLimit: there are too many facts, activations or combinations.
            BudgetExceeded: the evaluation budget is spent.
            RecordsMissing: conditions need records that ``related`` does not have.
        """
        if len(facts) > self._facts:
            raise FactLimit(
                f"{len(facts):,} facts, more than the {self._facts:,} that rules may bring "
                f"together: {_shown(fact.id for fact in facts)}"
            )
        lets = around.lets
        around.lets = {**lets}
        try:
            call = _Call(facts, around, self._activations, self._combinations)
            found = call.run(self._plans)
            if self._is_charged:
                around.budget.spend(len(facts) + call.tries)
            return found
        finally:
            around.lets = lets

    def close(self) -> None:
        """Do nothing: all that is held is Python's."""


class _Call:
    """One call: what is known of its facts, and what is bound at the moment."""

    __slots__ = (
        "_around",
        "_bound",
        "_budget",
        "_by_label",
        "_by_value",
        "_facts",
        "_found",
        "_held",
        "_joined",
        "_lets",
        "_limit",
        "_memories",
        "_needs",
        "_results",
        "_tries_limit",
        "tries",
    )

    def __init__(self, facts: Sequence[Fact], around: Around, limit: int, tries: int) -> None:
        self._facts = facts
        self._around = around
        self._budget = around.budget
        self._lets = around.lets
        self._limit = limit
        self.tries = 0
        self._tries_limit = tries
        self._found: list[Activation] = []
        self._bound: list[tuple[int, ...]] = []
        self._held: set[int] = set()
        self._needs: dict[Need, None] = {}
        self._by_label: dict[str, list[int]] = {}
        self._by_value: dict[Value, dict[Hashable, list[int]]] = {}
        self._results: dict[int, dict[int, bool]] = {}
        self._memories: dict[int, list[int]] = {}
        self._joined: dict[int, dict[Hashable, list[int]]] = {}
        for position, fact in enumerate(facts):
            for label in fact.labels:
                self._by_label.setdefault(label, []).append(position)

    def run(self, plans: Plans) -> list[Activation]:
        for order in self._concerned(plans):
            plan = plans.productions[order]
            if self._may_fit(plan):
                self._search(plan, 0)
        if self._needs:
            raise RecordsMissing(tuple(self._needs))
        return self._found

    # --- which productions --------------------------------------------------------------------

    def _concerned(self, plans: Plans) -> list[int]:
        """Return the productions that the facts may concern, in order."""
        found: set[int] = set()
        for label in self._by_label:
            found.update(plans.by_label.get(label, ()))
        for value, orders in plans.by_value.items():
            if value[0] in self._by_label:
                for key in self._valued(value):
                    found.update(orders.get(key, ()))
        return sorted(found)

    def _may_fit(self, plan: ProductionPlan) -> bool:
        """Return False if facts for one pattern are missing, whatever the others bind.

        Behind this all memories of the production are there, so that no test of theirs takes the
        place of what is bound.
        """
        for pattern in plan.patterns:
            if len(self._memory(pattern.memory)) < (pattern.count or 1):
                return False
        for pattern in plan.absent:
            if self._memory(pattern.memory) and pattern.is_alone:
                return False
        return True

    # --- facts by what they alone decide ------------------------------------------------------

    def _valued(self, value: Value) -> dict[Hashable, list[int]]:
        """Return the facts of a label by the key of a value."""
        found = self._by_value.get(value)
        if found is None:
            label, name = value
            found = self._by_value[value] = {}
            for position in self._by_label.get(label, ()):
                key = alike(self._facts[position].data.get(name))
                if key is not ODD:
                    found.setdefault(key, []).append(position)
        return found

    def _memory(self, memory: Memory) -> list[int]:
        """Return the facts of a memory, ascending."""
        found = self._memories.get(memory.index)
        if found is None:
            if memory.equal is None:
                found = self._by_label.get(memory.label, [])
            else:
                name, key = memory.equal
                found = self._valued((memory.label, name)).get(key, [])
            for test in memory.tests:
                found = self._passing(test, found)
            self._memories[memory.index] = found
        return found

    def _passing(self, test: Test, positions: list[int]) -> list[int]:
        known = self._results.setdefault(test.index, {})
        passing: list[int] = []
        for position in positions:
            result = known.get(position)
            if result is None:
                self._lets[test.name] = self._facts[position].data
                result = known[position] = self._holds(test.expression)
            if result:
                passing.append(position)
        return passing

    def _holds(self, expression: Expression) -> bool:
        try:
            return expression.true(self._around, self._budget)
        except RecordsMissing as missing:
            self._needs.update(dict.fromkeys(missing.needs))
            return False

    # --- facts that fit together --------------------------------------------------------------

    def _fitting(
        self, pattern: PatternPlan, production: str, *, newest: bool = False
    ) -> Iterator[int]:
        """Yield the facts that fit what is bound, ascending; each is in ``lets`` till the next."""
        conditions = pattern.rest
        positions = self._memory(pattern.memory)
        if pattern.join is not None:
            key = alike(pattern.join.other(self._lets))
            positions = self._join(pattern, pattern.join).get(key, [])
            if key is ODD:
                assert pattern.equality is not None
                conditions = (pattern.equality, *conditions)
        for position in reversed(positions) if newest else positions:
            self.tries += 1
            if self.tries > self._tries_limit:
                raise self._too_many(production, "combinations", self._tries_limit)
            self._lets[pattern.name] = self._facts[position].data
            if all(self._holds(condition) for condition in conditions):
                yield position

    def _join(self, pattern: PatternPlan, join: Join) -> dict[Hashable, list[int]]:
        """Return the facts of a memory by the key of their side; those without one under ODD."""
        found = self._joined.get(join.index)
        if found is None:
            found = self._joined[join.index] = {}
            for position in self._memory(pattern.memory):
                key = alike(join.own({pattern.name: self._facts[position].data}))
                found.setdefault(key, []).append(position)
        return found

    def _search(self, plan: ProductionPlan, depth: int) -> None:
        """Bind the pattern at a depth and those behind it, in every way."""
        if depth == len(plan.patterns):
            self._complete(plan)
            return
        pattern = plan.patterns[depth]
        if pattern.count is not None:
            group = self._group(plan, pattern, pattern.count)
            if group is not None:
                self._lets[pattern.name] = [self._facts[position].data for position in group]
                self._bind(plan, depth, group)
            return
        for position in self._fitting(pattern, plan.name):
            if position not in self._held:
                self._bind(plan, depth, (position,))

    def _bind(self, plan: ProductionPlan, depth: int, positions: tuple[int, ...]) -> None:
        self._held.update(positions)
        self._bound.append(positions)
        self._search(plan, depth + 1)
        self._bound.pop()
        self._held.difference_update(positions)

    def _group(
        self, plan: ProductionPlan, pattern: PatternPlan, count: int
    ) -> tuple[int, ...] | None:
        """Return the facts that a counted pattern takes, None if there are too few."""
        group: list[int] = []
        values = Different()
        for position in self._fitting(pattern, plan.name, newest=plan.slides):
            if position in self._held or not self._is_new(pattern.distinct, values):
                continue
            group.append(position)
            if len(group) == count:
                return tuple(sorted(group))
        return None

    def _is_new(self, distinct: Expression | None, values: Different) -> bool:
        if distinct is None:
            return True
        try:
            value = distinct.value(self._around, self._budget)
        except RecordsMissing as missing:
            self._needs.update(dict.fromkeys(missing.needs))
            return False
        return value is not None and values.add(self._budget, value)

    def _complete(self, plan: ProductionPlan) -> None:
        """Note what is bound as an activation, unless a fact fits what must be absent."""
        for pattern in plan.absent:
            for _ in self._fitting(pattern, plan.name):
                return
        if len(self._found) == self._limit:
            raise self._too_many(plan.name, "activations", self._limit)
        self._found.append(Activation(plan.name, tuple(self._bound)))

    def _too_many(self, production: str, what: str, limit: int) -> FactLimit:
        chain = _shown(self._facts[position].id for group in self._bound for position in group)
        at = f"; the last at {chain}" if chain else ""
        return FactLimit(f'"{production}": more than {limit:,} {what} of facts{at}')


def _shown(ids: Iterable[str]) -> str:
    """Return facts as a chain, the middle of a long one left out."""
    shown = list(ids)
    if len(shown) > 2 * _ENDS:
        shown[_ENDS:-_ENDS] = ["..."]
    return " -> ".join(shown)
