"""Rules networks against the library behind one of them and against trying all rules in a loop.

One call brings six facts, an event and five before it; five rules concern it. All contenders answer
the same calls in the same rounds.
"""

from __future__ import annotations

import gc
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from casewright.cli import bench_raw
from casewright.cli.bench_clock import figure, interleaved, nanoseconds
from casewright.cli.bench_rule_packs import compiled, heard, hearing, steps
from casewright.cli.bench_ruleset import CONCERNED, Around, as_written, calls, naive, productions
from casewright.rules.networks import choosing
from casewright.rules.networks.durable import is_installed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from casewright.cli.bench_rule_packs import Others
    from casewright.rules.networks.contract import Fact, Network, Production

SIZES = (10, 100, 400, 2_000)
_FACTS = 6
_CALLS = 200
_TRIALS = 400_000  # of rules, in one round of the naive loop
_OTHERS: Mapping[Others, str] = {
    "values": "the others ask for another value",
    "fields": "the others read other fields",
    "events": "the others are about other events",
}


def measure(rounds: int) -> list[dict[str, object]]:
    """Return the figures: calls a second at each size, and how the cost grows."""
    contest = _Contest(SIZES)
    try:
        contest.run(rounds)
        return [*contest.figures(), *_steps(rounds)]
    finally:
        contest.close()


class _Contest:
    """Networks, the library and a loop on the same rules and facts, at several sizes."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self._sizes = sizes
        self._facts = {size: calls(size, _CALLS, _FACTS) for size in sizes}
        self._raw: dict[int, bench_raw.RawRules] = {}
        if bench_raw.is_installed():  # before there is much that a new process would share
            self._raw = {n: bench_raw.RawRules(as_written(n), self._facts[n]) for n in sizes}
        self._networks: list[Network] = []
        self._works: dict[tuple[str, int], Callable[[], int]] = {}
        self._taken: dict[tuple[str, int], float] = {}
        self._found: dict[tuple[str, int], int] = {}
        for size in sizes:
            self._enter(size, productions(size))

    def _enter(self, size: int, rules: Sequence[Production]) -> None:
        given = self._facts[size]
        wanted: list[choosing.Wanted] = ["native"]
        if is_installed():
            wanted.append("durable")
        for name in wanted:
            network, uses = choosing.network_for(rules, name)
            if any(use.network != name for use in uses):
                raise RuntimeError(f"not all rules are run by the {name} network")
            self._networks.append(network)
            self._works[name, size] = _calling(network, given)
            self._found[name, size] = _count(network, given)
        few = given[: max(1, min(len(given), _TRIALS // (size * _FACTS)))]
        self._works["loop", size] = _looping(rules, few)

    def run(self, rounds: int) -> None:
        """Measure all contenders in turns; the first round does not count."""
        taken: dict[tuple[str, int], list[float]] = {key: [] for key in self._works}
        gc.collect()
        for turn in range(rounds + 1):
            for key, work in self._works.items():
                spent = nanoseconds(work)
                if turn:
                    taken[key].append(spent)
            for raw in self._raw.values():
                raw.round()
        self._taken = {key: median(values) for key, values in taken.items()}

    def figures(self) -> Iterator[dict[str, object]]:
        """Yield calls a second, each against the others at that size, then how the cost grows."""
        names = [name for name in ("native", "durable") if (name, self._sizes[0]) in self._taken]
        for name in names:
            for size in self._sizes:
                taken = self._taken[name, size]
                what = f"events a second, {size:,} rules, {name} network"
                yield figure(what, 1e9 / taken, None, None, self._against(size, taken))
        if "durable" not in names:
            yield _missing("events a second, durable network")
        for size in self._sizes:
            yield self._raw_figure(size)
        for size in self._sizes:
            what = f"events a second, {size:,} rules, loop over all rules"
            yield figure(what, 1e9 / self._taken["loop", size], None, None)
        small, large = self._sizes[0], self._sizes[-1]
        for name in names:
            ratio = self._taken[name, large] / self._taken[name, small]
            yield figure(_growth(f"{name} network"), ratio, 2, 1.3)

    def _against(self, size: int, taken: float) -> str:
        times = self._taken["loop", size] / taken
        raw = self._raw[size].nanoseconds if size in self._raw else None
        of_raw = "" if raw is None else f"{raw / taken:.2f} times as many as durable-rules, "
        return f"{of_raw}{times:.1f} times as many as the loop"

    def _raw_figure(self, size: int) -> dict[str, object]:
        what = f"events a second, {size:,} rules, durable-rules as it is"
        raw = self._raw.get(size)
        if raw is None:
            return _missing(what)
        if raw.nanoseconds is None:
            return {**_missing(what), "detail": raw.end}
        right = self._found["native", size]
        detail = "" if raw.found == right else f"it finds {raw.found} instead of {right}"
        return figure(what, 1e9 / raw.nanoseconds, None, None, detail)

    def close(self) -> None:
        """End what was started."""
        for raw in self._raw.values():
            raw.close()
        for network in self._networks:
            network.close()


def _calling(network: Network, given: Sequence[Sequence[Fact]]) -> Callable[[], int]:
    around = Around()

    def work() -> int:
        for facts in given:
            network.activations(facts, around)
        return len(given)

    return work


def _count(network: Network, given: Sequence[Sequence[Fact]]) -> int:
    around = Around()
    return sum(len(network.activations(facts, around)) for facts in given)


def _looping(rules: Sequence[Production], given: Sequence[Sequence[Fact]]) -> Callable[[], int]:
    around = Around()

    def work() -> int:
        for facts in given:
            naive(rules, facts, around)
        return len(given)

    return work


def _growth(of: str) -> str:
    return f"{of}, {SIZES[-1]:,} rules of which {CONCERNED} concern the event, in {SIZES[0]}"


def _missing(what: str) -> dict[str, object]:
    """Return the line of a report that says why there is no figure."""
    empty = dict.fromkeys(("measured", "promise", "goal"))
    return {"what": what, **empty, "detail": bench_raw.MISSING}


def _steps(rounds: int) -> Iterator[dict[str, object]]:
    """Yield the cost of a step of a case type with many rules, in that of one with few."""
    small, large = SIZES[0], SIZES[-1]
    with TemporaryDirectory() as name:
        folder = Path(name)
        works = {"": steps(compiled(folder, small, "values"))}
        works |= {others: steps(compiled(folder, large, others)) for others in _OTHERS}
        works |= {f"heard {size}": hearing(heard(folder, size)) for size in (small, large)}
    taken = interleaved(works, rounds)
    base = taken[""]
    for others, why in _OTHERS.items():
        detail = f"{why}; {base / 1000:.0f} us with {small}"
        yield figure(_growth("step"), taken[others] / base, 2, 1.3, detail)
    few = taken[f"heard {small}"]
    detail = f"correlations that hear it; {few / 1000:.0f} us with {small}"
    yield figure(_growth("signal"), taken[f"heard {large}"] / few, 2, 1.3, detail)
