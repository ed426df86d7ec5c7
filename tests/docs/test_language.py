"""The reference of the spec language names every kind and every key, and its example uses them."""

from __future__ import annotations

import re
import typing
from pathlib import Path
from typing import Any

import pytest

from casewright.program import check_packs
from casewright.spec.models import actions
from casewright.spec.models.common import FieldDefinition, Model, SpecModel
from casewright.spec.models.flows import Timer
from casewright.spec.models.kinds import KINDS
from casewright.spec.source import load_text

PAGE = (Path(__file__).parents[2] / "docs" / "language.md").read_text("utf-8")
FENCE = re.compile(r"^```[a-z]+(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHARED: dict[type[Model], str] = {
    FieldDefinition: "Fields",
    Timer: "Timers",
    **dict.fromkeys(actions.ACTION_KEYS.values(), "Actions"),
}
HEAD = {*SpecModel.model_fields}
EVERYWHERE = {"title", "description"}  # said once, of all


def section(title: str) -> str:
    """Return the words of a section, without its examples."""
    found = re.search(rf"^## `?{re.escape(title)}`?\n(.*?)(?=^##? |\Z)", PAGE, re.M | re.S)
    assert found is not None, f'no section "{title}"'
    return FENCE.sub("", found[1])


def models_in(annotation: Any) -> set[type[Model]]:
    """Return the models that a type is made of, directly."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return {annotation}
    return {m for part in typing.get_args(annotation) for m in models_in(part)}


def all_models(model: type[Model]) -> set[type[Model]]:
    """Return a model and the models of all of its keys; shared ones have sections of their own."""
    found: set[type[Model]] = set()
    pending = [model]
    while pending:
        one = pending.pop()
        if one in found or (one in SHARED and one is not model):
            continue
        found.add(one)
        for key in one.model_fields.values():
            pending += models_in(key.annotation)
    return found


def keys(model: type[Model]) -> set[str]:
    """Return the YAML keys of a model and of all that is in it."""
    made = {
        name.removesuffix("_")
        for one in all_models(model)
        for name in one.model_fields
        if not (issubclass(one, SpecModel) and name in HEAD)
    }
    return made - EVERYWHERE


def words(text: str) -> set[str]:
    """Return the words in code of a text."""
    return {word for code in re.findall(r"`([^`]+)`", text) for word in re.findall(r"\w+", code)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_section_names_every_key_of_its_kind(kind: str) -> None:
    assert keys(KINDS[kind]) - words(section(kind)) == set()


@pytest.mark.parametrize("model", list(SHARED), ids=lambda model: model.__name__)
def test_what_is_shared_is_complete(model: type[Model]) -> None:
    assert keys(model) - words(section(SHARED[model])) == set()


def test_every_kind_has_an_example() -> None:
    text = "---\n".join(block for file, block in FENCE.findall(PAGE) if file)
    documents = load_text(text, "language.md").documents
    assert {doc.root.entries["kind"].text() for doc in documents} == set(KINDS)


def test_the_example_is_without_a_warning(tmp_path: Path) -> None:
    for file, block in FENCE.findall(PAGE):
        if file.startswith("claims/"):
            path = tmp_path / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block, "utf-8")
    _, found = check_packs([tmp_path / "claims"])
    assert [f"{d.code} {d.message}" for d in found if d.severity != "info"] == []


def test_what_is_said_not_to_be_run_is_told_by_a_warning(tmp_path: Path) -> None:
    (block,) = [block for file, block in FENCE.findall(PAGE) if file == "later/pack.yaml"]
    path = tmp_path / "later.yaml"
    path.write_text(block, "utf-8")
    _, found = check_packs([path])
    assert [d.message.partition(":")[0] for d in found if d.code == "CW120"] == [
        'migration "renamed"',
        "gapless numbers",
        "`on_failure` of a case type",
    ]
