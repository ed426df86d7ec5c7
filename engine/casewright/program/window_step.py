"""The step of a window (rule 41): one observation, or the end of an episode, and what follows.

A window's only events are ``observe`` and its timer. What fires, and on which observations, is
worked out in ``rules.windows``; here its actions act, and the new record is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from casewright.case import (
    Effect,
    Ignored,
    Observation,
    Outcome,
    Problem,
    Timer,
    Window,
    held_id,
)
from casewright.feel import Budget
from casewright.notify import notice
from casewright.program import codec
from casewright.program.asking import made_case
from casewright.program.faults import Failed
from casewright.program.outcome import unchanged
from casewright.rules.correlations import windows
from casewright.rules.networks.contract import FactLimit
from casewright.temporal import from_us
from casewright.view import Surroundings

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from casewright.actions import Call, Create, Send
    from casewright.bind.fields import FieldDefinition
    from casewright.case import Event, Related
    from casewright.notify import Notification
    from casewright.program.kind import Limits
    from casewright.rules.correlations.definition import Correlation

END = "window/end"


class Domain(Protocol):
    """What a window's step asks of the program."""

    @property
    def limits(self) -> Limits:
        """Return the bounds of a step."""
        ...

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone of the domain."""
        ...


class WindowStep(Surroundings):
    """One step on one window; what its expressions see and its actions ask.

    Attributes:
        correlation: its definition.
        window: as the step found it.
        event: that is handled.
        held: the observations that the window holds now, the earliest first.
    """

    __slots__ = (
        "_zone",
        "causes",
        "correlation",
        "effects",
        "event",
        "fired",
        "held",
        "ignored",
        "limits",
        "newest_us",
        "once",
        "seen",
        "trace",
        "window",
    )

    def __init__(
        self,
        correlation: Correlation,
        window: Window,
        event: Event,
        related: Related,
        now_us: int,
        domain: Domain,
        trace: list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(related, now_us, Budget(domain.limits.evaluation))
        self.correlation = correlation
        self.window = window
        self.event = event
        self.limits = domain.limits
        self.trace = trace
        self.held: tuple[Observation, ...] = windows.ordered(window.observations.values())
        self.seen = self.held
        self.newest_us = window.newest_us
        self.once = window.once
        self.fired = window.fired
        self.effects: list[Effect] = []
        self.causes: list[str] = []
        self.ignored: list[Ignored] = []
        self._zone = domain.zone

    # --- what expressions see ---------------------------------------------------------------

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone of the domain."""
        return self._zone

    @property
    def view(self) -> WindowStep:
        """Return what values are worked out on."""
        return self

    @property
    def key(self) -> Any:
        """Return the value that the window is for."""
        return self.window.key

    @property
    def facts(self) -> list[dict[str, Any]]:
        """Return what ``observations`` is in expressions: all of them, the earliest first.

        While actions run those that they run for are there, though they are consumed.
        """
        return [windows.data_of(one) for one in self.seen]

    # --- what actions ask -------------------------------------------------------------------

    def effect(self, kind: Any, name: str, to: tuple[str, ...], data: dict[str, Any]) -> Effect:
        """Add an effect and return it."""
        if len(self.effects) >= self.limits.effects:
            raise Failed("effect_limit", f"a step may have at most {self.limits.effects} effects")
        made = Effect(self._effect_id(), kind, name, to, data, hops=self.event.hops + 1)
        self.effects.append(made)
        return made

    def _effect_id(self) -> str:
        return f"{self.window.id}/{self.window.revision + 1}/{len(self.effects)}"

    def send(self, action: Send, receivers: tuple[str, ...], data: dict[str, Any]) -> None:
        """Send an event to cases."""
        self.effect("send", action.event, receivers, data)

    def create(self, action: Create, data: dict[str, Any], once: tuple[Any, ...] | None) -> str:
        """Ask for a case and return its id; one that the window waits for is there at once."""
        window = self.window
        creator = f"{window.domain}/{window.id}/{window.episode}"
        made, once_key = made_case(creator, action.case_type, once, self._effect_id(), self.once)
        if once_key is not None:
            if once_key in self.once:
                return made
            self.once = {**self.once, once_key: made}
        self.effect("create", action.case_type, (made,), {"with": data, "service": action.service})
        for pattern, case_types in self.correlation.expects.items():
            if action.case_type in case_types:
                self._expect(made, action.case_type, pattern)
        return made

    def _expect(self, case: str, case_type: str, pattern: str) -> None:
        expected = Observation(
            held_id(case, pattern),
            self.now_us,
            (pattern,),
            "create",
            case,
            case_type,
            holds=True,
            is_expected=True,
        )
        self.held = windows.ordered((*self.held, expected))

    def notify(self, name: str) -> None:
        """Send a notification that the correlation has compiled; none without recipients."""
        made = notice(cast("Notification", self.correlation.told[name]), self)
        if made.to:
            data = {**made.payload(), "correlation": self.correlation.name}
            self.effect("notification", made.name, made.to, data)
            self.causes.append(f"notification/{made.name}")

    def put(self, definition: FieldDefinition, value: object) -> None:
        """Refuse: a window has no fields, and the binder lets no action set one."""
        raise NotImplementedError(definition.name)

    def post(self, kind: str, text: str) -> None:
        """Refuse: a window has no journal."""
        raise NotImplementedError(kind)

    def raise_event(self, event_type: str, data: dict[str, Any]) -> None:
        """Refuse: a window has no events of its own."""
        raise NotImplementedError(event_type)

    def call(self, action: Call, data: dict[str, Any]) -> None:
        """Refuse: a window waits for no answer."""
        raise NotImplementedError(action.action)

    def go_to(self, target: str) -> None:
        """Refuse: a window has no playbook."""
        raise NotImplementedError(target)

    # --- the step ---------------------------------------------------------------------------

    def observe(self, data: dict[str, Any]) -> None:
        """Take an observation in, or out, and fire what that completes."""
        fired = set(windows.standing(self.correlation, self.held, self))
        gone = data.get("gone")
        if gone is not None:
            self.held = tuple(one for one in self.held if one.id != gone)
            self.causes.append(f"gone/{gone}")
            self._fire(None, fired)
            return
        given = data["observation"]
        one = given if isinstance(given, Observation) else msgspec.convert(given, Observation)
        one = codec.typed_observation(one, self.correlation.fields)
        taken = windows.admitted(self.held, one, self.newest_us, self.end_of)
        if taken is None:
            reason = f"late: {one.id} is older than the newest by {self.correlation.within}"
            self.ignored.append(Ignored("observe", reason))
            return
        self.held, self.newest_us = taken.observations, taken.newest_us
        self.causes.append(f"observation/{one.id}")
        if len(self.held) > self.limits.observations:
            raise Failed(
                "record_limit",
                f"{self.correlation.name}: more than {self.limits.observations} observations of "
                f"{self.key!r} within {self.correlation.within}",
            )
        shutting = self._shut()
        if shutting is not None and not one.holds:
            self.ignored.append(
                Ignored("observe", f"shut: {shutting} holds, {one.id} belongs to it")
            )
        self._fire(one.id if taken.is_new else None, fired)
        self._shut()

    def _shut(self) -> str | None:
        """Keep no events while something holds that must not; return what that is."""
        by = windows.shut_by(self.correlation, self.held)
        if by is None:
            return None
        self.held = tuple(one for one in self.held if one.holds)
        return by.id

    def end_of(self, at_us: int) -> int | None:
        """Return the instant ``within`` after another."""
        return self.correlation.calendar.due_us(at_us, self.correlation.within)

    def _fire(self, incoming: str | None, fired: set[windows.Ids]) -> None:
        """Fire as often as there is an activation, the earliest first."""
        correlation = self.correlation
        chain: list[str] = []
        while (firing := self._next(incoming, fired)) is not None:
            fired.add(firing.ids)
            chain.append("+".join(one.id for one in firing.observations))
            if len(chain) > self.limits.raised_events:
                raise Failed(
                    "raise_limit",
                    f"{correlation.name} fired more than {self.limits.raised_events} times in one "
                    f"step: ... {' -> '.join(chain[-3:])}",
                )
            self.causes.append(f"correlation/{correlation.name}")
            self.lets = firing.lets(correlation.production)
            self.seen = self.held
            self.held = windows.left_by(correlation, self.held, firing)
            effects = len(self.effects)
            try:
                correlation.do.run(self)
            finally:
                self._note_fired(firing, self.effects[effects:])
            self.lets = {}
            self.fired += 1

    def _note_fired(self, firing: windows.Firing, effects: list[Effect]) -> None:
        """Note a firing and what it asked for, where a trace is asked for."""
        if self.trace is not None:
            place = f"correlation/{self.correlation.name}"
            left = {one.id for one in self.held}
            note = {
                "event": self.event.type,
                "kind": "fired",
                "place": place,
                "episode": self.window.episode,
                "found": firing.ids,
                "consumed": tuple(one.id for one in firing.observations if one.id not in left),
                "did": [f"{one.kind} {one.name}" for one in effects],
            }
            self.trace.append(note)

    def _next(self, incoming: str | None, fired: set[windows.Ids]) -> windows.Firing | None:
        try:
            return windows.next_firing(self.correlation, self.held, incoming, fired, self)
        except FactLimit as err:
            raise Failed("record_limit", f"{self.correlation.name}: {err}") from err

    def end(self) -> None:
        """End the time that observations were waited in; what still holds stays."""
        self.held = tuple(one for one in self.held if not windows.ages(one))
        self.newest_us = None
        self.causes.append(f"timer/{END}")

    def outcome(self, program: str) -> Outcome:
        """Return the outcome, with the window's new record."""
        before = self.window
        timers = self._timers()
        is_over = not self.held and not timers
        after = replace(
            before,
            revision=before.revision + 1,
            episode=before.episode + (1 if is_over else 0),
            fired=0 if is_over else self.fired,
            updated_at=self.now,
            newest_us=None if is_over else self.newest_us,
            observations={one.id: one for one in self.held},
            once={} if is_over else self.once,
            timers=timers,
            program=program,
        )
        return Outcome(
            "applied",
            after,
            self.event,
            self.now_us,
            {} if after.fired == before.fired else {"fired": (before.fired, after.fired)},
            tuple(self.effects),
            (),
            tuple(self.ignored),
            tuple(self.causes),
            trace=UNSET if self.trace is None else tuple(self.trace),
        )

    def _timers(self) -> tuple[Timer, ...]:
        """Return the timer that ends the episode.

        It is due ``within`` after the newest observation, also where that was consumed: for so long
        the window remembers what it has made.
        """
        last = [one.at_us for one in self.held if one.is_expected]
        last += [] if self.newest_us is None else [self.newest_us]
        end = self.end_of(max(last)) if last else None
        if end is None:
            return ()
        due = max(end, self.now_us)
        owner = self.window.revision + 1  # so that one for an instant at which one ran is another
        same = next((t for t in self.window.timers if t.due_us == due and t.parked is None), None)
        return (same or Timer(END, due, 0, 0, owner, self.correlation.fingerprint),)


def blank(event: Event, correlation: str, key: Any, domain: str) -> Window:
    """Return the window that an observation finds where there was none."""
    time = event.time or from_us(0)
    return Window(domain, event.case, correlation, key, 0, 1, 0, time, time)


def refused(window: Window | None, event: Event, now_us: int, message: str) -> Outcome:
    """Return the outcome of an event that windows do not take."""
    return unchanged("rejected", window, event, now_us, (Problem("invalid", message, "type"),))


def emptied(window: Window, event: Event, now_us: int, program: str) -> Outcome:
    """Return the outcome of the timer of a window whose correlation is there no more."""
    after = replace(
        window,
        revision=window.revision + 1,
        updated_at=from_us(now_us),
        newest_us=None,
        observations={},
        once={},
        timers=(),
        program=program,
    )
    causes = (f"timer/{END}", f"gone/{window.correlation}")
    return Outcome("applied", after, event, now_us, causes=causes)
