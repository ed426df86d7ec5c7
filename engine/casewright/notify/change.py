"""What has to change for a condition to hold: lets most of them be passed over unread.

``changed("priority") and ...`` cannot hold where ``priority`` is as it was, so a step that did not
touch it need not work the condition out. What cannot be told from the text may always hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.bind.shape import STATE_BIT
from casewright.feel import tree

if TYPE_CHECKING:
    from casewright.bind.shape import Shape
    from casewright.feel import Expression

ANYTHING = -1


def reads_change(condition: Expression) -> bool:
    """Return True if a condition compares with the case before."""
    reads = any(path[0] == "previous" for path in condition.reads)
    return reads or any(call.name == "changed" for call in condition.calls)


def needed_bits(condition: Expression, shape: Shape) -> int:
    """Return bits of which one has to have changed for it to hold; ANYTHING if unknown."""
    names = _needed(condition.tree)
    if names is None:
        return ANYTHING
    bits = 0
    for name in names:
        bits |= _bit(name, shape)
    return bits


def _bit(name: str, shape: Shape) -> int:
    if name == "state":
        return STATE_BIT
    if name in shape.fields:
        return shape.fields[name].bit
    if name in shape.journal_bits:
        return shape.journal_bits[name]
    return ANYTHING


def _needed(node: tree.Node) -> frozenset[str] | None:
    """Return names of which one has to have changed, or None where that cannot be told."""
    match node:
        case tree.Call(function=tree.Name(name="changed"), arguments=(tree.Literal() as named,)):
            return frozenset({named.value}) if isinstance(named.value, str) else None
        case tree.Comparison(op="!=", left=left, right=right):
            return _difference(left, right) or _difference(right, left)
        case tree.Junction(op="and", items=items):
            found = [names for item in items if (names := _needed(item)) is not None]
            return min(found, key=len) if found else None
        case tree.Junction(items=items):
            each = [_needed(item) for item in items]
            known = [names for names in each if names is not None]
            names = frozenset(name for some in known for name in some)
            return names if len(known) == len(each) else None
        case _:
            return None


def _difference(before: tree.Node, now: tree.Node) -> frozenset[str] | None:
    """Return the name of ``previous.x != x``, or None."""
    if not isinstance(now, tree.Name):
        return None
    match before:
        case tree.Path(base=tree.Name(name="previous"), name=name) if name == now.name:
            return frozenset({name})
        case _:
            return None
