"""Limits in the core: `calendars.advance` and `calendars.pauses` step by step, as columns do it.

Every step is unknown where the calendar would refuse; that what never started is never due is put
on top at the end, so that no step needs to make sense of it.
"""

from __future__ import annotations

from collections.abc import Callable

from kaocheng.calendars.limits import Limit
from kaocheng.calendars.numberline import MICROS
from kaocheng.evaluate.columns import _lists, _times
from kaocheng.evaluate.columns._bounds import fits
from kaocheng.evaluate.columns._nodes import (
    TRUE,
    Behind,
    ListChoice,
    Listing,
    Meaning,
    Paused,
    Rooted,
    call,
    number,
    unknown,
    when,
)
from kaocheng.evaluate.columns._setting import Setting, unsupported
from kaocheng.language.expressions import Call, Expr, Field, Literal, Variable
from kaocheng.language.types import BOOL, DATE, INSTANT, INT

_PER_WEEK, _MONTHS_PER_YEAR = 7, 12


def advanced(setting: Setting, start: Expr, limit: Limit, amount: Expr | None) -> Expr:
    """`start` moved on by the limit, with an amount given by the case or the limit's own."""
    if amount is None:
        return _Advance(setting, start, limit, number(limit.amount)).due()
    return _valid(limit, amount, _Advance(setting, start, limit, amount).due())


def paused(
    setting: Setting, start: Expr, limit: Limit, amount: Expr | None, pauses: Listing
) -> Expr:
    """The same, stopped while one of the pauses holds."""
    if isinstance(pauses, ListChoice):
        yes, no = (paused(setting, start, limit, amount, p) for p in (pauses.yes, pauses.no))
        return when(pauses.condition, yes, no)
    if not isinstance(pauses, Rooted) or not isinstance(pauses.root, Behind):
        raise unsupported(
            "pauses", "they are not the rows behind a link", zh="它们不是某一链接之下的行"
        )
    given = number(limit.amount) if amount is None else amount
    due = _Pausing(setting, start, limit, given, pauses).due()
    return due if amount is None else _valid(limit, amount, due)


def _valid(limit: Limit, amount: Expr, due: Expr) -> Expr:
    """A limit is never negative, and one that counts its starting day is a day long at least."""
    return when(call("ge", BOOL, amount, number(int(limit.counts_start))), due)


class _Advance:
    """The steps from a start to its due time."""

    def __init__(self, setting: Setting, start: Expr, limit: Limit, amount: Expr) -> None:
        self.setting = setting
        self.start = start
        self.limit = limit
        self.amount = amount
        self.dates = start.type == DATE
        self.counted = int(limit.counts_start)

    def due(self) -> Expr:
        """The due date or the due instant."""
        if self.limit.elapsed is not None:
            return unknown(DATE) if self.dates else self._elapsed()
        return self._due_date() if self.dates else self._due_instant()

    def _elapsed(self) -> Expr:
        budget = self._times(self.amount, MICROS[self.limit.unit])
        due = _times.moved("shift", self.start, budget)
        return due if isinstance(budget, Literal) else self.unless_never(due)

    def _due_date(self) -> Expr:
        if self.limit.until != "same_time":
            return self.unless_never(unknown(DATE))
        last = self.rolled(self.last_day(self.start))
        if isinstance(last, Call) and last.op == "add_days":
            return last
        return self.unless_never(call("_day_in_range", DATE, last))

    def _due_instant(self) -> Expr:
        return self.at_time(self.rolled(self.last_day(self.first_day)))

    @property
    def _wall(self) -> Expr:
        offset = _times.utc_offset(self.setting.zone, self.start)
        return call("_once", INT, call("_wall", INT, self.start, offset))

    @property
    def first_day(self) -> Expr:
        """The date of the start, or its local date."""
        return self.start if self.dates else call("_day_of_wall", DATE, self._wall)

    @property
    def time(self) -> Expr:
        """The local time of day at which the limit ends."""
        edition = self.setting.edition
        if self.limit.time_of_day is not None:
            return number(self.limit.time_of_day)
        if self.limit.until == "close":
            hours = () if edition is None else edition.hours
            return number(hours[-1][1]) if hours else unknown(INT)
        return call("_time_of_wall", INT, self._wall)

    def at_time(self, day: Expr) -> Expr:
        """The due instant on a day; never where there is no such day."""
        wall = call("_at", INT, day, self.time)
        offset = _times.local_offset(self.setting.zone, wall)
        return call("_due", INSTANT, self.start, wall, offset)

    def unless_never(self, due: Expr) -> Expr:
        """What never started is never due."""
        return call("_unless_start_never", self.start.type, self.start, due)

    def last_day(self, day: Expr) -> Expr:
        """The last day of a limit by days, before it rolls."""
        unit = self.limit.unit
        if unit == "working_day":
            return self._working_days(day)
        if unit in {"day", "week"}:
            days = self._times(self.amount, 1 if unit == "day" else _PER_WEEK)
            return _times.moved("add_days", day, self._minus(days, self.counted))
        months = self._times(self.amount, 1 if unit == "month" else _MONTHS_PER_YEAR)
        later = _times.moved("add_months", day, months)
        if not self.counted:
            return later
        eve = _times.moved("add_months", call("_later", DATE, day, number(-1)), months)
        return call("_max_of", DATE, TRUE, self._minus(later, 1), TRUE, eve)

    def _working_days(self, day: Expr) -> Expr:
        if self.setting.edition is None:
            return unknown(DATE)
        before = call("_working_days_before", INT, day)
        if self.counted:
            return nth_working(call("add", INT, before, self._minus(self.amount, 1)))
        worked = when(call("_is_worked", BOOL, day), number(1), number(0))
        later = call("add", INT, self._minus(self.amount, 1), worked)
        zero = call("eq", BOOL, self.amount, number(0))
        return nth_working(call("add", INT, before, when(zero, number(0), later)))

    def rolled(self, day: Expr) -> Expr:
        """The day on which the limit ends: the day itself or, if the limit rolls, a working day."""
        if self.limit.roll == "none":
            return day
        return unknown(DATE) if self.setting.edition is None else next_working(day)

    def _times(self, amount: Expr, factor: int) -> Expr:
        if factor == 1:
            return amount
        product = call("mul", INT, amount, number(factor))
        return _written_out(product, amount, lambda value: value * factor)

    def _minus(self, amount: Expr, less: int) -> Expr:
        if not less:
            return amount
        difference = call("sub", amount.type, amount, number(less))
        return _written_out(difference, amount, lambda value: value - less)


