"""Conditions that never hold, or always, and names in them that mean nothing.

One condition may be compiled for many case types; it is told only if it is wrong for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casewright.bind.shape import walk_actions
from casewright.feel import tree
from casewright.lint.comparisons import impossible
from casewright.lint.rules.facts import ANY_MOMENT, Facts, Moment
from casewright.lint.rules.formulas import Solver, Subject
from casewright.lint.rules.reading import Reader
from casewright.spec.models.common import one_or_many
from casewright.spec.nearest import suggestion
from casewright.spec.nodes import find

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casewright.bind.places import Where
    from casewright.bind.world import World

_CONDITIONS = ("/when", "/done_when")
_FALSE, _TRUE = "never", "always"


@dataclass(slots=True)
class _Seen:
    """What was found out of one condition.

    Attributes:
        compiled: for how many case types it was.
        found: for how many of them it never, or always, holds.
    """

    where: Where
    node: tree.Node
    compiled: int = 0
    found: dict[str, int] = field(default_factory=dict[str, int])
    why: tuple[str, str] = ("", "")


def lint_conditions(world: World, facts: Mapping[str, Facts]) -> None:
    """Report conditions that cannot hold or cannot fail (CW743, CW744), and names (CW749)."""
    seen: dict[int, _Seen] = {}
    given: dict[int, frozenset[str]] = {}
    for known in facts.values():
        moments = _moments(known)
        for where, _, root in known.shape.expressions:
            if not where.pointer.endswith(_CONDITIONS):
                continue
            place = id(find(where.spec.root, where.pointer).node)
            entry = seen.setdefault(place, _Seen(where, root))
            entry.compiled += 1
            reader = Reader(_local(where, given))
            _judge(known, entry, root, reader, _moment(moments, where))
    for entry in seen.values():
        _tell(world, entry)
    _lint_names(world, facts)


def _tell(world: World, entry: _Seen) -> None:
    if entry.found.get(_FALSE) == entry.compiled:
        world.report("CW743", entry.where, *entry.why, "warning")
    elif entry.found.get(_TRUE) == entry.compiled:
        world.report("CW744", entry.where, *entry.why, "info")


def _judge(known: Facts, entry: _Seen, root: tree.Node, reader: Reader, moment: Moment) -> None:
    """Note what is wrong with a condition; a word that nothing can be is told elsewhere."""
    if isinstance(root, tree.Literal):
        return
    found = _verdict(known, root, reader, moment)
    if found is not None and not any(True for _ in impossible(root, known.shape)):
        what, entry.why = found
        entry.found[what] = entry.found.get(what, 0) + 1


def _verdict(
    known: Facts, root: tree.Node, reader: Reader, moment: Moment
) -> tuple[str, tuple[str, str]] | None:
    """Return whether a condition never holds, or always, with what is to be said of it."""
    entry = reader.read(root)
    solver = Solver(known.universe())
    if not solver.fits(entry):
        return _FALSE, contradiction(solver.stuck)
    if not solver.fits(reader.read(root, "not true")):
        return _TRUE, ("this condition always holds", "leave it out, or say what is meant")
    if moment is not ANY_MOMENT:
        solver = Solver(known.universe(moment))
        if not solver.fits(entry):
            return _FALSE, at_event(solver.stuck, moment)
    return None


def contradiction(stuck: Subject | None) -> tuple[str, str]:
    """Return what is wrong with a condition that leaves a subject without a value, and the cure."""
    message = "this condition never holds"
    if stuck is not None and stuck.key:
        message += f": nothing fits all that it says of {_shown(stuck)}"
    return message, "write `or` for either, or take away a part"


def at_event(stuck: Subject | None, moment: Moment) -> tuple[str, str]:
    """Return why a condition never holds at a moment, and the cure."""
    key = "" if stuck is None else stuck.key
    events = " or ".join(f'"{event}"' for event in moment.events)
    message = f"this condition never holds at {events}"
    if moment.is_system and key.startswith("has role("):
        return f"{message}: the engine itself is the actor, and has no roles", (
            "look at `event.caused_by`, or take the condition away"
        )
    if key == "state":
        known = ", ".join(sorted(moment.states or ()))
        return f"{message}: the state is then {known}", "name one of these states"
    if key.startswith("previous") and not moment.before:
        return f"{message}: there is no case before it, so `previous` is null", ""
    if key == "previous.state":
        known = ", ".join(sorted(moment.before or ()))
        return f"{message}: the state before is then {known}", "name one of these states"
    if key.startswith("changed("):
        return f"{message}: it is set for good when a case is made", "add `create` to the events"
    return f"{message}: nothing fits what it says of {key}", ""


def _shown(subject: Subject) -> str:
    """Return a subject in words of the language."""
    key = subject.key
    return f"{key.replace(' ? ', ' and ')} together" if " ? " in key else key


# --- where a condition stands ---------------------------------------------------------------------

_Moments = dict[tuple[int, str], Moment]


def _moments(known: Facts) -> _Moments:
    """Return what is known at the rules and transitions of a case type, by spec and pointer."""
    found: _Moments = {}
    for spec in known.shape.attached.get("rules", ()):
        for name, model in spec.model.rules.items():
            events = one_or_many(model.on)
            if events:
                found[id(spec), f"/rules/{name}"] = known.at_event(events)
    flow = known.shape.flow_spec
    if flow is not None:
        for row in known.ct.flow.transitions:
            found[id(flow), f"/transitions/{row.name}"] = known.at_transition(row)
    return found


def _moment(moments: _Moments, where: Where) -> Moment:
    if not where.pointer.startswith(("/rules/", "/transitions/")):
        return ANY_MOMENT
    _, kind, name, *_ = where.pointer.split("/", 3)
    return moments.get((id(where.spec), f"/{kind}/{name}"), ANY_MOMENT)


def _local(where: Where, given: dict[int, frozenset[str]]) -> frozenset[str]:
    """Return the names that mean something else at a place than in the scope of the case type.

    Args:
        given: of specs that have been looked at, all names that they give.
    """
    if where.spec.kind == "rules" or "/do/" in where.pointer:
        key = id(where.spec)
        if key not in given:
            given[key] = frozenset(_given(where.spec.model))
        return given[key]
    return frozenset()


def _given(model: Any) -> Iterator[str]:
    """Yield the names that actions give to values, and rules to elements of lists."""
    for action in walk_actions(model):
        yield from getattr(action, "let", ())
        if getattr(action, "for_each", None) is not None:
            yield action.as_ or "item"
        created = getattr(action, "create", None)
        if created is not None and created.as_ is not None:
            yield created.as_
    for rule in getattr(model, "rules", {}).values():
        yield from rule.for_each


# --- names in texts -------------------------------------------------------------------------------


def _lint_names(world: World, facts: Mapping[str, Facts]) -> None:
    """CW749: ``has role`` and ``changed`` of a name that nothing has."""
    compiled: dict[int, int] = {}
    wrong: dict[tuple[int, int], list[tuple[Where, int, tree.Literal, str, list[str]]]] = {}
    for known in facts.values():
        for where, shift, root in known.shape.expressions:
            named = list(_named(root))
            if not named:
                continue
            place = id(find(where.spec.root, where.pointer).node)
            compiled[place] = compiled.get(place, 0) + 1
            for call, literal in named:
                told = _unknown(known, call, str(literal.value))
                if told is not None:
                    key = (place, literal.start)
                    wrong.setdefault(key, []).append((where, shift, literal, *told))
    for (place, _), found in wrong.items():
        if len(found) == compiled[place]:
            where, shift, literal, message, names = found[0]
            hint = suggestion(str(literal.value), names)
            start, end = literal.start + shift, literal.end + shift
            world.report("CW749", where, message, hint, "warning", offset=start, end=end)


def _named(root: tree.Node) -> Iterator[tuple[str, tree.Literal]]:
    pending = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, tree.Call) and isinstance(node.function, tree.Name):
            name = node.function.name
            if name in ("has role", "changed"):
                yield from ((name, a) for a in node.arguments if isinstance(a, tree.Literal))
        pending.extend(node.parts())


def _unknown(known: Facts, call: str, name: str) -> tuple[str, list[str]] | None:
    if call == "changed":
        if known.can_change(name):
            return None
        fields = [*known.shape.fields, *known.shape.related]
        return f'"{name}" never changes: nothing of the case has this name', fields
    if known.can_hold(name):
        return None
    return f'nobody ever has role "{name}" on such a case', list(known.ct.roles.definitions)
