"""Channels that messages wait for, and having nothing wait for one that is gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam

from kaocheng.stores.chains import THIS, Place
from kaocheng.stores.queueing import failures_of, failures_text, told_of, told_text
from kaocheng.stores.schema import OUTBOX

WHY = "given up because the channel is gone"
"""Why a message is given up on a channel of which somebody has said that it is gone."""

_AT_ONCE = 1000


def owed(connection: Connection, tenant: str) -> Mapping[str, int]:
    """The channels that messages have failed on or are owed to, and how many there wait."""
    counts: Counter[str] = Counter()
    for text in connection.execute(_FAILURES, {"tenant": tenant}).scalars():
        counts.update(failures_of(text).keys())
    return dict(sorted(counts.items()))


def give_up_on(
    connection: Connection, tenant: str, channel: str, *, after: Place
) -> tuple[int, Place | None]:
    """Have the messages behind a place wait for a channel no more, some of them in one go.

    Whoever has claimed one is overtaken: what it says changes nothing, and the message goes to
    its other channels once more. Gives how many waited, and behind which place to go on.
    """
    position, number = after
    key = {"tenant": tenant, "position": position, "number": number, "most": _AT_ONCE}
    found = connection.execute(_OWED, key).mappings().all()
    rows = [_without(row, channel) for row in found if channel in failures_of(row["failures"])]
    if rows:
        connection.execute(_GIVE_UP, rows)
    if len(found) < _AT_ONCE:
        return len(rows), None
    return len(rows), (found[-1]["position"], found[-1]["number"])


def _without(row: sa.RowMapping, channel: str) -> dict[str, object]:
    """What is kept of a message that is given up on a channel."""
    failures = {name: one for name, one in failures_of(row["failures"]).items() if name != channel}
    told = {**told_of(row["told"]), channel: f"{channel}: {WHY}"}
    place = {f"b_{name}": row[name] for name in ("tenant", "position", "number")}
    return place | {"told": told_text(told), "failures": failures_text(failures)}


_WAITS = sa.and_(OUTBOX.c.tenant == bindparam("tenant"), OUTBOX.c.failures.is_not(None))
_FAILURES = sa.select(OUTBOX.c.failures).where(_WAITS)
_SEEN = [OUTBOX.c[name] for name in ("tenant", "position", "number", "told", "failures")]
_OWED = (
    sa.select(*_SEEN)
    .where(
        _WAITS,
        sa.tuple_(OUTBOX.c.position, OUTBOX.c.number)
        > sa.tuple_(bindparam("position"), bindparam("number")),
    )
    .order_by(OUTBOX.c.position, OUTBOX.c.number)
    .limit(bindparam("most"))
    .with_for_update(of=OUTBOX)
)
# What nobody has taken in yet stays so.
_GIVE_UP = (
    sa.update(OUTBOX)
    .where(THIS)
    .values(
        ready=sa.case((OUTBOX.c.ready.is_not(None), 0)),
        fence=OUTBOX.c.fence + 1,
        told=bindparam("told"),
        failures=bindparam("failures"),
    )
)
