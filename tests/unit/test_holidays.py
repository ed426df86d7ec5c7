"""Holidays of files and countries, and calendars made of others."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from casewright.program import check_packs, compile_packs
from casewright.spec.ical import IcalError, read_ical
from casewright.spec.packs import load_packs
from casewright.temporal import Calendar
from casewright.testing import Runner, run_scenarios

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 'kind: pack\nname: mine\nschema: casewright/1\nversion: "1"\n---\n'
WEEK = (
    "{" + ", ".join(f"{day}: ['09:00-17:00']" for day in ("mon", "tue", "wed", "thu", "fri")) + "}"
)
OFFICE = f"kind: calendar\nname: office\ntimezone: Europe/Berlin\nhours: {WEEK}\n"


def ical(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"])


EVENTS: dict[str, tuple[list[str], list[str]]] = {
    "one day": (["DTSTART;VALUE=DATE:20261225"], ["2026-12-25"]),
    "to the day before its end": (
        ["DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20261227"],
        ["2026-12-25", "2026-12-26"],
    ),
    "for a time": (
        ["DTSTART:20261230", "DURATION:P1W"],
        ["2026-12-30", "2026-12-31", *(f"2027-01-0{n}" for n in range(1, 6))],
    ),
    "cancelled": (["DTSTART:20261225", "STATUS:CANCELLED"], []),
    "a long line": (["DTSTART;VALUE=DA", " TE:20261225"], ["2026-12-25"]),
    "every year": (
        ["DTSTART:20251225", "RRULE:FREQ=YEARLY", "EXDATE:20261225"],
        ["2025-12-25", "2027-12-25"],
    ),
    "twice": (["DTSTART:20251225", "RRULE:FREQ=YEARLY;COUNT=2"], ["2025-12-25", "2026-12-25"]),
    "until": (
        ["DTSTART:20250501", "RRULE:FREQ=YEARLY;UNTIL=20260501"],
        ["2025-05-01", "2026-05-01"],
    ),
    "the fourth Thursday": (
        ["DTSTART:20251127", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH"],
        ["2025-11-27", "2026-11-26", "2027-11-25"],
    ),
    "the last Monday": (
        ["DTSTART:20260525", "RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO"],
        ["2026-05-25", "2027-05-31"],
    ),
    "29 February": (["DTSTART:20240229", "RRULE:FREQ=YEARLY"], []),
    "an alarm is none": (
        ["DTSTART:20261225", "BEGIN:VALARM", "DURATION:PT5M", "END:VALARM", "RDATE:20261231"],
        ["2026-12-25", "2026-12-31"],
    ),
}


@pytest.mark.parametrize(("lines", "dates"), EVENTS.values(), ids=EVENTS)
def test_whole_day_events_are_holidays(lines: list[str], dates: list[str]) -> None:
    assert [str(day) for day in read_ical(ical(*lines), 2025, 2027)] == dates


REFUSED = {
    "DTSTART:20261225T090000Z": '"20261225T090000Z" is not a date',
    "DTSTART:20260230": 'there is no date "20260230"',
    "DTSTART:20260101\nRRULE:FREQ=WEEKLY": 'cannot read the rule "FREQ=WEEKLY"',
    "DTSTART:20260101\nRRULE:FREQ=YEARLY": "an event that recurs without end",
    "DTSTART:20260101\nDTEND:20260101": '"20260101" is no end of whole days after 2026-01-01',
    "DTSTART:20260101\nRRULE:FREQ=YEARLY;COUNT=x": 'COUNT is "X", not a number of years',
    "DTSTART:20260101\nRRULE:FREQ=YEARLY;COUNT=1;BYDAY=MO": "cannot read BYDAY=MO",
    "DTSTART:20260101\nRRULE:FREQ=YEARLY;COUNT=1;BYMONTH=13": "cannot read BYMONTH=13",
    "SUMMARY:Christmas": "an event without DTSTART",
}


@pytest.mark.parametrize(("lines", "message"), REFUSED.items(), ids=REFUSED)
def test_what_cannot_be_read_as_a_holiday_is_refused(lines: str, message: str) -> None:
    with pytest.raises(IcalError) as caught:
        read_ical(ical(*lines.split("\n")))
    assert str(caught.value) == message
    assert caught.value.line > 1


def test_a_file_that_is_no_calendar_is_refused() -> None:
    with pytest.raises(IcalError, match="no iCalendar file"):
        read_ical("Christmas")


def made(folder: Path, text: str, **files: str) -> Calendar:
    (folder / "pack.yaml").write_text(HEAD + text, "utf-8")
    for name, content in files.items():
        (folder / f"{name}.ics").write_text(content, "utf-8")
    program = compile_packs(folder)
    return next(iter(program.case_types.values())).calendar_named("desk")


TICKET = """---
kind: case_type
name: ticket
state_flow: ticket
fields: {site: {type: string}}
---
kind: roles
name: ticket
for: ticket
roles: {agent: {may: [create, read, update]}}
---
kind: state_flow
name: ticket
initial: open
states: {open: {}, closed: {final: true}}
transitions: {close: {from: open, to: closed}}
"""


def test_a_file_of_the_pack_closes_its_dates(tmp_path: Path) -> None:
    text = OFFICE.replace("office", "desk") + "holidays: [{ical: days.ics}, 2026-12-24]\n" + TICKET
    found = made(tmp_path, text, days=ical("DTSTART:20261225"))
    days = {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    assert found == Calendar("Europe/Berlin", days, ["2026-12-24", "2026-12-25"])


def test_a_country_and_region_close_their_dates(tmp_path: Path) -> None:
    pytest.importorskip("holidays")
    source = "holidays: [{country: DE, region: BE, from: 2026, to: 2026}]\n"
    found = made(tmp_path, OFFICE.replace("office", "desk") + source + TICKET)
    in_2027 = datetime(2027, 3, 8, 9, tzinfo=UTC)  # Women's Day is a holiday of Berlin
    assert found.due(in_2027, "1 business hour") == datetime(2027, 3, 8, 10, tzinfo=UTC)
    good_friday = datetime(2026, 4, 3, 7, tzinfo=UTC)
    assert found.due(good_friday, "1 business hour") == datetime(2026, 4, 7, 8, tzinfo=UTC)


def test_the_dates_and_not_where_they_come_from_are_in_the_hash(tmp_path: Path) -> None:
    text = OFFICE + "holidays: [{ical: days.ics}]\n" + TICKET
    hashes: list[str] = []
    for number, content in enumerate(("20261225", "20261225", "20261226")):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "pack.yaml").write_text(HEAD + text, "utf-8")
        (folder / "days.ics").write_text(ical(f"DTSTART:{content}", f"SUMMARY:{number}"), "utf-8")
        hashes.append(compile_packs(folder).hash)
    assert hashes[0] == hashes[1] != hashes[2]


SITES = """kind: calendar
name: berlin
timezone: Europe/Berlin
hours: {mon: ['09:00-17:00'], tue: ['09:00-17:00']}
zones: [America/New_York]
---
kind: calendar
name: tokyo
timezone: Asia/Tokyo
hours: {mon: ['09:00-17:00'], tue: ['09:00-17:00']}
---
kind: calendar
name: desk
timezone: Etc/UTC
"""


def test_sites_together_follow_the_sun(tmp_path: Path) -> None:
    found = made(tmp_path, SITES + "union: [tokyo, berlin]\n" + TICKET)
    tokyo_opens = datetime(2026, 11, 2, 0, tzinfo=UTC)
    assert found.due(tokyo_opens, "10 business hours") == datetime(2026, 11, 2, 10, tzinfo=UTC)
    assert found.due(tokyo_opens, "17 business hours") == datetime(2026, 11, 3, 1, tzinfo=UTC)


def test_a_calendar_in_another_zone_has_its_hours_there(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text(HEAD + SITES + "union: [berlin]\n" + TICKET, "utf-8")
    kind = next(iter(compile_packs(tmp_path).case_types.values()))
    york = kind.calendar_named("berlin@America/New_York")
    assert york == kind.calendar_named("berlin").in_zone("America/New_York")
    assert york.due(datetime(2026, 11, 2, 12, tzinfo=UTC), "1 business hour") == datetime(
        2026, 11, 2, 15, tzinfo=UTC
    )


def test_calendars_that_are_never_open_together_never_open() -> None:
    monday = Calendar("UTC", {"mon": ["09:00-17:00"]})
    tuesday = Calendar("UTC", {"tue": ["09:00-17:00"]})
    assert Calendar.intersection("UTC", [monday, tuesday]).never_opens
    assert not Calendar.union("UTC", [monday, tuesday]).never_opens
    assert Calendar.intersection("UTC", [monday, monday]) != monday
    now = datetime(2026, 11, 2, tzinfo=UTC)
    assert Calendar.intersection("UTC", [monday, tuesday]).due(now, "1 business hour") is None
    with pytest.raises(ValueError, match="at least one calendar"):
        Calendar.union("UTC", [])


def test_a_table_of_a_file_is_in_the_hash(tmp_path: Path) -> None:
    table = (
        "---\nkind: decision_table\nname: t\ninputs: {site: {type: string}}\n"
        "outputs: {x: {type: string}}\nrules: {csv: t.csv}\n"
    )
    hashes: list[str] = []
    for number, row in enumerate("ab"):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "pack.yaml").write_text(HEAD + OFFICE + TICKET + table, "utf-8")
        (folder / "t.csv").write_text(f"site,x\n{row},1\n", "utf-8")
        _, found = check_packs(folder)
        assert not [d for d in found if d.severity == "error"], found
        hashes.append(compile_packs(folder).hash)
    assert hashes[0] != hashes[1]


def test_dates_are_dates() -> None:
    assert read_ical(ical("DTSTART:20261225")) == [date(2026, 12, 25)]


FOLLOWING = """---
kind: sla_definitions
name: ticket
for: ticket
slas:
  answer:
    target: 8 business hours
    calendar: '= site'
    start: state = "open"
