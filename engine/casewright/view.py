"""What an expression sees of a case: the ``s`` of every compiled expression.

A view is one moment of one case together with the event that is being handled. It reads; only the
step, which extends it, writes. Everything that lies outside the case comes from ``related``, and a
value that is not there interrupts with :class:`RecordsMissing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from casewright.case import COLUMNS, Need, RelatedList
from casewright.feel import Budget, Unavailable
from casewright.temporal import from_us

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from casewright.bind.roles import Roles
    from casewright.case import (
        Actor,
        Case,
        Clocks,
        Event,
        Journal,
        PastEvent,
        Playbook,
        Related,
        RelatedItem,
    )
    from casewright.temporal import Calendar

_NO_LIST = RelatedList()


class RecordsMissing(Unavailable):
    """A step met records that ``related`` lacks."""

    def __init__(self, needs: tuple[Need, ...]) -> None:
        self.needs = needs
        super().__init__(needs)


class CaseKind(Protocol):
    """What a view asks of the compiled case type."""

    @property
    def roles(self) -> Roles:
        """Return the roles of the case type."""
        ...

    @property
    def zone_info(self) -> ZoneInfo:
        """Return the time zone of the domain."""
        ...

    @property
    def calendar(self) -> Calendar:
        """Return the calendar of the case type, one that is always open where it has none."""
        ...

    def calendar_named(self, name: str) -> Calendar:
        """Return a calendar by name; the case type's where there is none of that name."""
        ...

    def clock_view(self, name: str, clocks: Clocks, now_us: int) -> object:
        """Return ``sla.<name>`` as expressions see it."""
        ...

    def clock_items(self, view: View) -> list[dict[str, Any]]:
        """Return the elements of ``clocks``: those that have started, in file order."""
        ...

    def playbook_view(self, playbook: Playbook) -> object:
        """Return ``playbook`` as expressions see it."""
        ...


def answer_key(record_type: str, field: str, value: object) -> str:
    """Return the key under which ``Related.answers`` holds the records whose field is ``value``."""
    return f"{record_type}.{field}={value}"


def shown_item(item: RelatedItem) -> dict[str, Any]:
    """Return what a case knows of another one, as expressions see it."""
    return {
        **item.fields,
        "id": item.id,
        "number": item.number,
        "state": item.state,
        "case_type": item.case_type,
    }


def shown_event(event: PastEvent) -> dict[str, Any]:
    """Return an event of ``recent_events`` as expressions see it."""
    return {
        "id": event.id,
        "type": event.type,
        "time": event.time,
        "actor": event.actor,
        "roles": list(event.roles),
    }


class Surroundings:
    """What every expression sees, whatever entity it is about.

    Attributes:
        related: records given by the host.
        now_us: the step's instant.
        budget: what is left of the evaluation budget.
        lets: values by name: of ``let`` and ``as``, and of facts that are brought together.
    """

    __slots__ = ("_now", "budget", "lets", "now_us", "related")

    def __init__(self, related: Related, now_us: int, budget: Budget | None = None) -> None:
        self.related: Related = related
        self.now_us: int = now_us
        self.budget: Budget = budget or Budget()
        self.lets: dict[str, Any] = {}
        self._now: datetime | None = None

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone of the domain."""
        raise NotImplementedError

    @property
    def now(self) -> datetime:
        """Return the step's instant."""
        if self._now is None:
            self._now = from_us(self.now_us)
        return self._now

    @property
    def today(self) -> date:
        """Return the date of ``now`` in the domain's time zone."""
        return self.now.astimezone(self.zone).date()

    def follow(self, record_type: str, record_id: str) -> dict[str, Any] | None:
        """Return a record of reference data, None where there is no such record.

        Raises:
            RecordsMissing: ``related`` does not say.
        """
        try:
            return self.related.records[record_type][record_id]
        except KeyError:
            raise RecordsMissing((Need(record_type, id=record_id),)) from None

    def select(self, record_type: str, field: str, value: object) -> list[dict[str, Any]]:
        """Return the records whose ``field`` is ``value``, or one of its elements.

        Raises:
            RecordsMissing: ``related`` does not say.
        """
        values = cast("list[object]", value) if isinstance(value, list | tuple) else [value]
        missing: list[Need] = []
        found: dict[str, dict[str, Any]] = {}
        for one in values:
            if one is None:
                continue
            ids = self.related.answers.get(answer_key(record_type, field, one))
            if ids is None:
                missing.append(Need(record_type, field=field, value=one))
                continue
            for record_id in ids:
                record = self.follow(record_type, record_id)
                if record is not None:
                    found[record_id] = record
        if missing:
            raise RecordsMissing(tuple(missing))
        return list(found.values())


