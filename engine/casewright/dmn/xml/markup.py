"""XML text in the making: elements, attributes, indents, and the characters that XML refuses."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Generator

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ID = re.compile(r"[A-Za-z_][\w.\-]*", re.ASCII)


class Markup:
    """A document that grows line by line."""

    def __init__(self) -> None:
        self._lines = ['<?xml version="1.0" encoding="UTF-8"?>']
        self._depth = 0

    @contextmanager
    def element(self, tag: str, **attributes: str) -> Generator[None]:
        """Write an element around what is written inside the block; empty attributes are left out.

        Two underscores in the middle of a name stand for a colon; with one behind it the attribute
        is written also if it is empty.
        """
        self._line(f"<{tag}{_attributes(attributes)}>")
        start = len(self._lines)
        self._depth += 1
        yield
        self._depth -= 1
        if len(self._lines) == start:
            self._lines[-1] = f"{self._lines[-1][:-1]}/>"
        else:
            self._line(f"</{tag}>")

    def empty(self, tag: str, **attributes: str) -> None:
        """Write an element without content."""
        self._line(f"<{tag}{_attributes(attributes)}/>")

    def text(self, tag: str, text: str, **attributes: str) -> None:
        """Write an element with nothing but text, all its blanks kept."""
        clean = escape(_ILLEGAL.sub("\ufffd", text), {"\r": "&#13;"})
        self._line(f"<{tag}{_attributes(attributes)}>{clean}</{tag}>")

    def __str__(self) -> str:
        return "\n".join(self._lines) + "\n"

    def _line(self, text: str) -> None:
        self._lines.append("  " * self._depth + text)


def _attributes(attributes: dict[str, str]) -> str:
    return "".join(
        f" {name.rstrip('_').replace('__', ':')}={quoteattr(_ILLEGAL.sub(chr(0xFFFD), value))}"
        for name, value in attributes.items()
        if value or name.endswith("_")
    )


def valid_ids(wanted: list[str]) -> dict[str, str]:
    """Return for each id one that XML takes, most often itself, all of them different."""
    found = {identity: identity for identity in wanted if _ID.fullmatch(identity)}
    taken = set(found.values())
    for identity in wanted:
        if identity in found:
            continue
        base = "_" + re.sub(r"[^\w.\-]+", "_", identity, flags=re.ASCII)
        made, count = base, 1
        while made in taken:
            count += 1
            made = f"{base}_{count}"
        found[identity] = made
        taken.add(made)
    return found
