"""Events: the lines of a case's history.

`at` and `recorded_at` are microseconds since 1970 UTC; an event of which the source
gives only a day has `date` (days since 1970) and no `at`.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from kaocheng.calendars.numberline import parse_instant

TIMER = "kaocheng.timer"
"""The event of a timer that was due."""

MIGRATION = "kaocheng.migration"
"""The event of a case that goes on under another ruleset."""

PUBLICATION = "kaocheng.publication"
"""The event that says what was published, under the act that did it."""

SILENT = frozenset({TIMER, MIGRATION, PUBLICATION})
"""Events that change no fact. No ruleset can have an event of their names."""


@frozen(kw_only=True)
class Actor:
    """Who acted: passed by the application and trusted. `id` and `unit` are case ids."""

    id: str
    unit: str | None = None
    roles: tuple[str, ...] = ()


@frozen(kw_only=True)
class Correction:
    """What a correcting event does to an earlier `sequence` of its case, and why.

    `void` takes the event back; otherwise `at`, `date` or single data keys are replaced. An act
    takes `at` as its own, also as text; a journal has instants and dates only.
    """

    sequence: int
    reason: str
    void: bool = False
    at: int | str | None = None
    date: int | None = None
    data: Mapping[str, object] = field(factory=dict)

    @property
    def instant(self) -> int | None:
        """What `at` is in a journal.

        Raises:
            ClockError: it is text, and no instant.
        """
        return parse_instant(self.at) if isinstance(self.at, str) else self.at


@frozen(kw_only=True)
class Event:
    """One line of a journal; `case` is `kind/id`, `sequence` counts from 1 within it."""

    case: str
    sequence: int
    event: str
    at: int | None = None
    date: int | None = None
    recorded_at: int | None = None
    actor: Actor | None = None
    data: Mapping[str, object] = field(factory=dict)
    corrects: Correction | None = None

    @property
    def kind(self) -> str:
        """The kind of its case."""
        return self.case.partition("/")[0]


@frozen(kw_only=True)
class Journal:
    """Events in any order, and the rows of the input that could not be read.

    `last` is the instant of the last event: the default of `as_of`. Of a file, `places` says
    of each event where it stands; two journals with the same events are the same all the same.
    """

    events: tuple[Event, ...]
    unreadable: tuple[Unreadable, ...] = ()
    places: tuple[str, ...] = field(default=(), eq=False, repr=False)


@frozen(kw_only=True)
class Unreadable:
    """A line of an input that gave no event: where, and why, in both languages."""

    place: str
    en: str
    zh: str
