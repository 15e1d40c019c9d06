"""What generated code calls: the operations that are more than a Python operator.

Each is total: an error is None, which is unknown. No argument is ever None, except
inside lists: generated code tests for that first.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from kaocheng.calendars import civil
from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import (
    DAY,
    FIRST_DAY,
    FIRST_INSTANT,
    LAST_DAY,
    LAST_INSTANT,
    NEVER,
    SECOND,
)

LEAST, MOST = -(2**63), 2**63 - 1
_EPOCH_ORDINAL = dt.date(1970, 1, 1).toordinal()
_WEDNESDAYS = 3  # 1970-01-01 was a Thursday

Row = tuple[object, ...]


def remainder(a: int, b: int) -> int | None:
    """What division leaves, with the sign of `a`."""
    if b == 0:
        return None
    rest = abs(a) % abs(b)
    return -rest if a < 0 else rest


def rounded_quotient(a: int, b: int) -> int | None:
    """`a` divided by `b`, rounded half away from zero."""
    if b == 0:
        return None
    size = (2 * abs(a) + abs(b)) // (2 * abs(b))
    quotient = -size if (a < 0) != (b < 0) else size
    return quotient if LEAST <= quotient <= MOST else None


def started(a: int, b: int) -> int | None:
    """How many `b` are begun in `a`."""
    return -(-a // b) if b > 0 else None


def whole(a: int, b: int) -> int | None:
    """How many `b` are complete in `a`."""
    return a // b if b > 0 else None


def among(value: object, items: Sequence[object]) -> bool | None:
    """Whether one of the items is `value`; unknown where only an unknown one could be."""
    if not items:
        return False
    if value is None:
        return None
    if value in items:
        return True
    return None if None in items else False


def earliest(items: Sequence[int | None]) -> int | None:
    """The first of some times; never for none."""
    return None if None in items else min(items, default=NEVER)  # type: ignore[type-var]


def greatest(items: Sequence[int | None]) -> int | None:
    """The greatest of some numbers or the last of some times."""
    return None if not items or None in items else max(items)  # type: ignore[type-var]


def least(items: Sequence[int | None]) -> int | None:
    """The least of some numbers."""
    return None if not items or None in items else min(items)  # type: ignore[type-var]


def lowest(items: Sequence[str | None], order: Mapping[str | None, int]) -> str | None:
    """The lowest of some values by their places in an order."""
    known = bool(items) and all(item in order for item in items)
    return min(items, key=order.__getitem__) if known else None


def highest(items: Sequence[str | None], order: Mapping[str | None, int]) -> str | None:
    """The highest of some values by their places in an order."""
    known = bool(items) and all(item in order for item in items)
    return max(items, key=order.__getitem__) if known else None


def total(items: Sequence[int | None]) -> int | None:
    """The sum of some numbers."""
    if None in items:
        return None
    amount = sum(items)  # type: ignore[arg-type]
    return amount if LEAST <= amount <= MOST else None


def _date(days: int) -> dt.date | None:
    try:
        return dt.date.fromordinal(days + _EPOCH_ORDINAL)
    except (ValueError, OverflowError):
        return None


def year(days: int) -> int | None:
    """The calendar year."""
    date = _date(days)
    return None if date is None else date.year


def month(days: int) -> int | None:
    """The month, 1 to 12."""
    date = _date(days)
    return None if date is None else date.month


def day(days: int) -> int | None:
    """The day of the month, 1 to 31."""
    date = _date(days)
    return None if date is None else date.day


def weekday(days: int) -> int | None:
    """The day of the week, Monday 1 to Sunday 7."""
    return (days + _WEDNESDAYS) % 7 + 1 if days != NEVER else None


def seconds(instant: int) -> int | None:
    """Whole seconds since 1970, rounded down."""
    return instant // SECOND if instant != NEVER else None


def add_days(days: int, count: int) -> int | None:
    """So many days later."""
    if days == NEVER:
        return NEVER
    later = days + count
    return later if FIRST_DAY <= later <= LAST_DAY else None


def add_months(days: int, count: int) -> int | None:
    """So many months later."""
    try:
        return civil.add_months(days, count)
    except ClockError:
        return None


def between(
    children: tuple[Sequence[int], Sequence[tuple[int, object]]] | None, first: int, last: int
) -> Sequence[object]:
    """The children whose day lies from `first` to `last`, in the order of their keys."""
    if children is None:
        return ()
    days, placed = children
    return [
        child for _, child in sorted(placed[bisect_left(days, first) : bisect_right(days, last)])
    ]


def in_force(rows: tuple[Sequence[int], Sequence[Row]] | None, moment: int) -> Row | None:
    """The last of some dated rows that begins at `moment` or before."""
    if rows is None:
        return None
    begins, dated = rows
    place = bisect_right(begins, moment)
    return dated[place - 1] if place else None


def whole_pauses(rows: Sequence[Row], begins: int, ends: int) -> Sequence[object] | None:
    """The pauses that some rows hold, or None where one of their times is unknown."""
    pauses = [(row[begins], row[ends]) for row in rows]
    return None if any(None in pause for pause in pauses) else pauses


def shares(
    amount: int | None, recipients: Sequence[object], weights: tuple[int, ...] | None, rest: str
) -> Sequence[tuple[object, int | None]]:
    """Each recipient with its share of `amount`; see the step `Split`."""
    count = len(recipients)
    parts = [1] * count if weights is None else [*weights[:count], *[0] * (count - len(weights))]
    whole_weight = sum(parts)
    if amount is None or whole_weight == 0:
        return [(recipient, None) for recipient in recipients]
    given = [amount * part // whole_weight for part in parts]
    for place in _rest_places(amount, parts, rest)[: amount - sum(given)]:
        given[place] += 1
    return list(zip(recipients, given, strict=True))


def _rest_places(amount: int, parts: Sequence[int], rest: str) -> list[int]:
    """Who gets the units that rounding down leaves, unit by unit; there are fewer than parts."""
    weighted = [place for place, part in enumerate(parts) if part]
    if rest == "largest":
        whole_weight = sum(parts)
        return sorted(weighted, key=lambda place: -(amount * parts[place] % whole_weight))
    return [weighted[0 if rest == "first" else -1]] * len(weighted)


PRIMITIVES: Mapping[str, object] = MappingProxyType(
    {
        "_NEVER": NEVER,
        "_LEAST": LEAST,
        "_MOST": MOST,
        "_FIRST_DAY": FIRST_DAY,
        "_LAST_DAY": LAST_DAY,
        "_FIRST_INSTANT": FIRST_INSTANT,
        "_LAST_INSTANT": LAST_INSTANT,
        "_DAY": DAY,
    }
    | {
        f"_{function.__name__}": function
        for function in (
            remainder,
            rounded_quotient,
            started,
            whole,
            among,
            earliest,
            greatest,
            least,
            lowest,
            highest,
            total,
            year,
            month,
            day,
            weekday,
            seconds,
            add_days,
            add_months,
            between,
            in_force,
            shares,
            whole_pauses,
        )
    }
)
"""The names that generated code may use, besides its locals and what a module binds."""
