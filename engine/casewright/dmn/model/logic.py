"""Boxed expressions compiled: each becomes a function of a frame and a budget.

A mistake in one is reported, and its value is null. Types of names are those that were declared, or
else what the compiler of FEEL found out; values are made to fit a declared type, or null.

Source: DMN 1.5, section 10.2 (boxed expressions) and 10.3.2.9.4 (conversion to declared types).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from casewright.dmn.model import boxed
from casewright.dmn.model.functions import external_functions, function_kind, made_function
from casewright.dmn.model.item_types import ANYTHING, ItemType, ItemTypes
from casewright.dmn.model.problems import UNSUPPORTED, Problems, place_in
from casewright.dmn.model.tables import compile_box
from casewright.feel import FeelError, compile
from casewright.feel.loops import invoke, items, loop
from casewright.feel.types import (
    ANY,
    BOOLEAN,
    ContextType,
    FunctionType,
    ListType,
    Member,
    RangeType,
    Type,
    unify,
)
from casewright.feel.types import NULL as NOTHING
from casewright.feel.values import FunctionValue, is_context

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casewright.dmn.model.boxed import Box
    from casewright.dmn.model.scopes import Code, Frame, Places
    from casewright.feel import Budget

FEEL_LANGUAGES = ("", "feel", "FEEL")
Compiled = tuple["Code", Type]


def nothing(frame: Frame, b: Budget) -> Any:
    """Give null: the value of what is not there or has a mistake."""


@dataclass(frozen=True, slots=True)
class Logic:
    """Compiles the boxed expressions of one model.

    Attributes:
        types: its types.
        problems: where mistakes go.
        hosts: Python functions that stand for Java and PMML ones, by name.
        language: of expressions that do not say theirs.
    """

    types: ItemTypes
    problems: Problems
    hosts: Mapping[str, Callable[..., Any]]
    language: str = ""

    def compiled(self, box: Box | None, places: Places) -> Compiled:
        """Return the code of an expression and the type of what it gives."""
        if box is None:
            return nothing, NOTHING
        code, found = self._BOXES[type(box)](self, box, places)
        if isinstance(box, boxed.FunctionBox):
            return code, found  # its declared type is that of its result, or of itself
        return self.fitted(code, found, self.types.of(box.type_ref, _at(box)))

    def variable(self, variable: boxed.Variable, code: Code, found: Type) -> Compiled:
        """Return what a variable holds, given what is put into it."""
        return self.fitted(code, found, self.types.of(variable.type_ref))

    def fitted(self, code: Code, found: Type, kind: ItemType) -> Compiled:
        """Return code whose values are of a declared type, or null."""
        if kind.feel is ANY and not kind.tests:
            return code, found
        if isinstance(kind.feel, FunctionType) and isinstance(found, FunctionType):
            return code, found

        def fit(frame: Frame, b: Budget) -> Any:
            return kind.coerced(code(frame, b), b)

        return fit, kind.feel

    def text(self, text: boxed.Text, places: Places) -> Compiled:
        """Return the code of a FEEL text; an empty one gives null."""
        if not text.text.strip():
            return nothing, NOTHING
        try:
            expression = compile(text.text, places.scope)
        except FeelError as err:
            self.problems.report_feel(err, text)
            return nothing, NOTHING
        for start in external_functions(expression.tree):
            hint = "make it a boxed function, for which a Python function can be given"
            at = place_in(text, start)
            self.problems.report(UNSUPPORTED, "external functions are not called", at, hint)
        return lambda frame, b: expression.value(frame, b), expression.type

    # One for each kind of box

    def _literal(self, box: boxed.LiteralBox, places: Places) -> Compiled:
        language = (box.language or self.language).rstrip("/")
        if language.rpartition("/")[2] not in FEEL_LANGUAGES:
            message = f'expressions in "{language}" are not evaluated'
            self.problems.report(UNSUPPORTED, message, box.body.at, "write FEEL")
            return nothing, NOTHING
        return self.text(box.body, places)

    def _table(self, box: boxed.TableBox, places: Places) -> Compiled:
        return compile_box(self, box, places)

    def _context(self, box: boxed.ContextBox, places: Places) -> Compiled:
        names: list[str] = []
        codes: list[Code] = []
        members: dict[str, Member] = {}
        for entry in box.entries:
            code, found = self.compiled(entry.value, places)
            if entry.variable is None:
                return _last(codes, code), found
            code, found = self.variable(entry.variable, code, found)
            names.append(entry.variable.name)
            codes.append(code)
            members[entry.variable.name] = Member(found)
            places = places.with_name(entry.variable.name, found)

        def make(frame: Frame, b: Budget) -> Any:
            size = len(frame)
            inner = _extended(frame, codes, b)
            return dict(zip(names, inner[size:], strict=True))

        return make, ContextType(members, closed=False)

    def _invocation(self, box: boxed.InvocationBox, places: Places) -> Compiled:
        function, found = self.compiled(box.function, places)
        named = [(b.parameter.name, self.compiled(b.value, places)[0]) for b in box.bindings]

        def call(frame: Frame, b: Budget) -> Any:
            target = function(frame, b)
            if not isinstance(target, FunctionValue):
                return None
            given = {name: code(frame, b) for name, code in named}
            if not target.variadic and given.keys() <= set(target.parameters):
                return target.call(b, *(given.get(name) for name in target.parameters))
            return invoke(b, target, tuple(given.values()), tuple(given))

        return call, found.result if isinstance(found, FunctionType) else ANY

    def _function(self, box: boxed.FunctionBox, places: Places) -> Compiled:
        if box.kind != "FEEL":
            return made_function(self, box, nothing, ANYTHING), function_kind(self, box, ANY)
        parameters = {p.name: self.types.of(p.type_ref, box.at).feel for p in box.parameters}
        code, found = self.compiled(box.body, places.with_names(parameters))
        declared = self.types.of(box.type_ref, box.at)
        result = ANYTHING if isinstance(declared.feel, FunctionType) else declared
        code, found = self.fitted(code, found, declared.result or result)
        return made_function(self, box, code, ANYTHING), function_kind(self, box, found)

    def _list(self, box: boxed.ListBox, places: Places) -> Compiled:
        made = [self.compiled(item, places) for item in box.items]
        codes = [code for code, _ in made]
        kind = ListType(unify([found for _, found in made])) if made else ListType()
        return lambda frame, b: [code(frame, b) for code in codes], kind

    def _relation(self, box: boxed.RelationBox, places: Places) -> Compiled:
        kinds = [self.types.of(column.type_ref, box.at) for column in box.columns]
        names = [column.name for column in box.columns]
        rows: list[list[Code]] = []
        types: list[list[Type]] = [[kind.feel] if kind.feel is not ANY else [] for kind in kinds]
        for row in box.rows:
            made = [
                self.fitted(*self.compiled(cell, places), kind)
                for cell, kind in zip(row, kinds, strict=False)
            ]
            rows.append([code for code, _ in made])
            for known, (_, found) in zip(types, made, strict=False):
                known.append(found)
        members = {n: Member(unify(t)) for n, t in zip(names, types, strict=True)}
        item = ContextType(members, closed=False)

        def make(frame: Frame, b: Budget) -> Any:
            return [
                {name: code(frame, b) for name, code in zip(names, row, strict=False)}
                for row in rows
            ]

        return make, ListType(item)

    def _conditional(self, box: boxed.ConditionalBox, places: Places) -> Compiled:
        condition, _ = self.compiled(box.condition, places)
        then, one = self.compiled(box.then, places)
        otherwise, other = self.compiled(box.otherwise, places)

        def choose(frame: Frame, b: Budget) -> Any:
            return then(frame, b) if condition(frame, b) is True else otherwise(frame, b)

        return choose, unify([one, other])

    def _filter(self, box: boxed.FilterBox, places: Places) -> Compiled:
        source, kind = self.compiled(box.source, places)
        name = places.free_name("boxed list")
        inner = places.with_name(name, kind)
        if isinstance(box.match, boxed.LiteralBox):
            opening = f"{name}["
            text = boxed.Text(f"{opening}{box.match.body.text}\n]", box.match.body.at)
            try:
                expression = compile(text.text, inner.scope)
            except FeelError as err:
                self.problems.report_feel(err, box.match.body, len(opening))
                return nothing, NOTHING
            return lambda frame, b: expression.value([*frame, source(frame, b)], b), expression.type
        return self._filter_boxed(box, places, source, kind), kind

    def _filter_boxed(self, box: boxed.FilterBox, places: Places, source: Code, kind: Type) -> Code:
        """Return the code of a filter whose condition is no literal expression."""
        item = _element(kind)
        members = dict(item.members) if isinstance(item, ContextType) else {}
        names = {name: member.type for name, member in members.items()}
        match, _ = self.compiled(box.match, places.with_names({"item": item, **names}))

        def keep(frame: Frame, b: Budget) -> Any:
            found = items(b, source(frame, b))
            kept: list[Any] = []
            for value in found or ():
                b.spend(1)
                parts = [value.get(n) if is_context(value) else None for n in names]
                if match([*frame, value, *parts], b) is True:
                    kept.append(value)
            return kept

        return keep

    def _iterator(self, box: boxed.IteratorBox, places: Places) -> Compiled:
        source, kind = self.compiled(box.source, places)
        inner = places.with_name(box.variable, _element(kind))
        if box.kind == "for":
            body, found = self.compiled(box.body, inner.with_name("partial", ListType()))

            def each(frame: Frame, b: Budget) -> Any:
                def one(item: Any, done: list[Any]) -> Any:
                    return body([*frame, item, done], b)

                return loop(b, items(b, source(frame, b)), one)

            return each, ListType(found if found is not NOTHING else ANY)
        body, _ = self.compiled(box.body, inner)
        return _quantified(box.kind == "some", source, body), BOOLEAN

    _BOXES: ClassVar[Mapping[type, Callable[[Any, Any, Places], Compiled]]] = {
        boxed.LiteralBox: _literal,
        boxed.TableBox: _table,
        boxed.ContextBox: _context,
        boxed.InvocationBox: _invocation,
        boxed.FunctionBox: _function,
        boxed.ListBox: _list,
        boxed.RelationBox: _relation,
        boxed.ConditionalBox: _conditional,
        boxed.FilterBox: _filter,
        boxed.IteratorBox: _iterator,
    }


def _at(box: Box) -> boxed.At:
    return box.body.at if isinstance(box, boxed.LiteralBox) else box.at


def _element(kind: Type) -> Type:
    if isinstance(kind, (ListType, RangeType)):
        return kind.item
    return ANY


def _extended(frame: Frame, codes: list[Code], b: Budget) -> Frame:
    """Return a frame with the values of further places behind it, each seeing those before."""
    inner = list(frame)
    for code in codes:
        inner.append(code(inner, b))
    return inner


def _last(codes: list[Code], result: Code) -> Code:
    return lambda frame, b: result(_extended(frame, codes, b), b)


def _quantified(wanted: bool, source: Code, body: Code) -> Code:
    """Return the code of ``some`` (an element gives true) or ``every`` (none gives false)."""

    def ask(frame: Frame, b: Budget) -> Any:
        result: bool | None = not wanted
        found = items(b, source(frame, b))
        if found is None:
            return None
        for item in found:
            b.spend(1)
            value = body([*frame, item], b)
            if not (value is None or isinstance(value, bool)):
                return None
            if value is wanted:
                return wanted
            if value is None:
                result = None
        return result

    return ask
