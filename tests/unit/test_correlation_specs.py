"""What correlations and signals compile to: names, sources, conditions, keys, what is sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from casewright.program import check_packs, compile_packs
from casewright.rules.correlations.keys import key_text
from casewright.temporal import Duration
from support.life import program_of

if TYPE_CHECKING:
    from casewright.program import Program
    from casewright.rules.correlations.definition import Correlation, Watch

HEAD = 'kind: pack\nname: t\nschema: casewright/1\nversion: "1"\n'
PACK = """
kind: case_type
name: ticket
state_flow: ticket
fields:
  item: {type: string}
  owner: {type: reference, to: person}
  parent: {type: reference, to: ticket}
  level: {type: choice, choices: {1: High, 2: Low}}
  points: {type: number}
  label: {type: string}
  length: {type: string}
  comments: {type: journal}
  tags: {type: string, many: true}
---
kind: case_type
name: incident
extends: ticket
fields: {service: {type: string}}
---
kind: records
name: person
fields: {name: {type: string}}
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
kind: rules
name: r
signals:
  alert: {data: {item: {type: string}, points: {type: integer}, type: {type: string}}}
correlations:
  c:
    within: 1 hour
    key: %s
    all:
%s
    do:
%s
"""
CREATE = "      - create: {case_type: ticket, with: {label: x}}"


def program(
    patterns: str, *, key: str = "item", do: str = CREATE, none: str = "", **more: Any
) -> Program:
    text = "\n".join(f"      - {line}" for line in patterns.strip().splitlines())
    if none:
        text += f"\n    none: [{none}]"
    return program_of(PACK % (key, text, do), head=HEAD, **more)


def compiled(patterns: str, **more: Any) -> Correlation:
    return program(patterns, **more).correlations["t.c"]


def watches(made: Program, case_type: str) -> list[Watch]:
    found = made.case_types[f"t.{case_type}"].watches
    assert found is not None
    return [*(one for some in found.on.values() for one in some), *found.holding]


# --- patterns


def test_patterns_without_a_name_have_that_of_their_place() -> None:
    made = compiled(
        "{on: alert}\n{as: p3, on: close}\n{on: close}", none="{on: create, for: ticket}"
    )
    assert [one.name for one in made.production.patterns] == ["p1", "p3", "p3_"]
    assert [one.name for one in made.production.absent] == ["n1"]
    assert all(one.label == one.name for one in made.production.patterns)


def test_a_name_that_was_not_given_is_no_name() -> None:
    text = PACK % ("item", "      - {on: alert}", "      - let: {x: = p1.points}")
    assert _codes(text) == ["CW302"]


def test_keep_lets_groups_slide() -> None:
    assert not compiled("{on: alert, count: 2}").production.slides
    patterns = "{on: alert, count: 2}"
    assert compiled(patterns, do=f"{CREATE}\n    keep: true").production.slides


def test_one_that_is_counted_is_a_group_of_one() -> None:
    one, group = compiled("{on: alert}\n{on: close, count: 1}").production.patterns
    assert (one.count, group.count) == (None, 1)


# --- sources


def test_without_for_all_case_types_and_signals_that_know_the_event_are_watched() -> None:
    made = program("{on: [close, alert]}")
    assert [one.on for one in watches(made, "ticket")] == [("close",)]
    assert [one.on for one in watches(made, "incident")] == [("close",)]
    assert [one.on for one in made.signals["t.alert"].watches] == [("alert",)]


def test_for_takes_those_that_extend_a_case_type_in() -> None:
    made = program("{on: close, for: incident}\n{on: alert}")
    assert made.case_types["t.ticket"].watches is None
    assert len(watches(made, "incident")) == 1
    made = program("{on: close, for: ticket}")
    assert len(watches(made, "incident")) == 1


def test_case_types_of_packs_that_are_not_used_are_not_watched(tmp_path: Path) -> None:
    other = PACK.partition("---\nkind: rules")[0] % ()
    (tmp_path / "other.yaml").write_text(f"{HEAD.replace('name: t', 'name: o')}---\n{other}")
    text = PACK % ("item", "      - {on: close}", CREATE)
    (tmp_path / "own.yaml").write_text(f"{HEAD}---\n{text}")
    made = compile_packs([tmp_path / "own.yaml", tmp_path / "other.yaml"])
    assert made.case_types["o.ticket"].watches is None
    assert made.case_types["t.ticket"].watches is not None


def test_what_must_not_hold_names_the_case_types_that_it_watches() -> None:
    made = compiled("{on: alert}", none='{as: open_one, for: ticket, when: state = "open"}')
    assert made.expects == {"open_one": frozenset({"t.ticket", "t.incident"})}


# --- conditions


def test_parts_of_a_condition_are_worked_out_where_they_can_be() -> None:
    made = program(
        "{as: one, on: close}\n"
        "{as: two, on: alert, when: points > 3 and points > one.points and fired < 2"
        " and item != null}"
    )
    (two,) = (one for one in made.signals["t.alert"].watches)
    assert [len(one.reads) for one in two.when] == [1, 1]
    conditions = made.correlations["t.c"].production.patterns[1].conditions
    assert [one.reads for one in conditions] == [frozenset({"one"}), frozenset()]


def test_a_part_that_names_its_own_pattern_reads_that_fact_alone() -> None:
    (one,) = compiled("{as: one, on: alert, when: one.points > 3}").production.patterns
    assert [c.reads for c in one.conditions] == [frozenset()]
    assert one.conditions[0].term is not None


def test_a_condition_without_other_patterns_stays_at_the_source() -> None:
    made = program('{as: one, on: close, when: owner.name = "x" or has role("agent")}')
    assert made.correlations["t.c"].production.patterns[0].conditions == ()
    assert [len(one.when) for one in watches(made, "ticket")] == [1]


def test_what_holds_reads_bits_of_condition_key_and_data() -> None:
    do = "      - send: {event: close, to: = one.id, data: {label: = one.label}}"
    made = program("{as: one, for: ticket, when: level = 1}", do=do)
    fields = made.case_types["t.ticket"].fields
    (watch,) = watches(made, "ticket")
    assert watch.mask == fields["item"].bit | fields["level"].bit | fields["label"].bit
    assert not watch.always
    (watch,) = watches(program('{for: ticket, when: owner.name = "x"}'), "ticket")
    assert watch.always


# --- what is sent


@pytest.mark.parametrize(
    ("do", "sent"),
    [
        (CREATE, set[str]()),
        ("      - let: {x: = one.points}", {"points"}),
        ("      - let: {x: = count(observations)}", set[str]()),
        ("      - let: {x: '= sum(observations.points)'}", {"points"}),
        ("      - let: {x: '= observations[level = 1].label'}", {"level", "label"}),
        ("      - let: {x: '= sort(observations, function(a, b) a.label < b.label)'}", {"label"}),
        ("      - let: {x: '= get value(one, \"tags\")'}", {"tags"}),
        ("      - let: {x: = one, y: = x.label}", {"label"}),
        ("      - let: {x: = one.owner.name}", {"owner"}),
        ("      - {for_each: = observations, as: each, do: [{let: {x: = each.state}}]}", {"state"}),
    ],
)
def test_an_observation_brings_what_expressions_of_its_window_read(do: str, sent: set[str]) -> None:
    made = program("{as: one, on: close, for: ticket}", do=do)
    (watch, *_) = watches(made, "ticket")
    assert watch.data.keys() == sent
    assert sent <= made.correlations["t.c"].fields.keys()


def test_what_is_sent_of_a_signal_goes_before_what_every_observation_has() -> None:
    made = program("{as: one, on: alert}", do="      - let: {x: = one.type}")
    assert made.signals["t.alert"].watches[0].data.keys() == {"type"}


def test_a_template_of_a_notification_is_read_too() -> None:
    more = """
