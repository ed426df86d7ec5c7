"""What the shell asks of a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from casewright.store import Codec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from casewright.case import Actor, Case, Clocks, Effect, Entity, Event, Outcome, Related
    from casewright.errors import Diagnostic


class RelatedFacts(Protocol):
    """What the shell reads of a related list."""

    @property
    def by(self) -> str:
        """Return the children's field that names the parent."""
        ...

    @property
    def types(self) -> Mapping[str, Any]:
        """Return the children's case types by qualified name."""
        ...


class FlowFacts(Protocol):
    """What the shell reads of a state flow."""

    @property
    def states(self) -> Mapping[str, Any]:
        """Return the states by name."""
        ...


class CaseTypeFacts(Protocol):
    """What the shell reads of a compiled case type."""

    @property
    def name(self) -> str:
        """Return the qualified name."""
        ...

    @property
    def number(self) -> tuple[str, int] | None:
        """Return prefix and digits of its numbers, or None if its cases have none."""
        ...

    @property
    def flow(self) -> FlowFacts:
        """Return its state flow."""
        ...

    @property
    def clocks(self) -> Mapping[str, Any]:
        """Return the clocks by name, in file order."""
        ...

    def clock_view(self, name: str, clocks: Clocks, now_us: int) -> Any:
        """Return ``sla.<name>`` as expressions see it."""
        ...

    @property
    def related(self) -> Mapping[str, RelatedFacts]:
        """Return the related lists by name."""
        ...

    @property
    def event_data(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the declared data by event type."""
        ...

    @property
    def lineage(self) -> tuple[str, ...]:
        """Return the qualified names of the case types that it extends."""
        ...


class Rendered(Protocol):
    """A message as its receiver reads it."""

    @property
    def subject(self) -> str:
        """Return the subject, or an empty text."""
        ...

    @property
    def body(self) -> str:
        """Return the text."""
        ...


class Stepper(Codec, Protocol):
    """A program: pure functions from entity, event and related records to outcomes."""

    hash: str
    domain: str
    warnings: tuple[Diagnostic, ...]

    @property
    def records(self) -> Mapping[str, Mapping[str, dict[str, Any]]]:
        """Return the rows that ship with the packs, by record type and id."""
        ...

    def handle(
        self, entity: Entity | None, event: Event, related: Related = ...
    ) -> Sequence[Outcome]:
        """Return the outcomes of what was due, and of the event."""
        ...

    def advance(self, entity: Entity, until: datetime, related: Related = ...) -> Sequence[Outcome]:
        """Return the outcomes of what is due at or before ``until``."""
        ...

    def step(
        self, entity: Entity | None, event: Event, related: Related = ..., *, trace: bool = ...
    ) -> Outcome:
        """Return the outcome of one event alone."""
        ...

    @property
    def signals(self) -> Mapping[str, Any]:
        """Return the signals by qualified name."""
        ...

    @property
    def correlations(self) -> Mapping[str, Any]:
        """Return the correlations by qualified name."""
        ...

    def receive(self, event: Event, related: Related = ...) -> Outcome:
        """Return what a signal is to the windows that listen: an effect for each."""
        ...

    @property
    def case_types(self) -> Mapping[str, CaseTypeFacts]:
        """Return the case types by qualified name."""
        ...

    def case_type(self, name: str) -> CaseTypeFacts:
        """Return a case type.

        Raises:
            EventError: there is none of this name.
        """
        ...

    def load_record(self, record_type: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record of reference data with FEEL values.

        Raises:
            ValueError: a value is not of its field's type.
        """
        ...

    def render(self, effect: Effect) -> Rendered:
        """Return a notification as its receiver reads it."""
        ...

    def allowed_actions(self, case: Case, actor: Actor, related: Related = ...) -> Sequence[Any]:
        """Return each action with the reasons that block it."""
        ...
