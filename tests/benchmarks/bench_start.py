"""How long the command line takes to start: `kaocheng --help` as a process of its own."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

RUNS = 15


def main() -> list[tuple[str, float, str, str]]:
    """The median over several starts, with compiled bytecode as after set-up."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-P", "-c", "from kaocheng.cli import main; main()", "--help"]
    bare = [sys.executable, "-P", "-c", "pass"]
    times: dict[str, list[float]] = {"help": [], "bare": []}
    for _ in range(RUNS):
        times["help"].append(_seconds(command, environment))
        times["bare"].append(_seconds(bare, environment))
    medians = {name: statistics.median(found) for name, found in times.items()}
    return [
        ("kaocheng --help", medians["help"], "s", "<= 0.3"),
        ("  a bare interpreter", medians["bare"], "s", ""),
    ]


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun
