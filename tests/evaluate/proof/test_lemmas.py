"""Every lemma that a proof may rest on is true of the true table."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import pytest

from kaocheng.calendars.editions import Edition
from kaocheng.calendars.limits import Limit
from kaocheng.calendars.numberline import (
    DAY,
    FIRST_DAY,
    LAST_DAY,
    NEVER,
    format_date,
    parse_date,
    parse_instant,
)
from kaocheng.calendars.zones import Zone, Zones
from kaocheng.evaluate.proof import functions, lemmas
from kaocheng.evaluate.proof.functions import Function

CYCLE = range(parse_date("1600-01-01"), parse_date("2000-01-01"))
ENDS = (*range(FIRST_DAY - 1, FIRST_DAY + 800), *range(LAST_DAY - 800, LAST_DAY + 2))
# Clock changes of every kind: by an hour, by half, across the date line, at midnight, by war.
ZONES = (
    "UTC",
    "Asia/Shanghai",
    "Europe/Amsterdam",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Pacific/Apia",
)
OFFICE = Edition(
    "office",
    parse_date("2019-01-01"),
    parse_date("2022-12-31"),
    non_working=range(parse_date("2020-01-24"), parse_date("2020-02-02")),
    working=[parse_date("2020-01-19")],
)


def counted(count: int) -> Limit:
    """A limit in working days of which the starting day is the first."""
    return Limit(count, "working_day", counts_start=True)


@pytest.fixture(scope="module", params=ZONES)
def zone(request: pytest.FixtureRequest, zones: Zones) -> Zone:
    """One zone after the other."""
    return zones.get(request.param)


def around(function: Function) -> list[int]:
    """Points at, before and after every break of a table, and many in between."""
    edges = [function.first, function.last, *function.breaks]
    near = [edge + step for edge in edges for step in (-1, 0, 1)]
    chance = random.Random(1573)  # noqa: S311 - the same points every time
    low, high = parse_instant("1890-01-01T00:00:00Z"), parse_instant("2110-01-01T00:00:00Z")
    return near + [chance.randint(low, high) for _ in range(2_000)]


def failing(found: Iterable[lemmas.Lemma], points: Iterable[int]) -> list[str]:
    """The ids of the lemmas that do not hold at the points."""
    tried = list(points)
    return [lemma.id for lemma in found if not lemma.holds(tried)]


def test_offsets_stay_within_their_bounds(zone: Zone) -> None:
    """A zone's offset from UTC stays within its lemmas at and around every change."""
    function = functions.offset(zone)

    assert [] == failing(lemmas.of_steps(function), around(function))


def test_local_offsets_stay_within_their_bounds(zone: Zone) -> None:
    """What a local time subtracts stays within its lemmas at and around every change."""
    function = functions.local_offset(zone)

    assert [] == failing(lemmas.of_steps(function), around(function))


def test_local_days_follow_instants(zone: Zone) -> None:
    """The local date falls back by no more than its lemmas say."""
    function = functions.local_day_of(zone)

    assert [] == failing(lemmas.of_local_day(function), around(function))


@pytest.mark.parametrize("days", [2, 14, 56, 365])
def test_days_of_local_time_stray_no_farther_than_said(zone: Zone, days: int) -> None:
    """Local days differ from elapsed time, and fall back, by no more than their lemmas say."""
    function = functions.later_by_days(zone, days)

    assert [] == failing(lemmas.of_later_by_days(function), around(function))


def test_local_days_are_monotone_where_clocks_change_at_night(zones: Zones) -> None:
    """In Amsterdam a later instant never has an earlier date; in Newfoundland it could."""
    amsterdam = lemmas.of_local_day(functions.local_day_of(zones.get("Europe/Amsterdam")))
    # Clocks went back from 00:01 to 23:01 of the day before, until 2011.
    st_johns = lemmas.of_local_day(functions.local_day_of(zones.get("America/St_Johns")))

    assert ["x ≤ y implies F(x) ≤ F(y)"] == [each.en.split(", ")[1] for each in amsterdam]
    assert "x ≤ y implies F(x) ≤ F(y) + 1" in [each.en.split(", ")[1] for each in st_johns]


@pytest.mark.parametrize("count", [1, 3, 12])
@pytest.mark.parametrize("make", [functions.months, functions.counted_months])
def test_months_keep_their_lemmas_on_every_day_of_the_cycle(
    make: Callable[[int], Function], count: int
) -> None:
    """Months are monotone and of the lengths stated, for all days of 400 years and the ends."""
    function = make(count)

    assert [] == failing(lemmas.of_months(function), (*CYCLE, *ENDS))


@pytest.mark.parametrize(
    "function",
    [
        *(functions.months(count) for count in (-14, -1, 2, 6, 18, 120, 1_201)),
        *(functions.counted_months(count) for count in (2, 6, 18, 120, 1_201)),
    ],
    ids=lambda function: function.id,
)
def test_any_number_of_months_keeps_its_lemmas(function: Function) -> None:
    """Other numbers of months keep their lemmas on every day of eight years and at the ends."""
    years = range(parse_date("2096-01-01"), parse_date("2104-12-31"))

    assert [] == failing(lemmas.of_months(function), (*years, *ENDS))


def test_a_month_has_28_to_31_days() -> None:
    """The bounds of a month are those of the calendar, and of a year 365 and 366 days."""
    assert (28, 31) == lemmas.month_lengths(functions.months(1))
    assert (365, 366) == lemmas.month_lengths(functions.months(12))


