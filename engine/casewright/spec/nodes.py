"""Data with places: the tree that a YAML document becomes, and JSON Pointers into it.

A :class:`Node` knows the file that it came from, so a tree merged from several documents still
says where each part stands. Reading YAML is the business of ``source``; merging that of
``packs``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from casewright.errors import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BREAK = re.compile("\n")


class Position(NamedTuple):
    """A line and column, both counted from 0."""

    line: int
    column: int


class Mark(NamedTuple):
    """A range of lines and columns, both counted from 0; the end is behind the last character."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(eq=False)
class Source:
    """A text that specs were read from.

    Attributes:
        path: how messages name it.
        text: its characters; a line ends with one line feed.
        pack: the pack that its names belong to; known once the pack's head is read.
        edits: repairs made while reading: line, column, by how much the line grew there.
    """

    path: str
    text: str
    pack: str = ""
    edits: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return self.text.split("\n")

    @cached_property
    def line_starts(self) -> list[int]:
        """The index in ``text`` at which each line begins."""
        return [0, *(match.end() for match in _BREAK.finditer(self.text))]

    def line(self, number: int) -> str:
        """Return the line of that number, counted from 1; an empty text where there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def index(self, line: int, column: int) -> int:
        """Return the index in ``text`` of a line and column, both counted from 0."""
        starts = self.line_starts
        return min(starts[min(line, len(starts) - 1)] + column, len(self.text))

    def column(self, line: int, column: int) -> int:
        """Return the column as typed of a column after repairs."""
        for number, start, grown in reversed(self.edits):
            if number == line and column > start:
                column = max(start, column - grown)
        return column

    def span(self, mark: Mark) -> Span:
        """Return the place of a mark; an end at the start of a line moves to the line before."""
        end_line, end_column = mark.end_line, mark.end_column
        while end_line > mark.line and not self.line(end_line + 1)[:end_column].strip():
            end_line -= 1
            end_column = len(self.line(end_line + 1).rstrip())
        return Span(self.path, mark.line + 1, mark.column + 1, end_line + 1, end_column + 1)

    def span_at(self, start: int, end: int) -> Span:
        """Return the place of a range of indexes of ``text``."""
        line, column = self._place(start)
        end_line, end_column = self._place(end)
        return Span(self.path, line + 1, column + 1, end_line + 1, end_column + 1)

    def _place(self, index: int) -> tuple[int, int]:
        line = self.text.count("\n", 0, index)
        return line, index - (self.text.rfind("\n", 0, index) + 1)


_NO_KEYS: dict[str, Node] = {}


def _no_keys() -> dict[str, Node]:
    """Return the keys of what is no map: always the same empty ones."""
    return _NO_KEYS


@dataclass(slots=True, eq=False)
class Node:
    """A map, list or scalar with its place.

    Attributes:
        source: the text that it stands in.
        start: where it begins in what was read: an object with line and column, from 0.
        end: where it ends.
        value: a scalar's value (None, bool, int, Decimal, str); None for maps and lists.
        style: of a scalar ``""`` (plain), ``'``, ``"``, ``|`` or ``>``; of a map or list ``flow``
            or ``block``.
        children: of a map, the nodes by key; else None.
        keys: of a map, the nodes of the keys; else empty.
        elements: of a list, its nodes; else None.
    """

    source: Source
    start: Any
    end: Any
    value: Any = None
    style: str = ""
    children: dict[str, Node] | None = None
    keys: dict[str, Node] = field(default_factory=_no_keys)
    elements: list[Node] | None = None
    _plain: Any = field(default=None, repr=False)

    @property
    def mark(self) -> Mark:
        """Where in the source it stands, in the columns that were typed."""
        source, start, end = self.source, self.start, self.end
        if not source.edits:
            return Mark(start.line, start.column, end.line, end.column)
        return Mark(
            start.line,
            source.column(start.line, start.column),
            end.line,
            source.column(end.line, end.column),
        )

    @property
    def is_map(self) -> bool:
        """Whether it is a map."""
        return self.children is not None

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""
        return self.elements is not None

    @property
    def is_empty(self) -> bool:
        """Whether it is a scalar without a value."""
        return self.value is None and self.children is None and self.elements is None

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.source.span(self.mark)

    @property
    def entries(self) -> dict[str, Node]:
        """The nodes of a map by key; nothing for other nodes."""
        return self.children if self.children is not None else {}

    @property
    def items(self) -> list[Node]:
        """The nodes of a list; nothing for other nodes."""
        return self.elements if self.elements is not None else []

    def plain(self) -> Any:
        """Return the data without places; owned by the node, to be read only."""
        if self.children is not None:
            if self._plain is None:
                self._plain = {key: node.plain() for key, node in self.children.items()}
            return self._plain
        if self.elements is not None:
            if self._plain is None:
                self._plain = [node.plain() for node in self.elements]
            return self._plain
        return self.value

    def forget(self) -> None:
        """Work the plain data out anew when it is next asked for; needed after a change."""
        self._plain = None

    def text(self) -> str:
        """Return a scalar as it was typed, without quotes; an empty text for other nodes."""
        if self.is_map or self.is_list:
            return ""
        if isinstance(self.value, str):
            return self.value
        line, column, end_line, end_column = self.mark
        start = self.source.index(line, column)
        return self.source.text[start : self.source.index(end_line, end_column)]

    def walk(self) -> Iterator[Node]:
        """Yield this node and all nodes under it, in file order."""
        pending: list[Node] = [self]
        while pending:
            node = pending.pop()
            yield node
            below = node.items or list(node.entries.values())
            pending.extend(reversed(below))


class Found(NamedTuple):
    """What a pointer leads to: the deepest node there is, its key's node, the steps not taken."""

    node: Node
    key: Node | None
    missing: tuple[str, ...]


