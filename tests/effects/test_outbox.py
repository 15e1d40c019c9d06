"""Messages are claimed in order, and only the last claim may say how it ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from effects_desk import NINE, Clock, fail

from kaocheng import Engine
from kaocheng.calendars.numberline import HOUR, SECOND
from kaocheng.delivery import Message
from kaocheng.delivery.messages import problems
from kaocheng.errors import ArgumentError, DeliveryError
from kaocheng.stores import SqlStore, chains
from kaocheng.stores.delivering import deliver
from kaocheng.stores.outbox import ATTEMPTS, LEASE, Claim, Outbox, Queue
from kaocheng.stores.schema import OUTBOX

Submit = Callable[[str], None]


class Down:
    """A channel that takes nothing."""

    name = "hook"

    def wants(self, _: Message) -> bool:
        """Everything."""
        return True

    def send(self, _: Message) -> None:
        """Fail."""
        raise DeliveryError("no answer")


@pytest.fixture
def outbox(store: SqlStore) -> Outbox:
    """The outbox of the store."""
    return Outbox(store)


def subjects(claims: tuple[Claim, ...]) -> list[str]:
    """The cases that messages are about."""
    return [claim.subject for claim in claims]


def test_messages_are_cloud_events(store: SqlStore, engine: Engine, outbox: Outbox) -> None:
    """Whatever an act says is a CloudEvent, `source` and `id` are unique, and `sequence` sorts."""
    other = SqlStore(store.engine, tenant="芜湖 office")
    elsewhere = Engine(engine.ruleset, program=engine.program, store=other)
    for place in (engine, elsewhere):
        for number in range(12):
            place.act(f"report/{number}", "submit", at=NINE)
            place.act(f"report/{number}", "verify", at=NINE + 3 * HOUR)
    claims = [*outbox.claim(NINE, limit=200), *Outbox(other).claim(NINE, limit=200)]
    events = [json.loads(claim.text) for claim in claims]

    assert [] == [wrong for event in events for wrong in problems(event)]
    assert len(events) == len({(event["source"], event["id"]) for event in events})
    ours = [event["sequence"] for event in events if event["source"] == "/kaocheng/default"]
    assert sorted(ours) == ours
    assert {"kaocheng.event", "kaocheng.finding"} == {event["type"] for event in events}


def test_other_events_have_other_ids(engine: Engine, tmp_path: Path) -> None:
    """Where a back-up came back and other things happened since, no old id comes again."""
    ids = []
    for name, headline in (("a", "one"), ("b", "one"), ("c", "two")):
        store = SqlStore.open(f"sqlite:///{tmp_path}/{name}.db")
        desk = Engine(engine.ruleset, program=engine.program, store=store)
        desk.act("report/1", "submit", at=NINE, data={"headline": headline})
        ids.append(json.loads(Outbox(store).claim(NINE)[0].text)["id"])
        store.close()

    assert ids[0] == ids[1] != ids[2]


def test_what_is_claimed_is_nobody_elses(submit: Submit, outbox: Outbox) -> None:
    """A message is claimed once, until the lease is over; then anybody may have it again."""
    submit("1")
    first = outbox.claim(NINE)

    assert ["report/1"] == subjects(first)
    assert () == outbox.claim(NINE + LEASE - 1)
    again = outbox.claim(NINE + LEASE)
    assert [(1, 2)] == [(a.fence, b.fence) for a, b in zip(first, again, strict=True)]


def test_an_old_fence_changes_nothing(submit: Submit, outbox: Outbox) -> None:
    """Who has lost a claim can end nothing, and hears of it."""
    submit("1")
    (old,) = outbox.claim(NINE)
    (new,) = outbox.claim(NINE + LEASE)

    assert not outbox.delivered(old, NINE + LEASE)
    assert not fail(outbox, old, NINE + LEASE)
    assert not outbox.give_up(old, "no")
    outbox.release([old], NINE + LEASE)
    assert () == outbox.claim(NINE + LEASE)
    assert outbox.delivered(new, NINE + LEASE)
    assert not outbox.delivered(new, NINE + LEASE)
    assert Queue(waiting=0, failed=0, delivered=1, given_up=0) == outbox.queue()


def test_a_later_message_waits_for_an_earlier_one(
    submit: Submit, engine: Engine, outbox: Outbox
) -> None:
    """What fails holds up its own case, in whatever order claims are ended, and no other."""
    submit("1")
    submit("2")
    engine.act("report/1", "note", at=NINE)
    first, second, third = outbox.claim(NINE)

    assert ["report/1", "report/2", "report/1"] == subjects((first, second, third))
    fail(outbox, first, NINE)
    outbox.release([second, third], NINE)
    assert ["report/2"] == subjects(outbox.claim(NINE))
    assert [1, 3] == [claim.position for claim in outbox.claim(NINE + SECOND)]


def test_what_is_new_is_taken_in_part_by_part(
    submit: Submit,
    engine: Engine,
    outbox: Outbox,
    store: SqlStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever claims takes in what acts have written, as much as there is, and looks at it."""
    monkeypatch.setattr(chains, "_PAGE", 2)
    submit("1")
    engine.act("report/1", "note", at=NINE)
    for name in "23456":
        submit(name)
    (first,) = outbox.claim(NINE, limit=1)
    with store.engine.connect() as connection:
        ready = sa.select(sa.func.count(OUTBOX.c.ready))
        assert 2 == connection.execute(ready).scalar_one()
    fail(outbox, first, NINE)

    assert [f"report/{name}" for name in "23456"] == [
        claim.subject for _ in range(3) for claim in outbox.claim(NINE, limit=2)
    ]
    assert Queue(waiting=7, failed=1, delivered=0, given_up=0) == outbox.queue()


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_a_queue_whose_row_is_lost_begins_anew(
    engine: Engine, database: str, request: pytest.FixtureRequest
) -> None:
    """What is new is delivered, and nothing that was delivered or given up is taken in again."""
    url = "sqlite://" if database == "sqlite" else request.getfixturevalue("postgres")
    store = SqlStore.open(url, tenant="lost")
    desk = Engine(engine.ruleset, program=engine.program, store=store)
    outbox = Outbox(store)
    for number in range(1, 4):
        desk.act(f"report/{number}", "submit", at=NINE)
    arrived, gone, failing = outbox.claim(NINE)
    outbox.delivered(arrived, NINE)
    outbox.give_up(gone, "gone")
    fail(outbox, failing, NINE)
    desk.act("report/4", "submit", at=NINE)
    with store.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM kaocheng_queues WHERE tenant = 'lost'"))

    assert () == outbox.claim(NINE)
    assert ["report/4"] == subjects(outbox.claim(NINE))
    assert Queue(waiting=2, failed=1, delivered=1, given_up=1) == outbox.queue()
    assert ["report/3"] == subjects(outbox.claim(NINE + SECOND))
    store.close()


