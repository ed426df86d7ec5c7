"""Windows beside cases, in each store: listed apart, otherwise kept as cases are."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from msgspec.structs import replace

from casewright.case import Case, Event, Observation, Outcome, Timer, Window
from casewright.store import CaseFilter, Conflict, Step, journal, open_store
from casewright.store.delta import changed, delta_of, encode_delta
from casewright.store.entities import dumped
from casewright.temporal import to_us
from support.json_codec import JsonCodec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casewright.case import Entity
    from casewright.store import CaseStore

START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
AT = to_us(START)
OLD = Path(__file__).parents[1] / "data" / "store" / "version_1.sql"
NOISY, QUIET = "monitoring.noisy_item", "monitoring.quiet_item"


CODEC = JsonCodec()


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CaseStore]:
    url = "memory" if request.param == "memory" else f"sqlite:///{tmp_path}/cases.db"
    opened = open_store(url)
    yield opened
    opened.close()


def a_case(case: str = "c1") -> Case:
    return Case("", case, "CS1", NOISY, "open", 1, AT, 1, 1, START, "ann", START, "ann", {"a": 1})


def an_observation(name: str, at_us: int = AT, **data: Any) -> Observation:
    return Observation(name, at_us, ("p1",), "alert", data=data)


def a_window(key: str = "router", correlation: str = NOISY, **more: Any) -> Window:
    plain: dict[str, Any] = {
        "domain": "",
        "id": f"window/{correlation}/{key}",
        "correlation": correlation,
        "key": key,
        "revision": 1,
        "episode": 1,
        "fired": 0,
        "created_at": START,
        "updated_at": START,
        "newest_us": AT,
        "observations": {"s1": an_observation("s1", severity=1)},
        "timers": (Timer("window/end", AT + 60_000_000, 0, 0, 1),),
        "program": "p",
    }
    return Window(**{**plain, **more})


Kept = TypeVar("Kept", Case, Window)


def keep(store: CaseStore, before: Entity | None, after: Kept, event_id: str, **more: Any) -> Kept:
    event = Event("observe", event_id, after.id, time=START, data=more.pop("data", {}))
    outcome = Outcome("applied", after, event, AT, **more)
    store.commit([Step("", after.id, before, outcome, b"digest", "p")], CODEC)
    return after


def a_life(store: CaseStore) -> Window:
    """Keep a window that hears twice, fires, and begins again."""
    first = keep(store, None, a_window(), "s1", data={"observation": {"data": {"severity": 1}}})
    second = replace(
        first,
        revision=2,
        newest_us=AT + 5,
        observations={**first.observations, "s2": an_observation("s2", AT + 5, severity=2)},
        once={"k": "c9"},
    )
    keep(store, first, second, "s2")
    third = replace(second, revision=3, observations={}, newest_us=None, once={}, timers=())
    keep(store, second, third, "s2/end")
    last = replace(third, revision=4, episode=2, observations={"s3": an_observation("s3")})
    return keep(store, third, last, "s3")


def test_window_is_an_entity_and_no_case(store: CaseStore) -> None:
    window = keep(store, None, a_window(), "s1")
    assert store.entity("", window.id, CODEC) == window
    assert store.case("", window.id, CODEC) is None
    assert store.is_taken("", window.id)
    assert store.entity("other", window.id, CODEC) is None


def test_case_is_an_entity_too(store: CaseStore) -> None:
    case = keep(store, None, a_case(), "e1")
    assert store.entity("", "c1", CODEC) == store.case("", "c1", CODEC) == case


def test_listings_and_counts_are_of_cases_only(store: CaseStore) -> None:
    case = keep(store, None, a_case(), "e1")
    keep(store, None, a_window(), "s1")  # whose correlation is named as the case type is
    assert list(store.cases("", CaseFilter(), CODEC)) == [case]
    assert list(store.cases("", CaseFilter(case_types=(NOISY,)), CODEC)) == [case]
    assert list(store.cases("", CaseFilter(states=("open",)), CODEC)) == [case]
    assert store.states("") == [(NOISY, "open", 1)]


def test_windows_are_listed_by_correlation_in_order_of_their_ids(store: CaseStore) -> None:
    keep(store, None, a_case(), "e1")
    kept = [
        keep(store, None, a_window(key, correlation), "s1")
        for correlation, key in ((NOISY, "b"), (QUIET, "a"), (NOISY, "a"))
    ]
    assert list(store.windows("", NOISY, CODEC)) == [kept[2], kept[0]]
    assert list(store.windows("", "", CODEC)) == [kept[2], kept[0], kept[1]]
    assert list(store.windows("other", "", CODEC)) == []


def test_listing_of_windows_goes_on_behind_a_page(
    store: CaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casewright.store.sqlite.PAGE", 2)
    for n in range(5):
        keep(store, None, a_window(f"item{n}"), "s1")
    assert [w.key for w in store.windows("", NOISY, CODEC)] == [f"item{n}" for n in range(5)]


def test_window_is_due_among_cases(store: CaseStore) -> None:
    window = keep(store, None, a_window(), "s1")
    keep(store, None, replace(a_case(), timers=(Timer("t", AT, 1, 0, 1),)), "e1")
    due = store.due("", AT + 120_000_000, limit=5)
    assert [d.entity for d in due] == ["c1", window.id]
    quiet = replace(window, revision=2, timers=(), observations={})
    keep(store, window, quiet, "end")
    assert [d.entity for d in store.due("", AT + 120_000_000, limit=5)] == ["c1"]


def test_second_writer_of_a_window_conflicts(store: CaseStore) -> None:
    window = keep(store, None, a_window(), "s1")
    with pytest.raises(Conflict):
        keep(store, None, a_window(), "s2")
    after = replace(window, revision=2)
    keep(store, window, after, "s2")
    with pytest.raises(Conflict):
        keep(store, window, after, "s3")
    with pytest.raises(Conflict):
        keep(store, after, replace(after, revision=3), "s1")
    assert store.receipt("", window.id, "s3") is None


def test_window_is_rebuilt_from_its_journal(store: CaseStore) -> None:
    last = a_life(store)
    entries = store.history("", last.id, CODEC)
    assert journal.is_same(journal.rebuild(entries) or b"", CODEC.dump_window(last))
    first = journal.rebuild(entries, upto=1) or b""
    assert journal.is_same(first, CODEC.dump_window(a_window()))
    assert journal.broken_link(entries, entries[-1].digest) is None
    assert store.entity("", last.id, CODEC) == last


def test_journals_of_windows_are_the_same_bytes_in_all_stores(
    store: CaseStore, tmp_path: Path
) -> None:
    other = open_store(f"sqlite:///{tmp_path}/other.db")
    lives = [one.history("", a_life(one).id, CODEC) for one in (store, other)]
    assert lives[0] == lives[1]
    other.close()


def test_observation_that_comes_costs_the_journal_only_itself() -> None:
    before = a_window(observations={f"s{n}": an_observation(f"s{n}") for n in range(500)})
    more = {**before.observations, "new": an_observation("new")}
    delta = delta_of(before, replace(before, revision=2, observations=more))
    assert len(encode_delta(delta)) < 300
    assert set(delta) == {"revision", "observations"}


def test_delta_makes_the_window_after_of_the_one_before() -> None:
    before = a_window(once={"k": "c9"})
    after = replace(before, revision=2, observations={}, once={}, newest_us=None, timers=())
    assert changed(before, delta_of(before, after)) == after
    assert changed(None, delta_of(None, after)) == after


def test_values_of_observations_can_be_erased_and_the_chain_holds(store: CaseStore) -> None:
    window = a_life(store)
    assert store.erase("", window.id, ["severity"], CODEC) == 2
    entries = store.history("", window.id, CODEC)
    assert not any(b'"severity":1' in e.event + e.changes for e in entries)
    assert journal.broken_link(entries, entries[-1].digest) is None


def test_deleted_window_is_gone_with_its_timer(store: CaseStore) -> None:
    window = keep(store, None, a_window(), "s1")
    assert store.delete("", window.id)
    assert store.entity("", window.id, CODEC) is None
    assert list(store.windows("", "", CODEC)) == []
    assert store.due("", 1 << 60) == []
    assert store.history("", window.id, CODEC) == []
    assert not store.delete("", window.id)


def test_window_of_a_batch_that_fails_was_never_there(store: CaseStore) -> None:
    def batch() -> None:
        with store.batch():
            keep(store, None, a_window(), "s1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        batch()
    assert store.entity("", a_window().id, CODEC) is None
    assert store.due("", 1 << 60) == []
    keep(store, None, a_window(), "s1")


def an_old_file(folder: Path) -> str:
    path = folder / "old.db"
    raw = sqlite3.connect(path)
    raw.executescript(OLD.read_text())
    raw.close()
    return f"sqlite:///{path}"


def test_file_of_schema_version_1_is_brought_up_to_date_with_all_that_it_holds(
    tmp_path: Path,
) -> None:
    url = an_old_file(tmp_path)
    store = open_store(url)
    case = store.case("", "c1", CODEC)
    assert case is not None
    assert (case.revision, case.state, case.fields) == (2, "open", {"title": "two"})
    assert [entry.event_id for entry in store.history("", "c1", CODEC)] == ["e1", "e2"]
    assert journal.broken_link(store.history("", "c1", CODEC), store.head("", "c1")) is None
    rebuilt = journal.rebuild(store.history("", "c1", CODEC)) or b""
    assert journal.is_same(rebuilt, dumped(CODEC, case))
    assert store.states("") == [("base.case", "open", 1)]
    assert [p.event_id for p in store.parked("", CODEC)] == ["e3"]
    assert [m.effect.data for m in store.messages("")] == [{"since": START}]
    assert store.next_due("") == case.next_due_us
    assert store.numbers("", "CS", 1) == 21
    assert store.active("") == ("p", 1)
    store.close()


def test_file_of_schema_version_1_takes_windows_once_it_is_opened(tmp_path: Path) -> None:
    url = an_old_file(tmp_path)
    for _ in range(2):  # a second opening finds it up to date
        open_store(url).close()
    store = open_store(url)
    window = keep(store, None, a_window(), "s1")
    store.close()
    again = open_store(url)
    assert list(again.windows("", NOISY, CODEC)) == [window]
    assert [case.id for case in again.cases("", CaseFilter(), CODEC)] == ["c1"]
    again.close()


def test_upgraded_file_has_the_tables_of_a_new_one(tmp_path: Path) -> None:
    def shape(path: Path) -> tuple[set[Any], set[Any]]:
        raw = sqlite3.connect(path)
        columns = {row[1:] for row in raw.execute("SELECT * FROM pragma_table_info('cases')")}
        indexes = set(raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index'"))
        raw.close()
        return columns, indexes

    open_store(an_old_file(tmp_path)).close()
    open_store(f"sqlite:///{tmp_path}/new.db").close()
    assert shape(tmp_path / "old.db") == shape(tmp_path / "new.db")
