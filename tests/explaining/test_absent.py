"""Results that are not there: the first reason why, and of nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from desk_stories import FIRST, RECEIVED, STORIES, Story, Told, assessed, of_first, without

from kaocheng import Explanation, Host, Ruleset, explain

HERE = "nothing here: the rule runs over"
NONE = "and the case has none"
FALSE = "does not apply, because this does not hold:"
REASONS: Mapping[str, str] = {
    "owed-by-nobody": "nobody: `a.clerks` is an empty list",
    "condition-false": f"{FALSE} `!a.urgent`",
    "condition-false-in-part": f"{FALSE} `a.urgent`",
    "event-that-has-not-happened": f"{FALSE} `happened(a.extended_at)`",
    "no-such-rows": f"{HERE} visits (`application.visits`), {NONE}",
    "another-kind": f"{HERE} `bulletin`, not over `application`",
    "rule-left-out-of-the-version": (
        "not governed by this rule: version 2024 is in force, which does not have it"
    ),
    "counted-by-no-tally": "nothing here: no row that the tally counts belongs to the case",
    "nothing-to-share-yet": f"{FALSE} `happened(a.answered_at)`",
    "not-counted": f"{FALSE} `a.pages > longest`",
}


def last_line(explanation: Explanation) -> str:
    """The last line of an explanation, without what stands below it."""
    return explanation.lines[-1].en


@pytest.mark.parametrize("name", REASONS)
def test_the_reason_is_the_last_line(desk: Ruleset, name: str) -> None:
    """An explanation of what is not there ends with the one reason, and says that it is absent."""
    (explanation,) = STORIES[name].explained(desk)

    assert (False, REASONS[name]) == (explanation.present, last_line(explanation))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"urgent": True, "pages": 12}, "`a.pages > longest`"),
        ({"urgent": False, "pages": 50}, "`a.urgent`"),
        ({"urgent": False, "pages": 12}, "`a.urgent`"),
    ],
)
def test_the_first_part_that_does_not_hold(
    desk: Ruleset, data: Mapping[str, object], reason: str
) -> None:
    """Of a conjunction only the first part that is false is shown, with its own values."""
    told: Told = ("application/1", "receive", "2024-04-01T09:00", {**FIRST, **data})
    (explanation,) = of_first(told, rule="too_long").explained(desk)
    names = [line.en.partition(" = ")[0] for line in explanation.lines[-1].below]

    assert f"{FALSE} {reason}" == last_line(explanation)
    assert (["urgent"] if "urgent" in reason else ["pages", "pages of a long one"]) == names


def test_unknown_before_false(desk: Ruleset) -> None:
    """A conjunction with an unknown and a false part is false, and the false part is shown."""
    told: Told = ("application/1", "receive", "2024-04-01T09:00", {**FIRST, "pages": 12})
    (explanation,) = of_first(without(told, "urgent"), rule="too_long").explained(desk)

    assert f"{FALSE} `a.pages > longest`" == last_line(explanation)


def test_an_unknown_condition_is_no_refusal(desk: Ruleset) -> None:
    """Where the condition is unknown the row is there, marked, with the fact that is missing."""
    (explanation,) = STORIES["condition-unknown"].explained(desk)

    assert explanation.present
    assert "undetermined: urgent (`a.urgent`) is not recorded" == last_line(explanation)


def test_every_rule_of_the_kind_is_answered(desk: Ruleset) -> None:
    """Without naming a rule, every rule that runs over such cases says something of the case."""
    assessment = assessed(desk, (RECEIVED,), "2024-04-30T12:00")
    rules = {explanation.rule for explanation in explain(assessment, "application/1")}

    assert rules == {
        "answer",
        "each_clerk",
        "extended",
        "too_long",
        "received",
        "long_ones",
        "pages",
        "models",
        "extension",
        "visited",
        "late_answer",
        "shared",
        "ladder",
    }


def test_a_row_without_result_is_read_under_its_own_version(desk: Ruleset) -> None:
    """What keeps a row out is the condition of the version that governs it, not of the latest."""
    april: Told = ("application/1", "receive", "2024-04-01T09:00", {**FIRST, "urgent": True})
    may: Told = ("application/2", "receive", "2024-05-06T09:00", {**FIRST, "pages": 3})
    stories = [
        Story(told=(april, may), case=case, rule="answer")
        for case in ("application/1", "application/2")
    ]
    found = [story.explained(desk)[0] for story in stories]

    assert [False, False] == [explanation.present for explanation in found]
    assert ["answer · 第三条 · version 2023", "answer · 修订第三条 · version 2024"] == [
        explanation.heading.en for explanation in found
    ]
    assert [f"{FALSE} `!a.urgent`", f"{FALSE} `a.pages > 3`"] == [last_line(e) for e in found]


def test_a_time_that_has_not_come(host: Host) -> None:
    """Points whose time lies ahead are explained by that time."""
    ruleset = host.load("wuhu-information")
    told: tuple[Told, ...] = (
        ("unit/a", "admit", "2009-01-01T00:00", {"name": "甲", "class": "county"}),
    )
    assessment = assessed(ruleset, told, "2009-03-31T12:00")
    (explanation,) = explain(assessment, "unit/a", rule="research_shortfall")

    assert not explanation.present
    assert "does not count yet: its time is 2009-12-31  (`u.period.last_day`)" == last_line(
        explanation
    )
    assert "尚不计：计入时间为 2009-12-31（`u.period.last_day`）" == explanation.lines[-1].zh
