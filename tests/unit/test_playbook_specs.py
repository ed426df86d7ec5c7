"""Playbooks from their specs: what compiles, what is reported, and how a step goes through one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from casewright.case import Actor, Case, Event, Outcome, Playbook
from casewright.program import Program, check_packs

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

PACK = """\
kind: pack
schema: casewright/1
name: p
version: 1.0.0
---
kind: case_type
name: ticket
state_flow: ticket
playbook: ticket
fields:
  title: {type: string}
  contact: {type: string}
  solution: {type: text}
  approved: {type: boolean}
  done_by: {type: string}
  twice: {type: number, computed: 2}
  steps: {type: integer}
  comments: {type: journal}
  work_notes: {type: journal}
---
kind: state_flow
name: ticket
initial: draft
states: {draft: {}, open: {}, proposed: {}, closed: {final: true}}
transitions:
  submit: {on: [submit, intake_done], from: draft, to: open}
  propose: {from: open, to: proposed, data: {loudly: {type: boolean}}, require: [solution]}
  reject: {from: proposed, to: open, do: [{go_to: work}]}
  close: {from: proposed, to: closed}
---
kind: playbook
name: ticket
stages:
"""

BOOK = """\
  intake:
    when: state = "draft"
    do: [{raise: intake_done}]
    activities:
      gather: {fields: [title, contact], require: [contact]}
  work:
    activities:
      classify: {do: [{set: {steps: '= if steps = null then 1 else steps + 1'}}]}
      review: {fields: [contact], done_when: done_by != null}
      respond:
        fields: [solution, work_notes]
        actions:
          send: {do: [{comment: = solution}], then: continue}
          ask:
            when: approved
            data: {whom: {type: string}}
            do: [{set: {done_by: = event.data.whom}}]
      polish: {when: approved, fields: [title]}
      wait:
        fields: [title]
        timers: {nag: {after: 1 hour, do: [{set: {title: Nagged}}]}}
        actions: {back: {then: respond}}
        recommend: {expert: {actions: {discuss: {do: [{work_note: Discussed}]}}}}
  resolve:
    activities:
      solve:
        fields: [solution, comments]
        done_when: state = "proposed"
        actions: {propose: {}}
  close:
    when: state in ("proposed", "closed")
    activities:
      finish: {fields: [title], actions: {close: {then: continue}, reject: {}}}
