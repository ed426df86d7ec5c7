"""Parts of the shell that stand alone: clocks, numbers, channels, host, delta, lines."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from msgspec import json as msgspec_json
from msgspec.structs import replace

from casewright.case import Actor, Case, Clock, Clocks, Timer
from casewright.errors import EventError
from casewright.host import Call, Delivery, Host, action, function
from casewright.runtime import ConsoleChannel, FileChannel, SystemClock, VirtualClock
from casewright.runtime.lines import event_of_line, instant
from casewright.runtime.numbers import Numbers
from casewright.store import journal, open_store
from casewright.store.delta import changed, delta_of, encode_delta

if TYPE_CHECKING:
    from pathlib import Path

START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
DELIVERY = Delivery(
    "c1/2/0",
    "c1",
    "email",
    "notification",
    "opened",
    ("ann", "bob"),
    "Hello",
    "One\n\nTwo",
    {"at": START},
    1,
)


def test_virtual_clock_never_goes_back() -> None:
    clock = VirtualClock(START)
    clock.move_to(START - dt.timedelta(hours=1))
    assert clock.now() == START
    clock.move(dt.timedelta(minutes=5))
    assert clock.now() == START + dt.timedelta(minutes=5)


def test_naive_instant_is_refused_by_the_clock() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        VirtualClock(dt.datetime(2026, 3, 2))  # noqa: DTZ001


def test_system_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().utcoffset() == dt.timedelta(0)


def test_numbers_come_in_blocks_and_grow() -> None:
    store = open_store("memory")
    one, two = Numbers(store, "", 3), Numbers(store, "", 3)
    given = [one.next("CS", 4), two.next("CS", 4), *(one.next("CS", 4) for _ in range(3))]
    assert given == ["CS0001", "CS0004", "CS0002", "CS0003", "CS0007"]
    one.forget()
    assert one.next("CS", 1) == "CS10"


def test_console_channel_writes_for_people() -> None:
    out = io.StringIO()
    ConsoleChannel(out).deliver(DELIVERY)
    assert out.getvalue() == "[email] opened to ann, bob (case c1)\n    Hello\n    One\n    Two\n"


def test_file_channel_appends_a_line_each(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    channel = FileChannel(path)
    channel.deliver(DELIVERY)
    channel.deliver(DELIVERY)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(lines) == 2
    assert lines[0]["to"] == ["ann", "bob"]
    assert lines[0]["data"] == {"at": {"$date_time": "2026-03-02T09:00:00+00:00"}}


def test_host_is_declared_by_decorators_and_added_up() -> None:
    @function({"text": "string"}, "number", name="length of")
    def length(text: str) -> int:
        return len(text)

    @action({"q": "string"})
    def ask(call: Call) -> None:
        """Do it."""

    @action(name="ask")
    def other(call: Call) -> None:
        """Do it in another way."""

    both = Host(functions=(length,), actions=(ask,)) + Host(actions=(other,))
    assert (length.name, length.version, length.call("abc")) == ("length of", "1", 3)
    assert both.functions == (length,)
    assert both.actions == (other,)
    assert ask.takes == {"q": "string"}


def a_case() -> Case:
    clocks = {"first": Clocks(Clock(1, "in_progress", 5, 5))}
    return Case(
        "",
        "c1",
        None,
        "base.case",
        "new",
        1,
        0,
        1,
        1,
        START,
        "ann",
        START,
        "ann",
        {"a": 1, "b": "two"},
        clocks,
    )


def test_delta_has_what_is_not_shared_and_makes_the_case_again() -> None:
    before = a_case()
    fields = {**before.fields, "a": Decimal("1.5"), "c": START.date()}
    del fields["b"]
    after = replace(before, revision=2, fields=fields, timers=(Timer("t", 9, 1, 0, 1),))
    delta = delta_of(before, after)
    assert set(delta) == {"revision", "fields", "timers"}
    assert changed(before, delta) == after
    assert changed(None, delta_of(None, after)) == after
    assert delta_of(after, after) == {}


def test_encoded_deltas_fold_to_the_dump_of_the_case() -> None:
    before = a_case()
    after = replace(before, revision=2, fields={"a": Decimal("1.5")}, clocks={})
    parts = journal.fold({}, encode_delta(delta_of(None, before)))
    parts = journal.fold(parts, encode_delta(delta_of(before, after)))
    dump = msgspec_json.Encoder(decimal_format="number").encode(after)
    assert journal.is_same(journal.join(parts), dump)


def test_line_becomes_an_event_with_exact_numbers_and_the_actors_attributes() -> None:
    event = event_of_line(
        b'{"id": "1", "type": "update", "case": "c1", "data": {"x": 0.1}, "expected": 3,'
        b' "actor": {"id": "ann", "roles": ["agent"], "account": "a1"},'
        b' "time": "2026-03-02T09:00:00Z", "occurred": "2026-03-02T08:00:00Z"}'
    )
    assert event.data == {"x": Decimal("0.1")}
    assert event.actor == Actor("ann", ("agent",), {"account": "a1"})
    assert (event.expected, event.time) == (3, START)
    assert event.occurred == START - dt.timedelta(hours=1)


def test_line_without_an_id_gets_one_of_its_content() -> None:
    one = event_of_line(b'{"type": "update", "case": "c1"}\n')
    again = event_of_line(b'{"type": "update", "case": "c1"}')
    other = event_of_line(b'{"type": "update", "case": "c2"}')
    assert one.id == again.id != other.id


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (b'{"type": 1}', "type"),
        (b'{"type": "update", "time": "now"}', "time"),
        (b'{"type": "update", "occurred": "2026-03-02T09:00:00"}', "occurred"),
        (b'{"type": "update", "actor": {"id": 1}}', "actor"),
        (b'{"type": "update", "data": [1]}', "data"),
    ],
)
def test_mistake_in_a_line_is_told_with_its_key(line: bytes, path: str) -> None:
    with pytest.raises(EventError) as caught:
        event_of_line(line)
    assert caught.value.path == path


def test_line_that_is_too_long_is_no_event() -> None:
    with pytest.raises(EventError, match="at most"):
        event_of_line(b'{"type": "' + b"x" * (1 << 20) + b'"}')


def test_instant_is_written_in_utc() -> None:
    assert instant(None) is None
    assert instant(0) == "1970-01-01T00:00:00Z"
    assert instant(1_500_000) == "1970-01-01T00:00:01.500000Z"
