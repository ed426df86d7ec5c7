from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.actions import ActionList
from casewright.actions.vocabulary import GoTo
from casewright.case import Playbook, Problem
from casewright.playbook import (
    Act,
    ActionDefinition,
    ActivityDefinition,
    CardDefinition,
    Move,
    PlaybookDefinition,
    Requirement,
    Settled,
    StageDefinition,
    actions_open,
    find,
    late_posts,
    overview,
    refusal,
    settle,
    unmet,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SAVE_IN = Move("touch", "")


@dataclass(frozen=True)
class Condition:
    """A stand-in for a compiled expression: reads one name of the case."""

    text: str
    read: Callable[[Any], Any]

    def value(self, s: Any, b: Any) -> Any:
        return self.read(s)

    def true(self, s: Any, b: Any) -> bool:
        return self.read(s) is True


@dataclass
class Now:
    """A stand-in for the view."""

    fields: dict[str, Any] = field(default_factory=dict)
    now_us: int = 0
    budget: Any = None

    def fresh(self, name: str) -> Any:
        return self.fields.get(name)


@cache
def todo(name: str) -> ActionList:
    """Build a list of actions that only its name tells apart."""
    return ActionList((GoTo(name),))


def when(name: str) -> Any:
    return Condition(name, lambda s: s.fields.get(name))


def has(name: str) -> Any:
    return Condition(f"{name} != null", lambda s: s.fields.get(name) is not None)


def book(**stages: dict[str, Any]) -> PlaybookDefinition:
    """Build a playbook from ``stage={"when": ..., "do": ..., activity: {...}}``."""
    made: dict[str, StageDefinition] = {}
    line: list[ActivityDefinition] = []
    for name, parts in stages.items():
        parts = dict(parts)
        own = {key: parts.pop(key) for key in ("when", "do") if key in parts}
        activities: list[ActivityDefinition] = []
        for key, given_parts in parts.items():
            filled: dict[str, Any] = {"fields": ("notes",), **given_parts}
            activities.append(ActivityDefinition(key, name, len(line), title=key, **filled))
            line.append(activities[-1])
        made[name] = StageDefinition(name, title=name, activities=tuple(activities), **own)
    return PlaybookDefinition(
        "p.book", made, tuple(line), {a.name: a for a in line}, {}, frozenset()
    )


SUPPORT = book(
    intake={
        "when": when("draft"),
        "do": todo("finish_intake"),
        "gather_details": {
            "fields": ("account",),
            "require": (Requirement("account", "account", None),),
        },
        "describe": {},
    },
    triage={
        "review": {"done_when": has("assigned_to")},
        "respond": {
            "fields": ("initial_response", "work_notes"),
            "journals": frozenset({"work_notes"}),
            "require": (Requirement("initial_response", "initial_response", None),),
            "actions": {
                "send_and_continue": ActionDefinition("send_and_continue", then="continue")
            },
        },
    },
    troubleshoot={
        "diagnose": {"when": when("diagnostics")},
        "plan": {},
        "related_work": {
            "actions": {
                "update_plan": ActionDefinition("update_plan", then="plan"),
                "create_task": ActionDefinition("create_task", when=when("may_create")),
                "close_case": ActionDefinition("close_case", event="close_case"),
            },
            "cards": {
                "expert": CardDefinition("expert", actions={"discuss": ActionDefinition("discuss")})
            },
        },
    },
    resolve={"propose": {"done_when": when("proposed")}},
)


class Playing:
    """A case that goes through a playbook, one internal event at a time."""

    def __init__(self, definition: PlaybookDefinition, **fields: Any) -> None:
        self.definition = definition
        self.now = Now(fields)
        self.record: Playbook | None = None
        self.last = self.event()

    def event(self, *moves: Move, **fields: Any) -> Settled:
        self.now.now_us += 1
        self.now.fields = {**self.now.fields, **fields}
        self.last = settle(self.definition, self.record, moves, self.now)  # type: ignore[arg-type]
        self.record = self.last.record
        return self.last

    def go_on(self, **fields: Any) -> Settled:
        assert self.record is not None
        return self.event(Move("continue", self.record.activity or ""), **fields)

    def at(self) -> str | None:
        assert self.record is not None
        return self.record.activity

    def until(self, name: str) -> None:
        for _ in range(20):
            if self.at() == name:
                return
            self.go_on()
        raise AssertionError(f"never at {name}")

    def act(self, activity: str, action: str, card: str | None = None) -> Act | Problem:
        return find(self.definition, self.record, activity, action, card)


def support(**fields: Any) -> Playing:
    return Playing(SUPPORT, **{"draft": True, **fields})


# --- the line --------------------------------------------------------------------------------


def test_a_case_begins_with_the_first_activity_of_the_first_stage() -> None:
    playing = support()
    assert (playing.record.stage, playing.record.activity) == ("intake", "gather_details")  # type: ignore[union-attr]


def test_activities_go_in_file_order_over_the_stages() -> None:
    playing = support()
    seen = [playing.at()]
    while playing.at() is not None:
        playing.go_on()
        seen.append(playing.at())
    assert seen == [
        "gather_details", "describe", "review", "respond", "plan", "related_work", "propose", None,
    ]  # fmt: skip


def test_one_activity_is_open_at_a_time() -> None:
    playing = support()
    playing.go_on()
    assert [n for n, a in playing.record.activities.items() if a.status == "open"] == ["describe"]  # type: ignore[union-attr]


def test_the_playbook_is_at_nothing_once_all_is_done() -> None:
    playing = support()
    playing.until("propose")
    playing.go_on()
    record = playing.record
    assert record is not None
    assert (record.stage, record.activity) == (None, None)
    assert record.completed == ("intake", "triage", "troubleshoot", "resolve")


def test_save_stays() -> None:
    playing = support()
    playing.event(Move("touch", "gather_details"))
    assert playing.at() == "gather_details"


def test_a_stage_whose_condition_does_not_hold_is_passed_over_and_not_completed() -> None:
    playing = support(draft=False)
    assert playing.at() == "review"
    assert playing.record.completed == ()  # type: ignore[union-attr]


def test_a_stage_is_completed_once_none_of_its_activities_is_left() -> None:
    playing = support()
    playing.go_on()
    settled = playing.go_on()
    assert settled.activities == ("describe",)
    assert settled.stages == ("intake",)
    assert settled.runs == (("intake", todo("finish_intake")),)


def test_a_stage_stays_completed_when_its_condition_changes() -> None:
    playing = support()
    playing.until("review")
    playing.event(draft=False)
    playing.event(draft=True)
    assert playing.at() == "review"


def test_what_no_action_has_touched_is_passed_over_when_the_stage_no_longer_holds() -> None:
    playing = support()
    playing.event(draft=False)
    assert playing.at() == "review"


def test_what_an_action_has_touched_stays_open_when_the_stage_no_longer_holds() -> None:
    playing = support()
    playing.event(Move("touch", "gather_details"))
    playing.event(draft=False)
    assert playing.at() == "gather_details"


def test_a_stage_is_completed_when_the_rest_of_it_is_passed_over() -> None:
    playing = support()
    playing.go_on()
    settled = playing.event(draft=False)
    assert settled.stages == ("intake",)
    assert playing.at() == "review"


def test_an_untouched_activity_that_is_passed_over_opens_when_its_condition_holds_again() -> None:
    playing = support()
    playing.event(draft=False)
    playing.event(draft=True)
    assert playing.at() == "gather_details"


# --- when ------------------------------------------------------------------------------------


def test_a_null_condition_passes_over_and_is_shown_as_undecided() -> None:
    playing = support()
    playing.until("plan")
    stage = overview(SUPPORT, playing.record, playing.now)[2]  # type: ignore[arg-type]
    assert [(a.name, a.status, a.why) for a in stage.activities] == [
        ("diagnose", "undecided", "diagnostics is null"),
        ("plan", "open", ""),
        ("related_work", "pending", ""),
    ]


def test_a_false_condition_is_shown_as_passed_over() -> None:
    playing = support(diagnostics=False)
    playing.until("plan")
    stage = overview(SUPPORT, playing.record, playing.now)[2]  # type: ignore[arg-type]
    assert (stage.activities[0].status, stage.activities[0].why) == (
        "passed_over", "diagnostics is not true",
    )  # fmt: skip


def test_an_activity_that_was_undecided_is_not_skipped_for_good() -> None:
    playing = support()
    playing.until("plan")
    playing.event(diagnostics=True)
    assert playing.at() == "diagnose"


def test_an_earlier_activity_waits_while_the_open_one_is_touched() -> None:
    playing = support()
    playing.until("plan")
    playing.event(Move("touch", "plan"))
    playing.event(diagnostics=True)
    assert playing.at() == "plan"
    playing.go_on()
    assert playing.at() == "diagnose"
    playing.go_on()
    assert playing.at() == "related_work"


def test_overview_shadows_the_activities_of_a_stage_that_does_not_hold() -> None:
    playing = support(draft=False)
    first = overview(SUPPORT, playing.record, playing.now)[0]  # type: ignore[arg-type]
    assert first.status == "passed_over"
    assert {a.status for a in first.activities} == {"passed_over"}


# --- done_when -------------------------------------------------------------------------------


def test_done_when_completes_an_activity_whoever_did_it() -> None:
    playing = support(draft=False)
    settled = playing.event(assigned_to="ann")
    assert settled.activities == ("review",)
    assert playing.at() == "respond"


def test_done_when_passes_through_an_activity_that_is_done_when_reached() -> None:
    playing = support(assigned_to="ann")
    playing.go_on()
    assert playing.go_on().activities == ("describe", "review")
    assert playing.at() == "respond"


def test_what_done_when_has_completed_stays_completed() -> None:
    playing = support(draft=False, assigned_to="ann")
    playing.event(assigned_to=None)
    assert playing.at() == "respond"


def test_done_when_completes_nothing_before_it_is_reached() -> None:
    playing = support(assigned_to="ann")
    playing.event(assigned_to=None)
    playing.until("review")
    assert playing.at() == "review"


# --- go_to and detours -----------------------------------------------------------------------


def test_go_to_a_stage_reopens_it_and_what_follows() -> None:
    playing = support()
    playing.until("propose")
    playing.go_on()
    playing.event(Move("go_to", "troubleshoot"))
    assert playing.at() == "plan"
    assert playing.record.completed == ("intake", "triage")  # type: ignore[union-attr]
    playing.until("propose")


def test_go_to_an_activity_reopens_its_stage() -> None:
    playing = support()
    playing.until("plan")
    playing.event(Move("go_to", "describe"))
    record = playing.record
    assert record is not None
    assert (record.stage, record.activity, record.completed) == ("intake", "describe", ())


def test_go_to_opens_an_activity_whose_condition_does_not_hold() -> None:
    playing = support(diagnostics=False)
    playing.event(Move("go_to", "diagnose"))
    assert playing.at() == "diagnose"


def test_go_to_opens_a_stage_whose_condition_does_not_hold() -> None:
    playing = support(draft=False)
    playing.event(Move("go_to", "intake"))
    assert playing.at() == "gather_details"
    playing.go_on()
    assert playing.at() == "describe"


def test_go_to_leaves_behind_what_lies_before_its_target() -> None:
    playing = support()
    playing.event(Move("go_to", "related_work"))
    playing.go_on()
    assert playing.at() == "propose"
    assert playing.record.completed == ()  # type: ignore[union-attr]


def test_go_to_reopens_what_done_when_has_completed_and_still_holds() -> None:
    playing = support(draft=False, assigned_to="ann")
    assert playing.at() == "respond"
    playing.event(Move("go_to", "review"))
    assert playing.at() == "review"
    playing.event()
    assert playing.at() == "review"


def test_a_reopened_activity_is_done_when_its_condition_holds_anew() -> None:
    playing = support(draft=False, assigned_to="ann")
    playing.event(Move("go_to", "review"))
    playing.event(assigned_to=None)
    playing.event(assigned_to="bob")
    assert playing.at() == "respond"


def test_go_to_the_open_activity_opens_it_again() -> None:
    playing = support()
    playing.event(Move("go_to", "gather_details"))
    progress = playing.record.activities["gather_details"]  # type: ignore[union-attr]
    assert (progress.entry, progress.opened_us) == (2, 2)


def test_go_to_nowhere_changes_nothing() -> None:
    playing = support()
    before = playing.record
    assert playing.event(Move("go_to", "elsewhere")).record is before


def test_continue_comes_back_from_the_activity_that_an_action_went_to() -> None:
    playing = support()
    playing.until("related_work")
    playing.event(Move("detour", "related_work", "plan"))
    assert playing.at() == "plan"
    playing.go_on()
    assert playing.at() == "related_work"


def test_a_detour_over_stages_comes_back_past_what_is_not_done() -> None:
    playing = support()
    playing.until("review")
    playing.event(Move("detour", "review", "related_work"))
    playing.go_on()
    assert playing.at() == "review"


def test_a_detour_to_where_one_came_from_goes_back() -> None:
    playing = support()
    playing.until("related_work")
    playing.event(Move("detour", "related_work", "plan"))
    playing.event(Move("detour", "plan", "related_work"))
    assert (playing.at(), playing.record.returns) == ("related_work", ())  # type: ignore[union-attr]


def test_go_to_forgets_detours() -> None:
    playing = support()
    playing.until("related_work")
    playing.event(Move("detour", "related_work", "plan"))
    playing.event(Move("go_to", "triage"))
    assert playing.record.returns == ()  # type: ignore[union-attr]


# --- automatic activities --------------------------------------------------------------------

AUTOMATIC = book(
    only={
        "ask": {},
        "classify": {"fields": (), "do": todo("classify")},
        "wait": {"fields": (), "done_when": when("answered")},
        "decide": {"when": when("classified")},
    }
)


def test_an_activity_without_fields_and_actions_does_its_do_when_reached() -> None:
    playing = Playing(AUTOMATIC)
    settled = playing.go_on()
    assert settled.automatic == "classify"
    assert settled.runs == (("classify", todo("classify")),)
    assert playing.at() == "classify"


def test_settling_again_moves_on_from_an_automatic_activity() -> None:
    playing = Playing(AUTOMATIC)
    playing.go_on()
    settled = playing.event(classified=True)
    assert settled.activities == ("classify",)
    assert settled.runs == ()
    assert playing.at() == "wait"


def test_an_automatic_activity_with_done_when_waits_for_it() -> None:
    playing = Playing(AUTOMATIC)
    playing.go_on()
    playing.event()
    assert playing.event().record.activity == "wait"
    assert playing.event(answered=True, classified=True).record.activity == "decide"


def test_the_do_of_an_activity_with_fields_runs_once_it_is_completed() -> None:
    playing = Playing(book(one={"fill_in": {"do": todo("thank")}}))
    assert playing.last.runs == ()
    assert playing.go_on().runs == (("fill_in", todo("thank")),)


# --- settling is a function ------------------------------------------------------------------


def test_settling_twice_from_one_record_gives_one_answer() -> None:
    playing = support()
    playing.until("plan")
    record, moves = playing.record, (Move("continue", "plan"),)
    first = settle(SUPPORT, record, moves, playing.now)  # type: ignore[arg-type]
    assert settle(SUPPORT, record, moves, playing.now) == first  # type: ignore[arg-type]


def test_settling_without_a_change_gives_the_very_record() -> None:
    playing = support()
    before = playing.record
    assert playing.event(unrelated=1).record is before


def test_what_flaps_within_an_event_leaves_no_mark() -> None:
    playing = support()
    record = playing.record
    settle(SUPPORT, record, (), Now({"draft": False}))  # type: ignore[arg-type]
    assert settle(SUPPORT, record, (), Now({"draft": True})).record is record  # type: ignore[arg-type]


def test_the_time_of_opening_is_the_step_that_opened() -> None:
    playing = support()
    playing.go_on()
    assert playing.record.activities["describe"].opened_us == 2  # type: ignore[union-attr]


def test_a_record_of_a_renamed_activity_goes_on_at_the_first_that_is_left() -> None:
    record = Playbook("p.book", "intake", "gone", (), {})
    assert settle(SUPPORT, record, (), Now({"draft": True})).record.activity == "gather_details"  # type: ignore[arg-type]


_NAMES = st.sampled_from([*SUPPORT.stages, *SUPPORT.activities])
_MOVES = st.builds(
    Move, st.sampled_from(["touch", "continue", "detour", "go_to", "dismiss"]), _NAMES, _NAMES
)
_FACTS = st.fixed_dictionaries(
    {
        n: st.sampled_from([True, False, None])
        for n in ("draft", "diagnostics", "proposed", "assigned_to")
    }
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.lists(_MOVES, max_size=3), _FACTS), max_size=12))
def test_whatever_happens_one_activity_at_most_is_open_and_settling_is_stable(
    events: list[tuple[list[Move], dict[str, Any]]],
) -> None:
    record: Playbook | None = None
    for moves, facts in events:
        now: Any = Now(facts)
        record = settle(SUPPORT, record, moves, now).record
        opened = [n for n, a in record.activities.items() if a.status == "open"]
        assert opened == ([record.activity] if record.activity else [])
        stage = SUPPORT.activities[record.activity].stage if record.activity else None
        assert record.stage == stage
        assert stage not in record.completed
        assert len(record.returns) < len(SUPPORT.line)
        assert settle(SUPPORT, record, (), now).record is record


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.lists(_MOVES, max_size=2), _FACTS), max_size=8), _FACTS)
def test_the_short_way_finds_what_a_whole_settling_does(
    events: list[tuple[list[Move], dict[str, Any]]], facts: dict[str, Any]
) -> None:
    record: Playbook | None = None
    for moves, given_facts in events:
        now: Any = Now(given_facts)
        record = settle(SUPPORT, record, moves, now).record
    then: Any = Now(facts)
    nothing = Move("touch", "nowhere")
    assert settle(SUPPORT, record, (), then) == settle(SUPPORT, record, (nothing,), then)


