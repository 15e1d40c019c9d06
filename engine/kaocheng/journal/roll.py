"""The roll: one row per member and period, also when nothing happened.

A member belongs to a period when its membership shares any stretch of time with it. Its
fields are those in force at the beginning of the period or, if it joined later, when it
joined. The last period is the one that `as_of` lies in.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kaocheng.calendars.numberline import BEGINNING
from kaocheng.calendars.periods import Period, PeriodSpec, periods_between, start_of
from kaocheng.calendars.zones import Zone, local_day
from kaocheng.journal.program import picker
from kaocheng.language.ruleset import Kind
from kaocheng.language.schema import PERIOD_COLUMNS, Relation

Row = tuple[Any, ...]

_OWN_COLUMNS = 1 + len(PERIOD_COLUMNS)


def roll_rows(  # noqa: PLR0913 - what a roll depends on
    kind: Kind,
    rows: Mapping[str, Sequence[Row]],
    spec: PeriodSpec,
    *,
    relations: Mapping[str, Relation],
    as_of: int,
    zone: Zone,
) -> list[Row]:
    """The rows of `<kind> per <period>`, by member and time.

    `rows` are those that `fold` gives. A membership whose beginning has no known time is
    in no period.
    """
    if kind.member is None:
        return []
    members = f"{kind.name}.{kind.member}"
    steps = _Steps(relations[kind.name], relations[f"{kind.name} per {spec.name}"], rows[kind.name])
    found: list[Row] = []
    for case, stays in _stays(relations[members], rows[members]).items():
        for period, moment in _periods(stays, spec, as_of, zone):
            own = (case, period.name, period.first_day, period.last_day)
            found.append((*own, *steps.fields(case, moment)))
    return found


class _Steps:
    """The fields of every member as they changed in time."""

    def __init__(self, kind: Relation, roll: Relation, rows: Iterable[Row]) -> None:
        names = tuple(roll.columns)[_OWN_COLUMNS:]
        pick = picker([kind.index(name) for name in names])
        start = kind.index("from_at") if kind.dated else None
        self._starts: dict[str, list[int]] = {}
        self._fields: dict[str, list[Row]] = {}
        self._unknown = (None,) * len(names)
        for row in rows:
            begun = BEGINNING if start is None else row[start]
            self._starts.setdefault(row[0], []).append(begun)
            self._fields.setdefault(row[0], []).append(pick(row))

    def fields(self, case: str, moment: int) -> Row:
        """The fields in force at an instant; unknown before the first step."""
        index = bisect_right(self._starts.get(case, ()), moment)
        return self._fields[case][index - 1] if index else self._unknown


def _stays(members: Relation, rows: Iterable[Row]) -> dict[str, list[tuple[int, int]]]:
    """Each member's stays, earliest first; one that ends as it begins is none."""
    begins, ends = members.index("from"), members.index("until")
    found: dict[str, list[tuple[int, int]]] = {}
    for row in rows:
        if row[begins] is not None and row[begins] < row[ends]:
            found.setdefault(row[0], []).append((row[begins], row[ends]))
    return {case: sorted(stays) for case, stays in sorted(found.items())}


def _periods(
    stays: Iterable[tuple[int, int]], spec: PeriodSpec, as_of: int, zone: Zone
) -> list[tuple[Period, int]]:
    """Each period of the stays with the instant at which the fields are read."""
    found: dict[int, tuple[Period, int]] = {}
    for begin, end in stays:
        last = local_day(zone, min(end - 1, as_of))
        for period in periods_between(spec, local_day(zone, begin), last):
            moment = max(begin, start_of(period, zone))
            found.setdefault(period.first_day, (period, moment))
    return [found[first] for first in sorted(found)]
