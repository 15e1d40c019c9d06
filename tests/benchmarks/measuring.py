"""Measuring side by side: operations take turns, one by one.

A busy machine then slows all of them alike, and none runs in a loop that keeps its own
code and data hot while the others do not. Medians leave out what was interrupted.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

Row = tuple[str, float, str, str]
"""What was measured, the value, its unit, and the bar: `<= 3`, `>= 1.5`, or nothing."""

Figures = Mapping[str, Sequence[float]]
"""Microseconds per operation: for each task the median of each round."""


class Task(NamedTuple):
    """`prepare` gives what each operation of a round works on; `run` does one and is timed."""

    prepare: Callable[[], Sequence[Any]]
    run: Callable[[Any], object]


def interleaved(tasks: Mapping[str, Task], *, rounds: int = 9, turn: int = 1) -> Figures:
    """Measure tasks that have the same number of operations; the first round does not count.

    Tasks whose operations differ a hundredfold in length take longer turns, else the long
    ones would leave nothing of the short ones in the machine's caches.
    """
    figures: dict[str, list[float]] = {name: [] for name in tasks}
    for round_ in range(rounds + 1):
        for name, times in _round(tasks, turn).items():
            if round_:
                figures[name].append(statistics.median(times) * 1e6)
    return figures


def ratio(figures: Figures, above: str, below: str) -> float:
    """The median of the ratios of two tasks, round by round."""
    pairs = zip(figures[above], figures[below], strict=True)
    return statistics.median(a / b for a, b in pairs)


def medians(figures: Figures, unit: str = "µs") -> list[Row]:
    """A row per task, without a bar."""
    return [(name, statistics.median(values), unit, "") for name, values in figures.items()]


def _round(tasks: Mapping[str, Task], turn: int) -> dict[str, list[float]]:
    prepared = {name: task.prepare() for name, task in tasks.items()}
    times: dict[str, list[float]] = {name: [] for name in tasks}
    steps = [(times[name].append, task.run, prepared[name]) for name, task in tasks.items()]
    clock = time.perf_counter
    gc.collect()
    gc.disable()
    try:
        for place in range(0, min(map(len, prepared.values())), turn):
            for add, run, given in steps:
                for one in given[place : place + turn]:
                    begin = clock()
                    run(one)
                    add(clock() - begin)
    finally:
        gc.enable()
    return times
