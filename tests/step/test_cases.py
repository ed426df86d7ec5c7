"""Rules 33 to 42: rules over one case, messages between cases, calls."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from casewright.case import Event, Origin, Related
from casewright.errors import SpecError
from casewright.host import Host, HostFunction
from casewright.runtime import Engine
from casewright.store import open_store

if TYPE_CHECKING:
    from pathlib import Path
from support.life import ANNE, CARL, Life, program_of

DESK = """
kind: case_type
name: c
state_flow: c
fields:
  priority: {type: integer, default: 3}
  log: {type: string, default: ""}
  mark: {type: string}
  items: {type: string, many: true}
related: {tasks: {of: task, by: parent}}
---
kind: state_flow
name: c
initial: open
states: {open: {}, closed: {final: true}}
transitions:
  close: {from: open, to: closed, when: tasks.open = 0}
  plan:
    from: open
    do: [{create: {case_type: task, as: t, with: {parent: = id, name: plan}}}, {set: {mark: = t}}]
  once:
    from: open
    data: {k: {type: string}}
    do:
      - create:
          case_type: task
          as: t
          with: {parent: = id, name: = event.data.k}
          once_per: [= event.data.k]
      - set: {mark: = t}
  many:
    from: open
    do:
      - for_each: = items
        as: it
        do: [{create: {case_type: task, with: {parent: = id, name: = it}}}]
  stop_all: {from: open, do: [{send: {event: stop, to: = tasks}}]}
  stop_named: {from: open, do: [{send: {event: stop, to: '= tasks[name = "a"]', else: refused}}]}
  refused: {from: open, do: [{set: {mark: refused}}]}
  ask:
    from: open
    do:
      - call: {action: look_up, with: {q: = log}, result: found, error: lost, timeout: 10 minutes}
  found: {from: open, data: {answer: {type: string}}, do: [{set: {mark: = event.data.answer}}]}
  lost: {from: open, do: [{set: {mark: lost}}]}
  later: {from: open}
---
kind: rules
name: c
for: c
rules:
  low: {on: update, priority: 1, do: [{set: {log: '= log + "1"'}}]}
  high: {on: update, priority: 9, do: [{set: {log: '= log + "9"'}}]}
  level: {when: priority = 1, do: [{set: {log: '= log + "L"'}}]}
  second: {when: 'contains(log, "L")', do: [{set: {log: '= log + "S"'}}]}
  delayed: {on: later, after: 1 hour, do: [{set: {log: '= log + "D"'}}]}
  watched: {when: priority = 7, after: 1 hour, do: [{set: {log: '= log + "W"'}}]}
