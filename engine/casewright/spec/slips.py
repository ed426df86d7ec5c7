"""What people slip on in YAML, and its cure.

Two things: a syntax error of the YAML reader is told in words about the line, and an expression
that YAML has cut (at ``: ``, `` #``, or inside ``{ }`` and ``[ ]`` at one of ``, { } [ ]``) is
found again and shown in quotes.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_LONGEST = 500
_CLOSING = {")": "(", "]": "[", "}": "{"}
_KEY_VALUE = re.compile(r"^(?P<head>\s*(?:- +)*)(?P<key>[\w*%.\" -]+?):[ ]+(?P<value>\S.*?)\s*$")
_ITEM = re.compile(r"^\s*(?:- +)+(?P<value>\S.*?)\s*$")
_BEGINNINGS = "\"'[{>|"
_FLOW_VALUE = re.compile(r"(?::\s+|[,\[{]\s*)(?=[\"'\[{>|])")
_RANGE = re.compile(r"[\[\]].*\.\..*[\])\[]$")
_NO_SPACE = re.compile(r"^\s*(?:- +)*(?P<key>[A-Za-z_]\w*):(?P<value>[^\s:/].*)$")


class Slip(NamedTuple):
    """A syntax error in words.

    Attributes:
        message: what is wrong.
        hint: the cure.
        line: the line, counted from 0.
        column: the column, counted from 0.
        edit: a replacement (start, end, text) of this line's columns that makes it readable.
        cut: an expression was cut.
    """

    message: str
    hint: str
    line: int
    column: int
    edit: tuple[int, int, str] | None = None
    cut: bool = False


class Problem(NamedTuple):
    """What the YAML reader says, and what it has read.

    Attributes:
        lines: the lines of the text.
        text: what is wrong.
        line: the line, counted from 0.
        column: the column, counted from 0.
        context: what was being read.
        context_line: where that began; -1 if it is not known.
        context_column: likewise.
        last: the last plain scalar inside ``{ }`` or ``[ ]`` before it: line, column, end.
    """

    lines: list[str]

    text: str
    line: int
    column: int
    context: str = ""
    context_line: int = -1
    context_column: int = -1
    last: tuple[int, int, int] | None = None


def quoted(text: str) -> str:
    """Return a text in single quotes, as YAML wants it."""
    return "'" + text.replace("'", "''") + "'"


def is_balanced(text: str) -> bool:
    """Whether brackets and double quotes of a text come in pairs."""
    open_brackets: list[str] = []
    in_string = False
    escaped = False
    for character in text:
        if in_string:
            in_string = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            in_string = True
        elif character in "([{":
            open_brackets.append(character)
        elif character in ")]}" and (
            not open_brackets or open_brackets.pop() != _CLOSING[character]
        ):
            return False
    return not open_brackets and not in_string


def flow_end(line: str, start: int) -> int:
    """Return where a value inside ``{ }`` or ``[ ]`` should end, were it not cut.

    That is the first ``,``, ``}`` or ``]`` outside the brackets and strings that it opens, or
    the end of the line.
    """
    depth = 0
    in_string = False
    for at in range(start, len(line)):
        character = line[at]
        if in_string:
            in_string = character != '"' or line[at - 1] == "\\"
        elif character == '"':
            in_string = True
        elif character in "([{":
            depth += 1
        elif character in ",]}" and depth == 0:
            return at
        elif character in ")]}":
            depth = max(0, depth - 1)
    return len(line)


def cut_in_flow(line: str, start: int, end: int) -> int | None:
    """Return where a plain value inside ``{ }`` or ``[ ]`` that YAML ended at ``end`` should end.

    Returns:
        None if nothing shows that it was cut.
    """
    if is_balanced(line[start:end]) and line[end:].lstrip()[:1] not in ("[", "{"):
        return None
    proper = len(line[: flow_end(line, start)].rstrip())
    if not end < proper < start + _LONGEST:
        return None
    return proper if is_balanced(line[start:proper]) else None


def cut_by_comment(line: str, start: int, end: int) -> int | None:
    """Return where a plain value that a `` #`` has cut at ``end`` should end, else None."""
    rest = line[end:]
    if not rest.lstrip().startswith("#") or is_balanced(line[start:end]):
        return None
    proper = len(line.rstrip())
    return proper if is_balanced(line[start:proper]) else None


CUT_MESSAGE = "YAML has cut this text at %s; put it in quotes"


