"""``casewright schema``: writes the JSON Schemas of the spec language, or checks them."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from casewright.cli.main import FINDINGS, FINE, UsageError
from casewright.cli.output import write, write_json


def schema(
    kind: Annotated[str | None, typer.Argument(help="Print the schema of one kind.")] = None,
    write_to: Annotated[
        bool, typer.Option("--write", help="Write all schemas into the folder.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Compare the folder with the models; exit code 1.")
    ] = False,
    folder: Annotated[
        Path | None, typer.Option(help="The folder; that of this installation without it.")
    ] = None,
) -> int:
    """Print, write or check the JSON Schemas (2020-12), one for each kind."""
    from casewright.resources import schemas_dir
    from casewright.spec.schema import published

    texts = published()
    target = folder or schemas_dir()
    if write_to:
        target.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (target / name).write_text(text, "utf-8")
        write(f"{len(texts)} schemas written to {target}")
        return FINE
    if check:
        return _drift(texts, target)
    if kind is None:
        write("\n".join(texts))
        return FINE
    return _one(texts, kind)


def _one(texts: dict[str, str], kind: str) -> int:
    import json

    for name, text in texts.items():
        if name in (kind, f"{kind}.json", f"{kind}.schema.json"):
            write_json(json.loads(text))
            return FINE
    raise UsageError(f'no kind "{kind}"; there are {", ".join(texts)}')


def _drift(texts: dict[str, str], folder: Path) -> int:
    found = {p.name: p.read_text("utf-8") for p in sorted(folder.glob("*.json"))}
    wrong = [f"{n}: missing" for n in texts if n not in found]
    wrong += [f"{n}: no kind has it" for n in found if n not in texts]
    wrong += [f"{n}: differs from the models" for n in texts if n in found and found[n] != texts[n]]
    for line in wrong:
        sys.stderr.write(line + "\n")
    if wrong:
        sys.stderr.write("run: casewright schema --write\n")
        return FINDINGS
    write(f"{len(texts)} schemas are as the models say")
    return FINE
