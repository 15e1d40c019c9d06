"""What could not be decided, with the fact that is missing, as far back as it is known."""

from __future__ import annotations

import pytest
from desk_stories import BEYOND, EXTENDED, RECEIVED, Told, assessed, without

from kaocheng import Ruleset
from kaocheng.explaining import undetermined


@pytest.mark.parametrize(
    ("told", "rule", "english", "chinese"),
    [
        (
            (without(RECEIVED, "urgent"),),
            "answer",
            "urgent (`a.urgent`) is not recorded",
            "是否加急（`a.urgent`）未记载",
        ),
        (
            (without(RECEIVED, "clerks"),),
            "each_clerk",
            "clerks (`a.clerks`) is not recorded",
            "承办人（`a.clerks`）未记载",
        ),
        (
            (RECEIVED, without(EXTENDED, "extra_days")),
            "extended",
            "days of extension (`a.extra_days`) is not recorded",
            "延长天数（`a.extra_days`）未记载",
        ),
        (
            (without(RECEIVED, "pages"),),
            "ladder",
            "pages (`a.pages`) is not recorded",
            "页数（`a.pages`）未记载",
        ),
    ],
)
def test_the_missing_fact_is_named(
    desk: Ruleset, told: tuple[Told, ...], rule: str, english: str, chinese: str
) -> None:
    """An undetermined row names the fact that is missing by its title and by its path."""
    assessment = assessed(desk, told, "2024-04-30T12:00")
    found = [item for item in undetermined(assessment) if item.rule == rule]

    assert [("application/1", english, chinese)] == [
        (item.key["case"], item.reason.en, item.reason.zh) for item in found
    ]


def test_a_limit_beyond_the_calendar(desk: Ruleset) -> None:
    """A clock that runs out of its calendar edition names the edition."""
    assessment = assessed(desk, (BEYOND,), "2024-04-30T12:00")
    (found,) = (item for item in undetermined(assessment) if item.rule == "answer")

    assert "the calendar `CN 2001-2026` does not reach that far" == found.reason.en
    assert "`CN 2001-2026` 日历未覆盖该日" == found.reason.zh


def test_what_rests_on_an_undetermined_result(desk: Ruleset) -> None:
    """Points for a deadline that is undetermined are traced back to what the deadline misses."""
    assessment = assessed(desk, (BEYOND,), "2001-01-10T12:00")
    (found,) = (item for item in undetermined(assessment) if item.rule == "late_answer")

    assert (
        "answer is undetermined: the calendar `CN 2001-2026` does not reach that far"
        == found.reason.en
    )
    assert "答复待定：`CN 2001-2026` 日历未覆盖该日" == found.reason.zh
