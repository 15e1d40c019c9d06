"""Events put at the boundaries of deadlines: when they fall due, and one unit to either side.

When a deadline falls due follows from the ruleset in more ways than could be inverted (limits
of the case, pauses, calendars, other deadlines). So a journal is assessed first, and events
that may meet a deadline are then moved to the due times that came out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve, frozen
from hypothesis import strategies as st

from kaocheng.assessing import fold_facts, with_rolls
from kaocheng.calendars.numberline import (
    DAY,
    FIRST_DAY,
    FIRST_INSTANT,
    LAST_DAY,
    LAST_INSTANT,
    NEVER,
    format_date,
    format_instant,
)
from kaocheng.calendars.zones import Zone, to_utc
from kaocheng.evaluate.python import Program, compile_plan
from kaocheng.language.expressions import Expr, Field
from kaocheng.language.merged import merged_kinds
from kaocheng.language.ruleset import Fact, Kind, Ruleset
from kaocheng.language.types import DATE, INSTANT, Row, Type
from kaocheng.model.events import Event, Journal
from kaocheng.model.facts import Times
from kaocheng.plan.algebra import Clock, RulePlan
from kaocheng.testing._walks import Draw, World, draw_event

MOST_AIMED = 3
_UNIT_STEPS = (0, -1, 1)
_TIME_TAKES = ("at", "date", "last_at", "last_date")


@frozen(kw_only=True)
class Decider:
    """What may meet a deadline: the time of an event, or a value `key` that events carry."""

    kind: str
    events: tuple[str, ...]
    key: str | None = None


@frozen(kw_only=True)
class Due:
    """A due time of one row of a deadline; `case` is None on rows that are of no case."""

    rule: str
    case: str | None
    type: Type
    value: int


class Aim:
    """Finds due times of journals under one ruleset, which is compiled once."""

    def __init__(self, ruleset: Ruleset) -> None:
        self._ruleset = ruleset
        self._kinds = merged_kinds(ruleset)
        self._program: Program = compile_plan(ruleset.plan)
        self._clocks = [
            rule for rule in ruleset.plan.rules if _clocks(rule) and "due" in rule.relation.columns
        ]
        self._deciders = {rule.id: _deciders(rule, self._kinds) for rule in self._clocks}

    def dues(self, events: Sequence[Event], as_of: int, zone: Zone) -> list[Due]:
        """Every due time that is known as of an instant, in the order of the rows."""
        times = Times(as_of=as_of)
        journal = Journal(events=tuple(events))
        kinds, folded = fold_facts(self._ruleset, journal, times, zone=zone)
        facts = with_rolls(self._ruleset, kinds, folded.facts, as_of=as_of, zone=zone)
        results = self._program.run(facts, times)
        return [due for rule in self._clocks for due in _dues(rule, results.get(rule.id, ()))]

    def draw(self, draw: Draw, world: World, events: list[Event]) -> list[Event]:
        """The events with some of them at due times, or with further ones there."""
        end = to_utc(world.era.zone, world.era.last * DAY)
        dues = [d for d in self.dues(events, end, world.era.zone) if self._deciders[d.rule]]
        if not dues:
            return events
        for _ in range(draw(st.integers(0, MOST_AIMED))):
            due = draw(st.sampled_from(dues))
            decider = draw(st.sampled_from(self._deciders[due.rule]))
            shifted = due.value + draw(st.sampled_from(_UNIT_STEPS))
            events = _aimed(draw, world, events, (due, decider, shifted))
        return events


def _clocks(rule: RulePlan) -> list[Clock]:
    steps = [step for pipeline in rule.variants.values() for step in pipeline.steps]
    return [step for step in steps if isinstance(step, Clock)]


def _dues(rule: RulePlan, rows: Sequence[tuple[object, ...]]) -> Iterator[Due]:
    place, type_ = rule.relation.index("due"), rule.relation.columns["due"]
    case = rule.relation.index("case") if "case" in rule.relation.columns else None
    for row in rows:
        value = row[place]
        if isinstance(value, int) and value != NEVER:
            owner = None if case is None else str(row[case])
            yield Due(rule=rule.id, case=owner, type=type_, value=value)


def _deciders(rule: RulePlan, kinds: Mapping[str, Kind]) -> tuple[Decider, ...]:
    found = [d for clock in _clocks(rule) for d in _of(clock.met_at, kinds)]
    return tuple(dict.fromkeys(found))


def _of(expr: Expr, kinds: Mapping[str, Kind]) -> Iterator[Decider]:
    for node in expr.walk():
        if not isinstance(node, Field) or not isinstance(node.row.type, Row):
            continue
        name, _, part = node.row.type.relation.partition(" per ")[0].partition(".")
        kind = kinds.get(name)
        if kind is None:
            continue
        if not part:
            yield from _of_facts(kind.name, kind.fields, node.name)
        for item in kind.lists:
            if item.name == part and node.name == "at":
                yield Decider(kind=kind.name, events=item.events)
        for spell in kind.spells:
            if spell.name == part and node.name in ("from", "until"):
                events = spell.opens if node.name == "from" else spell.closes
                yield Decider(kind=kind.name, events=events)


def _of_facts(kind: str, facts: Sequence[Fact], name: str) -> Iterator[Decider]:
    for fact in facts:
        if fact.name == name and fact.take in _TIME_TAKES:
            yield Decider(kind=kind, events=fact.events)
        elif fact.name == name and fact.take == "data" and fact.type in (DATE, INSTANT):
            yield Decider(kind=kind, events=fact.events, key=name)


def _aimed(
    draw: Draw, world: World, events: list[Event], aim: tuple[Due, Decider, int]
) -> list[Event]:
    """One event moved to the time; where there is none that could be, a further one."""
    due, decider, value = aim
    fitting = [e for e in events if _fits(e, decider)]
    own = [e for e in fitting if e.case == due.case]
    if own or fitting:
        chosen = draw(st.sampled_from(own or fitting))
        moved = _at(chosen, due, decider, value, world.era.zone)
        return [moved if event is chosen else event for event in events]
    cases = [c for c in world.cases.get(decider.kind, ()) if c == due.case or due.case is None]
    cases = cases or list(world.cases.get(decider.kind, ()))
    if not cases or not decider.events:
        return events
    case = draw(st.sampled_from(cases))
    name = draw(st.sampled_from(decider.events))
    number = 1 + max((e.sequence for e in events if e.case == case), default=0)
    kind = world.kinds[decider.kind]
    further = draw_event(draw, world, kind, case, (number, name, to_utc(world.era.zone, 0)))
    return [*events, _at(further, due, decider, value, world.era.zone)]


def _fits(event: Event, decider: Decider) -> bool:
    if event.kind != decider.kind or event.corrects is not None:
        return False
    if decider.key is not None:
        return decider.key in event.data
    return event.event in decider.events


def _at(event: Event, due: Due, decider: Decider, value: int, zone: Zone) -> Event:
    """The event with its time, or its value, at a due time or beside it."""
    is_date = due.type == DATE
    value = _within(value, is_date=is_date)
    if decider.key is not None:
        text = format_date(value) if is_date else format_instant(value, zone)
        return evolve(event, data={**event.data, decider.key: text})
    if not is_date:
        return evolve(event, at=value, date=None, recorded_at=value)
    if event.date is not None:
        return evolve(event, date=value, recorded_at=None)
    # The last microsecond of the day: the latest that still is that day.
    at = to_utc(zone, (value + 1) * DAY) - 1
    return evolve(event, at=at, recorded_at=at)


def _within(value: int, *, is_date: bool) -> int:
    first, last = (FIRST_DAY, LAST_DAY) if is_date else (FIRST_INSTANT, LAST_INSTANT)
    return min(max(value, first), last)
