from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from casewright.actions.binder import CaseBinder
from casewright.bind.scope import case_scope, plain_scope
from casewright.bind.shape import shapes
from casewright.bind.world import World
from casewright.case import Actor, Case, Related
from casewright.spec.packs import load_packs
from casewright.temporal import Duration
from casewright.view import View
from casewright.views import (
    Figure,
    Record,
    Views,
    compile_handling_notes,
    compile_record_views,
    compile_views,
    handling_notes,
)
from casewright.views.definition import compare
from casewright.views.indicators import period_of

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PEOPLE: dict[str, dict[str, Any]] = {
    "ann": {"id": "ann", "name": "Ann", "tier": "gold", "boss": "bob"},
    "bob": {"id": "bob", "name": "Bob", "tier": None},
    "cec": {"id": "cec", "name": "Cec", "tier": "silver", "boss": "ann"},
}

PACK = """\
kind: pack
schema: casewright/1
name: p
version: 1.0.0
settings: {top: {type: string, default: gold}}
---
kind: records
name: person
fields: {name: {type: string}, tier: {type: string}, boss: {type: reference, to: person}}
---
kind: case_type
name: ticket
state_flow: ticket
fields:
  title: {type: string}
  priority: {type: choice, choices: {1: Critical, 2: High, 3: Moderate}}
  contact: {type: reference, to: person}
  assigned_to: {type: reference, to: person}
  opened: {type: date_time}
  effort: {type: number}
  taken: {type: duration}
  comments: {type: journal}
handling_notes:
  gold: {when: contact.tier = settings.top, text: Gold account}
  mine: {title: Yours, when: assigned_to = actor.id, text: It is yours}
---
kind: roles
name: ticket
for: ticket
roles: {agent: {may: [create, read, update]}}
---
kind: state_flow
name: ticket
initial: open
states: {open: {}, closed: {final: true}}
transitions: {close: {from: open, to: closed}}
---
"""

VIEWS = """\
kind: views
name: work
for: ticket
lists:
  open: {filter: state = "open", columns: [number, title, contact.name], sort: [-priority, opened]}
  mine: {title: Mine, filter: assigned_to = actor.id, columns: [number], roles: [agent]}
highlights:
  title: {red: priority = 1, orange: priority <= 2}
forms: {short: [title, state, comments], long: {title: All of it, fields: [title, opened]}}
indicators:
  all: {of: ticket}
  per_week: {of: ticket, where: opened != null, by: week(opened), last: 2}
  by_state: {of: ticket, by: state}
  effort: {of: ticket, measure: mean(effort), by: priority}
  taken: {of: ticket, measure: median(taken)}
---
kind: views
name: people
for: person
lists: {top: {filter: tier != null, columns: [name, boss.name], sort: [name]}}
highlights: {name: {red: tier = settings.top}}
indicators: {people: {of: person, measure: count}}
"""


class Kind:
    """What a view asks of its case type; nothing here needs it."""


def compiled(tmp_path: Path, text: str = VIEWS) -> tuple[World, CaseBinder, Views, Views]:
    path = tmp_path / "p.yaml"
    path.write_text(PACK + text)
    packs, found = load_packs([path])
    assert found == []
    world = World(packs, None)
    world.declare()
    made = shapes(world)
    shape = made["p.ticket"]
    binder = CaseBinder(world, shape, case_scope(world, shape, {}, ()), made)
    specs = packs.all("views")
    of_cases = compile_views(binder, specs)
    of_people = compile_record_views(
        world, world.record_types["p.person"], plain_scope(world, "p", {}), specs
    )
    return world, binder, of_cases, of_people


def views(tmp_path: Path) -> Views:
    world, _, of_cases, _ = compiled(tmp_path)
    assert world.diagnostics == []
    return of_cases


def errors(tmp_path: Path, old: str, new: str) -> list[tuple[str, str]]:
    assert old in VIEWS
    world, *_ = compiled(tmp_path, VIEWS.replace(old, new))
    return [(d.code, d.message) for d in world.diagnostics]


