"""Any real case as a scenario: its events, and what came out.

The file holds the case, the cases that it names, and those that name it. What they alone do
not give (a rank among cases that are not in the file) is left out of what is expected, so
that a saved scenario always passes; which rules that concerns is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

import yaml
from attrs import evolve, frozen

from kaocheng.assessing import assess, merged_kinds
from kaocheng.assessment import Assessment
from kaocheng.calendars.numberline import format_date, format_instant
from kaocheng.calendars.zones import Zone
from kaocheng.journal.lines import UNKNOWN_WORD
from kaocheng.journal.texts import Unfit
from kaocheng.journal.values import value_reader
from kaocheng.language.kinds import data_types, declared_events, takes_any_event
from kaocheng.language.ruleset import Kind
from kaocheng.model.events import Actor, Correction, Event, Journal
from kaocheng.rendering.data import rows_as_data, zone_of

_LEFT_OUT = ("undetermined", "period.first_day", "period.last_day", "recorded_at", "provisional")

Rows = list[dict[str, object]]


@frozen(kw_only=True)
class Saved:
    """The text of a scenario file, and the rules whose rows rest on cases outside of it."""

    text: str
    left_out: tuple[str, ...]


def scenario_of(assessment: Assessment, journal: Journal, case: str) -> Saved:
    """A scenario with the events of the case and of the cases around it, and its results."""
    zone = zone_of(assessment)
    kinds = merged_kinds(assessment.ruleset)
    around = _around(journal, case)
    events = [_sayable(e, kinds[e.kind]) for e in journal.events if _is_known(e, kinds, around)]
    ordered = sorted(events, key=lambda e: (e.case != case, e.case, e.sequence))
    alone = _again(assessment, ordered)
    rows, left_out = _reproduced(_results(assessment, case, zone), _results(alone, case, zone))
    times = assessment.times
    scenario: dict[str, object] = {
        "id": _identifier(case),
        "as_of": format_instant(times.as_of, zone),
        **({} if times.known_at is None else {"known_at": format_instant(times.known_at, zone)}),
        "timeline": list(_timeline(ordered, zone)),
        "expect": rows,
        "states": _states(alone, case),
    }
    filled = {key: value for key, value in scenario.items() if value}
    file = {"kaocheng": 1, "ruleset": assessment.ruleset.name, "scenarios": [filled]}
    text = yaml.dump(file, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)
    return Saved(text=text, left_out=left_out)


class _Dumper(yaml.SafeDumper):
    """Writes lists indented below their key, and never an alias."""

    def ignore_aliases(self, _data: object) -> bool:
        """Write every value out."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        """Indent lists below their key."""
        super().increase_indent(flow, indentless=False)


# Which cases belong to the file.


def _around(journal: Journal, case: str) -> frozenset[str]:
    """The case, the cases that name it, and whatever these name in turn."""
    named: dict[str, set[str]] = {}
    for event in journal.events:
        named.setdefault(event.case, set()).update(_mentions(event))
    found: set[str] = set()
    todo = [case, *(other for other, names in named.items() if _is_named(case, names))]
    while todo:
        current = todo.pop()
        if current not in found and current in named:
            found.add(current)
            todo += named[current]
    return frozenset(found)


def _is_named(case: str, names: set[str]) -> bool:
    """Whether the case is among the names; a reference may leave out the kind."""
    return case in names or case.partition("/")[2] in names


def _mentions(event: Event) -> Iterator[str]:
    if event.actor is not None:
        yield event.actor.id
        if event.actor.unit is not None:
            yield event.actor.unit
    data = event.data if event.corrects is None else event.corrects.data
    for value in data.values():
        yield from (str(v) for v in value) if isinstance(value, list | tuple) else [str(value)]


# What a scenario can say of an event: what the ruleset reads of it.


def _is_known(event: Event, kinds: Mapping[str, Kind], cases: frozenset[str]) -> bool:
    """Whether the ruleset knows the event; of others it reads nothing."""
    if event.case not in cases or event.kind not in kinds:
        return False
    kind = kinds[event.kind]
    declared = event.event in declared_events(kind) or takes_any_event(kind)
    return declared or event.corrects is not None


def _sayable(event: Event, kind: Kind) -> Event:
    """The event without data that the ruleset takes as unknown."""
    corrects = event.corrects
    if corrects is not None:
        corrects = evolve(corrects, data=dict(_readable(corrects.data, kind)))
    return evolve(event, data=dict(_readable(event.data, kind)), corrects=corrects)


def _readable(data: Mapping[str, object], kind: Kind) -> Iterator[tuple[str, object]]:
    types = data_types(kind)
    for key, value in data.items():
        if key not in types or value is None:
            continue
        try:
            value_reader(types[key])(value)
        except Unfit:
            continue
        yield key, value


# What is expected: what the events of the file give by themselves.


def _again(assessment: Assessment, events: Iterable[Event]) -> Assessment:
    times = assessment.times
    return assess(
        assessment.ruleset,
        Journal(events=tuple(events)),
        as_of=times.as_of,
        known_at=times.known_at,
    )


def _results(assessment: Assessment, case: str, zone: Zone) -> Rows:
    found: Rows = []
    for rule in assessment.ruleset.plan.rules:
        if "case" not in rule.relation.columns:
            continue
        for row in rows_as_data(assessment, rule.id, zone):
            if row["case"] == case:
                kept = {k: v for k, v in row.items() if k not in _LEFT_OUT and v is not None}
                found.append({**kept, "rule": rule.id})
    return found


def _reproduced(rows: Rows, alone: Rows) -> tuple[Rows, tuple[str, ...]]:
    """The rows that come out of the file alone too, and the rules of the others."""
    kept = [{"rule": row["rule"], **row} for row in rows if row in alone]
    missing = [*(r for r in rows if r not in alone), *(r for r in alone if r not in rows)]
    return kept, tuple(dict.fromkeys(str(row["rule"]) for row in missing))


def _states(assessment: Assessment, case: str) -> dict[str, str]:
    """The state in which the case ends, where its kind has a lifecycle."""
    relation = assessment.ruleset.plan.relations[case.partition("/")[0]]
    if "state" not in relation.columns:
        return {}
    own, state = relation.index("case"), relation.index("state")
    rows = assessment.facts.relations.get(relation.name, ())
    return {case: str(row[state]) for row in rows if row[own] == case}  # noqa: B035


# Events as a timeline writes them.


def _timeline(events: Iterable[Event], zone: Zone) -> Iterator[dict[str, object]]:
    numbers: dict[str, int] = {}
    for event in events:
        following = numbers.get(event.case, 0) + 1
        numbers[event.case] = event.sequence
        yield _event(event, zone, following)


def _event(event: Event, zone: Zone, following: int) -> dict[str, object]:
    found: dict[str, object] = {"case": event.case, "event": event.event}
    found["at"] = _time(event.at, event.date, zone) or UNKNOWN_WORD
    if event.sequence != following:
        found["sequence"] = event.sequence
    if event.recorded_at is not None and event.recorded_at != event.at:
        found["recorded_at"] = format_instant(event.recorded_at, zone)
    if event.actor is not None:
        found["actor"] = _actor(event.actor)
    if event.data:
        found["data"] = _plain(event.data)
    if event.corrects is not None:
        found["corrects"] = _correction(event.corrects, zone)
    return found


def _time(at: int | None, date: int | None, zone: Zone) -> str | None:
    if at is not None:
        return format_instant(at, zone)
    return None if date is None else format_date(date)


def _actor(actor: Actor) -> dict[str, object]:
    found = {"id": actor.id, "unit": actor.unit, "roles": list(actor.roles)}
    return {key: value for key, value in found.items() if value}


def _correction(corrects: Correction, zone: Zone) -> dict[str, object]:
    found: dict[str, object] = {"sequence": corrects.sequence, "reason": corrects.reason}
    at = _time(corrects.at, corrects.date, zone)
    more = {"void": corrects.void or None, "at": at, "data": _plain(corrects.data) or None}
    return {**found, **{key: value for key, value in more.items() if value is not None}}


def _plain(data: Mapping[str, object]) -> dict[str, object]:
    return {key: _value(value) for key, value in data.items()}


def _value(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_value(item) for item in value]
    return str(value) if isinstance(value, Decimal | float) else value


def _identifier(case: str) -> str:
    text = "".join(c if c.isascii() and c.isalnum() else "_" for c in case.lower())
    return f"case_{text}"
