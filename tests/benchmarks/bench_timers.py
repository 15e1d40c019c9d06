"""Time at scale: a million open cases on disk, a tick with nothing due, and a storm.

The million are rows copied inside the database from one case that an engine has opened;
those that are due in the storm are too, and are done by a worker in a process of its own,
while this one acts.
"""

from __future__ import annotations

import multiprocessing
import random
import resource
import statistics
import threading
import time
from multiprocessing.synchronize import Event as Flag

import sqlalchemy as sa
from bench_act import DATA, FIRST, HOUR, LI, START, WANG
from durable import Acts, sqlite_url
from measuring import Row, bounded, shown

from kaocheng.engine import Engine
from kaocheng.stores.schema import CASES, EVENTS, TENANTS, TIMERS
from kaocheng.stores.working import Worker

OPEN = 1_000_000
DUE = 100_000
TICKS = 200
TOUCHED = 20_000
SOON, LATE = START + HOUR, START + 3 * HOUR  # a report is due after two hours
MEBIBYTE = 1 << 20


def main() -> list[Row]:
    """The rows of this benchmark."""
    with sqlite_url() as url:
        acts = Acts(url)
        begun = time.perf_counter()
        copied(acts, "many", OPEN)
        copied(acts, "storm", DUE)
        print(f"built in {time.perf_counter() - begun:.0f} s", flush=True)
        engine = acts.engine("many")
        return [tick(engine), storm(acts, url), memory(engine)]


# Building ---------------------------------------------------------------------------------------


def copied(acts: Acts, tenant: str, count: int) -> None:
    """Open one case, and copy its rows for so many others."""
    engine = acts.engine(tenant)
    engine.act("report/0", "submit", at=START, actor=LI, data=FIRST)
    with acts.database.begin() as connection:
        for table in (EVENTS, CASES, TIMERS):
            connection.exec_driver_sql(copying(table), {"tenant": tenant, "count": count})
        at = TENANTS.c.tenant == tenant
        connection.execute(sa.update(TENANTS).where(at).values(position=count))


def copying(table: sa.Table) -> str:
    """A statement that copies the rows of the first case, with the numbers of others."""
    changed = {
        "case": "'report/' || n",
        "position": "n + 1",
        "line": """replace(line, '"report/0"', '"report/' || n || '"')""",
        "facts": """replace(facts, '"report/0"', '"report/' || n || '"')""",
        "results": """replace(results, '"report/0"', '"report/' || n || '"')""",
    }
    names = [column.name for column in table.c]
    values = ", ".join(changed.get(name, f'"{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    return f"""
        WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n + 1 < :count),
        first AS (SELECT * FROM {table.name} WHERE tenant = :tenant)
        INSERT INTO {table.name} ({columns}) SELECT {values} FROM many, first
    """  # noqa: S608 - all of it stands here


# Measuring --------------------------------------------------------------------------------------


def tick(engine: Engine) -> Row:
    """A tick when nothing is due."""
    times = []
    for _ in range(TICKS):
        begun = time.perf_counter()
        ticked = engine.tick(SOON)
        times.append(time.perf_counter() - begun)
        if ticked.fired or ticked.failed:
            raise AssertionError(ticked)
    found = statistics.median(times)
    return bounded(f"a tick, nothing due of {OPEN:,}", found * 1e3, shown(found), "<= 5 ms")


def storm(acts: Acts, url: str) -> Row:
    """Acts while as many timers are due at once: the longest of them counts."""
    engine = acts.engine("storm")
    context = multiprocessing.get_context("spawn")
    done = context.Event()
    worker = context.Process(target=work, args=(url, done))
    worker.start()
    times, number, begun = [], 0, time.perf_counter()
    while not done.is_set():
        now = time.perf_counter()
        # Cases of its own, opened when all others are due, so that nothing of theirs is.
        outcome = engine.act(f"report/live{number}", "submit", at=LATE, actor=LI, data=FIRST)
        times.append(time.perf_counter() - now)
        if not outcome.accepted:
            raise AssertionError(outcome.reasons)
        number += 1
        time.sleep(0.005)
    worker.join()
    seconds, longest = time.perf_counter() - begun, max(times)
    if engine.cases(due_before=LATE) and engine.tick(LATE - 1).fired:
        raise AssertionError("not all that was due is done")
    text = f"{shown(longest)}, median {shown(statistics.median(times))}, in {seconds:.0f} s"
    what = f"the longest of {len(times):,} acts while {DUE:,} are due"
    return bounded(what, longest * 1e3, text, "<= 250 ms")


def work(url: str, done: Flag) -> None:
    """Do all that is due, as `kaocheng worker` does it."""
    acts = Acts(url)
    worker = Worker([acts.engine("storm")], clock=lambda: LATE - 1)
    worker.run(threading.Event(), once=True)
    done.set()


def memory(engine: Engine) -> Row:
    """Acts on cases all over the million, and the worklist; then what the process has needed."""
    draw = random.Random(1)  # noqa: S311 - only the same every time
    for number in draw.sample(range(1, OPEN), TOUCHED):
        case = f"report/{number}"
        outcome = engine.act(case, "present", at=START + HOUR, actor=WANG, data=DATA)
        if not outcome.accepted:
            raise AssertionError(outcome.reasons)
    if len(engine.cases(limit=1_000)) != 1_000:
        raise AssertionError("the worklist is short")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    what = f"most memory, {OPEN:,} open cases, {TOUCHED:,} acted on"
    return bounded(what, most / MEBIBYTE, f"{most / MEBIBYTE:.0f} MiB", "<= 300 MiB")
