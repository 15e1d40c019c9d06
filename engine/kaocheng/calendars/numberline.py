"""The one number line of all evaluators: dates are days, instants and durations microseconds.

Day 0 is 1970-01-01; instant 0 is its beginning in UTC. `NEVER` is later than everything,
`BEGINNING` earlier. Text is ISO 8601 for dates and RFC 3339 for instants, years 0001 to 9999,
offset required.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Protocol

from kaocheng.calendars.errors import ClockError
from kaocheng.errors import cut

NEVER = 2**63 - 1
"""The time of an event that has not happened: later than every date and every instant."""
BEGINNING = -(2**63)
"""Where the first row of an as-of table begins: before every date and every instant."""

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY
MICROS: Mapping[str, int] = MappingProxyType({"second": SECOND, "minute": MINUTE, "hour": HOUR})
"""The elapsed units, in microseconds. A day of the calendar is not among them."""

FIRST_DAY = -719_162
"""0001-01-01."""
LAST_DAY = 2_932_896
"""9999-12-31."""
FIRST_INSTANT = FIRST_DAY * DAY
LAST_INSTANT = (LAST_DAY + 1) * DAY - 1
EVENT_DAYS = range(FIRST_DAY + 1, LAST_DAY)
"""The days on which an event may be: in every zone the whole of it is within the calendar."""
EVENT_INSTANTS = range(EVENT_DAYS.start * DAY, EVENT_DAYS.stop * DAY)
"""The instants at which an event may be: those of these days in UTC."""

_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - wherever the clock is that shows it
_EPOCH_ORDINAL = 719_163
_DATE = r"(\d{4})-(\d\d)-(\d\d)"
_INSTANT = _DATE + r"[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)?"
_MONTH_DAYS = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY = 2
_MONTHS, _HOURS, _SIXTIETHS, _FRACTION_DIGITS = 12, 24, 60, 6


class OffsetTable(Protocol):
    """An as-of table of offsets from UTC: offset `i` holds from `utc_starts[i]` on."""

    @property
    def utc_starts(self) -> tuple[int, ...]:
        """Instants in ascending order; the first is `BEGINNING`."""

    @property
    def offsets(self) -> tuple[int, ...]:
        """Local time minus UTC in microseconds."""


def is_leap(year: int) -> bool:
    """Whether the year has a 29th of February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    """The number of the month's last day."""
    return 29 if month == _FEBRUARY and is_leap(year) else _MONTH_DAYS[month]


def days_from_civil(year: int, month: int, day: int) -> int:
    """The day number of a year, month and day that are known to exist."""
    # Years counted from March end with the leap day, which makes month lengths periodic.
    shifted = year - (month <= _FEBRUARY)
    era, year_of_era = divmod(shifted, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    day_of_era = 365 * year_of_era + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146_097 + day_of_era - 719_468


def civil_from_days(days: int) -> tuple[int, int, int]:
    """The year, month and day of a day number."""
    era, day_of_era = divmod(days + 719_468, 146_097)
    leap_days = day_of_era // 1_460 - day_of_era // 36_524 + day_of_era // 146_096
    year_of_era = (day_of_era - leap_days) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted_month + 2) // 5 + 1
    month = shifted_month + 3 if shifted_month < 10 else shifted_month - 9  # noqa: PLR2004 - from March
    return year_of_era + 400 * era + (month <= _FEBRUARY), month, day


def date_to_days(date: dt.date) -> int:
    """The day number of a date object."""
    return date.toordinal() - _EPOCH_ORDINAL


def days_to_date(days: int) -> dt.date:
    """The date object of a day number; only for tables and for callers outside the core."""
    return dt.date.fromordinal(checked_day(days) + _EPOCH_ORDINAL)


def checked_day(days: int) -> int:
    """The day itself, or an error when it lies outside the years 0001 to 9999."""
    if FIRST_DAY <= days <= LAST_DAY:
        return days
    raise _out_of_range("date", "日期")


def checked_instant(us: int) -> int:
    """The instant itself, or an error when it lies outside the years 0001 to 9999."""
    if FIRST_INSTANT <= us <= LAST_INSTANT:
        return us
    raise _out_of_range("instant", "时刻")


def checked_event_time(at: int | None, date: int | None) -> None:
    """Refuse a time that no event can have: within a day of the ends of the calendar."""
    if at is not None and at not in EVENT_INSTANTS:
        raise _out_of_events("instant", "时刻")
    if date is not None and date not in EVENT_DAYS:
        raise _out_of_events("date", "日期")


def parse_date(text: str) -> int:
    """The day number of `2009-03-02`."""
    found = re.fullmatch(_DATE, text, re.ASCII)
    if found is None:
        text = cut(text)
        message = f"`{text}` is not a date; write it as `2009-03-02`"
        raise ClockError(message, zh=f"`{text}` 不是日期，应写作 `2009-03-02`")
    return _existing_day(text, *map(int, found.groups()))


def format_date(days: int) -> str:
    """The day as `2009-03-02`; `NEVER` as `never`."""
    return "never" if days == NEVER else days_to_date(days).isoformat()


