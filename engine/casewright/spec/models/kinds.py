"""The model of each kind."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from casewright.spec.models.case_types import CaseType, Records, Roles
from casewright.spec.models.clocks import Calendar, SlaDefinitions
from casewright.spec.models.decisions import DecisionTable
from casewright.spec.models.flows import StateFlow
from casewright.spec.models.messages import NotificationMap, Templates, TopicMap
from casewright.spec.models.packs import Overlay, Pack
from casewright.spec.models.playbooks import Playbook
from casewright.spec.models.rules import Rules
from casewright.spec.models.scenarios import Scenario
from casewright.spec.models.views import Views

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.spec.models.common import SpecModel

KINDS: Mapping[str, type[SpecModel]] = MappingProxyType(
    {
        "pack": Pack,
        "case_type": CaseType,
        "records": Records,
        "roles": Roles,
        "state_flow": StateFlow,
        "sla_definitions": SlaDefinitions,
        "calendar": Calendar,
        "decision_table": DecisionTable,
        "rules": Rules,
        "playbook": Playbook,
        "notification_map": NotificationMap,
        "templates": Templates,
        "topic_map": TopicMap,
        "views": Views,
        "overlay": Overlay,
        "scenario": Scenario,
    }
)
"""Every kind of document, in the order in which documentation shows them."""

EXTENDING = frozenset({"case_type", "state_flow", "playbook"})
"""Kinds that have `extends`."""
