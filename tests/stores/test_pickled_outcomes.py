"""Outcomes that are carried elsewhere: pickled and read again, they say the same."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from office_histories import IN_ANY, Moment

from kaocheng.calendars.numberline import HOUR
from kaocheng.engine import Engine, Outcome
from kaocheng.stores import SqlStore
from kaocheng.testing._store_test import (
    LI,
    MORNING,
    adopt,
    happen,
    office,
    same,
    submit,
)


def carried(outcome: Outcome) -> Outcome:
    """The outcome as another process has it."""
    found = pickle.loads(pickle.dumps(outcome))  # noqa: S301 - our own
    assert isinstance(found, Outcome)
    return found


@given(IN_ANY)
def test_a_pickled_outcome_says_the_same(history: list[Moment]) -> None:
    """Whatever came of an act, in a database and in memory, once or twice removed."""
    for store in (None, SqlStore.open()):
        engine = Engine(office().ruleset, store=store, program=office().program)
        now = MORNING
        for moment in history:
            now += moment.step
            outcome = moment.act.by(engine, now if moment.entered is None else moment.entered)
            same(outcome, carried(outcome))
            same(outcome, carried(carried(outcome)))
            assert outcome.reasons == carried(outcome).reasons
            assert outcome.timers == carried(outcome).timers


@pytest.fixture
def engine() -> Engine:
    """An engine with an incident, of a database."""
    engine = Engine(
        office().ruleset, store=SqlStore.open(), program=office().program, clock=lambda: MORNING
    )
    happen(engine)
    return engine


def test_it_is_small_and_knows_nothing_of_the_engine(engine: Engine) -> None:
    """A report that refers to an incident carries the results of that, and no ruleset."""
    outcome = submit(engine, "report/1", incident="incident/1")
    text = pickle.dumps(outcome)

    assert ["incident/1"] == list(carried(outcome).parents)
    assert b"Folder" not in text
    assert b"CaseLifecycle" not in text
    assert b"Record" not in text


def test_a_long_history_is_carried(engine: Engine) -> None:
    """Rows that grew one by one are not nested in each other."""
    submit(engine, "report/1")
    for _ in range(1_500):
        outcome = adopt(engine, "report/1")

    same(outcome, carried(outcome))


def test_what_was_kept_under_a_key_is_carried(engine: Engine) -> None:
    """An outcome that comes from a receipt is pickled like any other."""
    submit(engine, "report/1", key="k")
    again = submit(engine, "report/1", key="k")

    same(again, carried(again))


def test_a_refusal_is_carried(engine: Engine) -> None:
    """With its reasons in both languages."""
    refused = engine.act("report/1", "vrify", at=MORNING - HOUR, actor=LI)

    assert [r.message("zh") for r in refused.reasons] == [
        r.message("zh") for r in carried(refused).reasons
    ]
    same(refused, carried(refused))
