"""What a host declares to the engine: functions, actions, channels.

A plain declaration, so that specs which use a host's functions and actions can be checked without
running the host. Functions are pure: equal arguments give equal results, no input or output, no
clock. Anything else is an action: it runs outside the step and answers with an event (rule 42).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from casewright.errors import HostError

ActionBody = Callable[["Call"], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class HostFunction:
    """A pure function that expressions may call.

    Attributes:
        name: as expressions write it; may hold spaces.
        parameters: name and FEEL type (``string``, ``number``, ``date``, ...) of each, in order.
        result: FEEL type of the result.
        version: part of the program hash; raise it when an answer changes.
        call: takes and returns FEEL values; an exception is ``failed: host_function``.
    """

    name: str
    parameters: tuple[tuple[str, str], ...]
    result: str
    version: str
    call: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an action.

    Attributes:
        id: the call id; equal for every retry, so it serves as an idempotency key.
        action: name of the action.
        case: id of the case that called.
        data: what the spec's ``with`` gave.
        attempt: 1 for the first time.
    """

    id: str
    action: str
    case: str
    data: Mapping[str, Any]
    attempt: int


@dataclass(frozen=True, slots=True)
class HostAction:
    """An action that specs may ``call``; it runs after the step, at least once.

    Attributes:
        name: as specs write it.
        takes: field name and FEEL type of what ``with`` gives.
        returns: field name and FEEL type of the answer's data.
        run: does it and returns the answer's data; None where the answer comes later, by
            ``Engine.answer``, or where another process runs it.
    """

    name: str
    takes: Mapping[str, str] = field(default_factory=dict[str, str])
    returns: Mapping[str, str] = field(default_factory=dict[str, str])
    run: ActionBody | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way out.

    Attributes:
        id: the effect's id; a receiver that keeps it can drop repeats.
        case: id of the case that it comes from.
        channel: name of the channel.
        kind: ``notification`` or ``publish``.
        name: the notification or message.
        to: ids of the recipients; addresses are the channel's to look up.
        subject: rendered, or an empty text.
        body: rendered, or an empty text.
        data: what the step fixed for it.
        attempt: 1 for the first time.
    """

    id: str
    case: str
    channel: str
    kind: str
    name: str
    to: tuple[str, ...]
    subject: str
    body: str
    data: Mapping[str, Any]
    attempt: int


class HostFunctionError(HostError):
    """A host's function raised; the step is ``failed: host_function``."""


class Undeliverable(HostError):  # noqa: N818  says what the delivery is, not what went wrong
    """A delivery that no retry will cure; it becomes a dead letter at once."""


class Channel(Protocol):
    """A way out: a mail server, a bus, a console."""

    def deliver(self, delivery: Delivery) -> None:
        """Hand ``delivery`` over; return once the receiver has it.

        Raises:
            Undeliverable: no retry will help.
            Exception: anything else is tried again later.
        """
        ...


@dataclass(frozen=True, slots=True)
class Host:
    """All that a host declares.

    Attributes:
        functions: pure functions for expressions.
        actions: actions for ``call``.
        channels: ways out by name; ``default`` takes what names no other.
    """

    functions: tuple[HostFunction, ...] = ()
    actions: tuple[HostAction, ...] = ()
    channels: Mapping[str, Channel] = field(default_factory=dict[str, Channel])

    def __add__(self, other: Host) -> Host:
        """Return a host with the declarations of both; of equal names those of ``other`` hold."""
        functions = {f.name: f for f in (*self.functions, *other.functions)}
        actions = {a.name: a for a in (*self.actions, *other.actions)}
        return replace(
            self,
            functions=tuple(functions.values()),
            actions=tuple(actions.values()),
            channels={**self.channels, **other.channels},
        )


def function(
    parameters: Mapping[str, str], result: str, *, version: str = "1", name: str | None = None
) -> Callable[[Callable[..., Any]], HostFunction]:
    """Return a decorator that declares a pure function for expressions.

    Args:
        parameters: FEEL type by parameter name, in order.
        result: FEEL type of the result.
        version: raise it when an answer changes.
        name: as expressions write it; the Python function's own where left out.
    """

    def declare(call: Callable[..., Any]) -> HostFunction:
        own = getattr(call, "__name__", "")
        return HostFunction(name or own, tuple(parameters.items()), result, version, call)

    return declare


def action(
    takes: Mapping[str, str] | None = None,
    returns: Mapping[str, str] | None = None,
    *,
    name: str | None = None,
) -> Callable[[ActionBody], HostAction]:
    """Return a decorator that declares an action for ``call``.

    Args:
        takes: FEEL type by field name of what ``with`` gives.
        returns: FEEL type by field name of the answer's data.
        name: as specs write it; the Python function's own where left out.
    """

    def declare(run: ActionBody) -> HostAction:
        own = getattr(run, "__name__", "")
        return HostAction(name or own, dict(takes or {}), dict(returns or {}), run)

    return declare
