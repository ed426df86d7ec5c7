"""What a step has changed in a case: as objects, and as the JSON that a journal keeps.

A step shares with the case before it all that it did not touch, so what differs is found by
identity, without dumping either case. Folding the JSON back is in ``journal``.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from msgspec import Struct, structs

from casewright.case import Case
from casewright.store.journal import encode

_FIXED = frozenset({"domain", "id", "case_type", "created_at", "created_by"})
_NAMES = tuple([name for name in Case.__struct_fields__ if name not in _FIXED])
_values = attrgetter(*_NAMES)
_DICTS = frozenset({"fields", "clocks", "related", "parents", "journals", "once"})
_MADE_AGAIN = frozenset({"timers", "updated_by"})  # often equal without being the same
_MISSING = object()


class Patch(Struct, frozen=True, gc=False):
    """What became different in a dict."""

    set: dict[str, Any]
    unset: tuple[str, ...]


Delta = dict[str, Any]
"""New values by attribute; a ``Patch`` for those that are dicts."""


def delta_of(before: Case | None, after: Case) -> Delta:
    """Return what is different in ``after``; everything, where there is nothing before it."""
    if before is None:
        return structs.asdict(after)
    changes: Delta = {}
    for name, old, new in zip(_NAMES, _values(before), _values(after), strict=True):
        if old is not new and (name not in _MADE_AGAIN or old != new):
            changes[name] = _patch(old, new) if name in _DICTS else new
    return changes


def _patch(old: dict[str, Any], new: dict[str, Any]) -> Patch:
    changed = {k: v for k, v in new.items() if old.get(k, _MISSING) is not v}
    return Patch(changed, tuple([k for k in old if k not in new]))


def changed(before: Case | None, delta: Delta) -> Case:
    """Return the case that ``delta`` makes of ``before``."""
    if before is None:
        return Case(**delta)
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
