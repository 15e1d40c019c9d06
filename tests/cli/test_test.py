"""`kaocheng test`: scenarios that come out, that do not, and that cannot be read."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kaocheng import Host
from kaocheng.cli.messages import cells

Cli = Callable[..., Any]

BREACH = "washington-breach"


@pytest.fixture
def copy(host: Host, tmp_path: Path) -> Path:
    """A copy of a shipped ruleset, to be spoilt."""
    shutil.copytree(host.find(BREACH), tmp_path / BREACH)
    return tmp_path / BREACH


def spoil(folder: Path, old: str, new: str) -> Path:
    """The scenarios with a text replaced."""
    path = folder / "scenarios/notice.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


@pytest.mark.parametrize("evaluator", ["python", "columns"])
@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            [
                "ok    in_time_on_the_last_day  notice on the 45th day is in time",
                "ok    late_under_the_second_version  thirty days from March 2020",
                "ok    awareness_not_recorded  without the date of awareness nothing is decided",
                "3 passed, 0 failed",
            ],
        ),
        (
            "zh",
            [
                "ok    in_time_on_the_last_day  第 45 日通报仍属按时",
                "ok    late_under_the_second_version  2020 年 3 月起改为 30 日",
                "ok    awareness_not_recorded  知悉日期未载明则待定",
                "通过 3，失败 0",
            ],
        ),
    ],
)
def test_scenarios_that_come_out(cli: Cli, evaluator: str, language: str, lines: list[str]) -> None:
    """Each scenario has its line, in either evaluator; the last line counts them; exit code 0."""
    ran = cli("test", BREACH, "--evaluator", evaluator, "--lang", language)

    assert (0, "", lines) == (ran.code, ran.err, ran.out.splitlines())


def test_one_scenario(cli: Cli) -> None:
    """`--scenario` runs one of them."""
    ran = cli("test", BREACH, "--scenario", "awareness_not_recorded")

    assert 0 == ran.code
    assert "1 passed, 0 failed" in ran.out.splitlines()


def test_a_scenario_that_does_not_come_out(cli: Cli, copy: Path) -> None:
    """What came out instead stands under what was expected, with its place; exit code 1."""
    path = spoil(copy, "status: met", "status: late")
    ran = cli("test", copy)

    assert (1, "") == (ran.code, ran.err)
    assert ran.out.splitlines()[0].startswith("FAIL  in_time_on_the_last_day  ")
    assert ran.out.splitlines()[1].startswith(f"      {path}:")
    assert "        status           late                         met" in ran.out.splitlines()
    assert "2 passed, 1 failed" in ran.out.splitlines()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_rules_that_no_scenario_shows_fit_the_terminal(
    cli: Cli, host: Host, tmp_path: Path, language: str
) -> None:
    """Many names are told on several lines of 80 columns, and each name stands whole on one."""
    folder = tmp_path / "wuhu-quality"
    shutil.copytree(host.rulesets["wuhu-quality"], folder)
    for path in sorted((folder / "scenarios").iterdir())[1:]:
        path.unlink()
    lines = cli("test", folder, "--lang", language).out.splitlines()
    (first,) = (
        n for n, line in enumerate(lines) if line.startswith(("is absent", "没有情景使其不"))
    )
    names = {name for line in lines[first:] for name in re.findall(r"[a-z_]{6,}", line)}

    assert len(lines[first:]) > 2
    assert all(cells(line) <= 80 for line in lines[first:])
    assert "consequences_missing" in names


def test_no_scenarios(cli: Cli, copy: Path) -> None:
    """A ruleset without scenarios is not tested, and which rules are not shown is said."""
    shutil.rmtree(copy / "scenarios")
    ran, chinese = cli("test", copy), cli("test", copy, "--lang", "zh")
    rules = "days_late, last_day, late_notices, longest_delay, notice"

    assert (1, "0 passed, 0 failed") == (ran.code, ran.out.splitlines()[0])
    assert f"fires in no scenario: {rules}" == ran.out.splitlines()[1]
    assert f"没有情景使其适用：{rules.replace(', ', '、')}" == chinese.out.splitlines()[1]
