"""``casewright run``: feeds events, prints outcomes."""

import datetime as dt
import gc
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casewright.cli.door import FINE, UsageError
from casewright.cli.networks import Network, NetworkOption
from casewright.cli.opening import StoreOption, engine_over
from casewright.cli.output import Format, is_terminal
from casewright.cli.validate import existing

if TYPE_CHECKING:
    from casewright.case import Outcome
    from casewright.runtime import Engine

_SIZE_OF_INTEREST = 1_000_000


def run(
    paths: Annotated[list[Path], typer.Argument(help="Packs.")],
    events: Annotated[str, typer.Option(help="JSON lines, one event each; - is stdin.")],
    store: StoreOption = None,
    until: Annotated[
        str | None, typer.Option(help="Let time pass to this instant after the last event.")
    ] = None,
    format: Annotated[
        Format | None,
        typer.Option(help="For people, or JSON lines; people are those with a terminal."),
    ] = None,
    network: NetworkOption = Network.AUTO,
) -> int:
    """Feed events to cases and print what came of each; timers in between run in order."""
    existing(paths)
    end = None if until is None else moment(until)
    engine = engine_over(paths, store, network)
    gc.freeze()  # what was compiled lives as long as the process; no collection need look at it
    wanted = format or (Format.TEXT if is_terminal() else Format.JSON)
    if wanted is Format.TEXT:
        _show(engine, events, end)
    else:
        _print(play(engine, events, end))
    engine.close()
    return FINE


def moment(text: str) -> dt.datetime:
    """Return the instant that an option says.

    Raises:
        UsageError: it is none, or has no offset.
    """
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError as err:
        raise UsageError(f'"{text}" is no instant; write 2026-03-02T09:00:00Z') from err
    if at.tzinfo is None:
        raise UsageError(f'"{text}" has no offset; write {text}Z or {text}+01:00')
    return at


def play(engine: "Engine", events: str, until: dt.datetime | None) -> Iterator[dict[str, Any]]:
    """Yield the output of each event, timer and message.

    Args:
        engine: with a clock that events own.
        events: path of a file, or ``-`` for standard input.
        until: timers due at or before it run after the last event.
    """
    from casewright.runtime import feed

    with ExitStack() as stack:
        if events == "-":
            lines: Iterable[bytes] = sys.stdin.buffer
        else:
            path = Path(events)
            lines = _counted(stack.enter_context(path.open("rb")), path.stat().st_size)
        yield from feed(engine, lines, until)


def _print(lines: Iterable[dict[str, Any]]) -> None:
    import msgspec

    encode = msgspec.json.Encoder(decimal_format="number").encode
    write = sys.stdout.write
    for line in lines:
        write(encode(line).decode() + "\n")


def _counted(lines: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Yield lines, with a progress bar for whoever waits for a long file at a terminal."""
    if size < _SIZE_OF_INTEREST or is_terminal() or not sys.stderr.isatty():
        yield from lines
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn

    columns = (BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("events", total=size)
        for line in lines:
            yield line
            progress.advance(task, len(line))


def _show(engine: "Engine", events: str, until: dt.datetime | None) -> None:
    from casewright.cli.output import console
    from casewright.cli.run_view import Timeline

    timeline = Timeline(console())
    waiting: deque[Outcome] = deque()
    stop = engine.observe(waiting.append)
    for line in play(engine, events, until):
        without = line["status"] in ("malformed", "duplicate", "id_reused")
        timeline.add(None if without or not waiting else waiting.popleft(), line)
    stop()
    timeline.close(engine.cases())
