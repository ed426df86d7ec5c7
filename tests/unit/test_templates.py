from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.case import Actor, Event, Related
from casewright.program import check_packs
from casewright.templates import Message, TemplateFault, message, rendered
from casewright.templates.reading import read
from casewright.temporal import parse_duration

if TYPE_CHECKING:
    from pathlib import Path

PACK = """\
kind: pack
schema: casewright/1
name: p
version: 1.0.0
settings: {support_name: {type: string, default: Support}}
---
kind: records
name: person
fields: {name: {type: string}, vip: {type: boolean}, manager: {type: reference, to: person}}
---
kind: case_type
name: ticket
state_flow: ticket
fields:
  short_description: {type: string}
  contact: {type: reference, to: person}
  watch_list: {type: reference, to: person, many: true}
  comments: {type: journal}
  amount: {type: number}
---
kind: state_flow
name: ticket
initial: new
states: {new: {}, done: {final: true}}
transitions:
  finish: {from: new, to: done, data: {reason: {type: text}}, do: [{comment: {template: reason}}]}
  tell: {from: new, data: {which: {type: string}}, do: [{comment: {template: = event.data.which}}]}
---
kind: templates
name: t
for: ticket
templates:
"""


def findings(tmp_path: Path, *templates: str) -> list[tuple[str, int, int, str]]:
    """Return code, line and column within the added templates, and message of every error."""
    body = PACK + "  reason: Because\n" + "".join(f"  {line}\n" for line in templates)
    path = tmp_path / "p.yaml"
    path.write_text(body, encoding="utf-8")
    _, diagnostics = check_packs([path])
    first = body.count("\n", 0, body.index("  reason: Because")) + 1
    return [
        (d.code, d.span.line - first, d.span.column, d.message)
        for d in diagnostics
        if d.severity == "error" and d.span is not None
    ]


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

# --- rendering --------------------------------------------------------------------------------


