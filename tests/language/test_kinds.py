"""The relations that kinds give."""

from __future__ import annotations

from kaocheng.language.kinds import kind_relations
from kaocheng.language.ruleset import EventList, Fact, Kind, Lifecycle, Spell
from kaocheng.language.schema import Link, Relation
from kaocheng.language.types import DATE, INSTANT, INT, STRING, Enum, Reference

GENRE = Fact(name="genre", type=STRING)
REPORT = Kind(
    name="report",
    fields=(GENRE,),
    lists=(EventList(name="adoptions", events=("adopt",), fields=(GENRE,)),),
    spells=(
        Spell(
            name="pauses",
            opens=("pause",),
            closes=("resume",),
            fields=(Fact(name="day", type=DATE, take="date"),),
        ),
    ),
    lifecycle=Lifecycle(initial="new", states=("new", "done"), transitions=()),
)
CHILDREN = {
    name: Link(name, f"report.{name}", on=(("case", "case"),), many=True)
    for name in ("adoptions", "pauses")
}


def test_the_relations_of_a_kind() -> None:
    """A kind gives a relation of its cases, one per list and one per spell."""
    case = Reference("report")
    state = Enum("report.state", ("new", "done"))
    expected = [
        Relation("report", {"case": case, "state": state, "genre": STRING}, ("case",), CHILDREN),
        Relation(
            "report.adoptions",
            {
                "case": case,
                "sequence": INT,
                "at": INSTANT,
                "recorded_at": INSTANT,
                "actor": STRING,
                "unit": STRING,
                "genre": STRING,
            },
            ("case", "sequence"),
        ),
        Relation(
            "report.pauses",
            {"case": case, "sequence": INT, "from": INSTANT, "until": INSTANT, "day": DATE},
            ("case", "sequence"),
        ),
    ]

    assert {relation.name: relation for relation in expected} == kind_relations(REPORT)


def test_who_acts_is_a_reference_where_there_is_such_a_kind() -> None:
    """Actors and their units refer to cases of the kinds `person` and `unit`."""
    columns = kind_relations(REPORT, ("report", "unit", "person"))["report.adoptions"].columns

    assert [Reference("person"), Reference("unit")] == [columns["actor"], columns["unit"]]


def test_a_dated_kind() -> None:
    """A dated kind has several rows per case, each from its own instant."""
    kind = Kind(name="unit", fields=(GENRE,), dated=True)
    columns = {"case": Reference("unit"), "from_at": INSTANT, "genre": STRING}

    assert {"unit": Relation("unit", columns, ("case",), dated=True)} == kind_relations(kind)
