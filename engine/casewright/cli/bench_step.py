"""A step of the support pack, in bare triggers of ``transitions``.

*Bare* is one trigger of one machine on one reused model, with one condition and one callback. The
mix is the life of ``bench_life``: every event of it is stepped from the case that the one before
left, so each measurement is of one step on a realistic case.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from transitions import Machine

from casewright.case import Actor, Event, Related
from casewright.cli.bench_clock import figure, interleaved
from casewright.cli.bench_life import CASE_TYPE, LIFE, START
from casewright.program import compile_packs
from casewright.resources import specs_dir
from casewright.temporal import from_us, to_us
from casewright.view import answer_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from casewright.case import Case, Outcome
    from casewright.program import Program

_TIMES = 40
_MINUTE_US = 60_000_000
_TENFOLD = ("rules", "notification_map")


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of the life, ready to be repeated."""

    name: str
    entity: Case | None
    event: Event
    related: Related
    status: str


def moments(program: Program) -> list[Moment]:
    """Return the steps of the life, each with the case that it begins with.

    Raises:
        RuntimeError: a step does not answer what the life says; then the mix is another one.
    """
    made: list[Moment] = []
    entity: Case | None = None
    at_us = to_us(START)
    for number, act in enumerate(LIFE):
        event = Event(
            act.type,
            f"e{number}",
            "bench",
            CASE_TYPE if entity is None else "",
            from_us(at_us),
            _actor(act.actor),
            dict(act.data),
            number="CS0000001" if entity is None else None,
        )
        outcome, related = _stepped(program, entity, event)
        if outcome.status != act.status:
            raise RuntimeError(f"{act.type}, event {number}: {outcome.status} {outcome.errors}")
        made.append(Moment(act.type, entity, event, related, act.status))
        entity = outcome.case
        at_us += 7 * _MINUTE_US
    return made


def _actor(given: Mapping[str, Any]) -> Actor:
    more = {k: v for k, v in given.items() if k not in ("id", "roles")}
    return Actor(given["id"], tuple(given["roles"]), more)


def _stepped(program: Program, entity: Case | None, event: Event) -> tuple[Outcome, Related]:
    """Return the outcome, and the records that a read plan would give the first call."""
    records: dict[str, dict[str, Any]] = {name: dict(r) for name, r in program.records.items()}
    answers: dict[str, tuple[str, ...]] = {}
    related = Related(records, answers)
    outcome = program.step(entity, event, related)
    while outcome.status == "needs":
        for need in outcome.needs:
            rows = records.setdefault(need.record_type, {})
            if need.id is not None:
                rows.setdefault(need.id, None)
            else:
                field = need.field or ""
                found = [k for k, row in rows.items() if row and row.get(field) == need.value]
                answers[answer_key(need.record_type, field, need.value)] = tuple(found)
        outcome = program.step(entity, event, related)
    return outcome, related


def _stepping(
    program: Program, chosen: Sequence[Moment], *, trace: bool = False
) -> Callable[[], int]:
    step = program.step

    def work() -> int:
        for _ in range(_TIMES):
            for moment in chosen:
                step(moment.entity, moment.event, moment.related, trace=trace)
        return _TIMES * len(chosen)

    return work


class _Model:
    state = "new"


def _bare() -> Callable[[], int]:
    """Return work that triggers a bare machine; its two transitions lead to and fro."""

    def allowed(data: Any) -> bool:
        return data is not None

    def note(data: Any) -> None:
        del data

    machine = Machine(
        model=None,
        states=["new", "open"],
        initial="new",
        auto_transitions=False,
        send_event=True,
    )
    for source, target in (("new", "open"), ("open", "new")):
        machine.add_transition("go", source, target, conditions=[allowed], before=[note])
    trigger: Any = machine.events["go"].trigger
    model = _Model()
    machine.add_model(model)

    def work() -> int:
        for _ in range(_TIMES * len(LIFE)):
            trigger(model)
        return _TIMES * len(LIFE)

    return work