"""


def compiled(tmp_path: Path, book: str) -> tuple[Program | None, list[tuple[str, str]]]:
    path = tmp_path / "p.yaml"
    path.write_text(PACK + book)
    program, found = check_packs([path])
    return program, [(d.code, d.message) for d in found if d.severity == "error"]


@dataclass
class Desk:
    """A program with one open case."""

    program: Program
    case: Case | None = None
    at: datetime = NOW
    steps: int = 0

    def send(self, event: str, **data: Any) -> Outcome:
        self.steps += 1
        asked = Event(
            event, id=f"e{self.steps}", case="c1", case_type="p.ticket", time=self.at,
            actor=Actor("zoe"), data=data,
        )  # fmt: skip
        out = self.program.handle(self.case, asked)[-1]
        self.case = out.case
        return out

    def act(self, activity: str, action: str, **data: Any) -> Outcome:
        return self.send("activity", activity=activity, action=action, **data)

    def playbook(self) -> Playbook:
        assert self.case is not None
        assert self.case.playbook is not None
        return self.case.playbook

    def here(self) -> tuple[str | None, str | None]:
        return self.playbook().stage, self.playbook().activity


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    program, errors = compiled(tmp_path, BOOK)
    assert program is not None, errors
    made = Desk(program)
    assert made.send("create", title="Dark").status == "applied"
    return made


def worked(desk: Desk, until: str) -> Desk:
    desk.act("gather", "continue", contact="ann")
    for activity, data in (
        ("review", {}),
        ("respond", {"solution": "Fuse"}),
        ("wait", {}),
        ("solve", {}),
    ):
        if desk.playbook().activity == until:
            return desk
        out = desk.act(activity, "continue", **data)
        assert out.status == "applied", out.errors
    assert desk.playbook().activity == until
    return desk


# --- through a step -----------------------------------------------------------------------------


def test_a_case_is_created_at_its_first_activity(desk: Desk) -> None:
    assert desk.here() == ("intake", "gather")


def test_continue_without_what_is_required_is_rejected_and_changes_nothing(desk: Desk) -> None:
    before = desk.case
    out = desk.act("gather", "continue", title="Darker")
    assert (out.status, [(e.code, e.path) for e in out.errors]) == (
        "rejected",
        [("requirement", "contact")],
    )
    assert desk.case is before


def test_what_the_event_brings_counts_for_require(desk: Desk) -> None:
    assert desk.act("gather", "continue", contact="ann").status == "applied"


def test_a_completed_stage_runs_its_do(desk: Desk) -> None:
    out = desk.act("gather", "continue", contact="ann")
    assert out.case is not None
    assert out.case.state == "open"


def test_an_activity_without_fields_and_actions_is_passed_through_with_its_do_done(
    desk: Desk,
) -> None:
    out = desk.act("gather", "continue", contact="ann")
    assert out.case is not None
    assert out.case.fields["steps"] == 1
    assert desk.here() == ("work", "review")


def test_an_action_that_is_not_open_is_no_transition(desk: Desk) -> None:
    out = desk.act("respond", "send", solution="x")
    assert [e.code for e in out.errors] == ["no_transition"]


def test_an_unknown_activity_is_invalid(desk: Desk) -> None:
    assert [e.code for e in desk.act("respnd", "send").errors] == ["invalid"]


def test_a_field_that_the_activity_does_not_show_is_invalid(desk: Desk) -> None:
    out = desk.act("gather", "save", solution="x")
    assert (out.status, [e.path for e in out.errors]) == ("rejected", ["solution"])


def test_done_when_completes_an_activity_after_an_update(desk: Desk) -> None:
    worked(desk, "review")
    desk.send("update", done_by="bob")
    assert desk.here() == ("work", "respond")


def test_an_action_runs_its_list_as_the_asker_on_the_data_it_brings(desk: Desk) -> None:
    worked(desk, "respond")
    out = desk.act("respond", "send", solution="Fuse")
    assert [(e.kind, e.text, e.by) for e in out.entries] == [("comment", "Fuse", "zoe")]
    assert desk.here() == ("work", "wait")


def test_an_action_reads_its_own_data(desk: Desk) -> None:
    worked(desk, "respond")
    desk.send("update", approved=True)
    out = desk.act("respond", "ask", whom="bob")
    assert out.case is not None
    assert out.case.fields["done_by"] == "bob"
    assert desk.here() == ("work", "respond")


def test_an_action_whose_condition_is_null_is_not_open(desk: Desk) -> None:
    worked(desk, "respond")
    out = desk.act("respond", "ask", whom="bob")
    assert [(e.code, e.message) for e in out.errors] == [
        ("no_transition", 'action "ask" is not open: approved is null')
    ]


def test_a_saved_note_is_posted_on_moving_on(desk: Desk) -> None:
    worked(desk, "respond")
    assert desk.act("respond", "save", work_notes="Seen", solution="Fuse").entries == ()
    out = desk.act("respond", "send")
    assert [(e.kind, e.text) for e in out.entries] == [("work_note", "Seen"), ("comment", "Fuse")]


def test_a_completed_activity_is_saved_without_a_move(desk: Desk) -> None:
    worked(desk, "respond")
    out = desk.act("gather", "save", title="Darker")
    assert out.case is not None
    assert out.case.fields["title"] == "Darker"
    assert desk.here() == ("work", "respond")


def test_a_completed_activity_takes_no_note(desk: Desk) -> None:
    worked(desk, "wait")
    out = desk.act("respond", "save", work_notes="late")
    assert (out.status, [e.path for e in out.errors]) == ("rejected", ["work_notes"])


def test_continue_comes_back_from_a_detour(desk: Desk) -> None:
    worked(desk, "wait")
    desk.act("wait", "back")
    assert desk.here() == ("work", "respond")
    desk.act("respond", "continue")
    assert desk.here() == ("work", "wait")


def test_an_activity_that_turns_up_late_is_not_lost(desk: Desk) -> None:
    worked(desk, "wait")
    desk.send("update", approved=True)
    assert desk.here() == ("work", "polish")


def test_a_card_acts_and_is_dismissed(desk: Desk) -> None:
    worked(desk, "wait")
    out = desk.act("wait", "discuss", card="expert")
    assert [e.text for e in out.entries] == ["Discussed"]
    assert desk.act("wait", "dismiss", card="expert").status == "applied"
    assert [e.code for e in desk.act("wait", "discuss", card="expert").errors] == ["no_transition"]


def test_an_action_named_like_an_event_is_that_event(desk: Desk) -> None:
    worked(desk, "solve")
    out = desk.act("solve", "propose", loudly=True, comments="Look")
    assert out.case is not None
    assert out.case.state == "proposed"
    assert "transition/propose" in out.causes
    assert [(e.kind, e.text) for e in out.entries] == [("comment", "Look")]
    assert desk.here() == ("close", "finish")


def test_the_requirements_of_such_an_event_hold(desk: Desk) -> None:
    worked(desk, "solve")
    assert [e.code for e in desk.act("solve", "propose", solution=None).errors] == ["requirement"]


def test_the_plain_event_completes_the_activity_too(desk: Desk) -> None:
    worked(desk, "solve")
    desk.send("propose")
    assert desk.here() == ("close", "finish")


def test_go_to_reopens_its_stage_and_what_follows(desk: Desk) -> None:
    worked(desk, "solve").send("propose")
    out = desk.act("finish", "reject")
    assert out.case is not None
    assert out.case.state == "open"
    assert desk.here() == ("work", "review")
    assert desk.playbook().completed == ("intake",)
    assert out.case.fields["steps"] == 2


def test_the_playbook_ends_with_its_last_activity(desk: Desk) -> None:
    worked(desk, "solve").send("propose")
    out = desk.act("finish", "close")
    assert out.case is not None
    assert out.case.state == "closed"
    assert desk.here() == (None, None)


def test_a_timer_runs_while_its_activity_is_open(desk: Desk) -> None:
    worked(desk, "wait")
    desk.at = NOW + timedelta(hours=2)
    desk.send("update", contact="bob")
    assert desk.case is not None
    assert desk.case.fields["title"] == "Nagged"


def test_a_timer_ends_with_its_activity(desk: Desk) -> None:
    worked(desk, "wait").act("wait", "continue")
    desk.at = NOW + timedelta(hours=2)
    desk.send("update", contact="bob")
    assert desk.case is not None
    assert desk.case.fields["title"] == "Dark"


def test_every_act_gives_the_same_outcome_twice(desk: Desk) -> None:
    worked(desk, "respond")
    event = Event(
        "activity", id="e99", case="c1", time=NOW, actor=Actor("zoe"),
        data={"activity": "respond", "action": "send", "solution": "Fuse"},
    )  # fmt: skip
    first, second = (desk.program.handle(desk.case, event)[-1] for _ in range(2))
    assert first == second


def test_a_service_may_bring_its_own_playbook(tmp_path: Path) -> None:
    service = "services: {question: {playbook: talk}, fault: {}}\n---\nkind: state_flow"
    stages = "stages: {only: {activities: {answer: {fields: [solution]}}}}"
    talk = f"---\nkind: playbook\nname: talk\n{stages}\n"
    path = tmp_path / "p.yaml"
    path.write_text(PACK.replace("---\nkind: state_flow", service, 1) + BOOK + talk)
    program, found = check_packs([path])
    assert program is not None, found
    made: dict[str, Case | None] = {}
    for name in ("question", "fault"):
        create = Event(
            "create", id="e1", case=name, case_type="p.ticket", time=NOW, actor=Actor("zoe"),
            service=name,
        )  # fmt: skip
        made[name] = program.handle(None, create)[-1].case
    activities = {n: c.playbook.activity for n, c in made.items() if c is not None and c.playbook}
    assert activities == {"question": "answer", "fault": "gather"}
    act = Event(
        "activity", id="e2", case="question", time=NOW, actor=Actor("zoe"),
        data={"activity": "answer", "action": "continue", "solution": "Yes"},
    )  # fmt: skip
    out = program.handle(made["question"], act)[-1]
    assert out.status == "applied"
    assert out.case is not None
    assert out.case.playbook is not None
    assert out.case.playbook.completed == ("only",)


def test_a_trace_says_where_the_playbook_stands_and_what_it_passes_over(desk: Desk) -> None:
    worked(desk, "respond")
    event = Event(
        "activity", id="e99", case="c1", time=NOW, actor=Actor("zoe"),
        data={"activity": "respond", "action": "send", "solution": "Fuse"},
    )  # fmt: skip
    out = desk.program.step(desk.case, event, trace=True)
    assert out.trace
    told = [line for line in out.trace if line["kind"] == "playbook"]
    assert {"event": "activity", "kind": "playbook", "place": "activity/polish",
            "status": "undecided", "why": "approved is null"} in told  # fmt: skip
    assert (told[-1]["stage"], told[-1]["activity"]) == ("work", "wait")


# --- mistakes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("      review: {fields: [contact]", "      gather: {fields: [contact]",
         ("CW801", ('activity "gather" has the name of an activity further up; `go_to` means one '
          "of them"))),
        ("      review: {fields: [contact]", "      resolve: {fields: [contact]",
         ("CW801", ('stage "resolve" has the name of an activity further up; `go_to` means one '
          "of them"))),
        ("gather: {fields: [title, contact]", "gather: {fields: [titel, contact]",
         ("CW803", 'unknown field "titel"')),
        ("back: {then: respond}", "back: {then: respnd}", ("CW806", 'unknown activity "respnd"')),
        ("back: {then: respond}", "continue: {then: respond}",
         ("CW805", '"continue" is built in and cannot be declared')),
        ("require: [contact]", "require: [contct]", ("CW302", 'unknown name "contct"')),
        ('when: state = "draft"', 'when: playbook.stage = null',
         ("CW810", "where a playbook stands cannot depend on where it stands")),
        ('when: state = "draft"', 'when: event.type = "x"',
         ("CW311", 'a level condition cannot read "event"')),
        ("done_by != null", "now > date and time(\"2026-01-01T00:00:00Z\")",
         ("CW311", 'a level condition cannot read "now"')),
    ],
)  # fmt: skip
def test_a_mistake_is_reported(tmp_path: Path, old: str, new: str, error: tuple[str, str]) -> None:
    assert old in BOOK
    found = compiled(tmp_path, BOOK.replace(old, new))[1]
    assert error in found
    assert {code for code, _ in found} == {error[0]}


def test_a_go_to_has_to_name_a_stage_or_activity(tmp_path: Path) -> None:
    found = compiled(tmp_path, BOOK.replace("  work:\n", "  labour:\n"))[1]
    assert found == [("CW806", 'unknown stage or activity "work"')]


def test_a_stage_without_activities_is_reported(tmp_path: Path) -> None:
    found = compiled(tmp_path, BOOK + "  review_it: {}\n")[1]
    assert found == [("CW802", 'stage "review_it" has no activities, so it is never reached')]


# --- guidance -----------------------------------------------------------------------------------


def test_an_activity_has_guidance_about_its_case(tmp_path: Path) -> None:
    text = "'Ask {{ contact }} about {{ title }}'"
    advice = f"---\nkind: templates\nname: t\ntemplates: {{advice: {text}}}\n"
    book = BOOK.replace("gather: {fields", "gather: {guidance: advice, fields")
    program, errors = compiled(tmp_path, book + advice)
    assert program is not None, errors
    case = Desk(program).send("create", title="Dark", contact="ann").case
    assert case is not None
    definition = program.case_types["p.ticket"].playbook
    assert definition is not None
    guidance = definition.activities["gather"].guidance
    assert guidance is not None
    view = program.view(case)
    assert guidance.text(view, view.budget) == "Ask ann about Dark"