@pytest.mark.parametrize(
    "function",
    [functions.months(5), functions.months(-3), functions.counted_months(1)],
    ids=lambda function: function.id,
)
def test_month_lengths_miss_no_day(function: Function) -> None:
    """The days that the bounds are read from show every length that any day shows."""
    lengths = [function.value(day) - day for day in CYCLE]

    assert (min(lengths), max(lengths)) == lemmas.month_lengths(function)


def test_years_keep_their_lemmas_on_every_day_of_the_cycle() -> None:
    """Years are monotone and keep to the mean year, for all days of 400 years and the ends."""
    function = functions.year()

    assert [] == failing(lemmas.of_year(function), (*CYCLE, *ENDS))


@pytest.mark.parametrize(
    ("function", "low", "high"),
    [
        (functions.month(), 1, 12),
        (functions.day_of_month(), 1, 31),
        (functions.is_working(OFFICE), 0, 1),
    ],
)
def test_functions_with_few_values_have_no_others(function: Function, low: int, high: int) -> None:
    """Months, days of the month and working days stay in their range on every day."""
    assert [] == failing(lemmas.of_range(function, low, high), (*CYCLE, *ENDS))
    assert [] == failing(lemmas.of_range(function, low, high), _days(OFFICE))


@pytest.mark.parametrize(
    "function",
    [
        *(functions.working_days(OFFICE, Limit(count, "working_day")) for count in (0, 1, 5, 20)),
        *(functions.working_days(OFFICE, counted(count)) for count in (1, 5, 20)),
        functions.next_working(OFFICE),
    ],
    ids=lambda function: function.id,
)
def test_working_days_keep_their_lemmas_on_every_day_of_the_edition(function: Function) -> None:
    """Working days are monotone and as far off as stated, on every day of the edition."""
    assert [] == failing(lemmas.of_edition(function, OFFICE), _days(OFFICE))


def test_a_working_day_is_never_before_its_start() -> None:
    """The lemmas of working days include that they do not lie before the start."""
    bounds = [
        lemma
        for function in (
            functions.working_days(OFFICE, Limit(3, "working_day")),
            functions.next_working(OFFICE),
        )
        for lemma in lemmas.of_edition(function, OFFICE)
        if isinstance(lemma, lemmas.Bounds)
    ]

    assert [True, True] == [bound.low >= 0 for bound in bounds]


@pytest.mark.parametrize(
    "function",
    [
        functions.months(1),
        functions.year(),
        functions.month(),
        functions.day_of_month(),
        functions.working_days(OFFICE, Limit(5, "working_day")),
        functions.next_working(OFFICE),
        functions.is_working(OFFICE),
    ],
    ids=lambda function: function.id,
)
def test_looked_up_pieces_of_days_are_those_of_the_table(function: Function) -> None:
    """The stretch around a day on which a function is linear tells the truth at all its days."""
    chance = random.Random(1573)  # noqa: S311 - the same days every time
    low, high = max(function.first, CYCLE.stop - 20_000), min(function.last, CYCLE.stop + 20_000)
    for day in (low, high, *(chance.randint(low, high) for _ in range(30))):
        piece = function.piece(day)

        inside = range(piece.first, piece.last + 1)
        assert day in inside
        assert [function.value(each) for each in inside] == [piece.at(each) for each in inside]


def test_looked_up_pieces_of_a_zone_are_those_of_the_table(zone: Zone) -> None:
    """The rows of a zone's tables are looked up as they stand."""
    for function in (functions.offset(zone), functions.local_offset(zone)):
        assert lemmas.table(function).holds(around(function))


def test_an_edition_without_working_days_defines_nothing() -> None:
    """A function of an edition in which nobody works has no domain and no lemmas."""
    closed = Edition("closed", OFFICE.first_day, OFFICE.last_day, weekend=range(1, 8))
    function = functions.next_working(closed)

    assert function.first > function.last
    assert () == lemmas.of_edition(function, closed)


def test_the_domain_ends_where_the_edition_does() -> None:
    """Five working days are known from no day later than the Sunday before the last week."""
    function = functions.working_days(OFFICE, Limit(5, "working_day"))

    assert "2022-12-25" == format_date(function.last)
    assert not function.covers(function.last + 1)
    assert not function.covers(NEVER)


def test_a_false_bound_does_not_hold() -> None:
    """A lemma that claims too much fails at the point that shows it."""
    month = functions.months(1)

    assert lemmas.bounds(month, 28, 31, slope=1).holds(CYCLE)
    assert not lemmas.bounds(month, 29, 31, slope=1).holds(CYCLE)


def test_a_false_order_does_not_hold() -> None:
    """A fall that is larger than the slack is seen between any two points."""
    day = functions.day_of_month()
    february = range(parse_date("2020-02-20"), parse_date("2020-03-10"))

    assert lemmas.order(day, 28).holds(february)
    assert not lemmas.order(day, 27).holds(february)


def test_a_lemma_speaks_both_languages() -> None:
    """A lemma is a sentence in English and in Chinese, dated where it holds from some time on."""
    lemma = lemmas.bounds(functions.year(), 0, 1, since=365 * 40 * DAY)

    assert "year/bounds@2009-12-22T00:00:00Z" == lemma.id
    assert "with F = `year`, 0 ≤ F(x) ≤ 1 from 2009-12-22T00:00:00Z on" == lemma.en
    assert "设 F 为 `year`，则 0 ≤ F(x) ≤ 1（自 2009-12-22T00:00:00Z 起）" == lemma.zh


def _days(edition: Edition) -> range:
    return range(edition.first_day - 1, edition.last_day + 2)
