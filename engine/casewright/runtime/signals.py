"""Signals: messages from outside that belong to no case, and the windows that hear them.

Nothing is stored of a signal itself. What it is to each window has an id that derives from its own,
and the window's journal knows it: a signal that comes again, or that a process did not live to hand
over whole, is heard once by each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from casewright.runtime.admission import Repeat, content_of
from casewright.runtime.messages import observations_of
from casewright.spec.nearest import meant
from casewright.store import Receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from casewright.case import Event, EventStatus, Outcome, Problem
    from casewright.runtime.runner import Runner

    HandOver = Callable[[Sequence[Event]], list[Outcome]]

_REPEATED = frozenset({"duplicate", "id_reused"})


class Signals:
    """Hands signals over.

    Args:
        runner: works out who listens.
        hand_over: gives what windows make of their observations, in order.
    """

    def __init__(self, runner: Runner, hand_over: HandOver) -> None:
        self._runner = runner
        self._hand_over = hand_over

    def known(self, name: str) -> bool:
        """Return whether a type of event is a signal, named in full or bare."""
        return bool(meant(name, self._runner.program.signals))

    def receive(self, signal: Event) -> Outcome:
        """Return what a signal came to, once every window that listens has heard it.

        Args:
            signal: admitted: with id and time.

        Returns:
            ``applied``, also where nobody listens; ``rejected``; ``failed`` where a window has
            failed, which leaves its observation parked there; ``duplicate`` or ``id_reused`` where
            no window hears anything new.

        Raises:
            HostError: the store or another port failed; the same signal again goes on from there.
        """
        program, runner = self._runner.program, self._runner
        outcome = runner.stepped(lambda related: [program.receive(signal, related)])[-1]
        sent = content_of(signal)
        observed = observations_of(outcome, sent)
        if not observed:
            runner.tell(outcome)
            return outcome
        heard: dict[tuple[str, str], Outcome] = {}

        def keep(one: Outcome) -> None:  # of a step that was undone and made again, the later one
            heard[one.event.case, one.event.id] = one

        told: Outcome | None = None
        listeners = runner.heard
        runner.heard = [keep]
        try:
            answers = self._hand_over(observed)
            for answer in answers:
                if answer.status in _REPEATED:  # though it may have been heard in a batch undone
                    heard.pop((answer.event.case, answer.event.id), None)
            told = _answered(outcome, answers, sent)
            return told
        finally:  # the signal goes before what came of it
            runner.heard = listeners
            if told is not None and not isinstance(told, Repeat):
                runner.tell(told)
            for one in heard.values():
                runner.tell(one)


def _answered(signal: Outcome, answers: Sequence[Outcome], sent: bytes) -> Outcome:
    """Return the outcome of a signal, from what its windows say."""
    said = {answer.status for answer in answers}
    if said <= _REPEATED:
        return _repeat(signal, answers, sent, is_reused="id_reused" in said)
    ignored = tuple(one for answer in answers for one in answer.ignored)
    for status in ("failed", "rejected"):
        if status in said and (status == "failed" or said == {status}):
            errors = _errors(answers, status)
            return replace(signal, status=status, errors=errors, ignored=ignored)
    return replace(signal, ignored=ignored) if ignored else signal


def _repeat(signal: Outcome, answers: Sequence[Outcome], sent: bytes, *, is_reused: bool) -> Repeat:
    effects = tuple(effect.id for effect in signal.effects)
    first = Receipt("applied", None, (), effects, sent)
    status: EventStatus = "id_reused" if is_reused else "duplicate"
    errors = _errors(answers, status)
    return Repeat(status, None, signal.event, signal.now_us, errors=errors, first=first)


def _errors(answers: Sequence[Outcome], status: str) -> tuple[Problem, ...]:
    return tuple(p for answer in answers if answer.status == status for p in answer.errors)
