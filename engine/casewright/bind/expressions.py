"""Compiling expressions and values in a scope, with every mistake reported at its place.

What is said about one case type is compiled by ``binder``, which knows its fields, states and
events; what is said about no case (windows of correlations, signals) needs no more than this.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from casewright.bind import values
from casewright.bind.places import fingerprint, is_expression
from casewright.bind.scope import settings_name
from casewright.bind.values import Value
from casewright.errors import Severity  # noqa: TC001
from casewright.feel import Expression, FeelError, Name, Scope, compile
from casewright.feel import types as feel
from casewright.temporal import Duration, parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from casewright.bind.fields import FieldDefinition
    from casewright.bind.places import Where
    from casewright.bind.shape import RelatedShape
    from casewright.bind.world import World
    from casewright.feel.tree import Node
    from casewright.spec.pack_set import Spec
    from casewright.temporal import Calendar

Position = Literal["level", "event", "reader", "plain"]
_EVENT_NAMES = frozenset({"event", "previous"})
_PASSING = frozenset({"elapsed", "remaining", "percentage"})
NO_NAMES: Mapping[str, Name] = {}


class ExpressionBinder:
    """Compiles what is said in one scope.

    Attributes:
        world: what all of a program shares.
        scope: what expressions may name.
        seen: every path that an expression reads.
        expressions: every expression that was compiled: where, at which offset, its tree.
        templates: qualified names of the templates that were compiled.
        paths: what templates read, compiled once for all of them.
    """

    def __init__(self, world: World, pack: str, scope: Scope) -> None:
        """Make one.

        Args:
            pack: whose ``settings`` the scope has.
        """
        self.world = world
        self.scope = scope
        self.seen: set[tuple[str, ...]] = set()
        self.expressions: list[tuple[Where, int, Node]] = []
        self.templates: set[str] = set()
        self.paths: dict[str, Expression] = {}
        self._scopes: dict[str, Scope] = {pack: scope}
        self._extended: dict[object, Scope] = {}

    @property
    def fields(self) -> Mapping[str, FieldDefinition]:
        """Return the fields that names of actions and recipients may mean."""
        return {}

    @property
    def related(self) -> Mapping[str, RelatedShape]:
        """Return the related lists by name."""
        return {}

    def attached(self, kind: str) -> tuple[Spec, ...]:  # noqa: ARG002  of no case type
        """Return the specs of a kind that are ``for`` what is compiled, in pack and file order."""
        return ()

    @property
    def zone(self) -> str:
        """Return the time zone of the domain."""
        return self.world.zone

    def calendar(self, name: str, where: Where) -> Calendar | None:
        """Return the calendar ``name``, or None after a report."""
        return self.world.calendar(name, where)

    def calendars(self) -> Mapping[str, Calendar]:
        """Return every calendar by qualified and by bare name, for names made by expressions."""
        known = self.world.calendars()
        bare = {name.rpartition(".")[2]: made for name, made in known.items()}
        return {**bare, **known}

    def report(
        self,
        code: str,
        where: Where,
        message: str,
        hint: str = "",
        severity: Severity = "error",
        *,
        key: bool = False,
    ) -> None:
        """Note a mistake."""
        self.world.report(code, where, message, hint, severity, key=key)

    def unknown(
        self,
        code: str,
        where: Where,
        what: str,
        name: str,
        known: Iterable[str],
        *,
        key: bool = False,
    ) -> None:
        """Report a name that nothing declares."""
        self.world.unknown(code, where, what, name, known, key=key)

    def fingerprint(self, definition: object) -> str:
        """Return a short stable hash of a definition."""
        return fingerprint(definition)

    # --- expressions ------------------------------------------------------------------------

    def condition(
        self,
        text: str,
        where: Where,
        position: Position,
        extra: Mapping[str, Name] = NO_NAMES,
    ) -> Expression | None:
        """Return a compiled condition, or None after a report."""
        return self.expression(text, where, position, expect=feel.BOOLEAN, extra=extra)

    def expression(
        self,
        text: str,
        where: Where,
        position: Position,
        *,
        expect: feel.Type | None = None,
        extra: Mapping[str, Name] = NO_NAMES,
        shift: int = 0,
    ) -> Expression | None:
        """Return a compiled expression, or None after a report.

        Args:
            expect: type that is wanted, or None for any.
            extra: names besides those of the case type.
            shift: how many characters stand before ``text`` in the value at ``where``.
        """
        scope = self._scope_at(where, extra)
        return self._made(
            partial(compile, text, scope, expect=expect), text, where, position, shift
        )

    def part(
        self,
        whole: Expression,
        node: Node,
        where: Where,
        position: Position,
        extra: Mapping[str, Name] = NO_NAMES,
    ) -> Expression | None:
        """Return a part of a condition as a condition of this scope, or None after a report.

        Args:
            whole: the text at ``where``, in whatever scope.
            node: the part.
        """
        scope = self._scope_at(where, extra)
        make = partial(whole.part, node, scope, feel.BOOLEAN)
        return self._made(make, whole.text, where, position, 0)

    def _made(
        self,
        make: Callable[[], Expression],
        text: str,
        where: Where,
        position: Position,
        shift: int,
    ) -> Expression | None:
        try:
            made = make()
        except FeelError as err:
            for problem in err.problems:
                hint = problem.hint
                if text.startswith("cases(", problem.start):
                    hint = "a query over cases stands in `to` of a send and in `for_each` only"
                self.world.report(
                    problem.code,
                    where,
                    problem.message,
                    hint,
                    offset=problem.start + shift,
                    end=problem.end + shift,
                )
            return None
        self.seen |= made.reads
        self.expressions.append((where, shift, made.tree))
        return made if self._allowed(made, where, position) else None

    def _scope_at(self, where: Where, extra: Mapping[str, Name]) -> Scope:
        """Return the scope of what stands at a place, with names besides its own."""
        scope = self._scope_of(where.spec.origin(where.pointer))
        if not extra:
            return scope
        # types of one kind are equal, so names are told apart by what they are; scopes keep them
        key = (id(scope), frozenset((name, id(value)) for name, value in extra.items()))
        known = self._extended.get(key)
        if known is None:
            names = {**scope.names, **extra}
            known = Scope(names, scope.functions, scope.bindings, scope.types, scope.strict)
            self._extended[key] = known
        return known

    def _scope_of(self, pack: str) -> Scope:
        """Return the scope of what stands in a pack: settings and tables are that pack's."""
        known = self._scopes.get(pack)
        if known is not None:
            return known
        own = self.scope
        names = {name: value for name, value in own.names.items() if name != "settings"}
        names.update(settings_name(self.world, pack))
        functions = {**own.functions, **self.world.functions_of(pack)}
        made = Scope(names, functions, own.bindings, own.types, own.strict)
        self._scopes[pack] = made
        return made

    def _allowed(self, made: Expression, where: Where, position: Position) -> bool:
        if position == "event":
            return True
        forbidden = sorted(self._forbidden(made, position))
        for what in forbidden:
            cure = (
                "what depends on the passing of time is a timer: `at: = ...`"
                if what in ("now", "now()", "today()") or what.startswith("sla.")
                else "use a rule, transition or `{on, when}`, which see the event"
            )
            self.report("CW311", where, f'a {position} condition cannot read "{what}"', cure)
        return not forbidden

    def _forbidden(self, made: Expression, position: Position) -> set[str]:
        found: set[str] = set()
        for path in made.reads:
            head = path[0]
            if head in _EVENT_NAMES:
                found.add(head)
            elif position in ("level", "plain"):
                if head in ("actor", "now"):
                    found.add(head)
                elif head == "sla" and len(path) > 2 and path[2] in _PASSING:
                    found.add(".".join(path[:3]))
        for call in made.calls:
            if call.name == "changed":
                found.add("changed()")
            elif call.name in ("now", "today", "has role") and position in ("level", "plain"):
                found.add(f"{call.name}()")
        return found

    # --- values -----------------------------------------------------------------------------

    def value(
        self,
        raw: Any,
        where: Where,
        position: Position,
        expect: feel.Type | None = None,
        extra: Mapping[str, Name] = NO_NAMES,
    ) -> Value | None:
        """Return a value position, compiled; None after a report."""
        self._check_text(raw, where, extra)
        return self._value(raw, where, position, expect, extra)

    def _check_text(self, raw: Any, where: Where, extra: Mapping[str, Name]) -> None:
        """Tell of a text that its author most likely took for an expression."""
        meant = values.meant(raw, {**self.scope.names, **extra})
        if meant:
            message = f'"{raw}" is a text here, no expression'
            self.report("CW313", where, message, f'write "= {meant}"', "warning")

    def _value(
        self,
        raw: Any,
        where: Where,
        position: Position,
        expect: feel.Type | None = None,
        extra: Mapping[str, Name] = NO_NAMES,
    ) -> Value | None:
        if is_expression(raw):
            made = self.expression(raw[2:], where, position, expect=expect, extra=extra, shift=2)
            return None if made is None else values.of_expression(made)
        if isinstance(raw, list | tuple):
            items = [
                self.value(item, where / i, position, _item_type(expect), extra)
                for i, item in enumerate(raw)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            ]
            known = [item for item in items if item is not None]
            return (
                values.of_list(expect or feel.ListType(), known)
                if len(known) == len(items)
                else None
            )
        if isinstance(raw, dict):
            made_items = {
                str(key): self.value(item, where / key, position, None, extra)  # pyright: ignore[reportUnknownArgumentType]
                for key, item in raw.items()  # pyright: ignore[reportUnknownVariableType]
            }
            complete = {key: item for key, item in made_items.items() if item is not None}
            if len(complete) < len(made_items):
                return None
            return values.of_map(feel.ContextType(closed=False), complete)
        return Value(expect or feel.type_of(raw), literal=raw)

    def field_value(
        self,
        definition: FieldDefinition,
        raw: Any,
        where: Where,
        position: Position,
        extra: Mapping[str, Name] = NO_NAMES,
    ) -> Value | None:
        """Return the value that a field is given; a literal is checked and converted now."""
        expect: feel.Type | None = definition.type
        if definition.kind == "journal":
            expect = feel.STRING
        if definition.kind in ("duration", "map", "attachment"):
            expect = None
        made = self._value(raw, where, position, expect, extra)
        if made is None or not made.is_literal:
            return made
        try:
            converted = definition.convert(made.literal)
        except ValueError as err:
            meant = values.meant(raw, {**self.scope.names, **extra}, is_sure=True)
            self.report("CW224", where, str(err), f'write "= {meant}"' if meant else "")
            return None
        self._check_text(raw, where, extra)
        return Value(made.type, literal=converted)

    def duration(
        self,
        raw: str,
        where: Where,
        position: Position,
        extra: Mapping[str, Name] = NO_NAMES,
    ) -> Value | None:
        """Return a duration, a literal or FEEL; None after a report."""
        if is_expression(raw):
            return self.value(raw, where, position, None, extra)
        made = self.duration_literal(raw, where)
        return None if made is None else Value(feel.UNIT_DURATION, literal=made)

    def duration_literal(self, raw: str, where: Where) -> Duration | None:
        """Return a duration that is not an expression, or None after a report."""
        try:
            return parse_duration(raw)
        except ValueError as err:
            self.report("CW503", where, str(err))
            return None


def _item_type(expect: feel.Type | None) -> feel.Type | None:
    return expect.item if isinstance(expect, feel.ListType) else None