def seen(number: int, state: str = "open", **fields: Any) -> View:
    case = Case(
        "",
        f"c{number}",
        f"T{number}",
        "p.ticket",
        state,
        1,
        0,
        1,
        1,
        NOW,
        "zoe",
        NOW,
        "zoe",
        fields,
    )
    view = View(Kind(), case, Related(records={"p.person": PEOPLE}), 0)  # type: ignore[arg-type]
    view.actor = Actor("bob")
    return view


def record(name: str) -> Record:
    return Record(PEOPLE[name], lambda _, found: PEOPLE.get(found))


# --- lists --------------------------------------------------------------------------------------


def test_a_list_shows_what_its_filter_holds_for_in_its_columns(tmp_path: Path) -> None:
    rows = (
        views(tmp_path)
        .lists["open"]
        .rows([seen(1, title="Dark", contact="ann"), seen(2, "closed", title="Light")])
    )
    assert [(row.id, row.cells) for row in rows] == [("c1", ("T1", "Dark", "Ann"))]


def test_a_list_is_sorted_by_its_keys_with_empty_values_last(tmp_path: Path) -> None:
    cases = [
        seen(1),
        seen(2, priority=1, opened=NOW),
        seen(3, priority=3),
        seen(4, priority=1, opened=NOW - timedelta(days=1)),
        seen(5, priority=1),
    ]
    rows = views(tmp_path).lists["open"].rows(cases)
    assert [row.id for row in rows] == ["c3", "c4", "c2", "c5", "c1"]


def test_a_list_reads_the_reader(tmp_path: Path) -> None:
    rows = views(tmp_path).lists["mine"].rows([seen(1, assigned_to="bob"), seen(2)])
    assert [row.id for row in rows] == ["c1"]


def test_a_list_is_seen_by_its_roles(tmp_path: Path) -> None:
    made = views(tmp_path)
    assert [one.name for one in made.lists_for(frozenset())] == ["open"]
    assert [one.title for one in made.lists_for(frozenset({"agent"}))] == ["Open", "Mine"]


def test_rows_carry_the_colours_of_their_columns(tmp_path: Path) -> None:
    made = views(tmp_path)
    rows = made.lists["open"].rows([seen(1, priority=2)], made.highlights)
    assert rows[0].colours == {"title": "orange"}


def test_columns_have_the_titles_of_their_fields(tmp_path: Path) -> None:
    columns = views(tmp_path).lists["open"].columns
    assert [column.title for column in columns] == ["Number", "Title", "Contact name"]


# --- highlights, forms, notes -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("priority", "colours"), [(1, {"title": "red"}), (2, {"title": "orange"}), (3, {}), (None, {})]
)
def test_the_first_colour_that_holds_is_taken(
    tmp_path: Path, priority: int | None, colours: dict[str, str]
) -> None:
    assert views(tmp_path).highlight(seen(1, priority=priority)) == colours


def test_a_form_lists_fields_columns_and_journals(tmp_path: Path) -> None:
    forms = views(tmp_path).forms
    assert {name: (form.title, form.fields) for name, form in forms.items()} == {
        "short": ("Short", ("title", "state", "comments")),
        "long": ("All of it", ("title", "opened")),
    }


def test_handling_notes_are_shown_where_they_hold(tmp_path: Path) -> None:
    _, binder, _, _ = compiled(tmp_path)
    notes = compile_handling_notes(binder)
    shown = handling_notes(notes, seen(1, contact="ann", assigned_to="bob"))
    assert [(note.title, note.text) for note in shown] == [
        ("Gold", "Gold account"),
        ("Yours", "It is yours"),
    ]
    assert handling_notes(notes, seen(1, contact="bob")) == []


# --- indicators ---------------------------------------------------------------------------------