def steps(pointer: str) -> list[str]:
    """Return the keys of a JSON Pointer (RFC 6901)."""
    if not pointer:
        return []
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]


def pointer_to(keys: Iterable[str | int]) -> str:
    """Return the JSON Pointer (RFC 6901) of a path of keys and indexes."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)


def find(root: Node, pointer: str) -> Found:
    """Return what a pointer leads to; a step that does not exist ends the way."""
    node, key = root, None
    path = steps(pointer)
    for index, step in enumerate(path):
        if step in node.keys:
            node, key = node.entries[step], node.keys[step]
        elif node.is_list and step.isdecimal() and int(step) < len(node.items):
            node, key = node.items[int(step)], None
        else:
            return Found(node, key, tuple(path[index:]))
    return Found(node, key, ())


def span_of(root: Node, pointer: str, *, key: bool = False) -> Span:
    """Return the place that a pointer leads to.

    Args:
        root: the document.
        pointer: JSON Pointer; where a part of it does not exist, the deepest existing node counts.
        key: the key of the entry is wanted; else a scalar's own place, and of a map or list
            that has a key this key, since its own would be its first entry.
    """
    found = find(root, pointer)
    if found.key is not None and (key or found.node.is_map or found.node.is_list):
        return found.key.span
    return found.node.span


def scalar_span(root: Node, pointer: str, start: int, end: int) -> Span:
    """Return the place of a part of a scalar.

    Args:
        root: the document.
        pointer: JSON Pointer of the scalar.
        start: offset of the first character in the scalar's text.
        end: offset behind the last one.
    """
    node = find(root, pointer).node
    if not isinstance(node.value, str):
        return node.span
    index = scalar_indexes(node)
    first = index[min(start, len(index) - 1)]
    last = index[min(max(end - 1, start), len(index) - 1)] + 1 if end > start else first
    return node.source.span_at(first, max(first, last))


_ESCAPE = re.compile(r"\\(?:x..|u.{4}|U.{8}|.)", re.DOTALL)


def scalar_indexes(node: Node) -> list[int]:
    """Return for each character of a text scalar, and its end, the index in the source's text.

    Line folding, indentation, quotes and escapes are stepped over; a character that an escape
    makes lies at its backslash.
    """
    source, value = node.source.text, node.text()
    line, column, end_line, end_column = node.mark
    at, end = node.source.index(line, column), node.source.index(end_line, end_column)
    if node.style in ("|", ">"):
        at = _block_start(source, at)
    elif node.style:
        at, end = at + 1, max(at + 1, end - 1)
    found: list[int] = []
    for character in value:
        at = _advance(source, at, end, character, node.style)
        found.append(min(at, end))
        at += _width(source, at, node.style)
    found.append(min(at, end))
    return found


def _block_start(source: str, at: int) -> int:
    """Return where the text of a block scalar begins: behind its header and first indentation."""
    at = source.find("\n", at) + 1 or len(source)
    while at < len(source) and source[at] == " ":
        at += 1
    return at


def _advance(source: str, at: int, end: int, character: str, style: str) -> int:
    """Return the next index at which the source can stand for a character of the value."""
    if at >= end or source[at] == character:
        return at
    if style == '"' and source[at] == "\\":
        if source[at + 1 : at + 2] == "\n":
            return _advance(source, _skip_white(source, at + 1, end), end, character, style)
        return at
    if character in " \n":
        return at
    return _skip_white(source, at, end)


def _skip_white(source: str, at: int, end: int) -> int:
    while at < end and source[at] in " \t\n":
        at += 1
    return at


def _width(source: str, at: int, style: str) -> int:
    """Return how many characters of the source stand for one of the value."""
    if style == "'" and source[at : at + 2] == "''":
        return 2
    if style == '"' and source[at : at + 1] == "\\":
        match = _ESCAPE.match(source, at)
        return match.end() - at if match else 1
    return 1


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may cost.

    Attributes:
        file_bytes: greatest size of a file.
        depth: deepest nesting of maps and lists.
        nodes: most nodes of a document once its aliases are written out.
        repairs: most syntax errors of a file that reading goes on after.
    """

    file_bytes: int = 4_000_000
    depth: int = 60
    nodes: int = 400_000
    repairs: int = 50


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file.

    Attributes:
        index: its position in the file, from 0.
        root: the data with places.
        has_nulls: some key or entry has no value.
    """

    index: int
    root: Node
    has_nulls: bool = False

    @property
    def data(self) -> Any:
        """The data without places; to be read only."""
        return self.root.plain()

    def span(self, pointer: str = "", *, key: bool = False) -> Span:
        """Return the place of a pointer; see :func:`casewright.spec.nodes.span_of`."""
        return span_of(self.root, pointer, key=key)

    def scalar_span(self, pointer: str, start: int, end: int) -> Span:
        """Return the place of a part of a scalar's text."""
        return scalar_span(self.root, pointer, start, end)
