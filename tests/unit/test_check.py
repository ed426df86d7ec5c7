"""One message for each mistake, at its place, with what would be right."""

from __future__ import annotations

from textwrap import dedent

import pytest

from casewright.spec.check import check, explain
from casewright.spec.nearest import listed, nearest, suggestion
from casewright.spec.source import load_text

FLOW = """
kind: state_flow
name: x
initial: a
states: {a: {}}
transitions:
"""
SLAS = """
kind: sla_definitions
name: x
for: c
slas:
"""


def told(text: str) -> list[str]:
    loaded = load_text(text)
    assert loaded.diagnostics == ()
    document = loaded.documents[0]
    checked = check(document.data["kind"], document.root, has_nulls=document.has_nulls)
    found = [f"{d.code} {d.message} | {d.hint}" for d in checked.diagnostics if d.span]
    assert found or checked.model is not None
    return found


def in_flow(text: str) -> list[str]:
    return told(FLOW + "  t: " + text)


def in_clock(text: str) -> list[str]:
    return told(SLAS + "  t: " + text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{form: a}", 'CW104 unknown key "form" in a transition | did you mean "from"?'),
        (
            "{from: a, zzz: 1}",
            (
                'CW104 unknown key "zzz" in a transition | known: title, description, on, '
                "from, to, "
                "when, roles, require, data, do"
            ),
        ),
        (
            "{to: a}",
            (
                'CW105 the key "from" is missing in a transition | from: the states, or '
                '`"*"`: every '
                "state that is not final"
            ),
        ),
        (
            "{from: 3}",
            ('CW106 "from" is the number 3; a text or a list is expected | put it in quotes: "3"'),
        ),
        (
            "[a]",
            'CW106 "t" is a list; a map is expected | write {a: {}}',
        ),
        (
            "{from: a, roles: agent}",
            'CW106 "roles" is the text "agent"; a list is expected | write [agent]',
        ),
        (
            "{from: a, do: {set: {a: 1}}}",
            'CW106 "do" is a map; a list is expected | put it in [ ]',
        ),
        (
            "{from: a, to: }",
            ('CW106 "to" has no value; a text is expected | give it one, or remove the key'),
        ),
        (
            "{from: a, data: }",
            (
                'CW106 "data" has no value; a map is expected | write {} for an '
                "empty map, or remove the key"
            ),
        ),
        ("{from: a, when: [x]}", 'CW106 "when" is a list; a text is expected | '),
        ("{from: a, to: In Work}", 'CW108 "In Work" is not a name in snake_case | write "in_work"'),
        ("{from: a, to: a.b}", 'CW108 "a.b" has too many dots | a name here has no dot'),
        ("{from: a, data: {n: {type: txt}}}", 'CW107 "txt" is not possible | did you mean "text"?'),
        (
            "{from: a, data: {n: {type: string, max_length: 0}}}",
            "CW109 0 is too small | the least is 1",
        ),
        ("{from: a, do: [{rase: x}]}", 'CW111 unknown action "rase" | did you mean "raise"?'),
        (
            "{from: a, do: [{}]}",
            (
                "CW111 an empty action | known: set, comment, work_note, raise, "
                "send, create, notify, call, go_to, let, do"
            ),
        ),
        (
            "{from: a, do: [{set: {a: 1}, raise: b}]}",
            (
                'CW111 an action has one key, this one has "set" and "raise" | begin a new entry: '
                '"- raise: ..."'
            ),
        ),
        (
            "{from: a, do: [close]}",
            (
                'CW106 an action is a map, this is the text "close" | such as '
                '"raise: close" or "set: {field: value}"'
            ),
        ),
        (
            "{from: a, do: [{send: {event: x}}]}",
            (
                'CW105 the key "to" is missing in a message | to: the '
                "receivers: a reference, a list or a related list; FEEL after `= `"
            ),
        ),
        (
            "{from: a, do: [{raise: {evnt: x}}]}",
            'CW104 unknown key "evnt" in an event | did you mean "event"?',
        ),
        (
            "{from: a, do: [{when: x, do: [{comment: {templat: x}}]}]}",
            'CW104 unknown key "templat" in a text made by a template | did you mean "template"?',
        ),
        (
            "{from: a, do: [{comment: 3}]}",
            'CW106 "comment" is the number 3; a text or a map is expected | put it in quotes: "3"',
        ),
    ],
)
def test_a_mistake_in_a_flow_is_told_once(text: str, message: str) -> None:
    assert in_flow(text) == [message]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{start: x, target: 5}",
            (
                'CW106 "target" is the number 5; a text or a map is expected | '
                'a duration has a unit, such as "5 minutes"'
            ),
        ),
        (
            "{start: x, target: {2: 1 hour}}",
            ('CW105 the key "by" is missing in a target | by: the field, or an expression'),
        ),
        (
            "{start: x, target: 1 hour, stop: {on: comment, whn: y}}",
            'CW104 unknown key "whn" in a moment | did you mean "when"?',
        ),
        (
            "{start: x, target: 1 hour, stop: [{when: y}]}",
            'CW105 the key "on" is missing in a moment | on: the events',
        ),
        (
            "{start: x, target: 1 hour, again: renew}",
            'CW107 "renew" is not possible | did you mean "new"?',
        ),
        (
            "{start: x, target: 1 hour, thresholds: {half: []}}",
            'CW108 "half" is no threshold | write "50%", "1 business hour before" or "breach"',
        ),
        ("{start: {on: x}, target: 1 hour}", 'CW106 "start" is a map; a text is expected | '),
    ],
)
def test_a_mistake_in_a_clock_is_told_once(text: str, message: str) -> None:
    assert in_clock(text) == [message]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "kind: calendar\nname: x\ntimezone: UTC\nhours: {mon: [8-17]}",
            'CW108 "8-17" is no window of hours | write "08:00-17:00"; 24:00 is the end of the day',
        ),
        (
            "kind: calendar\nname: x\ntimezone: UTC\nhours: {monday: []}",
            'CW107 "monday" is not possible | did you mean "mon"?',
        ),
        (
            "kind: calendar\nname: x\ntimezone: UTC\nhours: {}\nholidays: [25.12.2026]",
            'CW108 "25.12.2026" is no date | write a date such as 2026-12-25',
        ),
        (
            "kind: pack\nname: x\nschema: casewright/1\nversion: 1.10",
            'CW106 "version" is the number 1.10; a text is expected | put it in quotes: "1.10"',
        ),
        (
            "kind: state_flow\nname: x\ninitial: a\nstates: {a: {final: yes}}",
            'CW106 "final" is the text "yes"; true or false is expected | write true',
        ),
        (
            "kind: state_flow\nname: x\ninitial: a\nstates: {a: }",
            (
                'CW106 "a" has no value; a map is expected | write {} for an empty map, or '
                "remove the key"
            ),
        ),
        (
            "kind: state_flow\nname: x\ninitial: a\nstates: {In Work: {}}",
            'CW108 "In Work" is not a name in snake_case | write "in_work"',
        ),
        (
            "kind: case_type\nname: x\nnumber: {prefix: A, digits: '7'}",
            'CW106 "digits" is the text "7"; a whole number is expected | write 7 without quotes',
        ),
        (
            "kind: case_type\nname: x\nextends: a.b.c",
            'CW108 "a.b.c" has too many dots | write name or pack.name',
        ),
        (
            "kind: rules\nname: x\ncorrelations: {a: {key: k, within: 1 hour, all: [], do: []}}",
            "CW109 the list is too short | it needs at least 1",
        ),
        (
            "kind: playbook\nname: x\nstages: {a: {activities: 'x:y'}}",
            (
                'CW106 "activities" is the text "x:y"; a map is expected | a space is missing '
                "after the "
                "colon: x: y"
            ),
        ),
    ],
)
def test_a_mistake_anywhere_is_told_once(text: str, message: str) -> None:
    assert told(text) == [message]


