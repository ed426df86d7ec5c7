"""The action vocabulary: what lists of actions compile to, and the port through which they act.

An action evaluates its values on the view and asks the step for the change; it holds no state and
decides nothing about order. Which list runs when is the business of the mechanisms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from casewright.templates.fault import TemplateFault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casewright.bind.fields import FieldDefinition
    from casewright.bind.values import Value
    from casewright.feel import Budget, Expression
    from casewright.view import Surroundings


class BadValue(Exception):  # noqa: N818  becomes the status failed: bad_value
    """A spec's action made a value that cannot be used.

    Attributes:
        place: where the action stands, ``path:line:column``.
        message: what is wrong with the value.
    """

    def __init__(self, place: str, message: str) -> None:
        self.place = place
        self.message = message
        super().__init__(f"{place}: {message}")


class Acting(Protocol):
    """What an action asks of the step."""

    @property
    def view(self) -> Surroundings:
        """Return the view on which values are worked out."""
        ...

    @property
    def budget(self) -> Budget:
        """Return what is left of the evaluation budget."""
        ...

    def put(self, definition: FieldDefinition, value: object) -> None:
        """Set a field; ValueError if the value is not one of its."""
        ...

    def post(self, kind: str, text: str) -> None:
        """Add a comment or work note and announce it."""
        ...

    def raise_event(self, event_type: str, data: dict[str, Any]) -> None:
        """Queue an event on this case."""
        ...

    def send(self, action: Send, receivers: tuple[str, ...], data: dict[str, Any]) -> None:
        """Send an event to other cases."""
        ...

    def create(self, action: Create, data: dict[str, Any], once: tuple[Any, ...] | None) -> str:
        """Ask for a case; return its id."""
        ...

    def notify(self, name: str) -> None:
        """Send the notification ``name``."""
        ...

    def call(self, action: Call, data: dict[str, Any]) -> None:
        """Call a plugin's action."""
        ...

    def go_to(self, target: str) -> None:
        """Move the playbook."""
        ...


class Action(Protocol):
    """One compiled action."""

    def run(self, step: Acting) -> None:
        """Do it."""
        ...


@dataclass(frozen=True, slots=True)
class ActionList:
    """Actions in order; each sees what those before it did."""

    actions: tuple[Action, ...] = ()

    def run(self, step: Acting) -> None:
        """Do them all."""
        for action in self.actions:
            action.run(step)

    def __bool__(self) -> bool:
        return bool(self.actions)


NOTHING = ActionList()


@dataclass(frozen=True, slots=True, eq=False)
class Set:
    """``set``: fields of this case, worked out together."""

    place: str
    values: tuple[tuple[FieldDefinition, Value], ...]

    def run(self, step: Acting) -> None:
        """Work out all values, then put them."""
        view, budget = step.view, step.budget
        made = [(definition, value.get(view, budget)) for definition, value in self.values]
        for definition, value in made:
            try:
                step.put(definition, value)
            except ValueError as err:
                raise BadValue(self.place, f"{definition.name}: {err}") from err


@dataclass(frozen=True, slots=True, eq=False)
class Post:
    """``comment`` and ``work_note``."""

    place: str
    kind: str
    text: Callable[[Any, Budget], Any]

    def run(self, step: Acting) -> None:
        """Post the text; a text that is null or empty posts nothing."""
        try:
            text = self.text(step.view, step.budget)
        except TemplateFault as err:
            raise BadValue(self.place, str(err)) from err
        if text is None or text == "":
            return
        if not isinstance(text, str):
            raise BadValue(self.place, f"{text!r} is not a text")
        step.post(self.kind, text)


@dataclass(frozen=True, slots=True, eq=False)
class Raise:
    """``raise``: an event on this case, in this step."""

    place: str
    event: str
    data: Mapping[str, Value]

    def run(self, step: Acting) -> None:
        """Queue the event."""
        step.raise_event(self.event, evaluated(self.data, step))


