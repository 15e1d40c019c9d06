"""The main job on 1,109 real notices: `washington-breach`."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kaocheng import Assessment, Host, Journal, Ruleset, assess, open_input
from kaocheng.assessing import Evaluator, last_instant
from kaocheng.calendars import PeriodSpec, build_zone, parse_instant, period_of
from kaocheng.rendering.data import as_data

LATE_BY_YEAR = {
    "2016": 13,
    "2017": 17,
    "2018": 26,
    "2019": 33,
    "2020": 31,
    "2021": 184,
    "2022": 138,
    "2023": 143,
    "2024": 171,
}
STATUSES = {
    "not_begun": 0,
    "open": 0,
    "overdue": 0,
    "met": 330,
    "late": 756,
    "lapsed": 0,
    "excused": 0,
    "undetermined": 23,
}


@pytest.fixture(scope="module")
def ruleset(host: Host) -> Ruleset:
    """The shipped ruleset."""
    return host.load("washington-breach")


@pytest.fixture(scope="module")
def journal(host: Host, ruleset: Ruleset, notices: Path) -> Journal:
    """The real notices as events."""
    return open_input(notices, ruleset, host.formats())


def assessed(ruleset: Ruleset, journal: Journal, evaluator: Evaluator = "python") -> Assessment:
    """The assessment as of the last event."""
    as_of = last_instant(journal.events, build_zone("America/Los_Angeles"))
    assert as_of is not None
    return assess(ruleset, journal, as_of=as_of, evaluator=evaluator)


@pytest.fixture(scope="module")
def assessment(ruleset: Ruleset, journal: Journal, evaluator: Evaluator) -> Assessment:
    """The assessment by each evaluator."""
    return assessed(ruleset, journal, evaluator)


def printed(assessment: Assessment) -> str:
    """The assessment as JSON text."""
    return json.dumps(as_data(assessment), ensure_ascii=False)


def test_every_row_is_read(journal: Journal) -> None:
    """All 1,109 rows become one case with one event each, and none is refused."""
    assert 1109 == len(journal.events)
    assert 1109 == len({event.case for event in journal.events})
    assert () == journal.unreadable


def test_statuses(assessment: Assessment) -> None:
    """Of 1,109 cases, 330 are met, 756 late and 23 undetermined."""
    assert 1109 == assessment.cases
    assert STATUSES == assessment.statuses("notice")
    assert {"late": 756} == assessment.findings()
    assert () == assessment.problems


def test_undetermined_for_lack_of_a_date(assessment: Assessment) -> None:
    """Exactly the notices without a date of awareness are undetermined."""
    aware = {row["case"] for row in _breaches(assessment) if row["aware_on"] is None}
    undetermined = {r["case"] for r in assessment.rows("notice") if r["status"] is None}

    assert 23 == len(aware)
    assert aware == undetermined


def test_late_by_version(assessment: Assessment) -> None:
    """The first version makes 119 notices late, the second 637."""
    late = {use.version: use.deadlines["notice"]["late"] for use in assessment.versions()}

    assert {"2015-07": 119, "2020-03": 637} == late


def test_days_late(assessment: Assessment) -> None:
    """The notices are 67,467 days late in all, and the latest one 1,013 days."""
    days = [int(str(r["late_by"])) for r in assessment.rows("notice") if r["status"] == "late"]

    assert 67_467 == sum(days)
    assert 1_013 == max(days)
    assert 67_467 == sum(_tally(assessment, "days_late").values())
    assert 1_013 == max(_tally(assessment, "longest_delay").values())


def test_met_on_the_last_day(assessment: Assessment) -> None:
    """33 notices are given on the very last day."""
    rows = [r for r in assessment.rows("notice") if r["status"] == "met"]

    assert 33 == sum(row["met_at"] == row["due"] for row in rows)
    assert 33 == sum(_tally(assessment, "last_day").values())


def test_late_by_reporting_year(assessment: Assessment) -> None:
    """The late notices of each reporting year are those of the yearly reports."""
    assert LATE_BY_YEAR == _tally(assessment, "late_notices")


def test_the_reporting_year_is_that_of_the_file(assessment: Assessment, notices: Path) -> None:
    """In every row, the reporting year of the notice equals the file's own column `Year`."""
    spec = assessment.ruleset.versions[-1].periods["reporting_year"]
    with notices.open(encoding="utf-8", newline="") as file:
        wanted = {f"breach/{row['Id']}": row["Year"] for row in csv.DictReader(file)}
    years = {str(r["case"]): _year(spec, r["notified_on"]) for r in _breaches(assessment)}

    assert 1109 == len(years)
    assert wanted == years


def test_order_of_lines(ruleset: Ruleset, host: Host, notices: Path, tmp_path: Path) -> None:
    """The same rows in another order give the same bytes."""
    with notices.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    random.Random(1).shuffle(rows)  # noqa: S311 - repeatable
    shuffled = tmp_path / notices.name
    with shuffled.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    texts = [
        printed(assessed(ruleset, open_input(path, ruleset, host.formats())))
        for path in (notices, shuffled)
    ]

    assert texts[0] == texts[1]


def test_evaluators_print_the_same(
    ruleset: Ruleset, journal: Journal, assessment: Assessment
) -> None:
    """Every evaluator gives the same JSON, byte for byte."""
    assert printed(assessed(ruleset, journal)) == printed(assessment)


def test_command_line(cli: Callable[..., Any], notices: Path, evaluator: Evaluator) -> None:
    """`kaocheng assess --format json` prints the same numbers with either evaluator."""
    ran = cli("assess", "washington-breach", notices, "--format", "json", "--evaluator", evaluator)
    data = json.loads(ran.out)

    assert (0, "") == (ran.code, ran.err)
    assert "2024-04-19T23:59:59.999999-07:00" == data["as_of"]
    assert {
        "cases": 1109,
        "deadlines": {"notice": STATUSES},
        "findings": {"late": 756},
        "unreadable": 0,
        "problems": 0,
    } == data["summary"]
    assert [119, 637] == [use["deadlines"]["notice"]["late"] for use in data["versions"]]
    assert 67_467 == sum(r["late_by"] for r in data["deadlines"]["notice"] if r["status"] == "late")
    assert LATE_BY_YEAR == {r["period"]: r["value"] for r in data["tallies"]["late_notices"]}


def test_the_past_is_assessed_as_it_was(ruleset: Ruleset, journal: Journal) -> None:
    """As of 2020, later notices do not exist, and no status of an earlier one changes."""
    as_of = parse_instant("2020-01-01T00:00:00-08:00")
    early = assess(ruleset, journal, as_of=as_of)
    then = {row["case"]: row["status"] for row in early.rows("notice")}
    now = {row["case"]: row["status"] for row in assessed(ruleset, journal).rows("notice")}

    assert 0 < len(then) < 1109
    assert then == {case: now[case] for case in then}


def _breaches(assessment: Assessment) -> list[dict[str, object]]:
    columns = tuple(assessment.relation("breach").columns)
    return [dict(zip(columns, row, strict=True)) for row in assessment.facts.relations["breach"]]


def _tally(assessment: Assessment, rule: str) -> dict[str, int]:
    return {str(row["period"]): int(str(row["value"])) for row in assessment.rows(rule)}


def _year(spec: PeriodSpec, day: object) -> str:
    assert isinstance(day, int)
    return period_of(spec, day).name
