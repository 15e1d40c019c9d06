"""How each operation of `language.operations` is written in Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from kaocheng.calendars.limits import Limit
from kaocheng.evaluate.python import _times
from kaocheng.evaluate.python._source import Value, constant, known_or_none, named
from kaocheng.language.expressions import Advance, Call, Expr, Items, Literal
from kaocheng.language.types import DATE, Decimal, Enum, Type

if TYPE_CHECKING:
    from kaocheng.evaluate.python._expressions import Expressions

Written = Callable[["Expressions", Call], Value]


def call(writer: Expressions, expr: Call) -> Value:
    """An operation on its arguments."""
    return OPERATIONS[expr.op](writer, expr)


def _operator(template: str) -> Written:
    """A strict operation that has a result for all known arguments."""

    def written(writer: Expressions, expr: Call) -> Value:
        return writer.strict(expr.args, template.format)

    return written


def _primitive(name: str, *, total: bool = False) -> Written:
    """A strict operation that a primitive does; a `total` one has a result for all arguments."""

    def written(writer: Expressions, expr: Call) -> Value:
        def body(*args: str) -> str:
            return f"_{name}({', '.join(args)})"

        return writer.strict(expr.args, body, partial=not total)

    return written


def _of_list(name: str) -> Written:
    """A strict operation on one list, read once."""

    def written(writer: Expressions, expr: Call) -> Value:
        items = writer.sequence(expr.args[0])
        if items.nullable:
            items = writer.keep(items, "items")
            return Value(f"None if {items.code} is None else {name}({items.code})")
        return Value(f"{name}({items.code})", nullable=name != "len", tight=True)

    return written


def _in_order(name: str) -> Written:
    """A strict operation on a list of ordered values, by their places in the order."""

    def written(writer: Expressions, expr: Call) -> Value:
        name_of_order, places = _order(expr.type)
        order = writer.module.bind(f"order_{name_of_order}", expr.type, lambda: places)
        items = writer.keep(writer.sequence(expr.args[0]), "items")
        unknown = f"None if {items.code} is None else " if items.nullable else ""
        return Value(f"{unknown}{name}({items.code}, {order})")

    return written


def _order(type_: Type) -> tuple[str, Mapping[object, int]]:
    """The name of an enumeration, and the place of each of its values."""
    if not isinstance(type_, Enum):
        message = f"`{type_}` has no order"
        raise TypeError(message)
    return type_.name, {name: place for place, name in enumerate(type_.values)}


def _limited(template: str, least: str = "_LEAST", most: str = "_MOST") -> Written:
    """Arithmetic whose result is unknown past its limits."""

    def written(writer: Expressions, expr: Call) -> Value:
        return _within(writer, expr.args, template, expr.op, least, most)

    return written


def _within(  # noqa: PLR0913, PLR0917 - the parts of one line of code
    writer: Expressions,
    args: tuple[Expr, ...],
    template: str,
    like: str,
    least: str = "_LEAST",
    most: str = "_MOST",
    before: str = "",
) -> Value:
    result = writer.names.new(like)

    def body(*codes: str) -> str:
        amount = template.format(*codes)
        limited = f"{result} if {least} <= ({result} := {amount}) <= {most} else None"
        return f"{before.format(*codes)}{limited}"

    return writer.strict(args, body, partial=True, repeats=bool(before), into=result)


def _not_never(template: str) -> Written:
    """A strict operation on times that is an error where one has not happened."""

    def written(writer: Expressions, expr: Call) -> Value:
        def body(*codes: str) -> str:
            tests = " or ".join(f"{code} == _NEVER" for code in codes if code.isidentifier())
            result = template.format(*codes)
            return f"None if {tests} else {result}" if tests else result

        return writer.strict(expr.args, body, partial=True, repeats=True)

    return written


def _shift(writer: Expressions, expr: Call) -> Value:
    limits = ("_FIRST_INSTANT", "_LAST_INSTANT")
    before = "_NEVER if {0} == _NEVER else "
    return _within(writer, expr.args, "{0} + {1}", "shift", *limits, before)


def _prepared(name: str, *, edition: bool = False) -> Written:
    """A function of local time, prepared for the zone or the calendar."""

    def written(writer: Expressions, expr: Call) -> Value:
        prepared = of_zone(writer, name) if not edition else _of_edition(writer, name)
        return writer.strict(expr.args, lambda code: f"{prepared}({code})", partial=True)

    return written


def of_zone(writer: Expressions, name: str) -> str:
    """The name of a function of local time, prepared for the version's zone."""
    zone = writer.setting.version.zone
    make = getattr(_times, name)
    return writer.module.bind(f"{name}_{zone}", zone, lambda: make(writer.setting.zone))


def _of_edition(writer: Expressions, name: str) -> str:
    edition = writer.setting.edition
    hint = f"{name}_{edition.name}" if edition else name
    make = getattr(_times, name)
    return writer.module.bind(hint, edition, lambda: make(edition))


