"""An application with tables of its own: its row and the act are kept together or not at all.

python plain_sqlalchemy.py sqlite:///incidents.db
"""

from __future__ import annotations

import sys
import time

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from kaocheng import Actor, Engine, Host
from kaocheng.stores import SqlStore


class Base(DeclarativeBase):
    """The application's tables."""


class Ticket(Base):
    """What the help desk knows of an incident."""

    __tablename__ = "tickets"
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    case: Mapped[str]


def opened(session: Session, engine: Engine, title: str, at: str, actor: Actor) -> Ticket:
    """A ticket and the incident it is about, in the caller's transaction.

    Raises:
        ValueError: the ruleset refuses the act; it has every reason.
    """
    number = session.scalar(sa.select(sa.func.count()).select_from(Ticket)) or 0
    ticket = Ticket(number=number + 1, title=title, case=f"incident/{number + 1}")
    session.add(ticket)
    session.flush()
    outcome = engine.bind(session).act(
        ticket.case,
        "become_aware",
        at=at,
        actor=actor,
        data={"entity": "Waterworks", "trust_service": False},
        idempotency_key=f"ticket-{ticket.number}",
    )
    if not outcome.accepted:
        raise ValueError(outcome.decision.message())
    return ticket


def main(url: str) -> None:
    """Open two tickets, of which the second comes to nothing, and print the worklist."""
    store = SqlStore.open(url)
    Base.metadata.create_all(store.engine)
    ruleset = Host.discover().load("nis2")
    engine = Engine(ruleset, store=store, clock=lambda: time.time_ns() // 1000)
    desk = Actor(id="person/desk", roles=("help_desk",))
    with Session(store.engine) as session, session.begin():
        opened(session, engine, "pump station unreachable", "2026-01-29T09:00:00+01:00", desk)
    try:
        with Session(store.engine) as session, session.begin():
            opened(session, engine, "a title", "yesterday", desk)
    except ValueError as refused:
        print(f"refused: {refused}")
    with Session(store.engine) as session:
        tickets = session.scalars(sa.select(Ticket)).all()
    print([ticket.title for ticket in tickets], [case.case for case in engine.cases()])
    store.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "sqlite://")
