"""`--set NAME=VALUE`: another value of a parameter is tried, and the output says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kaocheng import Host, InputError, Ruleset
from kaocheng.language.parameters import with_parameters

BODY = """\
kaocheng: 1
ruleset: tried
version: "{name}"
title: {{zh: 试用, en: Trying}}
effective: {{from: {begins}}}

kinds:
  breach:
    fields:
      aware_on: date
      residents: {{type: int, event: notify}}
      notified_on: {{date: notify}}
    lifecycle:
      initial: unknown
      states: [unknown, notified]
      final: [notified]
      notify: {{from: unknown, to: notified, when: first > 6}}

parameters:
  first: {{type: int, value: 7, clause: "0"}}
  smallest: {{type: int, value: {smallest}, clause: "1"}}
  term: {{type: int, value: 30, clause: "2"}}
{more}
deadlines:
  - id: notice
    clause: "1"
    for: breach as b
    when: b.residents >= smallest
    starts: b.aware_on
    within: {{amount: term, unit: day}}
    met_at: b.notified_on

properties:
  - id: forty
    title: {{zh: 四十日内, en: within forty days}}
    clause: "2"
    for: notice as n
    claim: n.due <= add_days(n.start, 40)
"""
MORE = """\
  rate: {type: decimal(2), value: "1.50", clause: "3"}
  since: {type: date, value: 2009-03-01, clause: "3"}
  moment: {type: instant, value: "2009-03-01T00:00:00Z", clause: "3"}
  rest: {type: duration, value: 2 hours, clause: "3"}
  strict: {type: bool, value: true, clause: "3"}
  office: {type: string, value: North, clause: "3"}
  level: {type: {ordered: [low, high]}, value: low, clause: "3"}
"""
SCENARIOS = """\
kaocheng: 1
scenarios:
  - id: at_the_limit
    as_of: 2020-12-31
    timeline:
      - {case: breach/1, event: notify, at: 2020-03-02, data: {aware_on: 2020-02-01, residents: 5}}
      - {case: breach/1, event: notify, at: 2020-03-02, data: {aware_on: 2020-02-01}, refused: true}
    expect:
      - {rule: notice, case: breach/1, due: 2020-03-02, status: met}
"""
JOURNAL = "".join(
    f'{{"case": "breach/{year}", "sequence": 1, "event": "notify", "at": "20{year}-03-02",'
    f' "data": {{"aware_on": "20{year}-02-01", "residents": {residents}}}}}\n'
    for year, residents in (("09", 4), ("10", 6))
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A ruleset of two versions that differ in a figure, and a journal."""
    (tmp_path / "tried/versions").mkdir(parents=True)
    (tmp_path / "tried/scenarios").mkdir()
    for name, begins, smallest, more in (("1", "open", 5, MORE), ("2", "2010-01-01", 6, "")):
        text = BODY.format(name=name, begins=begins, smallest=smallest, more=more)
        (tmp_path / f"tried/versions/{name}.yaml").write_text(text, "utf-8")
    (tmp_path / "tried/scenarios/one.yaml").write_text(SCENARIOS, "utf-8")
    (tmp_path / "journal.jsonl").write_text(JOURNAL, "utf-8")
    return tmp_path


@pytest.fixture
def ruleset(folder: Path, host: Host) -> Ruleset:
    """The ruleset as it is in force."""
    return host.load(str(folder / "tried"))


def test_a_table(cli: Callable[..., Any], folder: Path) -> None:
    """A table begins with what is tried and what is in force in which version."""
    command = ("assess", folder / "tried", folder / "journal.jsonl")
    shown = cli(*command, "--set", "smallest=4", "--set", "term=20")
    chinese = cli(*command, "--set", "smallest=4", "--lang", "zh")

    assert 0 == shown.code
    assert (
        "Trying\n"
        "tried: smallest = 4 (in force: 5 in 1, 6 in 2)\n"
        "tried: term = 20 (in force: 30)\n"
        "these are not the results of the ruleset in force\n"
        "as of "
    ) in shown.out
    assert "试用：smallest = 4（现行：1 版 5，2 版 6）\n以下并非现行规则的结果\n" in chinese.out


