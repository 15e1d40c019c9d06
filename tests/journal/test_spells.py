"""Spells, and the history of dated fields, by example."""

from __future__ import annotations

from collections.abc import Mapping

from kaocheng.calendars.numberline import HOUR, NEVER, parse_date, parse_instant
from kaocheng.calendars.zones import build_zone
from kaocheng.journal import Folded, fold
from kaocheng.language.kinds import kind_relations
from kaocheng.language.ruleset import Fact, Kind, Lifecycle, Spell, Transition
from kaocheng.language.types import BOOL, INT, STRING, Reference
from kaocheng.model.events import Event, Journal
from kaocheng.model.facts import Times

ZONE = build_zone("Asia/Shanghai")
NOON = parse_instant("2009-03-02T12:00:00+08:00")
TODAY = parse_date("2009-03-02")
END = parse_instant("2010-01-01T00:00:00+08:00")

HOP = (Fact(name="desk", type=STRING),)
INCIDENT = Kind(
    name="incident",
    fields=(Fact(name="grade", type=INT),),
    spells=(
        Spell(name="pauses", opens=("pause",), closes=("resume",)),
        Spell(name="hops", opens=("forward",), closes=("forward", "end"), fields=HOP),
        Spell(name="orders", opens=("order",), closes=("lift",), fields=HOP, match="desk"),
    ),
)
UNIT = Kind(
    name="unit",
    fields=(
        Fact(name="class", type=STRING),
        Fact(name="head", type=Reference("person")),
        Fact(name="warned", type=BOOL, take="flag", events=("warn",)),
    ),
    lifecycle=None,
    dated=True,
)
STAGED = Kind(
    name="k",
    fields=(),
    dated=True,
    lifecycle=Lifecycle(
        initial="new",
        states=("new", "on", "off"),
        transitions=(
            Transition(event="start", sources=("new", "off"), target="on"),
            Transition(event="stop", sources=("on",), target="off"),
        ),
    ),
)
KINDS = {kind.name: kind for kind in (INCIDENT, UNIT, STAGED)}
RELATIONS = {
    name: relation
    for kind in KINDS.values()
    for name, relation in kind_relations(kind, KINDS).items()
}


def event(place: str, name: str, at: int | None = NOON, **rest: object) -> Event:
    """An event at `unit/1#2`, with the rest of its fields by name."""
    case, _, sequence = place.partition("#")
    fields: dict[str, object] = {"case": case, "sequence": int(sequence), "event": name, "at": at}
    return Event(**{**fields, **rest})  # type: ignore[arg-type]


def folded(*events: Event) -> Folded:
    """The facts of these events."""
    journal = Journal(events=events)
    return fold(KINDS, journal, Times(as_of=END), zone=ZONE, relations=RELATIONS)


def rows(found: Folded, name: str) -> list[Mapping[str, object]]:
    """The rows of a relation, by column."""
    columns = tuple(RELATIONS[name].columns)
    return [dict(zip(columns, row, strict=True)) for row in found.facts.relations[name]]


def said(found: Folded) -> list[tuple[str, str, str]]:
    """The problems: code, place and text."""
    return [(problem.code, problem.place, problem.en) for problem in found.problems]


def pick(found: Mapping[str, object], *names: str) -> list[object]:
    """Some columns of a row."""
    return [found[name] for name in names]


def from_noon(time: object) -> object:
    """A time counted from noon; what is unknown or has not happened stays so."""
    return time if time in {None, NEVER} else time - NOON  # type: ignore[operator]


def spells(found: Folded, name: str) -> list[list[object]]:
    """Number, beginning and end of the spells, counted from noon."""
    return [
        [row["sequence"], *map(from_noon, pick(row, "from", "until"))]
        for row in rows(found, f"incident.{name}")
    ]


def test_spells_are_paired_by_time() -> None:
    """A closing closes what is open at its time, so pauses may be entered afterwards."""
    found = folded(
        event("incident/1#1", "pause", NOON + 50),
        event("incident/1#2", "resume", NOON + 60),
        event("incident/1#3", "pause", NOON + 10),
        event("incident/1#4", "resume", NOON + 20),
        event("incident/1#5", "pause", NOON + 70),
    )

    assert [[1, 50, 60], [3, 10, 20], [5, 70, NEVER]] == spells(found, "pauses")


