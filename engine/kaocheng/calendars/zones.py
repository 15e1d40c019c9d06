"""Time zones as tables: local time is one as-of look-up away from UTC, and back.

A `Zone` holds two as-of tables made from `zoneinfo`. The first gives the offset by UTC instant. The
second gives, by *local* wall time, the offset to subtract: a local time that a clock change skips
moves forward by the gap, one that occurs twice is the first. So for every local time, in Python,
in columns and in proofs alike,

    to_utc(local) == local - local_offsets[bisect_right(local_starts, local) - 1]

The tables describe 1900 to 2100; before and after, the first and the last offset hold.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise

from attrs import field, frozen

from kaocheng.calendars.errors import ClockError, UnknownZoneError
from kaocheng.calendars.numberline import BEGINNING, DAY, NEVER, SECOND
from kaocheng.diagnostics import nearest

_SECONDS_PER_DAY = 86_400
_FIRST_SECOND = -2_208_988_800  # 1900-01-01
_LAST_SECOND = 4_133_980_800  # 2101-01-01
# The shortest time any known zone kept an offset between two changes is just under four days.
_PROBE = 2 * _SECONDS_PER_DAY
_CLOSEST_CHANGES = 2 * DAY
# Names that zoneinfo can open although they depend on the machine or count leap seconds.
_NOT_ZONES = ("posix/", "right/", "localtime", "posixrules", "Factory")


@frozen
class Zone:
    """The offsets of one time zone: `offsets[i]` holds from instant `utc_starts[i]` on."""

    name: str
    utc_starts: tuple[int, ...] = field(repr=False)
    offsets: tuple[int, ...] = field(repr=False)
    local_starts: tuple[int, ...] = field(init=False, repr=False, eq=False)

    @local_starts.default
    def _local_starts(self) -> tuple[int, ...]:
        # In a gap and in a fold alike the earlier offset still counts until the later of the two
        # wall times of the change has passed.
        changes = zip(self.utc_starts[1:], self.offsets, self.offsets[1:], strict=False)
        return (BEGINNING, *(start + max(old, new) for start, old, new in changes))

    @property
    def local_offsets(self) -> tuple[int, ...]:
        """The offset to subtract from local times from `local_starts[i]` on."""
        return self.offsets

    def __attrs_post_init__(self) -> None:
        """Refuse tables on which the as-of look-up would not be exact."""
        if len(self.utc_starts) != len(self.offsets) or self.utc_starts[:1] != (BEGINNING,):
            message = f"the table of the time zone `{self.name}` does not begin at the beginning"
            raise ClockError(message, zh=f"时区 `{self.name}` 的表未从最早时刻开始")
        changes = self.utc_starts[1:]
        if any(b - a < _CLOSEST_CHANGES for a, b in pairwise(changes)):
            message = f"the time zone `{self.name}` changes its clock twice within two days"
            raise ClockError(message, zh=f"时区 `{self.name}` 在两天内两次调整时钟")


@frozen
class ZoneRows:
    """A zone as two tables of rows (start, offset) for as-of joins."""

    utc: tuple[tuple[int, int], ...]
    local: tuple[tuple[int, int], ...]


def to_local(zone: Zone, us: int) -> int:
    """The local wall time of an instant, in microseconds since local 1970-01-01T00:00."""
    if us == NEVER:
        return NEVER
    return us + zone.offsets[bisect_right(zone.utc_starts, us) - 1]


def to_utc(zone: Zone, local_us: int) -> int:
    """The instant of a local wall time: a skipped one moves on by the gap, of two the first."""
    if local_us == NEVER:
        return NEVER
    return local_us - zone.offsets[bisect_right(zone.local_starts, local_us) - 1]


def local_day(zone: Zone, us: int) -> int:
    """The local date of an instant; `NEVER` stays `NEVER`."""
    return NEVER if us == NEVER else to_local(zone, us) // DAY


def zone_rows(zone: Zone) -> ZoneRows:
    """The zone's two as-of tables, for the columnar evaluator."""
    return ZoneRows(
        utc=tuple(zip(zone.utc_starts, zone.offsets, strict=True)),
        local=tuple(zip(zone.local_starts, zone.local_offsets, strict=True)),
    )


def zone_slack(zone: Zone, first_us: int, last_us: int) -> int:
    """How far local calendar time may stray from elapsed time between two instants.

    Moving by whole local days within the span differs from the same number of times 24 hours by at
    most this much, either way. It is what "later is never better" must allow for.
    """
    first = bisect_right(zone.utc_starts, first_us) - 1
    last = bisect_right(zone.utc_starts, last_us)
    offsets = zone.offsets[first:last]
    return max(offsets) - min(offsets)


class Zones:
    """Builds each zone once and keeps it; safe to share between threads.

    Two threads that ask for a new zone at the same time may both build it; they get equal values.
    """

    def __init__(self) -> None:
        self._built: dict[str, Zone] = {}

    def get(self, name: str) -> Zone:
        """The zone of that name."""
        zone = self._built.get(name)
        if zone is None:
            zone = self._built[name] = build_zone(name)
        return zone


# A zone is a value that follows from its name alone, and making it takes 50 ms: to remember the
# last ones is no state that anybody could see.
@lru_cache(maxsize=32)
def build_zone(name: str) -> Zone:
    """Make the table of a zone from `zoneinfo`, exact to the second from 1900 to 2100."""
    offset_at = _offset_reader(name)
    changes = list(_changes(offset_at))
    starts = (BEGINNING, *(second * SECOND for second, _ in changes))
    offsets = (offset_at(_FIRST_SECOND), *(offset for _, offset in changes))
    return Zone(name, starts, tuple(offset * SECOND for offset in offsets))


def _offset_reader(name: str) -> Callable[[int], int]:
    from zoneinfo import ZoneInfo

    try:
        info = None if name.startswith(_NOT_ZONES) else ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        info = None
    if info is None:
        raise _unknown_zone(name)
    epoch = dt.datetime(1970, 1, 1, tzinfo=info)
    second = dt.timedelta(seconds=1)

    def offset_at(seconds: int) -> int:
        offset = info.fromutc(epoch + seconds * second).utcoffset()
        return 0 if offset is None else offset // second

    return offset_at


def _changes(offset_at: Callable[[int], int]) -> Iterator[tuple[int, int]]:
    """Yield each second from which a new offset holds, with that offset."""
    known, known_offset = _FIRST_SECOND, offset_at(_FIRST_SECOND)
    while known < _LAST_SECOND:
        probe = min(known + _PROBE, _LAST_SECOND)
        if offset_at(probe) == known_offset:
            known = probe
            continue
        known = _first_change(offset_at, known, probe)
        known_offset = offset_at(known)
        yield known, known_offset


def _first_change(offset_at: Callable[[int], int], before: int, after: int) -> int:
    """Bisect to a second whose offset differs from that of the second before it."""
    offset = offset_at(before)
    while after - before > 1:
        middle = (before + after) // 2
        if offset_at(middle) == offset:
            before = middle
        else:
            after = middle
    return after


def _unknown_zone(name: str) -> UnknownZoneError:
    from zoneinfo import available_timezones

    return UnknownZoneError(name, nearest(name, available_timezones()))
