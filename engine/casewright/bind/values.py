"""Values of specs: a literal, FEEL behind ``= ``, or a list or map of such values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casewright.feel import Budget, Expression
    from casewright.feel.types import Type
    from casewright.view import Surroundings


class Value:
    """A value position of a spec, ready to be worked out.

    Attributes:
        literal: the value where it needs no view, else None.
        is_literal: whether it needs no view.
        type: FEEL type of what comes out.
        expressions: every expression in it.
    """

    __slots__ = ("_expression", "_make", "expressions", "is_literal", "literal", "type")

    def __init__(
        self,
        kind: Type,
        *,
        literal: Any = None,
        make: Callable[[Surroundings, Budget], Any] | None = None,
        expressions: tuple[Expression, ...] = (),
        expression: Expression | None = None,
    ) -> None:
        self.type = kind
        self.literal = literal
        self.is_literal = make is None and expression is None
        self.expressions = expressions if expression is None else (expression,)
        self._make = make
        self._expression = expression

    def get(self, view: Surroundings, budget: Budget) -> Any:
        """Return the value on a view."""
        if self._expression is not None:
            return self._expression.value(view, budget)
        return self.literal if self._make is None else self._make(view, budget)

    @property
    def reads(self) -> frozenset[tuple[str, ...]]:
        """Return every path that the value reads."""
        return frozenset(path for expression in self.expressions for path in expression.reads)


def of_expression(expression: Expression) -> Value:
    """Return an expression as a value."""
    return Value(expression.type, expression=expression)


def of_list(kind: Type, items: list[Value]) -> Value:
    """Return a list of values as one value."""
    if all(item.is_literal for item in items):
        return Value(kind, literal=[item.literal for item in items])
    return Value(
        kind,
        make=lambda view, budget: [item.get(view, budget) for item in items],
        expressions=tuple(e for item in items for e in item.expressions),
    )


def of_map(kind: Type, items: dict[str, Value]) -> Value:
    """Return a map of values as one value."""
    if all(item.is_literal for item in items.values()):
        return Value(kind, literal={name: item.literal for name, item in items.items()})
    return Value(
        kind,
        make=lambda view, budget: {name: i.get(view, budget) for name, i in items.items()},
        expressions=tuple(e for item in items.values() for e in item.expressions),
    )


_PATH = re.compile(r"[a-z]\w*(\.[a-z]\w*)+")


def meant(raw: object, names: Mapping[str, object], *, is_sure: bool = False) -> str:
    """Return the expression that a text was most likely meant to be, or an empty text.

    Args:
        raw: what stands in a value position.
        names: the scope.
        is_sure: the text can be no value here, so a name alone is an expression too.
    """
    if not isinstance(raw, str) or raw.startswith("= "):
        return ""
    if raw.startswith("=") and raw[1:].strip():
        return raw[1:].strip()
    if raw.partition(".")[0] in names and (is_sure or _PATH.fullmatch(raw)):
        return raw
    return ""
