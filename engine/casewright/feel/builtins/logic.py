"""Functions on booleans. Source: DMN 1.5, table 69."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.feel.operators import negated

if TYPE_CHECKING:
    from collections.abc import Callable

    from casewright.feel.budget import Budget


def _not(_b: Budget, value: object) -> bool | None:
    return negated(value)


def _is(_b: Budget, left: object, right: object) -> bool:
    if left is None or right is None:
        return left is right
    if isinstance(left, (int,)) and not isinstance(left, bool):
        return left == right and not isinstance(right, bool)
    return left.__class__ is right.__class__ and repr(left) == repr(right)


ROWS: tuple[tuple[str, Callable[..., object]], ...] = (
    ("not(negand: any) -> boolean", _not),
    ("is(value1: any, value2: any) -> boolean", _is),
)
