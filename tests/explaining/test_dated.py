"""Facts of units are explained as they stood when the row counts, not as they stand now."""

from __future__ import annotations

from desk_stories import Told, assessed

from kaocheng import Host, explain

UNIT = "unit/c"
TOLD: tuple[Told, ...] = (
    (UNIT, "admit", "2009-03-01T00:00", {"name": "丙", "class": "county"}),
    (UNIT, "reclassify", "2009-03-10T00:00", {"class": "other"}),
)


def test_the_class_of_that_day(host: Host) -> None:
    """A unit that was a county on one day and none on another is explained by each day's class."""
    assessment = assessed(host.load("wuhu-information"), TOLD, "2009-03-31T12:00")
    found = [
        explain(assessment, UNIT, rule="daily_report", period=period)[0]
        for period in ("2009-03-09", "2009-03-11")
    ]
    said = [line for e in found for top in e.lines for line in top.below if "class" in line.en]

    assert [True, False] == [explanation.present for explanation in found]
    assert ["class of unit = county", "class of unit = other"] == [line.en for line in said]
