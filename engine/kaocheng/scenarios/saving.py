"""Any real case as a scenario: its events, and what came out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import yaml

from kaocheng.assessment import Assessment
from kaocheng.calendars.numberline import format_date, format_instant
from kaocheng.calendars.zones import Zone
from kaocheng.model.events import Event, Journal
from kaocheng.rendering.data import rows_as_data, zone_of

_LEFT_OUT = ("undetermined", "period.first_day", "period.last_day", "recorded_at", "provisional")


def scenario_of(assessment: Assessment, journal: Journal, case: str) -> str:
    """A scenario file with the events of the case and of the cases they name, and its results."""
    zone = zone_of(assessment)
    events = [e for e in journal.events if e.case in _named(journal, case)]
    ordered = sorted(events, key=lambda e: (e.case != case, e.case, e.sequence))
    scenario: dict[str, object] = {
        "id": _identifier(case),
        "as_of": format_instant(assessment.times.as_of, zone),
        "timeline": [_event(event, zone) for event in ordered],
        "expect": list(_expected(assessment, case, zone)),
    }
    if assessment.times.known_at is not None:
        scenario["known_at"] = format_instant(assessment.times.known_at, zone)
    file = {"kaocheng": 1, "ruleset": assessment.ruleset.name, "scenarios": [scenario]}
    text: str = yaml.dump(file, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)
    return text


class _Dumper(yaml.SafeDumper):
    """Writes lists indented below their key, and never an alias."""

    def ignore_aliases(self, _data: object) -> bool:
        """Write every value out."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        """Indent lists below their key."""
        super().increase_indent(flow, indentless=False)


def _named(journal: Journal, case: str) -> set[str]:
    by_case: dict[str, list[Event]] = {}
    for event in journal.events:
        by_case.setdefault(event.case, []).append(event)
    found: set[str] = set()
    todo = [case]
    while todo:
        current = todo.pop()
        if current in found or current not in by_case:
            continue
        found.add(current)
        todo += [name for event in by_case[current] for name in _mentions(event)]
    return found


def _mentions(event: Event) -> Iterator[str]:
    if event.actor is not None:
        yield event.actor.id
        if event.actor.unit is not None:
            yield event.actor.unit
    for value in event.data.values():
        yield from (str(v) for v in value) if isinstance(value, list) else [str(value)]


def _identifier(case: str) -> str:
    text = "".join(c if c.isascii() and c.isalnum() else "_" for c in case.lower())
    return f"case_{text}"


def _event(event: Event, zone: Zone) -> dict[str, object]:
    at = format_instant(event.at, zone) if event.at is not None else format_date(event.date or 0)
    found: dict[str, object] = {"case": event.case, "event": event.event, "at": at}
    if event.recorded_at is not None and event.recorded_at != event.at:
        found["recorded_at"] = format_instant(event.recorded_at, zone)
    if event.actor is not None:
        actor = {"id": event.actor.id, "unit": event.actor.unit, "roles": list(event.actor.roles)}
        found["actor"] = {key: value for key, value in actor.items() if value}
    if event.data:
        found["data"] = dict(event.data)
    return found


def _expected(assessment: Assessment, case: str, zone: Zone) -> Iterator[dict[str, object]]:
    for rule in assessment.ruleset.plan.rules:
        if "case" not in rule.relation.columns:
            continue
        owner = rule.id.partition(".")[0]
        for row in rows_as_data(assessment, rule.id, zone):
            if row["case"] == case:
                kept = _kept(row)
                yield {"rule": owner, **{k: v for k, v in kept.items() if k != "rule"}}


def _kept(row: Mapping[str, object]) -> dict[str, object]:
    items: Iterable[tuple[str, object]] = row.items()
    return {k: v for k, v in items if k not in _LEFT_OUT and v is not None}
