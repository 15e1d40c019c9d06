"""Children of rows: joined, gone through, and brought down to one value for each row.

Where what is asked of the children does not depend on the row, they are grouped by the columns that
they are found by, once for all rows; otherwise each row gets its own copies first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
from attrs import frozen

from kaocheng.calendars.numberline import NEVER
from kaocheng.evaluate.columns import _native, _times
from kaocheng.evaluate.columns._native import integer
from kaocheng.evaluate.columns._nodes import Behind, Column, Reduced, reads_outside
from kaocheng.language.expressions import Expr
from kaocheng.language.schema import Relation
from kaocheng.language.types import INSTANT

if TYPE_CHECKING:
    from kaocheng.evaluate.columns._frames import Frame

Names = dict[str, str]


@frozen(eq=False)
class Part:
    """What a reduction needs of each group, and what it makes of that.

    `result` gets the aggregates by their short names and whether there is a group at all.
    """

    aggregates: Mapping[str, ir.Value]
    result: Callable[[Mapping[str, ir.Value]], ir.Value]


def join_reduced(frame: Frame, exprs: Iterable[Reduced]) -> None:
    """One value per row for each of the reductions; those over the same children go together."""
    groups: dict[tuple[Expr, str, bool], list[Reduced]] = {}
    for expr in exprs:
        bound = frozenset({expr.variable})
        depends = not _grouped_by_keys(expr.root)
        depends = depends or any(reads_outside(inner, bound) for inner in expr.inner)
        groups.setdefault((expr.root, expr.variable, depends), []).append(expr)
    if any(depends for _, _, depends in groups):
        frame.identify()
        frame.settle()
    before = set(frame.table.columns)
    results: dict[Reduced, ir.Value] = {}
    readings = [
        _join_group(frame, root, variable, group, depends=depends)
        for (root, variable, depends), group in groups.items()
    ]
    for reading in readings:
        results.update(reading(frame.table))
    names: dict[Expr, str] = {expr: frame.name(expr.how) for expr in results}
    helpers = [name for name in frame.table.columns if name not in before]
    frame.assign({names[expr]: value for expr, value in results.items()}, drop=helpers)
    frame.known |= names


def _grouped_by_keys(root: Expr) -> bool:
    return isinstance(root, Behind) and root.within is None


def _join_group(
    frame: Frame, root: Expr, variable: str, exprs: Sequence[Reduced], *, depends: bool
) -> Callable[[ir.Table], dict[Reduced, ir.Value]]:
    """Join the aggregates of some reductions over the same children."""
    inner = [inner for expr in exprs for inner in expr.inner]
    child, keys, order = _opened(frame, root, variable, inner, depends=depends)
    child.hold(inner)
    parts = {expr: _part(child, expr, order) for expr in exprs}
    names = {
        (expr, short): frame.name(short)
        for expr, part in parts.items()
        for short in part.aggregates
    }
    there = frame.name("there")
    aggregates = {name: parts[expr].aggregates[short] for (expr, short), name in names.items()}
    grouped = child.table.group_by(list(keys)).agg(**aggregates, **{there: child.table.count()})
    own = {name: frame.name("own") for name in keys}
    right = grouped.rename({new: old for old, new in own.items()})
    frame.replace(frame.table.left_join(right, _tests(frame, root, own, right, depends=depends)))
    is_known = known_list(frame, root)

    def results(table: ir.Table) -> dict[Reduced, ir.Value]:
        found = {}
        for expr, part in parts.items():
            columns = {short: table[names[expr, short]] for short in part.aggregates}
            value = part.result({**columns, "there": table[there]})
            found[expr] = ibis.ifelse(is_known(table), value, _native.nothing(value.type()))
        return found

    return results


def _tests(
    frame: Frame, root: Expr, own: Names, right: ir.Table, *, depends: bool
) -> list[ir.Value]:
    if not depends and isinstance(root, Behind):
        keys = [frame.value(key) for key in root.keys]
        return [key == right[new] for key, new in zip(keys, own.values(), strict=True)]
    return [frame.table[old].identical_to(right[new]) for old, new in own.items()]


def known_list(frame: Frame, root: Expr) -> Callable[[ir.Table], ir.Value]:
    """Whether the list is known: the columns that the row looks by are, or the list column."""
    readings = [frame.reading(expr) for expr in root_reads(root)]

    def is_known(table: ir.Table) -> ir.Value:
        return ibis.and_(*(reading(table).notnull() for reading in readings))

    return is_known


# Opening lists ------------------------------------------------------------------------------


def _opened(
    frame: Frame, root: Expr, variable: str, inner: Sequence[Expr], *, depends: bool
) -> tuple[Frame, tuple[str, ...], list[str]]:
    """The items as rows, what they are grouped by, and the columns of their order."""
    if depends:
        narrow = frame.narrowed([*root_reads(root), *inner])
        child, order = items_of(narrow, root, variable)
        return child, frame.identity, order
    if not isinstance(root, Behind):
        raise TypeError(root)
    child, names = _others(frame, root)
    child.items[variable] = names
    keys = tuple(names[column] for column in root.columns)
    return child, keys, order_of(frame, root, names)


def root_reads(root: Expr) -> tuple[Expr, ...]:
    """What a row must know to find its items."""
    return root.children() if isinstance(root, Behind) else (root,)


def order_of(frame: Frame, root: Behind, names: Names) -> list[str]:
    """The columns that put children in order: their key, then everything that is read of them."""
    source = frame.setting.source(root.relation)
    own = [] if source.unique else [column for column in source.relation.columns if column in names]
    return [names[column] for column in dict.fromkeys((*source.relation.key, *own))]


def items_of(
    frame: Frame, root: Expr, variable: str, *, known: str | None = None
) -> tuple[Frame, list[str]]:
    """Each row of an identified frame once per item, and the columns of the items' order.

    With `known`, the name of a column that says whether the list is known, a row whose list
    is not stays once, with unknown items.
    """
    if isinstance(root, Behind):
        child, names = children_of(frame, root, known=known)
        child.items[variable] = names
        return child, order_of(frame, root, names)
    items = frame.value(root)
    if known is not None:
        one_blank = ibis.array([_native.nothing(items.type().value_type)])
        name = frame.add(ibis.ifelse(frame.table[known], items, one_blank), "list")
        items = frame.table[name]
    item, place = frame.name("item"), frame.name("place")
    places = ibis.range(0, items.length()).unnest()
    table = frame.table.mutate(**{item: items.unnest(), place: places})
    child = frame.child(table, (*frame.identity, place), inherits=True)
    child.items[variable] = {"": item}
    return child, [place]


def _others(frame: Frame, root: Behind) -> tuple[Frame, Names]:
    """The rows of the other relation on their own."""
    source = frame.setting.source(root.relation)
    used = frame.setting.columns_of(source.relation)
    names = {column: frame.name(column) for column in dict.fromkeys((*used, *source.identity))}
    table = source.table.select(**{new: source.table[old] for old, new in names.items()})
    child = frame.child(table, tuple(names[name] for name in source.identity), inherits=False)
    child.numbered_by = tuple(names[name] for name in used)
    return child, names


def children_of(frame: Frame, root: Behind, *, known: str | None = None) -> tuple[Frame, Names]:
    """Each row of an identified frame once per child, and the names of the child's columns."""
    other, names = _others(frame, root)
    frame.joinable()
    tests = _child_tests(frame, root, other, names)
    if known is None:
        joined = frame.table.inner_join(other.table, tests)
    else:
        joined = frame.table.left_join(other.table, [*tests, frame.table[known]])
    child = frame.child(joined, (), inherits=True)
    own = other.identity
    child.identity = (*frame.identity, *own) if own else ()
    child.numbered_by = (*frame.identity, *other.numbered_by)
    if known is not None:
        # The column that children are found by is known for every child.
        there = child.table[names[root.columns[0]]].notnull()
        child.replace(child.table.filter(there | _native.negated(child.table[known])))
    return child, names


