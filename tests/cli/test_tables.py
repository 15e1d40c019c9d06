"""`kaocheng assess` on a terminal: tables in both languages that fit 80 columns."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from kaocheng import Host, assess, open_input
from kaocheng.assessing import last_instant
from kaocheng.calendars.zones import build_zone
from kaocheng.cli.messages import cells, folded
from kaocheng.plan.algebra import COLLECTIONS
from kaocheng.rendering.table import print_assessment

Cli = Callable[..., Any]
Samples = dict[str, Path]

BREACH = "washington-breach"
PERMIT = "permit-receipt"
WUHU = "wuhu-information"
SHIPPED = sorted(
    name for name, folder in Host.discover().rulesets.items() if (folder / "sample").is_dir()
)
ROOM = 80


def without_hash(text: str) -> str:
    """The text with the hashes of versions taken out, which every change of a ruleset changes."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        word = line.rpartition(" ")[2]
        if len(word) == 12 and set(word) <= set("0123456789abcdef"):
            lines[number] = line.removesuffix(word) + "#"
    return "\n".join(lines)


def test_a_table_in_english(cli: Cli, samples: Samples) -> None:
    """Without options it prints title, times, versions, statuses, findings, tallies, open ends."""
    ran = cli("assess", BREACH, samples[BREACH])

    assert (0, "") == (ran.code, ran.err)
    assert """\
Notice of data breaches to the Attorney General of Washington, 2020
as of 2024-03-06, end of day  cases: 10
version  instances  hash
2015-07         12  #
2020-03         17  #
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━┳━━━━━━┳━━━━━━━━━━━━━━┓
┃ deadline                       ┃ met ┃ late ┃ undetermined ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━╇━━━━━━╇━━━━━━━━━━━━━━┩
│ notice to the Attorney General │   5 │    4 │            1 │
└────────────────────────────────┴─────┴──────┴──────────────┘
┏━━━━━━━━━┳━━━━━━━┓
┃ finding ┃ count ┃
┡━━━━━━━━━╇━━━━━━━┩
│ late    │     4 │
└─────────┴───────┘
┏━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━┳━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━━━┓
┃ period ┃       late ┃ days late ┃   longest ┃ notices on ┃ provisional ┃
┃        ┃ notices by ┃        by ┃  delay by ┃   the very ┃             ┃
┃        ┃  reporting ┃ reporting ┃ reporting ┃   last day ┃             ┃
┃        ┃       year ┃      year ┃      year ┃            ┃             ┃
┡━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━╇━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━━━┩
│ 2019   │          1 │         1 │         1 │          1 │             │
│ 2020   │          1 │         1 │         1 │          2 │             │
│ 2022   │          1 │       160 │       160 │          0 │           1 │
│ 2024   │          1 │         3 │         3 │            │             │
└────────┴────────────┴───────────┴───────────┴────────────┴─────────────┘
undetermined: 1
  notice to the Attorney General, 7: day of awareness (`b.aware_on`) is not
    recorded""" == without_hash(ran.out)


