"""The page of diagnostics is run: each example fails with its code and no other, or passes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from casewright.program import check_packs

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "diagnostics.md"
DESK = ROOT / "tests" / "data" / "packs" / "desk"
HEAD = 'kind: pack\nname: mine\nschema: casewright/1\nversion: "1"\nuses: [desk]\n---\n'
SECTION = re.compile(r"^### (CW\d{3})\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^```yaml (fails|passes)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    code: str
    answer: str
    text: str


def examples() -> list[Example]:
    sections = SECTION.findall(PAGE.read_text("utf-8"))
    return [
        Example(code, answer, text)
        for code, body in sections
        for answer, text in FENCE.findall(body)
    ]


EXAMPLES = examples()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example[0]}-{example[1]}")
def test_an_example_gives_the_answer_that_the_page_says(example: Example, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    head = "" if "kind: pack\n" in example.text else HEAD
    path.write_text(head + example.text, "utf-8")
    _, found = check_packs([DESK, path])
    told = {f"{d.code} {d.message}" for d in found}
    codes = {line[:5] for line in told}
    assert codes == ({example.code} if example.answer == "fails" else set()), told


def test_every_code_is_on_the_page_and_every_code_of_the_page_exists() -> None:
    engine = ROOT / "engine" / "casewright"
    used = {
        code
        for path in engine.rglob("*.py")
        for code in re.findall(r'"(CW\d{3})"', path.read_text("utf-8"))
    }
    assert {code for code, _ in SECTION.findall(PAGE.read_text("utf-8"))} == used


def test_what_fails_has_an_example_that_passes() -> None:
    assert [e.answer for e in EXAMPLES] == ["fails", "passes"] * (len(EXAMPLES) // 2)
