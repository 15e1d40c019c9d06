"""An office's ruleset, checked from YAML, with what an act has to deal with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kaocheng import Host
from kaocheng.engine import Engine, Store
from kaocheng.evaluate.python import Program, compile_plan
from kaocheng.language.check import check
from kaocheng.language.ruleset import Ruleset
from kaocheng.stores import SqlStore
from kaocheng_policies import plugin

HEADER = """\
kaocheng: 1
ruleset: office
version: "{name}"
title: {{zh: 信息工作, en: Information work}}
effective: {{from: {begins}}}
time_zone: Asia/Shanghai
"""

OFFICE = """
kinds:
  person:
    fields:
      name: string
  unit:
    dated: true
    fields:
      class: {one_of: [county, other]}
    lists:
      visits: {event: visit, fields: {by: person}}
  incident:
    fields:
      happened_at: {at: happen}
      severity: {ordered: [minor, major], event: happen}
  report:
    fields:
      genre: {one_of: [dynamic, research]}
      length: int
      unit: unit
      incident: incident
      authors: {list: person, event: submit}
      submitted_at: {at: submit}
      submitted_by: {actor: submit}
      verified_at: {at: verify}
      closed_at: {at: close}
      adopted: {count: adopt}
    lists:
      adoptions:
        event: adopt
        fields:
          outlet: {one_of: [daily_express, special_report]}
          level: {ordered: [city, province, central]}
    spells:
      pauses: {opens: pause, closes: resume}
    lifecycle:
      initial: draft
      states:
        draft: {zh: 拟稿, en: draft}
        submitted: {zh: 已上报, en: submitted}
        verified: {zh: 已审核, en: verified}
        closed: {zh: 办结, en: closed}
      final: [closed]
      submit: {from: draft, to: submitted, by: [informant]}
      verify:
        from: submitted
        to: verified
        by: [verifier]
        when: "actor.id != report.submitted_by"
      send_back: {from: [submitted, verified], to: submitted, repeats: true}
      adopt: {from: {after: submitted}, repeats: true, by: [editor]}
      pause: {from: {after: submitted}, repeats: true}
      resume: {from: {after: submitted}, repeats: true}
      correct: {from: {after: submitted}, repeats: true}
      close: {from: verified, to: closed}

relations:
  - {id: reports, of: incident, to: report, by: incident}

tables:
  outlet_points: {by: [outlet], rows: {daily_express: 2, special_report: 5}, assumed: a test}

accounts:
  - {id: merit, of: person, assumed: a test}

deadlines:
  - id: verification
    for: report as r
    owed_by: r.submitted_by
    starts: r.submitted_at
    within: 2 hours
    met_at: r.verified_at
    raise: {finding: late}
    assumed: a test
  - id: publication
    for: report.adoptions as a
    owed_by: a.actor
    starts: a.at
    within: 24 hours
    met_at: a.case.closed_at
    assumed: a test
  - id: first_report
    for: incident as i
    owed_by: earliest_author
    starts: i.happened_at
    within: 24 hours
    met_at: "earliest(i.reports.map(r, r.submitted_at))"
    assumed: a test

points:
  - id: adopted
    for: report.adoptions as a
    earn: outlet_points(a.outlet)
    to: a.actor
    account: merit
    at: a.at
    assumed: a test
  - id: research
    for: report.adoptions as a
    when: "a.case.genre == 'research'"
    earn: "a.level >= 'province' ? 6 : 3"
    to: a.actor
    account: merit
    at: a.at
    assumed: a test
  - id: best
    for: report.adoptions as a
    earn: outlet_points(a.outlet)
    then:
      - keep: {best: 1, per: [a.case, a.level], by: [a.at]}
    to: a.actor
    account: merit
    at: a.at
    assumed: a test
  - id: shared
    for: report.adoptions as a
    earn: outlet_points(a.outlet)
    then:
      - share: {among: a.case.authors, weights: [2, 1], rest: first}
    account: merit
    at: a.at
    assumed: a test
  - id: paused
    for: report.pauses as p
    earn: "-1"
    to: p.case.submitted_by
    account: merit
    at: p.from
    assumed: a test
  - id: lateness
    for: findings as f
    when: "f.finding == 'late'"
    earn: "-3"
    to: f.owed_by
    account: merit
    at: f.at
    assumed: a test

tallies:
  - id: submitted_per_unit
    for: report as r
    per: [r.unit, year]
    at: r.submitted_at
    count: rows
    assumed: a test
""".replace("earliest_author", "\"'person/duty'\"")

Make = Callable[..., Ruleset]


class Desk:
    """The office's ruleset and its compiled plan, with a name that is short to show."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self.program: Program = compile_plan(ruleset.plan)

    def engine(self, store: Store | None = None) -> Engine:
        """A new engine."""
        return Engine(self.ruleset, program=self.program, store=store)


@pytest.fixture(scope="session")
def ruleset_of(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Checks a ruleset from the bodies of its versions, by the day from which each is in force."""

    def make(**bodies: str) -> Ruleset:
        folder = tmp_path_factory.mktemp("ruleset")
        (folder / "versions").mkdir()
        for name, body in bodies.items():
            begins = name.removeprefix("from_").replace("_", "-")
            header = HEADER.format(name=begins, begins=begins)
            (folder / "versions" / f"{name}.yaml").write_text(header + body, "utf-8")
        checked = check(folder, sections=plugin.kaocheng_sections())
        messages = "\n".join(f"{d.span}: {d.message()}: {d.help()}" for d in checked.errors)
        assert checked.ruleset is not None, messages
        return checked.ruleset

    return make


@pytest.fixture(scope="session")
def desk(ruleset_of: Make) -> Desk:
    """The office's ruleset, compiled once."""
    return Desk(ruleset_of(from_open=OFFICE))


@pytest.fixture(scope="session")
def desk_of_two(ruleset_of: Make) -> Desk:
    """The same with other figures from 2009-03-04 on, in the middle of what the tests act."""
    later = OFFICE.replace("daily_express: 2", "daily_express: 3").replace("2 hours", "3 hours")
    return Desk(ruleset_of(from_open=OFFICE, from_2009_03_04=later))


@pytest.fixture(scope="session")
def office(desk: Desk) -> Ruleset:
    """The office's ruleset."""
    return desk.ruleset


@pytest.fixture(scope="session")
def program(desk: Desk) -> Program:
    """The office's plan."""
    return desk.program


@pytest.fixture
def engine(desk: Desk) -> Engine:
    """An engine without any case."""
    return desk.engine()


@pytest.fixture
def shipped(host: Host) -> Engine:
    """An engine of `wuhu-information`, without a clock, on an empty database."""
    return Engine(host.load("wuhu-information"), store=SqlStore.open())