CASES = [
    seen(1, opened=NOW, priority=1, effort=1, taken=Duration("real", 60)),
    seen(2, opened=NOW - timedelta(days=1), priority=1, effort=Decimal("2.5")),
    seen(3, "closed", opened=NOW - timedelta(days=7), priority=2),
    seen(4, taken=Duration("real", 180)),
]


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        ("all", [Figure(None, 4, 4)]),
        ("per_week", [Figure("2026-W09", 2, 2), Figure("2026-W10", 1, 1)]),
        ("by_state", [Figure("closed", 1, 1), Figure("open", 3, 3)]),
        ("effort", [Figure(None, None, 1), Figure(1, Decimal("1.75"), 2), Figure(2, None, 1)]),
        ("taken", [Figure(None, Duration("real", 120), 4)]),
    ],
)
def test_an_indicator_is_a_figure_for_each_group(
    tmp_path: Path, name: str, figures: list[Figure]
) -> None:
    assert views(tmp_path).indicators[name].figures(CASES) == figures


def test_an_indicator_without_cases_counts_nothing(tmp_path: Path) -> None:
    assert views(tmp_path).indicators["all"].figures([]) == [Figure(None, 0, 0)]


@pytest.mark.parametrize(
    ("period", "text"),
    [("day", "2026-01-01"), ("week", "2026-W01"), ("month", "2026-01"), ("quarter", "2026-Q1"),
     ("year", "2026")],
)  # fmt: skip
def test_a_period_is_told_in_the_zone_of_the_domain(period: str, text: str) -> None:
    instant = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
    assert period_of(instant, period, ZoneInfo("Europe/Berlin")) == text


@pytest.mark.parametrize(
    ("left", "right", "order"),
    [(1, Decimal("1.5"), -1), ("b", "A", 1), (NOW.date(), NOW, -1), (1, "a", -1),
     (["a"], ["b"], -1), (None, "a", -1), (2, 2, 0)],
)  # fmt: skip
def test_values_of_any_kind_have_an_order(left: Any, right: Any, order: int) -> None:
    assert compare(left, right) == order
    assert compare(right, left) == -order


# --- records ------------------------------------------------------------------------------------


def test_records_have_lists_highlights_and_indicators(tmp_path: Path) -> None:
    world, _, _, people = compiled(tmp_path)
    assert world.diagnostics == []
    found = [record(name) for name in ("cec", "bob", "ann")]
    rows = people.lists["top"].rows(found, people.highlights)
    assert [(row.cells, dict(row.colours)) for row in rows] == [
        (("Ann", "Bob"), {"name": "red"}),
        (("Cec", "Ann"), {}),
    ]
    assert people.indicators["people"].figures([record("ann")]) == [Figure(None, 1, 1)]


# --- mistakes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("columns: [number, title, contact.name]", "columns: [number, titel]",
         ("CW302", 'unknown name "titel"')),
        ("columns: [number, title, contact.name]", "columns: [comments]",
         ("CW832", '"comments" is no single value')),
        ("sort: [-priority, opened]", "sort: [-prority]", ("CW302", 'unknown name "prority"')),
        ("  title: {red: priority = 1", "  titel: {red: priority = 1",
         ("CW831", 'unknown field "titel"')),
        ("short: [title, state, comments]", "short: [titel]", ("CW831", 'unknown field "titel"')),
        ("roles: [agent]", "roles: [agnt]", ("CW404", 'unknown role "agnt"')),
        ("measure: mean(effort)", "measure: average(effort)",
         ("CW834", '"average(effort)" is no measure')),
        ("all: {of: ticket}", "all: {of: tickt}",
         ("CW833", 'unknown case type, record type or clock "tickt"')),
        ('filter: state = "open"', 'filter: event.type = "x"',
         ("CW311", 'a reader condition cannot read "event"')),
        ("columns: [name, boss.name]", "columns: [nme]", ("CW302", 'unknown name "nme"')),
    ],
)  # fmt: skip
def test_a_mistake_is_reported(tmp_path: Path, old: str, new: str, error: tuple[str, str]) -> None:
    assert set(errors(tmp_path, old, new)) == {error}
