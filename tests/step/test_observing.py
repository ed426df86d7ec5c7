"""Rule 41, the side of who is observed: what cases and signals tell the windows that watch them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from casewright.case import SYSTEM, Actor, Effect, Event, Outcome, Related
from casewright.errors import EventError
from casewright.program.adopting import adoption
from casewright.temporal import to_us
from support.life import ANNE, START, Life, program_of

if TYPE_CHECKING:
    from casewright.program import Program

HEAD = 'kind: pack\nname: t\nschema: casewright/1\nversion: "1"\n'
PACK = """
kind: case_type
name: incident
state_flow: incident
fields:
  item: {type: string}
  severity: {type: integer, default: 3}
  note: {type: string}
  owner: {type: reference, to: person}
---
kind: records
name: person
fields: {name: {type: string}, team: {type: string}}
rows: [{id: ada, name: Ada, team: blue}]
---
kind: roles
name: incident
for: incident
roles: {agent: {may: [create, read, update]}, lead: {includes: [agent]}}
---
kind: state_flow
name: incident
initial: open
states: {open: {}, closed: {final: true}}
transitions:
  escalate: {from: open, data: {reason: {type: string}}, do: [{raise: poke}, {raise: poke}]}
  poke: {from: open, roles: [system]}
  close: {from: open, to: closed}
---
kind: rules
name: watch
correlations:
"""
OPENED = """
  opened:
    key: item
    within: 1 hour
    all:
      - {as: bad, on: create, for: incident, when: severity <= 2}
      - {as: any_one, on: create, for: incident}
      - {as: worse, on: [escalate, poke], for: incident, when: event.type = "poke" or severity < 5}
    do: [{create: {case_type: incident, with: {note: = bad.note, severity: = any_one.severity}}}]
"""
STANDS = """
  stands:
    key: item
    within: 1 hour
    all: [{as: open_one, for: incident, when: state = "open" and severity <= 2}]
    do: [{create: {case_type: incident, with: {note: = open_one.note}}}]
"""
SIGNAL = """
  alerts:
    key: item
    within: 1 hour
    all:
      - {as: worst, on: alert, when: level <= 2 and actor.id != "mute"}
      - {as: rest, on: alert, count: 2, when: level <= worst.level + 1 and owner.team = "blue"}
    do: [{create: {case_type: incident, with: {item: = key, severity: = worst.level}}}]
  loud:
    key: level
    within: 1 hour
    all: [{on: alert, when: level = 1}]
    do: [{create: {case_type: incident, with: {item: loud}}}]
signals:
  alert:
    roles: [agent]
    data:
      item: {type: string, required: true}
      level: {type: integer, default: 3}
      owner: {type: reference, to: person}
