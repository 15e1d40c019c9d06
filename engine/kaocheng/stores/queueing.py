"""Which messages of a case may go where: each channel gets them in order, apart from the others.

A message may go to a channel when all earlier ones of its case that are not done have been
there, or were given up there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from attrs import asdict, field, frozen
from attrs.validators import instance_of

GONE = "there is no such channel here"
"""Why a message fails on a channel that it is owed to and that is not there."""


@frozen(kw_only=True)
class Failure:
    """How often a message has failed on a channel, why the last time, and when it is tried again.

    Without a reason it only waits there: behind an earlier one, or because it is offered again.
    """

    attempts: int = field(validator=instance_of(int))
    why: str = field(validator=instance_of(str))
    again: int = field(validator=instance_of(int))


@frozen(kw_only=True)
class Pending:
    """A message that is not done; `told` are the channels that are, nothing where none is.

    Until `ready` it is put off, or somebody has claimed it. `failures` are those of the channels
    that it still waits for.
    """

    position: int
    number: int
    subject: str
    ready: int
    told: Mapping[str, str | None] | None = None
    failures: Mapping[str, Failure] = field(factory=dict)

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands among all messages."""
        return self.position, self.number


@frozen(kw_only=True)
class Taken:
    """A message that may be claimed, for `channels`, or for all where that is nothing.

    `owed` are the channels for which earlier ones of its case have failed.
    """

    message: Pending
    channels: frozenset[str] | None
    owed: frozenset[str]


@frozen(kw_only=True)
class Held:
    """A message that is ready and can go nowhere before `until`, or before `behind` is done."""

    message: Pending
    behind: Pending
    until: int


@frozen(kw_only=True)
class Walk:
    """What can be done about the messages of one case."""

    taken: list[Taken] = field(factory=list)
    held: list[Held] = field(factory=list)


def walk(
    chain: Iterable[Pending], *, now: int, channels: frozenset[str] | None, limit: int
) -> Walk:
    """Go through the messages of a case in order, as far as there is a channel for any.

    Args:
        chain: all that are not done.
        now: the present.
        channels: those that there are; without them, all that an earlier message knows of.
        limit: the most messages that are taken.
    """
    found = Walk()
    free, next_one = channels, None
    owed = frozenset[str]()
    for message in chain:
        if len(found.taken) == limit:
            break
        told = frozenset(message.told or ())
        if message.ready > now:
            if message.told is None:
                break
            free = told if free is None else free & told
            owed |= message.failures.keys() - told
            if next_one is None or message.ready < next_one.ready:
                next_one = message
        elif next_one is None or free is None:
            found.taken.append(Taken(message=message, channels=None, owed=owed))
        else:
            rests = _rests(message, free - told, now)
            if free - told - rests.keys():
                found.taken.append(Taken(message=message, channels=free, owed=owed))
            else:
                until = min([next_one.ready, *rests.values()])
                found.held.append(Held(message=message, behind=next_one, until=until))
                free &= told
                owed |= message.failures.keys() - told
    return found


def _rests(message: Pending, channels: frozenset[str], now: int) -> dict[str, int]:
    """Those of the channels on which a message has failed and is not tried yet, and until when."""
    known = message.failures.items()
    return {name: one.again for name, one in known if name in channels and one.again > now}


def chosen(walks: Iterable[Walk], *, limit: int) -> list[Taken]:
    """What is claimed of all that may be: the first message of each case before all others.

    Cases of which the first message has failed come last, so that a receiver that does not
    answer for one of them gets the others first.
    """
    found = [one.taken for one in walks if one.taken]
    behind = [one for taken in found for one in taken[1:]]
    first = [taken[0] for taken in found]
    failed = {one.message.subject for one in first if _has_been_tried(one.message)}
    claimed = [*first, *sorted(behind, key=_place)][:limit]
    return sorted(claimed, key=lambda one: (one.message.subject in failed, _place(one)))


def _has_been_tried(message: Pending) -> bool:
    return any(one.attempts for one in message.failures.values())


def _place(one: Taken) -> tuple[int, int]:
    return one.message.place


def told_of(text: str | None) -> dict[str, str | None]:
    """The channels that are done; none where somebody has spoilt the row: a copy too many."""
    return {name: why for name, why in _object(text).items() if why is None or type(why) is str}


def told_text(told: Mapping[str, str | None] | None) -> str | None:
    """The channels that are done, as they are kept."""
    return json.dumps(dict(told), ensure_ascii=False) if told else None


def still_told(text: str | None) -> str | None:
    """Of the channels that are done with a message, those that it has reached."""
    return told_text({name: None for name, why in told_of(text).items() if why is None})


def failures_of(text: str | None) -> dict[str, Failure]:
    """The channels that have failed; none where somebody has spoilt the row."""
    found = _object(text).items()
    try:
        return {name: Failure(**one) for name, one in found if isinstance(one, dict)}
    except TypeError:
        return {}


def failures_text(failures: Mapping[str, Failure]) -> str | None:
    """The channels that have failed, as they are kept."""
    values = {name: asdict(one) for name, one in failures.items()}
    return json.dumps(values, ensure_ascii=False) if values else None


def has_failed(failures: Mapping[str, Failure], before: Mapping[str, Failure]) -> bool:
    """Whether something has failed since then."""
    return any(one.why and one != before.get(name) for name, one in failures.items())


def is_tried(failures: Mapping[str, Failure], before: Mapping[str, Failure]) -> bool:
    """Whether a channel has been asked since then, and has failed."""
    return any(
        one.attempts > (before[name].attempts if name in before else 0)
        for name, one in failures.items()
    )


def owed_text(text: str | None) -> str | None:
    """Of the channels that are done with a message, those that gave it up, as if they waited."""
    gave_up = (name for name, why in told_of(text).items() if why is not None)
    return failures_text(dict.fromkeys(gave_up, Failure(attempts=0, why="", again=0)))


def _object(text: str | None) -> dict[str, object]:
    try:
        found = {} if text is None else json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
