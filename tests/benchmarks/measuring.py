"""Measuring side by side: tasks take turns, so that a busy machine slows all of them alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Row = tuple[str, float, str, str]
"""What was measured, the value, its unit, and the bar: `<= 3`, `>= 1.5`, or nothing."""


class Task(NamedTuple):
    """`run` does `count` operations on what `prepare` made; only `run` is measured."""

    prepare: Callable[[], Any]
    run: Callable[[Any], object]
    count: int


def interleaved(tasks: Mapping[str, Task], *, rounds: int = 9) -> dict[str, list[float]]:
    """Microseconds per operation of each task, one figure per round."""
    for task in tasks.values():
        _measured(task)
    figures: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            figures[name].append(_measured(task) / task.count * 1e6)
    return figures


def ratio(figures: Mapping[str, list[float]], above: str, below: str) -> float:
    """The median of the ratios of two tasks, round by round."""
    pairs = zip(figures[above], figures[below], strict=True)
    return statistics.median(a / b for a, b in pairs)


def medians(figures: Mapping[str, list[float]], unit: str = "µs") -> list[Row]:
    """A row per task, without a bar."""
    return [(name, statistics.median(values), unit, "") for name, values in figures.items()]


def _measured(task: Task) -> float:
    made = task.prepare()
    gc.collect()
    gc.disable()
    try:
        begin = time.perf_counter()
        task.run(made)
        return time.perf_counter() - begin
    finally:
        gc.enable()
