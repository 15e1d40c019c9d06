"""The shipped rulesets and their scenarios."""

from __future__ import annotations

import pytest

from kaocheng import Host, Ruleset
from kaocheng.diagnostics import Diagnostics
from kaocheng.scenarios import Scenario, read_scenarios, scenario_files


@pytest.fixture(scope="module", params=sorted(Host.discover().rulesets))
def ruleset(request: pytest.FixtureRequest, host: Host) -> Ruleset:
    """Each shipped ruleset."""
    return host.load(request.param)


@pytest.fixture(scope="module")
def scenarios(ruleset: Ruleset) -> tuple[Scenario, ...]:
    """Its scenarios, which read without a diagnostic."""
    diagnostics = Diagnostics()
    files = scenario_files(ruleset)
    found = tuple(s for path in files for s in read_scenarios(path, ruleset, diagnostics))
    assert [] == list(diagnostics)
    return found
