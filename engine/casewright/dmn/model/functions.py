"""Functions of a model: definitions in FEEL, and Python functions of the host.

Java and PMML functions are never called. A host may give a Python function in place of one, under
the name ``class.method`` or that of the business knowledge model.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from casewright.dmn.model import boxed
from casewright.dmn.model.problems import UNSUPPORTED
from casewright.errors import HostError
from casewright.feel import BudgetExceeded, tree
from casewright.feel.types import FunctionType
from casewright.feel.values import FunctionValue, normalized

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from casewright.dmn.model.item_types import ItemType
    from casewright.dmn.model.logic import Logic
    from casewright.dmn.model.scopes import Code, Frame
    from casewright.feel import Budget
    from casewright.feel.types import Type


def function_kind(logic: Logic, box: boxed.FunctionBox, result: Type) -> FunctionType:
    """Return the type of a function definition whose result is of a type."""
    return FunctionType(tuple(logic.types.of(p.type_ref).feel for p in box.parameters), result)


def made_function(logic: Logic, box: boxed.FunctionBox, body: Code, result: ItemType) -> Code:
    """Return the code that gives the function, which remembers the frame it was made in.

    Args:
        logic: the compiler of the model.
        box: the definition.
        body: its compiled body, whose frame ends with the arguments; not used for host functions.
        result: type of what it gives.
    """
    names = tuple(p.name for p in box.parameters)
    kinds = [logic.types.of(p.type_ref) for p in box.parameters]
    kind = function_kind(logic, box, result.feel)
    host = None if box.kind == "FEEL" else _host(logic, box)
    if box.kind != "FEEL" and host is None:
        return lambda frame, b: None  # noqa: ARG005 - reported above

    def make(frame: Frame, b: Budget) -> Any:  # noqa: ARG001 - one signature for all code
        around = tuple(frame)  # the frame of a context grows on

        def call(budget: Budget, *arguments: Any) -> Any:
            given = [k.coerced(a, budget) for k, a in zip(kinds, arguments, strict=True)]
            if any(g is None and a is not None for g, a in zip(given, arguments, strict=True)):
                return None  # an argument is not of its type
            if host is not None:
                return result.coerced(host_value(host, given), budget)
            return result.coerced(called(body, [*around, *given], budget), budget)

        return FunctionValue(names, call, kind)

    return make


def called(body: Code, frame: Frame, b: Budget) -> Any:
    """Return what a body gives, counted against the depth of calls.

    Raises:
        BudgetExceeded: functions call each other too deeply.
    """
    b.enter()
    try:
        return body(frame, b)
    except RecursionError:
        raise BudgetExceeded("functions call each other too deeply") from None
    finally:
        b.leave()


def host_value(host: Callable[..., Any], arguments: list[Any]) -> Any:
    """Return what a function of the host gives, as a FEEL value.

    Raises:
        HostError: the function raised something.
    """
    try:
        return normalized(host(*arguments))
    except Exception as err:
        name = getattr(host, "__name__", "function")
        raise HostError(f'function "{name}" of the host failed: {err}') from err


def _host(logic: Logic, box: boxed.FunctionBox) -> Callable[..., Any] | None:
    name = external_name(box)
    for known in (name, logic.problems.within):
        if known in logic.hosts:
            return logic.hosts[known]
    message = f"{box.kind} functions are not called"
    hint = f'give a Python function: dmn.load(..., functions={{"{name}": ...}})'
    logic.problems.report(UNSUPPORTED, message, box.at, hint)
    return None


def external_functions(node: tree.Node) -> Iterator[int]:
    """Yield where function definitions of a tree begin whose body is said to be external."""
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, tree.FunctionLiteral) and current.body is None:
            yield current.start
        stack.extend(current.parts())


def external_name(box: boxed.FunctionBox) -> str:
    """Return ``class.method`` of a Java function, or what a PMML one names in the same way."""
    texts: dict[str, str] = {}
    if isinstance(box.body, boxed.ContextBox):
        for entry in box.body.entries:
            if entry.variable is not None and isinstance(entry.value, boxed.LiteralBox):
                texts[entry.variable.name] = entry.value.body.text.strip().strip('"')
    first = texts.get("class") or texts.get("document", "")
    method = texts.get("method signature") or texts.get("model", "")
    return re.sub(r"\(.*", "", f"{first}.{method}").strip(".")
