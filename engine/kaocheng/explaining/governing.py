"""Which version governs a row, and as of when the row reads dated facts."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import DAY, NEVER, checked_day, checked_instant
from kaocheng.calendars.periods import period_of
from kaocheng.calendars.zones import local_day, to_utc
from kaocheng.explaining.subject import Subject, Values
from kaocheng.language.expressions import Expr
from kaocheng.language.types import DATE
from kaocheng.plan.algebra import Pipeline, RulePlan, Tally


@frozen
class Governed:
    """The version that governs a row, None where none with the rule does, and its moment."""

    version: int | None
    moment: int


def governing(subject: Subject, rule: RulePlan, row: Values) -> Governed:
    """The version of the rule whose own instant for the row lies inside its window."""
    for version, pipeline in rule.variants.items():
        tally = next((step for step in pipeline.steps if isinstance(step, Tally)), None)
        bindings = {pipeline.variable: row}
        if tally is not None:
            day = _first_day(subject, tally, bindings, version)
            moment = subject.context.as_of
        else:
            day, moment = _own(subject, pipeline, bindings, version)
        if _in_force(subject, version, day):
            return Governed(version, moment)
    return Governed(None, subject.context.as_of)


def version_on(subject: Subject, rule: RulePlan, row: Values) -> str | None:
    """The name of the version in force when the row counts, which may not have the rule."""
    version, pipeline = next(iter(rule.variants.items()))
    day, moment = _own(subject, pipeline, {pipeline.variable: row}, version)
    found = subject.versions.version_at(moment if day is not None else subject.context.as_of)
    return None if found is None else subject.version(found).name


def _own(
    subject: Subject, pipeline: Pipeline, bindings: Mapping[str, object], version: int
) -> tuple[int | None, int]:
    """The local day of a row's own instant, and the moment at which it reads dated facts."""
    as_of = subject.context.as_of
    if pipeline.instant is None:
        return None, as_of
    value = subject.trace(pipeline.instant, bindings, version).value
    if not isinstance(value, int) or value == NEVER:
        return None, as_of
    try:
        if pipeline.instant.type == DATE:
            start = checked_instant(to_utc(subject.zone(version), value * DAY))
            return value, start
        return checked_day(local_day(subject.zone(version), value)), value
    except ClockError:
        return None, as_of


def _first_day(
    subject: Subject, tally: Tally, bindings: Mapping[str, object], version: int
) -> int | None:
    if tally.at is None or tally.period is None:
        return None
    day = day_of(subject, tally.at, bindings, version)
    return None if day is None else period_of(tally.period, day).first_day


def day_of(subject: Subject, at: Expr, bindings: Mapping[str, object], version: int) -> int | None:
    """The local day of a date or instant; None where it is unknown or has not come."""
    value = subject.trace(at, bindings, version).value
    if not isinstance(value, int) or value == NEVER:
        return None
    return value if at.type == DATE else local_day(subject.zone(version), value)


def _in_force(subject: Subject, version: int, day: int | None) -> bool:
    if day is None:
        return subject.context.version == version
    window = subject.plan.versions[version].window
    begun = window.first_day is None or window.first_day <= day
    return begun and (window.last_day is None or day <= window.last_day)
