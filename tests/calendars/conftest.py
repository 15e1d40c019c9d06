"""Zones and editions that several tests look at; building them takes a moment."""

from __future__ import annotations

import pytest

from kaocheng.calendars import Edition, Zone, Zones, build_edition, business_hours


@pytest.fixture(scope="session")
def zones() -> Zones:
    """A shared builder of zones."""
    return Zones()


@pytest.fixture(scope="session")
def amsterdam(zones: Zones) -> Zone:
    """A zone with clock changes twice a year."""
    return zones.get("Europe/Amsterdam")


@pytest.fixture(scope="session")
def shanghai(zones: Zones) -> Zone:
    """The legal time of China."""
    return zones.get("Asia/Shanghai")


@pytest.fixture(scope="session")
def china() -> Edition:
    """The published working days of China, with office hours and a lunch break."""
    hours = business_hours("09:00", "17:30", breaks=[("12:00", "13:30")])
    return build_edition("CN", range(2009, 2027), hours=hours)
