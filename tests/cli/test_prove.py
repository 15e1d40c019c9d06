"""`kaocheng prove`: verdicts, what they rest on, a case that breaks a property, exit codes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]

RULESET = """\
kaocheng: 1
ruleset: tried
version: "1"
effective: {from: open}
time_zone: Asia/Shanghai
kinds:
  letter:
    fields: {came_on: {date: come}, answered_on: {date: answer}}
deadlines:
  - {id: answer, clause: "1", for: letter as l, starts: l.came_on, within: 8 days, \
met_at: l.answered_on}
properties:
  - {id: nobody_is_late, title: {zh: 无人逾期, en: nobody is late}, clause: "1", \
for: answer as a, claim: a.status != 'late'}
  - {id: nothing, title: {zh: 空, en: about nothing}, clause: "1", for: answer as a, \
given: a.start > a.start, claim: a.status != 'late'}
"""


@pytest.fixture
def ruleset(tmp_path: Path) -> Path:
    """A ruleset whose properties do not hold."""
    path = tmp_path / "tried.yaml"
    path.write_text(RULESET, "utf-8")
    return path


def timeless(text: str) -> str:
    """The text without how long each proof took."""
    return re.sub(r"\(\d+ ms\)", "(… ms)", text)


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            [
                "proved  days late are never negative  (… ms)",
                "proved  notifying later never makes a late notice timely  (… ms)",
            ],
        ),
        (
            "zh",
            [
                "已证明  迟报天数不为负  (… ms)",
                "已证明  通报越晚不会由迟变不迟  (… ms)",
            ],
        ),
    ],
)
def test_proved(cli: Cli, language: str, lines: list[str]) -> None:
    """What is proved of every possible case is said in a line, and the exit code is 0."""
    ran = cli("prove", "washington-breach", "--lang", language)

    assert (0, "") == (ran.code, ran.err)
    assert lines == timeless(ran.out).splitlines()


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            [
                "proved  who starts earlier is not due later  (… ms)",
                "  slack: local time is not monotone at a clock change; the order of two due times"
                " may be off by up to two hours",
                "  rests on: with F = `later_by_days:Europe/Amsterdam:56`,"
                " x ≤ y implies F(x) ≤ F(y) + 5999999999",
            ],
        ),
        (
            "zh",
            [
                "已证明  收件在先则到期不在后  (… ms)",
                "  余地：当地时间在夏令时转换时并不单调，"
                "相邻两次收件的到期时间先后可相差至多两小时",
                "  依据：设 F 为 `later_by_days:Europe/Amsterdam:56`，"
                "x ≤ y 时 F(x) ≤ F(y) + 5999999999",
            ],
        ),
    ],
)
def test_what_a_proof_rests_on(cli: Cli, language: str, lines: list[str]) -> None:
    """A proof names the slack that the ruleset allows and the lemmas about calendars it used."""
    ran = cli(
        "prove", "permit-receipt", "--property", "earlier_start_earlier_due", "--lang", language
    )

    assert (0, lines) == (ran.code, timeless(ran.out).splitlines())


@pytest.mark.parametrize(
    ("language", "first", "second", "last"),
    [
        (
            "en",
            "refuted  nobody is late  (… ms)",
            "  a case that breaks it, as of ",
            "vacuous: nothing satisfies the premise  about nothing  (… ms)",
        ),
        ("zh", "不成立  无人逾期  (… ms)", "  反例，截至 ", "前提不可能成立  空  (… ms)"),
    ],
)
def test_refuted(  # noqa: PLR0913, PLR0917
    cli: Cli, ruleset: Path, language: str, first: str, second: str, last: str
) -> None:
    """A property that does not hold is shown with a case that breaks it; exit code 1."""
    ran = cli("prove", ruleset, "--lang", language)
    lines = timeless(ran.out).splitlines()

    assert (1, "") == (ran.code, ran.err)
    assert (first, last) == (lines[0], lines[-1])
    assert lines[1].startswith(second)
    assert lines[2].startswith("    a (letter): case = letter/")
    assert "    a → status = late" == lines[3]


def test_no_properties(cli: Cli) -> None:
    """A ruleset without properties has nothing to prove, which is no failure."""
    assert "the ruleset declares no properties\n" == cli("prove", "wuhu-information").out
    ran = cli("prove", "wuhu-information", "--lang", "zh")
    assert (0, "该规则集未声明性质\n") == (ran.code, ran.out)
