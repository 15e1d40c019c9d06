"""Evaluating a case's online rules: all rows at first, only what may have changed after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kaocheng.engine.cases import Record
from kaocheng.engine.outcome import Row, Rows
from kaocheng.engine.reach import OnlineRule
from kaocheng.evaluate.python import Context
from kaocheng.evaluate.python.program import project
from kaocheng.journal.growing import Growing

_NONE: tuple[Row, ...] = ()


def evaluate(record: Record, context: Context, before: Record | None = None) -> None:
    """Fill the results of `record`.

    With `before`, the record that it grew out of by one event, rules that grow look at
    the new rows alone. Rules find what was evaluated earlier in `record.results`.
    """
    results: list[Rows] = []
    record.results = results
    known = before if before and before.count and before.version == context.version else None
    fresh: list[bool] = []
    for place, rule in enumerate(record.governed.rules):
        functions = rule.functions
        if rule.source.how == "case" and len(functions) == 1 and not record.governed.program.dated:
            results.append(functions[0](record.row, context) if record.state.exists else _NONE)
            fresh.append(True)
        elif known is not None and rule.grows and _may_grow(rule, known, record, fresh):
            results.append(_grown(rule, place, known, record, context))
            fresh.append(False)
        else:
            rows = _all(rule, _source_rows(rule, record), context)
            kept: Rows = Growing(rows, len(rows)) if rule.grows else rows
            results.append(kept)
            fresh.append(True)


def _may_grow(rule: OnlineRule, before: Record, record: Record, fresh: Sequence[bool]) -> bool:
    """Whether the rows that the rule gave before still stand."""
    if rule.source.how == "rule" and fresh[rule.source.place]:
        return False
    was, now = before.row, record.row
    return all(was[column] == now[column] for column in rule.columns)


def _grown(rule: OnlineRule, place: int, before: Record, record: Record, context: Context) -> Rows:
    """The rows that the rule gave before, and those of the new rows."""
    rows = _growing(before.results[place])
    for row in _all(rule, _new_rows(rule, before, record), context):
        rows = rows.plus(row)
    return rows


def _new_rows(rule: OnlineRule, before: Record, record: Record) -> Iterable[Row]:
    source = rule.source
    if source.how == "list":
        seen = len(before.state.list_rows(source.place))
        return record.state.list_rows(source.place).since(seen)
    return _growing(record.results[source.place]).since(len(before.results[source.place]))


def _growing(rows: Rows) -> Growing[Row]:
    if isinstance(rows, Growing):
        return rows
    raise TypeError("rows that do not grow cannot be added to")


def _all(rule: OnlineRule, rows: Iterable[Row], context: Context) -> list[Row]:
    found: list[Row] = []
    for row in rows:
        for function in rule.functions:
            found += function(row, context)
    return found


def _source_rows(rule: OnlineRule, record: Record) -> Iterable[Row]:
    source, results = rule.source, record.results
    if source.how == "list":
        return record.state.list_rows(source.place)
    if source.how == "rule":
        return results[source.place]
    if source.how == "collection":
        there = record.governed.relations[source.name]
        return (row for place, here in source.parts for row in project(results[place], here, there))
    return record.rows_of(source.name)
