"""Pointers lead to nodes; places are those that people see in an editor."""

from __future__ import annotations

import pytest

from casewright.spec.nodes import Mark, Source, find, pointer_to, steps
from casewright.spec.source import load_text


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ((), ""),
        (("a", 0, "b c"), "/a/0/b c"),
        (("a/b", "~c", ""), "/a~1b/~0c/"),
    ],
)
def test_pointers_are_those_of_rfc_6901(path: tuple[str | int, ...], pointer: str) -> None:
    assert pointer_to(path) == pointer
    assert steps(pointer) == [str(part) for part in path]


def test_a_pointer_that_leads_nowhere_ends_at_the_deepest_node() -> None:
    root = load_text("a: [x, {b: 1}]").documents[0].root
    found = find(root, "/a/1/c/d")
    assert found.node.plain() == {"b": 1}
    assert found.missing == ("c", "d")
    assert find(root, "/a/2").missing == ("2",)
    assert find(root, "/a/x").missing == ("x",)


def test_a_scalar_is_known_as_it_was_typed() -> None:
    entries = load_text("{a: 1.50, b: 'x', c: [1], d: , e: 0x1F}").documents[0].root.entries
    assert [node.text() for node in entries.values()] == ["1.50", "x", "", "", "0x1F"]
    assert [node.is_empty for node in entries.values()] == [False, False, False, True, False]


def test_nodes_are_walked_in_file_order() -> None:
    root = load_text("a: [1, {b: 2}]\nc: 3").documents[0].root
    assert [n.value for n in root.walk() if not (n.is_map or n.is_list)] == [1, 2, 3]


def test_a_place_that_ends_at_the_start_of_a_line_ends_with_the_line_before() -> None:
    source = Source("f", "a:\n  b: 1\n\nc: 2\n")
    span = source.span(Mark(1, 2, 3, 0))
    assert (span.end_line, span.end_column) == (2, 7)


def test_lines_outside_a_text_are_empty() -> None:
    source = Source("f", "a\nb")
    assert [source.line(n) for n in (0, 1, 2, 3)] == ["", "a", "b", ""]
    assert source.index(9, 9) == 3
