"""What lists of actions do to their case, seen from outside: fields written, events raised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casewright.actions import vocabulary as act
from casewright.case import JOURNAL_OF
from casewright.lint.rules import values as of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casewright.actions import ActionList
    from casewright.bind.fields import FieldDefinition
    from casewright.bind.values import Value
    from casewright.feel import Expression
    from casewright.lint.rules.values import Values


@dataclass(frozen=True, slots=True)
class Deed:
    """One action of a list, out of its groups.

    Attributes:
        pointer: of the action, from the list.
        guards: conditions of the groups around it, outermost first.
        is_sure: it is done whenever its guards hold; not so in a loop over elements.
        local: names that ``let``, ``as`` and loops have given before it.
    """

    action: Any
    pointer: str
    guards: tuple[Expression, ...] = ()
    is_sure: bool = True
    local: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Write:
    """A field that an action sets.

    Attributes:
        value: what it is set to.
        deed: the action.
    """

    definition: FieldDefinition
    value: Value
    deed: Deed

    @property
    def name(self) -> str:
        """Return the field's name."""
        return self.definition.name

    @property
    def pointer(self) -> str:
        """Return the pointer of the field's key, from the list."""
        return f"{self.deed.pointer}/set/{self.name}"

    @property
    def is_constant(self) -> bool:
        """Return whether it is always set to one null, truth, number or text."""
        literal = self.value.literal
        return self.value.is_literal and (literal is None or isinstance(literal, of.CONSTANTS))

    @property
    def is_sure(self) -> bool:
        """Return whether the list sets it whatever else holds."""
        return self.deed.is_sure and not self.deed.guards

    @property
    def values(self) -> Values:
        """Return what it can be set to."""
        return of.points((self.value.literal,)) if self.is_constant else of.ANY

    @property
    def shown(self) -> str:
        """Return a constant as a person writes it."""
        literal = self.value.literal
        if literal is None or isinstance(literal, bool):
            return {None: "null", True: "true", False: "false"}[literal]
        return f'"{literal}"' if isinstance(literal, str) else str(literal)

    @property
    def text(self) -> str:
        """Return what is written, to be compared with another."""
        if self.value.is_literal:
            return repr(self.value.literal)
        return " ".join(expression.text for expression in self.value.expressions)


def deeds(do: ActionList) -> list[Deed]:
    """Return all that a list may do, in order."""
    return list(_deeds(do, "", (), frozenset(), is_sure=True))


def _deeds(
    do: ActionList,
    pointer: str,
    guards: tuple[Expression, ...],
    local: frozenset[str],
    *,
    is_sure: bool,
) -> Iterator[Deed]:
    for index, action in enumerate(do.actions):
        here = f"{pointer}/{index}"
        if isinstance(action, act.Group):
            inner = guards if action.when is None else (*guards, action.when)
            is_loop = action.for_each is not None
            names = local | {action.alias} if is_loop else local
            yield from _deeds(
                action.do, f"{here}/do", inner, names, is_sure=is_sure and not is_loop
            )
            continue
        yield Deed(action, here, guards, is_sure, local)
        if isinstance(action, act.Let):
            local = local | set(action.values)
        elif isinstance(action, act.Create) and action.alias is not None:
            local = local | {action.alias}


def writes(done: Iterable[Deed]) -> Iterator[Write]:
    """Yield each field that actions set, journals left out: these only grow."""
    for deed in done:
        if isinstance(deed.action, act.Set):
            for definition, value in deed.action.values:
                if definition.kind != "journal":
                    yield Write(definition, value, deed)


def posts(done: Iterable[Deed]) -> Iterator[tuple[str, Deed]]:
    """Yield ``comment`` or ``work_note`` for each action that posts one."""
    by_journal = {journal: event for event, journal in JOURNAL_OF.items()}
    for deed in done:
        if isinstance(deed.action, act.Post):
            yield deed.action.kind, deed
        elif isinstance(deed.action, act.Set):
            for definition, _ in deed.action.values:
                if definition.kind == "journal" and definition.name in by_journal:
                    yield by_journal[definition.name], deed


def touched(done: Iterable[Deed], ct: Any) -> frozenset[str]:
    """Return the names of all that actions may change in the case, and what depends on it."""
    names: set[str] = set()
    bits = 0
    for deed in done:
        action = deed.action
        if isinstance(action, act.Set):
            names.update(definition.name for definition, _ in action.values)
            for definition, _ in action.values:
                bits |= ct.dependents.get(definition.bit, 0)
        elif isinstance(action, act.Post):
            names.add(JOURNAL_OF[action.kind])
        elif isinstance(action, act.Create):
            names.update(ct.related)
        elif isinstance(action, act.GoTo):
            names.add("playbook")
    if bits:
        names.update(n for n, d in ct.fields.items() if d.computed is not None and d.bit & bits)
        names.update(f"sla.{name}" for name, bit in ct.clock_bits.items() if bit & bits)
        if ct.playbook_bit & bits:
            names.add("playbook")
    return frozenset(names)
