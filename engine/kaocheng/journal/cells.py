"""One cell of a foreign table, read as its `ColumnInput` says.

`values` comes first (a spelling of the file becomes a value of the ruleset; mapped to
nothing it counts as blank), then `blank`, then the type. A local time without an offset
is read in the input's zone: one that a clock change skips moves on by the gap, one that
occurs twice is the first. A date column may hold instants; it takes their local date.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from functools import lru_cache

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import (
    DAY,
    NEVER,
    SECOND,
    checked_instant,
    date_to_days,
    format_date,
    format_instant,
    parse_date,
    parse_instant,
)
from kaocheng.calendars.zones import Zone, local_day, to_utc
from kaocheng.journal.texts import Message, Unfit, clock_text, shown
from kaocheng.journal.values import NEVER_WORD, exact, value_reader
from kaocheng.language.ruleset import ColumnInput
from kaocheng.language.types import (
    BOOL,
    DATE,
    INT,
    Decimal,
    ListOf,
    Reference,
    Type,
    is_time,
)

IS_BLANK = Message("is_blank", "the cell is blank, but must not be", "单元格为空，但此列不得为空")
NOT_OF_FORM = Message(
    "not_of_form",
    "`{seen}` is not written as `{form}`",
    "`{seen}` 不符合格式 `{form}`",
)

CellReader = Callable[[str], object]
TimeReader = Callable[[str], int | None]

_DATE_LENGTH = len("2009-03-02")
_MOST_REMEMBERED = 16_384
_WHOLE = re.compile(r"[-+]?\d{1,40}", re.ASCII)
_TRUTH = {"true": True, "false": False}


def time_reader(column: ColumnInput, zone: Zone) -> TimeReader:
    """Reads cells as days or instants; `NEVER` has not happened, None is unknown."""
    parse = _time_parser(column, zone)

    def read(cell: str) -> int | None:
        text = _text(column, cell)
        if text:
            return parse(text)
        return NEVER if column.blank == "never" else None

    return read


def cell_reader(column: ColumnInput, zone: Zone) -> CellReader:
    """Reads cells as the JSON data of an event; None is unknown."""
    if is_time(column.type):
        return _time_cell(time_reader(column, zone), column.type)
    parse = _plain_parser(column.type)

    def read(cell: str) -> object:
        text = _text(column, cell)
        return parse(text) if text else None

    return read


def _text(column: ColumnInput, cell: str) -> str:
    text = cell.strip()
    text = column.values.get(text, text)
    if not text and column.blank == "error":
        raise Unfit(IS_BLANK.fill())
    return text


def _time_cell(read: TimeReader, type_: Type) -> CellReader:
    written = format_date if type_ == DATE else format_instant

    def text(cell: str) -> object:
        number = read(cell)
        return None if number is None else written(number)

    return text


def _time_parser(column: ColumnInput, zone: Zone) -> Callable[[str], int]:
    """Files repeat their times, and `strptime` is slow: what was read is remembered."""
    whole_days = column.type == DATE

    @lru_cache(maxsize=_MOST_REMEMBERED)
    def parse(text: str) -> int:
        try:
            if text == NEVER_WORD:
                return NEVER
            if column.form:
                return _formed(text, column.form, zone, whole_days=whole_days)
            return _standard(text, zone, whole_days=whole_days)
        except ClockError as error:
            raise Unfit(clock_text(error)) from error

    return parse


def _standard(text: str, zone: Zone, *, whole_days: bool) -> int:
    if not whole_days:
        return parse_instant(text)
    if len(text) > _DATE_LENGTH:
        return local_day(zone, parse_instant(text))
    return parse_date(text)


def _formed(text: str, form: str, zone: Zone, *, whole_days: bool) -> int:
    try:
        moment = dt.datetime.strptime(text, form)  # noqa: DTZ007 - the zone is the input's
    except ValueError as error:
        raise Unfit(NOT_OF_FORM.fill(seen=shown(text), form=form)) from error
    offset = moment.utcoffset()
    local = date_to_days(moment.date()) * DAY + _time_of_day(moment)
    if offset is None:
        return local // DAY if whole_days else checked_instant(to_utc(zone, local))
    instant = checked_instant(local - offset // dt.timedelta(microseconds=1))
    return local_day(zone, instant) if whole_days else instant


def _time_of_day(moment: dt.datetime) -> int:
    seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second
    return seconds * SECOND + moment.microsecond


def _plain_parser(type_: Type) -> Callable[[str], object]:
    """Text to JSON data; the type's own reader then checks the value."""
    check = value_reader(type_)
    decode = _decoder(type_)

    def parse(text: str) -> object:
        value = decode(text)
        number = check(value)
        return number if isinstance(type_, Reference | ListOf) else value

    return parse


def _decoder(type_: Type) -> Callable[[str], object]:
    if type_ == INT:
        return lambda text: int(text) if _WHOLE.fullmatch(text) else text
    if type_ == BOOL:
        return lambda text: _TRUTH.get(text, text)
    if isinstance(type_, Decimal):
        return exact
    return lambda text: text
