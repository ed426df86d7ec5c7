"""What a step takes and gives: actor, event, case, effect, outcome.

The records are frozen ``msgspec.Struct``: immutable at no cost, compared by value, and with a
codec. They are values that nothing inside them refers back to, so the collector of circular garbage
is told to leave them alone (``gc=False``): a process that holds many cases is not held up by it.
Instants of the engine's own records are whole microseconds since 1970 (UTC), named ``..._us``;
instants that expressions read are aware ``datetime``. Nothing here knows a spec.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime  # noqa: TC003
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, field
from msgspec.structs import force_setattr

from casewright.temporal import Duration  # noqa: TC001

EventStatus = Literal[
    "applied", "rejected", "failed", "needs", "duplicate", "id_reused", "malformed"
]
ClockStatus = Literal["in_progress", "paused", "completed", "cancelled"]

SYSTEM_ID = "system"

COLUMNS = (
    "id",
    "number",
    "case_type",
    "revision",
    "state",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
)
"""What the engine keeps of every case, readable by these names beside its fields."""

JOURNAL_OF = {"comment": "comments", "work_note": "work_notes"}
"""The journal field that an event posts to."""

POST_TO = {journal: event for event, journal in JOURNAL_OF.items()}
"""The event that setting a journal field is."""


class Actor(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Who asks for an event.

    Attributes:
        id: the host's name of the person or program.
        roles: names of the roles that it holds, before inclusion is expanded; kept as a tuple.
        attributes: what the host adds, readable as ``actor.<name>``.
    """

    id: str
    roles: Sequence[str] = ()
    attributes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep the roles as a tuple, whatever sequence they came in."""
        if not isinstance(self.roles, tuple):
            force_setattr(self, "roles", tuple(self.roles))


SYSTEM = Actor(SYSTEM_ID)


class Origin(Struct, frozen=True, gc=False):
    """The case that sent a message, or None of all three on events from outside."""

    case: str
    case_type: str
    number: str | None = None


class Cause(Struct, frozen=True, gc=False):
    """The root of a chain of events: what came from outside, and who sent it."""

    event: str
    type: str
    actor: str


class Event(Struct, frozen=True, gc=False):
    """Something that happened or was asked for.

    Attributes:
        type: a built-in type, a type that a transition is ``on``, or the engine's own.
        id: unique within (domain, entity); the shell makes one where the host gives none.
        case: id of the case; on ``create`` the client may choose it.
        case_type: on ``create`` the case type, qualified or bare.
        time: aware instant of admission, stamped by the shell's clock.
        actor: who asks; ``SYSTEM`` for timers and messages.
        data: event data and fields by name, as FEEL values or plain JSON values.
        expected: revision that the asker saw, or None.
        occurred: when it happened outside, or None; data only.
        service: on ``create`` the service whose ``set`` comes first.
        record_producer: on ``create`` the record producer.
        number: on ``create`` the number that the host's allocator gave.
        hops: how many entities the chain has crossed.
        caused_by: the root of the chain; None on the root itself.
        origin: the case that sent it, or None.
        delivered_us: of the engine's own events, such as a timer, when it was in fact delivered;
            lateness is this minus due. No door lets it in from outside.
        counted_in: on ``create`` the related lists in which the creating case has counted it.
    """

    type: str
    id: str = ""
    case: str = ""
    case_type: str = ""
    time: datetime | None = None
    actor: Actor = SYSTEM
    data: dict[str, Any] = field(default_factory=dict)
    expected: int | None = None
    occurred: datetime | None = None
    service: str | None = None
    record_producer: str | None = None
    number: str | None = None
    hops: int = 0
    caused_by: Cause | None = None
    origin: Origin | None = None
    delivered_us: int | None = None
    counted_in: tuple[str, ...] = ()


class Clock(Struct, frozen=True, gc=False):
    """One instance of an SLA clock.

    Attributes:
        instance: counts the instances of this clock in this case, from 1.
        status: ``in_progress``, ``paused``, ``completed`` or ``cancelled``.
        started_us: start of the instance; a ``reset`` moves ``counted_from_us`` instead.
        counted_from_us: from when time counts.
        pauses: closed intervals that do not count, ascending, ``(from_us, to_us)``.
        paused_since_us: start of the pause that is open now, or of the gap since a stop.
        target: a duration that keeps its unit, an instant (us) of a deadline, or None while no
            target fits.
        target_key: the key of a keyed target, for the explanation.
        due_us: the instant at which the target is spent; None while paused or without target.
        breached: elapsed has reached the target of this instance.
        passed: thresholds that ran or were marked passed for (instance, target).
        ended_us: when it stopped or was cancelled, or None.
        elapsed_us: counted time at the end, or None while it lives.
        reason: why it was cancelled, or None.
        fingerprint: of the definition it was last computed with.
    """

    instance: int
    status: ClockStatus
    started_us: int
    counted_from_us: int
    pauses: tuple[tuple[int, int], ...] = ()
    paused_since_us: int | None = None
    target: Duration | int | None = None
    target_key: str | None = None
    due_us: int | None = None
    breached: bool = False
    passed: tuple[str, ...] = ()
    ended_us: int | None = None
    elapsed_us: int | None = None
    reason: str | None = None
    fingerprint: str = ""


class Clocks(Struct, frozen=True, gc=False):
    """What a case keeps of one clock: the live instance or else the last, and the one before."""

    current: Clock
    last: Clock | None = None
    breaches: int = 0


class Timer(Struct, frozen=True, gc=False):
    """A due time as data.

    Attributes:
        key: identity: path of the definition, such as ``state/solution_proposed/auto_close``,
            ``sla/first_response/50%``, ``activity/diagnose/nudge`` or ``rule/name``.
        due_us: when it runs.
        rank: order at one instant: 0 clock thresholds, 1 state timers, 2 activity timers, 3 rule
            delays.
        position: file order within the rank.
        owner: what it belongs to: state entry, clock instance or arming revision.
        fingerprint: of the definition that armed it.
        parked: why it failed, or None; a parked timer does not run again.
        hops: of the event that armed it.
        event: of a rule delay, the event that armed it.
        bound: of the delay of a rule over several facts, those that it fired for, by name.
    """

    key: str
    due_us: int
    rank: int
    position: int
    owner: int
    fingerprint: str = ""
    parked: str | None = None
    hops: int = 0
    event: Event | None = None
    bound: dict[str, Any] | UnsetType = UNSET


class Activity(Struct, frozen=True, gc=False):
    """Progress of one playbook activity.

    Attributes:
        status: ``open``, ``completed`` or ``pending``.
        touched: an action ran on it.
        opened_us: when it was last opened.
        dismissed: names of the cards that were dismissed.
        entry: counts the openings.
        waived: ``done_when`` held when it was reopened, so only its holding anew completes it.
        drafts: texts of journals that were saved and are posted on moving on.
    """

    status: Literal["pending", "open", "completed"] = "pending"
    touched: bool = False
    opened_us: int | None = None
    dismissed: tuple[str, ...] = ()
    entry: int = 0
    waived: bool = False
    drafts: dict[str, str] = field(default_factory=dict)


class Playbook(Struct, frozen=True, gc=False):
    """Progress of the playbook.

    Attributes:
        name: the playbook's qualified name.
        stage: the stage that is open, or None once all is done.
        activity: the activity that is open, or None.
        completed: stages that are completed, in order of completion.
        activities: progress by activity name; one that was never reached is absent.
        returns: activities to come back to, the innermost last.
        since: the stage or activity that the last ``go_to`` moved to; what lies before it is left
            behind.
    """

    name: str
    stage: str | None = None
    activity: str | None = None
    completed: tuple[str, ...] = ()
    activities: dict[str, Activity] = field(default_factory=dict)
    returns: tuple[str, ...] = ()
    since: str | None = None


class Journal(Struct, frozen=True, gc=False):
    """What a case keeps of its comments or work notes: the count and the last one."""

    count: int
    text: str
    by: str
    roles: tuple[str, ...]
    at: datetime


class RelatedItem(Struct, frozen=True, gc=False):
    """A child in a related list: what the parent knows of it."""

    id: str
    case_type: str
    number: str | None
    state: str
    final: bool
    fields: dict[str, Any] = field(default_factory=dict)


class RelatedList(Struct, frozen=True, gc=False):
    """A summary of the children of one related list, kept by messages.

    Attributes:
        counts: children by ``case_type/state``.
        count: all of them.
        open: those in a state that is not final.
        items: the newest 200, oldest first.
    """

    counts: dict[str, int] = field(default_factory=dict)
    count: int = 0
    open: int = 0
    items: tuple[RelatedItem, ...] = ()


class PastEvent(Struct, frozen=True, gc=False):
    """An event that a case has handled: what rules over recent events see of it.

    Attributes:
        id: of the event.
        type: of the event.
        time: the instant of its step.
        actor: id of who asked.
        roles: those that the actor held on the case.
    """

    id: str
    type: str
    time: datetime
    actor: str
    roles: tuple[str, ...] = ()


class OpenCall(Struct, frozen=True, gc=False):
    """A plugin call that was not answered yet."""

    id: str
    action: str
    deadline_us: int
    result: str | None = None
    error: str | None = None


class Case(Struct, frozen=True, gc=False):
    """A case: all the state there is of it.

    Attributes:
        domain: the tenant, part of every key; "" where there is one only.
        id: identity; never reused.
        number: the label that people use, or None.
        case_type: qualified name, ``pack.name``.
        state: state of the state flow.
        state_entry: counts the entries into states; owner of state timers.
        state_since_us: when the state was entered.
        revision: counts the applied steps.
        touched_revision: the last step that changed a field or the state.
        created_at, created_by, updated_at, updated_by: by whom and when; ids of actors.
        fields: values by field name; a field without a value is absent.
        clocks, playbook, timers, related, calls, journals: the engine's records.
        parents: summaries of referenced cases by field name.
        once: ids made by ``once_per``, by key, for ``as``.
        program: hash of the program that made this revision.
        recent: the newest 50 events that came to it, the oldest first; kept only where some
            expression of its case type reads them.
        told: what windows were told last of what holds for it, by ``correlation/pattern``: a digest
            of it and the window's id.
    """

    domain: str
    id: str
    number: str | None
    case_type: str
    state: str
    state_entry: int
    state_since_us: int
    revision: int
    touched_revision: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    fields: dict[str, Any]
    clocks: dict[str, Clocks] = field(default_factory=dict)
    playbook: Playbook | None = None
    timers: tuple[Timer, ...] = ()
    related: dict[str, RelatedList] = field(default_factory=dict)
    parents: dict[str, RelatedItem] = field(default_factory=dict)
    calls: tuple[OpenCall, ...] = ()
    journals: dict[str, Journal] = field(default_factory=dict)
    once: dict[str, str] = field(default_factory=dict)
    program: str = ""
    recent: tuple[PastEvent, ...] | UnsetType = UNSET
    told: dict[str, str] | UnsetType = UNSET

    @property
    def next_due_us(self) -> int | None:
        """Return the earliest instant at which a timer runs, or None."""
        return min((t.due_us for t in self.timers if t.parked is None), default=None)


class Observation(Struct, frozen=True, gc=False):
    """What a window knows of one event, or of one case for which a condition holds.

    Attributes:
        id: of the message or signal that brought it; of a case that holds, ``case/<id>/<pattern>``.
        at_us: when it happened.
        fits: names of the patterns that it fits as far as it alone decides.
        type: of the event.
        case, case_type: whose event it is; None of a signal.
        data: the values that expressions of the correlation read, by name.
        holds: it is of a pattern without ``on``: it stays as long as the case fits it, however old.
        is_expected: of a case that this window has created and that has not reported yet.
    """

    id: str
    at_us: int
    fits: tuple[str, ...]
    type: str
    case: str | None = None
    case_type: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    holds: bool = False
    is_expected: bool = False


class Window(Struct, frozen=True, gc=False):
    """A window of a correlation: what was observed for one value of its key (rule 41).

    Attributes:
        domain: the tenant.
        id: ``window/<correlation>/<key>``.
        correlation: qualified name, ``pack.name``.
        key: the value.
        revision: counts the applied steps.
        episode: counts how often it was empty and began again; what ``once_per`` remembers is of
            the episode.
        fired: how often it has fired in this episode.
        created_at, updated_at: instants of its first and its last step.
        newest_us: when the newest observation happened, None in an empty window.
        observations: by id.
        once: ids made by ``once_per`` in this episode, by key.
        timers: at most one, which ends the episode.
        program: hash of the program that made this revision.
    """

    domain: str
    id: str
    correlation: str
    key: Any
    revision: int
    episode: int
    fired: int
    created_at: datetime
    updated_at: datetime
    newest_us: int | None = None
    observations: dict[str, Observation] = field(default_factory=dict)
    once: dict[str, str] = field(default_factory=dict)
    timers: tuple[Timer, ...] = ()
    program: str = ""

    @property
    def case_type(self) -> str:
        """Return the correlation's qualified name, which stands where cases name their type."""
        return self.correlation

    @property
    def number(self) -> None:
        """Return None: windows have no label."""
        return

    @property
    def state(self) -> str:
        """Return ``open`` while it holds observations, else ``empty``."""
        return "open" if self.observations else "empty"

    @property
    def next_due_us(self) -> int | None:
        """Return the instant at which the episode ends, or None."""
        return min((t.due_us for t in self.timers if t.parked is None), default=None)


