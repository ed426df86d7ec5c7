"""Messages on their way, parked events, numbers and the active program, in SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from casewright.case import Problem
from casewright.store import journal
from casewright.store.outbox import CASE, CLAIM_LIMIT, decode_payload, encode_payload, settled_state
from casewright.store.port import Message, Parked

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from casewright.store.port import Codec, MessageState, Step

Row = tuple[str, str, str, str, bytes, int, "MessageState", int, int, str]

_COLUMNS = """domain, aggregateid, aggregatetype, destination, payload, seq, state, attempts,
    next_attempt_us, error"""
_INSERT = """INSERT INTO outbox
    (id, domain, aggregatetype, aggregateid, type, destination, payload, created_us)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_MESSAGES = f"""SELECT {_COLUMNS} FROM outbox
    WHERE domain = ?1 AND state = ?2 AND (?3 = '' OR destination = ?3) ORDER BY seq"""  # noqa: S608  constants only
_PENDING = f"""SELECT {_COLUMNS} FROM outbox
    WHERE state = 'pending' AND domain = ? AND destination = ? ORDER BY seq"""  # noqa: S608  constants only
_BEFORE = f"""SELECT {_COLUMNS} FROM outbox WHERE state = 'pending' AND domain = ?
    AND destination = ? AND aggregateid = ? AND seq < ? ORDER BY seq"""  # noqa: S608  constants only
_CLAIM = f"""SELECT {_COLUMNS} FROM outbox AS o
    WHERE state = 'pending' AND domain = ?1 AND destination = ?2
      AND next_attempt_us <= ?3 AND lease_until_us <= ?3
      AND NOT EXISTS (SELECT 1 FROM outbox AS p WHERE p.state = 'pending'
        AND p.domain = o.domain AND p.destination = o.destination
        AND p.aggregateid = o.aggregateid AND p.seq < o.seq)
      AND NOT EXISTS (SELECT 1 FROM outbox AS d WHERE d.state = 'stuck'
        AND d.domain = o.domain AND d.destination = o.destination
        AND d.aggregateid = o.aggregateid)
    ORDER BY seq LIMIT {CLAIM_LIMIT}"""  # noqa: S608  constants only
_PARK = """INSERT INTO parked (domain, entity, event_id, event, errors, at_us, program)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (domain, entity, event_id) DO UPDATE
    SET event = excluded.event, errors = excluded.errors, at_us = excluded.at_us,
        program = excluded.program"""

_read_problems = msgspec.json.Decoder(tuple[Problem, ...]).decode


