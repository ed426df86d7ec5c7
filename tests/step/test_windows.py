"""Rule 41: a window orders, keeps, binds the earliest first, consumes, and ends."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from casewright.case import Event, Observation, Outcome, Related, Window, held_id
from casewright.program.kind import Limits
from casewright.temporal import to_us
from support.life import START, program_of

if TYPE_CHECKING:
    from casewright.program import Program

PACK = """
kind: case_type
name: ticket
state_flow: ticket
fields:
  machine: {type: string}
  hits: {type: integer}
  worst: {type: integer}
  by: {type: string}
---
kind: roles
name: ticket
for: ticket
roles: {agent: {may: [create, read, update]}}
---
kind: state_flow
name: ticket
initial: open
states: {open: {}, done: {final: true}}
transitions:
  finish: {from: open, to: done, roles: [agent]}
  seen: {from: open, data: {n: {type: integer}}}
---
kind: rules
name: watch
signals:
  ping: {data: {machine: {type: string}, level: {type: integer}, source: {type: string}}}
correlations:
"""
COUNT = (
    PACK
    + """
  count:
    key: machine
    within: 30 minutes
    all: [{as: pings, on: ping, count: 3}]
    do:
      - create:
          case_type: ticket
          as: made
          with: {machine: = key, hits: = count(observations), worst: = min(pings.level)}
          once_per: [= fired]
      - send: {event: seen, to: = made, data: {n: = count(pings)}}
"""
)
PAIR = (
    PACK
    + """
  pair:
    key: machine
    within: 30 minutes
    all:
      - {as: worst, on: ping, when: level <= 2}
      - {as: rest, on: ping, when: level >= worst.level + 2}
    do: [{create: {case_type: ticket, with: {worst: = worst.level, hits: = rest.level}}}]
"""
)
KEEP = (
    PACK
    + """
  kept:
    key: machine
    within: 30 minutes
    all: [{as: pings, on: ping, count: 3}]
    keep: true
    do: [{create: {case_type: ticket, with: {hits: = count(observations)}}}]
"""
)
ABSENT = (
    PACK
    + """
  quiet:
    key: machine
    within: 30 minutes
    all: [{as: pings, on: ping, count: 2}]
    none: [{as: open, for: ticket, when: state = "open"}]
    do: [{create: {case_type: ticket, with: {machine: = key}}}]
"""
)
DISTINCT = (
    PACK
    + """
  sources:
    key: machine
    within: 30 minutes
    all: [{as: pings, on: ping, count: 2, distinct: source}]
    do: [{create: {case_type: ticket, with: {by: '= string join(pings.source, "+")'}}}]
