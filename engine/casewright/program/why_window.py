"""Why a window fired in a step, or did not: asked of an outcome that has a trace.

What fired is in the trace. What did not is found out on the observations that the step left: how
far they come towards the patterns, what each pattern lacks, and what has been consumed before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import UNSET, Struct

from casewright.case import Observation, Window
from casewright.feel import Deciding, shown
from casewright.program.tracing import FIRED
from casewright.program.window_step import WindowStep
from casewright.program.words import WindowWords
from casewright.rules.correlations import windows
from casewright.rules.networks.nearest import Nearest, Standing, nearest
from casewright.temporal import from_us

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from casewright.case import Outcome, Related
    from casewright.program.program import Program
    from casewright.rules.correlations.definition import Correlation

WindowVerdictKind = Literal[
    "fired", "lost", "ignored", "blocked", "short", "fired before", "empty", "gone"
]


class Rejected(Struct, frozen=True):
    """An observation that a pattern does not take.

    Attributes:
        observation: its id.
        named: what people call it.
        deciding: the parts of the pattern's condition that decided.
    """

    observation: str
    named: str
    deciding: tuple[Deciding, ...]


class PatternStanding(Struct, frozen=True):
    """How one pattern of a window stands.

    Attributes:
        pattern: its name.
        needed: how many observations it needs.
        found: those that it has in the binding that comes nearest, by id.
        fit: how many observations of the window fit it as far as they alone decide.
        message: how it stands, in plain words.
        rejected: observations that it does not take together with what is bound, the nearest first.
        distinct: expression in which the observations have to differ, or "".
        values: those of ``distinct`` that are there.
        repeated: observations left out because another has the same value.
        is_met: it has what it needs.
    """

    pattern: str
    needed: int
    found: tuple[str, ...]
    fit: int
    message: str
    rejected: tuple[Rejected, ...] = ()
    distinct: str = ""
    values: tuple[Any, ...] = ()
    repeated: tuple[str, ...] = ()
    is_met: bool = False


class FiringTold(Struct, frozen=True):
    """A firing of a window.

    Attributes:
        event: id of the event that brought it about.
        at: when that was handled.
        found: ids of the observations by pattern.
        did: what it asked for, in words.
        consumed: ids of the observations that it took out of the window.
    """

    event: str
    at: datetime
    found: dict[str, tuple[str, ...]]
    did: tuple[str, ...]
    consumed: tuple[str, ...]


class WindowVerdict(Struct, frozen=True):
    """What became of a window in one step.

    Attributes:
        window: its id.
        correlation: qualified name.
        key: the value that it is for.
        event: id of the event.
        verdict: ``fired``; ``lost``: it fired in a step of which nothing stands; ``ignored``: the
            observation came too late, or a fact shuts the window; ``blocked``: all patterns are
            met, but something is there that must not be; ``short``: a pattern lacks observations;
            ``fired before``: all patterns are met by what has fired already; ``empty``: it holds
            no observation; ``gone``: its correlation is there no more.
        message: all of it in plain words.
        observed: the patterns that the observation of this step fits as far as it alone decides.
        patterns: how each pattern stands after the step.
        blocked_by: the observation that must not be there, and the pattern that it fits.
        firings: those of this step.
        earlier: those before it in this episode.
        place: of the correlation's definition.
    """

    window: str
    correlation: str
    key: Any
    event: str
    verdict: WindowVerdictKind
    message: str
    observed: tuple[str, ...] = ()
    patterns: tuple[PatternStanding, ...] = ()
    blocked_by: tuple[str, str] | None = None
    firings: tuple[FiringTold, ...] = ()
    earlier: tuple[FiringTold, ...] = ()
    place: str = ""


def window_verdict(
    program: Program, outcome: Outcome, related: Related, before: Sequence[Outcome] = ()
) -> WindowVerdict:
    """Return what became of a window in a step, and why.

    Args:
        program: that made the outcome.
        outcome: of a step with a trace.
        related: the records that the step had.
        before: the outcomes of steps before it that fired, with traces, the earliest first.

    Raises:
        ValueError: the outcome has no trace, or is not of a window.
    """
    window = outcome.entity
    if not isinstance(window, Window) or outcome.trace is UNSET:
        raise ValueError("a window's outcome with a trace is needed: step with trace=True")
    correlation = program.correlations.get(window.correlation)
    if correlation is None:
        message = f"there is no correlation {window.correlation} any more"
        return WindowVerdict(
            window.id, window.correlation, window.key, outcome.event.id, "gone", message
        )
    asked = _Asked(program, correlation, window, outcome, related)
    episode = _episode(outcome, window)
    earlier = [one for past in before for one in _firings(correlation, past, episode)]
    return asked.verdict(tuple(earlier))


def _episode(outcome: Outcome, window: Window) -> int:
    """Return the episode in which a step was; one that ends it leaves the window in the next."""
    is_over = outcome.status == "applied" and not window.observations and not window.timers
    return window.episode - 1 if is_over else window.episode


def _firings(
    correlation: Correlation, outcome: Outcome, episode: int | None = None
) -> list[FiringTold]:
    """Return what fired in a step, if it was in an episode."""
    if outcome.trace is UNSET:
        return []
    return [
        _firing(correlation, outcome, note)
        for note in outcome.trace
        if note["kind"] == FIRED and episode in (None, note["episode"])
    ]


def _firing(correlation: Correlation, outcome: Outcome, note: Mapping[str, Any]) -> FiringTold:
    patterns = correlation.production.patterns
    return FiringTold(
        outcome.event.id,
        from_us(outcome.now_us),
        {pattern.name: ids for pattern, ids in zip(patterns, note["found"], strict=True)},
        tuple(note["did"]),
        note["consumed"],
    )


class _Asked:
    """One outcome of a window, ready to be asked."""

    def __init__(
        self,
        program: Program,
        correlation: Correlation,
        window: Window,
        outcome: Outcome,
        related: Related,
    ) -> None:
        self._correlation = correlation
        self._window = window
        self._outcome = outcome
        self._held = windows.ordered(window.observations.values())
        self._around = WindowStep(
            correlation, window, outcome.event, related, outcome.now_us, program
        )
        self._words = WindowWords(tuple(program.tables.values()), self._around)

    def verdict(self, earlier: tuple[FiringTold, ...]) -> WindowVerdict:
        """Return what became of the window."""
        firings = tuple(_firings(self._correlation, self._outcome))
        facts = [windows.fact_of(one) for one in self._held]
        found = nearest(self._correlation.production, facts, self._around, self._words)
        patterns = tuple(self._standing(one) for one in found.patterns)
        kind, message = self._came_to(found, patterns, firings)
        blocked_by = None
        if found.blocked_by is not None:
            pattern, position = found.blocked_by
            blocked_by = (self._held[position].id, pattern.name)
        return WindowVerdict(
            self._window.id,
            self._window.correlation,
            self._window.key,
            self._outcome.event.id,
            kind,
            message,
            self._observed(),
            patterns,
            blocked_by,
            firings,
            earlier,
            self._correlation.place,
        )

    def _observed(self) -> tuple[str, ...]:
        given = self._outcome.event.data.get("observation")
        if given is None:
            return ()
        fits = given.fits if isinstance(given, Observation) else given["fits"]
        return tuple(fits)

    def _came_to(
        self,
        found: Nearest,
        patterns: Sequence[PatternStanding],
        firings: Sequence[FiringTold],
    ) -> tuple[WindowVerdictKind, str]:
        outcome = self._outcome
        if outcome.status != "applied":
            problems = "; ".join(f"{p.code}: {p.message}" for p in outcome.errors)
            fired = f"fired {len(firings)} times, but " if firings else ""
            return "lost", f"{fired}nothing of the step stands: it was {outcome.status}: {problems}"
        if firings:
            return "fired", "; ".join(_fired_words(one) for one in firings)
        if outcome.ignored:
            return "ignored", outcome.ignored[0].reason
        if not self._held:
            is_over = outcome.event.type == "timer"
            return "empty", ("its time was over; " if is_over else "") + "it holds no observation"
        shut = windows.shut_by(self._correlation, self._held)
        if shut is not None:
            patterns_of = ", ".join(shut.fits)
            return "blocked", f"{self._named(shut)} fits {patterns_of} of `none`: nothing can fire"
        if found.blocked_by is not None:
            pattern, position = found.blocked_by
            named = self._named(self._held[position])
            return "blocked", f"all patterns are met, but {named} fits {pattern.name} of `none`"
        if found.is_complete:
            return "fired before", self._before()
        return "short", "; ".join(one.message for one in patterns if not one.is_met)

    def _before(self) -> str:
        if self._correlation.keep:
            return "all patterns are met, but by nothing that this step brought"
        return "all patterns are met by what holds still, for which it has fired already"

    def _standing(self, one: Standing) -> PatternStanding:
        return PatternStanding(
            one.pattern.name,
            one.needed,
            tuple(self._held[at].id for at in one.found),
            one.labelled,
            self._message(one),
            tuple(
                Rejected(
                    self._held[misfit.position].id,
                    self._named(self._held[misfit.position]),
                    misfit.deciding,
                )
                for misfit in one.misfits
            ),
            "" if one.pattern.distinct is None else one.pattern.distinct.text,
            one.values,
            tuple(self._held[at].id for at in one.alike),
            one.is_met,
        )

    def _message(self, one: Standing) -> str:
        name, needed, found = one.pattern.name, one.needed, len(one.found)
        if one.is_met:
            return f"{name} has {self._listed(self._held[at] for at in one.found)}"
        if not one.is_reached:
            return f"{name} needs {needed}, after those before it; {_fit(one.labelled)}"
        if not one.labelled:
            return f"{name} needs {needed}; no observation fits it"
        told = f"{name} has {found} of {needed}"
        if one.alike:
            distinct = one.pattern.distinct
            text = "" if distinct is None else distinct.text
            values = ", ".join(shown(value) for value in one.values)
            told += f", {text} has to be another than {values}"
        if one.misfits:
            first = one.misfits[0]
            why = "; ".join(str(part) for part in first.deciding)
            told += f"; {self._named(self._held[first.position])} does not fit: {why}"
        return told

    def _listed(self, observations: Iterable[Observation]) -> str:
        return ", ".join(self._named(one) for one in observations)

    def _named(self, one: Observation) -> str:
        """Return what people call an observation."""
        if one.is_expected:
            return f"{one.case}, just created"
        if one.case is not None:
            return f"{one.case}" if one.holds else f"{one.type} of {one.case}"
        return f"{one.type} {one.id}"


def _fit(count: int) -> str:
    return f"{count} observation{'s' * (count != 1)} may fit it" if count else "none fits it"


def _fired_words(one: FiringTold) -> str:
    found = ", ".join(f"{name} = {' '.join(ids)}" for name, ids in one.found.items())
    did = f": {'; '.join(one.did)}" if one.did else ""
    return f"fired on {found}{did}"
