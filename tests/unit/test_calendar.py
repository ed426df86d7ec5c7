"""Calendars against a stepper that looks at every quarter of an hour, and the rules by example."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.temporal import Calendar, Duration, always_open, from_us, parse_duration, to_us

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

STEP = timedelta(minutes=15)
WEEKDAYS: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE = {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]}
BERLIN = ZoneInfo("Europe/Berlin")

# Zones with odd changes, each with an instant near one of them.
CHANGES = {
    "Australia/Lord_Howe": (
        datetime(2025, 4, 5, 15, tzinfo=UTC),
        datetime(2025, 10, 4, 15, tzinfo=UTC),
    ),
    "Pacific/Apia": (datetime(2011, 12, 30, 10, tzinfo=UTC), datetime(2021, 4, 3, 14, tzinfo=UTC)),
    "Europe/Berlin": (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)),
    "America/Havana": (datetime(2025, 3, 9, 5, tzinfo=UTC), datetime(2025, 11, 2, 5, tzinfo=UTC)),
    "America/Sao_Paulo": (
        datetime(2018, 11, 4, 3, tzinfo=UTC),
        datetime(2018, 2, 18, 2, tzinfo=UTC),
    ),
    "Antarctica/Troll": (
        datetime(2025, 3, 30, 1, tzinfo=UTC),
        datetime(2025, 10, 26, 1, tzinfo=UTC),
    ),
    "Asia/Kathmandu": (datetime(2025, 12, 31, 18, 15, tzinfo=UTC),),
}

Windows = dict[str, list[tuple[str, str]]]
Pauses = list[tuple[datetime, datetime]]


class Stepper:
    """The meaning of a calendar, slowly."""

    def __init__(
        self,
        zone: str,
        hours: Windows,
        holidays: Sequence[date],
        dates: dict[date, list[tuple[str, str]]],
    ) -> None:
        self.zone = ZoneInfo(zone)
        self.hours, self.holidays, self.dates = hours, holidays, dates
        self._windows: dict[date, list[tuple[datetime, datetime]]] = {}

    def windows(self, day: date) -> list[tuple[datetime, datetime]]:
        if day not in self._windows:
            self._windows[day] = self._read(day) if self.exists(day) else []
        return self._windows[day]

    def _read(self, day: date) -> list[tuple[datetime, datetime]]:
        texts = self.dates.get(day)
        if texts is None:
            texts = [] if day in self.holidays else self.hours.get(WEEKDAYS[day.weekday()], [])
        return [self.window(day, *text) for text in texts]

    def window(self, day: date, opens: str, closes: str) -> tuple[datetime, datetime]:
        midnight = datetime.combine(day, time())
        ends = [timedelta(hours=int(t[:2]), minutes=int(t[3:])) for t in (opens, closes)]
        late = timedelta(days=1) if ends[1] < ends[0] else timedelta()
        return midnight + ends[0], midnight + ends[1] + late

    def exists(self, day: date) -> bool:
        noon = datetime.combine(day, time(12), tzinfo=UTC)
        return any(self.local(noon + h * STEP * 4).date() == day for h in range(-30, 31))

    def local(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone).replace(tzinfo=None)

    def is_open(self, instant: datetime) -> bool:
        wall = self.local(instant)
        days = (wall.date(), wall.date() - timedelta(days=1))
        return any(a <= wall < b for day in days for a, b in self.windows(day))

    def counts(self, instant: datetime, pauses: Pauses) -> bool:
        return not any(a <= instant < b for a, b in pauses)


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Calendar, Stepper, datetime]:
    zone = draw(st.sampled_from(sorted(CHANGES)))
    near = draw(st.sampled_from(CHANGES[zone]))
    quarter = st.integers(0, 95).map(lambda q: f"{q // 4:02}:{q % 4 * 15:02}")
    window = st.tuples(quarter, quarter | st.just("24:00")).filter(lambda w: w[0] != w[1])
    windows = st.lists(window, max_size=3)
    hours = draw(st.dictionaries(st.sampled_from(WEEKDAYS), windows, min_size=4))
    day = st.integers(-4, 4).map(lambda d: near.date() + timedelta(days=d))
    holidays = draw(st.lists(day, max_size=2))
    dates = draw(st.dictionaries(day, windows, max_size=2))
    start = near + draw(st.integers(-200, 100)) * STEP
    return Calendar(zone, hours, holidays, dates), Stepper(zone, hours, holidays, dates), start


def pauses_near(start: datetime) -> st.SearchStrategy[Pauses]:
    pause = st.tuples(st.integers(-50, 200), st.integers(0, 60))
    return st.lists(
        pause.map(lambda p: (start + p[0] * STEP, start + (p[0] + p[1]) * STEP)), max_size=3
    )


@settings(max_examples=50, deadline=None)
@given(st.data(), calendars(), st.integers(0, 400))
def test_elapsed_is_what_a_stepper_counts(
    data: st.DataObject, case: tuple[Calendar, Stepper, datetime], steps: int
) -> None:
    calendar, stepper, start = case
    pauses = data.draw(pauses_near(start))
    instants = [start + n * STEP for n in range(steps)]
    expected = sum(stepper.counts(t, pauses) and stepper.is_open(t) for t in instants)
    assert calendar.elapsed(start, start + steps * STEP, pauses) == expected * STEP


def stepped(
    start: datetime, amount: int, counts: Callable[[datetime], bool], step: timedelta = STEP
) -> datetime | None:
    at = start
    for _ in range(1200):
        if amount <= 0:
            return at
        amount -= counts(at if step > timedelta() else at + step)
        at += step
    return at if amount <= 0 else None


@settings(max_examples=50, deadline=None)
@given(st.data(), calendars(), st.integers(0, 100))
def test_business_time_is_due_at_the_first_instant_by_which_it_is_spent(
    data: st.DataObject, case: tuple[Calendar, Stepper, datetime], amount: int
) -> None:
    calendar, stepper, start = case
    pauses = data.draw(pauses_near(start))
    target = Duration("business", amount * 900)
    expected = stepped(start, amount, lambda t: stepper.counts(t, pauses) and stepper.is_open(t))
    if expected is not None:
        assert utc(calendar.due(start, target, pauses)) == expected


@settings(max_examples=40, deadline=None)
@given(st.data(), calendars(), st.integers(0, 100))
def test_business_time_goes_back_as_a_stepper_does(
    data: st.DataObject, case: tuple[Calendar, Stepper, datetime], amount: int
) -> None:
    calendar, stepper, end = case
    pauses = [(a, b) for a, b in data.draw(pauses_near(end - 200 * STEP)) if a < b]
    target = Duration("business", amount * 900)
    expected = stepped(
        end, amount, lambda t: stepper.counts(t, pauses) and stepper.is_open(t), -STEP
    )
    if expected is not None:
        assert utc(calendar.back(end, target, pauses)) == expected


@settings(max_examples=40, deadline=None)
@given(calendars(), st.integers(0, 6))
def test_days_keep_the_wall_clock_time(case: tuple[Calendar, Stepper, datetime], days: int) -> None:
    calendar, stepper, start = case
    wall = stepper.local(start) + timedelta(days=days)
    later = (start + max(days * 96 - 120, 0) * STEP + n * STEP for n in range(400))
    expected = next(t for t in later if stepper.local(t) >= wall)
    assert utc(calendar.due(start, Duration("days", days))) == expected


@settings(max_examples=40, deadline=None)
@given(calendars(), st.integers(1, 4))
def test_business_days_are_working_dates_at_the_same_time_moved_to_the_next_open_instant(
    case: tuple[Calendar, Stepper, datetime], days: int
) -> None:
    calendar, stepper, start = case
    wall, left = stepper.local(start), days
    for _ in range(40):
        wall += timedelta(days=1)
        left -= bool(stepper.windows(wall.date()))
        if not left:
            break
    else:
        return
    at = start + ((wall - stepper.local(start)).days * 96 - 120) * STEP
    while stepper.local(at) < wall:
        at += STEP
    closing = max(b for _, b in stepper.windows(wall.date()))
    near = [at + n * STEP for n in range(-300, 300)]
    end = max(t for t in near if stepper.local(t - STEP) < closing)
    target = Duration("business_days", days)
    assert utc(calendar.due(start, target, day_mode="end_of_day")) == end
    opens = stepped(at, 1, stepper.is_open)
    if opens is not None:
        assert utc(calendar.due(start, target)) == opens - STEP


def utc(instant: datetime | None) -> datetime | None:
    """Comparing a repeated time of two zones is always unequal, so they are compared in UTC."""
    return None if instant is None else instant.astimezone(UTC)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def office(**changes: list[tuple[str, str]]) -> Calendar:
    return Calendar("Europe/Berlin", {**OFFICE, **changes}, holidays=["2026-12-25"])


RULES = {
    "closing time counts": (office(), "2026-11-02 09:00", "8 business hours", "2026-11-02 17:00"),
    "one second more is the next day": (
        office(),
        "2026-11-02 09:00:01",
        "8 business hours",
        "2026-11-03 09:00:01",
    ),
    "a start outside the hours counts from the next opening": (
        office(),
        "2026-11-01 12:00",
        "1 business hour",
        "2026-11-02 10:00",
    ),
    "several windows": (
        office(mon=[("08:00", "12:00"), ("13:00", "17:00")]),
        "2026-11-02 08:00",
        "5 business hours",
        "2026-11-02 14:00",
    ),
    "overnight": (
        office(fri=[("22:00", "06:00")]),
        "2026-11-06 22:00",
        "9 business hours",
        "2026-11-09 10:00",
    ),
    "the whole day ends at 24:00": (
        office(mon=[("00:00", "24:00")]),
        "2026-11-02 00:00",
        "25 business hours",
        "2026-11-03 10:00",
    ),
    "a holiday closes the windows that start on it": (
        office(thu=[("22:00", "06:00")]),
        "2026-12-24 22:00",
        "9 business hours",
        "2026-12-28 10:00",
    ),
    "a day without an hour is shorter": (
        Calendar("Europe/Berlin", {"sun": [("00:00", "24:00")]}),
        "2026-03-29 00:00",
        "23 business hours",
        "2026-03-30 00:00",
    ),
    "a day with an hour twice is longer": (
        Calendar("Europe/Berlin", {"sun": [("00:00", "24:00")]}),
        "2026-10-25 00:00",
        "25 business hours",
        "2026-10-26 00:00",
    ),
    "business days keep the time": (
        office(),
        "2026-11-05 10:30",
        "2 business days",
        "2026-11-09 10:30",
    ),
    "business days move to the next opening": (
        office(),
        "2026-11-05 20:00",
        "1 business day",
        "2026-11-09 09:00",
    ),
    "days are dates": (office(), "2026-10-20 10:00", "10 days", "2026-10-30 10:00"),
    "hours without a calendar are real": (
        office(),
        "2026-10-24 12:00",
        "24 hours",
        "2026-10-25 11:00",
    ),
    "a skipped time is the instant of the change": (
        office(),
        "2026-03-28 02:30",
        "1 day",
        "2026-03-29 03:00",
    ),
    "a repeated time is the first of the two": (
        office(),
        "2026-10-24 02:30",
        "1 day",
        "2026-10-25 02:30",
    ),
}


@pytest.mark.parametrize(("calendar", "start", "target", "due"), RULES.values(), ids=RULES)
def test_rule_of_time(calendar: Calendar, start: str, target: str, due: str) -> None:
    assert utc(calendar.due(berlin(start), target)) == utc(berlin(due))


END_OF_DAY: dict[str, tuple[str, list[tuple[str, str]], str]] = {
    "the closing instant of that date": ("2026-11-05 10:30", [], "2026-11-06 17:00"),
    "of that date also after closing": ("2026-11-04 20:00", [], "2026-11-05 17:00"),
    "a short pause stays in the day": (
        "2026-11-05 10:30",
        [("2026-11-05 11:00", "2026-11-05 12:00")],
        "2026-11-06 17:00",
    ),
    "a long one moves to the end of a later day": (
        "2026-11-05 10:30",
        [("2026-11-05 11:00", "2026-11-09 12:00")],
        "2026-11-10 17:00",
    ),
    "one that covers the closing ends with its day": (
        "2026-11-05 10:30",
        [("2026-11-06 12:00", "2026-11-09 12:00")],
        "2026-11-09 17:00",
    ),
}


@pytest.mark.parametrize(("start", "pauses", "due"), END_OF_DAY.values(), ids=END_OF_DAY)
def test_end_of_day(start: str, pauses: list[tuple[str, str]], due: str) -> None:
    away = [(berlin(a), berlin(b)) for a, b in pauses]
    found = office().due(berlin(start), "1 business day", away, "end_of_day")
    assert utc(found) == utc(berlin(due))


def test_days_end_with_their_date() -> None:
    found = always_open("Europe/Berlin").due(
        berlin("2026-11-05 10:30"), "2 days", day_mode="end_of_day"
    )
    assert found == berlin("2026-11-08 00:00")


def test_only_the_open_part_of_pauses_moves_a_due_time() -> None:
    away = [("2026-11-02 16:00", "2026-11-03 10:00"), ("2026-11-02 12:00", "2026-11-02 16:30")]
    pauses = [(berlin(a), berlin(b)) for a, b in away]
    due = office().due(berlin("2026-11-02 09:00"), "8 business hours", pauses)
    assert due == berlin("2026-11-03 15:00")


def test_a_pause_moves_real_time_by_all_of_it() -> None:
    pauses = [(berlin("2026-11-02 20:00"), berlin("2026-11-02 22:00"))]
    assert office().due(berlin("2026-11-02 19:00"), "3 hours", pauses) == berlin("2026-11-03 00:00")


def test_an_open_pause_of_business_days_is_added_as_open_time() -> None:
    pauses = [(berlin("2026-11-02 16:00"), berlin("2026-11-03 10:00"))]
    due = office().due(berlin("2026-11-02 10:00"), "2 business days", pauses)
    assert due == berlin("2026-11-04 12:00")


def test_business_days_due_at_an_opening_wait_for_the_end_of_a_pause() -> None:
    pauses = [(berlin("2026-11-03 18:00"), berlin("2026-11-05 10:00"))]
    due = office().due(berlin("2026-11-02 19:00"), "1 business day", pauses)
    assert due == berlin("2026-11-05 10:00")


def test_time_is_walked_backwards_in_open_hours() -> None:
    calendar = office()
    assert calendar.back(berlin("2026-11-02 10:00"), "1 business hour") == berlin(
        "2026-11-02 09:00"
    )
    assert calendar.back(berlin("2026-11-02 09:30"), "1 business hour") == berlin(
        "2026-10-30 16:30"
    )
    assert calendar.back(berlin("2026-11-02 10:00"), "1 business day") == berlin("2026-10-30 10:00")
    assert calendar.back(berlin("2026-11-02 20:00"), "1 business day") == berlin("2026-10-30 17:00")
    assert calendar.back(berlin("2026-10-26 10:00"), "1 day") == berlin("2026-10-25 10:00")
    assert calendar.back(berlin("2026-10-26 10:00"), "PT1H") == berlin("2026-10-26 09:00")


NEVER = {
    "no hours": Calendar("UTC", {}),
    "dates that are past": Calendar("UTC", {}, dates={"2020-01-01": ["09:00-17:00"]}),
    "dates that are holidays": Calendar("UTC", {}, dates={"2027-01-01": []}),
}


@pytest.mark.parametrize("calendar", NEVER.values(), ids=NEVER)
@pytest.mark.parametrize("target", ["1 business hour", "1 business day"])
def test_a_calendar_that_never_opens_gives_no_due_time(calendar: Calendar, target: str) -> None:
    assert calendar.due(berlin("2026-11-02 09:00"), target) is None


def test_what_never_opens_says_so() -> None:
    assert NEVER["no hours"].never_opens
    assert not office().never_opens
    assert (
        NEVER["no hours"].elapsed(berlin("2026-11-02 09:00"), berlin("2027-11-02 09:00"))
        == timedelta()
    )
    assert NEVER["no hours"].back(berlin("2026-11-02 09:00"), "1 business hour") is None


@pytest.mark.parametrize(
    "target",
    ["99999999999 hours", "9999999999 business hours", "9999999 days", "99999999 business days"],
)
def test_a_time_beyond_the_years_is_no_due_time(target: str) -> None:
    start = berlin("2026-11-02 09:00")
    assert office().due(start, target) is None
    assert office().due_us(to_us(start), parse_duration(target)) is None
    assert office().back(start, target) is None


def test_answers_are_in_the_zone_of_the_calendar() -> None:
    due = office().due(datetime(2026, 11, 2, 8, tzinfo=UTC), "1 business hour")
    assert due is not None
    assert due.isoformat() == "2026-11-02T10:00:00+01:00"


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        office().due(datetime(2026, 11, 2, 8), "1 hour")  # noqa: DTZ001  the claim


def test_a_timedelta_is_real_time() -> None:
    start = berlin("2026-11-06 16:30")
    assert office().due(start, timedelta(hours=2, microseconds=5)) == start + timedelta(
        hours=2, microseconds=5
    )
    assert office().back(start, timedelta(hours=2)) == start - timedelta(hours=2)


def test_equal_hours_make_equal_calendars() -> None:
    texts = Calendar(
        "Europe/Berlin", {day: ["09:00-17:00"] for day in WEEKDAYS[:5]}, [date(2026, 12, 25)]
    )
    assert texts == office()
    assert hash(texts) == hash(office())
    assert texts.canonical() == office().canonical()
    assert texts.canonical() != always_open("Europe/Berlin").canonical()


WRONG = {
    'unknown weekday "tues"; did you mean "tue"?': lambda: Calendar(
        "UTC", {"tues": ["09:00-17:00"]}
    ),
    'the window "09:00-09:00" opens and closes at the same time': lambda: Calendar(
        "UTC", {"mon": ["09:00-09:00"]}
    ),
    'the window "24:00-09:00" opens at 24:00': lambda: Calendar("UTC", {"mon": ["24:00-09:00"]}),
    '"25:00" is not a time of day': lambda: Calendar("UTC", {"mon": ["25:00-17:00"]}),
    '"09:00" is not a window': lambda: Calendar("UTC", {"mon": ["09:00"]}),
    '"2026-02-30" is not a date': lambda: Calendar("UTC", {}, ["2026-02-30"]),
    'unknown time zone "Europe/Berln"; did you mean "Europe/Berlin"?': lambda: Calendar(
        "Europe/Berln", {}
    ),
    'unknown time zone "../etc/passwd"': lambda: always_open("../etc/passwd"),
}


@pytest.mark.parametrize(("message", "make"), WRONG.items(), ids=WRONG)
def test_a_mistake_names_its_cure(message: str, make: Callable[[], Calendar]) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        make()
    assert str(caught.value).startswith(message)


def test_special_dates_go_before_holidays() -> None:
    calendar = Calendar("UTC", OFFICE, ["2026-12-24"], {"2026-12-24": ["09:00-12:00"]})
    day = datetime(2026, 12, 24, tzinfo=UTC)
    assert calendar.elapsed(day, day + timedelta(days=1)) == timedelta(hours=3)


@given(st.integers(0, 4 * 10**15), st.integers(0, 10**14))
def test_years_add_up(start: int, length: int) -> None:
    calendar = office()
    middle, end = start + length // 3, start + length
    parts = calendar.elapsed_us(start, middle) + calendar.elapsed_us(middle, end)
    assert calendar.elapsed_us(start, end) == parts
    assert from_us(start) <= from_us(end)
