"""Correlations that can never fire, or feed themselves, and signals that nobody waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.bind.places import Where, is_expression
from casewright.errors import Related
from casewright.feel import tree
from casewright.lint.rules import values as of
from casewright.lint.rules.conditions import at_event, contradiction
from casewright.lint.rules.formulas import Solver, Subject
from casewright.lint.rules.patterns import Pattern, parsed, patterns_of
from casewright.lint.rules.reading import follows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casewright.bind.world import World
    from casewright.errors import Diagnostic
    from casewright.lint.rules.facts import Facts
    from casewright.lint.rules.values import Values


def lint_correlations(world: World, facts: Mapping[str, Facts]) -> None:
    """Report CW743 and CW750 to CW752 of correlations and signals."""
    heard: set[str] = set()
    for spec in world.packs.all("rules"):
        for name, model in spec.model.correlations.items():
            where = Where(spec, "/correlations") / name
            found = [*patterns_of(world, facts, spec, where, model)]
            heard.update(signal for one in found for signal in one.signals)
            for one in found:
                _lint_pattern(world, one)
            _lint_absence(world, found)
            _lint_feeding(world, facts, where, model, found)
    _lint_signals(world, heard)


def _lint_signals(world: World, heard: set[str]) -> None:
    """Report signals that no pattern names; a pack without correlations declares them for others.

    Files with mistakes in their correlations are left alone.
    """
    specs = world.packs.all("rules")
    faulty = {d.span.path for d in world.diagnostics if d.span is not None and _is_mistake(d)}
    listening = {spec.pack for spec in specs if spec.model.correlations}
    for spec in specs:
        if spec.path in faulty or spec.pack not in listening:
            continue
        for name in spec.model.signals:
            if f"{spec.pack}.{name}" not in heard:
                message = f'no correlation waits for the signal "{name}"'
                hint = f"name it in a pattern, such as `all: [{{on: {name}}}]`, or take it away"
                where = Where(spec, "/signals") / name
                world.report("CW752", where, message, hint, "warning", key=True)


def _is_mistake(found: Diagnostic) -> bool:
    return found.severity == "error" and found.code.startswith("CW7")


# --- what never fires -----------------------------------------------------------------------------


def _lint_pattern(world: World, one: Pattern) -> None:
    """Report a condition that never holds, and a group that is never full."""
    found = None if isinstance(one.root, tree.Literal) else _impossible(one)
    if found is not None:
        world.report("CW743", one.where / "when", *found, "warning")
    count, distinct = one.model.count, parsed(one.model.distinct)
    if count is None or distinct is None:
        return
    known = one.values(one.reader.subject(distinct)).size
    if known is not None and known < count:
        message = f"this never fires: {count} that differ are asked for, and there are {known}"
        hint = "lower `count`, or let them differ in something else"
        world.report("CW750", one.where / "distinct", message, hint, "warning")


def _impossible(one: Pattern) -> tuple[str, str] | None:
    """Return why the condition of a pattern never holds, and the cure; None if it may."""
    solver = Solver(one.values)
    if not solver.fits(one.formula):
        return contradiction(solver.stuck)
    if len(one.cases) != 1 or one.signals or not one.events:
        return None
    (facts,) = one.cases.values()
    moment = facts.at_event(tuple(e for e in one.events if facts.shape.knows_event(e)))
    solver = Solver(facts.universe(moment))
    return None if solver.fits(one.formula) else at_event(solver.stuck, moment)


def _lint_absence(world: World, patterns: list[Pattern]) -> None:
    """Report what has to be there and must not be."""
    for shut in patterns:
        if not shut.is_absent or not shut.is_alone:
            continue
        for one in patterns:
            if one.is_absent or not _observed_by(one, shut):
                continue
            solver = Solver(one.values)
            if shut.root is None or follows(solver, shut.root, shut.reader, one.formula):
                message = "this never fires: what it waits for is also what must not be there"
                hint = "say in `none` by what the two are told apart"
                span = one.where.spec.span(one.where.pointer)
                related = (Related("what it waits for", span),)
                world.report("CW750", shut.where, message, hint, "warning", related=related)
                break


def _observed_by(one: Pattern, other: Pattern) -> bool:
    """Return whether all that a pattern observes is observed by another one too."""
    if bool(one.events) != bool(other.events) or not set(one.events) <= set(other.events):
        return False
    return one.cases.keys() <= other.cases.keys() and one.signals <= other.signals


# --- what feeds itself ----------------------------------------------------------------------------


def _lint_feeding(
    world: World, facts: Mapping[str, Facts], where: Where, model: Any, patterns: list[Pattern]
) -> None:
    """Report a correlation whose firing makes all that it waits for."""
    for pointer, body in _creations(model.do, where / "do"):
        spec = None if body.case_type is None else world.seek("case_type", body.case_type, where)
        known = None if spec is None else facts.get(spec.qualified)
        if known is None or body.once_per is not None or not _keeps_key(model, body):
            continue
        needed = [one for one in patterns if not one.is_absent]
        if any(_made(one, known, body) is False for one in needed):
            continue
        if any(one.is_absent and _made(one, known, body) is not False for one in patterns):
            continue
        is_single = model.keep or sum(one.model.count or 1 for one in needed) == 1
        if is_single:
            message = (
                f"this feeds itself: it waits for what it makes, the creation of {known.ct.bare}"
            )
            hint = "tell what it makes apart in `when`, or add `once_per`"
            is_sure = all(_made(one, known, body) for one in needed)
            world.report(
                "CW751", pointer, message, hint, "warning" if is_sure else "info", key=True
            )


def _creations(do: Any, where: Where) -> Iterator[tuple[Where, Any]]:
    """Yield the creations that are made whenever a list of actions is done, with their places."""
    for i, action in enumerate(do):
        body = getattr(action, "create", None)
        if body is not None:
            yield where / i / "create", body


def _keeps_key(model: Any, body: Any) -> bool:
    """Return whether a case that is made is observed in the same window again."""
    root = parsed(model.key)
    given = body.with_.get(root.name) if isinstance(root, tree.Name) else None
    return given == "= key"


def _made(one: Pattern, known: Facts, body: Any) -> bool | None:
    """Return whether a pattern observes a case that is made; None where that is not known."""
    is_seen = "create" in one.events or not one.events
    if known.ct.name not in one.cases or not is_seen:
        return False
    given = {
        name: of.points((value,))
        for name, value in body.with_.items()
        if value is None or (isinstance(value, of.CONSTANTS) and not is_expression(value))
    }

    def values(subject: Subject) -> Values:
        return given.get(subject.key) or known.universe()(subject)

    solver = Solver(values)
    if not solver.fits(one.formula):
        return False
    is_whole = one.root is None or (one.is_alone and follows(solver, one.root, one.reader))
    return True if is_whole and (one.model.when is None or one.root is not None) else None
