"""Why a window fired, was told, or was not: every verdict, in a program, an engine and the CLI."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from casewright.case import Actor, Event
from casewright.cli import main
from casewright.errors import EventError
from casewright.rules.networks.native import NativeNetwork
from casewright.rules.networks.nearest import nearest
from casewright.runtime import AsyncEngine, Engine, VirtualClock
from support.life import ANNE, PACK, program_of
from support.rules_random import Around, as_facts, production, ruleset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casewright.case import Outcome
    from casewright.program import PatternVerdict, WindowVerdict

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PROBE = Actor("probe", roles=("monitoring",))

NOC = """
kind: case_type
name: incident
state_flow: incident
fields:
  item: {type: string}
  service: {type: string}
  impact: {type: integer, default: 3}
  note: {type: string}
---
kind: roles
name: incident
for: incident
roles: {monitoring: {}, agent: {may: [create, read, update, comment]}}
---
kind: state_flow
name: incident
initial: open
states: {open: {}, closed: {final: true}}
transitions: {close: {from: open, to: closed, roles: [agent]}}
---
kind: decision_table
name: weighing
hit_policy: first
inputs: {severity: {type: integer}}
outputs: {weight: {type: string}}
rules: |
  severity || weight
  1        || heavy
---
kind: rules
name: alerts
signals:
  alert:
    roles: [monitoring]
    data: {item: {type: string}, source: {type: string}, severity: {type: integer}}
correlations:
  noisy_item:
    key: item
    within: 30 minutes
    all:
      - {as: worst, on: alert, when: severity <= 2}
      - {as: rest, on: alert, count: 2, distinct: source, when: severity <= worst.severity + 1}
    none: [{as: known, for: incident, when: state = "open"}]
    do: [{create: {case_type: incident, with: {item: = key}}}]
  calm_item:
    key: item
    within: 30 minutes
    all: [{as: two, on: alert, count: 2, when: severity >= 4}]
    none: [{as: bad, on: alert, when: severity = 1}]
    do: [{create: {case_type: incident, with: {note: calm}}}]
  sliding:
    key: item
    within: 30 minutes
    keep: true
    all: [{as: two, on: alert, count: 2, when: severity = 9}]
    do: [{create: {case_type: incident, with: {note: slid}}}]
  heavy:
    key: item
    within: 30 minutes
    all: [{as: two, on: alert, count: 2, when: 'weighing().weight = "heavy"'}]
    do: [{create: {case_type: incident, with: {note: heavy}}}]
  recurring:
    key: service
    within: 1 days
    all: [{as: bad, on: create, for: incident, count: 2, when: impact <= 2}]
    do: [{create: {case_type: incident, with: {note: recurring}}}]
