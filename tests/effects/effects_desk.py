"""The desk of these tests: its ruleset, a clock to turn, and channels that fail as told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kaocheng.calendars.numberline import SECOND, parse_instant
from kaocheng.delivery import Message
from kaocheng.errors import DeliveryError
from kaocheng.stores import SqlStore
from kaocheng.stores.backing_off import backoff
from kaocheng.stores.delivering import Delivered, deliver
from kaocheng.stores.outbox import Claim, Outbox
from kaocheng.stores.queueing import Failure

NINE = parse_instant("2024-03-02T09:00:00+08:00")

DESK = """\
kaocheng: 1
ruleset: desk
version: "2024"
title: {zh: 信息报送, en: Reports}
effective: {from: open}
time_zone: Asia/Shanghai

kinds:
  unit:
    fields:
      name: string
  report:
    fields:
      headline: {type: string, event: submit}
      unit: {type: unit, event: submit}
      length: {type: int, event: submit}
      share: {type: decimal(2), event: submit}
      urgent: {type: bool, event: submit}
      sequence: {type: int, event: note}
      of: {type: report, event: note}
      also: {list: report, event: note}
      submitted_at: {at: submit}
      verified_at: {at: verify}
    lifecycle:
      initial: draft
      states:
        draft: {zh: 草稿, en: draft}
        submitted: {zh: 已报送, en: submitted}
        verified: {zh: 已核实, en: verified}
      final: [verified]
      submit: {from: draft, to: submitted}
      verify: {from: submitted, to: verified}
      note: {from: any, repeats: true}

deadlines:
  - id: verification
    title: {zh: 按时核实, en: verification in time}
    clause: article 12
    for: report as r
    starts: r.submitted_at
    within: 2 hours
    met_at: r.verified_at
    raise: {finding: late}
    assumed: a test
"""


class Clock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.now = NINE

    def __call__(self) -> int:
        """The present."""
        return self.now

    def turn(self, seconds: float) -> int:
        """Let time pass."""
        self.now += int(seconds * SECOND)
        return self.now


def fail(
    outbox: Outbox, claim: Claim, now: int, *, told: Mapping[str, str | None] | None = None
) -> bool:
    """Say that a message has failed once more on the channel `hook`, and where it has been."""
    attempts = claim.attempts + 1
    failure = Failure(attempts=attempts, why="hook: down", again=now + backoff(claim.attempts))
    return outbox.put_off(claim, now, told=told or claim.told, failures={"hook": failure})


class Kept:
    """A channel that keeps where the messages stand that it gets, and fails while it is told to."""

    def __init__(self, name: str, failure: BaseException | None = None) -> None:
        self.name = name
        self.failure = failure
        self.tried = 0
        self.got: list[int] = []
        self.before: Callable[[], object] = lambda: None

    def wants(self, _: Message) -> bool:
        """Everything."""
        return True

    def send(self, message: Message) -> None:
        """Keep it, or fail."""
        self.tried += 1
        self.before()
        if self.failure is not None:
            raise self.failure
        self.got.append(int(message.id.partition(".")[0]))


DOWN = DeliveryError("down")


def drain(store: SqlStore, channels: Sequence[Kept], clock: Clock) -> list[Delivered]:
    """Deliver until nothing more can be done now."""
    batches = []
    while (done := deliver(store, channels, clock=clock)).done:
        batches.append(done)
        assert len(batches) < 100, "a worker goes on and on"
    return batches
