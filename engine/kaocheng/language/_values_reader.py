"""Parameters and periods from YAML, and single values of a known type."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, cast

from attrs import frozen

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import MICROS, NEVER, date_to_days, parse_instant
from kaocheng.calendars.periods import PeriodSpec, PeriodUnit, standard_periods
from kaocheng.diagnostics import Diagnostics
from kaocheng.language import declaration_codes
from kaocheng.language._clauses import SOURCE_KEYS, check_clause
from kaocheng.language._names import Names
from kaocheng.language._types_reader import TYPE, read_type
from kaocheng.language.shapes import (
    TITLES,
    Choice,
    Fields,
    Key,
    Raw,
    Record,
    Text,
    named_entries,
    place_of,
    read,
    unknown_choice,
    wrong_shape,
)
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
from kaocheng.syntax import (
    Node,
    Scalar,
    as_bool,
    as_date,
    as_decimal,
    as_duration,
    as_int,
    as_text,
)
from kaocheng.syntax.quoting import shown

PARAMETER = Record(
    "a parameter",
    "参数",
    (
        Key("type", Raw("a type", parts=(TYPE,)), "its type", "类型", required=True),
        Key("value", Text(), "its value", "取值", required=True),
        Key("title", TITLES, "what people call it", "名称"),
        *SOURCE_KEYS,
    ),
)

PERIOD = Record(
    "a period",
    "周期",
    (
        Key(
            "unit",
            Choice(("day", "week", "month", "quarter", "half_year", "year")),
            "its length",
            "长度",
            required=True,
        ),
        Key("from", Text(), "its first day, as `07-24`", "起始月日，如 `07-24`"),
        Key(
            "named_after",
            Choice(("start", "end")),
            "which end gives it its name",
            "以起始或终了之年命名",
        ),
        Key("title", TITLES, "what people call it", "名称"),
    ),
)

_MONTH_DAY = re.compile(r"(\d{2})-(\d{2})", re.ASCII)
_LOOSE_MONTH_DAY = re.compile(r"(\d{1,2})(?:[-/.]|月)(\d{1,2})日?", re.ASCII)


@frozen(kw_only=True)
class ParameterRead:
    """A parameter: its type and its value on the number line."""

    type: Type
    value: object


def read_parameters(
    node: Node | None, kinds: Iterable[str], names: Names, diagnostics: Diagnostics
) -> dict[str, ParameterRead]:
    """The parameters of a version; `names` are those that a parameter may not have."""
    known = tuple(kinds)
    found: dict[str, ParameterRead] = {}
    for key, value in named_entries(node, diagnostics, key="parameters"):
        names.claim(key.text, key.span, ("a parameter", "参数"))
        fields = read(PARAMETER, value, diagnostics, key=key.text)
        if isinstance(fields, Fields):
            check_clause(key.text, fields, key.span, diagnostics)
            parameter = _parameter(key.text, fields, known, diagnostics)
            if parameter is not None:
                found[key.text] = parameter
    return found


def _parameter(
    name: str, fields: Fields, kinds: Iterable[str], diagnostics: Diagnostics
) -> ParameterRead | None:
    if "type" not in fields or "value" not in fields:
        return None
    type_ = single_type(fields, "type", name, kinds, diagnostics)
    node = fields.nodes["value"]
    if type_ is None or not isinstance(node, Scalar):
        return None
    value = read_value(node, type_, diagnostics)
    return None if value is None else ParameterRead(type=type_, value=value)


def single_type(
    fields: Fields, key: str, name: str, kinds: Iterable[str], diagnostics: Diagnostics
) -> Type | None:
    """The type under a key, which must be that of a single value."""
    node = fields.nodes[key]
    type_ = read_type(node, name, kinds, diagnostics)
    if isinstance(type_, ListOf):
        wanted = ("the type of a single value", "单个值的类型")
        wrong_shape(node, diagnostics, place=place_of(key), wanted=wanted, seen=("a list", "清单"))
        return None
    return type_


def read_value(node: Scalar, type_: Type, diagnostics: Diagnostics) -> object | None:
    """A scalar of a known type on the number line, or None after reporting."""
    match type_:
        case Decimal():
            return _decimal(node, type_.scale, diagnostics)
        case Enum():
            return _choice(node, type_, diagnostics)
        case Reference():
            return _case_id(node, type_.kind, diagnostics)
        case _:
            reader = _READERS.get(type_, as_text)
            value: object | None = reader(node, diagnostics)
            return value


def not_of_type(node: Scalar, wanted: tuple[str, str], diagnostics: Diagnostics) -> None:
    """Report a value that is not what is wanted, which is said in both languages."""
    values = {"seen": shown(node.text), "wanted": wanted[0], "wanted_zh": wanted[1]}
    diagnostics.add(declaration_codes.NOT_OF_TYPE, node.span, words=values)


def _decimal(node: Scalar, scale: int, diagnostics: Diagnostics) -> int | None:
    """A decimal number as an integer of its scale."""
    number = as_decimal(node, diagnostics)
    if number is None:
        return None
    units = number.scaleb(scale)
    if units != units.to_integral_value():
        places = f"{scale} decimal place" if scale == 1 else f"{scale} decimal places"
        wanted = (f"a number with at most {places}", f"小数不超过 {scale} 位的数字")
        not_of_type(node, wanted, diagnostics)
        return None
    if abs(units) >= NEVER:
        not_of_type(node, ("a number that fits into 64 bits", " 64 位以内的数字"), diagnostics)
        return None
    return int(units)


def _choice(node: Scalar, type_: Enum, diagnostics: Diagnostics) -> str | None:
    if node.text in type_.values:
        return node.text
    if not node.is_blank:
        unknown_choice(node, type_.values, diagnostics, key=type_.name)
    return None


def _case_id(node: Scalar, kind: str, diagnostics: Diagnostics) -> str | None:
    """The id of a case; the kind may be left out, as in journals."""
    before, slash, _ = node.text.partition("/")
    if node.is_blank:
        return None
    if slash and before != kind:
        diagnostics.add(declaration_codes.OTHER_KIND, node.span, seen=shown(node.text), kind=kind)
        return None
    return node.text if slash else f"{kind}/{node.text}"


def _instant(node: Scalar, diagnostics: Diagnostics) -> int | None:
    if node.is_blank:
        return None
    try:
        return parse_instant(node.text)
    except ClockError:
        wanted = (
            "an instant such as `2009-03-02T09:00:00+08:00`",
            "时刻（如 `2009-03-02T09:00:00+08:00`）",
        )
        not_of_type(node, wanted, diagnostics)
        return None


def _duration(node: Scalar, diagnostics: Diagnostics) -> int | None:
    length = as_duration(node, diagnostics)
    if length is None:
        return None
    if length.unit not in MICROS:
        wanted = ("a duration in hours, minutes or seconds", "以时、分或秒计的时长")
        not_of_type(node, wanted, diagnostics)
        return None
    return length.amount * MICROS[length.unit]


def _date(node: Scalar, diagnostics: Diagnostics) -> int | None:
    day = as_date(node, diagnostics)
    return None if day is None else date_to_days(day)


_READERS: Mapping[Type, Callable[[Scalar, Diagnostics], object | None]] = {
    INT: as_int,
    BOOL: as_bool,
    DATE: _date,
    INSTANT: _instant,
    DURATION: _duration,
}


def read_periods(node: Node | None, diagnostics: Diagnostics) -> Mapping[str, PeriodSpec]:
    """The standard periods and those that the version declares."""
    found = {spec.name: spec for spec in standard_periods()}
    names = Names(diagnostics)
    names.reserve(found, ("a period of the calendar", "历法周期"))
    for key, value in named_entries(node, diagnostics, key="periods"):
        fields = read(PERIOD, value, diagnostics, key=key.text)
        is_free = names.claim(key.text, key.span, ("a period", "周期"))
        if not is_free or not isinstance(fields, Fields) or "unit" not in fields:
            continue
        spec = _period(key.text, fields, diagnostics)
        if spec is not None:
            found[key.text] = spec
    return found


def _period(name: str, fields: Fields, diagnostics: Diagnostics) -> PeriodSpec | None:
    first = _month_day(fields, diagnostics)
    if first is None:
        return None
    named_after: Literal["start", "end"] = "end" if fields.text("named_after") == "end" else "start"
    unit = cast("PeriodUnit", fields.text("unit"))
    try:
        return PeriodSpec(name, unit, month=first[0], day=first[1], named_after=named_after)
    except ClockError as error:
        values = {"problem": error.message, "problem_zh": error.zh}
        diagnostics.add(declaration_codes.BAD_PERIOD, fields.at("from"), words=values)
        return None


def _month_day(fields: Fields, diagnostics: Diagnostics) -> tuple[int, int] | None:
    text = fields.text("from", "01-01")
    found = _MONTH_DAY.fullmatch(text)
    try:
        # A leap year, so that 29 February is a day.
        day = dt.date(2000, int(found[1]), int(found[2])) if found else None
    except ValueError:
        day = None
    if day is None:
        loose = _LOOSE_MONTH_DAY.fullmatch(text)
        hint = None if loose is None or found else f"{int(loose[1]):02d}-{int(loose[2]):02d}"
        diagnostics.add(
            declaration_codes.BAD_MONTH_DAY, fields.at("from"), seen=shown(text), suggestion=hint
        )
        return None
    return day.month, day.day
