"""Strategies for the data of events: JSON values of a type, as a journal writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from hypothesis import strategies as st

from kaocheng.calendars.numberline import DAY, HOUR, SECOND, format_date, format_instant
from kaocheng.calendars.zones import to_utc
from kaocheng.language.amounts import decimal
from kaocheng.language.types import (
    BOOL,
    DATE,
    DURATION,
    INSTANT,
    INT,
    Decimal,
    Enum,
    ListOf,
    Reference,
    Type,
)
from kaocheng.testing._eras import Era

NEVER_WORD = "never"
_SMALL = 20
_STEPS = (0, -1, 1, -SECOND, SECOND, -HOUR, HOUR, DAY)
_TEXTS = ("a", "b", "紧急", "")


def rarely(*, times_in: int = 10) -> st.SearchStrategy[bool]:
    """True in about one of `times_in` cases; failing examples shrink to False."""
    return st.integers(1, times_in).map(lambda n: n == times_in)


def days(era: Era) -> st.SearchStrategy[int]:
    """Days of the era, mostly those around which something changes."""
    special = st.builds(int.__add__, st.sampled_from(era.days), st.sampled_from((0, -1, 1)))
    return special | st.integers(era.first, era.last)


def instants(era: Era) -> st.SearchStrategy[int]:
    """Instants of the era, mostly those around which something changes."""
    special = st.builds(int.__add__, st.sampled_from(era.instants), st.sampled_from(_STEPS))
    hours = st.integers(era.first * 24, era.last * 24).map(lambda h: to_utc(era.zone, h * HOUR))
    return special | hours


def values(type_: Type, era: Era, cases: Mapping[str, Sequence[str]]) -> st.SearchStrategy[object]:
    """JSON values of a type; references name one of `cases`, rarely another case."""
    match type_:
        case ListOf():
            found: st.SearchStrategy[object] = st.lists(values(type_.item, era, cases), max_size=3)
        case Enum():
            found = st.sampled_from(type_.values)
        case Reference():
            known = tuple(cases.get(type_.kind, ()))
            found = st.sampled_from((*known, *known, f"{type_.kind}/other"))
        case Decimal():
            found = st.integers(-_SMALL, _SMALL).map(partial(decimal, scale=type_.scale))
        case _:
            found = _plain(type_, era)
    return found


def _plain(type_: Type, era: Era) -> st.SearchStrategy[object]:
    plain: dict[Type, st.SearchStrategy[object]] = {
        BOOL: st.booleans(),
        INT: st.integers(-1, _SMALL) | st.sampled_from((2**63 - 2, 10_000)),
        DURATION: st.integers(0, 72).map(lambda n: f"{n} hours"),
        DATE: _or_never(days(era).map(format_date)),
        INSTANT: _or_never(instants(era).map(lambda us: format_instant(us, era.zone))),
    }
    return plain.get(type_, st.sampled_from(_TEXTS))


def _or_never(times: st.SearchStrategy[str]) -> st.SearchStrategy[object]:
    return rarely().flatmap(lambda never: st.just(NEVER_WORD) if never else times)
