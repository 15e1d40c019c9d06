"""Runs every benchmark, one after the other, prints one table and says which bars were met.

    python tests/benchmarks/run.py [PART OF A NAME ...]

A benchmark is a file `bench_NAME.py` with `main()`, which gives the rows of the table. Each
runs in a process of its own, so that none inherits the memory of another.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from measuring import Row

HERE = Path(__file__).parent
HEADS = ("what", "ours", "peer", "ratio", "bar", "ok")
ONE = "--one"


def main(filters: list[str]) -> int:
    """Run what the filters name, else everything; 1 when a bar was missed."""
    if filters[:1] == [ONE]:
        print(json.dumps(importlib.import_module(filters[1]).main()))
        return 0
    rows: list[Row] = []
    for name in benchmarks(filters):
        print(f"{name} ... ", end="", flush=True)
        begun = time.perf_counter()
        rows += measured(name)
        print(f"{time.perf_counter() - begun:.0f} s", flush=True)
    print()
    for line in table(rows):
        print(line)
    return 0 if all(row.ok for row in rows) else 1


def benchmarks(filters: Sequence[str]) -> Iterator[str]:
    """The benchmarks whose name has one of the filters in it."""
    for path in sorted(HERE.glob("bench_*.py")):
        if not filters or any(part in path.stem for part in filters):
            yield path.stem


def measured(name: str) -> list[Row]:
    """The rows of one benchmark."""
    command = [sys.executable, __file__, ONE, name]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return [Row(*row) for row in json.loads(done.stdout.splitlines()[-1])]


def table(rows: Sequence[Row]) -> Iterator[str]:
    """The table as lines of text."""
    cells = [HEADS, *((*row[:-1], "ok" if row.ok else "missed") for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    for place, line in enumerate(cells):
        padded = [
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        ]
        yield "  ".join(padded).rstrip()
        if place == 0:
            yield "  ".join("-" * width for width in widths)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
