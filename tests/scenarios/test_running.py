"""Scenarios that do not come out as written: what failed, where, and how it differs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kaocheng import Host
from kaocheng.diagnostics import Diagnostics
from kaocheng.scenarios import ScenarioRunner, read_scenarios
from kaocheng.scenarios.refusals import wrongly_read

NOTICE = "washington-breach/scenarios/notice.yaml"
LIFECYCLE = "wuhu-information/scenarios/lifecycle.yaml"


@pytest.fixture
def changed(host: Host, tmp_path: Path) -> Callable[[str, str, str], Path]:
    """Makes a copy of a ruleset with one text of one scenario file replaced."""

    def change(file: str, old: str, new: str) -> Path:
        name = file.partition("/")[0]
        shutil.copytree(host.find(name), tmp_path / name)
        path = tmp_path / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        return tmp_path / name

    return change


FAILURES = {
    "another-row": (
        NOTICE,
        "status: met, due: 2019-02-15, late_by: 0",
        "status: late, due: 2019-02-16, late_by: 1",
        """\
FAIL  in_time_on_the_last_day  notice on the 45th day is in time
      {path}:12:9: no such row: notice: case = breach/a, status = late, due = 2019-02-16, \
late_by = 1, version = 2015-07
        column           expected                     seen
        status           late                         met
        due              2019-02-16                   2019-02-15
        late_by          1                            0
""",
    ),
    "no-row": (
        NOTICE,
        "{rule: notice, case: breach/d, undetermined",
        "{rule: notice, case: breach/d, finding: late, undetermined",
        """\
FAIL  awareness_not_recorded  without the date of awareness nothing is decided
      {path}:43:9: no such row: notice: case = breach/d, finding = late, undetermined = true
        column           expected                     seen
        finding          late                         no such column
""",
    ),
    "unwanted-row": (
        NOTICE,
        "{rule: notice, case: breach/c, status: late}",
        "{rule: notice, case: breach/c, status: met}",
        """\
FAIL  late_under_the_second_version  thirty days from March 2020
      {path}:35:9: should not be there: notice: case = breach/c, status = met
""",
    ),
    "another-state": (
        LIFECYCLE,
        "states: {report/1: verified}",
        "states: {report/1: submitted}",
        """\
FAIL  nobody_verifies_his_own_report  nobody verifies his own report
      {path}:5:5: ends in another state: report/1: state = submitted
        column           expected                     seen
        state            submitted                    verified
""",
    ),
    "wrongly-accepted": (
        LIFECYCLE,
        "- {case: report/2, event: follow_up,",
        "- {refused: true, case: report/2, event: follow_up,",
        """\
FAIL  from_draft_to_closed  returned, submitted again, adopted, followed up, closed
      {path}:52:9: should be refused: follow_up: case = report/2
""",
    ),
    "wrongly-refused": (
        LIFECYCLE,
        "        refused: true\n",
        "",
        """\
FAIL  nobody_verifies_his_own_report  nobody verifies his own report
      {path}:15:9: should be accepted: verify: case = report/1
        `verify` requires `actor.id != report.submitted_by`, which is false: `actor.id` is \
