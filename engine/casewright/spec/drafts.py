"""Documents and packs on their way: named, but neither merged nor checked by their models."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from casewright.errors import Diagnostic
from casewright.spec.nodes import find

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from casewright.errors import Related
    from casewright.spec.nodes import Node

KINDS = (
    *("pack", "case_type", "records", "roles", "state_flow", "sla_definitions", "calendar"),
    *("decision_table", "rules", "playbook", "notification_map", "templates", "topic_map"),
    *("views", "overlay", "scenario"),
)
"""Every kind; a test holds that these are those of the models, which are loaded later."""

EXTENDING = frozenset({"case_type", "state_flow", "playbook"})
"""Kinds that have ``extends``."""


@dataclass(slots=True, eq=False)
class Draft:
    """A document on its way to become a spec."""

    kind: str
    name: str
    root: Node
    has_nulls: bool
    base: Draft | None = None
    is_broken: bool = False
    extends: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class RawPack:
    """A pack on its way.

    Attributes:
        name: its name; until its head is read that of its folder or file.
        folder: where it lies; None for a single file and for texts.
        root: the folder that no path may leave.
        is_given: it was asked for, not only used by another.
        texts: where it is not read from files, its texts by path.
        drafts: its documents.
        uses: packs that it uses.
        head: its ``pack`` document.
        is_incomplete: a document was lost.
    """

    name: str
    folder: Path | None
    root: Path
    is_given: bool
    texts: Mapping[str, str] | None = None
    drafts: list[Draft] = field(default_factory=list)
    uses: list[str] = field(default_factory=list)
    head: Draft | None = None
    is_incomplete: bool = False


def text_of(root: Node, key: str) -> str:
    """Return the text of a key of a map, or an empty text."""
    node = root.entries.get(key)
    return node.text() if node is not None else ""


def uses_of(pack: RawPack) -> Iterator[tuple[Node, str]]:
    """Yield the packs that the head of a pack says it uses, with their places."""
    if pack.head is not None:
        for node in find(pack.head.root, "/uses").node.items:
            if node.text():
                yield node, node.text()


class Reports:
    """Diagnostics that are being collected."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []

    def add(
        self,
        code: str,
        message: str,
        node: Node | None,
        hint: str = "",
        *,
        related: Sequence[Related] = (),
        pointer: str = "",
    ) -> None:
        """Add a mistake at a node."""
        span = node.span if node is not None else None
        excerpt = node.source.line(span.line) if node is not None and span is not None else ""
        self.found.append(
            Diagnostic(code, "error", message, span, pointer, hint, tuple(related), excerpt)
        )
