"""What happened at the desk, story by story, and which rule is asked about."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from kaocheng import Assessment, Event, Explanation, Journal, Ruleset, assess, explain
from kaocheng.calendars.numberline import parse_instant

# A case, what happened, when in Shanghai, what it carried, and when it became known if later.
Told = tuple[str, str, str, Mapping[str, object]] | tuple[str, str, str, Mapping[str, object], str]

UNITS: tuple[Told, ...] = (
    ("unit/jinghu", "admit", "2024-01-01T00:00", {"name": "镜湖区", "class": "county"}),
    ("unit/yijiang", "admit", "2024-01-01T00:00", {"name": "弋江区", "class": "other"}),
)
FIRST = {
    "unit": "unit/jinghu",
    "clerks": ["person/wang", "person/zhao"],
    "pages": 12,
    "urgent": False,
}
LONG, LONGER = {**FIRST, "pages": 50}, {**FIRST, "pages": 60}
URGENT = {**LONG, "urgent": True}
RECEIVED: Told = ("application/1", "receive", "2024-04-01T09:00", FIRST)
ASKED: Told = ("application/1", "ask", "2024-04-02T10:00", {})
SUPPLIED: Told = ("application/1", "supply", "2024-04-03T15:00", {})

# A month at the desk: three applications, visits, picks, and a bulletin.
MONTH: tuple[Told, ...] = (
    RECEIVED,
    ("application/2", "receive", "2024-04-02T09:00", LONG),
    ("application/3", "receive", "2024-04-05T09:00", LONGER),
    ("application/2", "answer", "2024-04-06T09:00", {}),
    ("application/3", "extend", "2024-04-06T09:00", {"extra_days": 20}),
    ("application/1", "visit", "2024-04-10T09:00", {"grade": "fair"}),
    ("application/1", "visit", "2024-04-11T09:00", {"grade": "good"}),
    ("application/1", "visit", "2024-04-12T09:00", {"grade": "good"}),
    ("application/2", "pick", "2024-04-20T09:00", {}),
    ("application/3", "pick", "2024-04-21T09:00", {}),
    (
        "bulletin/april",
        "publish",
        "2024-05-01T00:00",
        {
            "first_day": "2024-04-01",
            "last_day": "2024-04-30",
            "known_at": "2024-05-01T00:00:00+08:00",
        },
    ),
    ("application/2", "visit", "2024-04-25T09:00", {"grade": "good"}, "2024-05-03T09:00"),
)
AFTERWARDS = "2024-05-10T12:00"


@frozen(kw_only=True)
class Story:
    """Events, a case, a rule, and the time at which the rule is asked about."""

    told: tuple[Told, ...]
    case: str
    rule: str
    as_of: str = AFTERWARDS
    period: str | None = None

    def explained(self, ruleset: Ruleset) -> tuple[Explanation, ...]:
        """What explains the rule for the case."""
        assessment = assessed(ruleset, self.told, self.as_of)
        return explain(assessment, self.case, rule=self.rule, period=self.period)

    def text(self, ruleset: Ruleset) -> str:
        """All of it as one text, in English and in Chinese."""
        found = self.explained(ruleset)
        return "\n".join(line for lang in ("en", "zh") for e in found for line in e.texts(lang))


def assessed(ruleset: Ruleset, told: tuple[Told, ...], as_of: str) -> Assessment:
    """The assessment of what is told, and of two units who belong to the network."""
    return assess(ruleset, journal((*UNITS, *told)), as_of=instant(as_of))


def journal(told: tuple[Told, ...]) -> Journal:
    """Events numbered within their cases in the order in which they are told."""
    numbers: dict[str, int] = {}
    events = []
    for case, event, at, data, *known in told:
        numbers[case] = numbers.get(case, 0) + 1
        events.append(
            Event(
                case=case,
                sequence=numbers[case],
                event=event,
                at=instant(at),
                recorded_at=instant(known[0]) if known else None,
                data=dict(data),
            )
        )
    return Journal(events=tuple(events))


def instant(text: str) -> int:
    """An instant of Shanghai."""
    return parse_instant(f"{text}:00+08:00")


def without(told: Told, name: str) -> Told:
    """The same event, which does not carry one of its data."""
    case, event, at, data, *known = told
    kept = {key: value for key, value in data.items() if key != name}
    return (case, event, at, kept, *known)  # type: ignore[return-value]


def answered(at: str) -> Told:
    """The answer to the first application."""
    return ("application/1", "answer", at, {})


def of_first(*told: Told, rule: str = "answer", as_of: str = "2024-04-30T12:00") -> Story:
    """A story of the first application."""
    return Story(told=told, case="application/1", rule=rule, as_of=as_of)


def of_month(case: str, rule: str, period: str | None = None) -> Story:
    """A story of the month."""
    return Story(told=MONTH, case=case, rule=rule, period=period)


EXTENDED: Told = (
    "application/1",
    "extend",
    "2024-04-03T15:00",
    {"extra_days": 7, "reason": "人手不足"},
)
# Before the first day of the calendar edition.
BEYOND: Told = ("application/1", "receive", "2000-12-31T09:00", FIRST)
SECOND_VERSION: tuple[Told, ...] = (
    ("application/4", "receive", "2024-05-06T09:00", URGENT),
    ("application/4", "answer", "2024-05-06T12:00", {}),
)

STORIES: Mapping[str, Story] = {
    # Clocks.
    "late-after-a-pause": of_first(RECEIVED, ASKED, SUPPLIED, answered("2024-04-12T17:00")),
    "in-time": of_first(RECEIVED, answered("2024-04-09T23:59")),
    "paused-still": of_first(RECEIVED, ASKED, as_of="2024-04-10T12:00"),
    "overdue": of_first(RECEIVED),
    "lapsed": of_first(RECEIVED, as_of="2024-05-03T12:00"),
    "excused": of_first(RECEIVED, ("application/1", "waive", "2024-04-03T15:00", {})),
    "owed-by-each": of_first(RECEIVED, rule="each_clerk"),
    "owed-by-nobody": of_first(
        ("application/1", "receive", "2024-04-01T09:00", {**FIRST, "clerks": []}), rule="each_clerk"
    ),
    "owed-by-nobody-knows-whom": of_first(without(RECEIVED, "clerks"), rule="each_clerk"),
    "limit-given-by-the-case": of_first(RECEIVED, EXTENDED, rule="extended"),
    "limit-of-one": of_first(RECEIVED, (*EXTENDED[:3], {"extra_days": 1}), rule="extended"),
    "limit-not-recorded": of_first(RECEIVED, without(EXTENDED, "extra_days"), rule="extended"),
    # What is not there.
    "condition-false": of_first(("application/1", "receive", "2024-04-01T09:00", URGENT)),
    "condition-unknown": of_first(without(RECEIVED, "urgent")),
    "condition-false-in-part": of_first(RECEIVED, rule="too_long"),
    "event-that-has-not-happened": of_first(RECEIVED, rule="extended"),
    "no-such-rows": of_first(RECEIVED, rule="visited"),
    "another-kind": of_first(RECEIVED, rule="monthly"),
    "rule-left-out-of-the-version": Story(
        told=SECOND_VERSION, case="application/4", rule="too_long"
    ),
    "second-version": Story(told=SECOND_VERSION, case="application/4", rule="answer"),
    "counted-by-no-tally": of_month("unit/yijiang", "pages"),
    # Findings, points, tallies.
    "finding": of_first(("application/1", "receive", "2024-04-01T09:00", URGENT), rule="too_long"),
    "kept-and-not-kept": of_month("application/1", "visited"),
    "posted-after-the-bulletin": of_month("application/2", "visited"),
    "shared": of_month("application/2", "shared"),
    "received-by-a-person": of_month("person/zhao", "shared"),
    "nothing-to-share-yet": of_month("application/3", "shared"),
    "tally": of_month("unit/jinghu", "long_ones", "2024-04"),
    "tally-of-nothing": of_month("unit/yijiang", "received", "2024-04"),
    "sum": of_month("unit/jinghu", "pages", "2024-04"),
    "provisional-sum": Story(
        told=(*MONTH, without(("application/7", "receive", "2024-04-09T09:00", FIRST), "pages")),
        case="unit/jinghu",
        rule="pages",
        period="2024-04",
    ),
    "counted": of_month("application/2", "pages"),
    "not-counted": of_month("application/1", "long_ones"),
    "points-for-a-result": of_first(RECEIVED, answered("2024-04-12T17:00"), rule="late_answer"),
    "no-points-for-a-result": of_first(RECEIVED, answered("2024-04-09T17:00"), rule="late_answer"),
    "points-for-an-undetermined-result": of_first(
        BEYOND, ("application/1", "answer", "2001-02-01T09:00", {}), rule="late_answer"
    ),
    # Ranks, states, decisions, bulletins.
    "ranked-first": of_month("unit/jinghu", "league", "2024-04"),
    "ranked-behind": of_month("unit/yijiang", "league", "2024-04"),
    "ranked-alike": of_month("unit/yijiang", "league", "2024-03"),
    "first-step-of-a-ladder": of_month("application/2", "ladder"),
    "second-step-of-a-ladder": of_month("application/3", "ladder"),
    "passed-over-by-a-ladder": of_first(without(RECEIVED, "pages"), rule="ladder"),
    "choice": of_month("application/2", "models"),
    "choice-that-was-not-open": of_month("application/3", "models"),
    "amount": of_first(RECEIVED, EXTENDED, rule="extension"),
    "amount-out-of-bounds": of_month("application/3", "extension"),
    "amount-not-decided": of_first(RECEIVED, rule="extension"),
    "bulletin": of_month("bulletin/april", "monthly"),
}
