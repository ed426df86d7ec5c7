"""The command line."""

from casewright.cli.door import main

__all__ = ["main"]
