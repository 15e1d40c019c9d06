"""The tables, the same on SQLite and PostgreSQL.

Every table begins with the tenant, and so does every key. Texts that hold a value are
canonical JSON; instants are microseconds since 1970 UTC. `events` is the journal and is
only ever added to; `cases`, `links` and `timers` can be made anew from it.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

VERSION = 4
"""The version of these tables. A database says which one it has."""

METADATA = MetaData()


# In the order of code points on every database, whatever its locale: pages of a worklist are.
_TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def _text(name: str, *, key: bool = False, null: bool = False) -> Column[str]:
    return Column(name, _TEXT, primary_key=key, nullable=null)


def _number(
    name: str, *, key: bool = False, null: bool = False, default: int | None = None
) -> Column[int]:
    first = None if default is None else str(default)
    return Column(
        name, BigInteger, primary_key=key, nullable=null, autoincrement=False, server_default=first
    )


SCHEMA = Table("kaocheng_schema", METADATA, Column("version", Integer, primary_key=True))

# One row per tenant: how many events it has, and the hash of the last one. Whoever writes
# for the tenant holds this row, so that its events have one order.
TENANTS = Table(
    "kaocheng_tenants",
    METADATA,
    _text("tenant", key=True),
    _number("position"),
    _text("head"),
)

# `line` is the event as a journal has it, `hash` is over the hash before it and the line.
EVENTS = Table(
    "kaocheng_events",
    METADATA,
    _text("tenant", key=True),
    _number("position", key=True),
    _text("case"),
    _number("sequence"),
    _text("line"),
    _text("hash"),
    Index("kaocheng_events_case", "tenant", "case", "sequence", unique=True),
)

# What is known of a case now: `stamp` changes with every change to the row, `due` is when
# its earliest open deadline is, `undetermined` how many of its deadlines cannot be computed,
# `versions` are the hashes of the versions that governed it.
CASES = Table(
    "kaocheng_cases",
    METADATA,
    _text("tenant", key=True),
    _text("case", key=True),
    _text("kind"),
    _text("state", null=True),
    _text("unit", null=True),
    _number("sequence"),
    _number("as_of"),
    _number("due", null=True),
    _number("undetermined"),
    _text("stamp"),
    _text("facts"),
    _text("results"),
    _text("versions"),
    Index("kaocheng_cases_due", "tenant", "due"),
    Index("kaocheng_cases_state", "tenant", "kind", "state", "case"),
    Index("kaocheng_cases_unit", "tenant", "unit", "case"),
)

# The few cases with a deadline that cannot be computed: acts on others do not pay for it.
SOME_UNDETERMINED = CASES.c.undetermined > sa.literal_column("0")
Index(
    "kaocheng_cases_undetermined",
    CASES.c.tenant,
    CASES.c.case,
    sqlite_where=SOME_UNDETERMINED,
    postgresql_where=SOME_UNDETERMINED,
)

# Which case names which other one in a column by which rules read children, or did so until an
# instant: an assessment as of an earlier one still finds it. What is there of a column by which
# no rule reads children any more is not looked at.
LINKS = Table(
    "kaocheng_links",
    METADATA,
    _text("tenant", key=True),
    _text("kind", key=True),
    _text("column", key=True),
    _text("value", key=True),
    _text("case", key=True),
    _number("until", null=True),
)

# What will be due: `at` is the first instant at which the rule says something else.
TIMERS = Table(
    "kaocheng_timers",
    METADATA,
    _text("tenant", key=True),
    _text("case", key=True),
    _text("rule", key=True),
    _number("at", key=True),
    # The sequence of the case whose assessment set it, for people: a timer is done if it is here
    # when the tenant's row is held, whoever claimed it.
    _number("generation"),
    _number("ready"),  # when it may be claimed: `at`, or later where it is claimed or put off
    _number("attempts"),
    _text("error", null=True),
    Index("kaocheng_timers_ready", "tenant", "ready"),
)

# What was asked under an idempotency key, and what came of it.
RECEIPTS = Table(
    "kaocheng_receipts",
    METADATA,
    _text("tenant", key=True),
    _text("key", key=True),
    _text("payload"),
    _text("outcome"),
)

# What others are to be told, a CloudEvent each, and how far that has come. An act writes no more
# than the message; it is new until `position` of the tenant's queue has come to it. `told` says
# which channels are done with a message that others still wait for, `failures` where it failed.
OUTBOX = Table(
    "kaocheng_outbox",
    METADATA,
    _text("tenant", key=True),
    _number("position", key=True),
    _number("number", key=True),
    _text("subject"),
    _text("message"),
    _number("ready", null=True),  # when it may be claimed; nothing while it is new, or once done
    _number("fence", default=0),  # grows with every claim: only the last one may say how it ended
    _number("attempts", default=0),  # on the channel that has failed most
    _text("error", null=True),
    _text("told", null=True),
    _text("failures", null=True),
    _number("delivered_at", null=True),
)
QUEUES = Table("kaocheng_queues", METADATA, _text("tenant", key=True), _number("position"))


def _outbox_index(name: str, holds: sa.ColumnElement[bool], *columns: str) -> None:
    """An index of some messages, for which those that are new cost nothing."""
    of = (OUTBOX.c[column] for column in ("tenant", *columns, "position", "number"))
    Index(f"kaocheng_outbox_{name}", *of, sqlite_where=holds, postgresql_where=holds)


_outbox_index("ready", OUTBOX.c.ready.is_not(None), "ready")
_outbox_index("subject", OUTBOX.c.ready.is_not(None), "subject")  # a later one waits for an earlier
_outbox_index("error", OUTBOX.c.error.is_not(None))

# What was published: the event that did it, the two times, and the text as it was issued.
BULLETINS = Table(
    "kaocheng_bulletins",
    METADATA,
    _text("tenant", key=True),
    _text("case", key=True),
    _number("sequence", key=True),
    _text("period"),
    _number("as_of"),
    _number("known_at"),
    _text("language"),
    _text("text"),
    _text("versions"),
)

OWNED = tuple(table for table in METADATA.sorted_tables if "tenant" in table.c)
"""The tables whose rows belong to a tenant: all but that of the version."""
