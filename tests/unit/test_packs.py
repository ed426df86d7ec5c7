"""Packs are found, what they use too; extending and overlays merge and keep their places."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.resources import specs_dir
from casewright.spec.drafts import KINDS
from casewright.spec.packs import load_packs, load_texts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from casewright.errors import Diagnostic
    from casewright.spec.pack_set import PackSet, Spec

BASE = """
kind: pack
name: basis
schema: casewright/1
version: "1"
"""
BASE_CASE = """
kind: case_type
name: case
title: Case
fields:
  first: {type: string, default: x}
  second: {type: string, max_length: 3}
"""
TECH = """
kind: pack
name: tech
schema: casewright/1
version: "1"
uses: [basis]
"""


def written(folder: Path, texts: Mapping[str, str]) -> Path:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), "utf-8")
    return folder


def packs_of(texts: Mapping[str, str], domain: str | None = None) -> tuple[PackSet, list[str]]:
    plain = {name: dedent(text).lstrip("\n") for name, text in texts.items()}
    pack_set, found = load_texts(plain, domain=domain)
    return pack_set, told(found)


def told(found: list[Diagnostic]) -> list[str]:
    return [f"{d.span}: {d.code} {d.message} | {d.hint}" for d in found]


def spec_of(pack_set: PackSet, kind: str, name: str, pack: str) -> Spec:
    spec = pack_set.find(kind, name, pack)
    assert spec is not None
    return spec


def two_packs(case: str, **more: str) -> dict[str, str]:
    head = "kind: case_type\nname: case\nextends: basis.case\n"
    texts = {"basis/pack.yaml": BASE, "basis/case.yaml": BASE_CASE, "tech/pack.yaml": TECH}
    extra = {name.replace("__", "/") + ".yaml": text for name, text in more.items()}
    return {**texts, "tech/case.yaml": head + dedent(case), **extra}


# Finding


def test_a_folder_with_pack_yaml_is_a_pack(tmp_path: Path) -> None:
    folder = written(tmp_path / "basis", {"pack.yaml": BASE, "a/b/case.yaml": BASE_CASE})
    pack_set, found = load_packs(folder)
    assert found == []
    assert spec_of(pack_set, "case_type", "case", "basis").path == str(folder / "a/b/case.yaml")


def test_a_folder_of_packs_is_all_of_them(tmp_path: Path) -> None:
    written(tmp_path, two_packs(""))
    pack_set, found = load_packs(str(tmp_path))
    assert found == []
    assert list(pack_set.packs) == ["basis", "tech"]


def test_a_pack_that_is_used_is_found_beside_the_one_that_uses_it(tmp_path: Path) -> None:
    written(tmp_path, two_packs(""))
    pack_set, found = load_packs([tmp_path / "tech"])
    assert found == []
    assert [(p.name, p.is_given) for p in pack_set.packs.values()] == [
        ("basis", False),
        ("tech", True),
    ]


def test_a_bundled_pack_is_found_by_its_name(tmp_path: Path) -> None:
    folder = written(tmp_path, {"mine/pack.yaml": TECH.replace("basis", "base")})
    pack_set, found = load_packs(folder / "mine")
    assert found == []
    assert pack_set.packs["base"].folder == specs_dir() / "base"


def test_a_file_of_a_pack_stands_for_the_pack(tmp_path: Path) -> None:
    written(tmp_path, two_packs(""))
    pack_set, _ = load_packs([tmp_path / "tech" / "case.yaml", tmp_path / "tech"])
    assert pack_set.find("pack", "tech", "tech") is not None


def test_a_file_of_a_pack_may_be_named_from_inside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, {"desk/pack.yaml": BASE, "desk/records/r.yaml": "kind: records\nname: r\n"})
    monkeypatch.chdir(tmp_path / "desk" / "records")
    pack_set, found = load_packs("r.yaml")
    assert found == []
    assert spec_of(pack_set, "records", "r", "basis").qualified == "basis.r"


def test_a_file_with_a_pack_document_is_a_pack(tmp_path: Path) -> None:
    folder = written(tmp_path, {"one.yaml": BASE + "---" + BASE_CASE})
    pack_set, found = load_packs(folder / "one.yaml")
    assert found == []
    assert list(pack_set.packs) == ["basis"]


def test_any_other_file_is_a_pack_that_may_name_bundled_ones(tmp_path: Path) -> None:
    text = "kind: case_type\nname: mine\nextends: base.case\n"
    folder = written(tmp_path, {"My cases.yaml": text})
    pack_set, found = load_packs(folder / "My cases.yaml")
    assert found == []
    assert spec_of(pack_set, "case_type", "mine", "my_cases").extends == ("base.case",)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    _, found = load_packs([tmp_path / "nowhere", tmp_path / "empty"])
    assert [d.code for d in found] == ["CW205", "CW001"]


def test_a_file_outside_the_pack_is_not_read(tmp_path: Path) -> None:
    written(tmp_path, {"secret.yaml": BASE_CASE, "tech/pack.yaml": BASE})
    (tmp_path / "tech" / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    pack_set, found = load_packs(tmp_path / "tech")
    assert [d.code for d in found] == ["CW210"]
    assert pack_set.find("case_type", "case", "basis") is None


def test_bundled_packs_are_without_mistakes() -> None:
    assert told(load_packs(specs_dir())[1]) == []


# Names


def test_a_bare_name_is_of_the_pack_and_a_qualified_one_of_one_that_it_uses() -> None:
    pack_set, found = packs_of(two_packs(""))
    assert found == []
    assert spec_of(pack_set, "case_type", "case", "tech").qualified == "tech.case"
    assert spec_of(pack_set, "case_type", "basis.case", "tech").qualified == "basis.case"
    assert spec_of(pack_set, "case_type", "tech.case", "tech").qualified == "tech.case"
    assert pack_set.find("case_type", "tech.case", "basis") is None
    assert pack_set.candidates("case_type", "tech") == ["case", "basis.case"]
    assert pack_set.candidates("case_type", "basis") == ["case"]
    assert pack_set.candidates("case_type", "nowhere") == []


def test_a_spec_that_is_broken_is_known_but_not_found() -> None:
    pack_set, found = packs_of({"a.yaml": "kind: records\nname: r\nfields: {a: {}}\n"})
    assert found == [
        'a.yaml:3:10: CW105 the key "type" is missing in a field | type: the type of its values'
    ]
    assert pack_set.find("records", "r", "a") is None
    assert pack_set.is_known("records", "r", "a")
    assert not pack_set.is_known("records", "other", "a")


def test_a_spec_whose_mistakes_have_a_sure_cure_is_there_as_if_it_were_cured() -> None:
    text = "kind: records\nname: r\nfelds: {A b: {type: strng, many: yes, read: agent}}\nrows: \n"
    pack_set, found = packs_of({"a.yaml": text})
    assert [line.split(": ")[0] + ": " + line.split(": ")[1][:5] for line in found] == [
        "a.yaml:3:1: CW104",
        "a.yaml:3:9: CW108",
        "a.yaml:3:21: CW107",
        "a.yaml:3:34: CW106",
        "a.yaml:3:45: CW106",
        "a.yaml:4:6: CW106",
    ]
    spec = spec_of(pack_set, "records", "r", "a")
    field = {"type": "string", "many": True, "read": ["agent"]}
    assert spec.data["fields"] == {"a_b": field}
    assert str(spec.span("/fields/a_b/many")) == "a.yaml:3:34"


def test_in_a_pack_that_lost_a_document_any_name_may_be_known() -> None:
    pack_set, _ = packs_of({"a.yaml": "kind: records\nname: r\n---\na: %\n"})
    assert pack_set.is_known("records", "other", "a")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a", '1:1: CW101 a document is a map with kind and name | begin with "kind: ..."'),
        ("name: a", "1:1: CW102 the document has no kind | kinds are pack, case_type"),
        ("kind: record\nname: a", '1:7: CW103 unknown kind "record" | did you mean "records"?'),
        ("kind: records", '1:1: CW105 the key "name" is missing in records | name: unique'),
        (
            "kind: records\nname: Big Data",
            '2:7: CW108 "Big Data" is not a name in snake_case | write "big_data"',
        ),
        (
            "kind: records\nname: a\n---\nkind: records\nname: a",
            '5:7: CW203 the records "a" exists twice in this pack | rename one of the two',
        ),
        (
            BASE.strip() + "\n---\n" + BASE.strip(),
            "7:7: CW205 a second pack document | a pack has one",
        ),
        (
            BASE.strip().replace("/1", "/2"),
            (
                "3:9: CW204 casewright/2 is newer than this engine reads | this engine reads "
                "casewright/1; use a newer one for this pack"
            ),
        ),
        (
            BASE.strip().replace("casewright/1", "one"),
            '3:9: CW204 "one" is no version of the language | write casewright/1',
        ),
        (
            BASE.strip() + "\nuses: [bose]",
            '5:8: CW201 unknown pack "bose" | did you mean "base"?',
        ),
        (
            "kind: state_flow\nname: a\nextends: b",
            '3:10: CW206 unknown state_flow "b" | ',
        ),
        (
            "kind: state_flow\nname: a\nextends: b\n---\nkind: state_flow\nname: b\nextends: a",
            "3:10: CW207 these extend each other in a circle: a -> b -> a | ",
        ),
    ],
)
def test_a_mistake_in_a_pack_is_told_once(text: str, message: str) -> None:
    _, found = packs_of({"f.yaml": text})
    assert len(found) == 1, found
    assert found[0].startswith("f.yaml:" + message)


def test_packs_that_use_each_other_are_told() -> None:
    texts = {"basis/pack.yaml": BASE + "uses: [tech]\n", "tech/pack.yaml": TECH}
    pack_set, found = packs_of(texts)
    assert found == [
        (
            "tech/pack.yaml:5:8: CW202 packs use each other in a circle: basis -> tech -> basis | "
            "move what both need into a pack of its own"
        )
    ]
    assert sorted(pack_set.packs) == ["basis", "tech"]


def test_two_packs_of_one_name_are_told() -> None:
    _, found = packs_of({"a/pack.yaml": BASE, "b/pack.yaml": BASE})
    assert found == [
        'b/pack.yaml:2:7: CW212 another pack is named "basis" too | rename one of the two'
    ]


def test_a_pack_must_be_used_to_be_extended() -> None:
    texts = two_packs("")
    texts["tech/pack.yaml"] = TECH.replace("[basis]", "[]")
    _, found = packs_of(texts)
    assert found == [
        (
            'tech/case.yaml:3:10: CW206 unknown case_type "basis.case" | '
            'put "basis" into the uses of pack.yaml'
        )
    ]


# Merging


def test_extending_merges_maps_by_key_in_place() -> None:
    pack_set, found = packs_of(
        two_packs("fields: {third: {type: text}, second: {max_length: 5}, first: null}\n")
    )
    assert found == []
    spec = spec_of(pack_set, "case_type", "case", "tech")
    assert list(spec.data["fields"].items()) == [
        ("second", {"type": "string", "max_length": 5}),
        ("third", {"type": "text"}),
    ]
    assert spec.model.title is None
    assert spec.extends == ("basis.case",)


def test_merged_parts_keep_their_place_and_pack() -> None:
    pack_set, _ = packs_of(two_packs("fields:\n  second: {max_length: 5}\n"))
    spec = spec_of(pack_set, "case_type", "case", "tech")
    assert str(spec.span("/fields/second/max_length")) == "tech/case.yaml:5:24"
    assert str(spec.span("/fields/second/type")) == "basis/case.yaml:6:18"
    assert str(spec.span("/fields/first")) == "basis/case.yaml:5:3"
    assert spec.origin("/fields/second/type") == "basis"
    assert spec.origin("/fields/second/max_length") == "tech"
    assert spec.excerpt("/fields/first") == "  first: {type: string, default: x}"


def test_a_mistake_in_the_base_is_told_once_and_at_its_place() -> None:
    texts = two_packs("")
    texts["basis/case.yaml"] = BASE_CASE.replace("max_length: 3", "max_length: 0")
    _, found = packs_of(texts)
    assert found == ["basis/case.yaml:6:38: CW109 0 is too small | the least is 1"]


def test_removing_what_is_not_there_is_told() -> None:
    _, found = packs_of(two_packs("fields: {frist: null}\n"))
    assert found == [
        (
            'tech/case.yaml:4:10: CW213 "frist" is to be removed, but there is none | '
            "null removes what is there; remove the line"
        )
    ]


def test_a_chain_of_extending_is_merged_from_the_bottom() -> None:
    flow = "kind: state_flow\nname: {}\nextends: {}\nstates: {{{}: {{}}}}\n---\n"
    text = flow.format("c", "b", "z") + flow.format("b", "a", "y")
    text += "kind: state_flow\nname: a\ninitial: x\nstates: {x: {}}\n"
    pack_set, found = packs_of({"f.yaml": text})
    assert found == []
    spec = spec_of(pack_set, "state_flow", "c", "f")
    assert list(spec.data["states"]) == ["x", "y", "z"]
    assert spec.extends == ("f.b", "f.a")


def test_a_very_long_chain_of_extending_is_told() -> None:
    flows = ["kind: state_flow\nname: a0\ninitial: x\nstates: {x: {}}\n"]
    flows += [f"kind: state_flow\nname: a{n}\nextends: a{n - 1}\n" for n in range(1, 400)]
    _, found = packs_of({"f.yaml": "---\n".join(reversed(flows))})
    assert {line.split(": ")[1][:5] for line in found} == {"CW207"}


OVERLAY = """
kind: overlay
name: {name}
domain: {name}
of: {of}
change:
  case_type:
    case: {change}
