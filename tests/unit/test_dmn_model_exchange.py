"""Tables of packs go out to DMN and come back without loss; both sides decide alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from casewright import dmn
from casewright.cli import main
from casewright.dmn.exchange.inward import import_tables, snake
from casewright.dmn.exchange.outward import PackTable, export_tables
from casewright.dmn.exchange.yaml_text import yaml_of
from casewright.dmn.model.boxed import TableBox
from casewright.spec.source import load_text

DATA = Path(__file__).parents[1] / "data" / "dmn"
EVERYTHING = (DATA / "everything.yaml").read_text("utf-8")


def plain(text: str) -> Any:
    return load_text(text, "table.yaml").documents[0].data


def read(text: str) -> PackTable:
    data = plain(text)
    definition, problems = dmn.read_definition(data["name"], data)
    assert not problems
    return PackTable(definition, data.get("title", ""), data.get("description", ""))


def told(table: PackTable) -> Any:
    """Return what a table says, without places, ``*`` and ``-`` taken for one."""
    made = table.definition
    both: list[Any] = [*made.inputs, *made.outputs]
    columns = [(c.name, c.type, c.language, c.choices, c.to, c.many) for c in both]
    more = [c.expression for c in made.inputs] + [
        c.default.text if c.default else None for c in made.outputs
    ]
    rows = [["*" if c.text == "-" else c.text for c in (*r.inputs, *r.outputs)] for r in made.rows]
    head = (made.name, made.hit_policy, made.aggregation, table.title, table.description)
    return head, columns, more, rows


def test_a_table_comes_back_as_it_went() -> None:
    table = read(EVERYTHING)
    (back,), left_out = import_tables(dmn.load(dmn.save(export_tables("m", [table]))).definitions)
    assert not left_out
    assert told(back) == told(table)
    assert told(read(yaml_of(back))) == told(table)


PLAIN = """
kind: decision_table
name: plain
hit_policy: first
inputs: {word: {type: string}, n: {type: number}, tags: {type: string, many: true}}
outputs: {answer: {type: string}}
rules: |
  word   | n   | tags     || answer
  a, b   | > 5 | x        || one
  not(a) | -   | not(x)   || two
         | -   | *        || three
  *      | -   |          || four
"""


@pytest.mark.parametrize("word", ["a", "b", "c", "", None])
@pytest.mark.parametrize("n", [3, 7, None])
@pytest.mark.parametrize("tags", [["x"], ["x", "y"], ["y"], [], None])
def test_both_forms_decide_alike(word: str | None, n: int | None, tags: list[str] | None) -> None:
    model = dmn.load(dmn.save(export_tables("m", [read(PLAIN)])))
    inputs = {"word": word, "n": n, "tags": tags}
    answer = dmn.load_table(plain(PLAIN)).evaluate(inputs)
    assert model.evaluate("plain", inputs) == (answer and answer["answer"])


def test_cells_are_feel_in_the_model() -> None:
    box = export_tables("m", [read(EVERYTHING)]).decisions[0].logic
    assert isinstance(box, TableBox)
    first = box.rules[0]
    assert first.inputs[0].text == '"a", "b, c"'
    assert first.inputs[4].text == 'some item in ? satisfies item in ("x", "y")'
    assert [text.text for text in first.outputs] == [
        '"one"',
        '"high"',
        '["p", "q"]',
        '"8 business hours"',
        "amount + 1",
    ]


def test_tables_share_the_inputs_of_a_name() -> None:
    other = read(PLAIN.replace("name: plain", "name: other").replace("n: {type: number}", "n: any"))
    made = export_tables("m", [read(PLAIN), other])
    kinds = {node.name: node.variable.type_ref for node in made.inputs}
    assert kinds == {"word": "string", "n": "", "tags": ""}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Pre-bureau Risk", "pre_bureau_risk"), ("isAffordable", "is_affordable"), ("1 a", "t_1_a")],
)
def test_names_become_names_of_packs(name: str, expected: str) -> None:
    assert snake(name) == expected


DRAWN = (DATA / "loan.dmn").read_text("utf-8")


def test_the_commands_take_a_file_in_and_out_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, pack, again = tmp_path / "loan.dmn", tmp_path / "loan", tmp_path / "again.dmn"
    file.write_text(DRAWN, "utf-8")
    assert main(["import-dmn", str(file), "--out", str(pack)]) == 1
    assert 'left out "Twice": its logic is no decision table' in capsys.readouterr().err
    assert "applicant_age || eligibility\n" in (pack / "tables.yaml").read_text("utf-8")
    assert main(["export-dmn", str(pack), "--out", str(again)]) == 0
    assert dmn.load(again).definitions.decisions[0].label == "Eligibility"
    assert main(["import-dmn", str(file), "--out", str(pack)]) == 2


def test_decide_takes_a_file_and_explains(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "loan.dmn"
    file.write_text(DRAWN, "utf-8")
    asked = ["decide", str(file), "--context", '{"Applicant Age": 20}', "--table"]
    assert main([*asked, "Twice"]) == 0
    assert capsys.readouterr().out == "40\n"
    assert main([*asked, "Twice", "--format", "json", "--explain"]) == 0
    assert '"Twice": {' in capsys.readouterr().out
    assert main([*asked, "Thrice"]) == 2
    assert 'no decision "Thrice"; did you mean "Twice"?' in capsys.readouterr().err


def test_rows_go_out_as_csv_and_come_back() -> None:
    table = read(EVERYTHING)
    text = dmn.csv_of(table.definition)
    data = {**plain(EVERYTHING), "rules": {"csv": "rows.csv"}}
    definition, problems = dmn.read_definition("everything", data, lambda _: text)
    assert not problems
    assert told(PackTable(definition, table.title, table.description)) == told(table)