def test_what_is_new_cannot_be_redelivered(submit: Submit, outbox: Outbox) -> None:
    """It has not been tried yet, and is not counted as given up."""
    submit("1")

    assert not outbox.redeliver(1, 1)
    assert 0 == outbox.redeliver_given_up()
    assert Queue(waiting=1, failed=0, delivered=0, given_up=0) == outbox.queue()


def test_a_claim_that_is_out_holds_up_its_case(
    submit: Submit, engine: Engine, outbox: Outbox
) -> None:
    """While somebody has the first message of a case, nobody gets one that came later."""
    submit("1")
    (first,) = outbox.claim(NINE)
    engine.act("report/1", "note", at=NINE)

    assert () == outbox.claim(NINE)
    outbox.delivered(first, NINE)
    assert [2] == [claim.position for claim in outbox.claim(NINE)]


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_a_batch_is_bounded(submit: Submit, engine: Engine, outbox: Outbox, limit: int) -> None:
    """At most so many messages are claimed; those of one case follow each other."""
    submit("1")
    engine.act("report/1", "note", at=NINE)
    submit("2")
    engine.act("report/2", "note", at=NINE)
    claims = outbox.claim(NINE, limit=limit)

    assert limit == len(claims)
    for case in ("report/1", "report/2"):
        places = [claim.position for claim in claims if claim.subject == case]
        assert places == [1, 2][: len(places)] or places == [3, 4][: len(places)]


