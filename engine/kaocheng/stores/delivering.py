"""Bringing the messages of an outbox to channels, a batch at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from attrs import frozen

from kaocheng.arguments import check_clock
from kaocheng.calendars.numberline import SECOND
from kaocheng.delivery import Channel, Message, check_channels, read_message
from kaocheng.engine.checking import check_limit
from kaocheng.errors import DeliveryError
from kaocheng.stores.backing_off import LONGEST, backoff
from kaocheng.stores.codec import sayable
from kaocheng.stores.outbox import ATTEMPTS, LEASE, Claim, Outbox
from kaocheng.stores.queueing import Failure, is_more
from kaocheng.stores.sql import SqlStore

BUDGET = 5 * SECOND
"""After this long a batch begins no more messages, so that a slow receiver holds up little."""

PATIENCE = SECOND
"""Who fails after keeping a batch for so long is not asked again in that batch."""


@frozen(kw_only=True)
class Delivered:
    """What a batch did with how many messages.

    `reached` are those that some channels got and that wait behind an earlier one for the
    others; `stale` are those that others had claimed.
    """

    delivered: int = 0
    reached: int = 0
    failed: int = 0
    given_up: int = 0
    stale: int = 0

    @property
    def done(self) -> int:
        """How many messages were tried."""
        return self.delivered + self.reached + self.failed + self.given_up + self.stale


def deliver(
    store: SqlStore,
    channels: Sequence[Channel],
    *,
    clock: Callable[[], int],
    limit: int = 100,
    lease: int = LEASE,
) -> Delivered:
    """Deliver messages that are ready to every channel that wants them, at most `limit`.

    A message that fails on a channel waits longer each time and holds up only later messages
    about the same case, and those only on that channel. Call it as often as you like, from as
    many processes as you like. Without channels nothing is done: messages wait until there is
    one. A channel that fails only after a while, as one does that does not answer, is asked
    once in a batch: what else is for it has failed with the same reason, unasked.

    Raises:
        ArgumentError: something is no channel, two have one name, or another is something else.
    """
    outbox = Outbox(store)
    check_channels(channels)
    check_clock(clock)
    check_limit(limit)
    if not channels:
        return Delivered()
    began = clock()
    names = frozenset(channel.name for channel in channels)
    claims = outbox.claim(began, channels=names, limit=limit, lease=lease)
    if not claims:
        return Delivered()
    counts: Counter[str] = Counter()
    # By case, the channels that an earlier message waits for.
    closed: dict[str, frozenset[str]] = {}
    sender = _Sender(clock)
    left: list[Claim] = []
    for place, claim in enumerate(claims):
        now = clock()
        if now >= min(began + BUDGET + sender.lost, claim.until):
            left += claims[place:]
            break
        behind = closed.get(claim.subject, frozenset())
        end, waits = _bring(outbox, claim, channels, behind, sender)
        closed[claim.subject] = behind | waits
        if end == "left":
            left.append(claim)
        else:
            counts[end] += 1
    outbox.release(left, clock())
    outbox.wake(claims, clock())
    return Delivered(**counts)


class _Sender:
    """Sends the messages of a batch; `lost` is how long it has waited for nothing."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self.clock = clock
        self.lost = 0
        self._silent: dict[str, DeliveryError] = {}

    def send(self, channel: Channel, message: Message) -> DeliveryError | None:
        """How sending failed, if it did; the reason begins with the channel's name."""
        began = self.clock()
        failure = self._tried(channel, message)
        took = self.clock() - began
        if failure is not None and not failure.final and took >= PATIENCE:
            self._silent[channel.name] = failure
            self.lost += took
        return failure

    def _tried(self, channel: Channel, message: Message) -> DeliveryError | None:
        try:
            if not channel.wants(message):
                return None
            if channel.name in self._silent:
                return self._silent[channel.name]
            channel.send(message)
        except DeliveryError as error:
            reason = sayable(f"{channel.name}: {error.reason}")
            return DeliveryError(reason, final=error.final, after=error.after)
        except Exception as error:  # noqa: BLE001 - a stranger's channel may raise anything
            said = " ".join(f"{type(error).__name__}: {error}".split())
            return DeliveryError(sayable(f"{channel.name}: {said}"))
        return None


