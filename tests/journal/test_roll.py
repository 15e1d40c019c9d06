"""The roll of members and periods."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaocheng.calendars.numberline import DAY, HOUR, parse_date, parse_instant
from kaocheng.calendars.periods import PeriodSpec, period_of
from kaocheng.calendars.zones import Zone, build_zone, local_day, to_utc
from kaocheng.journal import fold, roll_rows
from kaocheng.language.kinds import kind_relations
from kaocheng.language.ruleset import Fact, Kind, Spell
from kaocheng.language.schema import PERIOD_COLUMNS, Relation
from kaocheng.language.types import STRING, Reference
from kaocheng.model.events import Event, Journal
from kaocheng.model.facts import Times

SHANGHAI = build_zone("Asia/Shanghai")
BERLIN = build_zone("Europe/Berlin")
UNIT = Kind(
    name="unit",
    fields=(Fact(name="class", type=STRING), Fact(name="head", type=Reference("person"))),
    spells=(Spell(name="membership", opens=("join",), closes=("leave",)),),
    dated=True,
    member="membership",
)
MONTH = PeriodSpec("month", "month")
YEAR = PeriodSpec("reporting_year", "year", month=7, day=24, named_after="end")


def roll(
    kind: Kind, events: Sequence[Event], spec: PeriodSpec, *, as_of: int, zone: Zone
) -> list[tuple[object, ...]]:
    """The roll of these events."""
    relations = kind_relations(kind)
    columns = {
        "case": Reference(kind.name),
        **PERIOD_COLUMNS,
        **{fact.name: fact.type for fact in kind.fields},
    }
    name = f"{kind.name} per {spec.name}"
    relations[name] = Relation(name, columns, ("case", "period"))
    found = fold(
        {kind.name: kind},
        Journal(events=tuple(events)),
        Times(as_of=as_of),
        zone=zone,
        relations=relations,
    )
    rows = found.facts.relations
    return roll_rows(kind, rows, spec, relations=relations, as_of=as_of, zone=zone)


def event(sequence: int, name: str, at: str, **data: object) -> Event:
    """An event of the unit, dated or at an instant."""
    if len(at) == len("2009-03-02"):
        return Event(case="unit/a", sequence=sequence, event=name, date=parse_date(at), data=data)
    return Event(case="unit/a", sequence=sequence, event=name, at=parse_instant(at), data=data)


def months(rows: Sequence[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """The rows without case and days."""
    return [(row[1], *row[4:]) for row in rows]


AS_OF = parse_instant("2009-06-15T12:00:00+08:00")


def test_a_row_per_period_with_the_fields_at_its_beginning() -> None:
    """A member has a row in each period up to the present, also when nothing happened."""
    events = [
        event(1, "join", "2009-01-31T23:00:00+08:00", **{"class": "county"}),
        event(2, "change", "2009-03-01", head="li"),
        event(3, "change", "2009-04-01T00:00:01+08:00", **{"class": "city"}),
    ]
    rows = roll(UNIT, events, MONTH, as_of=AS_OF, zone=SHANGHAI)

    assert [
        ("2009-01", "county", None),
        ("2009-02", "county", None),
        ("2009-03", "county", "person/li"),
        ("2009-04", "county", "person/li"),
        ("2009-05", "city", "person/li"),
        ("2009-06", "city", "person/li"),
    ] == months(rows)
    assert ("unit/a", "2009-02", parse_date("2009-02-01"), parse_date("2009-02-28")) == rows[1][:4]


def test_who_leaves_and_joins_again() -> None:
    """Two stays in one period are one row, with the fields of the first."""
    events = [
        event(1, "join", "2009-02-10", **{"class": "county"}),
        event(2, "leave", "2009-03-05"),
        event(3, "join", "2009-03-20", **{"class": "city"}),
        event(4, "leave", "2009-05-01"),
        event(5, "join", "2009-06-01"),
    ]

    assert [
        ("2009-02", "county", None),
        ("2009-03", "county", None),
        ("2009-04", "city", None),
        ("2009-06", "city", None),
    ] == months(roll(UNIT, events, MONTH, as_of=AS_OF, zone=SHANGHAI))


def test_a_stay_that_ends_as_it_begins() -> None:
    """A membership of no length is in no period."""
    events = [event(1, "join", "2009-02-10"), event(2, "leave", "2009-02-10")]

    assert [] == roll(UNIT, events, MONTH, as_of=AS_OF, zone=SHANGHAI)


def test_fields_that_begin_after_joining() -> None:
    """Before anything is known of a member, its fields are unknown."""
    events = [
        event(1, "join", "2009-05-10"),
        event(2, "change", "2009-05-20", head="li"),
    ]

    assert [("2009-05", None, None), ("2009-06", None, "person/li")] == months(
        roll(UNIT, events, MONTH, as_of=AS_OF, zone=SHANGHAI)
    )


def test_a_year_of_its_own() -> None:
    """Periods are those of the spec, named by it."""
    events = [event(1, "join", "2008-07-23", **{"class": "county"})]

    assert [("2008", "county", None), ("2009", "county", None)] == months(
        roll(UNIT, events, YEAR, as_of=AS_OF, zone=SHANGHAI)
    )


def test_a_kind_without_history() -> None:
    """A kind that is not dated has the same fields in every period."""
    kind = Kind(name="unit", fields=UNIT.fields, spells=UNIT.spells, member="membership")
    events = [
        event(1, "join", "2009-05-10"),
        event(2, "change", "2009-06-10", head="li"),
    ]

    assert [("2009-05", None, "person/li"), ("2009-06", None, "person/li")] == months(
        roll(kind, events, MONTH, as_of=AS_OF, zone=SHANGHAI)
    )


def test_a_kind_without_members() -> None:
    """A kind that names no membership has no roll."""
    kind = Kind(name="unit", fields=())

    assert [] == roll(kind, [event(1, "join", "2009-05-10")], MONTH, as_of=AS_OF, zone=SHANGHAI)


STAYS = st.lists(st.integers(0, 24 * 400), min_size=1, max_size=6, unique=True).map(sorted)


@given(STAYS, st.sampled_from([MONTH, YEAR, PeriodSpec("week", "week")]), st.integers(0, 24 * 400))
@pytest.mark.parametrize("zone", [SHANGHAI, BERLIN], ids=lambda zone: zone.name)
def test_a_period_is_on_the_roll_when_the_member_is_in_it(
    zone: Zone, hours: list[int], spec: PeriodSpec, length: int
) -> None:
    """A period is on the roll when some hour of it is an hour of membership up to now."""
    begin = to_utc(zone, parse_date("2009-01-01") * DAY)
    as_of = begin + length * HOUR
    events = [
        Event(case="unit/a", sequence=n, event=("leave", "join")[n % 2], at=begin + hour * HOUR)
        for n, hour in enumerate(hours, start=1)
    ]
    stays = [*hours, 10**6][: len(hours) + len(hours) % 2]
    inside = {
        period_of(spec, local_day(zone, begin + hour * HOUR)).name
        for start, end in zip(stays[::2], stays[1::2], strict=True)
        for hour in range(start, min(end, length + 1))
    }
    rows = roll(UNIT, events, spec, as_of=as_of, zone=zone)

    assert sorted(inside) == sorted(str(row[1]) for row in rows)
    assert len(inside) == len(rows)
