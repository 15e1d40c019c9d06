"""Calendar editions that a ruleset's rules need, built only when a rule counts working days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kaocheng.calendars.countries import build_edition, known_years
from kaocheng.calendars.editions import Edition
from kaocheng.calendars.errors import ClockError
from kaocheng.diagnostics import Diagnostics
from kaocheng.language import codes, declaration_codes
from kaocheng.language.expressions import Advance, Call, Expr

if TYPE_CHECKING:
    from kaocheng.language.check import VersionRead

# Where the working days are computed and not announced, an edition covers these years.
COMPUTED_YEARS = (1990, 2060)


def editions_for(reads: Sequence[VersionRead], diagnostics: Diagnostics) -> dict[str, Edition]:
    """Editions by calendar name, for the versions whose rules count working days."""
    found: dict[str, Edition] = {}
    for read in reads:
        counting = next(_counting(read), None)
        if counting is None:
            continue
        closing = next(_closing(read), None)
        name, key = read.header.calendar, read.header.edition
        if name is None or key is None:
            diagnostics.add(codes.NEEDS_CALENDAR, counting.span)
        elif closing is not None and not read.header.hours:
            diagnostics.add(declaration_codes.NEEDS_HOURS, closing.span)
        elif key not in found:
            try:
                years = known_years(name, *COMPUTED_YEARS)
                found[key] = build_edition(name, years, hours=read.header.hours)
            except ClockError as error:
                words = {"problem": error.message, "problem_zh": error.zh}
                span = read.document.span("calendar")
                diagnostics.add(declaration_codes.UNKNOWN_CALENDAR, span, words=words)
    return found


def _counting(read: VersionRead) -> Iterator[Expr]:
    """The expressions of a version that count working days."""
    for expression in _expressions(read):
        for node in expression.walk():
            if isinstance(node, Call):
                if node.op == "is_working_day":
                    yield node
            elif isinstance(node, Advance) and (
                node.limit.by_working_days or node.limit.until == "close"
            ):
                yield node


def _closing(read: VersionRead) -> Iterator[Expr]:
    """The expressions of a version that run to the close of business."""
    for expression in _expressions(read):
        for node in expression.walk():
            if isinstance(node, Advance) and node.limit.until == "close":
                yield node


def _expressions(read: VersionRead) -> Iterator[Expr]:
    for rule in read.rules.rules:
        if rule.pipeline is not None:
            yield from rule.pipeline.expressions()
    for prop in read.rules.properties:
        yield from prop.expressions()
    for kind in read.kinds.values():
        for transition in kind.lifecycle.transitions if kind.lifecycle is not None else ():
            if transition.when is not None:
                yield transition.when
