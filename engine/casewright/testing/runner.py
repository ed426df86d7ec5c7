"""Runs scenarios: each in a world of its own, step by step, until one does not hold.

After each step, sent events, created cases and timers due at the scenario's time have run. The
results are values; nothing is printed here.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, cast

from casewright.errors import CasewrightError
from casewright.spec.packs import load_packs
from casewright.testing.play import Play
from casewright.testing.results import Difference, ScenarioResult
from casewright.testing.world import World

if TYPE_CHECKING:
    from collections.abc import Iterable

    from casewright.host import Host
    from casewright.program import Program
    from casewright.rules.networks.choosing import Wanted
    from casewright.spec.models.scenarios import Scenario
    from casewright.spec.pack_set import PackSet, Spec
    from casewright.testing.coverage import Coverage

_PLAIN = repr((None, None))


class Runner:
    """Runs scenarios of a set of packs.

    Args:
        packs: the packs, loaded.
        host: functions, actions and channels that the packs use.
        program: the packs compiled with their own settings, where it is at hand.
        shuffle: seed of another order of messages between cases, or None for first in, first out.
        coverage: notes what the scenarios touch, or None.
        network: what brings the facts of rules together.
    """

    def __init__(
        self,
        packs: PackSet,
        host: Host | None = None,
        *,
        program: Program | None = None,
        shuffle: int | None = None,
        coverage: Coverage | None = None,
        network: Wanted = "auto",
    ) -> None:
        self._network: Wanted = network
        self._packs = packs
        self._host = host
        self._shuffle = shuffle
        self._coverage = coverage
        self._programs: dict[str, Program] = {} if program is None else {_PLAIN: program}

    def run(self, spec: Spec) -> ScenarioResult:
        """Run one scenario."""
        begin = perf_counter()
        try:
            steps, found = self._played(spec)
        except (CasewrightError, ValueError) as mistake:
            wanted, span = "a scenario that can run", spec.span()
            steps = 0
            found = (Difference("scenario", wanted, str(mistake), 0, "before it starts", span),)
        return ScenarioResult(spec.qualified, spec.span(), steps, found, perf_counter() - begin)

    def _played(self, spec: Spec) -> tuple[int, tuple[Difference, ...]]:
        """Return how many steps ran, and the differences of the last one."""
        scenario = cast("Scenario", spec.model)
        program = self._program(spec.pack, scenario)
        if self._coverage is not None:
            self._coverage.watch(program)
        world = World(program, scenario.start, host=self._host, shuffle=self._shuffle)
        world.add_records(scenario.records, spec.pack)
        played = Play(spec, world).all()
        if self._coverage is not None:
            self._coverage.add(world.history)
        return played

    def _program(self, pack: str, scenario: Scenario) -> Program:
        from casewright.program import compile_packs

        settings = {pack: scenario.settings} if scenario.settings else None
        key = repr((scenario.domain, settings))
        if key not in self._programs:
            self._programs[key] = compile_packs(
                self._packs_of(scenario.domain),
                self._host,
                settings=settings,
                domain=scenario.domain or "",
                network=self._network,
            )
        return self._programs[key]

    def _packs_of(self, domain: str | None) -> PackSet:
        """Return the packs with the overlays of a tenant."""
        if domain is None:
            return self._packs
        given = [p.folder for p in self._packs.packs.values() if p.is_given and p.folder]
        return load_packs(given, domain=domain)[0]


def run_scenarios(runner: Runner, packs: PackSet, wanted: str = "") -> Iterable[ScenarioResult]:
    """Yield the result of each scenario of the given packs whose name contains ``wanted``."""
    for spec in packs.all("scenario"):
        if packs.packs[spec.pack].is_given and wanted in spec.qualified:
            yield runner.run(spec)
