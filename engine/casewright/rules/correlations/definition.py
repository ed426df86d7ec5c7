"""What correlations and signals compile to: who observes what, and what a window makes of it.

Who observes evaluates key and conditions on the case or signal itself, and sends the window what
its expressions read. The window brings observations together with a network.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from casewright.case import WINDOW_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.actions import ActionList
    from casewright.bind.fields import FieldDefinition
    from casewright.bind.values import Value
    from casewright.feel import Expression
    from casewright.rules.correlations.listening import Listening
    from casewright.rules.networks.contract import Network, Production
    from casewright.temporal import Calendar, Duration

_KEY_LENGTH = 120


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """How one source, a case type or a signal, is observed for one pattern of a correlation.

    Attributes:
        correlation: qualified name.
        pattern: its name in the production.
        on: event types; empty for a pattern that holds as long as its condition does.
        key: value of the window's key, worked out on the source.
        when: conjuncts that read the source alone; all have to hold.
        mask: bits of the case that ``when``, ``key`` and ``data`` read, for patterns that hold.
        always: whether they read what no bit stands for.
        data: what the window's expressions read of the source, by name.
        place: of the pattern.
    """

    correlation: str
    pattern: str
    on: tuple[str, ...]
    key: Expression
    when: tuple[Expression, ...]
    mask: int
    always: bool
    data: Mapping[str, Value]
    place: str


@dataclass(frozen=True, slots=True, eq=False)
class Watches:
    """What is observed of one source.

    Attributes:
        on: by event type, in the order of correlations and patterns.
        holding: of patterns without ``on``.
        listening: the same as ``on``, indexed.
    """

    on: Mapping[str, tuple[Watch, ...]] = field(default_factory=dict[str, "tuple[Watch, ...]"])
    holding: tuple[Watch, ...] = ()
    listening: Mapping[str, Listening] = field(default_factory=dict[str, "Listening"])

    def __bool__(self) -> bool:
        return bool(self.on or self.holding)


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """A message from outside that belongs to no case.

    Attributes:
        name: qualified.
        roles: bare names of those who may send it; empty: anybody.
        data: what it brings, by name.
        watches: the patterns that listen to it.
        place: of its definition.
        listening: ``watches``, indexed.
    """

    name: str
    roles: frozenset[str]
    data: Mapping[str, FieldDefinition]
    watches: tuple[Watch, ...]
    place: str
    listening: Listening


@dataclass(frozen=True, slots=True, eq=False)
class Correlation:
    """A correlation, compiled.

    Attributes:
        name: qualified.
        production: its patterns; facts are labelled with the names of the patterns that they fit.
        network: brings the observations of one window together.
        within: how far apart observations may be.
        calendar: of ``within``, where it is counted in business time or in dates.
        keep: observations are kept after it has fired.
        do: what it does.
        fields: types of what observations bring, by name.
        key_field: type of the key, or None where it is not known.
        expects: by pattern of ``absent`` without ``on``, the case types that it watches.
        told: notifications that ``do`` sends, by what its actions call them; of what kind, those
            know who compile and send them.
        place, fingerprint: of its definition.
    """

    name: str
    production: Production
    network: Network
    within: Duration
    calendar: Calendar
    keep: bool
    do: ActionList
    fields: Mapping[str, FieldDefinition]
    key_field: FieldDefinition | None
    expects: Mapping[str, frozenset[str]]
    told: Mapping[str, object]
    place: str
    fingerprint: str


def window_id(correlation: str, key: str) -> str:
    """Return the id of a window; ``key`` is its value as text, hashed by the caller if long."""
    return f"{WINDOW_PREFIX}{correlation}/{key}"
