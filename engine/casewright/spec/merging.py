"""Merging documents: ``extends`` and overlays.

There is one way: maps are merged by key (a known key keeps its place, new ones follow),
everything else is replaced, and null removes. Every part of the result keeps the place that it
was read from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from casewright.spec.nodes import Node, pointer_to

if TYPE_CHECKING:
    from collections.abc import Mapping

HEAD = frozenset({"title", "description", "tags"})
"""Keys of the head, which a document never takes over from the one that it extends."""


class Removal(NamedTuple):
    """A key whose value is null, and so removes, though there is nothing to remove."""

    pointer: str
    key: Node


class Merged(NamedTuple):
    """A merged tree, and what could not be removed."""

    root: Node
    removals: tuple[Removal, ...]


def extended(base: Node, child: Node) -> Merged:
    """Return a document merged over the one that it extends; both are maps."""
    inherited = {key: node for key, node in base.entries.items() if key not in HEAD}
    trimmed = _map_like(base, inherited, {key: base.keys[key] for key in inherited})
    return merged(trimmed, child)


def merged(base: Node, patch: Node, *, keeps_removals: bool = False) -> Merged:
    """Return a map with the changes of another.

    Args:
        base: what is changed.
        patch: the changes.
        keeps_removals: a null for a key that the base does not have stays null, to remove it from
            what the base extends; else it is told.
    """
    removals: list[Removal] = []
    root = _merge(base, patch, (), removals, keeps_removals=keeps_removals)
    return Merged(root, tuple(removals))


def _merge(
    base: Node,
    patch: Node,
    path: tuple[str, ...],
    removals: list[Removal],
    *,
    keeps_removals: bool,
) -> Node:
    values = dict(base.entries)
    keys = dict(base.keys)
    for name, node in patch.entries.items():
        key = patch.keys[name]
        if name not in values:
            if node.is_empty and not keeps_removals:
                removals.append(Removal(pointer_to((*path, name)), key))
                continue
            values[name], keys[name] = node, key
        elif node.is_empty:
            if keeps_removals and values[name].is_empty:
                continue
            del values[name], keys[name]
        else:
            old = values[name]
            both_maps = old.is_map and node.is_map
            values[name] = (
                _merge(old, node, (*path, name), removals, keeps_removals=keeps_removals)
                if both_maps
                else node
            )
            keys[name] = key
    return _map_like(patch, values, keys)


def _map_like(node: Node, values: Mapping[str, Node], keys: Mapping[str, Node]) -> Node:
    return Node(node.source, node.start, node.end, None, node.style, dict(values), dict(keys))
