"""What a window lets in, lets go and brings together, apart from its step."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from casewright.case import Observation
from casewright.rules.correlations import windows
from casewright.rules.networks.contract import Production
from casewright.rules.networks.native import NativeNetwork
from support.rules_oracle import Cmp, Field, OraclePattern, OracleRule
from support.rules_random import Around, production

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casewright.rules.networks.contract import Activation, Fact


class Counting(NativeNetwork):
    """Counts its calls."""

    calls = 0

    def activations(self, facts: Sequence[Fact], around: Any) -> list[Activation]:
        self.calls += 1
        return super().activations(facts, around)


def correlation(*patterns: OraclePattern, keep: bool = False, none: Any = ()) -> Any:
    made = production(OracleRule("c", patterns, tuple(none), keep))
    assert isinstance(made, Production)
    return SimpleNamespace(production=made, network=Counting([made]), keep=keep, expects={})


def seen(name: str, at: int, *fits: str, holds: bool = False, **data: Any) -> Observation:
    return Observation(name, at, fits, "alert", data=data, holds=holds)


def pattern(name: str, when: Any = None, count: int | None = None) -> OraclePattern:
    return OraclePattern(name, name, when, count)


def ten_later(at_us: int) -> int:
    return at_us + 10


def test_an_observation_is_out_when_the_newest_is_a_whole_window_away() -> None:
    held = (seen("a", 0, "x"), seen("b", 1, "x"))
    made = windows.admitted(held, seen("c", 10, "x"), 1, ten_later)
    assert made is not None
    assert [one.id for one in made.observations] == ["b", "c"]
    assert windows.admitted(held, seen("c", -9, "x"), 1, ten_later) is None
    assert windows.admitted(held, seen("c", -8, "x"), 1, ten_later) is not None


def test_what_holds_is_never_late_and_never_out() -> None:
    old = seen("h", -99, "x", holds=True)
    made = windows.admitted((seen("a", 0, "x"),), old, 0, ten_later)
    assert made is not None
    assert made.newest_us == 0
    assert old in windows.kept(made.observations, 999, ten_later)


def test_what_is_known_again_is_replaced_and_not_new() -> None:
    made = windows.admitted((seen("a", 5, "x", n=1),), seen("a", 3, "x", n=2), 5, ten_later)
    assert made is not None
    assert [one.data for one in made.observations] == [{"n": 2}]
    assert not made.is_new


def test_late_observations_take_their_place_in_time() -> None:
    held = (seen("a", 1, "x"), seen("c", 3, "x"))
    made = windows.admitted(held, seen("b", 2, "x"), 3, ten_later)
    assert made is not None
    assert [one.id for one in made.observations] == ["a", "b", "c"]


def test_facts_alone_fire_when_they_come_about_and_not_at_every_step() -> None:
    made = correlation(pattern("x", count=2))
    two = (seen("1", 0, "x", holds=True), seen("2", 1, "x", holds=True))
    before = windows.standing(made, two[:1], Around())
    firing = windows.next_firing(made, two, "2", before, Around())
    assert firing is not None
    assert windows.left_by(made, two, firing) == two
    assert windows.next_firing(made, two, None, {firing.ids}, Around()) is None
    before = windows.standing(made, two, Around())
    assert windows.next_firing(made, two, None, before, Around()) is None


def test_facts_alone_fire_when_what_forbade_it_is_gone() -> None:
    made = correlation(pattern("x", count=1), none=[pattern("y")])
    fact, blocker = seen("1", 0, "x", holds=True), seen("2", 1, "y", holds=True)
    before = windows.standing(made, (fact, blocker), Around())
    assert windows.next_firing(made, (fact,), None, before, Around()) is not None


def test_firing_consumes_events_but_not_facts() -> None:
    made = correlation(pattern("x"), pattern("h"))
    held = (seen("e", 0, "x"), seen("f", 1, "h", holds=True), seen("g", 2, "x"))
    firing = windows.next_firing(made, held, "g", frozenset(), Around())
    assert firing is not None
    assert firing.ids == (("e",), ("f",))
    assert [one.id for one in windows.left_by(made, held, firing)] == ["f", "g"]


def test_no_network_is_asked_while_a_pattern_lacks_observations() -> None:
    made = correlation(pattern("x", count=3), pattern("y"))
    held = tuple(seen(str(i), i, "x") for i in range(9))
    assert windows.next_firing(made, held, "8", frozenset(), Around()) is None
    assert made.network.calls == 0


def test_a_window_that_keeps_much_looks_at_what_came_in() -> None:
    same = Cmp("=", Field("y", "n"), Field("x", "n"))
    made = correlation(pattern("x"), pattern("y", same), keep=True)
    held = tuple(seen(f"{i:03}", i, "xy"[i % 2], n=1) for i in range(400))
    found: set[windows.Ids] = set()
    while (firing := windows.next_firing(made, held, "399", found, Around())) is not None:
        found.add(firing.ids)
        if len(found) == 5:
            break
    assert sorted(found) == [((f"{i:03}",), ("399",)) for i in range(0, 10, 2)]


def test_data_goes_before_what_every_observation_has() -> None:
    shown = windows.data_of(seen("o", 0, "x", id="mine", n=1))
    assert shown["id"] == "mine"
    assert shown["type"] == "alert"
    assert shown["time"].timestamp() == 0
