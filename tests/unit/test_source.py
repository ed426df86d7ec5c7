"""Reading YAML: what scalars become, where everything stands, what is refused and how."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.spec.nodes import DEFAULT_LIMITS, Limits
from casewright.spec.source import load, load_file, load_text

if TYPE_CHECKING:
    from casewright.errors import Diagnostic


def data(text: str) -> list[Any]:
    loaded = load_text(dedent(text))
    assert loaded.diagnostics == ()
    return [document.data for document in loaded.documents]


def place_of(diagnostic: Diagnostic) -> str:
    assert diagnostic.span is not None
    return f"{diagnostic.span.line}:{diagnostic.span.column}"


def told(text: str, limits: Limits = DEFAULT_LIMITS) -> list[str]:
    loaded = load_text(dedent(text), "f.yaml", limits=limits)
    return [f"{place_of(d)} {d.code} {d.message}" for d in loaded.diagnostics]


def hints(text: str) -> list[str]:
    return [d.hint for d in load_text(dedent(text)).diagnostics]


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("on", "on"),
        ("no", "no"),
        ("True", "True"),
        ("true", True),
        ("false", False),
        ("17:00", "17:00"),
        ("1:30", "1:30"),
        ("010", "010"),
        ("2026-01-01", "2026-01-01"),
        ("2026-03-02T09:00:00-08:00", "2026-03-02T09:00:00-08:00"),
        ("0", 0),
        ("-3", -3),
        ("+3", 3),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.50", Decimal("1.5")),
        ("1.0", 1),
        (".5", Decimal("0.5")),
        ("1e3", 1000),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ("-", "-"),
        ("~", None),
        ("null", None),
        ("= now", "= now"),
        ("=", "="),
        ("'5'", "5"),
        ("!!str 5", "5"),
        ("9" * 200, "9" * 200),
    ],
)
def test_a_plain_scalar_is_read_as_yaml_1_2_core(typed: str, value: Any) -> None:
    if typed == "-":
        assert data("a: '-'") == [{"a": "-"}]
        return
    assert data(f"a: {typed}") == [{"a": value}]


def test_every_key_is_a_text() -> None:
    assert data("{1: a, on: b, 50%: c, true: d, null: e}") == [
        {"1": "a", "on": "b", "50%": "c", "true": "d", "null": "e"}
    ]


def test_a_file_holds_several_documents() -> None:
    assert data("a: 1\n---\nb: 2\n---\n# nothing\n...\n") == [{"a": 1}, {"b": 2}]


def test_line_ends_of_other_systems_are_line_ends() -> None:
    assert data("a: 1\r\nb: 2\r\n") == [{"a": 1, "b": 2}]


def test_an_alias_stands_for_its_anchor() -> None:
    assert data("a: &x [1, 2]\nb: *x") == [{"a": [1, 2], "b": [1, 2]}]


def test_a_pointer_leads_to_line_and_column() -> None:
    document = load_text("a:\n  b: [x, {c: yes}]\n", "f.yaml").documents[0]
    assert str(document.span("/a/b/1/c")) == "f.yaml:2:14"
    assert str(document.span("/a/b/1/c", key=True)) == "f.yaml:2:11"
    assert str(document.span("/a/b")) == "f.yaml:2:3"
    assert str(document.span("/a/missing/deeper")) == "f.yaml:1:1"


@pytest.mark.parametrize(
    ("text", "word", "place"),
    [
        ("a: one two", "two", "1:8"),
        ("a: 'it''s two'", "two", "1:11"),
        ('a: "x\\ty two"', "two", "1:10"),
        ("a: one\n   more\n   two three", "two", "3:4"),
        ("a: |\n  one\n    two\n", "two", "3:5"),
        ("a: >\n  one\n  two\n\n  three", "three", "5:3"),
        ('a: "one\n  two"', "two", "2:3"),
        ("a: >-\n\n  one\n\n  two", "two", "5:3"),
    ],
)
def test_an_offset_in_a_scalar_has_a_place(text: str, word: str, place: str) -> None:
    document = load_text(text).documents[0]
    start = document.data["a"].index(word)
    span = document.scalar_span("/a", start, start + len(word))
    assert f"{span.line}:{span.column}" == place
    assert span.end_column == span.column + len(word)


def test_a_repeated_key_is_told_with_both_places() -> None:
    found = load_text("a:\n  b: 1\n  c: 2\n  b: 3\n", "f.yaml").diagnostics
    assert [str(d.span) for d in found] == ["f.yaml:4:3"]
    assert found[0].code == "CW004"
    assert found[0].pointer == "/a/b"
    assert [str(r.span) for r in found[0].related] == ["f.yaml:2:3"]


def test_a_tag_is_refused() -> None:
    assert told("a: !!python/object/apply:os.system [ls]") == [
        '1:4 CW005 the tag "!!python/object/apply:os.system" has no meaning here'
    ]


def test_an_alias_bomb_is_refused() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for before, after in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{after}: &{after} [{', '.join(['*' + before] * 10)}]")
    loaded = load_text("\n".join(lines), limits=Limits(nodes=5000))
    assert [d.code for d in loaded.diagnostics] == ["CW006"]
    assert loaded.documents == ()
    assert not loaded.is_whole


def test_an_alias_of_what_it_stands_in_is_refused() -> None:
    assert told("a: &a [*a]") == ['1:8 CW006 no anchor "&a" is complete above this alias']


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_deep_nesting_is_refused(opening: str) -> None:
    found = told(opening * 3000, Limits(depth=20))
    assert len(found) == 1
    assert "CW007 maps and lists are nested deeper than 20" in found[0]


def test_a_key_that_is_no_text_is_refused() -> None:
    assert told("{{ name }}: 1")[0] == "1:1 CW009 a key is a map or a list"


def test_a_tab_is_told() -> None:
    assert told("a:\n\tb: 1\n") == ["2:1 CW003 a tab indents this line"]
    assert hints("a:\n\tb: 1\n") == ["indent with spaces only"]


def test_a_missing_space_is_told_and_reading_goes_on() -> None:
    loaded = load_text("a: 1\nname:foo\nb: 2\n", "f.yaml")
    assert [(str(d.span), d.hint) for d in loaded.diagnostics] == [
        ("f.yaml:2:5", "write name: foo")
    ]
    assert loaded.documents[0].data == {"a": 1, "name": "foo", "b": 2}
    assert str(loaded.documents[0].span("/name")) == "f.yaml:2:6"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 'x\nb: 1\n", "1:4 CW003 the quote that opens here is not closed"),
        ("a: {b: 1\nc: 2\n", '1:4 CW003 the "{" that opens here lacks a "," or "}"'),
        ("a: [b\nc: 2\n", '1:4 CW003 the "[" that opens here lacks a "," or "]"'),
        ("a: %x", '1:4 CW003 a plain text cannot begin with "%"'),
        ("a: {b: c}}", '1:10 CW003 this "}" closes nothing'),
        ('a: "x\\y"', '1:6 CW003 in double quotes "\\" begins an escape'),
        ("a: *", '1:4 CW003 a plain text cannot begin with "*"'),
        ("a:\n  b: 1\n c: 2\n", "3:2 CW003 this line does not continue what is above it"),
        ("a: \x00", "1:4 CW003 YAML: the character 0 is not allowed"),
    ],
)
def test_a_syntax_error_is_told_in_words(text: str, message: str) -> None:
    assert told(text) == [message]


def test_documents_after_a_broken_one_are_read() -> None:
    loaded = load_text("a: %\n---\nb: 2\n---\nc: %\n---\nd: 4\n")
    assert [place_of(d)[0] for d in loaded.diagnostics] == ["1", "5"]
    assert not loaded.is_whole
    assert [document.data for document in loaded.documents] == [{"b": 2}, {"d": 4}]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ('when: if a then "b: c" else d', """write when: 'if a then "b: c" else d'"""),
        ('when: a = " #1"', """write 'a = " #1"'"""),
        ("{when: f(a, b), to: x}", "write 'f(a, b)'"),
        ("{when: x in [1, 2], to: x}", "write 'x in [1, 2]'"),
        ('[= tasks[state = "new"]]', """write '= tasks[state = "new"]'"""),
        ("{to: = {a: 1}.a, b: 2}", "write '= {a: 1}.a'"),
        ("{when: a: b}", "write 'a: b'"),
        ('when: "gold" = tier', """write '"gold" = tier'"""),
        ('- "x" = y', """write '"x" = y'"""),
        ('{a: 1, when: "gold" = tier, c: 2}', """write '"gold" = tier'"""),
        ("when: [1, 2][1] = 3", "write '[1, 2][1] = 3'"),
        ("when: {a: 1}.a = 1", "write '{a: 1}.a = 1'"),
        ("size: > 5", "write '> 5'"),
        ("{size: > 5, b: 1}", "write '> 5'"),
        ("size: [1..5)\nb: 1", "write '[1..5)'"),
        ("a: 'it's'", "write 'it''s'"),
        ('a: "say "hi""', """write 'say "hi"'"""),
    ],
)
def test_an_expression_that_yaml_cuts_is_shown_in_quotes(text: str, form: str) -> None:
    loaded = load_text(text)
    assert [(d.code, d.hint) for d in loaded.diagnostics] == [("CW008", form)]
    assert len(loaded.documents) == 1


def test_a_cut_expression_leaves_no_other_mistakes_behind() -> None:
    loaded = load_text("{when: f(a, b), do: [x(y, z), w]}")
    assert loaded.documents[0].data == {"when": "f(a, b)", "do": ["x(y, z)", "w"]}


@pytest.mark.parametrize(
    "text",
    ["a: b # comment", "a: (b # c", 'a: He said "hi # there', "[a, b]", "{a: it's, b: 5 inch}"],
)
def test_what_is_not_cut_is_left_alone(text: str) -> None:
    assert load_text(text).diagnostics == ()


def test_positions_after_a_repair_are_those_that_were_typed() -> None:
    document = load_text("{a: f(b, c), d: x: y, e: end}").documents[0]
    assert document.span("/e").column == 26


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: " + "b" * 100)
    found = load_file(path, limits=Limits(file_bytes=50)).diagnostics
    assert [d.message for d in found] == ["the file has more than 50 bytes"]


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a: 1\nb: \xff\n")
    found = load_file(path).diagnostics
    assert [(d.code, place_of(d)) for d in found] == [("CW001", "2:1")]


def test_a_file_that_does_not_exist_is_told() -> None:
    assert [d.code for d in load(Path("nowhere.yaml")).diagnostics] == ["CW001"]


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert load_file(path).documents[0].data == {"a": 1}


_PIECES = st.sampled_from(
    ["a", ": ", "- ", "\n", "  ", "{", "}", "[", "]", ",", '"', "'", "#", " #", "&a", "*a", "|\n",
     ">", "!", "---\n", "\t", "%", "?", "1", "(", ")", "é", "\U0001f600", "\u2028", "\\", "=", "<<"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES, max_size=40).map("".join))
def test_reading_never_raises_on_near_yaml(text: str) -> None:
    loaded = load_text(text)
    for document in loaded.documents:
        for node in document.root.walk():
            assert node.span.line >= 1
            assert node.span.column >= 1
        document.scalar_span("", 0, 3)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_reading_never_raises_on_any_text(text: str) -> None:
    for document in load_text(text).documents:
        assert document.data == document.root.plain()
