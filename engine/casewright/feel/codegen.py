"""The tree to Python source of our own making; no character of the user's text gets into it.

Each boolean node has three forms: ``value`` gives true, false or null, ``true`` is truthy exactly
when the value is true, ``false`` exactly when it is false. So null safety costs nothing where a
condition is only asked whether it holds. Constants are bound, not written; names come as source
from the scope.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from casewright.feel.emit_conditions import ConditionEmitter
from casewright.feel.types import ReferenceType

if TYPE_CHECKING:
    from collections.abc import Callable

    from casewright.feel import tree
    from casewright.feel.emitter import Form


_WORD = re.compile(r"[A-Za-z_]\w*")


class Generator(ConditionEmitter):
    """Compiles nodes of one tree."""

    def compile(self, node: tree.Node, form: Form, parameters: str = "s, b") -> Callable[..., Any]:
        """Return a function of ``parameters`` that evaluates the node in the given form."""
        self._begin(parameters)
        body = self.form(node, form)
        if form != "value":
            body = f"True if {body} else False"
        head = "".join(self._hoisted) + f"def _f_main({parameters}):\n"
        if self._quick:
            self.names["_f_safe"] = _Safe(self, node, form, parameters)
            source = (
                f"{head} try:\n  return {body}\n"
                f" except _f_trouble:\n  return _f_safe({parameters})\n"
            )
        else:
            source = f"{head} return {body}\n"
        return self._loaded(source)

    def compile_record(self, node: tree.Node, parameters: str = "s, b") -> Callable[..., Any]:
        """Return a function of ``parameters`` that gives the record which a reference names."""
        self._begin(parameters)
        kind = self._plan.types[node]
        assert isinstance(kind, ReferenceType)
        temp = self._temp()
        body = f"None if ({temp} := {self.value(node)}) is None else {kind.follow.format(temp)}"
        head = "".join(self._hoisted)
        return self._loaded(f"{head}def _f_main({parameters}):\n return {body}\n")

    def _begin(self, parameters: str) -> None:
        self._hoisted, self._nesting, self._visible = [], 0, []
        if parameters != "s, b":
            self._visible = parameters.split(", ")[2:]
        self._quick = False

    def _loaded(self, source: str) -> Callable[..., Any]:
        used = {name: self.names[name] for name in _WORD.findall(source) if name in self.names}
        exec(compile(source, "<feel>", "exec"), used)  # noqa: S102 - source of our own making
        return cast("Callable[..., Any]", used["_f_main"])

    def safe(self) -> Generator:
        """Return a generator of code that answers with null where numbers overflow."""
        made = Generator(self._plan, self._bindings, self._input)
        made._safe = True
        return made


class _Safe:
    """The form of an expression for numbers that overflow, compiled when it is first needed."""

    __slots__ = ("_arguments", "_compiled", "_generator")

    def __init__(self, generator: Generator, node: tree.Node, form: Form, parameters: str) -> None:
        self._generator = generator
        self._arguments = (node, form, parameters)
        self._compiled: Callable[..., Any] | None = None

    def __call__(self, *arguments: object) -> object:
        if self._compiled is None:
            self._compiled = self._generator.safe().compile(*self._arguments)
        return self._compiled(*arguments)
