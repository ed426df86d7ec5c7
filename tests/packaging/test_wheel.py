"""The wheel, built and installed somewhere else, is whole: no checkout beside it is needed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = ("schemas", "specs")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]


def run(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    clean = {
        k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV_", "COVERAGE"))
    }
    return subprocess.run(
        [str(w) for w in words],
        cwd=cwd,
        env=clean,
        check=False,
        capture_output=True,
        encoding="utf-8",
    )


def tracked(folder: str) -> set[str]:
    listed = run("git", "ls-files", folder, cwd=ROOT)
    return set(listed.stdout.split())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel built from what git tracks, so that nothing lying about slips in."""
    source = tmp_path_factory.mktemp("source")
    for name in run("git", "ls-files", cwd=ROOT).stdout.split():
        if (ROOT / name).is_file():
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    out = tmp_path_factory.mktemp("dist")
    # hatchling is a tool of development, so no network is needed here
    pip = (sys.executable, "-m", "pip", "wheel", "-q", "--no-build-isolation", "--no-deps")
    built = run(*pip, "-w", out, source, cwd=out)
    assert built.returncode == 0, built.stdout + built.stderr
    (found,) = out.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of programs of a fresh environment that has the wheel.

    Its dependencies are read from the environment that runs the tests; the project itself is not.
    """
    home = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.EnvBuilder(with_pip=False).create(home)
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    pip = (sys.executable, "-m", "pip", "--python", programs / "python", "install", "-q")
    done = run(*pip, "--no-deps", wheel, cwd=home)
    assert done.returncode == 0, done.stderr
    site = min(home.glob("lib/python*/site-packages"))
    (site / "dependencies.pth").write_text(str(site_packages()) + "\n")
    return programs


def site_packages() -> Path:
    import msgspec

    return Path(msgspec.__file__).parents[1]


def test_the_wheel_carries_all_schemas_and_packs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {n for n in archive.namelist() if n.startswith("casewright/_data/")}
    expected = {f"casewright/_data/{name}" for folder in DATA for name in tracked(folder)}
    assert names == expected


def test_the_wheel_is_marked_as_typed(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {"casewright/py.typed", "casewright_plugins/py.typed"} <= names


def test_the_installed_engine_is_the_wheel(installed: Path, tmp_path: Path) -> None:
    done = run(
        installed / "python",
        "-c",
        "import casewright.resources as r; print(r.specs_dir())",
        cwd=tmp_path,
    )
    assert Path(done.stdout.strip()).is_relative_to(installed.parent), done.stderr


def test_the_installed_command_validates_and_runs_the_shipped_packs(
    installed: Path, tmp_path: Path
) -> None:
    where = run(
        installed / "python",
        "-c",
        "import casewright.resources as r; print(r.specs_dir())",
        cwd=tmp_path,
    )
    specs = Path(where.stdout.strip())
    command = installed / "casewright"

    validated = run(command, "validate", specs, cwd=tmp_path)
    assert validated.returncode == 0, validated.stdout + validated.stderr

    demo = specs / "tech_product_support" / "demo" / "events.jsonl"
    ran = run(command, "run", specs, "--events", demo, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert {line["status"] for line in lines} <= {"applied", "rejected", "duplicate"}
    assert any(line["status"] == "applied" for line in lines)
