"""The histories of single cases: lifecycles walked mostly legally, with typed data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import frozen
from hypothesis import strategies as st

from kaocheng.calendars.zones import local_day
from kaocheng.language.kinds import declared_events
from kaocheng.language.ruleset import Kind, Transition
from kaocheng.language.types import Type
from kaocheng.model.events import Actor, Correction, Event
from kaocheng.testing._eras import Era
from kaocheng.testing._values import instants, rarely, values

MOST_EVENTS = 8
MOST_GOALS = 3
ANY_EVENT = "note"
"""What the event of a kind is called that declares none and takes data from any."""

_DATED_TAKES = ("date", "last_date")
Draw = Callable[[st.SearchStrategy[Any]], Any]


@frozen(kw_only=True)
class World:
    """What the cases of one journal share: the era, the kinds, and each other."""

    era: Era
    kinds: Mapping[str, Kind]
    cases: Mapping[str, Sequence[str]]


def data_of(kind: Kind, event: str) -> dict[str, Type]:
    """What the event of that name carries: each key with its type."""
    facts = [f for f in kind.fields if f.take == "data" and event in (f.events or (event,))]
    for item in kind.lists:
        facts += item.fields if event in item.events else ()
    for spell in kind.spells:
        facts += spell.fields if event in (*spell.opens, *spell.closes) else ()
    return {fact.name: fact.type for fact in facts if fact.take == "data"}


def draw_history(draw: Draw, world: World, case: str) -> list[Event]:
    """The events of a case, numbered from 1."""
    kind = world.kinds[case.partition("/")[0]]
    names = _draw_names(draw, kind)
    times = [draw(instants(world.era)) for _ in names]
    if not draw(rarely()):
        times.sort()
    events = [
        draw_event(draw, world, kind, case, (number, name, at))
        for number, (name, at) in enumerate(zip(names, times, strict=True), start=1)
    ]
    if events and draw(rarely()):
        events.append(_draw_correction(draw, world, events))
    return events


def draw_event(
    draw: Draw, world: World, kind: Kind, case: str, what: tuple[int, str, int]
) -> Event:
    """One event with its data and who acted; known by its day alone where that may be."""
    number, name, at = what
    keys = data_of(kind, name).items()
    data = {
        key: draw(values(type_, world.era, world.cases))
        for key, type_ in keys
        if not draw(rarely(times_in=6))
    }
    dated = _may_be_dated(kind, name) and draw(st.booleans())
    recorded = draw(st.sampled_from((None, at, "later")))
    return Event(
        case=case,
        sequence=number,
        event=name,
        at=None if dated else at,
        date=local_day(world.era.zone, at) if dated else None,
        recorded_at=at + draw(st.integers(0, 30)) * 86_400_000_000
        if recorded == "later"
        else recorded,
        actor=_draw_actor(draw, world, kind, name),
        data=data,
    )


def _draw_names(draw: Draw, kind: Kind) -> list[str]:
    """Names of events in order: ways to some events, as the lifecycle has them, rarely others."""
    known = sorted(declared_events(kind)) or [ANY_EVENT]
    names: list[str] = []
    state = None if kind.lifecycle is None else kind.lifecycle.initial
    openers = [e for s in kind.spells if s.name == kind.member for e in s.opens]
    if openers and not draw(rarely()):
        names.append(draw(st.sampled_from(openers)))
    for goal in draw(st.lists(st.sampled_from(known), max_size=MOST_GOALS)):
        wild = draw(rarely())
        way = () if wild else _way(kind, state, goal, names)
        for name in (*way, goal):
            if wild or _accepts(kind, state, name, names):
                state = _after(kind, state, name)
                names.append(name)
    return names[:MOST_EVENTS]


def _way(kind: Kind, state: str | None, goal: str, done: Sequence[str]) -> tuple[str, ...]:
    """The fewest events after which the lifecycle accepts the goal; none where it never does."""
    moves = () if kind.lifecycle is None else kind.lifecycle.transitions
    sources = {source for move in moves if move.event == goal for source in move.sources}
    ways: dict[str | None, tuple[str, ...]] = {state: ()}
    todo = [state]
    for current in todo:
        if current in sources:
            return ways[current]
        for move in moves:
            fresh = move.target is not None and move.target not in ways
            if fresh and current in move.sources and (move.repeats or move.event not in done):
                ways[move.target] = (*ways[current], move.event)
                todo.append(move.target)
    return ()


def _accepts(kind: Kind, state: str | None, event: str, done: Sequence[str]) -> bool:
    """Whether the lifecycle accepts the event; one that it does not know always may happen."""
    moves = _moves(kind, event)
    return not moves or any(
        state in move.sources and (move.repeats or event not in done) for move in moves
    )


def _after(kind: Kind, state: str | None, event: str) -> str | None:
    for move in _moves(kind, event):
        if state in move.sources:
            return move.target or state
    return state


def _moves(kind: Kind, event: str) -> list[Transition]:
    lifecycle = kind.lifecycle
    return [] if lifecycle is None else [t for t in lifecycle.transitions if t.event == event]


def _may_be_dated(kind: Kind, event: str) -> bool:
    return any(f.take in _DATED_TAKES and event in f.events for f in kind.fields)


def _draw_actor(draw: Draw, world: World, kind: Kind, event: str) -> Actor | None:
    roles = {role for move in _moves(kind, event) for role in move.by}
    if not roles and draw(st.booleans()):
        return None
    persons, units = (world.cases.get(name, ()) for name in ("person", "unit"))
    return Actor(
        id=draw(st.sampled_from((*persons, "person/other"))),
        unit=draw(st.sampled_from((None, *units))),
        roles=() if draw(rarely()) else tuple(sorted(roles)),
    )


def _draw_correction(draw: Draw, world: World, events: Sequence[Event]) -> Event:
    """A correction of one of the events: it is voided, or happened at another time."""
    last = events[-1]
    target = draw(st.sampled_from(events))
    at = draw(instants(world.era))
    void = draw(st.booleans())
    return Event(
        case=last.case,
        sequence=last.sequence + 1,
        event="correct",
        at=at,
        recorded_at=at,
        corrects=Correction(
            sequence=target.sequence,
            reason="entered by mistake",
            void=void,
            at=None if void else draw(instants(world.era)),
        ),
    )
