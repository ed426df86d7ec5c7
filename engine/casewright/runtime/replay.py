"""A case, or a window, from its journal: history, verification, explanation (design, 6.5).

Rebuilding folds the journal and needs no program. Verifying also runs each step again, with the
program that made it, on the journalled inputs; explaining does so with a trace.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from casewright.case import WINDOW_PREFIX, Outcome, Related
from casewright.errors import EventError
from casewright.store import Detail, journal
from casewright.store.entities import dumped, loaded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from casewright.case import Entity, Event, EventStatus
    from casewright.runtime.engine import Engine
    from casewright.runtime.stepper import Stepper
    from casewright.store import JournalEntry

VerdictStatus = Literal[
    "agrees", "differs", "differs by engine", "corrupt", "unknown program", "erased"
]


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One event of a case's life.

    Attributes:
        revision: of the case after it; None where it stands beside the chain.
        status: ``applied``, ``rejected``, or ``failed`` where a timer was parked.
        at_us: the step's instant.
        event: plain JSON of the event.
        changes: ``{path: (old, new)}`` of the whole record, plain JSON; paths are dotted.
        detail: effect ids, causes, errors, ignored events, comments and notes.
        program: hash of the program that stepped.
    """

    revision: int | None
    status: EventStatus
    at_us: int
    event: dict[str, Any]
    changes: Mapping[str, tuple[Any, Any]]
    detail: Detail
    program: str