@dataclass(frozen=True, slots=True, eq=False)
class Send:
    """``send``: an event on other cases.

    Attributes:
        to: ids, or None where the receivers are all of ``to_list``.
        to_list: the related list that is meant as a whole, or None.
        if_refused: event here if a receiver refuses, or None.
    """

    place: str
    event: str
    to: Value | None
    to_list: str | None
    data: Mapping[str, Value]
    if_refused: str | None = None

    def run(self, step: Acting) -> None:
        """Send it to each receiver once."""
        receivers: tuple[str, ...] = ()
        if self.to is not None:
            receivers = tuple(
                dict.fromkeys(ids_of(self.to.get(step.view, step.budget), self.place))
            )
            if not receivers:
                return
        step.send(self, receivers, evaluated(self.data, step))


@dataclass(frozen=True, slots=True, eq=False)
class Create:
    """``create``: a case."""

    place: str
    case_type: str
    service: str | None
    alias: str | None
    data: Mapping[str, Value]
    once_per: tuple[Value, ...] | None

    def run(self, step: Acting) -> None:
        """Ask for the case and name its id."""
        once = None
        if self.once_per is not None:
            once = tuple(value.get(step.view, step.budget) for value in self.once_per)
        made = step.create(self, evaluated(self.data, step), once)
        if self.alias is not None:
            step.view.lets[self.alias] = made


@dataclass(frozen=True, slots=True, eq=False)
class Notify:
    """``notify``: a notification by name."""

    name: str

    def run(self, step: Acting) -> None:
        """Send it."""
        step.notify(self.name)


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """``call``: a plugin's action; without ``timeout`` an answer is waited for one hour."""

    place: str
    action: str
    data: Mapping[str, Value]
    result: str | None
    error: str | None
    timeout: Value | None

    def run(self, step: Acting) -> None:
        """Call it."""
        step.call(self, evaluated(self.data, step))


@dataclass(frozen=True, slots=True, eq=False)
class GoTo:
    """``go_to``: a stage or activity of the playbook."""

    target: str

    def run(self, step: Acting) -> None:
        """Move there."""
        step.go_to(self.target)


@dataclass(frozen=True, slots=True, eq=False)
class Let:
    """``let``: values for later actions."""

    values: Mapping[str, Value]

    def run(self, step: Acting) -> None:
        """Work out each value, in order; later ones see earlier ones."""
        for name, value in self.values.items():
            step.view.lets[name] = value.get(step.view, step.budget)


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """``{when, for_each, as, do}``."""

    place: str
    when: Expression | None
    for_each: Value | None
    alias: str
    do: ActionList

    def run(self, step: Acting) -> None:
        """Run the group if ``when`` holds, once or for each element."""
        if self.for_each is None:
            if self.when is None or self.when.true(step.view, step.budget):
                self.do.run(step)
            return
        elements = self.for_each.get(step.view, step.budget)
        if elements is None:
            return
        if not isinstance(elements, list | tuple):
            elements = [elements]
        lets = step.view.lets
        outer = {self.alias: lets[self.alias]} if self.alias in lets else {}
        for element in list(elements):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            lets[self.alias] = element
            if self.when is None or self.when.true(step.view, step.budget):
                self.do.run(step)
        lets.pop(self.alias, None)
        lets.update(outer)


def evaluated(values: Mapping[str, Value], step: Acting) -> dict[str, Any]:
    """Return every value worked out on the step's view."""
    view, budget = step.view, step.budget
    return {name: value.get(view, budget) for name, value in values.items()}


def ids_of(value: object, place: str) -> list[str]:
    """Return the ids that a value of ``to`` names: an id, items of a related list, or lists."""
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict) and isinstance(value.get("id"), str):  # pyright: ignore[reportUnknownMemberType]
        return [value["id"]]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list | tuple):
        return [one for item in value for one in ids_of(item, place)]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    raise BadValue(place, f"{value!r} names no case")
