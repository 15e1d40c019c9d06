"""The canonical journal."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from kaocheng.calendars.numberline import EVENT_DAYS, EVENT_INSTANTS
from kaocheng.calendars.zones import build_zone
from kaocheng.journal import journal_lines, read_journal, write_jsonl
from kaocheng.model.events import Actor, Correction, Event, Journal

INSTANTS = st.integers(EVENT_INSTANTS[0], EVENT_INSTANTS[-1])
DAYS = st.integers(EVENT_DAYS[0], EVENT_DAYS[-1])
WORDS = st.text(min_size=1).filter(str.strip)
DATA = st.dictionaries(
    st.text(),
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.lists(st.text(), max_size=3),
    max_size=3,
)
TIMES: st.SearchStrategy[dict[str, int]] = st.one_of(
    st.fixed_dictionaries({"at": INSTANTS}),
    st.fixed_dictionaries({"date": DAYS}),
    st.just({}),
)


@st.composite
def corrections(draw: st.DrawFn) -> Correction:
    """A correction of the first event."""
    changes = draw(
        st.one_of(
            st.just({"void": True}),
            st.fixed_dictionaries({"at": INSTANTS}),
            st.fixed_dictionaries({"date": DAYS, "data": DATA}),
            st.fixed_dictionaries({"data": DATA.filter(bool)}),
        )
    )
    return Correction(sequence=1, reason=draw(WORDS), **changes)


@st.composite
def events(draw: st.DrawFn, case: str, sequence: int) -> Event:
    """Any event that a line can hold."""
    actor = st.builds(
        Actor,
        id=WORDS,
        unit=st.none() | WORDS,
        roles=st.lists(st.text(min_size=1), max_size=2).map(tuple),
    )
    return Event(
        case=case,
        sequence=sequence,
        event=draw(WORDS),
        **draw(TIMES),
        recorded_at=draw(st.none() | INSTANTS),
        actor=draw(st.none() | actor),
        data=draw(DATA),
        corrects=draw(st.none() | corrections()) if sequence > 1 else None,
    )


@st.composite
def journals(draw: st.DrawFn) -> Journal:
    """A journal of a few cases, its events in any order."""
    places = draw(
        st.sets(st.tuples(st.sampled_from(["a/1", "b/2 x"]), st.integers(1, 9)), max_size=5)
    )
    written = [draw(events(case, sequence)) for case, sequence in places]
    return Journal(events=tuple(draw(st.permutations(written))))


@given(journals())
def test_round_trip(tmp_path_factory: object, journal: Journal) -> None:
    """What is written is read back as the same events, with nothing unreadable."""
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"  # type: ignore[attr-defined]
    path.write_text(write_jsonl(journal), "utf-8")
    ordered = sorted(journal.events, key=lambda event: (event.case, event.sequence))

    assert Journal(events=tuple(ordered)) == read_journal(path)


@given(journals())
def test_the_bytes_depend_on_the_events_alone(journal: Journal) -> None:
    """The order of the events in the journal does not show in what is written."""
    backwards = Journal(events=journal.events[::-1])

    assert write_jsonl(journal) == write_jsonl(backwards)


def test_the_canonical_line(tmp_path: Path) -> None:
    """Keys stand in one order, data keys sorted, instants in UTC unless a zone is given."""
    path = tmp_path / "journal.jsonl"
    path.write_text(
        '{"data":{"b":2.50,"a":"快报"},"at":"2009-03-02T09:00:00+08:00","event":"adopt",'
        '"sequence":3,"actor":{"roles":["editor"],"id":"li"},"case":"report/1",'
        '"corrects":{"void":true,"reason":"twice","sequence":2}}\n',
        "utf-8",
    )
    journal = read_journal(path)
    tail = (
        '"actor": {"id": "li", "roles": ["editor"]}, "data": {"a": "快报", "b": 2.50}, '
        '"corrects": {"reason": "twice", "sequence": 2, "void": true}}'
    )
    head = '{"case": "report/1", "sequence": 3, "event": "adopt", "at": '

    assert f'{head}"2009-03-02T01:00:00Z", {tail}\n' == write_jsonl(journal)
    assert [f'{head}"2009-03-02T09:00:00+08:00", {tail}'] == list(
        journal_lines(journal, zone=build_zone("Asia/Shanghai"))
    )
