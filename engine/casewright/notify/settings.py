"""Values of topic maps that are worked out of settings alone, when the packs are compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.bind.places import is_expression
from casewright.feel import Budget, FeelError, Scope, compile

if TYPE_CHECKING:
    from casewright.bind.places import Where
    from casewright.bind.world import World
    from casewright.feel import types as feel


def setting_value(
    world: World, plain: Scope, raw: Any, where: Where, expect: feel.Type | None = None
) -> Any:
    """Return a literal, or what FEEL over settings gives."""
    if not is_expression(raw):
        return raw
    try:
        made = compile(raw[2:], plain, expect=expect)
    except FeelError as err:
        for problem in err.problems:
            world.report(
                problem.code, where, problem.message, problem.hint, offset=problem.start + len("= ")
            )
        return None
    return made.value(None, Budget())
