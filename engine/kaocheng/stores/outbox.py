"""The outbox: messages that wait for delivery, and how far each has come.

A message goes through these states, apart from whatever its case does meanwhile:

| `ready` | `delivered_at` | `error` | the message |
| --- | --- | --- | --- |
| nothing | nothing | nothing | is new |
| an instant | nothing | nothing | waits, for its first delivery or for an earlier one of its case |
| an instant | nothing | a text | has failed and is tried again from then on |
| nothing | an instant | nothing | is delivered |
| nothing | nothing | a text | is given up, until somebody calls `redeliver` |

A message of a case goes to a channel when all earlier ones that are not done have been there
or were given up there; so a channel that is down holds up nothing on the others. How often it has
failed, and when it is tried again, is kept for each channel. One that has failed and is there no
more goes on failing: what it is owed does not count as delivered.

Whoever claims a message has it for the length of a lease and gets its next *fence*. When
the lease is over somebody else may claim it, and what the first one says then changes
nothing. So every message is delivered at least once, and twice where a worker was slower
than its lease or died between sending and saying so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import sqlalchemy as sa
from attrs import field, frozen
from sqlalchemy import Connection, bindparam

from kaocheng.arguments import CLAIM, NAME, NAMES, STORE, check_each, check_is
from kaocheng.calendars.numberline import DAY, NEVER, SECOND
from kaocheng.engine.checking import check_instant, check_limit
from kaocheng.noting import note
from kaocheng.stores import chains, giving_up
from kaocheng.stores.codec import sayable
from kaocheng.stores.queueing import (
    Failure,
    Taken,
    Walk,
    chosen,
    failures_of,
    failures_text,
    is_tried,
    owed_text,
    still_told,
    told_of,
    told_text,
)
from kaocheng.stores.schema import OUTBOX
from kaocheng.stores.sql import SqlStore

LEASE = 120 * SECOND
"""How long a claim holds."""

ATTEMPTS = 84
"""How often a message is tried on a channel before it is given up there: for three days."""

_OFFERED_AT_ONCE = 1000


@frozen(kw_only=True)
class Claim:
    """A message that has been claimed until `until`; `fence` says by which claim.

    `attempts` is how often it has failed on the channel that failed most. `told` holds the
    channels that are done with it: with nothing where it arrived, with the reason where it is
    given up there; `failures` are those of others. It may go to `channels`, or to all where that
    is nothing, as far as what is claimed with it and stands before it has been there. `owed` are
    the channels for which earlier messages about its case have failed and wait.
    """

    position: int
    number: int
    subject: str
    text: str
    fence: int
    attempts: int
    until: int
    told: Mapping[str, str | None] = field(factory=dict)
    failures: Mapping[str, Failure] = field(factory=dict)
    channels: frozenset[str] | None = None
    owed: frozenset[str] = frozenset()

    def may_go_to(self, channel: str) -> bool:
        """Whether no earlier message of its case waits for that channel."""
        return self.channels is None or channel in self.channels


@frozen(kw_only=True)
class Failing:
    """A message that has failed, how often on the channel that failed most, and why.

    It is tried again from `again` on; where that is nothing, it is given up. Without an `error`
    it is claimed until then, by a clock that was far ahead: nobody else gets it before.
    """

    position: int
    number: int
    subject: str
    text: str
    attempts: int
    error: str | None
    again: int | None


@frozen(kw_only=True)
class Queue:
    """How many messages wait (new ones too), how many of them have failed, how many have ended."""

    waiting: int
    failed: int
    delivered: int
    given_up: int


class Outbox:
    """The messages of one tenant; every call is a short transaction of the store's."""

    def __init__(self, store: SqlStore) -> None:
        check_is("store", store, SqlStore, STORE)
        self._store = store
        self._key = {"tenant": store.tenant}

    def claim(
        self,
        now: int,
        *,
        channels: Collection[str] | None = None,
        limit: int = 100,
        lease: int = LEASE,
    ) -> tuple[Claim, ...]:
        """Take messages that are ready, in order; nobody else gets them before the lease ends.

        A later message about a case is only taken together with all earlier ones, or for the
        channels that are done with those. One that has no such channel is put off for as long
        as they are. Nothing is written where nothing is ready.

        Args:
            now: the present.
            channels: the names of those that there are.
            limit: the most messages.
            lease: how long they are taken for.
        """
        check_instant("now", now)
        check_limit(limit)
        check_limit(lease, "lease")
        if channels is not None:
            check_each("channels", channels, str, NAMES)
        tenant = self._store.tenant
        names = None if channels is None else frozenset(channels)
        while True:
            with self._store.place.read() as connection:
                if not chains.is_anything_ready(connection, tenant, now):
                    return ()
            with self._store.place.write() as opened:
                there = opened.connection
                is_any_new = chains.take_in(there, tenant)
                found = chains.walks(there, tenant, now, channels=names, limit=limit)
                is_any_held = self._hold(there, found)
                claims = self._take(there, found, until=now + lease, limit=limit)
            if claims or not (is_any_new or is_any_held):
                return tuple(claims)

    def delivered(self, claim: Claim, now: int) -> bool:
        """Say that a message has arrived; False where somebody else has claimed it meanwhile."""
        check_is("claim", claim, Claim, CLAIM)
        check_instant("now", now)
        if not self._end(claim, {"delivered_at": now, "attempts": claim.attempts}):
            return False
        note("message.delivered", **self._facts(claim))
        return True

    def put_off(  # noqa: PLR0913 - all that has come of a message
        self,
        claim: Claim,
        now: int,
        *,
        told: Mapping[str, str | None],
        failures: Mapping[str, Failure],
        attempts: int = 0,
        gone: Collection[str] = (),
    ) -> bool:
        """Say that a message waits for some channels, and how often it has failed there.

        It is ready again when the first of those is to be tried; where none has failed it stands
        behind an earlier message. `attempts` is on a channel where it is given up by now, `gone`
        are those of them that are not there: later messages of its case are owed to them as well.
        False where somebody else has claimed it meanwhile.
        """
        check_is("claim", claim, Claim, CLAIM)
        failed = [one for one in failures.values() if one.why]
        ready = min((one.again for one in failures.values()), default=now)
        why = sayable("; ".join(one.why for one in failed)) if failed else None
        attempts = max([attempts, claim.attempts, *(one.attempts for one in failed)])
        values = {"ready": ready, "error": why, "attempts": attempts, "told": told_text(told)}
        if not self._end(claim, values | {"failures": failures_text(failures)}, gone):
            return False
        if is_tried(failures, claim.failures):
            facts = {"why": why, "attempts": attempts, "again": ready}
            note("message.failed", **self._facts(claim), **facts)
        return True

    def give_up(
        self,
        claim: Claim,
        why: str,
        *,
        told: Mapping[str, str | None] | None = None,
        attempts: int | None = None,
        gone: Collection[str] = (),
    ) -> bool:
        """Try a message no more; `redeliver` brings it back. For `gone` see `put_off`."""
        check_is("claim", claim, Claim, CLAIM)
        if attempts is None:
            attempts = claim.attempts + 1
        why = sayable(why)
        values = {"error": why, "attempts": attempts, "told": told_text(told)}
        if not self._end(claim, values, gone):
            return False
        note("message.given_up", **self._facts(claim), why=why, attempts=attempts)
        return True

    def release(self, claims: Iterable[Claim], now: int) -> None:
        """Give back messages that were not tried, as if nobody had claimed them."""
        check_instant("now", now)
        rows = [self._claimed(claim) | {"now": now} for claim in claims]
        if rows:
            with self._store.place.write() as opened:
                opened.connection.execute(_RELEASE, rows)

    def wake(self, claims: Iterable[Claim], now: int) -> None:
        """Let messages go on that were put off until the end of these claims, which are over."""
        cases: dict[int, set[str]] = {}
        for claim in claims:
            check_is("claim", claim, Claim, CLAIM)
            if claim.until > now:
                cases.setdefault(claim.until, set()).add(claim.subject)
        for until, subjects in cases.items():
            key = {"b_tenant": self._store.tenant, "until": until, "subjects": sorted(subjects)}
            while self._is_found(key):  # again, for what was put off meanwhile behind these
                with self._store.place.write() as opened:
                    opened.connection.execute(_WAKE, key | {"now": now})

    def _is_found(self, key: Mapping[str, object]) -> bool:
        with self._store.place.read() as connection:
            return connection.execute(_HELD, key).first() is not None

    def redeliver(self, position: int, number: int) -> bool:
        """Deliver a message again that was given up or delivered, or now if it is put off.

        One that was delivered goes to all channels, any other to those that do not have it;
        whoever has claimed it is overtaken. Later messages of its case that have not gone yet
        wait until it has been tried, and then on the channels that failed. False where it is
        new, or there is none.
        """
        check_limit(position, "position")
        check_limit(number, "number")
        key = self._key | {"position": position, "number": number}
        with self._store.place.write() as opened:
            rows = opened.connection.execute(_TAKEN_IN, key).mappings().all()
            self._offer(opened.connection, rows)
        self._note_offered(rows)
        return bool(rows)

    def redeliver_given_up(self) -> int:
        """Deliver every message again that is given up by now; gives how many there were.

        They go to the channels that do not have them yet.
        """
        count, last = 0, {"position": 0, "number": 0, "most": _OFFERED_AT_ONCE}
        while True:
            with self._store.place.write() as opened:
                rows = opened.connection.execute(_NEXT_GIVEN_UP, self._key | last).mappings().all()
                self._offer(opened.connection, rows)
            if not rows:
                return count
            self._note_offered(rows)
            count += len(rows)
            last |= {name: rows[-1][name] for name in ("position", "number")}

    def owed(self) -> Mapping[str, int]:
        """The channels that messages have failed on or are owed to, and how many there wait."""
        with self._store.place.read() as connection:
            return giving_up.owed(connection, self._store.tenant)

    def give_up_on(self, channel: str) -> int:
        """Have nothing wait for a channel any more, as for one that is gone; gives how many did.

        Whoever delivers next gives them up there, with all other channels served first. They
        can be offered again like all that is given up. Without messages for it nothing happens.
        """
        check_is("channel", channel, str, NAME)
        tenant, count = self._store.tenant, 0
        after: chains.Place | None = (0, 0)
        while after is not None:
            with self._store.place.write() as opened:
                found, after = giving_up.give_up_on(opened.connection, tenant, channel, after=after)
            count += found
        return count

    def failing(self, *, limit: int = 100, now: int | None = None) -> tuple[Failing, ...]:
        """The messages that are given up, put off, or by `now` claimed for more than a day."""
        check_limit(limit)
        if now is not None:
            check_instant("now", now)
        after = NEVER if now is None else now + DAY
        with self._store.place.read() as connection:
            rows = connection.execute(_FAILING, self._key | {"most": limit, "after": after})
            return tuple(Failing(**row) for row in rows.mappings())

    def queue(self) -> Queue:
        """How many messages wait, have failed, are delivered, and are given up."""
        with self._store.place.read() as connection:
            return Queue(**connection.execute(_QUEUE, self._key).mappings().one())

    def drop_delivered(self, before: int) -> int:
        """Delete the messages that were delivered before an instant; gives how many.

        Raises:
            ArgumentError: it is no instant.
        """
        check_instant("before", before)
        with self._store.place.write() as opened:
            gone = opened.connection.execute(_DROP, self._key | {"before": before})
            return gone.rowcount

    def _hold(self, connection: Connection, found: Iterable[Walk]) -> bool:
        """Put off what can go nowhere until it or an earlier message is tried again.

        Whoever has claimed that one ends it before this looks, and then nothing is put off, or
        after this is over, and then wakes what was.
        """
        held = [one for walk in found for one in walk.held]
        if not held:
            return False
        places = {message.place for one in held for message in (one.message, one.behind)}
        ours = chains.locked(connection, self._store.tenant, places)
        rows = [
            self._named(*one.message.place) | {"until": one.until}
            for one in held
            if chains.is_still(one.message, ours) and chains.is_still(one.behind, ours)
        ]
        if rows:
            connection.execute(_PUT_OFF, rows)
        return bool(rows)

    def _take(
        self, connection: Connection, found: Iterable[Walk], *, until: int, limit: int
    ) -> list[Claim]:
        """Claim the first messages of all cases, and those behind them as far as there is room.

        What somebody else is busy with is left, and whatever stands behind it.
        """
        wanted = chosen(found, limit=limit)
        ours = chains.locked(connection, self._store.tenant, [one.message.place for one in wanted])
        claims: list[Claim] = []
        broken: set[str] = set()
        for one in wanted:
            message = one.message
            if not chains.is_still(message, ours):
                broken.add(message.subject)
            elif message.subject not in broken:
                claims.append(_claim(ours[message.place], until, one))
        if claims:
            taken = [self._named(one.position, one.number) | {"until": until} for one in claims]
            connection.execute(_CLAIM, taken)
        return claims

    def _end(self, claim: Claim, values: Mapping[str, object], gone: Collection[str] = ()) -> bool:
        ended = {**self._claimed(claim), **dict.fromkeys(_ENDS), **values}
        with self._store.place.write() as opened:
            changed = opened.connection.execute(_END, ended)
            ours = changed.rowcount == 1
            if ours and gone:
                place = (claim.position, claim.number)
                chains.owe(opened.connection, self._store.tenant, claim.subject, place, gone)
        if not ours:
            note("message.stale", **self._facts(claim))
        return ours

    def _offer(self, connection: Connection, rows: Sequence[sa.RowMapping]) -> None:
        """Let messages that have ended be claimed again."""
        values = [
            self._named(*_place(row))
            | {"told": still_told(row["told"]), "failures": owed_text(row["told"])}
            for row in rows
        ]
        if values:
            connection.execute(_AGAIN, values)

    def _note_offered(self, rows: Iterable[sa.RowMapping]) -> None:
        for row in rows:
            position, number = _place(row)
            note("message.redelivered", **self._key, position=position, number=number)

    def _named(self, position: int, number: int) -> dict[str, object]:
        return {"b_tenant": self._store.tenant, "b_position": position, "b_number": number}

    def _claimed(self, claim: Claim) -> dict[str, object]:
        check_is("claim", claim, Claim, CLAIM)
        return self._named(claim.position, claim.number) | {"b_fence": claim.fence}

    def _facts(self, claim: Claim) -> dict[str, object]:
        return {
            "tenant": self._store.tenant,
            "case": claim.subject,
            "position": claim.position,
            "number": claim.number,
        }


