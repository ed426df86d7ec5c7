"""Packs as they are after reading: specs by kind and name, and which pack may see which.

Nothing here reads a file; that is the business of ``packs``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casewright.spec.nodes import Node, find, scalar_span, span_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from casewright.errors import Span
    from casewright.spec.models.packs import Pack as PackModel


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A CSV file that a spec names.

    Attributes:
        path: how messages name it.
        header: the texts of its first line.
        rows: the texts of the other lines, as long as the header.
        lines: the line on which each row begins, from 1.
        text: the whole file.
    """

    path: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file that a spec names, as it is.

    Attributes:
        path: for messages.
        text: what is in it.
    """

    path: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Spec:
    """One document of a pack, checked by its model and merged with what it extends.

    Attributes:
        kind: its kind.
        name: its name in the pack.
        pack: the pack's name.
        model: what it says; of the class that ``KINDS`` has for its kind.
        root: the same with places.
        extends: qualified names of the specs that it builds on, nearest first.
        csv: the file that it names (rows of records or of a table), or None.
        files: other files that it names (holidays), by name.
    """

    kind: str
    name: str
    pack: str
    model: Any
    root: Node
    extends: tuple[str, ...] = ()
    csv: CsvFile | None = None
    files: Mapping[str, TextFile] = field(default_factory=dict["str", "TextFile"])

    @property
    def qualified(self) -> str:
        """The name with the pack's: ``pack.name``."""
        return f"{self.pack}.{self.name}"

    @property
    def path(self) -> str:
        """The file that it stands in."""
        return self.root.source.path

    @property
    def data(self) -> Any:
        """What it says as plain data; to be read only."""
        return self.root.plain()

    def span(self, pointer: str = "", *, key: bool = False) -> Span:
        """Return the place of a pointer: of a scalar its own, else that of its key.

        A part that does not exist has the place of the deepest one that does.
        """
        return span_of(self.root, pointer, key=key)

    def scalar_span(self, pointer: str, start: int, end: int) -> Span:
        """Return the place of the characters from ``start`` to ``end`` of a text."""
        return scalar_span(self.root, pointer, start, end)

    def excerpt(self, pointer: str = "", *, key: bool = False) -> str:
        """Return the source line on which :meth:`span` begins."""
        return self.line_at(pointer, self.span(pointer, key=key).line)

    def line_at(self, pointer: str, number: int) -> str:
        """Return a line, counted from 1, of the file in which a pointer's part stands."""
        return find(self.root, pointer).node.source.line(number)

    def origin(self, pointer: str = "") -> str:
        """Return the pack in which the names at a pointer are meant.

        What is taken over from another pack keeps the meaning that it has there.
        """
        return find(self.root, pointer).node.source.pack


@dataclass(frozen=True, slots=True)
class LoadedPack:
    """A pack.

    Attributes:
        name: its name.
        model: its ``pack`` document; None where it has none that could be read.
        folder: where it lies; None for a single file.
        uses: the packs that it may name, as far as they are known.
        specs: its specs in the order of files and documents, the ``pack`` document included.
        is_given: it was asked for, not only used by another.
    """

    name: str
    model: PackModel | None
    folder: Path | None
    uses: tuple[str, ...]
    specs: tuple[Spec, ...]
    is_given: bool = True

    @property
    def spec(self) -> Spec | None:
        """Its ``pack`` document."""
        return next((spec for spec in self.specs if spec.kind == "pack"), None)


@dataclass(frozen=True)
class PackSet:
    """A set of packs with all that they use.

    Attributes:
        packs: by name; a pack stands after all that it uses.
        broken: (pack, kind, name) of specs that have a name but could not be read whole.
        incomplete: packs of which documents without a known name were lost.
        domain: the tenant whose overlays are in it, or None.
        domains: the tenants that its overlays name.
    """

    packs: Mapping[str, LoadedPack]
    broken: frozenset[tuple[str, str, str]] = frozenset()
    incomplete: frozenset[str] = frozenset()
    domain: str | None = None
    domains: tuple[str, ...] = ()
    _index: dict[tuple[str, str, str], Spec] = field(default_factory=dict, repr=False)
    _by_kind: dict[str, list[Spec]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for pack in self.packs.values():
            for spec in pack.specs:
                self._index[pack.name, spec.kind, spec.name] = spec
                self._by_kind.setdefault(spec.kind, []).append(spec)

    def all(self, kind: str) -> tuple[Spec, ...]:
        """Return the specs of a kind in the order of packs, files and documents."""
        return tuple(self._by_kind.get(kind, ()))

    def find(self, kind: str, name: str, pack: str) -> Spec | None:
        """Return what a name means in a pack.

        Args:
            kind: the kind that is meant.
            name: ``name`` of the pack itself, or ``pack.name`` of one that it uses.
            pack: the pack in which the name stands; see :meth:`Spec.origin`.
        """
        owner, bare = self._split(name, pack)
        return self._index.get((owner, kind, bare)) if owner is not None else None

    def is_known(self, kind: str, name: str, pack: str) -> bool:
        """Whether a name means something, be it a spec that could not be read.

        A reference that is known but not found has been reported at its target.
        """
        owner, bare = self._split(name, pack)
        if owner is None:
            return False
        if (owner, kind, bare) in self._index or (owner, kind, bare) in self.broken:
            return True
        return owner in self.incomplete

    def candidates(self, kind: str, pack: str) -> list[str]:
        """Return the names of a kind as they may be written in a pack."""
        own = self.packs.get(pack)
        if own is None:
            return []
        names = [spec.name for spec in own.specs if spec.kind == kind]
        for used in own.uses:
            other = self.packs.get(used)
            if other is not None:
                names += [spec.qualified for spec in other.specs if spec.kind == kind]
        return names

    def by_qualified(self, kind: str, qualified: str) -> Spec | None:
        """Return the spec of a qualified name, whoever asks."""
        owner, _, bare = qualified.partition(".")
        return self._index.get((owner, kind, bare))

    def shown_name(self, spec: Spec, pack: str) -> str:
        """Return the name of a spec as it is written in a pack."""
        return spec.name if spec.pack == pack else spec.qualified

    def _split(self, name: str, pack: str) -> tuple[str | None, str]:
        if "." not in name:
            return pack, name
        owner, _, bare = name.partition(".")
        own = self.packs.get(pack)
        if owner == pack or (own is not None and owner in own.uses):
            return owner, bare
        return None, bare
