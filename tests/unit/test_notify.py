from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from casewright.bind.shape import STATE_BIT
from casewright.case import Actor, Case, Effect, Event, Outcome, Related
from casewright.feel import Budget
from casewright.notify.change import ANYTHING
from casewright.program import Program, check_packs
from casewright.templates import Message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from casewright.notify import Acceptance

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ZOE = Actor("zoe")

PACK = """\
kind: pack
schema: casewright/1
name: p
version: 1.0.0
settings: {channel: {type: string, default: email}, tell: {type: boolean, default: true}}
---
kind: records
name: person
fields: {name: {type: string}, manager: {type: reference, to: person}}
---
kind: case_type
name: ticket
state_flow: ticket
fields:
  title: {type: string}
  contact: {type: reference, to: person}
  watch_list: {type: reference, to: person, many: true}
  assigned_to: {type: reference, to: person}
  urgent: {type: boolean}
---
kind: case_type
name: hardware_ticket
extends: ticket
---
kind: state_flow
name: ticket
initial: new
states: {new: {}, done: {final: true}}
transitions:
  finish: {from: new, to: done, do: [{set: {title: Finished}}]}
  nudge: {from: new, do: [{notify: by_hand}, {notify: by_hand}]}
  again: {from: new, do: [{raise: nudged}]}
  nudged: {from: new, do: [{raise: nudged_too}]}
  nudged_too: {from: new}
---
kind: templates
name: t
for: ticket
templates:
  plain: {subject: '{{ number }}', body: '{{ title }} {{ state }}'}
  other: Other {{ title }}
---
kind: notification_map
name: n
for: ticket
notifications:
"""


def compiled(tmp_path: Path, *lines: str) -> tuple[Program | None, list[tuple[str, str]]]:
    path = tmp_path / "p.yaml"
    body = "".join(f"  {line}\n" for line in lines)
    path.write_text(PACK + "  by_hand: {to: contact, channel: bell, template: plain}\n" + body)
    program, found = check_packs([path])
    return program, [(d.code, d.message) for d in found if d.severity == "error"]


@dataclass
class Desk:
    """A program with one open case."""

    program: Program
    case: Case | None = None
    steps: int = 0

    def send(self, event: str, by: Actor = ZOE, **data: Any) -> Outcome:
        self.steps += 1
        asked = Event(
            event,
            id=f"e{self.steps}",
            case="c1",
            case_type="p.ticket",
            time=NOW,
            actor=by,
            data=data,
            number="T1",
        )
        people = {
            "ann": {"id": "ann", "name": "Ann", "manager": "bob"},
            "bob": {"id": "bob", "name": "Bob"},
        }
        out = self.program.handle(self.case, asked, Related(records={"p.person": people}))[-1]
        assert out.status == "applied", out.errors
        self.case = out.case
        return out


def desk(tmp_path: Path, *lines: str, **fields: Any) -> Desk:
    program, errors = compiled(tmp_path, *lines)
    assert program is not None, errors
    made = Desk(program)
    data: dict[str, Any] = {"title": "Dark", "contact": "ann", **fields}
    made.send("create", ZOE, **data)
    return made


def told(out: Outcome) -> dict[str, tuple[str, ...]]:
    return {e.name: e.to for e in out.effects if e.kind == "notification"}


def only(out: Outcome) -> Effect:
    found = [e for e in out.effects if e.kind == "notification"]
    assert len(found) == 1
    return found[0]


# --- matching -----------------------------------------------------------------------------------


def test_one_with_on_goes_out_at_each_event_of_that_type(tmp_path: Path) -> None:
    one = desk(tmp_path, "done: {on: finish, to: contact, channel: email, template: plain}")
    assert told(one.send("update", title="Darker")) == {}
    assert told(one.send("finish")) == {"p.done": ("ann",)}


def test_one_with_on_is_matched_at_the_end_of_the_internal_event(tmp_path: Path) -> None:
    line = (
        'done: {on: finish, when: title = "Finished", to: contact, channel: email, template: plain}'
    )
    assert told(desk(tmp_path, line).send("finish")) == {"p.done": ("ann",)}


