"""What the cells of a table mean: plain text, FEEL unary tests, and the values of outputs.

Plain cells are words: alternatives separated by commas, ``not(a, b)``, ``*`` or ``-`` for anything,
nothing for null or an empty text, double quotes around what would read otherwise. All other cells
are FEEL. Mistakes are reported with their place and the cell is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from casewright import feel
from casewright.dmn.condition import Condition, Family, family_of
from casewright.dmn.definition import Cell, InputColumn, OutputColumn, Place, Problem, quoted
from casewright.dmn.literals import read_literal, read_unary_tests
from casewright.feel import types
from casewright.feel.problems import suggestion
from casewright.temporal import parse_duration

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from casewright.feel.types import Type

Resolve = Callable[[str, str], object]
"""Gives the value of a reference (target, text) or template (empty text, name).

It raises LookupError, whose text says what is wrong, for one that there is not.
"""

_FAMILIES: Mapping[str, Family] = {
    "boolean": "boolean",
    "date": "date",
    "integer": "number",
    "number": "number",
    "string": "string",
    "text": "string",
    "reference": "string",
    "template": "string",
    "attachment": "string",
}
_TYPES: Mapping[str, Type] = {
    "boolean": types.BOOLEAN,
    "date": types.DATE,
    "date_time": types.DATE_TIME,
    "duration": types.UNIT_DURATION,
    "integer": types.NUMBER,
    "number": types.NUMBER,
    "string": types.STRING,
    "text": types.STRING,
    "reference": types.STRING,
    "template": types.STRING,
    "attachment": types.STRING,
    "time": types.TIME,
}
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_PART = re.compile(r'"(?:[^"\\]|\\.)*"|[^,"]+|"|,')
_NOT = re.compile(r"not\s*\((.*)\)", re.DOTALL)
_LOOKS_LIKE_FEEL = re.compile(r"[<>]=?\s*\S|[\[\(\]].*\.\..*[\]\)\[]|(date|duration|time)\(")


def type_of_column(column: InputColumn | OutputColumn) -> Type:
    """Return the FEEL type of a column's values."""
    kind = _TYPES.get(column.type, types.ANY)
    if column.type == "choice":
        integers = bool(column.choices) and isinstance(column.choices[0], int)
        kind = types.NUMBER if integers else types.STRING
    return types.ListType(item=kind) if column.many else kind


def family_of_column(column: InputColumn | OutputColumn) -> Family | None:
    """Return the family of a column's values, or None if they may be of several or of none."""
    if column.type == "choice":
        return "number" if column.choices and isinstance(column.choices[0], int) else "string"
    return _FAMILIES.get(column.type)


@dataclass(frozen=True, slots=True)
class Output:
    """What an output cell gives: a constant, or the value of an expression."""

    value: Any = None
    expression: feel.Expression | None = None
    text: str = ""

    def of(self, s: Any, b: feel.Budget) -> Any:
        """Return what it gives; ``s`` is what expressions in cells read."""
        return self.value if self.expression is None else self.expression.value(s, b)


