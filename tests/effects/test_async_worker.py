"""A worker in an event loop: the same worker, which holds up nobody and can be cancelled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from effects_desk import NINE, Clock

from kaocheng import Host, InputError
from kaocheng.calendars.numberline import HOUR
from kaocheng.delivery import Message
from kaocheng.engine import Engine
from kaocheng.errors import ArgumentError, StoreError
from kaocheng.evaluate.python import Program
from kaocheng.language.ruleset import Ruleset
from kaocheng.stores import AsyncEngine, AsyncSqlStore, Outbox, SqlStore, Worker, work
from kaocheng.stores.outbox import LEASE, Queue
from kaocheng.stores.working import Batch


class Kept:
    """A channel that keeps what it gets, and waits before it takes something if it is told to."""

    name = "kept"

    def __init__(self) -> None:
        self.got: list[str] = []
        self.asked = threading.Event()
        self.may = threading.Event()
        self.may.set()

    def wants(self, message: Message) -> bool:  # noqa: ARG002 - as every channel has it
        """Everything."""
        return True

    def send(self, message: Message) -> None:
        """Keep it."""
        self.asked.set()
        self.may.wait(30)
        self.got.append(f"{message.subject} {message.data['event']}")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database of the test's own, or of a server that tests share."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/loop.db"
    found: str = request.getfixturevalue("postgres")
    return found


@pytest.fixture
def opened(
    url: str, desk: Ruleset, program: Program, clock: Clock, request: pytest.FixtureRequest
) -> Callable[[], Any]:
    """Opens an engine on a store of its own; all of a test's have the same tenant."""
    tenant = request.node.name[:60]

    @asynccontextmanager
    async def open_engine() -> AsyncIterator[AsyncEngine]:
        store = await AsyncSqlStore.open(url, tenant=tenant)
        try:
            yield AsyncEngine(desk, store=store, program=program, clock=clock)
        finally:
            await store.close()

    return open_engine


async def submit(engine: AsyncEngine, *names: str) -> None:
    """Submits reports at nine."""
    for name in names:
        outcome = await engine.act(f"report/{name}", "submit", at=NINE, data={"headline": name})
        assert outcome.accepted


