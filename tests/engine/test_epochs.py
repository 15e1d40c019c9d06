"""Whole numbers that are times in another unit than microseconds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaocheng.calendars.numberline import DAY, HOUR, parse_instant
from kaocheng.engine import Engine
from kaocheng.engine.epochs import why_misread
from kaocheng.errors import ArgumentError
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import Correction, Event

FIRST, LAST = (
    parse_instant(text) // 10**6 for text in ("2000-01-01T00:00:00Z", "2099-12-31T23:59:59Z")
)
RULES = """
kinds:
  matter:
    fields: {opened_at: {at: open}}
"""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            1709514000000,
            (
                "`1709514000000` is 1970-01-20 in microseconds; it reads as 2024-03-04T01:00:00Z in"
                " milliseconds: give microseconds or text",
                "`1709514000000` 按微秒计为 1970-01-20，按毫秒计则为 2024-03-04T01:00:00Z；"
                "请给出微秒数或文本",
            ),
        ),
        (
            1709514000,
            (
                "`1709514000` is 1970-01-01 in microseconds; it reads as 2024-03-04T01:00:00Z in"
                " seconds: give microseconds or text",
                "`1709514000` 按微秒计为 1970-01-01，按秒计则为 2024-03-04T01:00:00Z；"
                "请给出微秒数或文本",
            ),
        ),
    ],
)
def test_what_it_reads_as(value: int, expected: tuple[str, str]) -> None:
    """The text says what the number is and what it was meant to be, in both languages."""
    why = why_misread(value)

    assert why is not None
    assert expected == (why.en, why.zh)


@pytest.mark.parametrize("value", [0, -1, -DAY])
def test_a_number_that_nobody_has_set_is_no_time(
    ruleset_of: Callable[..., Ruleset], value: int
) -> None:
    """Nothing is kept by it; text may be of before 1970, and so may history and questions."""
    rules = ruleset_of(from_open=RULES)
    engine = Engine(rules)
    assert engine.act("matter/1", "open", at="1969-12-31T23:59:59Z").accepted
    void = Correction(sequence=1, reason="of 1969", at=value)
    refused = [
        engine.act("matter/2", "open", at=value),
        engine.act("matter/2", "open", at=1, recorded_at=value),
        engine.act("matter/1", "open", at=1, corrects=void),
    ]
    why = f"`{value}` is no time after 1970, but what a number is that nobody has set: give"
    zh = f"`{value}` 不是 1970 年以后的时刻，多为未赋值的数：请给出"

    for name, outcome in zip(("at", "recorded_at", "corrects.at"), refused, strict=True):
        (reason,) = outcome.reasons
        assert "bad_time" == reason.code
        assert f"`{name}`: {why} microseconds or text" == reason.message()
        assert f"`{name}`：{zh}微秒数或文本" == reason.message("zh")
    with pytest.raises(ArgumentError) as clock:
        Engine(rules, clock=lambda: value).act("matter/2", "open")
    assert f"`clock` is no instant: {why} microseconds" == str(clock.value)
    event = Event(case="matter/2", sequence=1, event="open", at=value)
    assert () == engine.load([event]).doubts
    assert (event,) == engine.history("matter/2", as_of=value)


@given(st.integers(FIRST, LAST))
def test_a_time_of_this_century_in_another_unit_is_seen(seconds: int) -> None:
    """In seconds and in milliseconds; in microseconds it is what it is."""
    assert why_misread(seconds) is not None
    assert why_misread(seconds * 1000) is not None
    assert why_misread(seconds * 10**6) is None


@pytest.mark.parametrize("value", [-DAY, 0, 1, 10**6, FIRST - 1, 2 * HOUR, 9 * DAY, 60 * DAY])
def test_other_times_of_long_ago_are_taken(value: int) -> None:
    """Small numbers, and what reads as another century, are what they say."""
    assert why_misread(value) is None


def test_history_is_taken_as_it_is(ruleset_of: Callable[..., Ruleset]) -> None:
    """What is loaded, and what is said as text, may have happened in January 1970."""
    engine = Engine(ruleset_of(from_open=RULES))
    event = Event(case="matter/1", sequence=1, event="open", at=1709514000000)
    refused = engine.act("matter/2", "open", at=event.at)

    assert () == engine.load([event]).doubts
    assert ["bad_time"] == [reason.code for reason in refused.reasons]
    assert engine.act("matter/2", "open", at="1970-01-20T18:51:54Z").accepted
