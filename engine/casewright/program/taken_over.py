"""Of whom a mistake is told, where a case type has taken over what another one declares.

A service that sets a field is sound in the case type that declares both, and a mistake in one that
extends it and has removed the field. The place is the same; only the name of the case type says it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casewright.bind.places import Where
    from casewright.bind.shape import Shape
    from casewright.bind.world import World
    from casewright.errors import Diagnostic, Span
    from casewright.spec.pack_set import Spec


def name_case_types(world: World, shapes: Mapping[str, Shape]) -> None:
    """Name the case type in every mistake that only case types have that took the place over."""
    heard: dict[Diagnostic, dict[str, Where]] = {}
    for diagnostic, where, about in world.heard:
        heard.setdefault(diagnostic, {})[about] = where
    for diagnostic, by in heard.items():
        if all(_is_taken_over(diagnostic.span, by[name], name, shapes) for name in by):
            first = [n for n in by if not any(b in by for b in shapes[n].lineage[1:])]
            named = [
                replace(diagnostic, message=f'{diagnostic.message} in case type "{bare}"')
                for bare in (shapes[name].bare for name in first)
            ]
            world.diagnostics[:] = [d for d in world.diagnostics if d != diagnostic] + named


def _is_taken_over(
    span: Span | None, where: Where, about: str, shapes: Mapping[str, Shape]
) -> bool:
    """Return True if a place is not the case type's own: in another document, or of a base."""
    bases = [shapes[name] for name in shapes[about].lineage[1:] if name in shapes]
    if not bases:
        return False
    whole = where.spec.span()
    own = span is not None and span.path == whole.path and whole.line <= span.line <= whole.end_line
    return not own or any(spec is where.spec for base in bases for spec in _specs(base))


def _specs(shape: Shape) -> Iterator[Spec | None]:
    yield from (shape.flow_spec, shape.playbook_spec, *shape.service_playbooks.values())
    for specs in shape.attached.values():
        yield from specs