def parse_instant(text: str) -> int:
    """The instant of an RFC 3339 text such as `2009-03-02T09:00:00+08:00`.

    The offset is required, because a local time alone is not an instant. What the number line
    cannot hold is refused rather than rounded: leap seconds, and fractions finer than a
    microsecond.
    """
    found = re.fullmatch(_INSTANT, text, re.ASCII)
    text = cut(text)
    if found is None:
        message = f"`{text}` is not an instant; write it as `2009-03-02T09:00:00+08:00`"
        raise ClockError(message, zh=f"`{text}` 不是时刻，应写作 `2009-03-02T09:00:00+08:00`")
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    days = _existing_day(text, int(year), int(month), int(day))
    time = _existing_time(text, int(hour), int(minute), int(second))
    us = days * DAY + time + _existing_fraction(text, fraction) - _existing_offset(text, offset)
    return checked_instant(us)


def format_instant(us: int, zone: OffsetTable | None = None) -> str:
    """The instant in RFC 3339 with the zone's offset, in UTC (`Z`) without one; `NEVER` as `never`.

    UTC is also used where RFC 3339 cannot write the local time: an offset that is not in whole
    minutes (local mean time, before standard time), and a local year outside 0001 to 9999.
    """
    if us == NEVER:
        return "never"
    checked_instant(us)
    offset = 0 if zone is None else zone.offsets[bisect_right(zone.utc_starts, us) - 1]
    if zone is None or offset % MINUTE or not FIRST_INSTANT <= us + offset <= LAST_INSTANT:
        return _format_wall(us) + "Z"
    sign = "-" if offset < 0 else "+"
    hours, minutes = divmod(abs(offset) // MINUTE, 60)
    return f"{_format_wall(us + offset)}{sign}{hours:02d}:{minutes:02d}"


def parse_time_of_day(text: str) -> int:
    """The microseconds from local midnight to `17:30`; `24:00` is refused."""
    found = re.fullmatch(r"(\d\d):(\d\d)", text, re.ASCII)
    if found is None:
        message = f"`{text}` is not a time of day; write it as `17:30`"
        raise ClockError(message, zh=f"`{text}` 不是一天中的时间，应写作 `17:30`")
    return _existing_time(text, int(found[1]), int(found[2]), 0)


@lru_cache(maxsize=64)  # an event and its messages say the same time
def _format_wall(wall: int) -> str:
    return (_EPOCH + dt.timedelta(microseconds=wall)).isoformat()


def _existing_day(text: str, year: int, month: int, day: int) -> int:
    if year and 1 <= month <= _MONTHS and 1 <= day <= days_in_month(year, month):
        return days_from_civil(year, month, day)
    message = f"`{text}` names a day that does not exist"
    raise ClockError(message, zh=f"`{text}` 中的日期不存在")


def _existing_time(text: str, hour: int, minute: int, second: int) -> int:
    if hour < _HOURS and minute < _SIXTIETHS and second < _SIXTIETHS:
        return hour * HOUR + minute * MINUTE + second * SECOND
    if (hour, minute, second) == (_HOURS, 0, 0):
        message = f"`{text}` ends a day with 24:00; write 00:00 of the next day"
        raise ClockError(message, zh=f"`{text}` 写了 24:00，应写作次日 00:00")
    if second == _SIXTIETHS and minute < _SIXTIETHS and hour < _HOURS:
        message = f"`{text}` has a leap second; write the second after it"
        raise ClockError(message, zh=f"`{text}` 含闰秒，应写作其后一秒")
    message = f"`{text}` names a time that does not exist"
    raise ClockError(message, zh=f"`{text}` 中的时间不存在")


def _existing_fraction(text: str, digits: str | None) -> int:
    if digits is None:
        return 0
    if digits[_FRACTION_DIGITS:].strip("0"):
        message = f"`{text}` is finer than a microsecond; write at most six decimals"
        raise ClockError(message, zh=f"`{text}` 的精度高于微秒，小数最多六位")
    return int(digits[:_FRACTION_DIGITS].ljust(_FRACTION_DIGITS, "0"))


def _existing_offset(text: str, offset: str | None) -> int:
    if offset is None:
        message = f"`{text}` has no offset from UTC; end it with one, such as `+08:00`, or with `Z`"
        raise ClockError(message, zh=f"`{text}` 没有时区偏移，末尾应写 `+08:00` 之类的偏移或 `Z`")
    if offset in {"Z", "z"}:
        return 0
    hours, minutes = int(offset[1:3]), int(offset[4:6])
    if hours >= _HOURS or minutes >= _SIXTIETHS:
        message = f"`{text}` has the offset `{offset}`, which does not exist"
        raise ClockError(message, zh=f"`{text}` 中的时区偏移 `{offset}` 不存在")
    size = hours * HOUR + minutes * MINUTE
    return -size if offset[0] == "-" else size


def _out_of_events(what: str, what_zh: str) -> ClockError:
    first, last = format_date(EVENT_DAYS[0]), format_date(EVENT_DAYS[-1])
    message = f"the {what} lies outside the days from {first} to {last}"
    return ClockError(message, zh=f"{what_zh}超出 {first} 至 {last} 的范围")


def _out_of_range(what: str, what_zh: str) -> ClockError:
    message = f"the {what} lies outside the years 0001 to 9999"
    return ClockError(message, zh=f"{what_zh}超出公元 0001 年至 9999 年的范围")
