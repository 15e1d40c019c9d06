"""`kaocheng explain`: every rule that speaks of a case, or one rule, or one period."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]
Samples = dict[str, Path]

BREACH = "washington-breach"
WUHU = "wuhu-information"


@pytest.mark.parametrize("case", ["5", "breach/5"])
def test_one_rule_of_a_case(cli: Cli, samples: Samples, case: str) -> None:
    """A case is named in full, or by its own number where only one case has it."""
    ran = cli("explain", BREACH, samples[BREACH], "--case", case, "--rule", "notice")

    assert (0, "") == (ran.code, ran.err)
    assert (
        """\
notice to the Attorney General · RCW 19.255.010 · version 2020-03
  for data breach 5
  assumed for when: the law asks for this notice from 500 residents on; every notice in the file \
is taken as owed
  assumed for within: the limit is that of the section as amended; its text was not read for this \
ruleset
  owed by: Synthetic Company 5  (`b.entity`)
  starts: 2020-03-01  (`b.aware_on`)
  due: 2020-03-31  (limit 30 days)
  done: 2020-04-01  (`b.notified_on`)
  as of 2024-03-06, end of day
  result: late by 1 day
  raises the finding late (found)
"""
        == ran.out
    )


def test_in_chinese(cli: Cli, samples: Samples) -> None:
    """With `--lang zh` the same is said in Chinese."""
    ran = cli("explain", BREACH, samples[BREACH], "--case", "7", "--rule", "notice", "--lang", "zh")

    assert (0, "") == (ran.code, ran.err)
    assert (
        """\
向州总检察长通报 · RCW 19.255.010 · 版本 2020-03
  对象：个人信息泄露事件 7
  系假定（when）：法律只要求涉及 500 名以上居民时通报；数据中的每件通报均视为应报
  系假定（within）：时限出自该条修正案，条文原文未随规则集核对
  责任者：Synthetic Company 7（`b.entity`）
  起算：未知（`b.aware_on`）
    获知日期（`b.aware_on`）未记载
  到期：未知（时限 30 日）
  办结：2021-09-01（`b.notified_on`）
  截至 2024-03-06 日终
  待定：获知日期（`b.aware_on`）未记载
"""
        == ran.out
    )


def test_every_rule_of_a_case(cli: Cli, samples: Samples) -> None:
    """Without `--rule` every rule is explained in the order of the plan, with a line between."""
    ran = cli("explain", BREACH, samples[BREACH], "--case", "5")
    heads = [part.partition(" · ")[0] for part in ran.out.split("\n\n")]

    assert [
        "notice to the Attorney General",
        "late notices by reporting year",
        "days late by reporting year",
        "longest delay by reporting year",
        "notices on the very last day",
    ] == heads


@pytest.mark.parametrize(
    ("language", "more"),
    [
        ("en", "… 25 more rows of this rule: use `--rule daily_report`"),
        ("zh", "……本规则另有 25 行，用 `--rule daily_report` 查看"),
    ],
)
def test_a_rule_with_many_rows(cli: Cli, samples: Samples, language: str, more: str) -> None:
    """Of a rule with many rows the first three are explained, and it is said how to see all."""
    arguments = ("explain", WUHU, samples[WUHU], "--case", "unit/synthetic-002", "--lang", language)
    few, all_rows = cli(*arguments), cli(*arguments, "--rule", "daily_report")

    assert 1 == few.out.split("\n\n").count(more)
    assert 28 == len(all_rows.out.split("\n\n"))


def test_one_period(cli: Cli, samples: Samples) -> None:
    """`--period` explains the rows of a period, also those that need no reason."""
    ran = cli(
        "explain",
        WUHU,
        samples[WUHU],
        "--case",
        "unit/synthetic-002",
        "--period",
        "2009-03-01",
    )

    assert 0 == ran.code
    assert [
        "daily report · 二(三)，“县区和市公安局等有关单位每天都要坚持上报信息” · version 2009",
        "  for 002号县（合成） 2009-03-01",
    ] == ran.out.splitlines()[:2]
    assert "  result: met" == ran.out.splitlines()[-1]


def test_what_is_not_there(cli: Cli, samples: Samples) -> None:
    """A rule that gives a case nothing says why."""
    arguments = ("explain", WUHU, samples[WUHU], "--case", "report/synthetic-2", "--rule")

    assert cli(*arguments, "adopted_item").out.endswith(
        "\n  nothing here: the rule runs over adoptions (`report.adoptions`), and the case has"
        " none\n"
    )
    assert cli(*arguments, "adopted_item", "--lang", "zh").out.endswith(
        "\n  无结果：本规则适用于采用（`report.adoptions`），该事项没有\n"
    )


def test_the_two_times(cli: Cli, samples: Samples) -> None:
    """An explanation is as of the time that is asked about."""
    arguments = ("explain", BREACH, samples[BREACH], "--case", "5", "--rule", "notice")
    ran = cli(*arguments, "--as-of", "2020-04-01", "--known-at", "2020-04-02")

    assert 0 == ran.code
    assert "  as of 2020-04-01, end of day" in ran.out.splitlines()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--case", "99"), "--case: the input has no case `99`; did you mean `9`"),
        (
            ("--case", "5", "--rule", "notise"),
            "--rule: the ruleset has no rule `notise`; did you mean `notice`",
        ),
    ],
)
def test_wrong_use(cli: Cli, samples: Samples, arguments: tuple[str, ...], message: str) -> None:
    """A case or a rule that is not there is wrong use: exit code 2."""
    ran = cli("explain", BREACH, samples[BREACH], *arguments)

    assert (2, "", f"error: {message}\n") == (ran.code, ran.out, ran.err)
