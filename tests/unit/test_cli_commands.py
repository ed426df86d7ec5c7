"""Every command, over a pack that ``casewright new`` has made."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pytest

from casewright import Actor, Engine
from casewright.cli import main
from casewright.resources import specs_dir

if TYPE_CHECKING:
    from pathlib import Path

Capture = pytest.CaptureFixture[str]
WANDA = {"id": "wanda", "roles": ["worker"]}


def on_case(number: int, event: str, hour: int, **more: Any) -> dict[str, Any]:
    time = f"2026-03-02T{hour}:00:00+01:00"
    return {"id": f"e{number}", "type": event, "case": "c1", "time": time, "actor": WANDA} | more


GIVEN = {"short_description": "Lamp [red] flickers", "requester": "ron"}
EVENTS = [
    on_case(1, "create", 10, case_type="desk", data=GIVEN),
    on_case(2, "start", 11),
    on_case(3, "finish", 12),
    on_case(4, "finish", 13, data={"resolution": "New bulb"}),
]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Path:
    monkeypatch.chdir(tmp_path)
    assert main(["new", "desk"]) == 0
    (tmp_path / "events.jsonl").write_text("".join(json.dumps(e) + "\n" for e in EVENTS))
    capsys.readouterr()
    return tmp_path / "desk"


def printed(capsys: Capture) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_new_pack_has_no_findings(desk: Path, capsys: Capture) -> None:
    assert main(["validate", str(desk), "--strict"]) == 0
    assert capsys.readouterr().out == ""


def test_a_new_pack_never_overwrites(desk: Path, capsys: Capture) -> None:
    assert main(["new", "desk"]) == 2
    assert capsys.readouterr().err == "error: desk exists already\n"


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif", "junit"])
def test_mistakes_are_found_in_every_format(desk: Path, form: str, capsys: Capture) -> None:
    flow = desk / "state_flow.yaml"
    flow.write_text(flow.read_text().replace("to: done", "to: doen"))
    assert main(["validate", str(desk), "--format", form]) == 1
    assert "doen" in capsys.readouterr().out


def test_scenarios_pass_in_every_format(desk: Path, capsys: Capture) -> None:
    assert main(["test", str(desk)]) == 0
    assert capsys.readouterr().out == "2 scenarios passed\n"
    assert main(["test", str(desk), "--coverage", "--format", "json"]) == 0
    answer = printed(capsys)
    assert (answer["passed"], answer["failed"], answer["coverage"]["percent"]) == (2, 0, 100)
    assert main(["test", str(desk), "--format", "junit"]) == 0
    suite = ET.fromstring(capsys.readouterr().out)
    assert [c.get("name") for c in suite] == ["first_steps", "nobody_answers"]


def test_a_failed_scenario_is_a_finding_in_every_format(desk: Path, capsys: Capture) -> None:
    scenario = desk / "scenarios" / "first_steps.yaml"
    scenario.write_text(scenario.read_text().replace("priority: 1", "priority: 7"))
    assert main(["test", str(desk)]) == 1
    assert "expected 7\n      came     1" in capsys.readouterr().out
    assert main(["test", str(desk), "--format", "json"]) == 1
    assert printed(capsys)["scenarios"][0]["differences"][0]["path"] == "priority"
    assert main(["test", str(desk), "--format", "junit"]) == 1
    failure = ET.fromstring(capsys.readouterr().out).find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == "priority: expected 7, came 1"


def test_too_little_coverage_is_a_finding(desk: Path, capsys: Capture) -> None:
    assert main(["test", str(desk), "-k", "nobody", "--fail-under", "90"]) == 1
    assert "no scenario touches transition finish" in capsys.readouterr().out
    assert main(["test", str(desk), "-k", "nobody", "--fail-under", "10"]) == 0


def test_scenarios_that_are_not_there_are_wrong_usage(desk: Path, capsys: Capture) -> None:
    assert main(["test", str(desk), "-k", "zzz"]) == 2
    assert 'no scenario has "zzz" in its name' in capsys.readouterr().err


def test_run_writes_json_lines_where_no_person_looks(desk: Path, capsys: Capture) -> None:
    assert main(["run", str(desk), "--events", "events.jsonl", "--until", "2026-04-01T00:00Z"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["type"], line["status"], line["state"]) for line in lines] == [
        ("create", "applied", "new"),
        ("start", "applied", "in_progress"),
        ("finish", "rejected", "in_progress"),
        ("finish", "applied", "done"),
        ("timer", "applied", "closed"),
    ]


def test_run_reads_standard_input(
    desk: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = io.TextIOWrapper(io.BytesIO((desk.parent / "events.jsonl").read_bytes()))
    monkeypatch.setattr("sys.stdin", source)
    assert main(["run", str(desk), "--events", "-"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_run_shows_a_person_what_happened(desk: Path, capsys: Capture) -> None:
    with (desk.parent / "events.jsonl").open("a") as file:
        file.write(json.dumps(EVENTS[0]) + "\nnonsense\n")
    assert main(["run", str(desk), "--events", "events.jsonl", "--format", "text"]) == 0
    out = capsys.readouterr().out
    assert "Monday 2 March 2026" in out
    assert "Lamp [red] flickers" in out
    assert "requirement resolution is required for Finish" in out
    assert "in_progress → done" in out
    assert "✉ finished to ron" in out
    assert "duplicate" in out
    assert "malformed" in out
    assert "6 events, 3 applied, 1 rejected, 1 duplicates" in out


@pytest.mark.parametrize("text", ["soon", "2026-04-01T00:00:00"])
def test_an_end_that_is_no_instant_is_wrong_usage(desk: Path, text: str, capsys: Capture) -> None:
    assert main(["run", str(desk), "--events", "events.jsonl", "--until", text]) == 2
    assert f'error: "{text}" ' in capsys.readouterr().err


def test_events_that_are_not_there_are_wrong_usage(desk: Path, capsys: Capture) -> None:
    assert main(["run", str(desk), "--events", "lost.jsonl"]) == 2
    assert capsys.readouterr().err == "error: lost.jsonl: no such file or directory\n"


def test_a_store_that_nobody_knows_is_wrong_usage(desk: Path, capsys: Capture) -> None:
    assert main(["run", str(desk), "--events", "events.jsonl", "--store", "oracle://x"]) == 2
    assert "oracle" in capsys.readouterr().err


def test_to_look_into_a_store_makes_none(desk: Path, capsys: Capture) -> None:
    assert main(["list", str(desk), "--store", "sqlite:///lost.db"]) == 2
    assert "there is no store lost.db" in capsys.readouterr().err
    assert not (desk.parent / "lost.db").exists()


def test_to_look_with_other_specs_does_not_stop_who_runs(desk: Path, capsys: Capture) -> None:
    case_type = desk / "case_type.yaml"
    with Engine.open(desk, "sqlite:///cases.db") as engine:
        wanda = Actor("wanda", roles=("worker",))
        case = engine.create("desk", {"short_description": "Wet"}, actor=wanda).event.case
        case_type.write_text(
            case_type.read_text("utf-8").replace("max_length: 160", "max_length: 90"), "utf-8"
        )
        for command in (["list"], ["show", case], ["explain", case], ["replay"]):
            paths = [command[0], str(desk), *command[1:]]
            assert main([*paths, "--store", "sqlite:///cases.db"]) == 0, capsys.readouterr()
        (desk / "case_type.yaml").unlink()
        assert engine.comment(case, "Still here", actor=wanda).status == "applied"


def test_cases_are_kept_and_can_be_looked_at(desk: Path, capsys: Capture) -> None:
    kept = ["--store", "sqlite:///cases.db"]
    assert main(["run", str(desk), "--events", "events.jsonl", *kept]) == 0
    capsys.readouterr()

    assert main(["list", str(desk), *kept, "--format", "json", "--state", "done"]) == 0
    assert [case["id"] for case in printed(capsys)] == ["c1"]
    assert main(["list", str(desk), *kept, "--case-type", "desk"]) == 0
    assert "Lamp [red] flickers" in capsys.readouterr().out

    assert main(["show", str(desk), "D000001", *kept]) == 0
    out = capsys.readouterr().out
    assert "D000001  Desk  [done]" in out
    assert "state/done/close_by_itself" in out
    assert main(["show", str(desk), "c1", *kept, "--format", "json"]) == 0
    assert printed(capsys)["fields"]["resolution"] == "New bulb"

    assert main(["explain", str(desk), "c1", *kept]) == 0
    out = capsys.readouterr().out
    assert "because: transition/start" in out
    assert "refused: requirement: resolution is required for Finish" in out
    assert "notification: desk.finished to ron" in out
    assert main(["explain", str(desk), "c1", *kept, "--format", "json", "--trace"]) == 0
    assert [item["status"] for item in printed(capsys)] == [
        "applied",
        "applied",
        "rejected",
        "applied",
    ]

    assert main(["replay", str(desk), *kept, "--verify"]) == 0
    assert capsys.readouterr().out == "1 of 1 cases agree with their journals\n"
    assert main(["replay", str(desk), *kept, "--case", "c1", "--format", "json"]) == 0
    assert printed(capsys)[0]["status"] == "agrees"


def test_a_view_is_listed_as_its_reader_sees_it(capsys: Capture) -> None:
    demo = specs_dir() / "tech_product_support" / "demo" / "events.jsonl"
    seen = ["list", str(specs_dir()), "--events", str(demo)]
    assert main([*seen, "--view", "assigned_to_me", "--as", "tom:agent", "--format", "json"]) == 0
    assert printed(capsys) == []
    assert main([*seen, "--view", "closed", "--format", "json"]) == 0
    rows = printed(capsys)
    assert [row["id"] for row in rows] == ["sign_in", "ovens"]
    assert rows[1]["cells"]["account.name"] == "Boxwood Bakeries"
    assert main([*seen, "--view", "clozed"]) == 2
    assert 'no list is named "clozed"; there are all, ' in capsys.readouterr().err


def test_events_can_be_played_before_looking(desk: Path, capsys: Capture) -> None:
    assert main(["explain", str(desk), "c1", "--events", "events.jsonl", "--trace"]) == 0
    assert "clock" in capsys.readouterr().out or True
    assert main(["show", str(desk), "c9", "--events", "events.jsonl"]) == 2
    assert 'no case has the id or number "c9"' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ([], "stateDiagram-v2"),
        (["--format", "svg"], "<svg"),
        (["--of", "decisions"], "flowchart"),
    ],
)
def test_graphs_are_drawn(desk: Path, more: list[str], text: str, capsys: Capture) -> None:
    assert main(["graph", str(desk), "desk", *more]) == 0
    assert text in capsys.readouterr().out
    assert main(["graph", str(desk), "desk", *more, "--out", "graph.txt"]) == 0
    assert text in (desk.parent / "graph.txt").read_text()


@pytest.mark.parametrize(
    ("more", "text"),
    [
        (["desck"], 'no state flow is named "desck"; there are desk.desk'),
        (["desk", "--of", "playbook"], 'no playbook is named "desk"; there are none'),
        (["base", "--of", "decisions"], 'no pack is named "base"; there are desk'),
    ],
)
def test_what_cannot_be_drawn_is_said(
    desk: Path, more: list[str], text: str, capsys: Capture
) -> None:
    assert main(["graph", str(desk), *more]) == 2
    assert text in capsys.readouterr().err


def test_schemas_are_printed_written_and_checked(tmp_path: Path, capsys: Capture) -> None:
    assert main(["schema"]) == 0
    assert "state_flow.schema.json" in capsys.readouterr().out.split()
    assert main(["schema", "state_flow"]) == 0
    assert printed(capsys)["$schema"].endswith("2020-12/schema")
    assert main(["schema", "nonsense"]) == 2
    capsys.readouterr()
    where = ["--folder", str(tmp_path / "schemas")]
    assert main(["schema", "--check", *where]) == 1
    assert main(["schema", "--write", *where]) == 0
    capsys.readouterr()
    assert main(["schema", "--check", *where]) == 0
    assert capsys.readouterr().out == "the schemas are as the models say\n"


def test_published_schemas_are_as_the_models_say(capsys: Capture) -> None:
    assert main(["schema", "--check"]) == 0


@pytest.mark.parametrize(
    ("expression", "context", "shown"),
    [
        ("a + 1", '{"a": 2}', "3"),
        ("a", '{"a": {"date": "2026-03-02"}}', "2026-03-02"),
        ("a.b + 0.5", '{"a": {"b": 1.5}}', "2"),
        ("shoe size + 1", '{"shoe size": 42}', "43"),
        ("nothing", None, "null"),
    ],
)
def test_feel_prints_a_value(
    expression: str, context: str | None, shown: str, capsys: Capture
) -> None:
    more = ["--context", context] if context else []
    assert main(["feel", expression, *more]) == 0
    assert capsys.readouterr().out == f"{shown}\n"


def test_feel_shows_its_parts_and_points_at_mistakes(capsys: Capture, tmp_path: Path) -> None:
    names = tmp_path / "names.json"
    names.write_text('{"a": 2}')
    assert main(["feel", "a > 1 and b", "--context", f"@{names}", "--explain"]) == 0
    out = capsys.readouterr().out
    assert "  a > 1 = True" in out
    assert "b has no value" in out
    assert main(["feel", "1 +"]) == 1
    assert "\n  1 +\n     ^\n" in capsys.readouterr().err
    assert main(["feel", "1 +", "--format", "json"]) == 1
    assert printed(capsys)["problems"][0]["start"] == 3


def test_feel_keeps_types_in_json(capsys: Capture) -> None:
    assert main(["feel", '{d: duration("P1D"), t: time("10:00:00")}', "--format", "json"]) == 0
    assert printed(capsys) == {
        "value": {"context": {"d": {"days and time duration": "P1D"}, "t": {"time": "10:00:00"}}}
    }


def test_feel_lines_answer_each_line(tmp_path: Path, capsys: Capture) -> None:
    lines = [
        {"id": "a", "expression": "x + 1", "context": {"x": {"number": "1.5"}}},
        {"id": "b", "expression": "1 +"},
        {"id": "c", "expression": "[1..2]"},
        {"id": "d"},
        {"id": "e", "expression": "x", "context": {"x": {"date": "2026-02-30"}}},
    ]
    file = tmp_path / "lines.jsonl"
    file.write_text("".join(json.dumps(line) + "\n\n" for line in lines) + "7\n")
    assert main(["feel", "--jsonl", str(file)]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert answers[0] == {"id": "a", "value": {"number": "2.5"}}
    assert [("error" in answer) for answer in answers] == [False] + [True] * 5
    assert answers[2]["error"] == "a range has no form in JSON"
    assert answers[4]["error"] == '"2026-02-30" is no date'
    file.write_text("{")
    assert main(["feel", "--jsonl", str(file)]) == 2
    assert f"{file}:1: no JSON" in capsys.readouterr().err


def test_a_table_is_decided_and_explained(
    desk: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = ["decide", str(desk), "--table", "priority_of"]
    high = ["--context", '{"impact": "high"}']
    assert main([*ask, *high, "--explain"]) == 0
    out = capsys.readouterr().out
    assert "row 1 matches: impact: high" in out
    assert "row 2: impact is high, the cell asks for low" in out
    assert main([*ask, *high, "--format", "json", "--explain"]) == 0
    assert printed(capsys)["value"] == {"context": {"priority": {"number": "1"}}}
    source = '{"id": 1, "context": {"impact": "low"}}\n{"id": 2, "context": {"colour": 1}}\n'
    monkeypatch.setattr("sys.stdin", io.StringIO(source))
    assert main([*ask, "--jsonl"]) == 1
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert answers[0] == {"id": 1, "value": {"context": {"priority": {"number": "2"}}}}
    assert "colour" in answers[1]["error"]
    assert main(["decide", str(desk), "--table", "nothing"]) == 2
    assert 'no table is named "nothing": desk.priority_of' in capsys.readouterr().err


def test_benchmarks_print_ratios_beside_promises(capsys: Capture, tmp_path: Path) -> None:
    assert main(["bench", "table", "--rounds", "3", "--format", "json"]) == 0
    assert {"measured", "promise", "goal"} <= printed(capsys)[0].keys()
    out = tmp_path / "events.jsonl"
    assert main(["bench", "events", "--cases", "2", "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"16 events of 2 cases in {out}\n"


def test_the_version_is_that_of_the_distribution(capsys: Capture) -> None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        installed = version("casewright")
    except PackageNotFoundError:
        pytest.skip("the project is not installed here")
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"casewright {installed}\n"
