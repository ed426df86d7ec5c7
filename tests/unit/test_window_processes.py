"""Two workers on one SQLite file that hear the same signals: shuffled, repeated, killed.

Whatever comes first and through whom, an item with enough alerts has one incident, on which every
alert is counted once; and it is the same one as where a single engine hears them in order.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from casewright.case import Actor
from casewright.rules.networks.durable import is_installed
from casewright.runtime import Engine, SystemClock

if TYPE_CHECKING:
    from pathlib import Path

    from casewright.rules.networks.choosing import Wanted

PACK = """
kind: pack
name: desk
schema: casewright/1
version: 1.0.0
---
kind: case_type
name: incident
state_flow: incident
fields:
  item: {type: string}
  alerts: {type: integer}
  first: {type: string, many: true}
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
transitions:
  seen: {from: "*", roles: [monitoring], do: [{set: {alerts: = alerts + 1}}]}
  close: {from: new, to: closed}
---
kind: rules
name: grouping
signals:
  alert: {roles: [monitoring], data: {item: {type: string}}}
correlations:
  noisy_item:
    key: item
    within: 30 minutes
    all: [{as: heard, on: alert, count: 5}]
    none: [{for: incident, when: state != "closed"}]
    do:
      - create:
          case_type: incident
          with: {item: = key, alerts: = count(heard), first: = heard.id}
          once_per: [= fired]
  further_alert:
    key: item
    within: 30 minutes
    all:
      - {as: open, for: incident, when: state != "closed"}
      - {as: more, on: alert, when: 'not(list contains(open.first, more.id))'}
    do: [{send: {event: seen, to: = open.id}}]
"""

WORKER = """
import datetime as dt, json, random, sys
from casewright.case import Actor
from casewright.runtime import Engine

pack, url, network, seed = sys.argv[1:]
alerts = json.loads(sys.stdin.readline())
rng = random.Random(int(seed))
own = [a for a in alerts if rng.random() < 0.7 or hash(a[0]) % 2 == int(seed) % 2]
own += rng.sample(own, len(own) // 4)
rng.shuffle(own)
engine = Engine.open(pack, url, network=network)
print("ready", flush=True)
sys.stdin.readline()
monitor = Actor("monitor", ("monitoring",))
for alert, item, at in own:
    when = dt.datetime.fromisoformat(at)
    out = engine.send(None, "alert", {"item": item}, actor=monitor, id=alert, occurred=when)
    print(out.status, flush=True)
engine.run_due()
engine.close()
"""

MONITOR = Actor("monitor", ("monitoring",))
COUNTS = {f"item{n}": (n % 3) * 4 + n % 4 + 1 for n in range(24)}
NOISY = {item: count for item, count in COUNTS.items() if count >= 5}


@pytest.fixture(params=["native", "durable"])
def network(request: pytest.FixtureRequest) -> Wanted:
    if request.param == "durable" and not is_installed():
        pytest.skip("durable-rules is not installed")
    return request.param  # type: ignore[no-any-return]  # as listed above


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    path = tmp_path / "desk.yaml"
    path.write_text(PACK)
    return path


def some_alerts() -> list[tuple[str, str, str]]:
    """Return id, item and instant of alerts of the last quarter of an hour."""
    now, rng = SystemClock().now(), random.Random(11)
    return [
        (f"{item}-{n}", item, (now - dt.timedelta(seconds=rng.randint(60, 900))).isoformat())
        for item, count in COUNTS.items()
        for n in range(count)
    ]


def a_worker(pack: Path, url: str, network: str, seed: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(pack), url, network, str(seed)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "0"},
    )


def say(worker: subprocess.Popen[str], line: str) -> None:
    assert worker.stdin is not None
    worker.stdin.write(line + "\n")
    worker.stdin.flush()


def hear(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout is not None
    return worker.stdout.readline().strip()


def begin(alerts: list[tuple[str, str, str]], *workers: subprocess.Popen[str]) -> None:
    for worker in workers:
        say(worker, json.dumps(alerts))
    for worker in workers:
        assert hear(worker) == "ready"
    for worker in workers:
        say(worker, "go")


def ended(worker: subprocess.Popen[str]) -> Counter[str]:
    out, _ = worker.communicate()
    assert worker.returncode == 0
    return Counter(out.split())


def in_order(pack: Path, alerts: list[tuple[str, str, str]]) -> dict[str, str]:
    """Return the incidents by item where one engine hears all alerts in order."""
    with Engine.open(pack, network="native") as engine:
        for alert, item, at in sorted(alerts, key=lambda one: one[2]):
            when = dt.datetime.fromisoformat(at)
            data = {"item": item}
            out = engine.send(None, "alert", data, actor=MONITOR, id=alert, occurred=when)
            assert out.status == "applied"
        return {case.fields["item"]: case.id for case in engine.cases()}


def check(pack: Path, url: str, alerts: list[tuple[str, str, str]]) -> None:
    with Engine.open(pack, url) as engine:
        engine.run_due()
        cases = engine.cases()
        assert Counter(case.fields["item"] for case in cases) == dict.fromkeys(NOISY, 1)
        assert {case.fields["item"]: case.fields["alerts"] for case in cases} == NOISY
        assert {case.fields["item"]: case.id for case in cases} == in_order(pack, alerts)
        assert engine.parked() == []
        assert engine.store.messages("", "pending", "case") == []
        assert engine.store.messages("", "refused") == engine.store.messages("", "dead") == []
        windows = engine.windows("noisy_item")
        assert {window.key for window in windows} == set(COUNTS)
        assert {engine.verify(window.id).status for window in windows} <= {
            "agrees",
            "unknown program",
        }


def test_two_workers_that_hear_the_same_open_one_incident_for_each_noisy_item(
    pack: Path, tmp_path: Path, network: Wanted
) -> None:
    url, alerts = f"sqlite:///{tmp_path}/cases.db", some_alerts()
    one, two = a_worker(pack, url, network, 2), a_worker(pack, url, network, 3)
    begin(alerts, one, two)
    said = ended(one) + ended(two)
    assert set(said) == {"applied", "duplicate"}
    assert said["applied"] == len(alerts)
    check(pack, url, alerts)


def test_worker_that_is_killed_and_comes_again_makes_nothing_twice_and_loses_nothing(
    pack: Path, tmp_path: Path
) -> None:
    url, alerts = f"sqlite:///{tmp_path}/cases.db", some_alerts()
    one, two = a_worker(pack, url, "auto", 2), a_worker(pack, url, "auto", 3)
    begin(alerts, one, two)
    for _ in range(20):
        assert hear(one)
    one.send_signal(signal.SIGKILL)
    assert one.wait() == -signal.SIGKILL
    one.communicate()
    again = a_worker(pack, url, "auto", 2)
    begin(alerts, again)
    ended(two)
    assert set(ended(again)) <= {"applied", "duplicate"}
    check(pack, url, alerts)
