"""`assess`: the pure function from a ruleset and a journal to an assessment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, get_args

from kaocheng.arguments import JOURNAL, RULESET, check_is
from kaocheng.assessment import Assessment, Problem
from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import DAY, checked_day, checked_instant, parse_instant
from kaocheng.calendars.zones import Zone, build_zone, local_day, to_utc
from kaocheng.errors import ArgumentError
from kaocheng.journal.fold import Folded, fold_by
from kaocheng.journal.governing import Governing
from kaocheng.journal.roll import roll_rows
from kaocheng.journal.texts import NO_TIME
from kaocheng.journal.unknown import NO_EVALUATOR, check_known
from kaocheng.language.ruleset import Kind, Ruleset
from kaocheng.model.events import Event, Journal
from kaocheng.model.facts import Facts, Times
from kaocheng.plan.algebra import Plan, Tally

Evaluator = Literal["python", "columns"]


def assess(
    ruleset: Ruleset,
    journal: Journal,
    *,
    as_of: int | str,
    known_at: int | str | None = None,
    evaluator: Evaluator = "python",
) -> Assessment:
    """Everything the ruleset says about the journal.

    Args:
        ruleset: the checked ruleset, all its versions.
        journal: events in any order.
        as_of: the world's time, in microseconds since 1970 UTC or as text such as
            `2009-03-02T09:00:00+08:00`: later events do not exist.
        known_at: the time of our knowledge: events recorded later do not exist; None knows all.
        evaluator: which of the evaluators computes it; they give the same rows.

    Returns:
        An assessment; the same arguments give the same bytes, whatever the order of events.

    Raises:
        ArgumentError: it is no ruleset, no journal or no time, or there is no such evaluator.
        ClockError: `as_of` lies outside the years 0001 to 9999 of some version's local time.
    """
    check_is("ruleset", ruleset, Ruleset, RULESET)
    check_is("journal", journal, Journal, JOURNAL)
    check_known("evaluator", evaluator, get_args(Evaluator), NO_EVALUATOR)
    as_of = _instant("as_of", as_of)
    known_at = None if known_at is None else _instant("known_at", known_at)
    _check_time(ruleset, as_of)
    times = Times(as_of=as_of, known_at=known_at)
    zone = build_zone(ruleset.versions[-1].zone)
    kinds, folded = fold_facts(ruleset, journal, times, zone=zone)
    facts = with_rolls(ruleset, kinds, folded.facts, as_of=as_of, zone=zone)
    problems = tuple(Problem(place=p.place, en=p.en, zh=p.zh) for p in folded.problems)
    return Assessment(
        ruleset=ruleset,
        times=times,
        results=run(ruleset.plan, facts, times, evaluator=evaluator),
        facts=facts,
        cases=len({event.case for event in journal.events}),
        unreadable=journal.unreadable,
        problems=problems,
    )


def _instant(name: str, value: object) -> int:
    if type(value) is int:
        return value
    if not isinstance(value, str):
        raise ArgumentError(name, NO_TIME.en, zh=NO_TIME.zh)
    try:
        return parse_instant(value)
    except ClockError as error:
        raise ArgumentError(
            name, f"is no instant: {error.message}", zh=f"不是时刻：{error.zh}"
        ) from error


def _check_time(ruleset: Ruleset, as_of: int) -> None:
    checked_instant(as_of)
    for version in ruleset.versions:
        checked_day(local_day(build_zone(version.zone), as_of))


def run(
    plan: Plan, facts: Facts, times: Times, *, evaluator: Evaluator
) -> Mapping[str, Sequence[tuple[object, ...]]]:
    """The rows of every rule, by the evaluator of that name."""
    if evaluator == "columns":
        from kaocheng.evaluate import columns

        return columns.run(plan, facts, times)
    from kaocheng.evaluate import python

    return python.run(plan, facts, times)


def fold_facts(
    ruleset: Ruleset, journal: Journal, times: Times, *, zone: Zone
) -> tuple[Mapping[str, Kind], Folded]:
    """The kinds of all versions, and the facts of a journal as the versions govern them."""
    governing = Governing(ruleset, zone)
    return governing.kinds, fold_by(governing, journal, times, zone=zone)


def with_rolls(
    ruleset: Ruleset, kinds: Mapping[str, Kind], facts: Facts, *, as_of: int, zone: Zone
) -> Facts:
    """The facts with every roll that some rule runs over or tallies on."""
    relations = dict(facts.relations)
    periods = {name: spec for version in ruleset.versions for name, spec in version.periods.items()}
    for name in sorted(rolls(ruleset.plan)):
        kind, _, period = name.partition(" per ")
        relations[name] = roll_rows(
            kinds[kind],
            facts.relations,
            periods[period],
            relations=ruleset.plan.relations,
            as_of=as_of,
            zone=zone,
        )
    return Facts(relations=relations)


def rolls(plan: Plan) -> set[str]:
    """The rolls that the plan reads."""
    found: set[str] = set()
    for rule in plan.rules:
        for pipeline in rule.variants.values():
            found.add(pipeline.source)
            found |= {s.roll for s in pipeline.steps if isinstance(s, Tally) and s.roll is not None}
    return {name for name in found if " per " in name}


def last_instant(events: Iterable[Event], zone: Zone) -> int | None:
    """The instant of the last event: the end of its day where only the day is known."""
    instants = [event.at for event in events if event.at is not None]
    days = [event.date for event in events if event.at is None and event.date is not None]
    if days:
        instants.append(to_utc(zone, (max(days) + 1) * DAY) - 1)
    return max(instants, default=None)
