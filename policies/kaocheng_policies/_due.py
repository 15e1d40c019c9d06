"""When a duty falls due: limits and their combinations, from YAML to one expression."""

from __future__ import annotations

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.limits import Limit
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
    read,
)
from kaocheng.language.types import DATE, INSTANT, INT, ListOf, Row
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
_FORMS = "`end_of`, `earliest`, `latest`, `starts` with `within`"


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
        self.scope.report(codes.MISSING_KEY, self.fields.span, place="the deadline", key="starts")
        return None


def read_due(times: Times, starts: Expr | None) -> Expr | None:
    """The due time as one expression, or None after reporting."""
    fields = times.fields
    if ("within" in fields.nodes) == ("due" in fields.nodes):
        times.scope.report(
            codes.EXACTLY_ONE, fields.span, place="the deadline", keys="`within`, `due`"
        )
        return None
    if "due" in fields.nodes:
        return _due(fields.nodes["due"], times)
    return None if starts is None else _after(fields, starts, times)


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
        return (
            _after(fields, starts, times)
            if isinstance(fields, Fields) and starts is not None
            else None
        )
    times.scope.report(codes.EXACTLY_ONE, node.span, place="`due`", keys=_FORMS)
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
    if len(found) != len(items) or not found:
        return None
    if any(item.type != found[0].type for item in found):
        times.scope.report(
            codes.TIME_MIX,
            node.span,
            first=str(found[0].type),
            first_key=op,
            second=str(next(i.type for i in found if i.type != found[0].type)),
            second_key=op,
        )
        return None
    return call(op, found[0].type, Items(type=ListOf(found[0].type), items=tuple(found)))


def _after(fields: Fields, start: Expr, times: Times) -> Expr | None:
    within = fields.get("within")
    amount = None
    if isinstance(within, Fields):
        amount = times.scope.compile(within.get("amount"), times.source.variables(), expected=INT)
        if amount is None or "unit" not in within:
            return None
        number, unit = 1, within.text("unit")
    elif isinstance(within, Duration):
        number, unit = within.amount, within.unit
    else:
        return None
    limit = _limit(fields, number, unit, times)
    pauses = _pauses(fields, times)
    if start.type == DATE and "until" in fields:
        times.scope.report(codes.BAD_LIMIT, fields.at("until"), **ON_A_DATE)
        return None
    if limit is None or ("pauses" in fields and pauses is None):
        return None
    if start.type == DATE and unit in ELAPSED:
        times.scope.report(codes.UNIT_MISMATCH, fields.at("within"), unit=unit)
        return None
    return Advance(
        type=start.type, start=start, limit=limit, amount=amount, pauses=pauses, span=start.span
    )


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
