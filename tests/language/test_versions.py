"""The head of a version, and versions in the order of their dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from kaocheng.calendars.numberline import date_to_days
from kaocheng.plan.algebra import Window

Check = Callable[..., Any]


def version(name: str, effective: str) -> str:
    """A version with nothing in it."""
    return f'kaocheng: 1\nruleset: tried\nversion: "{name}"\neffective: {effective}\n'


def day(text: str) -> int:
    """A date on the number line."""
    return date_to_days(dt.date.fromisoformat(text))


def test_a_version_ends_when_the_next_begins(check_versions: Check) -> None:
    """The last day of a version is the day before the next, unless it says otherwise."""
    outcome = check_versions(
        {
            "c": version("c", "{from: 2021-01-01, last_day: 2021-12-31}"),
            "a": version("a", "{from: open}"),
            "b": version("b", "{from: 2020-03-01}"),
        }
    )

    assert [
        ("a", Window(first_day=None, last_day=day("2020-02-29"))),
        ("b", Window(first_day=day("2020-03-01"), last_day=day("2020-12-31"))),
        ("c", Window(first_day=day("2021-01-01"), last_day=day("2021-12-31"))),
    ] == [(v.name, v.window) for v in outcome.ruleset.versions]


@pytest.mark.parametrize(
    ("first", "second", "names"),
    [
        ("{from: open, last_day: 2020-02-29}", "{from: 2020-03-01}", []),
        ("{from: open, last_day: 2020-03-01}", "{from: 2020-03-01}", ["version-overlap"]),
        ("{from: open, last_day: 2020-02-28}", "{from: 2020-03-01}", ["version-gap"]),
        ("{from: 2020-03-01}", "{from: 2020-03-01}", ["version-overlap"]),
        ("{from: open}", "{from: open}", ["version-overlap"]),
        ("{from: opne}", "{from: open}", ["not-of-type"]),
        ("{from: 2020-13-01}", "{from: open}", ["no-such-date"]),
        ("{from: open, last_day: soon}", "{from: open}", ["not-a-date"]),
        ("{from: 2020-03-01, last_day: 2020-02-01}", "{from: open}", ["ends-before-it-begins"]),
        ("{last_day: 2020-02-01}", "{from: open}", ["missing-key"]),
        ("open", "{from: open}", ["wrong-shape"]),
    ],
)
def test_windows(check_versions: Check, first: str, second: str, names: list[str]) -> None:
    """Overlaps and gaps are found on the day; a window that cannot be read causes no others."""
    outcome = check_versions({"a": version("a", first), "b": version("b", second)})

    assert names == outcome.names


def test_everything_is_checked_without_a_whole_head(check_versions: Check) -> None:
    """What stands below an incomplete head is checked all the same."""
    text = 'kaocheng: 1\nruleset: tried\nversion: "1"\nkinds: {report: {field: {}}}\n'

    assert ["missing-key", "unknown-key"] == sorted(check_versions({"1": text}).names)


def test_another_version_of_the_language(check_versions: Check) -> None:
    """Of a file in another version of the language only that is said."""
    assert ["language-version"] == check_versions({"1": "kaocheng: 2\nwhat: ever\n"}).names


@pytest.mark.parametrize(
    ("written", "suggestion"),
    [("Wuhu Information", "wuhu-information"), ("信息", None), ("a/b", "a-b"), ("9", None)],
)
def test_names_of_rulesets(check_versions: Check, written: str, suggestion: str | None) -> None:
    """A ruleset has a name that can be typed and looked up."""
    text = version("1", "{from: open}").replace("tried", written)
    (item,) = check_versions({"1": text}).diagnostics

    assert ("ruleset-name", suggestion) == (item.code.name, item.suggestion)


def test_texts_of_the_head(check_versions: Check) -> None:
    """Titles, source, zone and calendar of a version are kept."""
    text = version("1", "{from: open}") + (
        "title: {zh: 办法, en: Measures}\ncite: law.txt\ntime_zone: Asia/Shanghai\ncalendar: CN\n"
    )
    found = check_versions({"1": text}).version

    assert {"zh": "办法", "en": "Measures"} == found.titles
    assert ("law.txt", "Asia/Shanghai", "CN") == (found.cite, found.zone, found.calendar)


def test_the_zone_is_utc_unless_it_is_named(check_versions: Check) -> None:
    """Without `time_zone` local time is UTC."""
    assert "UTC" == check_versions({"1": version("1", "{from: open}")}).version.zone
