"""Versions: a case keeps the lifecycle under which it was opened, rules have their own instants."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kaocheng.calendars.numberline import parse_instant
from kaocheng.engine import Engine, MemoryStore
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import Correction

BODY = """
kinds:
  report:
    fields:
      sent_at: {{at: send}}
      read_at: {{at: read}}
    lifecycle:
      initial: draft
      states: [draft, sent, read]
      final: [read]
      write: {{from: draft}}
      correct: {{from: any}}
      send: {{from: draft, to: sent}}
      read: {{from: {source}, to: read}}
deadlines:
  - id: reading
    for: report as r
    owed_by: "'unit/office'"
    starts: r.sent_at
    within: {hours} hours
    met_at: r.read_at
    assumed: a test
"""
BEFORE, AFTER = "2009-06-01T09:00:00+08:00", "2010-06-01T09:00:00+08:00"


@pytest.fixture(scope="module")
def ruleset(ruleset_of: Callable[..., Ruleset]) -> Ruleset:
    """Two versions: since 2010 a draft may be read, and reading takes twice as long."""
    return ruleset_of(
        from_2009_01_01=BODY.format(source="sent", hours=24),
        from_2010_01_01=BODY.format(source="[draft, sent]", hours=48),
    )


def test_lifecycle_of_the_opening(ruleset: Ruleset) -> None:
    """A case is governed by the version in force when it was opened, also later."""
    engine = Engine(ruleset)
    engine.act("report/1", "send", at=BEFORE)

    assert not engine.act("report/2", "read", at=BEFORE).accepted
    assert engine.act("report/3", "read", at=AFTER).accepted
    assert engine.act("report/1", "read", at=AFTER).accepted


def test_opening_is_found_in_the_store(ruleset: Ruleset) -> None:
    """An engine that reads a case from its store governs it by its opening, too."""
    engine = Engine(ruleset)
    engine.act("report/1", "write", at=BEFORE)
    other = Engine(ruleset, store=MemoryStore(engine.journal().events))

    assert not other.act("report/1", "read", at=AFTER).accepted


def test_rules_have_their_own_instants(ruleset: Ruleset) -> None:
    """A deadline is governed by its start: the version of the row says which."""
    engine = Engine(ruleset)
    old = engine.act("report/1", "send", at=BEFORE)
    new = engine.act("report/2", "send", at=AFTER)

    assert [(0, parse_instant("2009-06-02T09:00:00+08:00"))] == [
        (row["version"], row["due"]) for row in old.results["reading"]
    ]
    assert [(1, parse_instant("2010-06-03T09:00:00+08:00"))] == [
        (row["version"], row["due"]) for row in new.results["reading"]
    ]


def test_no_version_in_force(ruleset: Ruleset) -> None:
    """A case that would be opened before the first version is refused."""
    outcome = Engine(ruleset).act("report/1", "send", at="2008-06-01T09:00:00+08:00")

    assert [
        (
            "no version of the ruleset is in force at 2008-06-01T09:00:00+08:00, "
            "when `report/1` was opened"
        )
    ] == [reason.message() for reason in outcome.reasons]
    assert ["`report/1` 立项时（2008-06-01T09:00:00+08:00）没有有效的规则版本"] == [
        reason.message("zh") for reason in outcome.reasons
    ]


def test_corrected_opening(ruleset: Ruleset) -> None:
    """Where a correction moves the opening into another version, that one governs the case."""
    engine = Engine(ruleset)
    engine.act("report/1", "write", at=BEFORE)
    refused = engine.act("report/1", "read", at=BEFORE)
    later = Correction(sequence=1, reason="misread", at=parse_instant(AFTER))
    engine.act("report/1", "correct", at=AFTER, corrects=later)

    assert not refused.accepted
    assert engine.act("report/1", "read", at=AFTER).accepted
