"""Bringing the messages of an outbox to channels, a batch at a time."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from attrs import field, frozen

from kaocheng.arguments import check_clock
from kaocheng.calendars.numberline import SECOND
from kaocheng.delivery import Channel, Message, check_channels, read_message
from kaocheng.engine.checking import check_limit
from kaocheng.errors import DeliveryError
from kaocheng.stores.backing_off import LONGEST, backoff
from kaocheng.stores.codec import sayable
from kaocheng.stores.outbox import ATTEMPTS, LEASE, Claim, Outbox
from kaocheng.stores.queueing import GONE, Failure, has_failed
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
    once in a batch: what else is for it waits a second with the same reason, which is no attempt.

    Raises:
        ArgumentError: something is no channel, two have one name, or another is something else.
    """
    outbox = Outbox(store)
    check_channels(channels)
    check_clock(clock)
    check_limit(limit)
    if not channels:
        return Delivered()
    now = clock()
    names = frozenset(channel.name for channel in channels)
    claims = outbox.claim(now, channels=names, limit=limit, lease=lease)
    if not claims:
        return Delivered()
    began = clock()
    counts: Counter[str] = Counter()
    # By case, the channels that an earlier message waits for, and those that are gone.
    closed: dict[str, frozenset[str]] = {}
    gone: dict[str, frozenset[str]] = {}
    sender = _Sender(clock)
    left = list(claims)
    try:
        for place, claim in enumerate(claims):
            now = clock()
            if now >= claim.until or (place and now >= began + BUDGET + sender.lost):
                break
            case = claim.subject
            behind, owed = closed.get(case, frozenset()), gone.get(case, frozenset())
            left.remove(claim)  # whoever stops this batch does not know whether it has gone
            end, sent = _bring(outbox, claim, channels, _Case(closed=behind, owed=owed), sender)
            closed[case], gone[case] = behind | sent.waits, owed | sent.gone
            if end == "left":
                left.append(claim)
            elif end != "waits":
                counts[end] += 1
    except BaseException:
        with suppress(Exception):  # else their leases end
            outbox.release(left, clock())
        raise
    outbox.release(left, clock())
    outbox.wake(claims, clock())
    return Delivered(**counts)


