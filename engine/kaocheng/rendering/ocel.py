"""Cases and their events as an object-centric event log: OCEL 2.0 in JSON.

Objects are the cases, with their facts as attributes as of their last assessment, and what
they refer to. A fact that refers to another case is a relationship with the name of the
column; an event is related to its case, to who acted, and to cases that its data name. As
the schema of the standard has it, every value is text, and its type stands with the types.

An event of which only the day is known has the beginning of that day; one of which nothing
is known has the time when it was recorded, else that of the event before it, else the year
1970. The attribute `time_known` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from json import dumps

from kaocheng.calendars.numberline import DAY, NEVER, format_instant
from kaocheng.calendars.zones import Zone, build_zone, to_utc
from kaocheng.journal.json_text import canonical
from kaocheng.journal.lines import is_case_id
from kaocheng.language.ruleset import Ruleset
from kaocheng.language.types import BOOL, INSTANT, INT, ListOf, Reference, Type
from kaocheng.language.types import Decimal as DecimalType
from kaocheng.model.events import Event
from kaocheng.model.kept import Kept
from kaocheng.rendering.values import plain

Json = dict[str, object]
_TIME_KNOWN = "time_known"


def ocel_pieces(ruleset: Ruleset, events: Iterable[Event], cases: Iterable[Kept]) -> Iterator[str]:
    """The log, an event and an object at a time; events stand by case and number."""
    log = _Log(ruleset)
    yield '{"events": ['
    yield from _listed(log.event(event) for event in events)
    yield '],\n"objects": ['
    yield from _listed(log.objects(cases))
    yield '],\n"eventTypes": '
    yield dumps(_types(log.event_types), ensure_ascii=False)
    yield ',\n"objectTypes": '
    yield dumps(_types(log.object_types), ensure_ascii=False)
    yield "}\n"


def _listed(items: Iterable[Json]) -> Iterator[str]:
    before = "\n"
    for item in items:
        yield before + dumps(item, ensure_ascii=False)
        before = ",\n"


def _types(found: Mapping[str, Mapping[str, str]]) -> list[Json]:
    return [
        {"name": name, "attributes": [{"name": key, "type": found[name][key]} for key in keys]}
        for name, keys in sorted((name, sorted(types)) for name, types in found.items())
    ]


class _Log:
    """What of a log must be remembered while it is written: types, and objects spoken of."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.event_types: dict[str, dict[str, str]] = {}
        self.object_types: dict[str, dict[str, str]] = {}
        self._ruleset = ruleset
        self._zone: Zone = build_zone(ruleset.versions[-1].zone)
        self._kinds = ruleset.kinds
        self._spoken_of: set[str] = set()
        self._last: tuple[str, int] = ("", 0)

    def event(self, event: Event) -> Json:
        """An event, related to its case and to all that it names."""
        type_ = f"{event.kind}.{event.event}"
        types = self.event_types.setdefault(type_, {})
        at, known = self._time(event)
        attributes: list[Json] = []
        related: list[tuple[str, str]] = [("case", event.case)]
        if known:
            attributes.append(_attribute(types, _TIME_KNOWN, "string", known))
        if event.actor is not None:
            related.append(("actor", event.actor.id))
            if event.actor.unit is not None:
                related.append(("unit", event.actor.unit))
        for key, value in event.data.items():
            named = value if isinstance(value, list) else [value]
            references = [str(item) for item in named if self._is_case(item)]
            if references and len(references) == len(named):
                related += [(key, reference) for reference in references]
            elif value is not None:
                attributes.append(_attribute(types, key, *_typed(value)))
        return {
            "id": f"{event.case}#{event.sequence}",
            "type": type_,
            "time": format_instant(at),
            "attributes": attributes,
            "relationships": self._related(related),
        }

    def objects(self, cases: Iterable[Kept]) -> Iterator[Json]:
        """The cases, and then what is only spoken of."""
        known: set[str] = set()
        for kept in cases:
            known.add(kept.case)
            yield self._object(kept)
        for case in sorted(self._spoken_of - known):
            kind = case.partition("/")[0]
            self.object_types.setdefault(kind, {})
            yield {"id": case, "type": kind, "attributes": [], "relationships": []}

    def _object(self, kept: Kept) -> Json:
        types = self.object_types.setdefault(kept.kind, {})
        relation = self._ruleset.plan.relations.get(kept.kind)
        columns: Mapping[str, Type] = {} if relation is None else relation.columns
        at = format_instant(kept.as_of)
        attributes: list[Json] = []
        related: list[tuple[str, str]] = []
        for name, value in kept.facts.items():
            column = columns.get(name)
            if name == "case" or column is None or value in (None, NEVER):
                continue
            if isinstance(column, Reference):
                related.append((name, str(value)))
            elif isinstance(column, ListOf) and isinstance(column.item, Reference):
                items = value if isinstance(value, list) else []
                related += [(name, str(item)) for item in items if item is not None]
            else:
                text = _text(plain(value, column, self._zone))
                attributes.append(_attribute(types, name, _name_of(column), text) | {"time": at})
        return {
            "id": kept.case,
            "type": kept.kind,
            "attributes": attributes,
            "relationships": self._related(related),
        }

    def _related(self, named: Iterable[tuple[str, str]]) -> list[Json]:
        """Relationships, each once, to what can be an object."""
        found = dict.fromkeys((name, case) for name, case in named if is_case_id(case))
        self._spoken_of.update(case for _, case in found)
        return [{"objectId": case, "qualifier": name} for name, case in found]

    def _is_case(self, value: object) -> bool:
        if not isinstance(value, str) or not is_case_id(value):
            return False
        return value.partition("/")[0] in self._kinds

    def _time(self, event: Event) -> tuple[int, str]:
        """When an event stands in the log, and what is really known."""
        before = self._last[1] if self._last[0] == event.case else 0
        at, known = event.at, ""
        if at is None and event.date is not None:
            at, known = to_utc(self._zone, event.date * DAY), "date"
        elif at is None:
            at, known = event.recorded_at, "unknown"
        at = before if at is None else at
        self._last = (event.case, at)
        return at, known


def _attribute(types: dict[str, str], name: str, type_: str, value: str) -> Json:
    """An attribute; one that has values of several types is text."""
    known = types.setdefault(name, type_)
    if known != type_:
        types[name] = "float" if {known, type_} == {"integer", "float"} else "string"
    return {"name": name, "value": value}


def _typed(value: object) -> tuple[str, str]:
    """The type of a value of an event's data, and the value as text."""
    if isinstance(value, bool):
        return "boolean", _text(value)
    if isinstance(value, int):
        return "integer", str(value)
    if isinstance(value, float | Decimal):
        return "float", str(value)
    return "string", value if isinstance(value, str) else canonical(value)


def _name_of(type_: Type) -> str:
    """What the standard calls a type; what it has no name for is text."""
    if isinstance(type_, DecimalType):
        return "float"
    names: dict[Type, str] = {BOOL: "boolean", INT: "integer", INSTANT: "time"}
    return names.get(type_, "string")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else canonical(value)
