"""Whatever is done to what stands beside a journal is found: which case, which column, and how."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from office_histories import IN_ANY, Moment, Played

from kaocheng.calendars.numberline import HOUR
from kaocheng.engine import Engine
from kaocheng.stores import Outbox, SqlStore
from kaocheng.stores.comparing import MOST, Comparison, compare
from kaocheng.testing._store_test import LI, MORNING, WANG, adopt, happen, office, submit


def engine_on(store: SqlStore) -> Engine:
    """An engine of the office."""
    return Engine(
        office().ruleset, program=office().program, store=store, clock=lambda: MORNING + 50 * HOUR
    )


@pytest.fixture
def filled(store: SqlStore) -> SqlStore:
    """Seven events of an incident and of reports on it, by acts and by timers."""
    engine = engine_on(store)
    happen(engine)
    submit(engine, "report/1", hours=1, key="a", incident="incident/1", length=4_000)
    submit(engine, "report/2", hours=2, answers="report/1")
    adopt(engine, "report/2", hours=3)
    data = {"incident": None}
    engine.act("report/1", "amend", at=MORNING + 5 * HOUR, actor=WANG, data=data)
    return store


def look(store: SqlStore, **options: Any) -> Comparison:  # noqa: ANN401 - as `compare` takes them
    """Everything laid beside the journal."""
    return compare(store, office().ruleset, program=office().program, **options)


def do(store: SqlStore, *statements: str) -> None:
    """Change the database as no engine would."""
    with store.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def said(store: SqlStore) -> list[str]:
    """What is found, as people are told in both languages."""
    found = look(store)
    assert found.passed == (not found.differences)
    return [
        line
        for one in found.differences
        for line in (f"{one.table} {one.case}: {one.why.en}".replace(" :", ":"), one.why.zh)
    ]


# What is done, line by line, and under it what is found: in English, then in Chinese.
TAMPERING = [
    block.split("\n    ")
    for block in Path(__file__).with_name("tampering.txt").read_text("utf-8").strip().split("\n\n")
]


@pytest.mark.parametrize("block", TAMPERING, ids=lambda block: block[0][:60])
def test_whatever_is_changed_is_named(filled: SqlStore, block: list[str]) -> None:
    """The table, the case, the column, what is kept and what the journal says."""
    statement, *expected = block
    do(filled, statement)

    assert expected == said(filled)
