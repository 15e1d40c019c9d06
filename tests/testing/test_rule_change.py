"""A change of a rule, guarded by property tests: what a policy writer's colleague would write."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kaocheng import Host, Journal, Ruleset, assess
from kaocheng.calendars import parse_instant
from kaocheng.calendars.numberline import DAY
from kaocheng.testing import journals

END = parse_instant("2030-01-01T00:00:00Z")


def check_that_45_days_are_the_most(ruleset: Ruleset) -> None:
    """Property: whatever the version, a notice more than 45 days after awareness is late."""

    @given(journals(ruleset))
    def holds(journal: Journal) -> None:
        for notice in assess(ruleset, journal, as_of=END).rows("notice"):
            in_time, start, done = notice["status"] == "met", notice["start"], notice["met_at"]
            assert not in_time or done - start <= 45  # type: ignore[operator]

    holds()


def test_45_days_are_the_most(host: Host) -> None:
    """No version gives more than 45 days."""
    check_that_45_days_are_the_most(host.load("washington-breach"))


def test_sixty_days_would_be_more(host: Host, tmp_path: Path) -> None:
    """Thirty days changed to sixty break the property, at the first notice in between."""
    shutil.copytree(host.find("washington-breach"), tmp_path / "washington-breach")
    version = tmp_path / "washington-breach/versions/2020-03.yaml"
    version.write_text(version.read_text("utf-8").replace("30 days", "60 days"), "utf-8")

    with pytest.raises(AssertionError):
        check_that_45_days_are_the_most(host.load(str(tmp_path / "washington-breach")))


def test_notifying_later_never_helps(host: Host) -> None:
    """Notifying later never turns a late notice into one in time."""
    ruleset = host.load("washington-breach")

    @given(journals(ruleset), st.integers(0, 400))
    def holds(journal: Journal, days: int) -> None:
        later = [
            evolve(e, date=e.date + days) if e.date is not None else evolve(e, at=e.at + days * DAY)
            for e in journal.events
        ]
        before = assess(ruleset, journal, as_of=END).rows("notice")
        after = assess(ruleset, Journal(events=tuple(later)), as_of=END).rows("notice")
        for old, new in zip(before, after, strict=True):
            assert old["status"] != "late" or new["status"] == "late"

    holds()
