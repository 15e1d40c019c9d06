"""Options and arguments that are wrong: exit code 2, in the language that was asked for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest

from kaocheng.cli.usage import in_chinese

Cli = Callable[..., Any]

BREACH = "washington-breach"


@pytest.mark.parametrize(
    ("arguments", "english", "chinese"),
    [
        (("asess",), "No such command 'asess'.", "没有命令 `asess`；是否想写 `assess`"),
        (("assess",), "Missing argument 'RULESET'.", "缺少参数 `RULESET`"),
        (
            ("assess", BREACH, "x.csv", "--as-off", "2020"),
            "No such option: --as-off",
            "没有选项 `--as-off`；是否想写 `--as-of`",
        ),
        (
            ("assess", BREACH, "x.csv", "--format", "yaml"),
            "Invalid value for '--format': 'yaml' is not one of 'table', 'json', 'csv'.",
            "选项 `--format` 的值 `yaml` 不在可用之列：`table`、`json`、`csv`",
        ),
        (("demo", "--seed", "x"), "Invalid value for '--seed': ", "选项 `--seed` 的值应为整数"),
        (
            ("prove", BREACH, "--timeout", "x"),
            "Invalid value for '--timeout': ",
            "选项 `--timeout` 的值应为数字",
        ),
        (
            ("outbox", "x.db", "--limit", "0"),
            "Invalid value for '--limit': ",
            "选项 `--limit` 的值不得小于 1",
        ),
        (
            ("worker", "x.db", BREACH, "--interval", "nan"),
            "Invalid value for '--interval': ",
            "选项 `--interval` 的值不得小于 0.01",
        ),
        (("explain", BREACH, "x.csv"), "Missing option '--case'", "缺少选项 `--case`"),
        (("plan", BREACH, "more"), "Got unexpected extra argument", "多出了参数 `more`"),
    ],
)
def test_wrong_use(cli: Cli, arguments: tuple[str, ...], english: str, chinese: str) -> None:
    """What is wrong is named on standard error, after the usage; nothing is printed."""
    first, second = cli(*arguments), cli(*arguments, "--lang", "zh")

    assert (2, "", 2, "") == (first.code, first.out, second.code, second.out)
    assert first.err.startswith("Usage: ")
    assert first.err.splitlines()[-1].startswith(f"Error: {english}")
    assert second.err.startswith("用法：")
    assert f"错误：{chinese}" == second.err.splitlines()[-1]


def test_a_sentence_that_is_not_known() -> None:
    """What nobody has translated is said as it is."""
    assert "Something else." == in_chinese("Something else.")


def test_a_number_that_is_too_small() -> None:
    """Versions of typer say it in two ways."""
    for said in ("Input should be greater than or equal to 1", "0 is not in the range x>=1."):
        message = in_chinese(f"Invalid value for '--limit': {said}")

        assert "选项 `--limit` 的值不得小于 1" == message


def test_no_command(cli: Cli) -> None:
    """Without a command the help is shown, and no help line is cut off."""
    ran = cli()

    assert 2 == ran.code
    assert "assess" in ran.err
    assert "..." not in ran.err.partition("Commands:")[2]


@pytest.mark.parametrize("command", ["check", "assess", "explain", "test", "prove", "plan"])
def test_help(cli: Cli, command: str) -> None:
    """Every command says what it takes, and that is no failure."""
    ran = cli(command, "--help")

    assert (0, "") == (ran.code, ran.err)
    assert ran.out.startswith("Usage: ")


def test_which_version_it_is(cli: Cli) -> None:
    """The name and the version of the package, as an issue should say them."""
    ran = cli("--version")

    assert (0, f"kaocheng {version('kaocheng')}\n", "") == (ran.code, ran.out, ran.err)


def test_the_package_runs_as_a_module() -> None:
    """`python -m kaocheng` is the command of that Python, whatever stands on the path."""
    ran = subprocess.run(
        [sys.executable, "-m", "kaocheng", "--version"], capture_output=True, text=True, check=True
    )

    assert f"kaocheng {version('kaocheng')}\n" == ran.stdout
