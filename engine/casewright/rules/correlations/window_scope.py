"""The scope of a window: what the conditions and actions of a correlation may read.

What was found has the name of its pattern, a context or, of a counted pattern, a list of contexts.
An observation brings only what some expression here reads, so the binder notes what that is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from casewright.bind.expressions import ExpressionBinder, Position
from casewright.bind.fields import FieldDefinition
from casewright.feel import Name, Scope, tree
from casewright.feel import types as feel
from casewright.rules.correlations.sources import is_alike

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from casewright.bind.places import Where
    from casewright.bind.world import World
    from casewright.feel import Expression
    from casewright.rules.correlations.patterns import Written
    from casewright.rules.correlations.sources import Source

ALWAYS: Mapping[str, FieldDefinition] = {
    "id": FieldDefinition("id", "string", feel.STRING),
    "type": FieldDefinition("type", "string", feel.STRING),
    "time": FieldDefinition("time", "date_time", feel.DATE_TIME),
}
"""What every observation has; fields of its source go before."""

_UNKNOWN = re.compile(r'unknown (?:name|function) "(.+)"')
_ONLY_THERE = (
    "a window sees what observations bring; where something is observed this can be read, "
    "in a part of `when` that names no other pattern"
)

WINDOW_WORDS = frozenset({"key", "observations", "fired"})
"""Names that a window has of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What the observations of some sources bring together.

    Attributes:
        fields: by name; of one type wherever there is one.
        partial: names that some sources do not have, with one of these.
        mixed: names whose values differ in type, with two sources.
    """

    fields: Mapping[str, FieldDefinition]
    partial: Mapping[str, Source]
    mixed: Mapping[str, tuple[Source, Source]]

    @property
    def type(self) -> feel.ContextType:
        """Return the type of one observation in expressions."""
        members = {name: feel.Member(self.kind(name)) for name in self.fields}
        return feel.ContextType(members, closed=bool(members), name="fact")

    def kind(self, name: str) -> feel.Type:
        """Return the type of a value; ANY where sources differ."""
        return feel.ANY if name in self.mixed else self.fields[name].type


def facts_of(sources: Sequence[Source]) -> Facts:
    """Return what observations of these sources bring."""
    found: dict[str, list[tuple[Source, FieldDefinition]]] = {}
    for source in sources:
        for name, definition in {**ALWAYS, **source.fields}.items():
            found.setdefault(name, []).append((source, definition))
    mixed: dict[str, tuple[Source, Source]] = {}
    partial: dict[str, Source] = {}
    for name, having in found.items():
        first, definition = having[0]
        other = next((s for s, d in having if not is_alike(definition, d)), None)
        if other is not None:
            mixed[name] = (first, other)
        if len(having) < len(sources):
            known = {source.name for source, _ in having}
            partial[name] = next(s for s in sources if s.name not in known)
    fields = {name: _common([d for _, d in having]) for name, having in found.items()}
    return Facts(fields, partial, mixed)


def _common(definitions: list[FieldDefinition]) -> FieldDefinition:
    """Return one definition for fields of one type: the widest."""
    words = {d.kind for d in definitions}
    targets = {d.target for d in definitions}
    first = definitions[0]
    if len(words) == 1 and len(targets) == 1:
        return first
    wide = next((d for d in definitions if d.kind not in ("integer", "reference")), None)
    if wide is not None:
        return wide
    kind = feel.ListType(feel.STRING) if first.many else feel.STRING
    return FieldDefinition(first.name, "string", kind, many=first.many)


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """What a pattern binds.

    Attributes:
        name: of the pattern.
        alias: the same where the author gave it, else None: expressions do not see it.
        is_list: it is a counted pattern, which binds a list.
    """

    name: str
    alias: str | None
    facts: Facts
    is_list: bool

    @property
    def found(self) -> Name:
        """Return what the alias is in expressions."""
        kind: feel.Type = self.facts.type
        if self.is_list:
            kind = feel.ListType(kind)
        return Name(kind, f"s.lets.get({self.name!r})", (self.name,))

    def own_names(self) -> dict[str, Name]:
        """Return the names in which its conditions see the one fact that they are about."""
        read = f"s.lets[{self.name!r}]"
        names = {
            name: Name(self.facts.kind(name), f"{read}.get({name!r})", (self.name, name))
            for name in self.facts.fields
        }
        if self.alias is not None:
            names[self.alias] = Name(self.facts.type, read, (self.name,))
        return names


class WindowBinder(ExpressionBinder):
    """Compiles what is said about the windows of one correlation.

    Attributes:
        observed: what their observations bring.
    """

    def __init__(
        self,
        world: World,
        pack: str,
        base: Scope,
        observed: Facts,
        key: feel.Type,
        sources: Iterable[Source],
        patterns: Iterable[Written],
    ) -> None:
        """Make one.

        Args:
            base: the scope of expressions without case in the pack.
            key: type of the window's key.
            sources: who is observed; what is known there only is told apart from a slip.
            patterns: whose names expressions may read.
        """
        names = {
            **base.names,
            "key": Name(key, "s.key", ("key",)),
            "observations": Name(feel.ListType(observed.type), "s.facts", ("observations",)),
            "fired": Name(feel.NUMBER, "s.fired", ("fired",)),
        }
        super().__init__(world, pack, Scope(names, base.functions, base.bindings))
        self.observed = observed
        self._elsewhere = {
            name
            for source in sources
            for names in (source.binder.scope.names, source.binder.scope.functions)
            for name in names
        } - {*names, *base.functions}
        self._bound: dict[str, Facts] = {
            "observations": observed,
            **{one.name: facts_of(one.sources) for one in patterns},
        }

    def _made(
        self,
        make: Callable[[], Expression],
        text: str,
        where: Where,
        position: Position,
        shift: int,
    ) -> Expression | None:
        start = len(self.world.diagnostics)
        made = super()._made(make, text, where, position, shift)
        if made is not None:
            self._check_reads(made.reads, where)
            return made
        for i, found in enumerate(self.world.diagnostics[start:], start):
            named = _UNKNOWN.fullmatch(found.message)
            if named is not None and named[1] in self._elsewhere:
                self.world.diagnostics[i] = replace(found, hint=_ONLY_THERE)
        return None

    def _check_reads(self, reads: Iterable[tuple[str, ...]], where: Where) -> None:
        """Report values of observations that not every source has, or not of one type."""
        for path in sorted(reads):
            facts = self._bound.get(path[0])
            if facts is None or len(path) == 1:
                continue
            name = path[1]
            if name in self.observed.mixed:
                one, other = self.observed.mixed[name]
                kinds = f"{_kind(one, name)} at {one} and {_kind(other, name)} at {other}"
                cure = "give the fields one type, or name the case types in `for`"
                self.report("CW727", where, f'"{name}" is {kinds}', cure)
            elif name in facts.partial and path[0] != "observations":
                message = f'"{name}" is unknown at {facts.partial[name]}'
                self.report("CW727", where, message, "name the case types that have it in `for`")

    def read_names(self) -> frozenset[str]:
        """Return every name that some expression may mean as a value of an observation.

        A function that is handed an observation reads it by names that no type tells of, so each
        word and each text that stands in an expression counts.
        """
        found = {part for path in self.seen for part in path}
        for _, _, root in self.expressions:
            found.update(_words(root))
        return frozenset(found)


def _kind(source: Source, name: str) -> str:
    return {**ALWAYS, **source.fields}[name].kind


def _words(node: tree.Node) -> Iterator[str]:
    match node:
        case tree.Name(name=name) | tree.Path(name=name):
            yield name
        case tree.Literal(value=str() as text):
            yield text
        case _:
            pass
    for part in node.parts():
        yield from _words(part)