---
kind: scenario
name: the_calendar_follows_what_the_case_says
start: 2026-11-02T00:00:00Z
actors: {ann: {roles: [agent]}}
steps:
"""


SITE_DUE = {
    "tokyo": "2026-11-02T17:00:00+09:00",
    "berlin": "2026-11-02T17:00:00+01:00",
    "berlin@America/New_York": "2026-11-02T17:00:00-05:00",
    "desk": "2026-11-02T08:00:00Z",
    "berlin@Mars/Olympus": None,
}


def test_a_clock_follows_a_group_a_zone_or_the_sun(tmp_path: Path) -> None:
    steps = "  - {by: ann, do: create, case_type: ticket, as: t}\n"
    for site, due in SITE_DUE.items():
        expect = f"{{sla: {{answer: {{due: {due or SITE_DUE['berlin']}}}}}}}"
        steps += f"  - {{by: ann, do: update, case: t, with: {{site: {site}}}, expect: {expect}}}\n"
    ticket = TICKET.replace("state_flow: ticket\n", "state_flow: ticket\ncalendar: berlin\n", 1)
    text = HEAD + SITES + "union: [tokyo, berlin]\n" + ticket + FOLLOWING + steps
    (tmp_path / "pack.yaml").write_text(text, "utf-8")
    packs, found = load_packs([tmp_path])
    assert not found
    (result,) = run_scenarios(Runner(packs), packs)
    assert result.passed, result.text()


UNREAD = {"../days.ics": "CW210", "other.ics": "CW211", "pack.yaml": "CW506"}


@pytest.mark.parametrize(("name", "code"), UNREAD.items(), ids=UNREAD)
def test_a_file_that_cannot_be_read_is_named(name: str, code: str, tmp_path: Path) -> None:
    text = HEAD + OFFICE + f"holidays: [{{ical: {name}}}]\n" + TICKET
    (tmp_path / "pack.yaml").write_text(text, "utf-8")
    _, found = check_packs(tmp_path)
    assert [d.code for d in found] == [code]
