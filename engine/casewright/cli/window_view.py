"""How a window of a correlation looks to a person."""

import json
from typing import Any

from casewright.case import Observation, Window
from casewright.cli.output import plain, write, write_table
from casewright.runtime.lines import instant


def print_window(window: Window) -> None:
    """Print what a window holds, how often it has fired, and when it ends."""
    times = "once" if window.fired == 1 else f"{window.fired} times"
    fired = f"fired {times}" if window.fired else "has not fired"
    write(f"{window.correlation} of {_plain(window.key)} [{window.state}], {fired}")
    if window.next_due_us is not None:
        write(f"ends {instant(window.next_due_us)}, if nothing more comes")
    if window.observations:
        rows = [_row(one) for one in sorted(window.observations.values(), key=_order)]
        write_table(("when", "observation", "fits", "what it brings"), rows)


def _order(one: Observation) -> tuple[int, str]:
    return one.at_us, one.id


def _row(one: Observation) -> tuple[str, str, str, str]:
    since = "since " if one.holds else ""
    name = f"{one.type} {one.id}" if one.case is None else f"{one.type} of {one.case}"
    data = ", ".join(f"{name} {_plain(value)}" for name, value in one.data.items())
    return f"{since}{instant(one.at_us)}", name, ", ".join(one.fits), data


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False)
