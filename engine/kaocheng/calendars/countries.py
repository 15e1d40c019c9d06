"""Calendar editions of countries, from the `holidays` package of the extra `calendars`.

The package computes holidays for any year, but where a government moves working days by notice it
knows only the years whose notice has appeared. For those countries the years are bounded here, by
hand, and any other year is refused: a guessed working day is worse than none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from kaocheng.calendars.editions import Edition, Interval
from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import date_to_days
from kaocheng.diagnostics import nearest

if TYPE_CHECKING:
    from types import ModuleType

    from holidays import HolidayBase

PUBLISHED_YEARS: Mapping[str, tuple[int, int]] = MappingProxyType({"CN": (2001, 2026)})
"""First and last year whose working days the government has announced and we have checked."""


def build_edition(
    country: str,
    years: Iterable[int],
    *,
    weekend: Iterable[int] | None = None,
    hours: tuple[Interval, ...] = (),
    subdivision: str | None = None,
) -> Edition:
    """The edition of a country (`CN`) over consecutive years.

    Without `weekend` it is the country's own, with the days that are worked instead. `weekend=()`
    makes an edition whose only days off are the public holidays.
    """
    first, last = _year_range(country, years)
    published = _holidays(country, subdivision, first, last)
    base = tuple(day + 1 for day in published.weekend) if weekend is None else tuple(weekend)
    off, on = _exceptions(published, base, first, last, own_weekend=weekend is None)
    return Edition(
        f"{subdivision or country} {first}-{last}",
        date_to_days(dt.date(first, 1, 1)),
        date_to_days(dt.date(last, 12, 31)),
        weekend=base,
        non_working=off,
        working=on,
        hours=hours,
    )


def known_years(country: str, first: int, last: int) -> range:
    """The years for which the working days of a country are known.

    They are those that the government has announced, or those from `first` to `last` that the
    package computes: it knows some countries only from their foundation on.
    """
    if country in PUBLISHED_YEARS:
        announced_first, announced_last = PUBLISHED_YEARS[country]
        return range(announced_first, announced_last + 1)
    published = _package(country, None).country_holidays(country)
    return range(max(first, published.start_year), min(last, published.end_year) + 1)


def _exceptions(
    published: HolidayBase, weekend: tuple[int, ...], first: int, last: int, *, own_weekend: bool
) -> tuple[list[int], list[int]]:
    """The days off within the week and the worked days within the weekend."""
    off: list[int] = []
    on: list[int] = []
    date, end = dt.date(first, 1, 1), dt.date(last, 12, 31)
    while date <= end:
        rests = date.isoweekday() in weekend
        # The country's own weekend may differ from year to year, so its days are asked one by one.
        if own_weekend:
            works = published.is_working_day(date)
        else:
            works = date in published.weekend_workdays if rests else date not in published
        if works == rests:
            (on if works else off).append(date_to_days(date))
        date += dt.timedelta(days=1)
    return off, on


def _year_range(country: str, years: Iterable[int]) -> tuple[int, int]:
    wanted = sorted(set(years))
    if not wanted or wanted != list(range(wanted[0], wanted[-1] + 1)):
        message = f"the calendar `{country}` needs consecutive years"
        raise ClockError(message, zh=f"日历 `{country}` 需要连续的年份")
    first, last = PUBLISHED_YEARS.get(country, (wanted[0], wanted[-1]))
    unknown = [year for year in wanted if not first <= year <= last]
    if unknown:
        message = (
            f"the working days of `{country}` are known for {first} to {last}, not for {unknown[0]}"
        )
        zh = f"`{country}` 的工作日安排只掌握 {first} 至 {last} 年，不包括 {unknown[0]} 年"
        raise ClockError(message, zh=zh)
    return wanted[0], wanted[-1]


def _holidays(country: str, subdivision: str | None, first: int, last: int) -> HolidayBase:
    published: HolidayBase = _package(country, subdivision).country_holidays(
        country, subdiv=subdivision, years=range(first, last + 1), expand=False
    )
    _check_years(country, published, first, last)
    return published


def _package(country: str, subdivision: str | None) -> ModuleType:
    """The package `holidays`, which knows the country."""
    try:
        import holidays
    except ModuleNotFoundError as error:
        message = f"the calendar `{country}` needs the extra `calendars` (`kaocheng[calendars]`)"
        zh = f"日历 `{country}` 需要安装扩展 `calendars`（`kaocheng[calendars]`）"
        raise ClockError(message, zh=zh) from error
    known = holidays.list_supported_countries()
    if country not in known:
        raise _unknown("country", "国家代码", country, known)
    if subdivision is not None and subdivision not in known[country]:
        raise _unknown("subdivision", "地区代码", subdivision, known[country])
    return holidays


def _check_years(country: str, published: HolidayBase, first: int, last: int) -> None:
    """Refuse years that the installed package does not know, whatever we know of them."""
    known = range(published.start_year, published.end_year + 1)
    announced = {day.year for day in published.weekend_workdays}
    for year in range(first, last + 1):
        if year not in known or (country in PUBLISHED_YEARS and year not in announced):
            message = (
                f"the installed `holidays` does not know the working days of `{country}` in {year}"
            )
            zh = f"已安装的 `holidays` 没有 `{country}` {year} 年的工作日安排"
            raise ClockError(message, zh=zh)


def _unknown(what: str, what_zh: str, seen: str, known: Iterable[str]) -> ClockError:
    suggestion = nearest(seen, known)
    hint = f"; did you mean `{suggestion}`" if suggestion else ""
    hint_zh = f"；是否想写 `{suggestion}`" if suggestion else ""
    message = f"no calendar is known for the {what} `{seen}`{hint}"
    return ClockError(message, zh=f"没有{what_zh} `{seen}` 的日历{hint_zh}")
