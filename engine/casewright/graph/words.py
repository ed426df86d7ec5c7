"""How wide text is, and where it breaks: the measures of a plain sans-serif face.

Widths are those of Helvetica in thousandths of the size, a little on the safe side, since the
viewer may have another face.
"""

from __future__ import annotations

_WIDTHS: dict[str, int] = {
    **dict.fromkeys("iljI|!.,:;'` ", 290),
    **dict.fromkeys('ftr()[]{}/\\-"°·', 350),
    **dict.fromkeys("cksvxyzJ*^", 520),
    **dict.fromkeys("abdeghnopquL0123456789_?$#+=<>~", 575),
    **dict.fromkeys("EFTZABKPSVXYCDHNRUw&", 710),
    **dict.fromkeys("GOQ", 790),
    **dict.fromkeys("mMW%@…→", 900),
}
_OTHER = 640


def width_of(text: str, size: float) -> float:
    """Return the width of a line of text, in the unit of ``size``."""
    return sum(_WIDTHS.get(sign, _OTHER) for sign in text) * size / 1000


def wrapped(text: str, size: float, limit: float) -> list[str]:
    """Return text as lines of at most ``limit`` width; a longer word stands alone."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and width_of(longer, size) > limit:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line else lines


def shortened(text: str, limit: int) -> str:
    """Return text of at most ``limit`` characters, ended by an ellipsis where it was cut."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def readable(name: str) -> str:
    """Return a snake_case name as words with a capital."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
