"""Measuring side by side, and what a benchmark says of it.

Operations take turns, one by one. A busy machine then slows all of them alike, and none runs in a
loop that keeps its own code and data hot while the others do not. There are several rounds:
within a round the median of the operations counts, which leaves out what was interrupted, and of
the rounds the least, which is the one that was disturbed least. What takes long is measured in
processor time, of all threads, because the clock also counts what others do on the machine.
"""

from __future__ import annotations

import gc
import operator
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

Figures = Mapping[str, float]
"""Seconds per operation: for each task the least of its rounds."""

_BARS: Mapping[str, Callable[[float, float], bool]] = {"<=": operator.le, ">=": operator.ge}
_UNITS = ((1e-3, 1e6, "µs"), (1.0, 1e3, "ms"), (float("inf"), 1.0, "s"))


class Row(NamedTuple):
    """A row of the table: what was measured, against whom, and whether the bar is met."""

    what: str
    ours: str
    peer: str
    ratio: str
    bar: str
    ok: bool


class Task(NamedTuple):
    """`prepare` gives what each operation of a round works on; `run` does one and is timed."""

    prepare: Callable[[], Sequence[Any]]
    run: Callable[[Any], object]


def compared(what: str, figures: Figures, peer: str, bar: str) -> Row:
    """Ours against a peer: how many times as fast it is (`>= 2`), or as slow (`<= 2`)."""
    ours, theirs = figures["ours"], figures[peer]
    ratio, words = (theirs / ours, "as fast") if bar.startswith(">") else (ours / theirs, "as long")
    seen = f"{shown(theirs)}, {peer}"
    return Row(what, shown(ours), seen, f"{ratio:.2f} x {words}", bar, _is_met(ratio, bar))


def rated(what: str, count: int, noun: str, figures: Figures, peer: str, bar: str) -> Row:  # noqa: PLR0913, PLR0917 - as `compared`, and of how many
    """Ours against a peer, by how many things of one operation both do in a second."""
    row = compared(what, figures, peer, bar)
    ours, theirs = (f"{count / figures[name]:,.0f} {noun}/s" for name in ("ours", peer))
    return row._replace(ours=ours, peer=f"{theirs}, {peer}")


def bounded(what: str, value: float, text: str, bar: str) -> Row:
    """A figure of ours that has a bar of its own."""
    return Row(what, text, "", "", bar, _is_met(value, bar))


def _is_met(value: float, bar: str) -> bool:
    sign, figure, *_ = bar.split()
    return _BARS[sign](value, float(figure))


def shown(seconds: float) -> str:
    """A time with the unit that suits it."""
    factor, unit = next((f, u) for limit, f, u in _UNITS if seconds < limit)
    value = seconds * factor
    return f"{value:.3g} {unit}" if value < 1_000 else f"{value:,.0f} {unit}"


def interleaved(tasks: Mapping[str, Task], *, rounds: int = 9, turn: int = 1) -> Figures:
    """Measure tasks that have the same number of operations; the first round does not count.

    Tasks whose operations differ a hundredfold in length take longer turns, else the long
    ones would leave nothing of the short ones in the machine's caches.
    """
    medians: dict[str, list[float]] = {name: [] for name in tasks}
    for round_ in range(rounds + 1):
        for name, times in _round(tasks, turn).items():
            if round_:
                medians[name].append(statistics.median(times))
    return {name: min(found) for name, found in medians.items()}


def _round(tasks: Mapping[str, Task], turn: int) -> dict[str, list[float]]:
    prepared = {name: task.prepare() for name, task in tasks.items()}
    times: dict[str, list[float]] = {name: [] for name in tasks}
    steps = [(times[name].append, task.run, prepared[name]) for name, task in tasks.items()]
    clock = time.perf_counter
    gc.collect()
    gc.disable()  # it would count for whoever happens to run when it begins
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


def alternating(tasks: Mapping[str, Callable[[], object]], *, rounds: int) -> Figures:
    """The processor time of long operations, one after the other; the first round is a warm-up."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for round_ in range(rounds + 1):
        for name, run in tasks.items():
            gc.collect()
            begin = time.process_time()
            made = run()
            spent = time.process_time() - begin
            del made  # which takes its time too
            if round_:
                times[name].append(spent)
    return {name: min(found) for name, found in times.items()}
