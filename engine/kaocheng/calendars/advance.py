"""From a start and a limit to a due date or a due instant.

The rules, in the order in which they are applied:

1. `NEVER` stays `NEVER`: a clock that has not begun has no end.
2. An elapsed limit adds its microseconds and nothing else (民法典 201, second sentence).
3. Otherwise the last day is found on the local calendar. The starting day is not counted, or is the
   first counted (民法典 201; EU 1182/71 art. 3(1)); weeks, months and years end on the same weekday
   or day number, or on the month's last day (民法典 202); a limit in working days ends on the n-th
   one counted, and zero of them on the first working day that is not before the start.
4. With `roll`, a last day that is not a working day becomes the next one (民法典 203; EU 1182/71
   art. 3(4); 道路交通安全违法行为记分管理办法 36).
5. On instants, the time of day is set on that day by local wall time, the one of the start unless
   `until` names another; local times that a clock change skips or doubles as in `zones.to_utc`.
6. An instant is never due before its start: `0 days until noon` that starts at 15:00 is due at
   once.

In short, for instants: `due = max(start, to_utc(last_day * DAY + time_of_day))`. Dates are
monotone: a later start is never due earlier. Instants are so only up to the zone's slack
(`zones.zone_slack`), and, where a limit rolls and keeps the time of day, up to a day: Saturday
10:00 rolls to Monday 10:00 and Sunday 09:00 to Monday 09:00.
"""

from __future__ import annotations

from kaocheng.calendars.civil import add_days, add_months
from kaocheng.calendars.editions import Edition
from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.limits import ELAPSED_ZH, Limit
from kaocheng.calendars.numberline import DAY, NEVER, checked_instant
from kaocheng.calendars.zones import Zone, to_local, to_utc


def advance_date(start_days: int, limit: Limit, calendar: Edition | None = None) -> int:
    """The due date of a limit that starts on a date.

    Raises:
        ClockError: the limit is in hours or names a time of day, which dates do not have.
        OutsideEdition: the calendar edition does not reach the days that decide.
    """
    if start_days == NEVER:
        return NEVER
    if limit.elapsed is not None:
        message = f"a limit in {limit.unit}s cannot run from a date"
        raise ClockError(message, zh=f"从日期起算的期限不能以{ELAPSED_ZH[limit.unit]}计算")
    if limit.until != "same_time":
        message = f"a limit on a date ends on a date, so `{limit.until}` has no meaning"
        raise ClockError(message, zh=f"从日期起算的期限以日期届满，`{limit.until}` 没有意义")
    return rolled_day(last_day(start_days, limit, calendar), limit, calendar)


def advance_instant(
    start_us: int, limit: Limit, zone: Zone, calendar: Edition | None = None
) -> int:
    """The due instant of a limit that starts at an instant, in the zone's local time.

    Raises:
        ClockError: the limit needs a calendar or its business hours and there are none.
        OutsideEdition: the calendar edition does not reach the days that decide.
    """
    if start_us == NEVER:
        return NEVER
    if limit.elapsed is not None:
        return checked_instant(start_us + limit.elapsed)
    day, time = divmod(to_local(zone, start_us), DAY)
    due_day = rolled_day(last_day(day, limit, calendar), limit, calendar)
    due_local = due_day * DAY + time_of_day(time, limit, calendar)
    return max(start_us, checked_instant(to_utc(zone, due_local)))


def last_day(day: int, limit: Limit, calendar: Edition | None) -> int:
    """The last day of a limit by days, before it rolls."""
    unit = limit.unit
    if unit == "working_day":
        edition = _needed(calendar)
        if limit.counts_start:
            return edition.nth_from(day, limit.amount)
        return edition.add(day, limit.amount)
    counted = 1 if limit.counts_start else 0
    if unit == "day":
        return add_days(day, limit.amount - counted)
    if unit == "week":
        return add_days(day, 7 * limit.amount - counted)
    months = limit.amount if unit == "month" else 12 * limit.amount
    if not limit.counts_start:
        return add_months(day, months)
    # Counted from its first day, a month is full on the eve of the same day number, or on its last
    # day where it has no such number: from 29 January it ends on 28 February, as from the 31st.
    return max(add_months(day, months) - 1, add_months(day - 1, months))


def rolled_day(day: int, limit: Limit, calendar: Edition | None) -> int:
    """The day on which the limit ends: the day itself or, if the limit rolls, a working day."""
    if limit.roll == "none":
        return day
    return _needed(calendar).next_working(day)


def time_of_day(started: int, limit: Limit, calendar: Edition | None) -> int:
    """The local time at which the limit ends, given the one at which it started."""
    if limit.time_of_day is not None:
        return limit.time_of_day
    if limit.until == "close":
        return _closing_time(_needed(calendar))
    return started


def _needed(calendar: Edition | None) -> Edition:
    if calendar is not None:
        return calendar
    message = "the limit depends on working days or business hours, but there is no calendar"
    raise ClockError(message, zh="期限须按工作日或办公时间计算，但未指定日历")


def _closing_time(calendar: Edition) -> int:
    if calendar.hours:
        return calendar.hours[-1][1]
    message = f"the calendar `{calendar.name}` states no business hours"
    raise ClockError(message, zh=f"日历 `{calendar.name}` 未规定办公时间")
