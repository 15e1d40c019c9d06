"""Versions: a case keeps the lifecycle under which it was opened, rules have their own instants."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kaocheng.assessing import assess
from kaocheng.calendars.numberline import parse_instant
from kaocheng.engine import BadEventError, Engine, MemoryStore
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import Correction, Event, Journal

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


def test_no_version_in_force_on_a_day(ruleset: Ruleset) -> None:
    """Where the day alone is said, so does the refusal."""
    outcome = Engine(ruleset).act("report/1", "send", at="2008-06-01")

    assert ["no version of the ruleset is in force at 2008-06-01, when `report/1` was opened"] == [
        reason.message() for reason in outcome.reasons
    ]
    assert ["`report/1` 立项时（2008-06-01）没有有效的规则版本"] == [
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


RULES = """
tallies:
  - {id: copied, for: letter.copies as c, per: [c.case], count: rows, assumed: a test}
findings:
  - id: was_sent
    for: letter as l
    when: happened(l.sent_at)
    finding: sent
    at: l.sent_at
    assumed: a test
"""
OLD = """
kinds:
  letter:
    fields:
      sent_at: {at: send}
      level: {ordered: [low, high, top], event: send}
      old: {type: string, event: send}
    lists:
      copies: {event: [copy, reprint], fields: {to: string, note: string}}
    lifecycle:
      initial: draft
      states: [draft, sent, shelved]
      final: [sent, shelved]
      send: {from: draft, to: sent}
      copy: {from: any, repeats: true}
      reprint: {from: any, repeats: true}
      dispatch: {from: any, repeats: true}
      shelve: {from: draft, to: shelved}
"""
NEW = """
kinds:
  letter:
    fields:
      sent_at: {at: dispatch}
      level: {ordered: [low, high], event: dispatch}
    lists:
      copies: {event: copy, fields: {to: string}}
    lifecycle:
      initial: fresh
      states: [fresh, sent, recalled]
      final: [sent, recalled]
      send: {from: fresh, to: sent}
      copy: {from: any, repeats: true}
      reprint: {from: any, repeats: true}
      dispatch: {from: any, repeats: true}
      recall: {from: sent, to: recalled}
"""


@pytest.fixture(scope="module")
def letters(ruleset_of: Callable[..., Ruleset]) -> Ruleset:
    """In 2010 letters get another initial state, may be recalled and no longer be shelved."""
    return ruleset_of(from_open=OLD + RULES, from_2010_01_01=NEW + RULES)


def states(ruleset: Ruleset, journal: Journal) -> dict[object, object]:
    """The state of each case as an assessment has it."""
    found = assess(ruleset, journal, as_of=parse_instant("2011-01-01T00:00:00Z"))
    relation = ruleset.plan.relations["letter"]
    own, state = relation.index("case"), relation.index("state")
    return {row[own]: row[state] for row in found.facts.relations["letter"]}


def test_states_under_both_versions(letters: Ruleset) -> None:
    """An assessment moves each case by the lifecycle of its opening, as acts do."""
    engine = Engine(letters)
    for case, first in (("letter/old", BEFORE), ("letter/new", AFTER)):
        engine.act(case, "copy", at=first)
    accepted = {
        (case, event): engine.act(case, event, at=AFTER).accepted
        for case in ("letter/old", "letter/new")
        for event in ("recall", "shelve", "send", "recall")
    }

    assert {
        ("letter/old", "shelve"): True,
        ("letter/old", "send"): False,
        ("letter/old", "recall"): False,
        ("letter/new", "shelve"): False,
        ("letter/new", "send"): True,
        ("letter/new", "recall"): True,
    } == accepted
    assert {"letter/old": "shelved", "letter/new": "recalled"} == states(letters, engine.journal())
    assert ["shelved", "recalled"] == [engine.state(f"letter/{name}") for name in ("old", "new")]


def test_events_of_another_version(letters: Ruleset) -> None:
    """An event that only another version names is said to be one; a strange one is not."""
    at = parse_instant(AFTER)
    journal = Journal(
        events=(
            Event(case="letter/1", sequence=1, event="copy", at=parse_instant(BEFORE)),
            Event(case="letter/1", sequence=2, event="recall", at=at),
            Event(case="letter/1", sequence=3, event="recal", at=at),
        )
    )
    problems = assess(letters, journal, as_of=at).problems

    assert [
        "another version names the event `recall` of `letter`, and not the one that governs it",
        "no part of the kind `letter` names the event `recal`",
    ] == [problem.en for problem in problems]
    assert "`letter` 的事件 `recall` 由其他版本声明，而非此处适用的版本" == problems[0].zh


def test_what_events_give(letters: Ruleset) -> None:
    """What an event gives is said by the version in force when it happened, in acts too."""
    engine = Engine(letters)
    for at in (BEFORE, AFTER):
        for event in ("copy", "reprint"):
            engine.act("letter/1", event, at=at)
    engine.act("letter/1", "send", at=AFTER)
    engine.act("letter/2", "send", at=BEFORE, data={"level": "top", "old": "seal"})
    late = engine.act("letter/2", "dispatch", at=AFTER, data={"level": "top"})
    engine.act("letter/2", "dispatch", at=AFTER, data={"level": "low"})
    as_of = parse_instant("2011-01-01T00:00:00Z")
    assessment = assess(letters, engine.journal(), as_of=as_of)
    copies = [(row["case"], row["value"]) for row in assessment.rows("copied")]
    second = engine.case("letter/2")

    assert [("letter/1", 3)] == copies
    assert ["letter/2"] == [row["case"] for row in assessment.rows("was_sent")]
    assert ["`level`: `top` is none of `low`, `high`"] == [r.message() for r in late.reasons]
    assert second is not None
    assert (parse_instant(BEFORE), "low", "seal") == (
        second["sent_at"],
        second["level"],
        second["old"],
    )


def test_history_that_no_version_governs(ruleset: Ruleset) -> None:
    """A case that was opened before the first version is not loaded either."""
    opened = parse_instant("2008-06-01T09:00:00+08:00")
    with pytest.raises(BadEventError, match="no version of the ruleset is in force") as caught:
        Engine(ruleset).load([Event(case="report/1", sequence=1, event="send", at=opened)])

    assert ("report/1", 1) == (caught.value.case, caught.value.sequence)


def test_history_under_another_version(ruleset_of: Callable[..., Ruleset]) -> None:
    """An event that only another version than the case's own has is loaded, and doubtful."""
    body = BODY.format(source="sent", hours=24)
    ruleset = ruleset_of(
        from_2009_01_01=body,
        from_2010_01_01=body.replace("      write:", "      open: {from: draft}\n      write:"),
    )
    event = Event(case="report/1", sequence=1, event="open", at=parse_instant(BEFORE))
    loaded = Engine(ruleset).load([event])

    assert ["`report` has no event `open`"] == [
        reason.message() for doubt in loaded.doubts for reason in doubt.reasons
    ]
