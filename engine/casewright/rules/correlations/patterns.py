"""Patterns of a correlation as they are written: their names, and where they may be observed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casewright.bind.shape import FEEL_WORDS, SCOPE_WORDS
from casewright.rules.correlations.window_scope import ALWAYS, WINDOW_WORDS
from casewright.spec.models.common import one_or_many

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from casewright.bind.places import Where
    from casewright.bind.world import World
    from casewright.rules.correlations.sources import Source

_RESERVED = SCOPE_WORDS | FEEL_WORDS | WINDOW_WORDS | ALWAYS.keys()


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """A pattern.

    Attributes:
        name: its ``as``, or one of its place.
        is_absent: it must not be there.
        events: types of events and names of signals; empty for a pattern that holds.
        sources: where it may be observed, in the order of packs.
    """

    name: str
    model: Any
    where: Where
    is_absent: bool
    events: tuple[str, ...]
    sources: tuple[Source, ...]

    def events_of(self, source: Source) -> tuple[str, ...]:
        """Return those of its events that the source has."""
        return tuple(event for event in self.events if source.knows(event))


def written(
    world: World, model: Any, where: Where, sources: Mapping[str, Source]
) -> tuple[Written, ...]:
    """Return the patterns of a correlation, ``all`` before ``none``; mistakes are reported.

    Args:
        model: the correlation.
        sources: all there are, by qualified name.
    """
    made: list[Written] = []
    taken = {one.as_ for one in (*model.all, *model.none) if one.as_ is not None}
    for key, patterns, letter in (("all", model.all, "p"), ("none", model.none, "n")):
        for position, pattern in enumerate(patterns):
            place = where / key / position
            events = one_or_many(pattern.on)
            made.append(
                Written(
                    pattern.as_ or _free(f"{letter}{position + 1}", taken),
                    pattern,
                    place,
                    key == "none",
                    events,
                    _sources_of(world, pattern, events, place, sources),
                )
            )
    _check_names(world, made)
    for one in made:
        _check_count(world, one)
    return tuple(made)


def _free(name: str, taken: Iterable[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _sources_of(
    world: World,
    pattern: Any,
    events: tuple[str, ...],
    where: Where,
    sources: Mapping[str, Source],
) -> tuple[Source, ...]:
    if not events and pattern.for_ is None:
        message = "a pattern needs `on`, what happens, or `for`, of which cases something holds"
        cure = "on: event or signal; or for: case type, with `when`"
        world.report("CW721", where, message, cure)
        return ()
    visible = tuple(s for s in sources.values() if _is_visible(world, s, where.pack))
    if pattern.for_ is None:
        for i, event in enumerate(events):
            if not any(source.knows(event) for source in visible):
                _unknown(world, event, _nth(pattern.on, where / "on", i), visible)
        return tuple(s for s in visible if any(s.knows(event) for event in events))
    return _named_sources(world, pattern, events, where, sources, visible)


def _named_sources(
    world: World,
    pattern: Any,
    events: tuple[str, ...],
    where: Where,
    sources: Mapping[str, Source],
    visible: Sequence[Source],
) -> tuple[Source, ...]:
    """Return the case types in ``for`` and those that extend them, as far as they have an event."""
    found: dict[str, Source] = {}
    idle: list[tuple[Where, str]] = []
    is_sound = True
    for i, name in enumerate(one_or_many(pattern.for_)):
        place = _nth(pattern.for_, where / "for", i)
        spec = world.find("case_type", name, place)
        if spec is None:
            is_sound = False
            continue
        meant = [s for s in sources.values() if _extends(s, spec.qualified)]
        if events and not any(s.knows(event) for s in meant for event in events):
            idle.append((place, spec.name))
        found.update({source.name: source for source in meant})
    known = tuple(found.values())
    for i, event in enumerate(events if is_sound else ()):
        if not any(source.knows(event) for source in known):
            _unknown(world, event, _nth(pattern.on, where / "on", i), known, visible)
            is_sound = False
    for place, name in idle if is_sound else ():
        message = f'case type "{name}" has none of these events: {", ".join(events)}'
        world.report("CW720", place, message, "take it away, or name an event that it has")
    return tuple(s for s in known if not events or any(s.knows(event) for event in events))


def _is_visible(world: World, source: Source, pack: str) -> bool:
    """Return True if a source is of the pack or of one that it uses, or extends one that is."""
    own = world.packs.packs.get(pack)
    packs = {pack, *(() if own is None else own.uses)}
    names = (source.name,) if source.shape is None else source.shape.lineage
    return any(name.partition(".")[0] in packs for name in names)


def _extends(source: Source, case_type: str) -> bool:
    return source.shape is not None and case_type in source.shape.lineage


def _unknown(
    world: World,
    event: str,
    where: Where,
    meant: Sequence[Source],
    visible: Sequence[Source] = (),
) -> None:
    """Report an event that none of these sources has."""
    if any(source.shape is None and source.knows(event) for source in visible):
        message = f'"{event}" is a signal, which is of no case type'
        world.report("CW720", where, message, "take away `for`")
        return
    known = {"create", "update", "comment", "work_note", "state_changed"}
    for source in meant:
        if source.shape is None:
            known.add(source.name.rpartition(".")[2])
        else:
            known |= source.shape.event_types
    world.unknown("CW720", where, "event or signal", event, known)


def _check_names(world: World, patterns: Sequence[Written]) -> None:
    """Report names of patterns that mean something else."""
    seen: set[str] = set()
    fields = {name: source for one in patterns for source in one.sources for name in source.fields}
    for one in patterns:
        name = one.model.as_
        if name is None:
            continue
        why = ""
        if name in seen:
            why = "another pattern has this name"
        elif name in _RESERVED or name in world.setting_types:
            why = "it is a word of the scope"
        elif name in fields:
            why = f"{fields[name]} has a field of this name"
        if why:
            message = f'"{name}" cannot name what was found: {why}'
            world.report("CW722", one.where / "as", message, "choose another name")
        seen.add(name)


def _check_count(world: World, one: Written) -> None:
    """Report ``count`` and ``distinct`` where they say nothing."""
    model = one.model
    if one.is_absent:
        for key in ("count", "distinct"):
            if getattr(model, key) is not None:
                message = f"`{key}` says nothing of what must not be there: none may fit"
                world.report("CW723", one.where / key, message, f"take away `{key}`", key=True)
    elif model.distinct is not None and model.count is None:
        message = "`distinct` is about a group, this pattern finds one"
        world.report("CW723", one.where / "distinct", message, "add `count`", key=True)


def _nth(raw: Any, where: Where, i: int) -> Where:
    """Return the place of one element of a value that may be a single one."""
    return where if isinstance(raw, str) else where / i
