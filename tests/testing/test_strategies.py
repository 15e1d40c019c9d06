"""The strategies give what is promised, the boundaries of deadlines among it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

import kaocheng.testing
from kaocheng import Event, Host, Journal, Ruleset, assess
from kaocheng.assessing import fold_facts
from kaocheng.calendars import NEVER, build_zone, parse_date, parse_instant, to_local
from kaocheng.calendars.numberline import DAY, HOUR
from kaocheng.model.facts import Times
from kaocheng.testing import Timeline, cases, journals, timelines

CHANGE = parse_date("2020-03-01")
FAR = parse_instant("2030-01-01T00:00:00Z")
# A roll has a row per day until then.
SOON = parse_instant("2011-04-01T00:00:00+08:00")
Found = TypeVar("Found")
SEARCH = settings(
    max_examples=3_000,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def breach(host: Host) -> Ruleset:
    """Limits on dates, and two versions."""
    return host.load("washington-breach")


@pytest.fixture(scope="module")
def permit(host: Host) -> Ruleset:
    """Limits on instants: one that the case gives, one of local time."""
    return host.load("permit-receipt")


@pytest.fixture(scope="module")
def office(host: Host) -> Ruleset:
    """A roll, references between cases, a lifecycle with roles."""
    return host.load("wuhu-information")


def exists(strategy: st.SearchStrategy[Found], predicate: Callable[[Found], bool]) -> bool:
    """Whether a search finds something of which the predicate holds; it raises if not."""
    find(strategy, predicate, settings=SEARCH)
    return True


@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_a_limit_in_days_is_met_on_its_last_day_and_beside_it(breach: Ruleset, beside: int) -> None:
    """Notices are given on the day when they fall due, the day before and the day after."""

    def holds(journal: Journal) -> bool:
        rows = assess(breach, journal, as_of=FAR).rows("notice")
        return any(_distance(row) == beside for row in rows)

    assert exists(journals(breach), holds)


@pytest.mark.parametrize("rule", ["decision", "eight_weeks"])
@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_a_limit_on_instants_is_met_to_the_microsecond(
    permit: Ruleset, rule: str, beside: int
) -> None:
    """Permits are finished when they fall due, one microsecond earlier and one later."""

    def holds(journal: Journal) -> bool:
        rows = assess(permit, journal, as_of=FAR).rows(rule)
        return any(_distance(row) == beside for row in rows)

    assert exists(journals(permit), holds)


@pytest.mark.parametrize("day", [CHANGE - 1, CHANGE, CHANGE + 1])
def test_clocks_start_around_a_change_of_version(breach: Ruleset, day: int) -> None:
    """Clocks start on the day before a version is in force, on its first day, and after it."""

    def holds(journal: Journal) -> bool:
        return any(r["start"] == day for r in assess(breach, journal, as_of=FAR).rows("notice"))

    assert exists(journals(breach), holds)


def test_a_limit_ends_in_the_gap_of_a_clock_change(permit: Ruleset) -> None:
    """Some eight weeks end at a local time that the clock skips, so the due time moves on."""
    zone = build_zone("Europe/Amsterdam")

    def holds(journal: Journal) -> bool:
        rows = assess(permit, journal, as_of=FAR).rows("eight_weeks")
        return any(
            to_local(zone, int(str(row["due"]))) - to_local(zone, int(str(row["start"])))
            == 56 * DAY + HOUR
            for row in rows
            if isinstance(row["start"], int) and row["start"] != NEVER
        )

    assert exists(journals(permit), holds)


@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_journals_are_assessed_when_something_falls_due(permit: Ruleset, beside: int) -> None:
    """The time of the assessment lies on a due time, one microsecond before and one after."""

    def holds(timeline: Timeline) -> bool:
        rows = assess(permit, timeline.journal, as_of=timeline.as_of).rows("decision")
        return any(timeline.as_of - row["due"] == beside for row in rows if row["due"])  # type: ignore[operator]

    assert exists(timelines(permit), holds)


@pytest.mark.parametrize("status", ["not_begun", "open", "overdue", "met", "late", None])
def test_every_status_of_a_deadline_occurs(permit: Ruleset, status: str | None) -> None:
    """Every status that a deadline can have occurs, undetermined ones included."""

    def holds(timeline: Timeline) -> bool:
        rows = assess(permit, timeline.journal, as_of=timeline.as_of).rows("decision")
        return any(row["status"] == status for row in rows)

    assert exists(timelines(permit), holds)


@pytest.mark.parametrize("name", ["washington-breach", "permit-receipt", "lianyungang-cumulative"])
def test_every_rule_gives_rows(host: Host, name: str) -> None:
    """Every rule gives rows under some timeline, also those behind a lifecycle and a roll."""
    ruleset = host.load(name)
    silent = {rule.id for rule in ruleset.plan.rules}

    def holds(timeline: Timeline) -> bool:
        assessment = assess(ruleset, timeline.journal, as_of=timeline.as_of)
        silent.difference_update([name for name in silent if assessment.results[name]])
        return not silent

    assert exists(timelines(ruleset), holds)


def test_data_are_typed_and_sometimes_missing(office: Ruleset) -> None:
    """Values are those of the ruleset's enumerations, and a key is missing somewhere."""
    genres: set[object] = set()

    @settings(SEARCH, max_examples=150)
    @given(cases(office, "report"))
    def search(events: tuple[Event, ...]) -> None:
        submitted = [event for event in events if event.event == "submit"]
        genres.update(event.data.get("genre") for event in submitted)

    search()

    assert {None, "dynamic", "problem", "research", "composite"} == genres


