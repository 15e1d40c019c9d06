"""A limit as a ruleset states it: an amount of a unit, and how its end is fixed.

Units fall into two families that never mix:

* *elapsed* (second, minute, hour): counting starts at once (民法典 201) and the end never moves
  to a working day (EU 1182/71 art. 3(4) excludes periods in hours), so they take no options;
* *by days* (day, week, month, year, working_day): local calendar time in the ruleset's zone.

Options of the second family:

`counts_start`
    False: the starting day is not counted (民法典 201, EU 1182/71 art. 3(1)), so one day from
    Monday is Tuesday. True: it is the first day counted, so one day from Monday is Monday.
`roll`
    `next_working_day` moves an end that is not a working day to the next one (民法典 203). What a
    working day is, and so whether an ordinary weekend moves it, is the calendar edition's to say.
`until`
    What instant ends the last day: `same_time` of day as the start, `end_of_day` (24:00, 民法典
    203), `close` of business (ibid.), `noon`, or a local time such as `17:30`. A limit on a date
    has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

from attrs import field, frozen

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import DAY, HOUR, MICROS, parse_time_of_day
from kaocheng.diagnostics import nearest

Unit = Literal["second", "minute", "hour", "day", "week", "month", "year", "working_day"]
Roll = Literal["none", "next_working_day"]

ELAPSED_ZH: Mapping[str, str] = MappingProxyType({"second": "秒", "minute": "分钟", "hour": "小时"})
"""The elapsed units as Chinese messages name them."""

_UNTIL = {"same_time": None, "close": None, "end_of_day": DAY, "noon": 12 * HOUR}


@frozen
class Limit:
    """So many of a unit, and how the end is fixed; see the module for the options.

    `elapsed` is the length in microseconds of a limit in seconds, minutes or hours, else None.
    `time_of_day` is the local time that `until` names outright, in microseconds, else None.
    """

    amount: int
    unit: Unit
    roll: Roll = field(default="none", kw_only=True)
    until: str = field(default="same_time", kw_only=True)
    counts_start: bool = field(default=False, kw_only=True)
    elapsed: int | None = field(init=False, repr=False, eq=False)
    time_of_day: int | None = field(init=False, repr=False, eq=False)

    @elapsed.default
    def _elapsed(self) -> int | None:
        length = MICROS.get(self.unit)
        return None if length is None else self.amount * length

    @time_of_day.default
    def _time_of_day(self) -> int | None:
        return _UNTIL[self.until] if self.until in _UNTIL else parse_time_of_day(self.until)

    def __attrs_post_init__(self) -> None:
        """Refuse what has no meaning."""
        _known("unit", "时间单位", self.unit, get_args(Unit))
        _known("roll", "顺延方式", self.roll, get_args(Roll))
        if self.amount < 0:
            message = f"a limit cannot be negative, but this one is `{self.amount}`"
            raise ClockError(message, zh=f"期限不能为负数：`{self.amount}`")
        if self.elapsed is not None and self._has_options:
            message = f"a limit in {self.unit}s runs from the moment it starts and never moves"
            zh = f"以{ELAPSED_ZH[self.unit]}计算的期限自起算时刻起连续计算，不予顺延"
            raise ClockError(message, zh=zh)
        if self.counts_start and not self.amount:
            message = "a limit that counts its starting day is at least one day long"
            raise ClockError(message, zh="起算日计入的期限至少为一日")

    @property
    def _has_options(self) -> bool:
        return self.roll != "none" or self.until != "same_time" or self.counts_start

    @property
    def by_working_days(self) -> bool:
        """Whether the end depends on which days are working days."""
        return self.unit == "working_day" or self.roll == "next_working_day"


def _known(what: str, what_zh: str, seen: str, known: tuple[str, ...]) -> None:
    if seen in known:
        return
    suggestion = nearest(seen, known)
    hint = f"; did you mean `{suggestion}`" if suggestion else f"; it is one of {', '.join(known)}"
    hint_zh = f"；是否想写 `{suggestion}`" if suggestion else f"；可用的有 {'、'.join(known)}"
    message = f"there is no {what} `{seen}`{hint}"
    raise ClockError(message, zh=f"没有 `{seen}` 这一{what_zh}{hint_zh}")
