"""`kaocheng bulletin`: the circular of a period, as an office would issue it."""

from __future__ import annotations

import enum
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kaocheng.cli.options import (
    EvaluatorOption,
    Evaluators,
    InputArgument,
    InputIdOption,
    Language,
    LanguageOption,
    RulesetArgument,
)

if TYPE_CHECKING:
    from kaocheng.assessment import Assessment
    from kaocheng.circular import Circular
    from kaocheng.circular.changes import Bulletin

NO_OUTPUT = (
    "a workbook is written to a file: give `--output`",
    "工作簿须写入文件，请以 `--output` 指明",
)


class Formats(enum.StrEnum):
    """How a circular is written."""

    MARKDOWN = "markdown"
    HTML = "html"
    XLSX = "xlsx"


_AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="T",
        help="the world's time; default: that of the period's bulletin, or its last day",
    ),
]
_KnownAtOption = Annotated[
    str | None,
    typer.Option(
        "--known-at",
        metavar="T",
        help="the time of our knowledge; default: that of the period's bulletin, or all",
    ),
]


def bulletin(
    ruleset: RulesetArgument,
    input_file: InputArgument,
    *,
    period: Annotated[
        str, typer.Option(metavar="NAME", help="the period: `2009-03`, `2009-W10`, `2009`")
    ],
    form: Annotated[
        Formats, typer.Option("--format", help="Markdown, an HTML page, or a workbook")
    ] = Formats.MARKDOWN,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="write it here")
    ] = None,
    as_of: _AsOfOption = None,
    known_at: _KnownAtOption = None,
    evaluator: EvaluatorOption = Evaluators.PYTHON,
    input_id: InputIdOption = None,
    lang: LanguageOption = Language.EN,
) -> None:
    """Print the circular of a period.

    It has ranks, items, silent units, findings, late additions, and changes to earlier circulars.

    Without `--as-of` it is drawn up at the time of the bulletin that published the period, or
    as of the period's last day.
    """
    from kaocheng.circular import compose
    from kaocheng.cli.loading import load_and_assess
    from kaocheng.errors import InputError

    if form is Formats.XLSX and output is None:
        raise InputError("--format", NO_OUTPUT[0], zh=NO_OUTPUT[1])
    loaded = load_and_assess(
        ruleset,
        input_file,
        as_of=as_of,
        known_at=known_at,
        evaluator=evaluator.value,
        input_id=input_id,
    )
    assessment = loaded.assessment
    _check_period(assessment, period)
    if as_of is None:
        at, known = _times(assessment, period)
        said = known if known_at is None else assessment.times.known_at
        assessment = loaded.again(at, said, evaluator=evaluator.value)

    def again(bulletin: Bulletin) -> Assessment:
        times = bulletin.known_at, bulletin.known_at
        return loaded.again(*times, evaluator=evaluator.value)

    _write(compose(assessment, period, again=again, language=lang.value), form, output)
    loaded.report(lang.value)
    raise typer.Exit(loaded.code)


def _check_period(assessment: Assessment, period: str) -> None:
    from kaocheng.circular import periods_of
    from kaocheng.journal.texts import did_you_mean
    from kaocheng.journal.unknown import NO_PERIOD

    known = periods_of(assessment)
    if period not in known:
        hint = did_you_mean(period, known)
        raise NO_PERIOD.refusal("--period", seen=period, hint=hint)


def _times(assessment: Assessment, period: str) -> tuple[int, int | None]:
    """The two times of the bulletin that published the period, or the end of its last day."""
    from kaocheng.calendars.numberline import DAY
    from kaocheng.calendars.zones import to_utc
    from kaocheng.circular import bulletins_of, periods_of
    from kaocheng.rendering.data import zone_of

    first, last = periods_of(assessment)[period]
    for found in bulletins_of(assessment):
        if (found.first, found.last) == (first, last):
            return found.known_at, found.known_at
    return to_utc(zone_of(assessment), (last + 1) * DAY) - 1, None


def _write(circular: Circular, form: Formats, output: Path | None) -> None:
    from kaocheng.circular import as_html, as_markdown
    from kaocheng.output import write_bytes

    if form is Formats.XLSX:
        from kaocheng.circular.workbook import as_xlsx

        made = as_xlsx(circular)
    else:
        made = (as_html if form is Formats.HTML else as_markdown)(circular).encode()
    if output is None:
        sys.stdout.write(made.decode())
        return
    write_bytes(output, made)
    typer.echo(f"written: {output}")
