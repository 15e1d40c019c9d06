"""A channel that is gone is owed what it has failed on, until somebody says that it stays away."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa
from effects_desk import DOWN, NINE, Clock, Kept, drain

from kaocheng import Engine
from kaocheng.errors import ArgumentError, DeliveryError
from kaocheng.stores import SqlStore, chains, giving_up
from kaocheng.stores.delivering import Delivered, deliver
from kaocheng.stores.outbox import ATTEMPTS, Outbox, Queue


def test_what_a_channel_is_owed_waits_for_it(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """Where a run has been without a channel that had failed, it gets everything when it is back.

    So it does with what came after the message on which it had failed, in order.
    """
    mail, hook = Kept("mail"), Kept("hook", DOWN)
    happen(2)
    drain(there, [mail, hook], clock)
    happen(1)
    assert [Delivered(reached=1)] == drain(there, [mail], clock)
    clock.turn(1)
    assert [Delivered(failed=1)] == drain(there, [mail], clock)
    happen(1)
    drain(there, [mail], clock)
    assert Queue(waiting=4, failed=1, delivered=0, given_up=0) == Outbox(there).queue()
    (failing,) = Outbox(there).failing()
    assert (2, "hook: there is no such channel here") == (failing.attempts, failing.error)
    hook.failure = None
    clock.turn(2)

    assert [Delivered(delivered=4)] == drain(there, [mail, hook], clock)
    assert [1, 2, 3, 4] == mail.got == hook.got


def test_a_channel_that_does_not_come_back(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """What it is owed is given up there after as many attempts, and offered again on demand."""
    mail, hook = Kept("mail"), Kept("hook", DOWN)
    happen(1)
    drain(there, [mail, hook], clock)
    happen(1)
    for _ in range(ATTEMPTS):
        drain(there, [mail], clock)
        clock.turn(3600)
    assert Queue(waiting=0, failed=0, delivered=0, given_up=2) == Outbox(there).queue()
    hook.failure = None
    happen(1)
    assert 2 == Outbox(there).redeliver_given_up()

    assert [Delivered(delivered=3)] == drain(there, [mail, hook], clock)
    assert ([1, 2, 3], [1, 2, 3]) == (mail.got, hook.got)


@pytest.mark.parametrize("is_back", [True, False])
def test_what_stands_behind_is_owed_too(
    there: SqlStore,
    happen: Callable[..., None],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_back: bool,
) -> None:
    """Where a message is given up on a channel that is left out, later ones go to it or are too.

    What is not in the queue yet is among them; what comes afterwards does not know the channel.
    """
    mail, hook = Kept("mail"), Kept("hook", DOWN)
    happen(3)
    for _ in range(ATTEMPTS - 1):
        drain(there, [mail, hook], clock)
        clock.turn(3600)
    happen(2)
    monkeypatch.setattr(chains, "_PAGE", 1)
    assert Delivered(given_up=1) == deliver(there, [mail], clock=clock, limit=1)
    assert Queue(waiting=4, failed=0, delivered=0, given_up=1) == Outbox(there).queue()
    if is_back:
        hook.failure = None
        drain(there, [mail, hook], clock)
        assert ([1, 2, 3, 4, 5], [2, 3, 4, 5]) == (mail.got, hook.got)
        return
    drain(there, [mail], clock)
    assert [1, 2, 3, 4, 5] == mail.got
    assert Queue(waiting=0, failed=0, delivered=0, given_up=5) == Outbox(there).queue()
    happen(1)
    assert [Delivered(delivered=1)] == drain(there, [mail], clock)


def test_what_is_offered_again_is_owed_to_who_gave_it_up(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """Where that channel is left out, the message does not count as delivered."""
    mail, hook = Kept("mail"), Kept("hook", DeliveryError("gone", final=True))
    happen(1)
    drain(there, [mail, hook], clock)
    assert 1 == Outbox(there).redeliver_given_up()

    assert [Delivered(failed=1)] == drain(there, [mail], clock)
    hook.failure = None
    clock.turn(1)
    assert [Delivered(delivered=1)] == drain(there, [mail, hook], clock)
    assert ([1], [1]) == (mail.got, hook.got)


ENDED = sa.text(
    "UPDATE kaocheng_outbox SET ready = NULL, delivered_at = 1"
    " WHERE tenant = :tenant AND position = 2"
)
MARKED = sa.text(
    "SELECT position, failures IS NOT NULL FROM kaocheng_outbox"
    " WHERE tenant = :tenant ORDER BY position"
)
Cli = Callable[..., Any]


def owed_in(file: str) -> dict[str, int]:
    """The channels that messages in a file wait for."""
    store = SqlStore.open(f"sqlite:///{file}")
    found = dict(Outbox(store).owed())
    store.close()
    return found


# Giving it up at once -----------------------------------------------------------------------------


def test_what_waits_for_a_channel_that_stays_away_is_given_up_at_once(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """Nobody waits for days where somebody says that it is gone; all other channels are served."""
    mail, hook, chat = Kept("mail"), Kept("hook", DOWN), Kept("chat", DOWN)
    box = Outbox(there)
    happen(2)
    drain(there, [mail, hook, chat], clock)
    happen(1)
    drain(there, [mail, chat], clock)
    assert {"chat": 3, "hook": 3} == box.owed()
    assert 3 == box.give_up_on("hook")
    assert {"chat": 3} == box.owed()
    chat.failure = None
    clock.turn(60)
    assert [Delivered(given_up=3)] == drain(there, [mail, chat], clock)
    assert ([1, 2, 3], [1, 2, 3], []) == (mail.got, chat.got, hook.got)
    assert {"hook: given up because the channel is gone"} == {one.error for one in box.failing()}

    happen(1)
    assert [Delivered(delivered=1)] == drain(there, [mail, chat], clock)
    hook.failure = None
    assert 3 == box.redeliver_given_up()
    assert [Delivered(delivered=3)] == drain(there, [mail, hook, chat], clock)
    assert ([1, 2, 3, 4], [1, 2, 3]) == (mail.got, hook.got)


def test_nothing_waits_for_a_channel(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """Where nothing waits for it nothing is given up, and a name is asked for as text."""
    happen(1)
    assert 0 == Outbox(there).give_up_on("hook")
    assert [Delivered(delivered=1)] == drain(there, [Kept("mail")], clock)
    with pytest.raises(ArgumentError, match=r"^`channel` must be a name, as text$"):
        Outbox(there).give_up_on(7)  # type: ignore[arg-type]


def test_who_is_at_it_is_overtaken(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """Whoever has claimed a message says nothing of it any more, and it is given up."""
    mail, hook = Kept("mail"), Kept("hook", DOWN)
    happen(1)
    drain(there, [mail, hook], clock)
    clock.turn(1)
    hook.before = lambda: Outbox(there).give_up_on("hook")

    assert Delivered(stale=1) == deliver(there, [mail, hook], clock=clock)
    assert [Delivered(given_up=1)] == drain(there, [mail], clock)
    assert [1] == mail.got


def test_more_than_are_read_at_once(
    there: SqlStore, happen: Callable[..., None], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many they are, none is forgotten."""
    happen(5)
    drain(there, [Kept("mail"), Kept("hook", DOWN)], clock)
    monkeypatch.setattr(giving_up, "_AT_ONCE", 2)

    assert 5 == Outbox(there).give_up_on("hook")
    assert {} == Outbox(there).owed()


