"""Publications as a journal has them: what each circular was drawn up from, and what came before.

The event of a publication says all of it, so that a journal that was taken out of its database
tells the same. Its `position` is the number of events that stood before the act: publications
are in that order, whatever clocks say and however the journal is sorted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import evolve, field, frozen

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import (
    FIRST_INSTANT,
    MINUTE,
    format_date,
    format_instant,
    parse_date,
    parse_instant,
)
from kaocheng.journal.known import voided_by
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import PUBLICATION, Event

# So far may the clocks of hosts be apart.
_MOST_BEHIND = MINUTE

Versions = tuple[str, ...]
"""The hashes of the versions of a text of a ruleset."""

Key = tuple[str, int]
"""The case and the number of the act that published."""

Days = tuple[int, int]
"""A first and a last day."""


@frozen(kw_only=True)
class Drawn:
    """What a circular was drawn up from: two times, a place in the journal, and a text.

    `end` is how many events of the journal stood before it; None where the journal is not in the
    order in which it was kept. Without `versions` nobody has said under which text it was. The
    period is that of the circular.
    """

    as_of: int
    known_at: int
    end: int | None = None
    versions: Versions = ()
    period: str = field(default="", eq=False)


@frozen(kw_only=True)
class Publication:
    """A circular that was published, or is about to be.

    `earlier` are the other texts under which it compared what earlier circulars had said, and
    `withdrawn` the publications that were void by then; None where nobody has said.
    """

    case: str
    sequence: int
    days: Days
    drawn: Drawn
    position: int
    earlier: frozenset[Versions] = frozenset()
    withdrawn: frozenset[Key] | None = frozenset()

    @property
    def key(self) -> Key:
        """Which act published it."""
        return self.case, self.sequence

    @property
    def period(self) -> str:
        """The name of its period."""
        return self.drawn.period

    def data(self, *, language: str, digest: str) -> Mapping[str, object]:
        """What the event of the publication says, in texts and numbers that every format keeps."""
        first, last = map(format_date, self.days)
        withdrawn = sorted(self.withdrawn or ())
        return {
            "sequence": self.sequence,
            "period": self.period,
            "first_day": first,
            "last_day": last,
            "as_of": format_instant(self.drawn.as_of),
            "known_at": format_instant(self.drawn.known_at),
            "language": language,
            "position": self.position,
            "versions": list(self.drawn.versions),
            "earlier": [",".join(versions) for versions in sorted(self.earlier)],
            "withdrawn": [f"{case}#{sequence}" for case, sequence in withdrawn],
            "digest": digest,
        }


def versions_of(ruleset: Ruleset) -> Versions:
    """The hashes of the versions of a ruleset."""
    return tuple(version.hash for version in ruleset.versions)


def texts_of(ruleset: Ruleset, earlier: Iterable[Ruleset]) -> Mapping[Versions, Ruleset]:
    """The texts of a ruleset that are at hand, by the hashes of their versions."""
    return {versions_of(text): text for text in (*earlier, ruleset)}


def publication_of(event: Event) -> Publication | None:
    """What the event of a publication says; None of any other, and of one that says less."""
    if event.event != PUBLICATION:
        return None
    data = event.data
    try:
        drawn = Drawn(
            as_of=parse_instant(_text(data["as_of"])),
            known_at=parse_instant(_text(data["known_at"])),
            versions=tuple(_texts(data["versions"])),
            period=_text(data["period"]),
        )
        return Publication(
            case=event.case,
            sequence=_number(data["sequence"]),
            days=(parse_date(_text(data["first_day"])), parse_date(_text(data["last_day"]))),
            drawn=drawn,
            position=_number(data["position"]),
            earlier=frozenset(tuple(text.split(",")) for text in _texts(data["earlier"])),
            withdrawn=frozenset(map(_key, _texts(data["withdrawn"]))),
        )
    except (KeyError, TypeError, ValueError, ClockError):
        return None


def publications_of(events: Sequence[Event], *, is_in_order: bool) -> Sequence[Publication]:
    """The publications of a journal, in the order in which they were made.

    Of a journal in the order in which it was kept it is seen what stood before each of them; one
    that was loaded from elsewhere stands at another place than it says.
    """
    said = [(event, one) for event in events if (one := publication_of(event)) is not None]
    found = {one.key: one for _, one in said}
    if is_in_order and found:
        recorded = {one.key: event.recorded_at for event, one in said}
        for end, key in _in_place(events, found, recorded):
            found[key] = evolve(found[key], drawn=evolve(found[key].drawn, end=end))
    return sorted(found.values(), key=lambda one: (one.position, one.drawn.known_at, one.key))


def _in_place(
    events: Iterable[Event],
    found: Mapping[Key, Publication],
    recorded: Mapping[Key, int | None],
) -> Iterator[tuple[int, Key]]:
    """The publications whose acts stand where they say, behind nothing that came later.

    In a journal that was sorted anew as many events may stand before one by chance. If none of
    them is of a later time, they are the same.
    """
    latest = FIRST_INSTANT
    for place, event in enumerate(events):
        key = event.case, event.sequence
        if key in found and found[key].position == place:
            at = recorded[key]
            if at is None or latest <= at + _MOST_BEHIND:
                yield place, key
        if event.recorded_at is not None:
            latest = max(latest, event.recorded_at)


def withdrawn_of(
    events: Iterable[Event], publications: Iterable[Publication], *, known_at: int | None = None
) -> frozenset[Key]:
    """The publications whose acts are void, by what was known at a time; None knows all."""
    own: dict[str, list[Event]] = {one.case: [] for one in publications}
    for event in events:
        if event.case in own and _is_known(event, known_at):
            own[event.case].append(event)
    void = {case: voided_by(found) for case, found in own.items()}
    return frozenset(one.key for one in publications if one.sequence in void[one.case])


def _is_known(event: Event, known_at: int | None) -> bool:
    at = event.at if event.recorded_at is None else event.recorded_at
    return known_at is None or at is None or at <= known_at


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: object) -> list[str]:
    if not isinstance(value, list | tuple):
        raise TypeError
    return [_text(one) for one in value]


def _number(value: object) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _key(text: str) -> Key:
    case, _, sequence = text.rpartition("#")
    return case, int(sequence)
