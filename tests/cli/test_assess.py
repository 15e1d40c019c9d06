"""`kaocheng assess`: JSON and CSV, the two times, one rule, and a case as a scenario."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kaocheng import Host

Cli = Callable[..., Any]
Samples = dict[str, Path]

BREACH = "washington-breach"
PERMIT = "permit-receipt"
WUHU = "wuhu-information"
SHIPPED = (BREACH, PERMIT, WUHU)
STATUSES = [
    "not_begun",
    "open",
    "overdue",
    "met",
    "late",
    "lapsed",
    "excused",
    "undetermined",
]


# JSON.


def test_the_keys_of_json(cli: Cli, samples: Samples) -> None:
    """JSON has the same keys in the same order whatever the ruleset."""
    keys = {
        name: list(json.loads(cli("assess", name, samples[name], "--format", "json").out))
        for name in SHIPPED
    }

    assert [
        "ruleset",
        "as_of",
        "known_at",
        "versions",
        "summary",
        "derived",
        "deadlines",
        "tallies",
        "decisions",
        "carry",
        "standings",
        "bulletins",
        "violations",
        "findings",
        "entries",
        "notices",
        "unreadable",
        "problems",
        "undetermined",
    ] == keys[BREACH]
    assert keys[BREACH] == keys[PERMIT] == keys[WUHU]


def test_what_json_says(cli: Cli, samples: Samples) -> None:
    """JSON names ruleset, time, versions with hashes, all eight statuses, findings and rows."""
    data = json.loads(cli("assess", BREACH, samples[BREACH], "--format", "json").out)

    assert (BREACH, "2024-03-06T23:59:59.999999-08:00", None) == (
        data["ruleset"],
        data["as_of"],
        data["known_at"],
    )
    assert [("2015-07", 12), ("2020-03", 17)] == [
        (version["version"], version["instances"]) for version in data["versions"]
    ]
    assert [64, 64] == [len(version["hash"]) for version in data["versions"]]
    assert [{"late": 1, "met": 2}, {"late": 3, "met": 3, "undetermined": 1}] == [
        version["deadlines"]["notice"] for version in data["versions"]
    ]
    assert {
        "cases": 10,
        "deadlines": {
            "notice": {**dict.fromkeys(STATUSES, 0), "met": 5, "late": 4, "undetermined": 1}
        },
        "findings": {"late": 4},
        "unreadable": 0,
        "problems": 0,
    } == data["summary"]
    assert STATUSES == list(data["summary"]["deadlines"]["notice"])
    assert {
        "case": "breach/10",
        "owed_by": "Synthetic Company 10",
        "start": "2024-02-02",
        "due": "2024-03-03",
        "met_at": "2024-03-06",
        "late_by": 3,
        "status": "late",
        "version": "2020-03",
        "undetermined": False,
    } == data["deadlines"]["notice"][1]
    assert [
        {
            "rule": "notice",
            "case": "breach/7",
            "en": "day of awareness (`b.aware_on`) is not recorded",
            "zh": "获知日期（`b.aware_on`）未记载",
        }
    ] == data["undetermined"]


def test_standings_in_json(cli: Cli, samples: Samples) -> None:
    """A standing has a row per member and period, with points as text and rank as a number."""
    data = json.loads(cli("assess", WUHU, samples[WUHU], "--format", "json").out)

    assert ["league", "monthly", "weekly", "commended", "officers"] == list(data["standings"])
    assert [
        {
            "case": "unit/synthetic-002",
            "period": "2009",
            "period.first_day": "2009-01-01",
            "period.last_day": "2009-12-31",
            "points": "15",
            "rank": 1,
            "provisional": 0,
            "version": "2009",
            "undetermined": False,
        },
        {
            "case": "unit/synthetic-003",
            "period": "2009",
            "period.first_day": "2009-01-01",
            "period.last_day": "2009-12-31",
            "points": "0",
            "rank": 2,
            "provisional": 0,
            "version": "2009",
            "undetermined": False,
        },
    ] == data["standings"]["league"]


def test_json_of_one_rule(cli: Cli, samples: Samples) -> None:
    """With `--rule` the rows are those of the rule; the summary is still of the whole."""
    arguments = ("assess", WUHU, samples[WUHU], "--format", "json")
    whole = json.loads(cli(*arguments).out)
    one = json.loads(cli(*arguments, "--rule", "league").out)
    entries = json.loads(cli(*arguments, "--rule", "author_share").out)

    assert {"league": whole["standings"]["league"]} == one["standings"]
    assert ({}, {}, [], []) == (one["deadlines"], one["tallies"], one["findings"], one["entries"])
    assert whole["summary"] == one["summary"]
    assert ["author_share"] * 2 == [entry["rule"] for entry in entries["entries"]]


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_evaluators_print_the_same(cli: Cli, samples: Samples, form: str) -> None:
    """Both evaluators print the same bytes in every form."""
    printed = {
        evaluator: cli(
            "assess", WUHU, samples[WUHU], "--format", form, "--evaluator", evaluator
        ).out
        for evaluator in ("python", "columns")
    }

    assert printed["python"] == printed["columns"]
    assert printed["python"]


def test_the_order_of_lines_means_nothing(cli: Cli, samples: Samples, tmp_path: Path) -> None:
    """The same lines in another order give the same bytes."""
    lines = samples[WUHU].read_text("utf-8").splitlines(keepends=True)
    lines = lines[::-2] + lines[-2::-2]
    path = tmp_path / "march.jsonl"
    path.write_text("".join(lines), "utf-8")
    arguments = ("--format", "json")

    assert (
        cli("assess", WUHU, samples[WUHU], *arguments).out
        == cli("assess", WUHU, path, *arguments).out
    )


# CSV.


def test_csv(cli: Cli, samples: Samples) -> None:
    """CSV has the rows of all deadlines, each with the name of its rule; the times stand beside."""
    ran = cli("assess", BREACH, samples[BREACH], "--format", "csv")

    assert (0, "as of 2024-03-06, end of day\n") == (ran.code, ran.err)
    assert [
        "rule,case,owed_by,start,due,met_at,late_by,status,version,undetermined",
        "notice,breach/1,Synthetic Company 1,2019-01-01,2019-02-15,2019-02-15,0,met,2015-07,false",
        "notice,breach/10,Synthetic Company 10,2024-02-02,2024-03-03,2024-03-06,3,late,2020-03,"
        "false",
    ] == ran.out.splitlines()[:3]
    assert "notice,breach/7,Synthetic Company 7,,,2021-09-01,0,undetermined,2020-03,true" in (
        ran.out.splitlines()
    )


def test_csv_of_one_rule(cli: Cli, samples: Samples) -> None:
    """With `--rule` CSV has the columns of that rule, also where it has no rows."""
    arguments = ("assess", WUHU, samples[WUHU], "--format", "csv", "--rule")
    rows = list(csv.DictReader(io.StringIO(cli(*arguments, "adopted_item").out)))

    assert [("unit/synthetic-002", "5.0000", "2009-03-03")] == [
        (row["recipient"], row["amount"], row["posted_on"]) for row in rows
    ]
    assert "case,first_day,last_day,known_at,version,undetermined\n" == (
        cli(*arguments, "monthly_bulletin").out
    )


def test_csv_without_deadlines(cli: Cli, tmp_path: Path) -> None:
    """Where a ruleset has no deadlines, CSV must be told which rule is meant."""
    ruleset, journal = tmp_path / "tried.yaml", tmp_path / "journal.jsonl"
    ruleset.write_text(
        'kaocheng: 1\nruleset: tried\nversion: "1"\neffective: {from: open}\n'
        "kinds: {letter: {fields: {pages: int}}}\n",
        "utf-8",
    )
    journal.write_text(
        '{"case": "letter/1", "sequence": 1, "event": "come", "at": "2024-03-01T09:00:00Z"}\n',
        "utf-8",
    )
    ran = cli("assess", ruleset, journal, "--format", "csv")
    message = "the ruleset has no deadlines, so CSV needs the rule whose rows it is to show"

    assert (2, "", f"error: --rule: {message}\n") == (ran.code, ran.out, ran.err)


# The two times.


@pytest.mark.parametrize("more", [(), ("--rule", "notice"), ("--format", "csv")])
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "as of 2024-03-06, end of day  known at 2024-03-04, end of day"),
        ("zh", "截至 2024-03-06 日终  获知截止 2024-03-04 日终"),
    ],
)
def test_the_times_are_always_printed(
    cli: Cli, samples: Samples, more: tuple[str, ...], language: str, said: str
) -> None:
    """Whatever part is printed, it says of when it is, and as of what knowledge."""
    times = ("--known-at", "2024-03-04", "--lang", language)
    ran = cli("assess", BREACH, samples[BREACH], *times, *more)

    assert said in ran.out + ran.err


JOURNAL = """\
{"case": "permit/1", "sequence": 1, "event": "receive", "at": "2024-03-01T09:00:00+01:00", \
"data": {"deadline_at": "2024-03-10T00:00:00+01:00"}}
{"case": "permit/1", "sequence": 2, "event": "finish", "at": "2024-03-05T09:00:00+01:00", \
"recorded_at": "2024-03-20T09:00:00+01:00"}
"""


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A permit that was decided in time, which became known two weeks later."""
    path = tmp_path / "permits.jsonl"
    path.write_text(JOURNAL, "utf-8")
    return path


