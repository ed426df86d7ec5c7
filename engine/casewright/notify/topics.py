"""Topic maps: messages for the outside, made of events, and the topics that select them.

A message is matched like a notification (rule 24); the step fixes its data and the topics and
sinks that get it. What form a message takes on the way, and how a sink delivers, is not here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casewright.bind.scope import plain_scope
from casewright.bind.world import Where
from casewright.feel import Budget, FeelError, Name, Scope, compile
from casewright.feel import types as feel
from casewright.notify.change import ANYTHING, needed_bits, reads_change
from casewright.spec.models.common import one_or_many

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from casewright.bind.binder import Binder
    from casewright.bind.values import Value
    from casewright.bind.world import World
    from casewright.feel import Expression
    from casewright.spec.pack_set import Spec
    from casewright.view import View

HEADER = (
    "eventType",
    "eventId",
    "eventTime",
    "correlationId",
    "domain",
    "title",
    "priority",
    "source",
)


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


@dataclass(frozen=True, slots=True, eq=False)
class Topic:
    """A selection of messages.

    Attributes:
        header: condition on the message's header, or None.
        content: condition on its content, as ``event``, or None.
        sinks: where what it selects goes.
    """

    name: str
    header: Expression | None
    content: Expression | None
    sinks: tuple[str, ...]

    def selects(
        self, header: Mapping[str, Any], content: Mapping[str, Any], budget: Budget
    ) -> bool:
        """Return True if the message of this header and content is one of the topic's."""
        seen = _Envelope(header, content)
        return all(
            query is None or query.true(seen, budget) for query in (self.header, self.content)
        )


@dataclass(frozen=True, slots=True)
class _Envelope:
    """What the queries of a topic see."""

    header: Mapping[str, Any]
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Sink:
    """Where messages go.

    Attributes:
        is_on: whether settings switch it on.
        batch: most messages at a time, or None.
        on_dead: ``pass`` or ``block``.
    """

    name: str
    plugin: str
    is_on: bool
    batch: int | None
    max_run_time: str | None
    options: Mapping[str, Any]
    on_dead: str


@dataclass(frozen=True, slots=True, eq=False)
class TopicMap:
    """The topics and sinks of one topic map, by name."""

    name: str
    topics: Mapping[str, Topic]
    sinks: Mapping[str, Sink]

    def routes(
        self, header: Mapping[str, Any], content: Mapping[str, Any], budget: Budget
    ) -> tuple[tuple[str, str], ...]:
        """Return each (topic, sink) that a message goes to; sinks that are off get none."""
        return tuple(
            (topic.name, sink)
            for topic in self.topics.values()
            if topic.selects(header, content, budget)
            for sink in topic.sinks
            if sink in self.sinks and self.sinks[sink].is_on
        )


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
    is_on = _plain(binder.world, settings, model.enabled, where / "enabled", feel.BOOLEAN)
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


def compile_topic_map(world: World, spec: Spec) -> TopicMap:
    """Return the topics and sinks of a topic map; mistakes are reported.

    Args:
        world: takes the diagnostics.
        spec: of kind ``topic_map``.
    """
    plain = plain_scope(world, spec.pack, {})
    header = Scope({name: _header_name(name) for name in HEADER}, plain.functions, plain.bindings)
    content = Scope(
        {"event": Name(feel.ContextType({}, closed=False), "s.content", ("event",))},
        plain.functions,
        plain.bindings,
    )
    for name, model in spec.model.messages.items():
        for case_type in one_or_many(model.for_):
            world.find("case_type", case_type, Where(spec, "/messages") / name / "for")
    topics: dict[str, Topic] = {}
    for name, model in spec.model.topics.items():
        where = Where(spec, "/topics") / name
        for i, sink in enumerate(model.sinks):
            if sink not in spec.model.sinks:
                world.unknown("CW816", where / "sinks" / i, "sink", sink, spec.model.sinks)
        topics[name] = Topic(
            name,
            _query(world, model.header, where / "header", header),
            _query(world, model.content, where / "content", content),
            tuple(model.sinks),
        )
    sinks = {
        name: _sink(world, plain, name, model, Where(spec, "/sinks") / name)
        for name, model in spec.model.sinks.items()
    }
    return TopicMap(spec.qualified, topics, sinks)


def _header_name(name: str) -> Name:
    kind = feel.ANY if name == "source" else feel.STRING
    return Name(kind, f"s.header.get({name!r})", (name,))


def _query(world: World, text: str | None, where: Where, scope: Scope) -> Expression | None:
    if text is None:
        return None
    try:
        return compile(text, scope, expect=feel.BOOLEAN)
    except FeelError as err:
        for problem in err.problems:
            world.report(problem.code, where, problem.message, problem.hint, offset=problem.start)
        return None


def _sink(world: World, plain: Scope, name: str, model: Any, where: Where) -> Sink:

    when = _query(world, model.when, where / "when", plain)
    is_on = when is None or when.true(None, Budget())
    return Sink(
        name,
        model.plugin,
        is_on,
        _plain(world, plain, model.batch, where / "batch"),
        _plain(world, plain, model.max_run_time, where / "max_run_time"),
        {key: _plain(world, plain, raw, where / "with" / key) for key, raw in model.with_.items()},
        model.on_dead,
    )


def _plain(
    world: World, plain: Scope, raw: Any, where: Where, expect: feel.Type | None = None
) -> Any:
    """Return a literal, or what FEEL over settings gives."""
    if not (isinstance(raw, str) and raw.startswith("= ")):
        return raw
    try:
        made = compile(raw[2:], plain, expect=expect)
    except FeelError as err:
        for problem in err.problems:
            world.report(
                problem.code, where, problem.message, problem.hint, offset=problem.start + 2
            )
        return None
    return made.value(None, Budget())
