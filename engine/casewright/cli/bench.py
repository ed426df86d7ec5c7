"""``casewright bench``: measurements, each against a peer or a limit in the same run."""

from pathlib import Path
from typing import Annotated

import typer

from casewright.cli.door import FINE
from casewright.cli.output import Format, write, write_json, write_table

bench = typer.Typer(
    help="Measure the engine against a peer in the same run.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Rounds = Annotated[int, typer.Option(help="Interleaved rounds; the median counts.", min=3)]
As = Annotated[Format, typer.Option("--format", help="How the figures are printed.")]


@bench.command()
def step(
    rounds: Rounds = 15,
    profile: Annotated[
        bool, typer.Option("--profile", help="Show where the time of a step goes.")
    ] = False,
    format: As = Format.TEXT,
) -> int:
    """Measure a step of the support pack in bare `transitions` triggers."""
    from casewright.cli.bench_step import measure, profiled

    _print(measure(rounds), format)
    if profile:
        for line in profiled():
            write(line)
    return FINE


@bench.command()
def feel(rounds: Rounds = 15, format: As = Format.TEXT) -> int:
    """Measure compiled FEEL conditions against Python's `eval` and, if installed, zen-engine."""
    from casewright.cli.bench_feel import measure

    _print(measure(rounds), format)
    return FINE


@bench.command()
def table(rounds: Rounds = 15, format: As = Format.TEXT) -> int:
    """Measure decision tables of 14 to 10,000 rows against a bit-mask index and zen-engine."""
    from casewright.cli.bench_table import measure

    _print(measure(rounds), format)
    return FINE


@bench.command()
def store(rounds: Rounds = 9, format: As = Format.TEXT) -> int:
    """Measure a durable step against a bare transaction, and a million pending timers."""
    from casewright.cli.bench_store import measure

    _print(measure(rounds), format)
    return FINE


@bench.command()
def recalculation(
    cases: Annotated[int, typer.Option(help="How many open cases.", min=10)] = 10_000,
    format: As = Format.TEXT,
) -> int:
    """Measure what a changed calendar costs: cases touched, time, writes."""
    from casewright.cli.bench_recalculation import measure

    _print(measure(cases), format)
    return FINE


@bench.command()
def time(rounds: Rounds = 9, format: As = Format.TEXT) -> int:
    """Measure due times over a day, a month and a year, and timers while others wait."""
    from casewright.cli.bench_time import measure

    _print(measure(rounds), format)
    return FINE


@bench.command()
def rules(rounds: Rounds = 9, format: As = Format.TEXT) -> int:
    """Measure networks of 10 to 2,000 rules against `durable-rules` and a loop over all rules."""
    from casewright.cli.bench_rules import measure

    _print(measure(rounds), format)
    return FINE


@bench.command()
def events(
    cases: Annotated[int, typer.Option(help="How many cases; each has eight events.")] = 20_000,
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("events.jsonl"),
    seed: Annotated[int, typer.Option(help="The same seed gives the same file.")] = 1,
) -> int:
    """Write a file of support events for `run`."""
    from casewright.cli.bench_life import write_events

    with out.open("w", encoding="utf-8") as file:
        number = write_events(cases, file, seed)
    write(f"{number} events of {cases} cases in {out}")
    return FINE


def _print(figures: "list[dict[str, object]]", form: Format) -> None:
    if form is Format.JSON:
        write_json(figures)
        return
    write_table(
        ("what", "measured", "promise", "goal", "detail"),
        [[f.get(k) for k in ("what", "measured", "promise", "goal", "detail")] for f in figures],
    )
