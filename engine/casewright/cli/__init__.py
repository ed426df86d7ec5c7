"""The command line."""

from casewright.cli.main import main

__all__ = ["main"]
