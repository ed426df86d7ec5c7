"""The tree of commands. Importing it imports no room of the engine: commands do, when they run."""

import typer

from casewright.cli.bench import bench
from casewright.cli.decide import decide
from casewright.cli.dmn_files import export_dmn, import_dmn
from casewright.cli.feel import feel
from casewright.cli.forecast import forecast
from casewright.cli.graph import graph
from casewright.cli.inspect import explain, show
from casewright.cli.listing import list_cases
from casewright.cli.new import new
from casewright.cli.replay import replay
from casewright.cli.report import report
from casewright.cli.rules import rules
from casewright.cli.run import run
from casewright.cli.scenarios import run_tests
from casewright.cli.schema import schema
from casewright.cli.validate import validate

app = typer.Typer(
    name="casewright",
    help="Configure kinds of cases in YAML, check them, test them, run them.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback(invoke_without_command=True)
def version_option(
    version: bool = typer.Option(False, "--version", help="Show the version and leave."),
) -> None:
    """Configure kinds of cases in YAML, check them, test them, run them."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"casewright {installed('casewright')}")
        raise typer.Exit


app.command()(validate)
app.command("test")(run_tests)
app.command()(run)
app.command()(show)
app.command("list")(list_cases)
app.command()(explain)
app.command()(forecast)
app.command()(report)
app.command()(graph)
app.command()(rules)
app.command()(new)
app.command()(schema)
app.command()(feel)
app.command()(decide)
app.command()(import_dmn)
app.command()(export_dmn)
app.command()(replay)
app.add_typer(bench, name="bench")
