"""Scenarios are run as they are written, and what does not hold is said with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casewright.cli.new import pack_files
from casewright.spec.packs import load_packs
from casewright.testing import Coverage, Runner, ScenarioResult, run_scenarios
from casewright.testing.results import summary

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """
kind: scenario
name: tried
start: 2026-03-02T10:00:00+01:00
actors: {wanda: {roles: [worker]}, ron: {roles: [requester]}}
steps:
"""
CREATE = (
    "  - {by: ron, do: create, case_type: desk, as: it, "
    "with: {short_description: A, requester: ron}"
)
FINISH = "  - {by: wanda, do: finish, case: it, with: {resolution: ok}"


class Desk:
    """A pack made by ``casewright new``, with scenarios of the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for path, text in pack_files("desk", "Desk").items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")

    def write(self, text: str) -> None:
        (self.folder / "scenarios" / "first_steps.yaml").write_text(text, "utf-8")

    def tried(self, *steps: str, head: str = HEAD) -> ScenarioResult:
        self.write(head + "\n".join(steps) + "\n")
        (result,) = self.results()
        return result

    def results(self, coverage: Coverage | None = None, wanted: str = "") -> list[ScenarioResult]:
        packs, diagnostics = load_packs([self.folder])
        assert [d for d in diagnostics if d.severity == "error"] == []
        return list(run_scenarios(Runner(packs, coverage=coverage), packs, wanted))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk")


def differences(result: ScenarioResult) -> list[tuple[str, str, str]]:
    return [(d.path, d.expected, d.came) for d in result.differences]


def test_scenarios_of_a_new_pack_pass_and_touch_everything(desk: Desk) -> None:
    coverage = Coverage(["desk"])
    results = desk.results(coverage)
    assert [r.text() for r in results if not r.passed] == []
    assert [c for c in coverage.report() if c.missing] == []
    assert coverage.percent == 100


def test_a_failure_says_where_and_only_what_differs(desk: Desk) -> None:
    result = desk.tried(
        CREATE + ", expect: {state: new, impact: high, priority: 2, sla: {first_response: paused}}}"
    )
    assert differences(result) == [
        ("impact", "high", "low"),
        ("sla.first_response.status", "paused", "in_progress"),
    ]
    place = desk.folder / "scenarios" / "first_steps.yaml"
    assert str(place) in result.text()
    assert "step 1, ron: create" in result.text()
    assert {d.span.line for d in result.differences if d.span} == {7}


def test_a_run_ends_with_the_first_step_that_does_not_hold(desk: Desk) -> None:
    result = desk.tried(
        CREATE + "}",
        "  - {by: wanda, do: finish, case: it}",
        "  - {case: it, expect: {state: nonsense}}",
    )
    assert result.steps == 2
    assert differences(result) == [("status", "applied", "rejected")]
    assert result.differences[0].reasons[0].startswith("no_transition: ")


def test_an_expected_rejection_names_its_codes(desk: Desk) -> None:
    result = desk.tried(
        CREATE + "}",
        "  - {by: wanda, do: finish, case: it, expect: {errors: [no_transition]}}",
        "  - {by: wanda, do: finish, case: it, expect: {status: rejected, errors: [stale]}}",
    )
    assert differences(result) == [("errors", "stale", "[no_transition]")]


def test_an_expected_error_that_does_not_come_is_a_difference(desk: Desk) -> None:
    result = desk.tried(CREATE + ", expect: {errors: [invalid]}}")
    assert differences(result) == [("errors", "invalid", "null")]


def test_time_passes_only_by_waiting_and_timers_run_on_the_way(desk: Desk) -> None:
    result = desk.tried(
        CREATE + "}",
        "  - {by: wanda, do: start, case: it}",
        FINISH + ", expect: {notified: [finished]}}",
        "  - {wait: 9 days, expect: {state: done, notified: []}}",
        "  - {wait: 1 day, expect: {state: closed, updated_at: '2026-03-12T10:00:00+01:00'}}",
    )
    assert result.text().splitlines()[1:] == []


def test_settings_of_a_scenario_replace_those_of_the_pack(desk: Desk) -> None:
    head = HEAD.replace("steps:", "settings: {close_after: 1 hour}\nsteps:")
    result = desk.tried(
        CREATE + "}",
        "  - {by: wanda, do: start, case: it}",
        "  - {by: wanda, do: finish, case: it, with: {resolution: ok}}",
        "  - {wait: 1 hour, expect: {state: closed}}",
        head=head,
    )
    assert result.passed, result.text()


