"""``casewright new``: a new pack from a template that works as it is."""

import re
from pathlib import Path
from typing import Annotated

import typer

from casewright.cli.door import FINE, UsageError
from casewright.cli.output import write

_NAME = "new_case"
_TITLE = "New case"
_PREFIX = "prefix: NC"


def new(
    name: Annotated[str, typer.Argument(help="Name of the pack and its case type, snake_case.")],
    title: Annotated[str | None, typer.Option(help="What people read; made of the name.")] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Where to; a folder of that name in this one.")
    ] = None,
) -> int:
    """Make a pack: states, one SLA, one table, one notification, one scenario."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise UsageError(f'"{name}" is no name: write small letters, digits and underscores')
    target = folder or Path(name)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target} exists already")
    for path, text in pack_files(name, title or name.replace("_", " ").capitalize()).items():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    write(f"{target} is ready. Next:")
    write(f"  casewright validate {target}")
    write(f"  casewright test {target} --coverage")
    write(f"  casewright graph {target} {name}")
    return FINE


def pack_files(name: str, title: str) -> dict[str, str]:
    """Return the texts of a new pack by path, relative to its folder."""
    template = Path(__file__).parent / "template"
    prefix = "".join(word[0] for word in name.split("_") if word).upper()[:4]
    return {
        path.relative_to(template).as_posix(): path.read_text("utf-8")
        .replace(_NAME, name)
        .replace(_TITLE, title)
        .replace(_PREFIX, f"prefix: {prefix}")
        for path in sorted(template.rglob("*.yaml"))
    }
