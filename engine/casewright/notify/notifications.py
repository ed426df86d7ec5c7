"""Notifications: who is told of what, matched and fixed in the step (rule 24).

One with ``on`` is matched at the end of each internal event of its types; one with ``when`` alone
once, at the end, against the case before the step; one with neither is for the action ``notify``.
The step fixes recipients, channels and the data that the template reads; text is made at delivery.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct

from casewright.actions import BadValue
from casewright.bind.places import Where, is_expression
from casewright.feel import types as feel
from casewright.notify.change import ANYTHING, needed_bits, reads_change
from casewright.spec.models.common import one_or_many
from casewright.templates import Message, Template, TemplateFault, chooser, message

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from casewright.bind.binder import Binder
    from casewright.bind.expressions import ExpressionBinder
    from casewright.bind.values import Value
    from casewright.bind.world import World
    from casewright.case import Effect
    from casewright.feel import Budget, Expression, Name
    from casewright.spec.pack_set import Spec
    from casewright.view import Surroundings, View


@dataclass(frozen=True, slots=True, eq=False)
class Notification:
    """One notification.

    Attributes:
        name: qualified by its pack.
        on: event types that it tells of; empty where it has none.
        needs: bits of which one has to have changed in the step, for one with ``when`` alone.
        to: fields and expressions that give its recipients.
        template: gives the template that is meant.
        on_dead: ``pass`` or ``block``.
    """

    name: str
    on: tuple[str, ...]
    when: Expression | None
    to: tuple[Value, ...]
    channels: tuple[Value, ...]
    template: Callable[[Surroundings, Budget], Template | None]
    on_dead: str = "pass"
    title: str = ""
    place: str = ""
    needs: int = ANYTHING


class Notice(Struct, frozen=True):
    """A notification that goes out, fixed.

    Attributes:
        name: of the notification, qualified.
        to: ids of the recipients, each once; empty: nobody is told, which only the trace says.
        channels: names of the channels, in order.
        template: qualified name of the template.
        data: what the template reads, by path.
        on_dead: ``pass`` or ``block``.
    """

    name: str
    to: tuple[str, ...]
    channels: tuple[str, ...]
    template: str
    data: Mapping[str, Any]
    on_dead: str = "pass"

    def payload(self) -> dict[str, Any]:
        """Return the data of the effect that carries it."""
        return {
            "channels": list(self.channels),
            "template": self.template,
            "data": dict(self.data),
            "on_dead": self.on_dead,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Notifications:
    """The notifications of a case type.

    Attributes:
        all: by qualified name, in file order.
        on: those with ``on`` by event type.
        conditional: those with ``when`` alone.
        by_name: those with neither, by qualified and by bare name (the first that has it).
    """

    all: Mapping[str, Notification] = field(default_factory=dict[str, Notification])
    on: Mapping[str, tuple[Notification, ...]] = field(
        default_factory=dict[str, "tuple[Notification, ...]"]
    )
    conditional: tuple[Notification, ...] = ()
    by_name: Mapping[str, Notification] = field(default_factory=dict[str, Notification])

    @property
    def events(self) -> frozenset[str]:
        """Return the event types that some notification tells of."""
        return frozenset(self.on)

    def may_tell(self, changed: int) -> bool:
        """Return False if nothing can go out at the end of a step that has changed these bits."""
        for one in self.conditional:  # noqa: SIM110  runs in every step
            if one.needs & changed:
                return True
        return False

    def after(self, event_type: str, s: View, sent: Collection[str]) -> Iterator[Notice]:
        """Yield what goes out at the end of an internal event.

        Args:
            event_type: of the internal event.
            s: the case at its end.
            sent: qualified names that went out in this step already; the caller adds to it.
        """
        return self._matched(self.on.get(event_type, ()), s, sent)

    def at_end(self, s: View, sent: Collection[str], changed: int = ANYTHING) -> Iterator[Notice]:
        """Yield what goes out at the end of the step.

        Args:
            s: the case at the end, whose ``previous`` is the case before the step.
            sent: as in :meth:`after`.
            changed: bits of what the step has changed; all of them at ``create``.
        """
        return self._matched((one for one in self.conditional if one.needs & changed), s, sent)

    def named(self, name: str, s: View, sent: Collection[str]) -> Notice | None:
        """Return the notification that ``notify`` names; None if it went out in this step."""
        found = self.by_name[name]
        return None if found.name in sent else notice(found, s)

    def _matched(
        self, candidates: Iterable[Notification], s: View, sent: Collection[str]
    ) -> Iterator[Notice]:
        for one in candidates:
            if one.name in sent:
                continue
            if one.when is None or one.when.true(s, s.budget):
                yield notice(one, s)


def notice(notification: Notification, s: Surroundings) -> Notice:
    """Return a notification with recipients, channels and data fixed on a view.

    Raises:
        BadValue: the name of its template is worked out and means none.
    """
    budget = s.budget
    to = _ids(notification.to, s)
    try:
        template = notification.template(s, budget) if to else None
    except TemplateFault as err:
        raise BadValue(notification.place, str(err)) from err
    if template is None:
        return Notice(notification.name, (), (), "", {}, notification.on_dead)
    return Notice(
        notification.name,
        to,
        _ids(notification.channels, s),
        template.name,
        template.data(s, budget),
        notification.on_dead,
    )


def _ids(values: tuple[Value, ...], s: Surroundings) -> tuple[str, ...]:
    """Return the ids that values give on a view, each once."""
    found: dict[str, None] = {}
    for value in values:
        _gather(value.get(s, s.budget), found)
    return tuple(found)


def _gather(value: object, found: dict[str, None]) -> None:
    if isinstance(value, str):
        if value:
            found[value] = None
    elif isinstance(value, list | tuple):
        for item in cast("list[object]", value):
            _gather(item, found)
    elif isinstance(value, dict):
        _gather(cast("dict[str, object]", value).get("id"), found)


def compile_notifications(binder: Binder, specs: Iterable[Spec]) -> Notifications:
    """Return the notifications of a case type; mistakes are reported.

    Args:
        binder: of the case type.
        specs: of kind ``notification_map``, those that are for it, in file order.
    """
    made: dict[str, Notification] = {}
    for spec in specs:
        for name, model in spec.model.notifications.items():
            where = Where(spec, "/notifications") / name
            qualified = f"{spec.pack}.{name}"
            if qualified in made:
                text = f'a second notification is named "{name}"'
                binder.report("CW811", where, text, "give it another name", key=True)
                continue
            one = _compiled(binder, qualified, model, where)
            if one is not None:
                made[qualified] = one
    on: dict[str, list[Notification]] = {}
    for one in made.values():
        for event_type in one.on:
            on.setdefault(event_type, []).append(one)
    plain = [one for one in made.values() if not one.on and one.when is None]
    return Notifications(
        all=made,
        on={event_type: tuple(found) for event_type, found in on.items()},
        conditional=tuple(one for one in made.values() if not one.on and one.when is not None),
        by_name=_by_names(plain),
    )


def _by_names(notifications: list[Notification]) -> dict[str, Notification]:
    named: dict[str, Notification] = {}
    for one in reversed(notifications):
        named[one.name.rpartition(".")[2]] = one
    return {**named, **{one.name: one for one in notifications}}


def render(effect: Effect, templates: Mapping[str, tuple[str | None, str]]) -> Message:
    """Return subject and body of a notification's effect.

    Args:
        templates: as :func:`template_sources` gives them.

    Raises:
        KeyError: the program has no such template.
        TemplateFault: a value does not fit, or a limit is passed.
    """
    subject, body = templates[effect.data["template"]]
    return message(subject, body, effect.data["data"])


def template_sources(world: World) -> dict[str, tuple[str | None, str]]:
    """Return every template of every pack: any may be meant by an effect."""
    made: dict[str, tuple[str | None, str]] = {}
    for spec in world.packs.all("templates"):
        for name, model in spec.model.templates.items():
            parts = (None, model) if isinstance(model, str) else (model.subject, model.body)
            made[f"{spec.pack}.{name}"] = parts
    return made


def _compiled(binder: Binder, name: str, model: Any, where: Where) -> Notification | None:
    events = tuple(
        event
        for i, event in enumerate(one_or_many(model.on))
        if binder.event_type(event, _nth(model.on, where / "on", i))
    )
    names = binder.naming(events) if events else {}
    when = None
    if model.when is not None:
        when = binder.condition(model.when, where / "when", "event", names)
        if when is None:
            return None
        if model.on is None and not reads_change(when):
            binder.report(
                "CW812",
                where / "when",
                "a notification without `on` has to read `changed` or `previous`, "
                "or it would go out at every event",
                'add `on`, or `changed("field") and ...`',
            )
    needs = ANYTHING if when is None else needed_bits(when, binder.shape)
    return made_notification(binder, name, model, where, names, events, when, needs)


def made_notification(
    binder: ExpressionBinder,
    name: str,
    model: Any,
    where: Where,
    names: Mapping[str, Name],
    events: tuple[str, ...] = (),
    when: Expression | None = None,
    needs: int = ANYTHING,
) -> Notification | None:
    """Return a notification compiled in a scope; None where its template is not known.

    Args:
        name: qualified.
        where: its place.
        names: besides those of the binder's scope.
        events, when, needs: as the notification has them.
    """
    template = chooser(binder, model.template, where / "template", names)
    to = _recipients(binder, model.to, where / "to", names)
    channels = [
        binder.value(raw, _nth(model.channel, where / "channel", i), "event", feel.STRING, names)
        for i, raw in enumerate(one_or_many(model.channel))
    ]
    if template is None:
        return None
    return Notification(
        name=name,
        on=events,
        when=when,
        to=tuple(to),
        channels=tuple(channel for channel in channels if channel is not None),
        template=template,
        on_dead=model.on_dead,
        title=model.title or "",
        place=str(where),
        needs=needs,
    )


def _recipients(
    binder: ExpressionBinder, raw: Any, where: Where, names: Mapping[str, Name]
) -> Iterator[Value]:
    for i, text in enumerate(one_or_many(raw)):
        place = _nth(raw, where, i)
        if not is_expression(text) and text not in binder.fields and "." not in text:
            binder.unknown("CW813", place, "recipient: no field", text, binder.fields)
            continue
        feel_text = text if is_expression(text) else f"= {text}"
        value = binder.value(feel_text, place, "event", None, names)
        if value is None:
            continue
        kind = value.type.item if isinstance(value.type, feel.ListType) else value.type
        if not _may_be_recipient(kind):
            binder.report(
                "CW814",
                place,
                f'"{text}" gives {value.type}, a recipient is a reference',
                "name a reference field, or an expression that gives ids",
            )
            continue
        yield value


def _may_be_recipient(kind: feel.Type) -> bool:
    if isinstance(kind, feel.ContextType):
        return "id" in kind.members or not kind.closed
    return isinstance(kind, feel.ReferenceType) or kind in (feel.ANY, feel.NULL, feel.STRING)


def _nth(raw: Any, where: Where, i: int) -> Where:
    """Return the place of one element of a value that may be a single one."""
    return where if isinstance(raw, str) else where / i
