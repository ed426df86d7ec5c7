"""What every store promises; each test runs over each store."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from casewright.case import (
    Actor,
    Case,
    Effect,
    Entry,
    Event,
    Outcome,
    Problem,
    Related,
    Timer,
)
from casewright.store import (
    CaseFilter,
    Conflict,
    Message,
    Step,
    Superseded,
    journal,
    open_store,
)
from casewright.temporal import to_us
from support.json_codec import JsonCodec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from casewright.store import CaseStore, JournalEntry
    from casewright.store.port import MessageState

START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
SECOND = 1_000_000


CODEC = JsonCodec()


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CaseStore]:
    url = "memory" if request.param == "memory" else f"sqlite:///{tmp_path}/cases.db"
    opened = open_store(url)
    yield opened
    opened.close()


def a_case(**more: Any) -> Case:
    now = to_us(START)
    plain: dict[str, Any] = {
        "domain": "",
        "id": "c1",
        "number": "CS1",
        "case_type": "base.case",
        "state": "new",
        "state_entry": 1,
        "state_since_us": now,
        "revision": 1,
        "touched_revision": 1,
        "created_at": START,
        "created_by": "ann",
        "updated_at": START,
        "updated_by": "ann",
        "fields": {"title": "one", "priority": 2},
    }
    return Case(**{**plain, **more})


def a_step(before: Case | None, after: Case | None, event_id: str, **more: Any) -> Step:
    entity = more.pop("entity", "c1" if after is None else after.id)
    event = Event(
        more.pop("type", "update"),
        event_id,
        entity,
        time=START,
        actor=Actor("ann"),
        data=more.pop("data", {}),
    )
    kept = {k: more.pop(k) for k in ("messages", "settles", "program") if k in more}
    outcome = Outcome(more.pop("status", "applied"), after, event, to_us(START), **more)
    program = kept.pop("program", "p1")
    return replace(Step("", entity, before, outcome, b"digest", program), **kept)


def a_message(effect_id: str, destination: str = "case", case: str = "c1") -> Message:
    effect = Effect(effect_id, "send", "nudge", ("c2",), {"amount": Decimal("1.5"), "on": START})
    return Message(
        "", case, "base.case", None, destination, effect, to_us(START), ("e", "t", "a"), "p1"
    )


def created(store: CaseStore, case: Case | None = None) -> Case:
    case = case or a_case()
    store.commit([a_step(None, case, f"create-{case.id}", type="create")], CODEC)
    return case


def stepped(store: CaseStore, before: Case, event_id: str, **changes: Any) -> Case:
    after = replace(before, revision=before.revision + 1, **changes)
    store.commit([a_step(before, after, event_id)], CODEC)
    return after


def test_case_that_was_committed_is_read_back(store: CaseStore) -> None:
    case = created(store)
    assert store.case("", "c1", CODEC) == case


def test_case_of_another_domain_does_not_exist(store: CaseStore) -> None:
    created(store)
    assert store.case("other", "c1", CODEC) is None
    assert not store.is_taken("other", "c1")


def test_second_writer_of_one_revision_conflicts_and_changes_nothing(store: CaseStore) -> None:
    case = created(store)
    stepped(store, case, "e1", fields={"title": "two"})
    with pytest.raises(Conflict):
        stepped(store, case, "e2", fields={"title": "three"})
    now = store.case("", "c1", CODEC)
    assert now is not None
    assert now.fields == {"title": "two"}
    assert store.receipt("", "c1", "e2") is None


def test_second_creation_of_one_id_conflicts(store: CaseStore) -> None:
    created(store)
    with pytest.raises(Conflict):
        store.commit([a_step(None, a_case(), "again", type="create")], CODEC)


def test_used_event_id_conflicts(store: CaseStore) -> None:
    case = stepped(store, created(store), "e1", state="open")
    with pytest.raises(Conflict):
        stepped(store, case, "e1", state="closed")


def test_steps_of_one_commit_are_all_or_none(store: CaseStore) -> None:
    case = created(store)
    second = replace(case, revision=2, state="open")
    third = replace(second, revision=3, state="closed")
    with pytest.raises(Conflict):
        store.commit([a_step(case, second, "e1"), a_step(case, third, "e2")], CODEC)
    assert store.case("", "c1", CODEC) == case
    store.commit([a_step(case, second, "e1"), a_step(second, third, "e2")], CODEC)
    assert store.case("", "c1", CODEC) == third


def test_rejection_consumes_the_id_and_has_no_link(store: CaseStore) -> None:
    case = created(store)
    errors = (Problem("no_transition", "not from here"),)
    store.commit([a_step(case, case, "e1", status="rejected", errors=errors)], CODEC)
    receipt = store.receipt("", "c1", "e1")
    assert receipt is not None
    assert (receipt.status, receipt.revision, receipt.errors) == ("rejected", 1, errors)
    last = store.history("", "c1", CODEC)[-1]
    assert (last.status, last.digest, last.changes) == ("rejected", b"", b"{}")


def test_rejected_create_consumes_the_id_and_takes_no_case_id(store: CaseStore) -> None:
    store.commit([a_step(None, None, "e1", status="rejected", type="create")], CODEC)
    assert store.receipt("", "c1", "e1") is not None
    assert store.case("", "c1", CODEC) is None
    assert not store.is_taken("", "c1")
    created(store)


def test_failed_event_is_parked_and_its_id_stays_free(store: CaseStore) -> None:
    case = created(store)
    errors = (Problem("raise_limit", "too many"),)
    failed = a_step(case, case, "e1", status="failed", errors=errors, data={"x": 1})
    store.commit([failed], CODEC)
    store.commit([failed], CODEC)
    (parked,) = store.parked("", CODEC, "c1")
    assert (parked.event, parked.errors) == (failed.outcome.event, errors)
    assert store.receipt("", "c1", "e1") is None
    assert store.parked("", CODEC, "c2") == []
    assert store.unpark("", "c1", "e1")
    assert not store.unpark("", "c1", "e1")


def test_parked_event_goes_once_it_is_applied(store: CaseStore) -> None:
    case = created(store)
    store.commit([a_step(case, case, "e1", status="failed")], CODEC)
    stepped(store, case, "e1", state="open")
    assert store.parked("", CODEC) == []


def test_receipt_has_effect_ids(store: CaseStore) -> None:
    case = created(store)
    after = replace(case, revision=2)
    effect = Effect("c1/2/0", "notification", "told")
    store.commit([a_step(case, after, "e1", effects=(effect,))], CODEC)
    receipt = store.receipt("", "c1", "e1")
    assert receipt is not None
    assert (receipt.effects, receipt.content) == (("c1/2/0",), b"digest")


def a_life(store: CaseStore) -> tuple[Case, list[JournalEntry]]:
    case = created(store)
    case = stepped(store, case, "e1", state="open", fields={"title": "one", "priority": 1})
    rejected = a_step(case, case, "e2", status="rejected")
    store.commit([rejected], CODEC)
    case = stepped(store, case, "e3", fields={"title": "ünï"}, number=None)
    after = replace(case, revision=case.revision + 1)
    entry = Entry("comment", "my secret", "ann", ("agent",), START)
    read = Related({"account": {"a1": {"name": "Acme", "since": START.date()}}})
    store.commit([a_step(case, after, "e4", entries=(entry,), read=read)], CODEC)
    return after, store.history("", "c1", CODEC)


def test_case_is_rebuilt_from_its_journal_without_a_program(store: CaseStore) -> None:
    case, entries = a_life(store)
    body = journal.rebuild(entries)
    assert body == CODEC.dump_case(case)
    first = journal.rebuild(entries, upto=1)
    assert first == CODEC.dump_case(a_case())


def test_journals_of_all_stores_are_the_same_bytes(store: CaseStore, tmp_path: Path) -> None:
    other = open_store(f"sqlite:///{tmp_path}/other.db")
    assert a_life(store)[1] == a_life(other)[1]
    other.close()


def test_chain_holds_and_tampering_breaks_it(store: CaseStore) -> None:
    _, entries = a_life(store)
    head = entries[-1].digest
    assert journal.broken_link(entries, head) is None
    bad = replace(entries[1], changes=b'{"set":{"state":"closed"}}')
    assert journal.broken_link([entries[0], bad, *entries[2:]], head) == entries[1].seq
    assert journal.broken_link(entries[:-1], head) == entries[-2].seq


def test_erased_values_are_gone_and_the_chain_holds(store: CaseStore) -> None:
    _, before = a_life(store)
    head = before[-1].digest
    assert store.erase("", "c1", ["title", "comments", "name"], CODEC) == 3
    entries = store.history("", "c1", CODEC)
    text = b"".join(e.event + e.changes + e.detail + e.read for e in entries)
    assert b"my secret" not in text
    assert "ünï".encode() not in text
    assert b"Acme" not in text
    assert journal.broken_link(entries, head) is None
    assert store.erase("", "c1", ["title"], CODEC) == 0
    assert store.receipt("", "c1", "e1") is not None


def test_deleted_case_leaves_its_id_taken(store: CaseStore) -> None:
    created(store)
    assert store.delete("", "c1")
    assert store.case("", "c1", CODEC) is None
    assert store.is_taken("", "c1")
    assert store.history("", "c1", CODEC) == []
    assert store.due("", 1 << 60) == []
    with pytest.raises(Conflict):
        created(store)
    assert not store.delete("", "c1")


def with_due(case: Case, *due_us: int) -> Case:
    return replace(case, timers=tuple(Timer("t", us, 1, 0, 1) for us in due_us))


def test_due_entities_come_by_instant_then_id(store: CaseStore) -> None:
    for name, due in (("b", 20), ("a", 20), ("c", 10), ("d", 30)):
        created(store, with_due(a_case(id=name), due))
    created(store, a_case(id="never"))
    assert [d.entity for d in store.due("", 20, limit=9)] == ["c", "a", "b"]
    assert [d.entity for d in store.due("", 20, limit=1)] == ["c"]
    assert store.next_due("") == 10


def test_moved_timer_is_due_once_and_at_its_new_instant(store: CaseStore) -> None:
    case = created(store, with_due(a_case(), 10))
    later = with_due(replace(case, revision=2), 50)
    store.commit([a_step(case, later, "e1")], CODEC)
    assert store.due("", 49) == []
    assert [d.due_us for d in store.due("", 50, limit=5)] == [50]
    gone = with_due(replace(later, revision=3))
    store.commit([a_step(later, gone, "e2")], CODEC)
    assert store.next_due("") is None


def test_batch_that_raises_leaves_nothing(store: CaseStore) -> None:
    case = created(store, with_due(a_case(), 10))
    second = replace(case, revision=2, state="open", timers=())
    third = replace(second, revision=3)

    def fail_late() -> None:
        with store.batch():
            store.commit([a_step(case, second, "e1")], CODEC)
            created(store, a_case(id="c2"))
            store.commit([a_step(second, third, "e2", messages=(a_message("m1"),))], CODEC)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_late()
    kept = store.case("", "c1", CODEC)
    assert kept is not None
    assert (kept.revision, kept.state) == (1, "new")
    assert store.case("", "c2", CODEC) is None
    assert not store.is_taken("", "c2")
    assert store.receipt("", "c1", "e1") is None
    assert store.messages("") == []
    assert store.next_due("") == 10


def test_batch_keeps_what_was_committed_in_it(store: CaseStore) -> None:
    with store.batch():
        case = created(store)
        stepped(store, case, "e1", state="open")
    kept = store.case("", "c1", CODEC)
    assert kept is not None
    assert kept.state == "open"


def sent(store: CaseStore, *messages: Message) -> tuple[Message, ...]:
    case = store.case("", "c1", CODEC) or created(store)
    after = replace(case, revision=case.revision + 1)
    step = a_step(case, after, f"sent-{after.revision}", messages=messages)
    return store.commit([step], CODEC)


def test_messages_keep_their_order_and_typed_data(store: CaseStore) -> None:
    first, second = sent(store, a_message("m1"), a_message("m2"))
    assert first.seq < second.seq
    assert store.messages("") == [first, second]
    assert store.messages("")[0].effect.data == {"amount": Decimal("1.5"), "on": START}


def test_step_of_the_receiver_settles_the_message_with_it(store: CaseStore) -> None:
    first, second = sent(store, a_message("m1"), a_message("m2"))
    other = a_case(id="c2")
    store.commit([a_step(None, other, "m1", settles=first.seq)], CODEC)
    refused = a_step(
        other, other, "m2", settles=second.seq, status="rejected", errors=(Problem("stale", "no"),)
    )
    store.commit([refused], CODEC)
    assert store.messages("") == []
    assert [m.effect.id for m in store.messages("", "done")] == ["m1"]
    assert [(m.effect.id, m.error) for m in store.messages("", "refused")] == [("m2", "stale: no")]


MAIL, BUS = "channel/mail", "channel/bus"


def test_claim_gives_the_first_of_each_case_and_destination(store: CaseStore) -> None:
    sent(store, a_message("m1", MAIL), a_message("m2", MAIL), a_message("m3", BUS))
    sent(store, a_message("m4", MAIL, case="c9"), a_message("m5"))
    assert store.destinations("") == [BUS, MAIL]
    claimed = store.claim("", [MAIL, BUS], 0, 60)
    assert [m.effect.id for m in claimed] == ["m1", "m3", "m4"]
    assert store.claim("", [MAIL, BUS], 59, 60) == []
    assert [m.effect.id for m in store.claim("", [BUS], 60, 60)] == ["m3"]


def test_settled_row_lets_the_next_one_go(store: CaseStore) -> None:
    first, _ = sent(store, a_message("m1", MAIL), a_message("m2", MAIL))
    store.claim("", [MAIL], 0, 60)
    store.settle(first.seq, "done")
    assert [m.effect.id for m in store.claim("", [MAIL], 0, 60)] == ["m2"]


def test_row_that_failed_waits_and_holds_up_its_own_line_only(store: CaseStore) -> None:
    first, _, _ = sent(store, a_message("m1", MAIL), a_message("m2", MAIL), a_message("m3", BUS))
    store.claim("", [MAIL], 0, 60)
    store.settle(first.seq, "pending", "no answer", 500)
    assert [m.effect.id for m in store.claim("", [MAIL, BUS], 499, 60)] == ["m3"]
    (again,) = store.claim("", [MAIL], 500, 60)
    assert (again.effect.id, again.attempts, again.error) == ("m1", 1, "no answer")


@pytest.mark.parametrize(("state", "expected"), [("dead", ["m2"]), ("stuck", [])])
def test_dead_row_is_passed_over_and_a_stuck_one_holds_up_its_line(
    store: CaseStore, state: MessageState, expected: list[str]
) -> None:
    first, _ = sent(store, a_message("m1", MAIL), a_message("m2", MAIL))
    store.settle(first.seq, state, "gave up")
    claimed = store.claim("", [MAIL], 0, 60)
    assert [m.effect.id for m in claimed] == expected
    assert [m.error for m in store.messages("", state)] == ["gave up"]
    store.settle(first.seq, "pending")
    assert [m.effect.id for m in store.claim("", [MAIL], 0, 60)] == ["m1"]


def test_purge_forgets_what_is_over_and_older(store: CaseStore) -> None:
    rows = sent(store, *(a_message(f"m{n}", MAIL) for n in range(4)))
    for row, state in zip(rows, ("done", "refused", "dead"), strict=False):
        store.settle(row.seq, state)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  zip forgets literals
    assert store.purge("", to_us(START)) == 0
    assert store.purge("other", to_us(START) + 1) == 0
    assert store.purge("", to_us(START) + 1) == 2
    assert [m.effect.id for m in store.messages("")] == ["m3"]
    assert [m.effect.id for m in store.messages("", "dead")] == ["m2"]


def test_long_listing_comes_in_pages(store: CaseStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("casewright.store.sqlite.PAGE", 3)
    ids = [f"c{n}" for n in range(7)]
    for name in ids:
        created(store, a_case(id=name))
    for limit in (0, 2, 3, 4, 6, 7, 9):
        found = [c.id for c in store.cases("", CaseFilter(limit=limit), CODEC)]
        assert found == ids[: limit or None]


def test_numbers_grow_and_are_apart_by_prefix_and_domain(store: CaseStore) -> None:
    assert store.numbers("", "CS", 10) == 1
    assert store.numbers("", "CS", 1) == 11
    assert store.numbers("", "INC", 1) == 1
    assert store.numbers("other", "CS", 1) == 1


def test_step_of_a_program_that_is_not_active_is_refused(store: CaseStore) -> None:
    assert store.active("") is None
    assert store.activate("", "p1") == 1
    assert store.activate("", "p1") == 1
    case = created(store)
    assert store.activate("", "p2") == 2
    assert store.active("") == ("p2", 2)
    with pytest.raises(Superseded) as caught:
        stepped(store, case, "e1", state="open")
    assert caught.value.program == "p2"


def test_listing_filters_and_pages(store: CaseStore) -> None:
    for n in range(5):
        created(
            store,
            a_case(
                id=f"c{n}",
                number=f"CS{n}",
                state="new" if n % 2 else "open",
                fields={"owner": "ann" if n > 2 else None, "level": n},
            ),
        )
    created(store, a_case(id="task", case_type="base.task"))

    def ids(**where: Any) -> list[str]:
        return [c.id for c in store.cases("", CaseFilter(**where), CODEC)]

    assert ids(case_types=("base.case",)) == ["c0", "c1", "c2", "c3", "c4"]
    assert ids(case_types=("base.case",), states=("open",)) == ["c0", "c2", "c4"]
    assert ids(number="CS3") == ["c3"]
    assert ids(fields={"owner": "ann"}) == ["c3", "c4"]
    assert ids(fields={"level": 2}) == ["c2"]
    assert ids(after="c3", limit=1) == ["c4"]
    assert list(store.cases("other", CaseFilter(), CODEC)) == []
