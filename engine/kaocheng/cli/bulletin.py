"""`kaocheng bulletin`: the circular of a period, as an office would issue it."""

from __future__ import annotations

import enum
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from attrs import frozen

from kaocheng.cli.options import (
    EarlierOption,
    EvaluatorOption,
    Evaluators,
    InputArgument,
    InputIdOption,
    Language,
    LanguageOption,
    RulesetArgument,
)

if TYPE_CHECKING:
    from kaocheng.assessing import Evaluator
    from kaocheng.assessment import Assessment
    from kaocheng.circular import Circular
    from kaocheng.journal.publications import Publication
    from kaocheng.language.ruleset import Ruleset
    from kaocheng.model.events import Event

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
    earlier: EarlierOption = None,
    evaluator: EvaluatorOption = Evaluators.PYTHON,
    input_id: InputIdOption = None,
    lang: LanguageOption = Language.EN,
) -> None:
    """Print the circular of a period.

    It has ranks, items, silent units, findings, late additions, and changes to earlier circulars.

    Without `--as-of` it is drawn up at the times of the bulletin that published the period, or
    as of the period's last day. One that was published under a text that the ruleset had before
    is drawn up under that where `--earlier` gives it.
    """
    from kaocheng.cli.loading import load_and_assess
    from kaocheng.errors import InputError
    from kaocheng.host import Host

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
    _check_period(loaded.assessment, period)
    texts = [loaded.ruleset, *map(Host.discover().load, earlier or ())]
    at = None if as_of is None else loaded.assessment.times.as_of
    known = None if known_at is None else loaded.assessment.times.known_at
    drafting = _Drafting(loaded.assessment, loaded.journal.events, texts, evaluator.value)
    _write(drafting.circular(period, at, known, language=lang.value), form, output)
    loaded.report(lang.value)
    raise typer.Exit(loaded.code)


def _check_period(assessment: Assessment, period: str) -> None:
    from kaocheng.circular import find_period, periods_of
    from kaocheng.journal.texts import did_you_mean
    from kaocheng.journal.unknown import NO_PERIOD

    if find_period(assessment, period) is None:
        hint = did_you_mean(period, periods_of(assessment))
        raise NO_PERIOD.refusal("--period", seen=period, hint=hint)


@frozen
class _Drafting:
    """Draws up circulars of a journal: `texts` are the ruleset, and those that it had before."""

    assessment: Assessment
    events: Sequence[Event]
    texts: Sequence[Ruleset]
    evaluator: Evaluator

    def circular(
        self, period: str, as_of: int | None, known_at: int | None, *, language: str
    ) -> Circular:
        """The circular of a period, at the times of the one that was published if not of others."""
        from kaocheng.assessing import assess
        from kaocheng.circular import compose
        from kaocheng.circular.again import assessing
        from kaocheng.engine.drafting import before_known, before_published
        from kaocheng.journal.publications import publications_of, withdrawn_of
        from kaocheng.model.events import Journal

        found = publications_of(self.events, is_in_order=False)  # an export is sorted by case
        void = withdrawn_of(self.events, found)
        in_force = [one for one in found if one.period == period and one.key not in void]
        own = in_force[-1] if in_force else None
        if as_of is None:
            as_of, known = self._times(own, period)
            known_at = known if known_at is None else known_at
        if own is None or (own.drawn.as_of, own.drawn.known_at) != (as_of, known_at):
            before = before_known(self.events, found, known_at, *self.texts)
        else:
            earlier = found[: found.index(own)]
            before = before_published(own, earlier, len(self.events), *self.texts)
        journal = Journal(events=tuple(self.events))
        drawn = assess(
            before.text, journal, as_of=as_of, known_at=known_at, evaluator=self.evaluator
        )
        _check_period(drawn, period)
        published = before.published(drawn, period)
        again = assessing(self.events, before.text, self.texts, evaluator=self.evaluator)
        return compose(drawn, period, again=again, published=published, language=language)

    def _times(self, own: Publication | None, period: str) -> tuple[int, int | None]:
        """The two times of the bulletin that published a period, or the end of its last day."""
        from kaocheng.calendars.numberline import DAY
        from kaocheng.calendars.zones import to_utc
        from kaocheng.circular import bulletins_of
        from kaocheng.circular.changes import days_of_period
        from kaocheng.rendering.data import zone_of

        if own is not None:
            return own.drawn.as_of, own.drawn.known_at
        first, last = days_of_period(self.assessment, period)
        for found in bulletins_of(self.assessment):
            if (found.first, found.last) == (first, last):
                return found.known_at, found.known_at
        return to_utc(zone_of(self.assessment), (last + 1) * DAY) - 1, None


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
