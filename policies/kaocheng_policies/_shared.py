"""Small pieces that several sections need to build their rules."""

from __future__ import annotations

from collections.abc import Mapping

from kaocheng.language.expressions import Call, Expr, Field, Items, Literal, Variable
from kaocheng.language.schema import Link, Relation
from kaocheng.language.sections import Scope, Source, as_key
from kaocheng.language.shapes import Fields
from kaocheng.language.types import (
    BOOL,
    DATE,
    INSTANT,
    INT,
    STRING,
    Decimal,
    ListOf,
    Reference,
    Row,
    Type,
)
from kaocheng.plan.algebra import ROW
from kaocheng.syntax import Scalar

HIDDEN: Mapping[str, Type] = {"version": INT, "undetermined": BOOL}

# The amount of an entry in the collection of all entries; an account may keep fewer decimals.
ENTRY_SCALE = 4

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
    node = fields.get(key)
    if isinstance(node, Scalar):
        expr = scope.compile(node, source.variables())
        return None if expr is None else as_key(expr)
    if " per " in source.relation.name:
        return source.column("case")
    return nothing(STRING)


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
