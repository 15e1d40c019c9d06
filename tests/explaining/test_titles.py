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
