"""The door of the command line: exit codes, and no tracebacks for users."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from casewright.cli import main
from casewright.cli.door import FINDINGS, FINE, INTERRUPTED, PIPE_CLOSED, USAGE
from casewright.errors import Diagnostic, EventError, HostError, Span, SpecError

Capture = pytest.CaptureFixture[str]


Raising = Callable[[BaseException], None]


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> Raising:
    def install(error: BaseException) -> None:
        def dispatch(_: object) -> int:
            raise error

        monkeypatch.setattr("casewright.cli.door._dispatch", dispatch)

    return install


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (HostError("the store is gone"), USAGE, "error: the store is gone\n"),
        (EventError("no such type", "type"), USAGE, "error: type: no such type\n"),
        (FileNotFoundError(2, "No such file", "x.yaml"), USAGE, "error: x.yaml: no such file\n"),
        (KeyboardInterrupt(), INTERRUPTED, ""),
        (SystemExit(1), FINDINGS, ""),
    ],
)
def test_mistakes_of_users_have_a_code_and_one_line(
    error: BaseException, code: int, text: str, raising: Raising, capsys: Capture
) -> None:
    raising(error)
    assert main([]) == code
    assert capsys.readouterr().err == text


def test_mistakes_in_specs_are_findings_with_their_place(raising: Raising, capsys: Capture) -> None:
    place = Span("flow.yaml", 3, 5)
    raising(SpecError([Diagnostic("CW401", "error", 'unknown state "cloesd"', place)]))
    assert main([]) == FINDINGS
    assert "flow.yaml:3:5" in capsys.readouterr().err


def test_mistakes_of_the_engine_keep_their_traceback(raising: Raising) -> None:
    raising(ZeroDivisionError("a bug"))
    with pytest.raises(ZeroDivisionError):
        main([])


def test_a_closed_pipe_is_no_error_message() -> None:
    code = (
        "import sys; from casewright.cli import main\n"
        "import casewright.cli.door as m\n"
        "def dispatch(_):\n raise BrokenPipeError\n"
        "m._dispatch = dispatch\n"
        "sys.exit(main([]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (PIPE_CLOSED, b"")


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["bench", "step", "-h"]])
def test_help_is_there(arguments: list[str], capsys: Capture) -> None:
    assert main(arguments) == FINE
    assert "Usage: casewright" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["nonsense"], "No such command"),
        (["run", "specs"], "--events"),
        (["validate", "nowhere"], "nowhere: no such file or folder"),
        (["feel"], "an expression is needed"),
        (["feel", "1", "--context", "{"], "--context is no JSON"),
        (["feel", "1", "--context", "[]"], "--context is no JSON object"),
        (["new", "Big Name"], '"Big Name" is no name'),
        (["show", "specs", "c1"], "there are no cases to look at"),
    ],
)
def test_wrong_usage_is_two_and_says_what_is_wrong(
    arguments: list[str], text: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    assert main(arguments) == USAGE
    assert text in capsys.readouterr().err


def test_help_imports_no_room_of_the_engine() -> None:
    code = (
        "import json, sys; from casewright.cli import main; main(['--help'])\n"
        "rooms = {m.split('.')[1] for m in sys.modules if m.startswith('casewright.')}\n"
        "heavy = {'rich', 'yaml', 'pydantic', 'jinja2', 'asyncio'} & set(sys.modules)\n"
        "print('>>>' + json.dumps([sorted(rooms), sorted(heavy)]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    rooms, heavy = json.loads(done.stdout.rpartition(">>>")[2])
    assert rooms == ["cli", "errors"]
    assert heavy == []