"""
RECORDS = Related(records={"t.person": {"ada": {"id": "ada", "name": "Ada", "team": "blue"}}})


def life_of(correlations: str, text: str = PACK) -> Life:
    return Life(program_of(text + correlations, head=HEAD), "incident")


def told(outcome: Outcome) -> list[Effect]:
    return [effect for effect in outcome.effects if effect.kind == "observe"]


def observed(outcome: Outcome) -> dict[str, Any]:
    (effect,) = told(outcome)
    return dict(effect.data["observation"])


def alert(program: Program, by: Actor = ANNE, event_id: str = "a1", **data: Any) -> Outcome:
    event = Event("alert", event_id, time=START, actor=by, data=data)
    return program.receive(event, RECORDS)


# --- events of cases


def test_patterns_of_one_correlation_make_one_observation() -> None:
    (effect,) = told(life_of(OPENED).create({"item": "web", "severity": 1, "note": "x"}))
    assert effect.to == ("window/t.opened/web",)
    assert (effect.name, effect.data["correlation"], effect.data["key"]) == (
        "t.opened",
        "t.opened",
        "web",
    )
    assert effect.data["observation"] == {
        "id": effect.id,
        "at_us": to_us(START),
        "fits": ["bad", "any_one"],
        "type": "create",
        "case": "c1",
        "case_type": "t.incident",
        "data": {"severity": 1, "note": "x"},
    }


def test_an_observation_fits_only_the_patterns_whose_conditions_hold() -> None:
    assert observed(life_of(OPENED).create({"item": "web"}))["fits"] == ["any_one"]


def test_without_a_key_nothing_is_observed() -> None:
    assert told(life_of(OPENED).create({"severity": 1})) == []


def test_each_internal_event_is_an_observation_of_its_own() -> None:
    life = life_of(OPENED)
    life.create({"item": "web"})
    effects = told(life.send("escalate", {"reason": "slow"}))
    assert [effect.data["observation"]["type"] for effect in effects] == [
        "escalate",
        "poke",
        "poke",
    ]
    assert len({effect.data["observation"]["id"] for effect in effects}) == 3


def test_a_rejected_event_tells_nothing() -> None:
    life = life_of(OPENED)
    life.create({"item": "web"})
    life.send("close")
    assert life.send("escalate").status == "rejected"
    assert told(life.outcomes[-1]) == []


def test_it_happened_when_the_sender_says_but_never_later_than_it_was_admitted() -> None:
    before, after = START - timedelta(minutes=5), START + timedelta(minutes=5)
    assert observed(life_of(OPENED).create({"item": "web"}, occurred=before))["at_us"] == to_us(
        before
    )
    assert observed(life_of(OPENED).create({"item": "web"}, occurred=after))["at_us"] == to_us(
        START
    )


def test_a_case_type_that_nobody_watches_has_nothing_to_look_up() -> None:
    program = program_of(PACK.rpartition("---")[0], head=HEAD)
    assert program.case_types["t.incident"].watches is None


# --- what holds


def test_a_case_for_which_a_pattern_holds_is_told_once() -> None:
    life = life_of(STANDS)
    made = observed(life.create({"item": "web", "severity": 1, "note": "x"}))
    assert made["id"] == "case/c1/open_one"
    assert (made["fits"], made["holds"], made["data"]) == (["open_one"], True, {"note": "x"})
    assert told(life.send("update", {"severity": 2})) == []


def test_what_begins_to_hold_is_told() -> None:
    life = life_of(STANDS)
    assert told(life.create({"item": "web"})) == []
    assert observed(life.send("update", {"severity": 1}))["id"] == "case/c1/open_one"


def test_what_the_window_reads_is_told_again_when_it_changes() -> None:
    life = life_of(STANDS)
    life.create({"item": "web", "severity": 1, "note": "x"})
    assert observed(life.send("update", {"note": "y"}))["data"] == {"note": "y"}


@pytest.mark.parametrize("change", [{"severity": 4}, {"item": None}])
def test_what_ceases_is_told(change: dict[str, Any]) -> None:
    life = life_of(STANDS)
    life.create({"item": "web", "severity": 1})
    (effect,) = told(life.send("update", change))
    assert effect.to == ("window/t.stands/web",)
    assert effect.data == {"correlation": "t.stands", "gone": "case/c1/open_one"}


def test_a_final_state_ceases_what_its_condition_says() -> None:
    life = life_of(STANDS)
    life.create({"item": "web", "severity": 1})
    assert [effect.data["gone"] for effect in told(life.send("close"))] == ["case/c1/open_one"]
    life = life_of(STANDS.replace('state = "open" and ', ""))
    life.create({"item": "web", "severity": 1})
    assert told(life.send("close")) == []


def test_another_key_takes_it_from_one_window_to_the_other() -> None:
    life = life_of(STANDS)
    life.create({"item": "web", "severity": 1})
    old, new = told(life.send("update", {"item": "mail"}))
    assert (old.to, old.data["gone"]) == (("window/t.stands/web",), "case/c1/open_one")
    assert (new.to, new.data["observation"]["fits"]) == (("window/t.stands/mail",), ["open_one"])


def adopted(life: Life, correlations: str) -> list[Effect]:
    """Return what a case tells windows as it goes over to a program of other correlations."""
    program = program_of(PACK + correlations, head=HEAD)
    event = adoption(life.case, program.hash, START, to_us(START))
    return told(program.step(life.case, event))


def test_an_adopted_case_tells_nothing_that_it_has_told_before() -> None:
    life = life_of(STANDS)
    life.create({"item": "web", "severity": 1})
    assert adopted(life, STANDS + OPENED) == []
    assert adopted(life, STANDS.replace("severity <= 2", "severity < 2")) == []


def test_an_adopted_case_tells_what_is_otherwise_by_the_new_program() -> None:
    life = life_of(STANDS)
    life.create({"item": "web", "severity": 1, "note": "hm"})
    (gone,) = adopted(life, STANDS.replace("severity <= 2", "severity > 2"))
    assert (gone.to, gone.data["gone"]) == (("window/t.stands/web",), "case/c1/open_one")
    (more,) = adopted(
        life, STANDS.replace("open_one.note", "open_one.note + string(open_one.severity)")
    )
    assert more.data["observation"]["holds"]
    (other,) = adopted(life, STANDS.replace("stands:", "stays:"))
    assert other.to == ("window/t.stays/web",)


def test_an_adopted_case_leaves_the_window_of_its_old_key() -> None:
    life = life_of(STANDS)
    life.create({"item": "web", "severity": 1})
    gone, now = adopted(life, STANDS.replace("key: item", "key: state"))
    assert (gone.to, gone.data["gone"]) == (("window/t.stands/web",), "case/c1/open_one")
    assert (now.to, now.data["key"]) == (("window/t.stands/open",), "open")


def test_an_adopted_case_for_which_nothing_held_tells_only_what_holds_now() -> None:
    life = life_of(STANDS)
    life.create({"item": "web", "severity": 4})
    assert adopted(life, STANDS) == []
    (now,) = adopted(life, STANDS.replace("severity <= 2", "severity >= 2"))
    assert "observation" in now.data


# --- signals


def test_a_signal_tells_each_correlation_that_observes_it() -> None:
    program = program_of(PACK + SIGNAL, head=HEAD)
    outcome = alert(program, item="web", level=1, owner="ada")
    assert (outcome.status, outcome.entity) == ("applied", None)
    first, second = told(outcome)
    assert (first.id, first.to) == ("a1/t.alerts", ("window/t.alerts/web",))
    assert first.data["observation"] == {
        "id": "a1",
        "at_us": to_us(START),
        "fits": ["worst", "rest"],
        "type": "alert",
        "data": {"level": 1},
    }
    assert (second.id, second.to, second.data["key"]) == ("a1/t.loud", ("window/t.loud/1",), 1)


def test_conditions_on_a_signal_alone_are_worked_out_where_it_comes_in() -> None:
    program = program_of(PACK + SIGNAL, head=HEAD)
    assert observed(alert(program, item="web", owner="ada"))["fits"] == ["rest"]
    mute = Actor("mute", roles=("agent",))
    assert observed(alert(program, mute, item="web", level=2, owner="ada"))["fits"] == ["rest"]
    assert told(alert(program, item="web")) == []


def test_a_signal_that_needs_records_says_so() -> None:
    program = program_of(PACK + SIGNAL, head=HEAD)
    event = Event("alert", "a1", time=START, actor=ANNE, data={"item": "web", "owner": "ada"})
    outcome = program.receive(event)
    assert (outcome.status, [need.id for need in outcome.needs]) == ("needs", ["ada"])


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        ({"item": 3}, ["invalid"]),
        ({"item": "web", "level": "x"}, ["invalid"]),
        ({"item": "web", "levle": 1}, ["invalid"]),
        ({}, ["requirement"]),
        ({"levle": 1}, ["invalid", "requirement"]),
    ],
)
def test_data_of_a_signal_is_as_declared(data: dict[str, Any], codes: list[str]) -> None:
    outcome = alert(program_of(PACK + SIGNAL, head=HEAD), **data)
    assert (outcome.status, [problem.code for problem in outcome.errors]) == ("rejected", codes)
    assert outcome.effects == ()


def test_a_signal_is_open_to_its_roles_and_those_that_include_them() -> None:
    program = program_of(PACK + SIGNAL, head=HEAD)
    stranger = Actor("carl", roles=("customer",))
    refused = alert(program, stranger, item="web")
    assert [problem.code for problem in refused.errors] == ["forbidden"]
    for one in (ANNE, Actor("lea", roles=("t.lead",)), SYSTEM):
        assert alert(program, one, item="web", owner="ada").status == "applied"


def test_a_signal_is_known_by_its_full_name_too() -> None:
    program = program_of(PACK + SIGNAL, head=HEAD)
    event = Event("t.alert", "a1", time=START, actor=ANNE, data={"item": "web", "owner": "ada"})
    outcome = program.receive(event, RECORDS)
    assert (outcome.event.type, len(told(outcome))) == ("alert", 1)


def test_an_unknown_signal_is_no_signal() -> None:
    program = program_of(PACK + SIGNAL, head=HEAD)
    with pytest.raises(EventError, match='there is no signal "alrt"; did you mean "alert"'):
        program.receive(Event("alrt", "a1", time=START, actor=ANNE))


# --- what windows tell people

TOLD = """
  told:
    key: item
    within: 1 hour
    all: [{as: alerts, on: alert, count: 2}]
    do:
      - let: {worst: = min(alerts.level)}
      - {when: worst > 2, do: [{notify: calm}]}
      - notify: bad
