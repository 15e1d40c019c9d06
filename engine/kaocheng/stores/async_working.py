"""The worker for applications that wait with `await`.

It is the same `Worker`, carried by SQLAlchemy's bridge between the two worlds: where that
would wait for the database, for the time of the next look or for a channel, the event loop goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from sqlalchemy.util import await_only, greenlet_spawn

from kaocheng.arguments import ENGINES, check_each
from kaocheng.delivery import Channel, Message, check_channels
from kaocheng.errors import ArgumentError
from kaocheng.stores.asynchronous import AsyncEngine, AsyncSqlStore, BoundAsyncEngine
from kaocheng.stores.sql import SqlStore
from kaocheng.stores.working import Batch, Worker


async def work(  # noqa: PLR0913 - the options of `Worker` and of its `run`
    engines: Sequence[AsyncEngine],
    channels: Sequence[Channel] = (),
    *,
    stop: asyncio.Event,
    clock: Callable[[], int],
    batch: int = 100,
    interval: float = 1.0,
    once: bool = False,
    on_batch: Callable[[Batch], None] = lambda _: None,
) -> None:
    """Do what is due and deliver messages until `stop` is set, as `Worker.run` does.

    Channels are those of a `Worker`; each is called in a thread. Where the task is cancelled,
    the batch in progress is finished first; where it is cancelled again meanwhile, that is
    taken back, and what it had claimed is free when its lease ends.

    Args:
        engines: an engine per ruleset, all on the same store. No two know the same kind.
        channels: where messages go; without one they wait.
        stop: ends it after the batch in progress.
        clock: the present, in microseconds since 1970 UTC.
        batch: the most timers, and the most messages, of one batch.
        interval: how many seconds to wait where there is nothing to do.
        once: end when there is nothing to do.
        on_batch: is told of each batch that did something.

    Raises:
        InputError: two rulesets have a kind of the same name.
        ArgumentError: as of a `Worker`.
        StoreError: the database cannot be used, or with `once` does not answer.
    """
    check_channels(channels)
    check_each("engines", engines, AsyncEngine, ENGINES)
    store = _store_of(engines)
    flag = _Flag(stop)

    def run() -> None:
        own = SqlStore(
            store.database.sync_engine, tenant=store.sync.tenant, source=store.sync.source
        )
        theirs = [engine.beside(own) for engine in engines]
        elsewhere = [_InAThread(channel) for channel in channels]
        worker = Worker(theirs, elsewhere, clock=clock, batch=batch)
        worker.run(flag, interval=interval, once=once, on_batch=on_batch)

    task = asyncio.create_task(greenlet_spawn(run))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        flag.end()
        await _finished(task)
        raise


async def _finished(task: asyncio.Task[None]) -> None:
    """Let a task end by itself, unless this is cancelled too."""
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        task.cancel()
        await asyncio.wait([task])
        raise
    finally:
        if not task.cancelled():
            task.exception()  # or the loop complains that nobody has asked


class _Flag:
    """What a worker asks whether to stop, for a loop: `stop` is the caller's own."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop
        self._ended = asyncio.Event()

    def end(self) -> None:
        self._ended.set()

    def is_set(self) -> bool:
        return self._stop.is_set() or self._ended.is_set()

    def wait(self, timeout: float) -> bool:
        await_only(self._waited(timeout))
        return self.is_set()

    async def _waited(self, seconds: float) -> None:
        waiting = [asyncio.create_task(one.wait()) for one in (self._stop, self._ended)]
        try:
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()


class _InAThread:
    """A channel that sends in a thread, for which the loop does not wait."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.name = channel.name

    def wants(self, message: Message) -> bool:
        return self._channel.wants(message)

    def send(self, message: Message) -> None:
        await_only(asyncio.to_thread(self._channel.send, message))


def _store_of(engines: Sequence[AsyncEngine]) -> AsyncSqlStore:
    stores = {id(engine.store): engine.store for engine in engines}
    if len(stores) != 1 or any(isinstance(engine, BoundAsyncEngine) for engine in engines):
        why = "must be at least one, all on one store, and none bound to a transaction"
        raise ArgumentError("engines", why, zh="至少应有一个，须在同一存储上，且均未绑定于事务")
    (store,) = stores.values()
    return store
