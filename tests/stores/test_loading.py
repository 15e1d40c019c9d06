"""History that is loaded: as it was acted, and never what could not have been."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from office_histories import END, IN_ANY, Moment, Played, without

from kaocheng import Host
from kaocheng.calendars.numberline import DAY, HOUR
from kaocheng.engine import BadEventError, ClashError, Engine
from kaocheng.engine.loading import Loaded, batches
from kaocheng.errors import ArgumentError
from kaocheng.model.events import MIGRATION, TIMER, Actor, Correction, Event
from kaocheng.stores import SqlStore
from kaocheng.stores.codec import MOST_BYTES
from kaocheng.testing._store_test import LI, MORNING, office
from kaocheng.testing.durable import Kept

NUL, HALF = "a\0b", "a\ud800b"
TEXT = "must be text"
LONG = "has more than 200 characters"
CHARACTER = "holds a control character or half of a surrogate pair"
INSTANT = "must be microseconds since 1970 UTC, from 0001-01-02 to 9999-12-30"
DAYS = "must be days since 1970, from 0001-01-02 to 9999-12-30"
FROM_1, FROM_0 = "must be a whole number from 1", "must be a whole number from 0"
MADE = "is the engine's own and not as the engine makes it"
FITTING = Event(
    case="report/1", sequence=1, event="submit", at=MORNING, actor=LI, data={"unit": "unit/a"}
)
EDITOR = Actor(id="wang", roles=("editor",))
INCIDENT = {"unit": "unit/a", "severity": "major"}
BIG = "x" * 10_000_000


def engine_on(store: SqlStore | None = None) -> Engine:
    """The office on a store, or in memory."""
    return Engine(office().ruleset, store=store, program=office().program, clock=lambda: END)


def kept(store: SqlStore) -> Kept:
    """All rows."""
    with store.place.read() as connection:
        return Kept.read(connection, store.tenant)


@given(IN_ANY, st.booleans())
def test_loaded_is_as_acted(history: list[Moment], ticking: bool) -> None:  # noqa: FBT001 - drawn
    """Cases, results, links and timers are those of the acts, nothing is doubtful, nobody told."""
    played = Played(history, ticking=ticking)
    store = SqlStore.open()
    loaded = engine_on(store).load(played.engine.journal().events)
    one, other = played.kept(), kept(store)

    assert () == loaded.doubts
    assert without(one, "cases", "stamp") == without(other, "cases", "stamp")
    assert one.rows["links"] == other.rows["links"]
    times = ("ready", "generation")  # which say when a timer was set
    assert without(one, "timers", *times) == without(other, "timers", *times)
    assert played.engine.journal() == engine_on(store).journal()
    assert [] == other.rows["outbox"]
    with store.place.read() as connection:
        assert [] == office().auditor.faults(connection, "default")


def test_what_a_correction_does_is_loaded(tmp_path: Any) -> None:  # noqa: ANN401 - pytest's
    """A case is as of its events as they stand corrected, also where they are loaded together."""
    events = [
        FITTING,
        Event(case="report/1", sequence=2, event="amend", at=MORNING + HOUR,
              actor=EDITOR, corrects=Correction(sequence=1, reason="r", at=MORNING + 5 * HOUR)),
    ]  # fmt: skip
    store = SqlStore.open(f"sqlite:///{tmp_path}/cases.db")
    loaded = engine_on(store).load(events)
    apart = SqlStore.open()
    for event in events:
        engine_on(apart).load([event])

    assert () == loaded.doubts
    assert [MORNING + 5 * HOUR] == [row["as_of"] for row in kept(store).rows["cases"]]
    assert without(kept(store), "cases", "stamp") == without(kept(apart), "cases", "stamp")
    store.close()
    apart.close()


def test_a_correction_of_nothing_is_doubtful() -> None:
    """An extract of a journal may lack what it corrects; the correction is kept and listed."""
    void = Correction(sequence=2, reason="r", void=True)
    amended = evolve(FITTING, sequence=3, event="amend", actor=EDITOR, data={}, corrects=void)
    loaded = engine_on(SqlStore.open()).load([FITTING, amended])

    (doubt,) = loaded.doubts
    hole = "before it event 2 is missing"
    why = "event 2 cannot be corrected: the case has 1 event, and none of that number"
    assert ("report/1", 3, [hole, why]) == (
        doubt.case,
        doubt.sequence,
        [r.message() for r in doubt.reasons],
    )


def test_a_hole_is_doubtful() -> None:
    """A journal that has lost lines is loaded all the same, as extracts are, and says so."""
    case = "report/hole"
    amended = changed(case=case, event="amend", actor=EDITOR, data={"length": 10})
    engine = engine_on(SqlStore.open())
    timer = evolve(amended, event=TIMER, actor=None, data={"rules": ["verification"]})
    first = engine.load([changed(case=case, sequence=3), evolve(amended, sequence=4)])
    then = engine.load([evolve(amended, sequence=6), evolve(timer, sequence=9)])

    assert [(3, "before it events 1 to 2 are missing")] == said(first, "en")
    assert [
        (6, "before it event 5 is missing"),
        (9, "before it events 7 to 8 are missing"),
    ] == said(then, "en")
    assert [(6, "此前缺第 5 号事件"), (9, "此前缺第 7 至 8 号事件")] == said(then, "zh")
    assert 4 == len(engine.journal().events)


def said(loaded: Loaded, language: str) -> list[tuple[int, str]]:
    """What is doubtful, by the number of the event."""
    return [(doubt.sequence, doubt.message(language)) for doubt in loaded.doubts]


def named(key: str, change: Any) -> Iterator[tuple[Event, str]]:  # noqa: ANN401 - of any event
    """What can be no name, in its place."""
    wrong = [(5, TEXT), (None, TEXT), (b"x", TEXT), ("", "is empty"), (" ", "is empty")]
    wrong += [(NUL, CHARACTER), (HALF, CHARACTER), ("a\nb", CHARACTER), (BIG, LONG)]
    for value, why in wrong:
        yield change(value), f"`{key}` {why}"


def changed(**values: Any) -> Event:  # noqa: ANN401 - of any type
    """An event with something else in it."""
    return evolve(FITTING, **values)


def correcting(own: int = 2, **values: Any) -> Event:  # noqa: ANN401 - of any type
    """A correction of the first event, with something else in it."""
    corrects = Correction(**{"sequence": 1, "reason": "r", **values})
    return changed(sequence=own, event="amend", actor=EDITOR, data={}, corrects=corrects)


def bad_events() -> Iterator[tuple[Event, str]]:
    """Events that no act could have made, and why not."""
    yield from named("case", lambda value: changed(case=value))
    yield from named("event", lambda value: changed(event=value))
    yield changed(case="1"), "the case `1` does not begin with its kind, as `report/2009-0131` does"
    yield changed(case="reprot/1"), "the ruleset has no kind `reprot`; did you mean `report`"
    yield changed(event="sbmit"), "`report` has no event `sbmit`; did you mean `submit`"
    yield changed(event="kaocheng.other"), "`report` has no event `kaocheng.other`"
    for number in (0, -1, True, 1.0, "1", None, 2**63):
        yield changed(sequence=number), f"`sequence` {FROM_1}"
    for instant in (2**70, -(2**70), 1.5, True, "2009-03-02T09:00:00+08:00", NUL):
        yield changed(at=instant), f"`at` {INSTANT}"
        yield changed(recorded_at=instant), f"`recorded_at` {INSTANT}"
    for instant in (datetime(2009, 3, 2), datetime(2009, 3, 2, tzinfo=UTC)):  # noqa: DTZ001
        yield changed(at=instant), f"`at` {INSTANT}"
    for day in (2_932_897, -719_163, 1.5, True, "2009-03-02"):
        yield changed(at=None, date=day), f"`date` {DAYS}"
    yield changed(date=MORNING // DAY), "`date` cannot stand beside `at`"
    yield changed(actor="li"), "`actor` must be an actor"
    yield from named("actor.id", lambda value: changed(actor=Actor(id=value)))
    yield changed(actor=Actor(id="li", roles=["a"])), "`actor.roles` must be a tuple of texts"  # type: ignore[arg-type]
    for data in (None, [1], "x", 5):
        yield changed(data=data), "`data` must be an object with keys and values"
    yield changed(data={1: 2}), "`data` has a key that is not text"
    yield changed(corrects="x"), "`corrects` must be a correction"
    yield from bad_corrections()
    yield from bad_own_events()


def bad_corrections() -> Iterator[tuple[Event, str]]:
    """Corrections that there cannot be."""
    yield correcting(own=1, void=True), "`corrects.sequence` is no earlier event of the case"
    yield correcting(sequence=3, void=True), "`corrects.sequence` is no earlier event of the case"
    yield correcting(sequence="1", void=True), f"`corrects.sequence` {FROM_0}"
    yield correcting(reason="", void=True), "`corrects.reason` is empty"
    yield correcting(), "`corrects` changes nothing; give `void`, `at`, `date` or `data`"
    yield correcting(void=1), "`corrects.void` must be true or false"
    both = "cannot stand beside `at`, `date` or `data`: an event that is void is not replaced"
    for more in ({"at": MORNING}, {"date": 0}, {"data": {"length": 5}}):
        yield correcting(void=True, **more), f"`corrects.void` {both}"
    yield correcting(at=MORNING, date=0), "`corrects.date` cannot stand beside `at`"
    yield correcting(at=2**70), f"`corrects.at` {INSTANT}"
    yield correcting(date=2_932_897), f"`corrects.date` {DAYS}"


def bad_own_events() -> Iterator[tuple[Event, str]]:
    """Events of the engine's own that it would not make."""
    timer = evolve(FITTING, event=TIMER, actor=None, data={"rules": ["verification"]})
    moved = evolve(timer, event=MIGRATION, data={"from": ["a"], "to": ["b"], "reason": "r"})
    for own in (timer, moved):
        for change in ({"at": None}, {"actor": LI}, {"data": {}}, {"data": {**own.data, "a": 1}}):
            yield evolve(own, **change), f"`event` {MADE}"  # type: ignore[arg-type]
        void = Correction(sequence=1, reason="r", void=True)
        yield evolve(own, sequence=2, corrects=void), f"`event` {MADE}"
    yield evolve(timer, data={"rules": "verification"}), f"`event` {MADE}"
    yield evolve(moved, data={**moved.data, "reason": None}), f"`event` {MADE}"


