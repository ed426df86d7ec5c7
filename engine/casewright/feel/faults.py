"""The refusal of a built-in function; it never leaves the engine."""

from __future__ import annotations


class FeelFault(Exception):  # noqa: N818 - it never leaves the engine: the result is null
    """A built-in refuses its arguments; the message says why."""