def explain(problem: Problem) -> Slip:
    """Return a syntax error in words."""
    for explanation in (
        _tab,
        _cut_flow,
        _cut_colon,
        _goes_on,
        _no_space,
        _escape,
        _unclosed,
        _indicator,
    ):
        slip = explanation(problem)
        if slip is not None:
            return slip
    return _by_problem(problem)


def _line(lines: list[str], number: int) -> str:
    return lines[number] if 0 <= number < len(lines) else ""


def _tab(problem: Problem) -> Slip | None:
    for number in (problem.line, problem.line - 1, problem.context_line):
        line = _line(problem.lines, number)
        blank = line[: len(line) - len(line.lstrip())]
        if "\t" in blank:
            at = blank.index("\t")
            return Slip("a tab indents this line", "indent with spaces only", number, at)
    return None


def _cut_flow(problem: Problem) -> Slip | None:
    if problem.last is None:
        return None
    number, start, end = problem.last
    line = _line(problem.lines, number)
    proper = cut_in_flow(line, start, end)
    is_second_colon = line[end : end + 2] == ": " and problem[2:4] == (number, end)
    if proper is None and is_second_colon:
        proper = len(line[: flow_end(line, start)].rstrip())
    if proper is None or proper > start + _LONGEST or not number <= problem.line <= number + 1:
        return None
    text = line[start:proper]
    sign = line[end:].lstrip()[:1].replace(":", ": ")
    return Slip(
        CUT_MESSAGE % f'"{sign}"',
        f"write {quoted(text)}",
        number,
        start,
        (start, proper, quoted(text)),
        cut=True,
    )


def _cut_colon(problem: Problem) -> Slip | None:
    if "mapping values are not allowed" not in problem.text:
        return None
    line = _line(problem.lines, problem.line)
    match = _KEY_VALUE.match(line)
    if match is None or len(line) > _LONGEST:
        return None
    if match["value"][0] in "'\"{[|>&*!" or problem.column <= match.start("value"):
        return None
    text = match["value"]
    start, end = match.span("value")
    return Slip(
        CUT_MESSAGE % '": "',
        f"write {match['key'].strip()}: {quoted(text)}",
        problem.line,
        start,
        (start, end, quoted(text)),
        cut=True,
    )


def _goes_on(problem: Problem) -> Slip | None:
    """A value begins with a quote, a bracket or ``>`` or ``|``, and goes on behind it."""
    number = problem.line
    line = _line(problem.lines, number)
    found = _whole_value(line, problem.column) or _value_in_flow(line, problem.column)
    if found is None:
        number = problem.context_line
        line = _line(problem.lines, number)
        found = _range(line)
    if found is None or found[1] - found[0] > _LONGEST:
        return None
    start, end = found
    text = line[start:end]
    rest = text[_first_part(text) :].strip()
    if rest and not rest.strip(")]}"):
        at = start + len(text.rstrip()) - 1
        return Slip(f'this "{rest[0]}" closes nothing', "remove it", number, at)
    whole = _meant(text, rest)
    return Slip(
        f"YAML ends this text at {text[: _first_part(text)]}; put all of it in quotes",
        f"write {whole}",
        number,
        start,
        (start, end, whole),
        cut=True,
    )


def _meant(text: str, rest: str) -> str:
    """Return a value that goes on behind its first part in the quotes that it needs."""
    mark = text[0]
    is_text = text.endswith(mark) and not re.search(r"[=<>+*/]|\b(?:in|and|or)\b", rest)
    if mark in "'\"" and is_text and len(text) > 1:
        return quoted(text[1:-1].replace("''", "'") if mark == "'" else text[1:-1])
    return quoted(text)


def _whole_value(line: str, column: int) -> tuple[int, int] | None:
    """Return the value of a line ``key: value`` or ``- value`` that goes on behind its begin."""
    match = _KEY_VALUE.match(line) or _ITEM.match(line)
    if match is None or column <= match.start("value"):
        return None
    start, end = match.span("value")
    return (start, end) if _is_more(line[start:end]) else None


def _value_in_flow(line: str, column: int) -> tuple[int, int] | None:
    """Return the value inside ``{ }`` or ``[ ]`` before a column that goes on behind its begin."""
    for match in reversed(list(_FLOW_VALUE.finditer(line[: column + 1]))):
        start = match.end()
        end = len(line[: flow_end(line, start)].rstrip())
        if _is_more(line[start:end]):
            return start, end
    return None


