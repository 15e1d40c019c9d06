"""The laws of folding, each with its name in one sentence."""

from __future__ import annotations

from bisect import bisect_right
from functools import reduce

from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from kaocheng.calendars.numberline import DAY, HOUR
from kaocheng.calendars.zones import build_zone, local_day
from kaocheng.journal import CaseState, Folded, compile_kind, fold
from kaocheng.language.kinds import kind_relations
from kaocheng.language.ruleset import EventList, Fact, Kind, Lifecycle, Spell, Transition
from kaocheng.language.types import BOOL, DATE, INSTANT, INT, STRING, Reference
from kaocheng.model.events import Actor, Correction, Event, Journal
from kaocheng.model.facts import Times

ZONE = build_zone("Asia/Shanghai")
LAST = 4 * DAY

FIELDS = (
    Fact(name="a", type=INT),
    Fact(name="b", type=STRING, events=("open", "note")),
    Fact(name="first_at", type=INSTANT, take="at", events=("note",)),
    Fact(name="first_on", type=DATE, take="date", events=("note", "open")),
    Fact(name="last_at", type=INSTANT, take="last_at"),
    Fact(name="last_on", type=DATE, take="last_date", events=("note",)),
    Fact(name="who", type=Reference("person"), take="actor", events=("note",)),
    Fact(name="where", type=Reference("unit"), take="unit", events=("note",)),
    Fact(name="notes", type=INT, take="count", events=("note",)),
    Fact(name="closed", type=BOOL, take="flag", events=("close",)),
)
LIFECYCLE = Lifecycle(
    initial="new",
    states=("new", "open", "done"),
    transitions=(
        Transition(event="open", sources=("new", "done"), target="open"),
        Transition(event="close", sources=("open",), target="done"),
        Transition(event="note", sources=("open", "done"), target=None),
    ),
)
KIND = Kind(
    name="k",
    fields=FIELDS,
    lists=(
        EventList(
            name="steps",
            events=("note", "open"),
            fields=(Fact(name="a", type=INT), Fact(name="day", type=DATE, take="date")),
        ),
    ),
    spells=(
        Spell(name="pauses", opens=("pause",), closes=("resume", "close")),
        Spell(
            name="hops",
            opens=("note",),
            closes=("note", "close"),
            fields=(Fact(name="a", type=INT),),
            match="a",
        ),
    ),
    lifecycle=LIFECYCLE,
)
DATED = evolve(KIND, dated=True)
NAMES = ("open", "close", "note", "pause", "resume", "strange")

