"""The part of the checker that knows functions and their arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from casewright.feel import tree
from casewright.feel.budget import Budget
from casewright.feel.builtins import BUILTINS, result_type
from casewright.feel.builtins.registry import invoke
from casewright.feel.check_names import NameChecker
from casewright.feel.plan import NOT_LITERAL, CallPlan, FunctionCall
from casewright.feel.problems import (
    ARGUMENTS,
    BAD_LITERAL,
    UNKNOWN_FUNCTION,
    suggestion,
)
from casewright.feel.types import (
    ANY,
    NULL,
    FunctionType,
    Type,
    accepts,
    kind,
    unify,
)

if TYPE_CHECKING:
    from casewright.feel.builtins.registry import Signature
    from casewright.feel.scope import Function, Parameter


# Functions that make a value of a text, and what the text looks like.
_EXAMPLES = {
    "date": "2026-01-31",
    "time": "10:30:00",
    "date and time": "2026-01-31T10:30:00Z",
    "duration": "PT8H",
}


class CallChecker(NameChecker):
    """Checks calls of the scope's functions, of built-ins and of function values."""

    def _call(self, node: tree.Call) -> Type:
        if isinstance(node.function, tree.Name):
            name = node.function.name
            local = self._frame.find(name)
            if local is None or not isinstance(local.type, FunctionType):
                if name in self._scope.functions:
                    return self._scope_call(node, self._scope.functions[name])
                if name in BUILTINS:
                    return self._builtin_call(node, BUILTINS[name])
                if local is None and name not in self._scope.names and not self._free:
                    return self._unknown_function(node, name)
        found = self.check(node.function)
        for argument in node.arguments:
            self.check(argument)
        self.plan.calls[node] = CallPlan()
        if isinstance(found, FunctionType):
            return found.result
        if found is not ANY and found is not NULL:
            self._report(UNKNOWN_FUNCTION, node.function, f"a {found} cannot be called")
        return ANY

    def _unknown_function(self, node: tree.Call, name: str) -> Type:
        for argument in node.arguments:
            self.check(argument)
        known = [*self._scope.functions, *BUILTINS]
        hint = suggestion(name, known)
        if not self._frame.is_open:
            self._report(UNKNOWN_FUNCTION, node.function, f'unknown function "{name}"', hint)
        self.plan.sources[node.function] = "None"
        self.plan.types[node.function] = NULL
        self.plan.calls[node] = CallPlan()
        return ANY

    def _scope_call(self, node: tree.Call, function: Function) -> Type:
        placed = self._placed(node, function)
        arguments: list[tree.Node | None] = []
        for parameter, argument in zip(function.parameters, placed, strict=True):
            chosen = argument
            if chosen is None and parameter.default is not None:
                chosen = tree.moved(parameter.default, node.start, node.end)
            elif chosen is None and parameter.from_scope:
                chosen = tree.Name(node.start, node.end, parameter.name)
                if not self._can_read(parameter):
                    chosen = None
                    self._missing(node, function, parameter)
            elif chosen is None and not parameter.optional:
                self._missing(node, function, parameter)
            if chosen is not None:
                self._argument(chosen, parameter.type, function.name, parameter.name)
            arguments.append(chosen)
        self.plan.calls[node] = CallPlan(function, tuple(arguments))
        for path in function.reads:
            self.plan.reads[path] += 1
        self._made(node, function.name, tuple(placed), builtin=False)
        return function.result

    def _can_read(self, parameter: Parameter) -> bool:
        name = parameter.name
        return self._free or name in self._scope.names or self._frame.find(name) is not None

    def _missing(self, node: tree.Call, function: Function, parameter: Parameter) -> None:
        hint = f"or declare a field {parameter.name}" if parameter.from_scope else ""
        self._report(
            ARGUMENTS, node, f'{function.name} needs the argument "{parameter.name}"', hint
        )

    def _placed(self, node: tree.Call, function: Function) -> list[tree.Node | None]:
        names = [p.name for p in function.parameters]
        placed: list[tree.Node | None] = [None] * len(names)
        if len(node.arguments) > len(names):
            message = f"{function.name} takes {len(names)} arguments, not {len(node.arguments)}"
            self._report(ARGUMENTS, node, message, f"they are: {', '.join(names) or 'none'}")
        for index, argument in enumerate(node.arguments[: len(names)] if names else ()):
            if node.names and node.names[index] not in names:
                wrong = node.names[index]
                message = f'{function.name} has no argument "{wrong}"'
                self._report(ARGUMENTS, argument, message, suggestion(wrong, names))
                continue
            placed[names.index(node.names[index]) if node.names else index] = argument
        return placed

    def _argument(self, node: tree.Node, expected: Type, function: str, parameter: str) -> None:
        found = self.check(node)
        if not accepts(expected, found):
            message = f'{function} takes a {expected} as "{parameter}", this is a {found}'
            self._report(ARGUMENTS, node, message)

    def _builtin_call(self, node: tree.Call, signatures: tuple[Signature, ...]) -> Type:
        name = signatures[0].name
        found = [self.check(argument) for argument in node.arguments]
        fitting = [(s, s.arranged(len(found), node.names)) for s in signatures]
        plans = [(s, order) for s, order in fitting if order is not None]
        self.plan.calls[node] = CallPlan(
            signatures=tuple(s for s, _ in plans),
            orders=tuple(order for _, order in plans),
            arguments=node.arguments,
        )
        self._made(node, name, node.arguments, builtin=True)
        if name in _EXAMPLES and len(node.arguments) == 1:
            folded = self._folded(node, name, signatures)
            if folded is not None:
                return folded
        if not plans:
            self._report(ARGUMENTS, node, *_misfit(name, signatures, node))
            return NULL
        chosen = [(s, o) for s, o in plans if s.accepts(_ordered(found, o, s))]
        if not chosen:
            self._report(ARGUMENTS, node, *_unlike(name, [s for s, _ in plans], found))
            return NULL
        results = [result_type(s, _ordered(found, o, s)) for s, o in chosen]
        return unify(results)

    def _folded(self, node: tree.Call, name: str, signatures: tuple[Signature, ...]) -> Type | None:
        """Return the type of a date or duration that is written out, after working it out."""
        argument = node.arguments[0]
        if not isinstance(argument, tree.Literal) or not isinstance(argument.value, str):
            return None
        if node.names not in ((), ("from",)):
            return None
        value = invoke(Budget(), signatures, (argument.value,))
        if value is None:
            message = f'"{argument.value}" is no {name}'
            hint = f'write for example {name}("{_EXAMPLES[name]}")'
            self._report(BAD_LITERAL, node, message, hint)
        self.plan.constants[node] = value
        return kind(value)

    def _made(
        self, node: tree.Call, name: str, arguments: tuple[tree.Node | None, ...], *, builtin: bool
    ) -> None:
        values = tuple(a.value if isinstance(a, tree.Literal) else NOT_LITERAL for a in arguments)
        self.plan.made.append(FunctionCall(name, values, node.start, node.end, builtin))

    _VISITS: ClassVar = {**NameChecker._VISITS, tree.Call: _call}


def _ordered(found: list[Type], order: tuple[int | None, ...], signature: Signature) -> list[Type]:
    if signature.slots and signature.slots[-1].variadic:
        return found
    return [NULL if i is None else found[i] for i in order]


def _misfit(name: str, signatures: tuple[Signature, ...], node: tree.Call) -> tuple[str, str]:
    shapes = " or ".join(_shape(s) for s in signatures)
    if node.names:
        return f"{name} has no such arguments: {', '.join(node.names)}", f"write {shapes}"
    return f"{name} does not take {len(node.arguments)} arguments", f"write {shapes}"


def _shape(signature: Signature) -> str:
    slots = ", ".join(
        f"{s.name}{'...' if s.variadic else ''}{'?' if s.optional else ''}" for s in signature.slots
    )
    return f"{signature.name}({slots})"


def _unlike(name: str, signatures: list[Signature], found: list[Type]) -> tuple[str, str]:
    given = ", ".join(str(f) for f in found)
    shapes = " or ".join(
        f"{name}({', '.join(f'{s.name}: {s.type}' for s in sig.slots)})" for sig in signatures
    )
    return f"{name} does not take ({given})", f"write {shapes}"