def test_a_table_in_chinese(cli: Cli, samples: Samples) -> None:
    """With `--lang zh` every word of the table is Chinese, and every cell is whole."""
    ran = cli("assess", WUHU, samples[WUHU], "--lang", "zh")

    assert (0, "") == (ran.code, ran.err)
    assert """\
全市党委系统信息工作考核（要点）
截至 2009-03-31T17:00:00+08:00  事项：4
版本  适用条数  校验码
2009       148  #
┏━━━━━━━━━━━━━━┳━━━━━━┳━━━━━━━━━━┳━━━━━━━━━━┓
┃ 时限         ┃ 在办 ┃ 按时办结 ┃ 失效未办 ┃
┡━━━━━━━━━━━━━━╇━━━━━━╇━━━━━━━━━━╇━━━━━━━━━━┩
│ 每日报送     │    1 │        2 │       28 │
│ 每周报送     │    1 │        1 │        3 │
│ 批示转办     │    0 │        0 │        0 │
│ 批示办理反馈 │    0 │        0 │        0 │
│ 约稿按期交稿 │    0 │        0 │        0 │
│ 配备信息员   │    2 │        0 │        0 │
│ 补配信息员   │    0 │        0 │        0 │
│ 逾期批示催办 │    0 │        0 │        0 │
│ 走访薄弱单位 │    0 │        0 │        0 │
└──────────────┴──────┴──────────┴──────────┘
┏━━━━━━┳━━━━━━┓
┃ 认定 ┃ 件数 ┃
┡━━━━━━╇━━━━━━┩
│ 漏报 │   31 │
└──────┴──────┘
年度信息工作排名
┏━━━━━━━━━━━━━━━━━━━┳━━━━━━┳━━━━━━┳━━━━━━┓
┃ 信息网络单位      ┃ 周期 ┃ 得分 ┃ 名次 ┃
┡━━━━━━━━━━━━━━━━━━━╇━━━━━━╇━━━━━━╇━━━━━━┩
│ 002号县（合成）   │ 2009 │   15 │    1 │
│ 003号单位（合成） │ 2009 │    0 │    2 │
└───────────────────┴──────┴──────┴──────┘
月度排名
┏━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━┳━━━━━━┳━━━━━━┓
┃ 信息网络单位      ┃ 周期    ┃ 得分 ┃ 名次 ┃
┡━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━╇━━━━━━╇━━━━━━┩
│ 002号县（合成）   │ 2009-03 │   15 │    1 │
│ 003号单位（合成） │ 2009-03 │    0 │    2 │
└───────────────────┴─────────┴──────┴──────┘
一周采用情况
┏━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━┳━━━━━━┳━━━━━━┓
┃ 信息网络单位      ┃ 周期     ┃ 得分 ┃ 名次 ┃
┡━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━╇━━━━━━╇━━━━━━┩
│ 002号县（合成）   │ 2009-W14 │    0 │    1 │
│ 003号单位（合成） │ 2009-W14 │    0 │    1 │
└───────────────────┴──────────┴──────┴──────┘
年度评先排名
┏━━━━━━━━━━━━━━━━━━━┳━━━━━━┳━━━━━━┳━━━━━━┓
┃ 信息网络单位      ┃ 周期 ┃ 得分 ┃ 名次 ┃
┡━━━━━━━━━━━━━━━━━━━╇━━━━━━╇━━━━━━╇━━━━━━┩
│ 002号县（合成）   │ 2009 │   15 │    1 │
│ 003号单位（合成） │ 2009 │    0 │    2 │
└───────────────────┴──────┴──────┴──────┘
┏━━━━━━━━━━┳━━━━━━━━━┳━━━━━━━━━━┳━━━━━━━━━━┳━━━━━━━━━━┳━━━━━━━━━━┳━━━━━━━━━━┓
┃ 信息网络 ┃ 周期    ┃ 当季采用 ┃ 采用篇次 ┃ 年内查实 ┃ 报送篇数 ┃ 当月报送 ┃
┃ 单位     ┃         ┃     篇次 ┃          ┃ 违纪次数 ┃          ┃     篇数 ┃
┡━━━━━━━━━━╇━━━━━━━━━╇━━━━━━━━━━╇━━━━━━━━━━╇━━━━━━━━━━╇━━━━━━━━━━╇━━━━━━━━━━┩
│ 002号县  │ 2009    │          │        2 │        0 │        1 │          │
│ （合成） │         │          │          │          │          │          │
│ 002号县  │ 2009-03 │          │          │          │          │        1 │
│ （合成） │         │          │          │          │          │          │
│ 002号县  │ 2009-Q1 │        2 │          │          │          │          │
│ （合成） │         │          │          │          │          │          │
│ 003号单  │ 2009    │          │        0 │        0 │        1 │          │
│ 位（合   │         │          │          │          │          │          │
│ 成）     │         │          │          │          │          │          │
│ 003号单  │ 2009-03 │          │          │          │          │        1 │
│ 位（合   │         │          │          │          │          │          │
│ 成）     │         │          │          │          │          │          │
│ 003号单  │ 2009-Q1 │        0 │          │          │          │          │
│ 位（合   │         │          │          │          │          │          │
│ 成）     │         │          │          │          │          │          │
└──────────┴─────────┴──────────┴──────────┴──────────┴──────────┴──────────┘
各刊物采用篇次
┏━━━━━━━━━━━━━━━━┳━━━━━━┳━━━━━━┓
┃ outlet         ┃ 周期 ┃ 数值 ┃
┡━━━━━━━━━━━━━━━━╇━━━━━━╇━━━━━━┩
│ daily_express  │ 2009 │    1 │
│ special_report │ 2009 │    1 │
└────────────────┴──────┴──────┘
┏━━━━━━━━━┳━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━┓
┃ 周期    ┃ 在册网络单位数 ┃ 入选月度最佳条数 ┃ 每月入选月度最佳条数 ┃
┡━━━━━━━━━╇━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━┩
│ 2009-03 │              2 │                1 │                    1 │
└─────────┴────────────────┴──────────────────┴──────────────────────┘
当月报送和报告“无事”次数
┏━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━┳━━━━━━┓
┃ 信息网络单位      ┃ 周期    ┃ 数值 ┃
┡━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━╇━━━━━━┩
│ 002号县（合成）   │ 2009-03 │    2 │
│ 003号单位（合成） │ 2009-03 │    1 │
└───────────────────┴─────────┴──────┘
漏报天数
┏━━━━━━━━━━━━━━━━━━━┳━━━━━━┳━━━━━━┓
┃ 责任者            ┃ 周期 ┃ 数值 ┃
┡━━━━━━━━━━━━━━━━━━━╇━━━━━━╇━━━━━━┩
│ 002号县（合成）   │ 2009 │   28 │
│ 003号单位（合成） │ 2009 │    0 │
└───────────────────┴──────┴──────┘
调研信息篇数
┏━━━━━━━━━━━━━━━━━━━┳━━━━━━┳━━━━━━┓
┃ 得分者            ┃ 周期 ┃ 数值 ┃
┡━━━━━━━━━━━━━━━━━━━╇━━━━━━╇━━━━━━┩
│ 002号县（合成）   │ 2009 │    0 │
│ 003号单位（合成） │ 2009 │    1 │
└───────────────────┴──────┴──────┘""" == without_hash(ran.out)


