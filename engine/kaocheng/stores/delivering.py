"""Bringing the messages of an outbox to channels, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import frozen

from kaocheng.calendars.numberline import SECOND
from kaocheng.delivery import Channel, Message, read_message
from kaocheng.errors import DeliveryError
from kaocheng.stores.codec import sayable
from kaocheng.stores.outbox import ATTEMPTS, LEASE, Claim, Outbox
from kaocheng.stores.sql import SqlStore

BUDGET = 5 * SECOND
"""After this long a batch begins no more messages, so that a slow receiver holds up little."""


@frozen(kw_only=True)
class Delivered:
    """What a batch did with how many messages; `stale` are those that others had claimed."""

    delivered: int = 0
    failed: int = 0
    given_up: int = 0
    stale: int = 0

    @property
    def done(self) -> int:
        """How many messages were tried."""
        return self.delivered + self.failed + self.given_up + self.stale


def deliver(
    store: SqlStore,
    channels: Sequence[Channel],
    *,
    clock: Callable[[], int],
    limit: int = 100,
    lease: int = LEASE,
) -> Delivered:
    """Deliver messages that are ready to every channel that wants them, at most `limit`.

    A message that fails waits longer each time and holds up only later messages about the
    same case. Call it as often as you like, from as many processes as you like. Without
    channels nothing is done: messages wait until there is one.
    """
    if not channels:
        return Delivered()
    outbox = Outbox(store)
    began = clock()
    claims = outbox.claim(began, limit=limit, lease=lease)
    counts = {"delivered": 0, "failed": 0, "given_up": 0, "stale": 0}
    held_up: set[str] = set()
    left: list[Claim] = []
    for place, claim in enumerate(claims):
        now = clock()
        if now >= min(began + BUDGET, claim.until):
            left += claims[place:]
            break
        if claim.subject in held_up:
            left.append(claim)
            continue
        end = _bring(outbox, claim, channels, clock)
        counts[end] += 1
        if end in ("failed", "stale"):
            held_up.add(claim.subject)
    outbox.release(left, clock())
    return Delivered(**counts)


def _bring(
    outbox: Outbox, claim: Claim, channels: Sequence[Channel], clock: Callable[[], int]
) -> str:
    """Send one message to the channels that do not have it yet; gives how that ended."""
    told = dict(claim.told)
    waiting: list[DeliveryError] = []
    try:
        message = read_message(claim.text)
    except DeliveryError as error:
        return "given_up" if outbox.give_up(claim, error.reason, told=told) else "stale"
    for channel in channels:
        if channel.name in told:
            continue
        failure = _send(channel, message)
        if failure is None:
            told[channel.name] = None
        elif failure.final:
            told[channel.name] = failure.reason
        else:
            waiting.append(failure)
    return _settle(outbox, claim, told, waiting, clock())


def _settle(
    outbox: Outbox,
    claim: Claim,
    told: dict[str, str | None],
    waiting: Sequence[DeliveryError],
    now: int,
) -> str:
    refused = [why for why in told.values() if why is not None]
    if waiting:
        why = "; ".join(error.reason for error in waiting)
        after = max(error.after for error in waiting) * SECOND
        ours = outbox.failed(claim, now, why, after=after, told=told)
        end = "given_up" if claim.attempts + 1 >= ATTEMPTS else "failed"
    elif refused:
        ours = outbox.give_up(claim, "; ".join(refused), told=told)
        end = "given_up"
    else:
        ours = outbox.delivered(claim, now)
        end = "delivered"
    return end if ours else "stale"


def _send(channel: Channel, message: Message) -> DeliveryError | None:
    """How sending failed, if it did; the reason begins with the channel's name."""
    try:
        if channel.wants(message):
            channel.send(message)
    except DeliveryError as error:
        reason = sayable(f"{channel.name}: {error.reason}")
        return DeliveryError(reason, final=error.final, after=error.after)
    except Exception as error:  # noqa: BLE001 - a stranger's channel may raise anything
        said = " ".join(f"{type(error).__name__}: {error}".split())
        return DeliveryError(sayable(f"{channel.name}: {said}"))
    return None
