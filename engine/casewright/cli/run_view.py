"""How ``run`` looks to a person: a timeline of what happened, then how every case stands.

Fed with outcomes one by one, so a long stream is shown as it goes. It keeps only what it needs to
say what is new: the last clocks of each case.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from casewright.case import WINDOW_PREFIX, Case, Effect, Event, Outcome
from casewright.cli.output import shown

_MARKS = {
    "applied": "[green]●[/]",
    "rejected": "[yellow]✗[/]",
    "failed": "[red]✗[/]",
    "duplicate": "[dim]=[/]",
    "id_reused": "[red]≠[/]",
    "malformed": "[red]?[/]",
}
_EFFECTS = {
    "notification": "✉",
    "send": "→",
    "create": "+",
    "call": "☎",
    "publish": "⇢",
}
_CLOCK_COLOURS = {"in_progress": "cyan", "paused": "yellow", "completed": "green"}
_BOOKKEEPING = ("child_changed", "parent_changed", "observe")
_INDENT = " " * 18
_WIDEST = 60


class Timeline:
    """Prints outcomes as they come."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.zone: dt.tzinfo = dt.UTC
        self.counts: Counter[str] = Counter()
        self._day: dt.date | None = None
        self._clocks: dict[str, dict[str, Any]] = {}
        self._numbers: dict[str, str] = {}

    def add(self, outcome: Outcome | None, line: Mapping[str, Any]) -> None:
        """Print one outcome.

        Args:
            outcome: as the engine gave it; None where a line was no event, or one known before.
            line: the same as a line of JSON output has it.
        """
        self._count(outcome, str(line["status"]))
        if outcome is None:
            self._bare(line)
            return
        event = outcome.event
        if event.time is not None and event.caused_by is None and event.type != "timer":
            self.zone = event.time.tzinfo or self.zone
        if outcome.case is not None and outcome.case.number is not None:
            self._numbers[outcome.case.id] = outcome.case.number
        details = list(self._details(outcome, line))
        if event.type in _BOOKKEEPING and not details:
            return
        at = dt.datetime.fromtimestamp(outcome.now_us / 1_000_000, self.zone)
        self._new_day(at.date())
        self.console.print(_head(outcome, line, at), soft_wrap=True)
        for text in details:
            self.console.print(Padding.indent(Text.from_markup(text), len(_INDENT)))

    def _bare(self, line: Mapping[str, Any]) -> None:
        status = str(line["status"])
        what = f"{line.get('type') or ''} {line.get('event') or ''}".strip()
        self.console.print(f"{_INDENT}{_MARKS.get(status, '?')} {escape(what)} [dim]{status}[/]")
        for error in line.get("errors") or ():
            self.console.print(f"{_INDENT}[yellow]{escape(str(error['message']))}[/]")

    def close(self, cases: Iterable[Case]) -> None:
        """Print how the cases stand, and what happened in figures."""
        self.console.print()
        self.console.print(_cases(cases))
        self.console.print(_figures(self.counts))

    def _new_day(self, day: dt.date) -> None:
        if day != self._day:
            self._day = day
            text = f"[bold]{day:%A} {day.day} {day:%B %Y}[/]"
            self.console.print(Rule(text, align="left", style="dim"))

    def _count(self, outcome: Outcome | None, status: str) -> None:
        kind = "" if outcome is None else outcome.event.type
        if kind == "observe":
            self.counts["observations"] += 1
        else:
            self.counts["timers" if kind == "timer" else "events"] += 1
        if kind not in ("timer", "observe") or status != "applied":
            self.counts[status] += 1
        for effect in outcome.effects if outcome is not None else ():
            self.counts[effect.kind] += 1

    def _details(self, outcome: Outcome, line: Mapping[str, Any]) -> Iterator[str]:
        for problem in outcome.errors:
            path = f" [dim]({escape(problem.path)})[/]" if problem.path else ""
            yield f"[yellow]{escape(problem.code)}[/] {escape(problem.message)}{path}"
        if outcome.status != "applied":
            return
        yield from _changes(outcome, line)
        if outcome.event.type == "observe":
            yield from (f"[dim]{escape(one.reason)}[/]" for one in outcome.ignored)
        for entry in outcome.entries:
            yield f"[italic]{escape(_short(entry.text))}[/] [dim]{escape(entry.by)}[/]"
        yield from self._clock_news(str(line.get("case")), line.get("sla") or {})
        for effect in outcome.effects:
            if effect.kind in _EFFECTS:
                to = self._receivers(effect)
                yield f"[magenta]{_EFFECTS[effect.kind]} {escape(_bare_name(effect.name))}[/]{to}"

    def _receivers(self, effect: Effect) -> str:
        if not effect.to or effect.kind == "create":
            return ""
        names = [self._numbers.get(str(one), str(one)) for one in effect.to]
        return f" [dim]to {escape(', '.join(names))}[/]"

    def _clock_news(self, case: str, clocks: Mapping[str, Any]) -> Iterator[str]:
        before = self._clocks.get(case, {})
        self._clocks[case] = dict(clocks)
        for name, clock in clocks.items():
            known: Mapping[str, Any] = before.get(name) or {}
            keys = ("status", "breached", "due")
            if clock is None or all(clock.get(k) == known.get(k) for k in keys):
                continue
            yield f"⏱ {escape(name)} {_clock_text(clock, self.zone)}"


