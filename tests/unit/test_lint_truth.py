"""What lint says of conditions for sure is so, by evaluating them on many values."""

from __future__ import annotations

import itertools
import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from casewright import feel
from casewright.lint.rules import values as of
from casewright.lint.rules.formulas import Solver
from casewright.lint.rules.reading import Reader, follows

if TYPE_CHECKING:
    from casewright.lint.rules.formulas import Subject
    from casewright.lint.rules.values import Values

NUMBERS = (0, 1, 2, 3)
TEXTS = ("a", "b", "c")
DOMAINS: dict[str, tuple[Any, ...]] = {
    "n": (None, -1, 0, Decimal("0.5"), 1, Decimal("1.5"), 2, Decimal("2.5"), 3, 4, "a", True),
    "m": (None, 0, 1, 2, 3),
    "s": (None, "", "a", "aa", "b", "bb", "c", "d", 1),
    "f": (None, True, False, "a"),
}
CONTEXTS = [
    dict(zip(DOMAINS, given, strict=True)) for given in itertools.product(*DOMAINS.values())
]


def comparison(dice: random.Random) -> str:
    """Return a comparison, a test of membership, or a bare truth."""
    op = dice.choice(["=", "!=", "<", "<=", ">", ">="])
    n, m = dice.choice(NUMBERS), dice.choice(NUMBERS)
    a, b = dice.choice(TEXTS), dice.choice(TEXTS)
    return dice.choice(
        [
            f"n {op} {n}",
            f"{n} {op} n",
            f"n {op} m",
            f"m {op} n",
            f's {op} "{a}"',
            f"n in ({n}, {m})",
            f"n in [{n}..{m}]",
            f"n in ({n}..{m}]",
            f"n in (< {n}, {m}, > {m})",
            f"n in [{n}, {m}]",
            f's in ("{a}", "{b}")',
            f"n between {n} and {m}",
            f"{dice.choice('nsf')} {dice.choice(['=', '!='])} null",
            f"f = {dice.choice(['true', 'false'])}",
            "f",
            f'contains(s, "{a}")',
        ]
    )


def condition(dice: random.Random, depth: int) -> str:
    """Return a condition of at most so many levels."""
    if depth == 0 or dice.random() < 0.2:
        return comparison(dice)
    kind = dice.random()
    if kind < 0.2:
        return f"not({condition(dice, depth - 1)})"
    if kind < 0.3:
        parts = [condition(dice, depth - 1) for _ in range(3)]
        return f"(if {parts[0]} then {parts[1]} else {parts[2]})"
    word = " and " if kind < 0.75 else " or "
    return "(" + word.join(condition(dice, depth - 1) for _ in range(dice.choice([2, 3]))) + ")"


def universe(subject: Subject) -> Values:
    """Return the values of the fields, as their domains above have them."""
    return of.points(DOMAINS[subject.key]) if subject.key in DOMAINS else of.ANY


def anything(_: Subject) -> Values:
    """Return all values there are."""
    return of.ANY


@pytest.mark.parametrize("seed", range(8))
def test_what_is_sure_of_a_condition_is_so(seed: int) -> None:
    dice = random.Random(seed)
    sure = 0
    for _ in range(60):
        first, second = (feel.compile(condition(dice, 3)) for _ in range(2))
        some = dice.sample(CONTEXTS, 150)
        held = [first.evaluate(context) is True for context in some]
        for known in (universe, anything):
            reader, solver = Reader(), Solver(known)
            if not solver.fits(reader.read(first.tree)):
                sure += 1
                assert not any(held), first.text
            if not solver.fits(reader.read(first.tree, "not true")):
                sure += 1
                assert all(held), first.text
            if follows(solver, second.tree, reader, reader.read(first.tree)):
                sure += 1
                both = [second.evaluate(c) is True for c, h in zip(some, held, strict=True) if h]
                assert all(both), (first.text, second.text)
    assert sure > 10


@pytest.mark.parametrize("seed", range(4))
def test_what_nothing_fits_is_mostly_seen(seed: int) -> None:
    dice = random.Random(100 + seed)
    missed = seen = 0
    for _ in range(120):
        made = feel.compile(" and ".join(comparison(dice) for _ in range(4)))
        if any(made.evaluate(context) is True for context in CONTEXTS[:: 7 - seed % 2]):
            continue
        if Solver(universe).fits(Reader().read(made.tree)):
            missed += 1
        else:
            seen += 1
    assert seen > 2 * missed, (seen, missed)


def test_sets_of_values_are_an_algebra() -> None:
    dice = random.Random(7)
    points: list[Any] = [None, True, False, 0, 1, Decimal("1.5"), 2, "", "a", "ab", "b"]

    def some() -> Values:
        made = of.NOTHING
        for _ in range(dice.choice([1, 2, 3])):
            op = dice.choice(["=", "!=", "<", "<=", ">", ">="])
            made = made.either(of.compared(op, dice.choice(points))[dice.choice([0, 1])])
        return made

    def has(values: Values, point: object) -> bool:
        return bool(values.both(of.points((point,))))

    for _ in range(400):
        one, two = some(), some()
        for point in points:
            inside = has(one, point), has(two, point)
            assert has(one.both(two), point) == all(inside)
            assert has(one.either(two), point) == any(inside)
            assert has(one.without(), point) != inside[0]
        assert one.within(one.either(two))
        assert one.both(two).within(two)


def test_whole_numbers_leave_gaps() -> None:
    between = of.compared(">", 1)[0].both(of.compared("<", 2)[0])
    assert bool(between)
    assert not between.both(of.WHOLE)
    assert bool(of.compared(">", Decimal("1.5"))[0].both(of.compared("<=", 2)[0]).both(of.WHOLE))


def test_conditions_inside_conditions_come_to_an_end() -> None:
    nested = feel.compile("if " * 90 + "f" + " then n = 1 else n = 2" * 90)
    assert Solver(anything).fits(Reader().read(nested.tree))
    groups = " and ".join(f"(n = {i} or m = {i} or s = null)" for i in range(300))
    assert Solver(anything).fits(Reader().read(feel.compile(groups).tree))
    many = ", ".join(str(number) for number in range(3_000))
    outside = feel.compile(f"not(n in ({many})) and n = 7")
    assert not Solver(anything).fits(Reader().read(outside.tree))
