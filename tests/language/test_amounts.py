"""Scaled integers and durations as text."""

from __future__ import annotations

import pytest

from kaocheng.language.amounts import duration_words


@pytest.mark.parametrize(
    ("micros", "english", "chinese"),
    [
        (0, "0 seconds", "0 秒"),
        (1_000_000, "1 second", "1 秒"),
        (90_000_000, "1 minute 30 seconds", "1 分钟 30 秒"),
        (86_400_000_000, "1 day", "1 天"),
        (93_784_500_000, "1 day 2 hours 3 minutes 4.5 seconds", "1 天 2 小时 3 分钟 4.5 秒"),
        (-3_600_000_000, "-1 hour", "-1 小时"),
        (1, "0.000001 seconds", "0.000001 秒"),
    ],
)
def test_durations_in_words(micros: int, english: str, chinese: str) -> None:
    """A duration is said in days, hours, minutes and seconds, leaving out what is none."""
    assert (english, chinese) == duration_words(micros)
