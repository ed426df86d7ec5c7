"""Entities of both kinds through a codec, which has a pair of doors for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.case import Window

if TYPE_CHECKING:
    from casewright.case import Entity
    from casewright.store.port import Codec


def dumped(codec: Codec, entity: Entity) -> bytes:
    """Return the canonical JSON of a case or window."""
    if isinstance(entity, Window):
        return codec.dump_window(entity)
    return codec.dump_case(entity)


def loaded(codec: Codec, data: bytes, *, is_window: bool) -> Entity:
    """Return the case or window of what ``dumped`` gave."""
    return codec.load_window(data) if is_window else codec.load_case(data)
