"""Signals and windows on the command line: run, show, test, and which network runs what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from casewright.cli import main
from casewright.rules.networks.durable import is_installed

if TYPE_CHECKING:
    from pathlib import Path

PACK = """
kind: pack
name: desk
schema: casewright/1
version: 1.0.0
---
kind: case_type
name: incident
state_flow: incident
fields: {item: {type: string}}
---
kind: roles
name: desk
for: incident
roles: {monitoring: {may: [create, read, update]}}
---
kind: state_flow
name: incident
initial: new
states: {new: {}, closed: {final: true}}
transitions: {close: {from: new, to: closed, roles: [monitoring]}}
---
kind: rules
name: grouping
signals: {alert: {roles: [monitoring], data: {item: {type: string}, level: {type: integer}}}}
correlations:
  noisy_item:
    key: item
    within: 30 minutes
    all: [{as: heard, on: alert, count: 2}]
    none: [{for: incident, when: state != "closed"}]
    do: [{create: {case_type: incident, with: {item: = key + " " + string(max(heard.level))}}}]
---
kind: scenario
name: grouping
start: 2026-03-02T09:00:00Z
actors: {m: {roles: [monitoring]}}
steps:
  - {by: m, do: alert, with: {item: r1, level: 1}}
  - {by: m, do: alert, with: {item: r1, level: 2}, expect: {created: {incident: 1}}}
"""


@pytest.fixture
def pack(tmp_path: Path) -> str:
    path = tmp_path / "desk.yaml"
    path.write_text(PACK)
    return str(path)


@pytest.fixture
def events(tmp_path: Path) -> str:
    path = tmp_path / "events.jsonl"
    lines = [
        {
            "id": f"a{n}",
            "type": "alert",
            "time": f"2026-03-02T09:0{n}:00Z",
            "actor": {"id": "m", "roles": ["monitoring"]},
            "data": {"item": "r1" if n < 2 else "r2", "level": n},
        }
        for n in range(3)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return str(path)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 0
    return capsys.readouterr().out


def test_run_tells_what_windows_made_of_signals(
    pack: str, events: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(capsys, "run", pack, "--events", events, "--format", "text")
    assert "r1         ● noisy_item" in text
    assert "fired 1" in text
    assert "+ incident" in text
    assert "4 events, 4 applied" in text
    assert "4 observations in windows" in text


def test_window_is_shown_by_correlation_and_key(
    pack: str, events: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(capsys, "show", pack, "noisy_item/r2", "--events", events)
    assert "desk.noisy_item of r2 [open], has not fired" in text
    assert "alert a2" in text
    assert "level 2" in text
    assert "ends 2026-03-02T09:32:00Z" in text
    shut = said(capsys, "show", pack, "noisy_item/r1", "--events", events)
    assert "fired once" in shut
    assert "since 2026-03-02T09:01:00Z" in shut
    form = ("--events", events, "--format", "json")
    window = json.loads(said(capsys, "show", pack, "window/desk.noisy_item/r2", *form))
    assert list(window["observations"]) == ["a2"]


def test_window_that_is_not_there_is_a_usage_error(
    pack: str, events: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", pack, "noisy_item/r9", "--events", events]) == 2
    assert 'there is no window "window/desk.noisy_item/r9"' in capsys.readouterr().err


def test_validate_says_which_network_runs_a_correlation_and_why(
    pack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(capsys, "validate", pack, "-v", "--network", "native")
    assert "desk.noisy_item runs on the native network: the native network was chosen" in text
    assert "runs on" not in said(capsys, "validate", pack)


@pytest.mark.parametrize("network", ["auto", "native", "durable"])
def test_scenarios_and_events_run_on_the_network_that_is_asked_for(
    pack: str, events: str, network: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if network == "durable" and not is_installed():
        assert main(["test", pack, "--network", network]) == 2
        assert "is not installed" in capsys.readouterr().err
        return
    assert "1 scenario passed" in said(capsys, "test", pack, "--network", network)
    lines = said(capsys, "run", pack, "--events", events, "--format", "json")
    chosen = said(capsys, "run", pack, "--events", events, "--format", "json", "--network", network)
    assert chosen == lines
