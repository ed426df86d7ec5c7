"""Alerts of the shipped pack: repeats, late ones, disorder, both networks, and two at a time."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from casewright.case import Actor, Case, Event
from casewright.program import compile_packs
from casewright.resources import specs_dir
from casewright.rules.networks.durable import is_installed
from casewright.runtime.clock import VirtualClock
from casewright.runtime.engine import Engine
from casewright.runtime.feed import feed
from casewright.store import CaseFilter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from casewright.case import Outcome
    from casewright.rules.networks import choosing

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NETWATCH = Actor("netwatch", roles=("monitoring",))
NORA = Actor("nora", roles=("noc_agent",))
PACKS = [specs_dir() / "base", specs_dir() / "proactive_service"]
NETWORKS: list[choosing.Wanted] = ["native"]
if is_installed():
    NETWORKS.append("durable")
PROGRAMS = {network: compile_packs(PACKS, network=network) for network in NETWORKS}


def engine_at(minute: float, network: choosing.Wanted = "native") -> Engine:
    return Engine(PROGRAMS[network], clock=VirtualClock(NINE + timedelta(minutes=minute)))


def alert(number: int, minute: float, item: str = "vmanage_10001", severity: int = 3) -> Event:
    return Event(
        "alert",
        id=f"a{number}",
        actor=NETWATCH,
        occurred=NINE + timedelta(minutes=minute),
        data={"configuration_item": item, "severity": severity},
    )


def sent(engine: Engine, alerts: Iterable[Event]) -> list[Outcome]:
    return [engine.handle(one) for one in alerts]


def incidents(engine: Engine) -> list[Case]:
    return engine.cases(CaseFilter(case_types=("proactive_service.incident",)))


def test_an_alert_that_comes_twice_is_one() -> None:
    engine = engine_at(10)
    first = [alert(i, i) for i in range(4)]
    sent(engine, first)
    assert [out.status for out in sent(engine, first)] == ["duplicate"] * 4
    assert incidents(engine) == []
    sent(engine, [alert(4, 4)])
    sent(engine, [alert(4, 4), alert(0, 0)])
    assert [case.fields["alert_count"] for case in incidents(engine)] == [5]


def test_the_same_id_with_other_content_is_told() -> None:
    engine = engine_at(10)
    sent(engine, [alert(1, 1)])
    assert engine.handle(alert(1, 1, severity=1)).status == "id_reused"


def test_an_alert_older_than_half_an_hour_is_late_and_counts_nowhere() -> None:
    engine = engine_at(60)
    sent(engine, [alert(i, 40 + i) for i in range(4)])
    sent(engine, [alert(4, 13)])
    assert incidents(engine) == []
    sent(engine, [alert(5, 14)])
    assert [case.fields["alert_count"] for case in incidents(engine)] == [5]
    sent(engine, [alert(6, 13)])
    assert [case.fields["alert_count"] for case in incidents(engine)] == [5]


def opened(engine: Engine) -> None:
    about = {"short_description": "It stumbles", "configuration_item": "vmanage_10001"}
    assert engine.create("incident", about, actor=NORA).status == "applied"


def pass_time(engine: Engine, minutes: float) -> None:
    assert isinstance(engine.clock, VirtualClock)
    engine.clock.move(timedelta(minutes=minutes))
    engine.run_due(engine.clock.now())


def test_an_alert_from_before_the_silence_does_not_take_the_proposal_back() -> None:
    engine = engine_at(0)
    opened(engine)
    sent(engine, [alert(1, 0)])
    pass_time(engine, 65)
    assert incidents(engine)[0].state == "resolution_proposed"
    sent(engine, [alert(2, -5)])
    (case,) = incidents(engine)
    assert (case.state, case.fields["alert_count"]) == ("resolution_proposed", 2)
    sent(engine, [alert(3, 50)])
    (case,) = incidents(engine)
    assert (case.state, case.fields["quiet_since"]) == ("new", NINE + timedelta(minutes=50))


def test_alerts_of_long_ago_at_the_instant_at_which_their_window_has_ended() -> None:
    engine = engine_at(0)
    opened(engine)
    sent(engine, [alert(1, 0)])
    pass_time(engine, 30)
    assert [out.status for out in sent(engine, [alert(2, -5), alert(3, -4)])] == ["applied"] * 2
    assert incidents(engine)[0].fields["alert_count"] == 3


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("seed", range(6))
def test_in_whatever_order_alerts_come_each_counts_once(
    seed: int, network: choosing.Wanted
) -> None:
    chance = random.Random(seed)
    alerts = [alert(i, chance.uniform(0, 29), severity=chance.randint(1, 4)) for i in range(12)]
    alerts += chance.sample(alerts, 4)
    chance.shuffle(alerts)
    engine = engine_at(30, network)
    sent(engine, alerts)
    (case,) = incidents(engine)
    whole = {one.id: one for one in alerts}.values()
    assert case.fields["alert_count"] == 12
    assert case.fields["first_alert_at"] == min(one.occurred for one in whole if one.occurred)
    assert case.fields["last_alert_at"] == max(one.occurred for one in whole if one.occurred)
    assert case.fields["severity"] == min(one.data["severity"] for one in whole)
    assert len(case.fields["first_alerts"]) == 5


@pytest.mark.parametrize("network", NETWORKS)
def test_items_that_qualify_have_one_incident_each(network: choosing.Wanted) -> None:
    chance = random.Random(7)
    items = ["vmanage_10001", "edge_pike_street", "link_harbour_way", "edge_terminal_b"]
    numbers = {item: 3 + 2 * place for place, item in enumerate(items)}
    alerts = [
        alert(100 * place + i, chance.uniform(0, 25), item)
        for place, item in enumerate(items)
        for i in range(numbers[item])
    ]
    chance.shuffle(alerts)
    engine = engine_at(30, network)
    sent(engine, alerts)
    counted = {c.fields["configuration_item"]: c.fields["alert_count"] for c in incidents(engine)}
    assert counted == {item: number for item, number in numbers.items() if number >= 5}
    assert engine.cases(CaseFilter(case_types=("proactive_service.problem",))) == []


def test_the_demo_is_an_hour_of_alerts_with_three_incidents_and_a_problem() -> None:
    demo = specs_dir() / "proactive_service" / "demo" / "alerts.jsonl"
    engine = Engine(PROGRAMS["native"], clock=VirtualClock())
    outputs = list(feed(engine, demo.read_bytes().splitlines()))
    assert Counter(one["status"] for one in outputs if one["type"] == "alert") == {
        "applied": 31,
        "duplicate": 1,
        "rejected": 1,
    }
    assert {one["status"] for one in outputs if one["type"] != "alert"} == {"applied"}
    counted = {c.fields["configuration_item"]: c.fields["alert_count"] for c in incidents(engine)}
    assert counted == {"vmanage_10001": 9, "edge_pike_street": 7, "link_harbour_way": 7}
    (problem,) = engine.cases(CaseFilter(case_types=("proactive_service.problem",)))
    assert problem.related["incidents"].count == 3


def test_the_program_says_what_runs_where() -> None:
    for network, program in PROGRAMS.items():
        used = {use.production: use.network for use in program.networks}
        assert used == {
            "proactive_service.noisy_item": network,
            "proactive_service.further_alert": "native",  # it looks for an id in a list
            "proactive_service.recurring_service": network,
            "proactive_service.related_incident": network,
        }
