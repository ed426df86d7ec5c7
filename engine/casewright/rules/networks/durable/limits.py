"""What ``durable-rules`` 2.0.28 can be trusted with, as numbers, each with its reason.

All were measured on the C code, most by a sanitizer or a crash. Beyond them the library answers
wrongly, loops for ever or ends the process; so no limit here is a matter of taste.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_FACTS = 200
"""Facts of a call. Frames of joins are kept in full, so memory grows with every pair."""

MAX_MATCHES = 20_000
"""Matches of a call. Nothing in the library stops a join; each match costs it 10 us and 1 kB."""

MAX_PATTERNS = 8
"""Patterns of a rule; the library's frames hold 16."""

MAX_JOINS = 24
"""Join conditions of a pattern with its closing one; a sequence has room for 29."""

MAX_FAN_OUT = 60
"""Different tests under one type; the stack for those that one message passes holds 64."""

MAX_SAME = 250
"""Patterns with the very same tests; their list holds 255, the next one is written behind it."""

MAX_TYPES = 400
"""Types of a ruleset; the table below the root holds 511, and looking beyond it never ends."""

MAX_RULES = 4_000
"""Rules of a ruleset; their table holds 4,096."""

FULL = 15
"""Rules with which a ruleset gets no further group: making its state anew costs 0.4 us a rule."""

LARGE = 60
"""Rules with which a ruleset gets no further one; a group above that is in several."""

MAX_COLUMNS = 200
"""Properties of a message; 252 fit."""

MAX_VARIANTS = 64
"""Alternatives of one pattern family. A bound of ours: ``or`` multiplies."""

MAX_ALONE = 4
"""Alternatives of what a pattern asks of its fact alone; more are worked out in Python."""

MAX_INTEGER = 2**63 - 1
"""Size of an integer; larger ones are all equal to the library."""

MAX_TERM = 2**31 - 1
"""Size of an integer that is added or multiplied: sums of the library wrap without a word."""

MAX_SUM = 2**62
"""What a sum of such integers may come to."""

_FNV_START = 2166136261
_FNV_PRIME = 16777619


def fnv32(name: str) -> int:
    """Return the hash by which the library knows a property; it never compares the name."""
    found = _FNV_START
    for byte in name.encode():
        found = (found ^ byte) * _FNV_PRIME & 0xFFFF_FFFF
    return found


def collisions(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return pairs of different names that the library takes for the same."""
    known: dict[int, str] = {}
    found: list[tuple[str, str]] = []
    for name in dict.fromkeys(names):
        other = known.setdefault(fnv32(name), name)
        if other != name:
            found.append((other, name))
    return found
