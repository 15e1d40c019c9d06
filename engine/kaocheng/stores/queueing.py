"""Which messages of a case may go where: each channel gets them in order, apart from the others.

A message may go to a channel when all earlier ones of its case that are not done have been
there, or were given up there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from attrs import field, frozen


@frozen(kw_only=True)
class Pending:
    """A message that is not done; `told` are the channels that are, nothing where none was tried.

    Until `ready` it is put off, or somebody has claimed it.
    """

    position: int
    number: int
    subject: str
    ready: int
    told: Mapping[str, str | None] | None = None

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands among all messages."""
        return self.position, self.number


@frozen(kw_only=True)
class Walk:
    """What can be done about the messages of one case.

    `taken` may be claimed, each with the channels to which it may go, or nothing for all of
    them; the later ones as far as the earlier ones let them. `held` are ready and can go
    nowhere before the message that stands with each is tried again.
    """

    taken: list[tuple[Pending, frozenset[str] | None]] = field(factory=list)
    held: list[tuple[Pending, Pending]] = field(factory=list)


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
    for message in chain:
        if len(found.taken) == limit:
            break
        told = frozenset(message.told or ())
        if message.ready > now:
            if message.told is None:
                break
            free = told if free is None else free & told
            if next_one is None or message.ready < next_one.ready:
                next_one = message
        elif next_one is None or free is None:
            found.taken.append((message, None))
        elif free - told:
            found.taken.append((message, free))
        else:
            found.held.append((message, next_one))
    return found


def chosen(walks: Iterable[Walk], *, limit: int) -> list[tuple[Pending, frozenset[str] | None]]:
    """What is claimed of all that may be: the first message of each case before all others."""
    found = [one.taken for one in walks if one.taken]
    behind = [one for taken in found for one in taken[1:]]
    first = [taken[0] for taken in found]
    return sorted([*first, *sorted(behind, key=_place)][:limit], key=_place)


def _place(one: tuple[Pending, frozenset[str] | None]) -> tuple[int, int]:
    return one[0].place


def told_of(text: str | None) -> dict[str, str | None]:
    """The channels that are done; none where somebody has spoilt the row: a copy too many."""
    try:
        found = {} if text is None else json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def told_text(told: Mapping[str, str | None] | None) -> str | None:
    """The channels that are done, as they are kept."""
    return json.dumps(dict(told), ensure_ascii=False) if told else None


def still_told(text: str | None) -> str | None:
    """Of the channels that are done with a message, those that it has reached."""
    return told_text({name: None for name, why in told_of(text).items() if why is None})