def test_one_with_several_events_goes_out_once_a_step(tmp_path: Path) -> None:
    line = "many: {on: [again, nudged, nudged_too], to: contact, channel: email, template: plain}"
    out = desk(tmp_path, line).send("again")
    assert [e.name for e in out.effects] == ["p.many"]


def test_one_without_recipients_has_not_gone_out_yet(tmp_path: Path) -> None:
    line = (
        "late: {on: [again, nudged], to: '= if event.type = \"nudged\" then contact else null', "
        "channel: email, template: plain}"
    )
    assert told(desk(tmp_path, line).send("again")) == {"p.late": ("ann",)}


def test_on_matches_a_raised_event(tmp_path: Path) -> None:
    line = "raised: {on: nudged_too, to: contact, channel: email, template: plain}"
    assert told(desk(tmp_path, line).send("again")) == {"p.raised": ("ann",)}


def test_one_with_when_alone_compares_with_the_case_before_the_step(tmp_path: Path) -> None:
    line = (
        'assigned: {when: changed("assigned_to") and assigned_to != null, to: assigned_to, '
        "channel: email, template: plain}"
    )
    one = desk(tmp_path, line)
    assert told(one.send("update", assigned_to="bob")) == {"p.assigned": ("bob",)}
    assert told(one.send("update", title="Darker")) == {}


def test_one_with_when_alone_sees_what_raised_events_have_changed(tmp_path: Path) -> None:
    line = "left: {when: previous.state != state, to: contact, channel: email, template: plain}"
    assert told(desk(tmp_path, line).send("finish")) == {"p.left": ("ann",)}


def test_changed_means_has_a_value_at_create(tmp_path: Path) -> None:
    line = 'made: {when: changed("title"), to: contact, channel: email, template: plain}'
    program, _ = compiled(tmp_path, line)
    assert program is not None
    assert told(Desk(program).send("create", title="Dark", contact="ann")) == {"p.made": ("ann",)}


def test_an_action_sends_one_by_name_once_a_step(tmp_path: Path) -> None:
    out = desk(tmp_path).send("nudge")
    assert [(e.name, e.to) for e in out.effects] == [("p.by_hand", ("ann",))]


def test_the_condition_sees_the_event_and_the_asker(tmp_path: Path) -> None:
    line = (
        'mine: {on: update, when: actor.id = "bob", to: contact, channel: email, template: plain}'
    )
    one = desk(tmp_path, line)
    assert told(one.send("update", title="a")) == {}
    assert told(one.send("update", Actor("bob"), title="b")) == {"p.mine": ("ann",)}


def test_a_condition_that_is_null_sends_nothing(tmp_path: Path) -> None:
    line = "urgent: {on: update, when: urgent, to: contact, channel: email, template: plain}"
    assert told(desk(tmp_path, line).send("update", title="a")) == {}


def test_they_hold_for_case_types_that_extend_theirs(tmp_path: Path) -> None:
    program, _ = compiled(tmp_path, "n: {on: finish, to: contact, channel: email, template: plain}")
    assert program is not None
    assert "p.n" in program.case_types["p.hardware_ticket"].notifications.all


def test_a_trace_says_why_one_does_not_go_out(tmp_path: Path) -> None:
    line = "urgent: {on: finish, when: urgent, to: contact, channel: email, template: plain}"
    one = desk(tmp_path, line)
    event = Event("finish", id="e9", case="c1", time=NOW, actor=ZOE)
    out = one.program.step(one.case, event, trace=True)
    assert out.trace
    told = [(t["place"], t["held"]) for t in out.trace if t["kind"] == "notification"]
    assert told == [("notification/p.urgent", False)]


# --- recipients, channels, data -----------------------------------------------------------------


def test_recipients_are_told_once_each(tmp_path: Path) -> None:
    line = (
        "n: {on: finish, to: [contact, watch_list, = contact.manager, '= [\"ann\", null]'], "
        "channel: email, template: plain}"
    )
    out = desk(tmp_path, line, watch_list=["bob", "ann"]).send("finish")
    assert told(out) == {"p.n": ("ann", "bob")}