RENDERED: list[tuple[str, dict[str, Any], str]] = [
    ("Hello {{ contact.name }}!", {"contact.name": "Ann"}, "Hello Ann!"),
    ("Hello {{ contact.name }}!", {"contact.name": None}, "Hello !"),
    ("Hello {{ contact.name }}!", {}, "Hello !"),
    ("{{ a|default('none') }}", {"a": None}, "none"),
    ("{{ a }} {{ b }} {{ c }}", {"a": True, "b": Decimal("12.50"), "c": 3}, "true 12.5 3"),
    ("{{ a }}", {"a": "<b>"}, "<b>"),
    ("{{ a ~ ' ' ~ b }}", {"a": "x", "b": None}, "x "),
    ("{{ a / 4 }} {{ a // 4 }} {{ a % 4 }}", {"a": 6}, "1.5 1 2"),
    ("{{ a / b }}", {"a": 6, "b": 0}, ""),
    ("{{ 'y' if a < 3 else 'n' }}", {"a": None}, "n"),
    ("{% if a %}yes{% else %}no{% endif %}", {"a?": False}, "no"),
    ("{% for t in ts %}{{ loop.index }}{{ t }}{% endfor %}", {"ts[]": [{"": "a"}]}, "1a"),
    ("{% for t in ts %}x{% else %}none{% endfor %}", {"ts[]": None}, "none"),
    ("{% for t in ts %}{{ t.n }}{% endfor %}", {"ts[]": [{"n": 1}, {"n": 2}]}, "12"),
    ("{{ ts|length }}", {"ts#": 2}, "2"),
    ("{{ ts|map(attribute='a.n')|join(', ') }}", {"ts[]": [{"a.n": 1}, {"a.n": 2}]}, "1, 2"),
    ("{{ (ts|first).n }}", {"ts[]": [{"n": 1}]}, "1"),
    ("{{ ts|sort|join }}", {"ts": ["b", "a"]}, "ab"),
    ("{{ ts|selectattr('o')|list|length }}", {"ts[]": [{"o": True}, {"o": None}]}, "1"),
    ("{{ ts|sum(attribute='n') }}", {"ts[]": [{"n": 1}, {"n": Decimal("0.5")}]}, "1.5"),
    ("{% set c = contact %}{{ c.name }}", {"contact.name": "Ann"}, "Ann"),
    ("{{ a|date('%d. %H:%M', 'Europe/Berlin') }}", {"a": "2026-03-02T09:00:00Z"}, "02. 10:00"),
    ("{{ a is defined }} {{ b is defined }}", {"a": 1, "b": None}, "true false"),
    ("{{ a }}", {"a": parse_duration("2 business days")}, "2 business days"),
    ("{{ a }}", {"a": timedelta(days=2, hours=1, seconds=5)}, "2 days 1 hour 5 seconds"),
    ("{{ 1.50 }} {{ a }} {{ b }}", {"a": 0.25, "b": ["x", 2]}, "1.5 0.25 x, 2"),
    ("{{ a }} {{ b }}", {"a": NOON, "b": NOON.date()}, "2026-03-02T12:00:00Z 2026-03-02"),
    ("{{ a|date('%d.%m.') }}{{ b|date('%d') }}", {"a": NOON.date(), "b": None}, "02.03."),
    ("{{ a|replace('l', 'r') }} {{ a|replace('l', 'r', 1) }}", {"a": "lolly"}, "rorry rolly"),
    ("{{ a|truncate(4) }} {{ a|truncate(9) }}", {"a": "lolly"}, "l... lolly"),
    ("{{ a|upper|length }} {{ a|upper|trim }} {{ a|title }}", {"a": "up "}, "3 UP Up "),
    ("{{ a|reverse|join }} {{ a|unique|join }}", {"a": [1, 2, 1]}, "121 12"),
    ("{{ a|last }} {{ b|sort|last }}", {"a[]": [{"": 1}, {"": 2}], "b": [2, 1]}, "2 2"),
    ("{{ a|sort(reverse=true)|join(' ') }}", {"a": [2, None, 10, "b", True]}, " b 10 2 true"),
    ("{{ a|sum }} {{ a|round(1) }}", {"a": Decimal("1.25")}, "1.25 1.2"),
    ("{{ a|rejectattr('n', '>', 1)|map(attribute='n')|join }}", {"a[]": [{"n": 1}, {"n": 2}]}, "1"),
    ("{{ a|urlencode }}", {"a": "a b"}, "a%20b"),
    ("{{ a|default('x', true) }} {{ a is empty }} {{ b is none }}", {"a": ""}, "x true true"),
    ("{{ a in ['x', 'y'] }} {{ a not in b }}", {"a": "x", "b": None}, "true false"),
    ("{{ a < b }} {{ a == b }} {{ 1 < c <= 3 }}", {"a": 1, "b": "x", "c": 3}, "false false true"),
    ("{% with x = a %}{{ x }}{% endwith %}", {"a": 1}, "1"),
    ("{% set x = a %}{% set x = b %}{{ x }}", {"a": 1, "b": 2}, "2"),
    ("{% for x in a if x %}{{ x }}{% endfor %}", {"a[]": [{"": 1, "?": 1}, {"": 0, "?": 0}]}, "1"),
    ("{% for x in a %}{% for y in x.b %}{{ y.c }}{% endfor %}{% endfor %}",
     {"a[]": [{"b[]": [{"c": 1}]}, {"b[]": None}]}, "1"),
    ("{% for x in a|sort(attribute='n') %}{{ x.n }}{% endfor %}", {"a[]": [{"n": 2}, {"n": 1}]},
     "12"),
    ("{% for x in [1, 2] %}{{ loop.index }}{% if not loop.last %},{% endif %}{% endfor %}", {},
     "1,2"),
    ("{% if not (a or b) and c %}x{% elif a %}y{% endif %}", {"a?": True}, "y"),
    ("{{ a[0] }} {{ a[0].n }} {{ b['c d'] }}", {"a[0]": 1, "a[0].n": 2, "b.c d": 3}, "1 2 3"),
    ("{{ a }} {{ b }}", {"a": timedelta(0), "b": -timedelta(minutes=3)}, "0 seconds -3 minutes"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "data", "text"), RENDERED)
def test_a_template_renders_the_data_that_was_fixed(
    source: str, data: dict[str, Any], text: str
) -> None:
    assert rendered(source, data) == text