async def queue(engine: AsyncEngine, url: str) -> Queue:
    """How far the messages of an engine's tenant have come, seen from a thread."""

    def look() -> Queue:
        store = SqlStore.open(url, tenant=engine.store.sync.tenant)
        try:
            return Outbox(store).queue()
        finally:
            store.close()

    return await asyncio.to_thread(look)


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that another thread does."""
    while not is_so():  # noqa: ASYNC110 - a thread knows nothing of the loop
        await asyncio.sleep(0.001)


def test_a_worker_does_what_is_due_and_delivers(opened: Callable[[], Any], clock: Clock) -> None:
    """With `once` it ends when nothing is left: timers are fired and all messages delivered."""
    kept = Kept()
    batches: list[Batch] = []

    async def play() -> None:
        async with opened() as engine:
            await submit(engine, *"123")
            clock.turn(3 * 3600)
            stop = asyncio.Event()
            given = {"stop": stop, "clock": clock, "on_batch": batches.append}
            await work([engine], [kept], batch=2, once=True, **given)
            events = await engine.history("report/1")
            assert ["submit", "kaocheng.timer"] == [event.event for event in events]
            assert [NINE + 2 * HOUR + 1, clock.now] == [events[1].at, events[1].recorded_at]

    asyncio.run(play())

    assert 3 == sum(batch.fired for batch in batches)
    assert 6 == sum(batch.messages.delivered for batch in batches)
    assert 2 >= max(batch.fired for batch in batches)
    assert ["report/1 submit", "report/1 kaocheng.timer"] == [m for m in kept.got if "/1" in m]


def test_the_loop_goes_on_meanwhile(opened: Callable[[], Any], clock: Clock, url: str) -> None:
    """While a channel takes its time, and while there is nothing to do, others act."""
    kept = Kept()
    kept.may.clear()

    async def play() -> None:
        async with opened() as engine:
            await submit(engine, "1")
            stop = asyncio.Event()
            working = asyncio.create_task(
                work([engine], [kept], stop=stop, clock=clock, interval=0.001)
            )
            await until(kept.asked.is_set)
            await submit(engine, "2")
            kept.may.set()
            await until(lambda: len(kept.got) == 2)
            await submit(engine, "3")
            await until(lambda: len(kept.got) == 3)
            stop.set()
            await working
            assert Queue(waiting=0, failed=0, delivered=3, given_up=0) == await queue(engine, url)

    asyncio.run(play())


def test_a_worker_finishes_its_batch(opened: Callable[[], Any], clock: Clock, url: str) -> None:
    """Told to stop in the middle of a batch it ends that one, and begins no other."""
    kept = Kept()
    batches: list[Batch] = []

    async def play() -> None:
        async with opened() as engine:
            await submit(engine, *"12345")
            stop = asyncio.Event()

            def stopping(batch: Batch) -> None:
                batches.append(batch)
                stop.set()

            await work([engine], [kept], stop=stop, clock=clock, batch=3, on_batch=stopping)
            assert 2 == (await queue(engine, url)).waiting

    asyncio.run(play())

    assert [3] == [batch.messages.delivered for batch in batches]


def test_a_worker_that_waits_stops_at_once(opened: Callable[[], Any], clock: Clock) -> None:
    """Whoever stops or cancels it while there is nothing to do does not wait for its next look."""

    async def play() -> None:
        async with opened() as engine:
            for ends in ("stop", "cancel"):
                stop = asyncio.Event()
                given = {"stop": stop, "clock": clock}
                working = asyncio.create_task(work([engine], interval=3600, **given))
                await asyncio.sleep(0.05)
                stop.set() if ends == "stop" else working.cancel()
                await asyncio.wait([working], timeout=30)
                assert working.done()
                assert working.cancelled() is (ends == "cancel")
                assert stop.is_set() is (ends == "stop")

    asyncio.run(play())


def test_a_channel_in_which_something_is_cancelled(
    opened: Callable[[], Any], clock: Clock, url: str
) -> None:
    """Its failure is its own: neither the worker nor the other channels are cancelled."""
    kept = Kept()

    class Cancelled(Kept):
        name = "cancelled"

        def send(self, message: Message) -> None:  # noqa: ARG002 - as every channel has it
            raise asyncio.CancelledError

    async def play() -> Queue:
        async with opened() as engine:
            await submit(engine, *"12")
            channels = [Cancelled(), kept]
            await work([engine], channels, stop=asyncio.Event(), clock=clock, once=True)
            return await queue(engine, url)

    found = asyncio.run(play())

    assert ["report/1 submit", "report/2 submit"] == kept.got
    assert (2, 2) == (found.waiting, found.failed)


def test_who_cancels_it_waits_for_the_batch(
    opened: Callable[[], Any], clock: Clock, url: str
) -> None:
    """What has been sent is noted as delivered before the task ends; nothing stays claimed."""
    kept = Kept()
    kept.may.clear()

    async def play() -> None:
        async with opened() as engine:
            await submit(engine, *"12")
            working = asyncio.create_task(
                work([engine], [kept], stop=asyncio.Event(), clock=clock, batch=1)
            )
            await until(kept.asked.is_set)
            working.cancel()
            await asyncio.sleep(0.01)
            assert not working.done()
            kept.may.set()
            with pytest.raises(asyncio.CancelledError):
                await working
            assert 1 == (await queue(engine, url)).waiting
            await work([engine], [kept], stop=asyncio.Event(), clock=clock, once=True)

    asyncio.run(play())

    assert ["report/1 submit", "report/2 submit"] == kept.got


def test_who_cancels_it_again_does_not_wait(
    opened: Callable[[], Any], clock: Clock, url: str
) -> None:
    """The batch is given up where it is: a message that nobody has noted is sent again later."""
    kept = Kept()
    kept.may.clear()

    async def play() -> None:
        async with opened() as engine:
            await submit(engine, "1")
            working = asyncio.create_task(work([engine], [kept], stop=asyncio.Event(), clock=clock))
            await until(kept.asked.is_set)
            for _ in range(2):
                working.cancel()
                await asyncio.sleep(0.01)
            assert working.cancelled()
            kept.may.set()
            await until(lambda: len(kept.got) == 1)
            assert 1 == (await queue(engine, url)).waiting
            clock.turn(LEASE // 1_000_000)
            await work([engine], [kept], stop=asyncio.Event(), clock=clock, once=True)
            assert 0 == (await queue(engine, url)).waiting

    asyncio.run(play())

    assert ["report/1 submit"] * 2 == kept.got


def test_a_database_that_does_not_answer_is_waited_for(
    opened: Callable[[], Any],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    logged: list[dict[str, Any]],
) -> None:
    """A worker outlives a restart of its database, says so, and goes on where it was."""
    kept = Kept()
    batch, left = Worker.batch, ["down", "down", ""]

    def sometimes(worker: Worker) -> Batch:
        if left.pop(0):
            raise StoreError("the database is down", retry=True)
        return batch(worker)

    monkeypatch.setattr(Worker, "batch", sometimes)

    async def play() -> None:
        async with opened() as engine:
            await submit(engine, "1")
            stop = asyncio.Event()
            given = {"stop": stop, "clock": clock, "interval": 0.001}
            await work([engine], [kept], on_batch=lambda _: stop.set(), **given)
            left[:] = ["down"]
            with pytest.raises(StoreError, match="the database is down"):
                await work([engine], stop=asyncio.Event(), clock=clock, once=True)

    asyncio.run(play())

    assert ["report/1 submit"] == kept.got
    names = [note["event"] for note in logged if note["event"].startswith("worker.")]
    assert [
        "worker.started", *["worker.waiting"] * 2, "worker.batch", "worker.stopped",
        "worker.started",
    ] == names  # fmt: skip


def test_many_workers_share_one_loop_and_one_database(
    opened: Callable[[], Any], clock: Clock, url: str
) -> None:
    """Every timer is fired once and every message delivered once, whoever gets to it first."""
    kept = Kept()
    batches: list[Batch] = []

    async def play() -> None:
        async with opened() as one, opened() as two, opened() as three:
            await submit(one, *map(str, range(30)))
            clock.turn(3 * 3600)

            def worker(engine: AsyncEngine) -> Awaitable[None]:
                given = {"stop": asyncio.Event(), "clock": clock, "on_batch": batches.append}
                return work([engine], [kept], batch=4, once=True, **given)

            await asyncio.gather(*map(worker, (one, two, three, one)))
            await worker(one)  # what one had claimed while the others found nothing left
            assert 0 == (await queue(one, url)).waiting

    asyncio.run(play())

    assert 30 == sum(batch.fired for batch in batches)
    assert 60 == len(kept.got) == len(set(kept.got))


def test_engines_that_cannot_work_together(
    opened: Callable[[], Any], clock: Clock, host: Host
) -> None:
    """They are on one store, none is inside a transaction, and no two know the same kind."""

    async def play() -> None:
        async with opened() as one, opened() as two:
            given = {"stop": asyncio.Event(), "clock": clock, "once": True}
            with pytest.raises(ArgumentError, match="at least one, all on one store"):
                await work([one, two], **given)
            with pytest.raises(ArgumentError, match="at least one, all on one store"):
                await work([], **given)
            async with one.store.database.connect() as connection:
                with pytest.raises(ArgumentError, match="none bound to a transaction"):
                    await work([one.bind(connection)], **given)
            with pytest.raises(InputError, match="the kind `report` too"):
                await work([one, one], **given)
            other = AsyncEngine(host.load("washington-breach"), store=one.store)
            await work([one, other], **given)

    asyncio.run(play())


def test_a_database_in_memory_has_one_connection(desk: Ruleset, clock: Clock) -> None:
    """A worker and those who act take turns with it."""
    kept = Kept()

    async def play() -> None:
        store = await AsyncSqlStore.open()
        engine = AsyncEngine(desk, store=store, clock=clock)
        stop = asyncio.Event()
        given = {"stop": stop, "clock": clock, "interval": 0.001}
        working = asyncio.create_task(work([engine], [kept], **given))
        await submit(engine, *map(str, range(9)))
        clock.turn(3 * 3600)
        await until(lambda: len(kept.got) == 18)
        stop.set()
        await working
        await store.close()

    asyncio.run(play())


def test_an_engine_beside_another_has_its_rules(desk: Ruleset, program: Program) -> None:
    """It is the same engine, on a store that does not wait with `await`."""

    async def play() -> Engine:
        store = await AsyncSqlStore.open()
        engine = AsyncEngine(desk, store=store, program=program, clock=lambda: NINE)
        await store.close()
        return engine.beside(SqlStore.open())

    engine = asyncio.run(play())
    outcome = engine.act("report/1", "submit", at=NINE)

    assert engine.program is program
    assert outcome.event is not None
    assert NINE == outcome.event.recorded_at
