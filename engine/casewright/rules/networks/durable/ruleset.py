"""A ruleset of the library: the only place that calls its C module.

The module has a state for each session id, and functions that read freed memory where several of
them, or a state that never fired, are deleted. So there is one id, facts only, one evaluation at a
time, and a rule that is fired once at the start. Deleting a ruleset before its state leaks it;
after an error nobody knows what the state holds, so all is made anew.

Between two evaluations facts are retracted, which costs a tenth of a new state. But where a rule of
several patterns has fired, its frames are found again by the facts that they held, though they are
free, and the library reads on behind the second such fact until it finds something, and may change
it. Then the state is deleted.
"""

from __future__ import annotations

import importlib
import re
import threading
import weakref
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from casewright.rules.networks.durable.limits import MAX_MATCHES

if TYPE_CHECKING:
    from collections.abc import Sequence

_MODULE = "durable_rules_engine"
_SID = "0"
_PROBE_MESSAGE = '{"id":"0","sid":"0","_t":0}'
_RULE = re.compile(r'\{"r(\d+)":')
_BOUND = re.compile(r'"a(\d)":\{"id":"(\d+)"')

Match = tuple[int, tuple[int, ...]]
"""Number of a rule, and the numbers of its messages in the order of its patterns."""


class Failed(Exception):  # noqa: N818  the native network answers instead
    """The library did not bring an evaluation to an end."""


def is_installed() -> bool:
    """Return whether the library is there."""
    return find_spec(_MODULE) is not None


class Ruleset:
    """Rules that the library holds, and its one state of them.

    May be used by several threads; one evaluates, the others wait.
    """

    __slots__ = ("__weakref__", "_handle", "_is_closed", "_lock", "_module", "_text", "_undo")

    def __init__(self, text: str) -> None:
        """Make a ruleset.

        Args:
            text: its rules, ``r0`` and so on, with aliases ``a0`` and so on in each, and the probe.

        Raises:
            Failed: the library does not take it.
        """
        # Imported here and not above: it is an extra, and hosts may do without.
        self._module: Any = importlib.import_module(_MODULE)
        self._text = text
        # The library has no locks of its own; between two of its calls other threads run.
        self._lock = threading.Lock()
        self._handle: int | None = None
        self._is_closed = False
        self._undo: weakref.finalize[Any, Ruleset] | None = None
        self._make()

    def matches(self, messages: Sequence[str]) -> list[Match]:
        """Return which messages fit the rules together, in no order that means anything.

        Args:
            messages: facts as JSON, with ids from ``"0"`` in their order.

        Raises:
            Failed: the library gave up, or there are too many.
        """
        if not messages:
            return []
        with self._lock:
            if self._is_closed:
                raise Failed("it is closed")
            if self._handle is None:
                self._make()
            try:
                found = self._evaluate(messages)
            except BaseException as err:
                self._drop()
                if isinstance(err, Exception):
                    raise Failed(str(err)) from err
                raise
        return found

    def close(self) -> None:
        """Give back what the library holds."""
        with self._lock:
            self._is_closed = True
            self._drop()

    def _make(self) -> None:
        module = self._module
        try:
            self._handle = handle = module.create_ruleset("c", self._text)
        except Exception as err:
            raise Failed(str(err)) from err
        self._undo = weakref.finalize(self, _delete, module, handle)
        self._undo.atexit = False
        try:
            # Deleting a state that never fired frees a pointer that was never set. This one has,
            # and later ones take its place; until they are needed there is none.
            self._evaluate([_PROBE_MESSAGE])
            module.delete_state(handle, _SID)
        except Exception as err:
            self._drop()
            raise Failed(str(err)) from err

    def _drop(self) -> None:
        undo, self._undo, self._handle = self._undo, None, None
        if undo is not None:
            undo()

    def _evaluate(self, messages: Sequence[str]) -> list[Match]:
        module, handle = self._module, self._handle
        texts: list[str] = []
        offset = 0
        for message in messages:
            _, offset = module.assert_fact(handle, message)
        started = module.start_action_for_state(handle, offset)
        text = None if started is None else started[1]
        while text is not None:
            texts.append(text)
            if len(texts) > MAX_MATCHES:
                raise Failed("too many matches")
            text = module.complete_and_start_action(handle, offset)
        found = [_match(text) for text in texts]
        if any(len(numbers) > 1 for _, numbers in found):
            module.delete_state(handle, _SID)  # see above
        else:
            for number in range(len(messages)):
                module.retract_fact(handle, f'{{"id":"{number}","sid":"{_SID}"}}')
        return found


def _delete(module: Any, handle: int) -> None:
    with suppress(Exception):  # there is none, or it is gone; the ruleset goes next
        module.delete_state(handle, _SID)
    module.delete_ruleset(handle)


def _match(text: str) -> Match:
    rule = _RULE.match(text)
    if rule is None:
        return -1, ()
    return int(rule[1]), tuple([int(number) for _, number in sorted(_BOUND.findall(text))])
