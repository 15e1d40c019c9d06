"""Runs every benchmark, one after the other, and says which bars were met.

    python tests/benchmarks/run.py [PART OF A NAME ...]

A benchmark is a file `bench_NAME.py` with `main()`, which gives its rows: what was
measured, the value, the unit and the bar. Ratios hold on any machine; times do not.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).parent
BARS: dict[str, Callable[[float, float], bool]] = {
    "<=": lambda value, bar: value <= bar,
    ">=": lambda value, bar: value >= bar,
}

Row = tuple[str, float, str, str]


def main(filters: list[str]) -> int:
    """Run what the filters name, else everything; 1 when a bar was missed."""
    sys.path.insert(0, str(HERE))  # for what the benchmarks share
    missed = 0
    for name, path in benchmarks(filters):
        print(f"\n{name}", flush=True)
        for row in load(name, path)():
            missed += verdict(row) == "missed"
            print(line(row), flush=True)
    return 1 if missed else 0


def benchmarks(filters: list[str]) -> Iterator[tuple[str, Path]]:
    """The benchmarks whose name has one of the filters in it."""
    for path in sorted(HERE.glob("bench_*.py")):
        name = path.stem.removeprefix("bench_")
        if not filters or any(part in name for part in filters):
            yield name, path


def load(name: str, path: Path) -> Callable[[], list[Row]]:
    """The function that runs a benchmark."""
    spec = importlib.util.spec_from_file_location(f"bench_{name}", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    function: Callable[[], list[Row]] = module.main
    return function


def verdict(row: Row) -> str:
    """`ok`, `missed`, or nothing where there is no bar."""
    _, value, _, bar = row
    if not bar:
        return ""
    sign, _, figure = bar.partition(" ")
    return "ok" if BARS[sign](value, float(figure)) else "missed"


def line(row: Row) -> str:
    """A row as it is printed."""
    name, value, unit, bar = row
    digits = 0 if abs(value) >= 1_000 else 2
    return f"  {name:<58} {value:>12,.{digits}f} {unit:<8} {bar:<8} {verdict(row)}".rstrip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
