"""What a template reads, found in its syntax tree, and the tree that reads it from plain data.

Each path of the scope that a template mentions (``contact.name``, ``tasks[0].number``) becomes one
look-up in flat data, ``{"contact.name": ...}``; a loop over ``tasks`` reads
``{"tasks[]": [{...}]}``, whose elements hold the paths that the loop's body reads. So the step can
work the data out with FEEL and the effect carries nothing else.

What a template may hold is listed here; anything else is a mistake.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from jinja2 import TemplateSyntaxError, nodes

from casewright.templates.filters import FILTERS, OWN_TESTS, TESTS
from casewright.templates.sandbox import DATA, environment

Part = str | int
Asks = Literal["value", "truth", "count"]

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr,
    nodes.Getitem, nodes.Filter, nodes.Test, nodes.For, nodes.If, nodes.Assign, nodes.With,
    nodes.CondExpr, nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand, nodes.Concat,
    nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos,
    nodes.List, nodes.Tuple, nodes.Keyword,
)  # fmt: skip
_SAID: dict[type[nodes.Node], str] = {
    nodes.Call: "calls nothing; work the value out in FEEL with `let` or a computed field",
    nodes.Macro: "has no macros",
    nodes.CallBlock: "has no macros",
    nodes.Include: "includes no other template",
    nodes.Import: "imports no other template",
    nodes.FromImport: "imports no other template",
    nodes.Extends: "extends no other template",
    nodes.Block: "has no blocks",
}
_KEEPS_ITEMS = frozenset({"sort", "selectattr", "rejectattr", "reverse", "list"})
_BY_ATTRIBUTE = frozenset({"sort", "selectattr", "rejectattr", "map", "join", "sum"})
_COUNTS = frozenset({"length", "count"})
_ENDS = frozenset({"first", "last"})
_SUFFIX: dict[Asks, str] = {"value": "", "truth": "?", "count": "#"}
_LOOP = frozenset({"index", "index0", "first", "last", "length", "revindex", "revindex0"})


@dataclass(frozen=True, slots=True)
class Slip:
    """A mistake in a template: a code, what is wrong, the cure, and the line from 1."""

    code: str
    message: str
    line: int
    hint: str = ""


@dataclass(slots=True)
class Wanted:
    """Something that a template reads.

    Attributes:
        parts: the path, from a name of the scope or from the element of a loop; empty is the
            element itself. Numbers count list elements from 0.
        line: where it is first mentioned.
        items: what is read of each element, or None where the value itself is read.
        asks: for the value, only whether there is something, or only how much of it.
    """

    parts: tuple[Part, ...]
    line: int
    items: dict[str, Wanted] | None = None
    asks: Asks = "value"


@dataclass(slots=True)
class Reading:
    """A template that was read: the tree to compile, what it wants, and its mistakes."""

    tree: nodes.Template
    wanted: dict[str, Wanted] = field(default_factory=dict[str, Wanted])
    slips: list[Slip] = field(default_factory=list[Slip])


@lru_cache(maxsize=1_024)
def read(source: str) -> Reading:
    """Return what a template reads; its tree renders on flat data, and is to be left as it is."""
    try:
        tree = environment().parse(source)
    except TemplateSyntaxError as err:
        slip = Slip("CW821", err.message or "the template cannot be read", err.lineno)
        return Reading(nodes.Template([]), {}, [slip])
    reading = Reading(tree)
    _Reader(reading).template(tree)
    return reading


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a path begins (``base`` in the tree, ``wanted`` in the data), and its parts."""

    base: nodes.Expr
    wanted: dict[str, Wanted]
    parts: tuple[Part, ...] = ()


_LOCAL = _Origin(nodes.Const(None), {})


