"""A plain evaluator of FEEL that walks the tree: what compiled expressions are measured against.

Written from DMN 1.5, chapter 10, for tests only; it knows nothing of types that were declared or
inferred, and shares nothing with the checker and the code generator.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from casewright.feel import tree, types
from casewright.feel.builtins import BUILTINS
from casewright.feel.values import Range
from support.feel_builtins import SIGNATURES
from support.feel_signatures import call as call_builtin
from support.feel_signatures import coerced, conforms
from support.feel_values import (
    Closure,
    Spent,
    Unsure,
    arithmetic,
    compared,
    conjunction,
    disjunction,
    is_context,
    is_list,
    name_of,
    negation,
    order,
    passes,
    property_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


class Oracle:
    """Evaluates trees over names; ``steps`` bounds how much."""

    def __init__(self, names: Mapping[str, Any], steps: int = 200_000) -> None:
        self._frames: list[tuple[str, Any]] = list(names.items())
        self._left = steps

    def value(self, node: tree.Node) -> Any:
        """Return the value of a node.

        Raises:
            Unsure: the oracle does not cover this.
            Spent: it took too many steps.
        """
        self._left -= 1
        if self._left < 0:
            raise Spent
        return _VISITS[type(node)](self, node)

    def unary(self, node: tree.Tests, given: Any) -> bool | None:
        """Return what the tests of a cell say about an input."""
        if not node.tests:
            return True
        found = disjunction([self._inside({"?": given}, t, given) for t in node.tests])
        return found if not node.negated or found is None else not found

    def _inside(self, names: Mapping[str, Any], test: tree.Node, given: Any) -> Any:
        if not _mentions_input(test):
            return self._test(test, given)
        return self._with(names, lambda: self.value(test))

    def _with(self, names: Mapping[str, Any], work: Callable[[], Any]) -> Any:
        mark = len(self._frames)
        self._frames.extend(names.items())
        try:
            return work()
        finally:
            del self._frames[mark:]

    def _name(self, node: tree.Name) -> Any:
        found = self._local(node.name)
        if found is None and node.name in BUILTINS:
            raise Unsure("a built-in as a value")
        return found

    def _local(self, wanted: str) -> Any:
        for name, value in reversed(self._frames):
            if name == "" and is_context(value) and wanted in value:
                return value[wanted]
            if name == wanted:
                return value
        return None

    def _literal(self, node: tree.Literal) -> Any:
        return node.value

    def _path(self, node: tree.Path) -> Any:
        return property_of(self.value(node.base), node.name)

    def _filter(self, node: tree.Filter) -> Any:
        base = self.value(node.base)
        items: list[Any] = [] if base is None else base if is_list(base) else [base]

        def holds(item: Any) -> Any:
            return self._with({"item": item, "": item}, lambda: self.value(node.condition))

        first = holds(items[0] if items else None)
        if name_of(first) == "number":
            place = int(first) if first == int(first) else 0
            inside = 0 < abs(place) <= len(items)
            return items[place - 1 if place > 0 else place] if inside else None
        if first is None and not isinstance(node.condition, _CONDITIONS):
            raise Unsure("a null position")  # of a declared number, null; else no element
        if items and name_of(first) not in ("null", "boolean"):
            return None
        return [item for item in items if holds(item) is True]

    def _call(self, node: tree.Call) -> Any:
        arguments = [self.value(a) for a in node.arguments]
        if isinstance(node.function, tree.Name):
            name = node.function.name
            local = self._local(name)
            if not isinstance(local, Closure):
                if name in SIGNATURES:
                    return call_builtin(name, arguments, node.names)
                raise Unsure(name)
            function: Any = local
        else:
            function = self.value(node.function)
        if not isinstance(function, Closure):
            return None
        if node.names:
            if sorted(node.names) != sorted(function.parameters):
                return None
            given = dict(zip(node.names, arguments, strict=True))
            arguments = [given[name] for name in function.parameters]
        if len(arguments) != len(function.parameters):
            return None
        return function.call(*arguments)

    def _function(self, node: tree.FunctionLiteral) -> Any:
        if node.body is None:
            return None
        body, frames = node.body, list(self._frames)

        def call(*arguments: Any) -> Any:
            outer, self._frames = self._frames, list(frames)
            try:
                values = {
                    name: given if kind is None else coerced(given, str(kind))
                    for (name, kind), given in zip(node.parameters, arguments, strict=True)
                }
                return self._with(values, lambda: self.value(body))
            finally:
                self._frames = outer

        return Closure(tuple(name for name, _ in node.parameters), call)

    def _negation(self, node: tree.Negation) -> Any:
        return negation(self.value(node.operand))

    def _arithmetic(self, node: tree.Arithmetic) -> Any:
        return arithmetic(node.op, self.value(node.left), self.value(node.right))

    def _comparison(self, node: tree.Comparison) -> Any:
        return compared(node.op, self.value(node.left), self.value(node.right))

    def _junction(self, node: tree.Junction) -> Any:
        values = [self.value(item) for item in node.items]
        return conjunction(values) if node.op == "and" else disjunction(values)

    def _between(self, node: tree.Between) -> Any:
        value, low, high = self.value(node.value), self.value(node.low), self.value(node.high)
        return conjunction([compared(">=", value, low), compared("<=", value, high)])

    def _test(self, test: tree.Node, value: Any) -> Any:
        if isinstance(test, tree.UnaryTest):
            return compared(test.op, value, self.value(test.operand))
        found = self.value(test)
        if isinstance(test, tree.RangeLiteral) and found is None:
            return None
        return passes(value, found)

    def _membership(self, node: tree.Membership) -> Any:
        value = self.value(node.value)
        return disjunction([self._test(test, value) for test in node.tests.tests])

    def _instance_of(self, node: tree.InstanceOf) -> Any:
        value = self.value(node.value)
        if value is None:
            return node.type is types.NULL
        if node.type is types.NULL:
            return False
        return conforms(value, str(node.type).replace("list<Any>", "list"))

    def _if(self, node: tree.If) -> Any:
        return self.value(node.then if self.value(node.condition) is True else node.otherwise)

    def _combinations(self, iterators: tuple[tree.Iterator, ...]) -> Iterator[bool]:
        """Bind each combination in turn; false stands for a source that is null."""
        if not iterators:
            yield True
            return
        head = iterators[0]
        source = self._steps(head)
        if source is None:
            yield False
            return
        for item in source:
            self._left -= 1
            self._frames.append((head.name, item))
            yield from self._combinations(iterators[1:])
            self._frames.pop()

    def _steps(self, iterator: tree.Iterator) -> list[Any] | None:
        source = self.value(iterator.source)
        if iterator.last is not None:
            return self._span(source, self.value(iterator.last))
        if not isinstance(source, Range):
            return source if is_list(source) or source is None else [source]
        low: Any = source.start
        high: Any = source.end
        low = low + 1 if _is_whole(low) and not source.start_included else low
        high = high - 1 if _is_whole(high) and not source.end_included else high
        return None if order(low, high) in (None, 1) else self._span(low, high)

    def _span(self, low: Any, high: Any) -> list[Any] | None:
        numbers = _is_whole(low) and _is_whole(high)
        if numbers:
            first, last = int(low), int(high)
        elif all(name_of(end) == "date" for end in (low, high)):
            first, last = low.toordinal(), high.toordinal()
        else:
            return None
        if abs(last - first) > self._left:
            raise Spent
        step = 1 if first <= last else -1
        found: list[Any] = list(range(first, last + step, step))
        return found if numbers else [date.fromordinal(day) for day in found]

    def _for(self, node: tree.For) -> Any:
        mark, results = len(self._frames), list[Any]()
        try:
            for bound in self._combinations(node.iterators):
                if not bound:
                    return None
                partial = {"partial": list(results)}
                results.append(self._with(partial, lambda: self.value(node.body)))
        finally:
            del self._frames[mark:]
        return results

    def _quantified(self, node: tree.Quantified) -> Any:
        mark, found = len(self._frames), list[Any]()
        try:
            for bound in self._combinations(node.iterators):
                found.append(self.value(node.body) if bound else None)
        finally:
            del self._frames[mark:]
        return disjunction(found) if node.op == "some" else conjunction(found)

    def _list(self, node: tree.ListLiteral) -> Any:
        return [self.value(item) for item in node.items]

    def _context(self, node: tree.ContextLiteral) -> Any:
        made: dict[str, Any] = {}
        for key, item in zip(node.keys, node.items, strict=True):
            made[key] = self._with(dict(made), lambda item=item: self.value(item))  # type: ignore[misc]  # bound at once
        return made

    def _range(self, node: tree.RangeLiteral) -> Any:
        low = None if node.low is None else self.value(node.low)
        high = None if node.high is None else self.value(node.high)
        if node.low is None or node.high is None:
            if low is None and high is None:
                return None
        elif order(low, high) is None:
            return None
        return Range(low, high, node.low_included, node.high_included, node.op)

    def _stray(self, node: tree.Node) -> Any:
        raise Unsure(type(node).__name__)

    VISITS: Mapping[type[tree.Node], Callable[..., Any]] = {
        tree.Literal: _literal,
        tree.Name: _name,
        tree.Path: _path,
        tree.Filter: _filter,
        tree.Call: _call,
        tree.Negation: _negation,
        tree.Arithmetic: _arithmetic,
        tree.Comparison: _comparison,
        tree.Junction: _junction,
        tree.Between: _between,
        tree.Membership: _membership,
        tree.InstanceOf: _instance_of,
        tree.If: _if,
        tree.For: _for,
        tree.Quantified: _quantified,
        tree.ListLiteral: _list,
        tree.ContextLiteral: _context,
        tree.RangeLiteral: _range,
        tree.FunctionLiteral: _function,
        tree.UnaryTest: _stray,
        tree.Tests: _stray,
    }


_VISITS = Oracle.VISITS
_CONDITIONS = (tree.Comparison, tree.Junction, tree.Between, tree.Membership, tree.Quantified)


def _is_whole(value: Any) -> bool:
    return name_of(value) == "number" and value == int(value)


def _mentions_input(node: tree.Node) -> bool:
    if isinstance(node, tree.Name):
        return node.name == "?"
    return any(_mentions_input(part) for part in node.parts())


def alike(found: Any, expected: Any) -> bool:
    """Return whether the engine's value is the oracle's, to the class and the last digit."""
    if isinstance(expected, Closure):
        return callable(getattr(found, "call", None))
    if is_list(expected):
        same = is_list(found) and len(found) == len(expected)
        return same and all(map(alike, found, expected))
    if is_context(expected):
        same = is_context(found) and list(found) == list(expected)
        return same and all(alike(found[k], expected[k]) for k in expected)
    if isinstance(expected, bool) or expected is None:
        return found is expected
    if isinstance(expected, int | Decimal):
        return _canonical(found) and found == expected
    if isinstance(expected, Range):
        return isinstance(found, Range) and alike(_parts(found), _parts(expected))
    return type(found) is type(expected) and _exactly(found) == _exactly(expected)


def _parts(span: Range) -> list[Any]:
    low = span.start is not None and span.start_included
    return [span.start, span.end, low, span.end is not None and span.end_included]


def _canonical(found: Any) -> bool:
    if isinstance(found, bool) or not isinstance(found, int | Decimal):
        return False
    if isinstance(found, int):
        return abs(found) < 10**34
    return found.adjusted() >= 34 or found != found.to_integral_value()


def _exactly(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None), value.utcoffset()
    if isinstance(value, date | timedelta | str):
        return value
    return repr(value)
