"""``casewright import-dmn`` and ``export-dmn``: tables of packs from and to DMN files."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.cli.door import FINDINGS, FINE, UsageError
from casewright.cli.output import write
from casewright.cli.validate import existing

if TYPE_CHECKING:
    from collections.abc import Callable

    from casewright.dmn.exchange.outward import PackTable
    from casewright.spec.pack_set import Spec


def export_dmn(
    paths: Annotated[list[Path], typer.Argument(help="Packs.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")],
) -> int:
    """Write the decision tables of packs as DMN 1.5 XML."""
    from casewright.dmn import save
    from casewright.dmn.exchange.outward import export_tables

    existing(paths)
    tables = _pack_tables(paths)
    if not tables:
        raise UsageError("there is no decision table in these packs")
    out.write_text(save(export_tables(out.stem, tables)), "utf-8")
    write(f"{out}: {len(tables)} decision tables")
    return FINE


def _pack_tables(paths: list[Path]) -> "list[PackTable]":
    """Return the tables of the packs that were asked for, not of those that they use."""
    from casewright.bind.places import plain
    from casewright.dmn import read_definition
    from casewright.dmn.exchange.outward import PackTable
    from casewright.errors import SpecError
    from casewright.spec.packs import load_packs

    packs, problems = load_packs(paths)
    if any(problem.severity == "error" for problem in problems):
        raise SpecError(problems)
    tables: dict[str, PackTable] = {}
    for spec in packs.all("decision_table"):
        if not packs.packs[spec.pack].is_given:
            continue
        definition, found = read_definition(spec.name, plain(spec.model), _csv_of(spec))
        if found:
            raise UsageError(f"{spec.qualified}: {found[0].message}")
        if spec.name in tables:
            raise UsageError(f'two packs have a table "{spec.name}"; export them one by one')
        tables[spec.name] = PackTable(
            definition, spec.model.title or "", spec.model.description or ""
        )
    return list(tables.values())


def _csv_of(spec: "Spec") -> "Callable[[str], str]":
    return lambda _: spec.csv.text if spec.csv is not None else ""


def import_dmn(
    file: Annotated[Path, typer.Argument(help="A DMN file of version 1.2 to 1.5.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder of the pack to make.")],
) -> int:
    """Make a pack of the decision tables in a DMN file; what is no table is named."""
    from casewright.dmn import load
    from casewright.dmn.exchange.inward import import_tables, snake
    from casewright.dmn.exchange.yaml_text import yaml_of

    existing([file])
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} exists already")
    model = load(file)
    tables, left_out = import_tables(model.definitions)
    for node in left_out:
        sys.stderr.write(f'{file}:{node.at.line}: left out "{node.name}": {node.reason}\n')
    if not tables:
        sys.stderr.write("nothing was imported\n")
        return FINDINGS
    out.mkdir(parents=True, exist_ok=True)
    name = snake(re.sub(r"\W+", " ", out.name))
    title = _quoted(model.name or name)
    head = f"kind: pack\nschema: casewright/1\nname: {name}\nversion: 1.0.0\ntitle: {title}\n"
    (out / "pack.yaml").write_text(head, "utf-8")
    (out / "tables.yaml").write_text("---\n".join(map(yaml_of, tables)), "utf-8")
    write(f"{out}: {len(tables)} decision tables")
    return FINDINGS if left_out else FINE


def _quoted(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)
