"""The board of a playbook: its stages as columns, their activities and recommendations as cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.graph.diagram import Board, Card, Column
from casewright.graph.words import readable, shortened

if TYPE_CHECKING:
    from casewright.spec.models.playbooks import Activity, Playbook
    from casewright.spec.models.playbooks import Card as Recommendation

_LONGEST = 90


def playbook_board(playbook: Playbook) -> Board:
    """Return the board of a playbook.

    Args:
        playbook: the playbook, with what it extends merged in.
    """
    columns: list[Column] = []
    for name, stage in playbook.stages.items():
        cards: list[Card] = []
        for key, activity in stage.activities.items():
            cards.append(_activity(key, activity))
            cards += [_recommendation(k, card) for k, card in activity.recommend.items()]
        lines = (f"when {shortened(stage.when, _LONGEST)}",) if stage.when else ()
        tooltip = "\n".join(filter(None, [name, stage.description]))
        title = stage.title or readable(name)
        columns.append(Column(name, title, tuple(cards), lines, tooltip))
    return Board(playbook.title or readable(playbook.name), tuple(columns))


def _activity(name: str, activity: Activity) -> Card:
    lines: list[str] = []
    if activity.when:
        lines.append(f"when {shortened(activity.when, _LONGEST)}")
    if activity.require:
        lines.append(f"requires {shortened(', '.join(map(_plain, activity.require)), _LONGEST)}")
    if activity.done_when:
        lines.append(f"done when {shortened(activity.done_when, _LONGEST)}")
    if activity.fields:
        lines.append(f"{len(activity.fields)} field{'s' if len(activity.fields) > 1 else ''}")
    lines += [f"timer: {t.title or readable(key)}" for key, t in activity.timers.items()]
    chips = tuple(action.title or readable(key) for key, action in activity.actions.items())
    fields = f"fields: {', '.join(activity.fields)}" if activity.fields else ""
    tooltip = "\n".join(filter(None, [name, activity.description, fields]))
    title = activity.title or readable(name)
    return Card(name, title, tuple(lines), chips, bool(activity.when), tooltip)


def _recommendation(name: str, card: Recommendation) -> Card:
    lines = ("recommendation",) + ((f"when {shortened(card.when, _LONGEST)}",) if card.when else ())
    chips = tuple(action.title or readable(key) for key, action in card.actions.items())
    tooltip = "\n".join(filter(None, [name, card.description]))
    title = card.title or readable(name)
    return Card(name, title, lines, chips, optional=True, tooltip=tooltip)


def _plain(requirement: str) -> str:
    is_name = requirement.replace("_", "").isalnum()
    return readable(requirement).lower() if is_name else requirement
