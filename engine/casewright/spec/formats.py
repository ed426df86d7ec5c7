"""Diagnostics as text for people, and for programs: JSON, GitHub, SARIF, JUnit.

Each function takes diagnostics in the order in which they are to be shown and returns the whole
output, without a line end; no diagnostics give an empty text, or an empty document of the format.

Source: SARIF 2.1.0 (OASIS), GitHub's workflow commands, the JUnit schema of Jenkins' plugin.
"""

from __future__ import annotations

import json as jsonlib
import re
from itertools import groupby
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from casewright.errors import Diagnostic, Related, Span

DOCUMENTATION = "docs/diagnostics.md"
_SARIF_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_GITHUB_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}
_PLURALS = {"error": "errors", "warning": "warnings", "info": "notes"}
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_UNPRINTABLE = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_LONGEST_LINE = 160


def text(diagnostics: Sequence[Diagnostic]) -> str:
    """Return diagnostics as people read them: what, where, the line, the cure."""
    blocks = [_block(diagnostic) for diagnostic in diagnostics]
    return "\n\n".join([*blocks, summary(diagnostics)]) if blocks else ""


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """Return how many there are of each severity, such as ``2 errors, 1 warning``."""
    counts = dict.fromkeys(_PLURALS, 0)
    for diagnostic in diagnostics:
        counts[diagnostic.severity] += 1
    names = {"info": "note"}
    shown = [
        f"{count} {names.get(severity, severity) if count == 1 else _PLURALS[severity]}"
        for severity, count in counts.items()
        if count
    ]
    return ", ".join(shown) or "no mistakes"


def _block(diagnostic: Diagnostic) -> str:
    severity = "note" if diagnostic.severity == "info" else diagnostic.severity
    lines = [f"{severity}[{diagnostic.code}]: {diagnostic.message}"]
    span = diagnostic.span
    margin = " " * len(str(span.line)) if span is not None else ""
    if span is not None:
        lines.append(f"{margin}--> {span}")
    if span is not None and diagnostic.excerpt.strip():
        line = diagnostic.excerpt.replace("\t", " ")
        shown, before = _clipped(line, span.column)
        width = min(_width(span, line), max(1, len(shown) - before))
        lines += [
            f"{margin} |",
            f"{span.line} | {shown}",
            f"{margin} | {' ' * before}{'^' * width}",
        ]
    lines += [f"{margin} = {related.message}: {related.span}" for related in diagnostic.related]
    if diagnostic.hint:
        lines.append(f"{margin} = help: {diagnostic.hint}")
    return "\n".join(map(_printable, lines))


