"""Which columns a pipeline reads: all others are left behind at once.

Every column of a table is written again on every level of the text made from it, so carrying along
what nobody reads would cost more than anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kaocheng.language.expressions import Advance, Expr, Field, Follow, Linked
from kaocheng.language.schema import PERIOD_COLUMNS, Link, Relation
from kaocheng.language.types import ListOf, Row, Type
from kaocheng.plan.algebra import UNDETERMINED, Carry, Each, Number, Pipeline, Split

FROM = "from_at"


def columns_used(
    pipeline: Pipeline, relations: Mapping[str, Relation], *, unique: bool
) -> frozenset[str]:
    """The names of all columns that the pipeline reads of its rows and of those behind them.

    `unique` says that the key of the source tells its rows apart.
    """
    source = relations[pipeline.source]
    used = {*source.key, UNDETERMINED}
    for step in pipeline.steps:
        # The key of a row that is an item of a list becomes part of the row's own key.
        if isinstance(step, Each) and isinstance(step.over.type, ListOf):
            item = step.over.type.item
            used.update(relations[item.relation].key if isinstance(item, Row) else ())
    for expr in pipeline.expressions():
        for node in expr.walk():
            used.update(_read(node, relations))
    if _orders_equals(pipeline, unique=unique):
        # Rows of the same key are put in order by all their columns.
        used.update(source.columns)
    return frozenset(used)


def _read(node: Expr, relations: Mapping[str, Relation]) -> Iterator[str]:
    match node:
        case Field(name=name):
            yield name
        case Follow(type=type_):
            yield from (*_relation(type_, relations).key, FROM)
        case Linked(row=row, link=name):
            link = _relation(row.type, relations).links[name]
            yield from _read_by_link(link, relations[link.relation])
        case Advance():
            yield from ("from", "until")
        case _:
            pass


def _read_by_link(link: Link, there: Relation) -> Iterable[str]:
    own = (name for pair in link.on for name in pair)
    within = () if link.within is None else (link.within, *PERIOD_COLUMNS)
    value = () if link.value is None else (link.value,)
    return (*own, *within, *value, *there.key, FROM)


def _relation(type_: Type, relations: Mapping[str, Relation]) -> Relation:
    row = type_.item if isinstance(type_, ListOf) else type_
    return relations[row.relation if isinstance(row, Row) else str(row)]


def _orders_equals(pipeline: Pipeline, *, unique: bool) -> bool:
    steps = pipeline.steps
    ordered = any(
        isinstance(step, Carry) or (isinstance(step, Number) and step.ties == "first")
        for step in steps
    )
    return ordered and (not unique or any(isinstance(step, (Each, Split)) for step in steps))
