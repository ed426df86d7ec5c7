"""What the engine relies on: scopes, typed reads, dependencies, and the mistakes found."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import pytest

from casewright import feel
from casewright.feel import (
    ContextType,
    Function,
    ListType,
    Member,
    Name,
    Parameter,
    RecordSetType,
    ReferenceType,
    Scope,
)
from casewright.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    NUMBER,
    STRING,
    UNIT_DURATION,
    Type,
)
from casewright.temporal import Duration

if TYPE_CHECKING:
    from collections.abc import Mapping

RECORDS: dict[str, dict[str, Any]] = {
    "carl": {"name": "Carl", "account": "a1", "vip": True},
    "a1": {"name": "Acme", "tier": "gold", "contact": "carl"},
    "i1": {"id": "i1", "service": "mail", "status": "up"},
    "i2": {"id": "i2", "service": "mail", "status": "down"},
    "i3": {"id": "i3", "service": "web", "status": "up"},
}


class Item:
    def __init__(self, status: str) -> None:
        self.status = status


class View:
    """The ``s`` of these tests."""

    def __init__(self, **fields: Any) -> None:
        self.fields = fields
        self.selected: list[tuple[str, object]] = []

    def follow(self, record: str) -> Mapping[str, Any] | None:
        return RECORDS.get(record)

    def select(self, field: str, values: object) -> list[dict[str, Any]]:
        self.selected.append((field, values))
        wanted = cast("list[object]", values) if isinstance(values, list) else [values]
        return [r for r in RECORDS.values() if r.get(field) in wanted]

    def has_role(self, role: str) -> bool:
        return role == "agent"


def contact_members() -> Mapping[str, Member]:
    return {"name": Member(STRING), "vip": Member(BOOLEAN), "account": Member(ACCOUNT)}


def account_members() -> Mapping[str, Member]:
    return {"name": Member(STRING), "tier": Member(STRING), "contact": Member(CONTACT)}


CONTACT = ReferenceType(target="contact", members=contact_members, follow="s.follow({})")
ACCOUNT = ReferenceType(target="account", members=account_members, follow="s.follow({})")
ITEM = ContextType({n: Member(STRING) for n in ("id", "service", "status")}, name="item")
FIELDS: dict[str, Type] = {
    "priority": NUMBER,
    "amount": NUMBER,
    "state": STRING,
    "vip": BOOLEAN,
    "day": DATE,
    "opened": DATE_TIME,
    "closed": DATE_TIME,
    "target": UNIT_DURATION,
    "contact": CONTACT,
    "watchers": ListType(CONTACT),
    "data": ANY,
    "sla": ContextType({"first": Member(ContextType({"status": Member(STRING, "{}.status")}))}),
    "tasks": ListType(ContextType({"state": Member(STRING), "count": Member(NUMBER)})),
}
NAMES = {n: Name(t, f"s.fields.get({n!r})", (n,)) for n, t in FIELDS.items()}
NAMES["records"] = Name(
    ContextType(
        {
            "item": Member(
                RecordSetType(
                    "item",
                    item=ITEM,
                    indexed=frozenset({"service"}),
                    select="s.select({field!r}, {})",
                )
            )
        }
    ),
    "None",
    ("records",),
)
FUNCTIONS = {
    f.name: f
    for f in (
        Function("has role", (Parameter("role", STRING),), BOOLEAN, "s.has_role({0})"),
        Function(
            "matrix",
            (Parameter("priority", NUMBER, from_scope=True), Parameter("extra", optional=True)),
            ContextType({"value": Member(NUMBER)}),
            "_matrix({0}, {1})",
        ),
        Function("needs", (Parameter("nowhere", STRING, from_scope=True),), NUMBER, "1"),
    )
}


def matrix(priority: int, extra: object) -> dict[str, object]:
    return {"value": priority * 10, "extra": extra}


SCOPE = Scope(NAMES, FUNCTIONS, {"_matrix": matrix})


def value(text: str, **fields: Any) -> Any:
    return feel.compile(text, SCOPE).value(View(**fields), feel.Budget())


def problems(text: str) -> list[tuple[str, str, str]]:
    with pytest.raises(feel.FeelError) as caught:
        feel.compile(text, SCOPE)
    return [(p.code, text[p.start : p.end], p.message) for p in caught.value.problems]


def reads(text: str) -> set[str]:
    return {".".join(path) for path in feel.compile(text, SCOPE).reads}


@pytest.mark.parametrize(
    ("text", "fields", "expected"),
    [
        ('priority <= 2 and state != "closed"', {"priority": 1, "state": "new"}, True),
        ('priority <= 2 and state != "closed"', {"priority": None, "state": "new"}, None),
        ('state != "closed"', {"state": None}, True),
        ('state in ("new", "open")', {"state": "open"}, True),
        ("not(vip)", {"vip": None}, None),
        ("amount * 2 > 25", {"amount": Decimal("12.6")}, True),
        ("amount * 2 + 1", {"amount": Decimal("0.5")}, 2),
        ("amount * amount", {"amount": Decimal("1e4000")}, None),
        ("amount * amount > 1", {"amount": Decimal("1e4000")}, None),
        ("amount + priority", {"amount": 10**33, "priority": 9 * 10**33}, 10**34),
        ("contact.name", {"contact": "carl"}, "Carl"),
        ("contact.account.tier", {"contact": "carl"}, "gold"),
        ("contact.account.contact.account.name", {"contact": "carl"}, "Acme"),
        ("contact.account.name", {"contact": "nobody"}, None),
        ("contact.name", {"contact": None}, None),
        ('contact = "carl"', {"contact": "carl"}, True),
        ("contact = null", {"contact": None}, True),
        ("watchers.name", {"watchers": ["carl", None]}, ["Carl", None]),
        ("watchers[vip = true]", {"watchers": ["carl"]}, ["carl"]),
        ('day in [date("2026-01-01")..date("2026-02-01"))', {"day": date(2026, 1, 31)}, True),
        ('day in [date("2026-01-01")..date("2026-02-01"))', {"day": None}, None),
        ('day < date("2026-01-01")', {"day": date(2025, 1, 31)}, True),
        ("data.x.y", {"data": {"x": {"y": 1}}}, 1),
        ("sla.first.status", {"sla": {"first": Item("paused")}}, "paused"),
        ("sla.first.status", {"sla": {"first": None}}, None),
        ('count(tasks[state = "open"])', {"tasks": [{"state": "open"}, {"state": "x"}]}, 1),
        ("count(tasks[count > 1])", {"tasks": [{"count": 2}, {"count": 1}]}, 1),
        ("sum(tasks.count)", {"tasks": [{"count": 2}, {"count": 1}]}, 3),
        ("tasks[state = state]", {"tasks": [{"state": "a"}], "state": "b"}, [{"state": "a"}]),
        ('has role("agent")', {}, True),
        ("matrix().value", {"priority": 3}, 30),
        ("matrix(5).value", {"priority": 3}, 50),
        ("matrix(extra: 1, priority: 2).value", {}, 20),
        ("closed - opened", {"opened": datetime(2026, 1, 1, tzinfo=UTC), "closed": None}, None),
        ("target > duration(\"7 hours\")", {"target": Duration("real", 28800)}, True),
        ("target > @\"PT7H\"", {"target": Duration("real", 28800)}, True),
        ("target > @\"PT7H\"", {"target": Duration("business", 28800)}, None),
        ("opened + target", {"opened": datetime(2026, 1, 1, tzinfo=UTC),
                             "target": Duration("real", 60)},
         datetime(2026, 1, 1, 0, 1, tzinfo=UTC)),
        ("if vip then 1 else 2", {"vip": None}, 2),
        ("some t in tasks satisfies t.state = state", {"tasks": [{"state": "a"}], "state": "a"},
         True),
    ],
)  # fmt: skip
def test_typed_expression_gives(text: str, fields: dict[str, Any], expected: object) -> None:
    assert value(text, **fields) == expected
    holds = feel.compile(text, SCOPE).true(View(**fields), feel.Budget())
    assert holds is (expected is True)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("priority + 1", "number"),
        ("closed - opened", "days and time duration"),
        ("contact.account", "reference to account"),
        ("watchers.name", "list<string>"),
        ('tasks[state = "x"].count', "list<number>"),
        ("tasks[1].count", "number"),
        ("matrix().value", "number"),
        ("append(watchers, contact)", "list<reference to contact>"),
        ("for t in tasks return t.count * 2", "list<number>"),
        ("if vip then 1 else null", "number"),
        ('if vip then 1 else "a"', "Any"),
        ("max(tasks.count)", "number"),
        ("data.x", "Any"),
    ],
)
def test_expression_knows_its_type(text: str, kind: str) -> None:
    assert str(feel.compile(text, SCOPE).type) == kind


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("priority <= 2", {"priority"}),
        ('contact.account.name = "x"', {"contact.account.name"}),
        ('contact.name = "x" and contact = "c"', {"contact.name", "contact"}),
        ("for w in watchers return w.name", {"watchers", "watchers.name"}),
        ("tasks[count > priority].state", {"tasks.count", "tasks.state", "priority"}),
        ("matrix().value", {"priority"}),
        ("{a: contact.name, b: a}", {"contact.name"}),
        ("1 + 1", set[str]()),
    ],
)
def test_expression_knows_what_it_reads(text: str, paths: set[str]) -> None:
    assert reads(text) == paths


def test_calls_are_listed_with_their_literal_arguments() -> None:
    calls = feel.compile('has role("agent") and count(watchers) > matrix(2).value', SCOPE).calls
    assert [(c.name, c.arguments, c.builtin) for c in calls] == [
        ("has role", ("agent",), False),
        ("count", (feel.NOT_LITERAL,), True),
        ("matrix", (2, feel.NOT_LITERAL), False),
    ]


@pytest.mark.parametrize(
    ("text", "code", "place", "message"),
    [
        ("prority < 2", "CW302", "prority", 'unknown name "prority"'),
        ('priority < "a"', "CW303", 'priority < "a"', "< compares a number with a string"),
        ("state = 1", "CW303", "state = 1", "= compares a string with a number"),
        ("vip < true", "CW303", "vip < true", "< does not work on values of type boolean"),
        ("opened < day", "CW303", "opened < day", "< compares a date and time with a date"),
        ("state + 1", "CW303", "state + 1", "+ does not work on a string and a number"),
        ("day + 1", "CW303", "day + 1", "+ does not work on a date and a number"),
        ("if priority then 1 else 2", "CW303", "priority",
         "if needs a condition, this is a number"),
        ("state in [1..3]", "CW303", "[1..3]", "<= compares a string with a number"),
        ('priority in ("a")', "CW303", '"a"', "= compares a number with a string"),
        ("contact.nam", "CW305", "contact.nam",
         'unknown property "nam" of a reference to contact'),
        ("tasks.stat", "CW305", "tasks.stat", 'unknown property "stat" of a context'),
        ("opened.yeer", "CW305", "opened.yeer", 'unknown property "yeer" of a date and time'),
        ("substring(priority, 1)", "CW304", "substring(priority, 1)",
         "substring does not take (number, number)"),
        ("floor()", "CW304", "floor()", "floor does not take 0 arguments"),
        ("floor(x: 1)", "CW304", "floor(x: 1)", "floor has no such arguments: x"),
        ("has role(1)", "CW304", "1", 'has role takes a string as "role", this is a number'),
        ("has role()", "CW304", "has role()", 'has role needs the argument "role"'),
        ("needs()", "CW304", "needs()", 'needs needs the argument "nowhere"'),
        ("matrix(1, 2, 3)", "CW304", "matrix(1, 2, 3)", "matrix takes 2 arguments, not 3"),
        ("changd(1)", "CW307", "changd", 'unknown function "changd"'),
        ("records.item[status = \"up\"]", "CW308", 'status = "up"',
         "the records of item need a filter with = or in on an indexed field"),
        ('day > date("2026-02-30")', "CW310", 'date("2026-02-30")', '"2026-02-30" is no date'),
        ('target > duration("8 hous")', "CW310", 'duration("8 hous")',
         '"8 hous" is no duration'),
        ('closed - opened > duration("P1Y")', "CW303", 'closed - opened > duration("P1Y")',
         "> compares a days and time duration with a years and months duration"),
        ('@"2026-13-01"', "CW310", '@"2026-13-01"',
         '"2026-13-01" is neither a date, a time, a date and time nor a duration'),
    ],
)  # fmt: skip
def test_mistake_is_found_with_its_place(text: str, code: str, place: str, message: str) -> None:
    assert problems(text) == [(code, place, message)]


def test_all_mistakes_of_a_text_are_reported() -> None:
    assert [p[0] for p in problems('prority < 2 and state = 1 and contact.nam = "x"')] == [
        "CW302",
        "CW303",
        "CW305",
    ]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("prority < 2", 'did you mean "priority"?'),
        ("contact.nam", 'did you mean "name"?'),
        ("has role", "has role is a function, call it: has role(...)"),
        ("wombat", 'is the text "wombat" meant? put it in double quotes'),
        ("opened < day", "compare date(x) with the date"),
        ('state not in ("a")', "write not(x in (...))"),
        ("state == 1", "FEEL writes ="),
        ("count > 1", "to call a function write name(...)"),
        ('day = date("31.1.2026")', 'write for example date("2026-01-31")'),
        ("state = 'a'", 'texts stand in double quotes, "..."'),
    ],
)
def test_mistake_comes_with_its_cure(text: str, hint: str) -> None:
    with pytest.raises(feel.FeelError) as caught:
        feel.compile(text, SCOPE)
    assert caught.value.problems[0].hint == hint


def test_bare_record_set_is_a_mistake() -> None:
    assert problems("count(records.item) > 1")[0][0] == "CW308"


def test_records_are_selected_by_the_indexed_field_and_then_filtered() -> None:
    view = View(state="mail")
    expression = feel.compile('records.item[status = "up" and service = state].id', SCOPE)
    assert expression.value(view, feel.Budget()) == ["i1"]
    assert view.selected == [("service", "mail")]


def test_records_are_selected_by_a_list_of_values() -> None:
    view = View(state="mail")
    expression = feel.compile('count(records.item[service in (state, "web")])', SCOPE)
    assert expression.value(view, feel.Budget()) == 3
    assert view.selected == [("service", ["mail", "web"])]


def test_result_of_an_unexpected_type_is_a_mistake() -> None:
    with pytest.raises(feel.FeelError, match="a boolean is needed here, this is a number"):
        feel.compile("priority + 1", SCOPE, expect=BOOLEAN)


def test_value_that_may_be_right_is_accepted() -> None:
    assert feel.compile("data.x", SCOPE, expect=DAYS_TIME).type is ANY


def test_lenient_scope_answers_unlike_types_with_null() -> None:
    lenient = Scope(NAMES, strict=False)
    expression = feel.compile("priority < state or wombat", lenient)
    assert expression.value(View(priority=1, state="a"), feel.Budget()) is None


def test_exception_of_the_view_passes_through() -> None:
    class Missing(Exception):  # noqa: N818 - as the step's own
        pass

    class Broken(View):
        def has_role(self, role: str) -> bool:
            raise Missing

    with pytest.raises(Missing):
        feel.compile('has role("a")', SCOPE).value(Broken(), feel.Budget())


def test_scope_function_goes_before_a_built_in() -> None:
    today = Function("today", (), DATE, "42")
    assert feel.compile("today()", Scope({}, {"today": today})).value(None, feel.Budget()) == 42


def test_name_of_a_built_in_is_free_for_a_field() -> None:
    scope = Scope({"number": Name(NUMBER, "7", ("number",))})
    expression = feel.compile('number + number("1")', scope)
    assert expression.value(None, feel.Budget()) == 8


def test_named_type_is_known_to_instance_of() -> None:
    scope = Scope(types={"tMoney": ContextType({"amount": Member(NUMBER)})})
    expression = feel.compile("{amount: 1} instance of tMoney", scope)
    assert expression.value(None, feel.Budget()) is True


def test_distance_of_instants_is_real_time() -> None:
    found = value(
        "closed - opened",
        opened=datetime(2026, 1, 1, tzinfo=UTC),
        closed=datetime(2026, 1, 1, 8, tzinfo=UTC),
    )
    assert found == timedelta(hours=8)
