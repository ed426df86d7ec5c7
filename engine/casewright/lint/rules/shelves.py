"""Rules put where later ones find them, so that never all are compared with all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from casewright.lint.rules.rulebook import Entry


@dataclass(slots=True)
class _Shelf:
    """Rules that come earlier, found by a subject of which their condition leaves one value.

    Attributes:
        by_pin: by subject and value, those of which it is the one value of their first subject.
        by_key: by subject, others that are sure to speak of it.
        free: all others.
        texts: what they set the field to.
    """

    by_pin: dict[str, dict[object, list[Entry]]] = field(
        default_factory=dict[str, "dict[object, list[Entry]]"]
    )
    by_key: dict[str, list[Entry]] = field(default_factory=dict[str, "list[Entry]"])
    free: list[Entry] = field(default_factory=list["Entry"])
    texts: set[str] = field(default_factory=set[str])

    def add(self, entry: Entry, text: str, weight: Mapping[str, int]) -> None:
        """Put a rule in, under the subject by which most rules are told apart."""
        self.texts.add(text)
        keys = entry.pins
        if keys:
            key = max(keys, key=lambda one: (weight.get(one, 0), one))
            self.by_pin.setdefault(key, {}).setdefault(keys[key], []).append(entry)
        elif entry.leaves_of:
            self.by_key.setdefault(min(entry.leaves_of), []).append(entry)
        else:
            self.free.append(entry)

    def possible(self, later: Entry) -> Iterator[Entry]:
        """Yield the rules that may hold together with a later one, as far as this tells."""
        yield from self.free
        for others in self.by_key.values():
            yield from others
        for key, by_value in self.by_pin.items():
            if key in later.pins:
                yield from by_value.get(later.pins[key], ())
            else:
                for found in by_value.values():
                    yield from found

    def implied(self, later: Entry) -> Iterator[Entry]:
        """Yield the rules whose condition may follow from that of a later one."""
        yield from self.free
        for key in later.leaves_of:
            yield from self.by_key.get(key, ())
        for key, value in later.pins.items():
            yield from self.by_pin.get(key, {}).get(value, ())


class Shelves:
    """Rules by the fields that they set and the events at which they do."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        apart: dict[str, set[object]] = {}
        for entry in entries:
            for key, value in entry.pins.items():
                apart.setdefault(key, set()).add(value)
        self._weight = {key: len(values) for key, values in apart.items()}
        self._shelves: dict[str, dict[str, _Shelf]] = {}

    def add(self, entry: Entry) -> None:
        """Put a rule in; those that are put in later come later."""
        for name, made in entry.writes.items():
            by_event = self._shelves.setdefault(name, {})
            for event in entry.rule.on or ("",):
                by_event.setdefault(event, _Shelf()).add(entry, made[-1].text, self._weight)

    def possible(self, later: Entry, name: str) -> Iterator[Entry]:
        """Yield rules that set a field otherwise at an event at which a later one acts."""
        same = {later.writes[name][-1].text}
        return _once(
            found
            for shelf in self._of(later, name)
            if shelf.texts != same
            for found in shelf.possible(later)
        )

    def implied(self, later: Entry, names: Iterable[str]) -> Iterator[Entry]:
        """Yield rules that set one of the fields and may act wherever a later one does."""
        return _once(
            found
            for name in names
            for shelf in self._of(later, name)
            for found in shelf.implied(later)
        )

    def _of(self, later: Entry, name: str) -> Iterator[_Shelf]:
        by_event = self._shelves.get(name, {})
        for event in (*later.rule.on, "") if later.rule.on else tuple(by_event):
            if event in by_event:
                yield by_event[event]


def _once(found: Iterable[Entry]) -> Iterator[Entry]:
    seen: set[str] = set()
    for entry in found:
        if entry.name not in seen:
            seen.add(entry.name)
            yield entry
