"""What reasons say of the shipped packs agrees with what their steps did, event by event."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from casewright.cli.opening import open_engine
from casewright.program.why import verdicts
from casewright.program.why_other import notification_verdict, transition_verdict
from casewright.program.why_watch import pattern_verdicts
from casewright.resources import specs_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casewright.case import Outcome
    from casewright.runtime import Engine, Explained

PLAYED = {
    "tech_product_support": "events.jsonl",
    "proactive_service": "alerts.jsonl",
}


@cache
def played(pack: str) -> Engine:
    events = specs_dir() / pack / "demo" / PLAYED[pack]
    return open_engine([specs_dir() / "base", specs_dir() / pack], None, str(events))


def steps(pack: str, *, windows: bool) -> Iterator[tuple[Any, str, Explained, Outcome]]:
    """Yield program, id, entry and traced outcome of every step."""
    engine = played(pack)
    entities = engine.windows() if windows else engine.cases()
    for entity in entities:
        for explained in engine.explain(entity.id):
            assert explained.outcome is not None
            yield engine.program, entity.id, explained, explained.outcome


def case_type_of(outcome: Outcome) -> str:
    return outcome.event.case_type if outcome.case is None else outcome.case.case_type


def acted(outcome: Outcome, what: str) -> set[str]:
    return {c.removeprefix(f"{what}/") for c in outcome.causes if c.startswith(f"{what}/")}


@pytest.mark.parametrize("pack", PLAYED)
@pytest.mark.parametrize("windows", [False, True])
def test_a_traced_step_comes_to_the_same(pack: str, windows: bool) -> None:
    engine = played(pack)
    for _, entity, explained, outcome in steps(pack, windows=windows):
        entry = explained.entry
        assert (outcome.status, outcome.causes) == (entry.status, tuple(entry.detail.causes))
        if entry.revision is not None and outcome.status == "applied":
            assert engine.at(entity, entry.revision) == outcome.entity


@pytest.mark.parametrize("pack", PLAYED)
def test_exactly_the_rules_that_acted_are_said_to_have_fired(pack: str) -> None:
    for program, _, _, outcome in steps(pack, windows=False):
        fired = {one.rule for one in verdicts(program, outcome) if one.verdict == "fired"}
        assert fired == acted(outcome, "rule")


@pytest.mark.parametrize("pack", PLAYED)
def test_exactly_the_windows_that_were_told_are_said_to_be(pack: str) -> None:
    for program, _, _, outcome in steps(pack, windows=False):
        found = pattern_verdicts(program, outcome)
        told = {one.correlation for one in found if one.verdict in ("observed", "gone")}
        assert told == {one.name for one in outcome.effects if one.kind == "observe"}


@pytest.mark.parametrize("pack", PLAYED)
def test_exactly_the_transitions_that_were_taken_are_said_to_be(pack: str) -> None:
    for program, _, _, outcome in steps(pack, windows=False):
        ct = program.case_type(case_type_of(outcome))
        taken = {
            row.name
            for row in ct.flow.transitions
            if transition_verdict(program, outcome, row.name).verdict == "taken"
        }
        assert taken == acted(outcome, "transition")


@pytest.mark.parametrize("pack", PLAYED)
def test_exactly_the_notifications_that_went_out_are_said_to_be(pack: str) -> None:
    for program, _, _, outcome in steps(pack, windows=False):
        ct = program.case_type(case_type_of(outcome))
        sent = {
            name
            for name in ct.notifications.all
            if notification_verdict(program, outcome, name).verdict == "sent"
        }
        assert sent == {one.name for one in outcome.effects if one.kind == "notification"}


def test_a_window_fired_as_often_as_it_is_said_to_have() -> None:
    engine = played("proactive_service")
    for _, window, explained, outcome in steps("proactive_service", windows=True):
        found = engine.why_window(window, explained.entry.event["id"])
        times = sum(cause.startswith("correlation/") for cause in outcome.causes)
        assert len(found.firings) == times
        assert (found.verdict == "fired") == (times > 0)
