"""The checker: gives each node of a tree its type and each name its meaning.

All mistakes of a text are reported, not the first only. Where nothing is known about a value its
type is ``ANY`` and the mistakes of types that the standard answers with null stay possible at run
time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from casewright.feel import tree
from casewright.feel.builtins import BUILTINS, result_type
from casewright.feel.frames import Frame, Local, member_of
from casewright.feel.operands import arithmetic_result, can_compare
from casewright.feel.problems import (
    ARGUMENTS,
    BAD_LITERAL,
    RECORD_SET,
    UNKNOWN_FUNCTION,
    UNKNOWN_NAME,
    UNKNOWN_PROPERTY,
    UNLIKE_TYPES,
    Problem,
    suggestion,
)
from casewright.feel.properties import parts_of
from casewright.feel.scope import Function, Name, Parameter, Scope
from casewright.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    NULL,
    NUMBER,
    ContextType,
    FunctionType,
    ListType,
    Member,
    RangeType,
    RecordSetType,
    ReferenceType,
    Type,
    accepts,
    kind,
    plain,
    unify,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casewright.feel.builtins.registry import Signature

Path = tuple[str, ...]


class _NotLiteral:
    """Stands in :class:`Call` for an argument that is no literal."""

    def __repr__(self) -> str:
        return "..."


NOT_LITERAL = _NotLiteral()


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A call that an expression makes.

    Attributes:
        name: of the function.
        arguments: values of the literal arguments in order of the parameters; ``NOT_LITERAL`` for
            others, and for those left out.
        start: offset of the call.
        end: offset behind it.
        builtin: whether it is a function of the language, not of the scope.
    """

    name: str
    arguments: tuple[object, ...]
    start: int
    end: int
    builtin: bool


class CallPlan(msgspec.Struct, eq=False):
    """How a call is carried out: by the scope, by a built-in, or of a function value."""

    function: Function | None = None
    arguments: tuple[tree.Node | None, ...] = ()
    signatures: tuple[Signature, ...] = ()
    orders: tuple[tuple[int | None, ...], ...] = ()


class Selection(msgspec.Struct, eq=False):
    """The indexed property by which a filter selects records, and the values it takes."""

    field: str
    values: tree.Node
    many: bool


class Plan:
    """What the checker found out about a tree."""

    def __init__(self) -> None:
        self.types: dict[tree.Node, Type] = {}
        self.sources: dict[tree.Node, str] = {}
        self.locals: dict[tree.Node, tuple[str, ...]] = {}
        self.calls: dict[tree.Node, CallPlan] = {}
        self.selections: dict[tree.Node, Selection] = {}
        self.indexes: set[tree.Node] = set()
        self.made: list[FunctionCall] = []
        self.reads: Counter[Path] = Counter()
        self.problems: list[Problem] = []


