"""Several journals as one."""

from __future__ import annotations

from kaocheng.journal import join
from kaocheng.model.events import Correction, Event, Journal, Unreadable


def test_later_journals_go_on_counting() -> None:
    """The first journal keeps its numbers, the events of the next follow in each case."""
    bad = Unreadable(place="b:2", en="bad", zh="坏")
    first = Journal(
        events=(
            Event(case="a/1", sequence=4, event="open", at=1),
            Event(case="a/2", sequence=1, event="open", at=1),
        )
    )
    second = Journal(
        events=(
            Event(case="a/1", sequence=1, event="step", at=2),
            Event(
                case="a/1",
                sequence=2,
                event="correct",
                at=3,
                corrects=Correction(sequence=1, reason="r", void=True),
            ),
            Event(case="a/3", sequence=1, event="step", at=2),
        ),
        unreadable=(bad,),
    )
    joined = join([first, second])

    assert [
        ("a/1", 4, None),
        ("a/2", 1, None),
        ("a/1", 5, None),
        ("a/1", 6, 5),
        ("a/3", 1, None),
    ] == [(e.case, e.sequence, e.corrects and e.corrects.sequence) for e in joined.events]
    assert (bad,) == joined.unreadable