@pytest.fixture
def file(store: SqlStore, engine: Engine, clock: Clock) -> str:
    """A database in which two messages wait for `hook`."""
    for _ in range(2):
        engine.act("report/1", "note", at=NINE)
    drain(store, [Kept("mail"), Kept("hook", DOWN)], clock)
    return str(store.engine.url.database)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--give-up", "hook"], "no longer waiting for `hook`: 2\n"),
        (["--give-up", "hook", "--lang", "zh"], "不再等待渠道 `hook`：2\n"),
        (["--give-up", "hook", "--format", "json"], '{\n  "given_up": 2\n}\n'),
    ],
)
def test_the_command(file: str, cli: Cli, arguments: list[str], said: str) -> None:
    """It says how many messages waited."""
    ran = cli("outbox", file, *arguments)

    assert (0, said) == (ran.code, ran.out)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--give-up", "hok"],
            "error: --give-up: nothing waits for `hok`; did you mean `hook`;"
            " messages wait for `hook`\n",
        ),
        (
            ["--give-up", "hok", "--lang", "zh"],
            "错误：--give-up：没有消息在等待 `hok`；是否想写 `hook`；有消息等待的渠道：`hook`\n",
        ),
        (
            ["--give-up", "hook", "--redeliver"],
            "error: --give-up: it cannot stand beside `--redeliver`; do one after the other\n",
        ),
    ],
)
def test_what_the_command_refuses(file: str, cli: Cli, arguments: list[str], said: str) -> None:
    """A channel for which nothing waits, and both options that change something."""
    ran = cli("outbox", file, *arguments)

    assert (2, said) == (ran.code, ran.err)
    assert {"hook": 2} == owed_in(file)


def test_where_nothing_has_failed(store: SqlStore, cli: Cli) -> None:
    """There is no channel to name."""
    ran = cli("outbox", str(store.engine.url.database), "--give-up", "hook")

    assert 2 == ran.code
    assert ran.err == (
        "error: --give-up: nothing waits for `hook`, nor for any other channel after a failure\n"
    )


# What else ends while it is owed ------------------------------------------------------------------


def test_what_ends_meanwhile_is_owed_nothing(postgres: str, engine: Engine, clock: Clock) -> None:
    """Who marks what is owed waits for whoever is ending it, and then leaves that alone."""
    store = SqlStore.open(postgres, tenant="ends meanwhile")
    desk = Engine(engine.ruleset, program=engine.program, store=store)
    for _ in range(3):
        desk.act("report/1", "note", at=NINE)
    claims = Outbox(store).claim(clock.now)

    def owe() -> None:
        with store.engine.begin() as connection:
            chains.owe(connection, store.tenant, "report/1", (1, 1), ["hook"])

    marking = Thread(target=owe)
    with store.engine.begin() as connection:
        connection.execute(ENDED, {"tenant": store.tenant})
        marking.start()
        marking.join(0.5)
        assert marking.is_alive()
    marking.join(30)
    with store.engine.begin() as connection:
        kept = connection.execute(MARKED, {"tenant": store.tenant}).all()
    store.close()

    assert 3 == len(claims)
    assert [(1, False), (2, False), (3, True)] == [tuple(row) for row in kept]
