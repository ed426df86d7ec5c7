"""The table of rooms says what the import contracts hold."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_table_of_rooms_is_the_contract_of_layers() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    table = re.search(r"^\| rooms \|.*?\n\n", page, re.MULTILINE | re.DOTALL)
    assert table is not None
    shown = [
        set(re.findall(r"`(\w+)`", row.split("|")[1])) for row in table[0].strip().splitlines()[2:]
    ]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    (layers,) = [c["layers"] for c in contracts["contracts"] if c.get("exhaustive")]
    assert [row for row in shown if row] == [set(re.findall(r"\w+", layer)) for layer in layers]


def test_every_room_is_in_the_house() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    engine = ROOT / "engine" / "casewright"
    named = set(re.findall(r"`(program/\w+\.py)`", page)) | {"spec/models", "feel/builtins"}
    assert [name for name in named if not (engine / name).exists()] == []
