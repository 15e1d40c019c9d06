"""From JSON data to typed values on the number line.

Data of events is JSON: dates and instants are text (`never` for what has not
happened), decimals are numbers or text, durations a phrase such as `2 hours`. A
reference may leave out the kind (`jing_hu` for `unit/jing_hu`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal as Exact

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import MICROS, NEVER, parse_date, parse_instant
from kaocheng.journal.texts import Message, Text, Unfit, clock_text, did_you_mean, names, shown
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

Reader = Callable[[object], object]

NEVER_WORD = "never"

NOT_OF_TYPE = Message("not_of_type", "`{seen}` is not {wanted}", "`{seen}` 不是{wanted}")
NOT_A_CHOICE = Message(
    "not_a_choice",
    "`{seen}` is none of {known}{hint}",
    "`{seen}` 不在可选值 {known} 之内{hint}",
)
TOO_LARGE = Message(
    "too_large", "`{seen}` does not fit into 64 bits", "`{seen}` 超出 64 位整数的范围"
)
TOO_FINE = Message(
    "too_fine",
    "`{seen}` has too many decimals (at most {scale})",
    "`{seen}` 的小数超过 {scale} 位",
)
OTHER_KIND = Message(
    "other_kind",
    "`{seen}` is not the id of a `{kind}`",
    "`{seen}` 不是 `{kind}` 的编号",
)

_WANTED: dict[Type, Text] = {
    BOOL: Text("true or false", "是非值（true 或 false）"),
    INT: Text("a whole number", "整数"),
    STRING: Text("text", "文本"),
    DATE: Text("a date such as `2009-03-02`", "日期（如 `2009-03-02`）"),
    INSTANT: Text(
        "an instant such as `2009-03-02T09:00:00+08:00`",
        "时刻（如 `2009-03-02T09:00:00+08:00`）",
    ),
    DURATION: Text("a duration such as `2 hours`", "时长（如 `2 hours`）"),
}
_NUMBER = Text("a number", "数")
_REFERENCE = Text("the id of a case", "事项编号")
_LIST = Text("a list", "清单")

_DURATION = re.compile(r"(\d{1,15}) (second|minute|hour)s?", re.ASCII)
_CASE_ID = re.compile(r"[a-z][a-z0-9_]*/.", re.ASCII)
_MOST_DIGITS = 19


def value_reader(type_: Type) -> Reader:
    """The function that reads JSON values of `type_`; it raises `Unfit` on any other."""
    if isinstance(type_, Decimal):
        return _decimal_reader(type_.scale)
    if isinstance(type_, Enum):
        return _enum_reader(type_)
    if isinstance(type_, Reference):
        return _reference_reader(type_.kind)
    if isinstance(type_, ListOf):
        return _list_reader(value_reader(type_.item))
    return _PRIMITIVES[type_]


def case_id(kind: str, value: str) -> str:
    """The case id of `value`, with its kind in front."""
    return value if value.startswith(f"{kind}/") else f"{kind}/{value}"


def in_range(number: int, seen: object) -> int:
    """The number, if it fits into 64 bits; the largest is kept for `never`."""
    if -NEVER <= number < NEVER:
        return number
    raise Unfit(TOO_LARGE.fill(seen=shown(seen)))


def scaled(number: Exact, scale: int, seen: object) -> int:
    """The number in whole units of its scale."""
    # The size is bounded first: `1e999999999` is short to write and long to expand.
    if not number.is_finite():
        raise Unfit(NOT_OF_TYPE.fill(seen=shown(seen), wanted=_NUMBER))
    if not number:
        return 0
    if number.adjusted() > _MOST_DIGITS:
        raise Unfit(TOO_LARGE.fill(seen=shown(seen)))
    if number.adjusted() < -scale:
        raise Unfit(TOO_FINE.fill(seen=shown(seen), scale=str(scale)))
    sign, digits, exponent = number.as_tuple()
    whole = int("".join(map(str, digits)))
    shift = int(exponent) + scale
    units, rest = divmod(whole * 10 ** max(shift, 0), 10 ** max(-shift, 0))
    if rest:
        raise Unfit(TOO_FINE.fill(seen=shown(seen), scale=str(scale)))
    return in_range(-units if sign else units, seen)


def exact(text: str) -> Exact:
    """The decimal number that `text` is."""
    if not re.fullmatch(r"[-+]?\d{1,40}(\.\d{1,40})?", text, re.ASCII):
        raise Unfit(NOT_OF_TYPE.fill(seen=shown(text), wanted=_NUMBER))
    return Exact(text)


def _not(type_: Type, seen: object) -> Unfit:
    return Unfit(NOT_OF_TYPE.fill(seen=shown(seen), wanted=_WANTED[type_]))


def _bool(value: object) -> object:
    if isinstance(value, bool):
        return value
    raise _not(BOOL, value)


def _int(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return in_range(value, value)
    raise _not(INT, value)


def _string(value: object) -> object:
    if isinstance(value, str):
        return value
    raise _not(STRING, value)


def _date(value: object) -> object:
    return _time(value, DATE, parse_date)


def _instant(value: object) -> object:
    return _time(value, INSTANT, parse_instant)


def _time(value: object, type_: Type, parse: Callable[[str], int]) -> int:
    if value == NEVER_WORD:
        return NEVER
    if not isinstance(value, str):
        raise _not(type_, value)
    try:
        return parse(value)
    except ClockError as error:
        raise Unfit(clock_text(error)) from error


def _duration(value: object) -> object:
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise _not(DURATION, value)
    return in_range(int(found[1]) * MICROS[found[2]], value)


_PRIMITIVES: dict[Type, Reader] = {
    BOOL: _bool,
    INT: _int,
    STRING: _string,
    DATE: _date,
    INSTANT: _instant,
    DURATION: _duration,
}


def _decimal_reader(scale: int) -> Reader:
    def read(value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, int | float | str | Exact):
            raise Unfit(NOT_OF_TYPE.fill(seen=shown(value), wanted=_NUMBER))
        if isinstance(value, Exact):
            return scaled(value, scale, value)
        if isinstance(value, int):
            return in_range(value * 10**scale, value)
        # The shortest text of a float is the number that was written.
        number = Exact(repr(value)) if isinstance(value, float) else exact(value)
        return scaled(number, scale, value)

    return read


def _enum_reader(type_: Enum) -> Reader:
    choices = frozenset(type_.values)
    known = names(type_.values)

    def read(value: object) -> object:
        if isinstance(value, str) and value in choices:
            return value
        hint = did_you_mean(shown(value), choices)
        raise Unfit(NOT_A_CHOICE.fill(seen=shown(value), known=known, hint=hint))

    return read


def _reference_reader(kind: str) -> Reader:
    prefix = f"{kind}/"

    def read(value: object) -> object:
        if not isinstance(value, str) or not value.strip() or value == prefix:
            raise Unfit(NOT_OF_TYPE.fill(seen=shown(value), wanted=_REFERENCE))
        if value.startswith(prefix):
            return value
        if _CASE_ID.match(value):
            raise Unfit(OTHER_KIND.fill(seen=shown(value), kind=kind))
        return prefix + value

    return read


def _list_reader(item: Reader) -> Reader:
    def read(value: object) -> object:
        if not isinstance(value, list | tuple):
            raise Unfit(NOT_OF_TYPE.fill(seen=shown(value), wanted=_LIST))
        return tuple(None if part is None else item(part) for part in value)

    return read
