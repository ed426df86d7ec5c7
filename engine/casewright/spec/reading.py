"""From the events of the YAML reader to nodes; going on after mistakes where that can be done.

Source: YAML 1.2.2, chapter 7 (the events), chapter 10.3 (scalars, see ``scalars``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import yaml

from casewright.errors import Diagnostic, Related
from casewright.spec import slips
from casewright.spec.nodes import Document, Limits, Mark, Node, Source, pointer_to
from casewright.spec.scalars import typed

if TYPE_CHECKING:
    from collections.abc import Iterator

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PARSER_DEPTH = 1000
_SUSPECT = re.compile(r'["(\[{]')
_PLAIN_TAGS = frozenset({None, "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})
_TEXT_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})


class Reader:
    """Reads the documents of one text, going on after syntax errors where it can."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self.source = source
        self.limits = limits
        self.documents: list[Document] = []
        self.diagnostics: list[Diagnostic] = []
        self.is_whole = True
        self.edits: list[tuple[int, int, int]] = []

    def read(self) -> None:
        """Read all documents; what was found is in the attributes."""
        lines = list(self.source.lines)
        first = 0
        for _ in range(self.limits.repairs):
            blank = [""] * first
            builder = _Builder(self, "\n".join(blank + lines[first:]))
            slip = builder.run()
            if slip is None:
                return
            first = max(first, builder.resume_line)
            if slip.edit is None:
                self.is_whole = False
                following = _next_document(lines, max(slip.line, builder.problem_line, first))
                if following is None:
                    return
                first = following
            else:
                self._edit(lines, slip.line, slip.edit)
        self.is_whole = False

    def _edit(self, lines: list[str], number: int, edit: tuple[int, int, str]) -> None:
        start, end, text = edit
        line = lines[number]
        lines[number] = line[:start] + text + line[end:]
        self.edits.append((number, start, len(text) - (end - start)))

    def mark(self, start: Any, end: Any) -> Mark:
        """Return the mark between two of the YAML reader's, in the columns that were typed."""
        if not self.edits:
            return Mark(start.line, start.column, end.line, end.column)
        return Mark(
            start.line,
            self.column(start.line, start.column),
            end.line,
            self.column(end.line, end.column),
        )

    def column(self, line: int, column: int) -> int:
        """Return the column as typed of a column after repairs."""
        for number, start, grown in reversed(self.edits):
            if number == line and column > start:
                column = max(start, column - grown)
        return column

    def report(
        self,
        code: str,
        message: str,
        mark: Mark,
        hint: str = "",
        related: tuple[Related, ...] = (),
        pointer: str = "",
    ) -> None:
        """Add a mistake at a mark."""
        span = self.source.span(mark)
        self.diagnostics.append(
            Diagnostic(
                code, "error", message, span, pointer, hint, related, self.source.line(span.line)
            )
        )


def _next_document(lines: list[str], after: int) -> int | None:
    return next((n for n in range(after + 1, len(lines)) if lines[n].startswith("---")), None)


class _Frame:
    """A map or list that is being read."""

    __slots__ = ("anchor", "before", "key", "node")

    def __init__(self, node: Node, anchor: str | None, before: int) -> None:
        self.node = node
        self.anchor = anchor
        self.before = before
        self.key: Node | None = None


