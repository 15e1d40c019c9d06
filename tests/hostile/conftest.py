"""The synthetic samples, to be damaged."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kaocheng import Host

# With `--import-mode=importlib` pytest puts no folder of tests on the path.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def samples(host: Host) -> dict[str, Path]:
    """The sample input of each shipped ruleset."""
    return {
        name: next((folder / "sample").iterdir())
        for name, folder in host.rulesets.items()
        if (folder / "sample").is_dir()
    }