---
kind: case_type
name: task
state_flow: task
fields: {parent: {type: reference, to: c}, name: {type: string}}
---
kind: state_flow
name: task
initial: open
states: {open: {}, done: {final: true}}
transitions: {stop: {from: open, to: done}}
"""


def _case(**data: object) -> Life:
    life = Life(program_of(DESK))
    life.create(data)
    return life


def test_rule_33_priority_goes_before_file_order() -> None:
    life = _case()
    life.send("update", {"mark": "x"})
    assert life.case.fields["log"] == "91"


def test_rule_33_a_rule_without_on_fires_when_its_condition_becomes_true() -> None:
    life = _case()
    life.send("update", {"priority": 1})
    assert life.case.fields["log"] == "91LS"
    life.send("update", {"mark": "x"})
    assert life.case.fields["log"] == "91LS91"
    life.send("update", {"priority": 2})
    life.send("update", {"priority": 1})
    assert life.case.fields["log"] == "91LS919191L"


def test_rule_33_at_create_a_condition_had_not_held() -> None:
    assert _case(priority=1).case.fields["log"] == "LS"


def test_a_delayed_rule_does_its_actions_later_and_drops_them_if_it_ceases_to_hold() -> None:
    life = _case()
    life.send("later")
    life.wait(timedelta(hours=1))
    assert life.case.fields["log"] == "D"
    life.send("update", {"priority": 7})
    life.send("update", {"priority": 6})
    life.wait(timedelta(hours=2))
    assert "W" not in life.case.fields["log"]
    life.send("update", {"priority": 7})
    life.wait(timedelta(hours=2))
    assert life.case.fields["log"].endswith("W")


def test_rule_35_a_creation_counts_its_child_at_once() -> None:
    life = _case()
    life.send("plan")
    assert life.case.related["tasks"].count == 1
    assert life.case.related["tasks"].open == 1
    assert life.send("close").status == "rejected"


def test_rule_35_a_child_tells_its_parent_of_what_the_parent_reads() -> None:
    life = _case()
    outcome = life.send("plan")
    (made,) = outcome.effects
    child = Life(life.program, "task")
    first = child.create(
        made.data["with"],
        origin=Origin("c1", "t.c"),
        caused_by=None,
        counted_in=tuple(made.data["counted_in"]),
    )
    for effect in first.effects:
        _deliver(life, child, effect)
    assert life.case.related["tasks"].count == 1
    done = child.send("stop", origin=Origin("c1", "t.c"))
    (told,) = done.effects
    assert (told.kind, told.name, told.to) == ("summary", "child_changed", ("c1",))
    _deliver(life, child, told)
    assert (life.case.related["tasks"].open, life.case.related["tasks"].count) == (0, 1)
    assert life.send("close").status == "applied"


def _deliver(life: Life, child: Life, effect: object) -> None:
    life.handle(
        Event(
            effect.name,  # type: ignore[attr-defined]
            effect.id,  # type: ignore[attr-defined]
            "c1",
            data=dict(effect.data),  # type: ignore[attr-defined]
            origin=Origin(child.case.id, child.case.case_type),
        )
    )


def test_rule_37_the_seventeenth_hop_fails() -> None:
    life = _case()
    assert life.send("plan", hops=16).status == "applied"
    assert life.send("plan", hops=17).errors[0].code == "hop_limit"
    assert life.outcomes[-2].effects[0].hops == 17


def test_rule_38_a_send_to_a_whole_list_is_one_message() -> None:
    life = _case(items=["a", "b", "c"])
    life.send("many")
    (message,) = life.send("stop_all").effects
    assert (message.to, message.to_list) == ((), "tasks")


def test_rule_38_a_filtered_list_names_its_receivers() -> None:
    life = _case(items=["a", "b"])
    made = life.send("many").effects
    (message,) = life.send("stop_named").effects
    assert message.to == (made[0].to[0],)
    assert message.if_refused == "refused"


def test_rule_38_creations_of_a_step_are_bounded() -> None:
    life = _case(items=[f"i{n}" for n in range(1001)])
    before = life.case
    assert life.send("many").errors[0].code == "effect_limit"
    assert life.case is before


def test_rule_39_the_id_of_a_created_case_is_the_same_for_the_same_key() -> None:
    life = _case()
    first = life.send("once", {"k": "a"})
    mark = life.case.fields["mark"]
    second = life.send("once", {"k": "a"})
    third = life.send("once", {"k": "b"})
    assert [e.kind for e in first.effects] == ["create"]
    assert second.effects == ()
    assert third.effects[0].to[0] != first.effects[0].to[0] == mark
    assert life.send("plan").effects[0].to != life.send("plan").effects[0].to


def test_rule_40_the_number_is_a_label_that_the_host_gives() -> None:
    life = Life(program_of(DESK))
    life.create(number="CS0000007")
    assert (life.case.id, life.case.number) == ("c1", "CS0000007")


def test_rule_42_a_call_is_answered_once_by_its_id() -> None:
    life = _case()
    (call,) = life.send("ask").effects
    assert life.send("found", {"answer": "no"}).errors[0].code == "forbidden"
    answer = Event("found", call.id, "c1", actor=ANNE, data={"answer": "yes"})
    assert life.handle(answer).status == "applied"
    assert life.case.fields["mark"] == "yes"
    assert life.handle(replace(answer, data={"answer": "again"})).errors[0].code == "forbidden"


def test_rule_42_a_call_without_answer_raises_its_error_in_time() -> None:
    life = _case()
    life.send("ask")
    life.wait(timedelta(minutes=10))
    assert life.case.fields["mark"] == "lost"
    assert life.case.calls == ()


def test_rule_42_an_exception_of_a_host_function_is_a_failure() -> None:
    def tier(_name: str) -> str:
        raise RuntimeError("directory is down")

    host = Host(functions=(HostFunction("tier of", (("name", "string"),), "string", "1", tier),))
    text = DESK.replace("later: {from: open}", 'later: {from: open, when: tier of(log) = "gold"}')
    life = Life(program_of(text, host=host))
    life.create()
    outcome = life.send("later")
    assert (outcome.status, life.codes()) == ("failed", ["host_function"])
    assert "directory is down" in outcome.errors[0].message


def test_rule_36_a_receiver_that_has_no_transition_rejects_the_message() -> None:
    life = Life(program_of(DESK), "task")
    life.create({"parent": "p", "name": "x"}, by=CARL)
    life.send("stop", origin=Origin("p", "t.c"))
    assert life.send("stop", origin=Origin("p", "t.c")).status == "rejected"


def test_an_unknown_field_of_a_creation_is_reported_at_compile_time() -> None:
    with pytest.raises(SpecError, match='unknown field "nam"'):
        program_of(DESK.replace("{parent: = id, name: plan}", "{parent: = id, nam: plan}"))


HOLD = """
kind: case_type
name: c
state_flow: c
fields:
  contact: {type: reference, to: contact}
  text: {type: string}
  held: {type: boolean, default: false}
