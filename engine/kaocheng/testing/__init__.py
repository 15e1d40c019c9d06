"""Tools for those who test a ruleset: generated journals, and a synthetic year.

    @given(timelines(ruleset))
    def test_nothing_is_undetermined(timeline: Timeline) -> None: ...

`cases`, `journals` and `timelines` are Hypothesis strategies and need the extra `testing`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kaocheng.testing.information_office import Office, synthetic_year
    from kaocheng.testing.strategies import Timeline, cases, journals, timelines

__all__ = ["Office", "Timeline", "cases", "journals", "synthetic_year", "timelines"]

# Read when first asked for: the synthetic year needs no Hypothesis.
_HOMES = {
    "Office": "kaocheng.testing.information_office",
    "Timeline": "kaocheng.testing.strategies",
    "cases": "kaocheng.testing.strategies",
    "journals": "kaocheng.testing.strategies",
    "synthetic_year": "kaocheng.testing.information_office",
    "timelines": "kaocheng.testing.strategies",
}


def __getattr__(name: str) -> object:
    """A public name, imported from where it lives."""
    if name not in _HOMES:
        raise AttributeError(f"module `kaocheng.testing` has no attribute `{name}`")
    try:
        return getattr(import_module(_HOMES[name]), name)
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        message = f"`kaocheng.testing.{name}` needs the extra `testing` (`kaocheng[testing]`)"
        raise ModuleNotFoundError(message, name="hypothesis") from None
