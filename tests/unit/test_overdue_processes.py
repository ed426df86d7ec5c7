"""A process is killed between arming and firing; another starts a week later."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from casewright import Engine

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = START + timedelta(days=7)

PACK = """\
kind: pack
name: desk
schema: casewright/1
version: 1.0.0
---
kind: case_type
name: ticket
state_flow: ticket
fields: {nudges: {type: integer, default: 0}, breaches: {type: integer, default: 0}}
---
kind: state_flow
name: ticket
initial: open
states:
  open:
    timers:
      nudge: {after: 1 hour, overdue: POLICY, do: [{set: {nudges: = nudges + 1}}, {raise: nudged}]}
transitions: {nudged: {from: open, roles: [system]}}
---
kind: sla_definitions
name: ticket
for: ticket
slas:
  answer:
    target: 2 hours
    start: 'true'
    stop: {on: comment}
    thresholds: {breach: [{set: {breaches: = breaches + 1}}]}
"""

SCRIPT = """
import sys, time
from datetime import datetime
from casewright import Actor, Engine

class Stopped:
    is_owned = False
    def now(self): return datetime.fromisoformat(sys.argv[3])

engine = Engine.open(sys.argv[1], sys.argv[2], Stopped())
out = engine.create("ticket", {}, actor=Actor("ann"), case="t1")
print(out.status, flush=True)
time.sleep(600)
"""


class Stopped:
    """A clock that moves by itself, seen at one instant: a host does not own it."""

    is_owned = False

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def killed_after_arming(specs: Path, url: str) -> None:
    """Let another process create the case, which arms the timers, and kill it at once."""
    path = os.pathsep.join(p for p in sys.path if p)
    command = [sys.executable, "-c", SCRIPT, str(specs), url, START.isoformat()]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"applied"
        process.send_signal(signal.SIGKILL)


def run_at(specs: Path, url: str, at: datetime) -> tuple[list[str], int, int, dict[str, datetime]]:
    """Start again at an instant; return what ran, nudges, breaches and what is pending."""
    with Engine.open(specs, url, Stopped(at)) as engine:
        ran = [f"{o.event.data['timer']} {o.status}" for o in engine.run_due()]
        case = engine.get("t1")
        assert case is not None
        assert engine.verify("t1").status == "agrees"
        pending = {t.key: datetime.fromtimestamp(t.due_us / 1e6, UTC) for t in case.timers}
        return ran, case.fields["nudges"], case.fields["breaches"], pending


@pytest.mark.parametrize(
    ("policy", "nudges", "pending"),
    [
        ("fire", 1, {}),
        ("skip", 0, {}),
        ("restart", 0, {"state/open/nudge": LATER + timedelta(hours=1)}),
    ],
)
def test_a_week_after_a_kill_each_policy_is_kept_once(
    tmp_path: Path, policy: str, nudges: int, pending: dict[str, datetime]
) -> None:
    specs, url = tmp_path / "specs", f"sqlite:///{tmp_path}/cases.db"
    specs.mkdir()
    (specs / "pack.yaml").write_text(PACK.replace("POLICY", policy))
    killed_after_arming(specs, url)

    ran, nudged, breached, waits = run_at(specs, url, LATER)
    assert ran == ["state/open/nudge applied", "sla/answer/breach applied"]
    assert (nudged, breached, waits) == (nudges, 1, pending)
    assert run_at(specs, url, LATER) == ([], nudges, 1, pending)

    ran, nudged, breached, waits = run_at(specs, url, LATER + timedelta(hours=1))
    restarted = policy == "restart"
    assert ran == (["state/open/nudge applied"] if restarted else [])
    assert (nudged, breached, waits) == (1 if restarted else nudges, 1, {})
