"""Types of a model: what item definitions mean, and which values are of them.

A value that is not of a type becomes null where it is given that type; a list of one element stands
for the element, and a value for a list of one. Constraints count as parts of the type.

Source: DMN 1.5, sections 7.3.3 (item definitions) and 10.3.2.9.4 (type conversions).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from casewright.dmn.model.definition import prefix_of
from casewright.feel import FeelError, compile_unary
from casewright.feel.scope import Scope
from casewright.feel.typenames import TYPES
from casewright.feel.types import ANY, ContextType, FunctionType, ListType, Member, Type, coerce
from casewright.feel.values import is_context, is_list

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casewright.dmn.model.boxed import At, Text
    from casewright.dmn.model.definition import ItemDefinition
    from casewright.feel import Budget, UnaryTests

    Report = Callable[[str, At, str], None]


@dataclass(slots=True, eq=False)
class ItemType:
    """A type of the model.

    Attributes:
        feel: what FEEL knows of it; a type that contains itself is ``Any`` there.
        tests: constraints on the value, or on each of its elements.
        whole: constraints on a collection as such.
        item: of a collection that an item definition declares.
        members: of a context, with what they are.
        result: what a function of this type gives.
    """

    feel: Type = ANY
    tests: tuple[UnaryTests, ...] = ()
    whole: tuple[UnaryTests, ...] = ()
    item: ItemType | None = None
    members: dict[str, ItemType] = field(default_factory=dict[str, "ItemType"])
    result: ItemType | None = None

    def coerced(self, value: object, b: Budget) -> object:
        """Return the value as one of this type, null if it cannot be."""
        if self.feel is ANY and not self.tests and not self.members:
            return value
        found = coerce(value, self.feel)
        return found if found is None or self.holds(found, b) else None

    def holds(self, value: object, b: Budget) -> bool:
        """Return whether a value that FEEL takes for one of this type meets all constraints."""
        if value is None:
            return True
        b.spend(1)
        if not all(test.true(None, b, value) for test in (*self.whole, *self.tests)):
            return False
        if self.item is not None:
            return is_list(value) and all(self.item.holds(item, b) for item in value)
        if self.members and is_context(value):
            return all(kind.holds(value.get(name), b) for name, kind in self.members.items())
        return True


ANYTHING = ItemType()


class ItemTypes:
    """The types that one model can name.

    Attributes:
        imported: types of other models by the key of the import.
        named: FEEL types of the item definitions by name, imported ones with their prefix.
    """

    def __init__(
        self,
        items: tuple[ItemDefinition, ...],
        imported: Mapping[str, ItemTypes],
        report: Report,
    ) -> None:
        self._definitions = {item.name: item for item in items}
        self._report = report
        self._found: dict[str, ItemType] = {}
        self.imported = imported
        self.named: dict[str, Type] = {}
        for key, others in imported.items():
            prefix = prefix_of(key)
            for name, kind in others.named.items():
                self.named[f"{prefix}.{name}" if prefix else name] = kind
        for item in items:
            self.named[item.name] = self.of(item.name).feel

    def of(self, type_ref: str, at: At | None = None) -> ItemType:
        """Return the type of a name; what has no name or no known one may be anything."""
        name = self._plain(type_ref)
        if not name:
            return ANYTHING
        if name in self._definitions:
            if name not in self._found:
                made = self._found[name] = ItemType()
                self._fill(made, self._definitions[name])
            return self._found[name]
        if name in TYPES:
            return ItemType(TYPES[name])
        return self._foreign(name, type_ref, at)

    def _foreign(self, name: str, type_ref: str, at: At | None) -> ItemType:
        for key, others in self.imported.items():
            prefix = prefix_of(key)
            rest = name.removeprefix(f"{prefix}.") if prefix else name
            if (rest != name or not prefix) and others.knows(rest):
                return others.of(rest)
        if at is not None:
            self._report(f'unknown type "{type_ref}"', at, "")
        return ANYTHING

    def knows(self, name: str) -> bool:
        """Return whether an item definition of this model has that name."""
        return name in self._definitions

    def _plain(self, type_ref: str) -> str:
        """Return a type's name without an XML prefix, as older files write it."""
        name = " ".join(type_ref.split())
        if name in self._definitions:
            return name
        prefix, colon, rest = name.partition(":")
        if colon and (rest in TYPES or rest in self._definitions):
            name = rest
        elif colon:
            name = f"{prefix}.{rest}"
        return "Any" if name == "any" else name

    def _fill(self, made: ItemType, item: ItemDefinition) -> None:
        """Make ``made``, which its own components may mention already, what ``item`` says."""
        inner = ItemType() if item.collection else made
        self._fill_single(inner, item)
        if item.collection:
            made.feel = ListType(inner.feel)
            made.item = inner
        if item.constraint is not None:
            tests = self._tests(item.constraint, made.feel)
            if item.collection:
                made.whole = tests
            else:
                made.tests = (*made.tests, *tests)

    def _fill_single(self, made: ItemType, item: ItemDefinition) -> None:
        if item.function is not None:
            made.result = self.of(item.function.result, item.at)
            parameters = tuple(self.of(p.type_ref, item.at).feel for p in item.function.parameters)
            made.feel = FunctionType(parameters, made.result.feel)
        elif item.components:
            for component in item.components:
                member = made.members[component.name] = ItemType()
                self._fill(member, component)
            members = {name: Member(kind.feel) for name, kind in made.members.items()}
            made.feel = ContextType(members, closed=False, name=item.name)
        elif item.type_ref:
            base = self.of(item.type_ref, item.at)
            made.feel, made.tests, made.whole = base.feel, base.tests, base.whole
            made.item, made.members, made.result = base.item, base.members, base.result
        if item.allowed is not None:
            made.tests = (*made.tests, *self._tests(item.allowed, made.feel))

    def _tests(self, text: Text, kind: Type) -> tuple[UnaryTests, ...]:
        if not text.text.strip():
            return ()
        try:
            return (compile_unary(text.text, Scope(types=self.named, strict=False), kind),)
        except FeelError as err:
            self._report(f"the constraint is no FEEL: {err.problems[0].message}", text.at, "")
            return ()
