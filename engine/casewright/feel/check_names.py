"""The part of the checker that knows the scope: names, paths and what they read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from casewright.feel import tree
from casewright.feel.builtins import BUILTINS
from casewright.feel.frames import Frame, Local, member_of
from casewright.feel.plan import Path, Plan
from casewright.feel.problems import (
    RECORD_SET,
    UNKNOWN_NAME,
    UNKNOWN_PROPERTY,
    Problem,
    suggestion,
)
from casewright.feel.properties import parts_of
from casewright.feel.scope import Scope
from casewright.feel.types import (
    ANY,
    NULL,
    ContextType,
    FunctionType,
    ListType,
    Member,
    RangeType,
    RecordSetType,
    ReferenceType,
    Type,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class NameChecker:
    """The state of a check, and the meaning of names.

    Attributes:
        plan: what was found out so far.
    """

    def __init__(self, scope: Scope | None, input_type: Type | None = None) -> None:
        self.plan = Plan()
        self._scope = scope or Scope(strict=False)
        self._free = scope is None
        self._strict = self._scope.strict and scope is not None
        self._frame = Frame()
        if input_type is not None:
            self._frame = Frame({"?": Local("x", input_type, None)})
        self._count = 0
        self._filtered_nodes: set[tree.Node] = set()
        self._paths: dict[tree.Node, Path] = {}

    def check(self, node: tree.Node) -> Type:
        """Return the type of a node after noting it, and those of its parts, in ``plan``."""
        found = self._VISITS[type(node)](self, node)
        self.plan.types[node] = found
        if isinstance(found, RecordSetType) and node not in self._filtered_nodes:
            indexed = ", ".join(sorted(found.indexed)) or "none"
            self._report(
                RECORD_SET,
                node,
                f"the records of {found} need a filter with = or in on an indexed field",
                f"indexed: {indexed}",
            )
        return found

    def _report(self, code: str, node: tree.Node, message: str, hint: str = "") -> None:
        if self._strict:
            self.plan.problems.append(Problem(code, message, node.start, node.end, hint))

    def _local(self, kind_: Type, path: Path | None = None) -> Local:
        self._count += 1
        return Local(f"_v{self._count}", kind_, path)

    def _within(self, frame: Frame, node: tree.Node) -> Type:
        outer, self._frame = self._frame, frame
        found = self.check(node)
        self._frame = outer
        return found

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
                if local is frame.item and frame.is_open:
                    open_items.append(local)  # the element may have an entry called item
                return self._inside(node.name, open_items, local.source, local.type, local.path)
            if frame.item is not None:
                member = member_of(frame.item.type, node.name)
                if member is not None:
                    source = self._member_source(frame.item, node.name, member)
                    path = (*(frame.item.path or ()), node.name)
                    return self._inside(node.name, open_items, source, member.type, path)
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

    _VISITS: ClassVar[Mapping[type[tree.Node], Callable[[Any, Any], Type]]] = {
        tree.Name: _name,
        tree.Path: _path,
    }
