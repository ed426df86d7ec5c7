"""A document is mended by the cures that are sure, wholly or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from casewright.spec.repairs import Repairs
from casewright.spec.source import load_text

if TYPE_CHECKING:
    from casewright.spec.nodes import Node


def root_of(text: str) -> Node:
    return load_text(text).documents[0].root


def test_a_key_is_renamed_in_its_place() -> None:
    root, repairs = root_of("{a: 1, b: 2, c: 3}"), Repairs()
    repairs.rename(root, "b", "x")
    assert repairs.apply(root)
    assert list(root.plain().items()) == [("a", 1), ("x", 2), ("c", 3)]


def test_a_key_whose_right_name_is_taken_is_removed() -> None:
    root, repairs = root_of("{a: 1, b: 2}"), Repairs()
    repairs.rename(root, "b", "a")
    assert repairs.apply(root)
    assert root.plain() == {"a": 1}


@pytest.mark.parametrize(
    ("text", "wanted", "value"),
    [
        ("a: 1.10", ["string"], "1.10"),
        ("a: yes", ["boolean"], True),
        ("a: Off", ["boolean"], False),
        ("a: '7'", ["integer"], 7),
        ("a: x", ["array"], ["x"]),
        ("a: {b: 1}", ["array"], [{"b": 1}]),
        ("a: ", ["object"], {}),
        ("a: ", ["array"], []),
    ],
)
def test_a_value_is_made_what_is_wanted(text: str, wanted: list[str], value: Any) -> None:
    root, repairs = root_of(text), Repairs()
    repairs.retype(root, "a", root.entries["a"], wanted)
    assert repairs.apply(root)
    assert root.plain() == {"a": value}


def test_a_key_without_a_value_is_removed() -> None:
    root, repairs = root_of("{a: , b: 1}"), Repairs()
    repairs.retype(root, "a", root.entries["a"], ["string"])
    assert repairs.apply(root)
    assert root.plain() == {"b": 1}


@pytest.mark.parametrize("text", ["a: [1]", "a: {b: 1}"])
def test_without_a_sure_cure_nothing_is_mended(text: str) -> None:
    root, repairs = root_of(text), Repairs()
    before = root.plain()
    repairs.rename(root, "a", "b")
    repairs.retype(root, "a", root.entries["a"], ["string"])
    assert not repairs.apply(root)
    assert root.plain() == before


def test_where_nothing_is_wrong_nothing_is_mended() -> None:
    assert not Repairs().apply(root_of("a: 1"))
