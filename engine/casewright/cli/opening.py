"""Opens an engine for a command: over a store, or over events that are played first."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.cli.door import UsageError
from casewright.cli.validate import existing

if TYPE_CHECKING:
    from casewright.case import Case
    from casewright.runtime import Engine

StoreOption = Annotated[
    str | None, typer.Option("--store", help="Where cases are kept, such as sqlite:///cases.db.")
]
EventsOption = Annotated[
    str | None, typer.Option("--events", help="Play these events in memory first; - is stdin.")
]


def open_engine(paths: list[Path], store: str | None, events: str | None) -> "Engine":
    """Return an engine whose cases a command looks at.

    Raises:
        UsageError: neither store nor events, or a store that cannot be named so.
        SpecError: the packs have mistakes.
    """
    existing(paths)
    if store is None and events is None:
        raise UsageError("there are no cases to look at: give --store or --events")
    if store is not None and events is None:
        _there_are_cases(store)
    engine = engine_over(paths, store)
    if events is not None:
        from casewright.cli.run import play

        for _ in play(engine, events, until=None):
            pass
    return engine


def _there_are_cases(store: str) -> None:
    """Check that a store in a file is there: to look at cases makes none.

    Raises:
        UsageError: it is not.
    """
    scheme, _, rest = store.partition(":///")
    path = Path(rest.partition("?")[0])
    if scheme == "sqlite" and not path.exists():
        raise UsageError(f"there is no store {path}; `run --store` makes one")


def engine_over(paths: list[Path], store: str | None) -> "Engine":
    """Return an engine whose clock the events own.

    Raises:
        UsageError: the store cannot be named so.
    """
    from casewright.runtime import Engine, VirtualClock

    try:
        return Engine.open(paths, store, VirtualClock())
    except ValueError as err:
        raise UsageError(str(err)) from err


def found_case(engine: "Engine", name: str) -> "Case":
    """Return the case with an id or a number.

    Raises:
        UsageError: there is none.
    """
    from casewright.store import CaseFilter

    case = engine.get(name)
    if case is not None:
        return case
    numbered = engine.cases(CaseFilter(number=name))
    if numbered:
        return numbered[0]
    raise UsageError(f'no case has the id or number "{name}"')