def held_id(case: str, pattern: str) -> str:
    """Return the id of the observation that a case fits a pattern without ``on``."""
    return f"case/{case}/{pattern}"


Entity = Case | Window
"""What a step works on."""

WINDOW_PREFIX = "window/"
"""How ids of windows begin; no case has such an id."""


class Need(Struct, frozen=True, gc=False):
    """What a step lacks: the record ``id`` of a type, or all whose ``field`` is ``value``."""

    record_type: str
    id: str | None = None
    field: str | None = None
    value: Any = None


class Related(Struct, frozen=True, gc=False):
    """Records that a step may read, given by the host.

    Attributes:
        records: by record type and id; None says that there is no such record.
        answers: ids by ``record_type.field=value`` (the value as canonical JSON).
    """

    records: Mapping[str, Mapping[str, dict[str, Any] | None]] = field(
        default_factory=dict[str, Mapping[str, dict[str, Any] | None]]
    )
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


class Problem(Struct, frozen=True, gc=False):
    """A reason for a rejection or failure.

    Attributes:
        code: a status word of rule 3, such as ``invalid`` or ``no_transition``.
        message: for people, with the value and what would do.
        path: the field or key concerned, or an empty text.
    """

    code: str
    message: str
    path: str = ""


class Effect(Struct, frozen=True, gc=False):
    """Something that a step wants done outside.

    Attributes:
        id: ``case/revision/position``.
        kind: ``notification``, ``send``, ``create``, ``call``, ``publish``, ``summary`` or
            ``observe``, a message to a window.
        name: the notification, event type, case type, action or message.
        to: ids of the receivers: recipients of a notification, cases of a send.
        data: what the receiver gets. Of a ``create``: ``with`` (fields), ``service`` and
            ``counted_in`` (for the event's key of that name). Of an ``observe``: ``correlation``,
            and ``key`` and ``observation`` (an :class:`Observation` as a map) or ``gone`` (the id
            of one that holds no longer).
        hops: of the event that the effect makes.
        to_list: of a ``send`` or ``summary`` whose receivers are all children in a related list,
            its name; ``to`` is then empty and the shell expands it.
        if_refused: of a ``send``, the event raised here where a receiver refuses, or None.
    """

    id: str
    kind: Literal["notification", "send", "create", "call", "publish", "summary", "observe"]
    name: str
    to: tuple[str, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    hops: int = 0
    to_list: str | None = None
    if_refused: str | None = None


class Entry(Struct, frozen=True, gc=False):
    """A comment, work note, e-mail or attachment that a step adds to the case's journal."""

    kind: str
    text: str
    by: str
    roles: tuple[str, ...]
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)