def test_without_recipients_there_is_no_effect(tmp_path: Path) -> None:
    line = "n: {on: finish, to: assigned_to, channel: email, template: plain}"
    out = desk(tmp_path, line).send("finish")
    assert out.effects == ()
    assert out.causes == ("transition/finish",)


def test_the_name_of_a_notification_is_among_the_causes(tmp_path: Path) -> None:
    line = "n: {on: finish, to: contact, channel: email, template: plain}"
    assert "notification/p.n" in desk(tmp_path, line).send("finish").causes


def test_channels_are_fixed_in_the_step(tmp_path: Path) -> None:
    line = "n: {on: finish, to: contact, channel: [= settings.channel, bell], template: plain}"
    assert only(desk(tmp_path, line).send("finish")).data["channels"] == ["email", "bell"]


def test_the_effect_carries_what_the_template_reads_and_no_more(tmp_path: Path) -> None:
    line = "n: {on: finish, to: contact, channel: email, template: plain}"
    assert only(desk(tmp_path, line).send("finish")).data["data"] == {
        "number": "T1",
        "title": "Finished",
        "state": "done",
    }


def test_the_text_is_of_the_step_however_late_it_is_rendered(tmp_path: Path) -> None:
    line = "n: {on: update, to: contact, channel: email, template: plain}"
    one = desk(tmp_path, line)
    effect = only(one.send("update", title="Darker"))
    one.send("finish")
    assert one.program.render(effect) == Message("T1", "Darker new")


def test_the_template_may_be_chosen_by_an_expression(tmp_path: Path) -> None:
    line = (
        "n: {on: update, to: contact, channel: email, "
        'template: \'= if urgent = true then "other" else "plain"\'}'
    )
    one = desk(tmp_path, line)
    assert only(one.send("update", title="a")).data["template"] == "p.plain"
    assert one.program.render(only(one.send("update", urgent=True))) == Message("", "Other a")


# --- mistakes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("n: {on: finsh, to: contact, channel: email, template: plain}",
         ("CW403", 'unknown event "finsh"')),
        ("n: {on: finish, to: contct, channel: email, template: plain}",
         ("CW813", 'unknown recipient: no field "contct"')),
        ("n: {on: finish, to: urgent, channel: email, template: plain}",
         ("CW814", '"urgent" gives boolean, a recipient is a reference')),
        ("n: {on: finish, to: contact, channel: email, template: plan}",
         ("CW237", 'unknown template "plan"')),
        ("n: {when: urgent, to: contact, channel: email, template: plain}",
         ("CW812", ("a notification without `on` has to read `changed` or `previous`, or it would "
          "go out at every event"))),
        ("n: {on: finish, when: urgnt, to: contact, channel: email, template: plain}",
         ("CW302", 'unknown name "urgnt"')),
    ],
)  # fmt: skip
def test_a_mistake_is_reported(tmp_path: Path, line: str, error: tuple[str, str]) -> None:
    assert compiled(tmp_path, line)[1] == [error]


