"""Pausing Python's cyclic garbage collector while large trees are built.

Trees of specs hold no cycles and live long; a collector that walks through them again and again
while they grow takes more time than reading them.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def collector_paused() -> Generator[None]:
    """Pause the collector; it goes on afterwards if it was on."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
