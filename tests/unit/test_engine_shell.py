"""The shell around a program: idempotence, timers, messages, needs, failures, batches.

The program is a fake of a few lines, so that every claim is about the shell.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from msgspec.structs import replace

from casewright.case import (
    Actor,
    Case,
    Clocks,
    Effect,
    Entity,
    Event,
    Need,
    OpenCall,
    Origin,
    Outcome,
    Problem,
    Related,
    Timer,
    Window,
)
from casewright.errors import EventError, HostError
from casewright.host import Call, Delivery, Host, Undeliverable, action
from casewright.runtime import (
    CollectingChannel,
    Engine,
    RecordTables,
    Repeat,
    RuntimeSettings,
    VirtualClock,
    feed,
)
from casewright.runtime.post import Post
from casewright.store import CaseFilter, open_store
from casewright.store.port import Conflict
from casewright.temporal import from_us, to_us

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from pathlib import Path

    from casewright.store import CaseStore

START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
ANN = Actor("ann", ("agent",))
NOTHING = Related()


@dataclass
class FakeRelated:
    by: str = "parent"
    types: Mapping[str, Any] = field(default_factory=lambda: {"base.case": None})


@dataclass
class FakeFlow:
    states: Mapping[str, Any] = field(default_factory=lambda: {"new": None})


@dataclass
class FakeCaseType:
    name: str = "base.case"
    number: tuple[str, int] | None = ("CS", 4)
    lineage: tuple[str, ...] = ("base.case",)
    related: Mapping[str, Any] = field(default_factory=lambda: {"children": FakeRelated()})
    clocks: Mapping[str, Any] = field(default_factory=dict[str, Any])

    flow: FakeFlow = field(default_factory=FakeFlow)

    def clock_view(self, name: str, clocks: Clocks, now_us: int) -> Any:
        raise AssertionError(f"a fake case has no clock {name}")

    @property
    def event_data(self) -> Mapping[str, Mapping[str, Any]]:
        return {"called_back": {"answer": 1}, "call_failed": {"message": 1}}


@dataclass
class FakeProgram:
    """Fields are set from data; some keys of the data ask for more."""

    hash: str = "p1"
    domain: str = ""
    warnings: tuple[Any, ...] = ()
    signals: Mapping[str, Any] = field(default_factory=dict[str, Any])
    correlations: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def receive(self, event: Event, related: Related = NOTHING) -> Outcome:
        raise AssertionError(f"there is no signal {event.type}")

    @property
    def records(self) -> dict[str, dict[str, dict[str, Any]]]:
        return {"base.account": {"a1": {"id": "a1", "name": "Acme", "tier": "gold"}}}

    @property
    def case_types(self) -> dict[str, FakeCaseType]:
        return {"base.case": FakeCaseType()}

    def case_type(self, name: str) -> FakeCaseType:
        if name not in ("base.case", "case"):
            raise EventError(f'unknown case type "{name}"', "case_type")
        return FakeCaseType()

    def handle(
        self, entity: Entity | None, event: Event, related: Related = NOTHING
    ) -> list[Outcome]:
        outcomes: list[Outcome] = []
        if entity is not None and event.time is not None:
            outcomes = self.advance(entity, max(event.time, entity.updated_at), related)
            entity = outcomes[-1].entity if outcomes else entity
        return [*outcomes, self.step(entity, event, related)]

    def advance(
        self, entity: Entity, until: dt.datetime, related: Related = NOTHING
    ) -> list[Outcome]:
        outcomes: list[Outcome] = []
        case: Entity | None = entity
        while case is not None and (due := case.next_due_us) is not None and due <= to_us(until):
            event = Event("timer", f"{case.id}/timer/{due}", case.id, time=from_us(due))
            outcomes.append(self.step(case, event, related))
            case = outcomes[-1].entity
        return outcomes

    def step(
        self,
        entity: Entity | None,
        event: Event,
        related: Related = NOTHING,
        *,
        trace: bool = False,
    ) -> Outcome:
        assert not isinstance(entity, Window)
        assert event.time is not None
        now = event.time if entity is None else max(event.time, entity.updated_at)
        data = event.data
        if event.type == "create" and entity is not None:
            return _no("rejected", entity, event, now, "exists")
        if event.type in ("deny", "boom"):
            status = "rejected" if event.type == "deny" else "failed"
            if not data.get("cured"):
                return _no(status, entity, event, now, event.type)
        if "account" in data:
            known = related.records.get("base.account", {})
            if data["account"] not in known:
                need = Need("base.account", id=data["account"])
                return replace(_no("needs", entity, event, now, ""), errors=(), needs=(need,))
            account = known[data["account"]]
            data = {**data, "account_name": account and account["name"]}
        if "peers" in data:
            key = f"base.case.team={data['peers']}"
            if key not in related.answers:
                need = Need("base.case", field="team", value=data["peers"])
                return replace(_no("needs", entity, event, now, ""), errors=(), needs=(need,))
            data = {**data, "peers": list(related.answers[key])}
        return self._applied(entity, event, now, data, trace=trace)

    def _applied(
        self,
        entity: Case | None,
        event: Event,
        now: dt.datetime,
        data: dict[str, Any],
        *,
        trace: bool,
    ) -> Outcome:
        case = entity or Case(
            self.domain,
            event.case,
            event.number,
            "base.case",
            "new",
            1,
            to_us(now),
            0,
            1,
            now,
            event.actor.id,
            now,
            event.actor.id,
            {},
        )
        revision = case.revision + 1
        timers = () if event.type == "timer" else case.timers
        if "due_in" in data:
            due_us = to_us(now) + data["due_in"] * 60_000_000
            timers = (Timer("t", due_us, 1, 0, revision),)
        effects = tuple(
            replace(effect, id=f"{case.id}/{revision}/{n}", hops=event.hops + 1)
            for n, effect in enumerate(_effects(data))
        )
        calls = tuple(
            OpenCall(e.id, e.name, 0, "called_back", "call_failed")
            for e in effects
            if e.kind == "call"
        )
        kept = {k: v for k, v in data.items() if k not in _ORDERS}
        if event.type == "timer":
            kept["fired"] = case.fields.get("fired", 0) + 1
        after = replace(
            case,
            revision=revision,
            fields={**case.fields, **kept},
            timers=timers,
            calls=calls or tuple(c for c in case.calls if c.id != event.id),
            updated_at=now,
            updated_by=event.actor.id,
            program=self.hash,
        )
        outcome = Outcome("applied", after, event, to_us(now), effects=effects)
        return replace(outcome, trace=({"traced": event.type},)) if trace else outcome

    def dump_case(self, case: Case) -> bytes:
        return msgspec.json.encode(case, order="deterministic")

    def load_case(self, data: bytes) -> Case:
        return msgspec.json.decode(data, type=Case)

    def dump_window(self, window: Window) -> bytes:
        return msgspec.json.encode(window, order="deterministic")

    def load_window(self, data: bytes) -> Window:
        return msgspec.json.decode(data, type=Window)

    def dump_event(self, event: Event) -> bytes:
        return msgspec.json.encode(event, order="deterministic")

    def load_event(self, data: bytes) -> Event:
        return msgspec.json.decode(data, type=Event)

    def load_record(self, record_type: str, record: Mapping[str, Any]) -> dict[str, Any]:
        return dict(record)

    def render(self, effect: Effect) -> Any:
        @dataclass
        class Text:
            subject: str
            body: str

        if effect.name == "broken":
            raise ValueError("no such variable")
        return Text(f"{effect.name}!", str(effect.data.get("text", "")))

    def allowed_actions(self, case: Case, actor: Actor, related: Related = NOTHING) -> list[Any]:
        return [case.id, actor.id]


_ORDERS = ("all", "due_in", "send", "tell", "call", "make", "cured")


def _no(status: Any, entity: Case | None, event: Event, now: dt.datetime, code: str) -> Outcome:
    return Outcome(status, entity, event, to_us(now), errors=(Problem(code, code),))


def _effects(data: Mapping[str, Any]) -> list[Effect]:
    made: list[Effect] = []
    if "send" in data:
        order = data["send"]
        effect = Effect("", "send", order["event"], tuple(order["to"]), order.get("data", {}))
        made.append(replace(effect, if_refused=order.get("else")))
    if "all" in data:
        made.append(Effect("", "send", "update", (), data["all"], to_list="children"))
    if "make" in data:
        made.append(Effect("", "create", "base.case", (data["make"],), {"with": {"made": True}}))
    for name in data.get("tell", ()):
        made.append(
            Effect("", "notification", name, ("ann",), {"channels": ["mail"], "text": "hi"})
        )
    if "call" in data:
        made.append(Effect("", "call", data["call"], (), {"of": 1}))
    return made


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CaseStore]:
    url = "memory" if request.param == "memory" else f"sqlite:///{tmp_path}/cases.db"
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def engine(store: CaseStore) -> Engine:
    return an_engine(store)


def an_engine(store: CaseStore, **more: Any) -> Engine:
    program = more.pop("program", None) or FakeProgram()
    return Engine(program, store, VirtualClock(START), **more)


def create(engine: Engine, case: str = "c1", **data: Any) -> Case:
    outcome = engine.create("base.case", data, actor=ANN, case=case, id=f"create-{case}")
    assert outcome.status == "applied"
    assert outcome.case is not None
    return outcome.case


def fields_of(engine: Engine, case: str = "c1") -> dict[str, Any]:
    found = engine.get(case)
    assert found is not None
    return found.fields


# ids


def test_same_event_again_is_a_duplicate_without_effects(engine: Engine) -> None:
    create(engine)
    first = engine.send("c1", "update", {"x": 1, "tell": ["news"]}, actor=ANN, id="e1")
    engine.send("c1", "update", {"x": 2}, actor=ANN, id="e2")
    again = engine.send("c1", "update", {"x": 1, "tell": ["news"]}, actor=ANN, id="e1")
    assert isinstance(again, Repeat)
    assert (again.status, again.effects, again.first.revision) == ("duplicate", (), 2)
    assert again.first.effects == tuple(e.id for e in first.effects)
    assert fields_of(engine)["x"] == 2


def test_used_id_with_other_content_is_id_reused(engine: Engine) -> None:
    create(engine)
    engine.send("c1", "update", {"x": 1}, actor=ANN, id="e1")
    again = engine.send("c1", "update", {"x": 2}, actor=ANN, id="e1")
    assert (again.status, again.errors[0].code) == ("id_reused", "id_reused")
    assert fields_of(engine)["x"] == 1


def test_time_of_admission_is_no_part_of_the_content(engine: Engine) -> None:
    create(engine)
    engine.send("c1", "update", {"x": 1}, actor=ANN, id="e1", time=START)
    again = engine.send("c1", "update", {"x": 1}, actor=ANN, id="e1", time=START + MINUTE)
    assert again.status == "duplicate"


def test_rejection_consumes_its_id(engine: Engine) -> None:
    create(engine)
    assert engine.send("c1", "deny", actor=ANN, id="e1").status == "rejected"
    again = engine.send("c1", "deny", actor=ANN, id="e1")
    assert (again.status, again.errors[0].code) == ("duplicate", "deny")


def test_failure_does_not_consume_its_id_and_is_parked(engine: Engine) -> None:
    create(engine)
    assert engine.send("c1", "boom", actor=ANN, id="e1").status == "failed"
    assert engine.send("c1", "boom", actor=ANN, id="e1").status == "failed"
    (parked,) = engine.parked("c1")
    assert parked.errors[0].code == "boom"
    edited = replace(parked.event, data={"cured": True})
    assert engine.retry(parked, edited).status == "applied"
    assert engine.parked() == []


def test_failure_blocks_its_case_where_settings_say_so(store: CaseStore) -> None:
    engine = an_engine(store, settings=RuntimeSettings(on_failure="block"))
    create(engine)
    create(engine, "c2")
    engine.send("c1", "boom", actor=ANN, id="e1")
    blocked = engine.send("c1", "update", {"x": 1}, actor=ANN, id="e2")
    assert (blocked.status, blocked.errors[0].code) == ("failed", "blocked")
    assert engine.send("c2", "update", {"x": 1}, actor=ANN).status == "applied"
    first, second = engine.parked("c1")
    engine.drop(first)
    assert engine.retry(second).status == "applied"


def test_create_without_case_id_makes_the_same_one_for_a_repeat(engine: Engine) -> None:
    first = engine.create("base.case", actor=ANN, id="e1")
    again = engine.create("base.case", actor=ANN, id="e1")
    other = engine.create("base.case", actor=ANN, id="e2")
    assert again.status == "duplicate"
    assert again.event.case == first.event.case != other.event.case


def test_id_of_a_deleted_case_is_never_given_again(engine: Engine) -> None:
    create(engine)
    engine.store.delete("", "c1")
    outcome = engine.create("base.case", actor=ANN, case="c1")
    assert (outcome.status, outcome.errors[0].code) == ("rejected", "exists")


@pytest.mark.parametrize(
    ("event", "path"),
    [
        (Event("", case="c1"), "type"),
        (Event("update"), "case"),
        (Event("update", case="nobody"), "case"),
        (Event("observe", case="window/shop.noisy/a"), "case"),
        (Event("create", case="window/shop.noisy/a", case_type="base.case"), "case"),
        (Event("update", case="c1", origin=Origin("c2", "base.case")), "origin"),
        (Event("timer", case="c1", delivered_us=1), "origin"),
        (Event("create"), "case_type"),
        (Event("create", case_type="unheard_of"), "case_type"),
        (Event("update", case="c1", time=dt.datetime(2026, 3, 2)), "time"),  # noqa: DTZ001
    ],
)
def test_envelope_that_fits_no_case_is_an_event_error(
    engine: Engine, event: Event, path: str
) -> None:
    create(engine)
    with pytest.raises(EventError) as caught:
        engine.handle(event)
    assert caught.value.path == path


def test_time_ahead_of_a_clock_that_moves_by_itself_is_refused(store: CaseStore) -> None:
    engine = Engine(FakeProgram(), store)
    now = engine.clock.now()
    create(engine)
    with pytest.raises(EventError, match="ahead of the clock"):
        engine.send("c1", "update", actor=ANN, time=now + dt.timedelta(hours=1))


def test_numbers_are_unique_and_drawn_once(engine: Engine) -> None:
    numbers = [create(engine, f"c{n}").number for n in range(30)]
    assert numbers == [f"CS{n:04d}" for n in range(1, 31)]
    engine.create("base.case", actor=ANN, case="c0", id="create-c0")
    assert create(engine, "last").number == "CS0031"


# races


def test_loser_of_a_race_steps_again_and_keeps_its_time(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/cases.db"
    one, two = (an_engine(open_store(url)) for _ in range(2))
    create(one)
    fields_of(two)
    one.send("c1", "update", {"x": 1}, actor=ANN, time=START + MINUTE)
    outcome = two.send("c1", "update", {"y": 2}, actor=ANN, time=START)
    assert outcome.event.time == START
    assert outcome.now_us == to_us(START + MINUTE)
    assert fields_of(one) == {"x": 1, "y": 2}
    one.close()
    two.close()


def test_race_that_is_always_lost_is_a_host_error(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(engine)

    def lose(*_: object) -> None:
        raise Conflict("c1")

    monkeypatch.setattr(engine.store, "commit", lose)
    with pytest.raises(HostError, match="other writers were first"):
        engine.send("c1", "update", {"x": 1}, actor=ANN)


def test_step_of_an_older_program_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/cases.db"
    old = an_engine(open_store(url))
    create(old)
    new = an_engine(open_store(url), program=FakeProgram(hash="p2"))
    with pytest.raises(HostError, match="the store runs program p2"):
        old.send("c1", "update", {"x": 1}, actor=ANN)
    assert new.send("c1", "update", {"x": 1}, actor=ANN).status == "applied"
    old.close()
    new.close()


# time


def test_timers_run_in_order_over_all_cases(engine: Engine) -> None:
    for name, minutes in (("c1", 3), ("c2", 1), ("c3", 2), ("c4", 9)):
        create(engine, name, due_in=minutes)
    assert engine.next_due() == START + MINUTE
    ran = engine.run_due(START + 3 * MINUTE)
    assert [o.event.case for o in ran] == ["c2", "c3", "c1"]
    assert [o.now_us for o in ran] == [to_us(START + n * MINUTE) for n in (1, 2, 3)]
    assert engine.next_due() == START + 9 * MINUTE
    assert engine.run_due(START + 3 * MINUTE) == []


def test_timer_that_is_due_runs_before_the_event(engine: Engine) -> None:
    create(engine, due_in=5)
    engine.send("c1", "update", {"x": 1}, actor=ANN, time=START + 5 * MINUTE)
    types = [entry.event["type"] for entry in engine.history("c1")]
    assert types == ["create", "timer", "update"]


def test_timer_that_a_program_cannot_stand_does_not_hold_up_others(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(engine, "c1", due_in=1)
    create(engine, "c2", due_in=2)
    real = FakeProgram.advance

    def advance(program: FakeProgram, entity: Case, *more: Any) -> list[Outcome]:
        if entity.id == "c1":
            raise KeyError("a fault in the program")
        return real(program, entity, *more)

    monkeypatch.setattr(FakeProgram, "advance", advance)
    with pytest.raises(KeyError):
        engine.run_due(START + 5 * MINUTE)
    assert fields_of(engine, "c2")["fired"] == 1


# reference data


def test_needs_are_answered_from_shipped_rows_and_journalled(engine: Engine) -> None:
    create(engine)
    outcome = engine.send("c1", "update", {"account": "a1"}, actor=ANN)
    assert fields_of(engine)["account_name"] == "Acme"
    assert outcome.read is not None
    assert outcome.read.records["base.account"]["a1"] is not None
    assert engine.verify("c1").status == "agrees"


def test_unknown_record_is_null_and_a_hosts_row_goes_before_a_shipped_one(engine: Engine) -> None:
    create(engine)
    engine.send("c1", "update", {"account": "nobody"}, actor=ANN)
    assert fields_of(engine)["account_name"] is None
    assert isinstance(engine.records, RecordTables)
    engine.records.put("base.account", "a1", {"name": "New"})
    engine.send("c1", "update", {"account": "a1"}, actor=ANN)
    assert fields_of(engine)["account_name"] == "New"


class Directory:
    """A source that needs input and output, so a step has to ask for each record."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get(self, record_type: str, record_id: str) -> dict[str, Any] | None:
        self.asked.append(f"{record_type}/{record_id}")
        return {"id": record_id, "name": "From afar"} if record_id == "a1" else None

    def find(self, record_type: str, field: str, value: object) -> list[str]:
        return []


