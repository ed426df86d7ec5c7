"""Cells of decision tables: unary tests."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from casewright import feel
from casewright.feel.types import ANY, DATE, NUMBER, STRING, Type

SCOPE = feel.Scope({"limit": feel.Name(NUMBER, "5", ("limit",))})


@pytest.mark.parametrize(
    ("cell", "kind", "value", "expected"),
    [
        ("-", NUMBER, None, True),
        ("5", NUMBER, 5, True),
        ("5", NUMBER, 6, False),
        ("> 5", NUMBER, 6, True),
        ("> 5", NUMBER, None, None),
        ("< limit", NUMBER, 4, True),
        ("[1..10)", NUMBER, 10, False),
        ("(1..10]", NUMBER, 10, True),
        ("1, 3, > 5", NUMBER, 3, True),
        ("not(1, 3)", NUMBER, 2, True),
        ("not(1, 3)", NUMBER, 3, False),
        ("not(> 5)", NUMBER, None, None),
        ('"a", "b"', STRING, "b", True),
        ('"a"', STRING, None, False),
        ("null", STRING, None, True),
        ("? > 5 and ? < 8", NUMBER, 6, True),
        ("? > 5 and ? < 8", NUMBER, 9, False),
        ('starts with(?, "ab")', STRING, "abc", True),
        ("limit", NUMBER, 5, True),
        ("limit + 1", NUMBER, 6, True),
        ("[1, 2]", NUMBER, 2, True),
        ("-5", NUMBER, -5, True),
        ('date("2026-01-01")', DATE, date(2026, 1, 1), True),
        ('[@"2026-01-01"..@"2026-02-01"]', DATE, date(2026, 1, 15), True),
        ("!= 5", NUMBER, 5, False),
        ("> 5", ANY, "a", None),
        ("not(? = 5)", NUMBER, 5, False),
    ],
)
def test_cell_passes(cell: str, kind: Type, value: Any, expected: bool | None) -> None:
    test = feel.compile_unary(cell, SCOPE, kind)
    assert test.value(None, feel.Budget(), value) is expected
    assert test.true(None, feel.Budget(), value) is (expected is True)


@pytest.mark.parametrize(
    ("cell", "kind", "code"),
    [
        ('"a"', NUMBER, "CW303"),
        ("> 5", STRING, "CW303"),
        ("[1..", NUMBER, "CW301"),
        ("", NUMBER, "CW301"),
        ("wombat", STRING, "CW302"),
    ],
)
def test_wrong_cell_is_refused(cell: str, kind: Type, code: str) -> None:
    with pytest.raises(feel.FeelError) as caught:
        feel.compile_unary(cell, SCOPE, kind)
    assert [p.code for p in caught.value.problems] == [code]


def test_cell_lists_what_it_reads() -> None:
    assert feel.compile_unary("< limit", SCOPE, NUMBER).reads == {("limit",)}
