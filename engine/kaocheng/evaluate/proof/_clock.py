"""The step `Clock` inside a proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import z3
from attrs import frozen

from kaocheng.evaluate.proof._strings import Strings
from kaocheng.evaluate.proof._values import Symbol, all_of, any_of, known, pick

CLOCK_COLUMNS = ("start", "due", "met_at", "late_by", "status")
_UNDETERMINED = "undetermined"


@frozen(eq=False)
class ClockTimes:
    """What a clock reads; the last two are optional."""

    start: Symbol
    due: Symbol
    met_at: Symbol
    lapses_at: Symbol | None
    excused: Symbol | None

    @property
    def unknown(self) -> z3.BoolRef:
        """Whether any of them is unknown, which marks the row."""
        parts = (self.start, self.due, self.met_at, self.lapses_at, self.excused)
        return any_of(part.unknown for part in parts if part is not None)


def clock(times: ClockTimes, as_of: z3.ArithRef, strings: Strings) -> Mapping[str, Symbol]:
    """The five columns that the step adds."""
    status = strings.literal("open")
    for holds, word in reversed(list(_cases(times, as_of))):
        status = pick(holds, strings.literal(word), status)
    late = status == strings.literal("late")
    late_by = pick(late, times.met_at.value - times.due.value, z3.IntVal(0))
    return {
        "start": times.start,
        "due": times.due,
        "met_at": times.met_at,
        "late_by": known(late_by),
        "status": known(status),
    }


def _cases(times: ClockTimes, now: z3.ArithRef) -> Iterator[tuple[z3.BoolRef, str]]:
    """What is asked in turn; each unknown comes just before the question that it decides."""
    start, due, met_at = times.start, times.due, times.met_at
    done = met_at.value <= now
    yield start.unknown, _UNDETERMINED
    yield start.value > now, "not_begun"
    if times.excused is not None:
        yield times.excused.unknown, _UNDETERMINED
        yield times.excused.value, "excused"
    yield met_at.unknown, _UNDETERMINED
    yield all_of((done, due.unknown)), _UNDETERMINED
    yield all_of((done, met_at.value <= due.value)), "met"
    if times.lapses_at is not None:
        lapses = times.lapses_at.value
        yield times.lapses_at.unknown, _UNDETERMINED
        yield all_of((lapses <= now, lapses < met_at.value)), "lapsed"
    yield done, "late"
    yield due.unknown, _UNDETERMINED
    yield due.value < now, "overdue"
