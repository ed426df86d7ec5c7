"""From the events of the YAML reader to nodes; going on after mistakes where that can be done.

Source: YAML 1.2.2, chapter 7 (the events), chapter 10.3 (scalars, see ``scalars``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from casewright.errors import Diagnostic, Related
from casewright.spec import slips
from casewright.spec.nodes import Document, Limits, Mark, Node, Position, Source, pointer_to
from casewright.spec.scalars import typed

if TYPE_CHECKING:
    from collections.abc import Callable

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
                following = _next_document(lines, max(slip.line, first))
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
        self.source.edits.append((number, start, len(text) - (end - start)))

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

    __slots__ = (
        "anchor",
        "before",
        "children",
        "elements",
        "is_odd",
        "key",
        "keys",
        "node",
        "step",
    )

    def __init__(self, node: Node, anchor: str | None, before: int) -> None:
        self.node = node
        self.children = node.children
        self.keys = node.keys
        self.elements = node.elements
        self.anchor = anchor
        self.before = before
        self.key: Node | None = None
        self.step = ""
        self.is_odd = False


class _Builder:
    """Makes nodes of the YAML reader's events; documents go to the reader when they are done."""

    def __init__(self, reader: Reader, text: str) -> None:
        self.reader = reader
        self.source = reader.source
        self.text = text
        self.resume_line = 0
        self._reset(None)

    def _reset(self, _event: Any) -> None:
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.root: Node | None = None
        self.count = 0
        self.flow_depth = 0
        self.last: Any = None
        self.suspects: list[tuple[Node, Node]] = []
        self.is_spent = False
        self.has_nulls = False

    def run(self) -> slips.Slip | None:
        """Read to the end; return the syntax error that ended it, if any."""
        try:
            self._read_events()
        except (yaml.YAMLError, ValueError) as err:
            problem = _problem(err, self.text)._replace(last=self._last_scalar())
            if self.is_spent:
                return slips.Slip("", "", problem.line, problem.column)
            slip = slips.explain(problem)
            self._report_slip(slip)
            return slip
        return None

    def _read_events(self) -> None:
        loader = _Loader(self.text)
        handlers: dict[type[object], Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._open_map,
            yaml.SequenceStartEvent: self._open_list,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._reset,
            yaml.DocumentEndEvent: self._finish,
        }
        try:
            event: object = loader.get_event()
            while event is not None and type(event) is not yaml.StreamEndEvent:
                handler = handlers.get(type(event))
                if handler is not None:
                    handler(event)
                event = loader.get_event()
        finally:
            loader.dispose()

    def _last_scalar(self) -> tuple[int, int, int] | None:
        if self.last is None or not self.flow_depth:
            return None
        start, end = self.last.start_mark, self.last.end_mark
        return (start.line, start.column, end.column) if start.line == end.line else None

    def _report_slip(self, slip: slips.Slip) -> None:
        line = max(0, slip.line)
        column = self.source.column(line, max(0, slip.column))
        code = "CW008" if slip.cut else "CW003"
        self.reader.report(code, slip.message, Mark(line, column, line, column + 1), slip.hint)

    def _scalar(self, event: Any) -> None:
        if self.is_spent:
            return
        text: str = event.value
        style: str | None = event.style
        frame = self.stack[-1] if self.stack else None
        if frame is not None and frame.key is None and frame.children is not None:
            frame.key = Node(self.source, event.start_mark, event.end_mark, text, style or "")
            self._note(event, frame.key)
            return
        if style or event.tag in _TEXT_TAGS:
            node = Node(self.source, event.start_mark, event.end_mark, text, style or '"')
        else:
            value = typed(text)
            node = Node(self.source, event.start_mark, event.end_mark, value)
            if value is None:
                self.has_nulls = True
            elif frame is not None and _SUSPECT.search(text):
                self.suspects.append((frame.node, node))
        self._note(event, node)
        self._add(node)

    def _note(self, event: Any, node: Node) -> None:
        """Keep what a scalar is needed for later."""
        if self.flow_depth and event.value and not event.style:
            self.last = event
        if event.anchor is not None or event.tag is not None:
            if event.anchor is not None:
                self.anchors[event.anchor] = (node, 1)
            if event.tag not in _TEXT_TAGS:
                self._check_tag(event.tag, node)

    def _check_tag(self, tag: str | None, node: Node) -> None:
        if tag not in _PLAIN_TAGS:
            shown = str(tag).replace("tag:yaml.org,2002:", "!!")
            self.reader.report(
                "CW005",
                f'the tag "{shown}" has no meaning here',
                node.mark,
                'remove it; a text that begins with "!" is put in quotes',
            )

    def _open_map(self, event: Any) -> None:
        node = self._opened(event)
        node.children = {}
        node.keys = {}
        self._push(event, node)

    def _open_list(self, event: Any) -> None:
        node = self._opened(event)
        node.elements = []
        self._push(event, node)

    def _opened(self, event: Any) -> Node:
        style = "block"
        if event.flow_style:
            style = "flow"
            self.flow_depth += 1
        return Node(self.source, event.start_mark, event.end_mark, None, style)

    def _push(self, event: Any, node: Node) -> None:
        stack = self.stack
        if not self.is_spent:
            if event.tag is not None and event.tag not in _TEXT_TAGS:
                self._check_tag(event.tag, node)
            self._add(node)
            if len(stack) >= self.reader.limits.depth:
                limit = self.reader.limits.depth
                self._spend("CW007", f"maps and lists are nested deeper than {limit}", node)
            if self.count > self.reader.limits.nodes:
                limit = self.reader.limits.nodes
                self._spend("CW002", f"the document has more than {limit} entries", node)
        stack.append(_Frame(node, event.anchor, self.count))
        if len(stack) > _PARSER_DEPTH:
            problem = "maps and lists are nested too deep"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)

    def _spend(self, code: str, message: str, node: Node) -> None:
        if self.is_spent:
            return
        self.is_spent = True
        self.reader.is_whole = False
        self.reader.report(code, message, node.mark)

    def _close(self, event: Any) -> None:
        frame = self.stack.pop()
        node = frame.node
        if node.style == "flow":
            self.flow_depth -= 1
        node.end = event.end_mark
        if frame.is_odd:
            self._make_text(node)
        if frame.anchor is not None:
            self.anchors[frame.anchor] = (node, self.count - frame.before + 1)

    def _alias(self, event: Any) -> None:
        if self.is_spent:
            return
        known = self.anchors.get(event.anchor)
        here = Node(self.source, event.start_mark, event.end_mark)
        if known is None or any(frame.anchor == event.anchor for frame in self.stack):
            self.reader.report(
                "CW006",
                f'no anchor "&{event.anchor}" is complete above this alias',
                here.mark,
                f'a text is put in quotes: "*{event.anchor}"',
            )
            self._add(here)
            return
        node, size = known
        self.count += size - 1
        self._add(node)
        if self.count > self.reader.limits.nodes:
            limit = self.reader.limits.nodes
            self._spend("CW006", f"aliases make more than {limit} entries of this document", here)

    def _add(self, node: Node) -> None:
        """Put a node into the map or list that is open."""
        self.count += 1
        if not self.stack:
            self.root = node
            return
        frame = self.stack[-1]
        if frame.elements is not None:
            frame.elements.append(node)
        elif frame.key is None:
            frame.key = self._key(frame, node)
        elif frame.children is not None:
            name = frame.step = frame.key.value
            if name in frame.children:
                self._repeated(frame, frame.key)
            else:
                frame.keys[name] = frame.key
                frame.children[name] = node
            frame.key = None

    def _key(self, frame: _Frame, node: Node) -> Node:
        """Return the key that a map, a list or an alias makes; the first two are none."""
        if node.is_map or node.is_list:
            frame.is_odd = True
            self.reader.report(
                "CW009",
                "a key is a map or a list",
                frame.node.mark,
                "a key is a plain text; a text with {{ }} is put in quotes",
            )
        return Node(self.source, node.start, node.end, node.text(), node.style)

    def _make_text(self, node: Node) -> None:
        """Make a map with an impossible key the text that it was meant to be."""
        line, column, end_line, end_column = node.mark
        start, end = self.source.index(line, column), self.source.index(end_line, end_column)
        node.value, node.style = self.source.text[start:end], '"'
        node.children, node.keys = None, {}

    def _repeated(self, frame: _Frame, key: Node) -> None:
        name = key.text()
        path = [_step(below) for below in self.stack]
        self.reader.report(
            "CW004",
            f'the key "{name}" stands twice in this map',
            key.mark,
            "remove one of the two, or put them together",
            (Related(f'"{name}" stands here first', frame.keys[name].span),),
            pointer_to(path),
        )

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
        node.end = Position(mark.line, proper)
        _drop(parent, node)


def _step(frame: _Frame) -> str | int:
    """Return the key or index at which a map or list is being read."""
    if frame.elements is not None:
        return max(0, len(frame.elements) - 1)
    return frame.step


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
