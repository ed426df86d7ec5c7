"""Messages for the outside, made of events; matched like notifications (rule 24).

The step fixes a message's data; what form it takes and which topics select it follows at delivery.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casewright.bind.places import Where
from casewright.bind.scope import plain_scope
from casewright.feel import types as feel
from casewright.notify.change import ANYTHING, needed_bits, reads_change
from casewright.notify.settings import setting_value
from casewright.spec.models.common import one_or_many

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from casewright.bind.binder import Binder
    from casewright.bind.values import Value
    from casewright.feel import Expression
    from casewright.spec.pack_set import Spec
    from casewright.view import View


@dataclass(frozen=True, slots=True, eq=False)
class TopicMessage:
    """One message.

    Attributes:
        name: qualified by its pack.
        on: event types that it tells of; empty where ``when`` alone decides.
        type: type of the message, for instance ``TroubleTicketCreateEvent``.
        format: form that it takes at delivery, for instance ``tmf688``.
        values: what it is filled with besides.
        map: qualified name of its topic map, whose topics select it.
        needs: bits of which one has to have changed in the step, for one with ``when`` alone.
    """

    name: str
    on: tuple[str, ...]
    when: Expression | None
    type: str
    format: str
    values: Mapping[str, Value]
    map: str
    needs: int = ANYTHING


@dataclass(frozen=True, slots=True)
class Publication:
    """A message that goes out, fixed.

    Attributes:
        name: of the message, qualified.
        type, format: as declared.
        data: what the form is filled with.
        map: qualified name of the topic map.
    """

    name: str
    type: str
    format: str
    data: Mapping[str, Any]
    map: str

    @property
    def key(self) -> str:
        """Return what tells it apart from a notification of the same name."""
        return _key(self.name)

    def payload(self) -> dict[str, Any]:
        """Return the data of the effect that carries it."""
        return {"type": self.type, "format": self.format, "data": dict(self.data), "map": self.map}


@dataclass(frozen=True, slots=True, eq=False)
class Messages:
    """The messages of a case type, by the event that they tell of."""

    all: Mapping[str, TopicMessage] = field(default_factory=dict[str, TopicMessage])
    on: Mapping[str, tuple[TopicMessage, ...]] = field(
        default_factory=dict[str, "tuple[TopicMessage, ...]"]
    )
    conditional: tuple[TopicMessage, ...] = ()

    @property
    def events(self) -> frozenset[str]:
        """Return the event types that some message tells of."""
        return frozenset(self.on)

    def may_tell(self, changed: int) -> bool:
        """Return False if nothing can go out at the end of a step that has changed these bits."""
        for one in self.conditional:  # noqa: SIM110  runs in every step
            if one.needs & changed:
                return True
        return False

    def after(self, event_type: str, s: View, sent: Collection[str]) -> Iterator[Publication]:
        """Yield what goes out at the end of an internal event.

        Args:
            event_type: of the internal event.
            s: the case at its end.
            sent: keys of publications that went out in this step; the caller adds to it.
        """
        return _matched(self.on.get(event_type, ()), s, sent)

    def at_end(
        self, s: View, sent: Collection[str], changed: int = ANYTHING
    ) -> Iterator[Publication]:
        """Yield what goes out at the end of the step; see ``Notifications.at_end``."""
        return _matched((one for one in self.conditional if one.needs & changed), s, sent)


def _key(name: str) -> str:
    return f"message/{name}"


def _matched(
    candidates: Iterable[TopicMessage], s: View, sent: Collection[str]
) -> Iterator[Publication]:
    budget = s.budget
    for one in candidates:
        if _key(one.name) not in sent and (one.when is None or one.when.true(s, budget)):
            data = {name: value.get(s, budget) for name, value in one.values.items()}
            yield Publication(one.name, one.type, one.format, data, one.map)


def compile_messages(binder: Binder, specs: Iterable[Spec]) -> Messages:
    """Return the messages of a case type; mistakes are reported.

    Args:
        binder: of the case type.
        specs: every spec of kind ``topic_map``; messages that are for other case types are passed
            over.
    """
    made: dict[str, TopicMessage] = {}
    for spec in specs:
        for name, model in spec.model.messages.items():
            where = Where(spec, "/messages") / name
            if not _is_for(binder, model, spec, where):
                continue
            one = _message(binder, f"{spec.pack}.{name}", model, where)
            if one is not None:
                made[one.name] = one
    on: dict[str, list[TopicMessage]] = {}
    for one in made.values():
        for event_type in one.on:
            on.setdefault(event_type, []).append(one)
    return Messages(
        all=made,
        on={event_type: tuple(found) for event_type, found in on.items()},
        conditional=tuple(one for one in made.values() if not one.on),
    )


def _is_for(binder: Binder, model: Any, spec: Spec, where: Where) -> bool:
    own = one_or_many(model.for_)
    names, place = (
        (own, where / "for") if own else (one_or_many(spec.model.for_), Where(spec, "/for"))
    )
    found = [binder.world.seek("case_type", name, place) for name in names]
    return any(one is not None and one.qualified in binder.shape.lineage for one in found)


def _message(binder: Binder, name: str, model: Any, where: Where) -> TopicMessage | None:
    settings = plain_scope(binder.world, where.pack, {})
    is_on = setting_value(binder.world, settings, model.enabled, where / "enabled", feel.BOOLEAN)
    events = tuple(
        event
        for i, event in enumerate(one_or_many(model.on))
        if binder.event_type(event, where / "on" if isinstance(model.on, str) else where / "on" / i)
    )
    names = binder.naming(events) if events else {}
    when = None
    if model.when is not None:
        when = binder.condition(model.when, where / "when", "event", names)
    if model.on is None and (when is None or not reads_change(when)):
        binder.report(
            "CW815",
            where if model.when is None else where / "when",
            "a message has `on`, or a `when` that reads `changed` or `previous`",
            key=model.when is None,
        )
    values = {
        key: binder.value(raw, where / "with" / key, "event", None, names)
        for key, raw in model.with_.items()
    }
    if is_on is not True:
        return None
    return TopicMessage(
        name,
        events,
        when,
        model.type,
        model.format,
        {key: value for key, value in values.items() if value is not None},
        where.spec.qualified,
        ANYTHING if when is None else needed_bits(when, binder.shape),
    )
