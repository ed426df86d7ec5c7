"""Scenarios: tests of packs, written in YAML."""

from casewright.testing.coverage import Coverage, Covered
from casewright.testing.results import Difference, ScenarioResult
from casewright.testing.runner import Runner, run_scenarios

__all__ = ["Coverage", "Covered", "Difference", "Runner", "ScenarioResult", "run_scenarios"]
