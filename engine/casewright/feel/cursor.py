"""The place in the tokens: what comes next, names of several words, failures, depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, TypeVar

from casewright.feel import tree
from casewright.feel.budget import DEFAULT_LIMITS, Limits
from casewright.feel.lexer import Token, tokens
from casewright.feel.names import NameIndex, may_continue
from casewright.feel.problems import LIMIT, SYNTAX, FeelError, Problem

if TYPE_CHECKING:
    from casewright.feel.vocabulary import FreeVocabulary, Vocabulary

_N = TypeVar("_N", bound=tree.Node)
_UNITS = {
    **dict.fromkeys(("second", "seconds"), "PT{}S"),
    **dict.fromkeys(("minute", "minutes"), "PT{}M"),
    **dict.fromkeys(("hour", "hours"), "PT{}H"),
    **dict.fromkeys(("day", "days"), "P{}D"),
    **dict.fromkeys(("month", "months"), "P{}M"),
    **dict.fromkeys(("year", "years"), "P{}Y"),
}
"""How FEEL writes a duration of which somebody has written a number and a unit."""


class Cursor:
    """The tokens of one text and the place in them.

    Attributes:
        text: what is read.
    """

    def __init__(
        self,
        text: str,
        known: Vocabulary | FreeVocabulary,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.text = text
        self._known = known
        self._own = NameIndex()
        self._limits = limits
        self._tokens = tokens(text, limits.length)
        self._i = 0
        self._depth = 0
        self._filters = 0
        self._heights: dict[tree.Node, int] = {}

    @property
    def _token(self) -> Token:
        return self._tokens[self._i]

    @property
    def _last(self) -> Token:
        return self._tokens[self._i - 1]

    def _peek(self, ahead: int = 1) -> Token:
        return self._tokens[min(self._i + ahead, len(self._tokens) - 1)]

    def _is(self, text: str) -> bool:
        token = self._token
        return token.text == text and token.kind in ("op", "name")

    def _accept(self, text: str) -> bool:
        if self._is(text):
            self._i += 1
            return True
        return False

    def _expect(self, text: str) -> Token:
        if not self._is(text):
            self._unexpected(f'"{text}"')
        self._i += 1
        return self._last

    def _expect_end(self) -> None:
        if self._token.kind != "end":
            self._unexpected("the end")

    def _unexpected(self, expected: str) -> NoReturn:
        token = self._token
        if token.kind == "end":
            self._fail(f"the expression ends where {expected} should follow", token.start)
        self._fail(
            f'unexpected "{token.text}", where {expected} should stand',
            token.start,
            token.end,
            self._cure(token),
        )

    def _cure(self, token: Token) -> str:
        """Return what is probably meant by a token that cannot stand here."""
        if token.text == "not" and self._peek().text == "in":
            return "write not(x in (...))"
        if token.text == "=" and not self._i:
            return "leave it out; `= ` marks an expression where a value may stand"
        if token.text == "is":
            return "FEEL writes a = b, a != null"
        if token.text in ("==", "&&", "||") or (token.text in "&|=" and token.kind == "op"):
            return "FEEL writes = and or"
        if token.text == "'":
            return 'texts stand in double quotes, "..."'
        if token.text in _UNITS and self._i and self._last.kind == "number":
            return f'a duration is written @"{_UNITS[token.text].format(self._last.text)}"'
        if not self._i or token.kind != "name" or self._last.kind != "name":
            return ""
        function = self._known.functions.longest(self._tokens, self._i - 1)
        if function is not None:
            return f"{function[0]} is a function, call it: {function[0]}(...)"
        return f'if "{self._last.text} {token.text}" is meant as one name, it is unknown'

    def _fail(
        self, message: str, start: int, end: int | None = None, hint: str = "", code: str = SYNTAX
    ) -> NoReturn:
        end = start if end is None else end
        raise FeelError(self.text, [Problem(code, message, start, end, hint)])

    def _too_deep(self, token: Token) -> NoReturn:
        message = f"the expression is nested more than {self._limits.depth} levels deep"
        self._fail(message, token.start, token.end, code=LIMIT)

    def _grown(self, node: _N) -> _N:
        """Return the node, once its height is known and found within the limit."""
        if node.__class__ is tree.Name or node.__class__ is tree.Literal:
            return node
        height = 1 + max([self._heights.get(part, 1) for part in node.parts()], default=0)
        self._heights[node] = height
        if height > self._limits.depth:
            self._too_deep(self._last)
        return node

    def _long_name(self) -> tree.Node | None:
        if not may_continue(self._peek()):
            return None
        indexes = [self._own, self._known.names]
        if self._filters:
            indexes.append(self._known.properties)
        found = self._longest(*indexes) or self._known.functions.longest(
            self._tokens, self._i, before="("
        )
        if found is None:
            return None
        start = self._token.start
        self._i += found[1]
        return tree.Name(start, self._last.end, found[0])

    def _longest(self, *indexes: NameIndex) -> tuple[str, int] | None:
        found = [index.longest(self._tokens, self._i) for index in indexes]
        return max((f for f in found if f is not None), key=lambda f: f[1], default=None)

    def _name_before(self, *closers: str) -> str:
        first = self._i
        while self._token.text not in closers:
            if self._token.kind not in ("name", "number", "op") or self._token.text in '{}[]"':
                self._unexpected(f'a name and "{closers[0]}"')
            self._i += 1
        if self._i == first or self._tokens[first].kind == "number":
            self._unexpected("a name")
        return " ".join(self.text[self._tokens[first].start : self._last.end].split())

    def _argument_name(self) -> str | None:
        index = self._i
        while self._tokens[index].kind in ("name", "number") or self._tokens[index].text in "-'+/*":
            if self._tokens[index].kind == "end":
                return None
            index += 1
        if index == self._i or self._tokens[index].text != ":":
            return None
        if self._tokens[self._i].kind != "name":
            return None
        name = self.text[self._token.start : self._tokens[index - 1].end]
        self._i = index + 1
        return " ".join(name.split())

    def _closes_at_end(self) -> bool:
        depth = 0
        for index in range(self._i + 1, len(self._tokens)):
            token = self._tokens[index]
            if token.kind == "op":
                depth += (token.text == "(") - (token.text == ")")
                if depth == 0:
                    return self._tokens[index + 1].kind == "end"
        return False
