"""``casewright replay``: checks stored cases against their journals."""

from pathlib import Path
from typing import Annotated

import typer

from casewright.cli.door import FINDINGS, FINE
from casewright.cli.opening import EventsOption, StoreOption, found_case, open_engine
from casewright.cli.output import Format, write, write_json, write_table

_GOOD = ("agrees",)


def replay(
    paths: Annotated[list[Path], typer.Argument(help="Packs.")],
    store: StoreOption = None,
    events: EventsOption = None,
    case: Annotated[str | None, typer.Option(help="Only this case: id or number.")] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Also run every step again and compare.")
    ] = False,
    format: Annotated[Format, typer.Option(help="How it is printed.")] = Format.TEXT,
) -> int:
    """Rebuild cases from the journal and compare them with what is stored."""
    engine = open_engine(paths, store, events)
    cases = engine.cases() if case is None else [found_case(engine, case)]
    verdicts = [(found, engine.verify(found.id)) for found in cases]
    bad = [v for _, v in verdicts if v.status not in _GOOD and (verify or v.status == "corrupt")]
    if format is Format.JSON:
        write_json(
            [
                {
                    "case": found.id,
                    "number": found.number,
                    "status": verdict.status,
                    "revision": verdict.revision,
                    "message": verdict.message,
                }
                for found, verdict in verdicts
            ]
        )
    else:
        rows = [(f.number or f.id, v.status, v.revision, v.message) for f, v in verdicts]
        shown_rows = [row for row in rows if row[1] not in _GOOD]
        if shown_rows:
            write_table(("case", "status", "revision", ""), shown_rows)
        write(f"{len(verdicts) - len(bad)} of {len(verdicts)} cases agree with their journals")
    return FINDINGS if bad else FINE