def tenfold(folder: Path) -> list[Path]:
    """Write nine copies of the pack's rules and notifications that never hold; return the paths."""
    program = compile_packs([specs_dir() / CASE_TYPE])
    target = folder / CASE_TYPE
    target.mkdir()
    for path in sorted((specs_dir() / CASE_TYPE).iterdir()):
        if path.is_file():
            (target / path.name).write_bytes(path.read_bytes())
    for kind in _TENFOLD:
        for spec in program.packs.all(kind):
            if spec.pack == CASE_TYPE:
                for copy in range(9):
                    text = json.dumps(_copied(spec.data, copy), default=str)
                    (target / f"{kind}_{spec.name}_{copy}.yaml").write_text(text, "utf-8")
    return [specs_dir() / "base", target]


def _copied(data: Mapping[str, Any], copy: int) -> dict[str, Any]:
    """Return a document whose rules or notifications have other names and never hold."""
    made: dict[str, Any] = {**data, "name": f"{data['name']}_{copy}"}
    for key in ("rules", "notifications"):
        bodies: dict[str, Any] = made.get(key) or {}
        if bodies:
            made[key] = {f"{name}_{copy}": _never(body, copy) for name, body in bodies.items()}
    return made


def _never(body: Mapping[str, Any], copy: int) -> dict[str, Any]:
    if "on" not in body and "when" not in body:
        return dict(body)
    condition = f'short_description = "copy {copy}"'
    given = body.get("when")
    return {**body, "when": f"{condition} and ({given})" if given else condition}


def measure(rounds: int) -> list[dict[str, object]]:
    """Return the figures of the step."""
    program = compile_packs([specs_dir()])
    life = moments(program)
    with TemporaryDirectory() as folder:
        large = compile_packs(tenfold(Path(folder)))
    works: dict[str, Callable[[], int]] = {
        "bare": _bare(),
        "mix": _stepping(program, life),
        "traced": _stepping(program, life, trace=True),
        "tenfold": _stepping(large, moments(large)),
    }
    for name, chosen in _by_type(life):
        works[name] = _stepping(program, chosen)
    taken = interleaved(works, rounds)
    return list(_figures(taken))


def _by_type(life: Sequence[Moment]) -> Iterator[tuple[str, list[Moment]]]:
    yield "rejected", [m for m in life if m.status == "rejected"]
    for name in dict.fromkeys(m.name for m in life):
        yield f"event {name}", [m for m in life if m.name == name and m.status == "applied"]


def _figures(taken: Mapping[str, float]) -> Iterator[dict[str, object]]:
    bare, mix = taken["bare"], taken["mix"]
    micro = f"{mix / 1000:.1f} us against {bare / 1000:.1f} us"
    yield figure("step, mean of the mix, in bare triggers", mix / bare, 3, 2, micro)
    events = {k.removeprefix("event "): v for k, v in taken.items() if k.startswith("event ")}
    dearest = max(events, key=events.__getitem__)
    yield figure("dearest event, in bare triggers", events[dearest] / bare, 5, 3.5, dearest)
    yield figure("rejection, in bare triggers", taken["rejected"] / bare, 0.3, 0.1)
    yield figure("step with ten times the rules and notifications", taken["tenfold"] / mix, 2, 1.3)
    yield figure("step with a trace", taken["traced"] / mix, 1.5, 1.2)
    for name, spent in sorted(events.items(), key=lambda item: -item[1]):
        yield figure(f"event {name}, in bare triggers", spent / bare, None, None)
    yield figure("mean over event types", mean(events.values()) / bare, None, None)


def profiled() -> Iterator[str]:
    """Yield where the time of the mix goes: the ten dearest functions by own time."""
    import cProfile
    import pstats

    program = compile_packs([specs_dir()])
    work = _stepping(program, moments(program))
    work()
    profile = cProfile.Profile()
    profile.runcall(work)
    stats: Any = pstats.Stats(profile)
    rows = sorted(stats.stats.items(), key=lambda item: -item[1][2])[:10]
    steps = _TIMES * len(LIFE)
    yield "own us a step, calls a step, function"
    for (path, line, name), (calls, _, own, _, _) in rows:
        place = f"{Path(path).name}:{line}" if line else path
        yield f"{own * 1e6 / steps:8.2f} {calls / steps:8.1f}  {name} ({place})"