HOURS = st.integers(0, LAST // HOUR).map(lambda hour: hour * HOUR)
NUMBERS = st.sets(st.integers(1, 9), max_size=7)
SOMETIME: st.SearchStrategy[dict[str, int]] = st.one_of(
    st.fixed_dictionaries({"at": HOURS}),
    st.fixed_dictionaries({"at": HOURS}),
    st.fixed_dictionaries({"date": st.integers(0, LAST // DAY)}),
    st.just({}),
)
DATA = st.dictionaries(
    st.sampled_from(["a", "b", "x"]), st.sampled_from([None, 1, 2, "1", "2"]), max_size=2
)
CHANGES = st.one_of(
    st.just({"void": True}),
    st.fixed_dictionaries({"at": HOURS}),
    st.fixed_dictionaries({"date": st.integers(0, LAST // DAY)}),
    st.fixed_dictionaries({"data": DATA}),
)
ACTORS = st.none() | st.builds(
    Actor, id=st.sampled_from(["li", "wang"]), unit=st.none() | st.sampled_from(["u", "v"])
)


@st.composite
def events(draw: st.DrawFn, case: str, sequence: int, *, corrects: bool = True) -> Event:
    """Any event, sensible or not; one in four corrects an earlier one."""
    correction = None
    if corrects and sequence > 1 and draw(st.integers(0, 3)) == 0:
        target = draw(st.integers(1, sequence - 1))
        correction = Correction(sequence=target, reason="r", **draw(CHANGES))
    return Event(
        case=case,
        sequence=sequence,
        event=draw(st.sampled_from(NAMES)),
        **draw(SOMETIME),
        recorded_at=draw(st.none() | HOURS),
        actor=draw(ACTORS),
        data=draw(DATA),
        corrects=correction,
    )


@st.composite
def histories(draw: st.DrawFn, *, corrects: bool = True, cases: int = 2) -> list[Event]:
    """The events of a few cases; numbers may have gaps."""
    names = [f"k/{number}" for number in range(1, cases + 1)]
    places = [(name, n) for name in names for n in sorted(draw(NUMBERS))]
    return [draw(events(name, n, corrects=corrects)) for name, n in places]


def folded(
    events: list[Event], *, kind: Kind = KIND, as_of: int = LAST + DAY, known_at: int | None = None
) -> Folded:
    """The facts of these events."""
    return fold(
        {"k": kind},
        Journal(events=tuple(events)),
        Times(as_of=as_of, known_at=known_at),
        zone=ZONE,
        relations=kind_relations(kind, ("k", "person", "unit")),
    )


def recorded(event: Event) -> int:
    """When an event is known at the latest, in the terms of the law below."""
    if event.recorded_at is not None:
        return event.recorded_at
    if event.at is not None:
        return event.at
    return -1 if event.date is None else event.date * DAY - 8 * HOUR


@given(histories(), st.randoms(), st.sampled_from([KIND, DATED]), HOURS, st.none() | HOURS)
def test_the_order_of_the_lines_means_nothing(
    history: list[Event], random: object, kind: Kind, as_of: int, known_at: int | None
) -> None:
    """The same events in any order, some of them twice, give the same facts and problems."""
    shuffled = [*history, *history[:2]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert folded(history, kind=kind, as_of=as_of, known_at=known_at) == folded(
        shuffled, kind=kind, as_of=as_of, known_at=known_at
    )


@given(histories(), HOURS, st.sampled_from([KIND, DATED]))
def test_knowledge_is_what_was_recorded(history: list[Event], known_at: int, kind: Kind) -> None:
    """What was recorded after `known_at` has no influence, corrections included."""
    known = [event for event in history if recorded(event) <= known_at]

    assert folded(known, kind=kind).facts == folded(history, kind=kind, known_at=known_at).facts


@given(histories(corrects=False), HOURS, st.sampled_from([KIND, DATED]))
def test_the_future_has_no_influence(history: list[Event], as_of: int, kind: Kind) -> None:
    """The facts as of a time depend on what had happened by then and on nothing else."""
    day = local_day(ZONE, as_of)
    past = [
        event
        for event in history
        if (event.at is None or event.at <= as_of) and (event.date is None or event.date <= day)
    ]

    assert folded(past, kind=kind) == folded(history, kind=kind, as_of=as_of)


@given(histories(cases=1), st.sampled_from([KIND, DATED]), st.data())
def test_a_void_event_is_as_if_never_written(
    history: list[Event], kind: Kind, data: st.DataObject
) -> None:
    """Voiding any event gives the facts of the history without it, or what says it again."""
    assume(history)
    voided = data.draw(st.sampled_from(history))
    again = {voided.sequence}
    for event in history:
        if event.corrects is not None and event.event == voided.event:
            again |= {event.sequence} if event.corrects.sequence in again else set()
    without = [event for event in history if event.sequence not in again]
    correction = Event(
        case="k/1",
        sequence=99,
        event="correct",
        at=0,
        corrects=Correction(sequence=voided.sequence, reason="r", void=True),
    )

    assert folded(without, kind=kind).facts == folded([*history, correction], kind=kind).facts


@given(histories(cases=1, corrects=False), st.sampled_from([KIND, DATED]), st.data())
def test_a_replaced_value_is_as_if_written_so(
    history: list[Event], kind: Kind, data: st.DataObject
) -> None:
    """Replacing time and data of an event gives the facts of the event written that way."""
    recorded_history = [evolve(event, recorded_at=0) for event in history]
    assume(recorded_history)
    wrong = data.draw(st.sampled_from(recorded_history))
    at, values = data.draw(HOURS), data.draw(DATA)
    right = evolve(wrong, at=at, date=None, data={**wrong.data, **values})
    correction = Event(
        case="k/1",
        sequence=99,
        event="correct",
        at=0,
        corrects=Correction(sequence=wrong.sequence, reason="r", at=at, data=values),
    )
    written = [right if event is wrong else event for event in recorded_history]

    assert folded(written, kind=kind) == folded([*recorded_history, correction], kind=kind)


@given(histories(cases=1), st.sampled_from([KIND, DATED]), st.data())
def test_one_by_one_is_all_at_once(history: list[Event], kind: Kind, data: st.DataObject) -> None:
    """Applying events one by one, in any order, gives the rows and problems of the whole."""
    program = compile_kind(kind, kind_relations(kind, ("person", "unit")), zone=ZONE)
    begun = data.draw(st.permutations(history)) if data.draw(st.booleans()) else history
    state = reduce(CaseState.apply, begun, CaseState.of(program, "k/1"))
    whole = folded(history, kind=kind)

    assert whole.facts.relations == state.rows()
    assert whole.problems == state.problems


@given(histories(cases=1), HOURS)
def test_history_is_the_fold_at_every_time(history: list[Event], as_of: int) -> None:
    """The row of a dated kind in force at a time is the row of the plain kind as of then."""
    timed = [event for event in history if event.at is not None]
    steps = folded(timed, kind=DATED).facts.relations["k"]
    index = bisect_right([step[2] for step in steps], as_of)  # type: ignore[type-var]
    expected = [(*steps[index - 1][:2], *steps[index - 1][3:])] if index else []
    plain = folded(timed, as_of=as_of).facts.relations["k"]
    moved = {e.corrects.sequence for e in timed if e.corrects and e.corrects.date is not None}
    assume(not moved)

    assert expected == plain
