"""XML text as a tree with places, read in a way that hostile text cannot abuse.

No document type, so no entities and nothing from outside; the size of the text and the depth of the
tree are limited. Comments and processing instructions are passed over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn
from xml.parsers import expat

from casewright.dmn.xml.names import CASEWRIGHT
from casewright.errors import Diagnostic, Span, SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CHARACTERS = 20_000_000
MAX_DEPTH = 120
XML = "CW651"


@dataclass(slots=True)
class Element:
    """An element.

    Attributes:
        tag: its name without the namespace.
        namespace: its namespace, or an empty text.
        attributes: by name; those of another namespace are left out.
        notes: attributes of our own namespace.
        line: of its start tag, from 1.
        column: of its start tag, from 1.
        text: all characters directly inside it.
        text_line: where the text begins, from 1; 0 without text.
        text_column: likewise.
    """

    tag: str
    namespace: str
    attributes: dict[str, str]
    notes: dict[str, str]
    line: int
    column: int
    children: list[Element] = field(default_factory=list["Element"])
    text: str = ""
    text_line: int = 0
    text_column: int = 0

    def all(self, tag: str) -> Iterator[Element]:
        """Yield the children of a name, in their order."""
        return (child for child in self.children if child.tag == tag)

    def one(self, tag: str) -> Element | None:
        """Return the first child of a name, or None."""
        return next(self.all(tag), None)

    def get(self, name: str) -> str:
        """Return an attribute, an empty text if it is missing."""
        return self.attributes.get(name, "")


def parse(text: str, path: str = "<dmn>") -> Element:
    """Return the root element of XML text.

    Args:
        text: the document; an encoding that it declares has been applied already.
        path: how messages call it.

    Raises:
        SpecError: no XML, a document type, or more than the limits allow.
    """
    reader = _Reader(path)
    if len(text) > MAX_CHARACTERS:
        reader.refuse(f"the text is longer than {MAX_CHARACTERS} characters", 1, 1)
    return reader.read(text)


class _Reader:
    def __init__(self, path: str) -> None:
        self._path = path
        self._parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        self._root: Element | None = None

    def read(self, text: str) -> Element:
        try:
            self._parser.Parse(text.encode("utf-8", "replace"), True)
        except expat.ExpatError as err:
            self.refuse(f"no XML: {expat.ErrorString(err.code)}", err.lineno, err.offset + 1)
        assert self._root is not None  # expat refuses a document without an element
        return self._root

    def refuse(self, message: str, line: int, column: int) -> NoReturn:
        span = Span(self._path, line, column)
        raise SpecError([Diagnostic(XML, "error", message, span)]) from None

    def _doctype(self, *_: object) -> None:
        parser = self._parser
        message = "a document type is not allowed in a DMN file"
        self.refuse(message, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        line, column = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        if len(self._open) >= MAX_DEPTH:
            self.refuse(f"elements are nested more than {MAX_DEPTH} deep", line, column)
        namespace, _, tag = name.rpartition(" ")
        own = {key: value for key, value in attributes.items() if " " not in key}
        prefix = f"{CASEWRIGHT} "
        notes = {k.removeprefix(prefix): v for k, v in attributes.items() if k.startswith(prefix)}
        element = Element(tag, namespace, own, notes, line, column)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)
        self._texts.append([])

    def _end(self, _: str) -> None:
        self._open.pop().text = "".join(self._texts.pop())

    def _characters(self, data: str) -> None:
        element = self._open[-1]
        if not element.text_line:
            element.text_line = self._parser.CurrentLineNumber
            element.text_column = self._parser.CurrentColumnNumber + 1
        self._texts[-1].append(data)
