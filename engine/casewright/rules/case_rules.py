"""Rules over one case: which are candidates, in which order, and whether one's condition holds.

The meaning of rule 33: a rule with ``on`` is a candidate in events of that type, one without when
its condition holds now and did not hold on ``previous``. The agenda is looked up by
what an event is and by what has changed; a rule that neither can concern is never touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from casewright.rules.agenda import Agendas

if TYPE_CHECKING:
    from collections.abc import Iterable

    from casewright.actions import ActionList
    from casewright.bind.values import Value
    from casewright.feel import Expression
    from casewright.rules.bindings import Over
    from casewright.rules.networks.choosing import NetworkUse
    from casewright.rules.telling_apart import Test
    from casewright.view import View


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One rule.

    Attributes:
        order: place in the order of trial; 0 first.
        on: event types, empty for a rule that fires when its condition becomes true.
        mask: bits of what its condition reads.
        always: whether its condition reads what no bit stands for.
        after: delay of its actions, or None.
        pack: in which its names are meant.
        needs: bits that have all changed wherever its condition holds in an event.
        tests: look-ups that are passed wherever its condition holds.
        is_alone: it has no lists, and no other rule has the very same condition.
        over: what it ranges over, or None; ``when`` is then about a binding.
        network: what brings together what it ranges over, or None.
    """

    name: str
    order: int
    on: tuple[str, ...]
    when: Expression | None
    mask: int
    always: bool
    after: Value | None
    do: ActionList
    place: str
    fingerprint: str
    pack: str = ""
    needs: int = 0
    tests: tuple[Test, ...] = ()
    is_alone: bool = True
    over: Over | None = None
    network: NetworkUse | None = None

    def fires(self, now: View) -> bool:
        """Return True if the rule may fire on ``now``, as far as its condition goes."""
        when = self.when
        if when is None:
            return True
        if not when.true(now, now.budget):
            return False
        previous = None if self.on else now.previous
        return previous is None or not when.true(previous, now.budget)


class Rules(Agendas):
    """The rules of a case type, indexed.

    Attributes:
        rules: in the order of trial.
    """

    __slots__ = ("_by_name", "rules")

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self._by_name = {rule.name: rule for rule in self.rules}
        super().__init__(self.rules)

    def by_name(self, name: str) -> Rule | None:
        """Return a rule, or None."""
        return self._by_name.get(name)
