"""Values of scenarios beside values of cases."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from casewright import feel
from casewright.case import Effect
from casewright.temporal import parse_duration
from casewright.testing.compare import differences, is_same, names_of
from casewright.testing.happened import Item, items_of, missing_and_unexpected

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)


def as_written(value: Any) -> Any:
    return value


def found(expected: Any, came: Any) -> list[tuple[str, Any, Any]]:
    return list(differences("x", expected, came, as_written))


@pytest.mark.parametrize(
    ("text", "came"),
    [
        ("2026-03-02T13:00:00+01:00", NOON),
        ("2026-03-02", dt.date(2026, 3, 2)),
        ("8 business hours", parse_duration("8 business hours")),
        ("14 days", parse_duration("14 days")),
        ("90 minutes", dt.timedelta(minutes=90)),
        ("PT90M", dt.timedelta(minutes=90)),
        ("P1Y2M", feel.evaluate('duration("P14M")', {})),
        ("12.50", Decimal("12.5")),
        ("3", 3),
    ],
)
def test_a_text_stands_for_the_typed_value_beside_it(text: str, came: Any) -> None:
    assert is_same(text, came)


@pytest.mark.parametrize(
    ("expected", "came"),
    [
        ("2 business days", parse_duration("2 days")),
        ("8 hours", parse_duration("8 business hours")),
        (1, True),
        (0, False),
        (None, False),
        ("", None),
        ("nonsense", NOON),
        ("nonsense", 3),
    ],
)
def test_unlike_values_are_never_the_same(expected: Any, came: Any) -> None:
    assert not is_same(expected, came)


def test_maps_are_partial_and_name_only_what_differs() -> None:
    came = {"status": "paused", "breached": False, "due": None}
    assert found({"status": "in_progress", "breached": False}, came) == [
        ("x.status", "in_progress", "paused")
    ]


def test_lists_are_complete() -> None:
    assert found(["a"], ["a", "b"]) == [("x", ["a"], ["a", "b"])]
    assert found([{"name": "a"}], [{"name": "a", "uri": "u"}]) == []


def test_a_map_beside_nothing_is_one_difference() -> None:
    assert found({"status": "paused"}, None) == [("x", {"status": "paused"}, None)]


def test_literals_are_translated_before_they_are_compared() -> None:
    names = {"parent": "id-1"}
    pairs = list(differences("x", "parent", "id-1", lambda v: names.get(v, v)))
    assert pairs == []


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (None, []),
        ("opened", [("opened", None)]),
        (["opened", {"closed": 2}], [("opened", None), ("closed", 2)]),
        ({"opened": ["ana"]}, [("opened", ["ana"])]),
    ],
)
def test_what_happened_may_be_written_in_three_ways(
    written: Any, names: list[tuple[str, Any]]
) -> None:
    assert names_of(written) == names


def test_what_happened_is_no_number() -> None:
    with pytest.raises(ValueError, match="3 is neither a name, a list nor a map"):
        names_of(3)


MAILS = [Item("desk.opened", ("ana", "bo")), Item("desk.opened", ("ana",)), Item("desk.closed")]


@pytest.mark.parametrize(
    "expected",
    [
        ["opened", "closed"],
        {"opened": 2, "desk.closed": 1},
        {"opened": ["bo", "ana"], "closed": []},
    ],
)
def test_a_complete_list_of_what_happened_has_no_difference(expected: Any) -> None:
    assert list(missing_and_unexpected("notified", expected, MAILS)) == []


def test_what_is_not_named_is_a_difference() -> None:
    pairs = list(missing_and_unexpected("notified", ["closed"], MAILS))
    assert pairs == [("notified.desk.opened", "nothing", "desk.opened to ana, bo")]


@pytest.mark.parametrize(
    ("expected", "pair"),
    [
        ({"opened": 1, "closed": 1}, ("notified.opened", "1", "2")),
        ({"opened": ["ana"], "closed": 1}, ("notified.opened", "[ana]", "[ana, bo]")),
        (["opened", "closed", "lost"], ("notified.lost", "at least one", "none")),
        ({"opened": 2, "closed": 1, "lost": ["x"]}, ("notified.lost", "[x]", "none")),
    ],
)
def test_numbers_and_receivers_are_exact(expected: Any, pair: tuple[str, str, str]) -> None:
    assert list(missing_and_unexpected("notified", expected, MAILS)) == [pair]


def test_effects_of_other_kinds_are_left_out() -> None:
    effects = [
        Effect("c/1/0", "notification", "opened", ("ana",)),
        Effect("c/1/1", "send", "opened", ("c2",)),
    ]
    assert items_of(effects, "notification") == [Item("opened", ("ana",))]