# --- acts ------------------------------------------------------------------------------------


def test_every_activity_has_save_and_continue() -> None:
    playing = support()
    for action in ("save", "continue"):
        assert isinstance(playing.act("gather_details", action), Act)


def test_continue_requires_what_the_activity_requires() -> None:
    playing = support()
    act = playing.act("gather_details", "continue")
    assert isinstance(act, Act)
    assert unmet(act, {}, playing.now) == (  # type: ignore[arg-type]
        Problem("requirement", "account must have a value", "account"),
    )


def test_save_requires_nothing() -> None:
    playing = support()
    act = playing.act("gather_details", "save")
    assert isinstance(act, Act)
    assert unmet(act, {}, playing.now) == ()  # type: ignore[arg-type]


def test_an_action_that_continues_requires_what_continue_does() -> None:
    playing = support(draft=False, assigned_to="ann")
    act = playing.act("respond", "send_and_continue")
    assert isinstance(act, Act)
    assert [p.path for p in unmet(act, {}, playing.now)] == ["initial_response"]  # type: ignore[arg-type]
    assert act.move({}) == Move("continue", "respond")


def test_a_condition_in_require_must_hold() -> None:
    definition = book(one={"fill_in": {"require": (Requirement("agreed", None, when("agreed")),)}})
    playing = Playing(definition)
    act = playing.act("fill_in", "continue")
    assert isinstance(act, Act)
    assert unmet(act, {}, playing.now) == (Problem("requirement", "must hold: agreed", ""),)  # type: ignore[arg-type]
    playing.event(agreed=True)
    assert unmet(act, {}, playing.now) == ()  # type: ignore[arg-type]


