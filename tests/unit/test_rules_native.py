"""The native network: what an activation is, what is null, what is bounded, what is not tried."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from casewright.case import Need
from casewright.feel import (
    BudgetExceeded,
    Function,
    Name,
    Parameter,
    Scope,
    Time,
    YearsMonths,
    compile,
    types,
)
from casewright.feel.operators import equal
from casewright.rules.networks.alike import ODD, Different, alike
from casewright.rules.networks.choosing import NOT_INSTALLED, WANTED, MixedNetwork, network_for
from casewright.rules.networks.contract import (
    Activation,
    Condition,
    Fact,
    FactLimit,
    Pattern,
    Production,
)
from casewright.rules.networks.durable import is_installed
from casewright.rules.networks.native import NativeNetwork
from casewright.rules.networks.native_plan import planned
from casewright.rules.networks.reading_terms import conditions, conjuncts, fields_of, term_of
from casewright.rules.networks.terms import AllOf, AnyOf, Compare, Constant, FieldOf, Op, Sum
from casewright.temporal import Duration
from casewright.view import RecordsMissing
from support.rules_random import ITEM, KINDS, Around, scope_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from casewright.rules.networks.contract import Network


# --- making rules ---------------------------------------------------------------------------------


def pattern(
    name: str,
    when: str = "true",
    *before: str,
    label: str = "f",
    groups: tuple[str, ...] = (),
    count: int | None = None,
    distinct: str | None = None,
) -> Pattern:
    """Return a pattern of facts of the fields of ``support.rules_random``."""
    bound = {one: types.ListType(ITEM) if one in groups else ITEM for one in before}
    scope = scope_of({**bound, name: ITEM})
    kinds = {one: KINDS for one in (*before, name) if one not in groups}
    made = conditions(compile(when, scope), before, fields_of(kinds))
    differs = None if distinct is None else compile(distinct, scope)
    return Pattern(name, label, made, count, differs)


def rule(*patterns: Pattern, none: Iterable[Pattern] = (), slides: bool = False) -> Production:
    return Production("r", patterns, tuple(none), slides)


def facts(*data: dict[str, Any]) -> list[Fact]:
    return [Fact(f"f{i}", frozenset("f"), one) for i, one in enumerate(data)]


def found(made: Production | Network, *data: dict[str, Any]) -> list[tuple[tuple[int, ...], ...]]:
    network = NativeNetwork([made]) if isinstance(made, Production) else made
    return [one.facts for one in network.activations(facts(*data), Around())]


# --- what an activation is ------------------------------------------------------------------------


def test_a_single_pattern_takes_every_fact_that_fits_in_order() -> None:
    assert found(rule(pattern("a", "a.n > 1")), {"n": 2}, {"n": 1}, {"n": 3}) == [((0,),), ((2,),)]


def test_a_fact_without_the_label_is_not_taken() -> None:
    made = NativeNetwork([rule(pattern("a", label="g"))])
    given = [Fact("1", frozenset("f"), {}), Fact("2", frozenset("fg"), {})]
    assert made.activations(given, Around()) == [Activation("r", ((1,),))]


def test_one_fact_is_never_bound_twice() -> None:
    made = rule(pattern("a"), pattern("b", "b.n = a.n", "a"))
    assert found(made, {"n": 1}, {"n": 1}) == [((0,), (1,)), ((1,), (0,))]


def test_activations_come_in_the_order_of_their_single_facts() -> None:
    made = rule(pattern("a"), pattern("b"), pattern("c"))
    pairs = found(made, {}, {}, {})
    assert pairs == sorted(pairs)
    assert len(pairs) == 6


def test_a_group_takes_the_earliest_facts_and_leaves_the_rest() -> None:
    assert found(rule(pattern("a", count=2)), {}, {}, {}) == [((0, 1),)]


def test_a_group_of_one_is_a_group() -> None:
    assert found(rule(pattern("a", count=1)), {}, {}) == [((0,),)]


def test_a_group_that_slides_takes_the_newest_facts() -> None:
    assert found(rule(pattern("a", count=2), slides=True), {}, {}, {}) == [((1, 2),)]


def test_a_group_that_is_not_full_is_none() -> None:
    assert found(rule(pattern("a", "a.b", count=2)), {"b": True}, {"b": False}) == []


def test_a_group_leaves_out_what_was_bound_before_it() -> None:
    made = rule(pattern("a", "a.b"), pattern("g", count=2))
    assert found(made, {}, {"b": True}, {}) == [((1,), (0, 2))]


def test_a_group_does_not_make_way_for_what_is_bound_behind_it() -> None:
    made = rule(pattern("g", count=2), pattern("a", "a.b"))
    assert found(made, {"b": True}, {}, {"b": True}) == [((0, 1), (2,))]


def test_a_group_is_of_different_values_and_null_is_none() -> None:
    made = rule(pattern("a", count=2, distinct="a.z"))
    assert found(made, {"z": None}, {"z": 1}, {"z": Decimal("1.0")}, {"z": True}) == [((1, 3),)]
    assert found(made, {"z": [1]}, {"z": [1]}, {"z": [2]}) == [((0, 2),)]


def test_a_condition_reads_a_group_as_a_list() -> None:
    made = rule(pattern("g", count=2), pattern("a", "a.n = sum(g.n)", "g", groups=("g",)))
    assert found(made, {"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}) == [((0, 1), (2,))]


def test_nothing_must_fit_what_is_absent_be_it_bound_or_not() -> None:
    bare = rule(pattern("a", "a.b"), none=[pattern("x", "x.n = 9")])
    assert found(bare, {"b": True}, {"n": 1}) == [((0,),)]
    assert found(bare, {"b": True, "n": 9}, {"n": 1}) == []
    joined = rule(pattern("a", "a.b"), none=[pattern("x", "x.n > a.n", "a")])
    assert found(joined, {"b": True, "n": 1}, {"b": True, "n": 2}) == [((1,),)]


def test_absence_reads_all_that_is_bound() -> None:
    made = rule(
        pattern("a", "a.b"),
        pattern("g", "not(g.b)", count=2),
        none=[pattern("x", "x.n = a.n + count(g)", "a", "g", groups=("g",))],
    )
    known = {"b": True, "n": 1}, {"b": False}, {"b": False}
    assert found(made, *known) == [((0,), (1, 2))]
    assert found(made, *known, {"n": 3}) == []


def test_all_productions_answer_in_their_order() -> None:
    some = [replace(rule(pattern("a", "a.n = 1")), name=name) for name in ("z", "y", "x")]
    every = replace(rule(pattern("a")), name="w")
    made = NativeNetwork([*some[:2], every, some[2]])
    names = [one.production for one in made.activations(facts({"n": 1}), Around())]
    assert names == ["z", "y", "w", "x"]


# --- equality -------------------------------------------------------------------------------------

_NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_VALUES: list[Any] = [
    *(None, 0, 1, Decimal("1.0"), Decimal("1.5"), 2**70, True, False, "", "1", "a", "true"),
    *(date(2026, 3, 1), date(2026, 3, 2), _NOON, _NOON.astimezone(timezone(timedelta(hours=3)))),
    *(_NOON.replace(tzinfo=None), _NOON.replace(fold=1), timedelta(hours=1), timedelta(days=1)),
    *(Duration("real", 3600), Duration("business", 3600), Duration("days", 1), YearsMonths(1)),
    *(Time(9, tzinfo=UTC), Time(10, tzinfo=timezone(timedelta(hours=1))), Time(9)),
    *([], [1], [Decimal("1.0")], {}, {"a": 1}),
]


def test_keys_are_equal_exactly_where_feel_says_so() -> None:
    budget = Around().budget
    for left in _VALUES:
        for right in _VALUES:
            same = equal(budget, left, right) is True
            keys = alike(left), alike(right)
            if ODD in keys:
                assert not same or keys == (ODD, ODD), (left, right)
            else:
                assert same == (keys[0] == keys[1]), (left, right)


def test_different_values_are_told_apart_as_feel_does() -> None:
    values = Different()
    budget = Around().budget
    for i, value in enumerate(_VALUES):
        known = any(equal(budget, value, other) is True for other in _VALUES[:i])
        assert values.add(budget, value) is not known


@pytest.mark.parametrize(
    ("left", "right", "joined"),
    [
        (None, None, True),
        (None, 1, False),
        (1, Decimal("1.0"), True),
        (1, True, False),
        (1, "1", False),
        ([1], [Decimal("1.0")], True),
        ([1], 1, False),
        (_NOON, _NOON.astimezone(timezone(timedelta(hours=3))), True),
        (_NOON, _NOON.date(), False),
    ],
)
def test_facts_join_exactly_where_feel_says_that_values_are_equal(
    left: object, right: object, joined: bool
) -> None:
    made = rule(pattern("a", "a.b"), pattern("c", "c.z = a.z and not(c.b)", "a"))
    pair = {"b": True, "z": left}, {"b": False, "z": right}
    assert found(made, *pair) == ([((0,), (1,))] if joined else [])


def test_a_value_that_is_missing_is_null() -> None:
    made = rule(pattern("a", "a.b"), pattern("c", "c.n = a.n and not(c.b)", "a"))
    assert found(made, {"b": True, "n": None}, {"b": False}) == [((0,), (1,))]
    assert found(rule(pattern("a", "a.n = null")), {}, {"n": None}, {"n": 0}) == [((0,),), ((1,),)]
    assert found(rule(pattern("a", "a.n != 1")), {}, {"n": 1}) == [((0,),)]
    assert found(rule(pattern("a", "a.n < 1")), {}, {"n": 0}) == [((1,),)]


# --- terms ----------------------------------------------------------------------------------------

_OWN = fields_of({"a": KINDS})
_N, _M, _S, _B = (FieldOf("a", name, KINDS[name]) for name in "nmsb")


def term(text: str) -> object:
    return term_of(compile(text, scope_of({"a": ITEM})), _OWN)


def one(op: Op, field: FieldOf, value: object) -> Compare:
    return Compare(op, field, Constant(value))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.n = 1", one("=", _N, 1)),
        ("1 < a.n", Compare("<", Constant(1), _N)),
        ("a.n = null", one("=", _N, None)),
        ("a.b", one("=", _B, True)),
        ("not(a.b)", one("=", _B, False)),
        ("not(a.n < 1)", one(">=", _N, 1)),
        ("a.n + 1 > -a.m", Compare(">", Sum("+", _N, Constant(1)), Sum("-", Constant(0), _M))),
        ('a.s + a.t = "x"', None),
        ('starts with(a.s, "x")', None),
        ("some v in [1] satisfies a.n = v", None),
        ("a.n / 2 = 1", None),
        ("a.n in (1, > 5)", AnyOf((one("=", _N, 1), one(">", _N, 5)))),
        ('a.s in ["x", "y"]', AnyOf((one("=", _S, "x"), one("=", _S, "y")))),
        ("a.n in (1..5]", AllOf((one(">", _N, 1), one("<=", _N, 5)))),
        ("a.n in [a.m..5]", None),
        ("a.n between 1 and 5", AllOf((one(">=", _N, 1), one("<=", _N, 5)))),
        ("not(a.n in [1..5])", AnyOf((one("<", _N, 1), one(">", _N, 5)))),
        ("not(a.n = 1 or a.b)", AllOf((one("!=", _N, 1), one("=", _B, False)))),
        ("true", AllOf(())),
        ("null", AnyOf(())),
    ],
)
def test_terms_say_what_conditions_say(text: str, expected: object) -> None:
    assert term(text) == expected


def test_a_list_that_may_hold_unlike_values_is_no_term_where_it_is_denied() -> None:
    assert term("not(a.z in [1, 2])") is None
    assert term("not(a.n in [1, 2])") is not None


def test_a_not_of_the_scope_is_not_the_one_of_the_language() -> None:
    own = Function("not", (Parameter("x", types.ANY),), types.BOOLEAN, "True")
    scope = Scope(scope_of({"a": ITEM}).names, {"not": own})
    assert term_of(compile("not(a.b)", scope), _OWN) is None


def test_a_condition_is_split_at_its_top_level_and() -> None:
    scope = scope_of({"a": ITEM, "c": ITEM})
    text = '((a.n = 1) and (a.s = "and" or a.b)) and c.n in (1..5] and (c.n) + (a.n) = 2'
    parts = conjuncts(compile(text, scope), ("a", "c", "z"))
    assert [sorted(part.names) for part in parts] == [["a"], ["a"], ["c"], ["a", "c"]]
    starts = [part.expression.tree.start for part in parts]
    assert [text[start] for start in starts] == ["a", "a", "c", "c"]
    assert starts == sorted(starts)


def test_the_parts_hold_where_the_whole_does() -> None:
    scope = scope_of({"a": ITEM})
    whole = compile("a.n > 1 and (a.b or a.m = null) and a.s != null", scope)
    parts = conjuncts(whole, ("a",))
    for n in (None, 1, 2):
        for b in (None, False, True):
            for s in (None, "x"):
                around = Around()
                around.lets["a"] = {"n": n, "b": b, "s": s, "m": n}
                held = [part.expression.true(around, around.budget) for part in parts]
                assert all(held) == whole.true(around, around.budget)


# --- what a call leaves, shares and spares --------------------------------------------------------


class Counting(Around):
    """Counts what is asked of a name of the scope."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()

    def ask(self, what: str) -> bool:
        self.asked[what] += 1
        return True