class _Builder:
    """Makes nodes of the YAML reader's events; documents go to the reader when they are done."""

    def __init__(self, reader: Reader, text: str) -> None:
        self.reader = reader
        self.source = reader.source
        self.text = text
        self.resume_line = 0
        self.problem_line = 0
        self._reset()

    def _reset(self) -> None:
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.root: Node | None = None
        self.count = 0
        self.flow_depth = 0
        self.last: tuple[int, int, int] | None = None
        self.suspects: list[tuple[Node, Node]] = []
        self.is_spent = False
        self.has_nulls = False

    def run(self) -> slips.Slip | None:
        """Read to the end; return the syntax error that ended it, if any."""
        try:
            for event in self._events():
                self._handle(event)
        except (yaml.YAMLError, ValueError) as err:
            problem = _problem(err, self.text)._replace(last=self.last)
            self.problem_line = problem.line
            if self.is_spent:
                return slips.Slip("", "", problem.line, problem.column)
            slip = slips.explain(problem)
            self._report_slip(slip)
            return slip
        return None

    def _report_slip(self, slip: slips.Slip) -> None:
        line = max(0, slip.line)
        column = self.reader.column(line, max(0, slip.column))
        code = "CW008" if slip.cut else "CW003"
        self.reader.report(code, slip.message, Mark(line, column, line, column + 1), slip.hint)

    def _events(self) -> Iterator[Any]:
        loader = _Loader(self.text)
        try:
            while loader.check_event():
                yield loader.get_event()
        finally:
            loader.dispose()

    def _handle(self, event: Any) -> None:
        kind = cast("type[object]", type(event))
        if kind is yaml.ScalarEvent:
            if not self.is_spent:
                self._scalar(event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._open(event, is_map=kind is yaml.MappingStartEvent)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._close(event)
        elif kind is yaml.AliasEvent:
            if not self.is_spent:
                self._alias(event)
        elif kind is yaml.DocumentStartEvent:
            self._reset()
        elif kind is yaml.DocumentEndEvent:
            self._finish(event)

    def _scalar(self, event: Any) -> None:
        mark = self.reader.mark(event.start_mark, event.end_mark)
        text: str = event.value
        style: str = event.style or ""
        if style or self._is_text(event, mark):
            node = Node(self.source, mark, text, style or '"')
        else:
            node = Node(self.source, mark, typed(text))
            if node.value is None:
                self.has_nulls = True
        self._remember(event.anchor, node, 1)
        if not style and mark.line == mark.end_line:
            if self.flow_depth:
                self.last = (event.start_mark.line, event.start_mark.column, event.end_mark.column)
            if self.stack and _SUSPECT.search(text):
                self.suspects.append((self.stack[-1].node, node))
        self._add(node, text)

    def _is_text(self, event: Any, mark: Mark) -> bool:
        if event.tag in _TEXT_TAGS:
            return True
        self._check_tag(event.tag, mark)
        return False

    def _check_tag(self, tag: str | None, mark: Mark) -> None:
        if tag not in _PLAIN_TAGS:
            shown = str(tag).replace("tag:yaml.org,2002:", "!!")
            self.reader.report(
                "CW005",
                f'the tag "{shown}" has no meaning here',
                mark,
                'remove it; a text that begins with "!" is put in quotes',
            )

    def _open(self, event: Any, *, is_map: bool) -> None:
        mark = self.reader.mark(event.start_mark, event.end_mark)
        if event.flow_style:
            self.flow_depth += 1
        style = "flow" if event.flow_style else "block"
        node = Node(self.source, mark, style=style)
        if is_map:
            node.children = {}
        else:
            node.elements = []
        if not self.is_spent:
            tag = None if event.tag in _TEXT_TAGS else event.tag
            self._check_tag(tag, mark)
            self._add(node, None)
            if len(self.stack) >= self.reader.limits.depth:
                self._spend(
                    "CW007",
                    f"maps and lists are nested deeper than {self.reader.limits.depth}",
                    mark,
                )
        self.stack.append(_Frame(node, event.anchor, self.count))
        if len(self.stack) > _PARSER_DEPTH:
            problem = "maps and lists are nested too deep"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)

    def _spend(self, code: str, message: str, mark: Mark) -> None:
        if self.is_spent:
            return
        self.is_spent = True
        self.reader.is_whole = False
        self.reader.report(code, message, mark)

    def _close(self, event: Any) -> None:
        frame = self.stack.pop()
        node = frame.node
        if node.style == "flow":
            self.flow_depth -= 1
        start = node.mark
        end = self.reader.mark(event.end_mark, event.end_mark)
        node.mark = Mark(start.line, start.column, end.line, end.column)
        self._remember(frame.anchor, node, self.count - frame.before + 1)

    def _remember(self, anchor: str | None, node: Node, size: int) -> None:
        if anchor is not None:
            self.anchors[anchor] = (node, size)

    def _alias(self, event: Any) -> None:
        mark = self.reader.mark(event.start_mark, event.end_mark)
        known = self.anchors.get(event.anchor)
        if known is None or any(frame.anchor == event.anchor for frame in self.stack):
            self.reader.report(
                "CW006",
                f'no anchor "&{event.anchor}" is complete above this alias',
                mark,
                f'a text is put in quotes: "*{event.anchor}"',
            )
            self._add(Node(self.source, mark), "")
            return
        node, size = known
        self.count += size - 1
        self._add(node, node.text())
        if self.count > self.reader.limits.nodes:
            self._spend(
                "CW006",
                f"aliases make more than {self.reader.limits.nodes} entries of this document",
                mark,
            )

    def _add(self, node: Node, text: str | None) -> None:
        """Put a node into the map or list that is open; ``text`` is a scalar's, for a key."""
        self.count += 1
        if self.count > self.reader.limits.nodes:
            limit = self.reader.limits.nodes
            self._spend("CW002", f"the document has more than {limit} entries", node.mark)
        if not self.stack:
            self.root = node
            return
        frame = self.stack[-1]
        parent = frame.node
        if parent.elements is not None:
            parent.elements.append(node)
        elif frame.key is None:
            frame.key = self._key(node, text)
        else:
            self._put(parent, frame.key, node)
            frame.key = None

    def _key(self, node: Node, text: str | None) -> Node:
        if text is None or node.is_map or node.is_list:
            self.reader.report(
                "CW009",
                "a key is a map or a list",
                node.mark,
                "a key is a plain text; `{{ }}` is put in quotes",
            )
            text = ""
        return Node(self.source, node.mark, text, node.style)

    def _put(self, parent: Node, key: Node, node: Node) -> None:
        name = key.text()
        if name in parent.keys:
            first = parent.keys[name].span
            self.reader.report(
                "CW004",
                f'the key "{name}" stands twice in this map',
                key.mark,
                "remove one of the two, or put them together",
                (Related(f'"{name}" stands here first', first),),
                pointer_to([name]),
            )
            return
        parent.keys[name] = key
        parent.entries[name] = node

    def _finish(self, event: Any) -> None:
        root = self.root
        self.resume_line = event.end_mark.line
        for parent, node in self.suspects:
            self._mend(parent, node)
        if root is None or self.is_spent or (root.is_empty and not root.text()):
            return
        documents = self.reader.documents
        documents.append(Document(len(documents), root, self.has_nulls))

    def _mend(self, parent: Node, node: Node) -> None:
        """Report a plain scalar that YAML has cut, and give it the text that was meant."""
        if not isinstance(node.value, str):
            return
        mark = node.mark
        line = self.source.line(mark.line + 1)
        proper = None
        sign = "#"
        if parent.style == "flow":
            proper = slips.cut_in_flow(line, mark.column, mark.end_column)
            sign = line[mark.end_column :].lstrip()[:1]
        if proper is None:
            proper = slips.cut_by_comment(line, mark.column, mark.end_column)
            sign = " #"
        if proper is None:
            return
        text = line[mark.column : proper]
        hint = f"write {slips.quoted(text)}"
        self.reader.report("CW008", slips.CUT_MESSAGE % f'"{sign}"', mark, hint)
        node.value = text
        node.mark = Mark(mark.line, mark.column, mark.line, proper)
        _drop(parent, node)


