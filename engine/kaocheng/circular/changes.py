"""What became known after a circular, and changes what it said.

A circular is never rewritten: points that are revoked or graded anew change where they were
earned, and a finding that is made, verified or withdrawn later belongs to the time when it
arose. So the next circular says by how much: what it is drawn up from is compared with what
readers have been told of each period that had been published by then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from attrs import field, frozen

from kaocheng.assessment import Assessment, Row
from kaocheng.calendars.periods import PeriodSpec, periods_between
from kaocheng.calendars.zones import Zone, build_zone, local_day
from kaocheng.circular.told import Told, told_before
from kaocheng.journal.publications import (
    Days,
    Drawn,
    Key,
    Publication,
    Versions,
    versions_of,
)
from kaocheng.language.ruleset import Ruleset
from kaocheng.plan.algebra import Tally
from kaocheng.rendering.data import zone_of

_DAYS = ("period.first_day", "period.last_day")


@frozen(kw_only=True)
class Bulletin:
    """The time of knowledge of a bulletin, as its case says it, and the days that it published."""

    case: str
    known_at: int
    first: int
    last: int

    def publication(self) -> Publication:
        """What that says where the journal does not say that it was published."""
        drawn = Drawn(as_of=self.known_at, known_at=self.known_at)
        return Publication(
            case=self.case,
            sequence=0,
            days=(self.first, self.last),
            drawn=drawn,
            position=0,
            withdrawn=None,
        )


@frozen(kw_only=True)
class Published:
    """What readers have been told of earlier periods of the same sort, by the days of these.

    `names` are the days by the names of those periods. `used` are the texts of the ruleset, other
    than that of the circular, under which something is assessed to compare it, and `lacking` the
    earlier circulars, by their periods, that were drawn up under a text that is not at hand.
    """

    told: Mapping[Days, Mapping[Drawn, int]] = field(factory=dict)
    names: Mapping[str, Days] = field(factory=dict)
    used: frozenset[Versions] = frozenset()
    lacking: tuple[str, ...] = ()
    _by_day: Mapping[int, Days] = field(init=False, eq=False, repr=False)

    @_by_day.default
    def _days_of(self) -> Mapping[int, Days]:
        return {day: days for days in self.told for day in range(days[0], days[1] + 1)}

    def days_of(self, day: int | None) -> Days | None:
        """The days of the period that a day was published with; none where it was not."""
        return None if day is None else self._by_day.get(day)

    def days_of_finding(self, finding: Row, zone: Zone) -> Days | None:
        """The same of a finding: by the period that it is about, or else by the day it arose."""
        days = self.names.get(str(finding["period"]))
        return self.days_of(day_of(finding, zone)) if days is None else days


@frozen(kw_only=True)
class Changes:
    """What is not as circulars said: rows with the difference, of points and of findings."""

    entries: Sequence[Row] = ()
    findings: Sequence[Row] = ()


def periods_of(assessment: Assessment) -> dict[str, Days]:
    """The periods that standings and tallies have rows for: their first and last days."""
    found: dict[str, Days] = {}
    for section in ("tallies", "standings"):
        for rule in assessment.rules(section):
            if "period.first_day" not in rule.relation.columns:
                continue
            places = [rule.relation.index(n) for n in ("period", *_DAYS)]
            for row in assessment.results.get(rule.id, ()):
                name, first, last = (row[place] for place in places)
                if isinstance(name, str) and isinstance(first, int) and isinstance(last, int):
                    found[name] = (first, last)
    return dict(sorted(found.items()))


def days_of_period(assessment: Assessment, period: str) -> Days:
    """The first and the last day of a period that there can be a circular of.

    Raises:
        KeyError: there is no such period.
    """
    days = find_period(assessment, period)
    if days is None:
        raise KeyError(period)
    return days


def find_period(assessment: Assessment, period: str) -> Days | None:
    """The days of a period that there can be a circular of; None where there is no such period.

    It has rows, or lies after one that has and has begun by the world's time: then nothing
    happened in it.
    """
    found = periods_of(assessment)
    if period in found or not found:
        return found.get(period)
    begin = min(first for first, _ in found.values())
    now = local_day(zone_of(assessment), assessment.times.as_of)
    between = (one for spec in _specs(assessment) for one in periods_between(spec, begin, now))
    return next(((one.first_day, one.last_day) for one in between if one.name == period), None)


def _specs(assessment: Assessment) -> set[PeriodSpec]:
    """The kinds of periods by which standings and tallies count."""
    rules = (rule for name in ("tallies", "standings") for rule in assessment.rules(name))
    pipelines = (pipeline for rule in rules for pipeline in rule.variants.values())
    steps = (step for pipeline in pipelines for step in pipeline.steps)
    return {step.period for step in steps if isinstance(step, Tally) and step.period is not None}


def bulletins_of(assessment: Assessment) -> Iterator[Bulletin]:
    """The bulletins of an assessment whose days and time are known."""
    for rule in assessment.rules("bulletins"):
        for row in assessment.rows(rule.id):
            first, last, known_at = (row[name] for name in ("first_day", "last_day", "known_at"))
            if isinstance(first, int) and isinstance(last, int) and isinstance(known_at, int):
                yield Bulletin(case=str(row["case"]), known_at=known_at, first=first, last=last)


def published_before(
    assessment: Assessment,
    period: str,
    publications: Sequence[Publication] = (),
    *,
    earlier: frozenset[Versions] = frozenset(),
    withdrawn: frozenset[Key] = frozenset(),
) -> Published:
    """What was published before a circular of a period, of earlier periods of the same sort.

    Before a month that is months, before a week weeks. They need not have been drawn up in the
    order of their periods.

    Args:
        assessment: at the two times of the circular.
        period: its name, one that `find_period` finds.
        publications: those that were made before it, in their order. Bulletins of which the
            journal does not say that they were published go by the times that their cases say.
        earlier: the other texts of the ruleset that are at hand.
        withdrawn: the publications that are void.

    Raises:
        KeyError: there is no such period.
    """
    periods, times = periods_of(assessment), assessment.times
    known_at = times.as_of if times.known_at is None else times.known_at
    new = Publication(
        case="",
        sequence=0,
        days=days_of_period(assessment, period),
        drawn=Drawn(as_of=times.as_of, known_at=known_at, versions=versions_of(assessment.ruleset)),
        position=0,
        earlier=earlier,
        withdrawn=withdrawn,
    )
    told = told_before(_with_plain(publications, assessment), new)
    texts = {drawn.versions for found in told.sums.values() for drawn in found}
    names = {name: days for name, days in periods.items() if days in told.sums}
    return Published(
        told=told.sums,
        names=names | dict(told.names),
        used=frozenset(texts - {(), new.drawn.versions}),
        lacking=_lacking(told, assessment.ruleset),
    )


def changed_since(
    assessment: Assessment, again: Callable[[Drawn], Assessment], published: Published
) -> Changes:
    """What was published and is not what readers have been told.

    Args:
        assessment: at the two times of the circular.
        again: gives what a circular was drawn up from.
        published: what was published before the circular.
    """
    entries, findings = Amounts(), Amounts()
    own = dict.fromkeys(published.told, 1)
    _add_entries(entries, assessment, published, own)
    _add_findings(findings, assessment, published, own)
    for drawn in dict.fromkeys(found for told in published.told.values() for found in told):
        before = again(drawn)
        times = {days: -told.get(drawn, 0) for days, told in published.told.items()}
        _add_entries(entries, before, published, times)
        _add_findings(findings, before, published, times)
    return Changes(entries=_rows(entries), findings=_rows(findings))


def _with_plain(
    publications: Sequence[Publication], assessment: Assessment
) -> Iterator[Publication]:
    """Publications with the bulletins of which only their cases tell, by the times of these."""
    times, told = assessment.times, {one.case for one in publications}
    until = times.as_of if times.known_at is None else times.known_at
    found = (one for one in bulletins_of(assessment) if one.case not in told)
    plain = sorted((b for b in found if b.known_at < until), key=lambda b: (b.known_at, b.case))
    for publication in publications:
        while plain and plain[0].known_at < publication.drawn.known_at:
            yield plain.pop(0).publication()
        yield publication
    yield from (one.publication() for one in plain)


def _lacking(told: Told, ruleset: Ruleset) -> tuple[str, ...]:
    """The periods of what was drawn up under a text that this one says another thing than."""
    found = {one for one in told.lacking if not _is_as_good(ruleset, one)}
    return tuple(dict.fromkeys(one.period for one in sorted(found, key=lambda one: one.period)))


def _is_as_good(ruleset: Ruleset, drawn: Drawn) -> bool:
    """Whether the text has but versions more that were not in force yet."""
    hashes = versions_of(ruleset)
    if not set(drawn.versions) <= set(hashes):
        return False
    day = local_day(build_zone(ruleset.versions[-1].zone), drawn.as_of)
    windows = zip(hashes, ruleset.plan.versions, strict=True)
    begin = [found.window.first_day for hash_, found in windows if hash_ not in drawn.versions]
    return all(first is not None and first > day for first in begin)


def day_of(finding: Row, zone: Zone) -> int | None:
    """The day on which a finding arose; one at midnight belongs to the day that ends."""
    at = finding["at"]
    return local_day(zone, at - 1) if isinstance(at, int) else None


def is_told(finding: Row) -> bool:
    """Whether circulars list a finding: one that was taken back is none."""
    return finding["stage"] != "rescinded"


Amounts = Counter[tuple[tuple[str, object], ...]]
"""How much there is of what a row is about."""

_ENTRY = ("account", "recipient", "rule", "case", "at")
_FINDING = ("finding", "stage", "rule", "case", "sequence", "period", "owed_by", "at")


def _add_entries(
    found: Amounts, assessment: Assessment, published: Published, times: Mapping[Days, int]
) -> None:
    """Add the points of published periods, each so many times as its period says."""
    if "entries" not in assessment.results:
        return
    for row in assessment.rows("entries"):
        day, amount = row["posted_on"], row["amount"]
        if not isinstance(day, int) or not isinstance(amount, int) or row["undetermined"]:
            continue
        days = published.days_of(day)
        if days is not None and times[days]:
            found[_key(row, _ENTRY)] += times[days] * amount


def _add_findings(
    found: Amounts, assessment: Assessment, published: Published, times: Mapping[Days, int]
) -> None:
    """The same of findings."""
    if "findings" not in assessment.results:
        return
    zone = zone_of(assessment)
    for row in assessment.rows("findings"):
        days = published.days_of_finding(row, zone) if is_told(row) else None
        if days is not None and times[days]:
            found[_key(row, _FINDING)] += times[days]


def _rows(amounts: Amounts) -> list[Row]:
    return [{**dict(key), "amount": amount} for key, amount in amounts.items() if amount]


def _key(row: Row, names: Sequence[str]) -> tuple[tuple[str, object], ...]:
    return tuple((name, row[name]) for name in names)
