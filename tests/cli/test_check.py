"""`kaocheng check`: what it prints, in which language and form, and its exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]

GOOD = """\
kaocheng: 1
ruleset: tried
version: "1"
effective: {from: open}
kinds: {report: {fields: {pages: int}}}
findings:
  - id: long
    assumed: {pages: {zh: 原文未定, en: not given}}
    for: report as r
    when: r.pages > 9
    finding: long
"""
WRONG = GOOD.replace("r.pages > 9", "r.page > 9").replace("assumed:", "asumed:")


def version(folder: Path, text: str) -> Path:
    """A ruleset with one version."""
    path = folder / "versions/1.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return folder


def test_a_ruleset_that_passes(cli: Cli, tmp_path: Path) -> None:
    """A ruleset without errors passes with exit code 0 and one line."""
    folder = version(tmp_path / "tried", GOOD)
    ran = cli("check", folder)

    assert (0, f"{folder}: passed, versions: 1, rules: 1, warnings: 0\n", "") == (
        ran.code,
        ran.out,
        ran.err,
    )


@pytest.mark.parametrize("text", ["", "~\n", "---\n", "# nothing\n", "--- null\n"])
def test_an_empty_file_has_one_fault(cli: Cli, tmp_path: Path, text: str) -> None:
    """That it is empty is all there is to say, and it is said on a line that the file has."""
    ran = cli("check", version(tmp_path / "tried", text), "--format", "json")
    found = json.loads(ran.out)["diagnostics"]

    assert [("KC101", 1)] == [(item["code"], item["line"]) for item in found]


def test_a_ruleset_that_fails(cli: Cli, tmp_path: Path) -> None:
    """Errors are printed whole on standard error, each with its line and a caret; exit code 1."""
    folder = version(tmp_path / "tried", WRONG)
    ran = cli("check", folder)
    path = folder / "versions/1.yaml"

    assert (1, f"{folder}: 2 errors, 1 warning\n") == (ran.code, ran.out)
    assert (
        f"""\
{path}:7:9: warning[KC332]: `long` names neither the clause it comes from nor what was assumed
    7 |   - id: long
      |         ^^^^
  = help: add `clause:`, or `assumed:` with the reason

{path}:8:5: error[KC301]: unknown key `asumed` in a finding
    8 |     asumed: {{pages: {{zh: 原文未定, en: not given}}}}
      |     ^^^^^^
  = help: did you mean `assumed`; the keys of a finding are `id`, `title`, `clause`, `cite`, \
`assumed`, `replaces`, `for`, `when`, `finding`, `finding_title`, `owed_by`, `at`

{path}:10:13: error[KC231]: `report` has no `page`
   10 |     when: r.page > 9
      |             ^^^^
  = help: did you mean `pages`; it has case, pages

"""
        == ran.err
    )


def test_chinese(cli: Cli, tmp_path: Path) -> None:
    """`--lang zh` says all of it in Chinese."""
    folder = version(tmp_path / "tried", WRONG)
    ran = cli("check", folder, "--lang", "zh")
    path = folder / "versions/1.yaml"

    assert (1, f"{folder}：2 处错误，1 处警告\n") == (ran.code, ran.out)
    assert f"{path}:8:5: 错误[KC301]: 认定中没有 `asumed` 这一项\n" in ran.err
    assert "  = 建议: 是否想写 `assumed`；认定可用的项有：`id`、`title`、" in ran.err
    assert "error" not in ran.err


def test_what_figures_assume(cli: Cli, tmp_path: Path) -> None:
    """Tables and parameters whose figures are assumed are listed with their reasons too."""
    figures = """\
