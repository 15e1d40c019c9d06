"""A kind compiled for folding: for each event name, which slots it updates and how.

Every event is first spread out as a *base* (what every event has) followed by its
*cells* (the typed data that the kind declares for it). Fields, list rows and spell rows
then pick from that one sequence, so that an event costs the same however it is used.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from attrs import frozen

from kaocheng.calendars.numberline import DAY, NEVER
from kaocheng.calendars.zones import Zone, to_utc
from kaocheng.journal.values import Reader, value_reader
from kaocheng.language.kinds import takes_any_event
from kaocheng.language.ruleset import EventList, Fact, Kind, Lifecycle, Spell
from kaocheng.language.schema import Relation
from kaocheng.language.types import Reference, Type
from kaocheng.model.events import Event

Vector = Sequence[object]
Picker = Callable[[Vector], tuple[object, ...]]

# The base. `one`, `yes` and `nothing` are constants that columns may pick.
BASE = (
    "case", "sequence", "event", "at", "recorded_at", "actor", "unit", "date", "from",
    "until", "one", "yes", "nothing",
)  # fmt: skip
_BASE_INDEX = {name: index for index, name in enumerate(BASE)}
FIRST_CELL = len(BASE)
FROM = _BASE_INDEX["from"]

# What a row of a case is picked from, before the values of the slots.
CASE_BASE = ("case", "state", "from_at")

# How a field or a column without data takes its value from the base.
_TAKEN = {
    "at": "at", "last_at": "at", "date": "date", "last_date": "date",
    "actor": "actor", "unit": "unit", "count": "one", "flag": "yes",
}  # fmt: skip
_BEGIN: dict[str, object] = {
    "data": None, "at": NEVER, "last_at": NEVER, "date": NEVER, "last_date": NEVER,
    "actor": None, "unit": None, "count": 0, "flag": False,
}  # fmt: skip
_LASTS = ("last_at", "last_date")


class Era(NamedTuple):
    """From an instant on events are read by another program, with the same rows."""

    begins: int
    program: KindProgram


class Opening(NamedTuple):
    """An event opens a spell: `row` picks it, `match` is the cell that a closing must carry."""

    spell: int
    row: Picker
    match: int | None


class Closing(NamedTuple):
    """An event closes the open spells; with `match`, those with the same value."""

    spell: int
    match: int | None


@frozen(kw_only=True)
class SpellShape:
    """The relation of a spell, where its `until` stands, and what its rows are sorted by."""

    name: str
    until: int
    number: Callable[[tuple[Any, ...]], int]


@frozen(kw_only=True)
class EventPlan:
    """All that one event name does.

    Pairs are a slot (the index of a field) and the place in the spread event that it
    takes; `latest` adds the data key, since only an event that carries it counts.
    """

    known: frozenset[str]
    cells: tuple[tuple[str, Reader], ...]
    latest: tuple[tuple[int, int, str], ...]
    firsts: tuple[tuple[int, int], ...]
    lasts: tuple[tuple[int, int], ...]
    counts: tuple[int, ...]
    flags: tuple[int, ...]
    rows: tuple[tuple[int, Picker], ...]
    closes: tuple[Closing, ...]
    opens: tuple[Opening, ...]
    pairs: bool
    moves: Mapping[str, str | None] | None
    needs_date: bool


@frozen(kw_only=True)
class KindProgram:
    """A kind ready to fold the events of its cases.

    `anything` is what an event does that no part of the kind names, where that is allowed:
    in a kind without lifecycle whose fields take their data from any event. Where versions
    say different things of the kind's events, `eras` says what each says, from when on, and
    `elsewhere` which events any of them names.
    """

    kind: str
    zone: Zone
    events: Mapping[str, EventPlan]
    corrections: Mapping[str, EventPlan]
    anything: EventPlan | None
    begin: tuple[object, ...]
    initial: str | None
    case_row: Picker
    lists: tuple[str, ...]
    spells: tuple[SpellShape, ...]
    dated: bool
    in_time_order: bool
    actor_prefix: str
    unit_prefix: str
    eras: tuple[Era, ...] = ()
    elsewhere: frozenset[str] = frozenset()

    def in_era(self, event: Event) -> KindProgram:
        """What reads the event: the program of its time, the last one where that is unknown."""
        eras = self.eras
        if not eras:
            return self
        at = event.at
        if at is None:
            at = NEVER if event.date is None else to_utc(self.zone, event.date * DAY)
        place = bisect_right(eras, at, key=itemgetter(0))
        return eras[max(place - 1, 0)].program


def compile_kind(
    kind: Kind, relations: Mapping[str, Relation], *, zone: Zone, eras: Iterable[Era] = ()
) -> KindProgram:
    """The program of a kind; `relations` hold its relations (see `language.kinds`)."""
    compiler = _Compiler(kind, relations)
    named = compiler.event_names()
    return KindProgram(
        kind=kind.name,
        zone=zone,
        events={name: compiler.plan(name) for name in named},
        corrections={name: compiler.plan(name, is_correction=True) for name in named},
        anything=compiler.anything(),
        begin=tuple(_BEGIN[fact.take] for fact in kind.fields),
        initial=None if kind.lifecycle is None else kind.lifecycle.initial,
        case_row=_case_picker(kind, relations[kind.name]),
        lists=tuple(f"{kind.name}.{item.name}" for item in kind.lists),
        spells=tuple(_shape(relations[f"{kind.name}.{item.name}"]) for item in kind.spells),
        dated=kind.dated,
        in_time_order=kind.dated or bool(kind.spells),
        actor_prefix=_prefix(kind, relations, "actor"),
        unit_prefix=_prefix(kind, relations, "unit"),
        eras=tuple(eras),
    )


def picker(indexes: Sequence[int]) -> Picker:
    """The function that picks the items at `indexes`, always as a tuple."""
    if len(indexes) > 1:
        return itemgetter(*indexes)
    return lambda vector: tuple(vector[index] for index in indexes)


class _Compiler:
    """Compiles the events of one kind."""

    def __init__(self, kind: Kind, relations: Mapping[str, Relation]) -> None:
        self._kind = kind
        self._relations = relations

    def event_names(self) -> tuple[str, ...]:
        """Every event that some part of the kind names."""
        kind = self._kind
        found = [name for fact in kind.fields for name in fact.events]
        for item in kind.lists:
            found.extend(item.events)
        for spell in kind.spells:
            found.extend((*spell.opens, *spell.closes))
        if kind.lifecycle is not None:
            found.extend(move.event for move in kind.lifecycle.transitions)
        return tuple(dict.fromkeys(found))

    def anything(self) -> EventPlan | None:
        """What an event does that nothing names."""
        return self.plan("") if takes_any_event(self._kind) else None

    def plan(self, name: str, *, is_correction: bool = False) -> EventPlan:
        """What the event does; a correction only where it is named, never as "any event"."""
        kind = self._kind
        facts = [
            (slot, fact)
            for slot, fact in enumerate(kind.fields)
            if name in fact.events or not (fact.events or is_correction)
        ]
        lists = [(i, item) for i, item in enumerate(kind.lists) if name in item.events]
        opened = [(i, spell) for i, spell in enumerate(kind.spells) if name in spell.opens]
        closed = [(i, spell) for i, spell in enumerate(kind.spells) if name in spell.closes]
        cells = _Cells(name)
        cells.declare(fact for _, fact in facts)
        items: list[EventList | Spell] = [*(item for _, item in lists), *(s for _, s in opened)]
        for item in items:
            cells.declare(item.fields)
        closes = tuple(Closing(i, cells.match(spell)) for i, spell in closed)
        opens = tuple(
            Opening(i, self._picker(spell, cells), cells.match(spell)) for i, spell in opened
        )
        rows = tuple((i, self._picker(item, cells)) for i, item in lists)
        return EventPlan(
            known=cells.names,
            cells=cells.readers,
            latest=tuple((s, cells.index(f), f.name) for s, f in facts if f.take == "data"),
            firsts=_taken(facts, ("at", "date", "actor", "unit")),
            lasts=_taken(facts, _LASTS),
            counts=tuple(slot for slot, fact in facts if fact.take == "count"),
            flags=tuple(slot for slot, fact in facts if fact.take == "flag"),
            rows=rows,
            closes=closes,
            opens=opens,
            pairs=bool(closes or opens),
            moves=_moves(kind.lifecycle, name),
            needs_date=self._needs_date([fact for _, fact in facts], items),
        )

    def _picker(self, item: EventList | Spell, cells: _Cells) -> Picker:
        """The row of a list or spell, in the order of its relation's columns."""
        fields = {fact.name: fact for fact in item.fields}
        columns = self._relations[f"{self._kind.name}.{item.name}"].columns
        return picker([cells.index(fields[c]) if c in fields else _BASE_INDEX[c] for c in columns])

    def _needs_date(self, facts: Iterable[Fact], items: Iterable[EventList | Spell]) -> bool:
        """Whether anything reads the local date, which is then looked up."""
        taken = [fact.take for fact in facts]
        for item in items:
            taken += (fact.take for fact in item.fields)
            taken += self._relations[f"{self._kind.name}.{item.name}"].columns
        return not {"date", "last_date"}.isdisjoint(taken)


