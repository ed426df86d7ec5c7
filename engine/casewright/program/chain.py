"""How a step came to where it is: who raised what, for the error of a limit (rule 33).

A step notes each raise with the event that was handled and how many causes there were; the chain is
worked out of that only when a limit is hit.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casewright.program.work import Work

_SHOWN = 12
_ARROW = " -> "


def chain(step: Work) -> list[str]:
    """Return the events, rules, transitions and timers that led to what the step does now."""
    number, until = len(step.handled) - 1, len(step.causes)
    links = _latest(step)[1:]
    while number >= 0:
        event_type, first_cause = step.handled[number]
        if until > first_cause:
            links.append(_named(step.causes[until - 1]))
        links.append(f"event {event_type}")
        if number == 0:
            break
        number, until, _ = step.raisers[number - 1]
    return links[::-1]


def _latest(step: Work) -> list[str]:
    """Return what acted last in the event that is handled, as often as it did in a row."""
    if not step.handled or len(step.causes) <= step.handled[-1][1]:
        return []
    last = step.causes[-1]
    of_event = step.causes[step.handled[-1][1] :]
    times = next((i for i, cause in enumerate(reversed(of_event)) if cause != last), len(of_event))
    return [_named(last)] * times


def because(step: Work, message: str, *then: str) -> str:
    """Return an error's message with the chain that led to it, if something did.

    Args:
        step: the step.
        message: what is wrong.
        then: links that the chain ends with.
    """
    links = [*chain(step), *then]
    if len(links) < 2:
        return message
    text = _ARROW.join(_cut(folded(links)))
    return f"{message}: {text}{_most_raised(step, len(links))}"


def folded(links: Sequence[str]) -> list[str]:
    """Return a chain with what repeats written once, ``(a -> b) x 31``."""
    made: list[str] = []
    at = 0
    while at < len(links):
        length, times = _repeat(links, at)
        if times < 2:
            made.append(links[at])
            at += 1
            continue
        part = _ARROW.join(links[at : at + length])
        made.append(f"({part}) x {times}" if length > 1 else f"{part} x {times}")
        at += length * times
    return made


def _repeat(links: Sequence[str], at: int) -> tuple[int, int]:
    """Return how long what repeats from a link on is, and how often it comes."""
    best = (1, 1)
    for length in range(1, (len(links) - at) // 2 + 1):
        part = links[at : at + length]
        times = 1
        while links[at + times * length : at + (times + 1) * length] == part:
            times += 1
        if times > 1 and times * length > best[0] * best[1]:
            best = (length, times)
    return best


def _cut(links: list[str]) -> list[str]:
    if len(links) <= _SHOWN:
        return links
    return [*links[: _SHOWN // 3], "...", *links[-_SHOWN * 2 // 3 :]]


def _most_raised(step: Work, length: int) -> str:
    """Return who raised most, where the chain is a small part of what was raised."""
    if step.raised <= length:
        return ""
    counted = Counter((event, _by(step, parent, causes)) for parent, causes, event in step.raisers)
    (event, by), times = counted.most_common(1)[0]
    return f"; event {event} was raised {times} times" + (f" by {by}" if by else "")


def _by(step: Work, parent: int, causes: int) -> str:
    _, first_cause = step.handled[parent]
    return _named(step.causes[causes - 1]) if causes > first_cause else ""


def _named(cause: str) -> str:
    return cause.replace("/", " ", 1)