def test_one_closing_ends_all_that_is_open() -> None:
    """Two openings in a row are two spells that end together; a closing alone is nothing."""
    found = folded(
        event("incident/1#1", "resume", NOON),
        event("incident/1#2", "pause", NOON + 1),
        event("incident/1#3", "pause", NOON + 2),
        event("incident/1#4", "resume", NOON + 3),
        event("incident/1#5", "resume", NOON + 4),
    )

    assert [[2, 1, 3], [3, 2, 3]] == spells(found, "pauses")
    assert [] == said(found)


def test_a_hop_hands_on_to_the_next() -> None:
    """An event that closes and opens ends the spell before it begins its own."""
    found = folded(
        event("incident/1#1", "forward", NOON, data={"desk": "a"}),
        event("incident/1#2", "forward", NOON + 5, data={"desk": "b"}),
        event("incident/1#3", "end", NOON + 9),
    )

    assert [[1, 0, 5], [2, 5, 9]] == spells(found, "hops")
    assert ["a", "b"] == [row["desk"] for row in rows(found, "incident.hops")]


def test_matching_spells() -> None:
    """With `match` a closing ends the spell that it names; one that names none is reported."""
    found = folded(
        event("incident/1#1", "order", NOON, data={"desk": "a"}),
        event("incident/1#2", "order", NOON + 1, data={"desk": "b"}),
        event("incident/1#3", "lift", NOON + 2, data={"desk": "a"}),
        event("incident/1#4", "lift", NOON + 3),
    )

    assert [[1, 0, 2], [2, 1, NEVER]] == spells(found, "orders")
    assert [
        (
            "no_match",
            "incident/1#4",
            "the event `lift` does not say which of `orders` it closes, so it closes none",
        )
    ] == said(found)


def test_spells_from_dated_events() -> None:
    """A spell known by its days runs from the beginning of one day to that of another."""
    found = folded(
        event("incident/1#1", "pause", None, date=TODAY),
        event("incident/1#2", "resume", None, date=TODAY + 2),
        event("incident/1#3", "pause", None),
    )

    assert [[1, -12 * HOUR, 36 * HOUR], [3, None, 36 * HOUR]] == spells(found, "pauses")


def history(found: Folded) -> list[list[object]]:
    """The steps of a unit, counted from noon."""
    return [
        [from_noon(row["from_at"]), *pick(row, "class", "head", "warned")]
        for row in rows(found, "unit")
    ]


def test_a_dated_kind_keeps_its_history() -> None:
    """There is one row per change of any field, from when it was in force."""
    found = folded(
        event("unit/1#1", "register", NOON, data={"class": "county"}),
        event("unit/1#2", "change", NOON + 1, data={"head": "li"}),
        event("unit/1#3", "change", NOON + 2, data={"class": "county"}),
        event("unit/1#4", "warn", NOON + 3),
        event("unit/1#5", "change", NOON + 3, data={"class": "city"}),
        event("unit/1#6", "change", None, date=TODAY + 1, data={"head": None}),
    )

    assert [
        [0, "county", None, False],
        [1, "county", "person/li", False],
        [3, "city", "person/li", True],
        [12 * HOUR, "city", None, True],
    ] == history(found)


def test_history_that_is_entered_afterwards() -> None:
    """A change that is recorded late stands where it belongs."""
    found = folded(
        event("unit/1#1", "register", NOON, data={"class": "county"}),
        event("unit/1#2", "change", NOON + 9, data={"class": "city"}),
        event("unit/1#3", "change", NOON + 5, data={"head": "li"}),
    )

    assert [
        [0, "county", None, False],
        [5, "county", "person/li", False],
        [9, "city", "person/li", False],
    ] == history(found)


def test_the_state_of_a_dated_kind_has_a_history_too() -> None:
    """At each time the state is that of the events that had happened, in their order."""
    found = folded(
        event("k/1#1", "start", NOON + 5),
        event("k/1#2", "stop", NOON + 3),
        event("k/1#3", "start", NOON + 9),
    )

    assert [
        ("k/1", "new", NOON + 3),
        ("k/1", "off", NOON + 5),
        ("k/1", "on", NOON + 9),
    ] == found.facts.relations["k"]
