"""What became known after a circular, and changes what it said.

A circular is never rewritten: points that are revoked or graded anew change where they were
earned, and a finding that is made, verified or withdrawn later belongs to the time when it
arose. So the next circular says by how much: what it is drawn up from is compared with what the
one before was drawn up from, over what had been published by then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from attrs import field, frozen

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
    """The time of knowledge of a bulletin, as its case says it, and the days that it published."""

    case: str
    known_at: int
    first: int
    last: int

    def covers(self, day: int) -> bool:
        """Whether it published the day."""
        return self.first <= day <= self.last


@frozen(kw_only=True)
class Published:
    """The bulletins of earlier periods of the same sort, and the days of those periods by name.

    With each stands the last that said what had changed of it: it, or one of a later period that
    was drawn up after it.
    """

    bulletins: Mapping[Bulletin, Bulletin] = field(factory=dict)
    names: Mapping[str, Days] = field(factory=dict)

    def told_of(self, day: int | None) -> Bulletin | None:
        """Which last said what had changed of a day; none where the day is not published."""
        told = (by for found, by in self.bulletins.items() if day is not None and found.covers(day))
        return next(told, None)

    def told_of_finding(self, finding: Row, zone: Zone) -> Bulletin | None:
        """The same of a finding: by the period that it is about, or else by the day it arose."""
        days = self.names.get(str(finding["period"]))
        return self.told_of(day_of(finding, zone) if days is None else days[0])


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


def bulletins_of(assessment: Assessment) -> Iterator[Bulletin]:
    """The bulletins of an assessment whose days and time are known."""
    for rule in assessment.rules("bulletins"):
        for row in assessment.rows(rule.id):
            first, last, known_at = (row[name] for name in ("first_day", "last_day", "known_at"))
            if isinstance(first, int) and isinstance(last, int) and isinstance(known_at, int):
                yield Bulletin(case=str(row["case"]), known_at=known_at, first=first, last=last)


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
    found = {}
    for days, bulletin in sorted(earlier.items()):
        telling = [
            other
            for other in drawn_up
            if other.first > bulletin.last or (other.first, other.last) == days
        ]
        found[bulletin] = max(telling, key=lambda other: other.known_at)
    names = {name: days for name, days in periods_of(assessment).items() if days in earlier}
    return Published(bulletins=found, names=names)


def changed_since(
    assessment: Assessment, again: Callable[[Bulletin], Assessment], published: Published
) -> Changes:
    """What was published and is not what it was.

    Args:
        assessment: at the two times of the circular.
        again: gives what a circular was drawn up from.
        published: what was published before the circular.
    """
    entries, findings = list[Row](), list[Row]()
    for by in dict.fromkeys(published.bulletins.values()):
        before = again(by)
        entries += _difference(_sums, assessment, before, published, by)
        findings += _difference(_counts, assessment, before, published, by)
    return Changes(entries=entries, findings=findings)


def day_of(finding: Row, zone: Zone) -> int | None:
    """The day on which a finding arose; one at midnight belongs to the day that ends."""
    at = finding["at"]
    return local_day(zone, at - 1) if isinstance(at, int) else None


def is_told(finding: Row) -> bool:
    """Whether circulars list a finding: one that was taken back is none."""
    return finding["stage"] != "rescinded"


Amounts = Counter[tuple[tuple[str, object], ...]]


def _difference(
    amounts: Callable[[Assessment, Published, Bulletin], Amounts],
    assessment: Assessment,
    before: Assessment,
    published: Published,
    by: Bulletin,
) -> list[Row]:
    difference = amounts(assessment, published, by)
    difference.subtract(amounts(before, published, by))
    return [{**dict(key), "amount": amount} for key, amount in difference.items() if amount]


_ENTRY = ("account", "recipient", "rule", "case", "at")
_FINDING = ("finding", "stage", "rule", "case", "sequence", "period", "owed_by", "at")


def _sums(assessment: Assessment, published: Published, by: Bulletin) -> Amounts:
    found: Amounts = Counter()
    for row in assessment.rows("entries"):
        day, amount = row["posted_on"], row["amount"]
        if not isinstance(day, int) or not isinstance(amount, int) or row["undetermined"]:
            continue
        if published.told_of(day) == by:
            found[_key(row, _ENTRY)] += amount
    return found


def _counts(assessment: Assessment, published: Published, by: Bulletin) -> Amounts:
    if "findings" not in assessment.results:
        return Counter()
    zone = zone_of(assessment)
    return Counter(
        _key(row, _FINDING)
        for row in assessment.rows("findings")
        if is_told(row) and published.told_of_finding(row, zone) == by
    )


def _key(row: Row, names: Sequence[str]) -> tuple[tuple[str, object], ...]:
    return tuple((name, row[name]) for name in names)
