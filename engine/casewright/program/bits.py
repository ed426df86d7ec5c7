"""What the bits of a case type stand for, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.bind.shape import STATE_BIT

if TYPE_CHECKING:
    from casewright.program.kind import CaseType


def names_of(ct: CaseType, mask: int) -> list[str]:
    """Return the names of what a mask of bits stands for: fields, clocks and the like."""
    if mask == -1:
        return ["everything"]
    known = [
        ("state", STATE_BIT),
        *((name, definition.bit) for name, definition in ct.fields.items()),
        *((name, bit) for name, bit in ct.journal_bits.items() if name not in ct.fields),
        *((f"sla.{name}", bit) for name, bit in ct.clock_bits.items()),
        *ct.related_bits.items(),
        ("playbook", ct.playbook_bit),
    ]
    return [name for name, bit in known if bit & mask]
