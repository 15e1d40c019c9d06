"""Clocks that stop and go: a budget is spent in running spells and kept in paused ones.

A pause is a pair (from, until) that holds from its first moment to just before its last; `NEVER` as
until means that it is still open. Pauses count as the union of their spells, clipped to the clock,
in any order. The ledger says how the clock came to its due time, spell by spell.

What a pause costs depends on how the limit is stated:

* an *elapsed* limit, and one by days that keeps the time of day of its start and does not roll,
  loses the time paused: the due instant of `advance` is pushed on by the paused time inside;
* a limit that counts working days, rolls or ends at a stated time of day loses whole days, so
  that 60 days until 24:00 still end at 24:00. A day is lost when the clock stood still at the
  time of day at which the limit ends; a limit in working days loses only working days, and one
  that rolls does so to a working day that is not lost;
* a limit on dates loses each day from the one on which the pause begins to the one before it ends.

A limit of zero days ends on the first day, from its start on, that is not lost.

Adding a pause never makes a clock due earlier, and without pauses the due time is that of
`advance`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

from attrs import frozen

from kaocheng.calendars.advance import advance_date, advance_instant, last_day, time_of_day
from kaocheng.calendars.editions import Edition
from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.limits import Limit
from kaocheng.calendars.numberline import BEGINNING, DAY, NEVER, checked_day, checked_instant
from kaocheng.calendars.zones import Zone, to_local, to_utc

Pause = tuple[int, int]
# A piece of the union of all pauses: from, until, and which pause it belongs to.
_Piece = tuple[int, int, int]


@frozen
class Spell:
    """A stretch of a clock from `start` to just before `end`.

    `reason` is the index of the pause that stopped the clock, None while it runs. Where pauses
    overlap, the one that began first is the reason.
    """

    kind: Literal["running", "paused"]
    start: int
    end: int
    reason: int | None = None


@frozen
class Ledger:
    """How a clock came to its due time.

    `due` is `NEVER` while a pause is open; `projected` is then the due time if it ended at the
    given `as_of`. On dates the spells hold the days counted, from the first to the due date.
    """

    spells: tuple[Spell, ...]
    due: int
    projected: int


def run(
    start_us: int, budget_us: int, pauses: Sequence[Pause], *, as_of: int | None = None
) -> Ledger:
    """Spend a budget of elapsed time: due is the first instant by which it has run.

    A pause that begins at the moment at which the budget is spent comes too late to matter.
    """
    if budget_us < 0:
        message = f"a limit cannot be negative, but this one is `{budget_us}`"
        raise ClockError(message, zh=f"期限不能为负数：`{budget_us}`")
    if NEVER in {start_us, budget_us}:
        return _not_begun()
    return _ledger(start_us, pauses, as_of, lambda union: _spent(start_us, budget_us, union))


def run_instant(  # noqa: PLR0913 - a limit needs its zone and its calendar
    start_us: int,
    limit: Limit,
    zone: Zone,
    calendar: Edition | None,
    pauses: Sequence[Pause],
    *,
    as_of: int | None = None,
) -> Ledger:
    """The ledger of a limit that starts at an instant; see the module for what a pause costs."""
    plain = advance_instant(start_us, limit, zone, calendar)
    if plain == NEVER:
        return _not_begun()
    if limit.elapsed is not None or (limit.until == "same_time" and not limit.by_working_days):
        return run(start_us, plain - start_us, pauses, as_of=as_of)
    first, time = divmod(to_local(zone, start_us), DAY)
    time = time_of_day(time, limit, calendar)

    def due_of(union: Iterable[_Piece]) -> int:
        since = ((max(begins, start_us), until) for begins, until, _ in union if until > start_us)
        lost = [(_sampled(a, time, zone), _sampled(b, time, zone)) for a, b in since]
        day = _last_day(first, limit, calendar, lost)
        if day == NEVER:
            return NEVER
        return max(start_us, checked_instant(to_utc(zone, day * DAY + time)))

    return _ledger(start_us, pauses, as_of, due_of)


def run_date(
    start_days: int,
    limit: Limit,
    calendar: Edition | None,
    pauses: Sequence[Pause],
    *,
    as_of: int | None = None,
) -> Ledger:
    """The ledger of a limit that starts on a date; its pauses are pairs of dates."""
    if advance_date(start_days, limit, calendar) == NEVER:
        return _not_begun()

    def due_of(union: Iterable[_Piece]) -> int:
        lost = [(begins, until) for begins, until, _ in union]
        return _last_day(start_days, limit, calendar, lost)

    return _ledger(_first_counted(start_days, limit), pauses, as_of, due_of, due_counts=True)


def _not_begun() -> Ledger:
    return Ledger((), NEVER, NEVER)


def _ledger(
    start: int,
    pauses: Sequence[Pause],
    as_of: int | None,
    due_of: Callable[[Iterable[_Piece]], int],
    *,
    due_counts: bool = False,
) -> Ledger:
    union = tuple(_union(pauses))
    due = due_of(union)
    projected = due
    if due == NEVER and as_of is not None:
        projected = due_of(_union(_closed(pauses, as_of)))
    end = due + 1 if due_counts and due != NEVER else due
    return Ledger(tuple(_spells(start, end, union)), due, projected)


def _closed(pauses: Sequence[Pause], as_of: int) -> list[Pause]:
    """The pauses as they would be if those still open ended at `as_of`."""
    return [(begins, max(begins, as_of) if until == NEVER else until) for begins, until in pauses]


def _union(pauses: Sequence[Pause]) -> Iterator[_Piece]:
    """The pauses in order and without overlap; of two that overlap, the first to begin counts."""
    covered = BEGINNING
    in_order = sorted(range(len(pauses)), key=lambda i: (pauses[i][0], -pauses[i][1], i))
    for index in in_order:
        begins, until = pauses[index]
        if until < begins:
            raise ClockError("a pause ends before it begins", zh="暂停的结束早于开始")
        if max(begins, covered) < until:
            yield max(begins, covered), until, index
            covered = until


def _spent(start: int, budget: int, pauses: Iterable[Sequence[int]]) -> int:
    """The first moment by which a budget has run; the pauses are in order and may not overlap."""
    clock, left = start, budget
    for begins, until, *_ in pauses:
        if not left or clock + left <= begins:
            break
        if until > clock:
            left -= max(0, begins - clock)
            clock = until
        if clock == NEVER:
            return NEVER
    return clock + left


def _spells(start: int, end: int, union: Iterable[_Piece]) -> Iterator[Spell]:
    clock = start
    for begins, until, reason in union:
        if max(begins, clock) >= end:
            break
        if until <= clock:
            continue
        if begins > clock:
            yield Spell("running", clock, begins)
        yield Spell("paused", max(begins, clock), min(until, end), reason)
        clock = min(until, end)
    if clock < end:
        yield Spell("running", clock, end)


def _sampled(us: int, time: int, zone: Zone) -> int:
    """The first local day whose time of day `time` is not before an instant."""
    if us == NEVER:
        return NEVER
    day = -((time - to_local(zone, us)) // DAY)
    # Around a clock change the wall time may be ahead of or behind the instant by a day at most.
    while to_utc(zone, (day - 1) * DAY + time) >= us:
        day -= 1
    while to_utc(zone, day * DAY + time) < us:
        day += 1
    return day


def _last_day(start: int, limit: Limit, calendar: Edition | None, lost: Sequence[Pause]) -> int:
    """The day on which a limit ends when these stretches of days, in order, are lost."""
    plain = last_day(start, limit, calendar)
    first = _first_counted(start, limit)
    if calendar is not None and limit.unit == "working_day":
        if not limit.amount:
            return _free_working_day(plain, calendar, lost)
        ordinals = [(calendar.count_before(a), _ordinal(calendar, b)) for a, b in lost]
        end = _spent(calendar.count_before(first), limit.amount, ordinals)
        return NEVER if end == NEVER else calendar.nth(end - 1)
    end = _spent(first, plain + 1 - first, lost)
    if end == NEVER:
        return NEVER
    if calendar is not None and limit.roll != "none":
        return _free_working_day(end - 1, calendar, lost)
    return checked_day(end - 1)


def _first_counted(start: int, limit: Limit) -> int:
    """The first day on which the limit may end; with zero days that is the start itself."""
    return start if limit.counts_start or not limit.amount else start + 1


def _ordinal(calendar: Edition, day: int) -> int:
    return NEVER if day == NEVER else calendar.count_before(day)


def _free_working_day(day: int, calendar: Edition, lost: Sequence[Pause]) -> int:
    """The first working day from `day` on that is not lost."""
    day = calendar.next_working(day)
    for begins, until in lost:
        if begins <= day < until:
            day = calendar.next_working(until)
    return day
