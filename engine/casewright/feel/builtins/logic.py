"""Functions on booleans. Source: DMN 1.5, table 69."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from casewright.feel.operators import negated
from casewright.feel.render import text_of
from casewright.feel.values import is_context, is_list, is_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from casewright.feel.budget import Budget


def _not(_b: Budget, value: object) -> bool | None:
    return negated(value)


def _is(b: Budget, left: object, right: object) -> bool:
    """Return whether two values are the same, part by part: offsets and zones count, too."""
    if is_list(left) and is_list(right):
        b.spend(len(left))
        return len(left) == len(right) and all(map(partial(_is, b), left, right))
    if is_context(left) and is_context(right):
        b.spend(len(left))
        return left.keys() == right.keys() and all(_is(b, v, right[k]) for k, v in left.items())
    if is_number(left) and is_number(right):
        return left == right
    return left.__class__ is right.__class__ and text_of(b, left) == text_of(b, right)


ROWS: tuple[tuple[str, Callable[..., object]], ...] = (
    ("not(negand: any) -> boolean", _not),
    ("is(value1: any, value2: any) -> boolean", _is),
)
