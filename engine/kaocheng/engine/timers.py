"""When what is said of a case will be something else by time alone, and until when things are due.

A *timer* is the first such instant of a rule: when a deadline begins, becomes overdue, is met by
a time that was stated ahead, or lapses; when the time of points, of a notice or of a finding has
come; when nobody has decided in time; and when another version comes into force, for rows that
have no time of their own. Whoever evaluates a rule notes it there and then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from attrs import frozen

from kaocheng.calendars.numberline import DAY, EVENT_INSTANTS, NEVER
from kaocheng.calendars.zones import Zone, to_utc
from kaocheng.language.schema import Relation
from kaocheng.language.types import DATE

Later = Mapping[tuple[str, int | None], None]
"""Rules with what they noted: instants, some of them past or never, and None for no instant."""

Timer = tuple[str, int]
"""A rule and the instant at which it will say something else."""

Timers = Mapping[Timer, None]

_TO_DO = ("not_begun", "open", "overdue")

NOTHING_LATER: Later = MappingProxyType({})


def timers_of(later: Later, as_of: int) -> Timers:
    """What rules noted that is still to come, and can be an event."""
    stop = EVENT_INSTANTS.stop
    return {(rule, at): None for rule, at in later if at is not None and as_of < at < stop}


@frozen
class ClockPlace:
    """A rule with deadlines: its place among the online rules, and where things are in a row.

    A deadline is undetermined where its row has no status: nobody can say how it stands.
    """

    rule: str
    place: int
    due: int
    status: int
    is_date: bool

    def ends(self, row: tuple[object, ...], zone: Zone) -> int | None:
        """The last instant of a deadline that nobody has met yet, if it has one.

        One that has not begun counts too: nobody may have looked since.
        """
        value = row[self.due]
        if row[self.status] not in _TO_DO or not isinstance(value, int):
            return None
        if value == NEVER:
            return None
        return to_utc(zone, (value + 1) * DAY) - 1 if self.is_date else value


def clock_places(relations: Mapping[str, Relation]) -> Sequence[ClockPlace]:
    """The rules that have deadlines, among online rules in their order."""
    return [
        ClockPlace(
            rule,
            place,
            relation.index("due"),
            relation.index("status"),
            relation.columns["due"] == DATE,
        )
        for place, (rule, relation) in enumerate(relations.items())
        if {"due", "status"} <= relation.columns.keys()
    ]
