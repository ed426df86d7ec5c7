"""Templates that nothing uses: whether they can be read at all.

What a template reads is checked where it is used, against the scope of that place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.bind.places import Where

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casewright.bind.world import World
    from casewright.spec.models.messages import Template
    from casewright.spec.pack_set import Spec


def lint_templates(world: World) -> None:
    """Report templates that cannot be read and that no use of them has reported."""
    told = {(d.span.path, d.pointer) for d in world.diagnostics if d.span is not None}
    for spec in world.packs.all("templates"):
        for where, text in _sources(spec):
            is_told = any(
                path == spec.path and pointer.startswith(where.pointer) for path, pointer in told
            )
            if "{" in text and not is_told:
                _read(world, where, text)


def _sources(spec: Spec) -> Iterator[tuple[Where, str]]:
    templates: dict[str, str | Template] = spec.model.templates
    for name, template in templates.items():
        where = Where(spec, "/templates") / name
        if isinstance(template, str):
            yield where, template
            continue
        yield where / "body", template.body
        if template.subject is not None:
            yield where / "subject", template.subject


def _read(world: World, where: Where, text: str) -> None:
    from casewright.templates.reading import read

    lines = text.splitlines(keepends=True)
    for slip in read(text).slips:
        offset = sum(map(len, lines[: max(0, slip.line - 1)]))
        world.report(slip.code, where, slip.message, slip.hint, offset=offset)
