"""Mistakes inside sections are reported at their place, and nothing is passed over in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaocheng.host import Host

HEAD = """\
kaocheng: 1
ruleset: mistakes
version: "1"
effective: {from: open}
time_zone: Asia/Shanghai
kinds:
  letter:
    fields:
      came_at: {at: come}
      came_on: {date: come}
      answered_at: {at: answer}
      answered_on: {date: answer}
accounts:
  - {id: merit, of: letter, clause: a}
"""
DEADLINE = """\
deadlines:
  - id: answer
    clause: a
    for: letter as l
    starts: l.came_{time}
    {keys}
    met_at: l.answered_{time}
"""
POINTS = """\
points:
  - id: bonus
    clause: a
    for: letter as l
    earn: "1"
    to: l
    account: merit
    at: l.came_at
    then: [{step}]
tallies:
  - {id: total, clause: a, for: merit.entries as e, per: [e.recipient], sum: e.amount}
"""


def found(tmp_path: Path, section: str) -> list[tuple[str, int, int, str]]:
    """What checking reports: code, line and column below the head, message."""
    path = tmp_path / "mistakes.yaml"
    path.write_text(HEAD + section, "utf-8")
    above = HEAD.count("\n")
    diagnostics = Host.discover().check(str(path)).diagnostics
    return [(d.code.id, d.span.line - above, d.span.column, d.message()) for d in diagnostics]


@pytest.mark.parametrize(
    ("time", "keys", "expected"),
    [
        (
            "on",
            "within: 2 days\n    until: noon",
            (
                "KC342",
                7,
                12,
                "a limit on a date ends with its last day, so `until` has no meaning here",
            ),
        ),
        (
            "at",
            "within: 2 hours\n    until: noon",
            ("KC342", 7, 12, "a limit in hours runs from the moment it starts and never moves"),
        ),
        (
            "at",
            "within: 2 days\n    until: nooon",
            ("KC342", 7, 12, "`nooon` is not a time of day; write it as `17:30`"),
        ),
        (
            "at",
            "within: 2 days\n    raise: late",
            ("KC303", 7, 12, "`raise` wants a mapping with `finding`, and is a single value"),
        ),
    ],
)
def test_limits_and_what_they_raise(
    tmp_path: Path, time: str, keys: str, expected: tuple[str, int, int, str]
) -> None:
    """An option that has no meaning, or a finding without its mapping, is named where it stands."""
    section = DEADLINE.replace("{time}", time).replace("{keys}", keys)

    assert [expected] == found(tmp_path, section)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("keep", ("KC303", 9, 12)),
        ("shar", ("KC303", 9, 12)),
        ("{keap: {best: 1}}", ("KC345", 9, 13)),
    ],
)
def test_steps(tmp_path: Path, step: str, expected: tuple[str, int, int]) -> None:
    """A step that is none is reported at its place, whatever its form."""
    assert [expected] == [item[:3] for item in found(tmp_path, POINTS.replace("{step}", step))]


def test_a_calendar_that_no_rule_counts_by(tmp_path: Path) -> None:
    """A ruleset may name a calendar before a rule counts working days: limits work without it."""
    from kaocheng.assessing import assess
    from kaocheng.model.events import Event, Journal

    section = DEADLINE.replace("{time}", "at").replace("{keys}", "within: 2 days")
    path = tmp_path / "named.yaml"
    path.write_text(HEAD.replace("time_zone", "calendar: CN\ntime_zone", 1) + section, "utf-8")
    event = Event(case="letter/1", sequence=1, event="come", at=0)
    assessment = assess(Host.discover().load(str(path)), Journal(events=(event,)), as_of=0)

    assert 1 == assessment.statuses("answer")["open"]