def _written_out(expr: Expr, amount: Expr, compute: Callable[[int], int]) -> Expr:
    """The number itself where the amount is one, unless it has more than 64 bits."""
    if not isinstance(amount, Literal) or not isinstance(amount.value, int):
        return expr
    value = compute(amount.value)
    return number(value, expr.type) if fits((value, value)) else expr


def nth_working(index: Expr) -> Expr:
    """The working day of the calendar that has so many others before it."""
    return call("_nth_working_day", DATE, index)


def next_working(day: Expr) -> Expr:
    """The day itself if it is a working day, else the next one."""
    return nth_working(call("_working_days_before", INT, day))


class _Pausing(_Advance):
    """The same steps on a clock that stops."""

    def __init__(
        self, setting: Setting, start: Expr, limit: Limit, amount: Expr, pauses: Rooted
    ) -> None:
        super().__init__(setting, start, limit, amount)
        self.pauses = pauses
        self.begins, self.until = (self._column(name) for name in ("from", "until"))

    def due(self) -> Expr:
        """The due time; unknown where one of the pauses' times is, even if there is no start."""
        plain = super().due()
        found = call("_if_there", plain.type, plain, self._due(plain))
        known = _lists.reduced("all", self.pauses, BOOL, self._is_known)
        return when(known, self.unless_never(found))

    def _column(self, name: str) -> Expr:
        item = self.pauses.item
        if not isinstance(item, Variable):
            raise unsupported(
                "pauses", "they are not the rows behind a link", zh="它们不是某一链接之下的行"
            )
        return Field(row=item, name=name, type=self.start.type)

    def _is_known(self, _: Meaning) -> Expr:
        known = call("eq", BOOL, self.begins, self.until)
        return call("or", BOOL, known, call("not", BOOL, known))

    def _due(self, plain: Expr) -> Expr:
        limit = self.limit
        if limit.elapsed is not None:
            return unknown(plain.type) if self.dates else self._elapsed_due(plain)
        if self.dates:
            return call("_day_in_range", DATE, self._paused_day(self.start, None))
        if limit.until == "same_time" and not limit.by_working_days:
            return self._elapsed_due(plain)
        time = call("_once", INT, self.time)
        return self.at_time(self._paused_day(self.first_day, time))

    def _elapsed_due(self, plain: Expr) -> Expr:
        budget = call("sub", INT, plain, self.start)
        spent = self._spent(self.start, budget, None, ordinals=False)
        return call("_instant_in_range", INSTANT, spent)

    def _paused_day(self, day: Expr, time: Expr | None) -> Expr:
        plain = self.last_day(day)
        first = self._first_counted(day)
        if self.limit.unit == "working_day":
            return self._paused_working_day(plain, first, time)
        budget = call("sub", INT, call("_later", INT, plain, number(1)), first)
        end = self._spent(first, budget, time, ordinals=False)
        last = call("_before_end", DATE, end)
        if self.limit.roll == "none":
            return call("_day_in_range", DATE, last)
        if self.setting.edition is None:
            return unknown(DATE)
        return call("_unless_start_never", DATE, last, self._free(last, time))

    def _first_counted(self, day: Expr) -> Expr:
        """The first day on which the limit may end; with zero days that is the start itself."""
        if self.counted:
            return day
        later = call("_later", INT, day, number(1))
        if isinstance(self.amount, Literal):
            return later if self.amount.value else day
        return when(call("eq", BOOL, self.amount, number(0)), day, later)

    def _paused_working_day(self, plain: Expr, first: Expr, time: Expr | None) -> Expr:
        if self.setting.edition is None:
            return unknown(DATE)
        count = call("_working_days_until", INT, first)
        end = self._spent(count, self.amount, time, ordinals=True)
        last = call("_nth_before_end", DATE, end, nth_working(call("_before_end", INT, end)))
        zero = call("eq", BOOL, self.amount, number(0))
        return when(zero, self._free(plain, time), last)

    def _spent(self, start: Expr, budget: Expr, time: Expr | None, *, ordinals: bool) -> Expr:
        return self._node("spent", start, budget, time, ordinals=ordinals)

    def _free(self, day: Expr, time: Expr | None) -> Expr:
        """The first working day from a day on that is not lost."""
        return self._node("free", next_working(day), None, time, ordinals=False)

    def _node(
        self, how: str, start: Expr, budget: Expr | None, time: Expr | None, *, ordinals: bool
    ) -> Expr:
        root = self.pauses.root
        if not isinstance(root, Behind):
            raise unsupported(
                "pauses", "they are not the rows behind a link", zh="它们不是某一链接之下的行"
            )
        return Paused(
            how=how,
            pauses=root,
            variable=self.pauses.variable,
            keep=self.pauses.keep,
            begins=self.begins,
            until=self.until,
            start=start,
            budget=budget,
            since=None if time is None else self.start,
            time=time,
            ordinals=ordinals,
            type=INT,
        )
