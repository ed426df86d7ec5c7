"""Limits and habits of the shell, all with defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class RuntimeSettings:
    """How the shell behaves; durations in seconds.

    Attributes:
        rounds: how often a step may ask for related records.
        races: how often a step is tried again after another writer was first.
        number_block: numbers that are reserved at a time; gaps of up to so many occur.
        ahead_s: how far an event's time may lie ahead of the clock.
        attempts: tries of a delivery before it is a dead letter.
        retry_s: wait after the first failed try; each further one doubles it.
        retry_most_s: longest wait between two tries.
        lease_s: how long a delivery under way is nobody else's.
        on_dead: ``pass`` lets later messages of the line go, ``block`` holds them.
        on_failure: ``park`` keeps a failed event aside, ``block`` also parks what comes after it.
        batch: events or receivers in one transaction.
        programs: how many earlier programs are kept to explain their steps, beside those that
            cases and messages need.
        shuffle: seed of another order of messages between cases; for tests.
    """

    rounds: int = 8
    races: int = 20
    number_block: int = 20
    ahead_s: float = 1.0
    attempts: int = 10
    retry_s: float = 5.0
    retry_most_s: float = 3600.0
    lease_s: float = 60.0
    on_dead: Literal["pass", "block"] = "pass"
    on_failure: Literal["park", "block"] = "park"
    batch: int = 100
    programs: int = 4
    shuffle: int | None = None
