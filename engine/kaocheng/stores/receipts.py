"""What came of an act under an idempotency key, as it is kept and as it is read again.

It says by itself what its rows are called, so that it says the same under any ruleset.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kaocheng.engine.cases import Record
from kaocheng.engine.keeping import Change
from kaocheng.engine.outcome import NOTHING, CaseResults, Outcome, Outputs, Row, Stored, unchained
from kaocheng.journal.json_text import compact
from kaocheng.language.schema import Relation
from kaocheng.language.types import DATE, Type
from kaocheng.lifecycle import Decision
from kaocheng.model.events import Event

_UNSAID = Type()  # nobody asks what a column of a kept row holds, unless it is a date

SPOILT = (ValueError, KeyError, TypeError, AttributeError)
"""What reading an outcome raises whose text somebody has changed."""


def outcome_text(change: Change) -> str:
    """The outcome of an act, with the names of its rules and of their columns."""
    decision = change.outcome.decision
    said = {
        "case": change.event.case,
        "sequence": change.event.sequence,
        "states": [decision.state_before, decision.state_after],
        "before": _said(change.before) if change.before.count else None,
        "after": _said(change.record),
        "parents": {after.state.case: _said(after) for _, after in change.parents},
    }
    if change.outcome.unknown_parents:
        said["unknown_parents"] = list(change.outcome.unknown_parents)
    return compact(said)


def named_event(text: str) -> tuple[str, int]:
    """The case and the number of the event that a kept outcome is about.

    Raises:
        ValueError: the text is no outcome; any of `SPOILT` says so.
    """
    kept = json.loads(text)
    return str(kept["case"]), int(kept["sequence"])


def outcome_of(text: str, event: Event) -> Outcome:
    """The outcome that `outcome_text` wrote, of that event.

    Raises:
        ValueError: the text is no outcome; any of `SPOILT` says so.
    """
    kept = json.loads(text)
    before, after = kept["states"]
    return Outcome(
        Decision(allowed=True, reasons=(), state_before=before, state_after=after),
        event,
        _heard(kept["after"]),
        {case: _heard(said).case_results for case, said in kept["parents"].items()},
        NOTHING if kept["before"] is None else _heard(kept["before"]),
        tuple(str(case) for case in kept.get("unknown_parents", ())),
    )


def _said(record: Record) -> dict[str, object]:
    return {
        "state": record.state.state,
        "as_of": record.as_of,
        "timers": list(record.timers),
        "results": dict(_results(record)),
    }


def _results(record: Record) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The rows of each rule; one that gives none says no more than its name."""
    outputs = record.governed.outputs
    united = {rule: name for name, rules in outputs.collections.items() for rule in rules}
    for rule, chain in zip(record.governed.rules, record.results, strict=True):
        rows = unchained(chain)
        if not rows:
            yield rule.id, {}
            continue
        columns = rule.relation.columns
        said = {
            "in": united.get(rule.id),
            "columns": list(columns),
            "dates": [name for name, type_ in columns.items() if type_ == DATE],
            "rows": rows,
        }
        yield rule.id, {name: value for name, value in said.items() if value}


def _heard(said: Mapping[str, Any]) -> Stored:
    relations: dict[str, Relation] = {}
    collections: dict[str, list[str]] = {}
    for rule, kept in said["results"].items():
        dates = kept.get("dates", ())
        columns = {name: DATE if name in dates else _UNSAID for name in kept.get("columns", ())}
        relations[rule] = Relation(rule, columns, ())
        if "in" in kept:
            collections.setdefault(kept["in"], []).append(rule)
    rows = [[_row(row) for row in kept.get("rows", ())] for kept in said["results"].values()]
    timers = [(str(rule), int(at)) for rule, at in said["timers"]]
    results = CaseResults(Outputs(relations, collections), rows, said["as_of"], timers=timers)
    return Stored(said["state"], results)


def _row(values: Sequence[object]) -> Row:
    return tuple(_row(value) if isinstance(value, list) else value for value in values)
