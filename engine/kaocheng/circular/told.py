"""What circulars have told of earlier ones, as sums of what they were drawn up from.

A circular says of each earlier period in force by how much it is not what readers have been told.
Let *A(C)* be what the assessment says that a circular *C* was drawn up from. Readers of *C* have
been told *A(C)* of its period. The next circular *D* says *A(D) - A(C)* of it, so that they have
been told *A(D)*; where *D* is withdrawn they have been told *A(C)* again. So what they have been
told is always a sum of assessments with whole coefficients, mostly of a single one, and nobody
need assess anything to know which.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from attrs import evolve, field, frozen

from kaocheng.journal.publications import Days, Drawn, Key, Publication

Sum = Mapping[Drawn, int]
"""Assessments with their coefficients, none of them 0."""

# A period and the one before it are of one sort, though months are not all as long.
_MOST_DIFFERENCE = 3


@frozen(kw_only=True)
class Told:
    """What readers have been told of earlier periods, as a new circular can compare it.

    `sums` are by the days of periods, `names` the days by the names of these. `lacking` is what
    was drawn up under a text that the new one has not, and is assessed under its own instead.
    """

    sums: Mapping[Days, Sum] = field(factory=dict)
    names: Mapping[str, Days] = field(factory=dict)
    lacking: frozenset[Drawn] = frozenset()


def told_before(publications: Iterable[Publication], new: Publication) -> Told:
    """What has been told by publications, in their order, when a new one is drawn up."""
    telling = _Telling()
    for publication in publications:
        telling.publish(publication)
    return telling.compared(new)


def is_before(earlier: Publication, new: Publication) -> bool:
    """Whether a period lies before another one of the same sort."""
    (first, last), (new_first, new_last) = earlier.days, new.days
    return last < new_first and abs((last - first) - (new_last - new_first)) <= _MOST_DIFFERENCE


class _Telling:
    """Goes along the publications.

    `told` is what has been told of each by itself and those that are in force, `said` what each
    says of others.
    """

    def __init__(self) -> None:
        self.found: dict[Key, Publication] = {}
        self.told: dict[Key, Sum] = {}
        self.said: dict[Key, Mapping[Key, Sum]] = {}
        self.withdrawn: frozenset[Key] = frozenset()

    def publish(self, new: Publication) -> None:
        """A circular says how much is not as it was told; mostly that is the same of all."""
        own: Sum = {new.drawn: 1}
        said, known = dict[Key, Sum](), dict[int, tuple[Sum, Sum, Sum]]()
        for key in self._before(new):
            was = self.told[key]
            if id(was) not in known:
                difference = _plus(own, _under(new, was), -1)
                now = _plus(was, difference)
                known[id(was)] = was, difference, own if now == own else now
            _, said[key], self.told[key] = known[id(was)]
        self.found[new.key], self.said[new.key], self.told[new.key] = new, said, own

    def compared(self, new: Publication) -> Told:
        """What a new circular is compared with."""
        before = [self.found[key] for key in self._before(new)]
        sums, lacking = dict[Days, Sum](), set[Drawn]()
        for one in before:
            told = self.told[one.key]
            sums[one.days] = comparable = _under(new, told)
            others = (drawn for drawn in told if drawn not in comparable)
            lacking.update(drawn for drawn in others if _as_drawn_by(new, drawn) in comparable)
        names = {one.period: one.days for one in before if one.period}
        return Told(sums=sums, names=names, lacking=frozenset(lacking))

    def _before(self, new: Publication) -> Iterable[Key]:
        """The publications of earlier periods that are in force, of each period the last."""
        if new.withdrawn is not None:
            for key in sorted(new.withdrawn ^ self.withdrawn):
                self._take_back(key, 1 if key in self.withdrawn else -1)
            self.withdrawn = new.withdrawn
        in_force = (one for key, one in self.found.items() if key not in self.withdrawn)
        last = {one.days: one.key for one in in_force if is_before(one, new)}
        return [last[days] for days in sorted(last)]

    def _take_back(self, key: Key, times: int) -> None:
        """What a circular said is told no more, or again where its withdrawal is void."""
        for of, difference in self.said.get(key, {}).items():
            self.told[of] = _plus(self.told[of], difference, times)


def _under(new: Publication, told: Sum) -> Sum:
    """The same under texts that a circular has: in place of another one it takes its own."""
    found: Counter[Drawn] = Counter()
    for drawn, times in told.items():
        found[_as_drawn_by(new, drawn)] += times
    return {drawn: times for drawn, times in found.items() if times}


def _as_drawn_by(new: Publication, drawn: Drawn) -> Drawn:
    own = new.drawn.versions
    if not own or drawn.versions in {(), own} or drawn.versions in new.earlier:
        return drawn
    return evolve(drawn, versions=own)


def _plus(one: Sum, other: Sum, times: int = 1) -> Sum:
    found = Counter(one)
    for drawn, more in other.items():
        found[drawn] += times * more
    return {drawn: count for drawn, count in found.items() if count}
