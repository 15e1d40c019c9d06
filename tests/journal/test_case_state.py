"""The state of one case, event by event."""

from __future__ import annotations

import pytest

from kaocheng.calendars.zones import build_zone
from kaocheng.journal import CaseState, case_state, compile_kind
from kaocheng.language.kinds import kind_relations
from kaocheng.language.ruleset import EventList, Fact, Kind, Lifecycle, Spell, Transition
from kaocheng.language.types import INSTANT, INT
from kaocheng.model.events import Correction, Event

KIND = Kind(
    name="k",
    fields=(
        Fact(name="grade", type=INT),
        Fact(name="begun_at", type=INSTANT, take="at", events=("begin",)),
    ),
    lists=(EventList(name="notes", events=("note",), fields=()),),
    spells=(Spell(name="pauses", opens=("pause",), closes=("resume",)),),
    lifecycle=Lifecycle(
        initial="new",
        states=("new", "begun"),
        transitions=(Transition(event="begin", sources=("new",), target="begun"),),
    ),
)
PROGRAM = compile_kind(KIND, kind_relations(KIND), zone=build_zone("UTC"))
EMPTY = CaseState.of(PROGRAM, "k/1")


def event(sequence: int, name: str, at: int, **data: object) -> Event:
    """An event of the case."""
    return Event(case="k/1", sequence=sequence, event=name, at=at, data=data)


@pytest.fixture
def without_folding_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes it an error to fold the case from its events."""

    def refuse(*_: object) -> None:
        pytest.fail("the case was folded again from its events")

    monkeypatch.setattr(case_state, "in_force", refuse)


def test_a_case_before_its_first_event() -> None:
    """A case without events is in its initial state and has no row."""
    assert ("new", False, 0) == (EMPTY.state, EMPTY.exists, EMPTY.sequence)
    assert {"k": [], "k.notes": [], "k.pauses": []} == EMPTY.rows()


def test_any_first_event_opens_the_case() -> None:
    """The first event gives the case its row, whatever it is."""
    state = EMPTY.apply(event(1, "note", 5))

    assert [("k/1", "new", None, 2**63 - 1)] == state.rows()["k"]
    assert ("k/1", "new", None, 2**63 - 1) == state.row


@pytest.mark.usefixtures("without_folding_again")
def test_the_usual_event_costs_the_same_however_long_the_history() -> None:
    """Events that come in their order never fold the case again nor copy its rows."""
    state = EMPTY.apply(event(1, "begin", 1, grade=2))
    for number in range(2, 2_001):
        state = state.apply(event(number, ("note", "pause", "resume")[number % 3], number))
    after = state.apply(event(2_001, "note", 2_001))

    assert "begun" == state.state
    assert [666, 667, 666] == [
        len(state.rows()["k.notes"]),
        len(after.rows()["k.notes"]),
        len(state.rows()["k.pauses"]),
    ]
    assert state._fold.lists[0]._items is after._fold.lists[0]._items  # noqa: SLF001


def test_the_state_before_stays_as_it_was() -> None:
    """Applying an event changes nothing but the state that it gives."""
    first = EMPTY.apply(event(1, "begin", 1, grade=2)).apply(event(2, "pause", 2))
    rows = first.rows()
    left = first.apply(event(3, "resume", 3)).apply(event(4, "note", 4, grade=5))
    right = first.apply(event(3, "note", 4, grade=7))

    assert rows == first.rows()
    assert [("k/1", "begun", 5, 1)] == left.rows()["k"]
    assert [("k/1", "begun", 7, 1)] == right.rows()["k"]
    assert [("k/1", 2, 2, 3)] == left.rows()["k.pauses"]
    assert [("k/1", 2, 2, 2**63 - 1)] == right.rows()["k.pauses"]


def test_a_correction_folds_the_case_again() -> None:
    """A correction reaches back into the history."""
    state = EMPTY.apply(event(1, "begin", 1)).apply(event(2, "note", 2))
    correction = Event(
        case="k/1",
        sequence=3,
        event="correct",
        at=3,
        corrects=Correction(sequence=1, reason="r", void=True),
    )
    corrected = state.apply(correction)

    assert "new" == corrected.state
    assert 3 == corrected.sequence
    assert "begun" == state.state


def test_the_same_event_twice_changes_nothing() -> None:
    """An event that is applied again is the same event."""
    state = EMPTY.apply(event(1, "note", 1))

    assert state.rows() == state.apply(event(1, "note", 1)).rows()


def test_problems_are_kept() -> None:
    """What does not fit is reported at its event, once."""
    state = EMPTY.apply(event(1, "begin", 1)).apply(event(2, "begin", 2, grad=1))

    assert [("unknown_data", "k/1#2"), ("out_of_order", "k/1#2")] == [
        (problem.code, problem.place) for problem in state.problems
    ]
