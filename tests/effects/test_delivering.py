"""Channels get every message, in order, at least once; what fails holds up nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from effects_desk import NINE, Clock

from kaocheng import Engine
from kaocheng.calendars.numberline import HOUR
from kaocheng.delivery import Message
from kaocheng.errors import ArgumentError, DeliveryError
from kaocheng.stores import SqlStore
from kaocheng.stores.delivering import BUDGET, Delivered, deliver
from kaocheng.stores.outbox import LEASE, Outbox
from kaocheng.stores.schema import OUTBOX
from kaocheng.stores.working import Worker

Submit = Callable[[str], None]


class Listed:
    """A channel that keeps what it gets, and fails as it is told."""

    def __init__(self, name: str = "listed", **fails: Exception) -> None:
        self.name = name
        self.fails = fails
        self.got: list[str] = []
        self.before: Callable[[], object] = lambda: None

    def wants(self, message: Message) -> bool:
        """Everything but what is about units."""
        return not message.subject.startswith("unit/")

    def send(self, message: Message) -> None:
        """Keep the message, or fail where one of that case is to fail."""
        self.before()
        failure = self.fails.get(message.subject.replace("/", "_"))
        if failure is not None:
            raise failure
        self.got.append(f"{message.subject}#{message.id.partition('-')[0]}")


def test_every_channel_gets_every_message(store: SqlStore, submit: Submit, clock: Clock) -> None:
    """Messages come in order, to all who want them, and once where nothing goes wrong."""
    submit("1")
    submit("2")
    one, two = Listed("one"), Listed("two")

    assert Delivered(delivered=2) == deliver(store, [one, two], clock=clock)
    assert Delivered() == deliver(store, [one, two], clock=clock)
    assert ["report/1#1.1", "report/2#2.1"] == one.got == two.got


@pytest.mark.parametrize(
    ("channels", "why"),
    [
        ([Listed("hook"), Listed("hook")],
         "`channels` has two of the name `hook`, and a message is done once one of them has it"),
        ([Listed("")], "`channels` must have names that are text and not empty"),
        ([object()], "`channels` must be channels, with `name`, `wants` and `send`"),
    ],
)  # fmt: skip
def test_channels_that_cannot_be_told_apart(
    store: SqlStore, engine: Engine, channels: list[Any], why: str
) -> None:
    """What one of two had got would count as delivered to both."""
    for use in (
        lambda: deliver(store, channels, clock=lambda: NINE),
        lambda: Worker([engine], channels, clock=lambda: NINE),
    ):
        with pytest.raises(ArgumentError, match=f"^{re.escape(why)}$") as error:
            use()
        assert error.value.zh.startswith("`channels` ")


def test_without_channels_messages_wait(store: SqlStore, submit: Submit, clock: Clock) -> None:
    """A worker that only looks at timers takes no message away from one that delivers."""
    submit("1")

    assert Delivered() == deliver(store, [], clock=clock)
    assert 1 == Outbox(store).queue().waiting


def test_a_failure_holds_up_its_case_only(
    store: SqlStore, engine: Engine, submit: Submit, clock: Clock
) -> None:
    """Later messages about the case wait for the one that failed; other cases go on."""
    submit("1")
    engine.act("report/1", "note", at=NINE)
    submit("2")
    channel = Listed(report_1=DeliveryError("closed"))

    assert Delivered(delivered=1, failed=1) == deliver(store, [channel], clock=clock)
    assert ["report/2#3.1"] == channel.got
    channel.fails.clear()
    assert Delivered() == deliver(store, [channel], clock=clock)
    clock.turn(1)
    assert Delivered(delivered=2) == deliver(store, [channel], clock=clock)
    assert ["report/2#3.1", "report/1#1.1", "report/1#2.1"] == channel.got


def test_who_has_a_message_does_not_get_it_again(
    store: SqlStore, submit: Submit, clock: Clock
) -> None:
    """Where one of two channels fails, only that one is tried again."""
    submit("1")
    good, bad = Listed("good"), Listed("bad", report_1=ValueError("broken\nchannel"))

    assert 1 == deliver(store, [good, bad], clock=clock).failed
    (claim,) = Outbox(store).claim(clock.turn(1))
    assert {"good": None} == claim.told
    Outbox(store).release([claim], clock.now)
    bad.fails.clear()
    assert 1 == deliver(store, [good, bad], clock=clock).delivered
    assert ["report/1#1.1"] == good.got == bad.got


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
@pytest.mark.parametrize("final", [True, False])
def test_reasons_that_no_database_can_keep(
    engine: Engine, clock: Clock, database: str, request: pytest.FixtureRequest, *, final: bool
) -> None:
    """Whatever a receiver says is kept in one line; it ends no worker."""
    url = "sqlite://" if database == "sqlite" else request.getfixturevalue("postgres")
    store = SqlStore.open(url, tenant=f"reasons {final}")
    desk = Engine(engine.ruleset, program=engine.program, store=store)
    desk.act("report/1", "submit", at=NINE)
    said = DeliveryError("a\x00b\ud800c\nd" + "e" * 10_000, final=final)
    done = deliver(store, [Listed(report_1=said)], clock=clock)
    store.put_off("report/1", NINE + 3 * HOUR, "a\x00b\ud800c")
    queue = Outbox(store).queue()
    store.close()

    assert (1, 1 - final) == (done.failed + done.given_up, queue.failed)


def test_a_channel_that_is_gone_gives_up_for_itself(
    store: SqlStore, submit: Submit, clock: Clock
) -> None:
    """A final refusal is not tried again; the other channels get the message all the same."""
    submit("1")
    gone = Listed("gone", report_1=DeliveryError("gone for good", final=True))
    late = Listed("late", report_1=DeliveryError("not now"))

    assert 1 == deliver(store, [gone, late], clock=clock).failed
    late.fails.clear()
    clock.turn(1)
    assert 1 == deliver(store, [gone, late], clock=clock).given_up
    assert ["report/1#1.1"] == late.got
    (given_up,) = Outbox(store).failing()
    assert "gone: gone for good" == given_up.error


def test_who_asks_for_time_gets_it(store: SqlStore, submit: Submit, clock: Clock) -> None:
    """A receiver that says when to come back is not asked before; an hour is the most."""
    submit("1")
    channel = Listed(report_1=DeliveryError("busy", after=30))
    deliver(store, [channel], clock=clock)
    clock.turn(29)

    assert 0 == deliver(store, [channel], clock=clock).done
    clock.turn(1)
    channel.fails["report_1"] = DeliveryError("busy", after=10**9)
    assert 1 == deliver(store, [channel], clock=clock).failed
    clock.turn(3600)
    channel.fails.clear()
    assert 1 == deliver(store, [channel], clock=clock).delivered


def test_a_slow_channel_holds_up_one_batch(store: SqlStore, submit: Submit, clock: Clock) -> None:
    """When a batch has taken its time it gives back what it has not begun."""
    for name in "123":
        submit(name)
    channel = Listed()
    channel.before = lambda: clock.turn(BUDGET / 1_000_000)

    assert Delivered(delivered=1) == deliver(store, [channel], clock=clock)
    channel.before = lambda: None
    assert Delivered(delivered=2) == deliver(store, [channel], clock=clock)
    assert 3 == len(channel.got)


def test_a_worker_slower_than_its_lease(store: SqlStore, submit: Submit, clock: Clock) -> None:
    """Two send it then, and the slow one's word no longer counts."""
    submit("1")
    slow, quick = Listed(), Listed()

    def overtaken() -> None:
        clock.turn(LEASE / 1_000_000)
        assert Delivered(delivered=1) == deliver(store, [quick], clock=clock)

    slow.before = overtaken

    assert Delivered(stale=1) == deliver(store, [slow], clock=clock)
    assert slow.got == quick.got


