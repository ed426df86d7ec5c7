"""Places in specs, and specs as plain data."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from casewright.spec.pack_set import Spec


@dataclass(frozen=True, slots=True)
class Where:
    """A place: a spec, and a JSON Pointer into it."""

    spec: Spec
    pointer: str

    @property
    def pack(self) -> str:
        """Return the pack in which names at this place are meant."""
        return self.spec.origin(self.pointer)

    def __truediv__(self, part: object) -> Where:
        step = str(part).replace("~", "~0").replace("/", "~1")
        return Where(self.spec, f"{self.pointer}/{step}")

    def __str__(self) -> str:
        return str(self.spec.span(self.pointer))


def fingerprint(definition: object) -> str:
    """Return a short stable hash of a definition: its canonical JSON, models by alias."""
    text = json.dumps(plain(definition), sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def plain(model: object) -> Any:
    """Return a spec model, or anything made of models, as plain data."""
    dump = getattr(model, "model_dump", None)
    if dump is not None:
        return dump(mode="python", by_alias=True, exclude_unset=True)
    if isinstance(model, tuple | list):
        return [plain(item) for item in cast("list[Any]", model)]
    if isinstance(model, dict):
        return {key: plain(value) for key, value in cast("dict[str, Any]", model).items()}
    return model


def is_expression(raw: object) -> bool:
    """Return True for a text that is FEEL in a value position."""
    return isinstance(raw, str) and raw.startswith("= ")
