"""Reference data for steps: the port, tables in memory, and the answer to ``needs``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from casewright.case import Outcome, Problem, Related
from casewright.view import answer_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casewright.case import Need

Row = dict[str, Any]
Convert = Callable[[str, Row], Row]
Tables = dict[str, dict[str, Row | None]]
Answers = dict[str, tuple[str, ...]]
LookUp = Callable[["Need", Tables, Answers], None]


class Records(Protocol):
    """Where reference data live: accounts, users, configuration items."""

    def get(self, record_type: str, record_id: str) -> Row | None:
        """Return the record, values typed as FEEL's, or None if there is none."""
        ...

    def find(self, record_type: str, field: str, value: object) -> Sequence[str]:
        """Return the ids of the records whose ``field`` is ``value``, ascending."""
        ...


class RecordTables:
    """Records in memory: the rows that packs ship, and what a host puts beside them.

    Args:
        shipped: rows by record type and id, as ``Program.records`` has them.
    """

    def __init__(self, shipped: Mapping[str, Mapping[str, Row]] | None = None) -> None:
        self._shipped: Mapping[str, Mapping[str, Row]] = shipped or {}
        self._convert: Convert | None = None
        self._own: Tables = {}
        self._index: dict[tuple[str, str], dict[str, list[str]]] = {}

    def ship(self, shipped: Mapping[str, Mapping[str, Row]], convert: Convert) -> None:
        """Replace the rows of the packs, and what gives a host's rows their types."""
        self._shipped = shipped
        self._convert = convert
        self._index.clear()

    def put(self, record_type: str, record_id: str, row: Mapping[str, Any]) -> None:
        """Add a record or replace it.

        Args:
            record_type: as the program names it, ``pack.name``.
            record_id: its id.
            row: FEEL values, or plain JSON that the declared types turn into them.

        Raises:
            ValueError: a value is not of its field's type.
        """
        made = {"id": record_id, **row}
        typed = made if self._convert is None else self._convert(record_type, made)
        self._own.setdefault(record_type, {})[record_id] = typed
        self._forget(record_type)

    def remove(self, record_type: str, record_id: str) -> None:
        """Make a record one that does not exist, a shipped one too."""
        self._own.setdefault(record_type, {})[record_id] = None
        self._forget(record_type)

    def get(self, record_type: str, record_id: str) -> Row | None:
        """Return the record, or None if there is none."""
        own = self._own.get(record_type, {})
        if record_id in own:
            return own[record_id]
        return self._shipped.get(record_type, {}).get(record_id)

    def find(self, record_type: str, field: str, value: object) -> Sequence[str]:
        """Return the ids of the records whose ``field`` is ``value`` or has it in its list."""
        index = self._index.get((record_type, field))
        if index is None:
            index = self._index[record_type, field] = self._indexed(record_type, field)
        return index.get(_key(value), ())

    def _indexed(self, record_type: str, field: str) -> dict[str, list[str]]:
        index: dict[str, list[str]] = {}
        own = self._own.get(record_type, {})
        ids = sorted({*self._shipped.get(record_type, {}), *own})
        for record_id in ids:
            row = self.get(record_type, record_id)
            if row is None:
                continue
            value = row.get(field)
            for one in _elements(value):
                index.setdefault(_key(one), []).append(record_id)
        return index

    def _forget(self, record_type: str) -> None:
        for key in [k for k in self._index if k[0] == record_type]:
            del self._index[key]


def _elements(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else (value,)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  a FEEL list


def _key(value: object) -> str:
    return f"{type(value).__name__ if isinstance(value, str | bool) else ''}:{value}"


class Reading:
    """What one step may read, and what it has read.

    Tables in memory are read as the step goes; from any other source it gets what it has asked
    for, round by round.

    Args:
        source: reference data.
        look_up: adds what one need asks for to records and answers.
        rounds: how often a step may ask; then it has failed.
    """

    def __init__(self, source: Records, look_up: LookUp, rounds: int) -> None:
        self._look_up = look_up
        self._rounds = rounds
        local = source if isinstance(source, RecordTables) else None
        self._known = _Known(local)
        self._answers: Answers = {}

    @property
    def related(self) -> Related:
        """Return what the step gets."""
        return Related(self._known, self._answers)

    @property
    def read(self) -> Related | None:
        """Return what was read, or asked for; None if nothing."""
        records = {t: table.seen for t, table in self._known.items() if table.seen}
        return Related(records, self._answers) if records or self._answers else None

    def add(self, needs: Sequence[Need]) -> None:
        """Look up what a step lacks."""
        records: Tables = {}
        for need in needs:
            self._look_up(need, records, self._answers)
        for record_type, rows in records.items():
            self._known[record_type].seen.update(rows)

    def outcomes(self, step: Callable[[Related], Sequence[Outcome]]) -> Sequence[Outcome]:
        """Return the outcomes of ``step`` once it has all the records that it asks for."""
        related = self.related
        outcomes = step(related)
        for _ in range(self._rounds):
            if not outcomes or outcomes[-1].status != "needs":
                return outcomes
            self.add(outcomes[-1].needs)
            outcomes = step(related)
        last = outcomes[-1]
        if last.status != "needs":
            return outcomes
        problem = Problem(
            "budget", f"the step asked for related records more than {self._rounds} times"
        )
        failed = Outcome("failed", last.entity, last.event, last.now_us, errors=(problem,))
        return [*outcomes[:-1], failed]


class _Known(dict[str, "_Table"]):
    """Record tables by type, made when they are first looked into."""

    def __init__(self, local: RecordTables | None) -> None:
        super().__init__()
        self._local = local

    def __missing__(self, record_type: str) -> _Table:
        table = self[record_type] = _Table(record_type, self._local)
        return table


class _Table(Mapping[str, "Row | None"]):
    """Records of one type; those of tables in memory come when they are asked for."""

    def __init__(self, record_type: str, local: RecordTables | None) -> None:
        self.seen: dict[str, Row | None] = {}
        self._record_type = record_type
        self._local = local

    def __getitem__(self, record_id: str) -> Row | None:
        seen = self.seen
        if record_id in seen:
            return seen[record_id]
        if self._local is None:
            raise KeyError(record_id)
        row = seen[record_id] = self._local.get(self._record_type, record_id)
        return row

    def __iter__(self) -> Iterator[str]:
        return iter(self.seen)

    def __len__(self) -> int:
        return len(self.seen)


def look_up_in(source: Records, need: Need, records: Tables, answers: Answers) -> None:
    """Add what ``need`` asks for: a record or None, or the ids and records of a filter."""
    table = records.setdefault(need.record_type, {})
    if need.id is not None:
        table[need.id] = source.get(need.record_type, need.id)
        return
    ids = tuple(source.find(need.record_type, need.field or "", need.value))
    answers[answer_key(need.record_type, need.field or "", need.value)] = ids
    for record_id in ids:
        table[record_id] = source.get(need.record_type, record_id)
