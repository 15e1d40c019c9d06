"""From JSON data to the number line."""

from __future__ import annotations

from decimal import Decimal as Exact

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaocheng.calendars.numberline import NEVER
from kaocheng.journal.texts import Unfit
from kaocheng.journal.values import value_reader
from kaocheng.language.types import (
    BOOL,
    DATE,
    DURATION,
    INSTANT,
    INT,
    STRING,
    Decimal,
    Enum,
    ListOf,
    Reference,
    Type,
)

NO_OFFSET = (
    "`2009-03-02T09:00:00` has no offset from UTC; end it with one, such as `+08:00`, or with `Z`"
)
LEVEL = Enum("level", ("city", "province", "central"), ordered=True)


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        (BOOL, True, True),
        (INT, 7, 7),
        (INT, -(2**63) + 1, -(2**63) + 1),
        (STRING, "", ""),
        (DATE, "1970-01-11", 10),
        (DATE, "never", NEVER),
        (INSTANT, "1970-01-01T08:00:01+08:00", 1_000_000),
        (INSTANT, "never", NEVER),
        (DURATION, "2 hours", 7_200_000_000),
        (DURATION, "1 minute", 60_000_000),
        (Decimal(2), 3, 300),
        (Decimal(2), Exact("2.5"), 250),
        (Decimal(2), "-0.01", -1),
        (Decimal(2), 0.1, 10),
        (Decimal(2), Exact("1.000"), 100),
        (Decimal(0), Exact("1e2"), 100),
        (Decimal(2), Exact("0e-400"), 0),
        (LEVEL, "city", "city"),
        (Reference("unit"), "jing_hu", "unit/jing_hu"),
        (Reference("unit"), "unit/jing_hu", "unit/jing_hu"),
        (Reference("report"), "2009/0131", "report/2009/0131"),
        (ListOf(Reference("person")), ["li", None], ("person/li", None)),
        (ListOf(INT), [], ()),
    ],
)  # fmt: skip
def test_read(type_: Type, value: object, expected: object) -> None:
    """Data of the declared type becomes a value on the number line."""
    assert expected == value_reader(type_)(value)


@pytest.mark.parametrize(
    ("type_", "value", "en"),
    [
        (BOOL, 1, "`1` is not true or false"),
        (INT, True, "`true` is not a whole number"),
        (INT, "7", "`7` is not a whole number"),
        (INT, 2**63, "`9223372036854775808` does not fit into 64 bits"),
        (INT, 2**63 - 1, "`9223372036854775807` does not fit into 64 bits"),
        (STRING, 7, "`7` is not text"),
        (DATE, 20090302, "`20090302` is not a date such as `2009-03-02`"),
        (DATE, "2009-02-30", "`2009-02-30` names a day that does not exist"),
        (
            INSTANT,
            "2009-03-02T09:00:00",
            NO_OFFSET,
        ),
        (DURATION, "2 days", "`2 days` is not a duration such as `2 hours`"),
        (Decimal(2), Exact("0.001"), "`0.001` has too many decimals (at most 2)"),
        (Decimal(2), "1.234", "`1.234` has too many decimals (at most 2)"),
        (Decimal(2), Exact("1e999999999"), "`1E+999999999` does not fit into 64 bits"),
        (Decimal(2), Exact("1e-999999999"), "`1E-999999999` has too many decimals (at most 2)"),
        (Decimal(2), 10**18, "`1000000000000000000` does not fit into 64 bits"),
        (Decimal(2), "a lot", "`a lot` is not a number"),
        (Decimal(2), float("nan"), "`NaN` is not a number"),
        (Decimal(2), True, "`true` is not a number"),
        (LEVEL, "citty", "`citty` is none of `city`, `province`, `central`; did you mean `city`"),
        (LEVEL, 1, "`1` is none of `city`, `province`, `central`"),
        (Reference("unit"), "person/li", "`person/li` is not the id of a `unit`"),
        (Reference("unit"), " ", "` ` is not the id of a case"),
        (ListOf(INT), 3, "`3` is not a list"),
        (ListOf(INT), [1, "2"], "`2` is not a whole number"),
    ],
)
def test_refused(type_: Type, value: object, en: str) -> None:
    """Data of another type is refused in a sentence that shows it."""
    with pytest.raises(Unfit) as refused:
        value_reader(type_)(value)

    assert en == refused.value.text.en


@given(st.integers(-(10**15), 10**15), st.integers(0, 3))
def test_decimals_are_exact(units: int, scale: int) -> None:
    """Any number of units of the scale is read back as that number of units."""
    assert units == value_reader(Decimal(scale))(Exact(units).scaleb(-scale))
