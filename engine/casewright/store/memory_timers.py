"""Due instants in memory: a heap whose outdated entries are dropped when they come up."""

from __future__ import annotations

import heapq

from casewright.store.port import Due

LAST_US = 1 << 62
"""Later than every instant."""


class DueHeap:
    """One due instant an entity; arming and firing cost the logarithm of how many there are."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, str]] = []
        self._live: dict[str, int] = {}

    def arm(self, due_us: int | None, entity: str) -> None:
        """Move the due instant of an entity; None takes it away."""
        if due_us is None:
            self._live.pop(entity, None)
            return
        self._live[entity] = due_us
        heapq.heappush(self._heap, (due_us, entity))
        if len(self._heap) > 2 * len(self._live) + 1000:
            self._heap = [(due, name) for name, due in self._live.items()]
            heapq.heapify(self._heap)

    def due(self, until_us: int, limit: int) -> list[Due]:
        """Return the entities due at or before ``until_us``, by instant and id."""
        found: dict[tuple[int, str], None] = {}
        while self._heap and self._heap[0][0] <= until_us and len(found) < limit:
            first = heapq.heappop(self._heap)
            if self._live.get(first[1]) == first[0]:
                found[first] = None
        for entry in found:
            heapq.heappush(self._heap, entry)
        return [Due(*entry) for entry in found]
