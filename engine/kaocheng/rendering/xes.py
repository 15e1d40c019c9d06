"""A journal as an event log in XES 1.0 (IEEE 1849): a trace per case.

| in the log | from the event |
| --- | --- |
| `concept:name` | the event; of the trace, the case |
| `time:timestamp` | `at`, where it is an instant; a mere day stands in `date` |
| `org:resource`, `org:group`, `org:role` | the actor, its unit and its roles |
| `sequence`, `recorded_at`, `corrects` | the same |
| any other key | `data`; a key that is taken already has `data.` before it |

Lists and objects in the data are JSON texts. Characters that XML cannot have are replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import groupby
from xml.sax.saxutils import quoteattr

from kaocheng.calendars.numberline import format_date, format_instant
from kaocheng.journal.json_text import canonical
from kaocheng.journal.lines import event_fields
from kaocheng.model.events import Event

_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
  <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
  <global scope="trace">
    <string key="concept:name" value="unknown"/>
  </global>
  <global scope="event">
    <string key="concept:name" value="unknown"/>
  </global>
  <classifier name="event" keys="concept:name"/>
"""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MOST = 2**63

Attribute = tuple[str, str, str]
"""The type of an attribute, its key and its value."""


def xes_pieces(events: Iterable[Event]) -> Iterator[str]:
    """The log of events that stand by case and number, a trace at a time."""
    yield _HEAD
    for case, members in groupby(events, key=lambda event: event.case):
        lines = ["  <trace>", _element(("string", "concept:name", case), "    ")]
        for event in members:
            lines.append("    <event>")
            lines += [_element(attribute, "      ") for attribute in attributes(event)]
            lines.append("    </event>")
        lines.append("  </trace>\n")
        yield "\n".join(lines)
    yield "</log>\n"


def attributes(event: Event) -> list[Attribute]:
    """The attributes of an event."""
    fields = event_fields(event)
    found: list[Attribute] = [("string", "concept:name", event.event)]
    if event.at is not None:
        found.append(("date", "time:timestamp", format_instant(event.at)))
    elif event.date is not None:
        found.append(("string", "date", format_date(event.date)))
    found.append(("int", "sequence", str(event.sequence)))
    if event.recorded_at is not None:
        found.append(("date", "recorded_at", format_instant(event.recorded_at)))
    if event.actor is not None:
        found.append(("string", "org:resource", event.actor.id))
        if event.actor.unit is not None:
            found.append(("string", "org:group", event.actor.unit))
        if event.actor.roles:
            found.append(("string", "org:role", ",".join(event.actor.roles)))
    if event.corrects is not None:
        found.append(("string", "corrects", canonical(fields["corrects"])))
    taken = {key for _, key, _ in found}
    for key, value in sorted(event.data.items()):
        if value is not None:
            name = f"data.{key}" if key in taken or key.startswith("data.") else key
            found.append((*_typed(value, name),))
    return found


def _typed(value: object, key: str) -> Attribute:
    if isinstance(value, bool):
        return "boolean", key, "true" if value else "false"
    if isinstance(value, int) and -_MOST <= value < _MOST:
        return "int", key, str(value)
    if isinstance(value, float | Decimal):
        return "float", key, str(value)
    return "string", key, value if isinstance(value, str) else canonical(value)


def _element(attribute: Attribute, indent: str) -> str:
    kind, key, value = attribute
    written = (quoteattr(_NOT_XML.sub("\ufffd", text)) for text in (key, value))
    return "{}<{} key={} value={}/>".format(indent, kind, *written)
