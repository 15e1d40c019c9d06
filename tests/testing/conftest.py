"""The shipped rulesets, for laws that hold under each of them."""

from __future__ import annotations

import pytest

from kaocheng import Host, Ruleset

SHIPPED = sorted(Host.discover().rulesets)


@pytest.fixture(scope="session", params=SHIPPED)
def ruleset(request: pytest.FixtureRequest, host: Host) -> Ruleset:
    """Each shipped ruleset."""
    return host.load(request.param)