class View(Surroundings):
    """One moment of one case, read by compiled expressions.

    Attributes:
        kind: the compiled case type.
        stored: the case as the step found it; of a ``create`` one without fields.
        fields: field values; computed ones are up to date in a record, lazily so in a step.
        event, actor: what is being handled and for whom, or None where a position has neither.
        previous: the view before this internal event, or None at ``create``.
        before: the same, or None at ``create``.
    """

    __slots__ = (
        "_held",
        "_previous",
        "actor",
        "before",
        "clocks",
        "event",
        "fields",
        "journals",
        "kind",
        "parents",
        "playbook",
        "recent",
        "related_lists",
        "stale",
        "state",
        "stored",
    )

    def __init__(
        self,
        kind: CaseKind,
        case: Case,
        related: Related,
        now_us: int,
        budget: Budget | None = None,
    ) -> None:
        super().__init__(related, now_us, budget)
        self.kind = kind
        self.stored = case
        self.before: Case | None = case
        self.fields: dict[str, Any] = case.fields
        self.state: str = case.state
        self.clocks: dict[str, Clocks] = case.clocks
        self.playbook: Playbook | None = case.playbook
        self.related_lists: dict[str, RelatedList] = case.related
        self.parents: dict[str, RelatedItem] = case.parents
        self.journals: dict[str, Journal] = case.journals
        self.recent: tuple[PastEvent, ...] = case.recent or ()
        self.event: Event | None = None
        self.actor: Actor | None = None
        self.stale: int = 0
        self._held: frozenset[str] | None = None
        self._previous: View | None = None

    def take_over(self, other: View) -> None:
        """Become a copy of another view; what both refer to stays shared."""
        self.take_around(other)
        self.fields = other.fields
        self.state = other.state
        self.clocks = other.clocks
        self.playbook = other.playbook
        self.related_lists = other.related_lists
        self.parents = other.parents
        self.journals = other.journals
        self.recent = other.recent

    def take_around(self, other: View) -> None:
        """Take over from another view all but the values of the case."""
        self.kind = other.kind
        self.related = other.related
        self.now_us = other.now_us
        self.stored = other.stored
        self.before = other.before
        self.event = other.event
        self.actor = other.actor
        self.lets = other.lets
        self.budget = other.budget
        self.stale = other.stale
        self._now = other._now
        self._held = other._held
        self._previous = other._previous

    @property
    def id(self) -> str:
        """Return the id of the case."""
        return self.stored.id

    @property
    def number(self) -> str | None:
        """Return the number of the case, or None."""
        return self.stored.number

    @property
    def case_type(self) -> str:
        """Return the qualified name of the case type."""
        return self.stored.case_type

    @property
    def revision(self) -> int:
        """Return the revision of the case before this step."""
        return self.stored.revision

    @property
    def created_at(self) -> datetime:
        """Return when the case was created."""
        return self.stored.created_at

    @property
    def created_by(self) -> str:
        """Return the id of the actor who created it."""
        return self.stored.created_by

    @property
    def updated_at(self) -> datetime:
        """Return when the case was last changed, before this step."""
        return self.stored.updated_at

    @property
    def updated_by(self) -> str:
        """Return the id of the actor who did that."""
        return self.stored.updated_by

    def __repr__(self) -> str:
        return f"{self.number or self.id} [{self.state}]"

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone of the domain."""
        return self.kind.zone_info

    def forget_previous(self) -> None:
        """Make a view of a moment that has none before it."""
        self._previous = None

    @property
    def previous(self) -> View | None:
        """Return the view before this internal event; None at ``create`` and without event."""
        return self._previous

    @property
    def case(self) -> View:
        """Return the record as ``case`` names it: this very view."""
        return self

    @property
    def quiet(self) -> View:
        """Return the same moment with ``event``, ``actor`` and ``previous`` null."""
        return _Quiet(self)

    def held_roles(self) -> frozenset[str]:
        """Return the roles that the actor holds on this case, inclusion expanded."""
        if self._held is None:
            actor = self.actor
            self._held = (
                frozenset() if actor is None else self.kind.roles.held(tuple(actor.roles), self)
            )
        return self._held

    def has_role(self, role: str) -> bool:
        """Return ``has role(role)``."""
        return self.actor is not None and role in self.held_roles()

    def changed(self, name: str) -> bool:
        """Return ``changed(name)``: against ``previous``, "has a value" at create."""
        event = self.event
        if event is None:
            return False
        now = self.fresh(name)
        if self.previous is None:
            return now is not None and now not in ("", [])
        return bool(now != self.previous.fresh(name))

    def fresh(self, name: str) -> Any:
        """Return a field or column by name, for reads whose name is not compiled in."""
        if name in COLUMNS:
            return getattr(self, name)
        if name in self.related_lists:
            return self.related_lists[name]
        if name in self.journals:
            return self.journals[name]
        return self.fields.get(name)

    def computed(self, name: str, bit: int) -> Any:  # noqa: ARG002  the step refreshes by bit
        """Return a computed field."""
        return self.fields.get(name)

    def sla(self, name: str) -> object | None:
        """Return ``sla.<name>``: the live instance or else the last, None before the first."""
        clocks = self.clocks.get(name)
        return None if clocks is None else self.kind.clock_view(name, clocks, self.now_us)

    def clock_items(self) -> list[dict[str, Any]]:
        """Return ``clocks``: those that have started, in file order."""
        return self.kind.clock_items(self)

    def recent_events(self) -> list[dict[str, Any]]:
        """Return ``recent_events``, the newest last."""
        return [shown_event(event) for event in self.recent]

    def playbook_view(self) -> object | None:
        """Return ``playbook``, or None where the case type has none."""
        playbook = self.playbook
        return None if playbook is None else self.kind.playbook_view(playbook)

    def related_list(self, name: str) -> RelatedList:
        """Return the summary of the children in one related list."""
        return self.related_lists.get(name, _NO_LIST)

    def related_items(self, name: str) -> list[dict[str, Any]]:
        """Return the items of a related list, the newest last; at most what a list keeps."""
        return [shown_item(item) for item in self.related_list(name).items]

    def parent(self, name: str, _id: str) -> dict[str, Any] | None:
        """Return what the case knows of the case that its reference field ``name`` names."""
        item = self.parents.get(name)
        if item is None or item.id != _id:
            return None
        return shown_item(item)


class _Quiet(View):
    """A view without event: reads go to the view that it stands for."""

    __slots__ = ("_of",)

    def __init__(self, of: View) -> None:  # pyright: ignore[reportMissingSuperCall]
        self.take_over(of)
        self._of = of
        self.event = None
        self.actor = None
        self._previous = None
        self._held = frozenset()

    def computed(self, name: str, bit: int) -> Any:
        return self._of.computed(name, bit)

    def sla(self, name: str) -> object | None:
        return self._of.sla(name)

    def playbook_view(self) -> object | None:
        return self._of.playbook_view()

    def fresh(self, name: str) -> Any:
        return self._of.fresh(name)

    def follow(self, record_type: str, record_id: str) -> dict[str, Any] | None:
        return self._of.follow(record_type, record_id)
