"""Mending a document by the cures that its diagnostics suggest.

A mended document is never run: its diagnostics stay. But it can be bound, so that mistakes which
only the binder sees are told in the same run and not in the next. What has no sure cure is not
mended; then nothing more is said about the document, since guesses would be told as mistakes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.spec.nodes import Node

if TYPE_CHECKING:
    from collections.abc import Callable

_TRUE = frozenset({"yes", "on", "true"})
_FALSE = frozenset({"no", "off", "false"})


class Repairs:
    """Repairs of one document, made together once all of its mistakes are told."""

    def __init__(self) -> None:
        self.steps: list[Callable[[], None]] = []
        self.is_possible = True

    def give_up(self) -> None:
        """Leave the document as it is."""
        self.is_possible = False

    def rename(self, parent: Node, old: str, new: str) -> None:
        """Give a key of a map another name; it keeps its place."""
        self.steps.append(lambda: _rename(parent, old, new))

    def remove(self, parent: Node, key: str) -> None:
        """Remove an entry of a map."""
        self.steps.append(lambda: _remove(parent, key))

    def replace(self, node: Node, value: Any) -> None:
        """Give a scalar another value."""
        self.steps.append(lambda: _replace(node, value))

    def retype(self, parent: Node | None, key: str, node: Node, wanted: list[str]) -> None:
        """Make a node one of the wanted JSON types, if its value says how.

        Args:
            parent: the map that it stands in, or None.
            key: its key there.
            node: the node.
            wanted: names of JSON types.
        """
        is_scalar = not (node.is_map or node.is_list)
        if node.is_empty:
            self._fill(parent, key, node, wanted)
        elif "string" in wanted and is_scalar:
            self.replace(node, node.text())
        elif wanted == ["array"] and not node.is_list:
            self.steps.append(lambda: _wrap(node))
        elif "boolean" in wanted and node.text().lower() in _TRUE | _FALSE:
            self.replace(node, node.text().lower() in _TRUE)
        elif {"integer", "number"} & set(wanted) and node.text().isdecimal():
            self.replace(node, int(node.text()))
        else:
            self.give_up()

    def _fill(self, parent: Node | None, key: str, node: Node, wanted: list[str]) -> None:
        if "object" in wanted:
            self.steps.append(lambda: _empty(node, is_map=True))
        elif "array" in wanted:
            self.steps.append(lambda: _empty(node, is_map=False))
        elif parent is not None and parent.is_map:
            self.remove(parent, key)
        else:
            self.give_up()

    def apply(self, root: Node) -> bool:
        """Make the repairs; return whether there was any and nothing is left as it is."""
        if not self.is_possible or not self.steps:
            return False
        for step in self.steps:
            step()
        for node in root.walk():
            node.forget()
        return True


def _rename(parent: Node, old: str, new: str) -> None:
    if parent.children is None or old not in parent.children or new in parent.children:
        _remove(parent, old)
        return
    parent.children = {new if k == old else k: node for k, node in parent.children.items()}
    parent.keys = {new if k == old else k: node for k, node in parent.keys.items()}


def _remove(parent: Node, key: str) -> None:
    if parent.children is not None:
        parent.children.pop(key, None)
        parent.keys.pop(key, None)


def _replace(node: Node, value: Any) -> None:
    node.value = value


def _empty(node: Node, *, is_map: bool) -> None:
    node.value = None
    if is_map:
        node.children, node.keys = {}, {}
    else:
        node.elements = []


def _wrap(node: Node) -> None:
    inner = Node(
        node.source, node.start, node.end, node.value, node.style, node.children, node.keys
    )
    node.value, node.children, node.keys, node.elements = None, None, {}, [inner]