def test_references_name_cases_of_the_journal(office: Ruleset) -> None:
    """Reports name a unit of the same journal."""

    def holds(journal: Journal) -> bool:
        named = {event.data.get("unit") for event in journal.events if event.kind == "report"}
        return bool(named & {event.case for event in journal.events if event.kind == "unit"})

    assert exists(journals(office), holds)


def test_the_latest_state_is_reached(office: Ruleset) -> None:
    """Lifecycles are walked mostly legally: some report is closed and all was in order."""
    place = office.plan.relations["report"].index("state")
    zone = build_zone(office.versions[-1].zone)

    def holds(events: tuple[Event, ...]) -> bool:
        times = Times(as_of=SOON)
        _, folded = fold_facts(office, Journal(events=events), times, zone=zone)
        closed = any(row[place] == "closed" for row in folded.facts.relations["report"])
        return closed and not folded.problems

    assert exists(cases(office, "report"), holds)


def test_cases_are_of_the_kind_asked_for(office: Ruleset) -> None:
    """`cases` gives the history of one case, numbered from 1."""

    @given(cases(office, "report"))
    def holds(events: tuple[Event, ...]) -> None:
        assert {event.case for event in events} <= {"report/1"}
        assert list(range(1, len(events) + 1)) == [event.sequence for event in events]

    holds()


def test_cases_of_an_unknown_kind(office: Ruleset) -> None:
    """A kind that the ruleset does not have is refused by name."""
    with pytest.raises(ValueError, match=r"has no kind `raport`; did you mean `report`"):
        cases(office, "raport")


def test_names_of_the_package() -> None:
    """What the package offers is found, and anything else is refused by name."""
    for name in kaocheng.testing.__all__:
        assert callable(getattr(kaocheng.testing, name))
    with pytest.raises(AttributeError, match=r"`kaocheng\.testing` has no attribute `journal`"):
        kaocheng.testing.journal  # noqa: B018


def _distance(row: object) -> int | None:
    """How long after the due time it was done; None where either is unknown or never."""
    assert isinstance(row, dict)
    met, due = row["met_at"], row["due"]
    known = isinstance(met, int) and isinstance(due, int) and NEVER not in (met, due)
    return met - due if known else None
