"""Names of several words: which of the known ones stands at a token.

FEEL names may hold spaces and signs (``date of birth``, ``a-b``), so a text can be read only with
the names in scope at hand; the longest known name wins. Source: DMN 1.5, section 10.3.1.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.feel.lexer import Token, words
from casewright.feel.types import ContextType, ListType, RecordSetType, ReferenceType, Type
from casewright.feel.values import is_context, is_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_SIGNS = frozenset("-+/*.'%&!~#`|^;")
PROPERTY_NAMES = ("time offset", "start included", "end included")


class NameIndex:
    """Names that consist of more than one token, by their first piece."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Make ``name`` known; names of a single word need not be."""
        if name.isidentifier():
            return
        pieces = words(name)
        if len(pieces) < 2:
            return
        known = self._by_first.setdefault(pieces[0], [])
        if (pieces, name) not in known:
            known.append((pieces, name))
            known.sort(key=lambda entry: -len(entry[0]))

    def longest(
        self, tokens: Sequence[Token], position: int, *, before: str = ""
    ) -> tuple[str, int] | None:
        """Return the longest name at a token and how many tokens it takes, or None.

        Args:
            tokens: all tokens of the text.
            position: index of the first token of the name.
            before: text of the token that must follow, if any.
        """
        known = self._by_first.get(tokens[position].text)
        if known is None:
            return None
        for pieces, name in known:
            end = position + len(pieces)
            if end >= len(tokens) or (before and tokens[end].text != before):
                continue
            if all(t.text == p for t, p in zip(tokens[position:end], pieces, strict=True)):
                return name, len(pieces)
        return None


def may_continue(token: Token) -> bool:
    """Return whether a name of several words could go on at a token behind its first."""
    return token.kind in ("name", "number") or token.text in _SIGNS


def property_names(types: Iterable[Type]) -> set[str]:
    """Return the names of all properties that these types have, also of their parts."""
    found: set[str] = set()
    seen: set[int] = set()
    open_types = list(types)
    while open_types:
        current = open_types.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        members: Mapping[str, object] = {}
        if isinstance(current, (ListType, RecordSetType)):
            open_types.append(current.item)
        elif isinstance(current, ContextType):
            members = current.members
            open_types.extend(m.type for m in current.members.values())
        elif isinstance(current, ReferenceType):
            known = current.members()
            members = known
            open_types.extend(m.type for m in known.values())
        found.update(members)
    return found


def long_names(context: Mapping[str, object]) -> frozenset[str]:
    """Return the keys of several words: those of a context, and ``.key`` for those inside it."""
    own = {str(key) for key in context}
    inner: set[str] = set()
    open_values: list[object] = list(context.values())
    while open_values:
        value = open_values.pop()
        if is_context(value):
            inner.update(str(key) for key in value)
            open_values.extend(value.values())
        elif is_list(value):
            open_values.extend(value)
    found = [n for n in own if not n.isidentifier()]
    return frozenset([*found, *(f".{n}" for n in inner - own if not n.isidentifier())])
