"""What people see of the technology product support pack: notes, colours, lists, figures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from casewright.case import Actor, Related
from casewright.program import compile_packs
from casewright.resources import specs_dir
from casewright.runtime.clock import VirtualClock
from casewright.runtime.engine import Engine
from casewright.views import handling_notes

if TYPE_CHECKING:
    from casewright.view import View

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
MAYA = Actor("maya", roles=("agent",))
PACKS = [specs_dir() / "base", specs_dir() / "tech_product_support"]
PROGRAM = compile_packs(PACKS)
ENGINE = Engine.open(PACKS, clock=VirtualClock(NOW))
CASES = PROGRAM.case_type("tech_product_support.tech_product_support")


def _seen(fields: dict[str, Any], *events: str) -> View:
    made = ENGINE.create(CASES.name, {"short_description": "Dark", **fields}, actor=MAYA).case
    assert made is not None
    for event in events:
        made = ENGINE.send(made.id, event, actor=MAYA).case
        assert made is not None
    return PROGRAM.view(made, Related(records=PROGRAM.records), actor=MAYA, now=NOW)


@pytest.mark.parametrize(
    ("fields", "notes"),
    [
        ({"account": "tidewater"}, []),
        ({"account": "boxwood"}, ["account", "gold_account"]),
        ({"account": "meridian"}, ["escalated_account"]),
        ({"contact": "priya"}, ["escalated_account", "contact"]),
        ({"product": "harbor_analytics"}, ["product"]),
        ({"install_base": "gateway_harbour_way"}, ["install_base"]),
        ({"assigned_to": "tom"}, ["assigned_to"]),
    ],
)
def test_handling_notes_are_shown_where_they_apply(
    fields: dict[str, Any], notes: list[str]
) -> None:
    shown = handling_notes(CASES.handling_notes, _seen(fields))
    assert [note.name for note in shown] == notes


@pytest.mark.parametrize(
    ("fields", "events", "colours"),
    [
        ({"priority": 1}, (), {"priority": "red", "state": "yellow"}),
        ({"priority": 2}, ("submit_case",), {"priority": "orange", "state": "green"}),
        (
            {"priority": 3, "escalation": "high"},
            ("submit_case", "assign_to_me"),
            {"priority": "purple", "state": "purple", "short_description": "red"},
        ),
        (
            {"priority": 4, "needs_attention": True, "escalation": "medium"},
            (),
            {
                "priority": "green",
                "state": "yellow",
                "action_status": "blue",
                "short_description": "orange",
            },
        ),
        (
            {"priority": 4},
            ("submit_case", "request_information"),
            {"priority": "green", "action_status": "red"},
        ),
    ],
)
def test_fields_are_coloured(
    fields: dict[str, Any], events: tuple[str, ...], colours: dict[str, str]
) -> None:
    assert CASES.views.highlight(_seen(fields, *events)) == colours


def test_lists_of_both_interfaces_are_there() -> None:
    assert list(CASES.views.lists) == [
        "assigned_to_me",
        "work_in_progress",
        "solution_proposed",
        "closed",
        "unassigned",
        "escalated",
        "all",
        "draft",
        "core_ui.work_in_progress",
        "core_ui.solution_proposed",
        "core_ui.unassigned",
        "core_ui.escalated",
        "core_ui.all",
    ]


@pytest.mark.parametrize(
    ("fields", "events", "lists"),
    [
        ({}, (), {"all", "draft", "core_ui.all"}),
        (
            {"account": "meridian"},
            ("submit_case",),
            {"unassigned", "escalated", "all"}
            | {"core_ui.unassigned", "core_ui.escalated", "core_ui.all"},
        ),
        (
            {},
            ("submit_case", "assign_to_me"),
            {"assigned_to_me", "work_in_progress", "all"}
            | {"core_ui.work_in_progress", "core_ui.all"},
        ),
    ],
)
def test_case_is_in_the_lists_of_its_state(
    fields: dict[str, Any], events: tuple[str, ...], lists: set[str]
) -> None:
    seen = _seen(fields, *events)
    assert {name for name, one in CASES.views.lists.items() if one.shows(seen)} == lists


def test_forms_hold_only_fields_of_the_record() -> None:
    assert list(CASES.views.forms) == [
        "case_details",
        "issue_details",
        "initial_response",
        "technical_action_plan",
        "other_case_details",
        "related_records",
        "notes",
        "closure_information",
    ]


def test_figures_count_cases_by_state() -> None:
    figures = CASES.views.indicators["open_by_state"].figures([_seen({}), _seen({}, "submit_case")])
    assert {figure.group: figure.value for figure in figures} == {"draft": 1, "new": 1}


def test_accounts_have_a_list_and_a_colour() -> None:
    views = PROGRAM.record_views["base.account"]
    assert list(views.lists) == ["escalated"]
    assert [colour for colour, _ in views.highlights["name"].colours] == ["red", "orange"]
