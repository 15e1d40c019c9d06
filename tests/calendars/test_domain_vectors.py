"""Clock vectors that follow from the texts of real duties."""

from __future__ import annotations

import pytest

from kaocheng.calendars.advance import advance_date, advance_instant
from kaocheng.calendars.countries import build_edition
from kaocheng.calendars.editions import Edition
from kaocheng.calendars.limits import Limit
from kaocheng.calendars.numberline import (
    NEVER,
    format_date,
    format_instant,
    parse_date,
    parse_instant,
)
from kaocheng.calendars.zones import Zone, Zones


@pytest.fixture
def utc(zones: Zones) -> Zone:
    """Universal time."""
    return zones.get("UTC")


def test_a_report_climbs_hop_by_hop(shanghai: Zone) -> None:
    """Head told at 10:00, every hop at its limit: 11:00, 13:00, 15:00, 17:00 (493, arts. 9, 11)."""
    moment = parse_instant("2026-03-02T10:00:00+08:00")
    arrivals = []
    for hours in (1, 2, 2, 2):
        moment = advance_instant(moment, Limit(hours, "hour"), shanghai)
        arrivals.append(format_instant(moment, shanghai)[11:16])

    assert ["11:00", "13:00", "15:00", "17:00"] == arrivals


def test_the_supplement_window_of_a_fire(china: Edition) -> None:
    """A death on day 9 of a fire lies outside the seven days of supplement (493, art. 13)."""
    fire = parse_date("2026-03-01")
    last = advance_date(fire, Limit(7, "day", counts_start=True), china)

    assert "2026-03-07" == format_date(last)
    assert parse_date("2026-03-09") > last


def test_the_earlier_of_two_clocks(utc: Zone) -> None:
    """Aware Monday 00:00, classified Monday 22:00: due Tuesday 00:00, the earlier of two (DORA)."""
    aware, classified = parse_instant("2026-03-02T00:00:00Z"), parse_instant("2026-03-02T22:00:00Z")
    four = advance_instant(classified, Limit(4, "hour"), utc)
    day = advance_instant(aware, Limit(24, "hour"), utc)

    assert "2026-03-03T02:00:00Z" == format_instant(four)
    assert "2026-03-03T00:00:00Z" == format_instant(min(four, day))


def test_a_clock_that_falls_away(utc: Zone) -> None:
    """Classified on Wednesday 10:00, after the 24 hours: due Wednesday 14:00 (DORA)."""
    aware, classified = parse_instant("2026-03-02T00:00:00Z"), parse_instant("2026-03-04T10:00:00Z")
    day = advance_instant(aware, Limit(24, "hour"), utc)
    day = NEVER if classified > day else day
    four = advance_instant(classified, Limit(4, "hour"), utc)

    assert "2026-03-04T14:00:00Z" == format_instant(min(four, day))


def test_a_progress_report_takes_the_place_of_the_final(utc: Zone) -> None:
    """Ongoing after a month: progress report then, final a month after handling (NIS2, art. 23)."""
    month = Limit(1, "month")
    notified, handled = "2026-01-31T09:00:00Z", "2026-03-31T16:00:00Z"

    assert "2026-02-28T09:00:00Z" == format_instant(
        advance_instant(parse_instant(notified), month, utc)
    )
    assert "2026-04-30T16:00:00Z" == format_instant(
        advance_instant(parse_instant(handled), month, utc)
    )


@pytest.mark.parametrize("weekend", [None, ()])
def test_a_month_ends_on_a_make_up_saturday(
    weekend: tuple[int, ...] | None, shanghai: Zone
) -> None:
    """One month from 31 January 2026 ends on 28 February at 24:00 (民法典 202, 203).

    It is a Saturday but a make-up working day, so it does not move, whether or not an ordinary
    weekend counts as a statutory holiday.
    """
    calendar = build_edition("CN", [2026], weekend=weekend)
    limit = Limit(1, "month", roll="next_working_day", until="end_of_day")
    due = advance_instant(parse_instant("2026-01-31T10:00:00+08:00"), limit, shanghai, calendar)

    assert calendar.is_working(parse_date("2026-02-28"))
    assert "2026-03-01T00:00:00+08:00" == format_instant(due, shanghai)


def test_an_ordinary_weekend_is_a_parameter() -> None:
    """One month from 28 February 2026 ends on a Saturday; whether it moves is the calendar's."""
    limit = Limit(1, "month", roll="next_working_day")
    start = parse_date("2026-02-28")
    moves, stays = build_edition("CN", [2026]), build_edition("CN", [2026], weekend=())

    assert "2026-03-30" == format_date(advance_date(start, limit, moves))
    assert "2026-03-28" == format_date(advance_date(start, limit, stays))


def test_noon_of_the_next_working_day_is_a_limit(china: Edition, shanghai: Zone) -> None:
    """Told on Friday afternoon, noon of the next working day is Monday's."""
    limit = Limit(1, "working_day", until="noon")
    due = advance_instant(parse_instant("2026-03-06T15:00:00+08:00"), limit, shanghai, china)

    assert "2026-03-09T12:00:00+08:00" == format_instant(due, shanghai)
