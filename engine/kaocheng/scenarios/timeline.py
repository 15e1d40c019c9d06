"""Events as a scenario's timeline writes them: as the ruleset reads them, and no more.

Data that no rule reads are left out. What the ruleset takes as unknown, because the journal
has `null` or a value of another type there, is written as `unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal as Exact

import yaml

from kaocheng.calendars.numberline import format_date, format_instant
from kaocheng.calendars.zones import Zone
from kaocheng.journal.lines import UNKNOWN_WORD
from kaocheng.journal.texts import Unfit
from kaocheng.journal.values import value_reader
from kaocheng.language.amounts import decimal
from kaocheng.language.kinds import carried_types
from kaocheng.language.ruleset import Kind
from kaocheng.language.types import Decimal, ListOf, Type
from kaocheng.model.events import Actor, Correction, Event
from kaocheng.scenarios.reading import has_unknown

# What the reader of YAML refuses in a file or takes for a slip; quoted and escaped it is a text.
_ESCAPED = re.compile("[\u200b\u202a-\u202e\u2060\u2066-\u2069]")
_QUOTED = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u00a0\u2028\u2029\u3000]|[=!<>]=|&&|\\|\\||\\s\\?\\s|"
    + _ESCAPED.pattern
)
_ONE_LINE = 1_000_000


class _Unknown:
    """What is written as `unknown` without quotes."""


UNKNOWN = _Unknown()


def timeline_of(
    events: Iterable[Event], kinds: Mapping[str, Kind], zone: Zone
) -> list[dict[str, object]]:
    """The events, in the order in which they come; a number is written where it is not the next."""
    numbers: dict[str, int] = {}
    found = []
    for event in events:
        following = numbers.get(event.case, 0) + 1
        numbers[event.case] = event.sequence
        found.append(_event(event, kinds[event.kind], zone, following))
    return found


def yaml_text(file: Mapping[str, object]) -> str:
    """The text of a scenario file, which reads as what it was made from."""
    text = yaml.dump(file, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_ONE_LINE)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


# One event.


def _event(event: Event, kind: Kind, zone: Zone, following: int) -> dict[str, object]:
    found: dict[str, object] = {"case": event.case, "event": event.event}
    found["at"] = _time(event.at, event.date, zone) or UNKNOWN
    if event.sequence != following:
        found["sequence"] = event.sequence
    if event.recorded_at is not None and event.recorded_at != event.at:
        found["recorded_at"] = format_instant(event.recorded_at, zone)
    if event.actor is not None:
        found["actor"] = _actor(event.actor)
    data = dict(_data(event.data, kind))
    if data:
        found["data"] = data
    if event.corrects is not None:
        found["corrects"] = _correction(event.corrects, kind, zone)
    return found


def _time(at: int | None, date: int | None, zone: Zone) -> str | None:
    if at is not None:
        return format_instant(at, zone)
    return None if date is None else format_date(date)


def _actor(actor: Actor) -> dict[str, object]:
    found = {"id": actor.id, "unit": actor.unit, "roles": list(actor.roles)}
    return {key: value for key, value in found.items() if value}


def _correction(corrects: Correction, kind: Kind, zone: Zone) -> dict[str, object]:
    found: dict[str, object] = {"sequence": corrects.sequence, "reason": corrects.reason}
    at = _time(corrects.instant, corrects.date, zone)
    data = dict(_data(corrects.data, kind))
    more = {"void": corrects.void or None, "at": at, "data": data or None}
    return {**found, **{key: value for key, value in more.items() if value is not None}}


# What an event carries.


def _data(data: Mapping[str, object], kind: Kind) -> Iterator[tuple[str, object]]:
    types = carried_types(kind)
    for key, value in data.items():
        if key in types:
            written = _value(value, types[key])
            # Where `unknown` is the name of a value, nothing says that none is known.
            if not _is_partly_unknown(written) or not any(map(has_unknown, types[key])):
                yield key, written


def _is_partly_unknown(written: object) -> bool:
    return written is UNKNOWN or (isinstance(written, list) and UNKNOWN in written)


def _value(value: object, types: Iterable[Type]) -> object:
    """The value as text that is read back as it, by the first type that it has."""
    for type_ in types if value is not None else ():
        try:
            value_reader(type_)(value)
        except Unfit:
            continue
        return _written(value, type_)
    return UNKNOWN


def _written(value: object, type_: Type) -> object:
    if value is None:
        return UNKNOWN
    if isinstance(type_, ListOf) and isinstance(value, list | tuple):
        return [_written(item, type_.item) for item in value]
    if isinstance(type_, Decimal) and isinstance(value, Exact | float):
        units = value_reader(type_)(value)
        return decimal(units, type_.scale) if isinstance(units, int) else str(value)
    return value


class _Dumper(yaml.SafeDumper):
    """Writes lists indented below their key, never an alias, and no text that misleads."""

    def ignore_aliases(self, _data: object) -> bool:
        """Write every value out."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        """Indent lists below their key."""
        super().increase_indent(flow, indentless=False)

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """A text, in double quotes where it could be taken for something else."""
        style = '"' if text == UNKNOWN_WORD or _QUOTED.search(text) else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    def represent_unknown(self, _unknown: _Unknown) -> yaml.ScalarNode:
        """The word for what is not known, without quotes."""
        return self.represent_scalar("tag:yaml.org,2002:str", UNKNOWN_WORD)


_Dumper.add_representer(str, _Dumper.represent_text)
_Dumper.add_representer(_Unknown, _Dumper.represent_unknown)