BAD = list(bad_events())


@pytest.fixture(scope="module")
def store() -> Iterator[SqlStore]:
    """A store in which nothing of all this is kept."""
    made = SqlStore.open()
    yield made
    made.close()


@pytest.mark.parametrize("number", range(len(BAD)))
def test_what_could_not_have_been_is_refused(store: SqlStore, number: int) -> None:
    """With its place and every reason, before anything is kept: an act says the same."""
    bad, why = BAD[number]
    good = [changed(case=f"report/{n}") for n in range(600)] if number % 20 == 0 else [FITTING]
    for engine in (engine_on(store), engine_on()):
        with pytest.raises(BadEventError) as caught:
            engine.load([*good, bad])

        assert [why] == [reason.message() for reason in caught.value.reasons]
        assert (bad.case, bad.sequence) == (caught.value.case, caught.value.sequence)
        assert isinstance(caught.value, ValueError)
        assert len(str(caught.value)) < 500
        assert caught.value.zh != str(caught.value)
        assert () == engine.journal().events


def test_the_sentence() -> None:
    """What is wrong with an event is said in both languages, cut where it is long."""
    with pytest.raises(BadEventError) as caught:
        engine_on().load([changed(case=f"report/{BIG}", at=None, date=5)])
    shown = f"report/{'x' * 53}…"

    assert f"event 1 of `{shown}` cannot be loaded: `case` {LONG}" == str(caught.value)
    assert f"`{shown}` 的第 1 号事件无法载入：`case` 超过 200 个字符" == caught.value.zh


