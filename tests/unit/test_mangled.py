"""Whatever is done to a pack, checking it tells mistakes and raises nothing."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.program import check_packs
from casewright.spec.packs import load_texts
from casewright.spec.source import load_file

DESK = Path(__file__).parents[1] / "data" / "packs" / "desk"
DOCUMENTS: list[Any] = [
    json.loads(json.dumps(document.data))
    for path in sorted(DESK.glob("*.yaml"), reverse=True)
    for document in load_file(path).documents
]
for document in load_file(DESK.parents[1] / "good" / "correlations.yaml").documents:
    body = json.loads(json.dumps(document.data))
    if body["kind"] == "pack":
        DOCUMENTS[0]["settings"].update(body["settings"])
    else:
        DOCUMENTS.append(body)
OTHERS: list[Any] = [
    *(None, True, 0, -1, 10**30, "", "x", "*", "-", [], {}, ["x"], {"x": 1}, "2026-01-01"),
    *("= ", "= 1 +", "= id", "= tasks", "= sla.first_answer.elapsed", "now()", 'state = "new"'),
    *("event.data.x", "urgency()", "first_answer", "customer", "closed", "comment", "8 hours"),
    *("alert", "= observations", "first.priority > alerts.level", "= sort(alerts)", "0 minutes"),
    *("8 business hours", "desk.ticket", "a.b.c", "{{ x }}", "{% if %}", "item", "previous.state"),
]

Place = tuple[int, tuple[str | int, ...]]


def places(value: Any, way: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [way] if way else []
    if isinstance(value, dict):
        for key, item in cast("dict[str, Any]", value).items():
            found += places(item, (*way, key))
    elif not isinstance(value, str | int | float | None):
        for index, item in enumerate(value):
            found += places(item, (*way, index))
    return found


PLACES: list[Place] = [
    (number, way)
    for number, document in enumerate(DOCUMENTS)
    for way in places(document)
    if way not in (("kind",), ("name",))
]


def at(value: Any, way: tuple[str | int, ...]) -> Any:
    for step in way:
        value = value[step]
    return value


def mangled(changes: list[tuple[Place, Any]]) -> str:
    documents = copy.deepcopy(DOCUMENTS)
    for (number, way), other in changes:
        try:
            above = at(documents[number], way[:-1])
            if other == "gone":
                del above[way[-1]]
            else:
                above[way[-1]] = copy.deepcopy(other)
        except (LookupError, TypeError):
            continue  # an earlier change took it away
    return "\n---\n".join(map(json.dumps, documents))


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(PLACES),
        st.one_of(
            st.just("gone"),
            st.sampled_from(OTHERS),
            st.sampled_from(PLACES).map(lambda place: at(DOCUMENTS[place[0]], place[1])),
        ),
    ),
    min_size=1,
    max_size=3,
)


def test_the_pack_is_sound_before_it_is_mangled() -> None:
    packs, found = load_texts({"desk.yaml": mangled([])})
    assert found + check_packs(packs)[1] == []


@settings(max_examples=80, deadline=None)
@given(CHANGES)
def test_checking_a_mangled_pack_raises_nothing(changes: list[tuple[Place, Any]]) -> None:
    packs, found = load_texts({"desk.yaml": mangled(changes)})
    program, more = check_packs(packs)
    errors = [d for d in (*found, *more) if d.severity == "error"]
    assert program is not None or errors
    assert all(d.message and not d.message.endswith(".") for d in (*found, *more))
