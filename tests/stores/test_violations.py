"""What people made of a finding is told: an act on a violation assesses the case it is about."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from kaocheng import Engine, Host
from kaocheng.calendars.numberline import parse_instant
from kaocheng.stores import SqlStore
from kaocheng.stores.comparing import compare
from kaocheng.stores.schema import OUTBOX

LEARNED = "2025-12-01T09:00:00+08:00"
MISSED = "2025-12-01T10:00:00+08:00"


class Office:
    """An office under the measures for incidents, whose clock says when it is."""

    def __init__(self, store: SqlStore) -> None:
        self.now = parse_instant(LEARNED)
        self.store = store
        self.engine = Engine(Host.discover().load("cac-2025"), store=store, clock=lambda: self.now)

    def act(self, case: str, event: str, **data: object) -> None:
        """Do something now."""
        assert self.engine.act(case, event, data).accepted

    def open_violation(self) -> None:
        """Open a violation about the first report."""
        about = {"incident": "incident/a", "rule": "first_report", "finding": "missed"}
        self.act("violation/1", "open", **about, by="电力")

    def told(self) -> list[tuple[str, str, str]]:
        """What others were told of findings, in order: of which case, what and its stage."""
        query = sa.select(OUTBOX.c.message).order_by(OUTBOX.c.position, OUTBOX.c.number)
        with self.store.engine.begin() as connection:
            messages = [json.loads(text) for text in connection.execute(query).scalars()]
        return [
            (message["type"].removeprefix("kaocheng."), message["subject"], said["stage"])
            for message in messages
            for said in [message["data"]]
            if message["type"].startswith("kaocheng.finding")
        ]


@pytest.fixture
def office(url: str) -> Iterator[Office]:
    """A major incident at an operator of critical infrastructure, which nobody reports."""
    store = SqlStore.open(url, source="/office")
    office = Office(store)
    office.act("incident/a", "learn", operator="电力", **{"class": "critical"})
    office.act("incident/a", "judge", grade="major", crime_suspected=False)
    yield office
    store.close()


def test_a_missed_report_is_told(office: Office) -> None:
    """The timer of a report that did not come tells the finding, though people may rescind it."""
    office.now = parse_instant(MISSED) + 1

    assert 1 == office.engine.tick(office.now).fired
    assert [("finding", "incident/a", "alleged")] == office.told()


def test_what_is_established_is_told(office: Office) -> None:
    """Once it is verified, the finding is told with that stage and the alleged one withdrawn."""
    office.now = parse_instant(MISSED) + 1
    office.engine.tick(office.now)
    office.open_violation()
    assert 1 == len(office.told())
    office.act("violation/1", "verify", grave_harm=False)

    assert [
        ("finding", "incident/a", "alleged"),
        ("finding", "incident/a", "verified"),
        ("finding.withdrawn", "incident/a", "alleged"),
    ] == office.told()
    assert compare(office.store, office.engine.ruleset).passed


def test_an_established_finding_that_is_named_before_it_arises(office: Office) -> None:
    """A violation that was opened first counts as soon as the deadline is missed."""
    office.open_violation()
    office.act("violation/1", "verify", grave_harm=False)
    office.now = parse_instant(MISSED) + 1
    office.engine.tick(office.now)

    assert [("finding", "incident/a", "verified")] == office.told()
    assert compare(office.store, office.engine.ruleset).passed


def test_who_says_the_day_alone_has_missed_nothing_that_is_due_later_that_day(
    office: Office,
) -> None:
    """What is entered as of today is looked at as of now, and not as of midnight."""
    office.now = parse_instant("2025-12-01T09:40:00+08:00")
    assert office.engine.act("incident/a", "develop", at="2025-12-01").accepted

    assert [] == office.told()
    office.now = parse_instant(MISSED) + 1
    assert 1 == office.engine.tick(office.now).fired
    assert ("finding", "incident/a", "alleged") in office.told()


def test_who_says_a_day_that_is_over_has_missed_what_was_due_on_it(office: Office) -> None:
    """A day that is entered later is looked at as of its end."""
    office.now = parse_instant("2025-12-02T08:00:00+08:00")
    assert office.engine.act("incident/a", "develop", at="2025-12-01").accepted

    assert ("finding", "incident/a", "alleged") in office.told()