---
kind: records
name: contact
fields: {on_hold: {type: boolean}}
---
kind: state_flow
name: c
initial: open
states: {open: {}}
transitions: {}
---
kind: rules
name: c
for: c
rules: {hold: {when: contact.on_hold, do: [{set: {held: true}}]}}
---
kind: sla_definitions
name: c
for: c
slas: {work: {target: 8 hours, start: state = "open", pause: contact.on_hold}}
"""


def test_rule_34_a_condition_that_reads_records_is_looked_at_in_every_event() -> None:
    life = Life(program_of(HOLD))
    life.related = Related({"t.contact": {"ana": {"id": "ana", "on_hold": False}}})
    life.create({"contact": "ana"})
    assert life.clock("work").status == "in_progress"
    life.related = Related({"t.contact": {"ana": {"id": "ana", "on_hold": True}}})
    life.send("update", {"text": "says nothing of the contact"})
    assert life.clock("work").status == "paused"


def test_rule_35_children_are_told_of_what_they_read_of_their_parent() -> None:
    text = DESK.replace(
        "fields: {parent: {type: reference, to: c}, name: {type: string}}",
        "fields: {parent: {type: reference, to: c}, name: {type: string}, "
        "high: {type: boolean, computed: parent.priority = 1}}",
    )
    life = Life(program_of(text))
    life.create()
    made = life.send("plan").effects
    assert [(e.kind, e.name, e.to) for e in made] == [
        ("create", "t.task", made[0].to),
        ("summary", "parent_changed", made[0].to),
    ]
    child = Life(life.program, "task")
    child.create(made[0].data["with"])
    child.handle(Event("parent_changed", "p", "c1", data=made[1].data, origin=Origin("c1", "t.c")))
    assert child.case.fields["high"] is False
    (told,) = life.send("update", {"priority": 1}).effects
    assert (told.name, told.to, told.to_list) == ("parent_changed", (), "tasks")
    child.handle(Event("parent_changed", "q", "c1", data=told.data, origin=Origin("c1", "t.c")))
    assert child.case.fields["high"] is True


NEIGHBOURS = """
kind: case_type
name: c
state_flow: c
fields: {item: {type: string}, told: {type: integer, default: 0}}
---
kind: state_flow
name: c
initial: open
states: {open: {}, closed: {final: true}}
transitions:
  warn:
    from: open
    do: [{send: {event: heed, to: '= cases(c)[item = case.item and state = "open"]'}}]
  heed: {from: open, do: [{set: {told: = told + 1}}]}
  mark:
    from: open
    do:
      - for_each: = cases(c)[item = case.item]
        as: n
        do: [{set: {told: = told + 1}}]
"""


def test_a_query_over_cases_names_the_receivers_of_a_message() -> None:
    life = Life(program_of(NEIGHBOURS))
    life.create({"item": "router"})
    outcome = life.send("warn")
    assert [(n.record_type, n.field, n.value) for n in outcome.needs] == [("t.c", "item", "router")]
    rows = {
        "c2": {"id": "c2", "item": "router", "state": "open"},
        "c3": {"id": "c3", "item": "router", "state": "closed"},
    }
    life.related = Related({"t.c": rows}, {"t.c.item=router": ("c2", "c3")})
    (message,) = life.send("warn").effects
    assert (message.name, message.to) == ("heed", ("c2",))
    life.send("mark")
    assert life.case.fields["told"] == 2


def test_a_query_over_cases_is_no_condition() -> None:
    text = NEIGHBOURS.replace(
        "heed: {from: open,", "heed: {from: open, when: 'count(cases(c)[item = case.item]) = 0',"
    )
    with pytest.raises(SpecError) as caught:
        program_of(text)
    hints = [d.hint for d in caught.value.diagnostics if d.severity == "error"]
    assert "a query over cases stands in `to` of a send and in `for_each` only" in hints


def test_a_query_over_an_unknown_case_type_is_reported_with_the_nearest() -> None:
    with pytest.raises(SpecError, match='unknown case type "d"'):
        program_of(NEIGHBOURS.replace("= cases(c)", "= cases(d)"))


def test_an_engine_answers_a_query_over_cases(tmp_path: Path) -> None:
    engine = Engine(program_of(NEIGHBOURS), open_store(f"sqlite:///{tmp_path / 'c.db'}"))
    made = [engine.create("c", {"item": item}, actor=ANNE).case for item in ("a", "b", "a")]
    ids = [case.id for case in made if case is not None]
    engine.send(ids[0], "warn", actor=ANNE)
    engine.send(ids[0], "mark", actor=ANNE)
    told = {case.id: case.fields["told"] for case in engine.cases()}
    assert [told[case_id] for case_id in ids] == [3, 0, 1]
    engine.close()
