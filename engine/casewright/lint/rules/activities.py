"""Activities that do something by themselves as handlers: `go_to` reaches them, they lead on.

Only those without fields, actions and cards act without a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.bind.places import Where
from casewright.bind.values import Value
from casewright.feel import types as feel
from casewright.lint.rules.handlers import Emission, Handler, reaching

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casewright.lint.rules.facts import Facts
    from casewright.playbook import ActivityDefinition, PlaybookDefinition
    from casewright.spec.pack_set import Spec


def activity_handlers(facts: Facts) -> Iterator[Handler]:
    """Yield the activities of a case type that act by themselves."""
    shape = facts.shape
    specs = {s.qualified: s for s in (shape.playbook_spec, *shape.service_playbooks.values()) if s}
    for playbook in facts.ct.playbooks:
        for activity in playbook.line:
            if activity.is_automatic and playbook.name in specs:
                yield _handler(facts, playbook, activity, specs[playbook.name])


def _handler(
    facts: Facts, playbook: PlaybookDefinition, activity: ActivityDefinition, spec: Spec
) -> Handler:
    stage = playbook.stages[activity.stage]
    where = Where(spec, "/stages") / activity.stage / "activities" / activity.name
    reached = [activity.name]
    if stage.activities[0] is activity:
        reached.append(activity.stage)
    name = Value(feel.STRING, literal=activity.name)
    made = [Emission("activity_completed", (), "do", None, where, data={"name": name})]
    if activity.position + 1 < len(playbook.line):
        following = playbook.line[activity.position + 1]
        made.append(Emission(reaching(following.name), (), "do", None, where, data=None))
    return Handler(
        "activity",
        activity.name,
        tuple(reaching(one) for one in reached),
        activity.when,
        facts,
        where,
        ((where / "do", activity.do),) if activity.do else (),
        is_certain=stage.when is None,
        announced=tuple(made),
    )
