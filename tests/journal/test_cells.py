"""Cells of foreign tables."""

from __future__ import annotations

from decimal import Decimal as Exact

import pytest

from kaocheng.calendars.numberline import NEVER, parse_date, parse_instant
from kaocheng.calendars.zones import build_zone
from kaocheng.journal.cells import cell_reader, time_reader
from kaocheng.journal.texts import Unfit
from kaocheng.language.ruleset import ColumnInput
from kaocheng.language.types import (
    BOOL,
    DATE,
    DURATION,
    INSTANT,
    INT,
    STRING,
    Decimal,
    Enum,
    Reference,
    Type,
)

AMSTERDAM = build_zone("Europe/Amsterdam")
AMERICAN = "%m/%d/%Y %I:%M:%S %p"
KIND = Enum("kind", ("theft", "attack"))


@pytest.mark.parametrize(
    ("form", "cell", "expected"),
    [
        ("", "2010-10-01", "2010-10-01"),
        ("", "2010-09-30T23:30:00Z", "2010-10-01"),
        (AMERICAN, "02/04/2021 12:00:00 AM", "2021-02-04"),
        ("%Y-%m-%dT%H:%M:%S.%f%z", "2010-10-01T00:00:00.020+02:00", "2010-10-01"),
        ("%Y-%m-%dT%H:%M:%S%z", "2010-10-01T23:00:00-0500", "2010-10-02"),
        ("%d.%m.%Y", " 1.10.2010 ", "2010-10-01"),
    ],
)
def test_dates(form: str, cell: str, expected: str) -> None:
    """A date is read in its format; of an instant it is the local date of the input's zone."""
    column = ColumnInput(column="c", type=DATE, form=form)

    assert expected == cell_reader(column, AMSTERDAM)(cell)
    assert parse_date(expected) == time_reader(column, AMSTERDAM)(cell)


@pytest.mark.parametrize(
    ("form", "cell", "expected"),
    [
        ("", "2010-10-01T00:00:00.020+02:00", "2010-09-30T22:00:00.020000Z"),
        ("%Y-%m-%d %H:%M", "2010-10-01 09:30", "2010-10-01T07:30:00Z"),
        # Skipped by the clock change: moved on by the gap.
        ("%Y-%m-%d %H:%M", "2010-03-28 02:30", "2010-03-28T01:30:00Z"),
        # Occurs twice: the first.
        ("%Y-%m-%d %H:%M", "2010-10-31 02:30", "2010-10-31T00:30:00Z"),
        ("%Y-%m-%d %H:%M %z", "2010-10-01 09:30 -0500", "2010-10-01T14:30:00Z"),
    ],
)
def test_instants(form: str, cell: str, expected: str) -> None:
    """A local time is read in the input's zone, an offset in the cell counts before it."""
    column = ColumnInput(column="c", type=INSTANT, form=form)

    assert expected == cell_reader(column, AMSTERDAM)(cell)
    assert parse_instant(expected) == time_reader(column, AMSTERDAM)(cell)


@pytest.mark.parametrize(
    ("type_", "cell", "expected"),
    [
        (INT, "695", 695),
        (BOOL, "true", True),
        (BOOL, "false", False),
        (STRING, " Banner Bank ", "Banner Bank"),
        (Decimal(2), "12.50", Exact("12.50")),
        (Decimal(1), "12.50", Exact("12.50")),
        (KIND, "theft", "theft"),
        (Reference("unit"), "jing_hu", "unit/jing_hu"),
        (Reference("unit"), "unit/jing_hu", "unit/jing_hu"),
        (DURATION, "2 hours", "2 hours"),
    ],
)
def test_values(type_: Type, cell: str, expected: object) -> None:
    """A cell becomes the data that a journal would carry."""
    assert expected == cell_reader(ColumnInput(column="c", type=type_), AMSTERDAM)(cell)


@pytest.mark.parametrize(
    ("type_", "form", "cell", "en"),
    [
        (INT, "", "10,000", "`10,000` is not a whole number"),
        (BOOL, "", "Yes", "`Yes` is not true or false"),
        (Decimal(1), "", "12.55", "`12.55` has too many decimals (at most 1)"),
        (Decimal(1), "", "1e3", "`1e3` is not a number"),
        (KIND, "", "thefts", "`thefts` is none of `theft`, `attack`; did you mean `theft`"),
        (DATE, "", "02/30/2021", "`02/30/2021` is not a date; write it as `2009-03-02`"),
        (
            DATE,
            AMERICAN,
            "02/30/2021 12:00:00 AM",
            "`02/30/2021 12:00:00 AM` is not written as `%m/%d/%Y %I:%M:%S %p`",
        ),
        (INSTANT, "%Y-%m-%d", "2021", "`2021` is not written as `%Y-%m-%d`"),
        (INSTANT, "", " ", "the cell is blank, but must not be"),
    ],
)
def test_refused(type_: Type, form: str, cell: str, en: str) -> None:
    """A cell that is not of its type is refused in a sentence that shows it."""
    read = cell_reader(ColumnInput(column="c", type=type_, form=form), AMSTERDAM)
    with pytest.raises(Unfit) as refused:
        read(cell)

    assert en == refused.value.text.en


@pytest.mark.parametrize(
    ("type_", "blank", "expected"),
    [
        (DATE, "unknown", None),
        (DATE, "never", "never"),
        (INSTANT, "never", "never"),
        (INT, "unknown", None),
        (INT, "never", None),
    ],
)
def test_blank_cells(type_: Type, blank: str, expected: object) -> None:
    """A blank is what the input says; only times can be never."""
    column = ColumnInput(column="c", type=type_, blank=blank)

    assert expected == cell_reader(column, AMSTERDAM)("  ")


def test_spellings_of_the_file() -> None:
    """A spelling may stand for a value, for a blank or for never."""
    truth = ColumnInput(column="c", type=BOOL, values={"Yes": "true", "No": "false"})
    day = ColumnInput(column="c", type=DATE, values={"n/a": "", "open": "never"}, blank="unknown")

    assert [True, False] == [cell_reader(truth, AMSTERDAM)(cell) for cell in ("Yes", "No ")]
    assert [None, "never"] == [cell_reader(day, AMSTERDAM)(cell) for cell in ("n/a", "open")]
    assert [None, NEVER] == [time_reader(day, AMSTERDAM)(cell) for cell in ("n/a", "open")]
