"""Whatever is passed, the answer is a refusal or an error of ours, and nothing is half-written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from kaocheng.engine import Engine
from kaocheng.errors import ArgumentError
from kaocheng.journal.texts import NO_TIME
from kaocheng.model.events import Actor, Correction
from kaocheng.stores import SqlStore
from kaocheng.testing._store_test import LI, MORNING, office
from kaocheng.testing.durable import Kept

BIG = "x" * 10_000_000
NUL, HALF, SHOWN = "a\0b", "a\ud800b", "a\ufffdb"
TEXT = "must be text"
LONG = "has more than 200 characters"
CHARACTER = "holds a control character or half of a surrogate pair"
KEPT = "holds a NUL character or half of a surrogate pair"
TIME = NO_TIME.en
YEARS = "the instant lies outside the days from 0001-01-02 to 9999-12-30"
COUNT = "must be a whole number from 0"
FITTING = Actor(id="li", roles=("informant",))


def _named(key: str, **more: object) -> list[tuple[dict[str, object], str]]:
    wrong = [(5, TEXT), (b"x", TEXT), ([], TEXT), ("", "is empty"), (" ", "is empty")]
    wrong += [(NUL, CHARACTER), (HALF, CHARACTER), ("a\nb", CHARACTER), (BIG, LONG)]
    return [({**more, key: value}, f"`{key}` {why}") for value, why in wrong]


def _actors() -> Iterator[tuple[dict[str, object], str]]:
    actor: Any = Actor
    names = ((None, TEXT), (NUL, CHARACTER), (HALF, CHARACTER), ("", "is empty"), (BIG, LONG))
    for wrong in ("li", {"id": "li"}, 5):
        yield {"actor": wrong}, "`actor` must be an actor"
    for name, why in names:
        yield {"actor": actor(id=name, roles=FITTING.roles)}, f"`actor.id` {why}"
    for unit, why in ((5, TEXT), *names[1:]):
        yield {"actor": actor(id="li", unit=unit)}, f"`actor.unit` {why}"
    for roles in (None, "informant", ["informant"]):
        yield {"actor": actor(id="li", roles=roles)}, "`actor.roles` must be a tuple of texts"
    yield {"actor": actor(id="li", roles=(5,))}, f"`actor.roles` {TEXT}"


NO_TIMES: tuple[object, ...] = (
    1.5,
    True,
    [],
    datetime(2009, 3, 2),  # noqa: DTZ001 - it is to be refused
    datetime(2009, 3, 2, tzinfo=UTC),
    date(2009, 3, 2),
)
NO_OFFSET = (
    "`2009-03-02T09:00:00` has no offset from UTC; end it with one, such as `+08:00`, or with `Z`"
)
NO_INSTANT = (
    "is no instant: `2009-03-02` is not an instant; write it as `2009-03-02T09:00:00+08:00`"
)
STRAY = "has a number that is empty, or that begins or ends with a blank"
MILLISECONDS = (
    "`1235955600000` is 1970-01-15 in microseconds; it reads as 2009-03-02T01:00:00Z in"
    " milliseconds"
)
SECONDS = "`1235955600` is 1970-01-01 in microseconds; it reads as 2009-03-02T01:00:00Z in seconds"
TOO_LATE = "`10000-01-01T00:00:00Z` is not an instant; write it as `2009-03-02T09:00:00+08:00`"


def _times() -> Iterator[tuple[dict[str, object], str]]:
    for key in ("at", "recorded_at"):
        for value in NO_TIMES:
            yield {key: value}, f"`{key}` {TIME}"
        for instant in (2**70, -(2**70), 253_402_300_800_000_000, -62_135_596_800_000_001):
            yield {key: instant}, f"`{key}`: {YEARS}"
        for size, why in ((1000, MILLISECONDS), (10**6, SECONDS)):
            yield {key: MORNING // size}, f"`{key}`: {why}: give microseconds or text"
        yield {key: BIG}, f"`{key}` {LONG}"
        yield {key: "2009-03-02T09:00:00"}, f"`{key}`: {NO_OFFSET}"
        yield {key: "10000-01-01T00:00:00Z"}, f"`{key}`: {TOO_LATE}"
    yield {"at": NUL}, f"`at`: `{NUL}` is not a date; write it as `2009-03-02`"
    # What no output could take is not quoted as it is.
    yield {"at": HALF}, f"`at`: `{SHOWN}` is not a date; write it as `2009-03-02`"


def _data() -> Iterator[tuple[dict[str, object], str]]:
    for wrong in ([1], "x", 5):
        yield {"data": wrong}, "`data` must be an object with keys and values"
    yield {"data": {1: 2}}, "`data` has a key that is not text"
    yield {"data": {HALF: 1}}, f"`submit` carries no `{SHOWN}`"
    yield {"data": {"length": [HALF]}}, f'`length`: `["{SHOWN}"]` is not a whole number'
    yield {"data": {"unit": f"unit/{NUL}"}}, "`data`: a NUL character cannot be kept"
    half = "half of a surrogate pair stands alone, which is no character"
    yield {"data": {"unit": f"unit/{HALF}"}}, f"`data`: {half}"
    big = "the event has 10000214 bytes, but may have 1048576"
    yield {"data": {"unit": f"unit/{BIG}"}}, f"`data`: {big}"
    long = "x" * 300
    yield {"data": {"unit": f"unit/{long}"}}, "`unit`: it has 305 characters, but may have 220"
    fits = "it has 311 characters, but may have 220"
    yield {"data": {"unit": "a", "incident": f"{long}"}}, f"`incident`: {fits}"
    yield {"data": {"length": 2**100_000}}, "`length`: `…` does not fit into 64 bits"


def _numbers() -> Iterator[tuple[dict[str, object], str]]:
    for number in ("1", 0.0, False, -1):
        yield {"expected_sequence": number}, f"`expected_sequence` {COUNT}"


def _corrections() -> Iterator[tuple[dict[str, object], str]]:
    amending = {"event": "amend"}
    yield {**amending, "corrects": "x"}, "`corrects` must be a correction"
    for sequence in ("1", 1.0, -1, 2**70):
        wrong = Correction(sequence=sequence, reason="r", void=True)  # type: ignore[arg-type]
        yield {**amending, "corrects": wrong}, f"`corrects.sequence` {COUNT}"
    for reason, why in ((None, TEXT), ("", "is empty"), (NUL, KEPT), (HALF, KEPT)):
        wrong = Correction(sequence=1, reason=reason, void=True)  # type: ignore[arg-type]
        yield {**amending, "corrects": wrong}, f"`corrects.reason` {why}"
    nothing = "`corrects` changes nothing; give `void`, `at`, `date` or `data`"
    yield {**amending, "corrects": Correction(sequence=1, reason="r")}, nothing
    both = "cannot stand beside `at`, `date` or `data`: an event that is void is not replaced"
    wrong = Correction(sequence=1, reason="r", void=True, data={"length": 5})
    yield {**amending, "corrects": wrong}, f"`corrects.void` {both}"
    wrong = Correction(sequence=1, reason="r", at=MORNING, date=5)
    yield {**amending, "corrects": wrong}, "`corrects.date` cannot stand beside `at`"
    wrong = Correction(sequence=1, reason="r", at=MORNING // 1000)
    text = f"`corrects.at`: {MILLISECONDS}: give microseconds or text"
    yield {**amending, "corrects": wrong}, text
    wrong = Correction(sequence=1, reason="r", date=10**12)
    days = "must be days since 1970, from 0001-01-02 to 9999-12-30"
    yield {**amending, "corrects": wrong}, f"`corrects.date` {days}"


REFUSED: list[tuple[dict[str, object], str]] = [
    ({"case": "reprot/1"}, "the ruleset has no kind `reprot`; did you mean `report`"),
    ({"case": "1"}, "the case `1` does not begin with its kind, as `report/2009-0131` does"),
    *(({"case": stray}, f"`case` {STRAY}") for stray in ("report/", "report/ 1", "report/1 ")),
    ({"event": "sbmit"}, "`report` has no event `sbmit`; did you mean `submit`"),
    ({"event": "kaocheng.timer"}, "`report` has no event `kaocheng.timer`"),
    *_named("case"),
    ({"case": None}, f"`case` {TEXT}"),
    *_named("event"),
    *_named("idempotency_key"),
    *_actors(),
    *_times(),
    *_data(),
    *_corrections(),
    *_numbers(),
]


@pytest.fixture(scope="module")
def postgres_engine(postgres: str) -> Iterator[Engine]:
    """An engine on PostgreSQL, for all of these: nothing of them is kept."""
    yield from _engine(f"{postgres}&options=-csearch_path%3Dbad_arguments", schema=postgres)


@pytest.fixture(scope="module")
def sqlite_engine() -> Iterator[Engine]:
    """An engine on SQLite."""
    yield from _engine("sqlite://")


def _engine(url: str, schema: str = "") -> Iterator[Engine]:
    if schema:
        import sqlalchemy as sa

        owner = sa.create_engine(schema)
        with owner.begin() as connection:
            connection.execute(sa.text("CREATE SCHEMA bad_arguments"))
        owner.dispose()
    store = SqlStore.open(url)
    yield Engine(office().ruleset, store=store, program=office().program, clock=lambda: MORNING)
    store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each of them."""
    found: Engine = request.getfixturevalue(f"{request.param}_engine")
    return found