"""


def overlay(name: str, of: str, change: str, parent: str = "") -> str:
    text = OVERLAY.format(name=name, of=of, change=change)
    return text + (f"parent: {parent}\n" if parent else "")


def changed(texts: dict[str, str], domain: str | None) -> Any:
    pack_set, found = packs_of(texts, domain)
    assert found == []
    return spec_of(pack_set, "case_type", "case", "tech").data["fields"]


def test_an_overlay_changes_a_pack_for_its_domain_only() -> None:
    texts = two_packs(
        "fields: {third: {type: text}}\n",
        tech__acme=overlay("acme", "tech", "{fields: {third: {required: true}, first: null}}"),
    )
    assert changed(texts, None)["third"] == {"type": "text"}
    assert changed(texts, "acme") == {
        "second": {"type": "string", "max_length": 3},
        "third": {"type": "text", "required": True},
    }
    assert packs_of(texts)[0].domains == ("acme",)


def test_an_overlay_of_the_base_reaches_what_extends_it() -> None:
    texts = two_packs("", basis__acme=overlay("acme", "basis", "{fields: {first: {default: y}}}"))
    assert changed(texts, "acme")["first"] == {"type": "string", "default": "y"}


def test_the_overlay_of_a_parent_domain_goes_first() -> None:
    texts = two_packs(
        "",
        tech__a=overlay("child", "tech", "{fields: {a: {title: Child}}}", "group"),
        tech__b=overlay("group", "tech", "{fields: {a: {type: text, title: Group}}}"),
    )
    assert changed(texts, "child")["a"] == {"type": "text", "title": "Child"}


def test_a_mistake_of_an_overlay_is_told_at_the_overlay() -> None:
    texts = two_packs("", tech__a=overlay("acme", "tech", "{fields: {first: {defalt: y}}}"))
    _, found = packs_of(texts, "acme")
    assert found == [
        'tech/a.yaml:7:29: CW104 unknown key "defalt" in a field | did you mean "default"?'
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            overlay("acme", "teck", "{}"),
            'tech/a.yaml:4:5: CW208 unknown pack "teck" | did you mean "tech"?',
        ),
        (
            overlay("acme", "tech", "{}").replace("case:", "caze:"),
            'tech/a.yaml:7:5: CW209 the pack "tech" has no case_type "caze" | did you mean "case"?',
        ),
        (
            overlay("acme", "tech", "{}", "gruop"),
            'tech/a.yaml:8:9: CW215 no overlay has the domain "gruop" | ',
        ),
    ],
)
def test_an_overlay_of_nothing_is_told_without_its_domain(text: str, message: str) -> None:
    assert packs_of(two_packs("", tech__a=text))[1] == [message]


def test_what_an_overlay_changes_is_checked_without_its_domain() -> None:
    change = "{fields: {first: {defalt: y, many: yes}, second: null, third: {type: [text]}}}"
    texts = two_packs("", tech__a=overlay("acme", "tech", change))
    assert packs_of(texts)[1] == [
        'tech/a.yaml:7:29: CW104 unknown key "defalt" in a field | did you mean "default"?',
        'tech/a.yaml:7:46: CW106 "many" is the text "yes"; true or false is expected | write true',
        'tech/a.yaml:7:74: CW106 "type" is a list; a text is expected | ',
    ]


def test_a_second_overlay_of_a_domain_is_told() -> None:
    one = overlay("acme", "tech", "{}")
    texts = two_packs("", tech__a=one, tech__b=one.replace("name: acme", "name: other"))
    assert packs_of(texts)[1] == [
        (
            'tech/b.yaml:2:7: CW214 a second overlay of "tech" for the domain "acme" | '
            "put the two together"
        )
    ]


# CSV


RECORDS = "kind: records\nname: r\nfields: {n: {type: string}}\ncsv: "


def test_a_csv_file_lies_beside_the_spec_that_names_it(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        {
            "pack.yaml": BASE,
            "data/r.yaml": RECORDS + "r.csv",
            "data/r.csv": 'id,n\n1,a\n\n2,"b,\nc"\n',
        },
    )
    pack_set, found = load_packs(folder)
    assert found == []
    csv = spec_of(pack_set, "records", "r", "basis").csv
    assert csv is not None
    assert csv.header == ("id", "n")
    assert csv.rows == (("1", "a"), ("2", "b,\nc"))
    assert csv.lines == (2, 4)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../r.csv", 'CW210 "../r.csv" lies outside the pack | name a file of this pack'),
        ("/etc/hostname", 'CW210 "/etc/hostname" lies outside the pack | name a file of this pack'),
        (
            "none.csv",
            (
                'CW211 cannot read "none.csv" | name a UTF-8 file of at most 4000000 bytes, '
                "relative "
                "to this one"
            ),
        ),
    ],
)
def test_a_csv_file_lies_in_the_pack(tmp_path: Path, name: str, message: str) -> None:
    written(tmp_path, {"r.csv": "id\n1\n", "basis/pack.yaml": BASE, "basis/r.yaml": RECORDS + name})
    found = told(load_packs(tmp_path / "basis")[1])
    assert found == [f"{tmp_path}/basis/r.yaml:4:6: {message}"]
    assert packs_of({"b/pack.yaml": BASE, "b/r.yaml": RECORDS + name})[1] == [
        f"b/r.yaml:4:6: {message}"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "b/r.csv:1:1: CW211 the file is empty | "),
        (
            "id,n\n1\n",
            (
                "b/r.csv:2:1: CW211 this row has 1 cells, the first line has 2 | "
                "a cell with a comma is put in double quotes"
            ),
        ),
        ('id\n"a\n', "b/r.csv:2:1: CW211 no CSV: unexpected end of data | "),
    ],
)
def test_a_broken_csv_file_is_told(text: str, message: str) -> None:
    texts = {"b/pack.yaml": BASE, "b/r.yaml": RECORDS + "r.csv", "b/r.csv": text}
    assert packs_of(texts)[1] == [message]


# Anything


_WORDS = st.sampled_from(
    [*KINDS, "a", "b", "a.b", "kind", "name", "extends", "of", "change", "domain", "uses", "csv"]
)
_DATA = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(0, 3), _WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(_WORDS, inner, max_size=4)
    ),
    max_leaves=12,
)


def document(kind: str, body: dict[str, Any]) -> str:
    return as_yaml({"kind": kind, "name": "a", **body})


def as_yaml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {as_yaml(v)}" for k, v in value.items()) + "}"  # pyright: ignore[reportUnknownVariableType] # any value
    if isinstance(value, list):
        return "[" + ", ".join(map(as_yaml, value)) + "]"  # pyright: ignore[reportUnknownArgumentType] # any value
    return {None: "null", True: "true", False: "false"}.get(value, str(value))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.builds(
            document,
            st.sampled_from(KINDS),
            st.dictionaries(_WORDS, _DATA, max_size=4),
        ),
        max_size=4,
    )
)
def test_loading_never_raises_on_any_documents(texts: list[str]) -> None:
    pack_set, found = load_texts({"f.yaml": "\n---\n".join(texts)}, domain="a")
    assert all(diagnostic.code.startswith("CW") for diagnostic in found)
    for pack in pack_set.packs.values():
        assert all(spec.span().line >= 1 for spec in pack.specs)
