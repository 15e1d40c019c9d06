"""From expressions to the core: names resolved, folds taken apart, times made explicit."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import frozen

from kaocheng.evaluate.columns import _limits, _lists, _times
from kaocheng.evaluate.columns._nodes import (
    LISTINGS,
    TRUE,
    Behind,
    Listing,
    Meaning,
    Rooted,
    RowChoice,
    RowOf,
    Written,
    both,
    call,
    is_simple,
    number,
    when,
)
from kaocheng.evaluate.columns._operations import scale_of
from kaocheng.evaluate.columns._setting import Setting, unsupported
from kaocheng.language.expressions import (
    Advance,
    Call,
    Expr,
    Field,
    Fold,
    Follow,
    Has,
    Items,
    Linked,
    Literal,
    Lookup,
    Parameter,
    Variable,
)
from kaocheng.language.schema import PERIOD_COLUMNS, Link, Relation
from kaocheng.language.types import BOOL, INT, ListOf, Row, Type, is_time

# By the places of their values: which reduction of those it is.
_IN_ORDER = {"lowest": "min", "highest": "max"}
_FIRST_AND_LAST = tuple(PERIOD_COLUMNS)[1:]


@frozen
class Names:
    """What the variables mean, and which items of lists are being gone through."""

    meanings: Mapping[str, Meaning]
    bound: frozenset[str] = frozenset()

    def inside(self, variable: str, meaning: Meaning, items: Listing) -> Names:
        """The same with the variable of one more fold."""
        bound = self.bound | _lists.variables(items)
        return Names({**self.meanings, variable: meaning}, bound)


@frozen(eq=False)
class Normal:
    """Brings expressions to the core; `moment` is as of when dated rows are read."""

    setting: Setting
    moment: Expr

    def value(self, expr: Expr, names: Names) -> Expr:
        """The expression as one value; a list becomes a list column."""
        meaning = self.meaning(expr, names)
        if isinstance(meaning, LISTINGS):
            return _lists.collected(meaning, expr.type)
        if isinstance(meaning, (RowOf, RowChoice)) or isinstance(meaning.type, Row):
            raise unsupported(str(expr.type), "a row is not one value", zh="一行不是单个值")
        return meaning

    def listing(self, expr: Expr, names: Names) -> Listing:
        """The expression as a list of items."""
        meaning = self.meaning(expr, names)
        if isinstance(meaning, LISTINGS):
            return meaning
        if not isinstance(meaning, Expr) or not isinstance(meaning.type, ListOf):
            raise unsupported(str(expr.type), "it is not a list", zh="它不是清单")
        return self._rooted(meaning, meaning.type.item, names)

    def _apart(self, expr: Expr, names: Names) -> Listing:
        return _lists.apart(self.listing(expr, names), names.bound, self.setting.shared.name)

    def meaning(self, expr: Expr, names: Names) -> Meaning:
        """What the expression means in the core."""
        return _MEANINGS[type(expr)](self, expr, names)

    def field(self, row: Meaning, name: str, type_: Type) -> Meaning:
        """A column of a row."""
        if isinstance(row, RowOf):
            return row.columns[name]
        if isinstance(row, RowChoice):
            return self._choice(
                row.condition, self.field(row.yes, name, type_), self.field(row.no, name, type_)
            )
        if not isinstance(row, Expr):
            raise unsupported(name, "it is read from a list", zh="它读自清单")
        return Field(row=row, name=name, type=type_)

    def _choice(self, condition: Expr, yes: Meaning, no: Meaning) -> Meaning:
        if isinstance(yes, LISTINGS) and isinstance(no, LISTINGS):
            return _lists.chosen(condition, yes, no)
        if isinstance(yes, Expr) and isinstance(no, Expr) and not isinstance(yes.type, Row):
            return when(condition, yes, no)
        return RowChoice(condition, yes, no)

    def _rooted(self, root: Expr, item: Type, names: Names) -> Rooted:
        variable = _lists.free_variable(names.bound)
        meaning: Expr = Variable(name=variable, type=item)
        if isinstance(root, Behind) and root.value is not None:
            relation = self.setting.shared.plan.relations[root.relation]
            row = Variable(name=variable, type=Row(relation.name))
            meaning = Field(row=row, name=root.value, type=relation.columns[root.value])
        return Rooted(root, variable, meaning)

    # Nodes ----------------------------------------------------------------------------------

    def _literal(self, expr: Literal, _: Names) -> Meaning:
        return expr

    def _parameter(self, expr: Parameter, _: Names) -> Meaning:
        value = self.setting.facts.parameters[expr.name]
        if isinstance(value, tuple) and isinstance(expr.type, ListOf):
            item = expr.type.item
            return Written(tuple((TRUE, Literal(type=item, value=each)) for each in value))
        if value is not None and not isinstance(value, (bool, int, str)):
            raise unsupported(expr.name, "its value is not of the number line", zh="其值不在数轴上")
        return Literal(type=expr.type, value=value)

    def _variable(self, expr: Variable, names: Names) -> Meaning:
        return names.meanings[expr.name]

    def _field(self, expr: Field, names: Names) -> Meaning:
        found = self.field(self.meaning(expr.row, names), expr.name, expr.type)
        if isinstance(found, Expr) and isinstance(found.type, ListOf):
            return self._rooted(found, found.type.item, names)
        return found

    def _has(self, expr: Has, names: Names) -> Meaning:
        meaning = self.meaning(expr.operand, names)
        if isinstance(meaning, RowOf):
            return meaning.there
        if isinstance(meaning, Variable) and isinstance(meaning.type, Row):
            return TRUE  # an item of a list of rows
        if isinstance(meaning, Expr):
            op = "_happened" if is_time(meaning.type) else "_there"
            return call(op, BOOL, meaning)
        if isinstance(meaning, LISTINGS):
            return call("_there", BOOL, _lists.reduced("size", meaning, INT))
        raise unsupported("has", "it asks about one of two rows", zh="它问的是两行之一")

    def _follow(self, expr: Follow, names: Names) -> Meaning:
        relation = self.setting.relation_of(expr.type)
        key = (self.value(expr.reference, names),)
        return self._one(relation, relation.key[:1], key, expr.type)

    def _one(
        self, relation: Relation, columns: tuple[str, ...], keys: tuple[Expr, ...], type_: Type
    ) -> Behind:
        moment = self.moment if relation.dated else None
        return Behind(relation=relation.name, columns=columns, keys=keys, moment=moment, type=type_)

    def _linked(self, expr: Linked, names: Names) -> Meaning:
        return self._behind(self.meaning(expr.row, names), expr, names)

    def _behind(self, row: Meaning, expr: Linked, names: Names) -> Meaning:
        if isinstance(row, RowChoice):
            yes, no = (self._behind(side, expr, names) for side in (row.yes, row.no))
            return self._choice(row.condition, yes, no)
        here = self.setting.relation_of(expr.row.type)
        link = here.links[expr.link]
        keys = tuple(self._own(row, here, name) for name, _ in link.on)
        if link.many:
            return self._rooted(self._children(row, here, link, keys), self._item(link), names)
        return self._single(row, here, link, keys)

    def _own(self, row: Meaning, here: Relation, name: str) -> Expr:
        found = self.field(row, name, here.columns[name])
        if not isinstance(found, Expr):
            raise unsupported(name, "a link rests on one value", zh="链接只能依据单个值")
        return found

    def _children(self, row: Meaning, here: Relation, link: Link, keys: tuple[Expr, ...]) -> Behind:
        there = self.setting.shared.plan.relations[link.relation]
        within = () if link.within is None else _FIRST_AND_LAST
        return Behind(
            relation=there.name,
            columns=tuple(column for _, column in link.on),
            keys=keys,
            within=link.within,
            period=tuple(self._own(row, here, name) for name in within),
            value=link.value if link.many else None,
            type=ListOf(self._item(link) if link.many else Row(there.name)),
        )

    def _item(self, link: Link) -> Type:
        """What one child reads as."""
        there = self.setting.shared.plan.relations[link.relation]
        return Row(there.name) if link.value is None else there.columns[link.value]

    def _single(self, row: Meaning, here: Relation, link: Link, keys: tuple[Expr, ...]) -> Meaning:
        there = self.setting.shared.plan.relations[link.relation]
        columns = tuple(column for _, column in link.on)
        if link.within is None:
            found = self._one(there, columns, keys, Row(there.name))
        else:
            children = self._children(row, here, link, keys)
            found = Behind(
                relation=there.name,
                columns=columns,
                keys=keys,
                within=link.within,
                period=children.period,
                type=Row(there.name),
            )
        if link.value is None:
            return found
        type_ = there.columns[link.value]
        value = Field(row=found, name=link.value, type=type_)
        if link.missing is None:
            return value
        if not isinstance(link.missing, (bool, int, str)):
            raise unsupported(
                link.name,
                "what it reads as without a row is no plain value",
                zh="没有行时所取的值不是简单值",
            )
        missing = Literal(type=type_, value=link.missing)
        known = TRUE
        for key in (*keys, *found.period):
            known = both(known, call("_there", BOOL, key))
        return when(call("_there", BOOL, found), value, when(known, missing))

    def _call(self, expr: Call, names: Names) -> Meaning:
        if expr.op == "if":
            condition, yes, no = expr.args
            return self._choice(
                self.value(condition, names), self.meaning(yes, names), self.meaning(no, names)
            )
        if expr.op == "in":
            return self._in(expr, names)
        if expr.op in _lists.OPERATIONS or expr.op in _IN_ORDER:
            return self._reduced(expr, names)
        args = tuple(self.value(arg, names) for arg in expr.args)
        if expr.op == "rescale":
            return call("mul", expr.type, args[0], number(_rescaling(expr)))
        made = _times.OPERATIONS.get(expr.op)
        if made is not None:
            return made(self.setting, *args)
        return Call(op=expr.op, type=expr.type, args=args)

    def _reduced(self, expr: Call, names: Names) -> Expr:
        items = self.listing(expr.args[0], names)
        if expr.op in _lists.OPERATIONS:
            return _lists.reduced(expr.op, items, expr.type)
        place = _lists.reduced(_IN_ORDER[expr.op], _lists.mapped(items, _ranked), INT)
        return call("_value_at", expr.type, place)

    def _in(self, expr: Call, names: Names) -> Expr:
        wanted = self.value(expr.args[0], names)
        items = self._apart(expr.args[1], names)
        plain = _lists.plain_values(items)
        if plain is not None:
            return call("_one_of", BOOL, wanted, *plain)
        if not is_simple(wanted):
            wanted = call("_once", wanted.type, wanted)
        return _lists.reduced("exists", items, BOOL, lambda item: _same(wanted, item))

    def _lookup(self, expr: Lookup, names: Names) -> Meaning:
        args = tuple(self.value(arg, names) for arg in expr.args)
        return Lookup(table=expr.table, args=args, type=expr.type)

    def _items(self, expr: Items, names: Names) -> Meaning:
        return Written(tuple((TRUE, self.meaning(item, names)) for item in expr.items))

    def _fold(self, expr: Fold, names: Names) -> Meaning:
        items = self._apart(expr.over, names)
        uses = _uses(expr.body, expr.variable)

        def inside(item: Meaning) -> Names:
            again = isinstance(item, Expr) and not isinstance(item.type, Row) and uses > 1
            if again and isinstance(item, Expr) and not is_simple(item):
                item = call("_once", item.type, item)
            return names.inside(expr.variable, item, items)

        if expr.how == "map":
            return _lists.mapped(items, lambda item: self.meaning(expr.body, inside(item)))

        def body(item: Meaning) -> Expr:
            return self.value(expr.body, inside(item))

        if expr.how == "filter":
            return _lists.filtered(items, body)
        return _lists.reduced(expr.how, items, BOOL, body)

    def _advance(self, expr: Advance, names: Names) -> Meaning:
        start = self.value(expr.start, names)
        amount = None if expr.amount is None else self.value(expr.amount, names)
        if expr.pauses is None:
            return _limits.advanced(self.setting, start, expr.limit, amount)
        pauses = self.listing(expr.pauses, names)
        return _limits.paused(self.setting, start, expr.limit, amount, pauses)


def _rescaling(expr: Call) -> int:
    """The factor between two scales."""
    return int(10 ** (scale_of(expr.type) - scale_of(expr.args[0].type)))


def _ranked(item: Meaning) -> Expr:
    """The place of an ordered value."""
    return call("rank", INT, _lists.one_value(item))


def _same(wanted: Expr, item: Meaning) -> Expr:
    if not isinstance(item, Expr) or isinstance(item.type, Row):
        raise unsupported("in", "a row is not one value", zh="一行不是单个值")
    return call("eq", BOOL, wanted, item)


def _uses(expr: Expr, variable: str) -> int:
    """How often a variable is written; one that hides it is counted too, which does no harm."""
    return sum(isinstance(node, Variable) and node.name == variable for node in expr.walk())


_MEANINGS: Mapping[type[Expr], Callable[..., Meaning]] = {
    Literal: Normal._literal,  # noqa: SLF001 - the table of this class
    Parameter: Normal._parameter,  # noqa: SLF001
    Variable: Normal._variable,  # noqa: SLF001
    Field: Normal._field,  # noqa: SLF001
    Has: Normal._has,  # noqa: SLF001
    Follow: Normal._follow,  # noqa: SLF001
    Linked: Normal._linked,  # noqa: SLF001
    Call: Normal._call,  # noqa: SLF001
    Lookup: Normal._lookup,  # noqa: SLF001
    Items: Normal._items,  # noqa: SLF001
    Fold: Normal._fold,  # noqa: SLF001
    Advance: Normal._advance,  # noqa: SLF001
}
