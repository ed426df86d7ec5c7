"""The tables of ``docs/feel.md`` are true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from casewright import feel
from casewright.feel.builtins import BUILTINS
from casewright.feel.types import type_of

PAGE = (Path(__file__).parents[2] / "docs" / "feel.md").read_text(encoding="utf-8")
HEAD = "| expression | context | result |"


def rows() -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    for table in PAGE.split(HEAD)[1:]:
        for line in table.strip().splitlines()[1:]:
            if not line.startswith("|"):
                break
            cells = [cell.strip().strip("`") for cell in line[1:-1].split("|")]
            assert len(cells) == 3, line
            found.append((cells[0], cells[1] or "{}", cells[2]))
    return found


@pytest.mark.parametrize(("expression", "context", "result"), rows())
def test_row_of_the_page_is_true(expression: str, context: str, result: str) -> None:
    value = feel.evaluate(expression, feel.evaluate(context))
    assert value == feel.evaluate(result)
    assert str(type_of(value)) == str(type_of(feel.evaluate(result)))


def test_page_names_every_function_and_no_other() -> None:
    table = PAGE.split("| about | functions |")[1].split("\n\n")[0]
    assert set(re.findall(r"`([^`]+)`", table)) == set(BUILTINS)