"""
)


class Watch:
    """One window over the pure step; minutes count from ``START``."""

    def __init__(self, text: str, network: str = "native", limits: Limits | None = None) -> None:
        self.program: Program = program_of(text, network=network, limits=limits)
        self.name = next(iter(self.program.correlations))
        self.pattern = self.program.correlations[self.name].production.patterns[0].name
        self.id = f"window/{self.name}/m1"
        self.window: Window | None = None

    def ping(self, minute: float, *, at: float | None = None, **data: Any) -> Outcome:
        """Send the observation of a ping that came at ``minute`` and happened ``at`` one."""
        happened = minute if at is None else at
        one = Observation(
            data.pop("id", f"s{minute:g}"),
            self.us(happened),
            data.pop("fits", (self.pattern,)),
            "ping",
            data=data,
        )
        return self.handle(minute, {"observation": one})

    def handle(self, minute: float, data: dict[str, Any]) -> Outcome:
        """Hand one message over; timers run first."""
        whole = {"correlation": self.name, "key": "m1", **data}
        event = Event("observe", f"e{minute:g}", self.id, time=self.at(minute), data=whole)
        self.outcomes = self.program.handle(self.window, event, Related())
        last = self.outcomes[-1]
        assert last.entity is None or isinstance(last.entity, Window)
        self.window = last.entity
        return last

    def wait(self, minute: float) -> list[Outcome]:
        """Run the timers that are due at a minute."""
        assert self.window is not None
        self.outcomes = self.program.advance(self.window, self.at(minute))
        for outcome in self.outcomes:
            assert isinstance(outcome.entity, Window)
            self.window = outcome.entity
        return self.outcomes

    @staticmethod
    def at(minute: float) -> Any:
        return START + timedelta(minutes=minute)

    def us(self, minute: float) -> int:
        return to_us(self.at(minute))

    @property
    def held(self) -> list[str]:
        assert self.window is not None
        return sorted(self.window.observations)


def created(outcome: Outcome) -> list[dict[str, Any]]:
    """Return what the outcome creates with."""
    return [effect.data["with"] for effect in outcome.effects if effect.kind == "create"]


def test_fires_when_the_last_observation_is_there_and_consumes_them() -> None:
    watch = Watch(COUNT)
    assert not created(watch.ping(0, level=3))
    assert not created(watch.ping(1, level=1))
    fired = watch.ping(2, level=2)
    assert created(fired) == [{"machine": "m1", "hits": 3, "worst": 1}]
    send = fired.effects[1]
    assert send.to == fired.effects[0].to
    assert watch.held == []
    assert watch.window is not None
    assert watch.window.fired == 1
    assert not created(watch.ping(3, level=2))


def test_the_id_of_what_it_creates_does_not_depend_on_which_observations_came_first() -> None:
    there, back = Watch(COUNT), Watch(COUNT)
    for minute in (0, 1, 2):
        first = there.ping(minute, level=3)
        second = back.ping(minute, at=2 - minute, id=f"other{minute}", level=3)
    assert first.effects[0].to == second.effects[0].to


def test_counts_only_what_is_less_than_within_apart() -> None:
    watch = Watch(COUNT)
    watch.ping(0, level=1)
    watch.ping(29, level=1)
    assert not created(watch.ping(30, level=1))
    assert watch.held == ["s29", "s30"]
    assert created(watch.ping(58.9, level=1))


def test_orders_what_comes_late_and_ignores_what_is_too_old() -> None:
    watch = Watch(COUNT)
    watch.ping(40, level=1)
    late = watch.ping(41, at=10, level=1)
    assert late.status == "applied"
    assert late.ignored[0].reason.startswith("late: s41")
    watch.ping(42, at=10.1, level=2)
    fired = watch.ping(43, at=11, level=3)
    assert created(fired)[0]["hits"] == 3


def test_ends_within_after_the_newest_before_an_event_of_that_instant() -> None:
    watch = Watch(COUNT)
    watch.ping(0, level=1)
    watch.ping(10, level=1)
    assert watch.window is not None
    assert watch.window.next_due_us == watch.us(40)
    watch.ping(40, level=1)
    assert [outcome.event.type for outcome in watch.outcomes] == ["timer", "observe"]
    assert watch.held == ["s40"]


def test_remembers_what_it_made_until_the_episode_ends() -> None:
    watch = Watch(COUNT)
    for minute in (0, 1, 2):
        first = watch.ping(minute, level=1)
    for minute in (3, 4, 5):
        second = watch.ping(minute, level=1)
    assert first.effects[0].to != second.effects[0].to
    assert watch.window is not None
    assert (watch.window.episode, watch.window.fired, len(watch.window.once)) == (1, 2, 2)
    watch.wait(35)
    assert (watch.window.episode, watch.window.fired, watch.window.once) == (2, 0, {})
    assert watch.window.next_due_us is None
    for minute in (50, 51, 52):
        third = watch.ping(minute, level=1)
    assert third.effects[0].to != first.effects[0].to


@pytest.mark.parametrize("network", ["native", "auto"])
def test_binds_the_earliest_first(network: str) -> None:
    watch = Watch(PAIR, network)
    both = tuple(p.name for p in watch.program.correlations[watch.name].production.patterns)
    watch.ping(0, level=2, fits=both)
    watch.ping(1, level=1, fits=both)
    fired = watch.ping(2, level=4, fits=both)
    assert created(fired) == [{"worst": 2, "hits": 4}]
    assert watch.held == ["s1"]
    assert created(watch.ping(3, level=3, fits=both)) == [{"worst": 1, "hits": 3}]


def test_kept_observations_fire_again_with_each_that_completes_them() -> None:
    watch = Watch(KEEP)
    made = [created(watch.ping(minute, level=1)) for minute in range(5)]
    assert made == [[], [], [{"hits": 3}], [{"hits": 4}], [{"hits": 5}]]


def test_distinct_counts_each_value_once() -> None:
    watch = Watch(DISTINCT)
    watch.ping(0, source="a")
    watch.ping(1, source="a")
    watch.ping(2)
    assert created(watch.ping(3, source="b")) == [{"by": "a+b"}]


def test_a_fact_that_holds_shuts_the_window_until_it_is_gone() -> None:
    watch = Watch(ABSENT)
    absent = watch.program.correlations[watch.name].production.absent[0].name
    fact = Observation(
        held_id("t1", absent), watch.us(0), (absent,), "create", "t1", "t.ticket", {}, holds=True
    )
    watch.handle(0, {"observation": fact})
    shut = watch.ping(1, level=1)
    assert shut.ignored[0].reason.startswith("shut: case/t1/")
    watch.ping(2, level=1)
    assert watch.held == [fact.id]
    watch.wait(100)
    assert watch.held == [fact.id], "what holds does not age"
    assert not created(watch.handle(101, {"gone": fact.id}))
    watch.ping(102, level=1)
    assert created(watch.ping(103, level=1))


def test_a_case_that_it_has_created_is_expected_at_once() -> None:
    watch = Watch(ABSENT)
    watch.ping(0, level=1)
    first = watch.ping(1, level=1)
    assert len(created(first)) == 1
    watch.ping(2, level=1)
    assert not created(watch.ping(3, level=1))
    (case,) = first.effects[0].to
    absent = watch.program.correlations[watch.name].production.absent[0].name
    known = Observation(
        held_id(case, absent), watch.us(1), (absent,), "create", case, "t.ticket", {}, holds=True
    )
    watch.handle(4, {"observation": known})
    assert watch.held == [known.id]
    assert watch.window is not None
    assert not watch.window.observations[known.id].is_expected


def test_a_case_that_never_reports_is_not_expected_for_ever() -> None:
    watch = Watch(ABSENT)
    watch.ping(0, level=1)
    assert created(watch.ping(1, level=1))
    watch.wait(31)
    assert watch.held == []
    watch.ping(40, level=1)
    assert created(watch.ping(41, level=1))


def test_too_many_observations_fail_and_change_nothing() -> None:
    watch = Watch(PAIR, limits=Limits(observations=2))
    watch.ping(0, level=1)
    watch.ping(1, level=1)
    before = watch.window
    failed = watch.ping(2, level=1)
    assert failed.status == "failed"
    assert failed.errors[0].code == "record_limit"
    assert "t.pair: more than 2 observations of 'm1'" in failed.errors[0].message
    assert watch.window is before


def test_events_of_other_types_are_refused() -> None:
    watch = Watch(COUNT)
    watch.ping(0, level=1)
    event = Event("update", "x", watch.id, time=watch.at(1))
    refused = watch.program.step(watch.window, event)
    assert (refused.status, refused.errors[0].code) == ("rejected", "invalid")
    assert refused.entity is watch.window


def test_a_correlation_that_is_gone_leaves_an_empty_window() -> None:
    watch = Watch(COUNT)
    watch.ping(0, level=1)
    other = Watch(KEEP)
    assert watch.window is not None
    (outcome,) = other.program.advance(watch.window, watch.at(60))
    assert isinstance(outcome.entity, Window)
    assert (outcome.status, outcome.entity.observations) == ("applied", {})
    event = Event("observe", "y", watch.id, time=watch.at(61), data={"correlation": "t.count"})
    assert other.program.step(outcome.entity, event).status == "rejected"


def test_a_window_survives_json() -> None:
    watch = Watch(COUNT)
    watch.ping(0, level=1)
    watch.ping(1, level=2)
    assert watch.window is not None
    again = watch.program.load_window(watch.program.dump_window(watch.window))
    assert again == watch.window
    here = watch.ping(2, level=3)
    there = watch.program.step(again, here.event)
    assert isinstance(here.entity, Window)
    assert isinstance(there.entity, Window)
    assert watch.program.dump_window(here.entity) == watch.program.dump_window(there.entity)
