"""Broken packs and what is told of each, word by word; sound packs, of which nothing is told.

``tests/data/bad/NAME.yaml`` holds one mistake each (but for those of many slips), and
``NAME.out`` exactly what is told of it: place, code, message, cure. All build on the pack
``tests/data/packs/desk``. A new check comes with such a pair.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from casewright.program import check_packs

DATA = Path(__file__).parents[1] / "data"
DESK = DATA / "packs" / "desk"
BAD = sorted((DATA / "bad").glob("*.yaml"))
GOOD = sorted((DATA / "good").glob("*.yaml"))


def told(path: Path) -> str:
    """Return what is told of a file, one mistake a line."""
    lines: list[str] = []
    for found in check_packs([DESK, path])[1]:
        place = str(found.span).removeprefix(f"{path.parent}/")
        cure = f" | {found.hint}" if found.hint else ""
        lines.append(f"{place}: {found.code} {found.message}{cure}\n")
    return "".join(lines)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_broken_pack_is_told_so(path: Path) -> None:
    assert told(path) == path.with_suffix(".out").read_text("utf-8")


@pytest.mark.parametrize("path", [DESK, *GOOD], ids=lambda path: path.stem)
def test_of_a_sound_pack_nothing_is_told(path: Path) -> None:
    assert told(path) == ""


def test_every_answer_has_its_question() -> None:
    answers = {path.stem for path in (DATA / "bad").glob("*.out")}
    assert answers == {path.stem for path in BAD}


def test_twelve_mistakes_are_told_in_one_run() -> None:
    answer = (DATA / "bad" / "twelve_mistakes.out").read_text("utf-8")
    assert len(answer.splitlines()) == 12
    assert len({line.split(": ")[1][:5] for line in answer.splitlines()}) >= 9