def kept(engine: Engine) -> Kept:
    """All rows."""
    store: Any = engine.store
    with store.place.read() as connection:
        return Kept.read(connection, store.tenant)


def act(engine: Engine, arguments: Mapping[str, object]) -> list[str]:
    """The reasons for which an act with these arguments is refused."""
    given: dict[str, Any] = {"at": MORNING, "actor": LI, "data": {"unit": "unit/a"}, **arguments}
    case, event = given.pop("case", "report/1"), given.pop("event", "submit")
    outcome = engine.act(case, event, **given)
    assert not outcome.accepted
    return [reason.message() for reason in outcome.reasons]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_an_act_is_refused_with_its_reason(engine: Engine, number: int) -> None:
    """By SQLite and PostgreSQL alike, before anything is written."""
    arguments, text = REFUSED[number]
    before = kept(engine)
    reasons = act(engine, arguments)

    assert text in reasons
    assert all(len(reason) < 1_000 for reason in reasons)
    assert before == kept(engine)
    assert [] == before.rows["events"]


def migrate(engine: Any, *, at: Any = MORNING, reason: Any = "r") -> object:  # noqa: ANN401
    """Go over to the same ruleset."""
    return engine.migrate(engine.plan_migration(engine.ruleset), at=at, reason=reason)