def test_json_and_csv(cli: Callable[..., Any], folder: Path) -> None:
    """JSON has the key `set`, CSV a last column; without `--set` neither is there."""
    command = ("assess", folder / "tried", folder / "journal.jsonl")
    tried = json.loads(cli(*command, "--format", "json", "--set", "smallest=4").out)
    plain = json.loads(cli(*command, "--format", "json").out)
    table = cli(*command, "--format", "csv", "--set", "smallest=4", "--set", "term=20").out

    assert {"smallest": {"value": "4", "in_force": {"1": "5", "2": "6"}}} == tried["set"]
    assert "set" not in plain
    assert (1, 2) == tuple(len(data["deadlines"]["notice"]) for data in (plain, tried))
    assert not {v["hash"] for v in tried["versions"]} & {v["hash"] for v in plain["versions"]}
    assert (
        "rule,case,owed_by,start,due,met_at,late_by,status,version,undetermined,set\n"
        "notice,breach/09,,2009-02-01,2009-02-21,2009-03-02,9,late,1,false,smallest=4 term=20\n"
        "notice,breach/10,,2010-02-01,2010-02-21,2010-03-02,9,late,2,false,smallest=4 term=20\n"
    ) == table


def test_rows_of_one_rule(cli: Callable[..., Any], folder: Path) -> None:
    """The rows of one rule say what is tried, too."""
    command = ("assess", folder / "tried", folder / "journal.jsonl", "--rule", "notice")
    shown = cli(*command, "--set", "term=20").out

    assert (
        "tried: term = 20 (in force: 30)\nthese are not the results of the ruleset in force\n"
    ) == shown[: shown.index("notice")]


def test_explanations(cli: Callable[..., Any], folder: Path) -> None:
    """An explanation begins with what is tried, and says so where the value is shown."""
    command = ("explain", folder / "tried", folder / "journal.jsonl", "--case", "09")
    shown = cli(*command, "--set", "smallest=4").out
    chinese = cli(*command, "--set", "smallest=4", "--lang", "zh").out

    assert shown.startswith(
        "tried: smallest = 4 (in force: 5 in 1, 6 in 2)\n"
        "these are not the results of the ruleset in force\n"
    )
    assert "4 is tried; in force is 5" in shown
    assert "试用 4，现行为 5" in chinese


def test_scenarios(cli: Callable[..., Any], folder: Path) -> None:
    """Scenarios run under what is tried, conditions of the lifecycle included."""
    passed = cli("test", folder / "tried", "--set", "smallest=5")
    failed = cli("test", folder / "tried", "--set", "first=5", "--set", "smallest=5")

    assert (0, "tried: smallest = 5 (in force: 5 in 1, 6 in 2)\n") == (
        passed.code,
        passed.out.partition("these")[0],
    )
    assert 1 == failed.code
    assert "should be accepted: notify: case = breach/1" in failed.out


def test_proofs(cli: Callable[..., Any], folder: Path) -> None:
    """What holds in force need not hold for what is tried."""
    pytest.importorskip("z3")
    in_force = cli("prove", folder / "tried")
    tried = cli("prove", folder / "tried", "--set", "term=41")

    assert (0, 1) == (in_force.code, tried.code)
    assert tried.out.startswith(
        "tried: term = 41 (in force: 30)\n"
        "these are not the results of the ruleset in force\n"
        "refuted  within forty days"
    )


