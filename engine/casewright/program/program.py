"""A program: the immutable, compiled form of a set of packs, and the pure step over it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from casewright.case import (
    WINDOW_PREFIX,
    Case,
    Event,
    Outcome,
    Problem,
    Related,
    Window,
)
from casewright.errors import EventError
from casewright.feel.problems import suggestion
from casewright.notify import render
from casewright.program import codec, order, signals, timers
from casewright.program.adopting import adoption
from casewright.program.outcome import applied, judged, unchanged
from casewright.program.step import Step
from casewright.program.window_step import WindowStep, blank, emptied, refused
from casewright.temporal import from_us, to_us
from casewright.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from casewright.bind.records import RecordType
    from casewright.case import Actor, Effect, Entity, Timer
    from casewright.dmn import Table
    from casewright.errors import Diagnostic
    from casewright.notify import Acceptance, TopicMap
    from casewright.program.actions_open import AllowedAction
    from casewright.program.kind import CaseType, Limits
    from casewright.rules.correlations.definition import Correlation, Signal
    from casewright.rules.networks.choosing import NetworkUse
    from casewright.spec.pack_set import PackSet
    from casewright.templates import Message
    from casewright.views import Views

_NOTHING = Related()


class Program:
    """Specs, compiled; the pure core that every host is a shell around.

    Attributes:
        hash: SHA-256 of everything bound.
        packs: the packs that it was made of.
        case_types: by qualified name.
        record_types: types of reference data, with the rows that ship.
        settings: by pack and name.
        warnings: diagnostics that are no errors.
        domain: the tenant.
        limits: bounds of a step.
        tables: decision tables by qualified name.
        record_views: views of each type of reference data, by its qualified name.
        topic_maps: topics and sinks of each topic map, by its qualified name.
        acceptances: messages taken in, by qualified name.
        correlations: by qualified name.
        signals: by qualified name.
        networks: what brings together the observations of each correlation, and the facts of each
            rule over several.
        templates: subject (or None) and body by qualified name.
        zone: time zone of the domain.
    """

    def __init__(
        self,
        program_hash: str,
        packs: PackSet,
        case_types: Mapping[str, CaseType],
        record_types: Mapping[str, RecordType],
        settings: Mapping[str, Mapping[str, Any]],
        warnings: Sequence[Diagnostic],
        limits: Limits,
        domain: str = "",
        tables: Mapping[str, Table] | None = None,
        record_views: Mapping[str, Views] | None = None,
        topic_maps: Mapping[str, TopicMap] | None = None,
        acceptances: Mapping[str, Acceptance] | None = None,
        correlations: Mapping[str, Correlation] | None = None,
        zone: str = "UTC",
        signals: Mapping[str, Signal] | None = None,
        networks: Sequence[NetworkUse] = (),
        templates: Mapping[str, tuple[str | None, str]] | None = None,
    ) -> None:
        self.signals: Mapping[str, Signal] = signals or {}
        self.networks = tuple(networks)
        self.templates: Mapping[str, tuple[str | None, str]] = templates or {}
        self.correlations: Mapping[str, Correlation] = correlations or {}
        self.zone = ZoneInfo(zone)
        self.topic_maps: Mapping[str, TopicMap] = topic_maps or {}
        self.acceptances: Mapping[str, Acceptance] = acceptances or {}
        self.record_views: Mapping[str, Views] = record_views or {}
        self.tables: Mapping[str, Table] = tables or {}
        self.hash = program_hash
        self.packs = packs
        self.case_types = case_types
        self.record_types = record_types
        self.settings = settings
        self.warnings = tuple(warnings)
        self.limits = limits
        self.domain = domain
        self._bare: dict[str, CaseType | None] = {}
        for ct in case_types.values():
            self._bare[ct.bare] = None if ct.bare in self._bare else ct

    @property
    def records(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Return the reference data that ships with the packs: by record type and id."""
        return {name: dict(kind.rows) for name, kind in self.record_types.items()}

    def case_type(self, name: str) -> CaseType:
        """Return a case type by qualified name, or by bare name where only one pack has it.

        Raises:
            EventError: there is none, or several.
        """
        found = self.case_types.get(name) or self._bare.get(name)
        if found is None:
            known = sorted({*self.case_types, *self._bare})
            hint = suggestion(name, known) or f"known: {', '.join(sorted(self._bare))}"
            raise EventError(f'unknown case type "{name}"; {hint}', "case_type")
        return found

    # --- the pure core ----------------------------------------------------------------------

    def step(
        self,
        entity: Entity | None,
        event: Event,
        related: Related = _NOTHING,
        *,
        trace: bool = False,
    ) -> Outcome:
        """Return what one event makes of one case or window.

        Args:
            entity: the case, None for ``create``; or the window, None for its first observation.
            event: with ``time``, aware; what an outside event carries as data may be plain JSON.
            related: records that the step may read.
            trace: whether the outcome carries the tree of reasons.

        Returns:
            An outcome; only with status ``applied`` is its entity another one (but for a timer that
            failed, which is marked parked).

        Raises:
            EventError: the envelope fits no case: no time, a naive time, an unknown case type.
        """
        if event.time is None or event.time.tzinfo is None:
            raise EventError("an event needs a time with offset", "time")
        if isinstance(entity, Window) or event.case.startswith(WINDOW_PREFIX):
            return self._window_step(entity, event, related, trace=trace)
        if event.type == "create":
            if entity is not None:
                problem = Problem("exists", f"there is a case {entity.id} already", "case")
                return unchanged("rejected", entity, event, to_us(event.time), (problem,))
            case = self._blank(event)
        elif entity is None:
            raise EventError(f'there is no case "{event.case}"', "case")
        else:
            case = entity
        ct = self.case_types[case.case_type]
        now = event.time
        if entity is not None and entity.updated_at > now:
            now = entity.updated_at
        known = now if now.tzinfo is UTC else None
        step = Step(ct, case, event, related, to_us(now), now=known, trace=[] if trace else None)

        def run() -> Outcome:
            order.run(step)
            return applied(step, self.hash)

        return judged(run, event, entity, step.now_us, self.limits.hops, step.trace)

    def _window_step(
        self, entity: Entity | None, event: Event, related: Related, *, trace: bool
    ) -> Outcome:
        """Return what an observation or its timer makes of a window."""
        now_us = to_us(event.time or from_us(0))
        data: dict[str, Any] = event.data
        window = entity if isinstance(entity, Window) else None
        name = data.get("correlation", "") if window is None else window.correlation
        correlation = self.correlations.get(name)
        if event.type == "observe" and correlation is None:
            return refused(window, event, now_us, f'there is no correlation "{name}"')
        if event.type not in ("observe", "timer") or (window is None and event.type == "timer"):
            return refused(window, event, now_us, f"{event.case} is a window; it only observes")
        if window is None:
            kind = None if correlation is None else correlation.key_field
            window = blank(event, name, codec.typed_value(kind, data.get("key")), self.domain)
        now_us = max(now_us, to_us(window.updated_at))
        if correlation is None:
            return emptied(window, event, now_us, self.hash)
        notes: list[dict[str, Any]] | None = [] if trace else None
        step = WindowStep(correlation, window, event, related, now_us, self, notes)

        def run() -> Outcome:
            if event.type == "timer":
                step.end()
            else:
                step.observe(data)
            return step.outcome(self.hash)

        return judged(run, event, entity, now_us, self.limits.hops, notes)

    def receive(self, event: Event, related: Related = _NOTHING, *, trace: bool = False) -> Outcome:
        """Return what a signal, an event of no case, tells the windows that listen.

        Args:
            event: with ``time``, aware, and ``id``; its type names the signal, in full or bare.
            related: records that the conditions of patterns may read.

        Returns:
            An outcome without entity: ``applied`` with an effect ``observe`` for each correlation
            that observes it, ``rejected``, ``failed`` or ``needs``.

        Raises:
            EventError: no time, a naive time, an unknown signal.
        """
        if event.time is None or event.time.tzinfo is None:
            raise EventError("an event needs a time with offset", "time")
        signal = signals.find(self.signals, event.type)
        notes: list[dict[str, Any]] | None = [] if trace else None
        now_us = to_us(event.time)
        seen = signals.Heard(event, related, now_us, self.limits, self.zone, notes)

        def hear() -> Outcome:
            return signals.hear(seen, signal, self.limits)

        return judged(hear, event, None, now_us, self.limits.hops, notes)

    def advance(
        self,
        entity: Entity,
        until: datetime,
        related: Related = _NOTHING,
        *,
        delivered: datetime | None = None,
    ) -> list[Outcome]:
        """Return the outcomes of every timer that is due at or before ``until``, in order.

        Each runs as a step of its own at its own instant. The list ends with the first outcome
        whose status is ``needs``. A case of another program adopts this one first, at the instant
        of its first timer that is late, so that lateness loses none; where it cannot, the list ends
        with that. Windows do not adopt.

        Args:
            delivered: when the host asks, by its clock; lateness counts from it. ``until`` if None.
        """
        until_us = to_us(until)
        delivered_us = until_us if delivered is None else to_us(delivered)
        outcomes: list[Outcome] = []
        if isinstance(entity, Case) and entity.program not in ("", self.hash):
            late = timers.next_timer(entity, until_us)
            at = until if late is None else from_us(late.due_us)  # what is late is not yet past
            event = adoption(entity, self.hash, max(at, entity.updated_at), delivered_us)
            outcomes.append(self.step(entity, event, related))
            if outcomes[0].status != "applied" or outcomes[0].entity is None:
                return outcomes
            entity = outcomes[0].entity
        while (timer := timers.next_timer(entity, until_us)) is not None:
            outcome = self._timer_step(entity, timer, delivered_us, related)
            outcomes.append(outcome)
            if outcome.status == "needs" or outcome.entity is None:
                break
            entity = outcome.entity
            if len(outcomes) >= self.limits.timer_steps:
                problem = Problem(
                    "timer_limit", f"more than {self.limits.timer_steps} timers ran at once"
                )
                outcomes.append(
                    unchanged("failed", entity, outcome.event, outcome.now_us, (problem,))
                )
                break
        return outcomes

    def _timer_step(
        self, entity: Entity, timer: Timer, delivered_us: int, related: Related
    ) -> Outcome:
        event = timers.timer_event(entity, timer, delivered_us, from_us(timer.due_us))
        return self.step(entity, event, related)

    def handle(
        self, entity: Entity | None, event: Event, related: Related = _NOTHING
    ) -> list[Outcome]:
        """Return the outcomes of the timers that are due, then of the event.

        The list ends with the first outcome whose status is ``needs``; the host adds what is
        missing and calls again with the same arguments.
        """
        if entity is None or event.time is None or event.type == "create":
            return [self.step(entity, event, related)]
        until = max(event.time, entity.updated_at)
        outcomes = self.advance(entity, until, related, delivered=event.time)
        if outcomes:
            last = outcomes[-1]
            adopted = last.event.type != "adopt" or last.status == "applied"
            if last.status == "needs" or last.entity is None or not adopted:
                return outcomes
            entity = last.entity
        outcomes.append(self.step(entity, event, related))
        return outcomes

    def _blank(self, event: Event) -> Case:
        ct = self.case_type(event.case_type)
        if not event.case:
            raise EventError("a create event needs the id of the case; the shell makes one", "case")
        time = event.time or datetime(1970, 1, 1, tzinfo=UTC)
        return Case(
            domain=self.domain,
            id=event.case,
            number=event.number,
            case_type=ct.name,
            state=ct.initial,
            state_entry=1,
            state_since_us=to_us(time),
            revision=0,
            touched_revision=0,
            created_at=time,
            created_by=event.actor.id,
            updated_at=time,
            updated_by=event.actor.id,
            fields={},
            program=self.hash,
        )

    # --- readers ----------------------------------------------------------------------------

    def view(
        self,
        case: Case,
        related: Related = _NOTHING,
        *,
        actor: Actor | None = None,
        now: datetime | None = None,
    ) -> View:
        """Return what reader expressions see of a case at ``now`` (its last step's by default)."""
        at = to_us(case.updated_at if now is None else now)
        made = View(self.case_types[case.case_type], case, related, at)
        made.actor = actor
        return made

    def allowed_actions(
        self, case: Case, actor: Actor, related: Related = _NOTHING
    ) -> list[AllowedAction]:
        """Return each action that the case knows now, and the reasons that block it."""
        from casewright.program.actions_open import allowed_actions

        return allowed_actions(self, case, actor, related)

    def render(self, effect: Effect) -> Message:
        """Return the text of a notification, made of the data that its step fixed."""
        return render(effect, self.templates)

    # --- doors ------------------------------------------------------------------------------

    def dump_case(self, case: Case) -> bytes:
        """Return the canonical JSON of a case."""
        return codec.dump(case)

    def load_case(self, data: bytes) -> Case:
        """Return the case that ``dump_case`` wrote."""
        return codec.load_case(data, self.case_type)

    def dump_window(self, window: Window) -> bytes:
        """Return the canonical JSON of a window."""
        return codec.dump(window)

    def load_window(self, data: bytes) -> Window:
        """Return the window that ``dump_window`` wrote."""
        return codec.load_window(data, self.correlations.get)

    def dump_event(self, event: Event) -> bytes:
        """Return the canonical JSON of an event."""
        return codec.dump(event)

    def load_event(self, data: bytes) -> Event:
        """Return the event that ``dump_event`` wrote."""
        return codec.load_event(data)

    def load_record(self, record_type: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record of reference data with FEEL values.

        Raises:
            ValueError: a value is not of its field's type.
        """
        kind = self.record_types.get(record_type)
        return dict(record) if kind is None else kind.convert(record)