def asking(what: str, own: str) -> Condition:
    """Return a condition on one fact that counts how often it is asked."""
    names = {**scope_of({own: ITEM}).names, what: Name(types.BOOLEAN, f"s.ask({what!r})")}
    made = compile(f"{what} and {own}.n != 7", Scope(names))
    return Condition(made, frozenset())


def test_what_was_bound_before_is_bound_again_also_after_a_failure() -> None:
    around = Around(budget=3)
    lets = around.lets = {"a": "mine", "z": 1}
    made = NativeNetwork([rule(pattern("a", "count(for i in 1..9 return i) = a.n"))])
    with pytest.raises(BudgetExceeded):
        made.activations(facts({"n": 9}), around)
    assert around.lets is lets
    around = Around()
    lets = around.lets = {"a": "mine", "z": 1}
    assert len(made.activations(facts({"n": 9}), around)) == 1
    assert around.lets is lets
    assert lets == {"a": "mine", "z": 1}


def test_a_condition_may_call_a_network_in_the_middle_of_a_call() -> None:
    class Nested(Around):
        def deeper(self) -> int:
            return len(network.activations(facts({"n": 1}, {"n": 2}), self))

    names = {**scope_of({"a": ITEM}).names, "deeper": Name(types.NUMBER, "s.deeper()")}
    asked = compile("(if a.n = 5 then deeper else 0) = 1 and a.n = 5", Scope(names))
    nested = Production("q", (Pattern("a", "f", (Condition(asked, frozenset()),)),))
    network = NativeNetwork([rule(pattern("a", "a.n = 1")), nested])
    found = network.activations(facts({"n": 5}, {"n": 1}), Nested())
    assert [(one.production, one.facts) for one in found] == [("r", ((1,),)), ("q", ((0,),))]