UNKEPT = [
    ({"unit": f"unit/{NUL}"}, "`data`: a NUL character cannot be kept"),
    (
        {"unit": f"unit/{HALF}"},
        "`data`: half of a surrogate pair stands alone, which is no character",
    ),
    ({"unit": BIG}, f"`data`: the event has 10000170 bytes, but may have {MOST_BYTES}"),
    ({"unit": "x" * 300}, "`unit`: it has 305 characters, but may have 220"),
    ({"other": json.loads("[" * 40 + "]" * 40)},
     "`data`: the values are nested more than 32 levels deep"),
    ({"other": {5}},
     "`data`: a value is not text, a number, true, false, null, a list or an object of those"),
    ({"other": float("inf")}, "`data`: `inf` is not a number"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "why"), UNKEPT)
def test_what_cannot_be_kept_is_refused(url: str, data: dict[str, object], why: str) -> None:
    """By every database, and nothing of its batch is there."""
    opened = SqlStore.open(url)
    with pytest.raises(BadEventError) as caught:
        engine_on(opened).load([FITTING, evolve(FITTING, sequence=2, data=data)])

    assert [why] == [reason.message() for reason in caught.value.reasons]
    assert ("report/1", 2) == (caught.value.case, caught.value.sequence)
    assert not any(kept(opened).rows.values())
    opened.close()


