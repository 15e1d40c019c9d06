"""`kaocheng demo`: an invented year of an information office, assessed and explained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kaocheng.cli.options import EvaluatorOption, Evaluators, Language, LanguageOption

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaocheng.assessment import Assessment

RULESET = "wuhu-information"
NOTE = {
    "en": "Every unit, person and report below is synthetic (seed {seed}).",
    "zh": "以下单位、人员、信息均系合成数据（种子 {seed}）。",
}


def demo(
    *,
    seed: Annotated[int, typer.Option(help="the seed of the invented year")] = 2009,
    evaluator: EvaluatorOption = Evaluators.PYTHON,
    journal_file: Annotated[
        Path | None, typer.Option("--journal", metavar="FILE", help="also write the journal here")
    ] = None,
    lang: LanguageOption = Language.EN,
) -> None:
    """Assess a synthetic year of 112 units and explain three results."""
    from kaocheng.assessing import assess
    from kaocheng.calendars.numberline import parse_instant
    from kaocheng.host import Host
    from kaocheng.journal.writing import write_jsonl
    from kaocheng.output import write_whole
    from kaocheng.rendering.table import plain_console, print_assessment
    from kaocheng.testing.information_office import synthetic_year

    ruleset = Host.discover().load(RULESET)
    journal = synthetic_year(seed)
    if journal_file is not None:
        write_whole(journal_file, write_jsonl(journal))
    as_of = parse_instant("2009-12-31T23:59:59+08:00")
    assessment = assess(ruleset, journal, as_of=as_of, evaluator=evaluator.value)
    console = plain_console()
    console.print(NOTE[lang.value].format(seed=seed))
    print_assessment(
        assessment, language=lang.value, console=console, sections=("standings",), period="2009"
    )
    for line in explanations(assessment, lang.value):
        typer.echo(line)


def explanations(assessment: Assessment, language: str) -> Iterator[str]:
    """One missed day, and two scores, explained."""
    from kaocheng.explaining import explain

    missed = next(r for r in assessment.rows("findings") if r["finding"] == "missed")
    case, period = str(missed["owed_by"]), str(missed["period"])
    best = assessment.rows("best_item")[0]
    wanted = (
        *explain(assessment, case, rule="daily_report", period=period),
        *explain(assessment, str(best["case"]), rule="adopted_item"),
        *explain(assessment, str(best["case"]), rule="best_item"),
    )
    for explanation in wanted:
        yield ""
        yield from explanation.texts(language)
