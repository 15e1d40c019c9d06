"""The step `Clock` inside a proof."""

from __future__ import annotations

from collections.abc import Mapping

import z3
from attrs import frozen

from kaocheng.evaluate.proof._strings import Strings
from kaocheng.evaluate.proof._times import is_never
from kaocheng.evaluate.proof._values import Symbol, any_of, known, pick

CLOCK_COLUMNS = ("start", "due", "met_at", "late_by", "status")


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
        """Whether any of them is unknown, which makes the row undetermined."""
        parts = (self.start, self.due, self.met_at, self.lapses_at, self.excused)
        return any_of(part.unknown for part in parts if part is not None)


def clock(times: ClockTimes, as_of: Symbol, strings: Strings) -> Mapping[str, Symbol]:
    """The five columns that the step adds."""
    status = strings.literal("undetermined")
    for holds, word in reversed(_cases(times, as_of)):
        status = pick(holds, strings.literal(word), status)
    status = pick(times.unknown, strings.literal("undetermined"), status)
    late = status == strings.literal("late")
    late_by = pick(late, times.met_at.value - times.due.value, z3.IntVal(0))
    return {
        "start": times.start,
        "due": times.due,
        "met_at": times.met_at,
        "late_by": Symbol(late_by, times.unknown),
        "status": known(status),
    }


def _cases(times: ClockTimes, as_of: Symbol) -> list[tuple[z3.BoolRef, str]]:
    """Status words in the order in which they are tried; the first that holds counts."""
    start, due, met_at, now = (
        each.value for each in (times.start, times.due, times.met_at, as_of)
    )
    cases = [(z3.Or(is_never(times.start), start > now), "not_begun")]
    if times.excused is not None:
        cases.append((times.excused.value, "excused"))
    cases.append((z3.And(met_at <= now, met_at <= due), "met"))
    if times.lapses_at is not None:
        lapses = times.lapses_at.value
        cases.append((z3.And(lapses <= now, lapses < met_at), "lapsed"))
    cases += [(met_at <= now, "late"), (due < now, "overdue"), (z3.BoolVal(True), "open")]
    return cases