`person/wang`, `report.submitted_by` is `person/wang`
""",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_each_kind_of_failure(
    cli: Callable[..., Any], changed: Callable[[str, str, str], Path], name: str
) -> None:
    """A failure names the place, the rule, and what differs from the nearest row; exit 1."""
    file, old, new, text = FAILURES[name]
    folder = changed(file, old, new)
    ran = cli("test", folder)

    assert (1, "") == (ran.code, ran.err)
    assert text.format(path=folder.parent / file) in ran.out


def test_a_row_that_is_not_the_only_one(
    cli: Callable[..., Any], changed: Callable[[str, str, str], Path]
) -> None:
    """An expectation that several rows meet says too little, and fails."""
    old = '{rule: notice, case: breach/c, status: met, due: 2020-04-14, version: "2015-07"}'
    ran = cli("test", changed(NOTICE, old, '{rule: notice, undetermined: "false"}'))

    assert 1 == ran.code
    assert (
        "no such row: notice: undetermined = false\n"
        "        column           expected                     seen\n"
        "        rows             1                            3\n"
    ) in ran.out


def test_failures_in_chinese(
    cli: Callable[..., Any], changed: Callable[[str, str, str], Path]
) -> None:
    """The same in Chinese, in columns that Chinese characters do not push aside."""
    folder = changed(NOTICE, "late_by: 0", "late_by: 1")
    ran = cli("test", folder, "--lang", "zh")

    assert 1 == ran.code
    assert (
        f"      {folder.parent / NOTICE}:12:9: 没有这一结果：notice：case = breach/a，"
        "status = met，due = 2019-02-15，late_by = 1，version = 2015-07\n"
        "        栏目             应为                         实为\n"
        "        late_by          1                            0\n"
    ) in ran.out
    assert ran.out.endswith("通过 2，失败 1\n")


def test_only_one_scenario(cli: Callable[..., Any]) -> None:
    """`--scenario` runs one, and says which rules it does not show."""
    ran = cli("test", "permit-receipt", "--scenario", "still_open_and_overdue")

    assert 0 == ran.code
    assert (
        "ok    still_open_and_overdue  open and overdue\n"
        "1 passed, 0 failed\n"
        "fires in no scenario: across_clock_change, ends_before_start, same_as_recorded\n"
        "is absent in no scenario: across_clock_change, eight_weeks, ends_before_start,\n"
        "  same_as_recorded\n"
    ) == ran.out


def test_a_ruleset_without_scenarios(cli: Callable[..., Any], host: Host, tmp_path: Path) -> None:
    """A ruleset that shows nothing does not pass."""
    shutil.copytree(host.find("washington-breach"), tmp_path / "bare")
    shutil.rmtree(tmp_path / "bare/scenarios")
    ran = cli("test", tmp_path / "bare")

    assert 1 == ran.code
    assert ran.out.startswith("0 passed, 0 failed\nfires in no scenario: ")


DATED = """
kaocheng: 1
ruleset: saved
scenarios:
  - id: first
    as_of: 2009-12-31
    timeline:
      - {case: office/a, event: open, at: 2008-01-01, data: {class: county}}
      - {case: office/a, event: change, at: 2008-01-03, data: {class: unknown}}
      - {case: office/a, event: change, at: 2008-01-04, refused: true, corrects: CORRECTS}
      - {case: office/a, event: close, at: 2009-05-01}
      - {case: note/1, event: mend, at: unknown}
    states: {office/a: closed}
"""


@pytest.mark.parametrize(
    ("corrects", "failures"),
    [
        ("{sequence: 9, reason: misread, void: true}", []),
        ("{sequence: 1, reason: misread, at: 2008-01-02}", ["accepted"]),
    ],
)
def test_timelines_acted_out(
    host: Host, tmp_path: Path, corrects: str, failures: list[str]
) -> None:
    """Corrections and unknown times are acted out as they stand; the last state is the state."""
    ruleset = host.load(str(Path(__file__).parent / "saved"))
    path = tmp_path / "first.yaml"
    path.write_text(DATED.replace("CORRECTS", corrects), "utf-8")
    (scenario,) = read_scenarios(path, ruleset, Diagnostics())
    found = ScenarioRunner(ruleset).run(scenario).failures

    assert failures == [failure.kind for failure in found]


READERS = """
kaocheng: 1
ruleset: read
version: "{version}"
effective: {{from: {begins}}}
time_zone: Asia/Shanghai
kinds:
  report:
    fields: {{unit: {{type: string, event: submit}}}}
    readers: [{{by: [{role}]}}]
"""
READ = """
kaocheng: 1
ruleset: read
scenarios:
  - id: whoever_may_read_in_the_end
    as_of: AS_OF
    timeline:
      - {case: report/1, event: submit, at: "2024-03-01T09:00:00+08:00", data: {unit: unit/a}}
    reads:
      - {case: report/1, actor: {id: li, roles: [officer]}}
      - {case: report/1, actor: {id: wang, roles: [chief]}, refused: true}
      - {case: report/2, actor: {id: li, roles: [officer, chief]}, refused: true}
"""


@pytest.mark.parametrize(
    ("as_of", "failures"),
    [("2007-12-31", [2]), ("2024-12-31", [2]), ("2025-01-01", [0, 1, 2])],
)
def test_readers_are_those_of_the_end(
    host: Host, tmp_path: Path, as_of: str, failures: list[int]
) -> None:
    """The version in force when the scenario is looked at decides, and not that of its events.

    Nothing of the last report has happened: what readers say of it they say without a time.
    """
    (tmp_path / "versions").mkdir()
    for version, begins, role in (("1", "2008-01-01", "officer"), ("2", "2025-01-01", "chief")):
        text = READERS.format(version=version, begins=begins, role=role)
        (tmp_path / "versions" / f"{version}.yaml").write_text(text, "utf-8")
    ruleset, path = host.load(str(tmp_path)), tmp_path / "read.yaml"
    path.write_text(READ.replace("AS_OF", as_of), "utf-8")
    diagnostics = Diagnostics()
    (scenario,) = read_scenarios(path, ruleset, diagnostics)
    found = [reading for reading, _ in wrongly_read(ruleset, scenario)]

    assert [] == list(diagnostics)
    assert [scenario.reads[place] for place in failures] == found
