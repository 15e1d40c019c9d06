"""Kaocheng: deadlines, duties and points of bodies that live by reports.

    ruleset = Host.discover().load("washington-breach")
    assessment = assess(ruleset, journal, as_of=as_of)
    explanations = explain(assessment, "breach/10427")

Everything here is a value or a pure function, but for `Host`, which looks at what is
installed, and `Engine`, which keeps cases.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kaocheng.assessing import assess
    from kaocheng.assessment import Assessment
    from kaocheng.engine import BadEventError, ClashError, Engine, Outcome
    from kaocheng.engine.visible import HiddenError
    from kaocheng.errors import (
        ArgumentError,
        DeliveryError,
        InputError,
        JournalError,
        KaochengError,
        MissingEventError,
        RulesetError,
        StoreError,
        UnknownNameError,
        UnknownRulesetError,
        UnsupportedError,
    )
    from kaocheng.explaining import Explanation, explain
    from kaocheng.host import Host
    from kaocheng.language.parameters import with_parameters
    from kaocheng.language.ruleset import Ruleset
    from kaocheng.language.saving import save
    from kaocheng.model.events import Actor, Correction, Event, Journal
    from kaocheng.opening import open_input
    from kaocheng.stores import AsyncEngine, AsyncSqlStore, SqlStore

__all__ = [
    "Actor",
    "ArgumentError",
    "Assessment",
    "AsyncEngine",
    "AsyncSqlStore",
    "BadEventError",
    "ClashError",
    "Correction",
    "DeliveryError",
    "Engine",
    "Event",
    "Explanation",
    "HiddenError",
    "Host",
    "InputError",
    "Journal",
    "JournalError",
    "KaochengError",
    "MissingEventError",
    "Outcome",
    "Ruleset",
    "RulesetError",
    "SqlStore",
    "StoreError",
    "UnknownNameError",
    "UnknownRulesetError",
    "UnsupportedError",
    "assess",
    "explain",
    "open_input",
    "save",
    "with_parameters",
]

# Read when first asked for, so that starting the command line does not load the engine.
_HOMES = {
    "Actor": "kaocheng.model.events",
    "ArgumentError": "kaocheng.errors",
    "Assessment": "kaocheng.assessment",
    "AsyncEngine": "kaocheng.stores",
    "AsyncSqlStore": "kaocheng.stores",
    "BadEventError": "kaocheng.engine",
    "ClashError": "kaocheng.engine",
    "Correction": "kaocheng.model.events",
    "DeliveryError": "kaocheng.errors",
    "Engine": "kaocheng.engine",
    "Event": "kaocheng.model.events",
    "Explanation": "kaocheng.explaining",
    "HiddenError": "kaocheng.engine.visible",
    "Host": "kaocheng.host",
    "InputError": "kaocheng.errors",
    "Journal": "kaocheng.model.events",
    "JournalError": "kaocheng.errors",
    "KaochengError": "kaocheng.errors",
    "MissingEventError": "kaocheng.errors",
    "Outcome": "kaocheng.engine",
    "Ruleset": "kaocheng.language.ruleset",
    "RulesetError": "kaocheng.errors",
    "SqlStore": "kaocheng.stores",
    "StoreError": "kaocheng.errors",
    "UnknownNameError": "kaocheng.errors",
    "UnknownRulesetError": "kaocheng.errors",
    "UnsupportedError": "kaocheng.errors",
    "assess": "kaocheng.assessing",
    "explain": "kaocheng.explaining",
    "open_input": "kaocheng.opening",
    "save": "kaocheng.language.saving",
    "with_parameters": "kaocheng.language.parameters",
}


def __getattr__(name: str) -> object:
    """A public name, imported from where it lives."""
    if name not in _HOMES:
        raise AttributeError(f"module `kaocheng` has no attribute `{name}`")
    return getattr(import_module(_HOMES[name]), name)