def test_a_completed_activity_has_save_only() -> None:
    playing = support()
    playing.go_on()
    saved = playing.act("gather_details", "save")
    assert isinstance(saved, Act)
    assert saved.move({"account": "a1"}) is None
    assert playing.act("gather_details", "continue") == Problem(
        "no_transition", 'activity "gather_details" is completed; only "save" is open', "action"
    )


def test_an_activity_that_is_not_reached_has_no_actions() -> None:
    assert support().act("plan", "save") == Problem(
        "no_transition", 'activity "plan" is not open; "gather_details" is', "activity"
    )


@pytest.mark.parametrize(
    ("activity", "action", "card", "problem"),
    [
        ("pln", "save", None, ('unknown activity "pln"; known: gather_details, describe, review, '
         "respond, plan, diagnose, related_work, propose")),
        ("plan", "go", None, 'unknown action "go"; known: save, continue'),
        ("related_work", "dismiss", "exprt", 'unknown card "exprt"; known: expert'),
        ("related_work", "save", "expert", 'unknown action "save"; known: discuss, dismiss'),
        ("related_work", "discuss", None, ('unknown action "discuss"; known: save, continue, '
         "update_plan, create_task, close_case")),
    ],
)  # fmt: skip
def test_an_unknown_name_is_invalid(
    activity: str, action: str, card: str | None, problem: str
) -> None:
    found = support().act(activity, action, card)
    assert isinstance(found, Problem)
    assert found.code == "invalid"
    assert sorted(found.message.replace(",", "").split()) == sorted(
        problem.replace(",", "").split()
    )


