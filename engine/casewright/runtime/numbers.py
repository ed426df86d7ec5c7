"""Numbers for new cases, reserved in blocks (rule 40)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from casewright.store import CaseStore


class Numbers:
    """Gives out numbers of one domain; what is left of a block is lost with the process.

    Args:
        store: reserves the blocks.
        domain: the tenant.
        block: how many are reserved at a time.
    """

    def __init__(self, store: CaseStore, domain: str, block: int) -> None:
        self._store = store
        self._domain = domain
        self._block = block
        self._left: dict[str, range] = {}

    def next(self, prefix: str, digits: int) -> str:
        """Return the next number with ``prefix``, filled with zeros to ``digits``."""
        left = self._left.get(prefix) or range(0)
        if not left:
            first = self._store.numbers(self._domain, prefix, self._block)
            left = range(first, first + self._block)
        self._left[prefix] = left[1:]
        return f"{prefix}{left[0]:0{digits}d}"

    def forget(self) -> None:
        """Drop the blocks, since the transaction that reserved them was undone."""
        self._left.clear()
