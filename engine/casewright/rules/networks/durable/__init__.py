"""The durable network: ``durable-rules`` behind what makes it safe to use."""

from __future__ import annotations

from casewright.rules.networks.durable.adapter import DurableNetwork, lower_reason
from casewright.rules.networks.durable.ruleset import is_installed

__all__ = ["DurableNetwork", "is_installed", "lower_reason"]