class SqliteOutbox:
    """The tables ``outbox`` and ``parked``; transactions are the caller's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._run = connection.execute
        self._may_park = True

    def add(self, messages: Iterable[Message]) -> list[Message]:
        """Write messages and return them with their numbers."""
        kept: list[Message] = []
        for m in messages:
            effect = m.effect
            row = (effect.id, m.domain, m.case_type, m.case, effect.name, m.destination)
            cursor = self._run(_INSERT, (*row, encode_payload(m), m.at_us))
            kept.append(msgspec.structs.replace(m, seq=cursor.lastrowid or 0))
        return kept

    def messages(self, domain: str, state: MessageState, destination: str) -> list[Message]:
        """Return rows in order, of one destination or of all."""
        if state == "pending" and destination:
            rows = self._run(_PENDING, (domain, destination))
        else:
            rows = self._run(_MESSAGES, (domain, state, destination))
        return [_message(row) for row in rows]

    def before(self, message: Message) -> list[Message]:
        """Return the pending rows of a message's sender and destination that go before it."""
        line = (message.domain, message.destination, message.case, message.seq)
        return [_message(row) for row in self._run(_BEFORE, line)]

    def destinations(self, domain: str) -> list[str]:
        """Return the destinations that pending rows have, messages between cases aside."""
        rows = self._run(
            "SELECT DISTINCT destination FROM outbox WHERE state = 'pending' AND domain = ?"
            " AND destination <> ? ORDER BY destination",
            (domain, CASE),
        )
        return [name for (name,) in rows]

    def waiting_programs(self, domain: str) -> set[str]:
        """Return the hashes of the programs that made pending rows for others than entities."""
        rows = self._run(
            "SELECT DISTINCT json_extract(CAST(payload AS TEXT), '$.program') FROM outbox"
            " WHERE state = 'pending' AND domain = ? AND destination <> ?",
            (domain, CASE),
        )
        return {program for (program,) in rows}

    def claim(
        self, domain: str, served: Sequence[str], now_us: int, lease_us: int
    ) -> list[Message]:
        """Lease the first row of each (case, destination) that may go out now."""
        claimed: list[Message] = []
        for destination in served:
            rows: Sequence[Row] = self._run(_CLAIM, (domain, destination, now_us)).fetchall()
            claimed += [_message(row) for row in rows]
        claimed = sorted(claimed, key=lambda m: m.seq)[:CLAIM_LIMIT]
        for message in claimed:
            self._run(
                "UPDATE outbox SET lease_until_us = ? WHERE seq = ?",
                (now_us + lease_us, message.seq),
            )
        return claimed

    def settle(self, seq: int, state: MessageState, error: str, retry_us: int) -> None:
        """Write how a delivery went."""
        self._run(
            "UPDATE outbox SET state = ?, error = ?, attempts = attempts + 1,"
            " next_attempt_us = ?, lease_until_us = 0 WHERE seq = ?",
            (state, error, retry_us, seq),
        )

    def purge(self, domain: str, before_us: int) -> int:
        """Forget rows that are done or refused and older."""
        cursor = self._run(
            "DELETE FROM outbox WHERE state IN ('done', 'refused') AND domain = ?"
            " AND created_us < ?",
            (domain, before_us),
        )
        return cursor.rowcount

    def settle_step(self, step: Step) -> None:
        """Write how the delivery went that ``step`` completes."""
        state, error = settled_state(step.outcome)
        self.settle(step.settles, state, error, 0)

    def park(self, step: Step, codec: Codec) -> None:
        """Keep a failed event; the same again replaces it."""
        self._may_park = True
        outcome = step.outcome
        event = outcome.event
        row = (step.domain, step.entity, event.id, codec.dump_event(event))
        self._run(_PARK, (*row, journal.encode(outcome.errors), outcome.now_us, step.program))

    def parked(self, domain: str, codec: Codec, entity: str | None) -> list[Parked]:
        """Return the parked events, oldest first."""
        rows = self._run(
            "SELECT domain, entity, event_id, event, errors, at_us, program FROM parked"
            " WHERE domain = ?1 AND (?2 IS NULL OR entity = ?2) ORDER BY seq",
            (domain, entity),
        )
        return [
            Parked(d, e, i, codec.load_event(event), _read_problems(errors), at, program)
            for d, e, i, event, errors, at, program in rows
        ]

    def unpark(self, domain: str, entity: str, event_id: str) -> bool:
        """Drop a parked event; False if there is none."""
        key = (domain, entity, event_id)
        cursor = self._run(
            "DELETE FROM parked WHERE domain = ? AND entity = ? AND event_id = ?", key
        )
        return cursor.rowcount > 0

    def look_again(self) -> None:
        """Note that another process may have parked something."""
        self._may_park = True

    def clear(self, step: Step) -> None:
        """Drop the parked event that ``step`` got through, where anything is parked."""
        if not self._may_park:
            return
        if not self.unpark(step.domain, step.entity, step.outcome.event.id):
            self._may_park = self._run("SELECT 1 FROM parked LIMIT 1").fetchone() is not None


def _message(row: Row) -> Message:
    domain, case, case_type, destination, data, seq, state, attempts, next_us, error = row
    rest = decode_payload(data)
    return Message(
        domain,
        case,
        case_type,
        rest.number,
        destination,
        rest.effect,
        rest.at_us,
        rest.cause,
        rest.program,
        seq,
        state,
        attempts,
        next_us,
        error,
    )