def test_waits_grow_until_it_is_given_up(
    submit: Submit, store: SqlStore, outbox: Outbox, clock: Clock
) -> None:
    """A second, two, four, up to an hour; after so many attempts it is given up with its error."""
    submit("1")
    waits = []
    for _ in range(ATTEMPTS):
        assert 1 == deliver(store, [Down()], clock=clock).done
        with store.engine.connect() as connection:
            ready = connection.execute(sa.select(OUTBOX.c.ready)).scalar_one()
        if ready is not None:
            waits.append((ready - clock.now) // SECOND)
            assert () == outbox.claim(ready - 1)
            clock.now = ready

    assert ATTEMPTS - 1 == len(waits)
    assert [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600] == waits[:14]
    assert {3600} == set(waits[12:])
    assert () == outbox.claim(clock.now + 100 * HOUR)
    (given_up,) = outbox.failing()
    assert ("report/1", ATTEMPTS) == (given_up.subject, given_up.attempts)
    assert "hook: no answer" == given_up.error
    assert Queue(waiting=0, failed=0, delivered=0, given_up=1) == outbox.queue()


def test_what_was_given_up_can_be_delivered_again(
    submit: Submit, engine: Engine, outbox: Outbox
) -> None:
    """`redeliver` brings it back, to the channels that do not have it; until then others go on."""
    submit("1")
    engine.act("report/1", "note", at=NINE)
    first, _ = outbox.claim(NINE)
    outbox.give_up(first, "gone", told={"a": None, "b": "gone"})

    assert not outbox.redeliver(1, 9)
    assert not outbox.redeliver(3, 1)
    assert outbox.redeliver(1, 1)
    assert not outbox.delivered(first, NINE)
    (again,) = outbox.claim(NINE)
    assert (1, 0, {"a": None}) == (again.position, again.attempts, again.told)


def test_what_was_delivered_can_be_delivered_again(submit: Submit, outbox: Outbox) -> None:
    """A receiver that lost what it got gets it again, and what is old can be deleted."""
    submit("1")
    (claim,) = outbox.claim(NINE)
    outbox.delivered(claim, NINE)

    assert outbox.redeliver(1, 1)
    (again,) = outbox.claim(NINE)
    assert claim.text == again.text
    assert 0 == outbox.drop_delivered(NINE + HOUR)
    outbox.delivered(again, NINE + SECOND)
    assert 0 == outbox.drop_delivered(NINE + SECOND)
    assert 1 == outbox.drop_delivered(NINE + SECOND + 1)


def test_tenants_have_outboxes_of_their_own(store: SqlStore, submit: Submit) -> None:
    """Nobody claims messages of another tenant."""
    submit("1")

    assert () == Outbox(SqlStore(store.engine, tenant="other")).claim(NINE)


def test_nothing_is_written_where_nothing_is_ready(store: SqlStore, outbox: Outbox) -> None:
    """An empty outbox costs a look: the database is not even locked."""
    seen: list[str] = []
    sa.event.listen(
        store.engine, "before_cursor_execute", lambda *given: seen.append(given[2].split()[0])
    )

    assert () == outbox.claim(NINE)
    assert "UPDATE" not in seen


def test_postgres_skips_what_another_transaction_is_claiming(postgres: str, engine: Engine) -> None:
    """Two who claim at the same time get different cases, and neither waits for the other.

    What is new is taken in by the first, and nobody else sees it before that one is through.
    """
    store = SqlStore.open(postgres)
    desk = Engine(engine.ruleset, program=engine.program, store=store)
    for name in ("1", "2", "1"):
        desk.act(f"report/{name}", "note", at=NINE)
    with store.engine.connect() as connection, connection.begin() as transaction:
        claims = Outbox(store.bound(connection)).claim(NINE, limit=1)
        assert (1, ()) == (len(claims), Outbox(store).claim(NINE))
        transaction.rollback()
    Outbox(store).release(Outbox(store).claim(NINE), NINE)
    with store.engine.connect() as connection:
        with connection.begin():
            one = Outbox(store.bound(connection)).claim(NINE, limit=1)
            two = Outbox(store).claim(NINE)
        three = Outbox(store).claim(NINE)
    store.close()

    assert [["report/1"], ["report/2"], []] == [subjects(claims) for claims in (one, two, three)]


def test_what_is_no_instant_deletes_nothing(store: SqlStore) -> None:
    """An argument of another type is named, whatever a database would make of it."""
    outbox = Outbox(store)
    for wrong in ("x", None, 5.5):
        with pytest.raises(ArgumentError, match="`before` must be"):
            outbox.drop_delivered(wrong)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="`limit` must be"):
        outbox.claim(1, limit=0)


