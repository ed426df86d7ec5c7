"""Durations keep their unit, and their text reads back."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casewright.temporal import (
    Duration,
    Unit,
    dump_duration,
    from_timedelta,
    from_us,
    parse_duration,
    to_us,
)

TEXTS = {
    "90 minutes": Duration("real", 5400),
    "8 hours": Duration("real", 28800),
    "45 seconds": Duration("real", 45),
    "1.5 hours": Duration("real", 5400),
    "8 business hours": Duration("business", 28800),
    "1 business hour": Duration("business", 3600),
    "2 business days": Duration("business_days", 2),
    "14 days": Duration("days", 14),
    "2 weeks": Duration("days", 14),
    "PT8H": Duration("real", 28800),
    "PT1H30M": Duration("real", 5400),
    "P10D": Duration("days", 10),
    "P2W": Duration("days", 14),
    "-PT90M": Duration("real", -5400),
}

WRONG = {
    "8": '"8" is not a duration; write for example',
    "": '"" is not a duration',
    "P": '"P" is not a duration',
    "PT": '"PT" is not a duration',
    "8 hourz": 'unknown unit in the duration "8 hourz"; did you mean "hours"?',
    "2 business dayz": (
        'unknown unit in the duration "2 business dayz"; did you mean "business days"?'
    ),
    "P1M": '"P1M" has months or years, which have no fixed length; count days',
    "3 months": '"3 months" has no fixed length; count it in days',
    "2 business weeks": '"2 business weeks" is not a duration; count it in business days',
    "1.5 days": '"1.5 days" is not a whole number of days',
    "P1DT2H": '"P1DT2H" mixes days, which are dates, with real time; write "26 hours" or "1 day"',
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.items())
def test_text_is_read(text: str, expected: Duration) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(("text", "message"), WRONG.items())
def test_a_mistake_names_its_cure(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parse_duration(text)
    assert str(caught.value).startswith(message)


@given(
    st.sampled_from(["real", "business", "business_days", "days"]), st.integers(0, 10_000_000_000)
)
def test_text_reads_back(unit: Unit, amount: int) -> None:
    duration = Duration(unit, amount)
    assert parse_duration(dump_duration(duration)) == duration


def test_str_is_the_text_of_the_spec() -> None:
    assert str(parse_duration("8 business hours")) == "8 business hours"
    assert str(parse_duration("1 business days")) == "1 business day"


def test_like_compares_with_like() -> None:
    assert parse_duration("8 hours") < parse_duration("9 hours")
    assert parse_duration("60 minutes") == parse_duration("1 hour")
    assert parse_duration("24 hours") != parse_duration("1 day")
    with pytest.raises(TypeError, match='"1 day" compares only with a duration of its unit'):
        assert parse_duration("1 day") < parse_duration("25 hours")


def test_a_record_can_hold_one() -> None:
    duration = parse_duration("8 business hours")
    data = msgspec.json.encode(duration)
    assert msgspec.json.decode(data, type=Duration) == duration


def test_a_length_of_real_time_is_rounded_up_to_seconds() -> None:
    assert from_timedelta(timedelta(days=1, microseconds=1)) == Duration("real", 86_401)


@given(st.integers(-(10**16), 10**16))
def test_instants_go_there_and_back(instant_us: int) -> None:
    assert to_us(from_us(instant_us)) == instant_us


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="needs an offset"):
        to_us(from_us(0).replace(tzinfo=None))
