"""A plan that has run in columns keeps the texts of its queries, and nothing of the facts."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import ibis
import pytest

from kaocheng import Host
from kaocheng.calendars.numberline import DAY, parse_date
from kaocheng.evaluate import columns, python
from kaocheng.language.check import check
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.facts import Facts, Times
from kaocheng.plan.algebra import Plan
from kaocheng_policies import plugin

LADDER = """\
kaocheng: 1
ruleset: ladder
version: "1"
effective: {from: open}
kinds:
  report: {fields: {unit: string, pages: int, on_day: date}}
carry:
  - id: so_far
    clause: "1"
    for: report as r
    per: r.unit
    in_order: r.on_day
    begin: {pages: "0"}
    next: {pages: "was.pages + (r.pages > 1 ? r.pages : 0)"}
"""
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


def ladder_facts(plan: Plan, *lengths: int) -> Facts:
    """So many reports of each of some units."""
    relation = plan.relations["report"]
    rows = [
        {
            "case": f"report/{unit}-{day}",
            "unit": str(unit),
            "pages": day % 4,
            "on_day": DAYS[0] + day,
        }
        for unit, length in enumerate(lengths)
        for day in range(length)
    ]
    return Facts(relations={"report": [tuple(map(row.get, relation.columns)) for row in rows]})


def test_texts_for_longer_groups_are_kept_beside_those_for_shorter(
    tmp_path: Path, connection: ibis.BaseBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A carried state takes one text for each place in the longest group, and each only once."""
    file = tmp_path / "ladder.yaml"
    file.write_text(LADDER, "utf-8")
    ruleset = check(file, sections=plugin.kaocheng_sections()).ruleset
    assert ruleset is not None
    plan = ruleset.plan
    given = [(ladder_facts(plan, *lengths), times(DAYS[2])) for lengths in ((3, 1), (1, 5), (2, 3))]

    def agree() -> None:
        for arguments in given:
            expected = python.run(plan, *arguments)
            assert expected == columns.run(plan, *arguments, connection=connection)

    agree()
    monkeypatch.setattr(connection, "compile", pytest.fail)
    agree()


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
