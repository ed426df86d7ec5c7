"""Compiling what moves a case: clocks, playbook, rules, notifications; and what depends on what.

Everything that can change in a case has a bit. What an expression reads is a mask of bits; from the
masks come the order in which computed fields, clocks and the playbook are worked out, and what each
change makes stale. A circle among them is an error.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from casewright.bind.places import Where
from casewright.bind.shape import ANNOUNCED, BUILT_IN_DATA, STATE_BIT
from casewright.notify import compile_messages, compile_notifications, is_of_no_case
from casewright.playbook.compiling import compile_playbook
from casewright.rules.compiling_case_rules import compile_rules
from casewright.sla import compile_clocks
from casewright.templates import check_templates
from casewright.views import compile_handling_notes, compile_views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from casewright.actions.binder import CaseBinder
    from casewright.bind.fields import FieldDefinition
    from casewright.feel import Expression
    from casewright.program.kind import CaseType
    from casewright.program.step import Step
    from casewright.rules.networks.choosing import NetworkUse, Wanted

_OUTSIDE = frozenset({"event", "actor", "previous", "now", "records"})


def compile_mechanisms(binder: CaseBinder, ct: CaseType, network: Wanted = "auto") -> None:
    """Compile what moves the cases of a type, into ``ct``; rules use the network wanted."""
    shape = binder.shape
    masks = Masks(ct)
    ct.clocks = {clock.name: clock for clock in compile_clocks(binder)}
    _compile_playbooks(binder, ct)
    ct.rules = compile_rules(
        binder, binder.compiler, shape.attached.get("rules", ()), masks.of_expression, network
    )
    ct.notifications = compile_notifications(binder, shape.attached.get("notification_map", ()))
    ct.messages = compile_messages(binder, binder.world.packs.all("topic_map"))
    ct.views = compile_views(binder, binder.world.packs.all("views"))
    ct.handling_notes = compile_handling_notes(binder)
    check_templates(binder)
    _check_targets(binder, ct)
    _derive(binder, ct, masks)
    _index(ct, masks)
    _listen(binder, ct)


def rule_networks(case_types: Iterable[CaseType]) -> Iterator[NetworkUse]:
    """Yield what brings the facts together that rules of case types are over."""
    for ct in case_types:
        for rule in ct.rules.rules:
            if rule.network is not None:
                yield replace(rule.network, production=f"rule {rule.name} of {ct.name}")


def _compile_playbooks(binder: CaseBinder, ct: CaseType) -> None:
    shape, events = binder.shape, ct.flow.event_types
    if shape.playbook_spec is not None:
        ct.playbook = compile_playbook(binder, shape.playbook_spec, events)
    made = {} if ct.playbook is None else {ct.playbook.name: ct.playbook}
    for service, spec in shape.service_playbooks.items():
        if spec.qualified not in made:
            made[spec.qualified] = compile_playbook(binder, spec, events)
        ct.service_playbooks[service] = made[spec.qualified]
    for playbook in made.values():
        for timer in playbook.timers.values():
            other = ct.timers.get(timer.key)
            if other is None:
                ct.timers[timer.key] = timer
                key = ("activity", timer.owner)
                ct.timers_of[key] = (*ct.timers_of.get(key, ()), timer)
            elif other.fingerprint != timer.fingerprint:
                text = f'timer "{timer.key}" of {playbook.name} is another in the other playbook'
                cure = "give the timer or its activity another name"
                binder.report("CW807", shape.where / "services", text, cure)


class Masks:
    """Which bits a path of an expression stands for."""

    def __init__(self, ct: CaseType) -> None:
        self.ct = ct
        self.bits: dict[str, int] = {
            "state": STATE_BIT,
            **{name: definition.bit for name, definition in ct.fields.items()},
            **ct.journal_bits,
            **ct.related_bits,
        }

    def of_expression(self, expression: Expression) -> tuple[int, bool]:
        """Return the bits that an expression reads, and whether it reads what has none."""
        mask, always = self.of_paths(expression.reads)
        for call in expression.calls:
            if call.name in ("has role", "changed", "now", "today"):
                always = True
        return mask, always

    def of_paths(self, paths: Iterable[tuple[str, ...]]) -> tuple[int, bool]:
        """Return the bits of paths, and whether one of them has none."""
        mask, always = 0, False
        for path in paths:
            bits, outside = self._of(path[1:] if path[0] == "case" and len(path) > 1 else path)
            mask |= bits
            always = always or outside
        return mask, always

    def _of(self, path: tuple[str, ...]) -> tuple[int, bool]:
        head = path[0]
        if head in _OUTSIDE:
            return 0, True
        if head == "sla":
            return self.ct.clock_bits.get(path[1], 0) if len(path) > 1 else 0, len(path) == 1
        if head == "playbook":
            return self.ct.playbook_bit, False
        if head == "clocks":
            return sum(self.ct.clock_bits.values()), False
        if head == "recent_events":
            return self.ct.recent_bit, False
        definition = self.ct.fields.get(head)
        follows = (
            definition is not None
            and definition.kind == "reference"
            and not definition.target_is_case
            and len(path) > 1
        )
        return self.bits.get(head, 0), follows


def _derive(binder: CaseBinder, ct: CaseType, masks: Masks) -> None:
    """Order what is worked out, and find what each change makes stale."""
    reads: dict[int, int] = {}
    names: dict[int, tuple[str, Where]] = {}
    always = 0
    shape = binder.shape
    for name, definition in ct.fields.items():
        if definition.computed is None:
            continue
        mask, outside = masks.of_expression(definition.computed)
        reads[definition.bit] = mask
        names[definition.bit] = (
            f"computed field {name}",
            shape.where / "fields" / name / "computed",
        )
        always |= definition.bit if outside else 0
        ct.derived[definition.bit] = _computing(definition)
    for name, clock in ct.clocks.items():
        mask, outside = masks.of_paths(clock.reads)
        reads[clock.bit] = (mask | STATE_BIT) & ~clock.bit
        names[clock.bit] = (f"sla.{name}", shape.clocks[name].where)
        always |= clock.bit if outside or clock.reads_event else 0
        _, is_restless = masks.of_paths(clock.condition_reads)
        ct.derived[clock.bit] = _clocking(clock, is_restless=is_restless or clock.reads_event)
        for event in clock.events:
            ct.stale_on[event] = ct.stale_on.get(event, 0) | clock.bit
    if ct.playbook_bit:
        mask, outside = masks.of_paths(path for one in ct.playbooks for path in one.reads)
        reads[ct.playbook_bit] = mask & ~ct.playbook_bit
        place = shape.where if shape.playbook_spec is None else Where(shape.playbook_spec, "")
        names[ct.playbook_bit] = ("the playbook", place)
        always |= ct.playbook_bit if outside else 0
        ct.derived[ct.playbook_bit] = _booking
    ct.derived_order = _sorted(binder, reads, names)
    ct.all_derived = sum(reads)
    _spread(ct, reads)
    ct.always = _closure(always, reads)
    ct.stale_on = {event: _closure(bits, reads) for event, bits in ct.stale_on.items()}


def _computing(definition: Any) -> Callable[[Step], None]:
    expression = definition.computed

    def work(step: Step) -> None:
        step.store_computed(definition, expression.value(step, step.budget))

    return work


def _clocking(definition: Any, *, is_restless: bool) -> Callable[[Step], None]:
    def settle(step: Step) -> None:
        step.settle_clock(definition)

    def settle_if_moved(step: Step) -> None:
        step.settle_calm_clock(definition)

    return settle if is_restless else settle_if_moved


def _booking(step: Step) -> None:
    step.settle_playbook()


def _sorted(
    binder: CaseBinder, reads: dict[int, int], names: dict[int, tuple[str, Where]]
) -> tuple[int, ...]:
    done: list[int] = []
    path: list[int] = []

    def visit(bit: int) -> None:
        if bit in done:
            return
        if bit in path:
            circle = [names[b][0] for b in [*path[path.index(bit) :], bit]]
            binder.report(
                "CW240",
                names[bit][1],
                f"these depend on each other in a circle: {' -> '.join(circle)}",
                "let one of them read something else, or set it by a rule",
            )
            return
        path.append(bit)
        for other in reads:
            if reads[bit] & other:
                visit(other)
        path.pop()
        if bit not in done:
            done.append(bit)

    for bit in reads:
        visit(bit)
    return tuple(done)


def _closure(bits: int, reads: dict[int, int]) -> int:
    """Return the bits and all that read them, directly or not."""
    grown = bits
    while True:
        more = grown
        for bit, mask in reads.items():
            if mask & grown:
                more |= bit
        if more == grown:
            return grown
        grown = more


def _spread(ct: CaseType, reads: dict[int, int]) -> None:
    sources = 0
    for mask in reads.values():
        sources |= mask
    bit = 1
    while bit <= sources:
        if sources & bit:
            stale = _closure(bit, reads) & ~bit
            if stale:
                ct.dependents[bit] = stale
        bit <<= 1


def _index(ct: CaseType, masks: Masks) -> None:
    checks: list[tuple[FieldDefinition, int]] = []
    for definition in ct.fields.values():
        if definition.check is not None:
            mask, always = masks.of_expression(definition.check)
            checks.append((definition, -1 if always else mask | definition.bit))
    ct.checks = tuple(checks)
    ct.positions = {name: position for position, name in enumerate(ct.fields)}
    for role in ct.roles.definitions.values():
        if role.when is not None:
            mask, _ = masks.of_expression(role.when)  # actor and records stay in an internal event
            ct.roles_mask |= mask
    for bit, stale in ct.dependents.items():
        ct.roles_mask |= bit if stale & ct.roles_mask else 0
    ct.required = tuple(d for d in ct.fields.values() if d.required)
    ct.required_mask = STATE_BIT
    for definition in ct.required:
        ct.required_mask |= definition.bit | ct.journal_bits.get(definition.name, 0)
    ct.dependent_choices = tuple(d for d in ct.fields.values() if d.branches)
    for key, timer in ct.timers.items():
        values = (value for value in (timer.after, timer.at) if value is not None)
        mask, _ = masks.of_paths(path for value in values for path in value.reads)
        if mask:
            ct.moving_timers[key] = mask


def _check_targets(binder: CaseBinder, ct: CaseType) -> None:
    for name, where in binder.compiler.targets:
        known = {n for one in ct.playbooks for n in (*one.stages, *one.activities)}
        if not ct.playbooks:
            binder.report("CW808", where, f'`go_to` "{name}": the case type has no playbook')
        elif name not in known:
            binder.unknown("CW806", where, "stage or activity", name, known)
    for name, where in binder.compiler.notified:
        bare = name.rpartition(".")[2]
        if bare not in ct.notifications.by_name:
            _report_notification(binder, name, where)


def _report_notification(binder: CaseBinder, name: str, where: Where) -> None:
    """Report a name that no action can send; nothing of one that has mistakes of its own."""
    specs = binder.shape.attached.get("notification_map", ())
    is_full = "." in name
    declared = {
        f"{spec.pack}.{short}" if is_full else short: model
        for spec in specs
        for short, model in spec.model.notifications.items()
    }
    model = declared.get(name)
    if model is None and is_of_no_case(binder.world, name, where):
        message = f'notification "{name}" is for correlations: its map is `for` no case type'
        binder.report("CW809", where, message, "give the map `for`")
    elif model is None:
        binder.unknown("CW809", where, "notification", name, declared)
    elif model.on is not None or model.when is not None:
        key = "when" if model.on is None else "on"
        message = f'notification "{name}" has `{key}` and goes out by itself; no action sends it'
        binder.report("CW809", where, message, f"take away this action, or the `{key}`")


def _listen(binder: CaseBinder, ct: CaseType) -> None:
    """Find which event types some spec listens to, and which only specs raise."""
    heard = {event for rule in ct.rules.rules for event in rule.on}
    heard |= {event for clock in ct.clocks.values() for event in clock.events}
    heard |= ct.notifications.events | ct.messages.events
    heard |= set() if ct.watches is None else ct.watches.on.keys()
    ct.heard = frozenset(heard)
    ct.listened = frozenset(
        event
        for event in (*ANNOUNCED, "comment", "work_note")
        if event in heard or event in ct.flow.event_types
    )
    opened = {event for row in ct.flow.transitions if row.roles - {"system"} for event in row.on}
    named = (binder.shape.sent & ct.flow.event_types) - BUILT_IN_DATA.keys()
    only_system = {
        event
        for event in ct.flow.event_types
        if all(row.roles == frozenset({"system"}) for row in ct.flow.transitions if event in row.on)
    }
    ct.takes_data = frozenset(
        event
        for event, data in ct.event_data.items()
        if any(datum.required or datum.default is not None for datum in data.values())
    ) | {"activity", "comment", "work_note"}
    ct.closed_events = frozenset((named - opened) | only_system)