class Ignored(Struct, frozen=True, gc=False):
    """An internal event that could do nothing, and why."""

    event: str
    reason: str


class Outcome(Struct, frozen=True, gc=False):
    """What a step returns.

    Attributes:
        status: of rule 3; only ``applied`` changes the entity.
        entity: the case or window after the step, or before it where nothing changed; None if there
            is none.
        event: the event that was handled, as admitted.
        now_us: the step's instant.
        changes: ``{path: (old, new)}`` of fields, ``state`` and the engine's own columns.
        effects: in order of making.
        errors: why it was rejected or failed.
        ignored: internal events that could do nothing.
        causes: ids of the transition, rules, rows and timers that acted, in order.
        entries: new comments, notes, mails and attachments.
        needs: what ``related`` lacks, with status ``needs`` only.
        read: the related values that the step read.
        trace: a tree of reasons, only where it was asked for.
    """

    status: EventStatus
    entity: Entity | None
    event: Event
    now_us: int
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()
    errors: tuple[Problem, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    causes: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    needs: tuple[Need, ...] = ()
    read: Related | None = None
    trace: tuple[dict[str, Any], ...] | UnsetType = UNSET

    @property
    def case(self) -> Case | None:
        """Return the case after the step; None after one of a window."""
        entity = self.entity
        return entity if isinstance(entity, Case) else None

    @property
    def next_due_us(self) -> int | None:
        """Return when the entity wants to be advanced next, or None."""
        return None if self.entity is None else self.entity.next_due_us