class _Cells:
    """The data of one event: each declared name and type is read once."""

    def __init__(self, event: str) -> None:
        self._event = event
        self._indexes: dict[tuple[str, Type], int] = {}

    def declare(self, facts: Iterable[Fact]) -> None:
        """The data of these fields, where they take it from this event."""
        for fact in facts:
            if fact.take == "data" and self._carries(fact):
                self._cell(fact.name, fact.type)

    def index(self, fact: Fact) -> int:
        """Where the field's value stands in the spread event."""
        if not self._carries(fact):
            return _BASE_INDEX["nothing"]
        if fact.take != "data":
            return _BASE_INDEX[_TAKEN[fact.take]]
        return self._indexes[fact.name, fact.type]

    def match(self, spell: Spell) -> int | None:
        """The cell that pairs the spell's openings and closings."""
        for fact in spell.fields:
            if fact.name == spell.match:
                return self._cell(fact.name, fact.type)
        return None

    @property
    def names(self) -> frozenset[str]:
        """The data keys that the event may carry."""
        return frozenset(name for name, _ in self._indexes)

    @property
    def readers(self) -> tuple[tuple[str, Reader], ...]:
        """Each key with the reader of its type, in the order of the cells."""
        return tuple((name, value_reader(type_)) for name, type_ in self._indexes)

    def _carries(self, fact: Fact) -> bool:
        return not fact.events or self._event in fact.events

    def _cell(self, name: str, type_: Type) -> int:
        return self._indexes.setdefault((name, type_), FIRST_CELL + len(self._indexes))


