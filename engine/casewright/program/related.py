"""What a case knows of its children: a summary kept by messages (rule 35)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from casewright.case import RelatedItem, RelatedList

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_ITEMS = 200


class ChildKind(Protocol):
    """What a summary needs of the child's case type."""

    @property
    def initial(self) -> str:
        """Return the state of a new case."""
        ...

    @property
    def reported(self) -> frozenset[str]:
        """Return the fields that some expression of another case reads."""
        ...


def entered_item(
    child_id: str, case_type: str, kind: ChildKind, data: Mapping[str, Any]
) -> RelatedItem:
    """Return what is known of a child that is being created: its initial state and fields."""
    fields = {name: data[name] for name in sorted(kind.reported) if data.get(name) is not None}
    return RelatedItem(child_id, case_type, None, kind.initial, final=False, fields=fields)


def _key(item: RelatedItem) -> str:
    return f"{item.case_type}/{item.state}"


def counted(summary: RelatedList, old: RelatedItem | None, new: RelatedItem | None) -> RelatedList:
    """Return the summary after a child changed from ``old`` to ``new``; None is not in the list."""
    counts = dict(summary.counts)
    count, open_count = summary.count, summary.open
    for item, sign in ((old, -1), (new, 1)):
        if item is None:
            continue
        key = _key(item)
        counts[key] = counts.get(key, 0) + sign
        if not counts[key]:
            del counts[key]
        count += sign
        open_count += 0 if item.final else sign
    return RelatedList(counts, count, open_count, _listed(summary.items, old, new))


def _listed(
    items: tuple[RelatedItem, ...], old: RelatedItem | None, new: RelatedItem | None
) -> tuple[RelatedItem, ...]:
    known = old or new
    if known is None:
        return items
    if any(item.id == known.id for item in items):
        if new is None:
            return tuple(item for item in items if item.id != known.id)
        return tuple(new if item.id == known.id else item for item in items)
    if new is None or old is not None:
        return items
    return (*items, new)[-MOST_ITEMS:]