def _range(line: str) -> tuple[int, int] | None:
    """Return the value of a line ``key: value`` that is a range such as ``[1..5)``."""
    match = _KEY_VALUE.match(line)
    return match.span("value") if match is not None and _RANGE.match(match["value"]) else None


def _is_more(text: str) -> bool:
    if text[:1] not in _BEGINNINGS or text[:1] == "":
        return False
    rest = text[_first_part(text) :].lstrip()
    return bool(rest) and not rest.startswith("#")


def _first_part(text: str) -> int:
    """Return where the quoted text, bracket or block mark ends that a text begins with."""
    mark = text[0]
    if mark in ">|":
        return 1
    if mark in "'\"":
        at = text.find(mark, 1)
        while mark == "'" and at > 0 and text[at + 1 : at + 2] == "'":
            at = text.find(mark, at + 2)
        return at + 1 if at > 0 else len(text)
    if _RANGE.match(text):
        return 1
    for at in range(1, len(text) + 1):
        if is_balanced(text[:at]):
            return at
    return len(text)


def _escape(problem: Problem) -> Slip | None:
    if "escape" not in problem.text:
        return None
    return Slip(
        'in double quotes "\\" begins an escape',
        'use single quotes, or write "\\\\"',
        problem.line,
        problem.column,
    )


def _no_space(problem: Problem) -> Slip | None:
    for number in (problem.context_line, problem.line, problem.line - 1):
        match = _NO_SPACE.match(_line(problem.lines, number))
        if match is not None and match["value"][0] not in "'\"":
            colon = match.start("value")
            return Slip(
                f'a space is missing after the colon of "{match["key"]}"',
                f"write {match['key']}: {match['value'].strip()}",
                number,
                colon - 1,
                (colon, colon, " "),
            )
    return None


def _unclosed(problem: Problem) -> Slip | None:
    context, line, column = problem.context, problem.context_line, problem.context_column
    if "quoted scalar" in context:
        return Slip(
            "the quote that opens here is not closed",
            "close it; inside single quotes a single quote is doubled",
            line,
            column,
        )
    if "flow mapping" in context or "flow sequence" in context:
        opening, closing = ("{", "}") if "mapping" in context else ("[", "]")
        return Slip(
            f'the "{opening}" that opens here lacks a "," or "{closing}"',
            f'put "," between entries and "{closing}" behind the last; '
            "quote a text with any of , { } [ ]",
            line,
            column,
        )
    return None


def _indicator(problem: Problem) -> Slip | None:
    sign = _line(problem.lines, problem.line)[problem.column : problem.column + 1]
    if "cannot start any token" in problem.text and sign in "%@`":
        return Slip(
            f'a plain text cannot begin with "{sign}"',
            "put the text in quotes",
            problem.line,
            problem.column,
        )
    if "alias" in problem.context or "anchor" in problem.context:
        line = _line(problem.lines, problem.context_line)
        sign = line[problem.context_column : problem.context_column + 1]
        return Slip(
            f'a plain text cannot begin with "{sign}"',
            f'put it in quotes: "{sign}"',
            problem.context_line,
            problem.context_column,
            _quoting_of_sign(line, problem.context_column),
        )
    return None


def _quoting_of_sign(line: str, column: int) -> tuple[int, int, str] | None:
    """Return the edit that puts a lone sign in quotes."""
    alone = line[column + 1 : column + 2] in ("", " ", ",", "]", "}")
    return (column, column + 1, f'"{line[column]}"') if alone and column < len(line) else None


def _by_problem(problem: Problem) -> Slip:
    texts = {
        "did not find expected key": (
            "this line does not continue what is above it",
            "indent it like the entries that it belongs to; a key needs a colon and a space",
        ),
        "expected <block end>": (
            "this line does not continue what is above it",
            "indent it like the entries that it belongs to",
        ),
        "did not find expected '-' indicator": (
            "this line does not continue the list above it",
            'begin the entry with "- ", or indent it like the key that it belongs to',
        ),
        "mapping values are not allowed": (
            '": " cannot stand here',
            "indent the line like the entries that it belongs to, or put the text in quotes",
        ),
        "could not find expected ':'": (
            "a key without a colon",
            'a key is followed by ": " and its value',
        ),
    }
    for text, (message, hint) in texts.items():
        if text in problem.text:
            return Slip(message, hint, problem.line, problem.column)
    text = problem.text or problem.context or "this is no YAML"
    return Slip(f"YAML: {text}", "", problem.line, problem.column)
