"""Text to tokens. Names of several words are put together later, by the parser and the scope."""

from __future__ import annotations

import re

import msgspec

from casewright.feel.problems import LIMIT, SYNTAX, FeelError, Problem

_SPACE = r"\s\u1680\u180e\u200b\ufeff"
# Single ranges beside \w: one class of all of them takes a hundred times as long to compile.
_START = r"(?:[^\W\d]|\$|[\u2070-\u218f]|[\U00010000-\U000effff])"
_NAME = (
    _START
    + r"(?:\w+|\$|[\u00b7\u200c\u200d]|[\u0300-\u036f]|[\u2070-\u218f]|[\U00010000-\U000effff])*"
)
_TOKEN = re.compile(
    rf"""
      (?P<space>(?:[{_SPACE}]|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)+)
    | (?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<string>"(?:[^"\\]|\\.)*")
    | (?P<at>@[{_SPACE}]*"(?:[^"\\]|\\.)*")
    | (?P<name>{_NAME}|\?)
    | (?P<op>\*\*|\.\.|<=|>=|!=|->|[-+*/=<>()\[\]{{}},.:;'%|&!~^\#`\u2019])
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD = re.compile(rf"{_NAME}|[0-9]+(?:\.[0-9]+)?|[^{_SPACE}]", re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{6}|.)", re.DOTALL)
_SIMPLE_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


class Token(msgspec.Struct, frozen=True):
    """A piece of text; ``kind`` is number, string, at, name, op or end."""

    kind: str
    text: str
    start: int
    end: int


def tokens(text: str, limit: int) -> list[Token]:
    """Return the tokens of a text without spaces and comments, closed by one of kind ``end``.

    Raises:
        FeelError: a character that begins no token, an open string or comment, or a text longer
            than ``limit`` characters.
    """
    if len(text) > limit:
        message = f"the expression has {len(text)} characters, more than {limit}"
        raise FeelError(text, [Problem(LIMIT, message, limit, len(text))])
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or (text.startswith("/*", position) and match.lastgroup == "op"):
            raise FeelError(text, [_unreadable(text, position)])
        if match.lastgroup != "space":
            found.append(Token(match.lastgroup or "", match.group(), position, match.end()))
        position = match.end()
    found.append(Token("end", "", len(text), len(text)))
    return found


def _unreadable(text: str, position: int) -> Problem:
    if text[position] == '"' or text[position] == "@":
        return Problem(SYNTAX, 'a text without its closing "', position, len(text))
    if text.startswith("/*", position):
        return Problem(SYNTAX, "a comment without its closing */", position, len(text))
    return Problem(SYNTAX, f"unexpected character {text[position]!r}", position, position + 1)


def words(name: str) -> tuple[str, ...]:
    """Return the pieces of a name, as its tokens would be."""
    return tuple(_WORD.findall(name))


def unquoted(text: str) -> str:
    """Return what a string literal, given with its quotes, denotes."""
    joined = _ESCAPE.sub(_unescaped, text[1:-1])
    if any("\ud800" <= char <= "\udfff" for char in joined):
        return joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return joined


def _unescaped(match: re.Match[str]) -> str:
    code = match.group(1)
    if len(code) > 1:
        number = int(code[1:], 16)
        return chr(number) if number <= 0x10FFFF else "\ufffd"
    if code in "\"'\\":
        return code
    return _SIMPLE_ESCAPES.get(code, "\\" + code)
