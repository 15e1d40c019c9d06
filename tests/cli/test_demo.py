"""`kaocheng demo` and `kaocheng plan`: an invented year, and what rules compile to."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


@pytest.mark.parametrize(
    ("language", "note", "league", "missed"),
    [
        (
            "en",
            "Every unit, person and report below is synthetic (seed 2009).",
            "league table of the year",
            "  raises the finding missed (alleged, to be verified by a person)",
        ),
        (
            "zh",
            "以下单位、人员、信息均系合成数据（种子 2009）。",
            "年度信息工作排名",
            "  由此提出认定：漏报（疑似，待人工核实）",
        ),
    ],
)
def test_the_demo(cli: Cli, language: str, note: str, league: str, missed: str) -> None:
    """It says that all is invented, prints the league table, and explains three results."""
    ran = cli("demo", "--lang", language)
    lines = ran.out.splitlines()

    assert (0, "") == (ran.code, ran.err)
    assert note == lines[0]
    assert league in lines
    assert missed in lines
    assert 4 == len(ran.out.split("\n\n"))


def test_the_journal_of_the_demo(cli: Cli, tmp_path: Path) -> None:
    """The journal that the demo writes is assessed to the same table."""
    path = tmp_path / "year.jsonl"
    demo = cli("demo", "--journal", path)
    assessed = cli("assess", "wuhu-information", path, "--as-of", "2009-12-31T23:59:59+08:00")
    deadlines = demo.out[demo.out.index("┏") : demo.out.index("league table")]

    assert (0, 0) == (demo.code, assessed.code)
    assert deadlines in assessed.out


def test_the_plan(cli: Cli) -> None:
    """`kaocheng plan` prints rows in and rows out of every rule; a version says what differs."""
    ran = cli("plan", "washington-breach")

    assert (0, "") == (ran.code, ran.err)
    assert """\
ruleset washington-breach
notice (deadlines)
  version 2015-07
    rows     breach as b
    governed at b.aware_on
    clock    starts b.aware_on
             due b.aware_on + 45 days
             met at b.notified_on
""" == "".join(ran.out.splitlines(keepends=True)[:8])
    assert "  version 2020-03: as before\n" in ran.out


def test_the_plan_in_python(cli: Cli) -> None:
    """`--python` prints a module that can be read."""
    ran = cli("plan", "washington-breach", "--python")

    assert (0, "") == (ran.code, ran.err)
    assert [] != ast.parse(ran.out).body


def test_an_unknown_ruleset_in_chinese(cli: Cli) -> None:
    """What is wrong is said in Chinese where that is asked for."""
    ran = cli("plan", "washington-breech", "--lang", "zh")

    assert (2, "") == (ran.code, ran.out)
    assert (
        "错误：没有已安装的规则集 `washington-breech`，也没有这一路径；"
        "是否想写 `washington-breach`\n" == ran.err
    )
