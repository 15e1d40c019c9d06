"""A desk that receives applications, with one rule for each thing that can be explained."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kaocheng import Host, Ruleset

HERE = Path(__file__).parent

# With `--import-mode=importlib` pytest puts no folder of tests on the path.
sys.path.insert(0, str(HERE))


@pytest.fixture(scope="session")
def desk() -> Ruleset:
    """The ruleset of the desk, in two versions."""
    return Host.discover().load(str(HERE / "desk"))
