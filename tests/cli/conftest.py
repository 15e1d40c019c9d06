"""The samples of the shipped rulesets, and a journal of a unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaocheng import Host


@pytest.fixture(scope="session")
def samples(host: Host) -> dict[str, Path]:
    """The sample input of each shipped ruleset that has one."""
    return {
        name: min((folder / "sample").iterdir())
        for name, folder in host.rulesets.items()
        if (folder / "sample").is_dir()
    }
