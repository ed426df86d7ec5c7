"""Rules over facts in the forms that the networks and their peers take, and facts for them.

Every five rules are about one kind of fact: three look at one fact, two join it with another one
of the same kind. The facts of a call are of one kind, so five rules concern it, however many there
are.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import permutations
from typing import TYPE_CHECKING, Any

from casewright import feel
from casewright.feel import tree, types
from casewright.rules.networks.contract import Activation, Condition, Fact, Pattern, Production
from casewright.rules.networks.reading_terms import conditions
from casewright.rules.networks.terms import FieldOf

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from casewright.rules.networks.reading_terms import FieldFinder

CONCERNED = 5
"""How many rules are about one kind of fact."""

LABEL = "reading"
_KINDS: Mapping[str, str] = {
    "kind": "string",
    "site": "string",
    "level": "integer",
    "number": "integer",
}
_TYPES = {"string": types.STRING, "integer": types.NUMBER}
_SITES = ("north", "south", "east")

_RULES: tuple[tuple[tuple[str, ...], tuple[Mapping[str, Any], ...]], ...] = (
    (("level >= 7",), ({"$gte": {"level": 7}},)),
    (('site = "north" and level < 3',), ({"site": "north"}, {"$lt": {"level": 3}})),
    (("level in [4..5]",), ({"$gte": {"level": 4}}, {"$lte": {"level": 5}})),
    (
        ("level >= 5", "site = a.site and level > a.level"),
        ({"$gte": {"level": 5}}, {"$gt": {"level": {"a": "level"}}}, {"site": {"a": "site"}}),
    ),
    (
        ("level < 4", "site = a.site and number = a.number + 1"),
        (
            {"$lt": {"level": 4}},
            {"number": {"$add": {"$l": {"a": "number"}, "$r": 1}}},
            {"site": {"a": "site"}},
        ),
    ),
)
"""What each of the five asks of its facts: in FEEL by pattern, and in the words of the library."""


@dataclass(slots=True)
class Around:
    """What conditions see beside the facts: nothing, and a budget that does not end."""

    lets: dict[str, Any] = field(default_factory=dict[str, Any])
    budget: feel.Budget = field(default_factory=lambda: feel.Budget(1 << 60))


def productions(number: int) -> tuple[Production, ...]:
    """Return so many rules, five for each kind."""
    return tuple(_production(i) for i in range(number))


def _production(i: int) -> Production:
    texts, _ = _RULES[i % CONCERNED]
    kind = f'kind = "k{i // CONCERNED}"'
    names = ("a", "b")[: len(texts)]
    patterns = tuple(
        Pattern(name, LABEL, _conditions(f"{kind} and {text}", name, names[:at]))
        for at, (name, text) in enumerate(zip(names, texts, strict=True))
    )
    return Production(f"r{i}", patterns)


def _conditions(text: str, own: str, others: Sequence[str]) -> tuple[Condition, ...]:
    members = {name: types.Member(_TYPES[kind]) for name, kind in _KINDS.items()}
    names = {
        name: feel.Name(_TYPES[kind], f"s.lets[{own!r}].get({name!r})", (own, name))
        for name, kind in _KINDS.items()
    }
    for other in others:
        context = types.ContextType(members)
        names[other] = feel.Name(context, f"s.lets[{other!r}]", (other,))
    whole = feel.compile(text, feel.Scope(names=names))
    return conditions(whole, others, _finder(own))


def _finder(own: str) -> FieldFinder:
    def find(node: tree.Node) -> FieldOf | None:
        match node:
            case tree.Name(name=name) if name in _KINDS:
                return FieldOf(own, name, _KINDS[name])
            case tree.Path(base=tree.Name(name=other), name=name) if name in _KINDS:
                return FieldOf(other, name, _KINDS[name])
            case _:
                return None

    return find


def as_written(number: int) -> dict[str, Any]:
    """Return the same rules as the library's own language says them, without any guard."""
    made: dict[str, Any] = {}
    for i in range(number):
        texts, asked = _RULES[i % CONCERNED]
        kind = {"kind": f"k{i // CONCERNED}"}
        parts = [[kind, *asked]] if len(texts) == 1 else [[kind, asked[0]], [kind, *asked[1:]]]
        patterns = [{name: {"$and": part}} for name, part in zip("ab", parts, strict=False)]
        made[f"r{i}"] = {"all": patterns}
    return made


def calls(rules: int, number: int, facts: int, seed: int = 1) -> list[list[Fact]]:
    """Return the facts of so many calls; those of one call are of one kind.

    Args:
        rules: how many rules there are; the kinds are theirs.
        number: of calls.
        facts: of each call.
        seed: the same seed gives the same facts.
    """
    rng = random.Random(seed)  # noqa: S311  test data
    return [_facts(rng, f"k{rng.randrange(rules // CONCERNED)}", facts) for _ in range(number)]


def _facts(rng: random.Random, kind: str, number: int) -> list[Fact]:
    labels = frozenset({LABEL})
    return [
        Fact(
            str(i),
            labels,
            {
                "kind": kind,
                "site": rng.choice(_SITES),
                "level": rng.randrange(10),
                "number": rng.randrange(6),
            },
        )
        for i in range(number)
    ]


def naive(rules: Sequence[Production], facts: Sequence[Fact], around: Around) -> list[Activation]:
    """Return what fits, by trying every fact with every pattern of every rule."""
    found: list[Activation] = []
    lets, budget = around.lets, around.budget
    for rule in rules:
        for chosen in permutations(range(len(facts)), len(rule.patterns)):
            for pattern, position in zip(rule.patterns, chosen, strict=True):
                lets[pattern.name] = facts[position].data
                if not all(c.expression.true(around, budget) for c in pattern.conditions):
                    break
            else:
                found.append(Activation(rule.name, tuple((position,) for position in chosen)))
    return found
