"""One random expression after the other: the engine's answer beside the oracle's."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from casewright import feel
from support.feel_oracle import Oracle, alike
from support.feel_random import SCOPE, STRICT, Writer, values
from support.feel_values import Spent, Unsure

STEPS = 3_000
STRAY = (*"()[]{}?@é", "..", "null", "item", "partial", "in", '"', "1e9")
LONG_NAMES = frozenset({"unit price"})


@dataclass
class Tally:
    """What became of the expressions.

    Attributes:
        counts: by outcome: value, null, refused, budget, unsure.
        wrong: what the engine did wrong, in words.
    """

    counts: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])

    def try_seed(self, seed: int, *, mangled: bool = False) -> None:
        """Try the expression of a seed: without types, with them, with them and strictly.

        Args:
            seed: tells all that is random.
            mangled: tear the text first; what is left of it may be refused.
        """
        random = Random(seed)
        text, names = Writer(random).expression(), values(random)
        text = torn(random, text) if mangled else text
        try:
            found = _outcome(text, names, seed % 3, may_refuse=mangled or seed % 3 == 2)
            if seed % 10 == 0 and found in ("value", "null"):
                _explained(text, names, seed % 3)
        except Exception as err:
            found = f"{type(err).__name__}: {err}"
        if found in ("value", "null", "refused", "budget", "unsure"):
            self.counts[found] += 1
        else:
            self.wrong.append(f"seed {seed}: {text}\n  {found}")


def torn(random: Random, text: str) -> str:
    """Return a text with some of its pieces left out, doubled, exchanged or replaced."""
    pieces = re.findall(r"\w+|\s+|[^\w\s]", text)
    for _ in range(random.randint(1, 2)):
        at = random.randrange(len(pieces))
        other = random.choice([*pieces, *STRAY])
        pieces[at : at + 1] = random.choice(([], [pieces[at]] * 2, [other], [pieces[at], other]))
        pieces = pieces or ["1"]
    return "".join(pieces)


def _explained(text: str, names: dict[str, Any], mode: int) -> None:
    """Explain an expression and evaluate it strictly: neither may fail in any other way."""
    expression = _compiled(text, mode)
    with suppress(feel.BudgetExceeded):
        expression.explain(names, feel.Budget(STEPS))
    if mode == 0:
        with suppress(feel.BudgetExceeded, feel.FeelError):
            expression.evaluate(names, strict=True, budget=feel.Budget(STEPS))


def _outcome(text: str, names: dict[str, Any], mode: int, *, may_refuse: bool) -> str:
    try:
        expression = _compiled(text, mode)
    except feel.FeelError as err:
        return "refused" if may_refuse else f"refused: {err}"
    budget = feel.Budget(STEPS)
    try:
        found = expression.value(names, budget)
        holds = expression.true(names, feel.Budget(STEPS))
    except feel.BudgetExceeded:
        return "budget"
    if budget.left < 0:
        return f"took {-budget.left} steps more than its budget"
    try:
        expected = Oracle(names).value(expression.tree)
    except (Unsure, Spent):
        return "unsure"
    if not alike(found, expected) or holds is not (expected is True):
        return f"engine {found!r}, true form {holds}; oracle {expected!r}; {names}"
    return "null" if expected is None else "value"


def _compiled(text: str, mode: int) -> feel.Expression:
    if mode == 0:
        return feel.compile(text, names=LONG_NAMES)
    return feel.compile(text, SCOPE if mode == 1 else STRICT)
