"""Small pieces that several sections need to build their rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kaocheng.diagnostics import Span
from kaocheng.language import codes
from kaocheng.language.expressions import Call, Expr, Field, Items, Literal, Variable
from kaocheng.language.schema import Link, Relation
from kaocheng.language.sections import Scope, Source
from kaocheng.language.shapes import TITLES, Fields, Key
from kaocheng.language.types import (
    BOOL,
    DATE,
    INSTANT,
    INT,
    STRING,
    Decimal,
    Enum,
    ListOf,
    Reference,
    Row,
    Type,
)
from kaocheng.plan.algebra import ROW

# What can be added up: all numbers that the language has.
NUMBERS: tuple[Type, ...] = (INT, *(Decimal(scale) for scale in range(10)))

HIDDEN: Mapping[str, Type] = {"version": INT, "undetermined": BOOL}

# The amount of an entry in the collection of all entries; an account may keep fewer decimals.
ENTRY_SCALE = 4

FINDING_TITLE_KEY = Key("finding_title", TITLES, "what people call that kind", "认定种类的名称")

FINDINGS_RELATION = Relation(
    "findings",
    {
        "finding": STRING,
        "stage": STRING,
        "rule": STRING,
        "case": STRING,
        "sequence": INT,
        "period": STRING,
        "owed_by": STRING,
        "at": INSTANT,
        **HIDDEN,
    },
    ("finding", "rule", "case", "sequence", "period", "owed_by"),
)

ENTRIES_RELATION = Relation(
    "entries",
    {
        "account": STRING,
        "rule": STRING,
        "case": STRING,
        "sequence": INT,
        "period": STRING,
        "recipient": STRING,
        "amount": Decimal(ENTRY_SCALE),
        "at": DATE,
        "posted_on": DATE,
        "recorded_at": INSTANT,
        **HIDDEN,
    },
    ("account", "rule", "case", "sequence", "period", "recipient"),
)


def text(value: str) -> Literal:
    """A text constant."""
    return Literal(type=STRING, value=value)


def nothing(type_: Type) -> Literal:
    """An unknown constant: a column that does not apply."""
    return Literal(type=type_, value=None)


def derived(name: str, type_: Type) -> Field:
    """A column that an earlier step added."""
    return Field(type=type_, row=Variable(type=Row(""), name=ROW), name=name)


def call(op: str, type_: Type, *args: Expr) -> Call:
    """An operation on expressions that are already checked."""
    return Call(type=type_, op=op, args=args)


def is_one_of(value: Expr, names: tuple[str, ...]) -> Call:
    """Whether a text is one of the names."""
    items = Items(type=ListOf(STRING), items=tuple(text(name) for name in names))
    return call("in", BOOL, value, items)


def is_keyed(
    scope: Scope, source: Source, own: Iterable[str], places: Mapping[str, Span] | None = None
) -> bool:
    """Whether rows can keep the key of their source beside columns of their own.

    `places` says where the ruleset names those columns, if it does.
    """
    for name in own:
        if name in source.relation.key:
            what = {"what": "the key of what the rule runs over", "what_zh": "适用对象的主键"}
            span = (places or {}).get(name, source.span)
            scope.report(codes.NAME_TAKEN, span, name=name, **what)
            return False
    return True


def key_columns(source: Source) -> dict[str, Expr]:
    """The key of the source's rows, as output columns."""
    return {name: source.column(name) for name in source.relation.key}


def column_or_nothing(source: Source, name: str, type_: Type) -> Expr:
    """A column of the source where it has it with that type, else unknown."""
    if name in source.relation.columns:
        return source.column(name)
    return nothing(type_)


def owner(scope: Scope, fields: Fields, source: Source, key: str = "owed_by") -> Expr | None:
    """Who owes or receives: `owed_by`, else the member of a roll row, else unknown."""
    if key in fields.nodes:
        expr = scope.compile(fields.get(key), source.variables())
        return None if expr is None else _party(expr, scope, fields, key)
    if " per " in source.relation.name:
        return source.column("case")
    return nothing(STRING)


def _party(expr: Expr, scope: Scope, fields: Fields, key: str) -> Expr | None:
    """A unit, a person, a name, or a list of them; a row counts as its case."""
    if isinstance(expr.type, Row):
        return scope.value(expr)
    item = expr.type.item if isinstance(expr.type, ListOf) else expr.type
    if item == STRING or isinstance(item, (Enum, Reference)):
        return expr
    scope.report(codes.NOT_A_PARTY, fields.at(key), key=key, seen=str(expr.type))
    return None


def date_from(expr: Expr) -> Expr:
    """A date: the local date of an instant, or the date itself."""
    return call("date_of", DATE, expr) if expr.type == INSTANT else expr


def instant_from(expr: Expr) -> Expr:
    """An instant: the end of a day, or the instant itself."""
    return call("end_of", INSTANT, expr) if expr.type == DATE else expr


def link_from(source: Source, rule: str, *, many: bool = False) -> tuple[str, Link]:
    """The reading that a rule adds to the relation it runs over: `p.decision.due`."""
    on = tuple((name, name) for name in source.relation.key)
    return source.relation.name, Link(name=rule, relation=rule, on=on, many=many)


def reference_kind(type_: Type) -> str | None:
    """The kind that a reference names."""
    return type_.kind if isinstance(type_, Reference) else None
