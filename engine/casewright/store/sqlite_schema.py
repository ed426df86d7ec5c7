"""Tables of the SQLite store, and how a file is opened.

WAL, so that readers never wait; ``synchronous`` NORMAL survives the death of the process, FULL
also that of the machine. The columns ``id``, ``aggregatetype``, ``aggregateid``, ``type`` and
``payload`` of the outbox are the ones that change-data-capture relays expect. Entities of both
kinds lie in ``cases``; a file of an older version is brought up to date when it is opened.
"""

from __future__ import annotations

import sqlite3
from typing import Literal

from casewright.errors import HostError

SCHEMA_VERSION = 2
Synchronous = Literal["normal", "full"]

CASE = "case"
WINDOW = "window"
"""Kinds of entities."""

_LISTED = "CREATE INDEX cases_listed ON cases (domain, kind, case_type, state)"

_UPGRADES = {
    1: (
        "ALTER TABLE cases ADD COLUMN kind TEXT NOT NULL DEFAULT 'case'",
        "DROP INDEX cases_listed",
        _LISTED,
    ),
}
"""What makes a file of a version one of the next."""

_TABLES = f"""
CREATE TABLE casewright_schema (version INTEGER NOT NULL);
CREATE TABLE cases (
    key INTEGER PRIMARY KEY,
    domain TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL DEFAULT 'case',
    case_type TEXT NOT NULL,
    number TEXT,
    state TEXT NOT NULL,
    revision INTEGER NOT NULL,
    due_us INTEGER,
    head BLOB NOT NULL,
    body BLOB,
    UNIQUE (domain, id)
);
CREATE INDEX cases_due ON cases (domain, due_us, id) WHERE due_us IS NOT NULL;
{_LISTED};
CREATE INDEX cases_numbered ON cases (domain, number) WHERE number IS NOT NULL;
CREATE TABLE versions (
    version INTEGER PRIMARY KEY,
    program TEXT NOT NULL,
    engine TEXT NOT NULL,
    tz TEXT NOT NULL,
    UNIQUE (program, engine, tz)
);
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    domain TEXT NOT NULL,
    entity TEXT NOT NULL,
    event_id TEXT NOT NULL,
    status TEXT NOT NULL,
    revision INTEGER,
    type TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    version INTEGER NOT NULL,
    content BLOB NOT NULL,
    event BLOB NOT NULL,
    changes BLOB NOT NULL,
    detail BLOB NOT NULL,
    read BLOB NOT NULL,
    digest BLOB NOT NULL,
    masked TEXT,
    UNIQUE (domain, entity, event_id)
);
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    domain TEXT NOT NULL,
    aggregatetype TEXT NOT NULL,
    aggregateid TEXT NOT NULL,
    type TEXT NOT NULL,
    destination TEXT NOT NULL,
    payload BLOB NOT NULL,
    created_us INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending',
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_us INTEGER NOT NULL DEFAULT 0,
    lease_until_us INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT ''
);
CREATE INDEX outbox_waiting ON outbox (domain, destination, seq) WHERE state = 'pending';
CREATE INDEX outbox_line ON outbox (domain, destination, aggregateid, seq)
    WHERE state = 'pending';
CREATE INDEX outbox_stuck ON outbox (domain, destination, aggregateid) WHERE state = 'stuck';
CREATE TABLE parked (
    seq INTEGER PRIMARY KEY,
    domain TEXT NOT NULL,
    entity TEXT NOT NULL,
    event_id TEXT NOT NULL,
    event BLOB NOT NULL,
    errors BLOB NOT NULL,
    at_us INTEGER NOT NULL,
    program TEXT NOT NULL,
    UNIQUE (domain, entity, event_id)
);
CREATE TABLE numbers (
    domain TEXT NOT NULL,
    prefix TEXT NOT NULL,
    next INTEGER NOT NULL,
    PRIMARY KEY (domain, prefix)
) WITHOUT ROWID;
CREATE TABLE activations (
    domain TEXT PRIMARY KEY,
    program TEXT NOT NULL,
    generation INTEGER NOT NULL
) WITHOUT ROWID;
"""


def connect(path: str, synchronous: Synchronous, wait_ms: int) -> sqlite3.Connection:
    """Return a connection in autocommit mode, its tables made where the file is new.

    Args:
        path: of the file, or ``:memory:``.
        synchronous: how far a commit reaches.
        wait_ms: how long a writer waits for another one.

    Raises:
        HostError: the file cannot be opened, is no database, or is of another schema version.
    """
    try:
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, cached_statements=256
        )
    except sqlite3.Error as err:
        raise HostError(f"cannot open {path}: {err}") from err
    try:
        connection.execute(f"PRAGMA busy_timeout = {wait_ms:d}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("PRAGMA temp_store = MEMORY")
        _prepare(connection, path)
    except sqlite3.Error as err:
        connection.close()
        raise HostError(f"cannot use {path}: {err}") from err
    except HostError:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        known = connection.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'casewright_schema'"
        ).fetchone()
        if known is None:
            for statement in _TABLES.split(";\n"):
                connection.execute(statement)
            connection.execute("INSERT INTO casewright_schema VALUES (?)", (SCHEMA_VERSION,))
        (version,) = connection.execute("SELECT version FROM casewright_schema").fetchone()
        while version in _UPGRADES:
            for statement in _UPGRADES[version]:
                connection.execute(statement)
            version += 1
            connection.execute("UPDATE casewright_schema SET version = ?", (version,))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    if version != SCHEMA_VERSION:
        raise HostError(f"{path} has schema version {version}, this engine reads {SCHEMA_VERSION}")
