"""The models take in all that the language reference shows, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from casewright.spec.check import check, explain
from casewright.spec.drafts import EXTENDING as DRAFT_EXTENDING
from casewright.spec.drafts import KINDS as DRAFT_KINDS
from casewright.spec.models.actions import ACTION_KEYS, CreateAction, GroupAction, action_key
from casewright.spec.models.clocks import SlaDefinitions, TargetBy
from casewright.spec.models.common import one_or_many
from casewright.spec.models.kinds import EXTENDING, KINDS
from casewright.spec.source import load_file

if TYPE_CHECKING:
    from casewright.spec.models.case_types import CaseType
    from casewright.spec.models.flows import StateFlow
    from casewright.spec.models.rules import Rules
    from casewright.spec.nodes import Document

LANGUAGE = Path(__file__).parents[1] / "data" / "language"


def documents() -> list[tuple[str, Document]]:
    found: list[tuple[str, Document]] = []
    for path in sorted(LANGUAGE.glob("*.yaml")):
        loaded = load_file(path)
        assert loaded.diagnostics == ()
        found += [
            (f"{path.stem}:{document.span().line}", document) for document in loaded.documents
        ]
    return found


DOCUMENTS = documents()


@pytest.mark.parametrize("document", [d for _, d in DOCUMENTS], ids=[name for name, _ in DOCUMENTS])
def test_all_of_the_language_reference_is_taken_in(document: Document) -> None:
    if document.data.get("extends"):
        assert explain(document.data["kind"], document.root, "Extension") == []
        return
    checked = check(document.data["kind"], document.root, has_nulls=document.has_nulls)
    assert checked.diagnostics == []
    assert explain(document.data["kind"], document.root) == []


def test_every_kind_has_an_example() -> None:
    assert {document.data["kind"] for _, document in DOCUMENTS} == set(KINDS)


def test_kinds_are_the_same_before_and_after_the_models_are_loaded() -> None:
    assert tuple(KINDS) == DRAFT_KINDS
    assert EXTENDING == DRAFT_EXTENDING


def model(kind: str, **data: Any) -> Any:
    return KINDS[kind].model_validate({"kind": kind, "name": "x", **data})


def test_attributes_of_python_keywords_have_an_underscore() -> None:
    flow: StateFlow = model(
        "state_flow", initial="a", states={"a": {}}, transitions={"t": {"from": "a"}}
    )
    assert flow.transitions["t"].from_ == "a"


def test_actions_are_told_apart_by_their_key() -> None:
    rules: Rules = model(
        "rules",
        rules={
            "r": {
                "do": [
                    {"create": {"case_type": "b.task", "as": "t", "with": {"a": 1}}},
                    {"when": True, "do": [{"set": {"a": None}}]},
                ]
            }
        },
    )
    create, group = rules.rules["r"].do
    assert isinstance(create, CreateAction)
    assert (create.create.as_, create.create.with_) == ("t", {"a": 1})
    assert isinstance(group, GroupAction)
    assert group.when == "true"


@pytest.mark.parametrize("value", [{}, {"set": {}, "raise": "x"}, 3, None])
def test_an_action_without_one_key_is_none(value: Any) -> None:
    assert action_key(value) is None


def test_a_model_is_its_own_action_key() -> None:
    assert [action_key(cls.model_construct()) for cls in ACTION_KEYS.values()] == list(ACTION_KEYS)


def test_targets_by_a_field_keep_the_order_of_the_file() -> None:
    slas: SlaDefinitions = model(
        "sla_definitions",
        **{"for": "x"},
        slas={"a": {"start": "true", "target": {"by": "priority", "2": "1 hour", "1": "2 hours"}}},
    )
    target = slas.slas["a"].target
    assert isinstance(target, TargetBy)
    assert list(target.cases.items()) == [("2", "1 hour"), ("1", "2 hours")]


def test_models_cannot_be_changed() -> None:
    case_type: CaseType = model("case_type")
    with pytest.raises(ValidationError):
        case_type.name = "other"  # type: ignore[misc]  # that it cannot be set is the claim


@pytest.mark.parametrize(
    ("value", "expected"), [(None, ()), ("a", ("a",)), (("a", "b"), ("a", "b"))]
)
def test_one_or_many_is_many(value: Any, expected: tuple[str, ...]) -> None:
    assert one_or_many(value) == expected


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_unknown_key_is_refused(kind: str) -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        model(kind, unheard_of=1)
