"""Trials of networks against the oracle: one seed, one ruleset or one window.

Run as a program it tries a span of seeds and writes a line for each, so that whoever started it
knows which seed a crash belongs to.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass, fields, replace
from random import Random
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from casewright.case import Event, Observation, Related, Window
from casewright.program.kind import Limits
from casewright.program.window_step import WindowStep, blank
from casewright.rules.correlations.definition import Correlation
from casewright.rules.networks.choosing import Wanted, network_for
from casewright.rules.networks.durable import DurableNetwork
from casewright.temporal import Duration, always_open, from_us
from support.rules_oracle import NaiveWindow, OracleRule, Seen, matches
from support.rules_random import Around, as_facts, chance_of, production, ruleset, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casewright.rules.networks.contract import Network

SECOND = 1_000_000
PROBLEM = "p.problem"


@dataclass
class Tally:
    """What trials found.

    Attributes:
        matches: activations of rulesets, by the oracle.
        durable: productions that ran on the durable network.
        answered: calls with facts to it; ``refused`` those of them that the native one answered.
        firings: of windows.
    """

    matches: int = 0
    durable: int = 0
    answered: int = 0
    refused: int = 0
    firings: int = 0

    def add(self, other: Tally) -> None:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    def count(self, network: Network, calls: int) -> None:
        for one in getattr(network, "networks", (network,)):
            if isinstance(one, DurableNetwork):
                self.answered += calls
                self.refused += one.fallbacks


# --- rulesets -------------------------------------------------------------------------------------


def try_ruleset(seed: int, wanted: Wanted, tally: Tally) -> None:
    """Compare what a random ruleset finds with what the oracle does; each call is made twice.

    Raises:
        AssertionError: they differ.
    """
    made = ruleset(Random(seed))
    network, uses = network_for(made.productions(), wanted)
    tally.durable += sum(use.network == "durable" for use in uses)
    calls = 2
    try:
        for facts in made.facts:
            expected = matches(made.rules, facts)
            tally.matches += len(expected)
            for _ in range(calls):
                around = Around()
                found = network.activations(as_facts(facts), around)
                assert around.lets == {}
                if [(one.production, one.facts) for one in found] != expected:
                    raise AssertionError(difference(seed, made.rules, expected, found))
        tally.count(network, calls * len(made.facts))
    finally:
        network.close()


def difference(seed: int, rules: Sequence[OracleRule], expected: Any, found: Any) -> str:
    pairs = [(one.production, one.facts) for one in found]
    lines = [f"seed {seed}"]
    for rule in rules:
        wanted = [groups for name, groups in expected if name == rule.name]
        got = [groups for name, groups in pairs if name == rule.name]
        if wanted != got:
            lines += [f"{rule.name}: expected {wanted[:5]}, found {got[:5]}", written(rule)]
    return "\n".join(lines)


def written(rule: OracleRule) -> str:
    lines: list[str] = []
    for pattern in (*rule.patterns, *rule.absent):
        when = "" if pattern.when is None else text(pattern.when)
        what = "none" if pattern in rule.absent else "all"
        how = f"{pattern.label} x{pattern.count} {pattern.distinct}"
        lines.append(f"  {what} {pattern.name} of {how}: {when}")
    return "\n".join([*lines, f"  slides: {rule.slides}"])


# --- windows --------------------------------------------------------------------------------------


def try_window(seed: int, wanted: Wanted, tally: Tally) -> None:
    """Compare a random window with the oracle's, observation by observation.

    Raises:
        AssertionError: they differ.
    """
    random = Random(seed)
    chance = chance_of(random)
    rule, holding = chance.window_rule()
    within = random.randint(3, 12)
    made = _Made(rule, holding, within, wanted)
    tally.durable += made.uses[0].network == "durable"
    blockers = frozenset(pattern.name for pattern in rule.absent) & holding
    naive = NaiveWindow(
        rule,
        within,
        keep=rule.slides,
        shutting=frozenset(p.name for p in rule.absent if p.name in blockers and p.when is None),
        expecting=tuple(p.name for p in rule.absent if p.name in blockers),
        made=made.created,
    )
    try:
        for now, what in chance.observations(rule, holding, random.randint(1, 14)):
            told = _told(what, made.created)
            made.step(now, told)
            if isinstance(told, str):
                naive.gone(now, told)
            else:
                naive.observe(now, told)
            found = (made.fired, made.ignored, made.held)
            expected = (naive.fired, naive.ignored, sorted(one.id for one in naive.present))
            if found != expected:
                lines = [f"seed {seed} at {now}, {told}", f"expected {expected}", f"found {found}"]
                raise AssertionError("\n".join([*lines, written(rule)]))
    finally:
        made.network.close()
    tally.firings += len(naive.fired)


def _told(what: Any, created: list[str]) -> Any:
    """Return what happened, with the id of a case that the window has made in its place."""
    if isinstance(what, str):
        return _named(what, created)
    return replace(what, id=_named(what.id, created))


def _named(name: str, created: list[str]) -> str:
    _, _, rest = name.partition("case/created/")
    return f"case/{created[-1]}/{rest}" if rest and created else name


class _Made:
    """A window as the engine steps it.

    Attributes:
        created: ids of the cases that it has made.
        fired, ignored, held: as of the oracle.
    """

    def __init__(
        self, rule: OracleRule, holding: frozenset[str], within: int, wanted: Wanted
    ) -> None:
        made = production(rule)
        self.network: Network
        self.network, self.uses = network_for([made], wanted)
        self.created: list[str] = []
        self.fired: list[tuple[tuple[str, ...], ...]] = []
        self.ignored: list[str] = []
        expects = {p.name: frozenset({PROBLEM}) for p in rule.absent if p.name in holding}
        self._correlation = Correlation(
            name="p.correlation",
            production=made,
            network=self.network,
            within=Duration("real", within),
            calendar=always_open("UTC"),
            keep=rule.slides,
            do=cast("Any", SimpleNamespace(run=self._do)),
            fields={},
            key_field=None,
            expects=expects,
            told={},
            place="",
            fingerprint="",
        )
        self._window: Window | None = None

    @property
    def held(self) -> list[str]:
        return [] if self._window is None else sorted(self._window.observations)

    def _do(self, step: WindowStep) -> None:
        found = [step.lets[one.name] for one in self._correlation.production.patterns]
        self.fired.append(tuple(_ids(one) for one in found))
        action: Any = SimpleNamespace(case_type=PROBLEM, service=None)
        self.created.append(step.create(action, {}, None))

    def step(self, now: int, told: Any) -> None:
        window = self._window
        if window is not None and window.timers and window.timers[0].due_us <= now * SECOND:
            self._run(window.timers[0].due_us, None)
        if isinstance(told, str):
            self._run(now * SECOND, {"gone": told})
        else:
            self._run(now * SECOND, {"observation": _observation(told)})

    def _run(self, now_us: int, data: dict[str, Any] | None) -> None:
        event = Event("observe", "e", "window/p.correlation/k", time=from_us(now_us))
        window = self._window or blank(event, "p.correlation", "k", "")
        domain: Any = SimpleNamespace(limits=Limits(), zone=ZoneInfo("UTC"))
        step = WindowStep(self._correlation, window, event, Related(), now_us, domain)
        if data is None:
            step.end()
        else:
            step.observe(data)
        outcome = step.outcome("")
        assert isinstance(outcome.entity, Window)
        self._window = outcome.entity
        late = [one.reason for one in outcome.ignored if one.reason.startswith("late")]
        self.ignored += [reason.split()[1] for reason in late]


def _ids(found: Any) -> tuple[str, ...]:
    return tuple(one["id"] for one in found) if isinstance(found, list) else (found["id"],)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _observation(one: Seen) -> Observation:
    return Observation(
        one.id,
        one.at * SECOND,
        tuple(sorted(one.fits)),
        "alert",
        data={**one.data, "id": one.id},
        holds=one.holds,
        is_expected=one.is_expected,
    )


# --- the program ----------------------------------------------------------------------------------

TRIALS = {"rulesets": try_ruleset, "windows": try_window}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("trial", choices=TRIALS)
    parser.add_argument("first", type=int)
    parser.add_argument("count", type=int)
    parser.add_argument("--network", default="native")
    chosen = parser.parse_args(arguments)
    tally = Tally()
    for seed in range(chosen.first, chosen.first + chosen.count):
        print(f"seed {seed}", flush=True)  # noqa: T201 - read by who started this
        for network in chosen.network.split(","):
            TRIALS[chosen.trial](seed, network, tally)
    print(json.dumps(asdict(tally)), flush=True)  # noqa: T201 - as above


if __name__ == "__main__":
    main(sys.argv[1:])
