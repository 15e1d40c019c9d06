"""What all tests share: the Hypothesis profiles and the folder of real data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile(
    "ci",
    max_examples=100,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("nightly", max_examples=5_000, deadline=None, print_blob=True)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") == "true" else "dev")
)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data that `KAOCHENG_DATA` names; the test is skipped when it is unset."""
    name = os.environ.get("KAOCHENG_DATA")
    if not name:
        pytest.skip("KAOCHENG_DATA is not set, so the tests on real data do not run")
    folder = Path(name)
    if not folder.is_dir():
        pytest.fail(f"KAOCHENG_DATA names no folder: {folder}")
    return folder