def _clipped(line: str, column: int) -> tuple[str, int]:
    """Return what is shown of a line, and how many characters of that stand before a column."""
    if len(line) <= _LONGEST_LINE:
        return line, column - 1
    start = max(0, min(column - 1 - _LONGEST_LINE // 2, len(line) - _LONGEST_LINE))
    part = line[start : start + _LONGEST_LINE]
    head = "..." if start else ""
    tail = "..." if start + _LONGEST_LINE < len(line) else ""
    return f"{head}{part}{tail}", column - 1 - start + len(head)


def _width(span: Span, line: str) -> int:
    end = span.end_column if span.end_line == span.line else len(line.rstrip()) + 1
    return max(1, min(end, len(line) + 1) - span.column)


def json(diagnostics: Sequence[Diagnostic]) -> str:
    """Return diagnostics as a JSON list."""
    return jsonlib.dumps([_record(d) for d in diagnostics], indent=2, ensure_ascii=False)


def _record(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        **_place(diagnostic.span),
        "pointer": diagnostic.pointer,
        "hint": diagnostic.hint,
        "related": [_related(related) for related in diagnostic.related],
    }


def _related(related: Related) -> dict[str, Any]:
    return {"message": related.message, **_place(related.span)}


def _place(span: Span | None) -> dict[str, Any]:
    if span is None:
        return {"path": None}
    return {
        "path": span.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line or span.line,
        "end_column": span.end_column or span.column,
    }


def github(diagnostics: Sequence[Diagnostic]) -> str:
    """Return diagnostics as GitHub's workflow commands, one a line."""
    return "\n".join(_command(diagnostic) for diagnostic in diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    places: list[str] = []
    if span is not None:
        places = [f"file={_property(span.path)}", f"line={span.line}", f"col={span.column}"]
        if span.end_line == span.line and span.end_column > span.column:
            places.append(f"endColumn={span.end_column}")
    places.append(f"title={diagnostic.code}")
    message = diagnostic.message + (f"\n{diagnostic.hint}" if diagnostic.hint else "")
    return f"::{_GITHUB_LEVELS[diagnostic.severity]} {','.join(places)}::{_data(message)}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def sarif(diagnostics: Sequence[Diagnostic]) -> str:
    """Return diagnostics as a SARIF 2.1.0 log with one run."""
    codes = sorted({diagnostic.code for diagnostic in diagnostics})
    log = {
        "$schema": _SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "casewright",
                        "rules": [_sarif_rule(code) for code in codes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_sarif_result(d, codes) for d in diagnostics],
            }
        ],
    }
    return jsonlib.dumps(log, indent=2, ensure_ascii=False)


def _sarif_rule(code: str) -> dict[str, Any]:
    return {
        "id": code,
        "shortDescription": {"text": f"{code}, see {DOCUMENTATION}#{code.lower()}"},
    }


def _sarif_result(diagnostic: Diagnostic, codes: list[str]) -> dict[str, Any]:
    message = diagnostic.message + (f"; {diagnostic.hint}" if diagnostic.hint else "")
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": _SARIF_LEVELS[diagnostic.severity],
        "message": {"text": message},
    }
    if diagnostic.span is not None:
        location = _sarif_location(diagnostic.span)
        if diagnostic.pointer:
            location["logicalLocations"] = [{"fullyQualifiedName": diagnostic.pointer}]
        result["locations"] = [location]
    if diagnostic.related:
        result["relatedLocations"] = [
            {**_sarif_location(related.span), "message": {"text": related.message}}
            for related in diagnostic.related
        ]
    return result


def _sarif_location(span: Span) -> dict[str, Any]:
    region = {"startLine": span.line, "startColumn": span.column}
    if (span.end_line, span.end_column) > (span.line, span.column):
        region.update(endLine=span.end_line, endColumn=span.end_column)
    uri = span.path.replace("\\", "/")
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}


def junit(diagnostics: Sequence[Diagnostic]) -> str:
    """Return diagnostics as JUnit XML: a suite a file, a failing case an error or warning."""
    by_path = sorted(diagnostics, key=lambda d: d.span.path if d.span is not None else "")
    suites: list[str] = []
    for path, group in groupby(by_path, lambda d: d.span.path if d.span is not None else ""):
        found = list(group)
        failures = sum(d.severity != "info" for d in found)
        head = f"name={_attribute(path)} tests={quoteattr(str(len(found)))}"
        cases = "\n".join(map(_junit_case, found))
        suites.append(f'  <testsuite {head} failures="{failures}">\n{cases}\n  </testsuite>')
    failures = sum(d.severity != "info" for d in diagnostics)
    head = f'name="casewright validate" tests="{len(diagnostics)}" failures="{failures}"'
    body = "".join(f"\n{suite}" for suite in suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites {head}>{body}\n</testsuites>'


def _junit_case(diagnostic: Diagnostic) -> str:
    place = str(diagnostic.span) if diagnostic.span is not None else "nowhere"
    head = f'name={_attribute(f"{diagnostic.code} {place}")} classname="{diagnostic.code}"'
    if diagnostic.severity == "info":
        shown = escape(_printable(diagnostic.message))
        return f"    <testcase {head}><system-out>{shown}</system-out></testcase>"
    detail = escape(_printable(_block(diagnostic)))
    message = _attribute(diagnostic.message)
    failure = f'<failure type="{diagnostic.severity}" message={message}>{detail}</failure>'
    return f"    <testcase {head}>{failure}</testcase>"


def _attribute(value: str) -> str:
    return quoteattr(_printable(value))


def _printable(value: str) -> str:
    """Return a text without the characters that XML 1.0 cannot hold or a terminal obeys."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", value)
