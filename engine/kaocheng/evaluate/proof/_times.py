"""Dates, instants and local time, in one zone and by one calendar edition.

What is linear (adding days, hours, finding the weekday) is said exactly; the zone's
offsets, months, years and working days are functions of `functions`.
"""

from __future__ import annotations

import z3
from attrs import field, frozen

from kaocheng.calendars.editions import Edition
from kaocheng.calendars.limits import Limit
from kaocheng.calendars.numberline import (
    DAY,
    FIRST_DAY,
    FIRST_INSTANT,
    LAST_DAY,
    LAST_INSTANT,
    NEVER,
    SECOND,
)
from kaocheng.calendars.zones import Zone
from kaocheng.errors import UnsupportedError
from kaocheng.evaluate.proof import functions, lemmas
from kaocheng.evaluate.proof._calendars import Calendars, Source
from kaocheng.evaluate.proof._values import (
    Symbol,
    any_of,
    choose,
    known,
    no,
    not_,
    number,
    outside,
    pick,
    strict,
    yes,
)
from kaocheng.language.types import DATE, Type

_THURSDAY = 3  # what day 0 is, counted from Monday


def never() -> Symbol:
    """What has not happened."""
    return number(NEVER)


def is_never(time: Symbol) -> z3.BoolRef:
    """Whether a time has not happened; says nothing where it is unknown."""
    if z3.is_int_value(time.value):
        return z3.BoolVal(time.value.as_long() == NEVER)
    return time.value == NEVER


def in_years(time: Symbol, type_: Type) -> Symbol:
    """The time, unknown outside the years 1 to 9999."""
    first, last = (FIRST_DAY, LAST_DAY) if type_ == DATE else (FIRST_INSTANT, LAST_INSTANT)
    return strict(time.value, (time,), outside(time.value, first, last))


def unless_never(time: Symbol, result: Symbol) -> Symbol:
    """The result, or never where the time it rests on is never."""
    return choose(is_never(time), Symbol(never().value, time.unknown), result)


def diff(a: Symbol, b: Symbol) -> Symbol:
    """Days or microseconds between; unknown where either has not happened."""
    return strict(a.value - b.value, (a, b), is_never(a), is_never(b))


def shift(time: Symbol, length: Symbol, type_: Type) -> Symbol:
    """So many days or microseconds later; what has not happened stays so."""
    moved = in_years(strict(time.value + length.value, (time, length)), type_)
    kept = choose(is_never(time), never(), moved)
    return strict(kept.value, (time, length), kept.unknown)


def weekday(day: Symbol) -> Symbol:
    """Monday 1 to Sunday 7."""
    return strict((day.value + _THURSDAY) % 7 + 1, (day,), is_never(day))


def seconds(instant: Symbol) -> Symbol:
    """Whole seconds since 1970, rounded down."""
    return strict(instant.value / SECOND, (instant,), is_never(instant))


def happened(time: Symbol) -> Symbol:
    """Whether it has happened; unknown stays unknown."""
    return strict(not_(is_never(time)), (time,))


