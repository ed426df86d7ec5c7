"""What the page about reasons says is printed, is printed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from casewright.cli import main

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```([a-z]+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_page_shows_what_the_commands_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    compared = 0
    for language, file, text in FENCE.findall((ROOT / "docs/explaining.md").read_text("utf-8")):
        if file:
            target = Path(file)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
        elif language == "console":
            for command in re.split(r"^\$ casewright ", text, flags=re.MULTILINE)[1:]:
                line, _, expected = command.partition("\n")
                assert main(shlex.split(line)) == 0
                printed = capsys.readouterr().out
                if expected:
                    assert printed == expected, line
                    compared += 1
    assert compared >= 9