@pytest.mark.parametrize(
    "wrong", ["nonsense", "[]", '{"a": {"attempts": "x", "why": "", "again": 1}, "b": 5}']
)
def test_a_row_that_somebody_has_spoilt_is_sent_to_all(
    store: SqlStore, engine: Engine, outbox: Outbox, wrong: str
) -> None:
    """A copy too many is what receivers expect; a worker that stops is not."""
    assert engine.act("report/1", "submit", at=NINE).accepted
    with store.engine.begin() as connection:
        connection.execute(sa.update(OUTBOX).values(told=wrong, failures=wrong))
    (claim,) = outbox.claim(NINE)

    assert ({}, {}) == (claim.told, claim.failures)


def test_a_look_does_not_read_what_is_done(postgres: str) -> None:
    """However many messages are kept, whether anything waits is seen by indexes."""
    store = SqlStore.open(postgres, tenant="long")
    fill = (
        "INSERT INTO kaocheng_outbox (tenant, position, number, subject, message, delivered_at)"
        " SELECT 'long', n, 1, 'report/' || n % 100, 'x', 1 FROM generate_series(1, 20000) AS n"
    )
    with store.engine.begin() as connection:
        connection.execute(sa.text(fill))
        connection.execute(sa.text("INSERT INTO kaocheng_queues VALUES ('long', 20000)"))
        connection.execute(sa.text("ANALYZE kaocheng_outbox"))
    seen: list[str] = []

    def explained(connection: sa.Connection, *given: Any) -> None:  # noqa: ANN401 - as it has them
        statement, parameters = given[1], given[2]
        if "kaocheng_outbox" in statement and not statement.startswith("EXPLAIN"):
            rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
            seen.extend(row[0] for row in rows)

    sa.event.listen(store.engine, "before_cursor_execute", explained)
    assert () == Outbox(store).claim(NINE)
    store.close()

    assert any("Index Only Scan Backward" in line for line in seen)
    assert [] == [line for line in seen if "Seq Scan on kaocheng_outbox" in line]


def test_what_is_no_claim(store: SqlStore) -> None:
    """It is refused by name, before anything is written."""
    box: Any = Outbox(store)
    for use in (
        lambda: box.delivered("1/1", NINE),
        lambda: box.put_off(None, NINE, told={}, failures={}),
        lambda: box.give_up(7, "why"),
        lambda: box.release([7], NINE),
        lambda: box.wake([7], NINE),
    ):
        with pytest.raises(
            ArgumentError, match=r"^`claim` must be a claim, as `Outbox\.claim` gives it$"
        ) as error:
            use()
        assert error.value.zh == "`claim` 应为领取的消息（由 `Outbox.claim` 给出）"
