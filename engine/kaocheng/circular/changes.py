"""What became known after a circular, and changes what it said.

A circular is never rewritten: points that are revoked or graded anew change where they were
earned, and a finding that is made, verified or withdrawn later belongs to the time when it
arose. So the next circular says by how much: what it is drawn up from is compared with what the
one before was drawn up from, over what had been published by then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from attrs import evolve, field, frozen

from kaocheng.assessment import Assessment, Row
from kaocheng.calendars.zones import Zone, local_day
from kaocheng.rendering.data import zone_of

# A period and the one before it are of one sort, though months are not all as long.
_MOST_DIFFERENCE = 3

_DAYS = ("period.first_day", "period.last_day")


Days = tuple[int, int]
"""A first and a last day."""


@frozen(kw_only=True)
class Bulletin:
    """The time of knowledge of a bulletin and the days that it published.

    `told_at` is that of the last circular that said what had changed of it: it, or one of a later
    period that was drawn up after it.
    """

    known_at: int
    first: int
    last: int
    told_at: int

    def covers(self, day: int) -> bool:
        """Whether it published the day."""
        return self.first <= day <= self.last


@frozen(kw_only=True)
class Published:
    """The bulletins of earlier periods of the same sort, and the days of those periods by name."""

    bulletins: Sequence[Bulletin] = ()
    names: Mapping[str, Days] = field(factory=dict)

    def told_of(self, day: int | None) -> int | None:
        """When it was last said what had changed of a day; nothing where it is not published."""
        covering = (found for found in self.bulletins if day is not None and found.covers(day))
        return next((found.told_at for found in covering), None)

    def told_of_finding(self, finding: Row, zone: Zone) -> int | None:
        """The same of a finding: by the period that it is about, or else by the day it arose."""
        days = self.names.get(str(finding["period"]))
        return self.told_of(day_of(finding, zone) if days is None else days[0])


@frozen(kw_only=True)
class Changes:
    """What is not as circulars said: rows with the difference, of points and of findings."""

    entries: list[Row] = field(factory=list)
    findings: list[Row] = field(factory=list)


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


def bulletins_of(assessment: Assessment) -> Iterator[Bulletin]:
    """The bulletins of an assessment whose days and time are known."""
    for rule in assessment.rules("bulletins"):
        for row in assessment.rows(rule.id):
            first, last, known_at = (row[name] for name in ("first_day", "last_day", "known_at"))
            if isinstance(first, int) and isinstance(last, int) and isinstance(known_at, int):
                yield Bulletin(known_at=known_at, first=first, last=last, told_at=known_at)


def published_before(assessment: Assessment, first: int, last: int) -> Published:
    """What was published before a circular, of earlier periods of the same sort.

    Before a month that is months, before a week weeks, which were drawn up by then. They need not
    have been drawn up in the order of their periods.
    """
    drawn_up = [
        bulletin
        for bulletin in bulletins_of(assessment)
        if abs((bulletin.last - bulletin.first) - (last - first)) <= _MOST_DIFFERENCE
        and bulletin.known_at < assessment.times.as_of
    ]
    earlier = {(found.first, found.last): found for found in drawn_up if found.last < first}
    found = [
        evolve(
            bulletin,
            told_at=max(
                other.known_at
                for other in drawn_up
                if other.first > bulletin.last or (other.first, other.last) == days
            ),
        )
        for days, bulletin in sorted(earlier.items())
    ]
    names = {name: days for name, days in periods_of(assessment).items() if days in earlier}
    return Published(bulletins=found, names=names)


def changed_since(
    assessment: Assessment, again: Callable[[int], Assessment], published: Published
) -> Changes:
    """What was published and is not what it was.

    Args:
        assessment: at the two times of the circular.
        again: the same journal as it was for the circular with a time of knowledge.
        published: what was published before the circular.
    """
    changes = Changes()
    for at in sorted({bulletin.told_at for bulletin in published.bulletins}):
        before = again(at)
        changes.entries.extend(_difference(_sums, assessment, before, published, at))
        changes.findings.extend(_difference(_counts, assessment, before, published, at))
    return changes


def day_of(finding: Row, zone: Zone) -> int | None:
    """The day on which a finding arose; one at midnight belongs to the day that ends."""
    at = finding["at"]
    return local_day(zone, at - 1) if isinstance(at, int) else None


def is_told(finding: Row) -> bool:
    """Whether circulars list a finding: one that was taken back is none."""
    return finding["stage"] != "rescinded"


Amounts = Counter[tuple[tuple[str, object], ...]]


def _difference(
    amounts: Callable[[Assessment, Published, int], Amounts],
    assessment: Assessment,
    before: Assessment,
    published: Published,
    told_at: int,
) -> list[Row]:
    difference = amounts(assessment, published, told_at)
    difference.subtract(amounts(before, published, told_at))
    return [{**dict(key), "amount": amount} for key, amount in difference.items() if amount]


_ENTRY = ("account", "recipient", "rule", "case", "at")
_FINDING = ("finding", "stage", "rule", "case", "sequence", "period", "owed_by", "at")


def _sums(assessment: Assessment, published: Published, told_at: int) -> Amounts:
    found: Amounts = Counter()
    for row in assessment.rows("entries"):
        day, amount = row["posted_on"], row["amount"]
        if not isinstance(day, int) or not isinstance(amount, int) or row["undetermined"]:
            continue
        if published.told_of(day) == told_at:
            found[_key(row, _ENTRY)] += amount
    return found


def _counts(assessment: Assessment, published: Published, told_at: int) -> Amounts:
    if "findings" not in assessment.results:
        return Counter()
    zone = zone_of(assessment)
    return Counter(
        _key(row, _FINDING)
        for row in assessment.rows("findings")
        if is_told(row) and published.told_of_finding(row, zone) == told_at
    )


def _key(row: Row, names: Sequence[str]) -> tuple[tuple[str, object], ...]:
    return tuple((name, row[name]) for name in names)
