"""Several processes on one SQLite file, and one that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from casewright.errors import HostError
from casewright.store import journal, open_store
from support.json_codec import JsonCodec

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """
import sys
import datetime as dt
from msgspec.structs import replace
from casewright.case import Case, Effect, Event, Outcome
from casewright.store import Conflict, Message, Step, open_store
from support.json_codec import JsonCodec

START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)

def add_one(store, codec, event_id):
    while True:
        before = store.case("", "c1", codec)
        if before is None:
            after = Case("", "c1", None, "t", "new", 1, 0, 1, 1, START, "a", START, "a", {"n": 1})
        else:
            fields = {"n": before.fields["n"] + 1}
            after = replace(before, revision=before.revision + 1, fields=fields)
        event = Event("add", event_id, "c1", time=START)
        effect = Effect(event_id, "notification", "told")
        message = Message("", "c1", "t", None, "channel/x", effect, 0, ("", "", ""), "p")
        outcome = Outcome("applied", after, event, 0, effects=(effect,))
        step = Step("", "c1", before, outcome, b"", "p", (message,))
        try:
            store.commit([step], codec)
        except Conflict:
            continue
        return after.revision

url, name, count, batch = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
store, codec = open_store(url), JsonCodec()
for n in range(0, count, batch):
    if batch == 1:
        done = add_one(store, codec, f"{name}{n}")
    else:
        with store.batch():
            for k in range(batch):
                done = add_one(store, codec, f"{name}{n + k}")
    print(done, flush=True)
"""


def started(url: str, name: str, count: int, batch: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", SCRIPT, url, name, str(count), str(batch)]
    path = os.pathsep.join(p for p in sys.path if p)
    return subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path})


@pytest.mark.parametrize("batch", [1, 10])
def test_killed_process_leaves_whole_steps_only(tmp_path: Path, batch: int) -> None:
    url = f"sqlite:///{tmp_path}/cases.db"
    with started(url, "e", 1_000_000, batch) as process:
        assert process.stdout is not None
        told = 0
        for _ in range(200 // batch):
            told = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split(b"\n")[:-1]
        told = int(rest[-1]) if rest else told
    store = open_store(url)
    case = store.case("", "c1", JsonCodec())
    entries = store.history("", "c1", JsonCodec())
    assert case is not None
    assert case.revision >= told
    assert case.revision % batch == 0
    assert case.fields["n"] == case.revision == len(entries) == len(store.messages(""))
    assert journal.broken_link(entries, store.head("", "c1")) is None
    assert journal.rebuild(entries) == JsonCodec().dump_case(case)
    store.close()


def test_two_writers_lose_no_step(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/cases.db"
    open_store(url).close()
    writers = [started(url, name, 100, batch) for name, batch in (("a", 1), ("b", 10))]
    for writer in writers:
        writer.communicate(timeout=30)
        assert writer.returncode == 0
    store = open_store(url)
    case = store.case("", "c1", JsonCodec())
    entries = store.history("", "c1", JsonCodec())
    assert case is not None
    assert case.fields["n"] == case.revision == len(entries) == 200
    assert journal.broken_link(entries, store.head("", "c1")) is None
    store.close()


def test_file_that_is_no_database_is_a_host_error(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    path.write_text("these are not the cases that you are looking for, at all, at all")
    with pytest.raises(HostError, match="cannot use"):
        open_store(f"sqlite:///{path}")


def test_newer_schema_is_refused(tmp_path: Path) -> None:
    import sqlite3

    url = f"sqlite:///{tmp_path}/cases.db"
    open_store(url).close()
    raw = sqlite3.connect(tmp_path / "cases.db")
    raw.execute("UPDATE casewright_schema SET version = 99")
    raw.commit()
    raw.close()
    with pytest.raises(HostError, match="schema version 99, this engine reads 2"):
        open_store(url)


@pytest.mark.parametrize(
    "url", ["postgres://x", "sqlite:///x.db?synchronous=off", "sqlite:///x.db?wal=no", "cases.db"]
)
def test_unknown_store_or_option_is_a_value_error(url: str) -> None:
    with pytest.raises(ValueError, match="store"):
        open_store(url)


def test_full_synchronous_is_an_option(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/cases.db?synchronous=full")
    assert store.next_due("") is None
    store.close()
    store.close()