@frozen(kw_only=True)
class _Sent:
    """How sending a message went.

    `told` are the channels that are done with it, and `failures` are those of others. It `waits`
    for these and for the channels where an earlier message does. `attempts` is how often it has
    failed on the channel that failed most.
    """

    told: Mapping[str, str | None]
    failures: Mapping[str, Failure]
    waits: frozenset[str]
    attempts: int

    @property
    def refused(self) -> list[str]:
        """Why it is given up on channels."""
        return [why for why in self.told.values() if why is not None]


def _bring(
    outbox: Outbox,
    claim: Claim,
    channels: Sequence[Channel],
    closed: frozenset[str],
    sender: _Sender,
) -> tuple[str, frozenset[str]]:
    """Send one message; gives how that ended, and for which channels later ones wait."""
    every = frozenset(channel.name for channel in channels)
    try:
        message = read_message(claim.text)
    except DeliveryError as error:
        ours = outbox.give_up(claim, error.reason, told=claim.told)
        return ("given_up", frozenset()) if ours else ("stale", every)
    sent = _sent(claim, message, channels, closed | claim.owed, sender)
    end = _end(claim, sent)
    if end == "left" or _keep(outbox, claim, sent, sender.clock()):
        return end, sent.waits
    return "stale", every


def _sent(
    claim: Claim,
    message: Message,
    channels: Sequence[Channel],
    closed: frozenset[str],
    sender: _Sender,
) -> _Sent:
    """Send a message to the channels that do not have it yet and are not closed to it.

    One that it is owed to and that is not there fails, as if it were down.
    """
    there = {channel.name: channel for channel in channels}
    owed = claim.failures.keys() | closed
    told, failures, attempts = dict(claim.told), dict(claim.failures), claim.attempts
    for name in (*there, *sorted(owed - there.keys())):
        before = failures.get(name, Failure(attempts=0, why="", again=sender.clock()))
        if name in told or before.again > sender.clock():
            continue
        if name in closed or (name in there and not claim.may_go_to(name)):
            if name not in there:
                failures[name] = before
            continue
        failure = sender.send(there[name], message) if name in there else _absent(name)
        failures.pop(name, None)
        tried = before.attempts + (failure is not None)
        attempts = max(attempts, tried)
        if failure is None:
            told[name] = None
        elif failure.final or tried >= ATTEMPTS:
            told[name] = failure.reason
        else:
            failures[name] = _failed(failure, tried, sender.clock())
    waits = (there.keys() | owed) - told.keys()
    return _Sent(told=told, failures=failures, waits=frozenset(waits), attempts=attempts)


def _absent(name: str) -> DeliveryError:
    return DeliveryError(sayable(f"{name}: there is no such channel here"))


def _failed(failure: DeliveryError, attempts: int, now: int) -> Failure:
    """What is kept of a failure: it is tried again after a second, then two, up to an hour."""
    wait = max(backoff(attempts - 1), min(failure.after * SECOND, LONGEST))
    return Failure(attempts=attempts, why=failure.reason, again=now + wait)


def _end(claim: Claim, sent: _Sent) -> str:
    if not sent.waits:
        return "given_up" if sent.refused else "delivered"
    if is_more(sent.failures, claim.failures):
        return "failed"
    return "left" if (sent.told, sent.failures) == (claim.told, claim.failures) else "reached"


def _keep(outbox: Outbox, claim: Claim, sent: _Sent, now: int) -> bool:
    """Say how it ended; False where somebody else has claimed the message meanwhile."""
    if sent.waits:
        return outbox.put_off(
            claim, now, told=sent.told, failures=sent.failures, attempts=sent.attempts
        )
    if sent.refused:
        why = "; ".join(sent.refused)
        return outbox.give_up(claim, why, told=sent.told, attempts=sent.attempts)
    return outbox.delivered(claim, now)
