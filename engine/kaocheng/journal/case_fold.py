"""The folding of one case's events into fields, lists, spells and history.

The lifecycle moves in the order of the numbers, so `add` takes events in that order;
spells and the history of dated fields read the time of the events. Where the two orders
agree one pass does both, otherwise `add_all` tells what reads time apart.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from kaocheng.calendars.numberline import BEGINNING
from kaocheng.journal.growing import Growing
from kaocheng.journal.known import place_of
from kaocheng.journal.program import FROM, EventPlan, KindProgram
from kaocheng.journal.spreading import Span, plan_of, spread, time_span
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
# An event, what it does, the event spread out, and when it may have happened.
_Placed = tuple[Event, EventPlan, list[object], Span]
_ANY = object()
_NOWHERE = "\0"


class CaseFold:
    """What has been folded so far; it changes, and only `CaseState` holds it."""

    __slots__ = (
        "closed", "current", "exists", "history", "lists", "moment", "open", "orders", "problems",
        "program", "state", "values",
    )  # fmt: skip

    def __init__(self, program: KindProgram) -> None:
        self.program = program
        self.state: str | None = program.initial
        self.exists = False
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
        other.exists = self.exists
        other.values = self.values.copy()
        other.orders = self.orders.copy()
        other.lists = self.lists.copy()
        other.open = self.open.copy() if self.open else self.open
        other.closed = self.closed.copy() if self.closed else self.closed
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
            for event, span in zip(events, spans, strict=True):
                self.add(event, span)
        else:
            self._add_apart(zip(events, spans, strict=True))
            self.moment = max(start for start, _ in spans)

    def add(self, event: Event, span: Span) -> None:
        """Fold the event with the next number, which is also the latest where that matters."""
        start, program = span[0], self.program
        self.moment = max(self.moment, start)
        plan = plan_of(program, event, self._report)
        if plan is None:
            return
        vector = spread(program, plan, event, start, self._report)
        self._take(event, plan, vector, span)
        if plan.moves is not None:
            self._move(plan.moves, event)
        if plan.pairs:
            self._pair(event, plan, vector)
        if program.dated:
            self._note(start)

    def _add_apart(self, events: Iterable[tuple[Event, Span]]) -> None:
        """Fold by number what moves in that order, then by time what reads it."""
        placed: list[_Placed] = []
        for event, span in events:
            plan = plan_of(self.program, event, self._report)
            if plan is None:
                continue
            vector = spread(self.program, plan, event, span[0], self._report)
            self._take(event, plan, vector, span)
            if plan.moves is not None:
                self._move(plan.moves, event)
            placed.append((event, plan, vector, span))
        placed.sort(key=_in_time)
        for event, plan, vector, _ in placed:
            self._pair(event, plan, vector)
        if self.program.dated:
            self._retell(placed)

    def _report(self, found: Problem) -> None:
        self.problems = self.problems.plus(found)

    def _take(self, event: Event, plan: EventPlan, vector: list[object], span: Span) -> None:
        """Update the fields and lists; the order in which events come does not matter."""
        self.exists = True
        values, orders, data = self.values, self.orders, event.data
        begun, ended = (span[0], event.sequence), (span[1], event.sequence)
        for slot, cell, key in plan.latest:
            if key in data and ((old := orders[slot]) is None or begun > old):
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

    def _pair(self, event: Event, plan: EventPlan, vector: list[object]) -> None:
        """Close spells before opening new ones, so that a hop may hand on to the next."""
        for spell, match in plan.closes:
            if match is not None and vector[match] is None:
                if len(self.open[spell]):
                    self._report(self._without_match(event, spell))
            elif vector[FROM] is not None:
                self._close(spell, _ANY if match is None else vector[match], vector[FROM])
        for spell, row, match in plan.opens:
            value = _ANY if match is None else vector[match]
            self.open[spell] = self.open[spell].plus((row(vector), value))

    def _close(self, spell: int, value: object, moment: object) -> None:
        until = self.program.spells[spell].until
        still: Growing[_Open] = Growing.empty()
        for row, match in self.open[spell]:
            if match == value:
                closed = (*row[:until], moment, *row[until + 1 :])
                self.closed[spell] = self.closed[spell].plus(closed)
            else:
                still = still.plus((row, match))
        self.open[spell] = still

    def _without_match(self, event: Event, spell: int) -> Problem:
        name = self.program.spells[spell].name.partition(".")[2]
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
        for event, plan, vector, span in timely:
            told._take(event, plan, vector, span)
            if plan.moves is not None:
                insort(moves, (event.sequence, plan.moves), key=_number)
                told.state = _moved(self.program.initial, moves)
            told._note(span[0])
        self.history, self.current = told.history, told.current


def _moved(state: str | None, moves: Iterable[_Move]) -> str | None:
    """The state after the moves, without the reports that the main fold has made."""
    for _, targets in moves:
        state = targets.get(state or "") or state
    return state


def _number(move: _Move) -> int:
    return move[0]


def _in_time(placed: _Placed) -> _Order:
    event, _, _, (start, _) = placed
    return start, event.sequence
