"""`washington-breach` over ten million generated notices, against hand-written SQL.

The peer is the fastest DuckDB query that its author could write for the identical
relation: one pass, no guards that these facts do not need. Both read the same table and
write Parquet, in turns; the rows of the two files are compared by hash. The processor time
of both threads counts. The memory is that of the whole process: the table and both queries.
"""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measuring import Row, alternating, bounded, compared

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


def main() -> list[Row]:
    """The rows of this benchmark."""
    import ibis

    connection = ibis.duckdb.connect(threads=2)
    connection.raw_sql("SET memory_limit = '3GB'")
    connection.raw_sql(FACTS)
    ours = _ours(connection)
    peer = "SQL by hand"
    with tempfile.TemporaryDirectory() as folder:
        mine, theirs = Path(folder, "ours.parquet"), Path(folder, "hand.parquet")
        tasks: dict[str, Callable[[], object]] = {
            "ours": lambda: connection.to_parquet(ours, mine),
            peer: lambda: connection.raw_sql(f"COPY ({BY_HAND}) TO '{theirs}' (FORMAT parquet)"),
        }
        figures = alternating(tasks, rounds=RUNS)
        different = _different(connection, mine, theirs)
    if different:
        raise AssertionError("our rows differ from those of the hand-written query")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return [
        compared("columns, ten million cases", figures, peer, ">= 0.7"),
        bounded("columns, most memory", memory, f"{memory:.2f} GiB", "<= 4 GiB"),
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


def _different(connection: Any, mine: Path, theirs: Path) -> bool:  # noqa: ANN401 - as above
    """Whether the files hold other rows, told by their number and two sums of 64-bit hashes."""
    columns = '"case", owed_by, start, due, met_at, late_by, status, version, undetermined'
    query = "SELECT count(*), sum(hash({0})::HUGEINT), bit_xor(hash({0})) FROM '{1}'"
    found = [
        connection.raw_sql(query.format(columns, file)).fetchall()[0] for file in (mine, theirs)
    ]
    return bool(found[0] != found[1])