def test_conditions_that_rules_share_are_asked_once_a_fact() -> None:
    shared = asking("costly", "a")
    made = [Production(f"r{i}", (Pattern("a", "f", (shared,)),)) for i in range(50)]
    around = Counting()
    assert len(NativeNetwork(made).activations(facts({}, {}), around)) == 100
    assert around.asked["costly"] == 2


def test_conditions_with_the_same_text_are_shared_though_compiled_apart() -> None:
    made = [replace(rule(pattern("a", 'starts with(a.s, "u")')), name=f"r{i}") for i in range(9)]
    plans = planned(made)
    tests = {test.index for plan in plans.productions for test in plan.patterns[0].memory.tests}
    assert len(tests) == 1
    same = [rule(pattern("a", "a.n > 1")), rule(pattern("c", "c.n > 1"))]
    tests = {
        test.index for plan in planned(same).productions for test in plan.patterns[0].memory.tests
    }
    assert len(tests) == 1


def test_constants_that_python_takes_for_equal_are_not_shared() -> None:
    made = [rule(pattern("a", "a.z != 1")), rule(pattern("a", "a.z != true"))]
    network = NativeNetwork([replace(one, name=str(i)) for i, one in enumerate(made)])
    names = [one.production for one in network.activations(facts({"z": 2}), Around())]
    assert names == ["0"]


