"""Opens an engine for a command: over a store, or over events that are played first."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from casewright.cli.door import UsageError
from casewright.cli.networks import Network, wanted_network
from casewright.cli.validate import existing

if TYPE_CHECKING:
    from casewright.case import Case
    from casewright.runtime import Engine
    from casewright.store import CaseStore

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
        return _opened(paths, _looked_into(store))
    engine = engine_over(paths, store)
    if events is not None:
        from casewright.cli.run import play

        for _ in play(engine, events, until=None):
            pass
    return engine


class _Onlooker:
    """A store in which whoever looks at cases does not activate a program."""

    def __init__(self, store: "CaseStore") -> None:
        self._store = store

    def activate(self, domain: str, program: str) -> int:  # noqa: ARG002
        """Leave the program that runs as it is, and return its generation."""
        active = self._store.active(domain)
        return 0 if active is None else active[1]

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


def _looked_into(store: str) -> "CaseStore":
    """Return a store that is there; to look at cases neither makes one nor changes what it runs.

    Raises:
        UsageError: it is not there, or cannot be named so.
    """
    from casewright.store import open_store

    scheme, _, rest = store.partition(":///")
    path = Path(rest.partition("?")[0])
    if scheme == "sqlite" and not path.exists():
        raise UsageError(f"there is no store {path}; `run --store` makes one")
    try:
        return cast("CaseStore", _Onlooker(open_store(store)))
    except ValueError as err:
        raise UsageError(str(err)) from err


def engine_over(paths: list[Path], store: str | None, network: Network = Network.AUTO) -> "Engine":
    """Return an engine whose clock the events own.

    Raises:
        UsageError: the store cannot be named so, or the network is not installed.
    """
    return _opened(paths, store, network)


def _opened(
    paths: list[Path], store: "CaseStore | str | None", network: Network = Network.AUTO
) -> "Engine":
    from casewright.runtime import Engine, VirtualClock

    wanted = wanted_network(network)
    try:
        return Engine.open(paths, store, VirtualClock(), network=wanted)
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


def found_window(engine: "Engine", name: str) -> str | None:
    """Return the id of the window that ``name`` names, by its id or by correlation and key.

    Returns:
        None for the name of a case.
    """
    from casewright.case import WINDOW_PREFIX
    from casewright.errors import EventError
    from casewright.runtime.reasons import named_window

    if "/" not in name or (not name.startswith(WINDOW_PREFIX) and engine.get(name) is not None):
        return None
    try:
        return named_window(engine.program, name)
    except EventError as err:
        raise UsageError(str(err)) from err
