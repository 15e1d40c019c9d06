"""A plan that has run in columns keeps the texts of its queries, and nothing of the facts."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import ibis
import pytest

from kaocheng import Host
from kaocheng.calendars.numberline import DAY, parse_date
from kaocheng.evaluate import columns, python
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.facts import Facts, Times
from kaocheng.plan.algebra import Plan

DAYS = [parse_date(text) for text in ("2020-01-10", "2020-02-01", "2021-06-01")]


@pytest.fixture
def plan(host: Host) -> Plan:
    """A plan that has not run yet."""
    ruleset: Ruleset = host.load("washington-breach")
    return ruleset.plan


@pytest.fixture
def connection() -> Iterator[ibis.BaseBackend]:
    """A database of its own."""
    made = ibis.duckdb.connect()
    yield made
    made.disconnect()


def facts(plan: Plan, days: list[int]) -> Facts:
    """A breach that became known on each of some days, and was never notified."""
    relation = plan.relations["breach"]
    known: dict[str, object] = {"state": "notified", "entity": "a", "residents": 600}
    rows = [
        tuple({**known, "case": f"breach/{day}", "aware_on": day}.get(c) for c in relation.columns)
        for day in days
    ]
    return Facts(relations={"breach": rows})


def times(day: int) -> Times:
    """The end of a day, half a year later."""
    return Times(as_of=(day + 180) * DAY)


def test_the_second_run_makes_no_texts(
    plan: Plan, connection: ibis.BaseBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read again with other facts at another time, is not written again."""
    columns.run(plan, facts(plan, DAYS[:1]), times(DAYS[2]), connection=connection)
    monkeypatch.setattr(connection, "compile", pytest.fail)
    later = (facts(plan, DAYS), times(DAYS[2] + 1))

    assert python.run(plan, *later) == columns.run(plan, *later, connection=connection)


def test_other_versions_and_no_rows_are_other_texts(
    plan: Plan, connection: ibis.BaseBackend
) -> None:
    """Whichever version is in force and whether there are rows or not, the rows are right."""
    for found in (DAYS, [], DAYS[:1]):
        for day in (DAYS[0] - 400, DAYS[2]):
            given = (facts(plan, found), times(day))
            assert python.run(plan, *given) == columns.run(plan, *given, connection=connection)


def test_nothing_stays_in_a_database_that_was_given(
    plan: Plan, connection: ibis.BaseBackend
) -> None:
    """Tables and variables of a run are gone after it."""
    columns.run(plan, facts(plan, DAYS), times(DAYS[2]), connection=connection)

    for left in ("duckdb_tables", "duckdb_variables"):
        assert [] == connection.raw_sql(f"FROM {left}()").fetchall()


def test_threads_share_a_plan(plan: Plan) -> None:
    """Runs at the same time, each with facts of its own, do not see each other."""
    given = [(facts(plan, DAYS[: place % 3]), times(DAYS[2] + place)) for place in range(6)]
    with ThreadPoolExecutor(3) as pool:
        seen = list(pool.map(lambda arguments: columns.run(plan, *arguments), given))

    assert [python.run(plan, *arguments) for arguments in given] == seen