@pytest.mark.parametrize(
    ("times", "status", "as_of"),
    [
        ((), "met", "2024-03-05T09:00:00+01:00"),
        (("--as-of", "2024-03-04"), "open", "2024-03-04T23:59:59.999999+01:00"),
        (("--as-of", "2024-03-15T12:00:00+01:00"), "met", "2024-03-15T12:00:00+01:00"),
        (
            ("--as-of", "2024-03-15", "--known-at", "2024-03-15"),
            "overdue",
            "2024-03-15T23:59:59.999999+01:00",
        ),
        (
            ("--as-of", "2024-03-15", "--known-at", "2024-03-20"),
            "met",
            "2024-03-15T23:59:59.999999+01:00",
        ),
    ],
)
def test_the_two_times(
    cli: Cli, journal: Path, times: tuple[str, ...], status: str, as_of: str
) -> None:
    """`--as-of` moves the world, `--known-at` moves knowledge, a day means its end."""
    ran = cli("assess", PERMIT, journal, *times, "--format", "json")
    data = json.loads(ran.out)

    assert 0 == ran.code
    assert (status, as_of) == (data["deadlines"]["decision"][0]["status"], data["as_of"])


# A case as a scenario.


@pytest.mark.parametrize(
    ("name", "case"), [(BREACH, "5"), (BREACH, "7"), (WUHU, "report/synthetic-1")]
)
def test_a_saved_scenario_passes(  # noqa: PLR0913, PLR0917
    cli: Cli, host: Host, samples: Samples, tmp_path: Path, name: str, case: str
) -> None:
    """A case that `--save-scenario` wrote is a scenario of the ruleset, and it passes."""
    folder = tmp_path / name
    shutil.copytree(host.find(name), folder)
    shutil.rmtree(folder / "scenarios")
    (folder / "scenarios").mkdir()
    target = folder / "scenarios/saved.yaml"
    ran = cli("assess", folder, samples[name], "--case", case, "--save-scenario", target)
    tested = cli("test", folder)

    assert (0, f"written: {target}\n") == (ran.code, ran.out)
    assert (0, "") == (tested.code, tested.err)
    assert "1 passed, 0 failed" in tested.out.splitlines()


