"""Topics and sinks: which messages go where.

A topic selects by conditions on a message's header and content. What form a message takes on the
way, and how a sink delivers, is not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casewright.bind.places import Where
from casewright.bind.scope import plain_scope
from casewright.feel import Budget, FeelError, Name, Scope, compile
from casewright.feel import types as feel
from casewright.notify.settings import setting_value
from casewright.spec.models.common import one_or_many

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.bind.world import World
    from casewright.feel import Expression
    from casewright.spec.pack_set import Spec

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
        setting_value(world, plain, model.batch, where / "batch"),
        setting_value(world, plain, model.max_run_time, where / "max_run_time"),
        {
            key: setting_value(world, plain, raw, where / "with" / key)
            for key, raw in model.with_.items()
        },
        model.on_dead,
    )
