"""Counting: which results of the kit Casewright gives, by subset and group, and which it does not.

``python -m conformance.measure KIT OUT`` writes the committed table anew.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casewright import dmn
from casewright.cli.tagged import untagged
from casewright.errors import CasewrightError
from casewright.feel import evaluate
from casewright.feel.values import is_context, is_list
from conformance.kit_files import file_cases
from conformance.kit_lines import answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casewright.dmn.model import Model

REASONS: Mapping[str, str] = {
    "0076-feel-external-java": "Java functions are not called",
}
NEAR = Decimal("1e-8")


@dataclass
class Counts:
    """Passed and all, of one group."""

    passed: int = 0
    all: int = 0
    missed: list[str] = field(default_factory=list[str])

    def count(self, name: str, *, right: bool) -> None:
        self.all += 1
        self.passed += right
        if not right:
            self.missed.append(name)


def measured(kit: Path) -> dict[str, Any]:
    """Return the table of results for a folder with ``dev.jsonl`` and ``models``."""
    lines: dict[str, dict[str, Counts]] = {}
    with (kit / "dev.jsonl").open(encoding="utf-8") as file:
        for text in file:
            line = json.loads(text)
            counts = lines.setdefault(line["subset"], {}).setdefault(line["group"], Counts())
            right = passes(partial(answer, line), untagged(line["expected"]))
            counts.count(line["id"], right=right)
    return {
        "source": "DMN TCK, github.com/dmn-tck/tck, commit 0dbcaf9b; the development half",
        "lines": {name: summary(groups) for name, groups in sorted(lines.items())},
        "files": files(kit, dmn.load),
        "saved": files(kit, saved),
    }


def saved(path: Path) -> Model:
    """Return a model after it was saved and read back."""
    return dmn.load(dmn.save(dmn.load(path)))


def files(kit: Path, read: Callable[[Path], Model]) -> dict[str, Any]:
    """Return the results of the kit's own test files, by level."""
    found: dict[str, dict[str, Counts]] = {}
    for case in file_cases(kit / "models", read):
        counts = found.setdefault(case.level, {}).setdefault(case.group, Counts())
        counts.count(case.id, right=passes(case.answer, case.expected))
    return {name: summary(groups) for name, groups in sorted(found.items())}


def summary(groups: Mapping[str, Counts]) -> dict[str, Any]:
    missed = {
        name: REASONS.get(group, "not yet found out")
        for group, counts in sorted(groups.items())
        for name in counts.missed
    }
    return {
        "passed": sum(counts.passed for counts in groups.values()),
        "all": sum(counts.all for counts in groups.values()),
        "groups": {name: [c.passed, c.all] for name, c in sorted(groups.items())},
        "missed": missed,
    }


def passes(run: Callable[[], Any], expected: Any) -> bool:
    try:
        found = run()
    except CasewrightError:
        found = None
    return alike(found, expected)


def alike(found: Any, expected: Any) -> bool:
    """Return whether a value is the expected one, numbers within what the kit tolerates."""
    if is_list(expected) and is_list(found):
        same = len(found) == len(expected)
        return same and all(alike(f, e) for f, e in zip(found, expected, strict=True))
    if is_context(expected) and is_context(found):
        same = found.keys() == expected.keys()
        return same and all(alike(found[name], expected[name]) for name in expected)
    if isinstance(expected, bool) or isinstance(found, bool) or expected is None:
        return found is expected
    if isinstance(expected, int | Decimal) and isinstance(found, int | Decimal):
        return abs(Decimal(found) - Decimal(expected)) <= NEAR
    if isinstance(expected, date | datetime | timedelta) and type(found) is not type(expected):
        return False
    return bool(evaluate("a = b", {"a": found, "b": expected}))


def main() -> None:
    kit, out = Path(sys.argv[1]), Path(sys.argv[2])
    table = json.dumps(measured(kit), indent=1, ensure_ascii=False)
    out.write_text(table + "\n", "utf-8")


if __name__ == "__main__":
    main()