@pytest.mark.parametrize("events", [[None], ["x"], [{"case": "report/1"}]])
def test_what_is_no_event_is_refused(store: SqlStore, events: list[Any]) -> None:
    """A line is to be read first."""
    with pytest.raises(ArgumentError, match="`events` must be events"):
        engine_on(store).load(events)


def test_two_events_of_one_number_clash(store: SqlStore) -> None:
    """Whichever of them it was, nothing is kept, also of cases before them."""
    events = [changed(case=f"report/{n}") for n in range(600)]
    with pytest.raises(ClashError) as caught:
        engine_on(store).load([*events, changed(case="report/599", at=MORNING + 1)])

    assert ("report/599", 1) == (caught.value.case, caught.value.sequence)
    assert "`report/599` 已有第 1 号事件" == caught.value.zh
    assert () == engine_on(store).journal().events


def test_what_fails_leaves_an_engine_in_memory_as_it_was() -> None:
    """Cases of the same batch are not half there: they can be loaded and acted on afterwards."""
    engine = engine_on()
    engine.load([FITTING])
    happened = Event(case="incident/1", sequence=1, event="happen", at=MORNING, data=INCIDENT)
    child = changed(case="report/2", data={"unit": "unit/a", "incident": "incident/1"})
    engine.load([happened])
    before = dict(engine.results("incident/1"))
    with pytest.raises(ClashError):
        engine.load([child, FITTING])

    assert engine.state("report/2") is None
    assert before == dict(engine.results("incident/1"))
    assert 1 == engine.load([child]).events
    assert before != dict(engine.results("incident/1"))


def test_a_whole_journal_or_nothing_of_it(store: SqlStore) -> None:
    """In a transaction of the caller's what fails late takes back the batches before it."""
    events = [changed(case=f"report/{n}") for n in range(600)]
    unkept = changed(case="report/x", data={"unit": NUL})
    with pytest.raises(BadEventError), store.engine.begin() as connection:
        engine_on(store).bind(connection).load([*events, unkept])

    assert () == engine_on(store).journal().events


def test_events_of_timers_and_migrations_are_history() -> None:
    """They are loaded as they are, and the lifecycle has no say in them."""
    timer = Event(case="report/1", sequence=2, event=TIMER, at=MORNING + 2 * HOUR + 1,
                  recorded_at=END, data={"rules": ["verification"]})  # fmt: skip
    moved = evolve(timer, sequence=3, event=MIGRATION, at=END,
                   data={"from": ["a"], "to": ["b"], "reason": "r"})  # fmt: skip
    engine = engine_on(SqlStore.open())

    assert () == engine.load([FITTING, timer, moved]).doubts
    assert (FITTING, timer, moved) == engine.journal().events
    assert 0 == engine.tick(END).fired


NAMING = (
    Event(
        case="violation/1",
        sequence=1,
        event="open",
        at=MORNING,
        data={"unit": "unit/1", "happened_at": "2024-03-01T09:00:00+08:00"},
    ),
    Event(case="violation/1", sequence=2, event="verify", at=MORNING + HOUR),
    Event(case="person/9", sequence=1, event="appoint", date=14000, data={"unit": "unit/1"}),
    Event(case="unit/1", sequence=1, event="admit", date=14000, data={"class": "township"}),
    Event(
        case="unit/1",
        sequence=2,
        event="take_post",
        date=14001,
        data={"person": "person/9", "role": "head"},
    ),
)


@pytest.mark.parametrize("at_once", [1, 2, 500])
def test_what_is_named_is_there_before_what_names_it(
    host: Host, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """However many cases a transaction takes, a rule reads the case that its own one names.

    Here the unit stands behind the violation that names it, and names one that names it.
    """
    monkeypatch.setattr("kaocheng.engine.loading.CASES_AT_ONCE", at_once)
    store = SqlStore.open()
    engine = Engine(host.load("county-organisation"), store=store)
    engine.load(NAMING)
    (finding,) = engine.results("violation/1")["head_answers"]

    assert "person/9" == finding["owed_by"]
    assert ("person/9", "unit/1", "violation/1") == tuple(store.cases())
    store.close()


def test_many_that_name_each_other_in_a_row_are_loaded() -> None:
    """A row of any length, and one that comes back to where it began."""
    count = 3000
    row = [
        evolve(FITTING, case=f"report/{n}", data={"unit": "unit/a", "text": f"report/{n + 1}"})
        for n in range(count)
    ]
    closed = evolve(row[-1], data={"unit": "unit/a", "text": "report/0"})

    order = [case for batch in batches([*row[:-1], closed]) for case, _ in batch]
    assert [f"report/{n}" for n in reversed(range(count))] == order
