"""Names that only rulesets know are shown by their titles, in the language of the explanation."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaocheng import Assessment, Event, Host, Journal, assess, explain
from kaocheng.calendars.numberline import parse_instant
from kaocheng.language.saving import load, save
from kaocheng.rendering.data import zone_of
from kaocheng.rendering.values import text

LISTED = "{ordered: [kept_for_reference, circulated]}"
TITLED = """
        ordered:
          kept_for_reference: {zh: 留存备查, en: kept for reference}
          circulated: {zh: 送阅, en: circulated}
        title: {zh: 使用情况, en: use}
"""
RULESET = f"""\
kaocheng: 1
ruleset: uses
version: "1"
effective: {{from: open}}
kinds:
  report:
    fields:
      use:{TITLED}
findings:
  - id: unused
    clause: "4"
    for: report as r
    when: r.use < 'circulated'
    finding: unused
"""


def written(folder: Path, ruleset: str) -> Path:
    """The folder of a ruleset of one version."""
    (folder / "versions").mkdir(parents=True)
    (folder / "versions/1.yaml").write_text(ruleset, "utf-8")
    return folder


def assessed(folder: Path, *, use: str = "kept_for_reference") -> Assessment:
    """One report, assessed."""
    at = parse_instant("2024-03-01T09:00:00Z")
    event = Event(case="report/1", sequence=1, event="handle", at=at, data={"use": use})
    return assess(Host.discover().load(str(folder)), Journal(events=(event,)), as_of=at)


@pytest.mark.parametrize(
    ("language", "line"), [("en", "use = kept for reference"), ("zh", "使用情况：留存备查")]
)
def test_a_value_is_shown_by_its_title(tmp_path: Path, language: str, line: str) -> None:
    """An explanation shows the title of a value in its own language."""
    (found,) = explain(assessed(written(tmp_path / "uses", RULESET)), "report/1")

    assert line in [item.strip() for item in found.texts(language)]


def test_titles_of_values_change_no_type(tmp_path: Path) -> None:
    """Names alone make the type; titles are kept when a ruleset is saved."""
    titled = Host.discover().load(str(written(tmp_path / "titled", RULESET)))
    plain = RULESET.replace(TITLED, f" {{{LISTED[1:-1]}, title: {{zh: 使用情况, en: use}}}}\n")
    listed = Host.discover().load(str(written(tmp_path / "listed", plain)))
    save(titled, tmp_path / "saved.json")
    saved = load(tmp_path / "saved.json")
    types = [r.plan.relations["report"].columns["use"] for r in (titled, listed, saved)]
    zone = zone_of(assessed(tmp_path / "titled"))

    assert types[0] == types[1] == types[2]
    assert titled.versions[0].hash == listed.versions[0].hash
    assert ["送阅", "circulated", "送阅"] == [
        text("circulated", type_, zone, language="zh") for type_ in types
    ]


STATES = """\
kaocheng: 1
ruleset: incidents
version: "1"
effective: {from: open}
kinds:
  incident: {title: {zh: 事件, en: incident}, fields: {}}
  report:
    fields:
      incident: {type: incident, event: submit}
      submitted_at: {at: submit}
      outlet: {type: string, event: submit, title: {zh: 载体, en: outlet}}
    lists: {uses: {event: [submit], title: {zh: 采用, en: uses}}}
    spells: {stays: {opens: submit, closes: leave, title: {zh: 停留, en: stays}}}
tables:
  worth:
    by: {outlet: string}
    rows: {press: 5}
    title: {zh: 载体分值, en: worth of outlets}
    clause: "1"
carry:
  - id: same_incident
    title: {zh: 同一事件, en: same incident}
    clause: "2"
    for: report as r
    per: r.incident
    in_order: [r.submitted_at]
    begin: {number: "0"}
    next: {number: was.number + 1}
findings:
  - id: first
    clause: "3"
    for: report as r
    when: r.same_incident.number == 1
    finding: first
  - id: used
    clause: "4"
    for: report.uses as u
    when: >-
      u.at > timestamp('2020-01-01T00:00:00Z') && u.recorded_at >= u.at && u.sequence == 1
      && u.actor == 'person/wang' && u.unit == 'unit/jinghu'
    finding: used
  - id: stayed
    clause: "5"
    for: report.stays as s
    when: s.from < s.until
    finding: stayed
  - {id: dear, clause: "6", for: report as r, when: worth(r.outlet) > 3, finding: dear}
"""


@pytest.fixture
def incidents(tmp_path: Path) -> Assessment:
    """One report of an incident."""
    at = parse_instant("2024-03-01T09:00:00Z")
    event = Event(
        case="report/1",
        sequence=1,
        event="submit",
        at=at,
        recorded_at=at,
        data={"incident": "incident/1", "outlet": "radio"},
    )
    ruleset = Host.discover().load(str(written(tmp_path / "incidents", STATES)))
    return assess(ruleset, Journal(events=(event,)), as_of=at)


def lines(assessment: Assessment, rule: str, language: str) -> list[str]:
    """What explains a rule, line by line and without indentation."""
    found = explain(assessment, "report/1", rule=rule)
    return [line.strip() for item in found for line in item.texts(language)]


def test_a_part_of_a_carried_state(incidents: Assessment) -> None:
    """A part of a state is called by the title of its rule and its own name."""
    assert "同一事件·number：1" in lines(incidents, "first", "zh")
    assert "same incident · number = 1" in lines(incidents, "first", "en")


def test_columns_of_lists_and_spells(incidents: Assessment) -> None:
    """What every row of a list or a spell has is said in words and not as a path."""
    said = lines(incidents, "used", "zh") + lines(incidents, "stayed", "zh")

    assert [] == [line for line in said if line.startswith(("u.", "s."))]
    assert "止：尚未发生" in said


def test_a_table_without_a_row(incidents: Assessment) -> None:
    """A look-up that finds nothing names the table by its title, and the key asked for."""
    assert any("载体分值没有对应 radio 的行" in line for line in lines(incidents, "dear", "zh"))
    assert any(
        "worth of outlets has no row for radio" in line for line in lines(incidents, "dear", "en")
    )
