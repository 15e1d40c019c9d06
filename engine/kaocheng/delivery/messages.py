"""Messages as they are kept and sent: CloudEvents 1.0 as JSON objects."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping

from attrs import frozen

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import parse_instant
from kaocheng.errors import DeliveryError

_URI_REFERENCE = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+", re.ASCII)
_NAME = re.compile(r"[a-z0-9]+", re.ASCII)
_SEQUENCE = re.compile(r"\d{20}\.\d{6}", re.ASCII)


@frozen(kw_only=True)
class Message:
    """One message. `source` and `id` together name it for ever: a second copy has the same.

    `text` is the whole CloudEvent as JSON. `sequence` sorts as text in the order of the
    tenant's events. `subject` is the case that it is about.
    """

    text: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    sequence: str
    data: Mapping[str, object]


def read_message(text: str) -> Message:
    """The message of a text.

    Raises:
        DeliveryError: it is no CloudEvent, and never will be.
    """
    try:
        event = json.loads(text)
    except ValueError:
        raise DeliveryError("the message is not JSON", final=True) from None
    if not isinstance(event, dict):
        raise DeliveryError("the message is not an object", final=True)
    wrong = next(problems(event), None)
    if wrong is not None:
        raise DeliveryError(f"the message is no CloudEvent: {wrong}", final=True)
    data = event.get("data")
    return Message(
        text=text,
        id=event["id"],
        source=event["source"],
        type=event["type"],
        subject=event.get("subject", ""),
        time=event["time"],
        sequence=event.get("sequence", ""),
        data=data if isinstance(data, Mapping) else {},
    )


def is_source(value: object) -> bool:
    """Whether it can be the `source` of a message: a URI reference."""
    return isinstance(value, str) and _URI_REFERENCE.fullmatch(value) is not None


def problems(event: Mapping[str, object]) -> Iterator[str]:
    """What is wrong with the attributes of a CloudEvent, each in one sentence."""
    for name in ("specversion", "id", "source", "type", "time"):
        if name not in event:
            yield f"it has no `{name}`"
    for name, value in event.items():
        if name == "data":
            continue
        if _NAME.fullmatch(name) is None:
            yield f"`{name}` is no name of an attribute"
        elif not isinstance(value, str) or not value:
            yield f"`{name}` is not text, or is empty"
        elif name in _FITS and not _FITS[name](value):
            yield f"`{name}` cannot be `{value}`"


def _is_time(value: str) -> bool:
    try:
        parse_instant(value)
    except ClockError:
        return False
    return True


_FITS: Mapping[str, Callable[[str], bool]] = {
    "specversion": lambda value: value == "1.0",
    "source": is_source,
    "time": _is_time,
    "sequence": lambda value: _SEQUENCE.fullmatch(value) is not None,
}
