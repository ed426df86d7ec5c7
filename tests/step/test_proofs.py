"""Four properties that prove the step, over random lives of the shipped support case.

The fourth, that flapping conditions never give a clock two ends or two starts in one event, is
tested with the clocks (``tests/unit/test_sla.py``) and again here inside whole steps.
"""

from __future__ import annotations

import random
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

import pytest

from casewright.program import Limits, codec, compile_packs
from support.case_rules_random import EveryRule, life, made_plain, rules_text
from support.life import PACK
from support.streams import all_records, support_program, walk

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from casewright.case import Case, Clocks, Outcome, Related
    from casewright.program import Program

LENGTH = 40


@cache
def _program() -> tuple[Program, Related]:
    program = support_program()
    return program, all_records(program)


@cache
def _everything() -> tuple[Program, Related]:
    """Return the program made to work out everything in every internal event."""
    program = support_program()
    for ct in program.case_types.values():
        ct.always = ct.all_derived
        ct.dependents = {1 << bit: ct.all_derived for bit in range(200)}
        ct.rules = EveryRule(ct.rules.rules)
        ct.checks = tuple((definition, -1) for definition, _ in ct.checks)
        ct.roles_mask = -1
    return program, all_records(program)


@pytest.mark.parametrize("block", range(10))
def test_the_indexed_step_agrees_with_one_that_evaluates_everything(block: int) -> None:
    program, related = _program()
    everything, _ = _everything()
    steps = applied = 0
    seed = block * 1_000
    while steps < 2_000:
        for case, event, outcomes in walk(program, related, seed, LENGTH):
            assert codec.dump(everything.handle(case, event, related)) == codec.dump(outcomes)
            steps += len(outcomes)
            applied += sum(outcome.status == "applied" for outcome in outcomes)
        seed += 1
    assert applied > steps // 5


@pytest.mark.parametrize("seed", range(14))
def test_indexed_rules_over_several_facts_agree_with_trying_everything(
    seed: int, tmp_path: Path
) -> None:
    rng = random.Random(seed)
    path = tmp_path / "pack.yaml"
    path.write_text(f"{PACK}---\n{rules_text(rng, 30)}")
    limits = Limits(evaluation=10_000_000)  # what is left out costs no budget
    indexed, plain = (compile_packs([path], limits=limits) for _ in range(2))
    made_plain(plain)
    case: Case | None = None
    fired = 0
    for event in life(rng, 30):
        outcomes = indexed.handle(case, event)
        assert codec.dump(plain.handle(case, event)) == codec.dump(outcomes)
        case = outcomes[-1].case
        fired += sum(c.startswith("rule/") for o in outcomes for c in o.causes)
    assert fired > 10


@pytest.mark.parametrize("seed", range(40))
def test_three_hosts_make_the_same_case(seed: int) -> None:
    program, related = _program()
    events = [event for _, event, _ in walk(program, related, seed, LENGTH)]
    cases: list[bytes] = []
    for tick in (timedelta(minutes=30), timedelta(days=2), None):
        case: Case | None = None
        for event in events:
            if case is not None and tick is not None and event.time is not None:
                case = _ticked(program, related, case, event.time, tick)
            case = program.handle(case, event, related)[-1].case
        assert case is not None
        cases.append(program.dump_case(case))
    assert cases[0] == cases[1] == cases[2]


def _ticked(
    program: Program, related: Related, case: Case, until: datetime, tick: timedelta
) -> Case:
    """Return the case after ticks at even intervals up to ``until``."""
    at = case.updated_at
    while at + tick < until:
        at += tick
        outcomes = program.advance(case, at, related)
        case = outcomes[-1].case or case if outcomes else case
    return case


@pytest.mark.parametrize("seed", range(100, 130))
def test_a_step_over_what_has_been_through_json_is_the_same_step(seed: int) -> None:
    program, related = _program()
    for case, event, outcomes in walk(program, related, seed, LENGTH):
        loaded = None if case is None else program.load_case(program.dump_case(case))
        again = program.handle(loaded, program.load_event(program.dump_event(event)), related)
        assert codec.dump(again) == codec.dump(outcomes)
        assert loaded == case


@pytest.mark.parametrize("seed", range(200, 230))
def test_no_step_starts_and_ends_a_clock_at_once(seed: int) -> None:
    program, related = _program()
    for before, _, outcomes in walk(program, related, seed, LENGTH):
        case = before
        for outcome in outcomes:
            if outcome.status == "applied":
                _check_clocks(case, outcome)
            case = outcome.case


def _check_clocks(before: Case | None, outcome: Outcome) -> None:
    assert outcome.case is not None
    for name, clocks in outcome.case.clocks.items():
        old: Clocks | None = None if before is None else before.clocks.get(name)
        first = 0 if old is None else old.current.instance
        for clock in (clocks.current, clocks.last):
            if clock is not None and clock.instance > first and clock.ended_us is not None:
                assert clock.status == "cancelled" or clock.ended_us > clock.started_us
