"""Diagnostics are shown to people and to programs with all that they say."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from casewright.errors import Diagnostic, Related, Span
from casewright.spec import formats

MISTAKE = Diagnostic(
    "CW104",
    "error",
    'unknown key "form" in a transition',
    Span("specs/a.yaml", 11, 7, 11, 11),
    "/transitions/t/form",
    'did you mean "from"?',
    (Related("the other one", Span("specs/b.yaml", 2, 3, 2, 4)),),
    "  t: {form: a}",
)
WARNING = Diagnostic("CW410", "warning", "nothing leads here: 100%", Span("c,d.yaml", 1, 1))
NOTE = Diagnostic("CW510", "info", "no place <&>")


def test_text_shows_place_line_and_cure() -> None:
    assert formats.text([MISTAKE]) == "\n".join(
        [
            'error[CW104]: unknown key "form" in a transition',
            "  --> specs/a.yaml:11:7",
            "   |",
            "11 |   t: {form: a}",
            "   |       ^^^^",
            "   = the other one: specs/b.yaml:2:3",
            '   = help: did you mean "from"?',
            "",
            "1 error",
        ]
    )


def test_text_ends_with_the_counts() -> None:
    text = formats.text([MISTAKE, MISTAKE, WARNING, NOTE])
    assert text.endswith("note[CW510]: no place <&>\n\n2 errors, 1 warning, 1 note")
    assert formats.text([]) == ""
    assert formats.summary([]) == "no mistakes"


def test_a_span_of_several_lines_is_underlined_to_the_end_of_the_first() -> None:
    long = Diagnostic("CW1", "error", "m", Span("a", 1, 3, 4, 1), excerpt="a: bc")
    assert "1 | a: bc\n  |   ^^^" in formats.text([long])


def test_json_has_all_that_a_diagnostic_says() -> None:
    (record, note) = json.loads(formats.json([MISTAKE, NOTE]))
    assert record == {
        "code": "CW104",
        "severity": "error",
        "message": 'unknown key "form" in a transition',
        "path": "specs/a.yaml",
        "line": 11,
        "column": 7,
        "end_line": 11,
        "end_column": 11,
        "pointer": "/transitions/t/form",
        "hint": 'did you mean "from"?',
        "related": [
            {
                "message": "the other one",
                "path": "specs/b.yaml",
                "line": 2,
                "column": 3,
                "end_line": 2,
                "end_column": 4,
            }
        ],
    }
    assert note["path"] is None


def test_github_gets_escaped_commands() -> None:
    assert formats.github([MISTAKE, WARNING, NOTE]).split("\n") == [
        (
            "::error file=specs/a.yaml,line=11,col=7,endColumn=11,title=CW104::"
            'unknown key "form" in a transition%0Adid you mean "from"?'
        ),
        "::warning file=c%2Cd.yaml,line=1,col=1,title=CW410::nothing leads here: 100%25",
        "::notice title=CW510::no place <&>",
    ]


def test_sarif_is_a_log_with_rules_and_regions() -> None:
    log = json.loads(formats.sarif([MISTAKE, WARNING, NOTE]))
    assert log["version"] == "2.1.0"
    run = log["runs"][0]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["CW104", "CW410", "CW510"]
    first, second, third = run["results"]
    assert (first["level"], second["level"], third["level"]) == ("error", "warning", "note")
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "specs/a.yaml"},
        "region": {"startLine": 11, "startColumn": 7, "endLine": 11, "endColumn": 11},
    }
    assert first["relatedLocations"][0]["message"] == {"text": "the other one"}
    assert "locations" not in third


def test_junit_has_a_suite_for_each_file() -> None:
    root = ET.fromstring(formats.junit([MISTAKE, WARNING, NOTE]))
    assert root.attrib == {"name": "casewright validate", "tests": "3", "failures": "2"}
    assert [suite.get("name") for suite in root] == ["", "c,d.yaml", "specs/a.yaml"]
    failure = root.find("testsuite[@name='specs/a.yaml']/testcase/failure")
    assert failure is not None
    assert failure.get("message") == MISTAKE.message
    assert "help: did you mean" in (failure.text or "")


@pytest.mark.parametrize("form", ["json", "sarif", "junit", "github", "text"])
def test_every_format_takes_any_text(form: str) -> None:
    odd = Diagnostic("CW001", "error", "\x00\x1b]\u2028 <\"'>", Span("\x07.yaml", 1, 1))
    shown = getattr(formats, form)([odd])
    if form in ("json", "sarif"):
        json.loads(shown)
    if form == "junit":
        ET.fromstring(shown)
    assert shown


def test_without_diagnostics_documents_are_empty() -> None:
    assert json.loads(formats.json([])) == []
    assert json.loads(formats.sarif([]))["runs"][0]["results"] == []
    assert list(ET.fromstring(formats.junit([]))) == []
    assert formats.github([]) == ""


def test_text_shows_the_part_of_a_very_long_line_around_the_mistake() -> None:
    line = "x: " + "[" * 5_000
    text = formats.text(
        [Diagnostic("CW007", "error", "deep", Span("a", 1, 600, 1, 601), "", "", (), line)]
    )
    shown, mark = text.splitlines()[3:5]
    assert len(shown) < 180
    assert shown.endswith("...")
    assert shown[mark.index("^")] == "["
