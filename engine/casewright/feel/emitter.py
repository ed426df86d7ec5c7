"""What all generated code shares: forms, temporary names, constants, depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from casewright.feel import tree
from casewright.feel.runtime import RUNTIME
from casewright.feel.types import (
    ANY,
    BOOLEAN,
    Type,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casewright.feel.plan import Plan

Form = Literal["value", "true", "false"]
MAX_NESTING = 9


class Emitter:
    """Writes the source of one expression; constants gather in ``names``."""

    _VALUES: ClassVar[Mapping[type[tree.Node], Callable[[Any, Any], str]]] = {}
    _FORMS: ClassVar[Mapping[type[tree.Node], Callable[[Any, Any, Form], str]]] = {}

    def __init__(self, plan: Plan, bindings: Mapping[str, object], input_type: Type = ANY) -> None:
        self._plan = plan
        self._bindings = bindings
        self.names: dict[str, object] = {**bindings, **RUNTIME}
        self._count = 0
        self._nesting: int = 0
        self._quick = False
        self._safe = False
        self._hoisted: list[str] = []
        self._visible: list[str] = []
        self._input = input_type

    def form(self, node: tree.Node, form: Form) -> str:
        """Return the source of a node in a form; deep ones become functions of their own."""
        self._nesting += 1
        if self._nesting <= MAX_NESTING:
            source = self._form(node, form)
        else:
            outer, self._nesting = self._nesting, 0
            body = self._form(node, form)
            self._nesting = outer
            parameters = ", ".join(["s", "b", *self._visible])
            name = self._temp("_f_part")
            self._hoisted.append(f"def {name}({parameters}):\n return {body}\n")
            source = f"{name}({parameters})"
        self._nesting -= 1
        return source

    def value(self, node: tree.Node) -> str:
        """Return the source that gives the node's value."""
        return self.form(node, "value")

    def _as(self, source: str, kind: Type, form: Form) -> str:
        if form == "value":
            return source
        if form == "true":
            return source if kind is BOOLEAN else f"(({source}) is True)"
        return f"(({source}) is False)"

    def _temp(self, prefix: str = "_t") -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def _known(self, node: tree.Node) -> object:
        """Return the value of a node that is known at compile time, else None."""
        return node.value if isinstance(node, tree.Literal) else self._plan.constants.get(node)

    def constant(self, value: object) -> str:
        """Return source for a constant: small ones as literals, others bound to a name."""
        if value is None or isinstance(value, (bool, int)):
            return repr(value) if not isinstance(value, int) or value >= 0 else f"({value!r})"
        name = self._temp("_k")
        self.names[name] = value
        return name

    def _inner(self, names: list[str], node: tree.Node, form: Form) -> str:
        """Return the source of a node inside a lambda that binds ``names``."""
        self._visible.extend(names)
        source = self.form(node, form)
        del self._visible[len(self._visible) - len(names) :]
        return source

    def _form(self, node: tree.Node, form: Form) -> str:
        shaped = self._FORMS.get(type(node))
        if shaped is not None:
            return shaped(self, node, form)
        if isinstance(node, tree.Literal) and form != "value":
            return str(node.value is (form == "true"))
        return self._as(self._VALUES[type(node)](self, node), self._plan.types[node], form)