def test_rules_that_ask_for_other_values_are_not_asked() -> None:
    made = [
        Production(
            f"r{i}",
            (Pattern("a", "f", (*pattern("a", f"a.n = {i}").conditions, asking(f"q{i}", "a"))),),
        )
        for i in range(300)
    ]
    around = Counting()
    assert len(NativeNetwork(made).activations(facts({"n": 5}, {"n": 6}), around)) == 2
    assert dict(around.asked) == {"q5": 1, "q6": 1}


def test_facts_that_cannot_join_are_not_tried() -> None:
    made = NativeNetwork(
        [rule(pattern("a", 'a.s = "left"'), pattern("c", 'c.s = "right" and c.n = a.n', "a"))],
        combinations=400,
    )
    sides = [{"s": side, "n": n} for n in range(200) for side in ("left", "right")]
    assert len(made.activations(facts(*sides), Around())) == 200


def test_all_records_that_are_lacking_are_asked_for_at_once() -> None:
    class Lacking(Around):
        def follow(self, number: int) -> bool:
            raise RecordsMissing((Need("item", id=str(number)),))

    names = {
        **scope_of({"a": ITEM}).names,
        "far": Name(types.BOOLEAN, "s.follow(s.lets['a']['n'])"),
    }
    condition = Condition(compile("far", Scope(names)), frozenset())
    made = NativeNetwork([Production("r", (Pattern("a", "f", (condition,)),))])
    around = Lacking()
    with pytest.raises(RecordsMissing) as caught:
        made.activations(facts({"n": 1}, {"n": 2}, {"n": 1}), around)
    assert [need.id for need in caught.value.needs] == ["1", "2"]
    assert around.lets == {}


