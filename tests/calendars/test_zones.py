"""Zones as tables: local time and back, exactly as zoneinfo has it."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaocheng.calendars.errors import ClockError, UnknownZoneError
from kaocheng.calendars.numberline import (
    BEGINNING,
    DAY,
    HOUR,
    NEVER,
    SECOND,
    format_instant,
    parse_instant,
)
from kaocheng.calendars.zones import (
    Zone,
    Zones,
    build_zone,
    local_day,
    to_local,
    to_utc,
    zone_rows,
    zone_slack,
)

NAMES = (
    "Africa/Casablanca",  # summer time stops for Ramadan, with negative daylight saving
    "Africa/Freetown",  # the shortest stay between two changes, four days of 1939
    "America/Havana",  # midnight occurs twice
    "America/Los_Angeles",
    "America/Sao_Paulo",  # midnight was skipped
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Shanghai",
    "Asia/Tehran",
    "Australia/Lord_Howe",  # half an hour of summer time
    "Europe/Amsterdam",
    "Europe/Dublin",
    "Pacific/Apia",  # skipped a whole day
    "UTC",
)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
WALL = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - local wall time has no offset
MICROSECOND = dt.timedelta(microseconds=1)
FIRST, LAST = parse_instant("1900-01-02T00:00:00Z"), parse_instant("2100-12-30T00:00:00Z")
INSTANTS = st.integers(FIRST, LAST)


def oracle_to_local(name: str, us: int) -> int:
    """The local wall time of an instant according to zoneinfo."""
    moment = (EPOCH + us * MICROSECOND).astimezone(zoneinfo.ZoneInfo(name))
    return (moment.replace(tzinfo=None) - WALL) // MICROSECOND


def oracle_to_utc(name: str, local: int) -> int:
    """The instant of a wall time according to zoneinfo, with the first of two (fold 0)."""
    moment = (WALL + local * MICROSECOND).replace(tzinfo=zoneinfo.ZoneInfo(name))
    return (moment.astimezone(dt.UTC) - EPOCH) // MICROSECOND


def around_changes(zone: Zone) -> list[int]:
    """Instants and wall times on and next to every change of a zone."""
    edges = {edge for edge in (*zone.utc_starts, *zone.local_starts) if edge != BEGINNING}
    edges |= {start + offset for start, offset in zone_rows(zone).utc if start != BEGINNING}
    steps = (-HOUR, -1800 * SECOND, -1, 0, 1, 1800 * SECOND, HOUR)
    return sorted(min(LAST, max(FIRST, edge + step)) for edge in edges for step in steps)


@pytest.mark.parametrize("name", NAMES)
def test_every_change_agrees_with_zoneinfo(zones: Zones, name: str) -> None:
    """Around every clock change, local time and back are those of zoneinfo to the microsecond."""
    zone = zones.get(name)
    times = around_changes(zone)

    assert [oracle_to_local(name, t) for t in times] == [to_local(zone, t) for t in times]
    assert [oracle_to_utc(name, t) for t in times] == [to_utc(zone, t) for t in times]


@given(name=st.sampled_from(NAMES), times=st.lists(INSTANTS, min_size=1))
def test_any_time_agrees_with_zoneinfo(zones: Zones, name: str, times: list[int]) -> None:
    """At any time of two centuries, local time and back are those of zoneinfo."""
    zone = zones.get(name)

    assert [oracle_to_local(name, t) for t in times] == [to_local(zone, t) for t in times]
    assert [oracle_to_utc(name, t) for t in times] == [to_utc(zone, t) for t in times]


@given(st.sampled_from(sorted(zoneinfo.available_timezones())), st.lists(INSTANTS, min_size=20))
def test_any_zone_agrees_with_zoneinfo(name: str, times: list[int]) -> None:
    """The tables of all zones, not only of the well known ones, are those of zoneinfo."""
    if name in {"Factory", "localtime"}:
        return
    zone = build_zone(name)

    assert [oracle_to_local(name, t) for t in times] == [to_local(zone, t) for t in times]
    assert [oracle_to_utc(name, t) for t in times] == [to_utc(zone, t) for t in times]


@given(name=st.sampled_from(NAMES), us=INSTANTS)
def test_back_and_forth_loses_only_the_second_hour(zones: Zones, name: str, us: int) -> None:
    """An instant comes back from local time as itself, or as the first with that wall time."""
    zone = zones.get(name)
    back = to_utc(zone, to_local(zone, us))

    assert back <= us
    assert to_local(zone, us) == to_local(zone, back)


@given(name=st.sampled_from(NAMES), local=INSTANTS)
def test_one_look_up_by_local_time_is_enough(zones: Zones, name: str, local: int) -> None:
    """The rows for an as-of join give the very instant that `to_utc` gives."""
    zone = zones.get(name)
    rows = zone_rows(zone).local
    offset = rows[bisect_right([start for start, _ in rows], local) - 1][1]

    assert to_utc(zone, local) == local - offset


def test_the_rows_join_in_a_database(zones: Zones) -> None:
    """An as-of join over the rows in DuckDB gives the instants that Python gives."""
    import duckdb

    zone = zones.get("Africa/Casablanca")
    times = around_changes(zone)
    database = duckdb.connect()
    database.execute("create table zone (start bigint, shift bigint)")
    database.executemany("insert into zone values (?, ?)", zone_rows(zone).local)
    database.execute("create table wall (local bigint)")
    database.execute("insert into wall select unnest(?::bigint[])", [sorted(set(times))])
    joined = database.execute(
        "select local, local - shift from wall asof join zone on local >= start order by local"
    ).fetchall()

    assert [(t, to_utc(zone, t)) for t in sorted(set(times))] == joined


def test_a_skipped_time_moves_on_by_the_gap(amsterdam: Zone) -> None:
    """02:30 on the last Sunday of March is 03:30."""
    local = parse_instant("2009-03-29T02:30:00Z")

    assert "2009-03-29T03:30:00+02:00" == format_instant(to_utc(amsterdam, local), amsterdam)


def test_a_doubled_time_is_the_first(amsterdam: Zone) -> None:
    """02:30 on the last Sunday of October is the one in summer time."""
    local = parse_instant("2009-10-25T02:30:00Z")

    assert "2009-10-25T02:30:00+02:00" == format_instant(to_utc(amsterdam, local), amsterdam)


def test_never_stays_never(amsterdam: Zone) -> None:
    """`NEVER` is the same in every zone, as an instant, a wall time and a date."""
    assert NEVER == to_local(amsterdam, NEVER)
    assert NEVER == to_utc(amsterdam, NEVER)
    assert NEVER == local_day(amsterdam, NEVER)


def test_the_local_day_is_that_of_the_zone(shanghai: Zone) -> None:
    """Late evening in UTC is the next day in China."""
    assert 1 == local_day(shanghai, 16 * HOUR)
    assert 0 == local_day(shanghai, 16 * HOUR - 1)


def test_the_slack_is_the_spread_of_the_offsets(amsterdam: Zone, shanghai: Zone) -> None:
    """Local calendar time strays from elapsed time by at most the spread of the offsets."""
    first, last = parse_instant("2009-01-01T00:00:00Z"), parse_instant("2009-12-31T00:00:00Z")

    assert HOUR == zone_slack(amsterdam, first, last)
    assert 0 == zone_slack(amsterdam, first, first + 30 * DAY)
    assert 0 == zone_slack(shanghai, first, last)


def test_a_zone_is_built_once() -> None:
    """The builder hands out the same table again, and two builders equal ones."""
    zones = Zones()

    assert zones.get("Asia/Tehran") is zones.get("Asia/Tehran")
    assert build_zone("Asia/Tehran") == zones.get("Asia/Tehran")


def test_an_unknown_zone_suggests_the_nearest() -> None:
    """A misspelt zone is refused with the name that was meant."""
    with pytest.raises(UnknownZoneError) as error:
        build_zone("Asia/Shangai")

    assert "Asia/Shanghai" == error.value.suggestion
    assert (
        "there is no time zone `Asia/Shangai`; did you mean `Asia/Shanghai`" == error.value.message
    )
    assert "没有时区 `Asia/Shangai`；是否想写 `Asia/Shanghai`" == error.value.zh


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Africa",
        "../etc/passwd",
        "/etc/passwd",
        "right/UTC",
        "posix/UTC",
        "localtime",
        "a\0b",
        "北京",
    ],
)
def test_what_is_not_a_zone_is_refused(name: str) -> None:
    """Folders, paths and names that depend on the machine are not zones."""
    with pytest.raises(UnknownZoneError) as error:
        build_zone(name)

    assert error.value.message.startswith(f"there is no time zone `{name}`")


def test_a_table_that_cannot_be_looked_up_is_refused() -> None:
    """A table without a beginning, or with two changes within two days, is refused."""
    with pytest.raises(ClockError) as headless:
        Zone("X", (0,), (0,))
    with pytest.raises(ClockError) as hasty:
        Zone("X", (BEGINNING, 0, DAY), (0, HOUR, 0))

    assert (
        "the table of the time zone `X` does not begin at the beginning" == headless.value.message
    )
    assert "the time zone `X` changes its clock twice within two days" == hasty.value.message
