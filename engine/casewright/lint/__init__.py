"""Checks over bound specs: what compiles and is still likely a mistake."""

from casewright.lint.checks import CHECKS, lint

__all__ = ["CHECKS", "lint"]
