"""The documentation is run: its files are written, its commands give exit code 0, its Python runs.

In a page, a fence ``yaml file=PATH`` writes a file, a line ``$ casewright ...`` in a ``console``
fence runs a command in the same folder, and a ``python`` fence is executed; in this order, from
top to bottom. A comment ``# exit code 1`` behind a command says what else it answers.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from casewright.cli import main

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    str(path.relative_to(ROOT)) for path in (*ROOT.glob("docs/*.md"), ROOT / "README.md")
)
FENCE = re.compile(r"^```([a-z]+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fence of a page."""

    language: str
    file: str | None
    text: str
    line: int


def blocks(page: str) -> list[Block]:
    text = (ROOT / page).read_text("utf-8")
    return [
        Block(found[1], found[2], found[3], text.count("\n", 0, found.start()) + 1)
        for found in FENCE.finditer(text)
    ]


def run_command(line: str, place: str, capsys: pytest.CaptureFixture[str]) -> None:
    command, _, expected = line.partition("# exit code ")
    words = shlex.split(command)
    assert words[0] == "casewright", f"{place}: only casewright is run here"
    code = main(words[1:])
    shown = capsys.readouterr()
    assert code == int(expected or 0), f"{place}: {line}\n{shown.out}{shown.err}"


def run_block(block: Block, page: str, capsys: pytest.CaptureFixture[str]) -> None:
    place = f"{page}:{block.line}"
    if block.file is not None:
        target = Path(block.file)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(block.text, "utf-8")
    elif block.language == "console":
        for line in block.text.splitlines():
            if line.startswith("$ "):
                run_command(line[2:], place, capsys)
    elif block.language == "python":
        exec(compile(block.text, place, "exec"), {"__name__": "__docs__"})


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_shows_works(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "specs").symlink_to(ROOT / "specs")
    for block in blocks(page):
        run_block(block, page, capsys)


@pytest.mark.parametrize("page", PAGES)
def test_links_inside_the_documentation_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    targets = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", text)
    missing = [t for t in targets if not (ROOT / page).parent.joinpath(t).exists()]
    assert missing == []


def test_the_walk_through_is_run_and_not_only_read() -> None:
    found = blocks("docs/new_case_type.md")
    written = {block.file for block in found if block.file}
    assert "library_loan/state_flow.yaml" in written
    assert any("casewright test" in block.text for block in found if block.language == "console")
