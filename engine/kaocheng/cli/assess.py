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
)

if TYPE_CHECKING:
    from kaocheng.explaining import Undetermined

MOST_UNDETERMINED = 5

if TYPE_CHECKING:
    from kaocheng.cli.loading import Loaded


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
    input_id: InputIdOption = None,
    lang: LanguageOption = Language.EN,
) -> None:
    """Assess an input and print statuses, findings, tallies and standings."""
    from kaocheng.cli.loading import load_and_assess
    from kaocheng.explaining import undetermined

    loaded = load_and_assess(
        ruleset,
        input_file,
        as_of=as_of,
        known_at=known_at,
        evaluator=evaluator.value,
        input_id=input_id,
    )
    if save_scenario is not None:
        _save(loaded, case, save_scenario, lang.value)
        loaded.report(lang.value)
        raise typer.Exit(loaded.code)
    if form is Formats.JSON:
        from kaocheng.rendering.data import as_data

        data = as_data(loaded.assessment)
        data["undetermined"] = [
            {"rule": u.rule, **u.key, "en": u.reason.en, "zh": u.reason.zh}
            for u in undetermined(loaded.assessment)
        ]
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
    elif form is Formats.CSV:
        from kaocheng.rendering.csv import as_csv

        typer.echo(as_csv(loaded.assessment, rule), nl=False)
        loaded.report(lang.value)
    else:
        from kaocheng.rendering.table import print_assessment

        print_assessment(loaded.assessment, rule=rule, language=lang.value)
        if rule is None:
            _print_undetermined(list(undetermined(loaded.assessment)), lang.value)
    raise typer.Exit(loaded.code)


def _print_undetermined(found: Sequence[Undetermined], language: str) -> None:
    if not found:
        return
    typer.echo(f"待定：{len(found)}" if language == "zh" else f"undetermined: {len(found)}")
    for item in found[:MOST_UNDETERMINED]:
        key = " ".join(str(value) for value in item.key.values() if value is not None)
        typer.echo(f"  {item.rule}  {key}: {item.reason.text(language)}")
    if len(found) > MOST_UNDETERMINED:
        more = len(found) - MOST_UNDETERMINED
        typer.echo(f"  ……另有 {more} 行" if language == "zh" else f"  … {more} more rows")


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
    typer.echo(f"written: {path}")
    if saved.left_out:
        why = "left out, because cases outside of the file count: "
        why = "因涉及文件以外的事项，未写入：" if language == "zh" else why
        typer.echo(why + ", ".join(saved.left_out), err=True)
