"""The real files, each read once."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def notices(data_dir: Path) -> Path:
    """The notices that the Attorney General of Washington publishes."""
    return data_dir / "wa_breach_notifications.csv"


@pytest.fixture(scope="session")
def permits(data_dir: Path) -> Path:
    """The log of a municipality's permit process."""
    return data_dir / "env_permit.xes.gz"
