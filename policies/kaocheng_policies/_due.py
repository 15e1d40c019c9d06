"""When a duty falls due: limits and their combinations, from YAML to one expression."""

from __future__ import annotations

from collections.abc import Mapping as TypeMapping

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.limits import ELAPSED_ZH, Limit
from kaocheng.diagnostics import Span
from kaocheng.language import codes
from kaocheng.language.expressions import Advance, Expr, Items
from kaocheng.language.sections import Scope, Source
from kaocheng.language.shapes import (
    Choice,
    Either,
    Expression,
    Fields,
    Flag,
    Key,
    Phrase,
    Record,
    Text,
    listed,
    missing_key,
    place_of,
    read,
    wrong_shape,
)
from kaocheng.language.types import DATE, INSTANT, INT, ListOf, Row, Type
from kaocheng.syntax import Duration, Mapping, Node, Scalar, Sequence
from kaocheng_policies._shared import call

UNITS = ("second", "minute", "hour", "day", "week", "month", "year", "working_day")
ELAPSED = ("second", "minute", "hour")

GIVEN = Record(
    "a limit given by the case",
    "由事项给定的时限",
    (
        Key("amount", Expression("a whole number"), "how many", "数量", required=True),
        Key("unit", Choice(UNITS), "of what", "单位", required=True),
    ),
)

LIMIT_KEYS = (
    Key(
        "within",
        Either(Phrase(), GIVEN),
        "the limit: `2 hours`, `8 weeks`, `3 working days`",
        "时限：`2 hours`、`8 weeks`、`3 working days`",
    ),
    Key(
        "until",
        Text(),
        "where its last day ends: `same_time`, `end_of_day`, `close`, `noon`, or `17:30`",
        "末日截止于：`same_time`、`end_of_day`、`close`、`noon` 或 `17:30`",
    ),
    Key(
        "roll",
        Choice(("none", "next_working_day")),
        "whether a due day that is no working day moves",
        "到期日非工作日时是否顺延",
    ),
    Key(
        "counts_start",
        Flag(),
        "whether the starting day is the first day counted",
        "起算当日是否计入",
    ),
    Key(
        "pauses",
        Expression("a list of spells"),
        "the spells during which the clock stands still",
        "停计期间",
    ),
)

AFTER = Record(
    "a due time",
    "到期时间",
    (
        Key("starts", Expression("a date or instant"), "when it starts", "起算", required=True),
        *LIMIT_KEYS,
    ),
)

ON_A_DATE = {
    "problem": "a limit on a date ends with its last day, so `until` has no meaning here",
    "problem_zh": "以日期起算的时限至末日终了届满，不能再写 `until`",
}
TIME_WORDS: TypeMapping[Type, tuple[str, str]] = {
    DATE: ("a date", "日期"),
    INSTANT: ("an instant", "时刻"),
}
_EITHER = ("within", "due")
_OPTIONS = ("until", "roll", "counts_start", "pauses")
_FORMS = (
    "an expression, or one of `end_of`, `earliest`, `latest`, or `starts` with `within`",
    "表达式，或 `end_of`、`earliest`、`latest` 之一，或 `starts` 与 `within`",
)


class Times:
    """Compiles the time expressions of one deadline."""

    def __init__(self, scope: Scope, fields: Fields, source: Source) -> None:
        self.scope = scope
        self.fields = fields
        self.source = source

    def time(self, node: object) -> Expr | None:
        """A date or an instant."""
        return self.scope.compile(node, self.source.variables(), expected=(DATE, INSTANT))

    def starts(self) -> Expr | None:
        """`starts`, or the beginning of the row's period on a roll."""
        node = self.fields.get("starts")
        if node is not None:
            return self.time(node)
        if " per " in self.source.relation.name:
            return call("start_of", INSTANT, self.source.column("period.first_day"))
        place = {"place": "the deadline", "place_zh": "该时限"}
        self.scope.report(codes.MISSING_KEY, self.fields.span, key="starts", **place)
        return None

    def report_mix(self, span: Span, first: tuple[str, Expr], second: tuple[str, Expr]) -> None:
        """Report a date and an instant in one clock, each with the key it stands under."""
        (first_key, before), (second_key, after) = first, second
        words = (TIME_WORDS[before.type], TIME_WORDS[after.type])
        values = {"first": words[0][0], "first_zh": words[0][1]}
        values |= {"second": words[1][0], "second_zh": words[1][1]}
        keys = {"first_key": first_key, "second_key": second_key}
        self.scope.report(codes.TIME_MIX, span, **keys, **values)


def read_due(times: Times, starts: Expr | None) -> Expr | None:
    """The due time as one expression, or None after reporting."""
    fields = times.fields
    if ("within" in fields.nodes) == ("due" in fields.nodes):
        place = {"place": "the deadline", "place_zh": "该时限"}
        span = fields.keys.get("due", fields.span)
        times.scope.report(codes.EXACTLY_ONE, span, **place, **listed(_EITHER, "keys"))
        return None
    if "due" in fields.nodes:
        _report_idle(fields, times)
        return _due(fields.nodes["due"], times)
    return None if starts is None else _after(fields, starts, times)


