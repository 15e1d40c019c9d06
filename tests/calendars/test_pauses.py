"""Clocks that stop and go."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaocheng.calendars.advance import advance_date, advance_instant
from kaocheng.calendars.editions import Edition
from kaocheng.calendars.errors import ClockError, OutsideEdition
from kaocheng.calendars.limits import Limit, Roll, Unit
from kaocheng.calendars.numberline import (
    DAY,
    HOUR,
    NEVER,
    SECOND,
    format_date,
    format_instant,
    parse_date,
    parse_instant,
)
from kaocheng.calendars.pauses import Ledger, Pause, Spell, run, run_date, run_instant
from kaocheng.calendars.zones import Zone, Zones, to_local, to_utc

# Within what the edition covers, with room for the longest limit and pause.
FIRST_DAY, LAST_DAY = parse_date("2010-01-01"), parse_date("2018-01-01")
AMOUNTS: dict[Unit, int] = {"day": 90, "week": 12, "month": 14, "year": 2, "working_day": 60}
NAMES = st.sampled_from(["Asia/Shanghai", "Europe/Amsterdam", "Australia/Lord_Howe"])
DATES = st.integers(FIRST_DAY, LAST_DAY)
INSTANTS = st.integers(FIRST_DAY * DAY // HOUR, LAST_DAY * DAY // HOUR).map(lambda h: h * HOUR)


@st.composite
def limits(
    draw: st.DrawFn,
    *,
    dates: bool,
    units: Sequence[Unit] = tuple(AMOUNTS),
    rolls: Sequence[Roll] = ("none", "next_working_day"),
) -> Limit:
    """Any limit by days that may run from a date, or from an instant."""
    unit, counts_start = draw(st.sampled_from(units)), draw(st.booleans())
    until = "same_time" if dates else draw(st.sampled_from(["same_time", "end_of_day", "noon"]))
    amount = draw(st.integers(int(counts_start), AMOUNTS[unit]))
    roll = draw(st.sampled_from(rolls))
    return Limit(amount, unit, roll=roll, until=until, counts_start=counts_start)


def elapsed_limits() -> st.SearchStrategy[Limit]:
    """Any limit in seconds, minutes or hours."""
    return st.builds(Limit, st.integers(0, 500), st.sampled_from(["second", "minute", "hour"]))


def clocks() -> st.SearchStrategy[tuple[int, Limit, str]]:
    """A start, a limit and the name of a zone."""
    return st.tuples(INSTANTS, elapsed_limits() | limits(dates=False), NAMES)


@st.composite
def pauses(draw: st.DrawFn, *, step: int = 1) -> list[Pause]:
    """Pauses around 0, in steps of a unit; some empty, some overlapping, none open."""
    begins = draw(st.lists(st.integers(-20, 120), max_size=5))
    return [(b * step, (b + draw(st.integers(0, 40))) * step) for b in begins]


def moved(spells: list[Pause], start: int) -> list[Pause]:
    """The same pauses around a start."""
    return [(start + begins, start + until) for begins, until in spells]


def paused(spells: list[Pause], moment: int) -> bool:
    """Whether any pause holds at a moment."""
    return any(begins <= moment < until for begins, until in spells)


def opened(spells: list[Pause]) -> list[Pause]:
    """The same pauses, the first of them still open."""
    return [(spells[0][0], NEVER), *spells[1:]]


@given(st.integers(-50, 50), st.integers(0, 60), pauses())
def test_a_budget_is_spent_moment_by_moment(start: int, budget: int, spells: list[Pause]) -> None:
    """The clock is due at the first moment by which the budget has run outside all pauses."""
    due, left = start, budget
    while left:
        left -= not paused(spells, due)
        due += 1

    assert due == run(start, budget, spells).due


@given(st.integers(-50, 50), st.integers(0, 60), pauses())
def test_the_ledger_tells_the_whole_clock(start: int, budget: int, spells: list[Pause]) -> None:
    """The spells fill the time from start to due, ran for the budget, and name a true reason."""
    ledger = run(start, budget, spells)
    edges = [start, *(spell.end for spell in ledger.spells)]

    assert edges == [*(spell.start for spell in ledger.spells), ledger.due]
    assert budget == sum(s.end - s.start for s in ledger.spells if s.kind == "running")
    for spell in ledger.spells:
        assert spell.start < spell.end
        if spell.kind == "paused":
            assert spell.reason is not None
            begins, until = spells[spell.reason]
            assert begins <= spell.start < spell.end <= until
        else:
            assert spell.reason is None


@given(st.integers(-50, 50), st.integers(0, 60), pauses(), st.randoms())
def test_the_order_of_pauses_does_not_matter(
    start: int, budget: int, spells: list[Pause], random: Random
) -> None:
    """Shuffled, doubled or cut in two, the same pauses give the same due time and stretches."""
    middle = [(b + u) // 2 for b, u in spells]
    pieces = [(b, m) for (b, _), m in zip(spells, middle, strict=True)]
    pieces += [(m, u) for (_, u), m in zip(spells, middle, strict=True)]
    other = [*spells, *pieces]
    random.shuffle(other)
    first, second = run(start, budget, spells), run(start, budget, other)

    assert first.due == second.due
    assert moments(first) == moments(second)


def moments(ledger: Ledger) -> list[int]:
    """The moments at which the clock ran."""
    running = [spell for spell in ledger.spells if spell.kind == "running"]
    return [moment for spell in running for moment in range(spell.start, spell.end)]


@given(st.integers(-50, 50), st.integers(1, 60), pauses().filter(bool))
def test_an_open_pause_is_never_due(start: int, budget: int, spells: list[Pause]) -> None:
    """While a pause is open nothing is due, unless the budget was spent before it began."""
    ledger = run(start, budget, opened(spells))
    without = run(start, budget, spells[1:]).due

    if without <= spells[0][0]:
        assert without == ledger.due
    else:
        assert NEVER == ledger.due
        assert ("paused", NEVER) == (ledger.spells[-1].kind, ledger.spells[-1].end)


@given(st.integers(-50, 50), st.integers(0, 60), pauses().filter(bool), st.integers(-20, 200))
def test_an_open_pause_is_projected(
    start: int, budget: int, spells: list[Pause], as_of: int
) -> None:
    """The projection is the due time if the open pause ended at `as_of`, or as soon as it began."""
    begins, _ = spells[0]
    ended = [(begins, max(begins, as_of)), *spells[1:]]
    projected = run(start, budget, opened(spells), as_of=as_of).projected

    assert run(start, budget, ended).due == projected


def test_the_ledger_of_an_inquiry() -> None:
    """Overlapping pauses count once, for the one that began first."""
    ledger = run(0, 60, [(20, 30), (10, 25), (12, 15), (70, 80)])

    assert (
        Spell("running", 0, 10),
        Spell("paused", 10, 25, 1),
        Spell("paused", 25, 30, 0),
        Spell("running", 30, 70),
        Spell("paused", 70, 80, 3),
        Spell("running", 80, 90),
    ) == ledger.spells
    assert 90 == ledger.due == ledger.projected


def test_of_pauses_that_begin_together_the_longest_is_the_reason() -> None:
    """Two pauses from the same moment are one spell, for the one that lasts longer."""
    ledger = run(0, 10, [(2, 4), (2, 6)])

    assert Spell("paused", 2, 6, 1) == ledger.spells[1]


def test_a_pause_at_the_due_time_comes_too_late() -> None:
    """A pause that begins when the budget is spent changes nothing."""
    assert 10 == run(0, 10, [(10, 99)]).due
    assert 11 == run(0, 10, [(9, 10)]).due


def test_nothing_to_spend_is_due_at_once() -> None:
    """A budget of nothing is due at its start, paused or not, and has no spells."""
    assert Ledger((), 5, 5) == run(5, 0, [(0, 10)])


def test_a_limit_of_no_days_waits_for_the_end_of_a_pause(china: Edition) -> None:
    """Due on the very day, which is paused, means due on the day on which the pause ends."""
    start = parse_date("2026-03-02")

    assert start == run_date(start, Limit(0, "day"), china, []).due
    assert start + 3 == run_date(start, Limit(0, "day"), china, [(start, start + 3)]).due


def test_a_clock_that_has_not_begun_has_no_ledger(china: Edition, shanghai: Zone) -> None:
    """A start or budget of `NEVER` is due never and has no spells."""
    nothing = Ledger((), NEVER, NEVER)

    assert nothing == run(NEVER, 5, [])
    assert nothing == run(5, NEVER, [])
    assert nothing == run_date(NEVER, Limit(5, "day"), china, [])
    assert nothing == run_instant(NEVER, Limit(5, "day"), shanghai, china, [])


def test_a_pause_that_has_not_begun_is_none() -> None:
    """A pause from `NEVER` does not stop the clock."""
    assert 10 == run(0, 10, [(NEVER, NEVER)]).due


def test_impossible_budgets_and_pauses_are_refused() -> None:
    """A negative budget and a pause that ends before it begins are refused."""
    with pytest.raises(ClockError) as budget:
        run(0, -1, [])
    with pytest.raises(ClockError) as pause:
        run(0, 1, [(5, 4)])

    assert "a limit cannot be negative, but this one is `-1`" == budget.value.message
    assert "a pause ends before it begins" == pause.value.message
    assert "暂停的结束早于开始" == pause.value.zh


@given(DATES, limits(dates=True))
def test_without_pauses_a_date_is_that_of_advance(china: Edition, start: int, limit: Limit) -> None:
    """Without pauses the due date is what the limit alone gives."""
    assert advance_date(start, limit, china) == run_date(start, limit, china, []).due


@given(clocks())
def test_without_pauses_an_instant_is_that_of_advance(
    china: Edition, zones: Zones, clock: tuple[int, Limit, str]
) -> None:
    """Without pauses the due instant is what the limit alone gives."""
    start, limit, name = clock
    zone = zones.get(name)

    assert (
        advance_instant(start, limit, zone, china) == run_instant(start, limit, zone, china, []).due
    )


@given(DATES, limits(dates=True), pauses(), pauses())
def test_another_pause_never_helps_a_date(
    china: Edition, start: int, limit: Limit, some: list[Pause], more: list[Pause]
) -> None:
    """Adding pauses never makes a date due earlier."""
    fewer = run_date(start, limit, china, moved(some, start)).due

    assert fewer <= run_date(start, limit, china, moved(some + more, start)).due


@given(clocks(), pauses(step=5 * HOUR), pauses(step=5 * HOUR))
def test_another_pause_never_helps_an_instant(
    china: Edition,
    zones: Zones,
    clock: tuple[int, Limit, str],
    some: list[Pause],
    more: list[Pause],
) -> None:
    """Adding pauses never makes an instant due earlier, in any zone and for any limit."""
    start, limit, name = clock
    zone = zones.get(name)
    fewer = run_instant(start, limit, zone, china, moved(some, start)).due

    assert fewer <= run_instant(start, limit, zone, china, moved(some + more, start)).due


@given(DATES, limits(dates=True, units=["day"], rolls=["none"]), pauses())
def test_paused_dates_are_not_counted(
    china: Edition, start: int, limit: Limit, spells: list[Pause]
) -> None:
    """A limit in days ends on the n-th date that no pause holds."""
    spells = moved(spells, start)
    first = start + (limit.amount > 0 and not limit.counts_start)
    free = [day for day in range(first, first + 500) if not paused(spells, day)]

    assert free[max(0, limit.amount - 1)] == run_date(start, limit, china, spells).due


@given(DATES, limits(dates=True, units=["working_day"]).filter(lambda x: x.amount), pauses())
def test_paused_working_days_are_not_counted(
    china: Edition, start: int, limit: Limit, spells: list[Pause]
) -> None:
    """A limit in working days ends on the n-th working day that no pause holds."""
    spells = moved(spells, start)
    first = start if limit.counts_start else start + 1
    days = [day for day in range(first, first + 500) if china.is_working(day)]
    free = [day for day in days if not paused(spells, day)]

    assert free[limit.amount - 1] == run_date(start, limit, china, spells).due


@given(INSTANTS, limits(dates=False, units=["day"], rolls=["none"]), pauses(step=5 * HOUR))
def test_days_paused_at_the_time_of_day_are_not_counted(
    china: Edition, amsterdam: Zone, start: int, limit: Limit, spells: list[Pause]
) -> None:
    """A limit in days until a time of day ends at the n-th such time at which the clock ran."""
    limit = attrs.evolve(limit, until="noon")
    spells = moved(spells, start)
    day = to_local(amsterdam, start) // DAY + (limit.amount > 0 and not limit.counts_start)
    noons = [to_utc(amsterdam, d * DAY + 12 * HOUR) for d in range(day, day + 500)]
    free = [us for us in noons if not (us >= start and paused(spells, us))]
    expected = free[max(0, limit.amount - 1)]

    assert max(start, expected) == run_instant(start, limit, amsterdam, china, spells).due


@given(clocks(), pauses(step=5 * HOUR))
def test_the_spells_lead_to_the_due_instant(
    china: Edition, zones: Zones, clock: tuple[int, Limit, str], spells: list[Pause]
) -> None:
    """Whatever the limit, the spells follow each other from the start to the due instant."""
    start, limit, name = clock
    ledger = run_instant(start, limit, zones.get(name), china, moved(spells, start))
    edges = [start, *(spell.end for spell in ledger.spells)]

    assert edges == [*(spell.start for spell in ledger.spells), ledger.due]


@given(clocks(), pauses(step=5 * HOUR))
def test_a_paused_clock_is_not_due(
    china: Edition, zones: Zones, clock: tuple[int, Limit, str], spells: list[Pause]
) -> None:
    """A limit until a stated time of day is due at its start or at a moment that is not paused."""
    start, limit, name = clock
    spells = moved(spells, start)
    due = run_instant(start, limit, zones.get(name), china, spells).due

    assert limit.until == "same_time" or due == start or not paused(spells, due)


@given(INSTANTS, limits(dates=False).filter(lambda x: x.until == "noon"), pauses(step=5 * HOUR))
def test_a_stated_time_of_day_is_kept(
    china: Edition, amsterdam: Zone, start: int, limit: Limit, spells: list[Pause]
) -> None:
    """A limit until noon ends at noon, paused or not, and on a working day if it must."""
    due = run_instant(start, limit, amsterdam, china, moved(spells, start)).due
    day, time = divmod(to_local(amsterdam, due), DAY)

    if due > start:
        assert 12 * HOUR == time
        assert china.is_working(day) or not limit.by_working_days


@given(INSTANTS, st.integers(1, 12), pauses(step=5 * HOUR))
def test_local_time_is_pushed_by_the_paused_time(
    china: Edition, amsterdam: Zone, start: int, weeks: int, spells: list[Pause]
) -> None:
    """A limit in weeks is due when the time to its local due instant has run outside pauses."""
    zone, limit = amsterdam, Limit(weeks, "week")
    budget = advance_instant(start, limit, zone) - start
    spells = moved(spells, start)

    assert run(start, budget, spells) == run_instant(start, limit, zone, china, spells)


@given(DATES, limits(dates=True), st.integers(0, 400))
def test_an_open_pause_on_dates(china: Edition, start: int, limit: Limit, days: int) -> None:
    """An open pause holds a date at `NEVER` and projects the one it would be if it ended."""
    closed = run_date(start, limit, china, [(start, start + days)]).due
    ledger = run_date(start, limit, china, [(start, NEVER)], as_of=start + days)

    assert (NEVER, closed) == (ledger.due, ledger.projected)


def test_an_inquiry_of_sixty_days(china: Edition, shanghai: Zone) -> None:
    """An appraisal of ten days and some hours moves the end of sixty days by ten whole days."""
    start = parse_instant("2026-03-02T09:00:00+08:00")
    limit = Limit(60, "day", until="end_of_day")
    appraisal = (
        parse_instant("2026-03-10T15:00:00+08:00"),
        parse_instant("2026-03-20T16:30:00+08:00"),
    )
    ledger = run_instant(start, limit, shanghai, china, [appraisal])

    assert "2026-05-12T00:00:00+08:00" == format_instant(ledger.due, shanghai)
    assert (
        Spell("running", start, appraisal[0]),
        Spell("paused", *appraisal, 0),
        Spell("running", appraisal[1], ledger.due),
    ) == ledger.spells


def test_the_ledger_of_dates_holds_the_days_counted(china: Edition) -> None:
    """On dates the spells run from the first day counted to the due date, both included."""
    start = parse_date("2026-03-02")
    ledger = run_date(start, Limit(5, "day"), china, [(start + 3, start + 5)])

    assert "2026-03-09" == format_date(ledger.due)
    assert (
        Spell("running", start + 1, start + 3),
        Spell("paused", start + 3, start + 5, 0),
        Spell("running", start + 5, start + 8),
    ) == ledger.spells


def test_a_pause_on_the_last_date_keeps_it(china: Edition) -> None:
    """Paused on its last day, a limit in days has that day left when the pause ends."""
    start = parse_date("2026-03-02")

    assert start + 10 == run_date(start, Limit(5, "day"), china, [(start + 5, start + 10)]).due
    assert start + 5 == run_date(start, Limit(5, "day"), china, [(start + 6, start + 10)]).due


def test_a_limit_rolls_to_a_day_that_is_not_paused(china: Edition) -> None:
    """The next working day after a pause is taken when the one after the weekend is paused."""
    friday = parse_date("2026-03-06")
    limit = Limit(1, "day", roll="next_working_day")

    assert friday + 3 == run_date(friday, limit, china, []).due
    assert friday + 5 == run_date(friday, limit, china, [(friday + 2, friday + 5)]).due
    assert NEVER == run_date(friday, limit, china, [(friday + 2, NEVER)]).due


def due_in_amsterdam(zone: Zone, start: str, limit: Limit, *pause: str) -> str:
    """The due instant of a limit with one pause."""
    begins, until = (parse_instant(edge) for edge in pause)
    return format_instant(
        run_instant(parse_instant(start), limit, zone, None, [(begins, until)]).due, zone
    )


def test_a_paused_doubled_time_of_day_is_lost(amsterdam: Zone) -> None:
    """A pause that ends in the second of two equal hours has held at 02:30 of the first."""
    due = due_in_amsterdam(
        amsterdam,
        "2009-10-24T12:00:00+02:00",
        Limit(1, "day", until="02:30"),
        "2009-10-24T22:00:00+02:00",
        "2009-10-25T02:10:00+01:00",
    )

    assert "2009-10-26T02:30:00+01:00" == due


def test_a_paused_skipped_time_of_day_is_lost(amsterdam: Zone) -> None:
    """Where 02:30 is skipped and means 03:30, a pause from 03:10 to 04:00 holds at it."""
    due = due_in_amsterdam(
        amsterdam,
        "2009-03-28T12:00:00+01:00",
        Limit(1, "day", until="02:30"),
        "2009-03-29T03:10:00+02:00",
        "2009-03-29T04:00:00+02:00",
    )

    assert "2009-03-30T02:30:00+02:00" == due


def test_a_pause_before_the_start_costs_nothing(amsterdam: Zone) -> None:
    """A pause that held at noon, before the clock began at two, takes no day from it."""
    due = due_in_amsterdam(
        amsterdam,
        "2009-03-02T14:00:00+01:00",
        Limit(2, "day", until="noon", counts_start=True),
        "2009-03-02T11:00:00+01:00",
        "2009-03-02T15:00:00+01:00",
    )

    assert "2009-03-03T12:00:00+01:00" == due


def test_a_paused_instant_rolls_to_a_working_day(china: Edition, shanghai: Zone) -> None:
    """Pushed onto a Saturday by a pause, a limit that rolls ends on Monday at the same time."""
    start = parse_instant("2026-03-05T10:00:00+08:00")
    limit = Limit(1, "day", roll="next_working_day")
    pause = (start + 20 * HOUR, start + 30 * HOUR)
    ledger = run_instant(start, limit, shanghai, china, [pause])

    assert "2026-03-09T10:00:00+08:00" == format_instant(ledger.due, shanghai)


def test_a_pause_may_leave_the_edition(china: Edition, shanghai: Zone) -> None:
    """A pause beyond the edition is no error by itself, a due date beyond it is."""
    start = parse_date("2026-12-21")
    limit = Limit(5, "working_day")

    assert NEVER == run_date(start, limit, china, [(start + 1, NEVER)]).due
    with pytest.raises(OutsideEdition) as date:
        run_date(start, limit, china, [(start + 1, start + 400)])
    with pytest.raises(OutsideEdition) as instant:
        run_instant(start * DAY, limit, shanghai, china, [(start * DAY, (start + 400) * DAY)])

    assert "CN 2009-2026" == date.value.edition == instant.value.edition


def test_a_pause_of_seconds_pushes_by_seconds(shanghai: Zone) -> None:
    """An elapsed limit is pushed by the very time paused."""
    ledger = run_instant(0, Limit(2, "hour"), shanghai, None, [(5, 5 + 90 * SECOND)])

    assert 2 * HOUR + 90 * SECOND == ledger.due
