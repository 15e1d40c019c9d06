"""Ways from a row to other rows: references and links, through hash indexes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, cast

from kaocheng.calendars.numberline import NEVER
from kaocheng.evaluate.python import _operations
from kaocheng.evaluate.python._indexes import Index
from kaocheng.evaluate.python._primitives import Row
from kaocheng.evaluate.python._setting import Setting
from kaocheng.evaluate.python._source import Value, constant, known_or_none
from kaocheng.language.expressions import Expr, Field, Follow, Linked
from kaocheng.language.schema import PERIOD_COLUMNS, Link, Relation
from kaocheng.language.types import INSTANT

if TYPE_CHECKING:
    from kaocheng.evaluate.python._expressions import Expressions


def follow(writer: Expressions, expr: Follow) -> Value:
    """The row that a reference names."""
    relation = writer.setting.relation_of(expr.type)
    kind = "dated" if relation.dated else "one"
    rows = _index(writer, relation, relation.key[:1], kind)
    reference = writer.name(expr.reference)
    return known_or_none([reference], _found(writer, rows, kind, reference.code), partial=True)


def linked(writer: Expressions, expr: Linked) -> Value:
    """The rows behind a link, or the one column of them that the link yields."""
    here = writer.setting.relation_of(expr.row.type)
    link = here.links[expr.link]
    there = writer.setting.relations[link.relation]
    keys = [_own(writer, expr, here, name) for name, _ in link.on]
    if link.within is not None:
        keys += [_own(writer, expr, here, name) for name in list(PERIOD_COLUMNS)[1:]]
    read = _many if link.many else _single
    return read(writer, link, there, keys)


def _own(writer: Expressions, expr: Linked, here: Relation, name: str) -> Value:
    return writer.name(Field(row=expr.row, name=name, type=here.columns[name]))


def _many(writer: Expressions, link: Link, there: Relation, keys: list[Value]) -> Value:
    columns = tuple(name for _, name in link.on)
    kind = "many" if link.within is None else "within"
    rows = _index(writer, there, columns, kind, link)
    return known_or_none(keys, _children(link, rows, keys))


def _children(link: Link, rows: str, keys: list[Value]) -> str:
    key = _key(keys[: len(link.on)])
    if link.within is None:
        return f"{rows}.get({key}, ())"
    first, last = (value.code for value in keys[len(link.on) :])
    return f"_between({rows}.get({key}), {first}, {last})"


def _single(writer: Expressions, link: Link, there: Relation, keys: list[Value]) -> Value:
    """One row, or `missing` where there is none; one column of it with `value`."""
    found = known_or_none(keys, _first(writer, link, there, keys), partial=True)
    if link.value is None:
        return found
    row = writer.keep(found, link.name)
    unless = f"{row.code} is None"
    missing = constant(link.missing)
    column = f"{row.code}[{there.index(link.value)}]"
    code = f"{missing.inner} if {unless} else {column}"
    unknown = [key for key in keys if key.nullable]
    return known_or_none(unknown, code, partial=True)


def _first(writer: Expressions, link: Link, there: Relation, keys: list[Value]) -> str:
    columns = tuple(name for _, name in link.on)
    if link.within is not None:
        rows = _index(writer, there, columns, "within", link, whole=True)
        return f"next(iter({_children(link, rows, keys)}), None)"
    kind = "dated" if there.dated else "one"
    rows = _index(writer, there, columns, kind)
    return _found(writer, rows, kind, _key(keys))


def _found(writer: Expressions, rows: str, kind: str, key: str) -> str:
    if kind == "dated":
        return f"_in_force({rows}.get({key}), {writer.moment})"
    return f"{rows}.get({key})"


def _key(keys: list[Value]) -> str:
    if len(keys) == 1:
        return keys[0].code
    return f"({', '.join(key.code for key in keys)})"


def _index(  # noqa: PLR0913 - what makes an index
    writer: Expressions,
    relation: Relation,
    columns: tuple[str, ...],
    kind: str,
    link: Link | None = None,
    *,
    whole: bool = False,
) -> str:
    """The local name of an index that the module names too."""
    within = None if link is None else link.within
    value = None if link is None or whole else link.value
    zone = writer.setting.version.zone if within else ""
    like = f"{relation.name}_{kind}_{'_'.join(columns)}"

    def make() -> Index:
        day = None if within is None else _day_reader(writer, relation, within)
        return Index(relation, columns, kind, day, value)

    name = writer.module.bind(like, (relation.name, columns, kind, within, value, zone), make)
    return writer.kept_object(name, f"c.indexes[{name}]", like).code


def _day_reader(
    writer: Expressions, relation: Relation, column: str
) -> Callable[[Row], int | None]:
    """The local day of a child's date or instant."""
    place = relation.index(column)
    date_of = _date_of(writer) if relation.columns[column] == INSTANT else None

    def day(row: Row) -> int | None:
        time = row[place]
        if not isinstance(time, int) or time == NEVER:
            return None
        return time if date_of is None else date_of(time)

    return day


def _date_of(writer: Expressions) -> Callable[[int], int | None]:
    name = _operations.of_zone(writer, "date_of")
    return cast("Callable[[int], int | None]", writer.module.bound(name))


def reads_dated(setting: Setting, exprs: Iterable[Expr]) -> bool:
    """Whether one of the expressions reads a dated relation, as of some moment."""
    return any(_is_dated(setting, node) for expr in exprs for node in expr.walk())


def _is_dated(setting: Setting, node: Expr) -> bool:
    if isinstance(node, Follow):
        return setting.relation_of(node.type).dated
    if isinstance(node, Linked):
        link = setting.relation_of(node.row.type).links[node.link]
        return setting.relations[link.relation].dated and not link.many
    return False