---
kind: notification_map
name: n
notifications: {tell: {to: = one.owner, channel: email, template: tell}}
---
kind: templates
name: n
templates: {tell: "{{ one.label }} {% for each in observations %}{{ each.points }}{% endfor %}"}
"""
    made = program("{as: one, on: close, for: ticket}", do=f"      - notify: tell{more}")
    (watch, *_) = watches(made, "ticket")
    assert watch.data.keys() == {"owner", "label", "points"}


# --- keys


@pytest.mark.parametrize(
    ("key", "patterns", "kind"),
    [
        ("item", "{on: [close, alert]}", "string"),
        ("points", "{on: [close, alert]}", "number"),
        ("owner", "{on: close}", "reference"),
        ("parent", "{on: close}", "string"),
        ("level", "{on: close}", "number"),
        ("created_at", "{on: close}", "date_time"),
        ("'[item, points]'", "{on: close}", None),
        ('if owner = null then item else "x"', "{on: close}", "string"),
    ],
)
def test_the_kind_of_a_key_is_known(key: str, patterns: str, kind: str | None) -> None:
    field = compiled(patterns, key=key).key_field
    assert (None if field is None else field.kind) == kind


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("web", "web"),
        ("a/b c", "a/b c"),
        (5, "5"),
        (Decimal("5.00"), "5"),
        (Decimal("1E+2"), "100"),
        (Decimal("0.5"), "0.5"),
        (True, "true"),
        (["a", 1, Decimal("2.0"), None], '["a",1,2,null]'),
        (datetime(2026, 3, 2, 9, 0, tzinfo=UTC), '"2026-03-02T09:00:00Z"'),
        (
            datetime(2026, 3, 2, 10, 0, tzinfo=timezone(timedelta(hours=1))),
            '"2026-03-02T09:00:00Z"',
        ),
        (Duration("business", 3600), '"1 business hour"'),
        (timedelta(hours=1), '"PT1H"'),
    ],
)
def test_equal_keys_have_equal_text(key: object, text: str) -> None:
    assert key_text(key) == text


@pytest.mark.parametrize("key", ["x" * 121, "a\nb", "a\u2028b", "\ud800", ["y" * 130]])
def test_a_key_that_would_not_do_in_an_id_is_hashed(key: object) -> None:
    text = key_text(key)
    assert len(text) == 32
    assert text.isalnum()
    assert text == key_text(key)


def test_what_json_has_no_word_for_is_no_key() -> None:
    with pytest.raises(ValueError, match="cannot be the key of a window"):
        key_text(object())


# --- the rest


@pytest.mark.parametrize(
    ("within", "length"),
    [
        ("90 minutes", Duration("real", 5400)),
        ("2 days", Duration("days", 2)),
        ("= settings.span", Duration("days", 3)),
    ],
)
def test_within_is_known_when_packs_are_compiled(within: str, length: Duration) -> None:
    text = PACK % ("item", "      - {on: close}", CREATE)
    head = f"{HEAD}settings: {{span: {{type: duration, default: 1 hour}}}}\n"
    made = program_of(text.replace("1 hour", within), head=head, settings={"t": {"span": "3 days"}})
    assert made.correlations["t.c"].within == length


def test_the_choice_of_a_network_does_not_make_another_program() -> None:
    one, other = (program("{on: alert}\n{on: close}", network=n) for n in ("native", "auto"))
    assert one.hash == other.hash
    assert [(use.production, use.network) for use in one.networks] == [("t.c", "native")]


def test_roles_that_include_a_role_may_send_what_it_may() -> None:
    text = PACK % ("item", "      - {on: alert}", CREATE)
    text = text.replace("alert: {data", "alert: {roles: [agent], data").replace(
        "roles: {agent: {may: [create, read, update]}}",
        "roles: {agent: {may: [read]}, lead: {includes: [agent]}, "
        "owner: {includes: [agent], when: item != null}}",
    )
    made = program_of(text, head=HEAD)
    assert made.signals["t.alert"].roles == {"agent", "lead"}


def test_a_pattern_without_sources_is_told_once() -> None:
    patterns = "      - {as: one, on: alrt, when: points > 3}"
    assert _codes(PACK % ("item", patterns, "      - let: {x: = one.anything}")) == ["CW720"]
    both = f"{patterns}\n      - {{on: alert, when: points > one.points}}"
    assert _codes(PACK % ("item", both, "      - let: {x: = one.anything}")) == ["CW720"]


def _codes(text: str) -> list[str]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pack.yaml"
        path.write_text(f"{HEAD}---\n{text}")
        return [found.code for found in check_packs([path])[1] if found.severity == "error"]