def _drop(parent: Node, node: Node) -> None:
    """Remove the entries that only exist because ``node`` was cut."""

    def is_part(other: Node) -> bool:
        mark = other.mark
        inside = node.mark.column < mark.column < node.mark.end_column
        return mark.line == node.mark.line and inside and other is not node

    for name in [name for name, key in parent.keys.items() if is_part(key)]:
        del parent.keys[name]
        del parent.entries[name]
    if parent.elements is not None:
        parent.elements[:] = [item for item in parent.elements if not is_part(item)]


def _problem(err: Exception, text: str) -> slips.Problem:
    """Return what an error of the YAML reader says."""
    lines = text.split("\n")
    if isinstance(err, yaml.reader.ReaderError):
        line, column = _index_place(text, err)
        return slips.Problem(lines, f"the character {err.character!r} is not allowed", line, column)
    if isinstance(err, yaml.MarkedYAMLError):
        mark: Any = err.problem_mark or err.context_mark
        context: Any = err.context_mark
        return slips.Problem(
            lines,
            err.problem or "",
            mark.line if mark else 0,
            mark.column if mark else 0,
            err.context or "",
            context.line if context else -1,
            context.column if context else -1,
        )
    return slips.Problem(lines, f"this text cannot be read: {err}", 0, 0)


_NOT_YAML = re.compile(
    "[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufeff\uff00-\ufffd\U00010000-\U0010ffff]"
)


def _index_place(text: str, err: Any) -> tuple[int, int]:
    match = _NOT_YAML.search(text)
    at = match.start() if match else min(int(err.position), len(text))
    return text.count("\n", 0, at), at - (text.rfind("\n", 0, at) + 1)
