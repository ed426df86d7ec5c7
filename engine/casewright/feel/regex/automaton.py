"""A search in steps proportional to the text, by following all ways at once.

Ways are kept in order of preference, so the match found is the one that backtracking would find
first. Source: Rob Pike's virtual machine, as told by Russ Cox, "Regular Expression Matching: the
Virtual Machine Approach" (2009).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from casewright.feel.faults import FeelFault
from casewright.feel.regex import syntax

if TYPE_CHECKING:
    from casewright.feel.budget import Budget

_MAX_PROGRAM = 3000
Marks = tuple[int, ...]


@dataclass(slots=True)
class Step:
    """An instruction: take a character, check an edge, mark a place, fork, jump or match."""

    kind: str
    test: re.Pattern[str] | None = None
    first: int = 0
    second: int = 0


class Automaton:
    """The program of one pattern."""

    def __init__(self, item: syntax.Item, groups: int, flags: int) -> None:
        self._steps: list[Step] = []
        self._flags = flags
        self._marks = 2 * (groups + 1)
        self._emit(Step("mark", first=0))
        self._write(item)
        self._emit(Step("mark", first=1))
        self._emit(Step("match"))

    def _emit(self, step: Step) -> int:
        if len(self._steps) >= _MAX_PROGRAM:
            raise FeelFault("the pattern repeats too much")
        self._steps.append(step)
        return len(self._steps) - 1

    def _write(self, item: syntax.Item) -> None:
        if isinstance(item, syntax.Char):
            self._emit(Step("char", re.compile(item.source, self._flags)))
        elif isinstance(item, syntax.Edge):
            self._emit(Step("edge", re.compile(item.source, self._flags)))
        elif isinstance(item, syntax.Sequence):
            for part in item.items:
                self._write(part)
        elif isinstance(item, syntax.Choice):
            self._write_choice(item)
        elif isinstance(item, syntax.Group):
            self._write_group(item)
        elif isinstance(item, syntax.Repeat):
            self._write_repeat(item)
        else:
            raise FeelFault("a reference back to a group would take too long here")

    def _write_group(self, item: syntax.Group) -> None:
        if item.number is not None:
            self._emit(Step("mark", first=2 * item.number))
        self._write(item.item)
        if item.number is not None:
            self._emit(Step("mark", first=2 * item.number + 1))

    def _write_choice(self, item: syntax.Choice) -> None:
        ends: list[int] = []
        for option in item.options[:-1]:
            fork = self._emit(Step("fork"))
            self._steps[fork].first = fork + 1
            self._write(option)
            ends.append(self._emit(Step("jump")))
            self._steps[fork].second = len(self._steps)
        self._write(item.options[-1])
        for end in ends:
            self._steps[end].first = len(self._steps)

    def _write_repeat(self, item: syntax.Repeat) -> None:
        for _ in range(item.low):
            self._write(item.item)
        if item.high is None:
            fork = self._fork()
            self._write(item.item)
            self._steps[self._emit(Step("jump"))].first = fork
            self._join(fork, item.greedy)
            return
        forks: list[int] = []
        for _ in range(item.high - item.low):
            forks.append(self._fork())
            self._write(item.item)
        for fork in forks:
            self._join(fork, item.greedy)

    def _fork(self) -> int:
        fork = self._emit(Step("fork"))
        self._steps[fork].first = fork + 1
        return fork

    def _join(self, fork: int, greedy: bool) -> None:
        step = self._steps[fork]
        step.second = len(self._steps)
        if not greedy:
            step.first, step.second = step.second, step.first

    def search(self, b: Budget, text: str, start: int) -> Marks | None:
        """Return the marks of the first match from ``start`` on, or None.

        Marks are start and end of the match and of each group, -1 where a group took no part.
        """
        found: Marks | None = None
        ways: list[tuple[int, Marks]] = []
        for place in range(start, len(text) + 1):
            seen: set[int] = set()
            current: list[tuple[int, Marks]] = []
            for at, marks in ways:
                self._follow(at, marks, text, place, seen, current)
            if found is None:
                self._follow(0, (-1,) * self._marks, text, place, seen, current)
            b.spend(1 + (len(seen) >> 4))
            ways = []
            for at, marks in current:
                step = self._steps[at]
                if step.kind == "match":
                    found = marks
                    break
                if place < len(text) and step.test and step.test.match(text[place]):
                    ways.append((at + 1, marks))
            if not ways and found is not None:
                return found
        return found

    def _follow(
        self,
        at: int,
        marks: Marks,
        text: str,
        place: int,
        seen: set[int],
        current: list[tuple[int, Marks]],
    ) -> None:
        """Add all steps that take a character, or match, and are reached without taking one."""
        stack = [(at, marks)]
        while stack:
            at, marks = stack.pop()
            if at in seen:
                continue
            seen.add(at)
            step = self._steps[at]
            if step.kind == "jump":
                stack.append((step.first, marks))
            elif step.kind == "fork":
                stack.append((step.second, marks))
                stack.append((step.first, marks))
            elif step.kind == "mark":
                stack.append((at + 1, (*marks[: step.first], place, *marks[step.first + 1 :])))
            elif step.kind == "edge":
                if step.test and step.test.match(text, place):
                    stack.append((at + 1, marks))
            else:
                current.append((at, marks))
