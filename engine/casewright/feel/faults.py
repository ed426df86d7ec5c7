"""What interrupts an evaluation: a built-in that refuses, a value that is not at hand."""

from __future__ import annotations


class FeelFault(Exception):  # noqa: N818 - it never leaves the engine: the result is null
    """A built-in refuses its arguments; the message says why."""


class Unavailable(Exception):  # noqa: N818  not an error: the host is asked for more
    """What an expression reads is not at hand; an explanation says so and goes on."""
