"""`washington-breach` over ten million generated notices, against hand-written SQL.

The peer is the fastest DuckDB query that its author could write for the identical
relation: one pass, no guards that these facts do not need. Both read the same table and
write Parquet; the rows of the two files are compared by hash. Runs are interleaved.
"""

from __future__ import annotations

import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CASES = 10_000_000
RUNS = 5
AS_OF = 19_800  # days: 2024-03-18
SECOND_VERSION = 18_322  # 2020-03-01
NEVER = 2**63 - 1

FACTS = f"""
CREATE TABLE breach AS SELECT
    'breach/' || i AS "case",
    'notified' AS state,
    CASE WHEN hash(i) % 50 = 0 THEN NULL
         ELSE (16700 + hash(i, 1) % 3000)::BIGINT END AS aware_on,
    CASE WHEN hash(i, 2) % 100 = 0 THEN {NEVER}
         ELSE (16700 + hash(i, 1) % 3000 + hash(i, 3) % 120)::BIGINT END AS notified_on,
    'entity ' || (hash(i, 4) % 5000) AS entity,
    'Cyberattack' AS cause,
    (hash(i, 5) % 100000)::BIGINT AS residents
FROM range({CASES}) t(i)
"""  # noqa: S608

BY_HAND = f"""
SELECT "case", owed_by, start, due, met_at,
    CASE WHEN start <= {AS_OF} AND met_at > due AND met_at <= {AS_OF}
         THEN met_at - due ELSE 0 END AS late_by,
    CASE WHEN start IS NULL THEN NULL
         WHEN start > {AS_OF} THEN 'not_begun'
         WHEN met_at <= {AS_OF} AND met_at <= due THEN 'met'
         WHEN met_at <= {AS_OF} THEN 'late'
         WHEN due < {AS_OF} THEN 'overdue'
         ELSE 'open' END AS status,
    CASE WHEN start < {SECOND_VERSION} THEN 0::BIGINT ELSE 1::BIGINT END AS version,
    start IS NULL AS undetermined
FROM (
    SELECT "case", entity AS owed_by, aware_on AS start, notified_on AS met_at,
        aware_on + CASE WHEN aware_on < {SECOND_VERSION} THEN 45 ELSE 30 END AS due
    FROM breach
)
"""  # noqa: S608


def main() -> list[tuple[str, float, str, str]]:
    """The ratio of hand-written to ours, our time, and the most memory used."""
    import ibis

    connection = ibis.duckdb.connect(threads=2)
    connection.raw_sql("SET memory_limit = '3GB'")
    connection.raw_sql(FACTS)
    ours = _ours(connection)
    with tempfile.TemporaryDirectory() as folder:
        mine, theirs = Path(folder, "ours.parquet"), Path(folder, "hand.parquet")
        runs: dict[str, Callable[[], object]] = {
            "ours": lambda: connection.to_parquet(ours, mine),
            "hand": lambda: connection.raw_sql(f"COPY ({BY_HAND}) TO '{theirs}' (FORMAT parquet)"),
        }
        times = _interleaved(runs)
        different = _different(connection, mine, theirs)
    if different:
        raise AssertionError("our rows differ from those of the hand-written query")
    ratios = [hand / own for own, hand in zip(times["ours"], times["hand"], strict=True)]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return [
        (
            "speed against hand-written SQL, both to Parquet",
            statistics.median(ratios),
            "x",
            ">= 0.7",
        ),
        ("  ours, ten million notices", statistics.median(times["ours"]), "s", ""),
        ("  by hand", statistics.median(times["hand"]), "s", ""),
        ("most memory, both in one process", memory, "GiB", "<= 4"),
    ]


def _ours(connection: Any) -> Any:  # noqa: ANN401 - Ibis carries no types
    from kaocheng.calendars.numberline import DAY
    from kaocheng.calendars.zones import build_zone, to_utc
    from kaocheng.evaluate import columns
    from kaocheng.host import Host
    from kaocheng.model.facts import Times

    ruleset = Host.discover().load("washington-breach")
    zone = build_zone(ruleset.versions[-1].zone)
    times = Times(as_of=to_utc(zone, (AS_OF + 1) * DAY) - 1)
    tables = columns.build(ruleset.plan, {"breach": connection.table("breach")}, times)
    return tables["notice"]


def _interleaved(runs: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in runs}
    for run in range(RUNS + 1):
        for name, function in runs.items():
            begun = time.perf_counter()
            function()
            if run:  # the first is a warm-up
                times[name].append(time.perf_counter() - begun)
    return times


def _different(connection: Any, mine: Path, theirs: Path) -> bool:  # noqa: ANN401 - as above
    """Whether the files hold other rows, told by their number and two sums of 64-bit hashes."""
    columns = '"case", owed_by, start, due, met_at, late_by, status, version, undetermined'
    query = "SELECT count(*), sum(hash({0})::HUGEINT), bit_xor(hash({0})) FROM '{1}'"
    found = [
        connection.raw_sql(query.format(columns, file)).fetchall()[0] for file in (mine, theirs)
    ]
    return bool(found[0] != found[1])
