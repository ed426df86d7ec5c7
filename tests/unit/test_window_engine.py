"""Signals and windows through an engine: handing over, repeats, what is refused, what is told."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from casewright.case import Actor, Event, Window
from casewright.errors import EventError, HostError
from casewright.program import compile_packs
from casewright.runtime import AsyncEngine, Engine, Repeat, VirtualClock, feed
from casewright.runtime.runner import Runner
from casewright.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from casewright.case import Outcome
    from casewright.store import CaseStore

START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
MONITOR = Actor("monitor", ("monitoring",))
GUEST = Actor("guest", ("guest",))

PACK = """
kind: pack
name: desk
schema: casewright/1
version: 1.0.0
---
kind: case_type
name: incident
state_flow: incident
fields: {item: {type: string}, on: {type: date}, alerts: {type: integer}}
---
kind: roles
name: desk
for: incident
roles: {monitoring: {may: [create, read, update]}, guest: {}}
---
kind: state_flow
name: incident
initial: new
states: {new: {}, closed: {final: true}}
transitions: {close: {from: new, to: closed, roles: [monitoring]}}
---
kind: rules
name: grouping
signals:
  alert:
    roles: [monitoring]
    data: {item: {type: string}, severity: {type: integer, default: 2}, on: {type: date}}
  silence: {}
correlations:
  noisy_item:
    key: item
    within: 30 minutes
    all: [{as: heard, on: alert, count: 3, when: severity <= 2}]
    none: [{for: incident, when: state != "closed"}]
    do:
      - create:
          case_type: incident
          with: {item: = key, alerts: = count(heard)}
          once_per: [= fired]
  busy_day:
    key: on
    within: 1 day
    all: [{as: heard, on: alert, count: 2, distinct: item}]
    do: [{create: {case_type: incident, with: {on: = key}}}]