# Kleene logic -------------------------------------------------------------------------------


def _and(writer: Expressions, expr: Call) -> Value:
    return _connective(writer, expr, "and", "if {0} is not False:", "if {0} or {1} is False:")


def _or(writer: Expressions, expr: Call) -> Value:
    return _connective(writer, expr, "or", "if {0} is not True:", "if {0} is False or {1}:")


def _connective(writer: Expressions, expr: Call, word: str, goes_on: str, decided: str) -> Value:
    """Both sides; the second is computed only where the first does not decide."""
    first = writer.value(expr.args[0])
    second, lines = writer.aside(expr.args[1])
    if not lines and not first.nullable:
        return Value(f"{first.inner} {word} {second.inner}", nullable=second.nullable)
    result = writer.names.new("both" if word == "and" else "one")
    writer.lines.add(f"{result} = {first.code}")
    if not first.nullable:
        header = f"if {result}:" if word == "and" else f"if not {result}:"
        with writer.lines.block(header):
            writer.lines.place(lines)
            writer.lines.add(f"{result} = {second.code}")
        return named(result, nullable=second.nullable)
    with writer.lines.block(goes_on.format(result)):
        writer.lines.place(lines)
        second = second if second.simple else writer.keep(second, "other")
        with writer.lines.block(decided.format(result, second.code)):
            writer.lines.add(f"{result} = {second.code}")
    return named(result)


def _if(writer: Expressions, expr: Call) -> Value:
    condition = writer.value(expr.args[0])
    if condition.nullable:
        condition = writer.keep(condition, "condition", key=expr.args[0])
    (yes, yes_lines), (no, no_lines) = (writer.aside(arg) for arg in expr.args[1:])
    if not yes_lines and not no_lines:
        unknown = f"None if {condition.code} is None else " if condition.nullable else ""
        code = f"{unknown}{yes.inner} if {condition.inner} else {no.inner}"
        return Value(code, nullable=condition.nullable or yes.nullable or no.nullable)
    result = writer.names.new("either")
    branches = [(f"if {condition.code}:", yes, yes_lines)]
    if condition.nullable:
        branches.append((f"elif {condition.code} is None:", constant(None), []))
    branches.append(("else:", no, no_lines))
    for header, value, lines in branches:
        with writer.lines.block(header):
            writer.lines.place(lines)
            writer.lines.add(f"{result} = {value.code}")
    return named(result, nullable=any(value.nullable for _, value, _ in branches))


def _in(writer: Expressions, expr: Call) -> Value:
    """Membership; among written-out known items Python's own, otherwise Kleene's."""
    wanted, over = expr.args
    if isinstance(over, Items) and over.items and all(_is_known(item) for item in over.items):
        known = writer.value(over).code
        return writer.strict((wanted,), lambda code: f"{code} in {known}")
    items = writer.sequence(over)
    value = writer.value(wanted)
    if items.nullable:
        items = writer.keep(items, "items")
        return Value(f"None if {items.code} is None else _among({value.code}, {items.code})")
    return Value(f"_among({value.code}, {items.code})", tight=True)


def _is_known(item: Expr) -> bool:
    return isinstance(item, Literal) and item.value is not None


# Numbers ------------------------------------------------------------------------------------


def scale_of(type_: Type) -> int:
    """The decimal places of a number."""
    return type_.scale if isinstance(type_, Decimal) else 0


def _rescale(writer: Expressions, expr: Call) -> Value:
    factor = 10 ** (scale_of(expr.type) - scale_of(expr.args[0].type))
    if factor == 1:
        return writer.value(expr.args[0])
    return _within(writer, expr.args, f"{{0}} * {factor}", "rescale")


def _ratio(writer: Expressions, expr: Call) -> Value:
    """The scales of both numbers and of the result move into one factor above and one below."""
    a, b, _ = expr.args
    above = 10 ** (scale_of(expr.type) + scale_of(b.type))
    below = 10 ** scale_of(a.type)
    template = f"_rounded_quotient({{0}} * {above}, {{1}} * {below})"
    return writer.strict((a, b), template.format, partial=True)


def _round(writer: Expressions, expr: Call) -> Value:
    places = scale_of(expr.args[0].type) - scale_of(expr.type)
    if places <= 0:
        return _within(writer, expr.args[:1], f"{{0}} * {10**-places}", "round")
    template = f"_rounded_quotient({{0}}, {10**places})"
    return writer.strict(expr.args[:1], template.format, partial=True)


def _rank(writer: Expressions, expr: Call) -> Value:
    (value,) = expr.args
    name, places = _order(value.type)
    if isinstance(value, Literal) and value.value in places:
        return constant(places[value.value])
    prepared = writer.module.bind(f"rank_{name}", value.type, lambda: places.get)
    return writer.strict((value,), lambda code: f"{prepared}({code})", partial=True)


# Limits -------------------------------------------------------------------------------------