signals:
  alert:
    data: {item: {type: string}, level: {type: integer}, owner: {type: reference, to: person}}
---
kind: notification_map
name: told
notifications:
  bad: {to: = alerts.owner, channel: email, template: bad}
  calm: {to: = null, channel: email, template: bad}
---
kind: templates
name: told
templates: {bad: {subject: "{{ key }}", body: "{{ worst }} of {{ alerts | length }}"}}
"""


def test_a_window_sends_a_notification_that_sees_what_the_action_sees() -> None:
    program = program_of(PACK + TOLD, head=HEAD)
    window = None
    for event_id, level in (("a1", 3), ("a2", 2)):
        (effect,) = told(alert(program, event_id=event_id, item="web", level=level, owner="ada"))
        event = Event("observe", effect.id, effect.to[0], time=START, data=effect.data)
        outcome = program.step(window, event)
        window = outcome.entity
    (notification,) = outcome.effects
    assert (notification.kind, notification.name, notification.to) == (
        "notification",
        "t.bad",
        ("ada",),
    )
    message = program.render(notification)
    assert (message.subject, message.body) == ("web", "2 of 2")


def test_a_notification_without_recipients_is_not_sent() -> None:
    program = program_of(PACK + TOLD, head=HEAD)
    window = None
    for event_id in ("a1", "a2"):
        (effect,) = told(alert(program, event_id=event_id, item="web", level=3, owner="ada"))
        event = Event("observe", effect.id, effect.to[0], time=START, data=effect.data)
        outcome = program.step(window, event)
        window = outcome.entity
    assert [effect.name for effect in outcome.effects] == ["t.bad"]
