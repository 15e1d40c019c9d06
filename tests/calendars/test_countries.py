"""Editions of countries, and the years that are known."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable

import pytest

from kaocheng.calendars.countries import PUBLISHED_YEARS, build_edition, known_years
from kaocheng.calendars.editions import Edition
from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import days_to_date, format_date, parse_date


def worked(edition: Edition, dates: Iterable[str]) -> list[bool]:
    """Whether each of these dates is worked."""
    return [edition.is_working(parse_date(date)) for date in dates]


def refused(country: str, years: Iterable[int], **options: object) -> ClockError:
    """Why there is no such edition."""
    with pytest.raises(ClockError) as error:
        build_edition(country, years, **options)  # type: ignore[arg-type]
    return error.value


def test_the_make_up_days_of_2026_are_worked(china: Edition) -> None:
    """The six weekend days that the notice for 2026 makes working days are worked."""
    dates = ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]

    assert [True] * 6 == worked(china, dates)
    assert [dt.date.fromisoformat(date) for date in dates] == [
        days_to_date(day) for day in china.working if day >= parse_date("2026-01-01")
    ]


def test_the_spring_festival_of_2026_is_off(china: Edition) -> None:
    """Nine days off from 15 to 23 February 2026, with a working Saturday before and after."""
    first = parse_date("2026-02-14")
    week = [china.is_working(day) for day in range(first, first + 11)]

    assert [True, *[False] * 9, True] == week


def test_a_make_up_day_before_new_year_is_worked(china: Edition) -> None:
    """The notice for 2012 made Saturday 31 December 2011 a working day."""
    assert [True] == worked(china, ["2011-12-31"])


@pytest.mark.parametrize("country", ["CN", "NL", "US", "HU", "AE"])
def test_every_day_agrees_with_the_package(country: str) -> None:
    """An edition holds exactly the working days that the package publishes."""
    import holidays

    years = range(2019, 2027)
    published = holidays.country_holidays(country, years=years, expand=False)
    edition = build_edition(country, years)
    days = range(edition.first_day, edition.last_day + 1)

    assert [] == [
        format_date(day)
        for day in days
        if edition.is_working(day) != published.is_working_day(days_to_date(day))
    ]


def test_the_name_says_what_is_covered() -> None:
    """An edition is named after its country or region and its years."""
    assert "NL 2024-2025" == build_edition("NL", [2025, 2024]).name
    assert "BY 2024-2024" == build_edition("DE", [2024], subdivision="BY").name


def test_a_region_has_its_own_holidays() -> None:
    """Epiphany is off in Bavaria and worked in Berlin."""
    bavaria = build_edition("DE", [2026], subdivision="BY")
    berlin = build_edition("DE", [2026], subdivision="BE")

    assert [False] == worked(bavaria, ["2026-01-06"])
    assert [True] == worked(berlin, ["2026-01-06"])


def test_without_weekend_only_holidays_are_off() -> None:
    """An edition without a weekend works on ordinary Saturdays, not on public holidays."""
    edition = build_edition("CN", [2026], weekend=())

    assert [True, True, False] == worked(edition, ["2026-03-07", "2026-02-28", "2026-10-01"])


def test_another_weekend_may_be_given() -> None:
    """A weekend of Friday replaces that of the country; published make-up days stay worked."""
    edition = build_edition("CN", [2026], weekend=[5])

    assert [False, True, True] == worked(edition, ["2026-03-06", "2026-03-07", "2026-02-28"])


def test_unpublished_years_of_china_are_refused() -> None:
    """A Chinese year without a notice is an error and not a weekday."""
    later, earlier = refused("CN", range(2025, 2028)), refused("CN", [2000])

    assert (2001, 2026) == PUBLISHED_YEARS["CN"]
    assert "the working days of `CN` are known for 2001 to 2026, not for 2027" == later.message
    assert "`CN` 的工作日安排只掌握 2001 至 2026 年，不包括 2027 年" == later.zh
    assert "the working days of `CN` are known for 2001 to 2026, not for 2000" == earlier.message


def test_every_published_year_of_china_is_known() -> None:
    """The installed package knows make-up days for each year that we call published."""
    first, last = PUBLISHED_YEARS["CN"]
    edition = build_edition("CN", range(first, last + 1))

    assert set(range(first, last + 1)) == {days_to_date(day).year for day in edition.working}


def test_an_older_package_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that has no make-up days for a published year is too old for it."""
    import holidays

    published = holidays.country_holidays("CN", years=[2025, 2026])
    published.weekend_workdays = {d for d in published.weekend_workdays if d.year < 2026}
    monkeypatch.setattr(holidays, "country_holidays", lambda *_, **__: published)
    error = refused("CN", [2025, 2026])

    assert (
        "the installed `holidays` does not know the working days of `CN` in 2026" == error.message
    )
    assert "已安装的 `holidays` 没有 `CN` 2026 年的工作日安排" == error.zh


@pytest.mark.parametrize(
    ("country", "known"),
    [("NL", range(1990, 2061)), ("DE", range(1991, 2061)), ("CN", range(2001, 2027))],
)
def test_the_years_that_are_known(country: str, known: range) -> None:
    """The package knows some countries only from a later year on; their calendars begin there."""
    assert known == known_years(country, 1990, 2060)
    assert known[0] == days_to_date(build_edition(country, known).first_day).year


def test_years_before_the_package_begins_are_refused() -> None:
    """A year that the package does not reach is an error for any country."""
    error = refused("NL", [1900])

    assert (
        "the installed `holidays` does not know the working days of `NL` in 1900" == error.message
    )


@pytest.mark.parametrize("years", [[], [2019, 2021]])
def test_years_have_no_gaps(years: list[int]) -> None:
    """An edition covers one stretch of years."""
    error = refused("NL", years)

    assert "the calendar `NL` needs consecutive years" == error.message
    assert "日历 `NL` 需要连续的年份" == error.zh


def test_unknown_countries_and_regions_are_refused() -> None:
    """A code that is unknown is refused with the nearest one."""
    country = refused("cn", [2020])
    region = refused("DE", [2020], subdivision="BAY")

    assert "no calendar is known for the country `cn`" == country.message
    assert "没有国家代码 `cn` 的日历" == country.zh
    assert "no calendar is known for the subdivision `BAY`; did you mean `BY`" == region.message
    assert "没有地区代码 `BAY` 的日历；是否想写 `BY`" == region.zh


def test_the_extra_is_named_when_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package the message says which extra to install."""
    monkeypatch.setitem(sys.modules, "holidays", None)
    error = refused("CN", [2026])

    assert "the calendar `CN` needs the extra `calendars` (`kaocheng[calendars]`)" == error.message
    assert "日历 `CN` 需要安装扩展 `calendars`（`kaocheng[calendars]`）" == error.zh