class _Reader:
    """One walk over a tree; every method for an expression returns the one that replaces it."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._scopes: list[dict[str, _Origin]] = [{}]
        self._branches = 0
        self._assigned = [
            node.target.name
            for node in reading.tree.find_all(nodes.Assign)
            if isinstance(node.target, nodes.Name)
        ]

    # --- statements -----------------------------------------------------------------------------

    def template(self, tree: nodes.Template) -> None:
        """Rewrite a whole tree in place."""
        tree.body = self._body(tree.body)

    def _body(self, body: list[nodes.Node]) -> list[nodes.Node]:
        return [made for node in body if (made := self._statement(node)) is not None]

    def _statement(self, node: nodes.Node) -> nodes.Node | None:
        match node:
            case nodes.Output():
                node.nodes = [self._expr(child) for child in node.nodes]
            case nodes.If():
                self._if(node)
            case nodes.For():
                self._for(node)
            case nodes.Assign():
                return self._assign(node)
            case nodes.With():
                self._with(node)
            case _:
                self._refuse(node)
                return None
        return node

    def _if(self, node: nodes.If) -> None:
        node.test = self._truth(_expression(node.test))
        self._branches += 1
        node.body = self._body(node.body)
        for branch in node.elif_:
            self._if(branch)
        node.else_ = self._body(node.else_)
        self._branches -= 1

    def _for(self, node: nodes.For) -> None:
        if node.recursive:
            self._slip("CW822", node, "a template has no recursive loops")
        items, wanted = self._list(_expression(node.iter))
        node.iter = nodes.Filter(items, "_counted", [], [], None, None, lineno=node.lineno)
        self._scopes.append({})
        branches, self._branches = self._branches, 0
        self._local(node.target)
        if isinstance(node.target, nodes.Name) and wanted is not None:
            name = node.target.name
            self._scopes[-1][name] = _Origin(nodes.Name(name, "load"), wanted)
        if node.test is not None:
            node.test = self._truth(_expression(node.test))
        self._scopes[-1]["loop"] = _LOCAL
        node.body = self._body(node.body)
        self._scopes.pop()
        self._branches = branches
        node.else_ = self._body(node.else_)

    def _local(self, target: nodes.Node) -> None:
        """Note the names that a statement makes."""
        for name in [target, *target.find_all(nodes.Name)]:
            if isinstance(name, nodes.Name):
                self._scopes[-1][name.name] = _LOCAL

    def _assign(self, node: nodes.Assign) -> nodes.Node | None:
        if not isinstance(node.target, nodes.Name):
            self._slip("CW822", node, "a template sets one name at a time")
            return None
        origin = self._path(node.node)
        is_only = self._assigned.count(node.target.name) == 1 and not self._branches
        if origin is not None and origin.parts and is_only:
            self._scopes[-1][node.target.name] = origin
            return None
        node.node = self._expr(_expression(node.node))
        self._scopes[-1][node.target.name] = _LOCAL
        return node

    def _with(self, node: nodes.With) -> None:
        node.values = [self._expr(value) for value in node.values]
        self._scopes.append({})
        for target in node.targets:
            self._local(target)
        node.body = self._body(node.body)
        self._scopes.pop()

    # --- expressions ----------------------------------------------------------------------------

    def _expr(self, node: nodes.Expr) -> nodes.Expr:
        origin = self._path(node)
        if origin is not None:
            return self._want(origin, node)
        match node:
            case nodes.Filter():
                return self._filter(node)
            case nodes.Getattr(node=nodes.Name(name="loop")) if "loop" in self._names():
                if node.attr not in _LOOP:
                    self._slip("CW823", node, f'a loop has no "{node.attr}"', _known(_LOOP))
                return node
            case nodes.Getattr():
                text = f'"{node.attr}" is read of something that the template made itself'
                self._slip("CW822", node, text, "read it of a name of the scope")
                return node
            case nodes.Concat():
                parts = nodes.List([self._expr(part) for part in node.nodes])
                return nodes.Filter(parts, "_concatenated", [], [], None, None, lineno=node.lineno)
            case nodes.Compare():
                return self._compare(node)
            case nodes.CondExpr():
                node.test = self._truth(node.test)
                node.expr1 = self._expr(node.expr1)
                node.expr2 = None if node.expr2 is None else self._expr(node.expr2)
                return node
            case _:
                return self._plain(node)

    def _plain(self, node: nodes.Expr) -> nodes.Expr:
        """Replace the parts of an expression that is nothing special."""
        if not isinstance(node, _ALLOWED):
            self._refuse(node)
            return nodes.Const(None, lineno=node.lineno)
        if isinstance(node, nodes.Test):
            self._known_test(node.name, node)
        return self._parts(node)

    def _compare(self, node: nodes.Compare) -> nodes.Expr:
        """Return a comparison that null never fulfils, as in FEEL, instead of an error."""
        whole: nodes.Expr | None = None
        left = self._expr(node.expr)
        for operand in node.ops:
            right = self._expr(operand.expr)
            pair = nodes.List([left, nodes.Const(operand.op), right])
            one = nodes.Filter(pair, "_compared", [], [], None, None, lineno=node.lineno)
            whole = one if whole is None else nodes.And(whole, one)
            left = right
        return left if whole is None else whole

    def _parts(self, node: nodes.Expr) -> nodes.Expr:
        for name, value in list(node.iter_fields()):
            if isinstance(value, list):
                setattr(node, name, [self._part(v) for v in value])  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            elif isinstance(value, nodes.Node):
                setattr(node, name, self._part(value))
        return node

    def _part(self, value: Any) -> Any:
        if isinstance(value, nodes.Operand | nodes.Keyword):
            return self._parts(value)  # type: ignore[arg-type]  # they hold expressions
        return self._expr(value) if isinstance(value, nodes.Expr) else value

    def _truth(self, node: nodes.Expr) -> nodes.Expr:
        """Replace a condition; of a bare path only whether there is something is wanted."""
        origin = self._path(node)
        if origin is not None:
            return self._want(origin, node, "truth")
        match node:
            case nodes.And() | nodes.Or():
                node.left, node.right = self._truth(node.left), self._truth(node.right)
                return node
            case nodes.Not():
                node.node = self._truth(node.node)
                return node
            case _:
                return self._expr(node)

    # --- filters --------------------------------------------------------------------------------

    def _filter(self, node: nodes.Filter) -> nodes.Expr:
        if node.name not in FILTERS or node.name.startswith("_"):
            self._slip("CW824", node, f'unknown filter "{node.name}"', _known(FILTERS))
        if node.node is None:
            self._refuse(node)
            return node
        attribute = _attribute(node)
        if node.name in _COUNTS and (origin := self._path(node.node)) is not None:
            return self._want(origin, node, "count")
        if attribute is not None or node.name in _COUNTS:
            node.node, wanted = self._list(node.node)
            self._item(attribute, wanted, node)
            if node.name in _KEEPS_ITEMS:
                cure = "end with `map(attribute=...)` or `length`, or loop over them"
                self._slip("CW825", node, "the elements have no text of their own", cure)
        else:
            node.node = self._expr(node.node)
        self._arguments(node)
        return node

    def _arguments(self, node: nodes.Filter) -> None:
        node.args = [self._expr(argument) for argument in node.args]
        for keyword in node.kwargs:
            keyword.value = self._expr(keyword.value)
        if node.name in ("selectattr", "rejectattr", "select", "reject"):
            place = 0 if node.name in ("select", "reject") else 1
            if len(node.args) > place and isinstance(test := node.args[place], nodes.Const):
                self._known_test(str(test.value), node)

    def _keeps_items(self, node: nodes.Filter) -> bool:
        """Return True if the elements of a list of records come through the filter as they are."""
        if node.name not in _KEEPS_ITEMS:
            return False
        return node.name != "sort" or _attribute(node) is not None

    def _item(
        self, attribute: str | None, wanted: dict[str, Wanted] | None, node: nodes.Filter
    ) -> None:
        if attribute is None:
            return
        if wanted is None:
            text = f'"{attribute}" is read of something that the template made itself'
            self._slip("CW822", node, text, "read it of a name of the scope")
        else:
            parts = tuple(attribute.split("."))
            wanted.setdefault(attribute, Wanted(parts, node.lineno))

    def _list(self, node: nodes.Expr) -> tuple[nodes.Expr, dict[str, Wanted] | None]:
        """Replace a list whose elements are looked into; return what is wanted of them besides."""
        origin = self._path(node)
        if origin is not None:
            key = _key(origin.parts) + "[]"
            found = origin.wanted.setdefault(key, Wanted(origin.parts, node.lineno, {}))
            return _item_of(origin.base, key, node), found.items
        if isinstance(node, nodes.Filter) and node.node is not None and self._keeps_items(node):
            items, wanted = self._list(node.node)
            node.node = items
            self._item(_attribute(node), wanted, node)
            self._arguments(node)
            return node, wanted
        return self._expr(node), None

    # --- paths ----------------------------------------------------------------------------------

    def _path(self, node: nodes.Node) -> _Origin | None:
        """Return the path that an expression is, or None if it is something else."""
        match node:
            case nodes.Name(ctx="load"):
                known = self._names().get(node.name)
                if known is _LOCAL:
                    return None
                if known is not None:
                    return known
                return _Origin(nodes.Name(DATA, "load"), self._reading.wanted, (node.name,))
            case nodes.Getattr():
                return self._longer(node.node, node.attr)
            case nodes.Getitem(arg=nodes.Const(value=str() | int() as value)):
                return self._longer(node.node, value)
            case nodes.Filter(name="first" | "last") if node.node is not None:
                return self._end(node)
            case _:
                return None

    def _longer(self, node: nodes.Expr, part: Part) -> _Origin | None:
        origin = self._path(node)
        if origin is None:
            return None
        return _Origin(origin.base, origin.wanted, (*origin.parts, part))

    def _end(self, node: nodes.Filter) -> _Origin | None:
        inner = node.node
        while (
            isinstance(inner, nodes.Filter) and inner.node is not None and self._keeps_items(inner)
        ):
            inner = inner.node
        if inner is None or self._path(inner) is None:
            return None
        items, wanted = self._list(node.node)  # type: ignore[arg-type]  # asked by the caller
        if wanted is None:
            return None
        return _Origin(nodes.Filter(items, node.name, [], [], None, None), wanted)

    def _want(self, origin: _Origin, node: nodes.Expr, asks: Asks = "value") -> nodes.Expr:
        key = _key(origin.parts) + _SUFFIX[asks]
        origin.wanted.setdefault(key, Wanted(origin.parts, node.lineno, None, asks))
        return _item_of(origin.base, key, node)

    def _names(self) -> dict[str, _Origin]:
        return {name: origin for scope in self._scopes for name, origin in scope.items()}

    # --- mistakes -------------------------------------------------------------------------------

    def _known_test(self, name: str, node: nodes.Node) -> None:
        if name not in TESTS and name not in OWN_TESTS:
            self._slip("CW824", node, f'unknown test "{name}"', _known({*TESTS, *OWN_TESTS}))

    def _refuse(self, node: nodes.Node) -> None:
        said = _SAID.get(type(node), f"has no {type(node).__name__.lower()}")
        self._slip("CW822", node, f"a template {said}")

    def _slip(self, code: str, node: nodes.Node, message: str, hint: str = "") -> None:
        self._reading.slips.append(Slip(code, message, node.lineno, hint))


def _expression(node: nodes.Node) -> nodes.Expr:
    """Return a node that the grammar makes an expression, typed as one."""
    assert isinstance(node, nodes.Expr)
    return node


def _attribute(node: nodes.Filter) -> str | None:
    """Return the attribute of the elements that a filter reads, or None."""
    if node.name not in _BY_ATTRIBUTE:
        return None
    for keyword in node.kwargs:
        if keyword.key == "attribute" and isinstance(keyword.value, nodes.Const):
            return str(keyword.value.value)
    if node.name in ("selectattr", "rejectattr") and node.args:
        first = node.args[0]
        return str(first.value) if isinstance(first, nodes.Const) else None
    return None


def _item_of(base: nodes.Expr, key: str, node: nodes.Node) -> nodes.Expr:
    return nodes.Getitem(base, nodes.Const(key), "load", lineno=node.lineno)


def _key(parts: tuple[Part, ...]) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _known(names: Any) -> str:
    return "known: " + ", ".join(sorted(name for name in names if name[:1].isalpha()))
