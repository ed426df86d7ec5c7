"""One step on one case: the token that the flow's machine fires on, and how everything settles.

The order in which things happen is in ``order``; what each change means in ``work``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.bind.shape import STATE_BIT
from casewright.case import (
    SYSTEM,
    Problem,
)
from casewright.flow import ANYBODY
from casewright.playbook import overview
from casewright.playbook import settle as settle_playbook
from casewright.program.asking import Asking
from casewright.program.chain import because
from casewright.program.faults import Failed
from casewright.program.words import CaseWords
from casewright.sla import announcements, reasons, rests
from casewright.sla import settle as settle_clock
from casewright.view import View

if TYPE_CHECKING:
    from casewright.actions import ActionList
    from casewright.case import Clocks, Playbook
    from casewright.flow import Transition
    from casewright.playbook import Settled
    from casewright.sla import ClockDefinition


class Step(Asking):
    """One step on one case."""

    __slots__ = ()

    # --- the token of the flow --------------------------------------------------------------

    def admits(self, row: Transition) -> bool:
        """Return True if roles and ``when`` of a row hold, and what it requires is there.

        What is missing is kept in ``refused``, and no row after this one is admitted: an exception
        in the machine would leave a circle of it, its frames and the step.
        """
        if self.refused or not self._is_selected(row):
            return False
        if row.require:
            self.refused = [
                Problem(
                    "requirement",
                    f"{need.text} is required for {row.title or row.name}",
                    need.field or need.text,
                )
                for need in row.require
                if not self.meets(need.field, need.condition)
            ]
            if self.refused:
                missing = [problem.path for problem in self.refused]
                self.note("require", f"transition/{row.name}", missing=missing)
        return not self.refused

    def _is_selected(self, row: Transition) -> bool:
        wanted = row.roles
        if (
            wanted
            and self.actor is not SYSTEM
            and ANYBODY not in wanted
            and wanted.isdisjoint(self.held_roles())
        ):
            if self.trace is not None:
                held = CaseWords(self.ct, self).roles()
                self.note("roles", f"transition/{row.name}", wanted=sorted(wanted), held=held)
            return False
        if row.when is None:
            return True
        return self.holds(row.when, "when", f"transition/{row.name}")

    def take(self, row: Transition) -> None:
        """Note the row that is taken."""
        self.row = row
        self.note("taken", f"transition/{row.name}")
        self.causes.append(f"transition/{row.name}")

    def meets(self, field: str | None, condition: Any) -> bool:
        """Return True if an element of ``require`` is met."""
        if field is not None:
            value = self.journals.get(field) or self.fresh(field)
            return value is not None and value not in ("", [])
        return bool(condition.true(self, self.budget))

    def run_actions(self, actions: ActionList) -> None:
        """Run actions of a transition or activity, for whoever asked."""
        actions.run(self)

    def run_as_system(self, actions: ActionList) -> None:
        """Run actions of a rule, timer or stage."""
        asker, self.acting_as = self.acting_as, SYSTEM
        actions.run(self)
        self.acting_as = asker

    def entered(self, state: str) -> None:
        """Note that a state was entered."""
        self.state_entry += 1
        self.state_since_us = self.now_us
        self.touched = True
        self.mark(STATE_BIT)
        self.announce("state_changed", {"name": state})

    # --- settling ----------------------------------------------------------------------------

    def settle_clock(self, definition: ClockDefinition) -> None:
        """Work out a clock from its record at the start of this internal event."""
        name = definition.name
        settled = settle_clock(
            definition,
            self.base_clocks.get(name),
            self.begin_clocks.get(name),
            self,
            is_final=self.ct.flow.states[self.state].final,
        )
        self.put_clock(name, definition.bit, settled)

    def settle_calm_clock(self, definition: ClockDefinition) -> None:
        """Settle a clock whose conditions read nothing outside the case but in moments."""
        if self.moved & definition.bit or not rests(
            definition, self.base_clocks.get(definition.name), self
        ):
            self.settle_clock(definition)

    def refresh_all(self) -> None:
        """Work out everything that is stale, in the order of dependency."""
        stale = self.stale
        if not stale:
            return
        for bit, work in self.ct.order_of(stale):
            if self.stale & bit:
                self.stale &= ~bit
                work(self)

    def settle_playbook(self) -> None:
        """Work out the playbook from its record at the start of this internal event."""
        definition = self.ct.playbook_of(self.base_playbook, self.root_event.service)
        if definition is None:
            return
        settled = settle_playbook(definition, self.base_playbook, self.moves, self)
        self.settled_playbook = settled
        self.put_playbook(settled.record)

    def next_round(self, settled: Settled) -> None:
        """Go on from an activity that did its ``do`` by itself."""
        self.playbook_round += 1
        if self.playbook_round > self.ct.limits.raised_events:
            message = f'the playbook does not come to rest at "{settled.automatic}"'
            raise Failed("raise_limit", because(self, message))
        self._note_completed(settled)
        self.base_playbook = settled.record
        self.moves = []
        self.stir_playbook()

    def _note_completed(self, settled: Settled) -> None:
        self.playbook_done.extend(("activity_completed", name) for name in settled.activities)
        self.playbook_done.extend(("stage_completed", name) for name in settled.stages)

    def commit(self) -> None:
        """Commit the records of clocks and playbook and announce what they reached."""
        if self.owns_clocks:
            for name in self.ct.clocks:
                clocks = self.clocks.get(name)
                base = self.base_clocks.get(name)
                if clocks is None or clocks is base:
                    continue
                if self.trace is not None:
                    self._explain_clock(self.ct.clocks[name], base, clocks)
                for event_type in announcements(base, clocks):
                    self.causes.append(f"{event_type}/{name}")
                    self.announce(event_type, {"name": name})
        if self.settled_playbook is not None:
            if self.trace is not None:
                self._explain_playbook(self.settled_playbook.record)
            self._note_completed(self.settled_playbook)
            for event_type, name in self.playbook_done:
                self.causes.append(f"{event_type}/{name}")
                self.announce(event_type, {"name": name})
            self.playbook_done = []
        self.step_bits |= self.changed_bits

    def _explain_playbook(self, record: Playbook) -> None:
        """Note where the playbook stands and why activities are passed over."""
        definition = self.ct.playbook_of(record)
        if definition is None:
            return
        for stage in overview(definition, record, self):
            for one in stage.activities:
                if one.why:
                    place = f"activity/{one.name}"
                    self.note("playbook", place, status=one.status, why=one.why)
        self.note("playbook", definition.name, stage=record.stage, activity=record.activity)

    def _explain_clock(
        self, definition: ClockDefinition, base: Clocks | None, clocks: Clocks
    ) -> None:
        """Note what a clock became and the conditions that this came from."""
        for role, condition in reasons(definition, base, clocks):
            place = f"sla/{definition.name}/{role}"
            self.explain(condition, "clock", place)
        if clocks is not base:
            self.note("clock", f"sla/{definition.name}", status=clocks.current.status)

    def put_base_clock(self, name: str, clocks: Clocks) -> None:
        """Replace the record that a clock is settled from in this internal event."""
        self.base_clocks = {**self.base_clocks, name: clocks}
        self.clocks = dict(self.base_clocks)
        self.owns_clocks = True
        bit = self.ct.clock_bits[name]
        self.mark(bit)
        self.moved |= bit

    def end_everything(self) -> None:
        """End timers and calls of a case in a final state; its clocks have ended by themselves."""
        self.timers = ()
        self.calls = ()

    def look_back(self) -> None:
        """Make ``previous`` the case before the whole step."""
        self.event = self.root_event
        self.actor = self.root_event.actor
        self._held = None
        self._previous = self.at_begin()
        self.previous_parts = None

    def at_begin(self) -> View | None:
        """Return the case before this step, None at ``create``."""
        if self.before is not None and self._at_begin is None:
            self._at_begin = View(self.ct, self.before, self.related, self.now_us, self.budget)
        return self._at_begin
