"""Evaluating a case's online rules: all rows at first, only what may have changed after.

This is the inner loop of `act`: it makes no object that nobody has asked for. Rows of a
rule that grows are a chain, each link holding the rows of one act; it is walked when
somebody reads it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from kaocheng.engine.cases import Record
from kaocheng.engine.outcome import Chain, Row, grown, unchained
from kaocheng.engine.reach import OnlineRule
from kaocheng.evaluate.python import Context
from kaocheng.evaluate.python.program import project

_NO_ROWS: tuple[Row, ...] = ()


def evaluate(record: Record, context: Context, before: Record | None = None) -> None:
    """Fill the results of `record`, and when they will be others by time alone.

    With `before`, the record that it grew out of by one event, rules that grow look at
    the new rows alone; one of which all events were void has none to grow from. Rules find
    what was evaluated earlier in `record.results`.
    """
    context.later = record.later = {}
    turns = record.governed.turns
    if turns:
        place = bisect_right(turns, record.as_of)
        context.next_version = turns[place] if place < len(turns) else None
    if before is None or not before.state.exists or before.version != context.version:
        evaluate_until(record, context, len(record.governed.rules))
    else:
        _evaluate_changed(record, context, before)
        if turns and before.later:
            record.later |= _still_later(before, record)
    if turns and context.next_version is not None:
        record.later |= {(rule, context.next_version): None for rule in record.governed.turning}


def _evaluate_changed(record: Record, context: Context, before: Record) -> None:
    row, was_row, was = record.row, before.row, before.results
    results: list[Chain] = []
    record.results = results
    add = results.append
    for stretch in record.governed.stretches:
        for function in stretch.on_case:
            add(function(row, context))
        if stretch.on_list:
            gained = _gained(stretch.place, record, before)
            for function, reads in stretch.on_list:
                if reads is not None and reads(row) != reads(was_row):
                    rule = record.governed.rules[len(results)]
                    add(_all(rule, _source_rows(rule, record), context))
                    continue
                chain = was[len(results)]
                for new in gained:
                    found = function(new, context)
                    if found:
                        chain = (chain, found)
                add(chain)
        for rule in stretch.otherwise:
            add(_otherwise(rule, before, record, context))


def evaluate_until(record: Record, context: Context, place: int) -> None:
    """Fill the results of the rules that stand before a place."""
    record.results = []
    for rule in record.governed.rules[:place]:
        found = _all(rule, _source_rows(rule, record), context)
        record.results.append(found)


def _otherwise(rule: OnlineRule, before: Record, record: Record, context: Context) -> Chain:
    """The rows of a rule that several versions have, or that cannot grow."""
    reads = rule.reads
    if not rule.grows or (reads is not None and reads(record.row) != reads(before.row)):
        return _all(rule, _source_rows(rule, record), context)
    rows = before.results[len(record.results)]
    found = _all(rule, _gained(rule.source.place, record, before), context)
    return (rows, found) if found else rows


def _still_later(before: Record, record: Record) -> dict[tuple[str, int | None], None]:
    """What was noted of rows that rules which grow have kept; nobody has looked at them again."""
    chains = zip(record.governed.rules, before.results, record.results, strict=True)
    kept = {r.id for r, was, now in chains if r.grows and grown(now, was) is not None}
    return {noted: None for noted in before.later if noted[0] in kept}


def _gained(place: int, record: Record, before: Record) -> Sequence[Row]:
    """What a list of the kind has gained."""
    now, was = record.state.lists[place], before.state.lists[place]
    return _NO_ROWS if now is was else now.after(was)


def _all(rule: OnlineRule, rows: Iterable[Row], context: Context) -> list[Row]:
    if rule.whole is not None:
        context.rows = {rule.source.name: list(rows)}
        return rule.whole(context)
    found: list[Row] = []
    for row in rows:
        for function in rule.functions:
            found += function(row, context)
    return found


def _source_rows(rule: OnlineRule, record: Record) -> Iterable[Row]:
    source, results = rule.source, record.results
    if source.how == "list":
        return record.state.lists[source.place]
    if source.how == "rule":
        return unchained(results[source.place])
    if source.how == "collection":
        there = record.governed.relations[source.name]
        united = ((unchained(results[place]), here) for place, here in source.parts)
        return (row for rows, here in united for row in project(rows, here, there))
    return record.rows_of(source.name)
