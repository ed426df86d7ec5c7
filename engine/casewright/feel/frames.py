"""Local names during the check: variables of loops, functions and contexts, elements of filters."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from casewright.feel.types import (
    ANY,
    NULL,
    ContextType,
    ListType,
    Member,
    ReferenceType,
    Type,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Local(msgspec.Struct, frozen=True):
    """A local name.

    Attributes:
        py: its name in generated code.
        path: what it reads, if it stands for a part of the scope.
        read: source that reads it, where that is more than ``py``.
    """

    py: str
    type: Type
    path: tuple[str, ...] | None
    read: str = ""

    @property
    def source(self) -> str:
        """Return the source that reads the local."""
        return self.read or self.py


_NO_NAMES: Mapping[str, Local] = MappingProxyType({})


class Frame(msgspec.Struct, frozen=True, eq=False):
    """Names of one construct; ``item`` is the element where it is a filter."""

    names: Mapping[str, Local] = _NO_NAMES
    item: Local | None = None
    outer: Frame | None = None

    @classmethod
    def of_item(cls, item: Local, outer: Frame) -> Frame:
        """Return the frame of a filter's condition."""
        has_own = member_of(item.type, "item") is not None
        return cls({} if has_own else {"item": item}, item, outer)

    @property
    def is_open(self) -> bool:
        """Return whether the element may have entries that the types do not tell of."""
        if self.item is None:
            return False
        kind = self.item.type
        return kind is ANY or kind is NULL or (isinstance(kind, ContextType) and not kind.closed)

    def find(self, name: str) -> Local | None:
        """Return the local of that name, or None."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.names:
                return frame.names[name]
            frame = frame.outer
        return None

    def visible(self) -> Iterator[str]:
        """Yield all local names, also those of the elements of filters."""
        frame: Frame | None = self
        while frame is not None:
            yield from frame.names
            if frame.item is not None and isinstance(frame.item.type, ContextType):
                yield from frame.item.type.members
            frame = frame.outer


def member_of(kind: Type, name: str) -> Member | None:
    """Return the member of a context or of the record behind a reference, or None."""
    if isinstance(kind, (ContextType, ListType)):
        return kind.members.get(name)
    if isinstance(kind, ReferenceType):
        return kind.members().get(name)
    return None
