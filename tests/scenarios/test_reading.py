"""Scenario files that are right: what is read of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kaocheng import Host
from kaocheng.calendars.numberline import parse_date, parse_instant
from kaocheng.diagnostics import Diagnostics
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import Actor, Event
from kaocheng.scenarios import Scenario, read_scenarios, scenario_files

TEXT = """
kaocheng: 1
ruleset: tried
scenarios:
  - id: first
    title: {zh: 首例, en: the first}
    cite: article 4
    as_of: 2009-12-31
    known_at: "2009-06-01T00:00:00Z"
    timeline:
      - case: report/1
        event: submit
        at: "2009-03-02T09:00:00+08:00"
        recorded_at: "2009-03-03T09:00:00+08:00"
        actor: {id: li, unit: office, roles: informant}
        data: {pages: -3, urgent: true, genre: research, sent_on: never, authors: [a, unit/b],
               unit: a}
      - {case: report/2, event: submit, at: 2009-03-04}
      - {case: report/1, event: submit, at: 2009-03-05, refused: true}
      - {case: report/1, event: verify, at: 2009-03-06}
    expect:
      - {rule: notice, case: report/1, status: late, due: "2009-03-02T11:00:00+08:00", version: "1"}
      - {rule: notice.late, finding: late}
      - {rule: notice, met_at: never, undetermined: "true"}
    absent:
      - {rule: notice, case: report/3}
    states: {report/1: verified}
"""


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    """The ruleset that the scenario is for."""
    return Host.discover().load(str(Path(__file__).parent / "ruleset"))


@pytest.fixture
def scenario(ruleset: Ruleset, tmp_path: Path) -> Scenario:
    """The scenario of the text, read without an error."""
    path = tmp_path / "first.yaml"
    path.write_text(TEXT, "utf-8")
    diagnostics = Diagnostics()
    (found,) = read_scenarios(path, ruleset, diagnostics)

    assert [] == [item.message() for item in diagnostics if item.is_error]
    return found


def test_events(scenario: Scenario) -> None:
    """Events are numbered within their case, and those to be refused take no number."""
    first = parse_instant("2009-03-02T01:00:00Z")
    data = {
        "pages": -3,
        "urgent": True,
        "genre": "research",
        "sent_on": "never",
        "authors": ["a", "unit/b"],
        "unit": "a",
    }
    expected = Event(
        case="report/1",
        sequence=1,
        event="submit",
        at=first,
        recorded_at=parse_instant("2009-03-03T01:00:00Z"),
        actor=Actor(id="li", unit="office", roles=("informant",)),
        data=data,
    )

    assert expected == scenario.timeline[0].event
    assert [("report/1", 1), ("report/2", 1), ("report/1", 2)] == [
        (event.case, event.sequence) for event in scenario.events
    ]
    assert [False, False, True, False] == [step.refused for step in scenario.timeline]


def test_unknown_data(ruleset: Ruleset, tmp_path: Path) -> None:
    """In data `unknown` is what nobody knows, by itself and in a list; in quotes it is a text."""
    data = 'data: {pages: unknown, unit: "unknown", authors: [a, unknown, "unknown"]}'
    path = tmp_path / "first.yaml"
    path.write_text(re.sub("data: {[^}]*}", data, TEXT), "utf-8")
    diagnostics = Diagnostics()
    (found,) = read_scenarios(path, ruleset, diagnostics)

    assert [] == [item.message() for item in diagnostics if item.is_error]
    assert {
        "pages": None,
        "unit": "unknown",
        "authors": ["a", None, "unknown"],
    } == found.events[0].data


def test_dated_events(scenario: Scenario) -> None:
    """An event with a day has a date and no instant."""
    event = scenario.timeline[1].event

    assert (None, parse_date("2009-03-04"), None) == (event.at, event.date, event.recorded_at)


def test_expectations(scenario: Scenario) -> None:
    """Expected rows are texts by column, of a rule or of one of its findings."""
    assert ["notice", "notice.late", "notice"] == [row.rule for row in scenario.expect]
    assert {
        "case": "report/1",
        "status": "late",
        "due": "2009-03-02T11:00:00+08:00",
        "version": "1",
    } == scenario.expect[0].columns
    assert [("notice", {"case": "report/3"})] == [(r.rule, r.columns) for r in scenario.absent]
    assert {"report/1": "verified"} == scenario.states


def test_the_head(scenario: Scenario) -> None:
    """A scenario has its times as written, its title and its source."""
    assert ("first", "2009-12-31", "2009-06-01T00:00:00Z", "article 4") == (
        scenario.id,
        scenario.as_of,
        scenario.known_at,
        scenario.cite,
    )
    assert {"zh": "首例", "en": "the first"} == scenario.titles


def test_scenario_files(ruleset: Ruleset) -> None:
    """The scenarios of a ruleset lie in its folder `scenarios`, in the order of their names."""
    shipped = Host.discover().load("wuhu-quality")

    assert ["truthfulness.yaml", "urgent.yaml"] == [path.name for path in scenario_files(shipped)]
    assert () == scenario_files(ruleset)
