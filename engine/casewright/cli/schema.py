"""``casewright schema``: writes the JSON Schemas of the spec language, or checks them."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from casewright.cli.door import FINDINGS, FINE, UsageError
from casewright.cli.output import write


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
    from casewright.spec.schema import write_schemas, written_schemas

    target = folder or schemas_dir()
    if write_to:
        target.mkdir(parents=True, exist_ok=True)
        changed = write_schemas(target)
        write(f"{len(changed)} of {len(written_schemas())} schemas changed in {target}")
        return FINE
    if check:
        return _drift(target)
    if kind is None:
        write("\n".join(written_schemas()))
        return FINE
    return _one(kind)


def _one(kind: str) -> int:
    from casewright.spec.schema import file_name, schema_text, written_schemas

    schemas = written_schemas()
    found = schemas.get(kind) or schemas.get(file_name(kind))
    if found is None:
        raise UsageError(f'no kind "{kind}"; there are {", ".join(schemas)}')
    write(schema_text(found).rstrip("\n"))
    return FINE


def _drift(folder: Path) -> int:
    from casewright.spec.schema import differing_files

    differing = differing_files(folder)
    for name in differing:
        sys.stderr.write(f"{folder / name}: not what the models say\n")
    if differing:
        sys.stderr.write("run: casewright schema --write\n")
        return FINDINGS
    write("the schemas are as the models say")
    return FINE