ERRORS: list[tuple[Callable[[Any], object], str, str]] = [
    (
        lambda e: e.act("report/1", "submit", at=MORNING, dry_run="no"),
        "dry_run",
        "must be true or false",
    ),
    (lambda e: e.cases(undetermined=1), "undetermined", "must be true or false"),
    (lambda e: e.state(None), "case", TEXT),
    (lambda e: e.case(5), "case", TEXT),
    (lambda e: e.sequence(b"report/1"), "case", TEXT),
    (lambda e: e.results([]), "case", TEXT),
    (lambda e: e.may(None), "case", TEXT),
    (lambda e: e.may(f"report/{NUL}"), "case", CHARACTER),
    (lambda e: e.may("report/1", actor="li"), "actor", "must be an actor"),
    (lambda e: e.cases(kind=5), "kind", TEXT),
    (lambda e: e.cases(state=[]), "state", TEXT),
    (lambda e: e.cases(unit=NUL), "unit", CHARACTER),
    (lambda e: e.cases(after=HALF), "after", CHARACTER),
    (lambda e: e.cases(limit=0), "limit", "must be a whole number from 1"),
    (lambda e: e.cases(limit="x"), "limit", "must be a whole number from 1"),
    (lambda e: e.cases(limit=2**70), "limit", "must be a whole number from 1"),
    (lambda e: e.tick(MORNING, limit=-1), "limit", "must be a whole number from 1"),
    *(
        (lambda e, reason=reason: migrate(e, reason=reason), "reason", why)
        for reason, why in ((None, TEXT), (" ", "is empty"), (NUL, KEPT), (HALF, KEPT))
    ),
    *(
        (call, name, f"is no instant: {MILLISECONDS}: give microseconds")
        for call, name in (
            (lambda e: e.tick(MORNING // 1000), "now"),
            (lambda e: e.cases(due_before=MORNING // 1000), "due_before"),
            (lambda e: at(e, MORNING // 1000).act("report/1", "submit"), "clock"),
        )
    ),
    *(
        (call, name, f"is no instant: {MILLISECONDS}: give microseconds or text")
        for call, name in (
            (lambda e: e.assess(as_of=MORNING // 1000), "as_of"),
            (lambda e: migrate(e, at=MORNING // 1000), "at"),
        )
    ),
    *(
        (lambda e, value=value: migrate(e, at=value), "at", TIME)
        for value in (1.5, datetime(2009, 3, 2, tzinfo=UTC), True)
    ),
    (lambda e: migrate(e, at="2009-03-02"), "at", NO_INSTANT),
    (
        lambda e: migrate(e, at=HALF),
        "at",
        f"is no instant: `{SHOWN}` is not a date; write it as `2009-03-02`",
    ),
    *(
        (
            call,
            name,
            "must be microseconds since 1970 UTC, from 0001-01-02 to 9999-12-30",
        )
        for value in ("now", 1.5, 2**70, datetime(2009, 3, 2, tzinfo=UTC), True)
        for call, name in (
            (lambda e, value=value: e.tick(value), "now"),
            (lambda e, value=value: e.cases(due_before=value), "due_before"),
            (lambda e, value=value: at(e, value).cases(overdue=True), "clock"),
            (lambda e, value=value: at(e, value).act("report/1", "submit"), "clock"),
            (lambda e, value=value: at(e, value).act("report/1", "submit", at=MORNING), "clock"),
        )
    ),
]


def at(engine: Engine, present: Any) -> Engine:  # noqa: ANN401 - as a clock gives it
    """An engine on the same store with a clock that gives this."""
    return Engine(engine.ruleset, store=engine.store, program=engine.program, clock=lambda: present)


@pytest.mark.parametrize("number", range(len(ERRORS)))
def test_an_argument_is_named_with_what_is_wrong(engine: Engine, number: int) -> None:
    """The error is a `ValueError` too, and its facts are attributes."""
    call, argument, reason = ERRORS[number]
    with pytest.raises(ArgumentError) as caught:
        call(engine)

    assert (argument, reason) == (caught.value.argument, caught.value.reason)
    assert f"`{argument}` {reason}" == str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("case", [f"report/{NUL}", f"report/{HALF}", f"report/{BIG}", "", "x"])
def test_there_is_no_case_that_there_cannot_be(engine: Engine, case: str) -> None:
    """It reads as one that does not exist."""
    assert engine.state(case) is None
    assert engine.case(case) is None
    assert 0 == engine.sequence(case)


@pytest.mark.parametrize("at", ["1969-12-31T00:00:00Z", "0001-01-03", "9999-12-30T00:00:00Z"])
def test_times_before_1970_and_up_to_9999_are_kept(engine: Engine, at: str) -> None:
    """All of the calendar can be used."""
    said = {"at": at, "recorded_at": "9999-12-30T00:00:00Z", "data": {"unit": "unit/a"}}
    outcome = engine.act("report/1", "submit", actor=LI, dry_run=True, **said)

    assert outcome.accepted, outcome.reasons


@pytest.mark.parametrize(
    ("tenant", "why"),
    [(None, TEXT), (5, TEXT), ("", "is empty"), (NUL, CHARACTER), (HALF, CHARACTER), (BIG, LONG)],
)
def test_a_tenant_must_be_a_name(tenant: Any, why: str) -> None:  # noqa: ANN401 - of any type
    """It stands in every row."""
    with pytest.raises(ArgumentError) as caught:
        SqlStore.open(tenant=tenant)

    assert ("tenant", why) == (caught.value.argument, caught.value.reason)


def test_a_store_is_on_an_engine_of_sqlalchemy() -> None:
    """An address is for `open`."""
    with pytest.raises(ArgumentError) as caught:
        SqlStore("sqlite://")  # type: ignore[arg-type]

    said = "`engine` must be a SQLAlchemy engine; `SqlStore.open` takes an address"
    zh = "`engine` 应为 SQLAlchemy 的引擎；数据库地址请交给 `SqlStore.open`"
    assert (said, zh) == (str(caught.value), caught.value.zh)