WRONG = {
    "termm=3": (
        "the ruleset has no parameter `termm`; did you mean `term`",
        "规则集没有参数 `termm`；是否想写 `term`",
    ),
    "term=many": (
        "`many` is not a whole number; write digits only, such as `12`",
        "`many` 不是整数；请只写数字，如 `12`",
    ),
    "term=": (
        "`` is not a whole number; write digits only, such as `12`",
        "`` 不是整数；请只写数字，如 `12`",
    ),
    "rate=1.555": (
        "`1.555` is not a number with at most 2 decimal places",
        "`1.555` 不是小数不超过 2 位的数字",
    ),
    "since=1.3.2009": (
        "`1.3.2009` is not a date; write year, month and day such as `2009-12-31`",
        "`1.3.2009` 不是日期；请按年、月、日书写，如 `2009-12-31`",
    ),
    "level=medium": (
        "`medium` is not a value of `level`; the values are `low`, `high`",
        "`medium` 不是 `level` 的可用值；可用值有：`low`、`high`",
    ),
    "term": (
        "`term` names no value; write `NAME=VALUE`, as in `term=30`",
        "`term` 没有写明取值，应写作 `名称=取值`，如 `term=30`",
    ),
}


@pytest.mark.parametrize("given", WRONG)
def test_what_cannot_be_set(cli: Callable[..., Any], folder: Path, given: str) -> None:
    """A name that nothing declares and a value of another type are wrong use: exit 2."""
    command = ("assess", folder / "tried", folder / "journal.jsonl", "--set", given)
    english, chinese = cli(*command), cli(*command, "--lang", "zh")

    assert (2, "", f"error: --set: {WRONG[given][0]}\n") == (english.code, english.out, english.err)
    assert (2, f"错误：--set：{WRONG[given][1]}\n") == (chinese.code, chinese.err)


def test_twice_and_scenarios(cli: Callable[..., Any], folder: Path) -> None:
    """The same name twice is refused, and so is a scenario of what is not in force."""
    command = ("assess", folder / "tried", folder / "journal.jsonl")
    twice = cli(*command, "--set", "term=20", "--set", "term=21")
    target = folder / "out.yaml"
    saved = cli(*command, "--set", "term=20", "--case", "09", "--save-scenario", target)

    assert (2, "error: --set: `term` is set twice\n") == (twice.code, twice.err)
    assert (
        2,
        "error: --save-scenario: a scenario is about the ruleset in force, "
        "so it is not saved with `--set`\n",
    ) == (saved.code, saved.err)
    assert not target.exists()


@pytest.mark.parametrize(
    ("name", "text", "value", "before"),
    [
        ("rate", "2.5", 250, "1.50"),
        ("since", "2009-03-02", 14_305, "2009-03-01"),
        ("moment", "2009-03-02T00:00:00Z", 14_305 * 86_400_000_000, "2009-03-01T00:00:00+00:00"),
        ("rest", "3 hours", 3 * 3_600_000_000, "2 hours"),
        ("strict", "false", False, "true"),
        ("office", "", "", "North"),
        ("level", "high", "high", "low"),
    ],
)
def test_values_of_every_type(
    ruleset: Ruleset, name: str, text: str, value: object, before: str
) -> None:
    """A value is written as in a version file; versions that do not declare it stay as they are."""
    tried = with_parameters(ruleset, {name: text})

    assert value == tried.versions[0].parameters[name] == tried.plan.versions[0].parameters[name]
    assert {"1": before} == tried.tried[0].instead
    assert ruleset.versions[0].hash != tried.versions[0].hash
    assert ruleset.versions[1] == tried.versions[1]


def test_the_value_in_force(ruleset: Ruleset) -> None:
    """A value that is in force changes no hash, and is still said to be tried."""
    tried = with_parameters(ruleset, {"term": "30"})

    assert [v.hash for v in ruleset.versions] == [v.hash for v in tried.versions]
    assert ["term"] == [item.name for item in tried.tried]


def test_hashes_depend_on_the_value_alone(ruleset: Ruleset) -> None:
    """The same value gives the same hash, another one another."""
    hashes = [
        with_parameters(ruleset, {"term": text}).versions[0].hash for text in ("20", "+20", "21")
    ]

    assert hashes[0] == hashes[1] != hashes[2]


def test_a_ruleset_without_parameters(host: Host) -> None:
    """Where nothing is declared, that is said."""
    with pytest.raises(InputError, match=r"^term: the ruleset declares no parameters$") as caught:
        with_parameters(host.load("permit-receipt"), {"term": "1"})

    assert "该规则集未声明任何参数" == caught.value.zh
