"""Random rulesets and facts: trees for the oracle, the same as FEEL for the networks.

One seed, one ruleset. Aliases and texts repeat from rule to rule, so that networks share what they
can. Most values are small, so that joins find something; a few are hostile: beyond 64 bits, long,
with quotes, line ends, surrogates of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from casewright.feel import Budget, Expression, Name, Scope, compile, types
from casewright.rules.networks.contract import Condition, Fact, Pattern, Production
from casewright.rules.networks.reading_terms import conditions, fields_of
from support.rules_oracle import (
    Both,
    Cmp,
    Const,
    CountOver,
    Either,
    Field,
    Flag,
    In,
    Node,
    Not,
    Operand,
    OracleFact,
    OraclePattern,
    OracleRule,
    Seen,
    Some,
    Span,
    Starts,
    Sum,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from random import Random

KINDS: Mapping[str, str] = {
    "n": "integer",
    "m": "integer",
    "d": "number",
    "s": "string",
    "t": "string",
    "b": "boolean",
    "day": "date",
    "at": "date_time",
    "z": "any",
}
TYPES: Mapping[str, types.Type] = {
    "integer": types.NUMBER,
    "number": types.NUMBER,
    "string": types.STRING,
    "boolean": types.BOOLEAN,
    "date": types.DATE,
    "date_time": types.DATE_TIME,
    "any": types.ANY,
}
ITEM = types.ContextType({name: types.Member(TYPES[kind]) for name, kind in KINDS.items()})
LABELS = ("f", "g")
ALIASES = ("a", "b", "c")
BLOCKERS = ("x", "y")
NUMERIC = ("n", "m", "d")
ORDERED = ("=", "!=", "<", "<=", ">", ">=")
_NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_ZONES = (UTC, timezone(timedelta(hours=2)), timezone(-timedelta(hours=5, minutes=30)))
_HARD_NUMBERS = (2**63 - 1, 2**63, 2**63 + 1, -(2**63), 2**64, 10**20, 10**20 + 1)
_HARD_TEXTS = (
    'q"u\\o\nte',
    "a b",
    "a!",
    "é😀",
    "1",
    "x" * 70_000,
    "x" * 70_000 + "y",
    "a\x00b",
    "true",
    "\ud800",
)


@dataclass(frozen=True)
class Ruleset:
    """Rules as the oracle takes them and as networks do, and facts to bring together."""

    rules: tuple[OracleRule, ...]
    facts: tuple[tuple[OracleFact, ...], ...]

    def productions(self) -> list[Production]:
        return [production(rule) for rule in self.rules]


class Around:
    """What conditions see beside facts: nothing."""

    def __init__(self, budget: int = 10_000_000) -> None:
        self.lets: dict[str, Any] = {}
        self._budget = Budget(budget)

    @property
    def budget(self) -> Budget:
        return self._budget


def as_facts(facts: Sequence[OracleFact]) -> list[Fact]:
    return [Fact(fact.id, fact.labels, fact.data) for fact in facts]


# --- FEEL -----------------------------------------------------------------------------------------


def production(rule: OracleRule) -> Production:
    before: dict[str, bool] = {}
    patterns: list[Pattern] = []
    for pattern in rule.patterns:
        patterns.append(compiled(pattern, before))
        before[pattern.name] = pattern.count is not None
    absent = tuple(compiled(pattern, before) for pattern in rule.absent)
    return Production(rule.name, tuple(patterns), absent, rule.slides)


def compiled(pattern: OraclePattern, before: Mapping[str, bool]) -> Pattern:
    names = {name: types.ListType(ITEM) if many else ITEM for name, many in before.items()}
    scope = scope_of({**names, pattern.name: ITEM})
    kinds = {name: KINDS for name, many in before.items() if not many} | {pattern.name: KINDS}
    made: tuple[Condition, ...] = ()
    if pattern.when is not None:
        when = compile(text(pattern.when), scope)
        made = conditions(when, tuple(before), fields_of(kinds))
    distinct: Expression | None = None
    if pattern.distinct is not None:
        distinct = compile(operand_text(pattern.distinct), scope)
    return Pattern(pattern.name, pattern.label, made, pattern.count, distinct)


def scope_of(names: Mapping[str, types.Type]) -> Scope:
    return Scope({name: Name(kind, f"s.lets.get({name!r})") for name, kind in names.items()})


def text(node: Node) -> str:
    match node:
        case Both(items):
            return " and ".join(inner(item) for item in items)
        case Either(items):
            return " or ".join(inner(item) for item in items)
        case Not(item):
            return f"not({text(item)})"
        case Cmp(op, left, right):
            return f"{operand_text(left)} {op} {operand_text(right)}"
        case In(operand, constants, is_list):
            among = ", ".join(literal(one) for one in constants)
            return f"{operand_text(operand)} in {f'[{among}]' if is_list else f'({among})'}"
        case _:
            return other_text(node)


def other_text(node: Node) -> str:
    match node:
        case Span(operand, low, high, _, _, True):
            return f"{operand_text(operand)} between {literal(low)} and {literal(high)}"
        case Span(operand, low, high, low_in, high_in):
            left, right = "[" if low_in else "(", "]" if high_in else ")"
            return f"{operand_text(operand)} in {left}{literal(low)}..{literal(high)}{right}"
        case Flag(field):
            return operand_text(field)
        case Starts(field, prefix):
            return f"starts with({operand_text(field)}, {literal(prefix)})"
        case CountOver(alias, name, least):
            return f"count({alias}[{name} > {least}]) > 0"
        case Some(alias, name, other):
            return f"some q in {alias} satisfies q.{name} = {operand_text(other)}"
        case _:
            raise TypeError(node)


def inner(node: Node) -> str:
    return f"({text(node)})" if isinstance(node, (Both, Either, Some, Span)) else text(node)


def operand_text(operand: Operand) -> str:
    if isinstance(operand, Field):
        return f"{operand.alias}.{operand.name}"
    if isinstance(operand, Const):
        return literal(operand.value)
    sides = [
        f"({operand_text(side)})" if isinstance(side, Sum) else operand_text(side)
        for side in (operand.left, operand.right)
    ]
    return f"{sides[0]} {operand.op} {sides[1]}"


def literal(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{escaped}"'
    if isinstance(value, (date, datetime)):
        return f'@"{value.isoformat()}"'
    return str(value)


# --- chance ---------------------------------------------------------------------------------------


def ruleset(random: Random, *, hostile: float = 0.02) -> Ruleset:
    """Return a ruleset; ``hostile`` is the share of values that are meant to do harm."""
    chance = Chance(random, hostile)
    rules = tuple(chance.rule(f"r{i}") for i in range(random.randint(1, 8)))
    facts = tuple(chance.facts(random.randint(0, 7)) for _ in range(3))
    return Ruleset(rules, facts)


def chance_of(random: Random, *, hostile: float = 0.02) -> Chance:
    return Chance(random, hostile)


class Chance:
    """Makes up rules and facts."""

    def __init__(self, random: Random, hostile: float) -> None:
        self._random = random
        self._hostile = hostile

    def _often(self, share: float) -> bool:
        return self._random.random() < share

    # values

    def value(self, kind: str) -> Any:
        pick = self._random.choice
        hard = self._often(self._hostile)
        match kind:
            case "integer":
                return pick(_HARD_NUMBERS) if hard else self._random.randint(-1, 3)
            case "number":
                plain = (0, 1, 2, Decimal("0.5"), Decimal("1.5"), Decimal("-1.5"))
                return pick(_HARD_NUMBERS) if hard else pick(plain)
            case "string":
                return pick(_HARD_TEXTS) if hard else pick(("", "u", "v", "uv", "w"))
            case "boolean":
                return self._often(0.5)
            case "date":
                return date(2026, 3, self._random.randint(1, 3))
            case "date_time":
                moment = _NOON + timedelta(hours=self._random.randint(0, 2))
                return moment.astimezone(pick(_ZONES))
            case _:
                lists = ([1], [1], [2], [1, "u"])
                day, part = date(2026, 3, 1), Decimal("1.5")
                return pick((0, 1, "1", "u", True, False, part, day, _NOON, *lists))

    def data(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, kind in KINDS.items():
            share = self._random.random()
            if share < 0.75:
                made[name] = self.value(kind)
            elif share < 0.85:
                made[name] = None
        return made

    def facts(self, count: int) -> tuple[OracleFact, ...]:
        made: list[OracleFact] = []
        for i in range(count):
            labels = [label for label in LABELS if self._often(0.7)]
            again = made and self._often(0.15)
            data = self._random.choice(made).data if again else self.data()
            made.append(OracleFact(f"f{i}", frozenset(labels), data))
        return tuple(made)

    # rules

    def rule(self, name: str) -> OracleRule:
        patterns: list[OraclePattern] = []
        before: dict[str, bool] = {}
        for alias in ALIASES[: self._random.choice((1, 1, 2, 2, 2, 3, 3))]:
            counted = self._often(0.3)
            patterns.append(self.pattern(alias, before, counted=counted))
            before[alias] = counted
        blockers = BLOCKERS[: self._random.choice((0, 0, 0, 1, 1, 2))]
        absent = tuple(self.pattern(alias, before, counted=False) for alias in blockers)
        return OracleRule(name, tuple(patterns), absent, self._often(0.25))

    def pattern(self, alias: str, before: Mapping[str, bool], *, counted: bool) -> OraclePattern:
        when = self.when(alias, before)
        label = self._random.choice(LABELS)
        if not counted:
            return OraclePattern(alias, label, when)
        distinct: Operand | None = None
        if self._often(0.4):
            distinct = Field(alias, self._random.choice(list(KINDS)))
            if distinct.name in NUMERIC and self._often(0.3):
                distinct = Sum("*", distinct, Field(alias, "n"))
        return OraclePattern(alias, label, when, self._random.randint(1, 3), distinct)

    def when(self, alias: str, before: Mapping[str, bool]) -> Node | None:
        items = [self.own(alias, 2) for _ in range(self._random.choice((0, 0, 1, 1, 2)))]
        if before:
            items += [self.join(alias, before) for _ in range(self._random.choice((0, 1, 1, 2)))]
        self._random.shuffle(items)
        if not items:
            return None
        if len(items) == 1:
            return items[0]
        return Both((Both(tuple(items[:2])), *items[2:]) if self._often(0.2) else tuple(items))

    def own(self, alias: str, depth: int) -> Node:
        share = self._random.random()
        if depth and share < 0.25:
            kind = self._random.choice((Either, Either, Both))
            return kind(
                tuple(self.own(alias, depth - 1) for _ in range(self._random.choice((2, 3))))
            )
        if depth and share < 0.33:
            return Not(self.own(alias, depth - 1))
        name = self._random.choice(list(KINDS))
        return self.test(Field(alias, name), KINDS[name])

    def test(self, field: Field, kind: str) -> Node:
        share = self._random.random()
        if kind == "boolean" and share < 0.3:
            return Flag(field)
        if kind == "string" and share < 0.1:
            return Starts(field, "u")
        if share < 0.15 and kind not in ("boolean", "any"):
            low, high = self.constant(kind), self.constant(kind)
            ends = self._often(0.5), self._often(0.5)
            if self._often(0.3):
                return Span(field, low, high, is_between=True)
            return Span(field, low, high, *ends)
        if share < 0.35:
            count = self._random.randint(1, 3)
            constants = tuple(self.constant(kind) for _ in range(count))
            return In(field, constants, is_list=self._often(0.3))
        return self.comparison(field, kind)

    def comparison(self, field: Field, kind: str) -> Node:
        op = self.operator(kind)
        if op in ("=", "!=") and self._often(0.1):
            return Cmp(op, field, Const(None))
        other: Operand = Const(self.constant(kind))
        if self._often(0.2):
            other = self.operand(field.alias, kind)
        sides = [field, other]
        if self._often(0.1):
            sides.reverse()
        return Cmp(op, sides[0], sides[1])

    def operator(self, kind: str) -> str:
        if kind in ("boolean", "any"):
            return self._random.choice(("=", "=", "!="))
        return "=" if self._often(0.5) else self._random.choice(ORDERED)

    def constant(self, kind: str) -> Any:
        """Return a value that can be written down."""
        while True:
            found = self.value(kind)
            if isinstance(found, list) or (isinstance(found, str) and not _is_plain(found)):
                continue
            return found

    def operand(self, alias: str, kind: str) -> Operand:
        names = [name for name, one in KINDS.items() if TYPES[one] == TYPES[kind]]
        field = Field(alias, self._random.choice(names))
        if kind not in ("integer", "number") or self._often(0.6):
            return field
        other: Operand = Field(alias, self._random.choice(NUMERIC))
        if self._often(0.7):
            other = Const(self.constant(kind))
        return Sum(self._random.choice("+-*"), field, other)

    def join(self, alias: str, before: Mapping[str, bool]) -> Node:
        other = self._random.choice(list(before))
        if before[other]:
            return self.group_join(alias, other)
        name = self._random.choice(list(KINDS))
        kind = KINDS[name]
        sides = [self.operand(alias, kind), self.operand(other, kind)]
        if kind in ("integer", "number") and self._often(0.2):
            sides = [Sum(self._random.choice("+-"), *sides), Const(self.constant(kind))]
        made = Cmp(self.operator(kind), *sides)
        share = self._random.random()
        if share < 0.1:
            return Either((made, self.own(alias, 0)))
        return Not(made) if share < 0.25 else made

    def group_join(self, alias: str, group: str) -> Node:
        if self._often(0.5):
            return CountOver(group, self._random.choice(("n", "m")), self._random.randint(-1, 2))
        name = self._random.choice(list(KINDS))
        return Some(group, name, Field(alias, name))

    # windows

    def window_rule(self) -> tuple[OracleRule, frozenset[str]]:
        """Return a rule whose facts are labelled with its patterns, and the patterns that hold."""
        made = self.rule("w")
        patterns, absent = (
            tuple(replace(pattern, label=pattern.name) for pattern in some)
            for some in (made.patterns, made.absent)
        )
        holding = [p.name for p in patterns if self._often(0.15)]
        holding += [p.name for p in absent if self._often(0.5)]
        return replace(made, patterns=patterns, absent=absent), frozenset(holding)

    def observations(
        self, rule: OracleRule, holding: frozenset[str], count: int
    ) -> Iterator[tuple[int, Seen | str]]:
        """Yield what is told to a window and when: observations, and ids of what is gone.

        An id ``case/created/<pattern>`` stands for the case that the window made last.
        """
        now = 0
        names = [pattern.name for pattern in (*rule.patterns, *rule.absent)]
        moments = [name for name in names if name not in holding]
        for i in range(count):
            now += self._random.choice((0, 0, 1, 1, 2, 3, 6))
            at = now - self._random.choice((0, 0, 0, 0, 1, 2, 4, 8))
            if not moments or (holding and self._often(0.3)):
                yield now, self._held(sorted(holding), at)
            else:
                fits = frozenset(name for name in moments if self._often(0.6))
                fits = fits or frozenset({self._random.choice(moments)})
                yield now, Seen(f"o{i}", at, fits, self.data())

    def _held(self, holding: list[str], at: int) -> Seen | str:
        pattern = self._random.choice(holding)
        case = self._random.choice(("created", "1", "2", "3"))
        name = f"case/{case}/{pattern}"
        if self._often(0.3):
            return name
        return Seen(name, at, frozenset({pattern}), self.data(), True)


def _is_plain(value: str) -> bool:
    return len(value) < 1000 and "\x00" not in value and "\ud800" not in value
