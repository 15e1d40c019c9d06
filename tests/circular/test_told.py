"""What readers have been told is a sum of assessments, whatever is published and withdrawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from zlib import crc32

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kaocheng.circular.told import Sum, told_before
from kaocheng.journal.publications import Days, Drawn, Key, Publication, Versions

OLD, NEW = ("old",), ("new",)
LAST = (10_000, 10_029)

Doing = tuple[str, int]
"""To publish a month, to withdraw a circular, or to void its withdrawal."""

DOINGS = st.lists(
    st.tuples(st.sampled_from(["publish", "publish", "withdraw", "restore"]), st.integers(0, 5)),
    max_size=20,
)


def days(month: int) -> Days:
    """The days of a month."""
    return 30 * month, 30 * month + 29


def circular(
    place: int,
    month: Days,
    *,
    versions: Versions = OLD,
    earlier: frozenset[Versions] = frozenset(),
    withdrawn: frozenset[Key] = frozenset(),
) -> Publication:
    """A circular of a month, drawn up when so many events had been."""
    period = str(month[0] // 30)
    return Publication(
        case=f"bulletin/{place}",
        sequence=1,
        days=month,
        drawn=Drawn(as_of=place, known_at=place, end=place, versions=versions, period=period),
        position=place,
        earlier=earlier,
        withdrawn=withdrawn,
    )


def in_force(found: Sequence[Publication], withdrawn: frozenset[Key]) -> Mapping[Days, Publication]:
    """The circulars that stand, by the days of their periods."""
    return {one.days: one for one in found if one.key not in withdrawn}


def done(
    doings: Sequence[Doing], texts: Sequence[tuple[Versions, frozenset[Versions]]] = ()
) -> tuple[list[Publication], frozenset[Key]]:
    """What is published by all that, and what of it is withdrawn in the end.

    A month is published where no circular of it stands, and a withdrawal taken back where none
    does by then. Each is drawn up under its text, and with those that are at hand.
    """
    found: list[Publication] = []
    withdrawn: frozenset[Key] = frozenset()
    for place, (what, number) in enumerate(doings, start=1):
        standing = in_force(found, withdrawn)
        if what == "publish":
            if days(number) not in standing:
                versions, earlier = texts[place - 1] if texts else (OLD, frozenset[Versions]())
                new = circular(place, days(number), versions=versions, withdrawn=withdrawn)
                found.append(evolve(new, earlier=earlier))
        elif number < len(found):
            one = found[number]
            if what == "withdraw":
                withdrawn |= {one.key}
            elif one.days not in standing:
                withdrawn -= {one.key}
    return found, withdrawn


def value(drawn: Drawn) -> int:
    """What some assessment says: of each time and text something else."""
    return crc32(f"{drawn.as_of} {drawn.versions}".encode())


def amount(told: Sum) -> int:
    """What comes of a sum of assessments."""
    return sum(times * value(drawn) for drawn, times in told.items())


def said(found: Sequence[Publication], place: int) -> Mapping[Days, int]:
    """What a circular prints of earlier periods: by how much they are not as they were told."""
    new = found[place]
    told = told_before(found[:place], new)
    return {days: value(new.drawn) - amount(of) for days, of in told.sums.items()}


def read(found: Sequence[Publication], withdrawn: frozenset[Key]) -> Mapping[Days, int]:
    """What comes of all circulars that stand for whoever reads them: each period with its changes.

    A change is of the circular that stood when it was printed.
    """
    standing = in_force(found, withdrawn)
    total = {days: value(one.drawn) for days, one in standing.items()}
    for place, one in enumerate(found):
        if one.key in withdrawn:
            continue
        stood = in_force(found[:place], one.withdrawn or frozenset())
        for days, difference in said(found, place).items():
            if days in standing and stood[days] == standing[days]:
                total[days] += difference
    return total


@given(DOINGS)
def test_what_is_compared_is_what_readers_have_been_told(doings: list[Doing]) -> None:
    """Of each period that is published: its circular, and the changes that circulars printed."""
    found, withdrawn = done(doings)
    told = told_before(found, circular(100, LAST, withdrawn=withdrawn))

    assert read(found, withdrawn) == {days: amount(of) for days, of in told.sums.items()}


@given(
    DOINGS,
    st.lists(st.sampled_from([OLD, NEW]), min_size=20, max_size=20),
    st.sampled_from([frozenset[Versions](), frozenset({OLD, NEW})]),
)
def test_it_is_so_under_several_texts(
    doings: list[Doing], texts: list[Versions], at_hand: frozenset[Versions]
) -> None:
    """Each circular compares under the texts that it has: its own, or all of them.

    What could not be compared is told once its text is at hand.
    """
    found, withdrawn = done(doings, [(own, at_hand) for own in texts])
    last = circular(100, LAST, versions=NEW, earlier=frozenset({OLD}), withdrawn=withdrawn)

    told = told_before(found, last)

    assert read(found, withdrawn) == {days: amount(of) for days, of in told.sums.items()}
    assert frozenset() == told.lacking


@given(DOINGS, st.integers(0, 6))
def test_a_circular_tells_all(doings: list[Doing], month: int) -> None:
    """Once it is out, readers have been told what it was drawn up from, of all that it could."""
    found, withdrawn = done(doings)
    new = circular(99, days(month), withdrawn=withdrawn)
    told = told_before([*found, new], circular(100, LAST, withdrawn=withdrawn))
    earlier = [days for days in in_force(found, withdrawn) if days[1] < new.days[0]]

    assert {new.drawn: 1} == told.sums[new.days]
    assert all({new.drawn: 1} == told.sums[days] for days in earlier)


@given(DOINGS, st.integers(0, 6))
def test_a_withdrawal_takes_back_what_was_told(doings: list[Doing], month: int) -> None:
    """As if it had not been; and where the withdrawal is void, as if that had not been."""
    found, withdrawn = done(doings)
    last = circular(100, LAST, withdrawn=withdrawn)
    new = circular(99, days(month), withdrawn=withdrawn)
    without = told_before(found, last)
    after = told_before([*found, new], evolve(last, withdrawn=withdrawn | {new.key}))
    later = evolve(circular(98, (-900, -871)), withdrawn=withdrawn | {new.key})

    assert without == after
    assert (
        told_before([*found, new], last).sums
        == told_before([*found, new, later], evolve(last, withdrawn=withdrawn | {later.key})).sums
    )


@given(DOINGS)
def test_it_is_one_assessment_more_than_it_takes_away(doings: list[Doing]) -> None:
    """The coefficients of a period add up to one: what never changes is no change."""
    found, withdrawn = done(doings)
    told = told_before(found, circular(100, LAST, withdrawn=withdrawn))

    assert {1} >= {sum(of.values()) for of in told.sums.values()}


def test_a_change_that_was_withdrawn_is_told_again() -> None:
    """By the circular that stands in its place: March told of February, and April after it."""
    february, march = circular(1, days(2)), circular(2, days(3))
    april = circular(3, days(4))
    again = circular(5, days(3), withdrawn=frozenset({march.key}))

    told = told_before([february, march, april], again)

    assert {february.days: {february.drawn: 1, march.drawn: -1, april.drawn: 1}} == told.sums


def test_weeks_are_not_compared_with_months() -> None:
    """A circular tells of periods of its own sort, and of none that end in its own or later."""
    found = [circular(1, (0, 6)), circular(2, days(0)), circular(3, days(2))]
    month = told_before(found, circular(4, days(1)))
    week = told_before(found, circular(4, (7, 13)))

    assert ({days(0): {found[2].drawn: 1}}, {"0": days(0)}) == (month.sums, month.names)
    assert {(0, 6): {found[0].drawn: 1}} == week.sums


def test_a_text_that_is_not_at_hand_is_named_once() -> None:
    """In its place the circular takes its own; the next of that text has nothing more to say."""
    march, april = circular(1, days(3)), circular(2, days(4), versions=NEW)
    may = circular(3, days(5), versions=NEW)
    first, second = told_before([march], april), told_before([march, april], may)
    own = evolve(march.drawn, versions=NEW)

    assert ({march.days: {own: 1}}, {march.drawn}) == (first.sums, first.lacking)
    assert ({key: {april.drawn: 1} for key in (march.days, april.days)}, frozenset()) == (
        second.sums,
        second.lacking,
    )
    at_hand = told_before([march, april], evolve(may, earlier=frozenset({OLD})))
    assert {march.drawn: 1, own: -1, april.drawn: 1} == at_hand.sums[march.days]
    assert Counter({april.drawn: 1}) == at_hand.sums[april.days]
