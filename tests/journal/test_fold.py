"""From events to facts, by example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from kaocheng.calendars.numberline import DAY, HOUR, NEVER, parse_date, parse_instant
from kaocheng.calendars.zones import build_zone
from kaocheng.journal import Folded, fold
from kaocheng.language.kinds import kind_relations
from kaocheng.language.ruleset import EventList, Fact, Kind, Lifecycle, Transition
from kaocheng.language.types import (
    BOOL,
    DATE,
    INSTANT,
    INT,
    STRING,
    Enum,
    ListOf,
    Reference,
)
from kaocheng.model.events import Actor, Correction, Event, Journal
from kaocheng.model.facts import Times

ZONE = build_zone("Asia/Shanghai")
NOON = parse_instant("2009-03-02T12:00:00+08:00")
TODAY = parse_date("2009-03-02")
MIDNIGHT = NOON - 12 * HOUR
END = parse_instant("2010-01-01T00:00:00+08:00")

GENRE = Enum("report.genre", ("dynamic", "problem"))
REPORT = Kind(
    name="report",
    fields=(
        Fact(name="genre", type=GENRE),
        Fact(name="authors", type=ListOf(Reference("person"))),
        Fact(name="received", type=DATE, events=("submit",)),
        Fact(name="submitted_at", type=INSTANT, take="at", events=("submit",)),
        Fact(name="submitted_on", type=DATE, take="date", events=("submit",)),
        Fact(name="adopted_at", type=INSTANT, take="last_at", events=("adopt",)),
        Fact(name="adopted_on", type=DATE, take="last_date", events=("adopt",)),
        Fact(name="informant", type=Reference("person"), take="actor", events=("submit",)),
        Fact(name="owner", type=Reference("unit"), take="unit", events=("submit",)),
        Fact(name="adopted", type=INT, take="count", events=("adopt",)),
        Fact(name="verified", type=BOOL, take="flag", events=("verify",)),
    ),
    lists=(
        EventList(
            name="adoptions",
            events=("adopt", "praise"),
            fields=(
                Fact(name="outlet", type=STRING, events=("adopt",)),
                Fact(name="day", type=DATE, take="date"),
            ),
        ),
    ),
    lifecycle=Lifecycle(
        initial="draft",
        states=("draft", "submitted", "closed"),
        transitions=(
            Transition(event="submit", sources=("draft",), target="submitted"),
            Transition(event="adopt", sources=("submitted", "closed"), target=None, repeats=True),
            Transition(event="close", sources=("submitted",), target="closed"),
        ),
    ),
)
INCIDENT = Kind(name="incident", fields=(Fact(name="grade", type=INT),))
UNIT = Kind(
    name="unit",
    fields=(Fact(name="warned", type=BOOL, take="flag", events=("warn",)),),
    dated=True,
)
PERSON = Kind(name="person", fields=(Fact(name="name", type=STRING),))
KINDS = {kind.name: kind for kind in (REPORT, INCIDENT, UNIT, PERSON)}
RELATIONS = {
    name: relation
    for kind in KINDS.values()
    for name, relation in kind_relations(kind, KINDS).items()
}


def event(place: str, name: str, at: int | None = NOON, **rest: object) -> Event:
    """An event at `report/1#2`, with the rest of its fields by name."""
    case, _, sequence = place.partition("#")
    fields: dict[str, object] = {"case": case, "sequence": int(sequence), "event": name, "at": at}
    return Event(**{**fields, **rest})  # type: ignore[arg-type]


def folded(*events: Event, as_of: int = END, known_at: int | None = None) -> Folded:
    """The facts of these events."""
    times = Times(as_of=as_of, known_at=known_at)
    return fold(KINDS, Journal(events=events), times, zone=ZONE, relations=RELATIONS)


def rows(found: Folded, name: str) -> list[dict[str, object]]:
    """The rows of a relation, by column."""
    columns = tuple(RELATIONS[name].columns)
    return [dict(zip(columns, row, strict=True)) for row in found.facts.relations[name]]


def row(found: Folded, name: str) -> Mapping[str, object]:
    """The only row of a relation."""
    (only,) = rows(found, name)
    return only


def said(found: Folded) -> list[tuple[str, str, str]]:
    """The problems: code, place and text."""
    return [(problem.code, problem.place, problem.en) for problem in found.problems]


def pick(found: Mapping[str, object], *names: str) -> Sequence[object]:
    """Some columns of a row."""
    return [found[name] for name in names]


LI = Actor(id="li", unit="city_office")


def test_every_way_to_take_a_field() -> None:
    """Fields are folded from events as their declarations say."""
    found = folded(
        event(
            "report/1#1",
            "submit",
            actor=LI,
            data={"genre": "problem", "authors": ["li", "person/wang"], "received": "never"},
        ),
        event("report/1#2", "adopt", NOON + DAY, data={"outlet": "daily_express"}),
        event("report/1#3", "adopt", NOON + HOUR, actor=Actor(id="person/li")),
        event("report/1#4", "close", NOON + 2 * DAY),
    )

    assert {
        "case": "report/1",
        "state": "closed",
        "genre": "problem",
        "authors": ("person/li", "person/wang"),
        "received": NEVER,
        "submitted_at": NOON,
        "submitted_on": TODAY,
        "adopted_at": NOON + DAY,
        "adopted_on": TODAY + 1,
        "informant": "person/li",
        "owner": "unit/city_office",
        "adopted": 2,
        "verified": False,
    } == row(found, "report")
    assert [
        {
            "case": "report/1",
            "sequence": 2,
            "at": NOON + DAY,
            "recorded_at": NOON + DAY,
            "actor": None,
            "unit": None,
            "outlet": "daily_express",
            "day": TODAY + 1,
        },
        {
            "case": "report/1",
            "sequence": 3,
            "at": NOON + HOUR,
            "recorded_at": NOON + HOUR,
            "actor": "person/li",
            "unit": None,
            "outlet": None,
            "day": TODAY,
        },
    ] == rows(found, "report.adoptions")
    assert [] == said(found)


def test_the_two_kinds_of_absence() -> None:
    """What has not happened is never, none or false; what should be known is unknown."""
    found = row(folded(event("report/1#1", "close")), "report")

    assert [None, None, NEVER, NEVER, NEVER, NEVER, None, None, 0, False] == pick(
        found, "genre", "received", "submitted_at", "submitted_on", "adopted_at", "adopted_on",
        "informant", "owner", "adopted", "verified",
    )  # fmt: skip


def test_a_relation_without_rows_is_there() -> None:
    """Every relation of every kind is in the facts, rows or none."""
    assert set(RELATIONS) == set(folded().facts.relations)


def test_the_latest_by_time_wins() -> None:
    """Of several events that carry a value the latest counts, by `at` and then by number."""
    early = event("incident/1#1", "note", NOON + 1, data={"grade": 1})
    late = event("incident/1#2", "note", NOON, data={"grade": 2})
    tie = event("incident/1#3", "note", NOON + 1, data={"grade": 3})
    silent = event("incident/1#4", "note", NOON + 2, data={})

    assert 1 == row(folded(early, late, silent), "incident")["grade"]
    assert 3 == row(folded(early, late, tie, silent), "incident")["grade"]


def test_null_carries_an_unknown_value() -> None:
    """An event that says null says that the value is not known any more."""
    known = event("incident/1#1", "note", data={"grade": 1})
    unknown = event("incident/1#2", "note", data={"grade": None})

    assert None is row(folded(known, unknown), "incident")["grade"]


def test_dated_events() -> None:
    """A day is no instant: the date is known, the instant is not."""
    found = row(folded(event("report/1#1", "submit", None, date=TODAY)), "report")

    assert [None, TODAY] == pick(found, "submitted_at", "submitted_on")


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [(TODAY - 1, None, NOON), (TODAY, None, None), (TODAY + 1, NOON, None)],
)
def test_a_day_that_leaves_the_order_open(day: int, first: object, last: object) -> None:
    """A first or last instant is known only where no dated event may have come before it."""
    kind = Kind(
        name="k",
        fields=(
            Fact(name="first", type=INSTANT, take="at", events=("e",)),
            Fact(name="last", type=INSTANT, take="last_at", events=("e",)),
        ),
    )
    journal = Journal(events=(event("k/1#1", "e"), event("k/1#2", "e", None, date=day)))
    found = fold({"k": kind}, journal, Times(as_of=END), zone=ZONE, relations=kind_relations(kind))

    assert [("k/1", first, last)] == found.facts.relations["k"]


def test_an_event_at_an_unknown_time() -> None:
    """What happened nobody knows when counts as happened, and its times are unknown."""
    found = row(
        folded(
            event("report/1#1", "submit", None),
            event("report/1#2", "adopt", NOON),
            event("report/1#3", "adopt", None),
        ),
        "report",
    )

    assert ["submitted", None, None, None, None, 2] == pick(
        found, "state", "submitted_at", "submitted_on", "adopted_at", "adopted_on", "adopted"
    )


def test_as_of() -> None:
    """Later events do not exist, and dated ones exist from the beginning of their day."""
    submit = event("report/1#1", "submit")
    dated = event("report/2#1", "submit", None, date=TODAY)

    assert [] == rows(folded(submit, as_of=NOON - 1), "report")
    assert 1 == len(rows(folded(submit, as_of=NOON), "report"))
    assert [] == rows(folded(dated, as_of=MIDNIGHT - 1), "report")
    assert 1 == len(rows(folded(dated, as_of=MIDNIGHT), "report"))


def test_known_at() -> None:
    """An event is known from when it was recorded, or else from when it happened."""
    late = event("report/1#1", "submit", recorded_at=NOON + HOUR)
    plain = event("report/2#1", "submit")
    dated = event("report/3#1", "submit", None, date=TODAY)

    assert ["report/2", "report/3"] == [
        found["case"] for found in rows(folded(late, plain, dated, known_at=NOON), "report")
    ]
    assert [] == rows(folded(late, plain, dated, known_at=MIDNIGHT - 1), "report")


VOID = Correction(sequence=1, reason="twice", void=True)


def test_a_void_event_never_happened() -> None:
    """A voided event leaves no trace, from when the correction is known."""
    submit = event("report/1#1", "submit")
    void = event("report/1#2", "correct", NOON + DAY, corrects=VOID)

    assert [] == rows(folded(submit, void), "report")
    # A correction is knowledge: it counts whatever the world's time is.
    assert [] == rows(folded(submit, void, as_of=NOON), "report")
    assert 1 == len(rows(folded(submit, void, known_at=NOON), "report"))


def test_a_correction_of_a_correction() -> None:
    """Voiding a correction brings back what it had voided."""
    submit = event("report/1#1", "submit")
    void = event("report/1#2", "correct", corrects=VOID)
    restore = event(
        "report/1#3", "correct", corrects=Correction(sequence=2, reason="wrong", void=True)
    )

    assert 1 == len(rows(folded(submit, void, restore), "report"))


def test_replaced_times_and_data() -> None:
    """Corrections replace single values; of two for the same value the later counts."""
    found = folded(
        event("report/1#1", "submit", data={"genre": "problem", "received": "2009-03-01"}),
        event(
            "report/1#3",
            "correct",
            corrects=Correction(sequence=1, reason="r", at=NOON + 2, data={"genre": "dynamic"}),
        ),
        event(
            "report/1#2",
            "correct",
            corrects=Correction(sequence=1, reason="r", at=NOON + 1, data={"received": "never"}),
        ),
        event(
            "report/2#2",
            "correct",
            corrects=Correction(sequence=1, reason="r", date=TODAY),
        ),
        event("report/2#1", "submit"),
    )
    one, two = rows(found, "report")

    assert ["dynamic", NEVER, NOON + 2] == pick(one, "genre", "received", "submitted_at")
    assert [None, TODAY] == pick(two, "submitted_at", "submitted_on")
    assert [] == said(found)


def test_a_moved_event_stays_known() -> None:
    """Moving an event to a later time does not move when it became known."""
    adopt = event("report/1#1", "adopt")
    moved = event(
        "report/1#2", "correct", corrects=Correction(sequence=1, reason="r", at=NOON + DAY)
    )
    (found,) = rows(folded(adopt, moved, known_at=NOON), "report.adoptions")

    assert [NOON + DAY, NOON] == pick(found, "at", "recorded_at")


def test_a_correction_of_nothing_is_reported() -> None:
    """A correction must name an event of its case."""
    submit = event("report/1#2", "submit")
    void = event("report/1#3", "correct", corrects=VOID)

    assert [
        (
            "corrects_nothing",
            "report/1#3",
            "the correction names event 1, which the case does not have",
        )
    ] == said(folded(submit, void))


def test_corrections_are_counted_only_where_they_are_named() -> None:
    """A correcting line is no event for "any event", but a kind may name it.

    Under the name of what it corrects it says that event again, and is none of its own.
    """
    kind = Kind(
        name="k",
        fields=(
            Fact(name="last", type=INSTANT, take="last_at"),
            Fact(name="opened", type=INT, take="count", events=("open",)),
            Fact(name="corrected", type=INT, take="count", events=("correct",)),
        ),
    )
    events = (
        event("k/1#1", "open", NOON),
        *(
            event(
                f"k/1#{number}",
                "correct",
                NOON + DAY,
                corrects=Correction(sequence=corrected, reason="r", data={"a": 1}),
            )
            for number, corrected in ((2, 1), (3, 2), (4, 1))
        ),
    )
    found = fold(
        {"k": kind},
        Journal(events=events),
        Times(as_of=END),
        zone=ZONE,
        relations=kind_relations(kind),
    )

    assert [("k/1", NOON, 1, 2)] == found.facts.relations["k"]


def test_who_corrects_what_says_an_event_again_corrects_that_event() -> None:
    """Until the correction in between is taken back."""
    kind = Kind(name="k", fields=(Fact(name="n", type=INT, take="data", events=("open",)),))

    def again(number: int, corrected: int, n: int | None = None) -> Event:
        data = {} if n is None else {"n": n}
        corrects = Correction(sequence=corrected, reason="r", data=data, void=n is None)
        return event(f"k/1#{number}", "open", NOON, corrects=corrects)

    def known(*events: Event) -> list[tuple[object, ...]]:
        opened = event("k/1#1", "open", NOON, data={"n": 1})
        journal = Journal(events=(opened, *events))
        found = fold(
            {"k": kind},
            journal,
            Times(as_of=END),
            zone=ZONE,
            relations=kind_relations(kind),
        )
        return list(found.facts.relations["k"])

    assert [("k/1", 2)] == known(again(2, 1, 2))
    assert [("k/1", 3)] == known(again(2, 1, 2), again(3, 2, 3))
    assert [("k/1", 4)] == known(again(2, 1, 2), again(3, 2, 3), again(4, 3, 4))
    assert [("k/1", 1)] == known(again(2, 1, 2), again(3, 2, 3), again(4, 2))
    assert [("k/1", 2)] == known(again(2, 1, 2), again(3, 2, 3), again(4, 3))


def test_the_lifecycle_moves_by_number() -> None:
    """The state follows the numbers, whatever the times; what does not fit is reported."""
    found = folded(
        event("report/1#1", "submit", NOON + DAY),
        event("report/1#2", "close", NOON),
        event("report/1#3", "submit", NOON + DAY),
    )

    assert "closed" == row(found, "report")["state"]
    assert [
        (
            "out_of_order",
            "report/1#3",
            "the event `submit` is not accepted in the state `closed`; the state stays",
        )
    ] == said(found)


def test_events_with_one_number() -> None:
    """Equal events count once, contradicting ones not at all."""
    submit, adopt = event("report/1#1", "submit"), event("report/1#2", "adopt")
    other = event("report/1#2", "close")
    twice = folded(submit, adopt, adopt)
    clash = folded(submit, adopt, other)

    assert 1 == row(twice, "report")["adopted"]
    assert [] == said(twice)
    assert [0, "submitted"] == pick(row(clash, "report"), "adopted", "state")
    assert [
        (
            "clashing_events",
            "report/1#2",
            "two events have the number 2 and differ; neither is counted",
        )
    ] == said(clash)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (
            event("reprot/1#1", "submit"),
            (
                "unknown_kind",
                "reprot/1",
                "the ruleset has no kind `reprot` (cases in the journal: 1); did you mean `report`",
            ),
        ),
        (
            event("report/1#1", "submitt"),
            (
                "unknown_event",
                "report/1#1",
                "no part of the kind `report` names the event `submitt`; did you mean `submit`",
            ),
        ),
        (
            event("incident/1#1", "note", data={"grad": 1}),
            (
                "unknown_event",
                "incident/1#1",
                "no part of the kind `incident` names the event `note`",
            ),
        ),
        (
            event("incident/1#1", "note", data={"grade": 1, "grad": 1}),
            (
                "unknown_data",
                "incident/1#1",
                "the kind `incident` takes no `grad` from the event `note`; did you mean `grade`",
            ),
        ),
        (
            event("report/1#1", "submit", data={"genre": "problems"}),
            (
                "wrong_data",
                "report/1#1",
                (
                    "`genre` of the event `submit`: `problems` is none of `dynamic`, `problem`;"
                    " did you mean `problem`; it counts as unknown"
                ),
            ),
        ),
        (
            event("unit/1#1", "warn", None),
            (
                "no_time",
                "unit/1#1",
                "the event `warn` has no known time, so the history of `unit` leaves it out",
            ),
        ),
    ],
)
def test_problems(found: Event, expected: tuple[str, str, str]) -> None:
    """What does not fit the ruleset is reported with its place."""
    assert [expected] == said(folded(found))


def test_a_wrong_value_hides_the_one_before() -> None:
    """A value of the wrong type is unknown, not the value that stood there earlier."""
    found = folded(
        event("incident/1#1", "note", data={"grade": 1}),
        event("incident/1#2", "note", NOON + 1, data={"grade": "two"}),
    )

    assert None is row(found, "incident")["grade"]


def test_rows_stand_by_case_and_number() -> None:
    """Rows are sorted by their keys."""
    found = folded(
        event("report/2#1", "adopt"),
        event("report/10#2", "adopt"),
        event("report/10#1", "adopt"),
    )

    assert [("report/10", 1), ("report/10", 2), ("report/2", 1)] == [
        (row["case"], row["sequence"]) for row in rows(found, "report.adoptions")
    ]
