"""The steps that look at one row at a time, written into the function of a segment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from kaocheng.evaluate.python._folds import may_hold_unknown
from kaocheng.evaluate.python._operations import of_zone
from kaocheng.evaluate.python._segments import Segment
from kaocheng.evaluate.python._source import Value, constant, named
from kaocheng.language.expressions import Call, Expr
from kaocheng.language.types import DATE, STRING, ListOf
from kaocheng.plan.algebra import Clock, Derive, Each, Require, Split, Step, Where


def _where(segment: Segment, step: Where) -> None:
    # A conjunction drops and marks the same rows as its sides one after the other.
    for condition in _conjuncts(step.condition):
        value = segment.writer.value(condition)
        if not value.nullable:
            segment.skip_if(f"not {value.inner}")
            continue
        value = segment.writer.keep(value, "holds", key=condition)
        segment.skip_if(f"{value.code} is False")
        segment.mark([value])


def _conjuncts(condition: Expr) -> Iterator[Expr]:
    if isinstance(condition, Call) and condition.op == "and":
        for side in condition.args:
            yield from _conjuncts(side)
    else:
        yield condition


def _derive(segment: Segment, step: Derive) -> None:
    for column, expr in step.columns.items():
        segment.set(column, segment.writer.value(expr))


def _require(segment: Segment, step: Require) -> None:
    segment.mark(segment.columns[column] for column in step.columns)


def _each(segment: Segment, step: Each) -> None:
    items, known = _items(segment, step.over, "(None, )")
    name = segment.names.new(step.column)
    segment.loop(f"for {name} in {items}:")
    item = named(name, nullable=not known or may_hold_unknown(step.over))
    segment.set(step.column, item)
    if isinstance(step.over.type, ListOf):
        segment.lengthen_key(item, step.over.type.item)


def _split(segment: Segment, step: Split) -> None:
    amount = segment.columns[step.column].code
    weights = "None" if step.weights is None else constant(step.weights).code
    recipients = segment.writer.sequence(step.among)
    if recipients.nullable:
        recipients = segment.writer.keep(recipients, "recipients")
        segment.mark([recipients])
    code = f"_shares({amount}, {recipients.code}, {weights}, {step.rest!r})"
    if recipients.nullable:
        code = f"((None, None), ) if {recipients.code} is None else {code}"
    recipient, share = segment.names.new(step.recipient), segment.names.new(step.column)
    segment.loop(f"for {recipient}, {share} in {code}:")
    segment.set(step.recipient, named(recipient))
    segment.lengthen_key(named(recipient), STRING)
    segment.set(step.column, named(share))


def _items(segment: Segment, over: Expr, unknown: str) -> tuple[str, bool]:
    """The code of a list to go through, and whether it is known."""
    items = segment.writer.sequence(over)
    if not items.nullable:
        return items.code, True
    items = segment.writer.keep(items, "items")
    segment.mark([items])
    return f"{unknown} if {items.code} is None else {items.code}", False


def _clock(segment: Segment, step: Clock) -> None:
    writer = segment.writer
    start, due, met_at = (writer.name(expr) for expr in (step.starts, step.due, step.met_at))
    lapses_at = None if step.lapses_at is None else writer.name(step.lapses_at)
    excused = None if step.excused is None else writer.name(step.excused)
    as_of = segment.as_of(date=step.starts.type == DATE)
    status = segment.names.new("status")
    ends: Iterable[_End] = _statuses(start, due, met_at, lapses_at, excused, as_of)
    late_by = f"{met_at.inner} - {due.inner} if {status} == 'late' else 0"
    if lapses_at is None and excused is None and start.code == due.code == met_at.code:
        # It asks only whether the row has begun, as every points rule does.
        ends = [*islice(ends, 1 + start.nullable), _End("", "met")]
        late_by = "0"
    word = "if"
    for end in ends:
        with writer.lines.block(f"{word} {end.test}:" if end.test else "else:"):
            writer.lines.add(f"{status} = {end.status!r}")
            if end.until:
                segment.note_later(_instant(segment, end.until, date=step.starts.type == DATE))
        word = "elif"
    for column, value in (("start", start), ("due", due), ("met_at", met_at)):
        segment.set(column, value)
    segment.set("late_by", Value(late_by, nullable=False))
    segment.set("status", named(status, nullable=False))
    segment.mark(v for v in (start, due, met_at, lapses_at, excused) if v is not None)


class _End(NamedTuple):
    """A status, the test for it after those before it, and until when it holds if not for ever."""

    test: str
    status: str
    until: str = ""


def _statuses(  # noqa: PLR0913, PLR0917 - the five times of a clock and the time it is read
    start: Value,
    due: Value,
    met_at: Value,
    lapses_at: Value | None,
    excused: Value | None,
    as_of: str,
) -> Iterator[_End]:
    """The tests of a clock in order; each unknown comes just before the test that it decides."""
    met = f"{met_at.code} <= {as_of}"
    in_time = f"{met_at.code} if {met_at.code} <= {due.code} else _NEVER"
    ends = [met_at.code]
    yield from _unknown(start)
    yield _End(f"{start.code} > {as_of}", "not_begun", start.code)
    if excused is not None:
        yield from _unknown(excused)
        yield _End(excused.code, "excused")
    yield from _unknown(met_at)
    yield from _unknown(due, f"{met} and ")
    yield _End(f"{met} and {met_at.code} <= {due.code}", "met")
    lapses = ""
    if lapses_at is not None:
        ends.append(lapses_at.code)
        lapses = f"{lapses_at.code} if {lapses_at.code} < {met_at.code} else _NEVER"
        known = f"_NEVER if {due.code} is None else {in_time}" if due.nullable else in_time
        yield from _unknown(lapses_at, until=known)
        # Who is in time all the same has met it.
        yield _End(
            f"{lapses_at.code} <= {as_of} and {lapses_at.code} < {met_at.code}", "lapsed", known
        )
    yield _End(met, "late")
    yield from _unknown(due, until=lapses)
    yield _End(f"{due.code} < {as_of}", "overdue", _first(ends))
    yield _End("", "open", _first([*ends, f"{due.code} + 1"]))


def _first(times: Sequence[str]) -> str:
    return times[0] if len(times) == 1 else f"min({', '.join(times)})"


def _instant(segment: Segment, time: str, *, date: bool) -> str:
    """The code of an instant: the time itself, or where the day begins."""
    return f"{of_zone(segment.writer, 'start_of')}({time})" if date else time


def _unknown(value: Value, also: str = "", *, until: str = "") -> Iterator[_End]:
    if value.nullable:
        yield _End(f"{also}{value.code} is None", "undetermined", until)


ROW_STEPS: dict[type[Step], Callable[..., None]] = {
    Where: _where,
    Derive: _derive,
    Require: _require,
    Each: _each,
    Split: _split,
    Clock: _clock,
}