def _report_idle(fields: Fields, times: Times) -> None:
    """Report options of a limit where there is none."""
    for key in _OPTIONS:
        if key in fields.nodes:
            times.scope.report(
                codes.NOT_TOGETHER,
                fields.keys[key],
                key=key,
                other="due",
                way_out="write it under `due:`, beside `starts` and `within`",
                way_out_zh="请写在 `due:` 之下，与 `starts`、`within` 并列",
            )


def _due(node: Node, times: Times) -> Expr | None:
    if isinstance(node, Scalar):
        return times.time(node)
    if isinstance(node, Mapping) and len(node.entries) == 1:
        key, value = node.entries[0].key.text, node.entries[0].value
        if key == "end_of" and isinstance(value, Scalar):
            return _end_of(value, times)
        if key in ("earliest", "latest") and isinstance(value, Sequence):
            return _extreme(key, value, times)
    if isinstance(node, Mapping) and node.get("starts") is not None:
        fields = read(AFTER, node, times.scope.diagnostics, key="due")
        starts = times.time(fields.get("starts")) if isinstance(fields, Fields) else None
        if not isinstance(fields, Fields) or starts is None:
            return None
        return _after(fields, starts, times)
    wrong_shape(node, times.scope.diagnostics, place=place_of("due"), wanted=_FORMS)
    return None


def _end_of(value: Scalar, times: Times) -> Expr | None:
    variable = times.source.variable
    if value.text == f"{variable}.period" and "period.last_day" in times.source.relation.columns:
        return call("end_of", INSTANT, times.source.column("period.last_day"))
    day = times.scope.compile(value, times.source.variables(), expected=DATE)
    return None if day is None else call("end_of", INSTANT, day)


def _extreme(op: str, node: Sequence, times: Times) -> Expr | None:
    items = [_due(item, times) for item in node.items]
    found = [item for item in items if item is not None]
    if not items:
        wanted, seen = ("a list of due times", "到期时间清单"), ("empty", "空的")
        wrong_shape(node, times.scope.diagnostics, place=place_of(op), wanted=wanted, seen=seen)
    if len(found) != len(items) or not found:
        return None
    for number, (item, written) in enumerate(zip(found, node.items, strict=True), start=1):
        if item.type != found[0].type:
            times.report_mix(written.span, (f"{op} 1", found[0]), (f"{op} {number}", item))
            return None
    return call(op, found[0].type, Items(type=ListOf(found[0].type), items=tuple(found)))


def _after(fields: Fields, start: Expr, times: Times) -> Expr | None:
    """So much after a start."""
    measure = _measure(fields, times)
    if measure is None:
        return None
    number, unit, amount = measure
    limit = _limit(fields, number, unit, times)
    pauses = _pauses(fields, times)
    if limit is None or ("pauses" in fields.nodes and pauses is None):
        return None
    if start.type == DATE and not _fits_date(fields, unit, start, times):
        return None
    span = fields.at("within")
    return Advance(
        type=start.type, start=start, limit=limit, amount=amount, pauses=pauses, span=span
    )


def _measure(fields: Fields, times: Times) -> tuple[int, str, Expr | None] | None:
    """How much of which unit; the amount may be given by the case."""
    within = fields.get("within")
    if isinstance(within, Duration):
        return within.amount, within.unit, None
    if isinstance(within, Fields):
        given = within.get("amount")
        amount = times.scope.compile(given, times.source.variables(), expected=INT)
        return None if amount is None or "unit" not in within else (1, within.text("unit"), amount)
    if "within" not in fields.nodes:
        missing_key(fields.span, AFTER, "within", times.scope.diagnostics)
    return None


def _fits_date(fields: Fields, unit: str, start: Expr, times: Times) -> bool:
    """Whether a limit can run from a date: not with what needs a time of day."""
    if "until" in fields.nodes:
        times.scope.report(codes.BAD_LIMIT, fields.at("until"), **ON_A_DATE)
    elif unit in ELAPSED:
        words = {"unit": f"{unit}s", "unit_zh": ELAPSED_ZH[unit]}
        times.scope.report(codes.UNIT_MISMATCH, fields.at("within"), **words)
    elif "pauses" in fields.nodes:
        spell = call("from", INSTANT)
        times.report_mix(fields.at("pauses"), ("starts", start), ("pauses", spell))
    else:
        return True
    return False


def _limit(fields: Fields, number: int, unit: str, times: Times) -> Limit | None:
    options = {
        "until": fields.text("until", "same_time"),
        "roll": fields.text("roll", "none"),
        "counts_start": fields.get("counts_start") is True,
    }
    try:
        return Limit(number, unit, **options)  # type: ignore[arg-type]
    except ClockError as error:
        key = next((key for key in options if key in fields), "within")
        times.scope.report(
            codes.BAD_LIMIT, fields.at(key), problem=error.message, problem_zh=error.zh
        )
        return None


def _pauses(fields: Fields, times: Times) -> Expr | None:
    expr = times.scope.compile(fields.get("pauses"), times.source.variables())
    if expr is None:
        return None
    item = expr.type.item if isinstance(expr.type, ListOf) else None
    relation = times.scope.schema.relations.get(item.relation) if isinstance(item, Row) else None
    if relation is None or not {"from", "until"} <= set(relation.columns):
        times.scope.report(codes.NOT_SPELLS, fields.at("pauses"), seen=str(expr.type))
        return None
    return expr
