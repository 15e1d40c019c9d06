"""The samples of the shipped rulesets, and a journal of a unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaocheng import Host

BREACH = "washington-breach"
PERMIT = "permit-receipt"
WUHU = "wuhu-information"


@pytest.fixture(scope="session")
def samples(host: Host) -> dict[str, Path]:
    """The sample input of each shipped ruleset."""
    return {name: next((host.find(name) / "sample").iterdir()) for name in (BREACH, PERMIT, WUHU)}