tables: {points: {by: {n: int}, rows: {1: 2}, otherwise: 0, assumed: {zh: 未定分值, en: no points}}}
parameters: {limit: {type: int, value: 9, assumed: never said}}
"""
    folder = version(tmp_path / "tried", GOOD + figures)
    out = cli("check", folder, "--assumed").out

    assert "  points: no points\n  limit: never said\n  long (pages): not given\n" in out


def test_what_readers_assume(cli: Cli) -> None:
    """Who may read is assumed where the text is silent, and is listed under the kind."""
    ran = cli("check", "wuhu-network", "--assumed", "--lang", "zh")

    assert "  person.readers：原文未定，按本单位信息员可阅掌握\n" in ran.out


def test_what_is_assumed(cli: Cli, tmp_path: Path) -> None:
    """`--assumed` lists what each rule assumes, and why, in the language asked for."""
    folder = version(tmp_path / "tried", GOOD)

    assert "  long (pages): not given\n" in cli("check", folder, "--assumed").out
    assert "  long（pages）：原文未定\n" in cli("check", folder, "--assumed", "--lang", "zh").out


@pytest.mark.parametrize("language", ["en", "zh"])
def test_json(cli: Cli, tmp_path: Path, language: str) -> None:
    """`--format json` prints one object: whether all passed, and all diagnostics with places."""
    folder = version(tmp_path / "tried", WRONG)
    ran = cli("check", folder, "--format", "json", "--lang", language)
    data = json.loads(ran.out)
    found = data["diagnostics"][1]
    words = {
        "en": (
            "unknown key `asumed` in a finding",
            "did you mean `assumed`; the keys of a finding",
        ),
        "zh": ("认定中没有 `asumed` 这一项", "是否想写 `assumed`；认定可用的项有："),
    }

    assert (1, "") == (ran.code, ran.err)
    assert ["passed", "rulesets", "problems", "diagnostics"] == list(data)
    assert [
        {
            "name": str(folder),
            "passed": False,
            "versions": [],
            "rules": 0,
            "assumed": [],
            "calendars": [],
        }
    ] == (data["rulesets"])
    assert (False, 3) == (data["passed"], len(data["diagnostics"]))
    assert {
        "code": "KC301",
        "name": "unknown-key",
        "severity": "error",
        "file": str(folder / "versions/1.yaml"),
        "line": 8,
        "column": 5,
        "end_line": 8,
        "end_column": 11,
        "message": words[language][0],
        "labels": [],
    } == {key: value for key, value in found.items() if key != "help"}
    assert found["help"].startswith(words[language][1])


def test_labels_in_json(cli: Cli, tmp_path: Path) -> None:
    """A second place of a diagnostic is a label with its own place and words."""
    twice = GOOD + "  - {id: long, clause: a, for: report as r, when: r.pages > 1, finding: x}\n"
    folder = version(tmp_path / "tried", twice)
    (found,) = json.loads(cli("check", folder, "--format", "json").out)["diagnostics"]

    assert [
        {
            "file": str(folder / "versions/1.yaml"),
            "line": 7,
            "column": 9,
            "message": "`long` is declared here first",
        }
    ] == found["labels"]


def test_json_of_nothing_wrong(cli: Cli, tmp_path: Path) -> None:
    """What passes has no diagnostics; its versions, its rules and what they assume are listed."""
    folder = version(tmp_path / "tried", GOOD)
    ran = cli("check", folder, "--format", "json")
    assumed = {"of": "long", "subject": "pages", "zh": "原文未定", "en": "not given"}
    ruleset = {
        "name": str(folder),
        "passed": True,
        "versions": ["1"],
        "rules": 1,
        "assumed": [assumed],
        "calendars": [],
    }

    assert 0 == ran.code
    assert {
        "passed": True,
        "rulesets": [ruleset],
        "problems": [],
        "diagnostics": [],
    } == json.loads(ran.out)


@pytest.mark.parametrize(
    ("language", "message"),
    [
        (
            "en",
            (
                "error: no ruleset `washington-breech` is installed and no such path exists; "
                "did you mean `washington-breach`\n"
            ),
        ),
        (
            "zh",
            (
                "错误：没有已安装的规则集 `washington-breech`，也没有这一路径；"
                "是否想写 `washington-breach`\n"
            ),
        ),
    ],
)
def test_an_unknown_ruleset(cli: Cli, language: str, message: str) -> None:
    """A name that is no ruleset is wrong use: exit code 2, with the nearest name."""
    ran = cli("check", "washington-breech", "--lang", language)

    assert (2, "", message) == (ran.code, ran.out, ran.err)


def test_the_others_are_checked_too(cli: Cli, tmp_path: Path) -> None:
    """Every ruleset that is named is checked, whatever becomes of others; the worst code counts."""
    wrong, good = version(tmp_path / "wrong", WRONG), version(tmp_path / "good", GOOD)
    ran = cli("check", wrong, "nowhere", good)
    data = json.loads(cli("check", "nowhere", good, "--format", "json").out)

    assert 2 == ran.code
    assert [f"{wrong}: 2 errors", f"{good}: passed"] == [
        line.split(",")[0] for line in ran.out.splitlines()
    ]
    assert (False, ["nowhere"]) == (data["passed"], [p["ruleset"] for p in data["problems"]])


def test_shipped_rulesets(cli: Cli) -> None:
    """The shipped rulesets pass by their names, without warnings."""
    ran = cli("check", "wuhu-information", "washington-breach")

    assert (0, "") == (ran.code, ran.err)
    assert 2 == ran.out.count("passed") == ran.out.count("warnings: 0")


@pytest.mark.parametrize("arguments", [(), ("--format", "yaml", "x"), ("--what", "x")])
def test_wrong_use(cli: Cli, arguments: tuple[str, ...]) -> None:
    """A missing name and an unknown option are wrong use."""
    assert 2 == cli("check", *arguments).code


def test_a_single_version_file(cli: Cli, tmp_path: Path) -> None:
    """One version file can be checked by itself."""
    path = version(tmp_path / "tried", GOOD) / "versions/1.yaml"

    assert 0 == cli("check", path).code


def test_a_folder_that_is_no_file(cli: Cli, tmp_path: Path) -> None:
    """What cannot be opened is one sentence."""
    (tmp_path / "versions/1.yaml").mkdir(parents=True)
    ran = cli("check", tmp_path)

    assert (1, "") == (ran.code, ran.out)
    assert f"error: {tmp_path}/versions/1.yaml: this is a folder and not a file\n" == ran.err


def test_control_characters_are_not_printed(cli: Cli, tmp_path: Path) -> None:
    """Text of a file cannot move the cursor of a terminal."""
    folder = version(tmp_path / "tried", GOOD + '"\\e[2Jkey": 1\n')
    ran = cli("check", folder)

    assert 1 == ran.code
    assert "\x1b" not in ran.err
    assert "unknown key `\ufffd[2Jkey`" in ran.err


def test_long_lines_are_cut(cli: Cli, tmp_path: Path) -> None:
    """Of a long line only the part around the place is shown, with the caret below it."""
    folder = version(tmp_path / "tried", GOOD + f"x: [{'a, ' * 500}]\ntables: {{{'b' * 300}: 1}}\n")
    lines = cli("check", folder).err.split("\n")

    assert all(len(line) < 400 for line in lines if " | " in line)