def _place(row: sa.RowMapping) -> tuple[int, int]:
    return row["position"], row["number"]


def _claim(row: sa.RowMapping, until: int, taken: Taken) -> Claim:
    return Claim(
        position=row["position"],
        number=row["number"],
        subject=row["subject"],
        text=row["message"],
        fence=row["fence"] + 1,
        attempts=row["attempts"],
        until=until,
        told=told_of(row["told"]),
        failures=failures_of(row["failures"]),
        channels=taken.channels,
        owed=taken.owed,
    )


_OWN = OUTBOX.c.tenant == bindparam("tenant")
_STILL_OURS = sa.and_(
    chains.THIS, OUTBOX.c.fence == bindparam("b_fence"), OUTBOX.c.ready.is_not(None)
)
_PUT_OFF = sa.update(OUTBOX).where(chains.THIS).values(ready=bindparam("until"))
_CLAIM = (
    sa.update(OUTBOX).where(chains.THIS).values(fence=OUTBOX.c.fence + 1, ready=bindparam("until"))
)
_ENDS = ("ready", "delivered_at", "error", "attempts", "told", "failures")
_END = sa.update(OUTBOX).where(_STILL_OURS).values({name: bindparam(name) for name in _ENDS})
_RELEASE = sa.update(OUTBOX).where(_STILL_OURS).values(ready=bindparam("now"))
_IS_HELD = sa.and_(
    OUTBOX.c.tenant == bindparam("b_tenant"),
    OUTBOX.c.ready == bindparam("until"),
    OUTBOX.c.subject.in_(bindparam("subjects", expanding=True)),
)
_HELD = sa.select(OUTBOX.c.position).where(_IS_HELD).limit(1)
_WAKE = sa.update(OUTBOX).where(_IS_HELD).values(ready=bindparam("now"))
_TOLD = sa.select(OUTBOX.c.position, OUTBOX.c.number, OUTBOX.c.told)
_IS_GIVEN_UP = sa.and_(_OWN, OUTBOX.c.ready.is_(None), OUTBOX.c.error.is_not(None))
_TAKEN_IN = _TOLD.where(
    _OWN,
    OUTBOX.c.position == bindparam("position"),
    OUTBOX.c.number == bindparam("number"),
    ~chains.IS_NEW,
)
_AGAIN = (
    sa.update(OUTBOX)
    .where(chains.THIS)
    .values(
        ready=0,
        fence=OUTBOX.c.fence + 1,
        attempts=0,
        error=None,
        delivered_at=None,
        told=bindparam("told"),
        failures=bindparam("failures"),
    )
)
_NEXT_GIVEN_UP = (
    _TOLD.where(
        _IS_GIVEN_UP,
        sa.tuple_(OUTBOX.c.position, OUTBOX.c.number)
        > sa.tuple_(bindparam("position"), bindparam("number")),
    )
    .order_by(OUTBOX.c.position, OUTBOX.c.number)
    .limit(bindparam("most"))
)
_FAILING = (
    sa.select(
        *(OUTBOX.c[name] for name in ("position", "number", "subject", "attempts", "error")),
        OUTBOX.c.message.label("text"),
        OUTBOX.c.ready.label("again"),
    )
    .where(_OWN, sa.or_(OUTBOX.c.error.is_not(None), OUTBOX.c.ready > bindparam("after")))
    .order_by(OUTBOX.c.position, OUTBOX.c.number)
    .limit(bindparam("most"))
)
_WAITS = sa.or_(OUTBOX.c.ready.is_not(None), chains.IS_NEW)
_QUEUE = sa.select(
    sa.func.count().filter(_WAITS).label("waiting"),
    sa.func.count(OUTBOX.c.error).filter(OUTBOX.c.ready.is_not(None)).label("failed"),
    sa.func.count(OUTBOX.c.delivered_at).label("delivered"),
    sa.func.count().filter(_IS_GIVEN_UP).label("given_up"),
).where(_OWN)
_DROP = sa.delete(OUTBOX).where(_OWN, OUTBOX.c.delivered_at < bindparam("before"))
