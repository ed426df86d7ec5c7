"""Places, diagnostics and exceptions.

A *diagnostic* is a value about a spec; an *exception* interrupts. The two are never mixed:
parsers and checks collect diagnostics, and only the door of the program turns the errors among
them into one :class:`SpecError`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A range of a source file; lines and columns count from 1, columns in characters."""

    path: str
    line: int = 1
    column: int = 1
    end_line: int = 0
    end_column: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that belongs to a diagnostic, such as the other one of two equal keys."""

    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake in a spec.

    Attributes:
        code: ``CW`` and three digits; never reused, each documented in ``docs/diagnostics.md``.
        severity: ``error`` stops the compile, ``warning`` and ``info`` do not.
        message: what is wrong, with the value; no full stop.
        span: where, or None where a mistake has no place in a file.
        pointer: JSON Pointer into the document.
        hint: the cure, or an empty text.
        related: further places.
        excerpt: the source line that ``span`` begins on, or an empty text.
    """

    code: str
    severity: Severity
    message: str
    span: Span | None = None
    pointer: str = ""
    hint: str = ""
    related: tuple[Related, ...] = ()
    excerpt: str = field(default="", compare=False)


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics without repeats, sorted by path, line, column and code."""
    nowhere = Span("", 0, 0)
    return sorted(
        dict.fromkeys(diagnostics),
        key=lambda d: (d.span or nowhere, d.code, d.message),
    )


class CasewrightError(Exception):
    """The root of all exceptions that this package raises on purpose."""


class SpecError(CasewrightError):
    """Specs do not compile.

    Attributes:
        diagnostics: every mistake found, in order; at least one is an error.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(in_order(diagnostics))
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        return "\n".join(
            f"{d.span}: {d.code} {d.message}" if d.span else f"{d.code} {d.message}"
            for d in self.diagnostics
        )


class EventError(CasewrightError):
    """The host sent an envelope that can be judged against no case.

    Attributes:
        message: what is wrong with it.
        path: the key of the envelope that is wrong, or an empty text.
    """

    def __init__(self, message: str, path: str = "") -> None:
        self.message = message
        self.path = path
        super().__init__(message)


class HostError(CasewrightError):
    """A port of the host (a store, a channel, a clock) failed."""
