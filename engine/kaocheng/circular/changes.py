"""What became known after a circular, and changes what it said.

A circular is never rewritten: points that are revoked or graded anew change where they were
earned, and a finding that is made, verified or withdrawn later belongs to the time when it
arose. So the next circular says by how much: what it is drawn up from is compared with what the
one before was drawn up from, over what had been published by then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence

from attrs import frozen

from kaocheng.assessment import Assessment, Row
from kaocheng.calendars.zones import Zone, local_day
from kaocheng.rendering.data import zone_of

# A period and the one before it are of one sort, though months are not all as long.
_MOST_DIFFERENCE = 3

_DAYS = ("period.first_day", "period.last_day")


@frozen(kw_only=True)
class Bulletin:
    """The time of knowledge of a bulletin and the days that it published."""

    known_at: int
    first: int
    last: int

    def covers(self, day: int) -> bool:
        """Whether it published the day."""
        return self.first <= day <= self.last


@frozen(kw_only=True)
class Published:
    """The bulletins of earlier periods of the same sort, and what those periods are called."""

    bulletins: Sequence[Bulletin] = ()
    names: Collection[str] = ()

    @property
    def known_at(self) -> int | None:
        """The two times of the last that was drawn up, if there is one."""
        return max((bulletin.known_at for bulletin in self.bulletins), default=None)

    def covers(self, day: int | None) -> bool:
        """Whether a day has been published."""
        return day is not None and any(bulletin.covers(day) for bulletin in self.bulletins)

    def has(self, finding: Row, zone: Zone) -> bool:
        """Whether a finding is of a time that has been published."""
        return finding["period"] in self.names or self.covers(day_of(finding, zone))


@frozen(kw_only=True)
class Changes:
    """What is not as circulars said: rows with the difference, of points and of findings."""

    entries: Sequence[Row] = ()
    findings: Sequence[Row] = ()


def periods_of(assessment: Assessment) -> dict[str, tuple[int, int]]:
    """The periods that standings and tallies have rows for: their first and last days."""
    found: dict[str, tuple[int, int]] = {}
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
                yield Bulletin(known_at=known_at, first=first, last=last)


def published_before(assessment: Assessment, first: int, last: int) -> Published:
    """What was published before a circular, of earlier periods of the same sort.

    Before a month that is months, before a week weeks, which were drawn up by then.
    """
    found = [
        bulletin
        for bulletin in bulletins_of(assessment)
        if abs((bulletin.last - bulletin.first) - (last - first)) <= _MOST_DIFFERENCE
        and bulletin.last < first
        and bulletin.known_at < assessment.times.as_of
    ]
    days = {(bulletin.first, bulletin.last) for bulletin in found}
    names = {name for name, period in periods_of(assessment).items() if period in days}
    return Published(bulletins=found, names=names)


def changed_since(assessment: Assessment, before: Assessment, published: Published) -> Changes:
    """What was published and is not what it was.

    Args:
        assessment: at the two times of the circular.
        before: the same journal at those of the circular before it (`Published.known_at`).
        published: what was published before the circular.
    """
    return Changes(
        entries=_difference(_sums, assessment, before, published),
        findings=_difference(_counts, assessment, before, published),
    )


def day_of(finding: Row, zone: Zone) -> int | None:
    """The day on which a finding arose; one at midnight belongs to the day that ends."""
    at = finding["at"]
    return local_day(zone, at - 1) if isinstance(at, int) else None


def is_told(finding: Row) -> bool:
    """Whether circulars list a finding: one that was taken back is none."""
    return finding["stage"] != "rescinded"


Amounts = Counter[tuple[tuple[str, object], ...]]


def _difference(
    amounts: Callable[[Assessment, Published], Amounts],
    assessment: Assessment,
    before: Assessment,
    published: Published,
) -> list[Row]:
    difference = amounts(assessment, published)
    difference.subtract(amounts(before, published))
    return [{**dict(key), "amount": amount} for key, amount in difference.items() if amount]


_ENTRY = ("account", "recipient", "rule", "case", "at")
_FINDING = ("finding", "stage", "rule", "case", "sequence", "period", "owed_by", "at")


def _sums(assessment: Assessment, published: Published) -> Amounts:
    found: Amounts = Counter()
    for row in assessment.rows("entries"):
        day, amount = row["posted_on"], row["amount"]
        if not isinstance(day, int) or not isinstance(amount, int) or row["undetermined"]:
            continue
        if published.covers(day):
            found[_key(row, _ENTRY)] += amount
    return found


def _counts(assessment: Assessment, published: Published) -> Amounts:
    if "findings" not in assessment.results:
        return Counter()
    zone = zone_of(assessment)
    return Counter(
        _key(row, _FINDING)
        for row in assessment.rows("findings")
        if is_told(row) and published.has(row, zone)
    )


def _key(row: Row, names: Sequence[str]) -> tuple[tuple[str, object], ...]:
    return tuple((name, row[name]) for name in names)