@dataclass(slots=True)
class CellCompiler:
    """Compiles cells, each distinct text of a column once.

    Attributes:
        scope: what FEEL in cells may read: the inputs, and what the table's surroundings give.
        resolve_reference: gives the id of a reference; without it the text is the id.
        resolve_template: gives the value of a template; without it the name is.
        types: FEEL types of the columns by name.
        problems: the mistakes so far.
    """

    scope: feel.Scope
    resolve_reference: Resolve | None = None
    resolve_template: Resolve | None = None
    types: Mapping[str, Type] = field(default_factory=dict[str, types.Type])
    problems: list[Problem] = field(default_factory=list[Problem])
    _conditions: dict[tuple[str, str], Condition | None] = field(
        default_factory=dict[tuple[str, str], Condition | None]
    )

    def report(self, code: str, message: str, place: Place, hint: str = "") -> None:
        """Note a mistake."""
        self.problems.append(Problem(code, message, place, hint))

    def condition(self, column: InputColumn, cell: Cell) -> Condition | None:
        """Return what an input cell asks, or None after reporting why it asks nothing."""
        key = (column.name, cell.text)
        if key not in self._conditions:
            read = self._plain_condition if column.language == "text" else self._feel_condition
            found = read(column, cell)
            if found is not None and column.many and found.kind == "data":
                found = replace(found, many=True)
            if found is None:
                return None  # every place of a bad text is reported
            self._conditions[key] = found
        return self._conditions[key]

    def output(self, column: OutputColumn, cell: Cell) -> Output | None:
        """Return what an output cell gives, or None after reporting why it gives nothing."""
        if not cell.text:
            return Output()
        if column.language == "text":
            if cell.text.startswith("= "):
                lead = len(cell.text) - len(cell.text[2:].lstrip())
                return self._expression(column, cell.text[lead:], cell, lead)
            return self._plain_output(column, cell)
        if column.type == "duration" and (found := self._duration(cell)):
            return found
        is_literal, value = read_literal(cell.text)
        if is_literal and not column.many:
            fits = value is None or family_of_column(column) in (None, family_of(value))
            if fits and _TYPES.get(column.type, types.ANY) not in _WITHOUT_LITERALS:
                good = self._checked(column, cell, [value])
                return Output(value, text=cell.text) if good else None
        return self._expression(column, cell.text, cell, 0)

    def _type(self, column: InputColumn | OutputColumn) -> Type:
        return self.types.get(column.name) or type_of_column(column)

    # Inputs

    def _plain_condition(self, column: InputColumn, cell: Cell) -> Condition | None:
        text = cell.text
        if text in ("*", "-"):
            return Condition(text)
        family = family_of_column(column) or "string"
        if not text:
            nothing = {None, ""} if family == "string" else {None}
            return Condition(text, "data", frozenset(nothing), family=family)
        negation = _NOT.fullmatch(text)
        words = self._words(negation[1] if negation else text, cell)
        if words is None:
            return None
        values = self._values(column, cell, words)
        if values is None:
            return None
        known: set[Hashable] = set(values)
        if "" in known:
            known.add(None)
        return Condition(text, "data", frozenset(known), negated=bool(negation), family=family)

    def _words(self, text: str, cell: Cell) -> list[str] | None:
        """Return the alternatives of a plain cell without their quotes."""
        words: list[str] = []
        parts: list[str] = []
        for part in [*_PART.findall(text), ","]:
            if part != ",":
                parts.append(part)
                continue
            word = "".join(parts).strip()
            if not word:
                hint = 'write `""` for an empty value'
                self.report("CW606", f'empty alternative in "{cell.text}"', cell.place, hint)
                return None
            words.append(unquoted(word))
            parts = []
        return words

    def _values(
        self, column: InputColumn | OutputColumn, cell: Cell, words: list[str]
    ) -> list[Any] | None:
        """Return the values that plain words stand for in a column."""
        if column.type == "reference" and self.resolve_reference is not None:
            return self._resolved(self.resolve_reference, column.to, words, cell)
        if column.type == "template" and self.resolve_template is not None:
            return self._resolved(self.resolve_template, "", words, cell)
        if column.choices and isinstance(column.choices[0], int):
            values = [int(word) if re.fullmatch(r"-?\d+", word) else word for word in words]
            return values if self._checked(column, cell, values) else None
        return list(words) if self._checked(column, cell, words) else None

    def _resolved(
        self, resolve: Resolve, target: str, words: list[str], cell: Cell
    ) -> list[Any] | None:
        values: list[Any] = []
        for word in words:
            try:
                values.append(resolve(target, word) if word else word)
            except LookupError as err:
                self.report("CW607", str(err.args[0] if err.args else err), cell.place)
                return None
        return values

    def _checked(
        self, column: InputColumn | OutputColumn, cell: Cell, values: Iterable[object]
    ) -> bool:
        """Return whether all values are allowed in the column; those that are not are reported."""
        good = True
        for value in values:
            if column.type == "integer" and isinstance(value, Decimal):
                self.report("CW607", f"{value} is no integer", cell.place)
                good = False
            elif column.choices and value not in (None, "") and value not in column.choices:
                good = False
                names = [str(choice) for choice in column.choices]
                hint = suggestion(str(value), names) or f"one of {quoted(names)}"
                if column.language == "text" and _LOOKS_LIKE_FEEL.match(cell.text):
                    hint = f'for FEEL write `cells: feel` in column "{column.name}"'
                self.report("CW606", f'"{value}" is no choice of "{column.name}"', cell.place, hint)
        return good

    def _feel_condition(self, column: InputColumn, cell: Cell) -> Condition | None:
        if not cell.text:
            return Condition("", "data", frozenset({None}))
        if not column.many and (found := read_unary_tests(cell.text)) is not None:
            family = family_of_column(column)
            wide = column.type == "any"
            if found.kind == "any" or found.family is None or wide or found.family == family:
                values = sorted(found.values, key=str)
                return found if self._checked(column, cell, values) else None
        try:
            expression = feel.compile_unary(cell.text, self.scope, self._type(column))
        except feel.FeelError as err:
            self._report_feel(err, cell, 0)
            return None
        return Condition(cell.text, "feel", expression=expression)

    # Outputs

    def _plain_output(self, column: OutputColumn, cell: Cell) -> Output | None:
        words = self._words(cell.text, cell) if column.many else [unquoted(cell.text)]
        values = None if words is None else self._values(column, cell, words)
        if values is None:
            return None
        return Output(values if column.many else values[0], text=cell.text)

    def _duration(self, cell: Cell) -> Output | None:
        """Return a constant duration, or None if the cell is an expression."""
        try:
            return Output(parse_duration(unquoted(cell.text)), text=cell.text)
        except ValueError:
            return None

    def _expression(self, column: OutputColumn, text: str, cell: Cell, shift: int) -> Output | None:
        try:
            expression = feel.compile(text, self.scope, expect=self._type(column))
        except feel.FeelError as err:
            if column.type == "duration" and re.match(r"\d|P", text):
                self._report_duration(cell)
            else:
                self._report_feel(err, cell, shift)
            return None
        return Output(expression=expression, text=cell.text)

    def _report_duration(self, cell: Cell) -> None:
        try:
            parse_duration(cell.text)
        except ValueError as err:
            self.report("CW607", str(err), cell.place)

    def _report_feel(self, error: feel.FeelError, cell: Cell, shift: int) -> None:
        for problem in error.problems:
            start = cell.place.start + shift + problem.start
            end = cell.place.start + shift + problem.end
            place = replace(cell.place, start=start, end=end)
            hint = 'in a column of FEEL cells "-" is anything' if cell.text == "*" else problem.hint
            self.report(problem.code, problem.message, place, hint)


_WITHOUT_LITERALS = frozenset({types.DATE_TIME, types.TIME, types.UNIT_DURATION})


def unquoted(word: str) -> str:
    """Return a word of a plain cell without the double quotes around it."""
    found = _QUOTED.fullmatch(word)
    return re.sub(r"\\(.)", r"\1", found[1]) if found else word