class Checker:
    """Checks one tree against one scope; without a scope every name is read from the context."""

    def __init__(self, scope: Scope | None, input_type: Type | None = None) -> None:
        self.plan = Plan()
        self._scope = scope or Scope(strict=False)
        self._free = scope is None
        self._strict = self._scope.strict and scope is not None
        self._frame = Frame()
        if input_type is not None:
            self._frame = Frame({"?": Local("x", input_type, None)})
        self._count = 0
        self._paths: dict[tree.Node, Path] = {}
        self._visits: dict[type[tree.Node], Callable[[Any], Type]] = {
            tree.Literal: self._literal,
            tree.Name: self._name,
            tree.Path: self._path,
            tree.Filter: self._filter,
            tree.Call: self._call,
            tree.Negation: self._negation,
            tree.Arithmetic: self._arithmetic,
            tree.Comparison: self._comparison,
            tree.Junction: self._junction,
            tree.Between: self._between,
            tree.Membership: self._membership,
            tree.Tests: self._cell,
            tree.UnaryTest: self._stray_test,
            tree.InstanceOf: self._instance_of,
            tree.If: self._if,
            tree.For: self._for,
            tree.Quantified: self._quantified,
            tree.ListLiteral: self._list,
            tree.ContextLiteral: self._context,
            tree.RangeLiteral: self._range,
            tree.FunctionLiteral: self._function,
        }

    def check(self, node: tree.Node) -> Type:
        """Return the type of a node after noting it, and those of its parts, in ``plan``."""
        found = self._visits[type(node)](node)
        self.plan.types[node] = found
        return found

    def _report(self, code: str, node: tree.Node, message: str, hint: str = "") -> None:
        if self._strict:
            self.plan.problems.append(Problem(code, message, node.start, node.end, hint))

    def _local(self, kind_: Type, path: Path | None = None) -> Local:
        self._count += 1
        return Local(f"_v{self._count}", kind_, path)

    # -- names and paths -----------------------------------------------------------------------

    def _literal(self, node: tree.Literal) -> Type:
        if node.note:
            self._report(BAD_LITERAL, node, node.note)
        return kind(node.value)

    def _name(self, node: tree.Name) -> Type:
        source, found, path = self._resolve(node)
        self.plan.sources[node] = source
        if path:
            self._read(node, path)
        return found

    def _read(self, node: tree.Node, path: Path, instead: Path = ()) -> None:
        if instead:
            self.plan.reads[instead] -= 1
        self._paths[node] = path
        self.plan.reads[path] += 1

    def _resolve(self, node: tree.Name) -> tuple[str, Type, Path | None]:
        open_items: list[Local] = []
        frame: Frame | None = self._frame
        while frame is not None:
            if node.name in frame.names:
                local = frame.names[node.name]
                return self._inside(node.name, open_items, local.source, local.type, local.path)
            if frame.item is not None:
                member = member_of(frame.item.type, node.name)
                if member is not None:
                    source = self._member_source(frame.item, node.name, member)
                    return source, member.type, (*(frame.item.path or ()), node.name)
                if frame.is_open:
                    open_items.append(frame.item)
            frame = frame.outer
        return self._outside(node, open_items)

    def _member_source(self, item: Local, name: str, member: Member) -> str:
        if isinstance(item.type, ReferenceType):
            record = f"_t{item.py}"
            read = (member.read or "{}.get(" + repr(name) + ")").format(record)
            return f"(None if ({record} := {item.type.follow.format(item.py)}) is None else {read})"
        read = (member.read or "{}.get(" + repr(name) + ")").format(item.py)
        return f"(None if {item.py} is None else {read})"

    def _outside(self, node: tree.Name, open_items: list[Local]) -> tuple[str, Type, Path | None]:
        name = self._scope.names.get(node.name)
        if name is not None:
            path = name.path or (node.name,)
            return self._inside(node.name, open_items, name.read, name.type, path)
        if node.name in BUILTINS:
            source = f"_f_builtin({node.name!r})"
            return self._inside(node.name, open_items, source, FunctionType(), None)
        if self._free:
            source = f"s.get({node.name!r})"
            return self._inside(node.name, open_items, source, ANY, (node.name,))
        if not open_items:
            self._unknown(node)
        return self._inside(node.name, open_items, "None", NULL, None)

    def _inside(
        self, name: str, items: list[Local], source: str, kind_: Type, path: Path | None
    ) -> tuple[str, Type, Path | None]:
        for item in reversed(items):
            source = f"_f_item({item.py}, {name!r}, lambda: {source})"
        return source, ANY if items else kind_, path

    def _unknown(self, node: tree.Name) -> None:
        known = [*self._scope.names, *self._frame.visible()]
        hint = suggestion(node.name, known)
        if not hint and node.name in self._scope.functions:
            hint = f"{node.name} is a function, call it: {node.name}(...)"
        elif not hint:
            hint = f'is the text "{node.name}" meant? put it in double quotes'
        self._report(UNKNOWN_NAME, node, f'unknown name "{node.name}"', hint)

    def _path(self, node: tree.Path) -> Type:
        base = self.check(node.base)
        before = self._paths.get(node.base)
        if before is not None:
            self._read(node, (*before, node.name), before)
        return self._property(node, base)

    def _property(self, node: tree.Path, base: Type) -> Type:
        member = member_of(base, node.name)
        if member is not None:
            return member.type
        if isinstance(base, ListType):
            inner = self._property(node, base.item)
            return ListType(inner)
        if isinstance(base, ContextType) and not base.closed:
            return ANY
        known = self._known_properties(base)
        if known is None:
            return ANY
        if node.name in known:
            return known[node.name]
        hint = suggestion(node.name, known) or (
            f"it has {', '.join(sorted(known))}" if 0 < len(known) <= 12 else ""
        )
        self._report(UNKNOWN_PROPERTY, node, f'unknown property "{node.name}" of a {base}', hint)
        return NULL

    def _known_properties(self, base: Type) -> Mapping[str, Type] | None:
        if isinstance(base, ContextType):
            return {name: m.type for name, m in base.members.items()}
        if isinstance(base, ReferenceType):
            return {name: m.type for name, m in base.members().items()}
        if isinstance(base, RangeType):
            ends = {"start": base.item, "end": base.item}
            return {n: ends.get(n, t) for n, (t, _) in (parts_of(base) or {}).items()}
        if base is ANY or base is NULL:
            return None
        return {name: part[0] for name, part in (parts_of(base) or {}).items()}

    # -- filters -------------------------------------------------------------------------------

    def _filter(self, node: tree.Filter) -> Type:
        base = self.check(node.base)
        path = self._paths.get(node.base)
        if path is not None:
            self._paths[node] = path
        item = base.item if isinstance(base, (ListType, RecordSetType)) else base
        local = self._local(item, path)
        if isinstance(base, RecordSetType):
            self._select(node, base, local)
        condition = self._within(Frame.of_item(local, self._frame), node.condition)
        self.plan.locals[node] = (local.py,)
        return self._filtered(node, base, item, condition)

    def _filtered(self, node: tree.Filter, base: Type, item: Type, condition: Type) -> Type:
        if condition is NUMBER:
            self.plan.indexes.add(node)
            return item
        if condition is BOOLEAN:
            return ListType(item) if base is not ANY else ListType(ANY)
        if condition is not ANY and condition is not NULL:
            self._report(
                UNLIKE_TYPES,
                node.condition,
                f"a filter needs a condition or a position, this is a {condition}",
            )
        return ANY

    def _within(self, frame: Frame, node: tree.Node) -> Type:
        outer, self._frame = self._frame, frame
        found = self.check(node)
        self._frame = outer
        return found

    def _select(self, node: tree.Filter, base: RecordSetType, local: Local) -> None:
        condition = node.condition
        parts = (
            condition.items
            if isinstance(condition, tree.Junction) and condition.op == "and"
            else (condition,)
        )
        for part in parts:
            found = self._selection(part, base, local)
            if found is not None:
                self.plan.selections[node] = found
                return
        fields = ", ".join(sorted(base.indexed)) or "none"
        self._report(
            RECORD_SET,
            node.condition,
            f"the records of {base} need a filter with = or in on an indexed field",
            f"indexed: {fields}",
        )

    def _selection(self, part: tree.Node, base: RecordSetType, local: Local) -> Selection | None:
        if isinstance(part, tree.Comparison) and part.op == "=":
            for own, other in ((part.left, part.right), (part.right, part.left)):
                if self._is_indexed(own, base) and not self._uses_item(other, local):
                    assert isinstance(own, tree.Name)
                    return Selection(own.name, other, many=False)
        if isinstance(part, tree.Membership) and self._is_indexed(part.value, base):
            assert isinstance(part.value, tree.Name)
            values = _value_list(part.tests)
            if values is not None and not self._uses_item(values, local):
                return Selection(part.value.name, values, many=True)
        return None

    def _is_indexed(self, node: tree.Node, base: RecordSetType) -> bool:
        return isinstance(node, tree.Name) and node.name in base.indexed

    def _uses_item(self, node: tree.Node, local: Local) -> bool:
        """Return whether an expression needs the element; if not, check it outside the filter."""
        names = [node] if isinstance(node, tree.Name) else []
        stack = list(node.parts())
        while stack:
            part = stack.pop()
            stack.extend(part.parts())
            if isinstance(part, tree.Name):
                names.append(part)
        if any(n.name == "item" or member_of(local.type, n.name) for n in names):
            return True
        self.check(node)
        return False

    # -- calls ---------------------------------------------------------------------------------

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
            if chosen is None and parameter.from_scope:
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
        if not plans:
            self._report(ARGUMENTS, node, *_misfit(name, signatures, node))
            return NULL
        chosen = [(s, o) for s, o in plans if s.accepts(_ordered(found, o, s))]
        if not chosen:
            self._report(ARGUMENTS, node, *_unlike(name, [s for s, _ in plans], found))
            return NULL
        results = [result_type(s, _ordered(found, o, s)) for s, o in chosen]
        return unify(results)

    def _made(
        self, node: tree.Call, name: str, arguments: tuple[tree.Node | None, ...], *, builtin: bool
    ) -> None:
        values = tuple(a.value if isinstance(a, tree.Literal) else NOT_LITERAL for a in arguments)
        self.plan.made.append(FunctionCall(name, values, node.start, node.end, builtin))

    # -- operators -----------------------------------------------------------------------------

    def _negation(self, node: tree.Negation) -> Type:
        found = self.check(node.operand)
        if found is ANY or found is NULL:
            return ANY
        if arithmetic_result("-", found, found) is None or found.name in ("date", "time"):
            self._report(UNLIKE_TYPES, node, f"a {found} cannot be negated")
            return NULL
        return found

    def _arithmetic(self, node: tree.Arithmetic) -> Type:
        left, right = self.check(node.left), self.check(node.right)
        found = arithmetic_result(node.op, left, right)
        if found is None:
            hint = (
                "use string(...)" if node.op == "+" and "string" in (left.name, right.name) else ""
            )
            self._report(
                UNLIKE_TYPES, node, f"{node.op} does not work on a {left} and a {right}", hint
            )
            return NULL
        return found

    def _comparison(self, node: tree.Comparison) -> Type:
        left, right = self.check(node.left), self.check(node.right)
        self._compare(node, node.op, left, right)
        return BOOLEAN

    def _compare(self, node: tree.Node, op: str, left: Type, right: Type) -> None:
        if can_compare(op, left, right):
            return
        hint = ""
        if {left.name, right.name} == {"date", "date and time"}:
            hint = "compare date(x) with the date"
        elif isinstance(right, ListType):
            hint = "for one of several values write x in (...)"
        if left == right:
            message = f"{op} does not work on values of type {left}"
        else:
            message = f"{op} compares a {left} with a {right}"
        self._report(UNLIKE_TYPES, node, message, hint)

    def _truth(self, node: tree.Node, where: str) -> None:
        found = self.check(node)
        if found not in (BOOLEAN, ANY, NULL):
            hint = f"write {where} x != null" if where == "if" else "compare it with something"
            self._report(UNLIKE_TYPES, node, f"{where} needs a condition, this is a {found}", hint)

    def _junction(self, node: tree.Junction) -> Type:
        for item in node.items:
            self._truth(item, node.op)
        return BOOLEAN

    def _between(self, node: tree.Between) -> Type:
        value = self.check(node.value)
        for end in (node.low, node.high):
            self._compare(node, "<=", value, self.check(end))
        return BOOLEAN

    def _membership(self, node: tree.Membership) -> Type:
        value = self.check(node.value)
        for test in node.tests.tests:
            self._test(test, value)
        return BOOLEAN

    def _test(self, test: tree.Node, value: Type) -> None:
        if isinstance(test, tree.UnaryTest):
            self._compare(test, test.op, value, self.check(test.operand))
            self.plan.types[test] = BOOLEAN
            return
        self._matches(test, value, self.check(test))

    def _matches(self, test: tree.Node, value: Type, found: Type) -> None:
        if isinstance(found, RangeType) and not isinstance(value, RangeType):
            self._compare(test, "<=", value, found.item)
        elif isinstance(found, ListType) and not isinstance(value, ListType):
            inner = found.item.item if isinstance(found.item, RangeType) else found.item
            self._compare(test, "=", value, inner)
        elif not isinstance(found, ListType):
            self._compare(test, "=", value, found)

    def _cell(self, node: tree.Tests) -> Type:
        value = self._frame.names["?"].type
        for test in node.tests:
            if isinstance(test, tree.UnaryTest) or not uses_input(test):
                self._test(test, value)
            else:
                self._truth(test, "a test with ?")
        return BOOLEAN

    def _stray_test(self, node: tree.UnaryTest) -> Type:
        self.check(node.operand)
        return BOOLEAN

    def _instance_of(self, node: tree.InstanceOf) -> Type:
        self.check(node.value)
        return BOOLEAN

    def _if(self, node: tree.If) -> Type:
        self._truth(node.condition, "if")
        return unify([self.check(node.then), self.check(node.otherwise)])

    # -- loops and literals --------------------------------------------------------------------

    def _iterate(self, iterators: tuple[tree.Iterator, ...]) -> Frame:
        frame = self._frame
        for iterator in iterators:
            source = self._within(frame, iterator.source)
            path = self._paths.get(iterator.source)
            if iterator.last is not None:
                self._within(frame, iterator.last)
                source = ListType(source if source in (NUMBER, DATE) else ANY)
            self.plan.types[iterator] = source
            local = self._local(_element(source), path)
            self.plan.locals[iterator] = (local.py,)
            frame = Frame({iterator.name: local}, outer=frame)
        return frame

    def _for(self, node: tree.For) -> Type:
        frame = self._iterate(node.iterators)
        partial = self._local(ListType(ANY))
        self.plan.locals[node] = (partial.py,)
        snapshot = Local(partial.py, ListType(ANY), None, f"_f_snapshot(b, {partial.py})")
        body = self._within(Frame({"partial": snapshot}, outer=frame), node.body)
        return ListType(body if body is not NULL else ANY)

    def _quantified(self, node: tree.Quantified) -> Type:
        frame = self._iterate(node.iterators)
        outer, self._frame = self._frame, frame
        self._truth(node.body, "satisfies")
        self._frame = outer
        return BOOLEAN

    def _list(self, node: tree.ListLiteral) -> Type:
        found = [self.check(item) for item in node.items]
        return ListType(unify(found) if found else ANY)

    def _context(self, node: tree.ContextLiteral) -> Type:
        outer = self._frame
        members: dict[str, Member] = {}
        names: list[str] = []
        for key, item in zip(node.keys, node.items, strict=True):
            found = self.check(item)
            local = self._local(found, self._paths.get(item))
            names.append(local.py)
            members[key] = Member(found)
            self._frame = Frame({key: local}, outer=self._frame)
        self._frame = outer
        self.plan.locals[node] = tuple(names)
        return ContextType(members)

    def _range(self, node: tree.RangeLiteral) -> Type:
        found = [self.check(end) for end in node.parts()]
        if len(found) == 2:
            self._compare(node, "<=", found[0], found[1])
        return RangeType(unify([plain(f) for f in found]))

    def _function(self, node: tree.FunctionLiteral) -> Type:
        types = tuple(t or ANY for _, t in node.parameters)
        found = [self._local(t) for t in types]
        self.plan.locals[node] = tuple(local.py for local in found)
        if node.body is None:
            return FunctionType(types, ANY)
        names = {name: local for (name, _), local in zip(node.parameters, found, strict=True)}
        result = self._within(Frame(names, outer=self._frame), node.body)
        return FunctionType(types, result)


def _element(source: Type) -> Type:
    if isinstance(source, (ListType, RangeType)):
        return source.item
    return ANY if source is NULL or isinstance(source, RecordSetType) else source


def _value_list(tests: tree.Tests) -> tree.Node | None:
    """Return the node of the values that tests allow, if they are just values."""
    if any(isinstance(t, (tree.UnaryTest, tree.RangeLiteral)) for t in tests.tests):
        return None
    if len(tests.tests) == 1 and not isinstance(tests.tests[0], tree.Literal):
        return tests.tests[0]
    return tree.ListLiteral(tests.start, tests.end, tests.tests)


def uses_input(node: tree.Node) -> bool:
    """Return whether ``?`` stands somewhere in a test."""
    if isinstance(node, tree.Name) and node.name == "?":
        return True
    return any(uses_input(part) for part in node.parts())


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


__all__ = ["NOT_LITERAL", "Checker", "FunctionCall", "Name", "Plan", "uses_input"]
