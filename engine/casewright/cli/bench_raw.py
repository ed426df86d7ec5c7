"""The peer of the networks: ``durable-rules`` itself, its C module, with rules as they are written.

Without guards it may end the process or never answer, so it runs in one of its own. What it finds
is counted, too, since it may also be wrong.
"""

from __future__ import annotations

import importlib.util
import json
import multiprocessing
from statistics import median
from time import process_time_ns
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from multiprocessing.connection import Connection

    from casewright.rules.networks.contract import Fact

MODULE = "durable_rules_engine"
MISSING = "not installed: pip install casewright[rules]"
_PATIENCE_S = 60
_SESSION = "0"

Calls = list[list[dict[str, Any]]]


def is_installed() -> bool:
    """Return True if the C module can be imported."""
    return importlib.util.find_spec(MODULE) is not None


class RawRules:
    """A process that runs the library on a ruleset, round by round."""

    def __init__(self, rules: Mapping[str, Any], calls: Sequence[Sequence[Fact]]) -> None:
        """Start the process.

        Args:
            rules: in the library's language.
            calls: what is asserted, call by call.
        """
        self.found: int | None = None
        self.end: str | None = None
        self._taken: list[float] = []
        context = multiprocessing.get_context()
        self._pipe, other = context.Pipe()
        plain = [[dict(fact.data) for fact in facts] for facts in calls]
        self._process = context.Process(
            target=_serve, args=(other, dict(rules), plain), daemon=True
        )
        self._process.start()
        other.close()

    def round(self) -> None:
        """Run all calls once; the first time does not count."""
        if self.end is not None:
            return
        try:
            self._pipe.send(True)
            if not self._pipe.poll(_PATIENCE_S):
                self.end = f"no answer in {_PATIENCE_S} s"
                self._process.kill()
                return
            answer: float | str
            answer, found = self._pipe.recv()
        except (EOFError, OSError):
            self._process.join()
            self.end = f"the process died, signal {-(self._process.exitcode or 0)}"
            return
        if isinstance(answer, str):
            self.end = answer
        else:
            if self.found is not None:
                self._taken.append(answer)
            self.found = found

    @property
    def pid(self) -> int | None:
        """Return the number of the process."""
        return self._process.pid

    @property
    def nanoseconds(self) -> float | None:
        """Return the median CPU time of a call; None where the library has failed."""
        return median(self._taken) if self._taken and self.end is None else None

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.join(1)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _serve(pipe: Connection, rules: dict[str, Any], calls: Calls) -> None:
    """Answer each message with the CPU time of a call and what was found in all of them."""
    try:
        rete: Any = importlib.import_module(MODULE)
        handle = rete.create_ruleset("raw", json.dumps(rules))
        while pipe.recv():
            begin = process_time_ns()
            found = sum(_evaluated(rete, handle, facts) for facts in calls)
            pipe.send(((process_time_ns() - begin) / len(calls), found))
    except EOFError:
        return
    except Exception as err:
        pipe.send((f"it gave up: {err}", 0))


def _evaluated(rete: Any, handle: int, facts: list[dict[str, Any]]) -> int:
    """Assert facts, count what fires, take the facts back."""
    offset = None
    for i, fact in enumerate(facts):
        message = json.dumps({**fact, "id": str(i), "sid": _SESSION})
        _, offset = rete.assert_fact(handle, message)
    count = 0
    result = rete.start_action_for_state(handle, offset)
    text = result and result[1]
    while text:
        json.loads(text)
        count += 1
        text = rete.complete_and_start_action(handle, offset)
    for i in range(len(facts)):
        rete.retract_fact(handle, json.dumps({"id": str(i), "sid": _SESSION}))
    return count
