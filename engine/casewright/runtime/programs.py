"""The programs that an engine has at hand, by hash.

A reload must not keep what nobody needs: a program lives on while a case that could not follow is
on it, while a message waits that its templates render, or while it is one of the newest, with which
steps can be run again to explain them. All others are let go.

Compiled programs refer to themselves in circles, and a reload makes so few objects that Python's
own collector would come by every sixty reloads or so; it is sent for.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from casewright.errors import EventError
from casewright.runtime.reload import stranded_by
from casewright.store import CaseFilter

if TYPE_CHECKING:
    from casewright.runtime.stepper import Stepper
    from casewright.store import CaseStore

_COLLECTED_AT = 4
"""So many programs that were let go are worth a walk through all objects."""


class Programs(dict[str, "Stepper"]):
    """Programs by hash, the newest last.

    Args:
        recent: how many are kept though nothing needs them.

    Attributes:
        stayed: ids of cases that went on with their own program, since they could not follow.
    """

    def __init__(self, recent: int) -> None:
        super().__init__()
        self.stayed: set[str] = set()
        self._recent = recent
        self._lost = 0

    def run(self, program: Stepper) -> None:
        """Note the program that runs from now on."""
        self.pop(program.hash, None)
        self[program.hash] = program

    def let_go(self, store: CaseStore, program: Stepper) -> None:
        """Drop what neither ``store`` needs nor explanations of the newest steps.

        Args:
            program: the one that runs.
        """
        spare = list(self)[: -1 - self._recent]
        if not spare:
            return
        needed = self._needed(store, program)
        for program_hash in spare:
            if program_hash not in needed:
                del self[program_hash]
                self._lost += 1
        if self._lost >= _COLLECTED_AT:
            self._lost = 0
            gc.collect()

    def _needed(self, store: CaseStore, program: Stepper) -> set[str]:
        needed = store.waiting_programs(program.domain)
        try:
            return needed.union(self._left_behind(store, program), self._own(store, program))
        except EventError:  # a case whose type is gone cannot be read, so all may be needed
            return set(self)

    def _left_behind(self, store: CaseStore, program: Stepper) -> set[str]:
        """Return the programs of the cases whose type or state the one that runs does not have."""
        counts = stranded_by(program, store.states(program.domain))
        stranded = {(kind, state) for kind, state, _ in counts}
        if not stranded:
            return set()
        where = CaseFilter(tuple({k for k, _ in stranded}), tuple({s for _, s in stranded}))
        cases = store.cases(program.domain, where, program)
        return {case.program for case in cases if (case.case_type, case.state) in stranded}

    def _own(self, store: CaseStore, program: Stepper) -> set[str]:
        """Return the programs that cases stayed with, and forget those that have gone over."""
        found: set[str] = set()
        for name in list(self.stayed):
            case = store.case(program.domain, name, program)
            if case is None or case.program == program.hash:
                self.stayed.discard(name)
            else:
                found.add(case.program)
        return found
