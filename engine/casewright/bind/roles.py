"""Who an actor is on a case: roles, what they include, and what they may do.

A role may hold on some cases only (``when``); inclusion is expanded once per set of role names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.bind.fields import FieldDefinition
    from casewright.feel import Expression
    from casewright.view import View

_CACHE_LIMIT = 4_096


@dataclass(frozen=True, slots=True, eq=False)
class RoleDefinition:
    """One role.

    Attributes:
        includes: roles that it contains, directly.
        may: ``create``, ``read``, ``update`` or event types.
        when: condition on the case under which it is held, or None.
        read, write: fields that it opens besides.
    """

    name: str
    title: str = ""
    includes: tuple[str, ...] = ()
    may: frozenset[str] = frozenset()
    when: Expression | None = None
    read: frozenset[str] = frozenset()
    write: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """Roles that a set of names comes to: always, and those whose conditions all hold."""

    always: frozenset[str]
    conditional: tuple[tuple[tuple[Expression, ...], frozenset[str]], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Roles:
    """The roles of a case type; without any, the case type is open to all."""

    definitions: Mapping[str, RoleDefinition]
    _plans: dict[tuple[str, ...], _Plan] = field(default_factory=dict[tuple[str, ...], "_Plan"])
    _answers: dict[tuple[frozenset[str], str], bool] = field(
        default_factory=dict[tuple[frozenset[str], str], bool]
    )

    @property
    def is_open(self) -> bool:
        """Return True where no role restricts the case type."""
        return not self.definitions

    def held(self, names: tuple[str, ...], view: View) -> frozenset[str]:
        """Return every role that an actor with the roles ``names`` holds on a case."""
        plan = self._plans.get(names)
        if plan is None:
            plan = self._planned(names)
            if len(self._plans) < _CACHE_LIMIT:
                self._plans[names] = plan
        if not plan.conditional:
            return plan.always
        budget = view.budget
        held = plan.always
        for conditions, roles in plan.conditional:
            for condition in conditions:
                if not condition.true(view, budget):
                    break
            else:
                held = held | roles
        return held

    def _planned(self, names: tuple[str, ...]) -> _Plan:
        """Return what a set of role names comes to: roles held anyway, and those on conditions."""
        found: dict[tuple[Expression, ...], set[str]] = {}
        pending: list[tuple[str, tuple[Expression, ...]]] = [
            (name.rpartition(".")[2], ()) for name in names
        ]
        seen: set[tuple[str, tuple[Expression, ...]]] = set()
        while pending:
            name, conditions = pending.pop()
            definition = self.definitions.get(name)
            if definition is None or (name, conditions) in seen:
                continue
            seen.add((name, conditions))
            if definition.when is not None and definition.when not in conditions:
                conditions = (*conditions, definition.when)
            found.setdefault(conditions, set()).add(name)
            pending.extend((included, conditions) for included in definition.includes)
        always = frozenset(found.pop((), ()))
        return _Plan(always, tuple((c, frozenset(roles)) for c, roles in found.items()))

    def may(self, held: frozenset[str], what: str) -> bool:
        """Return True if one of the roles ``held`` may do ``what``."""
        if not self.definitions:
            return True
        answer = self._answers.get((held, what))
        if answer is None:
            answer = any(what in self.definitions[name].may for name in held)
            self._remember((held, what), answer=answer)
        return answer

    def may_write(self, held: frozenset[str], definition: FieldDefinition, general: str) -> bool:
        """Return True if the roles ``held`` may set a field; ``general`` is update or create."""
        if not self.definitions:
            return True
        name, own = definition.name, definition.write
        key = (held, f"{general}/{name}")
        answer = self._answers.get(key)
        if answer is None:
            if any(name in self.definitions[role].write for role in held):
                answer = True
            elif own is not None:
                answer = not own.isdisjoint(held)
            else:
                answer = self.may(held, general)
            self._remember(key, answer=answer)
        return answer

    def _remember(self, key: tuple[frozenset[str], str], *, answer: bool) -> None:
        if len(self._answers) < _CACHE_LIMIT:
            self._answers[key] = answer

    def who_may(self, what: str) -> list[str]:
        """Return the names of the roles that may do ``what``, in file order."""
        return [name for name, role in self.definitions.items() if what in role.may]
