"""What an assessment looks like as CSV and as a table."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from kaocheng.assessing import assess
from kaocheng.assessment import Assessment
from kaocheng.calendars.numberline import parse_instant
from kaocheng.host import Host
from kaocheng.model.events import Event, Journal
from kaocheng.rendering.csv import as_csv
from kaocheng.rendering.table import print_assessment

RULESET = """\
kaocheng: 1
ruleset: shown
version: "1"
effective: {from: open}
time_zone: Asia/Shanghai
kinds:
  incident:
    fields:
      begun_at: {type: instant, event: detect}
      reported_at: {at: report}
deadlines:
  - id: report
    clause: "1"
    for: incident as i
    starts: i.begun_at
    within: 2 hours
    met_at: i.reported_at
"""
NINE = "2024-03-02T09:00:00.250+08:00"


@pytest.fixture(scope="module")
def assessment(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    """One late incident, one in time, one of which nobody knows when it began."""
    path = Path(tmp_path_factory.mktemp("shown") / "shown.yaml")
    path.write_text(RULESET, "utf-8")
    nine, eleven, noon = (
        parse_instant(text)
        for text in (NINE, "2024-03-02T11:00:00+08:00", "2024-03-02T12:30:00.250+08:00")
    )
    events = (
        Event(case="incident/1", sequence=1, event="detect", at=nine, data={"begun_at": NINE}),
        Event(case="incident/1", sequence=2, event="report", at=noon),
        Event(case="incident/2", sequence=1, event="detect", at=nine, data={"begun_at": NINE}),
        Event(case="incident/2", sequence=2, event="report", at=eleven),
        Event(case="incident/3", sequence=1, event="detect", at=nine),
    )
    return assess(Host.discover().load(str(path)), Journal(events=events), as_of=noon)


def shown(assessment: Assessment, language: str) -> str:
    """The rows of the deadline as a table of 120 columns."""
    out = io.StringIO()
    console = Console(file=out, width=120)
    print_assessment(assessment, rule="report", language=language, console=console)
    return out.getvalue()


def test_csv_writes_truth_as_json_does(assessment: Assessment) -> None:
    """Truth is `true` and `false` in CSV, and what is unknown is blank."""
    head, *rows = as_csv(assessment, "report").splitlines()

    assert head.endswith(",late_by,status,version,undetermined")
    assert rows[0].endswith(",PT1H30M,late,1,false")
    assert rows[2].endswith(",never,PT0S,undetermined,1,true")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("late", "met", "undetermined", "1 hour 30 minutes")),
        ("zh", ("逾期办结", "按时办结", "待定", "1 小时 30 分钟")),
    ],
)
def test_tables_use_the_words_of_people(
    assessment: Assessment, language: str, words: tuple[str, ...]
) -> None:
    """Statuses and durations are said in the language of the table."""
    text = shown(assessment, language)

    assert [] == [word for word in words if word not in text]
    assert "PT" not in text


def test_tables_show_local_time(assessment: Assessment) -> None:
    """A column of a table shows day and local time, and is never cut off."""
    text = shown(assessment, "en")

    assert "2024-03-02 09:00:00 " in text
    assert "…" not in text


def test_tables_leave_no_delay_blank(assessment: Assessment) -> None:
    """A row that is not late has no delay to show."""
    assert "0 seconds" not in shown(assessment, "en")
