"""What a step has changed in an entity: as objects, and as the JSON that a journal keeps.

A step shares with the entity before it all that it did not touch, so what differs is found by
identity, without dumping either one. Folding the JSON back is in ``journal``.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from msgspec import UNSET, Struct, structs

from casewright.case import Case, Window
from casewright.store.journal import encode

if TYPE_CHECKING:
    from casewright.case import Entity

_FIXED = frozenset({"domain", "id", "case_type", "correlation", "key", "created_at", "created_by"})
_DICTS = frozenset({"fields", "clocks", "related", "parents", "journals", "once", "observations"})
_MADE_AGAIN = frozenset({"timers", "updated_by"})  # often equal without being the same
_MISSING = object()


class _Names:
    """What may change in a kind of entity, and how it is read."""

    def __init__(self, kind: type[Entity]) -> None:
        self.names = tuple([name for name in kind.__struct_fields__ if name not in _FIXED])
        self.values = attrgetter(*self.names)


_OF: dict[type[Entity], _Names] = {Case: _Names(Case), Window: _Names(Window)}


class Patch(Struct, frozen=True, gc=False):
    """What became different in a dict."""

    set: dict[str, Any]
    unset: tuple[str, ...]


Delta = dict[str, Any]
"""New values by attribute; a ``Patch`` for those that are dicts."""


def delta_of(before: Entity | None, after: Entity) -> Delta:
    """Return what is different in ``after``; everything, where there is nothing before it."""
    if before is None:
        return {name: new for name, new in structs.asdict(after).items() if new is not UNSET}
    of = _OF[after.__class__]
    changes: Delta = {}
    for name, old, new in zip(of.names, of.values(before), of.values(after), strict=True):
        if old is not new and (name not in _MADE_AGAIN or old != new):
            changes[name] = _patch(old, new) if name in _DICTS else new
    return changes


def _patch(old: dict[str, Any], new: dict[str, Any]) -> Patch:
    changed = {k: v for k, v in new.items() if old.get(k, _MISSING) is not v}
    return Patch(changed, tuple([k for k in old if k not in new]))


def changed(before: Entity | None, delta: Delta) -> Entity:
    """Return the entity that ``delta`` makes of ``before``."""
    if before is None:
        return Window(**delta) if "correlation" in delta else Case(**delta)
    changes: dict[str, Any] = {}
    for name, new in delta.items():
        if isinstance(new, Patch):
            gone = frozenset(new.unset)
            old: dict[str, Any] = getattr(before, name)
            changes[name] = {k: v for k, v in old.items() if k not in gone} | new.set
        else:
            changes[name] = new
    return structs.replace(before, **changes)


def encode_delta(delta: Delta) -> bytes:
    """Return a delta as JSON.

    The object has ``set`` (new values by key), ``unset`` (keys that are gone) and ``in`` (the same
    again, for each key whose value is a map); what is empty is left out.
    """
    whole: dict[str, Any] = {}
    within: dict[str, Any] = {}
    for name, new in delta.items():
        if not isinstance(new, Patch):
            whole[name] = new
        elif new.unset:
            within[name] = {"set": new.set, "unset": new.unset}
        else:
            within[name] = {"set": new.set}
    return encode({"set": whole, "in": within} if within else {"set": whole})