def test_a_worker_that_is_killed_gives_nothing_away(
    store: SqlStore, submit: Submit, clock: Clock
) -> None:
    """What it had claimed is delivered by others when the lease is over."""
    submit("1")
    Outbox(store).claim(clock.now)
    channel = Listed()
    clock.turn(LEASE / 1_000_000)

    assert Delivered(delivered=1) == deliver(store, [channel], clock=clock)


def test_a_message_that_is_damaged_is_given_up(
    store: SqlStore, submit: Submit, clock: Clock
) -> None:
    """What is no CloudEvent never will be one; others go on."""
    for name, text in (("1", "{"), ("2", "[]"), ("3", '{"specversion": "0.3"}'), ("4", "")):
        submit(name)
        if text:
            with store.engine.begin() as connection:
                wrong = sa.update(OUTBOX).where(OUTBOX.c.subject == f"report/{name}")
                connection.execute(wrong.values(message=text))
    channel = Listed()

    assert Delivered(delivered=1, given_up=3) == deliver(store, [channel], clock=clock)
    assert [
        "the message is not JSON",
        "the message is not an object",
        "the message is no CloudEvent: it has no `id`",
    ] == [given_up.error for given_up in Outbox(store).failing()]


def test_delivery_is_apart_from_the_case(
    store: SqlStore, engine: Engine, submit: Submit, clock: Clock
) -> None:
    """A report whose state changed before it was sent is sent as it was, and then the change."""
    submit("1")
    engine.act("report/1", "verify", at=NINE + HOUR)
    channel = Listed()
    deliver(store, [channel], clock=clock)

    assert ["report/1#1.1", "report/1#2.1"] == channel.got
