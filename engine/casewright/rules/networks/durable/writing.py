"""Rules as the library reads them, with what it needs to get them right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.rules.networks.durable.clauses import Against, Has, Lacks
from casewright.rules.networks.durable.message_types import column_of
from casewright.rules.networks.terms import Constant, FieldOf, Sum

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from casewright.rules.networks.durable.clauses import Literal
    from casewright.rules.networks.durable.lowering import Part
    from casewright.rules.networks.durable.message_types import Type
    from casewright.rules.networks.terms import Operand

Rule = dict[str, Any]
_OPS = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
_SUMS = {"+": "$add", "-": "$sub", "*": "$mul"}


class RuleWriter:
    """Writes a rule as the library reads it."""

    __slots__ = ("_aliases", "_code", "_types", "_variant")

    def __init__(
        self, variant: tuple[Part, ...], types: Mapping[str, Type], code: Callable[[str], int]
    ) -> None:
        self._variant = variant
        self._types = types
        self._code = code
        self._aliases = {part.pattern: f"a{i}" for i, part in enumerate(variant)}

    def text(self) -> Rule:
        """Return the rule."""
        return {
            "all": [
                {self._aliases[part.pattern]: {"$and": list(self._tests(part))}}
                for part in self._variant
            ]
        }

    def _tests(self, part: Part) -> Iterator[Rule]:
        """Yield the tests of a pattern, in the only order that the library gets right.

        The type goes first, since ``$nex`` also fits facts of the library's own. What is missing
        comes before all comparisons with other values, which hold falsely without it. A pattern
        behind the first ends with a join that always holds: the library reads on behind the last
        one if that does not.
        """
        yield {"_t": self._types[part.pattern].number}
        for literal in _sorted(part.alone):
            yield self._test(literal, part.pattern)
        for join in part.joins:
            yield self._test(join, part.pattern)
        if part is not self._variant[0]:
            yield {"_k": {"a0": "_k"}}

    def _test(self, literal: Literal, own: str) -> Rule:
        key = self._key(literal.field)
        match literal:
            case Has():
                return {"$ex": {key: 1}}
            case Lacks():
                return {"$nex": {key: 1}}
            case Against(op=op, other=other):
                plain = {key: self._operand(other, own)}
                return plain if op == "=" else {_OPS[op]: plain}

    def _operand(self, side: Operand, own: str) -> Any:
        match side:
            case Constant(value=value):
                return self._code(value) if isinstance(value, str) else value
            case FieldOf(pattern=pattern):
                return {"$m" if pattern == own else self._aliases[pattern]: self._key(side)}
            case Sum(op=op, left=left, right=right):
                return {
                    _SUMS[op]: {"$l": self._operand(left, own), "$r": self._operand(right, own)}
                }

    def _key(self, field: FieldOf) -> str:
        return self._types[field.pattern].columns[column_of(field)].key


def _sorted(alone: Iterable[Literal]) -> list[Literal]:
    """Return tests of one fact, without those of presence where a constant is asked for, too."""
    told = {one.field for one in alone if _is_constant(one)}
    kept = [one for one in alone if not isinstance(one, Has) or one.field not in told]
    return sorted(kept, key=_rank)


def _is_constant(literal: Literal) -> bool:
    return isinstance(literal, Against) and isinstance(literal.other, Constant)


def _rank(literal: Literal) -> tuple[int, str]:
    """Return the place of a test: constants, equal ones first; presence; other values."""
    if not isinstance(literal, Against):
        return 2, repr(literal)
    if not isinstance(literal.other, Constant):
        return 3, repr(literal)
    return int(literal.op != "="), repr(literal)