def test_an_action_whose_condition_does_not_hold_is_not_open() -> None:
    playing = support()
    playing.until("related_work")
    act = playing.act("related_work", "create_task")
    assert isinstance(act, Act)
    assert refusal(act, playing.now) == Problem(  # type: ignore[arg-type]
        "no_transition", 'action "create_task" is not open: may_create is null', "action"
    )
    playing.event(may_create=True)
    assert refusal(act, playing.now) is None  # type: ignore[arg-type]


def test_an_action_stays_unless_it_says_otherwise() -> None:
    playing = support()
    playing.until("related_work")
    act = playing.act("related_work", "create_task")
    assert isinstance(act, Act)
    assert act.move({}) == Move("touch", "related_work")


def test_an_action_may_go_to_an_activity() -> None:
    playing = support()
    playing.until("related_work")
    act = playing.act("related_work", "update_plan")
    assert isinstance(act, Act)
    assert act.move({}) == Move("detour", "related_work", "plan")


def test_an_action_named_like_an_event_is_that_event_with_the_activitys_fields() -> None:
    playing = support()
    playing.until("related_work")
    act = playing.act("related_work", "close_case")
    assert isinstance(act, Act)
    assert (act.event, act.fields) == ("close_case", ("notes",))


def test_a_card_is_dismissed_once() -> None:
    playing = support()
    playing.until("related_work")
    act = playing.act("related_work", "dismiss", "expert")
    assert isinstance(act, Act)
    move = act.move({})
    assert move == Move("dismiss", "related_work", "expert")
    assert move is not None
    playing.event(move)
    assert playing.act("related_work", "discuss", "expert") == Problem(
        "no_transition", 'card "expert" was dismissed', "card"
    )


