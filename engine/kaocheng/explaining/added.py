"""Which columns the steps of a rule add to its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kaocheng.language.types import DATE, DURATION, INT, STRING, ListOf, Type
from kaocheng.plan.algebra import Carry, Clock, Derive, Each, Number, Split, Step


def added_columns(steps: Iterable[Step]) -> dict[str, Type]:
    """The columns that steps add, as they stand after the last; none of these is a tally."""
    return {name: type_ for step in steps for name, type_ in _columns(step)}


def _columns(step: Step) -> Iterator[tuple[str, Type]]:
    match step:
        case Derive():
            yield from ((name, expr.type) for name, expr in step.columns.items())
        case Each():
            over = step.over.type
            yield step.column, over.item if isinstance(over, ListOf) else over
        case Clock():
            time = step.starts.type
            yield from ((name, time) for name in ("start", "due", "met_at"))
            yield "late_by", INT if time == DATE else DURATION
            yield "status", STRING
        case Number():
            yield step.column, INT
        case Split():
            yield step.recipient, STRING
        case Carry():
            yield from ((name, expr.type) for name, expr in step.begin.items())
        case _:
            pass