def _shape(relation: Relation) -> SpellShape:
    return SpellShape(
        name=relation.name,
        until=relation.index("until"),
        number=itemgetter(relation.index("sequence")),
    )


def _taken(
    facts: Iterable[tuple[int, Fact]], takes: Collection[str]
) -> tuple[tuple[int, int], ...]:
    return tuple(
        (slot, _BASE_INDEX[_TAKEN[fact.take]]) for slot, fact in facts if fact.take in takes
    )


def _moves(lifecycle: Lifecycle | None, name: str) -> Mapping[str, str | None] | None:
    """The event's row of the transition table; of two arrows from a state the first counts."""
    if lifecycle is None:
        return None
    moves: dict[str, str | None] = {}
    for move in lifecycle.transitions:
        if move.event == name:
            for source in move.sources:
                moves.setdefault(source, move.target)
    return moves or None


def _case_picker(kind: Kind, relation: Relation) -> Picker:
    slots = {fact.name: len(CASE_BASE) + slot for slot, fact in enumerate(kind.fields)}
    own = {name: index for index, name in enumerate(CASE_BASE)}
    return picker([slots[c] if c in slots else own[c] for c in relation.columns])


def _prefix(kind: Kind, relations: Mapping[str, Relation], column: str) -> str:
    """What the ids of those who act begin with, by the types of the columns that hold them."""
    types = [fact.type for fact in kind.fields if fact.take == column]
    for item in kind.lists:
        type_ = relations[f"{kind.name}.{item.name}"].columns.get(column)
        types += [] if type_ is None else [type_]
    kinds = {type_.kind for type_ in types if isinstance(type_, Reference)}
    return f"{min(kinds)}/" if kinds else ""
