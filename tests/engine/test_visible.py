"""What one person may read of an engine: what rests on other cases is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kaocheng import Actor, Engine, Host, Ruleset, open_input
from kaocheng.calendars.numberline import parse_instant
from kaocheng.engine.visible import HiddenError, Visible
from kaocheng.errors import ArgumentError, UnknownNameError, UnsupportedError
from kaocheng.explaining import Explanation, explain

BODY = """
kinds:
  unit:
    fields:
      name: {type: string, event: register}
      head: {type: string, event: register}
      days: {type: int, event: register}
    readers:
      - {by: [chief]}
  report:
    fields:
      unit: {type: unit, event: submit}
      mark: {ordered: [open, secret], event: submit}
      pages: {type: int, event: submit}
      submitted_at: {at: submit}
      read_at: {at: read}
    lifecycle:
      initial: draft
      states: [draft, submitted, done]
      final: [done]
      submit: {from: draft, to: submitted}
      read: {from: submitted, to: done, when: actor.id == report.unit.head}
    readers:
      - {by: [officer], when: report.mark == 'open'}
      - {by: [chief]}
accounts:
  - {id: merit, of: unit, assumed: a test}
points:
  - id: long_ones
    for: report as r
    when: r.pages > 10 && r.unit.days > 5
    earn: r.pages
    to: r.unit
    account: merit
    at: r.submitted_at
    assumed: a test
  - id: all_of_them
    for: report as r
    earn: r.pages
    to: r.unit
    account: merit
    at: r.submitted_at
    assumed: a test
tallies:
  - {id: pages, for: report as r, per: [r.unit], sum: r.pages, assumed: a test}
"""
NINE = "2024-03-02T09:00:00+08:00"
TEN = "2024-03-02T10:00:00+08:00"
OFFICER = Actor(id="person/li", roles=("officer",))
CHIEF = Actor(id="person/wang", roles=("chief",))
HIDDEN = "more rests on cases that may not be read"
# What changes cases, or looks after a whole database, is not for readers.
NOT_READS = {
    "act",
    "bind",
    "load",
    "may_read",
    "migrate",
    "online",
    "over",
    "plan_migration",
    "publish",
    "replay",
    "tick",
    "visible",
}


@pytest.fixture(scope="module")
def ruleset(ruleset_of: Callable[..., Ruleset]) -> Ruleset:
    """Officers may read open reports, chiefs everything."""
    return ruleset_of(open=BODY)


@pytest.fixture
def engine(ruleset: Ruleset) -> Engine:
    """An open and a secret report of one unit."""
    return made(ruleset)


def made(ruleset: Ruleset, *, days: int = 7, head: str = "person/zhao", pages: int = 30) -> Engine:
    """An engine whose unit and whose secret report hold this."""
    engine = Engine(ruleset)
    acts = (
        ("unit/1", "register", {"name": "Harbour", "head": head, "days": days}),
        ("report/1", "submit", {"unit": "unit/1", "mark": "open", "pages": 20}),
        ("report/2", "submit", {"unit": "unit/1", "mark": "secret", "pages": pages}),
    )
    for case, event, data in acts:
        outcome = engine.act(case, event, data, at=NINE, actor=CHIEF)
        assert outcome.accepted, outcome.decision.message()
    return engine


def said(explanations: tuple[Explanation, ...]) -> dict[str, list[str]]:
    """The lines of explanations by rule, the heading left out."""
    return {e.rule: [line.strip() for line in e.texts("en")][1:] for e in explanations}


def test_every_read_is_there() -> None:
    """Whatever reads an engine is asked of the readers, refused, or known not to be for them."""
    reads = {name for name in vars(Engine) if not name.startswith("_")} - NOT_READS

    assert reads <= {name for name in vars(Visible) if not name.startswith("_")}


def of_a_case(visible: Visible, case: str) -> Iterator[Callable[[], object]]:
    """Every read that is about one case."""
    for read in (
        visible.state,
        visible.case,
        visible.sequence,
        visible.results,
        visible.timers,
        visible.may,
        visible.actions,
        visible.history,
        visible.explain,
    ):
        yield lambda read=read: read(case)  # type: ignore[misc]


def test_reads_of_a_case(engine: Engine) -> None:
    """Each gives what the engine gives, or says that the case may not be read."""
    visible = engine.visible(OFFICER)

    assert ("submitted", 1) == (visible.state("report/1"), visible.sequence("report/1"))
    assert engine.case("report/1") == visible.case("report/1")
    assert engine.timers("report/1") == visible.timers("report/1")
    assert engine.history("report/1") == visible.history("report/1")
    assert dict(engine.results("report/1")) == dict(visible.results("report/1"))
    assert engine.may("report/1", actor=OFFICER) == visible.may("report/1")
    assert engine.actions("report/1", actor=OFFICER) == visible.actions("report/1")
    for case in ("report/2", "report/none", "unit/1"):
        for read in of_a_case(visible, case):
            with pytest.raises(HiddenError, match=f"^`{case}` may not be read$"):
                read()


LENIENT = """
kinds:
  report:
    fields:
      leader: {type: string, event: submit}
    readers:
      - {by: [officer]}
      - {when: has(report.leader) && actor.id == report.leader, barred: true}