def _child_tests(frame: Frame, root: Behind, other: Frame, names: Names) -> list[ir.Value]:
    tests = []
    if root.within is not None:
        relation = frame.setting.source(root.relation).relation
        day = _day_within(other, root.within, relation, names)
        first, last = (frame.value(expr) for expr in root.period)
        tests = [other.table[day] >= first, other.table[day] <= last]
    keys = zip(root.keys, root.columns, strict=True)
    return [
        *(frame.value(key) == other.table[names[column]] for key, column in keys),
        *tests,
    ]


def _day_within(other: Frame, column: str, relation: Relation, names: Names) -> str:
    """The local day of the column that must lie in a period; rows without one are left out."""
    time = other.table[names[column]]
    other.replace(other.table.filter(time.notnull() & (time != integer(NEVER))))
    type_ = relation.columns[column]
    day: Expr = Column(name=names[column], type=type_)
    if type_ == INSTANT:
        day = _times.date_of(other.setting, day)
    return other.named([day], "day")[0]


# Reductions ---------------------------------------------------------------------------------


def _part(child: Frame, expr: Reduced, order: Sequence[str]) -> Part:
    keep = None if expr.keep is None else child.value(expr.keep)
    kept = ibis.literal(value=True) if keep is None else keep
    part = _PARTS[expr.how](child, expr, kept, order)
    if keep is None:
        return part

    def result(found: Mapping[str, ir.Value]) -> ir.Value:
        value = part.result(found)
        whole = _native.decided(found["undecided"] == 0, otherwise=True)
        return ibis.ifelse(whole, value, _native.nothing(value.type()))

    undecided = ibis.ifelse(keep.isnull(), 1, 0).max()
    return Part({**part.aggregates, "undecided": undecided}, result)


