"""How long the command line takes to start: `kaocheng --help` as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from measuring import Row, bounded, shown

RUNS = 20


def main() -> list[Row]:
    """The least of several starts, with compiled bytecode as after set-up."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-P", "-c", "from kaocheng.cli import main; main()", "--help"]
    least = min(_seconds(command, environment) for _ in range(RUNS))
    return [bounded("kaocheng --help", least, shown(least), "<= 0.3 s")]


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun
