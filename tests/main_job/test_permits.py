"""The main job on 1,434 real permit cases: `permit-receipt`."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kaocheng import Assessment, Host, Journal, Ruleset, assess, open_input
from kaocheng.assessing import Evaluator
from kaocheng.calendars import format_instant, parse_instant
from kaocheng.rendering.data import as_data, rows_as_data, zone_of

AS_OF = "2012-02-01T00:00:00+01:00"
DECISION = {
    "not_begun": 0,
    "open": 59,
    "overdue": 46,
    "met": 952,
    "late": 377,
    "lapsed": 0,
    "excused": 0,
    "undetermined": 0,
}
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.fixture(scope="module")
def ruleset(host: Host) -> Ruleset:
    """The shipped ruleset."""
    return host.load("permit-receipt")


@pytest.fixture(scope="module")
def journal(host: Host, ruleset: Ruleset, permits: Path) -> Journal:
    """The real permits as events."""
    return open_input(permits, ruleset, host.formats())


def assessed(ruleset: Ruleset, journal: Journal, evaluator: Evaluator = "python") -> Assessment:
    """The assessment as of February 2012."""
    return assess(ruleset, journal, as_of=parse_instant(AS_OF), evaluator=evaluator)


@pytest.fixture(scope="module")
def assessment(ruleset: Ruleset, journal: Journal, evaluator: Evaluator) -> Assessment:
    """The assessment by each evaluator."""
    return assessed(ruleset, journal, evaluator)


def printed(assessment: Assessment) -> str:
    """The assessment as JSON text."""
    return json.dumps(as_data(assessment), ensure_ascii=False)


def test_every_trace_is_read(journal: Journal) -> None:
    """All 1,434 traces are read; 105 of the permits have not ended."""
    ended = {event.case for event in journal.events if event.event == "finish"}

    assert 1434 == len({event.case for event in journal.events})
    assert 1434 - 105 == len(ended)
    assert () == journal.unreadable


def test_statuses(assessment: Assessment) -> None:
    """952 are met and 377 late; of the 105 undecided, 46 are overdue and 59 open."""
    assert 1434 == assessment.cases
    assert DECISION == assessment.statuses("decision")
    assert () == assessment.problems


def test_full_precision(assessment: Assessment) -> None:
    """End and limit are compared at full precision: two cases are late within one second."""
    late = {
        row["case"]: row["late_by"]
        for row in assessment.rows("decision")
        if row["status"] == "late" and int(str(row["late_by"])) < 1_000_000
    }

    assert {"permit/case-5877": 20_000, "permit/case-6993": 20_000} == late


def test_eight_weeks_equal_the_recorded_deadline(assessment: Assessment) -> None:
    """Eight local weeks equal the recorded deadline in 982 cases, 335 across a clock change."""
    (same,) = assessment.rows("same_as_recorded")
    (across,) = assessment.rows("across_clock_change")

    assert (982, 335) == (same["value"], across["value"])


def test_eight_weeks_by_another_calendar(assessment: Assessment) -> None:
    """Python's own local times give the same due time in every case, and the same two numbers."""
    decision = {row["case"]: row["due"] for row in assessment.rows("decision")}
    same, across = 0, 0
    for row in assessment.rows("eight_weeks"):
        start, due = _local(row["start"]), _local(row["due"])
        wanted = (start.replace(tzinfo=None) + dt.timedelta(weeks=8)).replace(tzinfo=AMSTERDAM)

        assert wanted.astimezone(dt.UTC) == due.astimezone(dt.UTC)

        if int(str(row["due"])) // 1_000_000 == int(str(decision[row["case"]])) // 1_000_000:
            same += 1
            across += start.utcoffset() != due.utcoffset()

    assert (982, 335) == (same, across)


def test_suspicious_cases_are_listed(assessment: Assessment) -> None:
    """The two cases that end before they start are listed and stay among the met."""
    found = rows_as_data(assessment, "ends_before_start", zone_of(assessment))
    status = {row["case"]: row["status"] for row in assessment.rows("decision")}

    assert {"late": 377, "suspicious": 2} == assessment.findings()
    assert [
        ("permit/case-10862", "alleged", "met"),
        ("permit/case-8267", "alleged", "met"),
    ] == [(row["case"], row["stage"], status[row["case"]]) for row in found]


def test_order_of_traces(ruleset: Ruleset, host: Host, permits: Path, tmp_path: Path) -> None:
    """The same traces in another order give the same bytes."""
    log = gzip.decompress(permits.read_bytes()).decode()
    traces = re.findall(r"<trace>.*?</trace>", log, re.DOTALL)
    head, tail = log[: log.index("<trace>")], log[log.rindex("</trace>") + len("</trace>") :]
    random.Random(1).shuffle(traces)  # noqa: S311 - repeatable
    shuffled = tmp_path / "shuffled.xes"
    shuffled.write_text("\n".join((head, *traces, tail)), "utf-8")
    texts = [
        printed(assessed(ruleset, open_input(path, ruleset, host.formats())))
        for path in (permits, shuffled)
    ]

    assert 1434 == len(traces)
    assert texts[0] == texts[1]


def test_evaluators_print_the_same(
    ruleset: Ruleset, journal: Journal, assessment: Assessment
) -> None:
    """Every evaluator gives the same JSON, byte for byte."""
    assert printed(assessed(ruleset, journal)) == printed(assessment)


def test_command_line(cli: Callable[..., Any], permits: Path, evaluator: Evaluator) -> None:
    """`kaocheng assess --format json` prints the same numbers with either evaluator."""
    ran = cli(
        "assess", "permit-receipt", permits, "--as-of", AS_OF,
        "--format", "json", "--evaluator", evaluator,
    )  # fmt: skip
    data = json.loads(ran.out)

    assert (0, "") == (ran.code, ran.err)
    assert AS_OF == data["as_of"]
    assert 1434 == data["summary"]["cases"]
    assert DECISION == data["summary"]["deadlines"]["decision"]
    assert {"late": 377, "suspicious": 2} == data["summary"]["findings"]
    assert [982] == [row["value"] for row in data["tallies"]["same_as_recorded"]]
    assert [335] == [row["value"] for row in data["tallies"]["across_clock_change"]]


def _local(instant: object) -> dt.datetime:
    assert isinstance(instant, int)
    return dt.datetime.fromisoformat(format_instant(instant)).astimezone(AMSTERDAM)
