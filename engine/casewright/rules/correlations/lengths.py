"""``within`` of a correlation: a length of time that is known before anything runs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from casewright.bind.expressions import ExpressionBinder
from casewright.bind.places import is_expression
from casewright.bind.scope import plain_scope
from casewright.feel import Budget
from casewright.temporal import Duration, always_open, from_timedelta

if TYPE_CHECKING:
    from casewright.bind.places import Where
    from casewright.bind.world import World

_OPEN_UNITS = frozenset({"business", "business_days"})


def within_of(world: World, raw: str, where: Where) -> Duration | None:
    """Return the length of time; None after a report."""
    made = _worked_out(world, raw, where)
    if made is None:
        return None
    if isinstance(made, timedelta):
        made = from_timedelta(made)
    if not isinstance(made, Duration):
        message = f"`within` is a duration, this is {made!r}"
        world.report("CW728", where, message, "such as 30 minutes")
        return None
    if made.amount <= 0:
        shown = made if is_expression(raw) else raw
        message = f"within {shown} nothing can be brought together"
        world.report("CW728", where, message, "such as 30 minutes")
        return None
    if made.unit in _OPEN_UNITS:
        message = f"{made} are counted without a calendar: a correlation belongs to no case"
        world.report("CW728", where, message, "count real time or days")
        return None
    if always_open(world.zone).due_us(0, made) is None:
        world.report("CW728", where, f"a window of {made} would never end", "such as 30 days")
        return None
    return made


def _worked_out(world: World, raw: str, where: Where) -> object:
    """Return the value of a literal, or of an expression over settings."""
    binder = ExpressionBinder(world, where.pack, plain_scope(world, where.pack, {}))
    if not is_expression(raw):
        return binder.duration_literal(raw, where)
    value = binder.value(raw, where, "plain")
    if value is None:
        return None
    made = value.get(None, Budget())  # type: ignore[arg-type]  # settings need nothing around
    if made is None:
        world.report("CW728", where, "`within` is null", "such as 30 minutes")
    return made
