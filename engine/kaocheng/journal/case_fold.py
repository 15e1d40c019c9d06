"""The folding of one case's events into fields, lists, spells and history.

The lifecycle moves in the order of the numbers, so `add` takes events in that order;
spells and the history of dated fields read the time of the events. Where the two orders
agree one pass does both, otherwise `add_all` tells what reads time apart.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from kaocheng.calendars.numberline import BEGINNING
from kaocheng.journal.growing import Growing
from kaocheng.journal.known import place_of
from kaocheng.journal.program import FROM, EventPlan, KindProgram
from kaocheng.journal.spreading import plan_of, spread, time_span
from kaocheng.journal.texts import Message, Problem, problem
from kaocheng.model.events import Event

OUT_OF_ORDER = Message(
    "out_of_order",
    "the event `{event}` is not accepted in the state `{state}`; the state stays",
    "状态 `{state}` 不接受事件 `{event}`，状态保持不变",
)
NO_MATCH = Message(
    "no_match",
    "the event `{event}` does not say which of `{spell}` it closes, so it closes none",
    "事件 `{event}` 未写明终止 `{spell}` 中的哪一段，故未终止任何一段",
)

Row = tuple[object, ...]
Step = tuple[int, Row]
"""The state and the values of a case, and the instant from which they hold."""

_Order = tuple[int, int]
_Move = tuple[int, Mapping[str, str | None]]
_Open = tuple[Row, object]
_ANY = object()
_NOWHERE = "\0"


class _Placed(NamedTuple):
    """An event ready to fold: what it does, its values, when it may have happened."""

    event: Event
    plan: EventPlan
    vector: list[object]
    start: int
    end: int


class CaseFold:
    """What has been folded so far; it changes, and only `CaseState` holds it."""

    __slots__ = (
        "closed", "current", "history", "lists", "moment", "open", "orders", "problems",
        "program", "state", "values",
    )  # fmt: skip

    def __init__(self, program: KindProgram) -> None:
        self.program = program
        self.state: str | None = program.initial
        self.values: list[Any] = list(program.begin)
        # When what a field holds happened, and its number: the last one wins, or the first.
        self.orders: list[_Order | None] = [None] * len(program.begin)
        self.lists: list[Growing[Row]] = [Growing.empty() for _ in program.lists]
        self.open: list[Growing[_Open]] = [Growing.empty() for _ in program.spells]
        self.closed: list[Growing[Row]] = [Growing.empty() for _ in program.spells]
        self.history: Growing[Step] = Growing.empty()
        self.current: Step | None = None
        self.moment = BEGINNING
        self.problems: Growing[Problem] = Growing.empty()

    def copy(self) -> CaseFold:
        """A fold that may go on on its own; the rows are shared."""
        other = CaseFold.__new__(CaseFold)
        other.program = self.program
        other.state = self.state
        other.values = self.values.copy()
        other.orders = self.orders.copy()
        other.lists = self.lists.copy()
        other.open = self.open.copy()
        other.closed = self.closed.copy()
        other.history = self.history
        other.current = self.current
        other.moment = self.moment
        other.problems = self.problems
        return other

    def add_all(self, events: Sequence[Event]) -> None:
        """Fold events that stand by number."""
        spans = [time_span(event, self.program.zone) for event in events]
        timely = all(a[0] <= b[0] for a, b in pairwise(spans))
        if timely or not self.program.in_time_order:
            for event, (start, end) in zip(events, spans, strict=True):
                self.add(event, start, end)
        else:
            self._add_apart(events)

    def add(self, event: Event, start: int, end: int) -> None:
        """Fold the event with the next number, which is also the latest where that matters."""
        self.moment = max(self.moment, start)
        placed = self._placed(event, start, end)
        if placed is None:
            return
        self._take(placed)
        if placed.plan.moves is not None:
            self._move(placed.plan.moves, event)
        self._pair(placed)
        if self.program.dated:
            self._note(start)

    def _add_apart(self, events: Sequence[Event]) -> None:
        """Fold by number what moves in that order, then by time what reads it."""
        spans = ((event, *time_span(event, self.program.zone)) for event in events)
        placed = [found for each in spans if (found := self._placed(*each)) is not None]
        for each in placed:
            self._take(each)
            if each.plan.moves is not None:
                self._move(each.plan.moves, each.event)
        timely = sorted(placed, key=_in_time)
        for each in timely:
            self._pair(each)
        self.moment = max((each.start for each in placed), default=BEGINNING)
        if self.program.dated:
            self._retell(timely)

    def _report(self, found: Problem) -> None:
        self.problems = self.problems.plus(found)

    def _placed(self, event: Event, start: int, end: int) -> _Placed | None:
        plan = plan_of(self.program, event, self._report)
        if plan is None:
            return None
        vector = spread(self.program, plan, event, start, self._report)
        return _Placed(event, plan, vector, start, end)

    def _take(self, placed: _Placed) -> None:
        """Update the fields and lists; the order in which events come does not matter."""
        event, plan, vector, start, end = placed
        values, orders = self.values, self.orders
        begun, ended = (start, event.sequence), (end, event.sequence)
        for slot, cell, key in plan.latest:
            if key in event.data and ((old := orders[slot]) is None or begun > old):
                values[slot], orders[slot] = vector[cell], begun
        for slot, cell in plan.firsts:
            if (old := orders[slot]) is None or begun < old:
                values[slot], orders[slot] = vector[cell], begun
        for slot, cell in plan.lasts:
            if (old := orders[slot]) is None or ended > old:
                values[slot], orders[slot] = vector[cell], ended
        for slot in plan.counts:
            values[slot] += 1
        for slot in plan.flags:
            values[slot] = True
        for index, row in plan.rows:
            self.lists[index] = self.lists[index].plus(row(vector))

    def _move(self, moves: Mapping[str, str | None], event: Event) -> None:
        state = self.state or ""
        target = moves.get(state, _NOWHERE)
        if target == _NOWHERE:
            place = place_of(event)
            self._report(problem(OUT_OF_ORDER, place, event=event.event, state=state))
        elif target is not None:
            self.state = target

    def _pair(self, placed: _Placed) -> None:
        """Close spells before opening new ones, so that a hop may hand on to the next."""
        event, plan, vector, start, _ = placed
        for spell, match in plan.closes:
            if match is not None and vector[match] is None:
                if len(self.open[spell]):
                    self._report(self._without_match(event, spell))
            elif vector[FROM] is not None:
                self._close(spell, _ANY if match is None else vector[match], start)
        for spell, row, match in plan.opens:
            value = _ANY if match is None else vector[match]
            self.open[spell] = self.open[spell].plus((row(vector), value))

    def _close(self, spell: int, value: object, moment: int) -> None:
        until = self.program.until[spell]
        still: Growing[_Open] = Growing.empty()
        for row, match in self.open[spell]:
            if match == value:
                closed = (*row[:until], moment, *row[until + 1 :])
                self.closed[spell] = self.closed[spell].plus(closed)
            else:
                still = still.plus((row, match))
        self.open[spell] = still

    def _without_match(self, event: Event, spell: int) -> Problem:
        name = self.program.spells[spell].partition(".")[2]
        return problem(NO_MATCH, place_of(event), event=event.event, spell=name)

    def _note(self, start: int) -> None:
        """Keep the fields as they are from `start` on."""
        if self.current is not None and self.current[0] != start:
            self.history = self.history.plus(self.current)
        self.current = (start, (self.state, *self.values))

    def _retell(self, timely: Iterable[_Placed]) -> None:
        """The history of the fields: at each time, the fold of what had happened by then."""
        told = CaseFold(self.program)
        moves: list[_Move] = []
        for placed in timely:
            told._take(placed)  # noqa: SLF001 - another of the same class
            if placed.plan.moves is not None:
                insort(moves, (placed.event.sequence, placed.plan.moves), key=_number)
                told.state = _moved(self.program.initial, moves)
            told._note(placed.start)  # noqa: SLF001
        self.history, self.current = told.history, told.current


def _moved(state: str | None, moves: Iterable[_Move]) -> str | None:
    """The state after the moves, without the reports that the main fold has made."""
    for _, targets in moves:
        state = targets.get(state or "") or state
    return state


def _number(move: _Move) -> int:
    return move[0]


def _in_time(placed: _Placed) -> _Order:
    return placed.start, placed.event.sequence