def test_a_case_is_found_by_fields_that_only_it_has(desk: Desk) -> None:
    other = CREATE.replace("as: it", "as: other").replace("description: A", "description: B")
    result = desk.tried(
        CREATE + "}",
        other + "}",
        "  - {by: wanda, do: start, case: {case_type: desk, short_description: A}}",
        "  - {case: it, expect: {state: in_progress}}",
        "  - {case: other, expect: {state: new, short_description: = other.short_description}}",
        "  - {case: {requester: ron}}",
        "  - {case: {requester: ron}, expect: {state: new}}",
    )
    assert differences(result) == [("step", "a step that can run", "2 cases have {requester: ron}")]


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("{by: nobody, do: start, case: it}", 'there is no actor "nobody" in this scenario'),
        ("{by: wanda, do: start, case: that}", 'no case was named "that" by `as`; it'),
        ("{case: it, expect: {colour: red}}", 'desk.desk has no "colour"'),
        ("{by: wanda, do: start, case: {state: closed}}", "no case has {state: closed}"),
        ("{by: wanda, do: start, case: {colour: red}}", "no case has {colour: red}"),
    ],
)
def test_a_step_that_cannot_run_says_why(desk: Desk, step: str, message: str) -> None:
    result = desk.tried(CREATE + "}", "  - " + step)
    assert differences(result) == [("step", "a step that can run", message)]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("start: 2026-03-02T10:00:00", "has no offset"),
        ("start: 2026-03-02T10:00:00Z\nrecords: {colour: [{id: red}]}", 'no record type "colour"'),
        ("start: 2026-03-02T10:00:00Z\nsettings: {close_after: soon}", "soon"),
    ],
)
def test_a_scenario_that_cannot_start_says_why(desk: Desk, written: str, message: str) -> None:
    head = HEAD.replace("start: 2026-03-02T10:00:00+01:00", written)
    desk.write(head + CREATE + "}\n")
    packs, diagnostics = load_packs([desk.folder])
    if not packs.all("scenario"):
        assert message in str(diagnostics)
        return
    (result,) = run_scenarios(Runner(packs), packs)
    assert result.steps == 0
    assert message in result.text()


def test_notifications_are_complete(desk: Desk) -> None:
    result = desk.tried(
        CREATE + ", expect: {notified: []}}",
        "  - {by: wanda, do: start, case: it}",
        "  - {by: wanda, do: finish, case: it, with: {resolution: ok}, expect: {notified: []}}",
    )
    assert differences(result) == [("notified.desk.finished", "nothing", "desk.finished to ron")]


def test_the_case_that_a_step_asks_for_need_not_be_named_as_created(desk: Desk) -> None:
    assert desk.tried(CREATE + ", expect: {created: {}}}").passed
    assert desk.tried(CREATE + ", expect: {created: {desk: 1}}}").passed
    assert not desk.tried(CREATE + ", expect: {created: {desk: 2}}}").passed


def test_coverage_names_what_no_scenario_touches(desk: Desk) -> None:
    desk.write(HEAD + CREATE + "}\n")
    coverage = Coverage(["desk"])
    desk.results(coverage)
    missing = {c.kind: c.missing for c in coverage.report()}
    assert [name.partition(" (")[0] for name in missing["transition"]] == [
        "cancel",
        "close",
        "finish",
        "reopen",
        "start",
    ]
    assert missing["table row"] == ("desk.priority_of row 1",)
    assert missing["clock"] == ()
    assert len(missing["threshold"]) == len(missing["timer"]) == 1


def test_only_scenarios_with_the_wanted_name_run(desk: Desk) -> None:
    assert [r.name for r in desk.results(wanted="nobody")] == ["desk.nobody_answers"]


def test_the_summary_counts() -> None:
    good = ScenarioResult("a.b", None, 1, ())
    assert summary([good]) == "1 scenario passed"
    assert summary([good, good]) == "2 scenarios passed"


def test_messages_between_cases_may_go_in_another_order(desk: Desk) -> None:
    packs, _ = load_packs([desk.folder])
    results = list(run_scenarios(Runner(packs, shuffle=3), packs))
    assert all(r.passed for r in results)
