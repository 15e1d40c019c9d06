"""Calendar editions that a ruleset's rules need, built only when a rule counts working days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from kaocheng.calendars.countries import PUBLISHED_YEARS, build_edition
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
        pipelines = [rule.pipeline for rule in read.rules.rules if rule.pipeline is not None]
        if not needs_edition(e for pipeline in pipelines for e in pipeline.expressions()):
            continue
        name = read.header.calendar
        if name is None:
            diagnostics.add(codes.NEEDS_CALENDAR, read.header.span)
        elif name not in found:
            first, last = PUBLISHED_YEARS.get(name, COMPUTED_YEARS)
            try:
                found[name] = build_edition(name, range(first, last + 1))
            except ClockError:
                diagnostics.add(declaration_codes.UNKNOWN_CALENDAR, read.header.span, seen=name)
    return found


def needs_edition(expressions: Iterable[Expr]) -> bool:
    """Whether any expression counts working days."""
    for expression in expressions:
        for node in expression.walk():
            if isinstance(node, Advance) and node.limit.by_working_days:
                return True
            if isinstance(node, Call) and node.op == "is_working_day":
                return True
    return False
