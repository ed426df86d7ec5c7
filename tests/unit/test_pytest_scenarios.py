"""pytest collects the scenarios of a pack, and nothing else; without any it costs nothing."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from casewright.cli.new import pack_files

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    for path, text in pack_files("desk", "Desk").items():
        file = tmp_path / "desk" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path / "desk"


def ran(folder: Path, *more: str) -> tuple[int, str]:
    plugin = ("-p", "no:casewright", "-p", "casewright_plugins.pytest_scenarios")
    command = (sys.executable, "-m", "pytest", *plugin, "-p", "no:cacheprovider", *more)
    done = subprocess.run(
        [*command, str(folder)], cwd=folder, check=False, capture_output=True, text=True
    )
    return done.returncode, done.stdout


def test_each_scenario_is_a_test(desk: Path) -> None:
    code, out = ran(desk, "-v")
    assert code == 0, out
    assert "scenarios/first_steps.yaml::first_steps PASSED" in out
    assert "scenarios/first_steps.yaml::nobody_answers PASSED" in out
    assert "2 passed" in out


def test_a_failure_shows_what_differs_and_no_traceback(desk: Path) -> None:
    scenario = desk / "scenarios" / "first_steps.yaml"
    scenario.write_text(scenario.read_text().replace("priority: 1", "priority: 7"))
    code, out = ran(desk)
    assert code == 1
    assert "scenario first_steps" in out
    assert "      expected 7\n      came     1\n" in out
    assert "Traceback" not in out
    assert "1 failed, 1 passed" in out


def test_a_pack_with_mistakes_is_an_error_with_their_places(desk: Path) -> None:
    flow = desk / "state_flow.yaml"
    flow.write_text(flow.read_text().replace("to: done", "to: doen"))
    code, out = ran(desk)
    assert code == 2
    assert 'unknown state "doen"' in out
    assert "state_flow.yaml:16" in out


def test_other_yaml_is_left_alone(desk: Path) -> None:
    (desk / "scenarios" / "first_steps.yaml").rename(desk / "elsewhere.yaml")
    code, out = ran(desk)
    assert (code, "no tests ran" in out) == (5, True)


def test_a_run_without_scenarios_never_imports_the_engine() -> None:
    code = (
        "import sys, casewright_plugins.pytest_scenarios\n"
        "print([m for m in sys.modules if m.partition('.')[0] in ('casewright', 'pytest')])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"