def test_a_misspelt_key_is_not_told_as_missing_too() -> None:
    assert told("kind: state_flow\nname: x\ninitail: a\nstates: {a: {}}") == [
        'CW104 unknown key "initail" in a state flow | did you mean "initial"?'
    ]


def test_a_diagnostic_has_place_pointer_and_line() -> None:
    document = load_text(FLOW + "  t: {from: a, do: [{set: {A: 1}}]}", "f.yaml").documents[0]
    (found,) = check("state_flow", document.root, has_nulls=False).diagnostics
    assert str(found.span) == "f.yaml:7:28"
    assert found.pointer == "/transitions/t/do/0/set/A"
    assert found.excerpt == "  t: {from: a, do: [{set: {A: 1}}]}"


def test_null_is_a_value_where_any_value_is_possible() -> None:
    assert (
        in_flow("{from: a, do: [{set: {a: null}}], data: {n: {type: text, default: null}}}") == []
    )


def test_a_part_of_a_document_may_be_checked_before_merging() -> None:
    text = dedent(
        """
        kind: state_flow
        name: x
        extends: y
        states: {a: {finl: true}, b: null}
        """
    )
    found = explain("state_flow", load_text(text).documents[0].root, "Extension")
    assert [d.message for d in found] == ['unknown key "finl" in a state']


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("cloesd", "closed"),
        ("Work In-Progress", "work_in_progress"),
        ("zebra", None),
        ("closed", "closed"),
    ],
)
def test_the_nearest_name_is_the_likely_one(word: str, expected: str | None) -> None:
    assert nearest(word, ["closed", "work_in_progress", "new"]) == expected


def test_without_a_likely_name_the_known_ones_are_listed() -> None:
    assert suggestion("zebra", ["a", "b"]) == "known: a, b"
    assert suggestion("zebra", []) == ""
    assert listed("abc", 2) == "a, b, ..."
