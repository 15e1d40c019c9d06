"""The relations that kinds give: what rows of cases, lists and spells look like.

| relation | columns |
| --- | --- |
| `report` | `case`, `state` with a lifecycle, `from_at` when dated, the fields |
| `report.adoptions` | `case`, `sequence`, `at`, `recorded_at`, `actor`, `unit`, the fields |
| `report.pauses` | `case`, `sequence`, `from`, `until`, the fields |
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kaocheng.language.ruleset import EventList, Fact, Kind, Spell
from kaocheng.language.schema import Link, Relation
from kaocheng.language.types import INSTANT, INT, STRING, Enum, Reference, Type

PERSON = "person"
UNIT = "unit"


def kind_relations(kind: Kind, kinds: Collection[str] = ()) -> dict[str, Relation]:
    """The kind's relations by name; `kinds` holds the names of all kinds of the version.

    Who acted, and for which unit, are references where there are such kinds.
    """
    relations = [
        _cases(kind),
        *(_list(kind, item, kinds) for item in kind.lists),
        *(_spell(kind, item) for item in kind.spells),
    ]
    return {relation.name: relation for relation in relations}


def _cases(kind: Kind) -> Relation:
    columns: dict[str, Type] = {"case": Reference(kind.name)}
    if kind.lifecycle is not None:
        columns["state"] = Enum(f"{kind.name}.state", kind.lifecycle.states)
    if kind.dated:
        columns["from_at"] = INSTANT
    columns.update(_fields(kind.fields))
    return Relation(kind.name, columns, ("case",), _children(kind), kind.dated)


def _list(kind: Kind, item: EventList, kinds: Collection[str]) -> Relation:
    columns: dict[str, Type] = {
        "case": Reference(kind.name),
        "sequence": INT,
        "at": INSTANT,
        "recorded_at": INSTANT,
        "actor": Reference(PERSON) if PERSON in kinds else STRING,
        "unit": Reference(UNIT) if UNIT in kinds else STRING,
        **_fields(item.fields),
    }
    return Relation(f"{kind.name}.{item.name}", columns, ("case", "sequence"))


def _spell(kind: Kind, item: Spell) -> Relation:
    columns: dict[str, Type] = {
        "case": Reference(kind.name),
        "sequence": INT,
        "from": INSTANT,
        "until": INSTANT,
        **_fields(item.fields),
    }
    return Relation(f"{kind.name}.{item.name}", columns, ("case", "sequence"))


def _fields(facts: tuple[Fact, ...]) -> dict[str, Type]:
    return {fact.name: fact.type for fact in facts}


def _children(kind: Kind) -> Mapping[str, Link]:
    names = (*(item.name for item in kind.lists), *(item.name for item in kind.spells))
    return {
        name: Link(name, f"{kind.name}.{name}", on=(("case", "case"),), many=True) for name in names
    }


def declared_events(kind: Kind) -> set[str]:
    """Every event that the kind names anywhere."""
    found = {event for fact in kind.fields for event in fact.events}
    found |= {event for item in kind.lists for event in item.events}
    found |= {event for spell in kind.spells for event in (*spell.opens, *spell.closes)}
    if kind.lifecycle is not None:
        found |= {t.event for t in kind.lifecycle.transitions}
    return found


def instants_of(kind: Kind, event: str) -> tuple[str, ...]:
    """What takes its instant from an event: fields, lists and spells, by name.

    A list that takes the day of its events does without their instants, and so does the roll.
    """
    fields = [f.name for f in kind.fields if f.take in ("at", "last_at") and event in f.events]
    lists = [
        item.name
        for item in kind.lists
        if event in item.events and not any(f.take in ("date", "last_date") for f in item.fields)
    ]
    spells = [
        spell.name
        for spell in kind.spells
        if event in (*spell.opens, *spell.closes) and spell.name != kind.member
    ]
    return (*fields, *lists, *spells)


def takes_any_event(kind: Kind) -> bool:
    """Whether events that the kind does not name may carry its data: it has no lifecycle."""
    takes_any = any(fact.take == "data" and not fact.events for fact in kind.fields)
    return takes_any and kind.lifecycle is None


def data_types(kind: Kind) -> dict[str, Type]:
    """The types of all event data that the kind reads, by name."""
    facts = [fact for fact in kind.fields if fact.take == "data"]
    facts += [fact for item in kind.lists for fact in item.fields]
    facts += [fact for spell in kind.spells for fact in spell.fields]
    return {fact.name: fact.type for fact in facts}


def carried_types(kind: Kind) -> dict[str, tuple[Type, ...]]:
    """The same where events may carry one name as different types, each type once."""
    found: dict[str, tuple[Type, ...]] = {}
    items: tuple[EventList | Spell, ...] = (*kind.lists, *kind.spells)
    for fact in (*kind.fields, *(fact for item in items for fact in item.fields)):
        if fact.take == "data":
            found[fact.name] = tuple(dict.fromkeys((*found.get(fact.name, ()), fact.type)))
    return found
