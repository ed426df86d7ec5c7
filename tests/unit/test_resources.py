"""Bundled data is found, in a checkout as in a wheel."""

from __future__ import annotations

from casewright.resources import data_dir, schemas_dir, specs_dir


def test_schemas_and_packs_are_there() -> None:
    assert (schemas_dir() / "casewright.schema.json").is_file()
    assert (specs_dir() / "base" / "pack.yaml").is_file()
    assert schemas_dir().parent == specs_dir().parent == data_dir()
