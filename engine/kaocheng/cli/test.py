"""`kaocheng test`: the scenarios of a ruleset, and which rules they show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from kaocheng.cli.options import (
    EvaluatorOption,
    Evaluators,
    Language,
    LanguageOption,
    RulesetArgument,
    SetOption,
)

if TYPE_CHECKING:
    from kaocheng.errors import InputError
    from kaocheng.language.ruleset import Ruleset
    from kaocheng.scenarios import Outcome, Scenario
    from kaocheng.scenarios.running import Failure

WORDS = {
    "missing": ("no such row", "没有这一结果"),
    "present": ("should not be there", "不应有这一结果"),
    "state": ("ends in another state", "最终状态不符"),
    "accepted": ("should be refused", "应被拒绝而未被拒绝"),
    "refused": ("should be accepted", "不应被拒绝"),
    "readable": ("must not be read", "不得查阅而可以查阅"),
    "unreadable": ("may be read", "应可查阅而被拒绝"),
}
NO_SCENARIO = ("the ruleset has no scenario `{seen}`{hint}", "规则集没有情景 `{seen}`{hint}")


def test(
    ruleset: RulesetArgument,
    *,
    only: Annotated[
        str | None, typer.Option("--scenario", metavar="ID", help="only this one")
    ] = None,
    tried: SetOption = None,
    evaluator: EvaluatorOption = Evaluators.PYTHON,
    lang: LanguageOption = Language.EN,
) -> None:
    """Run the ruleset's scenarios. Exit 1 when one does not come out as written."""
    from kaocheng.cli.loading import with_set
    from kaocheng.cli.messages import print_diagnostics
    from kaocheng.diagnostics import Diagnostics
    from kaocheng.host import Host
    from kaocheng.rendering.tried import tried_lines
    from kaocheng.scenarios import ScenarioRunner, read_scenarios, scenario_files

    checked = with_set(Host.discover().load(ruleset), tried)
    diagnostics = Diagnostics()
    files = scenario_files(checked)
    scenarios = [s for path in files for s in read_scenarios(path, checked, diagnostics)]
    print_diagnostics(diagnostics, language=lang.value)
    if diagnostics.errors:
        raise typer.Exit(1)
    wanted = [s for s in scenarios if only in (None, s.id)]
    if only is not None and not wanted:
        raise _no_scenario(only, [s.id for s in scenarios])
    for line in tried_lines(checked, lang.value):
        typer.echo(line)
    runner = ScenarioRunner(checked, evaluator.value)
    outcomes = [runner.run(scenario) for scenario in wanted]
    for outcome in outcomes:
        for line in _report(outcome, chinese=lang is Language.ZH):
            typer.echo(line)
    failed = sum(not outcome.passed for outcome in outcomes)
    for line in _summary(checked, wanted, failed, chinese=lang is Language.ZH):
        typer.echo(line)
    raise typer.Exit(1 if failed or not outcomes else 0)


def _no_scenario(seen: str, known: Iterable[str]) -> InputError:
    from kaocheng.journal.texts import Message, did_you_mean

    message = Message("no_scenario", *NO_SCENARIO)
    return message.refusal("--scenario", seen=seen, hint=did_you_mean(seen, known))


def _report(outcome: Outcome, *, chinese: bool) -> Iterator[str]:
    title = outcome.scenario.titles.get("zh" if chinese else "en", outcome.scenario.id)
    yield f"{'ok  ' if outcome.passed else 'FAIL'}  {outcome.scenario.id}  {title}"
    for failure in outcome.failures:
        yield from _failure(failure, chinese=chinese)


def _failure(failure: Failure, *, chinese: bool) -> Iterator[str]:
    colon, comma = ("：", "，") if chinese else (": ", ", ")
    columns = comma.join(f"{name} = {value}" for name, value in failure.expected.items())
    what = colon.join((WORDS[failure.kind][chinese], failure.rule, columns))
    yield f"      {failure.place}: {what}"
    reasons = failure.reasons
    if reasons is not None and reasons.en:
        yield f"        {reasons.zh if chinese else reasons.en}"
    if failure.differences:
        heads = ("栏目", "应为", "实为") if chinese else ("column", "expected", "seen")
        yield _columns(*heads)
        for item in failure.differences:
            yield _columns(item.column, item.expected, item.seen)


def _columns(column: str, expected: str, seen: str) -> str:
    from kaocheng.cli.messages import cells

    first = column + " " * (16 - cells(column))
    return f"        {first} {expected}{' ' * (28 - cells(expected))} {seen}"


def _summary(
    ruleset: Ruleset, scenarios: list[Scenario], failed: int, *, chinese: bool
) -> Iterator[str]:
    rules = sorted({name for version in ruleset.versions for name in version.rules})
    plans = {plan.id for plan in ruleset.plan.rules}
    fired = {e.rule for s in scenarios for e in s.expect}
    absent = {e.rule for s in scenarios for e in s.absent}
    passed = len(scenarios) - failed
    yield f"{passed} passed, {failed} failed" if not chinese else f"通过 {passed}，失败 {failed}"
    for label, shown in (
        (("fires in no scenario", "没有情景使其适用"), fired),
        (("is absent in no scenario", "没有情景使其不适用"), absent),
    ):
        left = [rule for rule in rules if rule in plans and rule not in shown]
        if left:
            colon, comma = ("：", "、") if chinese else (": ", ", ")
            yield from _folded(f"{label[chinese]}{colon}", left, comma)


def _folded(line: str, names: list[str], comma: str) -> Iterator[str]:
    """A label and names as lines that fit the terminal; no name is broken."""
    from kaocheng.cli.messages import cells
    from kaocheng.rendering.table import plain_console

    width = plain_console().width
    for place, name in enumerate(names):
        part = name + (comma if place + 1 < len(names) else "")
        if line.strip() and cells((line + part).rstrip()) > width:
            yield line.rstrip()
            line = "  "
        line += part
    yield line
