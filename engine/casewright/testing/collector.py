"""pytest's view of scenarios: a file that collects them, an item that runs one.

Imported only when pytest meets a scenario file; the hook is in ``casewright_plugins``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from casewright.errors import SpecError
from casewright.program import compile_packs
from casewright.spec.packs import load_packs
from casewright.testing.runner import Runner

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from casewright.spec.pack_set import PackSet, Spec


@cache
def _pack(folder: Path) -> tuple[PackSet, Runner]:
    """Return a pack with all that it uses, compiled once for all of its files.

    Raises:
        SpecError: it has mistakes.
    """
    packs, diagnostics = load_packs([folder])
    if any(d.severity == "error" for d in diagnostics):
        raise SpecError(diagnostics)
    return packs, Runner(packs, program=compile_packs(packs))


class ScenarioFailed(Exception):  # noqa: N818  as pytest's own Failed
    """A scenario did not hold; the text says where."""


class ScenarioFile(pytest.File):
    """A file of scenarios in the folder ``scenarios`` of a pack."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an item for each scenario of the file.

        Raises:
            pytest.Collector.CollectError: the pack has mistakes.
        """
        try:
            packs, runner = _pack(self.path.parent.parent)
        except SpecError as err:
            raise self.CollectError(str(err)) from err
        for spec in packs.all("scenario"):
            if Path(spec.path).resolve() == self.path.resolve():
                item: Any = ScenarioItem.from_parent(self, name=spec.name)  # pyright: ignore[reportUnknownMemberType]  untyped by pytest
                item.spec, item.runner = spec, runner
                yield item


class ScenarioItem(pytest.Item):
    """One scenario."""

    spec: Spec
    runner: Runner

    def runtest(self) -> None:
        """Run the scenario.

        Raises:
            ScenarioFailed: something that was expected did not come.
        """
        result = self.runner.run(self.spec)
        if not result.passed:
            raise ScenarioFailed(result.text())

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None
    ) -> str | Any:
        """Return what differs; a traceback only for faults of the engine."""
        if isinstance(excinfo.value, ScenarioFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """Return file, line and name for reports."""
        return self.path, self.spec.span().line - 1, f"scenario {self.name}"
