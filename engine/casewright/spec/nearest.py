"""What a bare name means, and the likely slip behind an unknown one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def meant(name: str, qualified: Iterable[str]) -> list[str]:
    """Return the qualified names that a name means: itself, or each that ends in it."""
    known = list(qualified)
    return [name] if name in known else [one for one in known if one.rpartition(".")[2] == name]


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the known word that an unknown one most likely stands for, or None."""
    from difflib import get_close_matches

    known = sorted(set(words))
    plain = {name.replace("_", "").lower(): name for name in known}
    same = plain.get(word.replace("_", "").replace("-", "").replace(" ", "").lower())
    if same is not None and same != word:
        return same
    return next(iter(get_close_matches(word, known, n=1, cutoff=0.6)), None)


def listed(words: Iterable[str], limit: int = 12) -> str:
    """Return words for a message, in order, shortened to ``limit``."""
    known = list(words)
    shown = ", ".join(known[:limit])
    return f"{shown}, ..." if len(known) > limit else shown


def suggestion(word: str, words: Iterable[str]) -> str:
    """Return the hint about an unknown word: the nearest known one, or which are known."""
    known = list(words)
    found = nearest(word, known)
    if found is not None:
        return f'did you mean "{found}"?'
    return f"known: {listed(known)}" if known else ""
