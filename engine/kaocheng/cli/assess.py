"""`kaocheng assess`: what a ruleset says about an input."""

from __future__ import annotations

import enum
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kaocheng.cli.options import (
    AsOfOption,
    EvaluatorOption,
    Evaluators,
    InputArgument,
    InputIdOption,
    KnownAtOption,
    Language,
    LanguageOption,
    RulesetArgument,
    SetOption,
)

if TYPE_CHECKING:
    from kaocheng.cli.loading import Loaded
    from kaocheng.errors import InputError
    from kaocheng.explaining import Undetermined

MOST_UNDETERMINED = 5


class Formats(enum.StrEnum):
    """How an assessment is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def assess(
    ruleset: RulesetArgument,
    input_file: InputArgument,
    *,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    evaluator: EvaluatorOption = Evaluators.PYTHON,
    form: Annotated[
        Formats, typer.Option("--format", help="a table, JSON, or CSV")
    ] = Formats.TABLE,
    rule: Annotated[
        str | None, typer.Option(metavar="ID", help="show the rows of this rule")
    ] = None,
    case: Annotated[
        str | None, typer.Option(metavar="ID", help="the case that --save-scenario takes")
    ] = None,
    save_scenario: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="write the case and what came out as a scenario"),
    ] = None,
    tried: SetOption = None,
    input_id: InputIdOption = None,
    lang: LanguageOption = Language.EN,
) -> None:
    """Assess an input: statuses, findings, tallies and standings."""
    from kaocheng.cli.loading import load_and_assess

    if case is not None and save_scenario is None:
        raise _case_alone()
    loaded = load_and_assess(
        ruleset,
        input_file,
        as_of=as_of,
        known_at=known_at,
        evaluator=evaluator.value,
        input_id=input_id,
        settings=tried,
    )
    if save_scenario is not None:
        if tried:
            raise _not_in_force()
        _save(loaded, case, save_scenario, lang.value)
        loaded.report(lang.value)
        raise typer.Exit(loaded.code)
    if rule is not None:
        loaded.check_rule(rule)
    if form is Formats.JSON:
        _print_json(loaded, rule)
    elif form is Formats.CSV:
        from kaocheng.rendering.csv import as_csv

        shown = as_csv(loaded.assessment, rule)
        loaded.report_times(lang.value)
        typer.echo(shown, nl=False)
        loaded.report(lang.value)
    else:
        _print_table(loaded, rule, lang.value)
    raise typer.Exit(loaded.code)


def _not_in_force() -> InputError:
    from kaocheng.errors import InputError

    return InputError(
        "--save-scenario",
        "a scenario is about the ruleset in force, so it is not saved with `--set`",
        zh="情景针对现行规则，不能与 `--set` 同用",
    )


def _print_json(loaded: Loaded, rule: str | None) -> None:
    from kaocheng.explaining import undetermined
    from kaocheng.rendering.data import as_data

    data = as_data(loaded.assessment, rule)
    data["undetermined"] = [
        {"rule": u.rule, **u.key, "en": u.reason.en, "zh": u.reason.zh}
        for u in undetermined(loaded.assessment)
        if rule in (None, u.rule)
    ]
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))


def _print_table(loaded: Loaded, rule: str | None, language: str) -> None:
    from kaocheng.explaining import undetermined
    from kaocheng.rendering.table import print_assessment

    print_assessment(loaded.assessment, rule=rule, language=language)
    if rule is None:
        _print_undetermined(loaded, list(undetermined(loaded.assessment)), language)
    else:
        loaded.report(language)


def _print_undetermined(loaded: Loaded, found: Sequence[Undetermined], language: str) -> None:
    from kaocheng.cli.messages import folded
    from kaocheng.rendering.table import plain_console
    from kaocheng.rendering.values import printable
    from kaocheng.rendering.words import rule_title, say

    if not found:
        return
    chinese = language == "zh"
    comma, colon = ("，", "：") if chinese else (", ", ": ")
    typer.echo(say("undetermined", language, n=len(found)))
    for item in found[:MOST_UNDETERMINED]:
        title = rule_title(loaded.assessment, item.rule)[chinese]
        key = " ".join(loaded.name_of(value) for value in item.key.values() if value is not None)
        line = printable(f"{title}{comma}{key}{colon}{item.reason.text(language)}")
        first, *others = folded(line, plain_console().width - 4)
        typer.echo("\n    ".join((f"  {first}", *others)))
    if len(found) > MOST_UNDETERMINED:
        typer.echo(f"  {say('further', language, n=len(found) - MOST_UNDETERMINED)}")


def _case_alone() -> InputError:
    from kaocheng.errors import InputError

    return InputError(
        "--case",
        "it goes with `--save-scenario`; what is said of one case, `kaocheng explain` shows",
        zh="须与 `--save-scenario` 同用；单个事项的结果请用 `kaocheng explain` 查看",
    )


def _save(loaded: Loaded, case: str | None, path: Path, language: str) -> None:
    from kaocheng.errors import InputError
    from kaocheng.output import write_whole
    from kaocheng.scenarios.saving import scenario_of

    if case is None:
        raise InputError(
            "--save-scenario", "`--case ID` says which case it is", zh="须以 `--case ID` 指明事项"
        )
    saved = scenario_of(loaded.assessment, loaded.journal, loaded.case_id(case))
    write_whole(path, saved.text)
    typer.echo(f"已写入：{path}" if language == "zh" else f"written: {path}")
    if saved.left_out:
        why = "left out, because cases outside of the file count: "
        why = "因涉及文件以外的事项，未写入：" if language == "zh" else why
        typer.echo(why + ", ".join(saved.left_out), err=True)