def test_the_rows_of_one_rule(cli: Cli, samples: Samples) -> None:
    """`--rule` prints all rows of one rule, without the parts around them."""
    ran = cli("assess", PERMIT, samples[PERMIT], "--rule", "decision", "--lang", "zh")

    assert (0, "") == (ran.code, ran.err)
    assert """\
按登记期限办结
截至 2011-12-19T10:00:00+01:00
许可申请      责任者  起算        到期        办结              逾期  状态
synthetic-01  Desk 2  2010-10-01  2010-11-26  2010-11-12              按时办结
                      00:00:00    00:00:00    13:40:44
synthetic-02  Desk 3  2010-11-03  2010-12-29  2010-12-30  22 小时 45  逾期办结
                      10:15:00    10:15:00    09:00:00          分钟
synthetic-03  Desk 1  2011-01-03  2011-02-28  2011-02-28      8 小时  逾期办结
                      09:00:00    00:00:00    08:00:00
""" == "".join(ran.out.splitlines(keepends=True)[:9])


@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_is_wider_than_the_terminal(host: Host, samples: Samples, name: str) -> None:
    """No table is wider than 80 columns, none has a cell cut off or ends in blanks."""
    ruleset = host.load(name)
    journal = open_input(samples[name], ruleset, host.formats())
    as_of = last_instant(journal.events, build_zone(ruleset.versions[-1].zone))
    assert as_of is not None
    assessment = assess(ruleset, journal, as_of=as_of)
    rules = [rule.id for rule in ruleset.plan.rules if "." not in rule.id]
    for language in ("en", "zh"):
        for rule in (None, *rules, *COLLECTIONS):
            out = io.StringIO()
            console = Console(file=out, width=ROOM, highlight=False, markup=False)
            print_assessment(assessment, rule=rule, language=language, console=console)
            lines = out.getvalue().splitlines()
            assert [] == [line for line in lines if cell_len(line) > ROOM]
            assert [] == [line for line in lines if "…" in line or line != line.rstrip()]
            assert "None" not in out.getvalue()


def test_a_rule_without_rows(cli: Cli, samples: Samples) -> None:
    """Of a rule that gave nothing it is said that there is nothing."""
    arguments = ("assess", WUHU, samples[WUHU], "--rule", "monthly_bulletin")

    times = "2009-03-31T17:00:00+08:00"
    assert f"weekly and monthly bulletins\nas of {times}\nno rows\n" == cli(*arguments).out
    assert f"每周、每月通报\n截至 {times}\n没有结果\n" == cli(*arguments, "--lang", "zh").out


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_undetermined_fits_the_terminal(
    cli: Cli, samples: Samples, name: str, language: str
) -> None:
    """Not only tables: whatever an assessment prints is at most 80 columns wide."""
    ran = cli("assess", name, samples[name], "--lang", language)

    assert [] == [line for line in ran.out.splitlines() if cells(line) > 80]


def test_a_folded_line_keeps_its_words() -> None:
    """It is broken at spaces only, and what has none is left whole."""
    text = "notice, 7: day of awareness (`b.aware_on`) is not recorded"

    assert " ".join(folded(text, 30)) == text
    assert max(map(cells, folded(text, 30))) <= 30
    assert folded("没有空格的一行文字", 4) == ["没有空格的一行文字"]