"""


@pytest.mark.parametrize("at", [None, "2007-01-01", "2007-01-01T09:00:00+08:00", NINE])
def test_nobody_learns_whether_there_is_a_case(
    ruleset_of: Callable[..., Ruleset], at: str | None
) -> None:
    """Also who may read what says nothing of him, and before any version is refused alike."""
    engine = Engine(ruleset_of(from_2008_01_01=LENIENT))
    assert engine.act("report/1", "submit", {"leader": OFFICER.id}, at=NINE).accepted
    assert engine.act("report/2", "submit", at=NINE).accepted
    visible = engine.visible(OFFICER, at=at)
    for case in ("report/1", "report/none"):
        for read in of_a_case(visible, case):
            with pytest.raises(HiddenError, match=f"^`{case}` may not be read$"):
                read()

    assert ["report/2"] == [event.case for event in visible.journal().events]
    with pytest.raises(UnknownNameError, match=r"no kind `reprot`; did you mean `report`$"):
        visible.state("reprot/1")


STRICT = LENIENT.replace("by: [officer]", "by: [chief]")


def test_readers_are_those_of_the_time_of_reading(ruleset_of: Callable[..., Ruleset]) -> None:
    """Whom a later version does not permit may not read by the clock, whatever is older."""
    ruleset = ruleset_of(from_2008_01_01=LENIENT, from_2025_01_01=STRICT)
    now = parse_instant("2024-12-31T09:00:00+08:00")
    engine = Engine(ruleset, clock=lambda: now)
    assert engine.act("report/1", "submit", at=NINE).accepted
    reader = engine.visible(OFFICER)
    assert 1 == reader.sequence("report/1")
    now = parse_instant("2025-01-01T09:00:00+08:00")
    with pytest.raises(HiddenError):
        reader.sequence("report/1")

    assert () == reader.journal().events
    assert 1 == engine.visible(OFFICER, at=TEN).sequence("report/1")
    assert 1 == engine.visible(CHIEF).sequence("report/1")


def test_what_is_recorded_ahead_of_the_clock_is_read(ruleset: Ruleset) -> None:
    """Clocks differ: readers are asked no earlier than as of the last event of the case."""
    engine = Engine(ruleset, clock=lambda: parse_instant(NINE))
    report = {"unit": "unit/1", "mark": "open"}

    assert engine.act("report/1", "submit", report, at=TEN, actor=CHIEF).accepted
    assert 1 == engine.visible(OFFICER).sequence("report/1")


def test_a_time_of_reading_that_is_none(engine: Engine) -> None:
    """It is refused at once, not with the first case that is read."""
    with pytest.raises(ArgumentError, match=r"^`at` is no time: `noon` is not a date"):
        engine.visible(OFFICER, at="noon")


def test_reads_of_all_cases(engine: Engine) -> None:
    """The journal and its assessment are those of the cases that may be read."""
    officer, chief = engine.visible(OFFICER), engine.visible(CHIEF)

    assert ["report/1"] == [event.case for event in officer.journal().events]
    assert [20] == [row["value"] for row in officer.assess(as_of=TEN).rows("pages")]
    assert [50] == [row["value"] for row in chief.assess(as_of=TEN).rows("pages")]
    assert engine.journal() == chief.journal()


def test_nothing_may_be_read(engine: Engine) -> None:
    """Whoever may read nothing has an empty journal, and an assessment of it."""
    nobody = engine.visible(None)

    assert () == nobody.journal().events
    assert 0 == nobody.assess().cases


def test_standings_and_circulars_are_of_all_cases(engine: Engine) -> None:
    """They are refused also to whoever may read everything now, and it is said what to do."""
    why = (
        "it is made of all cases, and of some it would be another one;"
        " ask the engine itself where the actor may see it"
    )
    with pytest.raises(UnsupportedError) as standings:
        engine.visible(CHIEF).standings("pages")
    with pytest.raises(UnsupportedError) as circular:
        engine.visible(CHIEF).circular("2024-03", as_of=TEN, known_at=TEN)

    assert f"visible cannot do `standings` exactly: {why}" == str(standings.value)
    assert f"visible cannot do `circular` exactly: {why}" == str(circular.value)
    assert (
        "`visible` 无法准确完成 `standings`：它由全部事项得出，只取部分则结果不同；"
        "查阅人可查看时，请直接向引擎查询"
    ) == standings.value.zh


def test_explanations_do_not_quote_hidden_cases(engine: Engine) -> None:
    """What a rule reads of a case that may not be read is not said, and it is said so."""
    whole = said(explain(engine.assess(as_of=TEN), "report/1"))
    visible = said(engine.visible(OFFICER).explain("report/1", as_of=TEN))

    assert any("7" in line for line in whole["long_ones"])
    assert any("Harbour" in line for line in whole["all_of_them"])
    assert HIDDEN in visible["long_ones"]
    assert not [line for lines in visible.values() for line in lines if "Harbour" in line]
    assert set(visible["long_ones"]) - set(whole["long_ones"]) == {HIDDEN}
    assert "for report 1" == visible["all_of_them"][0]


def test_whoever_may_read_everything_is_told_everything(engine: Engine) -> None:
    """Then nothing is hidden."""
    whole = explain(engine.assess(as_of=TEN), "report/1")

    assert whole == engine.visible(CHIEF).explain("report/1", as_of=TEN)


def test_what_is_hidden_changes_no_line(ruleset: Ruleset) -> None:
    """Whatever cases hold that may not be read, the same lines are said, or fewer."""
    worlds = [
        made(ruleset, days=days, head=head, pages=pages).visible(OFFICER).explain("report/1")
        for days, head, pages in ((7, "person/zhao", 30), (9, "person/qian", 4))
    ]
    few = said(made(ruleset, days=1).visible(OFFICER).explain("report/1"))

    assert worlds[0] == worlds[1]
    for rule, lines in few.items():
        assert set(lines) <= {*said(worlds[0]).get(rule, ()), HIDDEN}


def test_integrity_officers(host: Host) -> None:
    """An officer of the unit reads its items but secret ones; the leader reads none about him."""
    ruleset = host.load("integrity-officers")
    engine = Engine(ruleset)
    folder = Path(host.rulesets["integrity-officers"])
    engine.load(open_input(folder / "sample" / "sample.jsonl", ruleset, host.formats()).events)
    for number, mark in (("open", "internal"), ("kept", "secret")):
        data = {"headline": "gifts", "genre": "news", "unit": "unit/a", "secrecy": mark,
                "leader": "person/leader", "sent_to": "unit/b"}  # fmt: skip
        assert engine.act(f"item/{number}", "submit", data, at="2017-03-01T09:00:00+08:00").accepted
    officer = engine.visible(Actor(id="person/li", unit="unit/a", roles=("officer",)))
    leader = engine.visible(Actor(id="person/leader", unit="unit/a", roles=("officer",)))

    mine = {event.case for event in officer.journal().events}
    assert "item/open" in mine
    assert "item/kept" not in mine
    assert {"item"} == {case.partition("/")[0] for case in mine}
    assert "gifts" == dict(officer.case("item/open") or {})["headline"]
    assert "item/open" not in {event.case for event in leader.journal().events}
    with pytest.raises(HiddenError):
        leader.explain("item/open")
    lines = [text for e in officer.explain("item/open") for text in e.texts("zh")]
    assert not [line for line in lines if "采油" in line]
