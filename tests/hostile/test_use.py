"""Wrong use of the command line: one message that names what was wrong, exit 2, no traceback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

WUHU = "wuhu-information"
BREACH = "washington-breach"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "washington-breech",
            (
                "`washington-breech` is installed and no such path exists;"
                " did you mean `washington-breach`"
            ),
        ),
        ("nowhere", "`nowhere` is installed and no such path exists"),
        ("", "`` is installed and no such path exists"),
        ("\udcff", "`\ufffd` is installed and no such path exists"),
    ],
)
@pytest.mark.parametrize("command", ["assess", "explain", "test", "prove", "plan", "check"])
def test_unknown_ruleset(
    cli: Callable[..., Any],
    samples: dict[str, Path],
    command: str,
    name: str,
    message: str,
) -> None:
    """An unknown ruleset is wrong use in every command, with the nearest name."""
    more: dict[str, list[object]] = {
        "assess": [samples[BREACH]],
        "explain": [samples[BREACH], "--case", "1"],
    }
    ran = cli(command, name, *more.get(command, []))

    assert (2, "", f"error: no ruleset {message}\n") == (ran.code, ran.out, ran.err)


def test_unknown_ruleset_in_chinese(cli: Callable[..., Any], samples: dict[str, Path]) -> None:
    """With `--lang zh`, failures are said in Chinese too."""
    ran = cli("assess", "washington-breech", samples[BREACH], "--lang", "zh")

    assert 2 == ran.code
    assert (
        "错误：没有已安装的规则集 `washington-breech`，也没有这一路径；"
        "是否想写 `washington-breach`\n" == ran.err
    )


def test_unknown_option(cli: Callable[..., Any], samples: dict[str, Path]) -> None:
    """An option that does not exist is wrong use, with the nearest one."""
    ran = cli("assess", BREACH, samples[BREACH], "--as-off", "2020-01-01")

    assert (2, "") == (ran.code, ran.out)
    assert "No such option: --as-off" in ran.err
    assert "--as-of" in ran.err


def test_unknown_command(cli: Callable[..., Any]) -> None:
    """A command that does not exist is wrong use."""
    ran = cli("asess", BREACH)

    assert 2 == ran.code
    assert "No such command 'asess'" in ran.err


def test_missing_argument(cli: Callable[..., Any]) -> None:
    """An argument that is left out is wrong use."""
    ran = cli("assess", BREACH)

    assert 2 == ran.code
    assert "Missing argument 'INPUT'" in ran.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--as-of", "yesterday"],
            "--as-of: `yesterday` is not an instant; write it as `2009-03-02T09:00:00+08:00`",
        ),
        (["--as-of", "2021-02-30"], "--as-of: `2021-02-30` names a day that does not exist"),
        (
            ["--as-of", "2021-02-03T10:00:00"],
            (
                "--as-of: `2021-02-03T10:00:00` has no offset from UTC;"
                " end it with one, such as `+08:00`, or with `Z`"
            ),
        ),
        (["--as-of", "9999-12-31"], "--as-of: the instant lies outside the years 0001 to 9999"),
        (
            ["--known-at", "2021-13-01"],
            "--known-at: `2021-13-01` names a day that does not exist",
        ),
        (["--rule", "notise"], "--rule: the ruleset has no rule `notise`; did you mean `notice`"),
        (
            ["--rule", "notise", "--format", "csv"],
            "--rule: the ruleset has no rule `notise`; did you mean `notice`",
        ),
        (
            ["--input", "attorney_generel"],
            (
                "--input: `washington-breach` describes no input `attorney_generel`;"
                " did you mean `attorney_general`"
            ),
        ),
    ],
)
def test_option_values(
    cli: Callable[..., Any], samples: dict[str, Path], arguments: list[str], message: str
) -> None:
    """The value of an option that means nothing is wrong use, and the option is named."""
    ran = cli("assess", BREACH, samples[BREACH], *arguments)

    assert (2, "", f"error: {message}\n") == (ran.code, ran.out, ran.err)


def test_unknown_evaluator(cli: Callable[..., Any], samples: dict[str, Path]) -> None:
    """An evaluator that does not exist is wrong use."""
    ran = cli("assess", BREACH, samples[BREACH], "--evaluator", "pandas")

    assert (2, "") == (ran.code, ran.out)
    assert "'pandas' is not one of" in ran.err


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("99", "the input has no case `99`; did you mean `9`"),
        ("mistake", "the input has no case `mistake`"),
        ("breach/99", "the input has no case `breach/99`; did you mean `breach/9`"),
        ("breech/1", "the input has no case `breech/1`; did you mean `breach/1`"),
        ("", "the input has no case ``"),
    ],
)
def test_unknown_case(
    cli: Callable[..., Any], samples: dict[str, Path], case: str, message: str
) -> None:
    """A case that the input does not have is wrong use, with the nearest one."""
    ran = cli("explain", BREACH, samples[BREACH], "--case", case)

    assert (2, "", f"error: --case: {message}\n") == (ran.code, ran.out, ran.err)


def test_unknown_rule_to_explain(cli: Callable[..., Any], samples: dict[str, Path]) -> None:
    """A rule that the ruleset does not have cannot be explained."""
    ran = cli("explain", WUHU, samples[WUHU], "--case", "unit/synthetic-002", "--rule", "leage")

    assert (2, "") == (ran.code, ran.out)
    assert "error: --rule: the ruleset has no rule `leage`; did you mean `league`\n" == ran.err


def test_unknown_property(cli: Callable[..., Any]) -> None:
    """A property that the ruleset does not have cannot be proved."""
    ran = cli("prove", BREACH, "--property", "never_negativ")

    assert (2, "") == (ran.code, ran.out)
    assert (
        "error: --property: the ruleset has no property `never_negativ`;"
        " did you mean `never_negative`\n" == ran.err
    )


def test_unknown_scenario(cli: Callable[..., Any]) -> None:
    """A scenario that the ruleset does not have cannot be run."""
    ran = cli("test", BREACH, "--scenario", "in_time_on_the_last_dai")

    assert (2, "") == (ran.code, ran.out)
    assert (
        "error: --scenario: the ruleset has no scenario `in_time_on_the_last_dai`;"
        " did you mean `in_time_on_the_last_day`\n" == ran.err
    )


def test_scenario_without_case(
    cli: Callable[..., Any], samples: dict[str, Path], tmp_path: Path
) -> None:
    """`--save-scenario` must be told which case, and writes nothing until it is."""
    target = tmp_path / "scenario.yaml"
    ran = cli("assess", BREACH, samples[BREACH], "--save-scenario", target)

    assert (2, "") == (ran.code, ran.out)
    assert "error: --save-scenario: `--case ID` says which case it is\n" == ran.err
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("daily_report.missed", "`daily_report.missed`; did you mean `daily_report`"),
        ("findings", "`findings`"),
        ("merit", "`merit`"),
        ("\x1b[2J", "`\ufffd[2J`"),
        ("", "``"),
    ],
)
def test_what_is_no_rule_is_not_explained(
    cli: Callable[..., Any], samples: dict[str, Path], rule: str, message: str
) -> None:
    """Collections, accounts and parts of rules are no rules, and nothing moves the cursor."""
    ran = cli("explain", WUHU, samples[WUHU], "--case", "unit/synthetic-002", "--rule", rule)

    assert (2, "", f"error: --rule: the ruleset has no rule {message}\n") == (
        ran.code,
        ran.out,
        ran.err,
    )


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "1e30"])
def test_no_time_to_prove_anything(cli: Callable[..., Any], seconds: str) -> None:
    """A timeout that is no time is wrong use."""
    ran = cli("prove", BREACH, "--timeout", seconds)
    shown = f"{float(seconds):g}"

    assert (2, "") == (ran.code, ran.out)
    assert f"error: --timeout: `{shown}` is not a number of seconds above 0\n" == ran.err


def test_a_saved_ruleset_of_another_name(cli: Callable[..., Any], tmp_path: Path) -> None:
    """A saved ruleset is not written where nothing would read it."""
    ran = cli("compile", BREACH, "--output", tmp_path / "x.json")

    assert (2, "") == (ran.code, ran.out)
    assert (
        "error: --output: `x.json` does not end in `.kaocheng.json`, so nothing would read it\n"
        == ran.err
    )
    assert [] == list(tmp_path.iterdir())


LONG = "x" * 5_000


def test_names_that_no_file_can_have(cli: Callable[..., Any], samples: dict[str, Path]) -> None:
    """A name too long for a file, or with a NUL, names nothing."""
    for name in (LONG, "wuhu\0information"):
        ran = cli("assess", name, samples[WUHU])
        assert (2, "") == (ran.code, ran.out)
        assert ran.err.startswith("error: no ruleset `")
    ran = cli("assess", WUHU, f"{LONG}.jsonl")
    assert (1, "") == (ran.code, ran.out)
    assert ran.err.endswith(".jsonl: there is no such file\n")
    ran = cli("compile", BREACH, "--output", f"{LONG}.kaocheng.json")
    assert (1, "") == (ran.code, ran.out)
    assert ran.err.endswith(": the file cannot be written\n")


def test_devices(cli: Callable[..., Any], tmp_path: Path) -> None:
    """A device without an end is neither a ruleset nor an input."""
    link = tmp_path / "zero.jsonl"
    link.symlink_to("/dev/zero")
    ran, checked = cli("assess", WUHU, link), cli("check", "/dev/zero")

    assert (1, "", f"error: {link}: this is not an ordinary file\n") == (ran.code, ran.out, ran.err)
    assert 1 == checked.code
    assert checked.err.startswith("/dev/zero:1:1: error[KC335]: `zero` has no version files\n")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["assess", "washington-breech", "x.csv"], 2, "did you mean `washington-breach`"),
        (["assess", BREACH, "missing.csv"], 1, "missing.csv: there is no such file"),
        (["assess", BREACH, "x.csv", "--nonsense"], 2, "No such option"),
    ],
)
def test_in_a_process_of_its_own(
    tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    """A real process ends with the same codes, and without a traceback."""
    ran = subprocess.run(
        [sys.executable, "-c", "from kaocheng.cli import main; main()", *arguments],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        text=True,
    )

    assert (code, "") == (ran.returncode, ran.stdout)
    assert words in ran.stderr
    assert "Traceback" not in ran.stderr
