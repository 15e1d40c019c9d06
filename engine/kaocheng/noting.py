"""What the library writes to the application's log: structlog events with stable names.

Nothing is configured here and no logger is kept. An application that has configured
structlog gets these events; where nobody has, nothing is written. Facts are ids, numbers
and reasons, never the data of a case.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import structlog

LOGGER = "kaocheng"
"""The name under which loggers are asked for."""

NOTES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "act.accepted": ("info", "an act was kept"),
        "act.refused": ("info", "an act was refused, with the codes of all reasons"),
        "timer.fired": ("info", "what was due on a case was done"),
        "timer.put_off": ("warning", "a timer failed and is tried again later"),
        "timer.other_text": (
            "warning",
            "what is due on cases that are kept under another text of a ruleset waits for it",
        ),
        "message.delivered": ("info", "every channel has a message"),
        "message.failed": ("warning", "a channel did not take a message; it is tried again later"),
        "message.given_up": ("error", "a message is not tried again by itself"),
        "message.stale": ("warning", "somebody else has claimed a message meanwhile"),
        "message.redelivered": ("info", "a message is to be delivered again"),
        "calendar.ending": ("warning", "the days that a calendar knows end soon, or have ended"),
        "schema.refused": ("error", "a database has no tables, or those of another version"),
        "worker.started": ("info", "a worker has begun"),
        "worker.batch": ("info", "a worker has done something"),
        "worker.waiting": ("warning", "the database did not answer; the worker tries again"),
        "worker.stopped": ("info", "a worker has ended after the batch in progress"),
    }
)
"""Every event by its name: its level, and when it is written."""


def note(event: str, /, **facts: object) -> None:
    """Write an event to the application's log, if it has one."""
    if structlog.is_configured():
        level, _ = NOTES[event]
        getattr(structlog.get_logger(LOGGER), level)(event, **facts)