class _Sender:
    """Sends the messages of a batch; `lost` is how long it has waited for nothing."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self.clock = clock
        self.lost = 0
        self._silent: dict[str, DeliveryError] = {}

    def send(self, channel: Channel, message: Message) -> tuple[DeliveryError | None, bool]:
        """How sending failed, if it did, and whether the channel was asked at all."""
        began = self.clock()
        failure, is_asked = self._tried(channel, message)
        took = self.clock() - began
        if failure is not None and not failure.final and is_asked and took >= PATIENCE:
            self._silent[channel.name] = failure
            self.lost += took
        return failure, is_asked

    def is_unwanted(self, channel: Channel, message: Message) -> bool:
        """Whether a message is not for a channel, so that it need not wait for it."""
        try:
            return not channel.wants(message)
        except Exception:  # noqa: BLE001 - it is asked again when its turn comes
            return False
        except asyncio.CancelledError:
            if _is_cancelled():
                raise
            return False

    def _tried(self, channel: Channel, message: Message) -> tuple[DeliveryError | None, bool]:
        try:
            if not channel.wants(message):
                return None, False
            if channel.name in self._silent:
                return self._silent[channel.name], False
            channel.send(message)
        except Exception as error:  # noqa: BLE001 - a stranger's channel may raise anything
            return _failure(channel.name, error), True
        except asyncio.CancelledError as error:
            if _is_cancelled():
                raise
            return _failure(channel.name, error), True
        return None, True


def _is_cancelled() -> bool:
    """Whether the task that delivers is cancelled, and not something inside a channel."""
    try:
        task = asyncio.current_task()
    except RuntimeError:  # there is no loop
        return False
    return task is not None and task.cancelling() > 0


def _failure(name: str, error: BaseException) -> DeliveryError:
    """What went wrong on a channel, whatever it has raised; the reason begins with its name."""
    final, after = False, 0
    try:
        if isinstance(error, DeliveryError):
            said, final, after = error.reason, error.final is True, _seconds(error.after)
        else:
            said = " ".join(f"{type(error).__name__}: {error}".split())
        text = f"{name}: {said}"
    except Exception:  # noqa: BLE001 - nor need it be able to say what
        text = f"{name}: {type(error).__name__}"
    return DeliveryError(sayable(text), final=final, after=after)


def _seconds(after: object) -> int:
    """The least wait that a receiver asks for; nothing where that is no number."""
    if not isinstance(after, int | float) or math.isnan(after):
        return 0
    return math.ceil(min(max(after, 0), LONGEST // SECOND))


@frozen(kw_only=True)
class _Case:
    """What earlier messages of a case have met: channels where they wait, and that are owed."""

    closed: frozenset[str]
    owed: frozenset[str]


@frozen(kw_only=True)
class _Sent:
    """How sending a message went.

    `told` are the channels that are done with it, and `failures` are those of others. It `waits`
    for these and for the channels where an earlier message does. `attempts` is how often it has
    failed on the channel that failed most. It is given up for channels that are `gone`.
    """

    told: Mapping[str, str | None] = field(factory=dict)
    failures: Mapping[str, Failure] = field(factory=dict)
    waits: frozenset[str] = frozenset()
    attempts: int = 0
    gone: frozenset[str] = frozenset()

    @property
    def refused(self) -> list[str]:
        """Why it is given up on channels."""
        return [why for why in self.told.values() if why is not None]


def _bring(
    outbox: Outbox,
    claim: Claim,
    channels: Sequence[Channel],
    case: _Case,
    sender: _Sender,
) -> tuple[str, _Sent]:
    """Send one message; gives how that ended, and for which channels later ones wait."""
    every = _Sent(waits=frozenset(channel.name for channel in channels))
    try:
        message = read_message(claim.text)
    except DeliveryError as error:
        ours = outbox.give_up(claim, error.reason, told=claim.told)
        return ("given_up", _Sent()) if ours else ("stale", every)
    sent = _sent(claim, message, channels, case, sender)
    end = _end(claim, sent)
    if end == "left" or _keep(outbox, claim, sent, sender.clock()):
        return end, sent
    return "stale", every


def _sent(
    claim: Claim,
    message: Message,
    channels: Sequence[Channel],
    case: _Case,
    sender: _Sender,
) -> _Sent:
    """Send a message to the channels that do not have it yet and are not closed to it.

    One that it is owed to and that is not there fails, as if it were down. Where it waits behind
    an earlier one is kept, so that it is owed to that channel whether it is there later or not.
    """
    there = {channel.name: channel for channel in channels}
    closed = case.closed | claim.owed
    owed = claim.failures.keys() | closed | case.owed
    told, failures, attempts = dict(claim.told), dict(claim.failures), claim.attempts
    for name in (*there, *sorted(owed - there.keys())):
        before = failures.get(name, Failure(attempts=0, why="", again=sender.clock()))
        if name in told or before.again > sender.clock():
            continue
        if name in closed or (name in there and not claim.may_go_to(name)):
            if name in there and sender.is_unwanted(there[name], message):
                told[name] = None
            else:
                failures[name] = before
            continue
        is_gone = name in case.owed or before.why == GONE
        failure, is_asked = (
            sender.send(there[name], message)
            if name in there
            else (_absent(name, final=is_gone), True)
        )
        failures.pop(name, None)
        tried = before.attempts + (failure is not None and is_asked)
        attempts = max(attempts, tried)
        if failure is None:
            told[name] = None
        elif failure.final or tried >= ATTEMPTS:
            told[name] = failure.reason
        else:
            failures[name] = _failed(failure, tried, sender.clock())
    waits = (there.keys() | owed) - told.keys()
    gone = {name for name, why in told.items() if why is not None} - claim.told.keys()
    return _Sent(
        told=told,
        failures=failures,
        waits=frozenset(waits),
        attempts=attempts,
        gone=frozenset(gone - there.keys()),
    )


def _absent(name: str, *, final: bool) -> DeliveryError:
    """It is given up at once where an earlier message of the case has been for that reason."""
    return DeliveryError(sayable(f"{name}: {GONE}"), final=final)


def _failed(failure: DeliveryError, attempts: int, now: int) -> Failure:
    """What is kept of a failure: it is tried again after a second, then two, up to an hour."""
    wait = max(backoff(max(attempts - 1, 0)), failure.after * SECOND)
    return Failure(attempts=attempts, why=failure.reason, again=now + wait)


def _end(claim: Claim, sent: _Sent) -> str:
    if not sent.waits:
        return "given_up" if sent.refused else "delivered"
    if has_failed(sent.failures, claim.failures):
        return "failed"
    if sent.told != claim.told:
        return "reached"
    return "left" if sent.failures == claim.failures else "waits"


def _keep(outbox: Outbox, claim: Claim, sent: _Sent, now: int) -> bool:
    """Say how it ended; False where somebody else has claimed the message meanwhile."""
    if sent.waits:
        return outbox.put_off(
            claim,
            now,
            told=sent.told,
            failures=sent.failures,
            attempts=sent.attempts,
            gone=sent.gone,
        )
    if sent.refused:
        why = "; ".join(sent.refused)
        return outbox.give_up(claim, why, told=sent.told, attempts=sent.attempts, gone=sent.gone)
    return outbox.delivered(claim, now)