@frozen(eq=False)
class LocalTime:
    """The functions of one zone and calendar edition, among those of a proof."""

    calendars: Calendars
    zone: Zone
    edition: Edition | None = field(default=None)

    def offset(self, instant: Symbol) -> Symbol:
        """Local time minus UTC; unknown for what has not happened."""
        source = Source(
            f"offset:{self.zone.name}", lambda: functions.offset(self.zone), lemmas.of_steps
        )
        return self.calendars.apply(source, instant)

    def local(self, instant: Symbol) -> Symbol:
        """The local wall time of an instant that has happened."""
        offset = self.offset(instant)
        return Symbol(instant.value + offset.value, offset.unknown)

    def instant(self, local: Symbol) -> Symbol:
        """The instant of a local wall time; unknown outside the years."""
        source = Source(
            f"local_offset:{self.zone.name}",
            lambda: functions.local_offset(self.zone),
            lemmas.of_steps,
        )
        offset = self.calendars.apply(source, local)
        end = Symbol(local.value - offset.value, offset.unknown)
        return strict(end.value, (end,), outside(end.value, FIRST_INSTANT, LAST_INSTANT))

    def date_of(self, instant: Symbol) -> Symbol:
        """The local date; never stays never."""
        day = self.day_of(instant)
        return unless_never(instant, in_years(day, DATE))

    def day_of(self, instant: Symbol) -> Symbol:
        """The local day number of an instant that has happened, whatever its year."""
        local = self.local(instant)
        day = Symbol(local.value / DAY, local.unknown)
        source = Source(
            f"local_day:{self.zone.name}",
            lambda: functions.local_day_of(self.zone),
            lemmas.of_local_day,
        )
        if len(self.zone.offsets) > 1:
            self.calendars.relate(source, instant, day.value)
        return day

    def start_of(self, day: Symbol, after: int = 0) -> Symbol:
        """The first instant of the local day, or of the day so many days after it."""
        return unless_never(day, self.instant(Symbol((day.value + after) * DAY, day.unknown)))

    def months_later(self, day: Symbol, count: Symbol) -> Symbol:
        """The date so many months later; the number must be written in the rule."""
        months = z3.simplify(count.value)
        if not z3.is_int_value(months):
            reason = "the number of months is not written in the rule"
            zh = "规则中没有写明月数"
            raise UnsupportedError("add_months", "proof", reason, zh=zh)
        later = self.months(day, months.as_long(), counts_start=False)
        kept = unless_never(day, later)
        return strict(kept.value, (count,), kept.unknown)

    def months(self, day: Symbol, count: int, *, counts_start: bool) -> Symbol:
        """The day so many months later, for a day that has happened."""
        if count == 0:
            return in_years(day, DATE)
        kind = "counted_months" if counts_start else "months"
        make = functions.counted_months if counts_start else functions.months
        source = Source(f"{kind}:{count}", lambda: make(count), lemmas.of_months)
        return self.calendars.apply(source, day)

    def year(self, day: Symbol) -> Symbol:
        """The calendar year."""
        return self.calendars.apply(Source("year", functions.year, lemmas.of_year), day)

    def month(self, day: Symbol) -> Symbol:
        """The month, 1 to 12."""
        source = Source("month", functions.month, lambda f: lemmas.of_range(f, 1, 12))
        return self.calendars.apply(source, day)

    def day(self, day: Symbol) -> Symbol:
        """The day of the month, 1 to 31."""
        source = Source("day", functions.day_of_month, lambda f: lemmas.of_range(f, 1, 31))
        return self.calendars.apply(source, day)

    def is_working_day(self, day: Symbol) -> Symbol:
        """Whether the edition has the date as a working day; unknown outside it."""
        edition = self.edition
        if edition is None:
            return Symbol(no(), yes())
        source = Source(
            f"is_working_day:{edition.name}",
            lambda: functions.is_working(edition),
            lambda function: lemmas.of_range(function, 0, 1),
        )
        worked = self.calendars.apply(source, day)
        return Symbol(worked.value == 1, worked.unknown)

    def working_days(self, day: Symbol, limit: Limit) -> Symbol:
        """The last day of a limit in working days, before it rolls."""
        edition = self.edition
        if edition is None:
            return _no_day()
        counted = "counted_" if limit.counts_start else ""
        source = Source(
            f"{counted}working_days:{edition.name}:{limit.amount}",
            lambda: functions.working_days(edition, limit),
            lambda function: lemmas.of_edition(function, edition),
        )
        return self.calendars.apply(source, day)

    def next_working_day(self, day: Symbol) -> Symbol:
        """The day itself or the next working day."""
        edition = self.edition
        if edition is None:
            return _no_day()
        source = Source(
            f"next_working_day:{edition.name}",
            lambda: functions.next_working(edition),
            lambda function: lemmas.of_edition(function, edition),
        )
        return self.calendars.apply(source, day)

    def relate_later_by_days(self, start: Symbol, due: Symbol, days: int) -> None:
        """State what is known of the same local time so many days later, as a whole."""
        if len(self.zone.offsets) == 1 or days < 2:  # noqa: PLR2004 - so far no offset can move it
            return
        source = Source(
            f"later_by_days:{self.zone.name}:{days}",
            lambda: functions.later_by_days(self.zone, days),
            lemmas.of_later_by_days,
        )
        self.calendars.relate(source, start, due.value)


def _no_day() -> Symbol:
    return Symbol(z3.IntVal(0), yes())


def later(a: Symbol, b: Symbol) -> Symbol:
    """The later of two times."""
    return strict(pick(a.value > b.value, a.value, b.value), (a, b))


def moment(local: LocalTime, own: Symbol | None, type_: Type, as_of: z3.ArithRef) -> Symbol:
    """As of when a row reads dated rows: its own instant, else `as_of`."""
    if own is None:
        return known(as_of)
    instant = local.start_of(own) if type_ == DATE else own
    neither = any_of((instant.unknown, is_never(instant)))
    return known(pick(neither, as_of, instant.value))