def test_a_saved_scenario_in_chinese(cli: Cli, samples: Samples, tmp_path: Path) -> None:
    """Where it was written is said in the language asked for."""
    target = tmp_path / "saved.yaml"
    ran = cli(
        "assess", BREACH, samples[BREACH], "--case", "5", "--save-scenario", target, "--lang", "zh"
    )

    assert (0, f"已写入：{target}\n") == (ran.code, ran.out)


def test_a_case_alone(cli: Cli, samples: Samples) -> None:
    """`--case` without `--save-scenario` is wrong use, and the way out is named."""
    ran = cli("assess", BREACH, samples[BREACH], "--case", "5")

    assert (2, "") == (ran.code, ran.out)
    assert (
        "error: --case: it goes with `--save-scenario`; what is said of one case,"
        " `kaocheng explain` shows\n" == ran.err
    )


def test_exit_codes(cli: Cli, samples: Samples, tmp_path: Path) -> None:
    """0 when all was read and fits, 1 when something does not, 2 for wrong use."""
    path = tmp_path / "notices.csv"
    path.write_bytes(samples[BREACH].read_bytes().replace(b"02/16/2019", b"02/30/2019"))
    codes = [
        cli("assess", BREACH, samples[BREACH]).code,
        cli("assess", BREACH, path).code,
        cli("assess", BREACH, path, "--rule", "notice").code,
        cli("assess", BREACH, samples[BREACH], "--rule", "notise").code,
    ]

    assert [0, 1, 1, 2] == codes


def test_one_rule_of_a_damaged_input(cli: Cli, samples: Samples, tmp_path: Path) -> None:
    """Lines that were not read are said of the rows of one rule as well, on standard error."""
    path = tmp_path / "notices.csv"
    path.write_bytes(samples[BREACH].read_bytes().replace(b"02/16/2019", b"02/30/2019"))
    ran = cli("assess", BREACH, path, "--rule", "notice")

    assert ran.out.startswith("notice to the Attorney General\n")
    assert ran.err.startswith(f"lines not read: 1\n  {path}:3: column `DateSubmitted`: ")