def advance(writer: Expressions, expr: Advance) -> Value:
    """A start moved on by a limit; on the spot where that is only a sum."""
    days = expr.type == DATE
    step = None if expr.amount or expr.pauses else _step(expr.limit, dates=days)
    if step is not None:
        limits = ("_FIRST_DAY", "_LAST_DAY") if days else ("_FIRST_INSTANT", "_LAST_INSTANT")
        never = "_NEVER if {0} == _NEVER else "
        return _within(writer, (expr.start,), f"{{0}} + {step}", "due", *limits, never)
    prepared = _prepared_limit(writer, expr, dates=days)
    args = [arg for arg in (expr.start, expr.amount) if arg is not None]
    if expr.pauses is None:
        return writer.strict(args, lambda *codes: f"{prepared}({', '.join(codes)})", partial=True)
    return _with_pauses(writer, prepared, args, expr.pauses)


def _step(limit: Limit, *, dates: bool) -> int | None:
    """The days or microseconds that a limit adds whatever the zone and the calendar; else None."""
    return _plain_days(limit) if dates else limit.elapsed


def _plain_days(limit: Limit) -> int | None:
    """How many days later a limit ends, if that is all it says."""
    plain = limit.roll == "none" and limit.until == "same_time"
    days = {"day": 1, "week": 7}.get(limit.unit)
    return limit.amount * days - limit.counts_start if plain and days else None


def _prepared_limit(writer: Expressions, expr: Advance, *, dates: bool) -> str:
    """A function of the start, and of the amount and pauses if there are any."""
    setting, limit = writer.setting, expr.limit
    days = None if dates or expr.amount or expr.pauses else _plain_days(limit)

    def make() -> object:
        if days is not None:
            return _times.add_local_days(setting.zone, days)
        return _times.advance(limit, dates=dates, zone=setting.zone, edition=setting.edition)

    key = (limit, dates, days, setting.version.zone, setting.version.calendar)
    return writer.module.bind(f"advance_{limit.amount}_{limit.unit}", key, make)


def _with_pauses(writer: Expressions, prepared: str, args: Sequence[Expr], pauses: Expr) -> Value:
    """Pauses are rows; their two columns are taken out first, and one unknown time is enough."""
    relation = writer.setting.relation_of(pauses.type)
    places = f"{relation.index('from')}, {relation.index('until')}"
    rows = writer.keep(writer.sequence(pauses), "pauses")
    stops = known_or_none([rows], f"_whole_pauses({rows.code}, {places})", partial=True)
    values = [*(writer.name(arg) for arg in args), writer.keep(stops, "stops")]
    start, *amount, stopped = (value.code for value in values)
    call = f"{prepared}({start}, {amount[0] if amount else None}, {stopped})"
    return known_or_none(values, call, partial=True)


OPERATIONS: Mapping[str, Written] = MappingProxyType(
    {
        "and": _and,
        "or": _or,
        "not": _operator("not {0}"),
        "if": _if,
        "eq": _operator("{0} == {1}"),
        "ne": _operator("{0} != {1}"),
        "lt": _operator("{0} < {1}"),
        "le": _operator("{0} <= {1}"),
        "gt": _operator("{0} > {1}"),
        "ge": _operator("{0} >= {1}"),
        "rank": _rank,
        "add": _limited("{0} + {1}"),
        "sub": _limited("{0} - {1}"),
        "mul": _limited("{0} * {1}"),
        "neg": _limited("-{0}"),
        "mod": _primitive("remainder"),
        "rescale": _rescale,
        "diff": _not_never("{0} - {1}"),
        "shift": _shift,
        "concat": _operator("{0} + {1}"),
        "starts_with": _operator("{0}.startswith({1})"),
        "ends_with": _operator("{0}.endswith({1})"),
        "contains": _operator("{1} in {0}"),
        "length": _operator("len({0})"),
        "in": _in,
        "size": _of_list("len"),
        "earliest": _of_list("_earliest"),
        "latest": _of_list("_greatest"),
        "min": _of_list("_least"),
        "max": _of_list("_greatest"),
        "lowest": _in_order("_lowest"),
        "highest": _in_order("_highest"),
        "sum": _of_list("_total"),
        "date_of": _prepared("date_of"),
        "start_of": _prepared("start_of"),
        "end_of": _prepared("end_of"),
        "add_days": _primitive("add_days"),
        "add_months": _primitive("add_months"),
        "year": _primitive("year"),
        "month": _primitive("month"),
        "day": _primitive("day"),
        "weekday": _primitive("weekday"),
        "utc_offset": _prepared("utc_offset"),
        "seconds": _primitive("seconds"),
        "is_working_day": _prepared("is_working_day", edition=True),
        "happened": _operator("{0} != _NEVER"),
        "started": _primitive("started"),
        "whole": _primitive("whole"),
        "ratio": _ratio,
        "round": _round,
    }
)
"""Every operation by its id; a test holds the table complete."""
