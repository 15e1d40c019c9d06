"""How long the command line takes to start: the processor time of `kaocheng --help`."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

from measuring import Row, bounded, shown

RUNS = 20


def main() -> list[Row]:
    """The least of several starts, with compiled bytecode as after set-up."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-P", "-c", "from kaocheng.cli import main; main()", "--help"]
    least = min(_seconds(command, environment) for _ in range(RUNS))
    return [bounded("kaocheng --help", least, shown(least), "<= 0.3 s")]


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
