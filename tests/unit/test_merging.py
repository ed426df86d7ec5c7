"""There is one way of merging: maps by key in place, the rest replaced, null removes."""

from __future__ import annotations

from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.spec.merging import extended, merged
from casewright.spec.nodes import Node, Position, Source

SOURCE = Source("f", "")
HERE = Position(0, 0)


def many(*values: Any) -> Node:
    return Node(SOURCE, HERE, HERE, None, "flow", elements=[node(value) for value in values])


def node(value: Any) -> Node:
    if isinstance(value, Node):
        return value
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value)
        children = {key: node(item) for key, item in entries.items()}
        keys = {key: node(key) for key in entries}
        return Node(SOURCE, HERE, HERE, None, "flow", children, keys)
    return Node(SOURCE, HERE, HERE, value)


def test_a_known_key_keeps_its_place_and_new_ones_follow() -> None:
    result = merged(node({"a": 1, "b": {"x": 1, "y": 2}}), node({"c": 3, "b": {"x": 9}, "a": 0}))
    assert result.root.plain() == {"a": 0, "b": {"x": 9, "y": 2}, "c": 3}
    assert list(result.root.plain()) == ["a", "b", "c"]


def test_lists_are_replaced_whole() -> None:
    assert merged(node({"a": many(1, 2)}), node({"a": many(3)})).root.plain() == {"a": [3]}


def test_null_removes_and_is_told_where_there_is_nothing() -> None:
    result = merged(node({"a": {"b": 1}}), node({"a": {"b": None, "c": None}, "d": None}))
    assert result.root.plain() == {"a": {}}
    assert [removal.pointer for removal in result.removals] == ["/a/c", "/d"]


def test_null_in_what_is_new_stays_null() -> None:
    assert merged(node({}), node({"a": {"default": None}})).root.plain() == {"a": {"default": None}}


def test_removals_may_be_kept_for_what_is_extended() -> None:
    result = merged(node({"a": None, "b": 1}), node({"a": None, "c": None}), keeps_removals=True)
    assert result.root.plain() == {"a": None, "b": 1, "c": None}
    assert result.removals == ()


def test_the_head_is_not_inherited() -> None:
    base = node({"kind": "x", "title": "Base", "description": "d", "tags": many(), "a": 1})
    assert extended(base, node({"kind": "x", "name": "n"})).root.plain() == {
        "kind": "x",
        "a": 1,
        "name": "n",
    }


_MAPS = st.recursive(
    st.integers(0, 3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
).filter(lambda value: isinstance(value, dict))


def by_hand(base: Any, patch: Any) -> Any:
    if not (isinstance(base, dict) and isinstance(patch, dict)):
        return patch
    left = cast("dict[str, Any]", base)
    right = cast("dict[str, Any]", patch)
    found = {key: by_hand(left[key], right[key]) if key in right else left[key] for key in left}
    return {**found, **{key: right[key] for key in right if key not in left}}


@settings(max_examples=100, deadline=None)
@given(_MAPS, _MAPS)
def test_merging_is_as_by_hand_and_changes_neither(base: Any, patch: Any) -> None:
    first, second = node(base), node(patch)
    assert merged(first, second).root.plain() == by_hand(base, patch)
    assert (first.plain(), second.plain()) == (base, patch)


@settings(max_examples=50, deadline=None)
@given(_MAPS)
def test_merging_nothing_changes_nothing(base: Any) -> None:
    assert merged(node(base), node({})).root.plain() == base
    assert merged(node({}), node(base)).root.plain() == base