def _size(child: Frame, _: Reduced, kept: ir.Value, __: Sequence[str]) -> Part:
    return Part({"count": _count(child, kept)}, lambda found: found["count"].fill_null(0))


def _count(child: Frame, condition: ir.Value) -> ir.Value:
    # A sum of ones would have 128 bits.
    return child.table.count(where=condition)


def _test(when: bool) -> Callable[..., Part]:  # noqa: FBT001 - which way it is decided
    """`exists` is decided by one that holds, `all` by one that does not."""

    def part(child: Frame, expr: Reduced, kept: ir.Value, _: Sequence[str]) -> Part:
        holds = _body(child, expr)
        decides = holds if when else _native.negated(holds)
        code = ibis.cases((kept & decides, 2), (kept & holds.isnull(), 1), else_=0).max()

        def result(found: Mapping[str, ir.Value]) -> ir.Value:
            unknown = (found["code"] == 1, _native.nothing("boolean"))
            decided = (found["code"] == 2, ibis.literal(when))  # noqa: PLR2004 - as above
            return ibis.cases(unknown, decided, else_=ibis.literal(not when))

        return Part({"code": code}, result)

    return part


def _body(child: Frame, expr: Reduced) -> ir.Value:
    return ibis.literal(value=True) if expr.body is None else child.value(expr.body)


def _exists_one(child: Frame, expr: Reduced, kept: ir.Value, _: Sequence[str]) -> Part:
    holds = _body(child, expr)
    count = _count(child, kept & holds)
    blank = ibis.ifelse(kept & holds.isnull(), 1, 0).max()

    def result(found: Mapping[str, ir.Value]) -> ir.Value:
        unknown = (found["blank"] == 1, _native.nothing("boolean"))
        return ibis.cases(unknown, else_=_native.decided(found["count"] == 1, otherwise=False))

    return Part({"count": count, "blank": blank}, result)


def _sum(child: Frame, expr: Reduced, kept: ir.Value, _: Sequence[str]) -> Part:
    item = child.value(expr.item)
    parts = {
        "total": _native.wide_sum(item, where=kept),
        "blank": _blank(item, kept),
        "count": _count(child, kept),
    }

    def result(found: Mapping[str, ir.Value]) -> ir.Value:
        none = (found["count"].fill_null(0) == 0, integer(0))
        unknown = (found["blank"] == 1, _native.nothing("int64"))
        return ibis.cases(none, unknown, else_=_native.narrowed(found["total"]))

    return Part(parts, result)


def _blank(item: ir.Value, kept: ir.Value) -> ir.Value:
    return ibis.ifelse(kept & item.isnull(), 1, 0).max()


def _extreme(least: bool, empty: int | None = None) -> Callable[..., Part]:  # noqa: FBT001 - or greatest
    def part(child: Frame, expr: Reduced, kept: ir.Value, _: Sequence[str]) -> Part:
        item = child.value(expr.item)
        found = item.min(where=kept) if least else item.max(where=kept)

        def result(found: Mapping[str, ir.Value]) -> ir.Value:
            unknown = (found["blank"] == 1, _native.nothing("int64"))
            nothing = integer(NEVER) if empty is not None else _native.nothing("int64")
            return ibis.cases(unknown, else_=ibis.coalesce(found["found"], nothing))

        return Part({"found": found, "blank": _blank(item, kept)}, result)

    return part


def _collect(child: Frame, expr: Reduced, kept: ir.Value, order: Sequence[str]) -> Part:
    item = child.value(expr.item)
    by = [child.table[name].asc(nulls_first=True) for name in order]
    items = item.collect(where=kept, order_by=by, include_null=True)
    none = ibis.literal([], _native.dtype(expr.type))
    return Part({"items": items}, lambda found: ibis.coalesce(found["items"], none))


_PARTS: Mapping[str, Callable[..., Part]] = {
    "size": _size,
    "exists": _test(when=True),
    "all": _test(when=False),
    "exists_one": _exists_one,
    "sum": _sum,
    "min": _extreme(least=True),
    "max": _extreme(least=False),
    "latest": _extreme(least=False),
    "earliest": _extreme(least=True, empty=NEVER),
    "collect": _collect,
}
