"""The published schemas are those of the models, stand alone, and agree with them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from casewright.resources import schemas_dir
from casewright.spec.models.kinds import EXTENDING, KINDS
from casewright.spec.schema import (
    COMBINED,
    differing_files,
    file_name,
    schema_text,
    write_schemas,
    written_schemas,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = sorted(written_schemas())


def parts(node: Any) -> Iterator[dict[str, Any]]:
    """Yield all maps of a schema."""
    pending = [node]
    while pending:
        part: Any = pending.pop()
        if isinstance(part, dict):
            yield cast("dict[str, Any]", part)
            pending.extend(cast("dict[str, Any]", part).values())
        elif not isinstance(part, str | int | float | None):
            pending.extend(part)


def validator_of(schema: dict[str, Any]) -> Any:
    return Draft202012Validator(schema)


def test_published_schemas_are_those_of_the_models() -> None:
    assert differing_files(schemas_dir()) == [], "run: casewright schema --write"


def test_there_is_a_schema_for_each_kind_and_one_for_all() -> None:
    assert set(NAMES) == {*map(file_name, KINDS), COMBINED}


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_valid_and_refers_only_to_itself(name: str) -> None:
    schema = written_schemas()[name]
    Draft202012Validator.check_schema(schema)
    for part in parts(schema):
        reference = part.get("$ref")
        if isinstance(reference, str):
            assert reference.startswith("#/$defs/")
            assert reference.removeprefix("#/$defs/") in schema["$defs"]


@pytest.mark.parametrize("name", NAMES)
def test_every_key_is_described(name: str) -> None:
    for part in parts(written_schemas()[name]):
        for key, value in part.get("properties", {}).items():
            if part.get("type") == "object" and part.get("additionalProperties") is False:
                assert "description" in value, key


def test_expressions_can_be_told_from_texts() -> None:
    flow = written_schemas()["state_flow.schema.json"]
    when = flow["$defs"]["Transition"]["properties"]["when"]
    assert when["format"] == "feel"


def test_what_differs_is_written_and_what_is_no_more_is_removed(tmp_path: Path) -> None:
    (tmp_path / "old.schema.json").write_text("{}")
    (tmp_path / "pack.schema.json").write_text("{}")
    assert set(write_schemas(tmp_path)) == {"old.schema.json", *NAMES}
    assert differing_files(tmp_path) == []
    assert write_schemas(tmp_path) == []
    assert not (tmp_path / "old.schema.json").exists()


def test_the_schema_of_them_all_chooses_by_kind() -> None:
    validator = validator_of(written_schemas()[COMBINED])
    assert validator.is_valid({"kind": "records", "name": "a", "rows": []})
    assert not validator.is_valid({"kind": "records", "name": "a", "states": {}})
    assert not validator.is_valid({"kind": "recrods", "name": "a"})


@pytest.mark.parametrize("kind", sorted(EXTENDING))
def test_a_document_that_extends_needs_little_and_may_remove(kind: str) -> None:
    validator = validator_of(written_schemas()[file_name(kind)])
    body = {"case_type": "fields", "state_flow": "states", "playbook": "stages"}[kind]
    document = {"kind": kind, "name": "a", "extends": "b.c", body: {"gone": None}}
    assert validator.is_valid(document)
    del document["extends"]
    assert not validator.is_valid(document)


def test_an_overlay_is_completed_by_kind() -> None:
    validator = validator_of(written_schemas()["overlay.schema.json"])
    head = {"kind": "overlay", "name": "a", "domain": "d", "of": "p"}
    fields = {"fields": {"a": None, "b": {"title": None}}}
    assert validator.is_valid({**head, "change": {"case_type": {"x": fields}}})
    assert not validator.is_valid({**head, "change": {"case_type": {"x": {"felds": {}}}}})
    assert not validator.is_valid({**head, "change": {"scenario": {"x": {}}}})


def test_schemas_are_written_for_people() -> None:
    text = schema_text(written_schemas()["pack.schema.json"])
    assert text.endswith("}\n")
    assert json.loads(text)["title"] == "pack"


_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 3), st.sampled_from(["a", "b.c", "A b", "= 1", ""])
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(
            st.sampled_from(["a", "on", "when", "do", "set", "to", "type", "raise", "by", "of"]),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(kind=st.sampled_from(sorted(set(KINDS) - {"overlay"})), value=_VALUES, data=st.data())
def test_models_and_schemas_refuse_the_same(kind: str, value: Any, data: Any) -> None:
    """Null apart: a model takes it where a key may be left out, the schema does not.

    What an overlay changes is known to its schema only; ``check`` asks that of every overlay.
    """
    schema = written_schemas()[file_name(kind)]
    body = schema.get("$defs", {}).get("Whole", schema)
    key = data.draw(st.sampled_from(sorted(set(body["properties"]) - {"kind", "extends"})))
    document = {"kind": kind, "name": "x", key: value}
    errors = list(validator_of(schema).iter_errors(document))
    allowed = not [error for error in errors if error.validator != "required" or error.path]
    try:
        KINDS[kind].model_validate(document)
    except ValidationError as err:
        taken = all(e["type"] == "missing" and len(e["loc"]) == 1 for e in err.errors())
    else:
        taken = True
    if allowed:
        assert taken
    elif taken:
        assert "None" in repr(document)
