"""Stretches of time in which something changes: versions, clocks, periods, and limits before them.

A generated journal lies within one era, so that a roll with a row per day stays small.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import frozen

from kaocheng.calendars.civil import add_months
from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.limits import Limit
from kaocheng.calendars.numberline import DAY, checked_day, days_from_civil
from kaocheng.calendars.periods import PeriodSpec, period_of, standard_periods
from kaocheng.calendars.zones import Zone, build_zone, local_day, to_utc
from kaocheng.language.expressions import Advance
from kaocheng.language.ruleset import Ruleset

LENGTH = 100
"""The days of an era."""
_USUAL = days_from_civil(2010, 3, 1)
_YEAR = PeriodSpec("year", "year")
_DAYS_OF_A_YEAR = 366


@frozen(kw_only=True)
class Era:
    """A stretch of days, and the days and instants in it at which something may change."""

    zone: Zone
    first: int
    last: int
    days: tuple[int, ...]
    instants: tuple[int, ...]


def eras(ruleset: Ruleset) -> tuple[Era, ...]:
    """The eras of a ruleset: one around each change of version, of clock and of year."""
    zone = build_zone(ruleset.versions[-1].zone)
    edges = [v.window.first_day for v in ruleset.versions if v.window.first_day is not None]
    around = edges or [_USUAL]
    changes = sorted(
        {day for edge in around for day in _clock_days(zone, edge, edge + _DAYS_OF_A_YEAR)}
    )
    specs = [s for version in ruleset.versions for s in version.periods.values()]
    limits = _limits(ruleset)
    years = [period_of(s, edge).last_day + 1 for s in (_YEAR, *specs) for edge in around]
    middles = dict.fromkeys((*around, *changes, *years))
    return tuple(_era(zone, middle, edges, specs, limits) for middle in middles)


def _era(
    zone: Zone,
    middle: int,
    edges: Iterable[int],
    specs: Iterable[PeriodSpec],
    limits: Iterable[Limit],
) -> Era:
    first, last = middle - LENGTH // 2, middle + LENGTH // 2
    ends = [*edges, *_clock_days(zone, first, last), *_period_starts(specs, first, last)]
    starts = [start for day in ends for limit in limits for start in _before(day, limit)]
    days = sorted({day for day in (middle, *ends, *starts) if first <= day <= last})
    # The middle comes first, because what stands first is what a failing example shrinks to.
    days = [middle, *(day for day in days if day != middle)]
    changes = [us for us in zone.utc_starts[1:] if first <= local_day(zone, us) <= last]
    back = list(_starts_before(zone, changes, limits))
    instants = (*(to_utc(zone, day * DAY) for day in days), *changes, *back)
    return Era(
        zone=zone, first=first, last=last, days=tuple(days), instants=tuple(dict.fromkeys(instants))
    )


def _starts_before(zone: Zone, changes: Iterable[int], limits: Iterable[Limit]) -> Iterator[int]:
    """The instants from which a limit runs to a change of the clock."""
    for us in changes:
        day = local_day(zone, us)
        for limit in limits:
            for start in _before(day, limit):
                yield us - (day - start) * DAY


def _clock_days(zone: Zone, first: int, last: int) -> Iterator[int]:
    for us in zone.utc_starts[1:]:
        day = local_day(zone, us)
        if first <= day <= last:
            yield day


def _period_starts(specs: Iterable[PeriodSpec], first: int, last: int) -> Iterator[int]:
    longer = (s for s in standard_periods() if s.unit not in ("day", "week"))
    for spec in (*longer, *specs):
        begins = period_of(spec, last).first_day
        if first <= begins <= last:
            yield begins


def _limits(ruleset: Ruleset) -> tuple[Limit, ...]:
    """The limits in days or more that the ruleset states outright."""
    found = [
        node.limit
        for rule in ruleset.plan.rules
        for pipeline in rule.variants.values()
        for expr in pipeline.expressions()
        for node in expr.walk()
        if isinstance(node, Advance) and node.amount is None and node.limit.elapsed is None
    ]
    return tuple(dict.fromkeys(found))


def _before(day: int, limit: Limit) -> Iterator[int]:
    """A day on which a limit that ends on `day` may have started; none before the year 1."""
    try:
        if limit.unit in ("month", "year"):
            yield add_months(day, -limit.amount * (12 if limit.unit == "year" else 1))
        else:
            yield checked_day(day - limit.amount * (7 if limit.unit == "week" else 1))
    except ClockError:
        return