def _head(outcome: Outcome, line: Mapping[str, Any], at: dt.datetime) -> str:
    event = outcome.event
    case = outcome.case
    number = (case.number if case is not None else None) or _bare_id(str(line.get("case") or ""))
    who = "" if event.actor.id == "system" else f" [dim]{escape(event.actor.id)}[/]"
    changes: Mapping[str, Any] = line.get("changes") or {}
    moved: list[Any] | None = changes.get("state")
    state = ""
    if moved:
        old = f"{escape(str(moved[0]))} → " if moved[0] else ""
        state = f"  [dim]{old}[/][bold cyan]{escape(str(moved[1]))}[/]"
    mark = "[blue]⏲[/]" if event.type == "timer" else _MARKS.get(outcome.status, "?")
    what = _timer_name(outcome) if event.type == "timer" else _event_name(event)
    status = "" if outcome.status == "applied" else f"  [yellow]{outcome.status}[/]"
    label = escape(number[:10]).ljust(10)
    return f"[dim]{at:%H:%M}[/]  [bold]{label}[/] {mark} {escape(what)}{who}{status}{state}"


def _bare_id(entity: str) -> str:
    """Return the id of a case, or the key of a window."""
    return entity.split("/", 2)[2] if entity.startswith(WINDOW_PREFIX) else entity


def _correlation(event: Event) -> str:
    return _bare_name(event.case.removeprefix(WINDOW_PREFIX).partition("/")[0])


def _timer_name(outcome: Outcome) -> str:
    name = str(outcome.event.data.get("timer", "timer")).replace("/", " ")
    is_window = outcome.event.case.startswith(WINDOW_PREFIX)
    return f"{_correlation(outcome.event)}: end of {name.split()[0]}" if is_window else name


def _event_name(event: Event) -> str:
    if event.case.startswith(WINDOW_PREFIX):
        return _correlation(event)
    if event.type != "activity":
        return event.type
    return f"{event.data.get('activity')}: {event.data.get('action')}"


def _bare_name(name: str) -> str:
    return name.rpartition(".")[2]


def _changes(outcome: Outcome, line: Mapping[str, Any]) -> Iterator[str]:
    """Yield the fields that changed; of a new case those that were given, defaults say little."""
    parts: list[str] = []
    given = outcome.event.data if outcome.event.type == "create" else None
    changes: Mapping[str, list[Any]] = line.get("changes") or {}
    for name, pair in changes.items():
        if name == "state" or (given is not None and name not in given):
            continue
        parts.append(f"[dim]{escape(name)}[/] {_value(pair[1])}")
    if parts:
        yield "  ".join(parts)


def _value(value: Any) -> str:
    return "[dim]none[/]" if value is None or value == [] else shown(_short(value))


def _short(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    line = " ".join(value.split())
    return line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "…"


def _clock_text(clock: Mapping[str, Any], zone: dt.tzinfo) -> str:
    status = str(clock.get("status"))
    colour = _CLOCK_COLOURS.get(status, "dim")
    text = f"[{colour}]{status.replace('_', ' ')}[/]"
    if clock.get("breached"):
        text += " [bold red]breached[/]"
    due = clock.get("due")
    if due and status == "in_progress":
        at = dt.datetime.fromisoformat(str(due)).astimezone(zone)
        text += f" [dim]due {at:%a %d %b %H:%M}[/]"
    return text


def _cases(cases: Iterable[Case]) -> Table:
    table = Table(title="Cases", box=SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for column in ("number", "type", "state", "about", "clocks"):
        table.add_column(column, overflow="fold")
    for case in cases:
        about = case.fields.get("short_description") or case.fields.get("title") or ""
        table.add_row(
            escape(case.number or case.id[:12]),
            escape(case.case_type.rpartition(".")[2]),
            f"[bold cyan]{escape(case.state)}[/]",
            escape(str(_short(about))),
            _clocks(case),
        )
    return table


def _clocks(case: Case) -> str:
    lines: list[str] = []
    for name, clocks in case.clocks.items():
        clock = clocks.current
        colour = "red" if clock.breached else _CLOCK_COLOURS.get(clock.status, "dim")
        word = "breached, " if clock.breached else ""
        lines.append(f"{escape(name)} [{colour}]{word}{clock.status.replace('_', ' ')}[/]")
    return "\n".join(lines)


def _figures(counts: Mapping[str, int]) -> str:
    parts = [f"[bold]{counts.get('events', 0)}[/] events"]
    words = {
        "applied": "applied",
        "rejected": "rejected",
        "failed": "failed",
        "duplicate": "duplicates",
        "observations": "observations in windows",
        "timers": "timers fired",
        "notification": "notifications",
        "create": "cases made by cases",
        "send": "messages between cases",
        "publish": "published",
    }
    parts += [f"{counts[k]} {text}" for k, text in words.items() if counts.get(k)]
    return ", ".join(parts)