"""


@pytest.fixture(scope="module")
def program() -> Any:
    return program_of(NOC)


@pytest.fixture
def engine(program: Any) -> Iterator[Engine]:
    with Engine(program, "memory", VirtualClock()) as made:
        yield made


def alert(
    engine: Engine, name: str, minute: int, item: str | None = "r1", by: Actor = PROBE, **data: Any
) -> Outcome:
    time = START + timedelta(minutes=minute)
    given = {"item": item, **data}
    return engine.handle(Event("alert", id=name, time=time, actor=by, data=given))


def alerts(engine: Engine, *given: tuple[str, int]) -> None:
    for at, (source, severity) in enumerate(given, 1):
        alert(engine, f"a{at}", at, source=source, severity=severity)


def incident(engine: Engine, case: str, minute: int = 0, **data: Any) -> None:
    time = START + timedelta(minutes=minute)
    engine.create("incident", data, actor=ANNE, case=case, id=f"made_{case}", time=time)


def of(found: list[PatternVerdict], correlation: str, pattern: str) -> PatternVerdict:
    (one,) = [
        v for v in found if v.correlation.endswith(f".{correlation}") and v.pattern == pattern
    ]
    return one


# windows


def test_a_window_tells_how_many_observations_a_pattern_lacks(engine: Engine) -> None:
    alerts(engine, ("ping", 2), ("snmp", 3))
    found = engine.why_window("noisy_item/r1")
    worst, rest = found.patterns
    assert found.verdict == "short"
    assert (worst.found, worst.is_met) == (("a1",), True)
    assert (rest.found, rest.needed, rest.is_met) == (("a2",), 2, False)
    assert found.message == "rest has 1 of 2"


def test_a_window_tells_which_values_are_there_already(engine: Engine) -> None:
    alerts(engine, ("ping", 2), ("snmp", 3), ("snmp", 3))
    (_, rest) = engine.why_window("noisy_item/r1").patterns
    assert (rest.distinct, rest.values, rest.repeated) == ("source", ("snmp",), ("a3",))
    assert rest.message == 'rest has 1 of 2, source has to be another than "snmp"'


def test_a_window_tells_which_part_of_a_join_failed(engine: Engine) -> None:
    alerts(engine, ("ping", 2), ("snmp", 4))
    (_, rest) = engine.why_window("noisy_item/r1").patterns
    (misfit,) = rest.rejected
    (part,) = misfit.deciding
    assert misfit.observation == "a2"
    assert (part.text, part.needed) == ("severity <= worst.severity + 1", "<= 3")
    assert part.seen == (("severity", 4), ("worst.severity + 1", 3), ("worst.severity", 2))


def test_a_value_that_an_observation_does_not_bring_is_named(engine: Engine) -> None:
    alerts(engine, ("ping", 2))
    alert(engine, "a2", 2, source="snmp")
    found = engine.why_signal(
        Event("alert", time=START, actor=PROBE, data={"item": "r1", "source": "snmp"})
    )
    (part,) = of(found, "noisy_item", "worst").deciding
    assert part.why == "the signal alert brought no severity"


def test_a_pattern_that_nothing_fits_says_so(engine: Engine) -> None:
    alerts(engine, ("ping", 3))
    found = engine.why_window("noisy_item/r1")
    assert found.message == (
        "worst needs 1; no observation fits it;"
        " rest needs 2, after those before it; 1 observation may fit it"
    )


def test_a_window_that_fired_tells_on_what_and_what_it_did(engine: Engine) -> None:
    alerts(engine, ("ping", 2), ("snmp", 3), ("flow", 2))
    found = engine.why_window("noisy_item/r1", "a3")
    assert found.verdict == "fired"
    (firing,) = found.firings
    assert firing.found == {"worst": ("a1",), "rest": ("a2", "a3")}
    assert firing.did == ("create t.incident",)
    assert firing.consumed == ("a1", "a2", "a3")
    assert found.message == "fired on worst = a1, rest = a2 a3: create t.incident"


def test_an_event_before_the_firing_is_told_as_it_was_then(engine: Engine) -> None:
    alerts(engine, ("ping", 2), ("snmp", 3), ("flow", 2))
    found = engine.why_window("noisy_item/r1", "a2")
    assert (found.verdict, found.event) == ("short", "a2/t.noisy_item")
    assert found.earlier == ()


def test_earlier_firings_tell_what_they_consumed(engine: Engine) -> None:
    alerts(engine, ("x", 4), ("x", 4), ("x", 4))
    found = engine.why_window("calm_item/r1", "a3")
    assert found.verdict == "short"
    (before,) = found.earlier
    assert (before.event, before.consumed) == ("a2/t.calm_item", ("a1", "a2"))


def test_firings_of_an_episode_that_is_over_are_not_told(engine: Engine) -> None:
    alerts(engine, ("x", 4), ("x", 4))
    engine.run_due(START + timedelta(days=1))
    alert(engine, "late", 2_000, source="x", severity=4)
    assert engine.why_window("calm_item/r1", "late").earlier == ()


def test_what_must_not_be_there_is_named(engine: Engine) -> None:
    alerts(engine, ("x", 1), ("x", 4), ("x", 4))
    found = engine.why_window("calm_item/r1")
    assert found.verdict == "blocked"
    assert found.blocked_by == ("a1", "bad")
    assert found.message == "all patterns are met, but alert a1 fits bad of `none`"


def test_a_fact_that_shuts_the_window_is_named(engine: Engine) -> None:
    incident(engine, "i1", item="r1")
    found = engine.why_window("noisy_item/r1")
    assert found.verdict == "blocked"
    assert found.message == "i1 fits known of `none`: nothing can fire"
    alerts(engine, ("ping", 2))
    ignored = engine.why_window("noisy_item/r1", "a1")
    assert ignored.verdict == "ignored"
    assert ignored.message.startswith("shut: ")


def test_an_observation_that_came_too_late_says_so(engine: Engine) -> None:
    alert(engine, "new", 60, source="ping", severity=3)
    at = START + timedelta(minutes=61)
    data = {"item": "r1", "source": "ping", "severity": 3}
    engine.handle(Event("alert", id="old", time=at, occurred=START, actor=PROBE, data=data))
    found = engine.why_window("noisy_item/r1", "old")
    assert found.verdict == "ignored"
    assert found.message.startswith("late: old is older than the newest by 30 minutes")


def test_kept_observations_fire_only_with_what_comes_in(engine: Engine) -> None:
    alerts(engine, ("x", 9), ("x", 9))
    assert engine.why_window("sliding/r1", "a2").verdict == "fired"
    (firing,) = engine.why_window("sliding/r1", "a2").firings
    assert firing.consumed == ()


def test_a_window_whose_time_is_over_is_empty(engine: Engine) -> None:
    alerts(engine, ("ping", 3))
    engine.run_due(START + timedelta(days=1))
    found = engine.why_window("noisy_item/r1")
    assert (found.verdict, found.message) == (
        "empty",
        "its time was over; it holds no observation",
    )


def test_a_window_that_is_not_there_is_refused(engine: Engine) -> None:
    with pytest.raises(EventError, match=r"there is no window window/t\.noisy_item/r9"):
        engine.why_window("noisy_item/r9")
    with pytest.raises(EventError, match="did you mean"):
        engine.why_window("noisy_itm/r9")


# what is observed of signals


def test_a_signal_that_is_observed_names_the_window(engine: Engine) -> None:
    data = {"item": "r1", "source": "x", "severity": 2}
    found = engine.why_signal(Event("alert", time=START, actor=PROBE, data=data))
    one = of(found, "noisy_item", "worst")
    assert (one.verdict, one.window) == ("observed", "window/t.noisy_item/r1")
    assert engine.windows() == []


def test_a_signal_that_a_condition_keeps_out_tells_the_value(engine: Engine) -> None:
    data = {"item": "r1", "source": "x", "severity": 3}
    found = engine.why_signal(Event("alert", time=START, actor=PROBE, data=data))
    one = of(found, "noisy_item", "worst")
    assert one.verdict == "did not hold"
    assert one.message == "severity <= 2 was false: severity = 3, needed <= 2"


def test_a_signal_without_key_tells_where_the_null_comes_from(engine: Engine) -> None:
    data = {"source": "x", "severity": 2}
    found = engine.why_signal(Event("alert", time=START, actor=PROBE, data=data))
    one = of(found, "noisy_item", "worst")
    assert one.verdict == "no key"
    assert one.message == "the key item is null: the signal alert brought no item"


def test_a_table_that_a_pattern_asks_is_told_with_its_nearest_row(engine: Engine) -> None:
    data = {"item": "r1", "source": "x", "severity": 3}
    found = engine.why_signal(Event("alert", time=START, actor=PROBE, data=data))
    (part,) = of(found, "heavy", "two").deciding
    assert "no row of weighing fits severity = 3" in part.why
    assert "nearest: row 1: severity is 3, the cell asks for 1" in part.why


def test_a_signal_that_is_refused_is_observed_by_nobody(engine: Engine) -> None:
    found = engine.why_signal(Event("alert", time=START, actor=ANNE, data={"item": "r1"}))
    assert {one.verdict for one in found} == {"not tried"}
    assert "forbidden" in found[0].message


# what is observed of cases


def test_a_case_that_is_observed_names_the_window(engine: Engine) -> None:
    incident(engine, "i1", service="mail", impact=1)
    one = of(engine.why_observed("i1", "made_i1"), "recurring", "bad")
    assert (one.verdict, one.window) == ("observed", "window/t.recurring/mail")


def test_a_case_that_a_pattern_leaves_out_tells_why(engine: Engine) -> None:
    incident(engine, "i1", service="mail", impact=3)
    incident(engine, "i2", impact=1)
    low = of(engine.why_observed("i1", "made_i1"), "recurring", "bad")
    keyless = of(engine.why_observed("i2", "made_i2"), "recurring", "bad")
    assert low.message == "impact <= 2 was false: impact = 3, needed <= 2"
    assert keyless.message == "the key service is null: service has no value"


def test_a_pattern_on_another_event_or_other_cases_says_so(engine: Engine) -> None:
    incident(engine, "i1", service="mail", impact=1)
    time = START + timedelta(minutes=3)
    engine.send("i1", "update", {"note": "x"}, actor=ANNE, id="up", time=time)
    found = engine.why_observed("i1", "up")
    assert of(found, "recurring", "bad").message == "it is on create; this step had update"
    assert of(found, "noisy_item", "worst").message == "it does not watch cases of incident"


def test_a_pattern_that_holds_tells_when_it_begins_and_ceases(engine: Engine) -> None:
    incident(engine, "i1", item="r1")
    begun = of(engine.why_observed("i1", "made_i1"), "noisy_item", "known")
    assert (begun.verdict, begun.window) == ("observed", "window/t.noisy_item/r1")
    time = START + timedelta(minutes=3)
    engine.send("i1", "update", {"note": "x"}, actor=ANNE, id="up", time=time)
    same = of(engine.why_observed("i1", "up"), "noisy_item", "known")
    assert same.message == "nothing that it reads has changed: it reads state, item"
    engine.send("i1", "close", {}, actor=ANNE, id="end", time=time)
    gone = of(engine.why_observed("i1", "end"), "noisy_item", "known")
    assert gone.verdict == "gone"
    assert gone.message == "window/t.noisy_item/r1 was told that it holds no longer"


def test_only_one_correlation_is_asked_where_it_is_named(engine: Engine) -> None:
    incident(engine, "i1", service="mail", impact=1)
    found = engine.why_observed("i1", "made_i1", "recurring")
    assert [one.pattern for one in found] == ["bad"]
    with pytest.raises(EventError, match="did you mean"):
        engine.why_observed("i1", "made_i1", "recuring")


# doors


def test_the_asynchronous_engine_tells_the_same(engine: Engine) -> None:
    alerts(engine, ("ping", 2))
    incident(engine, "i1", service="mail")
    signal = Event("alert", time=START, actor=PROBE, data={"item": "r1"})
    other = AsyncEngine(engine)

    async def asked() -> tuple[WindowVerdict, list[PatternVerdict], list[PatternVerdict]]:
        return (
            await other.why_window("noisy_item/r1"),
            await other.why_observed("i1", "made_i1"),
            await other.why_signal(signal),
        )

    assert asyncio.run(asked()) == (
        engine.why_window("noisy_item/r1"),
        engine.why_observed("i1", "made_i1"),
        engine.why_signal(signal),
    )


def line(name: str, kind: str, minute: int, **more: Any) -> str:
    time = (START + timedelta(minutes=minute)).isoformat()
    return json.dumps({"id": name, "type": kind, "time": time, **more}) + "\n"


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "noc"
    folder.mkdir()
    (folder / "pack.yaml").write_text(f"{PACK}---\n{NOC}")
    probe = {"id": "probe", "roles": ["monitoring"]}
    anne = {"id": "anne", "roles": ["agent"]}
    Path("events.jsonl").write_text(
        line("a1", "alert", 1, actor=probe, data={"item": "r1", "source": "ping", "severity": 2})
        + line("a2", "alert", 2, actor=probe, data={"item": "r1", "source": "snmp", "severity": 4})
        + line("e1", "create", 3, case="i1", case_type="incident", actor=anne, data={"impact": 1})
    )
    Path("more.jsonl").write_text(line("a9", "alert", 9, actor=probe, data={"severity": 2}))
    return "noc"


def explained(pack: str, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert main(["explain", pack, *more, "--events", "events.jsonl"]) == 0
    return capsys.readouterr().out


def test_the_command_tells_of_a_window(pack: str, capsys: pytest.CaptureFixture[str]) -> None:
    expected = [
        "window/t.noisy_item/r1: a2/t.noisy_item: did not fire",
        "  observed as rest",
        "  what it lacks:",
        "    worst: 1 of 1 (a1)",
        "    rest: 0 of 2",
        "      alert a2 does not fit:",
    ]
    shown = explained(pack, capsys, "noisy_item/r1", "--event", "a2").splitlines()
    assert [one for one in shown if "defined at" not in one][:6] == expected
    by_id = explained(pack, capsys, "window/t.noisy_item/r1").splitlines()
    assert by_id[0].endswith("observe a1/t.noisy_item by system: applied")
    assert "    rest: 0 of 2" in by_id


def test_the_command_gives_programs_a_window(pack: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = explained(pack, capsys, "noisy_item/r1", "--event", "a2", "--format", "json")
    found = json.loads(shown)
    assert (found["verdict"], found["key"], found["observed"]) == ("short", "r1", ["rest"])
    assert found["patterns"][1]["rejected"][0]["deciding"][0]["needed"] == "<= 3"


def test_the_command_tells_of_a_correlation_at_an_event_of_a_case(
    pack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = explained(pack, capsys, "i1", "--event", "e1", "--rule", "recurring")
    assert shown.splitlines()[1] == (
        "  t.recurring, pattern bad: not observed: the key service is null: service has no value"
    )


def test_the_command_tells_of_a_signal_that_is_only_thought_of(
    pack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = explained(pack, capsys, "noisy_item", "--if", "more.jsonl").splitlines()
    told = "not observed: the key item is null: the signal alert brought no item"
    assert shown == [
        "alert a9",
        *(f"  t.noisy_item, pattern {p}: {told}" for p in ("worst", "rest")),
    ]


def test_the_command_refuses_a_correlation_that_is_not_there(
    pack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["explain", pack, "noisy_itm", "--events", "events.jsonl", "--if", "more.jsonl"]
    assert main(given) == 2
    assert 'did you mean "noisy_item"' in capsys.readouterr().err


# what is nearest


@pytest.mark.parametrize("seed", range(100))
def test_a_binding_is_complete_exactly_where_the_network_finds_one(seed: int) -> None:
    rules = ruleset(Random(seed))
    for rule in rules.rules:
        made = production(rule)
        network = NativeNetwork([made])
        for facts in rules.facts:
            given = as_facts(facts)
            fires = bool(network.activations(given, Around()))
            assert nearest(made, given, Around()).is_complete == fires
