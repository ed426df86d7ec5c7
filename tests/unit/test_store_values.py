"""FEEL values keep their types on the way through JSON."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.feel import Range, Time, YearsMonths
from casewright.store.values import plain, typed
from casewright.temporal import Duration

BERLIN = ZoneInfo("Europe/Berlin")

VALUES: list[Any] = [
    None,
    True,
    3,
    Decimal("1.50"),
    "text",
    dt.date(2026, 3, 2),
    dt.datetime(2026, 3, 2, 9, 30),  # noqa: DTZ001  a local date and time of FEEL
    dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC),
    dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=-8))),
    dt.datetime(2026, 7, 2, 9, 30, tzinfo=BERLIN),
    dt.timedelta(days=-2, seconds=5, microseconds=7),
    Duration("business", 28_800),
    Duration("days", 14),
    YearsMonths(-14),
    Time(9, 30),
    Time(9, 30, 1, 5, dt.timezone(dt.timedelta(hours=2))),
    Time(9, 30, tzinfo=BERLIN),
    Range(1, Decimal("2.5"), end_included=False),
    Range(dt.date(2026, 1, 1), None),
    [1, [dt.date(2026, 3, 2)], {"a": Decimal("0.1")}],
    {"$date": "not one", "b": {"$map": 1}},
    {},
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_value_comes_back_as_it_was(value: Any) -> None:
    back = typed(json.loads(json.dumps(plain(value))))
    assert back == value
    assert type(back) is type(value)


def test_zone_of_an_instant_comes_back() -> None:
    back = typed(plain(dt.datetime(2026, 7, 2, 9, 30, tzinfo=BERLIN)))
    assert back.tzinfo.key == "Europe/Berlin"


def test_tuple_comes_back_as_a_list() -> None:
    assert typed(plain((1, 2))) == [1, 2]


def test_what_is_no_feel_value_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="object is no FEEL value"):
        plain(object())


_atoms = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.timedeltas(),
    st.datetimes(timezones=st.just(dt.UTC)),
)
_keys = st.one_of(st.text(), st.sampled_from(["$date", "$map", "$number", "$duration"]))
_any = st.recursive(_atoms, lambda v: st.lists(v) | st.dictionaries(_keys, v), max_leaves=12)


@settings(max_examples=60, deadline=None)
@given(_any)
def test_any_value_comes_back(value: Any) -> None:
    assert typed(json.loads(json.dumps(plain(value)))) == value
