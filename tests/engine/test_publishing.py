"""What is published is what was known, stays what it was, and can be computed again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from kaocheng import Host, open_input
from kaocheng.calendars.numberline import HOUR, parse_instant
from kaocheng.engine import Engine
from kaocheng.engine.database import Bulletin
from kaocheng.errors import ArgumentError, JournalError
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import PUBLICATION, Actor, Event, Journal
from kaocheng.stores import SqlStore
from kaocheng.stores.comparing import compare
from kaocheng.testing.durable import Auditor

WUHU = "wuhu-information"
APRIL = parse_instant("2009-04-02T08:00:00+08:00")
EDITOR = Actor(id="person/editor", roles=("chief_editor",))
MARCH = {
    "first_day": "2009-03-01",
    "last_day": "2009-03-31",
    "known_at": "2009-04-02T08:00:00+08:00",
}
ADOPTED = {"outlet": "digest"}


@pytest.fixture(scope="module")
def office(host: Host) -> Ruleset:
    """The ruleset of an information office."""
    return host.load(WUHU)


@pytest.fixture(scope="module")
def sample(office: Ruleset, samples: dict[str, Path], host: Host) -> Journal:
    """Its sample month."""
    return open_input(samples[WUHU], office, host.formats())


@pytest.fixture
def engine(office: Ruleset, sample: Journal) -> Engine:
    """An engine with the sample loaded, its clock standing in April."""
    engine = Engine(office, store=SqlStore.open(), clock=lambda: APRIL)
    engine.load(sample.events)
    return engine


def differing(engine: Engine) -> list[str]:
    """What is kept and is not what the journal says."""
    assert isinstance(engine.store, SqlStore)
    found = compare(engine.store, engine.ruleset, program=engine.program)
    return [one.why.en for one in found.differences]


def publish(engine: Engine, *, period: str = "2009-03", key: str | None = None) -> Bulletin:
    """The bulletin of a month."""
    outcome, bulletin = engine.publish(
        "bulletin/1",
        "publish",
        period=period,
        data=MARCH,
        actor=EDITOR,
        idempotency_key=key,
    )
    assert outcome.accepted
    assert bulletin is not None
    return bulletin


def adopted(*, sequence: int = 9, recorded_at: int | None = None) -> Event:
    """An adoption in March that changes what a bulletin says."""
    at = APRIL - 20 * 24 * HOUR
    return Event(
        case="report/synthetic-2",
        sequence=sequence,
        event="adopt",
        at=at,
        recorded_at=recorded_at,
        data=ADOPTED,
    )


def tamper(engine: Engine, statement: str) -> None:
    """Change the database past the engine."""
    assert isinstance(engine.store, SqlStore)
    with engine.store.engine.begin() as connection:
        connection.execute(sa.text(statement))


@pytest.mark.parametrize("recorded_at", [None, APRIL - 1, APRIL, APRIL + 1])
def test_what_comes_after_it_was_not_known(engine: Engine, recorded_at: int | None) -> None:
    """Whatever a later event says of when it was recorded, or if it says nothing."""
    published = publish(engine)
    engine.load([adopted(recorded_at=recorded_at)])
    now = engine.circular("2009-03", as_of=APRIL, known_at=APRIL)
    (replayed,) = engine.replay()

    assert replayed.same
    assert (now == published.text) == (recorded_at == APRIL + 1)


def test_what_is_written_meanwhile_is_in_the_text(engine: Engine) -> None:
    """The text is of what stands before the publication, also where somebody came between."""
    before = engine.circular("2009-03", as_of=APRIL, known_at=APRIL)
    store = engine.store
    assert isinstance(store, SqlStore)
    journal = store.journal

    def late() -> Sequence[Event]:
        found = journal()
        store.journal = journal  # type: ignore[method-assign]
        engine.load([adopted(recorded_at=APRIL)])
        return found

    store.journal = late  # type: ignore[method-assign]
    published = publish(engine)
    (replayed,) = engine.replay()

    assert published.text != before
    assert replayed.same


def test_the_same_publication_is_made_once(engine: Engine) -> None:
    """Under its key it gives what it has published; another one under that key is refused."""
    first, again = publish(engine, key="k"), publish(engine, key="k")
    engine.load([adopted(recorded_at=APRIL)])
    outcome, other = engine.publish(
        "bulletin/1",
        "publish",
        period="2009-Q2",
        data=MARCH,
        actor=EDITOR,
        idempotency_key="k",
    )

    assert first == again
    assert 1 == len(engine.replay())
    assert (False, None) == (outcome.accepted, other)
    assert ["key_reused"] == [reason.code for reason in outcome.reasons]


@pytest.mark.parametrize("stated", [None, APRIL - HOUR])
def test_the_time_of_the_world_is_part_of_a_publication(
    office: Ruleset, sample: Journal, stated: int | None
) -> None:
    """Under a key another `as_of` is another publication; what is of now is later the same."""
    clock = iter(range(APRIL, APRIL + 100))
    engine = Engine(office, store=SqlStore.open(), clock=lambda: next(clock))
    engine.load(sample.events)

    def publish_as_of(as_of: int | None) -> tuple[list[str], Bulletin | None]:
        outcome, bulletin = engine.publish(
            *("bulletin/1", "publish"), period="2009-03", as_of=as_of, data=MARCH,
            actor=EDITOR, idempotency_key="k",
        )  # fmt: skip
        return [reason.code for reason in outcome.reasons], bulletin

    first, again = publish_as_of(stated), publish_as_of(stated)
    others = (None, APRIL - HOUR, APRIL - 1)

    assert first[1] is not None
    assert ([], first) == (first[0], again)
    assert [(["key_reused"], None)] * 2 == [publish_as_of(at) for at in others if at != stated]
    assert 1 == len(engine.replay())


def test_an_act_that_published_nothing_is_no_publication(engine: Engine) -> None:
    """Under the key of a plain act nothing is published, and nothing is journaled."""
    plain = engine.act("bulletin/1", "publish", MARCH, actor=EDITOR, idempotency_key="k")
    outcome, bulletin = engine.publish(
        "bulletin/1", "publish", period="2009-03", data=MARCH, actor=EDITOR, idempotency_key="k"
    )

    assert plain.accepted
    assert (False, None) == (outcome.accepted, bulletin)
    assert ["key_reused"] == [reason.code for reason in outcome.reasons]
    assert () == engine.replay()
    assert 1 == engine.sequence("bulletin/1")


def test_the_number_that_the_editor_has_seen_is_compared(engine: Engine) -> None:
    """A bulletin whose case has changed meanwhile is not published."""
    outcome, bulletin = engine.publish(
        "bulletin/1", "publish", period="2009-03", data=MARCH, actor=EDITOR, expected_sequence=7
    )

    assert (False, None) == (outcome.accepted, bulletin)
    assert () == engine.replay()


CHANGES = {
    "text = text || ' '": (
        "what is kept is not what was published: the journal has another digest of it"
    ),
    "as_of = as_of - 1": (
        "what is kept is not what was published: the journal has another digest of it"
    ),
    "sequence = 7": "the journal does not say that it was published",
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_changed_is_found_out(engine: Engine, change: str) -> None:
    """The journal has a digest of all that is kept of a bulletin."""
    publish(engine)
    tamper(engine, f"UPDATE kaocheng_bulletins SET {change}")  # noqa: S608
    replayed, *gone = engine.replay()

    assert not replayed.same
    assert replayed.problem is not None
    assert CHANGES[change] == replayed.problem.en
    assert CHANGES[change] in differing(engine)[0]
    assert [g.period for g in gone] == (["2009-03"] if change.startswith("sequence") else [])


def test_what_is_removed_is_missed(engine: Engine) -> None:
    """A bulletin whose row is gone is still in the journal."""
    publish(engine)
    tamper(engine, "DELETE FROM kaocheng_bulletins")
    (replayed,) = engine.replay()

    assert ("bulletin/1", 1, "2009-03", None) == (
        replayed.case,
        replayed.sequence,
        replayed.period,
        replayed.bulletin,
    )
    assert not replayed.same
    assert replayed.problem is not None
    assert (
        "the journal says that it was published, but its text is gone",
        "台账记载已经发布，而所存文本已不存在",
    ) == (replayed.problem.en, replayed.problem.zh)
    assert [f"the bulletin of event 1: {replayed.problem.en}"] == differing(engine)


def test_versions_that_cannot_be_read_are_said(engine: Engine) -> None:
    """With the case, as everything is that somebody has written over."""
    publish(engine)
    tamper(engine, "UPDATE kaocheng_bulletins SET versions = 'oops'")

    assert "another digest of it" in differing(engine)[0]
    with pytest.raises(JournalError, match="of the bulletin of `bulletin/1` is not what was kept"):
        engine.replay()


def test_the_journal_says_so(engine: Engine, office: Ruleset) -> None:
    """Under the act stands an event of the engine's own, and everything is as it should be."""
    publish(engine)
    store = engine.store
    assert isinstance(store, SqlStore)
    last = engine.history("bulletin/1")[-1]
    with store.engine.connect() as connection:
        faults = Auditor(office, program=engine.program).faults(connection, store.tenant)

    assert PUBLICATION == last.event
    assert {"sequence": 1, "period": "2009-03"}.items() <= last.data.items()
    assert [] == faults
    assert [] == differing(engine)
    assert engine.act("report/9", PUBLICATION, at=APRIL).reasons


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        ({"language": "fr"}, "`language` must be `zh` or `en`"),
        ({"period": 3}, "`period` must be text"),
        ({"at": 5.5}, "`at` must be microseconds since 1970 UTC, or text such as"),
        ({"as_of": "2009"}, "`as_of` is no instant: `2009` is not a date"),
    ],
)
def test_arguments_are_named(engine: Engine, argument: dict[str, object], text: str) -> None:
    """With what is wrong, and nothing is published."""
    options = {"period": "2009-03", "data": MARCH, "actor": EDITOR} | argument
    with pytest.raises(ArgumentError) as caught:
        engine.publish("bulletin/1", "publish", **options)  # type: ignore[arg-type]

    assert str(caught.value).startswith(text)
    assert () == engine.replay()


def test_nothing_is_published_ahead(engine: Engine) -> None:
    """A bulletin whose time lies more than a day ahead of the clock is refused, as any act."""
    at = APRIL + 25 * HOUR
    outcome, bulletin = engine.publish(
        "bulletin/1", "publish", period="2009-03", at=at, data=MARCH, actor=EDITOR
    )

    assert (["ahead"], None) == ([reason.code for reason in outcome.reasons], bulletin)
    assert [] == [event for event in engine.journal().events if event.case == "bulletin/1"]
