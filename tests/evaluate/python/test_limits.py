"""Limits: what generated code adds on the spot is what the calendars say."""

from __future__ import annotations

from collections.abc import Sequence

import hypothesis.strategies as st
import pytest
from hypothesis import given

from kaocheng.calendars.advance import advance_date, advance_instant
from kaocheng.calendars.editions import Edition
from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.limits import Limit
from kaocheng.calendars.numberline import DAY, HOUR, NEVER, parse_date, parse_instant
from kaocheng.calendars.zones import Zones
from kaocheng.evaluate.python import Context, Setting, compile_expression, evaluate_expression
from kaocheng.language.expressions import Advance, Linked, Variable
from kaocheng.language.schema import Link, Relation
from kaocheng.language.types import DATE, INSTANT, INT, STRING, ListOf, Row, Type
from kaocheng.plan.algebra import VersionFacts, Window

RELATIONS = {
    "r": Relation(
        "r",
        {"case": STRING},
        ("case",),
        links={
            "stops": Link("stops", "stop", (("case", "case"),), many=True),
            "days_off": Link("days_off", "day_off", (("case", "case"),), many=True),
        },
    ),
    "stop": Relation("stop", {"case": STRING, "from": INSTANT, "until": INSTANT}, ("case", "from")),
    "day_off": Relation("day_off", {"case": STRING, "from": DATE, "until": DATE}, ("case", "from")),
}
EDITION = Edition("office", 0, 60)
ZONES = Zones()
SETTING = Setting(
    relations=RELATIONS,
    version=VersionFacts(
        name="1",
        window=Window(first_day=None, last_day=None),
        zone="Europe/Amsterdam",
        calendar="office",
    ),
    editions={"office": EDITION},
    zones=ZONES,
)
ZONE = ZONES.get("Europe/Amsterdam")
LIMITS = [
    Limit(2, "hour"),
    Limit(30, "minute"),
    Limit(3, "day"),
    Limit(3, "day", counts_start=True),
    Limit(2, "week"),
    Limit(1, "month"),
    Limit(1, "year"),
    Limit(5, "working_day"),
    Limit(3, "day", roll="next_working_day"),
    Limit(0, "day"),
]
TIMES = st.one_of(
    st.integers(-40 * DAY, 40 * DAY),
    st.sampled_from([NEVER, parse_instant("9999-12-31T23:59:59Z")]),
)
DATES = st.one_of(st.integers(-70, 70), st.sampled_from([NEVER, parse_date("9999-12-31")]))


Pauses = Sequence[tuple[int | None, int | None]] | None


def due(
    limit: Limit, type_: Type, start: int | None, *, amount: object = "none", stops: Pauses = None
) -> object:
    """The due time by generated code; `stops` are the rows of pauses."""
    pauses = "stops" if type_ == INSTANT else "days_off"
    relation = RELATIONS["r"].links[pauses].relation
    row = Variable(type=Row("r"), name="r")
    expr = Advance(
        start=Variable(type=type_, name="start"),
        limit=limit,
        amount=None if amount == "none" else Variable(type=INT, name="amount"),
        pauses=None if stops is None else Linked(row=row, link=pauses, type=ListOf(Row(relation))),
        type=type_,
    )
    rows = [("r1", *stop) for stop in stops or ()]
    bindings = {"start": start, "amount": amount, "r": ("r1",)}
    context = Context({relation: rows}, as_of=0)
    return evaluate_expression(expr, bindings, SETTING, context=context)


@pytest.mark.parametrize("limit", LIMITS, ids=str)
@given(start=TIMES)
def test_a_limit_on_an_instant(limit: Limit, start: int) -> None:
    """A limit that starts at an instant is due when the calendars say, or unknown."""
    try:
        expected = advance_instant(start, limit, ZONE, EDITION)
    except ClockError:
        expected = None

    assert expected == due(limit, INSTANT, start)


@pytest.mark.parametrize("limit", [limit for limit in LIMITS if limit.elapsed is None], ids=str)
@given(start=DATES)
def test_a_limit_on_a_date(limit: Limit, start: int) -> None:
    """A limit that starts on a date is due on the day the calendars say, or unknown."""
    try:
        expected = advance_date(start, limit, EDITION)
    except ClockError:
        expected = None

    assert expected == due(limit, DATE, start)


def test_an_unknown_start_is_never_due() -> None:
    """A limit from an unknown start ends at an unknown time."""
    assert [None, None] == [due(limit, INSTANT, None) for limit in (LIMITS[0], LIMITS[5])]


@pytest.mark.parametrize(("amount", "expected"), [(5, 5), (0, 0), (None, None), (-1, None)])
def test_the_case_may_give_the_amount(amount: int | None, expected: int | None) -> None:
    """An amount of the case stands in the place of the limit's; unknown or negative is unknown."""
    assert expected == due(Limit(3, "day"), DATE, 0, amount=amount)


@pytest.mark.parametrize(
    ("stops", "expected"),
    [
        ([], 2 * HOUR),
        ([(HOUR, 3 * HOUR)], 4 * HOUR),
        ([(HOUR, 3 * HOUR), (2 * HOUR, 4 * HOUR)], 5 * HOUR),
        ([(HOUR, NEVER)], NEVER),
        ([(HOUR, None)], None),
        ([(None, HOUR)], None),
    ],
)
def test_pauses_stop_the_clock(stops: Pauses, expected: object) -> None:
    """Time in a pause is not counted; an open pause has no end, an unknown one makes unknown."""
    assert expected == due(Limit(2, "hour"), INSTANT, 0, stops=stops)


def test_pauses_on_dates() -> None:
    """A limit on a date loses the days of a pause."""
    assert 7 == due(Limit(5, "day"), DATE, 0, stops=[(2, 4)])


def test_pauses_and_an_amount_go_together() -> None:
    """An amount of the case is counted around the pauses."""
    assert 4 * HOUR == due(Limit(9, "hour"), INSTANT, 0, amount=2, stops=[(HOUR, 3 * HOUR)])


@pytest.mark.parametrize(
    ("limit", "type_", "inline"),
    [
        (Limit(2, "hour"), INSTANT, True),
        (Limit(3, "day"), DATE, True),
        (Limit(3, "day"), INSTANT, False),
        (Limit(1, "month"), DATE, False),
        (Limit(3, "day", roll="next_working_day"), DATE, False),
    ],
)
def test_a_plain_sum_is_written_out(limit: Limit, type_: Type, *, inline: bool) -> None:
    """A limit that neither zone nor calendar can change calls no function."""
    expr = Advance(start=Variable(type=type_, name="start"), limit=limit, type=type_)

    assert inline is ("_advance_" not in compile_expression(expr, SETTING).source)