def test_a_subject_is_one_line() -> None:
    assert message("a\nb: {{ x }}", "body", {"x": "c\r\nBcc: d"}) == Message(
        "a b: c Bcc: d", "body"
    )


def test_values_have_no_attributes() -> None:
    assert rendered("{{ a.__class__ }}{{ a['items'] }}", {"a": {}}) == ""


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in x %}{% for b in x %}{% for c in x %}{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in x %}{% for b in x %}" + "a" * 60 + "{% endfor %}{% endfor %}",
        "{{ 'a' * 100000000 }}",
        "{{ 9 ** 99999 }}",
        "{{ 'aaaaaaaaaa'|replace('a', y)|replace('a', y)|replace('a', y) }}",
        "{% set z = y ~ y %}" + "{% set z = z ~ z %}" * 40,
        "{{ '%1000000000d' % 1 }}",
        "{{ x|join(y) }}",
    ],
)
def test_a_hostile_template_ends(source: str) -> None:
    with pytest.raises(TemplateFault):
        rendered(source, {"x[]": [{}] * 100, "x": ["a" * 100] * 100, "y": "a" * 5_000})


# --- what a template may hold -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "code", "message"),
    [
        ("'{{ contct.name }}'", "CW302", 'unknown name "contct"'),
        ("'{{ contact.nme }}'", "CW305", 'nme'),
        ("'{{ range(3) }}'", "CW822", ("a template calls nothing; work the value out in FEEL with "
         "`let` or a computed field")),
        ("'{% include \"x\" %}'", "CW822", "a template includes no other template"),
        ("'{% macro m() %}{% endmacro %}'", "CW822", "a template has no macros"),
        ("'{{ amount|foo }}'", "CW824", 'unknown filter "foo"'),
        ("'{% if amount is prime %}{% endif %}'", "CW824", 'unknown test "prime"'),
        ("'{{ amount'", "CW821", "unexpected end of template"),
        ("'{{ comments }}'", "CW825", '"comments" has no text of its own'),
        ("'{% for p in watch_list %}{{ p.nme }}{% endfor %}'", "CW305", "nme"),
        ("'{% if amount %}{% set c = contact %}{% endif %}{{ c.name }}'", "CW822",
         '"name" is read of something that the template made itself'),
        ("'{% for p in watch_list %}{{ loop.foo }}{% endfor %}'", "CW823", 'a loop has no "foo"'),
        ("'{% for p in watch_list recursive %}{% endfor %}'", "CW822", "no recursive loops"),
        ("'{% for a, b in watch_list %}{{ a.name }}{% endfor %}'", "CW822", '"name" is read'),
        ("'{% set a, b = amount %}'", "CW822", "a template sets one name at a time"),
        ("'{% block b %}{% endblock %}'", "CW822", "a template has no blocks"),
        ("'{% filter upper %}x{% endfilter %}'", "CW822", "a template has no filterblock"),
        ("'{{ amount ** 2 }}'", "CW822", "a template has no pow"),
        ("'{{ {1: 2} }}'", "CW822", "a template has no dict"),
        ("'{{ watch_list|selectattr(''vip'')|join }}'", "CW825", "the elements have no text"),
        ("'{{ [1]|map(attribute=''x'') }}'", "CW822", '"x" is read of something'),
        ("'{{ watch_list|select(''foo'')|join }}'", "CW824", 'unknown test "foo"'),
        ("'{% set x = 1 %}{{ x.name }}'", "CW822", ('"name" is read of something that the template '
         "made itself")),
    ],
)  # fmt: skip
def test_a_mistake_in_a_template_is_found_with_the_packs(
    tmp_path: Path, template: str, code: str, message: str
) -> None:
    found = findings(tmp_path, f"other: {template}")
    assert [f[0] for f in found] == [code]
    assert message in found[0][3]


def test_a_mistake_has_its_place_in_the_template(tmp_path: Path) -> None:
    found = findings(
        tmp_path, "other:", "  body: |", "    Hello,", "    dear {{ contct.name }}, {{ amout }}"
    )
    assert [(f[1], f[2]) for f in found] == [(4, 15), (4, 34)]


def test_an_unknown_template_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(PACK + "  reson: Because\n", encoding="utf-8")
    _, diagnostics = check_packs([path])
    assert [(d.code, d.message, d.hint) for d in diagnostics if d.severity == "error"] == [
        ("CW237", 'unknown template "reason"', 'did you mean "reson"?')
    ]


