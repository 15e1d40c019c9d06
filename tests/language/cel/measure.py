"""Measure 2,000 expressions of a large ruleset: `python tests/language/cel/measure.py`.

The ruleset has 40 kinds of cases and 40 sets of variables, as one with 1,000 rules may have.
Nothing is asserted: times are the machine's.
"""

from __future__ import annotations

import sys
import time

from kaocheng.diagnostics import Diagnostics
from kaocheng.language.cel import FrontEnd, Text
from kaocheng.language.schema import Link, Relation, Schema
from kaocheng.language.types import BOOL, DATE, INSTANT, INT, Decimal, Enum, Reference, Row

COUNT, KINDS = 2_000, 40
LEVEL = Enum("level", ("city", "province", "central"), ordered=True)
EXPRESSIONS = (
    "r.level == 'city' && !r.urgent",
    "r.at + duration('72h') <= r.seen && r.level >= 'province'",
    "r.number < 10 ? -5 * (10 - r.number) : 0",
    "r.children.exists(x, x.level in ['city', 'central'] && x.at > r.at)",
    "round(r.amount * 1.25, 2) + ratio(r.number, 3, 2)",
    "r.parent.parent.on <= add_days(date_of(r.at), 14)",
)


def world() -> Schema:
    """Kinds with columns of each sort, children and a parent."""
    relations = {}
    for i in range(KINDS):
        name = f"kind_{i}"
        columns = {
            "case": Reference(name), "parent": Reference(name), "level": LEVEL, "urgent": BOOL,
            "number": INT, "amount": Decimal(2), "at": INSTANT, "seen": INSTANT, "on": DATE,
        }  # fmt: skip
        children = Link("children", name, (("case", "parent"),), many=True)
        relations[name] = Relation(name, columns, ("case",), {"children": children})
    return Schema(relations)


def main() -> None:
    """Print the time of a cold and of a warm front end."""
    begin = time.perf_counter()
    front_end = FrontEnd(world())
    for attempt in ("cold", "warm"):
        diagnostics = Diagnostics()
        for i in range(COUNT):
            text = Text(EXPRESSIONS[i % len(EXPRESSIONS)])
            variables = {"r": Row(f"kind_{i % KINDS}")}
            front_end.compile(text, variables, diagnostics=diagnostics)
        now = time.perf_counter()
        sys.stdout.write(f"{attempt}: {COUNT} expressions in {now - begin:.3f} s\n")
        begin = now


if __name__ == "__main__":
    main()
