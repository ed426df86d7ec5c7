"""Why a window was told of an event, or was not: asked of an outcome that has a trace.

A pattern is observed at the end of each internal event of its types; one without event at the end
of the step, when its condition has begun or ceased to hold, or what the window reads has changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

from msgspec import Struct

from casewright.errors import EventError
from casewright.feel import Budget, Deciding, Unavailable
from casewright.feel.problems import suggestion
from casewright.program import signals
from casewright.program.bits import names_of
from casewright.program.tracing import SETTLED, asked_of
from casewright.program.words import CaseWords, SignalWords
from casewright.spec.nearest import meant
from casewright.view import RecordsMissing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casewright.case import Effect, Event, Outcome, Related
    from casewright.feel import Teller
    from casewright.program.kind import CaseType
    from casewright.program.program import Program
    from casewright.program.tracing import Trace
    from casewright.rules.correlations.definition import Watch
    from casewright.view import Surroundings, View

PatternVerdictKind = Literal[
    "observed",
    "gone",
    "lost",
    "did not hold",
    "no key",
    "held before",
    "unchanged",
    "other event",
    "not watched",
    "not tried",
]
_RANK = (
    "observed",
    "gone",
    "lost",
    "no key",
    "did not hold",
    "held before",
    "unchanged",
    "other event",
    "not watched",
    "not tried",
)


class PatternVerdict(Struct, frozen=True):
    """Whether the window of a correlation was told of an event as one of its patterns.

    Attributes:
        correlation: qualified name.
        pattern: its name.
        verdict: ``observed``; ``gone``: the window was told that the case fits no longer;
            ``lost``: the step was rejected or has failed; ``did not hold``: its condition;
            ``no key``: the key is null; ``held before``: and nothing that the window reads has
            changed; ``unchanged``: nothing that it reads has changed; ``other event``: it listens
            to another; ``not watched``: it is of other case types; ``not tried``: the step was
            broken off before.
        message: all of it in plain words.
        event: type of the internal event that came nearest to it.
        window: id of the window that was told, or "".
        deciding: the parts of the condition that decided, where it did not hold.
        place: of the pattern.
    """

    correlation: str
    pattern: str
    verdict: PatternVerdictKind
    message: str
    event: str = ""
    window: str = ""
    deciding: tuple[Deciding, ...] = ()
    place: str = ""

    @property
    def distance(self) -> int:
        """Return how many comparisons kept it from being observed."""
        return sum(part.distance for part in self.deciding)


def pattern_verdicts(
    program: Program, outcome: Outcome, correlation: str | None = None
) -> tuple[PatternVerdict, ...]:
    """Return for each pattern of each correlation, or of one, whether the case was observed.

    Args:
        program: that made the outcome.
        outcome: of a step of a case, with a trace.
        correlation: only this one, qualified or bare.

    Raises:
        EventError: there is no such correlation.
        ValueError: the outcome has no trace.
    """
    ct, trace = asked_of(program, outcome)
    names = list(program.correlations) if correlation is None else [qualified(program, correlation)]
    asked = _Asked(program, ct, outcome, trace)
    return tuple(
        asked.verdict(name, pattern.name)
        for name in names
        for production in (program.correlations[name].production,)
        for pattern in (*production.patterns, *production.absent)
    )


def qualified(program: Program, name: str) -> str:
    """Return the qualified name of a correlation.

    Raises:
        EventError: there is none of this name, or several.
    """
    known = program.correlations
    found = meant(name, known)
    if len(found) == 1:
        return found[0]
    if found:
        raise EventError(f'several packs have a correlation "{name}": {", ".join(found)}', "rule")
    hint = suggestion(name, [*known, *(full.rpartition(".")[2] for full in known)])
    listed = f"known: {', '.join(known)}" if known else "there are none"
    raise EventError(f'there is no correlation "{name}"; {hint or listed}', "rule")


class _Asked:
    """One outcome of a case, ready to be asked about patterns."""

    def __init__(self, program: Program, ct: CaseType, outcome: Outcome, trace: Trace) -> None:
        self._program = program
        self._ct = ct
        self._outcome = outcome
        self._moments = [note for note in trace if note["kind"] == SETTLED]
        watches = ct.watches
        self._on: dict[str, list[Watch]] = {}
        self._holding: dict[tuple[str, str], Watch] = {}
        self._watches: dict[tuple[str, str], Watch] = {}
        if watches is not None:
            for group in watches.on.values():
                for watch in group:
                    self._watches[watch.correlation, watch.pattern] = watch
            for watch in watches.holding:
                self._holding[watch.correlation, watch.pattern] = watch

    def verdict(self, correlation: str, pattern: str) -> PatternVerdict:
        """Return whether the case was observed as a pattern."""
        watch = self._watches.get((correlation, pattern))
        held = self._holding.get((correlation, pattern))
        if watch is None and held is None:
            message = f"it does not watch cases of {self._ct.bare}"
            return PatternVerdict(correlation, pattern, "not watched", message)
        if not self._moments:
            return _made(watch or held, "not tried", f"not tried: {self._broken_off()}")
        if held is not None:
            return self._standing(held)
        assert watch is not None
        found = [self._at(watch, note) for note in self._moments]
        best = min(found, key=lambda one: (_RANK.index(one.verdict), one.distance))
        if best.verdict == "other event":
            had = ", ".join(dict.fromkeys(note["event"] for note in self._moments))
            message = f"it is on {', '.join(watch.on)}; this step had {had}"
            return _made(watch, "other event", message, had)
        return best

    def _at(self, watch: Watch, note: Mapping[str, Any]) -> PatternVerdict:
        """Return whether a pattern with events was observed in one internal event."""
        event = note["event"]
        if event not in watch.on:
            return _made(watch, "other event", "", event)
        view = cast("View", note["moment"])
        missed = missing_of(watch, view, CaseWords(self._ct, view), event)
        return missed or self._told(watch, event)

    def _told(self, watch: Watch, event: str) -> PatternVerdict:
        if self._outcome.status != "applied":
            message = f"it fits, but nothing of the step stands: {self._broken_off()}"
            return _made(watch, "lost", message, event)
        return observed(watch, event, self._outcome.effects)

    def _standing(self, watch: Watch) -> PatternVerdict:
        """Return whether a window was told that something holds for the case, or ceased to."""
        changed = -1
        masks = [note["changed"] for note in self._moments]
        if -1 not in masks:
            changed = 0
            for mask in masks:
                changed |= mask
        event = self._outcome.event.type
        for effect in self._outcome.effects:
            if effect.kind == "observe" and effect.name == watch.correlation:
                if str(effect.data.get("gone", "")).endswith(f"/{watch.pattern}"):
                    message = f"{effect.to[0]} was told that it holds no longer"
                    return _made(watch, "gone", message, event, window=effect.to[0])
                if watch.pattern in _fits(effect):
                    return self._told(watch, event)
        view = cast("View", self._moments[-1]["moment"])
        if not watch.always and not watch.mask & changed:
            reads = ", ".join(names_of(self._ct, watch.mask)) or "nothing of the case"
            message = f"nothing that it reads has changed: it reads {reads}"
            return _made(watch, "unchanged", message, event)
        missed = missing_of(watch, view, CaseWords(self._ct, view), event)
        if missed is not None:
            return missed
        message = "it holds, but did so before, and nothing that the window reads has changed"
        return _made(watch, "held before", message, event)

    def _broken_off(self) -> str:
        problems = "; ".join(f"{p.code}: {p.message}" for p in self._outcome.errors)
        return f"the step was {self._outcome.status}" + (f": {problems}" if problems else "")


def signal_verdicts(program: Program, event: Event, related: Related) -> tuple[PatternVerdict, ...]:
    """Return for each pattern that listens to a signal whether it would be observed.

    Args:
        program: whose windows listen.
        event: the signal, with ``time``.
        related: records that the patterns may read.

    Raises:
        EventError: there is no such signal.
        RecordsMissing: more records are needed.
    """
    outcome = program.receive(event, related)
    if outcome.status == "needs":
        raise RecordsMissing(outcome.needs)
    signal = signals.find(program.signals, event.type)
    seen = signals.Heard(outcome.event, related, outcome.now_us, program.limits, program.zone, None)
    words = SignalWords(outcome.event.type, tuple(program.tables.values()), seen)
    return tuple(_heard(watch, outcome, seen, words) for watch in signal.watches)


def _heard(
    watch: Watch, outcome: Outcome, seen: signals.Heard, words: SignalWords
) -> PatternVerdict:
    event = outcome.event.type
    if outcome.status != "applied":
        problems = "; ".join(f"{p.code}: {p.message}" for p in outcome.errors)
        return _made(watch, "not tried", f"it was {outcome.status}: {problems}", event)
    missed = missing_of(watch, seen, words, event)
    return missed or observed(watch, event, outcome.effects)


def missing_of(
    watch: Watch, view: Surroundings, teller: Teller, event: str
) -> PatternVerdict | None:
    """Return what keeps a pattern from being observed on a view; None where nothing does."""
    deciding = tuple(part for when in watch.when for part in when.deciding(view, teller))
    if deciding:
        message = "; ".join(str(part) for part in deciding)
        return _made(watch, "did not hold", message, event, deciding=deciding)
    try:
        key = watch.key.value(view, Budget())
    except Unavailable:
        return None
    if key is not None:
        return None
    why = watch.key.origin(view, teller)
    return _made(watch, "no key", f"the key {watch.key.text} is null: {why}", event)


def observed(watch: Watch, event: str, effects: Iterable[Effect]) -> PatternVerdict:
    """Return that a pattern was observed, with the window that was told."""
    for effect in effects:
        if (
            effect.kind == "observe"
            and effect.name == watch.correlation
            and watch.pattern in _fits(effect)
        ):
            message = f"{effect.to[0]} was told"
            return _made(watch, "observed", message, event, window=effect.to[0])
    return _made(watch, "observed", "its window was told", event)


def _fits(effect: Effect) -> tuple[str, ...]:
    observation = cast("dict[str, Any]", effect.data.get("observation") or {})
    return tuple(observation.get("fits", ()))


def _made(
    watch: Watch | None, kind: PatternVerdictKind, message: str, event: str = "", **more: Any
) -> PatternVerdict:
    assert watch is not None
    return PatternVerdict(
        watch.correlation, watch.pattern, kind, message, event, place=watch.place, **more
    )
