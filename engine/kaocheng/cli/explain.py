"""`kaocheng explain`: why a case's results are what they are, and why some are not there."""

from __future__ import annotations

from typing import Annotated

import typer

from kaocheng.cli.options import (
    AsOfOption,
    InputArgument,
    InputIdOption,
    KnownAtOption,
    Language,
    LanguageOption,
    RulesetArgument,
)


def explain(
    ruleset: RulesetArgument,
    input_file: InputArgument,
    *,
    case: Annotated[str, typer.Option(metavar="ID", help="the case to explain")],
    rule: Annotated[str | None, typer.Option(metavar="ID", help="only this rule")] = None,
    period: Annotated[
        str | None, typer.Option(metavar="NAME", help="on a roll, only this period: `2009-03-02`")
    ] = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    input_id: InputIdOption = None,
    lang: LanguageOption = Language.EN,
) -> None:
    """Explain every rule that speaks of a case: its values, its clause, its version."""
    from kaocheng.cli.loading import load_and_assess
    from kaocheng.explaining import explain as explain_case
    from kaocheng.rendering.csv import check_rule

    loaded = load_and_assess(
        ruleset,
        input_file,
        as_of=as_of,
        known_at=known_at,
        evaluator="python",
        input_id=input_id,
    )
    if rule is not None:
        check_rule(loaded.assessment, rule)
    case_id = loaded.case_id(case)
    for explanation in explain_case(loaded.assessment, case_id, rule=rule, period=period):
        for line in explanation.texts(lang.value):
            typer.echo(line)
        typer.echo("")
    loaded.report(lang.value)
    raise typer.Exit(loaded.code)
