"""What happened since the step before: notifications, created cases, published messages.

These expectations are complete: what came and is not named is a difference too. A bare name means
at least once; ``{name: 2}`` counts; ``{name: [a, b]}`` names all receivers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casewright.testing.compare import names_of
from casewright.testing.results import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casewright.case import Effect


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that happened.

    Attributes:
        name: of the notification, message or case type; may be qualified.
        to: ids of the receivers.
    """

    name: str
    to: tuple[str, ...] = ()


def items_of(effects: Sequence[Effect], kind: str) -> list[Item]:
    """Return the effects of one kind as items."""
    return [Item(e.name, tuple(map(str, e.to))) for e in effects if e.kind == kind]


def missing_and_unexpected(
    path: str, expected: Any, came: Sequence[Item]
) -> Iterator[tuple[str, Any, Any]]:
    """Yield path, expected and came of each name where both differ.

    Args:
        path: ``notified``, ``created`` or ``published``.
        expected: what the scenario says.
        came: everything of this sort since the step before.
    """
    left = list(came)
    for name, detail in names_of(expected):
        found = [item for item in left if is_named(item.name, name)]
        left = [item for item in left if item not in found]
        difference = _judged(detail, found)
        if difference is not None:
            yield f"{path}.{name}", *difference
    for name in dict.fromkeys(item.name for item in left):
        to = sorted({one for item in left if item.name == name for one in item.to})
        yield f"{path}.{name}", "nothing", f"{name}{' to ' + ', '.join(to) if to else ''}"


def is_named(qualified: str, name: str) -> bool:
    """Return True if ``name`` is the qualified name or its last part."""
    return qualified == name or qualified.rpartition(".")[2] == name


def _judged(detail: Any, found: Sequence[Item]) -> tuple[str, str] | None:
    if detail is None or detail is True:
        return None if found else ("at least one", "none")
    if isinstance(detail, int):
        return None if len(found) == detail else (str(detail), str(len(found)))
    wanted = sorted(map(str, detail if isinstance(detail, list | tuple) else [detail]))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]  a list of the scenario
    got = sorted({one for item in found for one in item.to})
    return None if wanted == got else (shown(wanted), shown(got) if found else "none")