def test_needs_are_asked_of_a_source_of_the_host(store: CaseStore) -> None:
    directory = Directory()
    engine = an_engine(store, records=directory)
    create(engine)
    engine.send("c1", "update", {"account": "a1"}, actor=ANN)
    engine.send("c1", "update", {"account": "a2"}, actor=ANN)
    assert directory.asked == ["base.account/a1", "base.account/a2"]
    assert fields_of(engine)["account_name"] is None
    assert engine.verify("c1").status == "agrees"


def test_step_that_asks_for_ever_has_failed(store: CaseStore) -> None:
    engine = an_engine(store, records=Directory(), settings=RuntimeSettings(rounds=0))
    create(engine)
    outcome = engine.send("c1", "update", {"account": "a1"}, actor=ANN)
    assert (outcome.status, outcome.errors[0].code) == ("failed", "budget")
    assert [p.errors[0].code for p in engine.parked("c1")] == ["budget"]


def test_query_over_cases_is_answered_by_the_store(engine: Engine) -> None:
    for name in ("c2", "c3"):
        create(engine, name, team="noc")
    create(engine)
    engine.send("c1", "update", {"peers": "noc"}, actor=ANN)
    assert fields_of(engine)["peers"] == ["c2", "c3"]


def test_record_tables_find_by_field_and_list(engine: Engine) -> None:
    tables = RecordTables({"t": {"1": {"on": ["a", "b"]}, "2": {"on": "b"}, "3": {"on": 1}}})
    assert tables.find("t", "on", "b") == ["1", "2"]
    tables.put("t", "4", {"on": "b"})
    tables.remove("t", "1")
    assert tables.find("t", "on", "b") == ["2", "4"]
    assert tables.find("t", "on", 1) == ["3"]
    assert tables.find("t", "on", "1") == ()


