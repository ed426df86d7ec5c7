"""The order of a step: internal events, each Apply, Flow, Settle, Announce (rules 14 to 24).

What each change means is in ``step``; whether an event from outside is let in, in ``admit``; what
timers do, in ``timers``. Here is only what follows what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright import playbook
from casewright.case import POST_TO, Ignored
from casewright.feel import BudgetExceeded
from casewright.program import admit, apply, check, tell, timers, tracing
from casewright.program.chain import because
from casewright.program.faults import Failed, Rejected
from casewright.program.firing import fire_rule
from casewright.program.watching import tell_standing
from casewright.rules.networks.contract import FactLimit

if TYPE_CHECKING:
    from casewright.case import Event
    from casewright.program.step import Step

BUILT_IN = admit.BUILT_IN


def run(step: Step) -> None:
    """Run the whole step.

    Raises:
        Rejected: the asker's fault.
        Failed: the specs' fault.
    """
    try:
        _run(step)
    except (BudgetExceeded, FactLimit) as err:
        raise Failed("budget", because(step, str(err))) from err


def _run(step: Step) -> None:
    root = admit.admitted(step)
    if step.ct.keeps_events and root.type not in step.ct.engine_events:
        step.remember()
    _internal(step, root, is_announced=False)
    _announce(step)
    while step.queue:
        event, is_announced = step.queue.popleft()
        step.begin(event)
        _internal(step, event, is_announced=is_announced)
        _announce(step)
    check.check(step)
    timers.arm(step)
    tell.tell_at_end(step)
    if step.ct.watches is not None:
        tell_standing(step, step.ct.watches)
    tell.report_to_others(step)


def _internal(step: Step, event: Event, *, is_announced: bool) -> None:
    if not is_announced:
        apply.apply(step, event)
    _flow(step, event, is_announced=is_announced)
    settle(step)
    tell.tell(step, event)


def _flow(step: Step, event: Event, *, is_announced: bool) -> None:
    ct = step.ct
    event_type = event.type
    step.note(tracing.FLOW, step.state)
    is_root = event is step.root_event
    if step.is_create and is_root:
        enter = ct.flow.states[step.state].enter
        if enter:
            step.run_actions(enter)
    fired = ct.flow.fire(step, event_type)
    if step.refused:
        raise Rejected(step.refused)
    if step.act is not None and is_root:
        _act(step, fired=fired)
        return
    if fired or is_announced or event_type in BUILT_IN or event_type in ct.engine_events:
        return
    if is_root and (step.is_outside or not ct.hears(event_type)):
        raise Rejected(admit.no_transition(step, event_type))
    if not ct.hears(event_type):
        step.ignored.append(
            Ignored(event_type, f'no transition from state "{step.state}" could be taken')
        )


def _act(step: Step, *, fired: bool) -> None:
    """Run the action of an activity: refused, incomplete, or done and moved on."""
    act = step.act
    if act is None:
        return
    if act.event is not None and not fired:
        raise Rejected(admit.no_transition(step, act.event))
    given = step.root_event.data
    refused = playbook.refusal(act, step)
    if refused is not None:
        raise Rejected([refused])
    missing = (*playbook.late_posts(act, given), *playbook.unmet(act, given, step))
    if missing:
        raise Rejected(list(missing))
    step.causes.append(f"activity/{act.activity.name}/{act.action.name}")
    posts, _ = act.journals(given)
    for name, text in posts.items():
        step.post(POST_TO[name], text)
    if act.do:
        step.run_actions(act.do)
    move = act.move(given)
    if move is not None:
        step.move(move)


def settle(step: Step) -> None:
    """Bring computed fields, clocks, playbook and rules to rest, then commit them."""
    ct = step.ct
    while True:
        step.refresh_all()
        if fire_rule(step):
            continue
        if not ct.playbook_bit or not _follow_playbook(step):
            break
    if step.trace is not None:
        tracing.note_settled(step)
    step.commit()


def _follow_playbook(step: Step) -> bool:
    """Run what the playbook has reached or completed; True if something ran."""
    settled = step.settled_playbook
    if settled is None:
        return False
    ran = False
    for journal, text in settled.posts:
        if _is_first(step, f"post/{journal}/{text}"):
            step.post(POST_TO[journal], text)
            ran = True
    for name, actions in settled.runs:
        if _is_first(step, f"run/{name}"):
            step.run_as_system(actions)
            ran = True
    if settled.automatic is not None and not ran:
        step.next_round(settled)
        ran = True
    return ran


def _is_first(step: Step, what: str) -> bool:
    key = f"{step.playbook_round}/{what}"
    if key in step.done_playbook:
        return False
    step.done_playbook.add(key)
    return True


def _announce(step: Step) -> None:
    if step.pending:
        step.queue.extend(step.pending)
        step.pending.clear()
