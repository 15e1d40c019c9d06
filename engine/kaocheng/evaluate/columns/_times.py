"""Operations on local time in the core: with the look-ups that they need written out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kaocheng.calendars.numberline import FIRST_INSTANT, LAST_INSTANT
from kaocheng.calendars.zones import Zone
from kaocheng.evaluate.columns._nodes import call, number, unknown
from kaocheng.evaluate.columns._setting import Setting
from kaocheng.language.expressions import Expr, Literal
from kaocheng.language.types import BOOL, DATE, DURATION, INSTANT, INT

Made = Callable[..., Expr]


def utc_offset(zone: Zone, instant: Expr) -> Expr:
    """The offset from UTC at an instant: whatever it is for what never happened."""
    if len(zone.offsets) == 1:
        return number(zone.offsets[0], DURATION)
    return call("_utc_offset", DURATION, instant)


def local_offset(zone: Zone, wall: Expr) -> Expr:
    """The offset to subtract from a local wall time."""
    if len(zone.offsets) == 1:
        return number(zone.offsets[0], DURATION)
    return call("_local_offset", DURATION, wall)


def date_of(setting: Setting, instant: Expr) -> Expr:
    """The local date of an instant."""
    zone = setting.zone
    # What lies so far out that its local date has five digits or none is unknown.
    latest = LAST_INSTANT - max(zone.offsets[-1], 0)
    earliest = FIRST_INSTANT - min(zone.offsets[0], 0)
    limits = (number(earliest, INSTANT), number(latest, INSTANT))
    return call("_date_of", DATE, instant, utc_offset(zone, instant), *limits)


def _start_of(setting: Setting, day: Expr) -> Expr:
    return _midnight(setting, day, 0)


def _end_of(setting: Setting, day: Expr) -> Expr:
    return _midnight(setting, day, 1)


def _midnight(setting: Setting, day: Expr, later: int) -> Expr:
    wall = call("_midnight", INT, day, number(later))
    return call("_instant_of", INSTANT, day, wall, local_offset(setting.zone, wall))


def _utc_offset(setting: Setting, instant: Expr) -> Expr:
    return call("_unless_never", DURATION, instant, utc_offset(setting.zone, instant))


def _is_working_day(setting: Setting, day: Expr) -> Expr:
    if setting.edition is None:
        return unknown(BOOL)
    return call("_is_worked", BOOL, day)


def moved(op: str, time: Expr, by: Expr) -> Expr:
    """A date or an instant moved on; what is not known to be small is summed up beforehand."""
    if isinstance(by, Literal):
        return call(op, time.type, time, by)
    if op != "add_months":
        return call("_moved", time.type, time, by, call("add", INT, time, by))
    index = call("add", INT, call("_month_of", INT, time), by)
    return call("_in_month", time.type, time, by, index)


def _shift(_: Setting, time: Expr, by: Expr) -> Expr:
    return moved("shift", time, by)


def _add_days(_: Setting, time: Expr, by: Expr) -> Expr:
    return moved("add_days", time, by)


def _add_months(_: Setting, time: Expr, by: Expr) -> Expr:
    return moved("add_months", time, by)


OPERATIONS: Mapping[str, Made] = {
    "shift": _shift,
    "add_days": _add_days,
    "add_months": _add_months,
    "date_of": date_of,
    "start_of": _start_of,
    "end_of": _end_of,
    "utc_offset": _utc_offset,
    "is_working_day": _is_working_day,
}
"""The operations that need more than their arguments, by id."""
