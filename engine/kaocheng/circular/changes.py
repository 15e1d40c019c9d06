"""What became known after a circular, and changes what it said.

A circular is never rewritten, and points that are revoked or graded anew change where they were
earned. So the next circular says by how much: what it was drawn up from is compared with
what the one before was drawn up from, over the days that had been published by then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from attrs import frozen

from kaocheng.assessment import Assessment, Row

# A period and the one before it are of one sort, though months are not all as long.
_MOST_DIFFERENCE = 3


@frozen(kw_only=True)
class Bulletin:
    """The time of knowledge of a bulletin and the days that it published."""

    known_at: int
    first: int
    last: int

    def covers(self, day: int) -> bool:
        """Whether it published the day."""
        return self.first <= day <= self.last


def bulletins_of(assessment: Assessment) -> Iterator[Bulletin]:
    """The bulletins of an assessment whose days and time are known."""
    for rule in assessment.rules("bulletins"):
        for row in assessment.rows(rule.id):
            first, last, known_at = (row[name] for name in ("first_day", "last_day", "known_at"))
            if isinstance(first, int) and isinstance(last, int) and isinstance(known_at, int):
                yield Bulletin(known_at=known_at, first=first, last=last)


def drawn_up_before(assessment: Assessment, first: int, last: int) -> int | None:
    """The two times of the bulletin before the one of a period, if there is one.

    It is the last that was drawn up by then of an earlier period of the same sort: before a
    month a month, before a week a week.
    """
    return max((found.known_at for found in _earlier(assessment, first, last)), default=None)


def changed_since(assessment: Assessment, before: Assessment, first: int, last: int) -> list[Row]:
    """What was posted on published days and is not what it was: rows with the difference.

    Args:
        assessment: at the two times of the circular.
        before: the same journal at those of the circular before it (`drawn_up_before`).
        first: the first day of the circular's period.
        last: its last day.
    """
    published = list(_earlier(assessment, first, last))
    difference = _sums(assessment, published)
    difference.subtract(_sums(before, published))
    return [
        dict(zip(_KEY, key, strict=True), amount=amount)
        for key, amount in difference.items()
        if amount
    ]


_KEY = ("account", "recipient", "rule", "case", "at")


def _sums(assessment: Assessment, published: Iterable[Bulletin]) -> Counter[tuple[object, ...]]:
    found: Counter[tuple[object, ...]] = Counter()
    for row in assessment.rows("entries"):
        day, amount = row["posted_on"], row["amount"]
        if not isinstance(day, int) or not isinstance(amount, int) or row["undetermined"]:
            continue
        if any(bulletin.covers(day) for bulletin in published):
            found[tuple(row[name] for name in _KEY)] += amount
    return found


def _earlier(assessment: Assessment, first: int, last: int) -> Iterator[Bulletin]:
    for found in bulletins_of(assessment):
        is_of_sort = abs((found.last - found.first) - (last - first)) <= _MOST_DIFFERENCE
        if is_of_sort and found.last < first and found.known_at < assessment.times.as_of:
            yield found
