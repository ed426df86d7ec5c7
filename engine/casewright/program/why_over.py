"""Why a rule over several facts of its case holds for none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from casewright.errors import CasewrightError
from casewright.feel import Budget, Deciding, Unavailable, shown
from casewright.rules.bindings import ITEM
from casewright.rules.networks.nearest import Standing, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.feel import Teller
    from casewright.rules.bindings import Over
    from casewright.rules.networks.contract import Fact
    from casewright.view import View

_NAMES = ("number", "name", "id")


def missing_bindings(over: Over, view: View, teller: Teller) -> tuple[str, tuple[Deciding, ...]]:
    """Return why no binding holds on a moment, in words, and the parts that decided.

    Args:
        over: what the rule ranges over.
        view: the moment; its budget is filled up.
        teller: knows the scope.

    Returns:
        An empty text where some binding holds.
    """
    view.budget = Budget()
    gate = tuple(part for one in over.gate for part in one.deciding(view, teller))
    if gate:
        return "; ".join(str(part) for part in gate), gate
    try:
        facts = [fact for _, fact in over.listed(view)]
    except (Unavailable, CasewrightError) as err:
        return f"its lists are not known: {err}", ()
    found = nearest(over.production, facts, view, teller)
    if found.is_complete:
        return "", ()
    short = next(one for one in found.patterns if not one.is_met)
    deciding = short.misfits[0].deciding if short.misfits else ()
    return _message(over, short, facts, found.patterns), deciding


def _message(over: Over, short: Standing, facts: list[Fact], patterns: tuple[Standing, ...]) -> str:
    name = short.pattern.name
    value = next(one.value for one in over.lists if one.name == name)
    text = value.expressions[0].text if value.expressions else shown(value.literal)
    if not short.labelled:
        return f"{text} has no element for {name}"
    bound = ", ".join(
        f"{one.pattern.name} = {named_element(facts[one.found[0]].data)}"
        for one in patterns
        if one.is_met
    )
    beside = f" beside {bound}" if bound else ""
    told = f"no element of {text} fits {name}{beside}"
    if not short.misfits:
        return told
    first = short.misfits[0]
    why = "; ".join(str(part) for part in first.deciding)
    return f"{told}; {named_element(facts[first.position].data)} does not: {why}"


def named_element(data: Mapping[str, Any] | Any) -> str:
    """Return an element of a list by what people call it."""
    if not isinstance(data, dict):
        return shown(data)
    known = cast("dict[str, Any]", data)
    if set(known) == {ITEM}:
        return shown(known[ITEM])
    names = [known[name] for name in _NAMES if known.get(name) is not None]
    return str(names[0]) if names else shown(known)
