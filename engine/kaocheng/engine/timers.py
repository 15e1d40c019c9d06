"""When the deadlines of a case will say something else than now.

A *timer* is the first such instant: when a deadline begins, and when it has become overdue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from kaocheng.calendars.numberline import DAY, LAST_INSTANT, NEVER
from kaocheng.calendars.zones import Zone, to_utc
from kaocheng.language.schema import Relation
from kaocheng.language.types import DATE

if TYPE_CHECKING:
    from kaocheng.engine.outcome import CaseResults


@frozen
class ClockPlace:
    """A rule with deadlines: its place among the online rules, and where things are in a row."""

    rule: str
    place: int
    start: int
    due: int
    status: int
    is_date: bool

    def begins(self, row: tuple[object, ...], zone: Zone) -> int | None:
        """The first instant of the deadline, if it has one."""
        value = row[self.start]
        if not isinstance(value, int) or value == NEVER:
            return None
        return to_utc(zone, value * DAY) if self.is_date else value

    def ends(self, row: tuple[object, ...], zone: Zone) -> int | None:
        """The first instant after it."""
        value = row[self.due]
        if not isinstance(value, int) or value == NEVER:
            return None
        return to_utc(zone, (value + 1) * DAY) if self.is_date else value + 1


def clock_places(relations: Mapping[str, Relation]) -> Sequence[ClockPlace]:
    """The rules that have deadlines, among online rules in their order."""
    return [
        ClockPlace(
            rule,
            place,
            relation.index("start"),
            relation.index("due"),
            relation.index("status"),
            relation.columns["due"] == DATE,
        )
        for place, (rule, relation) in enumerate(relations.items())
        if {"start", "due", "status"} <= relation.columns.keys()
    ]


def timers_in(results: CaseResults, zone: Zone) -> dict[tuple[str, int], None]:
    """The timers of results: rules with instants, in the order of the rules."""
    found: dict[tuple[str, int], None] = {}
    for clock, row in results.clocks():
        status = row[clock.status]
        if status == "not_begun":
            at = clock.begins(row, zone)
        elif status == "open":
            at = clock.ends(row, zone)
        else:
            continue
        if at is not None and results.as_of < at <= LAST_INSTANT:
            found[clock.rule, at] = None
    return found
