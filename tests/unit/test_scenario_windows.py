"""Scenarios that send signals and look at windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casewright.program import check_packs
from casewright.testing import Coverage, Runner

if TYPE_CHECKING:
    from pathlib import Path

    from casewright.program import Program
    from casewright.testing import ScenarioResult

PACK = """
kind: pack
name: desk
schema: casewright/1
version: 1.0.0
---
kind: case_type
name: incident
state_flow: incident
fields: {item: {type: string}, alerts: {type: integer}}
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
  alert: {roles: [monitoring], data: {item: {type: string}, severity: {type: integer}}}
  all_clear: {data: {about: {type: reference, to: incident}}}
correlations:
  noisy_item:
    key: item
    within: 30 minutes
    all: [{as: heard, on: alert, count: 2, when: severity <= 2}]
    none: [{for: incident, when: state != "closed"}]
    do: [{create: {case_type: incident, with: {item: = key}, once_per: [= key]}}]
  cleared:
    key: about
    within: 30 minutes
    all: [{on: all_clear}]
    do: [{send: {event: close, to: = key}}]
---
kind: scenario
name: grouping
start: 2026-03-02T09:00:00Z
actors: {m: {roles: [monitoring]}, g: {roles: [guest]}}
steps:
"""


def compiled(tmp_path: Path, *steps: str) -> tuple[Program, list[str]]:
    path = tmp_path / "desk.yaml"
    path.write_text(PACK + "".join(f"  - {step}\n" for step in steps))
    program, found = check_packs([path])
    assert program is not None, found
    return program, [f"{d.code} {d.message}" for d in found if d.code.startswith("CW9")]


def run(tmp_path: Path, *steps: str, coverage: Coverage | None = None) -> ScenarioResult:
    program, _ = compiled(tmp_path, *steps)
    runner = Runner(program.packs, program=program, coverage=coverage)
    (spec,) = program.packs.all("scenario")
    return runner.run(spec)


SENT = "{by: m, do: alert, with: {item: router, severity: 1}}"
MADE = "{by: m, do: alert, with: {item: router, severity: 1}, expect: {created: {incident: 1}}}"


def test_step_without_case_sends_the_signal_of_that_name(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        SENT,
        MADE,
        "{case: {item: router}, expect: {state: new}}",
        "{by: g, do: alert, with: {item: x}, expect: {status: rejected, errors: [forbidden]}}",
        "{do: alert, with: {item: x, severity: 1}}",
    )
    assert result.passed, result.text()


def test_window_is_looked_at_by_its_key(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        "{window: noisy_item, key: router, expect: {state: empty, observations: 0, fired: 0}}",
        SENT,
        "{window: noisy_item, key: router, expect: {state: open, observations: 1, fired: 0}}",
        "{window: desk.noisy_item, key: switch, expect: {observations: 0}}",
        MADE,
        "{window: noisy_item, key: router, expect: {fired: 1}}",
        "{by: m, do: close, case: {item: router}}",
        "{wait: 31 minutes, window: noisy_item, key: router, expect: {state: empty, fired: 0}}",
    )
    assert result.passed, result.text()


def test_name_of_a_case_stands_for_its_id_in_a_signal_and_in_a_key(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        "{by: m, do: create, case_type: incident, as: inc}",
        "{by: m, do: all_clear, with: {about: inc}}",
        "{window: cleared, key: = inc.id, expect: {fired: 1}}",
        "{case: inc, expect: {state: closed}}",
    )
    assert result.passed, result.text()


@pytest.mark.parametrize(
    ("step", "what"),
    [
        ("{window: noisy_item, key: router, expect: {observations: 2}}", "observations"),
        ("{window: noisy_item, key: router, expect: {state: empty}}", "state"),
        ("{window: noisy_item, key: router, expect: {fired: 1}}", "fired"),
    ],
)
def test_window_that_is_otherwise_is_a_difference(tmp_path: Path, step: str, what: str) -> None:
    result = run(tmp_path, SENT, step)
    assert [d.path for d in result.differences] == [what]


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ("{window: quiet_item, key: router, expect: {fired: 1}}", "no correlation is named"),
        ("{window: noisy_item, key: router, expect: {colour: 1}}", 'a window has no "colour"'),
        ("{by: m, do: alert, window: noisy_item, key: router}", "a window takes no events"),
        ("{by: m, do: alert, as: it, with: {item: router}}", "a signal makes no case"),
    ],
)
def test_step_that_cannot_run_says_why(tmp_path: Path, step: str, why: str) -> None:
    (difference,) = run(tmp_path, SENT, step).differences
    assert why in difference.came


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("{window: quiet_item, key: a, expect: {fired: 1}}", 'CW908 unknown correlation "quiet'),
        ("{window: noisy_item, key: a, expect: {fried: 1}}", "CW907 unknown figure of a window"),
        ("{window: noisy_item, key: a, expect: {state: new}}", 'CW907 unknown state "new"'),
        ("{window: noisy_item, expect: {fired: 1}}", "CW909 there is a window for each value"),
        ("{by: m, do: alert, window: noisy_item, key: a}", "CW909 a window takes no events"),
        ("{by: m, do: alert, with: {itme: router}}", 'CW906 unknown data "itme"'),
    ],
)
def test_slips_about_windows_and_signals_are_told_before_anything_runs(
    tmp_path: Path, step: str, told: str
) -> None:
    _, found = compiled(tmp_path, step)
    assert len(found) == 1
    assert found[0].startswith(told)


def test_coverage_names_correlations_that_never_fired_and_signals_never_sent(
    tmp_path: Path,
) -> None:
    counted = Coverage()
    assert run(tmp_path, SENT, coverage=counted).passed
    missing = {covered.kind: covered.missing for covered in counted.report()}
    assert [name.split()[0] for name in missing["correlation"]] == ["cleared", "noisy_item"]
    assert [name.split()[0] for name in missing["signal"]] == ["all_clear"]
    assert run(tmp_path, SENT, MADE, coverage=counted).passed
    again = {covered.kind: covered.missing for covered in counted.report()}
    assert [name.split()[0] for name in again["correlation"]] == ["cleared"]
