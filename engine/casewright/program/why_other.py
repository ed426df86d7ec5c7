"""Why a transition was taken in a step, or a notification sent; or why not.

Asked of an outcome that has a trace, as rules are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from casewright.errors import EventError
from casewright.feel import Deciding
from casewright.feel.problems import suggestion
from casewright.program.tracing import FLOW, SETTLED, asked_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casewright.case import Outcome
    from casewright.flow import Transition
    from casewright.notify import Notification
    from casewright.program.kind import CaseType
    from casewright.program.program import Program

    Notes = list[Mapping[str, Any]]

ElementVerdictKind = Literal[
    "taken",
    "sent",
    "lost",
    "requirement",
    "did not hold",
    "role",
    "nobody",
    "another",
    "other state",
    "other event",
    "unchanged",
    "not asked for",
    "not tried",
]


class ElementVerdict(Struct, frozen=True):
    """What became of a transition or a notification in one step.

    Attributes:
        name: its name.
        verdict: ``taken`` or ``sent``; ``lost``: in a step of which nothing stands;
            ``requirement``: something that it requires is missing; ``did not hold``: its
            condition; ``role``: the actor has none of its roles; ``nobody``: it has no recipients;
            ``another``: one before it was selected; ``other state``, ``other event``: it is of
            others; ``unchanged``: its condition was not asked, for nothing that it reads has
            changed; ``not asked for``: only actions send it, and none did; ``not tried``: the step
            was broken off before.
        message: all of it in plain words.
        event: type of the internal event that came nearest.
        condition: its ``when``, as written.
        deciding: the parts of the condition that decided, where it did not hold.
        place: of its definition.
    """

    name: str
    verdict: ElementVerdictKind
    message: str
    event: str = ""
    condition: str = ""
    deciding: tuple[Deciding, ...] = ()
    place: str = ""


def transition_verdict(program: Program, outcome: Outcome, name: str) -> ElementVerdict:
    """Return why a transition was taken in a step, or was not.

    Args:
        program: that made the outcome.
        outcome: of a step of a case, with a trace.
        name: of the transition.

    Raises:
        EventError: there is no such transition.
        ValueError: the outcome has no trace.
    """
    ct, notes = _asked(program, outcome)
    rows = {row.name: row for row in ct.flow.transitions}
    row = rows.get(name)
    if row is None:
        raise EventError(_unknown("transition", ct, name, rows), "transition")
    found = [_in_event(ct, row, part, outcome) for part in _by_event(notes)]
    if not found:
        return _row(row, "not tried", f"not tried: {_broken_off(outcome)}")
    return min(found, key=lambda one: _RANK.index(one.verdict))


_RANK = (
    "taken",
    "lost",
    "requirement",
    "did not hold",
    "role",
    "another",
    "other state",
    "other event",
    "not tried",
)


def _asked(program: Program, outcome: Outcome) -> tuple[CaseType, Notes]:
    ct, trace = asked_of(program, outcome)
    return ct, list(trace)


def _unknown(what: str, ct: CaseType, name: str, known: Iterable[str]) -> str:
    names = list(known)
    hint = suggestion(name, names) or f"known: {', '.join(names[:12]) or 'none'}"
    return f'case type {ct.bare} has no {what} "{name}"; {hint}'


def _by_event(notes: Notes) -> list[Notes]:
    """Return the notes from the beginning of each flow on; what is before the first is left out."""
    found: list[Notes] = []
    for note in notes:
        if note["kind"] == FLOW:
            found.append([])
        if found:
            found[-1].append(note)
    return found


def _in_event(ct: CaseType, row: Transition, notes: Notes, outcome: Outcome) -> ElementVerdict:
    """Return what became of a transition in one internal event."""
    event, state = notes[0]["event"], notes[0]["place"]
    if event not in row.on:
        return _row(row, "other event", f"it is on {', '.join(row.on)}, not on {event}", event)
    if state not in row.sources:
        message = f"it leads from {', '.join(row.sources)}; the case was {state}"
        return _row(row, "other state", message, event)
    own = [note for note in notes if note["place"] == f"transition/{row.name}"]
    for note in reversed(own):
        found = _noted(row, note, event, outcome)
        if found is not None:
            return found
    for other in ct.flow.rows[state, event]:
        if other.name == row.name:
            break
        places = {note["place"] for note in notes if note["kind"] in ("taken", "require")}
        if f"transition/{other.name}" in places:
            return _row(row, "another", f"{other.name} goes before it, and was selected", event)
    return _row(row, "not tried", f"not tried: {_broken_off(outcome)}", event)


def _noted(
    row: Transition, note: Mapping[str, Any], event: str, outcome: Outcome
) -> ElementVerdict | None:
    kind = note["kind"]
    if kind == "taken":
        if outcome.status == "applied":
            return _row(row, "taken", f"taken to {row.to}" if row.to else "taken", event)
        message = f"it was selected, but nothing of it stands: {_broken_off(outcome)}"
        return _row(row, "lost", message, event)
    if kind == "require":
        return _row(row, "requirement", f"missing: {', '.join(note['missing'])}", event)
    if kind == "roles":
        message = f"it needs one of the roles {', '.join(note['wanted'])}; {note['held']}"
        return _row(row, "role", message, event)
    if kind == "when" and not note["held"]:
        deciding = note["deciding"]
        message = "; ".join(str(part) for part in deciding)
        return _row(row, "did not hold", message, event, deciding)
    return None


def _row(
    row: Transition,
    kind: ElementVerdictKind,
    message: str,
    event: str = "",
    deciding: tuple[Deciding, ...] = (),
) -> ElementVerdict:
    condition = "" if row.when is None else row.when.text
    return ElementVerdict(row.name, kind, message, event, condition, deciding, row.place)


def notification_verdict(program: Program, outcome: Outcome, name: str) -> ElementVerdict:
    """Return why a notification was sent in a step, or was not.

    Args:
        program: that made the outcome.
        outcome: of a step of a case, with a trace.
        name: of the notification, qualified or bare.

    Raises:
        EventError: there is no such notification.
        ValueError: the outcome has no trace.
    """
    ct, notes = _asked(program, outcome)
    known = ct.notifications.all
    found = known.get(name) or next(
        (one for full, one in known.items() if full.rpartition(".")[2] == name), None
    )
    if found is None:
        bare = [full.rpartition(".")[2] for full in known]
        raise EventError(_unknown("notification", ct, name, bare), "notification")
    kind, message, event, deciding = _told(found, notes, outcome)
    condition = "" if found.when is None else found.when.text
    return ElementVerdict(found.name, kind, message, event, condition, deciding, found.place)


_Told = tuple[ElementVerdictKind, str, str, tuple[Deciding, ...]]


def _told(one: Notification, notes: Notes, outcome: Outcome) -> _Told:
    for effect in outcome.effects:
        if effect.kind == "notification" and effect.name == one.name:
            return "sent", f"sent to {', '.join(effect.to)}", outcome.event.type, ()
    if any(n["kind"] == "notification" and n["place"] == one.name for n in notes):
        return "nobody", "it would go out, but it has no recipients", outcome.event.type, ()
    events = list(dict.fromkeys(note["event"] for note in notes if note["kind"] == SETTLED))
    if one.on and not set(one.on) & set(events):
        had = f"this step had {', '.join(events)}" if events else _broken_off(outcome)
        return "other event", f"it is on {', '.join(one.on)}; {had}", "", ()
    looked = [n for n in notes if n["place"] == f"notification/{one.name}"]
    for note in reversed(looked):
        if not note["held"]:
            message = "; ".join(str(part) for part in note["deciding"])
            return "did not hold", message, note["event"], note["deciding"]
    if outcome.status != "applied":
        return "lost", f"nothing of the step stands: {_broken_off(outcome)}", "", ()
    if not one.on and one.when is None:
        return "not asked for", "only actions send it, and none of this step did", "", ()
    return "unchanged", "nothing that its condition reads has changed", outcome.event.type, ()


def _broken_off(outcome: Outcome) -> str:
    problems = "; ".join(f"{p.code}: {p.message}" for p in outcome.errors)
    return f"the step was {outcome.status}" + (f": {problems}" if problems else "")
