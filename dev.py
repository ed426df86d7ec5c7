#!/usr/bin/env python3
"""Set up and drive the project with nothing but Python 3.11 and git.

``python3 dev.py demo`` and ``python3 dev.py test`` are the two commands of the README: each makes
``.venv`` and installs into it when that is missing or stale, then does its work. Only the standard
library may be imported here, and the syntax must parse on older Pythons so that they get a
message instead of a traceback.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import time
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / ".set-up"
OLDEST = (3, 11)

CHECKS: dict[str, list[str]] = {
    "pyright": ["basedpyright"],
    "mypy": ["mypy"],
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "layers": ["lint-imports", "--no-cache"],
    "schemas": ["casewright", "schema", "--check"],
    "validate": ["casewright", "validate", "specs"],
    "scenarios": ["casewright", "test", "specs"],
}
PYTEST = ["pytest", "-n", "2", "--cov", "--cov-report=term:skip-covered", "--durations=5"]


def wanted_stamp() -> str:
    """Return a text that changes when the environment has to be made again."""
    text = (ROOT / "pyproject.toml").read_bytes() + str(ROOT).encode() + sys.version.encode()
    return hashlib.sha256(text).hexdigest()


def set_up() -> None:
    """Make ``.venv`` and install the project with its tools, unless that was done already.

    The C extension behind the optional rules network is installed where a compiler is at hand;
    without it the plain Python network does the same work.
    """
    stamp = wanted_stamp()
    if STAMP.exists() and STAMP.read_text() == stamp:
        return
    print("setting up .venv (once, a minute or two) ...", flush=True)
    venv.EnvBuilder(with_pip=True, clear=True, upgrade_deps=False).create(VENV)
    install(".[dev]").check_returncode()
    if install(".[rules]", quiet=True).returncode:
        print("no C compiler for durable-rules: its tests are skipped, nothing else changes")
    STAMP.write_text(stamp)


def install(what: str, *, quiet: bool = False) -> subprocess.CompletedProcess[str]:
    """Install an editable requirement; show what pip says only where it fails."""
    pip = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-e", what]
    done = subprocess.run(pip, cwd=ROOT, check=False, capture_output=True, encoding="utf-8")
    if done.returncode and not quiet:
        print(done.stdout + done.stderr, file=sys.stderr)
    return done


def command(words: list[str]) -> list[str]:
    """Return the command line with the program taken from ``.venv``."""
    return [str(BIN / words[0]), *words[1:]]


def environment() -> dict[str, str]:
    """Return the environment of what runs here: tools of ``.venv`` first, no stray settings."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    return {**kept, "VIRTUAL_ENV": str(VENV), "PATH": f"{BIN}{os.pathsep}{kept.get('PATH', '')}"}


def run(words: list[str]) -> int:
    """Run a command of ``.venv`` in the foreground and return its exit code."""
    return subprocess.run(command(words), cwd=ROOT, env=environment(), check=False).returncode


def check(name: str) -> tuple[str, int, str, float]:
    """Run one check quietly; return its name, exit code, output and seconds."""
    start = time.monotonic()
    done = subprocess.run(
        command(CHECKS[name]),
        cwd=ROOT,
        env=environment(),
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    return name, done.returncode, done.stdout, time.monotonic() - start


def checks() -> list[str]:
    """Run every check that is not pytest, two at a time; return the names of the red ones."""
    red: list[str] = []
    with ThreadPoolExecutor(2) as pool:
        for name, code, output, seconds in pool.map(check, CHECKS):
            print(f"{'ok  ' if code == 0 else 'RED '} {name:<10} {seconds:5.1f} s", flush=True)
            if code:
                red.append(name)
                print(output, flush=True)
    return red


def demo(rest: list[str]) -> int:
    """Play a day of support cases and show what the engine made of it."""
    events = "specs/tech_product_support/demo/events.jsonl"
    code = run(["casewright", "run", "specs", "--events", events, "--format", "text", *rest])
    print("\nNext: python3 dev.py casewright --help   docs/new_case_type.md   docs/cli.md")
    return code


def test(rest: list[str]) -> int:
    """Run all checks and all tests; arguments go to pytest, which then runs alone."""
    if rest:
        return run(["pytest", *rest])
    red = checks()
    code = run(PYTEST)
    if red:
        print(f"red before pytest: {', '.join(red)}")
    return code or int(bool(red))


def fix(rest: list[str]) -> int:
    """Format the code and mend what ruff can mend."""
    where = rest or ["."]
    return run(["ruff", "check", "--fix", *where]) or run(["ruff", "format", *where])


def casewright(rest: list[str]) -> int:
    """Run the command line of the project."""
    return run(["casewright", *rest])


COMMANDS = {"demo": demo, "test": test, "fix": fix, "casewright": casewright}


def main() -> int:
    """Set up what is missing and run one command; return its exit code."""
    if sys.version_info < OLDEST:
        print(
            f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; this is {sys.version.split()[0]}"
        )
        return 2
    parser = argparse.ArgumentParser(prog="dev.py", description=(__doc__ or "").split("\n", 1)[0])
    names = parser.add_subparsers(dest="command", required=True, metavar="command")
    names.add_parser("setup", help="only make .venv")
    for name, function in COMMANDS.items():
        names.add_parser(name, help=(function.__doc__ or "").rstrip("."), add_help=False)
    known, rest = parser.parse_known_args()
    try:
        set_up()
        return COMMANDS[known.command](rest) if known.command in COMMANDS else 0
    except subprocess.CalledProcessError as err:
        print(f"set-up failed: {' '.join(err.cmd)} (exit code {err.returncode})")
        print("on Debian and Ubuntu, `apt install python3-venv` gives Python what it lacks")
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
