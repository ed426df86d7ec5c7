"""The door of the command line: exit codes, and what a person sees when something goes wrong.

Exit code 0 means fine, 1 findings, 2 usage. Mistakes of users, in specs, events or options, never
show a traceback; a mistake of the engine does, since its developer needs it.
"""

import os
import sys
from collections.abc import Sequence
from typing import cast

from casewright.errors import CasewrightError, EventError, SpecError

FINE = 0
FINDINGS = 1
USAGE = 2
INTERRUPTED = 130
PIPE_CLOSED = 141


class UsageError(CasewrightError):
    """The command was asked for something that makes no sense; exit code 2."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: without the program's name; those of the process where left out.
    """
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _silence_stdout()
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else FINDINGS
    except SpecError as err:
        return _show_spec_error(err)
    except (CasewrightError, OSError) as err:
        return _show(err)
    except Exception as err:  # the exceptions of typer have no common, stable home
        return _show_usage(err)
    return code


def _dispatch(arguments: Sequence[str] | None) -> int:
    from casewright.cli.app import app

    result: object = app(
        args=None if arguments is None else list(arguments),
        prog_name="casewright",
        standalone_mode=False,
    )
    return result if isinstance(result, int) else FINE


def _show(err: Exception) -> int:
    text = str(err)
    if isinstance(err, OSError) and err.filename is not None:
        text = f"{err.filename}: {(err.strerror or 'cannot be read').lower()}"
    elif isinstance(err, EventError) and err.path:
        text = f"{err.path}: {err.message}"
    sys.stderr.write(f"error: {text}\n")
    return USAGE


def _show_spec_error(err: SpecError) -> int:
    from casewright.spec.formats import text

    shown = [diagnostic for diagnostic in err.diagnostics if diagnostic.severity != "info"]
    sys.stderr.write(text(shown) + "\n")
    return FINDINGS


def _show_usage(err: Exception) -> int:
    if type(err).__name__ == "Abort":
        return INTERRUPTED
    show = getattr(err, "show", None)
    if not callable(show):
        raise err
    show()
    return cast("int", getattr(err, "exit_code", USAGE))


def _silence_stdout() -> None:
    """Let the interpreter flush into nothing, so that it does not complain when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
