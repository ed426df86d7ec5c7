"""What a spec declares and this engine does not act on yet: told, so that nobody relies on it.

An entry of ``_NOT_RUN`` goes when the engine learns to run what it names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.bind.places import Where

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casewright.bind.world import World


def lint_not_run(world: World) -> None:
    """CW120: a key that is read and checked, but not run."""
    for kind, find in _NOT_RUN.items():
        for spec in world.packs.all(kind):
            for pointer, what, cure in find(spec.model):
                message = f"{what}: this version of the engine reads it, but does not run it"
                where = Where(spec, pointer)
                world.report("CW120", where, message, cure, "warning", key=True)


def _of_pack(model: Any) -> Iterator[tuple[str, str, str]]:
    for name in model.migrations:
        cure = "keep old names as long as cases are open under them"
        yield f"/migrations/{name}", f'migration "{name}"', cure


def _of_case_type(model: Any) -> Iterator[tuple[str, str, str]]:
    if model.number is not None and model.number.gapless:
        yield "/number/gapless", "gapless numbers", "numbers are unique and grow, with gaps"
    if model.on_failure == "block":
        cure = "the runtime's setting `on_failure` holds for all case types"
        yield "/on_failure", "`on_failure` of a case type", cure


_NOT_RUN = {"pack": _of_pack, "case_type": _of_case_type}