# --- journals --------------------------------------------------------------------------------


def test_a_journal_is_posted_on_moving_on_only() -> None:
    playing = support(draft=False, assigned_to="ann")
    saved = playing.act("respond", "save")
    assert isinstance(saved, Act)
    assert saved.journals({"work_notes": "first"}) == ({}, {"work_notes": "first"})
    playing.event(saved.move({"work_notes": "first"}) or SAVE_IN)
    going_on = playing.act("respond", "continue")
    assert isinstance(going_on, Act)
    assert going_on.journals({}) == ({"work_notes": "first"}, {})
    assert going_on.journals({"work_notes": "second"}) == ({"work_notes": "second"}, {})


def test_a_saved_text_can_be_taken_back() -> None:
    playing = support(draft=False, assigned_to="ann")
    for text in ("first", None):
        act = playing.act("respond", "save")
        assert isinstance(act, Act)
        playing.event(act.move({"work_notes": text}) or SAVE_IN)
    act = playing.act("respond", "continue")
    assert isinstance(act, Act)
    assert act.journals({}) == ({}, {})


def test_a_saved_text_is_posted_once() -> None:
    playing = support(draft=False, assigned_to="ann")
    playing.event(Move("touch", "respond", drafts={"work_notes": "first"}))
    playing.go_on()
    assert playing.record.activities["respond"].drafts == {}  # type: ignore[union-attr]


