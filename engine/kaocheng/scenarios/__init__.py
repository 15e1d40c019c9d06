"""Scenarios: timelines with what must come out, and which rule must say it."""

from __future__ import annotations

from kaocheng.scenarios.model import Expected, Scenario
from kaocheng.scenarios.reading import read_scenarios, scenario_files
from kaocheng.scenarios.running import Outcome, ScenarioRunner, without_rule

__all__ = [
    "Expected",
    "Outcome",
    "Scenario",
    "ScenarioRunner",
    "read_scenarios",
    "scenario_files",
    "without_rule",
]