@dataclass(frozen=True, slots=True)
class Explained:
    """One event with its reasons.

    Attributes:
        entry: what happened.
        outcome: the step run again with a trace; None where its program or inputs are gone.
    """

    entry: HistoryEntry
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class SteppedAgain:
    """One event with its step run again.

    Attributes:
        entry: what happened.
        outcome: the step run again with a trace; None where its program or inputs are gone.
        program: that made the step; None where it is not at hand.
        related: the records that the step read.
    """

    entry: HistoryEntry
    outcome: Outcome | None
    program: Stepper | None
    related: Related


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying a case came to.

    Attributes:
        status: ``agrees``; ``differs``, of the same engine and program; ``differs by engine``;
            ``corrupt``, if chain, journal and case do not fit; ``unknown program`` or
            ``erased``, where all that could be checked agrees but steps could not be run again.
        revision: the first that does not agree, or the last one.
        message: what is wrong, or an empty text.
    """

    status: VerdictStatus
    revision: int | None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """An event that another program would have answered otherwise.

    Attributes:
        entry: what happened.
        outcome: what the other program makes of the same case and event.
    """

    entry: HistoryEntry
    outcome: Outcome


class Replay:
    """Reads journals of one engine's store.

    Args:
        engine: whose cases they are.
        programs: by hash.
    """

    def __init__(self, engine: Engine, programs: Mapping[str, Stepper]) -> None:
        self._engine = engine
        self._programs = programs

    def _entries(self, case: str) -> list[JournalEntry]:
        engine = self._engine
        return engine.store.history(engine.domain, case, engine.program)

    def history(self, case: str) -> list[HistoryEntry]:
        """Return what happened to a case, oldest first."""
        parts: journal.Parts = {}
        found: list[HistoryEntry] = []
        for entry in self._entries(case):
            before = parts
            if entry.digest:
                parts = journal.fold(parts, entry.changes)
            found.append(_read(entry, before, parts))
        return found

    def explain(self, case: str, revision: int | None) -> list[Explained]:
        """Return the history, or one revision of it, with the steps run again."""
        parts: journal.Parts = {}
        found: list[Explained] = []
        for entry in self._entries(case):
            before = parts
            if entry.digest:
                parts = journal.fold(parts, entry.changes)
            if revision is None or revision == entry.revision:
                again = self._again(entry, before, trace=True)
                found.append(Explained(_read(entry, before, parts), again))
        return found

    def step_of(self, case: str, event_id: str) -> SteppedAgain:
        """Return the step of an event, run again with a trace.

        The last one, where an event was tried several times; of an empty id the last of all. A
        window's observation is also known by the id of the event that was observed. One that has
        failed and is parked is stepped on the case as it is now.

        Raises:
            EventError: the case had no such event.
        """
        parts: journal.Parts = {}
        found: tuple[JournalEntry, journal.Parts, journal.Parts] | None = None
        nearest = 1
        entries = self._entries(case)
        for entry in entries:
            before = parts
            if entry.digest:
                parts = journal.fold(parts, entry.changes)
            near = _nearness(entry, event_id)
            if near >= nearest:
                found, nearest = (entry, before, parts), near
        if found is None and (waiting := self._parked(case, event_id)) is not None:
            return waiting
        if not entries:
            what = "window" if case.startswith(WINDOW_PREFIX) else "case"
            raise EventError(f"there is no {what} {case}", "case")
        if found is None:
            last = ", ".join(f'"{entry.event_id}" ({entry.type})' for entry in entries[-5:])
            hint = f"; its last ones: {last}" if last else ""
            raise EventError(f'{case} had no event "{event_id}"{hint}', "event")
        entry, before, parts = found
        again = self._again(entry, before, trace=True)
        program = self._programs.get(entry.program)
        related = Related() if program is None else read_related(entry.read, program)
        return SteppedAgain(_read(entry, before, parts), again, program, related)

    def _parked(self, case: str, event_id: str) -> SteppedAgain | None:
        """Return a failed event that waits for an operator, stepped on the case as it is now."""
        engine = self._engine
        program = engine.program
        waiting = engine.store.parked(engine.domain, program, case)
        parked = next((one for one in waiting if one.event_id == event_id), None)
        if parked is None:
            return None
        entity = engine.store.entity(engine.domain, case, program)
        reading = engine.reading()
        outcomes = reading.outcomes(
            lambda related: [program.step(entity, parked.event, related, trace=True)]
        )
        event: dict[str, Any] = msgspec.json.decode(program.dump_event(parked.event))
        detail = Detail(errors=parked.errors)
        entry = HistoryEntry(None, "failed", parked.at_us, event, {}, detail, program.hash)
        return SteppedAgain(entry, outcomes[-1], program, reading.related)

    def steps_with(self, case: str, cause: str, *, until: str) -> list[Outcome]:
        """Return the steps before an event in which something acted, run again with a trace.

        Args:
            case: id of the case or window.
            cause: what acted, as outcomes name it.
            until: id of the event.
        """
        parts: journal.Parts = {}
        found: list[Outcome] = []
        for entry in self._entries(case):
            if entry.event_id == until:
                break
            before = parts
            if entry.digest:
                parts = journal.fold(parts, entry.changes)
            if cause in journal.read_detail(entry.detail).causes:
                again = self._again(entry, before, trace=True)
                if again is not None:
                    found.append(again)
        return found

    def at(self, case: str, revision: int) -> Entity | None:
        """Return the case or window as it was after a revision, folded from its journal."""
        body = journal.rebuild(self._entries(case), revision)
        return None if body is None else _folded(self._engine.program, journal.split(body))

    def against(self, case: str, program: Stepper) -> list[Difference]:
        """Return the events of a case's life that another program answers otherwise.

        Each is stepped on the case as it was, so one difference does not make others.
        """
        parts: journal.Parts = {}
        found: list[Difference] = []
        for entry in self._entries(case):
            before = parts
            if entry.digest:
                parts = journal.fold(parts, entry.changes)
            if entry.type == "adopt" or entry.masked or _has_erased(before):
                continue
            outcome = _stepped(program, entry, before, trace=False)
            if not _is_equal(program, entry, outcome, parts, without=("program",)):
                found.append(Difference(_read(entry, before, parts), outcome))
        return found

    def verify(self, case: str) -> Verdict:
        """Return whether chain, journal and case agree, and the steps give the same again."""
        engine = self._engine
        entries = self._entries(case)
        broken = _broken(entries, engine.store.head(engine.domain, case))
        if broken is not None:
            return broken
        entity = engine.store.entity(engine.domain, case, engine.program)
        body = journal.rebuild(entries)
        if body is None or entity is None:
            return Verdict("corrupt", None, "there is no such case, or it has no journal")
        if not journal.is_same(body, dumped(engine.program, entity)):
            return Verdict("corrupt", entity.revision, "the journal rebuilds another one")
        return self._run_again(entries)

    def _run_again(self, entries: Sequence[JournalEntry]) -> Verdict:
        parts: journal.Parts = {}
        unknown: Verdict | None = None
        for entry in entries:
            before = parts
            if entry.digest:
                parts = journal.fold(parts, entry.changes)
            outcome = self._again(entry, before, trace=False)
            if outcome is None and (entry.masked or _has_erased(before)):
                unknown = unknown or Verdict("erased", entry.revision, "values were erased")
            elif outcome is None:
                message = f"program {entry.program[:12]} is not at hand"
                unknown = unknown or Verdict("unknown program", entry.revision, message)
            elif not _is_equal(self._programs[entry.program], entry, outcome, parts):
                return _different(entry, outcome)
        last = entries[-1].revision if entries else None
        return unknown or Verdict("agrees", last)

    def _again(self, entry: JournalEntry, before: journal.Parts, *, trace: bool) -> Outcome | None:
        program = self._programs.get(entry.program)
        if program is None or entry.masked or _has_erased(before):
            return None
        return _stepped(program, entry, before, trace=trace)


def _nearness(entry: JournalEntry, event_id: str) -> int:
    """Return 2 for the event, or the observation of that very event; 1 for what it has caused."""
    if event_id in ("", entry.event_id):
        return 2
    if entry.type != "observe":
        return 0
    if entry.event_id.rpartition("/")[0] == event_id:
        return 2
    cause: dict[str, Any] = msgspec.json.decode(entry.event).get("caused_by") or {}
    return 1 if cause.get("event") == event_id else 0


def _stepped(
    program: Stepper, entry: JournalEntry, before: journal.Parts, *, trace: bool
) -> Outcome:
    entity = _folded(program, before) if before else None
    event: Event = program.load_event(entry.event)
    return program.step(entity, event, read_related(entry.read, program), trace=trace)


def _folded(program: Stepper, parts: journal.Parts) -> Entity:
    return loaded(program, journal.join(parts), is_window="correlation" in parts)


def _is_equal(
    program: Stepper,
    entry: JournalEntry,
    outcome: Outcome,
    parts: journal.Parts,
    without: Sequence[str] = (),
) -> bool:
    if outcome.status != entry.status:
        return False
    if not entry.digest or outcome.entity is None:
        return True
    made = journal.split(dumped(program, outcome.entity))
    kept = [{k: v for k, v in one.items() if k not in without} for one in (made, parts)]
    return journal.is_same(journal.join(kept[1]), journal.join(kept[0]))


def _has_erased(parts: journal.Parts) -> bool:
    return any(journal.is_erased(bytes(part)) for part in parts.values())


def read_related(data: bytes, program: Stepper) -> Related:
    """Return the related values that an entry has, typed as the program declares them."""
    if not data:
        return Related()
    plain = journal.exact(data)
    records = {
        t: {k: None if row is None else program.load_record(t, row) for k, row in rows.items()}
        for t, rows in plain["records"].items()
    }
    return Related(records, {k: tuple(ids) for k, ids in plain["answers"].items()})


def _read(entry: JournalEntry, before: journal.Parts, after: journal.Parts) -> HistoryEntry:
    return HistoryEntry(
        entry.revision,
        entry.status,
        entry.at_us,
        msgspec.json.decode(entry.event),
        _changes(before, after) if entry.digest else {},
        journal.read_detail(entry.detail),
        entry.program,
    )


def _changes(before: journal.Parts, after: journal.Parts) -> dict[str, tuple[Any, Any]]:
    changes: dict[str, tuple[Any, Any]] = {}
    for key in {**before, **after}:
        if before.get(key) == after.get(key):
            continue
        old, new = journal.value_of(before.get(key)), journal.value_of(after.get(key))
        if key in _MAPS:
            olds: dict[str, Any] = old or {}
            news: dict[str, Any] = new or {}
            inner = {n: (olds.get(n), news.get(n)) for n in {**olds, **news}}
            changes |= {f"{key}.{n}": both for n, both in inner.items() if both[0] != both[1]}
        else:
            changes[key] = (old, new)
    return changes


_MAPS = frozenset({"fields", "clocks", "related", "parents", "journals", "once", "observations"})


def _broken(entries: Sequence[JournalEntry], head: bytes) -> Verdict | None:
    last = next((e.digest for e in reversed(entries) if e.digest), b"")
    seq = journal.broken_link(entries, head or last)
    if seq is None:
        return None
    revision = next((e.revision for e in entries if e.seq == seq), None)
    return Verdict("corrupt", revision, f"the chain breaks at entry {seq}")


def _different(entry: JournalEntry, outcome: Outcome) -> Verdict:
    engine, tz = journal.engine_versions()
    is_same_engine = (engine, tz) == (entry.engine, entry.tz)
    status: VerdictStatus = "differs" if is_same_engine else "differs by engine"
    message = f'{entry.type} "{entry.event_id}" was {entry.status} and is {outcome.status} now'
    return Verdict(status, entry.revision, message)