# messages between cases


def test_messages_are_delivered_before_the_call_returns(engine: Engine) -> None:
    create(engine, "c2")
    create(engine, send={"event": "update", "to": ["c2"], "data": {"from": "c1"}})
    entry = engine.history("c2")[-1]
    assert fields_of(engine, "c2") == {"from": "c1"}
    assert entry.event["id"] == "c1/1/0"
    assert (entry.event["hops"], entry.event["origin"]["case"]) == (1, "c1")
    assert entry.event["caused_by"] == {"event": "create-c1", "type": "create", "actor": "ann"}
    assert engine.store.messages("") == []


def test_message_to_many_gives_each_an_id_of_its_own(engine: Engine) -> None:
    for name in ("c2", "c3"):
        create(engine, name)
    create(engine, send={"event": "update", "to": ["c2", "c3"], "data": {"x": 1}})
    ids = [engine.history(c)[-1].event["id"] for c in ("c2", "c3")]
    assert ids == ["c1/1/0/c2", "c1/1/0/c3"]


def test_created_case_has_the_id_that_its_creator_knows(engine: Engine) -> None:
    create(engine, make="child")
    child = engine.get("child")
    assert child is not None
    assert (child.fields, child.number) == ({"made": True}, "CS0002")


def test_message_to_a_related_list_goes_to_the_children_of_that_time(engine: Engine) -> None:
    create(engine)
    for name in ("c2", "c3"):
        create(engine, name, parent="c1")
    create(engine, "c4", parent="c2")
    engine.send("c1", "update", {"all": {"x": 1}}, actor=ANN)
    assert [fields_of(engine, c).get("x") for c in ("c2", "c3", "c4")] == [1, 1, None]
    assert engine.history("c2")[-1].event["id"] == "c1/2/0/c2"