def test_an_action_can_name_only_one_without_on_and_when(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(PACK + "  by_hand: {on: finish, to: contact, channel: bell, template: plain}\n")
    _, found = check_packs([path])
    assert [(d.code, d.message) for d in found if d.severity == "error"] == [
        ("CW809", 'notification "by_hand" has `on` and goes out by itself; no action sends it')
    ] * 2


# --- topic maps ---------------------------------------------------------------------------------

TOPICS = """\
---
kind: topic_map
name: bus
for: ticket
messages:
  made: {on: create, enabled: = settings.tell, type: Made, format: json, with: {title: = title}}
  off: {on: create, enabled: false, type: Off, format: json}
  moved: {when: previous.state != state, type: Moved, format: json, with: {state: = state}}
topics:
  all: {sinks: [log]}
  severe: {header: 'eventType = "Made"', content: 'event.ticket.severity = "1"', sinks: [bus, log]}
sinks:
  log: {plugin: console}
  bus: {plugin: kafka, when: 'settings.channel = "bus"', batch: 200}
accept:
  mail:
    format: mail
    when: payload.spam = false
    create: ticket
    with: {title: = payload.subject, urgent: false, contact: = payload.sender.id}
  done: {format: mail, event: finish, to: = payload.ticket, with: {title: Done}}
"""


def topics(tmp_path: Path, text: str = TOPICS) -> tuple[Any, Any, list[tuple[str, str]]]:
    from casewright.actions.binder import CaseBinder
    from casewright.bind.scope import case_scope
    from casewright.bind.shape import shapes
    from casewright.bind.world import World
    from casewright.notify import compile_messages, compile_topic_map
    from casewright.spec.packs import load_packs

    path = tmp_path / "p.yaml"
    path.write_text(PACK + "  by_hand: {to: contact, channel: bell, template: plain}\n" + text)
    packs, found = load_packs([path])
    assert found == []
    world = World(packs, None)
    world.declare()
    made = shapes(world)
    shape = made["p.ticket"]
    binder = CaseBinder(world, shape, case_scope(world, shape, {}, ()), made)
    messages = compile_messages(binder, packs.all("topic_map"))
    topic_map = compile_topic_map(world, packs.all("topic_map")[0])
    return messages, topic_map, [(d.code, d.message) for d in world.diagnostics]


def test_messages_that_are_switched_off_are_left_out(tmp_path: Path) -> None:
    messages, _, errors = topics(tmp_path)
    assert errors == []
    assert list(messages.all) == ["p.made", "p.moved"]
    assert messages.events == {"create"}


def test_topics_select_messages_by_header_and_content(tmp_path: Path) -> None:
    _, topic_map, _ = topics(tmp_path)
    severe = {"ticket": {"severity": "1"}}
    budget = Budget()
    assert topic_map.routes({"eventType": "Moved"}, severe, budget) == (("all", "log"),)
    assert topic_map.routes({"eventType": "Made"}, {}, budget) == (("all", "log"),)
    assert topic_map.routes({"eventType": "Made"}, severe, budget) == (
        ("all", "log"),
        ("severe", "log"),
    )


def test_a_sink_is_switched_by_settings(tmp_path: Path) -> None:
    _, topic_map, _ = topics(tmp_path)
    assert {name: (s.is_on, s.batch) for name, s in topic_map.sinks.items()} == {
        "log": (True, None),
        "bus": (False, 200),
    }


def test_messages_go_out_with_the_step_and_carry_what_they_are_filled_with(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    both = "  by_hand: {to: contact, channel: bell, template: plain}\n"
    both += "  made: {on: create, to: contact, channel: email, template: plain}\n"
    path.write_text(PACK + both + TOPICS)
    program, found = check_packs([path])
    assert program is not None, found
    one = Desk(program)
    made = one.send("create", title="Dark", contact="ann")
    assert [(e.kind, e.name) for e in made.effects] == [
        ("notification", "p.made"),
        ("publish", "p.made"),
        ("publish", "p.moved"),
    ]
    assert made.effects[1].data == {
        "type": "Made",
        "format": "json",
        "data": {"title": "Dark"},
        "map": "p.bus",
    }
    assert one.send("update", title="Darker").effects == ()
    moved = one.send("finish")
    assert [(e.name, e.data["data"]) for e in moved.effects] == [("p.moved", {"state": "done"})]
    assert "message/p.moved" in moved.causes


def accepted(tmp_path: Path) -> Mapping[str, Acceptance]:
    path = tmp_path / "p.yaml"
    path.write_text(PACK + "  by_hand: {to: contact, channel: bell, template: plain}\n" + TOPICS)
    program, found = check_packs([path])
    assert program is not None, found
    assert list(program.topic_maps) == ["p.bus"]
    return program.acceptances


def test_a_message_taken_in_creates_a_case_from_its_payload(tmp_path: Path) -> None:
    mail = accepted(tmp_path)["p.mail"]
    payload = {"spam": False, "subject": "Dark", "sender": {"id": "ann"}}
    assert mail.create == "p.ticket"
    assert mail.takes(payload, Budget())
    assert mail.data(payload, Budget()) == {"title": "Dark", "urgent": False, "contact": "ann"}
    assert mail.data({}, Budget()) == {"urgent": False}


def test_a_message_whose_condition_is_null_is_not_taken(tmp_path: Path) -> None:
    assert not accepted(tmp_path)["p.mail"].takes({}, Budget())


def test_a_message_taken_in_may_be_an_event(tmp_path: Path) -> None:
    done = accepted(tmp_path)["p.done"]
    assert (done.event, done.receiver({"ticket": "c1"}, Budget())) == ("finish", "c1")
    assert done.data({}, Budget()) == {"title": "Done"}
    assert done.receiver({}, Budget()) is None


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("sinks: [log]", "sinks: [lg]", ("CW816", 'unknown sink "lg"')),
        ("moved: {when: previous.state != state, ", "moved: {",
         ("CW815", "a message has `on`, or a `when` that reads `changed` or `previous`")),
        ('eventType = "Made"', 'evntType = "Made"', ("CW302", 'unknown name "evntType"')),
        ("title: = title", "title: = titl", ("CW302", 'unknown name "titl"')),
        ("enabled: = settings.tell", "enabled: = urgent", ("CW302", 'unknown name "urgent"')),
        ("made: {on: create", "made: {for: tickt, on: create",
         ("CW221", 'unknown case type "tickt"')),
    ],
)  # fmt: skip
def test_a_mistake_in_a_topic_map_is_reported(
    tmp_path: Path, old: str, new: str, error: tuple[str, str]
) -> None:
    assert topics(tmp_path, TOPICS.replace(old, new))[2] == [error]