"""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pack") / "desk.yaml"
    path.write_text(PACK)
    return path


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CaseStore]:
    url = "memory" if request.param == "memory" else f"sqlite:///{tmp_path}/cases.db"
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def engine(pack: Path, store: CaseStore) -> Engine:
    return Engine(compile_packs([pack]), store, VirtualClock(START))


def alert(engine: Engine, name: str, item: str | None = "r1", **more: Any) -> Outcome:
    envelope = {k: more.pop(k) for k in ("time", "occurred", "actor") if k in more}
    data = {"item": item, **more}
    return engine.send(None, "alert", data, id=name, **{"actor": MONITOR, **envelope})


def the_window(engine: Engine, correlation: str = "noisy_item", key: object = "r1") -> Window:
    found = engine.window(correlation, key)
    assert found is not None
    return found


def test_signal_is_heard_by_each_window_that_listens(engine: Engine) -> None:
    outcome = alert(engine, "a1", on="2026-03-02")
    assert (outcome.status, outcome.entity) == ("applied", None)
    assert [e.name for e in outcome.effects] == ["desk.noisy_item", "desk.busy_day"]
    assert set(the_window(engine).observations) == {"a1"}
    day = the_window(engine, "busy_day", dt.date(2026, 3, 2))
    assert day == the_window(engine, "desk.busy_day", "2026-03-02")
    assert day.key == dt.date(2026, 3, 2)
    assert [w.correlation for w in engine.windows()] == ["desk.busy_day", "desk.noisy_item"]
    assert engine.windows("noisy_item") == [the_window(engine)]


def test_window_is_read_back_as_it_was_written(engine: Engine, pack: Path) -> None:
    alert(engine, "a1", on="2026-03-02")
    day = the_window(engine, "busy_day", "2026-03-02")
    program = compile_packs([pack])
    assert program.load_window(program.dump_window(day)) == day


def test_window_is_no_case(engine: Engine) -> None:
    alert(engine, "a1")
    assert engine.cases() == []
    assert engine.get(the_window(engine).id) is None
    assert engine.window("noisy_item", "unheard") is None
    with pytest.raises(EventError, match=r'no correlation is named "noisy_itme"; did you mean'):
        engine.window("noisy_itme", "r1")


def test_signal_that_comes_again_is_a_duplicate_at_whatever_time(engine: Engine) -> None:
    first = alert(engine, "a1", time=START)
    again = alert(engine, "a1", time=START + MINUTE)
    assert isinstance(again, Repeat)
    assert (again.status, again.first.effects) == ("duplicate", tuple(e.id for e in first.effects))
    assert the_window(engine).revision == 1


def test_id_of_a_signal_with_other_content_is_id_reused(engine: Engine) -> None:
    alert(engine, "a1")
    other = alert(engine, "a1", severity=1)
    assert (other.status, other.errors[0].code) == ("id_reused", "id_reused")
    assert the_window(engine).revision == 1


def test_signal_without_id_gets_one_of_its_own(engine: Engine) -> None:
    for _ in range(2):
        engine.handle(Event("alert", actor=MONITOR, data={"item": "r1"}))
    assert len(the_window(engine).observations) == 2


def test_signal_that_may_not_be_is_rejected_and_leaves_nothing(engine: Engine) -> None:
    assert [p.code for p in alert(engine, "a1", actor=GUEST).errors] == ["forbidden"]
    assert [p.code for p in alert(engine, "a2", severity="high").errors] == ["invalid"]
    assert alert(engine, "a3", item=None).status == "applied"  # which no window wants
    assert engine.send(None, "silence", actor=GUEST).status == "applied"
    assert engine.windows() == []


def test_rejected_signal_may_come_again_once_it_is_mended(engine: Engine) -> None:
    assert alert(engine, "a1", severity="high").status == "rejected"
    assert alert(engine, "a1", severity=1).status == "applied"


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (Event("alrt", actor=MONITOR), "alrt needs the id of a case, and is no signal"),
        (Event("observe", case="window/desk.noisy_item/r1", actor=MONITOR), "id of a window"),
        (Event("create", case="window/x/y", case_type="incident", actor=MONITOR), "of a window"),
        (Event("alert", time=dt.datetime(2026, 3, 2), actor=MONITOR), "no time zone"),  # noqa: DTZ001
    ],
)
def test_envelope_that_fits_nothing_is_an_event_error(
    engine: Engine, event: Event, why: str
) -> None:
    alert(engine, "a1")
    with pytest.raises(EventError, match=why):
        engine.handle(event)
    assert the_window(engine).revision == 1


def test_what_a_window_creates_is_there_when_the_signal_is_answered(engine: Engine) -> None:
    for n in range(3):
        alert(engine, f"a{n}")
    (case,) = engine.cases()
    assert case.fields == {"item": "r1", "alerts": 3}
    assert the_window(engine).fired == 1
    for n in range(3, 9):  # while it is open there is no second one
        alert(engine, f"a{n}")
    assert len(engine.cases()) == 1


def test_journal_of_a_window_explains_and_verifies(engine: Engine) -> None:
    for n in range(3):
        alert(engine, f"a{n}")
    window = the_window(engine)
    assert engine.verify(window.id).status == "agrees"
    history = engine.history(window.id)
    assert [entry.event["type"] for entry in history] == ["observe"] * 4
    assert "observations.a0" in history[0].changes
    explained = engine.explain(window.id)
    assert [one.outcome is not None and one.outcome.status for one in explained] == ["applied"] * 4
    assert engine.at(window.id, 1) == engine.at(window.id, 1)
    first = engine.at(window.id, 1)
    assert isinstance(first, Window)
    assert set(first.observations) == {"a0"}


def test_values_of_a_window_can_be_erased_from_its_journal(engine: Engine) -> None:
    alert(engine, "a1", on="2026-03-02")
    window = the_window(engine, "busy_day", "2026-03-02")
    assert engine.erase(window.id, ["item"]) == 1
    assert engine.verify(window.id).status == "erased"


def test_deleted_window_hears_nothing_more(engine: Engine) -> None:
    alert(engine, "a1")
    window = the_window(engine)
    assert engine.delete(window.id)
    outcome = alert(engine, "a2")
    assert (outcome.status, outcome.errors[0].code) == ("rejected", "exists")
    assert engine.windows() == []


def test_window_ends_by_its_timer(engine: Engine) -> None:
    alert(engine, "a1")
    assert engine.next_due() == START + 30 * MINUTE
    (outcome,) = engine.run_due(START + 30 * MINUTE)
    assert isinstance(outcome.entity, Window)
    assert (outcome.entity.state, outcome.entity.episode) == ("empty", 2)
    assert engine.next_due() is None


def test_timer_that_is_due_runs_before_the_signal(engine: Engine) -> None:
    for n in range(2):
        alert(engine, f"a{n}")
    alert(engine, "late", time=START + 31 * MINUTE)
    assert engine.cases() == []
    assert set(the_window(engine).observations) == {"late"}


def test_late_observation_is_told_at_the_signal(engine: Engine) -> None:
    alert(engine, "a1")
    outcome = alert(engine, "old", occurred=START - 31 * MINUTE)
    assert outcome.status == "applied"
    assert [one.event for one in outcome.ignored] == ["observe"]
    assert "late" in outcome.ignored[0].reason


def test_observers_hear_the_signal_and_then_what_came_of_it(engine: Engine) -> None:
    heard: list[tuple[str, str]] = []
    engine.observe(lambda outcome: heard.append((outcome.event.type, outcome.status)))
    for n in range(3):
        alert(engine, f"a{n}", on="2026-03-02")
    observed = ("observe", "applied")
    assert heard[:3] == [("alert", "applied"), observed, observed]
    assert heard[6:] == [("alert", "applied"), observed, observed, ("create", "applied"), observed]
    heard.clear()
    alert(engine, "a0", on="2026-03-02")
    alert(engine, "a9", actor=GUEST)
    assert heard == [("alert", "rejected")]


def failing(monkeypatch: pytest.MonkeyPatch, correlation: str) -> pytest.MonkeyPatch:
    """Let the store fail once a signal is handed to a window."""
    handle = Runner.handle

    def fail(runner: Runner, event: Event, settles: int = 0) -> Sequence[Outcome]:
        if correlation in event.case:
            raise HostError("the disk is full")
        return handle(runner, event, settles)

    monkeypatch.setattr(Runner, "handle", fail)
    return monkeypatch


def test_signal_half_handed_over_goes_on_where_it_was_left(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Outcome] = []
    with monkeypatch.context() as patch:
        failing(patch, "busy_day")
        end = engine.observe(heard.append)
        with pytest.raises(HostError, match="disk is full"):
            alert(engine, "a1", on="2026-03-02")
        end()
    assert [one.event.case for one in heard] == ["window/desk.noisy_item/r1"]
    assert engine.window("busy_day", "2026-03-02") is None
    again = alert(engine, "a1", on="2026-03-02")
    assert again.status == "applied"
    assert the_window(engine).revision == 1
    assert the_window(engine, "busy_day", "2026-03-02").revision == 1
    assert alert(engine, "a1", on="2026-03-02").status == "duplicate"


def test_windows_of_one_signal_are_written_together(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[int] = []
    commit = engine.store.commit

    def counted(steps: Any, codec: Any) -> Any:
        commits.append(len(steps))
        return commit(steps, codec)

    batches: list[None] = []
    batch = engine.store.batch

    def opened() -> Any:
        batches.append(None)
        return batch()

    monkeypatch.setattr(engine.store, "commit", counted)
    monkeypatch.setattr(engine.store, "batch", opened)
    alert(engine, "a1", on="2026-03-02")
    assert (len(commits), len(batches)) == (2, 1)
    alert(engine, "a2")
    assert (len(commits), len(batches)) == (3, 1)


def test_failed_window_parks_its_observation_and_takes_it_when_it_is_retried(
    pack: Path, store: CaseStore
) -> None:
    from casewright import Limits

    day = dt.date(2026, 3, 2)
    more: dict[str, Any] = {"severity": 3, "on": day.isoformat()}
    few = Limits(observations=3)
    strict = Engine(compile_packs([pack], limits=few), store, VirtualClock(START))
    for name in ("a1", "a2", "a3"):
        assert alert(strict, name, **more).status == "applied"
    failed = alert(strict, "a4", **more)
    assert (failed.status, failed.errors[0].code) == ("failed", "record_limit")
    (parked,) = strict.parked()
    assert parked.entity == the_window(strict, "busy_day", day).id
    engine = Engine(compile_packs([pack]), store, VirtualClock(START))
    assert engine.retry(parked).status == "applied"
    assert set(the_window(engine, "busy_day", day).observations) == {"a1", "a2", "a3", "a4"}
    assert alert(engine, "a4", **more).status == "duplicate"
    assert engine.parked() == []


def test_lines_of_run_name_windows_and_come_again_as_duplicates(engine: Engine) -> None:
    lines = [
        json.dumps(
            {
                "id": f"a{n}",
                "type": "alert",
                "time": f"2026-03-02T09:0{n}:00Z",
                "actor": {"id": "m", "roles": ["monitoring"]},
                "data": {"item": "r1"},
            }
        )
        for n in range(3)
    ]
    came = list(feed(engine, lines, START + 60 * MINUTE))
    window = "window/desk.noisy_item/r1"
    assert [(one["type"], one["case"]) for one in came[:2]] == [
        ("alert", None),
        ("observe", window),
    ]
    assert came[0]["effects"][0]["to"] == [window]
    assert [one["type"] for one in came[4:]] == ["alert", "observe", "create", "observe", "timer"]
    assert came[5]["changes"] == {"fired": [0, 1]}
    assert {one["status"] for one in feed(engine, lines)} == {"duplicate"}
    assert len(engine.cases()) == 1


def test_windows_can_be_awaited(pack: Path) -> None:
    import asyncio

    async def play() -> None:
        async with await AsyncEngine.open(pack, clock=VirtualClock(START)) as engine:
            out = await engine.send(None, "alert", {"item": "r1"}, actor=MONITOR)
            assert out.status == "applied"
            window = await engine.window("noisy_item", "r1")
            assert window is not None
            assert await engine.windows("noisy_item") == [window]

    asyncio.run(play())
