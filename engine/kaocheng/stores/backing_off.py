"""How long to wait before something that failed is tried again."""

from __future__ import annotations

from kaocheng.calendars.numberline import HOUR, SECOND

LONGEST = HOUR
"""The longest wait between two attempts."""

_MOST_DOUBLINGS = 12  # after which a second has become more than the longest wait


def backoff(failures: int) -> int:
    """The wait in microseconds after so many earlier failures: a second, then two, then four."""
    return min(SECOND << min(failures, _MOST_DOUBLINGS), LONGEST)