def test_a_text_that_waits_is_posted_when_done_when_completes_the_activity() -> None:
    definition = book(one={"note": {"journals": frozenset({"notes"}), "done_when": when("noted")}})
    playing = Playing(definition)
    playing.event(Move("touch", "note", drafts={"notes": "seen"}))
    assert playing.event(noted=True).posts == (("notes", "seen"),)


def test_a_completed_activity_takes_no_journal_text() -> None:
    playing = support(draft=False, assigned_to="ann")
    playing.go_on()
    act = playing.act("respond", "save")
    assert isinstance(act, Act)
    assert [p.path for p in late_posts(act, {"work_notes": "late"})] == ["work_notes"]
    assert late_posts(act, {"initial_response": "late"}) == ()


# --- what is open ----------------------------------------------------------------------------


def test_actions_open_lists_the_open_activity_and_save_of_the_completed() -> None:
    playing = support()
    playing.go_on()
    found = actions_open(SUPPORT, playing.record, playing.now)  # type: ignore[arg-type]
    assert [(o.activity, o.action, o.is_open) for o in found] == [
        ("describe", "save", True),
        ("describe", "continue", True),
        ("gather_details", "save", True),
    ]


def test_actions_open_says_why_an_action_is_not_open() -> None:
    playing = support()
    playing.until("related_work")
    found = {
        (o.card, o.action): [p.message for p in o.problems]
        for o in actions_open(SUPPORT, playing.record, playing.now)  # type: ignore[arg-type]
        if o.activity == "related_work"
    }
    assert found == {
        ("", "save"): [],
        ("", "update_plan"): [],
        ("", "create_task"): ['action "create_task" is not open: may_create is null'],
        ("", "close_case"): [],
        ("", "continue"): [],
        ("expert", "discuss"): [],
        ("expert", "dismiss"): [],
    }
