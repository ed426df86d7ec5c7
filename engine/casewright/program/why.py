"""Why each rule of a case fired in a step, or did not: asked of an outcome that has a trace.

A step with a trace notes what fired and how the case stood at the end of every internal event. From
that everything else is found out here, on the very values that the step saw. A rule that the index
passed over is told of like any other: its event is another, or nothing that it reads has changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

from msgspec import Struct

from casewright.errors import EventError
from casewright.feel import Deciding, shown
from casewright.feel.problems import suggestion
from casewright.program.bits import names_of
from casewright.program.tracing import FIRED, SETTLED, asked_of
from casewright.program.why_over import missing_bindings, named_element
from casewright.program.words import CaseWords
from casewright.temporal import from_us

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from casewright.case import Outcome
    from casewright.program.kind import CaseType
    from casewright.program.program import Program
    from casewright.program.tracing import Trace
    from casewright.rules.case_rules import Rule
    from casewright.view import View

VerdictKind = Literal[
    "fired", "lost", "did not hold", "held before", "unchanged", "other event", "not tried"
]
_RANK: dict[str, int] = {
    "fired": 0,
    "lost": 0,
    "did not hold": 1,
    "held before": 2,
    "unchanged": 3,
    "other event": 4,
    "not tried": 5,
}


class RuleVerdict(Struct, frozen=True):
    """What became of one rule in one step.

    Attributes:
        rule: its name.
        verdict: ``fired``; ``lost``: it fired in a step of which nothing stands; ``did not hold``:
            its condition; ``held before``: its condition holds, and did so before the event;
            ``unchanged``: nothing that it reads has changed; ``other event``: it listens to
            another; ``not tried``: the step was broken off before.
        message: all of it in plain words.
        event: type of the internal event that came nearest to it.
        on: the event types that it is on; none of a rule that fires when its condition becomes
            true.
        condition: its ``when``, as written.
        deciding: the parts of the condition that decided, where it did not hold.
        times: how often it fired.
        bindings: of a rule over several facts, what it fired for, one of each firing.
        did: what it did, in words.
        due: when its delayed actions run.
        overwritten: what it wrote and did not last: by field, who or what wrote it after.
        order: its place in the order in which rules are tried; 1 is first.
        place: of its definition.
    """

    rule: str
    verdict: VerdictKind
    message: str
    event: str = ""
    on: tuple[str, ...] = ()
    condition: str = ""
    deciding: tuple[Deciding, ...] = ()
    times: int = 0
    bindings: tuple[dict[str, Any], ...] = ()
    did: tuple[str, ...] = ()
    due: datetime | None = None
    overwritten: dict[str, str] = {}
    order: int = 0
    place: str = ""

    @property
    def distance(self) -> int:
        """Return how many comparisons kept it from firing; 0 where none did."""
        return sum(part.distance for part in self.deciding)


def verdicts(
    program: Program, outcome: Outcome, rule: str | None = None
) -> tuple[RuleVerdict, ...]:
    """Return what became of each rule of the case type, or of one.

    Args:
        program: that made the outcome.
        outcome: of a step with a trace.
        rule: only the rule of this name, with more detail.

    Returns:
        Those that fired come first, as they fired, then those whose condition came nearest, then
        the rest; among equals in the order of trial.

    Raises:
        EventError: there is no such rule.
        ValueError: the outcome has no trace.
    """
    ct, trace = asked_of(program, outcome)
    asked = _Asked(program, ct, outcome, trace)
    if rule is not None:
        found = ct.rules.by_name(rule)
        if found is None:
            raise EventError(_unknown(ct, rule), "rule")
        return (asked.verdict(found, in_detail=True),)
    made = [asked.verdict(one) for one in ct.rules.rules]
    return tuple(sorted(made, key=asked.place_of))


def _unknown(ct: CaseType, name: str) -> str:
    known = [one.name for one in ct.rules.rules]
    hint = suggestion(name, known) or (
        f"known: {', '.join(known[:12])}" if known else "it has none"
    )
    return f'case type {ct.bare} has no rule "{name}"; {hint}'


class _Moment(Struct, frozen=True):
    """The end of one internal event."""

    event: str
    view: Any
    changed: int
    fired: frozenset[str]


class _Asked:
    """One outcome, ready to be asked about rules."""

    def __init__(self, program: Program, ct: CaseType, outcome: Outcome, trace: Trace) -> None:
        self._program = program
        self._ct = ct
        self._outcome = outcome
        self._firings: dict[str, list[Mapping[str, Any]]] = {}
        self._writers: dict[str, list[tuple[int, str]]] = {}
        self._moments: list[_Moment] = []
        fired: set[str] = set()
        for at, note in enumerate(trace):
            if note["kind"] == FIRED:
                name = note["place"].removeprefix("rule/")
                self._firings.setdefault(name, []).append({**note, "at": at})
                fired.add(name)
                for field in note["wrote"]:
                    self._writers.setdefault(field, []).append((at, note["place"]))
            elif note["kind"] == SETTLED:
                moment = _Moment(note["event"], note["moment"], note["changed"], frozenset(fired))
                self._moments.append(moment)
                fired = set()

    def place_of(self, one: RuleVerdict) -> tuple[int, int, int]:
        """Return what verdicts are sorted by."""
        firings = self._firings.get(one.rule)
        at = firings[0]["at"] if firings else 0
        return _RANK[one.verdict], at or one.distance, one.order

    def verdict(self, rule: Rule, *, in_detail: bool = False) -> RuleVerdict:
        """Return what became of a rule."""
        firings = self._firings.get(rule.name)
        if firings:
            return self._fired(rule, firings)
        found = [self._at(rule, moment, in_detail=in_detail) for moment in self._moments]
        if not found:
            return self._made(rule, "not tried", f"no rule was tried: {self._broken_off()}")
        best = min(found, key=lambda v: (_RANK[v.verdict], v.distance))
        if best.verdict == "other event":
            return self._other_event(rule)
        return best

    def _made(self, rule: Rule, kind: VerdictKind, message: str, **more: Any) -> RuleVerdict:
        condition = "" if rule.when is None else rule.when.text
        return RuleVerdict(
            rule.name,
            kind,
            message,
            on=rule.on,
            condition=condition,
            order=rule.order + 1,
            place=rule.place,
            **more,
        )

    # --- fired ------------------------------------------------------------------------------

    def _fired(self, rule: Rule, firings: Sequence[Mapping[str, Any]]) -> RuleVerdict:
        times = len(firings)
        bindings = tuple(note["bindings"] for note in firings if note["bindings"])
        did = tuple(word for note in firings for word in _words(note))
        due_us = firings[-1]["due_us"]
        overwritten = self._overwritten(firings)
        is_lost = self._outcome.status != "applied"
        message = "fired" if times == 1 else f"fired {times} times"
        if bindings:
            message += f" for {'; '.join(_binding(one) for one in bindings)}"
        if is_lost:
            message += f", but nothing of it stands: {self._broken_off()}"
        else:
            message += self._came_to(rule, did, due_us, overwritten)
        return self._made(
            rule,
            "lost" if is_lost else "fired",
            message,
            event=firings[0]["event"],
            times=times,
            bindings=bindings,
            did=did,
            due=None if due_us is None else from_us(due_us),
            overwritten=overwritten,
        )

    def _came_to(
        self, rule: Rule, did: Sequence[str], due_us: int | None, overwritten: Mapping[str, str]
    ) -> str:
        if due_us is not None:
            at = f"{from_us(due_us):%Y-%m-%d %H:%M:%S}"
            case = self._outcome.case
            key = f"rule/{rule.name}"
            if case is not None and any(_is_of(timer.key, key) for timer in case.timers):
                return f"; its actions are delayed and due {at}"
            return f"; its actions were due {at}, but were dropped in the same step"
        late = _is_of(str(self._outcome.event.data.get("timer", "")), f"rule/{rule.name}")
        told = " when its delay was over" if late else ""
        told += f": {'; '.join(did)}" if did else ", and changed nothing"
        for field, by in overwritten.items():
            told += f"; {field} was written again by {by}"
        return told

    def _overwritten(self, firings: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """Return by field what wrote another value after the last of the firings that wrote it."""
        case = self._outcome.case
        if case is None or self._outcome.status != "applied":
            return {}
        last: dict[str, tuple[int, Any]] = {}
        for note in firings:
            last.update((field, (note["at"], value)) for field, value in note["wrote"].items())
        found: dict[str, str] = {}
        for field, (at, value) in last.items():
            if case.fields.get(field) != value:
                later = [place for when, place in self._writers[field] if when > at]
                by = later[-1].replace("/", " ", 1) if later else "something that came after"
                found[field] = f"{by}: {shown(case.fields.get(field))}"
        return found

    # --- not fired --------------------------------------------------------------------------

    def _at(self, rule: Rule, moment: _Moment, *, in_detail: bool) -> RuleVerdict:
        """Return why a rule did not fire in one internal event."""
        if rule.on and moment.event not in rule.on:
            return self._made(rule, "other event", "", event=moment.event)
        is_touched = moment.changed == -1 or rule.always or rule.mask & moment.changed
        if not rule.on and not is_touched:
            return self._unchanged(rule, moment, in_detail=in_detail)
        return self._tried(rule, moment)

    def _tried(self, rule: Rule, moment: _Moment) -> RuleVerdict:
        view = cast("View", moment.view)
        lacking, deciding = self._lacking(rule, view)
        if lacking:
            return self._made(rule, "did not hold", lacking, event=moment.event, deciding=deciding)
        if rule.over is not None and not rule.on:
            message = "what fits together now did so before the event, too"
            return self._made(rule, "held before", message, event=moment.event)
        when = rule.when
        if when is None or rule.on:
            message = f"not tried: {self._broken_off()}"
            return self._made(rule, "not tried", message, event=moment.event)
        seen = ", ".join(f"{name} = {shown(value)}" for name, value in when.seen(view)[:6])
        message = "its condition holds, but held before the event, too"
        return self._made(
            rule, "held before", f"{message}: {seen}" if seen else message, event=moment.event
        )

    def _lacking(self, rule: Rule, view: View) -> tuple[str, tuple[Deciding, ...]]:
        """Return why a rule's condition does not hold, "" where it does, and what decided."""
        words = CaseWords(self._ct, view)
        if rule.over is not None:
            return missing_bindings(rule.over, view, words)
        deciding = () if rule.when is None else rule.when.deciding(view, words)
        return "; ".join(str(part) for part in deciding), deciding

    def _unchanged(self, rule: Rule, moment: _Moment, *, in_detail: bool) -> RuleVerdict:
        reads = _listed(names_of(self._ct, rule.mask)) or "nothing of the case"
        changed = _listed(names_of(self._ct, moment.changed)) or "nothing that rules read"
        message = f"nothing that it reads has changed: it reads {reads}; this changed {changed}"
        deciding: tuple[Deciding, ...] = ()
        if in_detail:
            told, deciding = self._lacking(rule, cast("View", moment.view))
            message += f". Besides, {told}" if told else ". Its condition holds, as it did before"
        return self._made(rule, "unchanged", message, event=moment.event, deciding=deciding)

    def _other_event(self, rule: Rule) -> RuleVerdict:
        had = _listed(dict.fromkeys(moment.event for moment in self._moments))
        message = f"it is on {_listed(rule.on)}; this step had {had}"
        return self._made(rule, "other event", message, event=self._moments[0].event)

    def _broken_off(self) -> str:
        problems = "; ".join(f"{p.code}: {p.message}" for p in self._outcome.errors)
        return f"the step was {self._outcome.status}" + (f": {problems}" if problems else "")


def _words(note: Mapping[str, Any]) -> Iterable[str]:
    for field, value in note["wrote"].items():
        yield f"set {field} = {shown(value)}"
    yield from note["did"]


def _is_of(timer: str, rule: str) -> bool:
    """Return whether a timer is the delay of a rule, or of one binding of it."""
    return timer == rule or timer.startswith(f"{rule}/")


def _binding(binding: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {named_element(value)}" for name, value in binding.items())


def _listed(names: Iterable[str]) -> str:
    known = list(names)
    more = f" and {len(known) - 8} more" if len(known) > 8 else ""
    return ", ".join(known[:8]) + more