# --- bounds ---------------------------------------------------------------------------------------


def test_too_many_facts_are_refused() -> None:
    made = NativeNetwork([rule(pattern("a"))], facts=3)
    assert len(made.activations(facts({}, {}, {}), Around())) == 3
    with pytest.raises(FactLimit, match=r"4 facts, more than the 3 .*f0 -> f1 -> f2 -> f3"):
        made.activations(facts({}, {}, {}, {}), Around())


def test_too_many_activations_are_refused_with_the_facts_that_led_there() -> None:
    made = NativeNetwork([rule(pattern("a"), pattern("b"))], activations=5)
    with pytest.raises(FactLimit, match=r'^"r": more than 5 activations .*; the last at f2 -> f1$'):
        made.activations(facts({}, {}, {}), Around())


def test_a_join_of_everything_with_everything_ends() -> None:
    made = NativeNetwork([rule(pattern("a"), pattern("b"), pattern("c"))])
    with pytest.raises(FactLimit, match="more than 10,000 activations"):
        made.activations(facts(*[{"n": 0}] * 400), Around())


def test_a_join_that_finds_nothing_ends_too() -> None:
    made = NativeNetwork([rule(pattern("a"), pattern("b", "b.n > a.n", "a"))])
    with pytest.raises(FactLimit, match=r'^"r": more than 250,000 combinations of facts; .* f415$'):
        made.activations(facts(*[{"n": 0}] * 600), Around())


# --- choosing -------------------------------------------------------------------------------------


def test_one_network_runs_what_the_other_does_not_in_their_common_order() -> None:
    some = [replace(rule(pattern("a")), name=name) for name in "abcd"]
    mixed = MixedNetwork(
        [NativeNetwork([some[0], some[2]]), NativeNetwork([some[1], some[3]])], "abcd"
    )
    names = [one.production for one in mixed.activations(facts({}), Around())]
    assert names == ["a", "b", "c", "d"]
    assert mixed.name == "native+native"
    mixed.close()
    mixed.close()


def test_every_choice_finds_the_same_and_says_why() -> None:
    made = [
        replace(rule(pattern("a", "a.n = 1"), pattern("b", "b.n = a.n", "a")), name="join"),
        replace(rule(pattern("a", 'starts with(a.s, "x")')), name="text"),
    ]
    results: list[Any] = []
    for wanted in WANTED:
        if wanted == "durable" and not is_installed():
            continue
        network, uses = network_for(made, wanted)
        results.append(network.activations(facts({"n": 1}, {"n": 1, "s": "xy"}), Around()))
        assert [use.production for use in uses] == ["join", "text"]
        assert all(use.reason for use in uses)
        assert uses[1].network == "native" or wanted == "durable"
        network.close()
    assert all(result == results[0] for result in results)
    assert [one.production for one in results[0]] == ["join", "join", "text"]


def test_without_the_library_the_native_network_runs_all_and_durable_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("casewright.rules.networks.choosing.is_installed", lambda: False)
    made = [rule(pattern("a"), pattern("b"))]
    network, uses = network_for(made)
    assert network.name == "native"
    assert uses[0].reason == "durable-rules is not installed"
    with pytest.raises(ValueError, match=r"pip install .casewright\[rules\]") as caught:
        network_for(made, "durable")
    assert str(caught.value) == NOT_INSTALLED


def test_an_unknown_network_is_refused() -> None:
    unknown: Any = "rete"
    with pytest.raises(ValueError, match='unknown network "rete"; there are auto, native, durable'):
        network_for([], unknown)


def test_no_rules_find_nothing() -> None:
    network, uses = network_for([])
    assert network.activations(facts({}), Around()) == []
    assert uses == ()