# --- in the step --------------------------------------------------------------------------------


def comments(tmp_path: Path, event: str, data: dict[str, Any], *templates: str) -> Any:
    path = tmp_path / "p.yaml"
    lines = "".join(f"  {line}\n" for line in templates)
    path.write_text(PACK + lines, encoding="utf-8")
    program, diagnostics = check_packs([path])
    assert program is not None, diagnostics
    related = Related(
        records={
            "p.person": {
                "ann": {"id": "ann", "name": "Ann", "manager": "bob"},
                "bob": {"id": "bob", "name": "Bob"},
            }
        }
    )
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    create = Event(
        "create",
        id="e1",
        case="c1",
        case_type="p.ticket",
        time=now,
        actor=Actor("zoe"),
        data={"contact": "ann", "watch_list": ["ann", "bob"], "amount": Decimal("12.50")},
    )
    case = program.handle(None, create, related)[-1].case
    asked = Event(event, id="e2", case="c1", time=now, actor=Actor("zoe"), data=data)
    return program.handle(case, asked, related)[-1]


def test_a_comment_is_rendered_in_the_step_on_what_the_action_sees(tmp_path: Path) -> None:
    out = comments(
        tmp_path,
        "finish",
        {"reason": "Done"},
        "reason: '{{ watch_list|length }} {{ contact.name|length }} "
        "{{ event.data.reason }}: {{ contact.manager.name }}, {{ amount }}, {{ state }}"
        "{% for p in watch_list %} {{ p.name }}{% endfor %} {{ settings.support_name }}'",
    )
    assert [entry.text for entry in out.entries] == ["2 3 Done: Bob, 12.5, new Ann Bob Support"]


def test_a_template_may_be_chosen_by_an_expression(tmp_path: Path) -> None:
    out = comments(
        tmp_path,
        "tell",
        {"which": "second"},
        "reason: First",
        "second: 'Second {{ contact.name }}'",
    )
    assert [entry.text for entry in out.entries] == ["Second Ann"]


def test_no_template_chosen_posts_nothing(tmp_path: Path) -> None:
    out = comments(tmp_path, "tell", {}, "reason: First")
    assert (out.status, out.entries) == ("applied", ())


def test_an_unknown_template_chosen_fails_the_step(tmp_path: Path) -> None:
    out = comments(tmp_path, "tell", {"which": "third"}, "reason: First")
    assert (out.status, out.errors[0].code) == ("failed", "bad_value")


def test_a_template_that_cannot_be_rendered_fails_the_step(tmp_path: Path) -> None:
    out = comments(tmp_path, "finish", {"reason": "x"}, "reason: '{{ event.data.reason * 3 }}'")
    assert (out.status, out.errors[0].code) == ("failed", "bad_value")


# --- anything at all ----------------------------------------------------------------------------

PIECES = st.sampled_from(
    ["{{", "}}", "{%", "%}", " for x in y ", " endfor ", " if ", " endif ", "a.b", "['k']", "|join",
     "(", ")", "~", "loop.index", "set z = a", "'", "1.5", "**", "with", "x.y[0]", "\n"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=12).map(" ".join))
def test_any_text_is_read_or_has_mistakes_and_never_raises(source: str) -> None:
    reading = read(source)
    if reading.slips:
        with pytest.raises(TemplateFault):
            rendered(source, {})
    else:
        with suppress(TemplateFault):
            assert isinstance(rendered(source, {}), str)


def test_a_template_that_nothing_uses_is_checked_too(tmp_path: Path) -> None:
    assert [f[0] for f in findings(tmp_path, "unused: '{{ amout }}'")] == ["CW302"]


@pytest.mark.parametrize(
    "source",
    ["{{ a + 'x' }}", "{{ a|date('%d') }}", "{{ b|date('%H', 'Mars/Olympus') }}", "{{ a|abs }}",
     "{{ c|date('%d') }}"],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_a_fault(source: str) -> None:
    with pytest.raises(TemplateFault):
        rendered(source, {"a": "x y", "b": NOON, "c": 3} if "'x'" not in source else {"a": 3})
