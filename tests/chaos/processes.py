"""The processes that are killed: writers, workers that do what is due, deliverers, a blocker.

They are forked from one that has the ruleset compiled, so that each begins within
milliseconds; nothing else is shared but the board on which they show where they are.
"""

from __future__ import annotations

import os
import random
import time
import traceback
from collections.abc import Callable
from functools import partial
from io import FileIO
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from acting import Said, act_of, read_log, said_of, written
from attrs import frozen
from faults import Fault, Trouble
from rules import Rules
from watching import NOW, Slot

from kaocheng.delivery import Message
from kaocheng.engine import Engine
from kaocheng.errors import DeliveryError, StoreError
from kaocheng.stores import SqlStore, make_engine
from kaocheng.stores.delivering import deliver
from kaocheng.stores.outbox import Outbox
from kaocheng.stores.schema import TENANTS

_DAY = 86_400_000_000
_HOUR = _DAY // 24


@frozen(kw_only=True)
class Setting:
    """What every process of a story knows. `folder` is where they keep their logs."""

    rules: Rules
    url: str
    tenant: str
    folder: Path

    def log(self, name: str) -> Path:
        """The log of a process."""
        return self.folder / f"{self.tenant}-{name}"


@frozen(kw_only=True)
class Life:
    """One life of a process, until it is killed."""

    setting: Setting
    name: str
    seed: str
    slot: Slot
    clock: Slot
    fault: Fault = "none"
    only: int | None = None  # how many acts it does; all that it can do before it is killed


Role = Callable[[Life], None]
T = TypeVar("T")


def start(role: Role, life: Life) -> int:
    """Start a process; gives its id. What it did not expect is in the log `errors`."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        role(life)
        code = 0
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is reported
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        with life.setting.log("errors").open("a") as log:
            log.write(f"{life.name}, {life.fault}: {type(error).__name__} in {where}: {error}\n")
    finally:
        os._exit(code)


# Roles ------------------------------------------------------------------------------------------


def write(life: Life) -> None:
    """Act, and note each act in a synced log when it has returned; never two under one key."""
    setting, random_, using = life.setting, random.Random(life.seed), Using(life)
    writer = int(life.name.removeprefix("writer-"))
    path = setting.log(life.name)
    done = list(read_log(path))
    number = done[-1].number + 1 if done else 0
    last = None if life.only is None else number + life.only

    def asked(number: int, *, dry_run: bool = False) -> Said | None:
        return using.tried(lambda: _act(using.engine, setting, writer, number, dry_run=dry_run))

    with path.open("ab", buffering=0) as log:
        while last is None or number < last:
            if done and random_.random() < 0.2:
                earlier = random_.choice(done)
                again = asked(earlier.number)
                # What was refused is not remembered, and may be refused for another reason.
                if again is not None and again != earlier and earlier.sequence:
                    raise AssertionError(f"{earlier} became {again}")
                continue
            if random_.random() < 0.05:
                asked(number, dry_run=True)
            said = asked(number)
            if said is None:
                continue
            log.write(written(said))
            os.fsync(log.fileno())
            life.clock[NOW] = max(life.clock[NOW], act_of(setting.tenant, writer, number).at)
            done.append(said)
            number += 1


def work(life: Life) -> None:
    """Do what is due, by a clock that goes wrong."""
    random_, using = random.Random(life.seed), Using(life)
    while True:
        now = life.clock[NOW] + random_.randrange(-_DAY // 8, _DAY // 8)
        limit = random_.choice([1, 5, 100])
        using.tried(partial(using.engine.tick, now, limit=limit))
        time.sleep(random_.random() * 0.01)


def bring(life: Life) -> None:
    """Deliver what is in the outbox to a log, which sometimes refuses.

    With `only` it ends when nothing waits any more.
    """
    random_, using = random.Random(life.seed), Using(life)
    late = 0

    def clock() -> int:
        return life.clock[NOW] + late

    with life.setting.log("delivered").open("ab", buffering=0) as log:
        channel = LogChannel(log, random_, failing=0.05 if life.only is None else 0.0)
        while True:
            done = using.tried(partial(deliver, using.store, [channel], clock=clock, limit=50))
            if done is not None and not done.done:
                queue = using.tried(Outbox(using.store).queue)
                if life.only is not None and queue is not None and not queue.waiting:
                    return
                late += _HOUR  # past every lease and every wait
                time.sleep(0.005)


class LogChannel:
    """A channel to a file. What it has written stays, as only processes are killed."""

    name = "log"

    def __init__(self, log: FileIO, random_: random.Random, *, failing: float) -> None:
        self._log = log
        self._random = random_
        self._failing = failing

    def wants(self, _: Message) -> bool:
        """It takes everything."""
        return True

    def send(self, message: Message) -> None:
        """Write the id; it may fail before that, and after it."""
        if self._random.random() < self._failing:
            raise DeliveryError("not now")
        self._log.write(f"{message.id}\n".encode())
        if self._random.random() < self._failing:
            raise DeliveryError("nobody knows")


def block(life: Life) -> None:
    """Hold what every writer needs, longer than the impatient wait."""
    random_ = random.Random(life.seed)
    engine = _made(life, Trouble("none", random_))
    while True:
        try:
            with engine.begin() as connection:
                held = sa.select(TENANTS.c.position).with_for_update()
                connection.execute(held.where(TENANTS.c.tenant == life.setting.tenant))
                time.sleep(random_.random() * 0.06)
        except sa.exc.DBAPIError:
            time.sleep(0.01)
        time.sleep(random_.random() * 0.3)


# ------------------------------------------------------------------------------------------------


def _act(
    engine: Engine, setting: Setting, writer: int, number: int, *, dry_run: bool = False
) -> Said:
    act = act_of(setting.tenant, writer, number)
    outcome = engine.act(
        act.case,
        act.event,
        at=act.at,
        actor=act.actor,
        data=act.data,
        idempotency_key=act.key,
        dry_run=dry_run,
    )
    return said_of(number, outcome)


def _made(life: Life, trouble: Trouble) -> sa.Engine:
    database = make_engine(life.setting.url)
    life.slot.watch(database)
    trouble.listen(database)
    return database


class Using:
    """An engine on the database, for a process that goes on whatever the database answers."""

    def __init__(self, life: Life) -> None:
        random_ = random.Random(life.seed)
        self._life = life
        self._trouble = Trouble(life.fault, random_)
        self.database = _made(life, self._trouble)
        skew = random_.randrange(-3 * _DAY, 3 * _DAY)
        self.store = self._opened()
        self.engine = Engine(
            life.setting.rules.ruleset,
            store=self.store,
            program=life.setting.rules.program,
            clock=lambda: time.time_ns() // 1_000 + skew * random_.choice([1, 1, 1, -1]),
        )

    def tried(self, do: Callable[[], T]) -> T | None:
        """What comes of something; nothing where the database did not let it.

        Whatever the database does, it is a `StoreError`.
        """
        try:
            return do()
        except StoreError as error:
            self._met(error)
        return None

    def _met(self, error: Exception) -> None:
        with self._life.setting.log("met").open("a") as log:
            log.write(f"{str(error).partition(chr(10))[0]}\n")
        time.sleep(0.02)
        self._trouble.relieve(self.database)

    def _opened(self) -> SqlStore:
        while True:
            store = self.tried(lambda: SqlStore(self.database, tenant=self._life.setting.tenant))
            if store is not None:
                return store
            time.sleep(0.05)
