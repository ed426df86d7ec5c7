"""Notifications that belong to no case type: those that correlations send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.bind.places import Where
from casewright.notify.notifications import Notification, made_notification

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.bind.expressions import ExpressionBinder
    from casewright.bind.world import World
    from casewright.feel import Name
    from casewright.spec.pack_set import Spec


def compile_told(
    binder: ExpressionBinder, name: str, where: Where, names: Mapping[str, Name]
) -> Notification | None:
    """Return the notification that an action of no case names; None after a report.

    Args:
        binder: in whose scope the notification is compiled: it may read what the action may.
        name: ``name`` of a notification map of the pack, or ``pack.name``.
        where: place of the action.
        names: besides those of the binder's scope.
    """
    pack, _, bare = name.rpartition(".")
    known: list[str] = []
    of_cases: Spec | None = None
    for spec in binder.world.packs.all("notification_map"):
        if spec.model.for_ is None:
            shown = "" if spec.pack == where.pack else f"{spec.pack}."
            known += [f"{shown}{one}" for one in spec.model.notifications]
        if spec.pack != (pack or where.pack) or bare not in spec.model.notifications:
            continue
        if spec.model.for_ is None:
            return _made(binder, spec, bare, names)
        of_cases = spec
    if of_cases is None:
        binder.unknown("CW809", where, "notification", name, known)
    else:
        message = f'notification "{name}" is of a case type; here is no case'
        cure = "declare it in a `notification_map` without `for`"
        binder.report("CW809", where, message, cure)
    return None


def is_of_no_case(world: World, name: str, where: Where) -> bool:
    """Return True if a name at a place is that of a notification for correlations."""
    pack, _, bare = name.rpartition(".")
    return any(
        spec.model.for_ is None
        and spec.pack == (pack or where.pack)
        and bare in spec.model.notifications
        for spec in world.packs.all("notification_map")
    )


def _made(
    binder: ExpressionBinder, spec: Spec, name: str, names: Mapping[str, Name]
) -> Notification | None:
    model = spec.model.notifications[name]
    place = Where(spec, "/notifications") / name
    for key in ("on", "when"):
        if getattr(model, key) is not None:
            message = f"`{key}` says nothing here: the map is `for` no case type"
            binder.report("CW809", place / key, message, f"take away `{key}`", key=True)
            return None
    return made_notification(binder, f"{spec.pack}.{name}", model, place, names)
