"""A channel that is down holds up nothing on the others: order is per case and channel."""

from __future__ import annotations

import json
from asyncio import CancelledError
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from effects_desk import DOWN, NINE, Clock, Kept, drain, fail
from hypothesis import given
from hypothesis import strategies as st

from kaocheng import Engine
from kaocheng.calendars.numberline import HOUR, SECOND
from kaocheng.delivery import Message
from kaocheng.errors import DeliveryError
from kaocheng.stores import SqlStore, chains
from kaocheng.stores.delivering import BUDGET, Delivered, deliver
from kaocheng.stores.outbox import ATTEMPTS, LEASE, Claim, Outbox, Queue
from kaocheng.stores.queueing import Walk
from kaocheng.stores.schema import OUTBOX, QUEUES


def test_the_other_channels_go_on(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """With one of two channels dead the other gets everything, in order and without delay."""
    mail, hook = Kept("mail"), Kept("hook", DOWN)
    happen(3)

    assert Delivered(failed=1, reached=2) == deliver(there, [hook, mail], clock=clock)
    happen(2)
    assert [Delivered(reached=2)] == drain(there, [hook, mail], clock)
    assert ([1, 2, 3, 4, 5], 1) == (mail.got, hook.tried)


def test_what_waits_behind_another_has_not_failed(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """Only the message that failed is listed, counted and logged as failed."""
    happen(3)
    drain(there, [Kept("mail"), Kept("hook", DOWN)], clock)
    outbox = Outbox(there)
    (failing,) = outbox.failing()

    assert Queue(waiting=3, failed=1, delivered=0, given_up=0) == outbox.queue()
    assert (1, 1, "hook: down") == (failing.position, failing.attempts, failing.error)
    assert failing.again == NINE + SECOND


def test_a_channel_that_is_back_gets_all_in_order(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """What it has missed comes with the next attempt at once, and nobody gets anything twice."""
    mail, hook = Kept("mail"), Kept("hook", DOWN)
    happen(4)
    for wait in (0, 1, 2, 4):
        clock.turn(wait)
        drain(there, [mail, hook], clock)
    hook.failure = None
    clock.turn(8)

    assert [Delivered(delivered=4)] == drain(there, [mail, hook], clock)
    assert [1, 2, 3, 4] == mail.got == hook.got
    assert Queue(waiting=0, failed=0, delivered=4, given_up=0) == Outbox(there).queue()


def test_a_channel_fails_for_one_case_only(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """What is wrong with a message about one case holds up no other case on that channel."""
    hook = Kept("hook", DOWN)
    happen(2)
    deliver(there, [hook], clock=clock)
    hook.failure = None
    happen(2, "report/2")
    drain(there, [hook], clock)

    assert [3, 4] == hook.got


@pytest.mark.parametrize("final", [True, False])
def test_giving_up_frees_the_others(
    there: SqlStore, happen: Callable[..., None], clock: Clock, *, final: bool
) -> None:
    """When a message is given up on a channel the next one has its turn there."""
    mail, hook = Kept("mail"), Kept("hook", DeliveryError("down", final=final))
    happen(2)
    for _ in range(1 if final else ATTEMPTS - 1):
        drain(there, [mail, hook], clock)
        clock.turn(3600)
    assert Outbox(there).queue().given_up == (2 if final else 0)
    tried, hook.failure = hook.tried, None
    if not final:
        hook.before = lambda: setattr(hook, "failure", DOWN if hook.tried == tried + 1 else None)
    drain(there, [mail, hook], clock)

    assert [1, 2] == mail.got
    assert ([] if final else [2]) == hook.got
    assert (2 if final else 1) == Outbox(there).queue().given_up


def test_what_is_given_up_on_one_channel_still_waits_for_another(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """A message that is given up on one channel gets to those where it never had its turn."""
    one, two = Kept("one"), Kept("two", DOWN)
    happen(1)
    drain(there, [one, two], clock)
    happen(1)
    one.failure = DeliveryError("gone", final=True)
    box = Outbox(there)
    drain(there, [one, two], clock)
    assert Queue(waiting=2, failed=1, delivered=0, given_up=0) == box.queue()
    two.failure = None
    clock.turn(1)

    assert [Delivered(delivered=1, given_up=1)] == drain(there, [one, two], clock)
    assert ([1], [1, 2]) == (one.got, two.got)
    assert [(2, "one: gone")] == [(f.position, f.error) for f in box.failing()]


def test_attempts_are_those_of_a_channel(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """Where one has failed all its attempts another one that fails has all of its own."""
    old, new = Kept("old", DOWN), Kept("new")
    happen(1)
    for _ in range(ATTEMPTS - 1):
        drain(there, [old], clock)
        clock.turn(3600)
    new.failure = DOWN
    assert [Delivered(failed=1)] == drain(there, [old, new], clock)
    assert Queue(waiting=1, failed=1, delivered=0, given_up=0) == Outbox(there).queue()
    (failing,) = Outbox(there).failing()
    assert (ATTEMPTS, "new: down", clock.now + SECOND) == (
        failing.attempts, failing.error, failing.again)  # fmt: skip
    new.failure = None
    clock.turn(1)

    assert [Delivered(given_up=1)] == drain(there, [old, new], clock)
    assert [1] == new.got
    assert [(1, ATTEMPTS, "old: down")] == [
        (failing.position, failing.attempts, failing.error) for failing in Outbox(there).failing()
    ]


def test_each_channel_waits_for_itself(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """One that has failed once is asked again soon, whoever has been down for long beside it."""
    old, new = Kept("old", DOWN), Kept("new", DOWN)
    happen(2)
    for wait in (1, 2, 4, 8):
        drain(there, [old], clock)
        clock.turn(wait)
    drain(there, [old, new], clock)
    assert (5, 1) == (old.tried, new.tried)
    clock.turn(1)
    drain(there, [old, new], clock)
    new.failure = None
    clock.turn(2)
    drain(there, [old, new], clock)

    assert ([1, 2], 5) == (new.got, old.tried)
    old.failure = None
    clock.turn(13)
    assert [Delivered(delivered=2)] == drain(there, [old, new], clock)
    assert [1, 2] == old.got


def test_two_channels_that_fail_one_after_the_other(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """Each of three channels has its own place in the queue."""
    channels = mail, hook, chat = Kept("mail"), Kept("hook", DOWN), Kept("chat")
    happen(2)
    drain(there, channels, clock)
    chat.failure = DOWN
    happen(2)
    drain(there, channels, clock)
    assert ([1, 2, 3, 4], [], [1, 2]) == (mail.got, hook.got, chat.got)
    hook.failure = None
    clock.turn(1)
    drain(there, channels, clock)
    assert ([1, 2, 3, 4], [1, 2, 3, 4], [1, 2]) == (mail.got, hook.got, chat.got)
    chat.failure = None
    clock.turn(2)
    drain(there, channels, clock)

    assert [1, 2, 3, 4] == mail.got == hook.got == chat.got


def test_a_queue_behind_a_dead_channel_is_left_alone(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """Until the channel is tried again a look costs one query, however many messages wait."""
    happen(20)
    channels = Kept("mail"), Kept("hook", DOWN)
    drain(there, channels, clock)
    seen: list[str] = []
    sa.event.listen(there.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))

    assert Delivered() == deliver(there, channels, clock=clock)
    assert 1 == len([statement for statement in seen if "kaocheng_outbox" in statement])
    clock.turn(1)
    assert [Delivered(failed=1)] == drain(there, channels, clock)


def test_batches_that_are_shorter_than_the_queue(
    there: SqlStore, happen: Callable[..., None], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A queue is read in pages and sent in batches, in order, from its beginning to its end."""
    monkeypatch.setattr(chains, "_PAGE", 3)
    mail, hook = Kept("mail"), Kept("hook", DOWN)
    for case in ("report/2", "report/1", "report/3"):
        happen(7, case)
    for down in (DOWN, None):
        hook.failure = down
        clock.turn(1)
        while deliver(there, [mail, hook], clock=clock, limit=4).done:
            pass
    happen(1, "report/1")
    drain(there, [mail, hook], clock)

    assert set(range(1, 23)) == set(mail.got) == set(hook.got)
    for got in (mail.got, hook.got):
        for case in (range(1, 8), [*range(8, 15), 22], range(15, 22)):
            assert list(case) == [place for place in got if place in case]


def test_a_worker_that_dies_in_the_middle(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """What it had said stays; when its lease is over the rest goes on in order."""
    mail, hook = Kept("mail"), Kept("hook", DOWN)
    happen(3)

    def die() -> None:
        if mail.tried == 2:
            raise KeyboardInterrupt

    mail.before = die
    with pytest.raises(KeyboardInterrupt):
        deliver(there, [mail, hook], clock=clock)
    mail.before, hook.failure = (lambda: None), None
    clock.turn(1)
    drain(there, [mail, hook], clock)
    assert ([1], [1]) == (mail.got, hook.got)
    clock.turn(LEASE / SECOND)
    drain(there, [mail, hook], clock)

    assert [1, 2, 3] == mail.got == hook.got


def test_a_batch_that_runs_out_of_time(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """What it gives back is where it was: nothing overtakes, and nothing is counted."""
    mail, hook = Kept("mail"), Kept("hook", DOWN)
    mail.before = lambda: clock.turn(BUDGET / SECOND)
    happen(3)

    assert Delivered(failed=1) == deliver(there, [mail, hook], clock=clock)
    assert [1] == mail.got
    mail.before = lambda: None
    assert Delivered(reached=2) == deliver(there, [mail, hook], clock=clock)
    assert ([1, 2, 3], 1) == (mail.got, hook.tried)


def test_a_channel_that_does_not_answer_is_asked_once_in_a_batch(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """Who waited for it in vain goes on with the others, and what is for it has failed as well."""
    mail, hook = Kept("mail"), Kept("hook", DeliveryError("no answer"))
    hook.before = lambda: clock.turn(2 * BUDGET / SECOND)
    for number in range(1, 6):
        happen(1, f"report/{number}")

    assert Delivered(failed=5) == deliver(there, [mail, hook], clock=clock)
    assert ([1, 2, 3, 4, 5], 1) == (mail.got, hook.tried)
    assert ["hook: no answer"] * 5 == [one.error for one in Outbox(there).failing()]
    hook.failure, hook.before = None, lambda: None
    clock.turn(2)
    assert [Delivered(delivered=5)] == drain(there, [mail, hook], clock)
    assert [2, 3, 4, 5, 1] == hook.got


def test_who_was_not_asked_has_not_failed(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """Where a receiver hangs on one message, no attempt is counted for the others."""
    hook = Kept("hook", DOWN)
    hook.before = lambda: clock.turn(10)
    for number in range(1, 6):
        happen(1, f"report/{number}")

    assert Delivered(failed=5) == deliver(there, [hook], clock=clock)
    failing = Outbox(there).failing()
    assert [1, 0, 0, 0, 0] == [one.attempts for one in failing]
    assert ["hook: down"] * 5 == [one.error for one in failing]


def test_who_hangs_is_asked_last(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """Where somebody delivers once an hour, too, one message holds up its own case only."""
    hook, asked = Kept("hook"), []

    def hang() -> None:
        asked.append(clock.now)
        if len(asked) in (1, 5):
            clock.turn(10)
            raise DOWN

    for number in range(1, 5):
        happen(1, f"report/{number}")
    hook.before = hang
    assert Delivered(failed=4) == deliver(there, [hook], clock=clock)
    clock.turn(3600)

    assert Delivered(delivered=3, failed=1) == deliver(there, [hook], clock=clock)
    assert [2, 3, 4] == hook.got


def test_a_claim_that_takes_long_is_sent_all_the_same(
    there: SqlStore, happen: Callable[..., None], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time of a batch begins when its messages are there, and the first is always tried."""
    hook, claim = Kept("hook"), Outbox.claim

    def slow(*given: Any, **options: Any) -> tuple[Claim, ...]:  # noqa: ANN401 - as it has them
        claims = claim(*given, **options)
        clock.turn(2 * BUDGET / SECOND)
        return claims

    monkeypatch.setattr(Outbox, "claim", slow)
    happen(2)

    assert Delivered(delivered=2) == deliver(there, [hook], clock=clock)


def test_a_channel_may_cancel_what_it_likes(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """That something inside it was cancelled is its failure, as anything else that it raises."""
    mail, hook = Kept("mail"), Kept("hook", CancelledError())
    happen(2)

    assert [Delivered(failed=1, reached=1)] == drain(there, [hook, mail], clock)
    assert [1, 2] == mail.got
    assert ["hook: CancelledError:"] == [one.error for one in Outbox(there).failing()]


def test_who_stops_a_batch_leaves_the_rest_to_others(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """What it did not come to is free at once; what it was sending is when its lease ends."""
    mail = Kept("mail", KeyboardInterrupt())
    for case in ("report/1", "report/2", "report/3"):
        happen(1, case)
    with pytest.raises(KeyboardInterrupt):
        deliver(there, [mail], clock=clock)
    mail.failure = None

    assert [Delivered(delivered=2)] == drain(there, [mail], clock)
    clock.turn(LEASE / SECOND)
    assert [Delivered(delivered=1)] == drain(there, [mail], clock)
    assert [2, 3, 1] == mail.got


@pytest.mark.parametrize("after", [1.5, "7", None, float("nan"), float("inf"), -5])
def test_whatever_a_channel_raises_the_others_get_theirs(
    there: SqlStore, happen: Callable[..., None], clock: Clock, after: object
) -> None:
    """A wait that is no whole number, or a failure that cannot be put into words, ends no batch."""

    class Unsayable(Exception):  # noqa: N818 - a name that is seen
        def __str__(self) -> str:
            raise ValueError

    mail, hook, chat = Kept("mail"), Kept("hook", DeliveryError("no", after=after)), Kept("chat")
    chat.failure = Unsayable()
    happen(1)
    happen(1, "report/2")

    assert [Delivered(failed=2)] == drain(there, [hook, chat, mail], clock)
    assert [1, 2] == mail.got
    assert {"hook: no; chat: Unsayable"} == {one.error for one in Outbox(there).failing()}
    hook.failure = chat.failure = None
    clock.turn(3600)
    assert [Delivered(delivered=2)] == drain(there, [hook, chat, mail], clock)


def test_who_does_not_want_a_message_is_not_waited_for(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """What is not for a channel is done there, whatever that channel has failed on before."""
    hook = Kept("hook", DOWN)
    hook.wants = lambda message: message.id.startswith("1.")  # type: ignore[method-assign]
    happen(2)
    deliver(there, [Kept("mail"), hook], clock=clock)

    assert Queue(waiting=1, failed=1, delivered=1, given_up=0) == Outbox(there).queue()


def test_a_channel_that_refuses_quickly_is_asked_for_each_message(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """It may have refused that message only."""
    hook = Kept("hook", DOWN)
    for number in range(1, 4):
        happen(1, f"report/{number}")

    assert Delivered(failed=3) == deliver(there, [hook], clock=clock)
    assert 3 == hook.tried


def test_two_workers_on_one_case(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """While one tries a channel again another goes on elsewhere, and waits no longer than that."""
    mail, hook = Kept("mail"), Kept("hook", DOWN)
    happen(2)
    drain(there, [mail, hook], clock)
    clock.turn(1)

    def meanwhile() -> None:
        hook.before = lambda: None
        clock.turn(0.1)
        happen(1)
        assert [Delivered(reached=1)] == drain(there, [mail, hook], clock)
        assert ([1, 2, 3], []) == (mail.got, hook.got)
        hook.failure = None

    hook.before = meanwhile
    assert Delivered(delivered=2) == deliver(there, [mail, hook], clock=clock)
    assert [Delivered(delivered=1)] == drain(there, [mail, hook], clock)

    assert [1, 2, 3] == mail.got == hook.got


def test_who_ends_while_another_looks(
    postgres: str, engine: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was to be put off behind a message that is done meanwhile is not put off at all."""
    store = SqlStore.open(postgres, tenant="meanwhile")
    desk = Engine(engine.ruleset, program=engine.program, store=store)
    outbox, names, reached = Outbox(store), ["mail", "hook"], {"mail": None}
    for _ in range(2):
        desk.act("report/1", "note", at=NINE)
    for claim in outbox.claim(clock.now, channels=names):
        outbox.put_off(claim, clock.now, told=reached, failures={})
    (first,) = outbox.claim(clock.now, channels=names, limit=1)
    walks = chains.walks

    def looked(*given: Any, **options: Any) -> list[Walk]:  # noqa: ANN401 - as it has them
        found = walks(*given, **options)
        assert [2] == [held.message.position for one in found for held in one.held]
        outbox.delivered(first, clock.now)
        outbox.wake([first], clock.now)
        return found

    monkeypatch.setattr(chains, "walks", looked)
    assert () == Outbox(store).claim(clock.now, channels=names)
    monkeypatch.setattr(chains, "walks", walks)
    claims = outbox.claim(clock.now, channels=names)
    store.close()

    assert [2] == [claim.position for claim in claims]


def test_a_worker_that_was_overtaken_sends_no_more_of_the_case(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """What it would send may have been overtaken too, on all channels."""
    mail, hook = Kept("mail"), Kept("hook")
    quick = [Kept("mail"), Kept("hook", DOWN)]
    happen(2)

    def overtaken() -> None:
        hook.before = lambda: None
        clock.turn(LEASE / SECOND)
        drain(there, quick, clock)

    hook.before = overtaken
    assert Delivered(stale=1) == deliver(there, [mail, hook], clock=clock)
    assert ([1], [1]) == (mail.got, hook.got)


def test_who_claims_at_the_same_time_takes_no_part_of_a_case(
    postgres: str, engine: Engine, clock: Clock
) -> None:
    """What stands behind a message that another transaction is taking is left to it."""
    store = SqlStore.open(postgres, tenant="the same time")
    desk = Engine(engine.ruleset, program=engine.program, store=store)
    for case in ("report/1", "report/1", "report/2"):
        desk.act(case, "note", at=NINE)
    names = ["mail", "hook"]
    Outbox(store).release(Outbox(store).claim(clock.now), clock.now)
    with store.engine.connect() as connection, connection.begin():
        one = Outbox(store.bound(connection)).claim(clock.now, channels=names, limit=1)
        two = Outbox(store).claim(clock.now, channels=names)
        assert (1, 0, None) == _first(one)
    outbox = Outbox(store)
    assert [3] == [claim.position for claim in two]
    assert outbox.put_off(one[0], clock.now, told={"mail": None}, failures={})
    with store.engine.connect() as connection, connection.begin():
        one = Outbox(store.bound(connection)).claim(clock.now, channels=names, limit=1)
        two = outbox.claim(clock.now, channels=names)
    store.close()

    assert [1] == [claim.position for claim in one]
    assert () == two


def _first(claims: Sequence[Claim]) -> tuple[int, int, frozenset[str] | None]:
    return claims[0].position, claims[0].attempts, claims[0].channels


def test_a_claim_says_where_it_may_go(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """A first message may go everywhere; a later one where the earlier ones have been."""
    happen(2)
    outbox = Outbox(there)
    first, second = outbox.claim(clock.now, channels=["mail", "hook"])
    fail(outbox, first, clock.now, told={"mail": None, "gone": "gone"})
    outbox.release([second], clock.now)
    (again,) = outbox.claim(clock.now, channels=["mail", "hook"])

    assert first.may_go_to("mail")
    assert (2, {"mail"}) == (again.position, again.channels)
    assert (True, False) == (again.may_go_to("mail"), again.may_go_to("hook"))


def test_a_message_that_is_offered_again(
    there: SqlStore, happen: Callable[..., None], clock: Clock
) -> None:
    """It goes out before what has not gone yet, and then holds up only where it fails."""
    mail, hook = Kept("mail"), Kept("hook", DeliveryError("gone", final=True))
    outbox = Outbox(there)
    happen(1)
    drain(there, [mail, hook], clock)
    hook.failure = DOWN
    happen(2)
    assert 1 == outbox.redeliver_given_up()

    assert [Delivered(failed=1, reached=2)] == drain(there, [mail, hook], clock)
    assert [1, 2, 3] == mail.got
    assert outbox.queue().waiting == 3
    hook.failure = None
    clock.turn(1)
    assert [Delivered(delivered=3)] == drain(there, [mail, hook], clock)
    assert [1, 2, 3] == hook.got


# In any order of faults ---------------------------------------------------------------------------

NAMES = ("mail", "hook", "chat")
CASES = ("a", "b")


class Faulty(Kept):
    """A channel that says of every attempt what comes of it."""

    def __init__(self, name: str, faults: Iterator[str]) -> None:
        super().__init__(name)
        self._faults = faults
        self.failed: set[int] = set()
        self.refused: set[int] = set()

    def send(self, message: Message) -> None:
        """Keep it, or fail, or both."""
        fault, position = next(self._faults, "fine"), int(message.id)
        if fault in ("fine", "lost"):
            self.got.append(position)
        if fault == "gone":
            self.refused.add(position)
        elif fault != "fine":
            self.failed.add(position)
        if fault != "fine":
            raise DeliveryError(fault, final=fault == "gone")


def _insert(store: SqlStore, cases: Sequence[str], first: int) -> None:
    rows = [
        {
            "tenant": store.tenant,
            "position": position,
            "number": 1,
            "subject": case,
            "message": json.dumps(
                {
                    "specversion": "1.0",
                    "id": str(position),
                    "source": "/s",
                    "type": "kaocheng.event",
                    "subject": case,
                    "time": "2024-03-02T09:00:00Z",
                }
            ),
        }
        for position, case in enumerate(cases, start=first)
    ]
    if rows:
        with store.engine.begin() as connection:
            connection.execute(sa.insert(OUTBOX), rows)
            if first == 1:
                connection.execute(sa.insert(QUEUES).values(tenant=store.tenant, position=0))


FAULTS = st.lists(st.sampled_from(["fine", "fine", "fine", "down", "down", "lost", "gone"]))
STEPS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(CASES), max_size=4),
        st.sampled_from(["deliver", "deliver", "small batch", "die", *NAMES]),
        st.sampled_from([0, 1, 2, 60, 121]),
    ),
    max_size=12,
)


@given(faults=st.tuples(FAULTS, FAULTS, FAULTS), steps=STEPS)
def test_each_channel_gets_each_case_in_order(
    faults: tuple[list[str], ...], steps: list[tuple[list[str], str, int]]
) -> None:
    """Whatever fails, whoever dies and wherever a channel is left out.

    First deliveries are in order, all come to an end, each channel gets all unless it was left
    out, and what has failed there in any case.
    """
    store, clock = SqlStore.open("sqlite://"), Clock()
    channels = [Faulty(name, iter(some)) for name, some in zip(NAMES, faults, strict=True)]
    cases: list[str] = []
    for new, what, wait in steps:
        _insert(store, new, first=len(cases) + 1)
        cases += new
        there = [channel for channel in channels if channel.name != what]
        if what == "die":
            Outbox(store).claim(clock.now, channels=NAMES, limit=2)
        else:
            deliver(store, there, clock=clock, limit=2 if what == "small batch" else 100)
        clock.turn(wait)
    for _ in range(200):
        clock.turn(HOUR / SECOND)
        drain(store, channels, clock)
    queue = Outbox(store).queue()
    store.close()

    assert 0 == queue.waiting
    gone = sum(some.count("gone") for some in faults)
    assert gone >= queue.given_up
    left_out = {what for _, what, _ in steps}
    for channel in channels:
        firsts = list(dict.fromkeys(channel.got))
        for case in CASES:
            ours = [place for place in firsts if cases[place - 1] == case]
            assert sorted(ours) == ours
        reached = channel.refused | set(firsts)
        assert channel.failed <= reached
        if channel.name not in left_out:
            assert set(range(1, len(cases) + 1)) == reached