def test_sender_hears_of_a_refusal_where_it_asked(engine: Engine) -> None:
    create(engine, "c2")
    order = {"event": "deny", "to": ["c2"], "else": "update"}
    create(engine, send=order)
    last = engine.history("c1")[-1].event
    assert (last["type"], last["id"], last["origin"]["case"]) == (
        "update",
        "c1/1/0/c2/refused",
        "c2",
    )


def test_refused_message_says_why_in_its_row(engine: Engine) -> None:
    create(engine, "c2")
    create(engine, send={"event": "deny", "to": ["c2"]})
    engine.send("c1", "update", {"send": {"event": "update", "to": ["nobody"]}}, actor=ANN)
    errors = [m.error for m in engine.store.messages("", "refused")]
    assert errors[0].endswith("deny: deny")
    assert 'there is no case "nobody"' in errors[1]


def no_drain(_: Post) -> None:
    """Leave all messages where they are, as a process does that dies."""


def test_message_that_a_program_cannot_stand_is_buried(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(engine, "c2")
    real = FakeProgram.step

    def step(program: FakeProgram, entity: Any, event: Event, *more: Any, **named: Any) -> Outcome:
        if event.origin is not None:
            raise KeyError("a fault in the program")
        return real(program, entity, event, *more, **named)

    monkeypatch.setattr(FakeProgram, "step", step)
    create(engine, send={"event": "update", "to": ["c2"]})
    (dead,) = engine.store.messages("", "dead")
    assert dead.error == "KeyError: 'a fault in the program'"
    assert engine.send("c1", "update", actor=ANN).status == "applied"


def test_message_that_was_under_way_at_the_end_arrives_once(
    store: CaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = an_engine(store)
    create(first, "c2")
    monkeypatch.setattr(Post, "drain", no_drain)
    create(first, send={"event": "update", "to": ["c2"], "data": {"x": 1}})
    assert fields_of(first, "c2") == {}
    monkeypatch.undo()
    second = an_engine(store)
    second.run_due()
    assert fields_of(second, "c2") == {"x": 1}
    (message,) = store.messages("", "done")
    store.settle(message.seq, "pending")
    third = an_engine(store)
    third.run_due()
    assert store.messages("") == []
    assert len(third.history("c2")) == 2


def test_worker_takes_up_what_another_process_has_left_lying(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/cases.db"
    worker = Engine(FakeProgram(), open_store(url))
    worker.run_due()
    dying = an_engine(open_store(url))
    create(dying, "c2")
    with monkeypatch.context() as patch:
        patch.setattr(Post, "drain", no_drain)
        create(dying, send={"event": "update", "to": ["c2"], "data": {"x": 1}})
    dying.close()
    worker.run_due()
    assert fields_of(worker, "c2") == {"x": 1}
    worker.close()


def test_what_two_workers_send_from_one_case_arrives_in_the_order_of_its_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/cases.db"
    slow, quick = an_engine(open_store(url)), an_engine(open_store(url))
    create(slow)
    create(slow, "c2")
    create(quick, "c3")
    with monkeypatch.context() as patch:
        patch.setattr(Post, "drain", no_drain)
        first = {"event": "update", "to": ["c2"], "data": {"x": "first", "first": True}}
        slow.send("c1", "update", {"send": first}, actor=ANN)
    second = {"event": "update", "to": ["c2"], "data": {"x": "second"}}
    quick.send("c1", "update", {"send": second}, actor=ANN)
    assert fields_of(quick, "c2") == {"x": "second", "first": True}
    slow.send("c3", "update", actor=ANN)  # who now hands over what it has sent
    assert fields_of(slow, "c2") == {"x": "second", "first": True}
    assert slow.store.messages("") == []
    assert [entry.revision for entry in slow.history("c2")] == [1, 2, 3]
    slow.close()
    quick.close()


def test_writer_who_loses_again_and_again_has_the_others_wait(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(engine)
    store = engine.store
    commit, batch = store.commit, store.batch
    tries: list[bool] = []
    alone: list[bool] = []

    @contextmanager
    def opened() -> Generator[None]:
        with batch():
            alone.append(True)
            yield
        alone.clear()

    def contended(steps: Any, codec: Any) -> Any:
        tries.append(bool(alone))
        if not alone:
            raise Conflict("c1")
        return commit(steps, codec)

    monkeypatch.setattr(store, "batch", opened)
    monkeypatch.setattr(store, "commit", contended)
    assert engine.send("c1", "update", {"x": 1}, actor=ANN).status == "applied"
    assert tries == [False] * 10 + [True]
    monkeypatch.undo()
    assert fields_of(engine) == {"x": 1}
    assert [case.number for case in (create(engine, "c2"), create(engine, "c3"))] == [
        "CS0002",
        "CS0003",
    ]


def test_tenants_in_one_store_see_nothing_of_each_other(store: CaseStore) -> None:
    mail = CollectingChannel()
    one = an_engine(store, program=FakeProgram(domain="one"))
    two = an_engine(store, program=FakeProgram(domain="two"), host=Host(channels={"default": mail}))
    create(one, tell=["news"], due_in=1)
    assert two.get("c1") is None
    assert two.next_due() is None
    assert two.run_due(START + 5 * MINUTE) == []
    assert two.deliver() == 0
    assert create(two).number == "CS0001"
    assert [c.domain for c in two.cases()] == ["two"]
    assert len(two.history("c1")) == 1


# the way out


class FlakyChannel:
    """Fails for the names that it is told."""

    def __init__(self) -> None:
        self.bad: dict[str, Exception] = {}
        self.got: list[Delivery] = []

    def deliver(self, delivery: Delivery) -> None:
        if delivery.name in self.bad:
            raise self.bad[delivery.name]
        self.got.append(delivery)


def test_notification_is_rendered_and_delivered_once(store: CaseStore) -> None:
    mail = CollectingChannel()
    engine = an_engine(store, host=Host(channels={"mail": mail}))
    create(engine, tell=["news"])
    assert engine.deliver() == 1
    assert engine.deliver() == 0
    (delivery,) = mail.deliveries
    assert (delivery.subject, delivery.body, delivery.to) == ("news!", "hi", ("ann",))
    assert (delivery.id, delivery.case, delivery.attempt) == ("c1/1/0", "c1", 1)


def test_message_without_a_channel_stays_in_the_outbox(store: CaseStore) -> None:
    engine = an_engine(store)
    create(engine, tell=["news"])
    assert engine.deliver() == 0
    assert [m.effect.name for m in store.messages("")] == ["news"]


def test_failed_delivery_is_tried_again_later_and_in_order(store: CaseStore) -> None:
    channel = FlakyChannel()
    channel.bad["first"] = ConnectionError("no answer")
    engine = an_engine(store, host=Host(channels={"default": channel}))
    create(engine, tell=["first", "second"])
    create(engine, "c2", tell=["third"])
    assert engine.deliver() == 1
    assert [d.name for d in channel.got] == ["third"]
    channel.bad.clear()
    assert engine.deliver() == 0
    clock = engine.clock
    assert isinstance(clock, VirtualClock)
    clock.move(dt.timedelta(seconds=5))
    assert engine.deliver() == 2
    assert [(d.name, d.attempt) for d in channel.got[1:]] == [("first", 2), ("second", 1)]


def test_delivery_dies_after_the_last_try_or_at_once_if_no_retry_helps(store: CaseStore) -> None:
    channel = FlakyChannel()
    channel.bad = {"slow": ConnectionError("no"), "gone": Undeliverable("no such address")}
    settings = RuntimeSettings(attempts=2, retry_s=0)
    engine = an_engine(store, host=Host(channels={"mail": channel}), settings=settings)
    create(engine, tell=["slow", "gone", "broken", "good"])
    for _ in range(3):
        engine.deliver()
    dead = {m.effect.name: m.error for m in store.messages("", "dead")}
    assert dead == {
        "slow": "ConnectionError: no",
        "gone": "no such address",
        "broken": "broken cannot be rendered: no such variable",
    }
    assert [d.name for d in channel.got] == ["good"]


def test_action_answers_with_an_event_under_the_call_id(store: CaseStore) -> None:
    calls: list[Call] = []

    @action({"of": "number"}, {"answer": "number"})
    def ask(call: Call) -> Mapping[str, Any]:
        calls.append(call)
        return {"answer": 42}

    engine = an_engine(store, host=Host(actions=(ask,)))
    create(engine, call="ask")
    assert engine.deliver() == 1
    assert (calls[0].id, calls[0].data) == ("c1/1/0", {"of": 1})
    last = engine.history("c1")[-1].event
    assert (last["type"], last["id"], last["data"]) == ("called_back", "c1/1/0", {"answer": 42})
    assert engine.answer("c1", "c1/1/0", {"answer": 43}) is None


def test_action_of_a_call_that_has_ended_does_not_run(store: CaseStore) -> None:
    calls: list[Call] = []
    engine = an_engine(store)
    create(engine, call="ask")
    engine.answer("c1", "c1/1/0", {"answer": 1})
    engine.action("ask")(calls.append)
    engine.deliver()
    assert calls == []
    assert [m.error for m in store.messages("", "refused")] == ["the call has ended"]


def test_action_that_gives_up_raises_the_error_event(store: CaseStore) -> None:
    engine = an_engine(store, settings=RuntimeSettings(attempts=1))

    @engine.action("ask")
    def ask(call: Call) -> None:
        raise OSError("down")

    create(engine, call="ask")
    assert engine.deliver() == 0
    last = engine.history("c1")[-1].event
    assert (last["type"], last["data"]) == ("call_failed", {"message": "OSError: down"})
    assert ask is not None


def test_action_that_answers_later_leaves_the_call_open(store: CaseStore) -> None:
    engine = an_engine(store)

    @engine.action("ask")
    def ask(call: Call) -> None:
        """Start it; the answer comes later."""

    create(engine, call="ask")
    assert engine.deliver() == 1
    assert ask is not None
    answered = engine.answer("c1", "c1/1/0", {"answer": 1})
    assert answered is not None
    assert answered.status == "applied"


# looking


def test_forecast_stores_nothing(engine: Engine) -> None:
    create(engine, due_in=1)
    events = [
        Event("update", data={"x": 1}, time=START + 2 * MINUTE),
        Event("update", data={"x": 2}, time=START + 3 * MINUTE),
    ]
    outcomes = engine.forecast("c1", events)
    assert [o.event.type for o in outcomes] == ["timer", "update", "update"]
    assert outcomes[-1].case is not None
    assert outcomes[-1].case.fields == {"fired": 1, "x": 2}
    assert fields_of(engine) == {}


def test_cases_and_actions_are_listed(engine: Engine) -> None:
    create(engine, "c2")
    create(engine)
    assert [c.id for c in engine.cases()] == ["c1", "c2"]
    assert [c.id for c in engine.cases(CaseFilter(limit=1))] == ["c1"]
    assert engine.allowed_actions("c1", ANN) == ["c1", "ann"]


def test_observer_hears_each_outcome_once(engine: Engine) -> None:
    heard: list[str] = []
    end = engine.observe(lambda outcome: heard.append(outcome.event.type))
    create(engine, due_in=1)
    engine.send("c1", "deny", actor=ANN, time=START + MINUTE)
    end()
    engine.send("c1", "update", actor=ANN)
    assert heard == ["create", "timer", "deny"]


# replay


def test_history_has_old_and_new_values_of_the_whole_record(engine: Engine) -> None:
    create(engine, x=1)
    engine.send("c1", "update", {"x": 2, "due_in": 1}, actor=ANN)
    last = engine.history("c1")[-1]
    assert last.changes["fields.x"] == (1, 2)
    assert last.changes["revision"] == (1, 2)
    assert last.changes["timers"][0] == []


def test_explain_steps_again_with_a_trace(engine: Engine) -> None:
    create(engine)
    engine.send("c1", "deny", actor=ANN)
    engine.send("c1", "update", {"x": 1}, actor=ANN)
    (explained,) = engine.explain("c1", revision=2)
    assert explained.outcome is not None
    assert explained.outcome.trace == ({"traced": "update"},)
    assert [e.entry.status for e in engine.explain("c1")] == ["applied", "rejected", "applied"]


def test_verify_tells_agreement_difference_and_corruption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/cases.db"
    engine = an_engine(open_store(url))
    create(engine, x=1)
    engine.send("c1", "update", {"x": 2}, actor=ANN)
    assert engine.verify("c1").status == "agrees"

    def refuse(*_: Any, **__: Any) -> Outcome:
        return _no("rejected", None, Event("x"), START, "x")

    monkeypatch.setattr(FakeProgram, "step", refuse)
    verdict = engine.verify("c1")
    assert (verdict.status, verdict.revision) == ("differs", 1)
    other = an_engine(open_store(url), program=FakeProgram(hash="p2"))
    assert other.verify("c1").status == "unknown program"
    with sqlite3.connect(tmp_path / "cases.db") as raw:
        raw.execute("UPDATE journal SET changes = ? WHERE revision = 2", (b"{}",))
    raw.close()
    verdict = other.verify("c1")
    assert (verdict.status, verdict.revision) == ("corrupt", 2)
    engine.close()
    other.close()


# run


def lines(count: int = 300) -> list[bytes]:
    made: list[bytes] = []
    for n in range(count):
        time = (START + n * MINUTE / 4).isoformat()
        case = f"c{n % 30}"
        line: dict[str, Any] = {"id": f"e{n}", "type": "update", "case": case, "time": time}
        if n < 30:
            line |= {"type": "create", "case_type": "base.case", "data": {"due_in": n}}
        elif n % 7 == 0:
            line |= {"type": "deny"}
        elif n % 11 == 0:
            order = {"event": "update", "to": [f"c{n % 5}"], "data": {"from": n}}
            line |= {"data": {"send": order}}
        else:
            line |= {"data": {"n": n, "part": 0.1}}
        made.append(msgspec.json.encode({**line, "actor": {"id": "ann", "roles": ["agent"]}}))
    return made


def outputs(engine: Engine, given: list[bytes], until: dt.datetime | None = None) -> bytes:
    return b"\n".join(msgspec.json.encode(o) for o in feed(engine, given, until))


def test_same_lines_give_the_same_bytes_whatever_store_and_batch(tmp_path: Path) -> None:
    until = START + 600 * MINUTE
    plain = outputs(an_engine(open_store("memory")), lines(), until)
    for name, batch in (("one", 1), ("all", 1000), ("some", 7)):
        store = open_store(f"sqlite:///{tmp_path}/{name}.db")
        engine = an_engine(store, settings=RuntimeSettings(batch=batch))
        assert outputs(engine, lines(), until) == plain
        engine.close()
    assert plain.count(b'"type":"timer"') == 30
    assert b'"status":"malformed"' not in plain


def test_second_pass_gives_only_duplicates(store: CaseStore) -> None:
    list(feed(an_engine(store), lines()))
    again = list(feed(an_engine(store), lines()))
    assert {o["status"] for o in again} == {"duplicate"}
    assert len(again) == 300


CREATE = b"""{"id":"%s","type":"create","case":"%s","case_type":"base.case",
    "time":"2026-03-02T09:00:00Z","data":{"due_in":%d}}"""


def test_output_has_what_was_due_in_between_in_order(engine: Engine) -> None:
    given = [
        CREATE % (b"1", b"a", 5),
        CREATE % (b"2", b"b", 3),
        b'{"id":"3","type":"update","case":"a","time":"2026-03-02T09:05:00Z"}',
    ]
    found = [(o["case"], o["type"]) for o in feed(engine, given)]
    assert found == [
        ("a", "create"),
        ("b", "create"),
        ("b", "timer"),
        ("a", "timer"),
        ("a", "update"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b'{"id": "1"}',
        b'{"id": "1", "type": "update", "case": "c1", "unheard_of": 1}',
        b'{"id": "1", "type": "update", "case": "c1", "time": "2026-03-02T09:00:00"}',
        b'{"id": "1", "type": "update", "case": "c1", "actor": {"roles": []}}',
        b'{"id": "1", "type": "update", "case": "nobody", "time": "2026-03-02T09:00:00Z"}',
        b'{"id": "1", "type": "update", "case": "c1", "data": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)
def test_malformed_line_is_told_and_the_rest_goes_on(engine: Engine, line: bytes) -> None:
    create(engine)
    good = b'{"type": "update", "case": "c1", "time": "2026-03-02T09:00:00Z", "data": {"x": 1}}'
    first, second = feed(engine, [line, b"  ", good])
    assert first["status"] == "malformed"
    assert first["errors"][0]["message"]
    assert second["status"] == "applied"


def test_first_line_needs_a_time(store: CaseStore) -> None:
    engine = Engine(FakeProgram(), store, VirtualClock())
    (found,) = feed(engine, [b'{"type": "create", "case": "c1", "case_type": "base.case"}'])
    assert (found["status"], found["errors"][0]["path"]) == ("malformed", "time")


def test_line_may_name_a_case_by_its_number(engine: Engine) -> None:
    create(engine)
    (found,) = feed(engine, [b'{"type": "update", "case": "CS0001", "data": {"x": 1}}'])
    assert (found["case"], found["status"]) == ("c1", "applied")


def test_observer_hears_a_batch_once_it_is_durable(engine: Engine) -> None:
    create(engine)
    heard: list[str] = []
    engine.observe(lambda outcome: heard.append(outcome.event.id))

    def work(n: int) -> None:
        engine.send("c1", "update", {"n": n}, actor=ANN, id=f"e{n}")
        assert heard == ([] if n < 3 else heard)

    engine.batched([0, 1, 2], work)
    assert heard == ["e0", "e1", "e2"]


def test_deleted_case_is_gone_and_its_timers_too(engine: Engine) -> None:
    create(engine, due_in=1)
    assert engine.delete("c1")
    assert not engine.delete("c1")
    assert engine.get("c1") is None
    assert engine.next_due() is None


def test_erased_values_leave_the_journal_and_the_chain_holds(engine: Engine) -> None:
    create(engine, secret="hush")
    engine.send("c1", "update", {"secret": None}, actor=ANN)
    assert engine.erase("c1", ["secret"]) == 1
    assert "hush" not in repr(engine.history("c1"))
    assert engine.verify("c1").status == "erased"
    assert [e.outcome is None for e in engine.explain("c1")] == [True, True]


def test_erasing_what_the_case_still_has_leaves_the_case_as_it_is(engine: Engine) -> None:
    create(engine, secret="hush")
    engine.erase("c1", ["secret"])
    assert fields_of(engine)["secret"] == "hush"
    assert engine.verify("c1").status == "erased"
    engine.send("c1", "update", {"x": 1}, actor=ANN)
    assert engine.verify("c1").status == "erased"


def test_poisoned_batch_is_tried_one_by_one(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(engine)
    given = [
        msgspec.json.encode({"id": f"e{n}", "type": "update", "case": "c1", "data": {"n": n}})
        for n in range(5)
    ]
    steps: list[str] = []
    real = FakeProgram.step

    def sometimes(program: FakeProgram, entity: Any, event: Event, *more: Any, **named: Any) -> Any:
        steps.append(event.id)
        if event.id == "e3" and steps.count("e3") == 1:
            raise HostError("a moment of weakness")
        return real(program, entity, event, *more, **named)

    monkeypatch.setattr(FakeProgram, "step", sometimes)
    found = [o["event"] for o in feed(engine, given)]
    assert found == ["e0", "e1", "e2", "e3", "e4"]
    assert steps.count("e0") == 2
    assert len(engine.history("c1")) == 6


def test_feed_needs_a_clock_that_the_events_own(store: CaseStore) -> None:
    engine = Engine(FakeProgram(), store)
    with pytest.raises(TypeError, match="VirtualClock"):
        list(feed(engine, []))
