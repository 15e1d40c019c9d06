"""What the events of publications say, and where they stand."""

from __future__ import annotations

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kaocheng.calendars.numberline import DAY, MINUTE, parse_instant
from kaocheng.journal.publications import (
    Drawn,
    Key,
    Publication,
    publication_of,
    publications_of,
    withdrawn_of,
)
from kaocheng.model.events import PUBLICATION, Correction, Event

NOW = parse_instant("2024-04-02T09:00:00+08:00")
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=9)
HASHES = st.lists(st.text("0123456789abcdef", min_size=1, max_size=8), min_size=1, max_size=3)
TEXTS = HASHES.map(tuple)
KEYS = st.tuples(NAMES, st.integers(1, 9))
TIMES = st.integers(0, 4_000_000_000_000_000)


def published(place: int, *, case: str = "bulletin/1") -> tuple[Event, Event]:
    """An act and the event of its publication, after so many events."""
    drawn = Drawn(as_of=NOW, known_at=NOW, versions=("a",), period="2024-03")
    one = Publication(case=case, sequence=1, days=(19783, 19813), drawn=drawn, position=place)
    act = Event(case=case, sequence=1, event="publish", at=NOW, recorded_at=NOW)
    data = one.data(language="zh", digest="d")
    return act, evolve(act, sequence=2, event=PUBLICATION, data=data)


def happened(number: int, recorded_at: int = NOW - DAY) -> Event:
    """Something of some case."""
    return Event(
        case=f"unit/{number}", sequence=1, event="admit", at=NOW - DAY, recorded_at=recorded_at
    )


@given(
    KEYS,
    st.tuples(st.integers(0, 40_000), st.integers(0, 40_000)),
    st.builds(Drawn, as_of=TIMES, known_at=TIMES, versions=TEXTS, period=NAMES),
    st.integers(0, 10**9),
    st.frozensets(TEXTS, max_size=3),
    st.frozensets(KEYS, max_size=3),
)
def test_what_is_said_is_read_again(  # noqa: PLR0913, PLR0917 - the parts of a publication
    key: Key,
    days: tuple[int, int],
    drawn: Drawn,
    position: int,
    earlier: frozenset[tuple[str, ...]],
    withdrawn: frozenset[Key],
) -> None:
    """A publication is what its event says, to the microsecond."""
    one = Publication(
        case=key[0],
        sequence=key[1],
        days=days,
        drawn=drawn,
        position=position,
        earlier=earlier,
        withdrawn=withdrawn,
    )
    data = one.data(language="zh", digest="d")

    assert one == publication_of(Event(case=key[0], sequence=9, event=PUBLICATION, data=data))
    assert publication_of(Event(case=key[0], sequence=9, event="publish", data=data)) is None


def test_what_stood_before_it() -> None:
    """It is seen where the journal is as it was kept, and its place is the one that it says."""
    journal = [happened(1), happened(2), *published(2), happened(3)]
    moved = [*published(2), happened(1), happened(2), happened(3)]

    assert [2] == [one.drawn.end for one in publications_of(journal, is_in_order=True)]
    assert [None] == [one.drawn.end for one in publications_of(journal, is_in_order=False)]
    assert [None] == [one.drawn.end for one in publications_of(moved, is_in_order=True)]


def test_as_many_others_before_it_by_chance() -> None:
    """One that stands behind what came later is not where it was, though the number is right."""
    late = happened(0, NOW + DAY)
    near = happened(0, NOW + MINUTE)

    assert [None, 2] == [
        publications_of([other, happened(1), *published(2)], is_in_order=True)[0].drawn.end
        for other in (late, near)
    ]


def test_they_are_in_the_order_of_their_places() -> None:
    """However the lines are sorted, and each once."""
    first, second = published(7, case="bulletin/b"), published(9, case="bulletin/a")
    found = publications_of([*second, *first, *second], is_in_order=False)

    assert ["bulletin/b", "bulletin/a"] == [one.case for one in found]


def test_what_is_void_by_then() -> None:
    """A withdrawal counts once it is known, and no more once it is void itself."""
    act, said = published(0)
    corrects = Correction(sequence=1, reason="a draft", void=True)
    void = evolve(act, sequence=3, recorded_at=NOW + DAY, corrects=corrects)
    again = evolve(void, sequence=4, corrects=evolve(corrects, sequence=3))
    found = publications_of([act, said], is_in_order=False)

    assert {act.case} == {case for case, _ in withdrawn_of([act, said, void], found)}
    assert frozenset() == withdrawn_of([act, said, void], found, known_at=NOW)
    assert frozenset() == withdrawn_of([act, said, void, again], found)