# --- what has to change -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "needs"),
    [
        ('changed("title")', {"title"}),
        ('changed("title") and urgent', {"title"}),
        ("urgent and previous.state != state", {"state"}),
        ("title != previous.title", {"title"}),
        ('changed("title") or changed("urgent")', {"title", "urgent"}),
        ('changed("title") or urgent', None),
        ('previous.state = "new"', None),
        ('not(changed("title"))', None),
    ],
)
def test_a_condition_is_read_only_where_what_it_needs_has_changed(
    tmp_path: Path, when: str, needs: set[str] | None
) -> None:
    line = f"n: {{when: '{when}', to: contact, channel: email, template: plain}}"
    program, errors = compiled(tmp_path, line)
    assert program is not None, errors
    ct = program.case_types["p.ticket"]
    bits = {"state": STATE_BIT, **{name: field.bit for name, field in ct.fields.items()}}
    wanted = ANYTHING if needs is None else sum(bits[name] for name in needs)
    assert ct.notifications.all["p.n"].needs == wanted


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("create: ticket", "create: tickt", ("CW221", 'unknown case type "tickt"')),
        ("create: ticket", "format: x", ("CW817", "")),
        ("urgent: false,", "urgnt: false,", ("CW222", 'unknown field "urgnt"')),
        ("urgent: false,", "urgent: 3,", ("CW224", "")),
        ("= payload.subject", "= title", ("CW302", 'unknown name "title"')),
        ("event: finish", "event: finsh", ("CW403", 'unknown event "finsh"')),
    ],
)
def test_a_mistake_in_a_message_taken_in_is_reported(
    tmp_path: Path, old: str, new: str, error: tuple[str, str]
) -> None:
    changed = TOPICS.replace(old, new)
    if new == "format: x":
        changed = TOPICS.replace("    create: ticket\n", "")
    path = tmp_path / "p.yaml"
    path.write_text(PACK + "  by_hand: {to: contact, channel: bell, template: plain}\n" + changed)
    _, found = check_packs([path])
    told = [(d.code, d.message) for d in found if d.severity == "error"]
    assert [code for code, _ in told] == [error[0]]
    assert error[1] in told[0][1]
