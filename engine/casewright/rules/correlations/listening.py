"""Which patterns an event or signal may fit: looked up as rules are, not tried one by one.

What is left out could not fit, so that what windows are told is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casewright.rules.agenda import Agenda
from casewright.rules.telling_apart import tests_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from casewright.bind.fields import FieldDefinition
    from casewright.rules.correlations.definition import Watch
    from casewright.rules.telling_apart import Reading, Test

_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class _Listener:
    """A watch with its place and the tests that it says can be looked up."""

    order: int
    tests: tuple[Test, ...]
    watch: Watch


class Listening:
    """The watches of one event of a case type, or of one signal.

    Attributes:
        all: in the order of correlations and patterns.
    """

    __slots__ = ("_agenda", "all")

    def __init__(
        self,
        watches: Sequence[Watch],
        fields: Mapping[str, FieldDefinition],
        reading: Reading,
    ) -> None:
        """Index watches.

        Args:
            fields: of the case type, or the data of the signal.
            reading: gives what reads one of them.
        """
        self.all = tuple(watches)
        self._agenda = Agenda(
            _Listener(order, _tests(watch, fields, reading), watch)
            for order, watch in enumerate(watches)
        )

    def candidates(self, s: Any) -> Sequence[Watch]:
        """Return the watches that what ``s`` sees may fit, in order."""
        found = self._agenda.candidates(s)
        return self.all if found is self._agenda.rules else [one.watch for one in found]


def _tests(
    watch: Watch, fields: Mapping[str, FieldDefinition], reading: Reading
) -> tuple[Test, ...]:
    return tuple(test for part in watch.when for test in tests_of(part, fields, _NOTHING, reading))


def of_signal(definition: FieldDefinition) -> Callable[[Any], Any]:
    """Return what reads a value of a signal."""
    name = definition.name
    return lambda s: s.event.data.get(name)
