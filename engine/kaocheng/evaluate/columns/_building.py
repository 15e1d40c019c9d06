"""A plan as tables: every rule's rows, in the order of what they read, and the collections."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import ibis.expr.types as ir

from kaocheng.evaluate.columns import _native
from kaocheng.evaluate.columns._carrying import united
from kaocheng.evaluate.columns._pipelines import tables_of_rule, version_at
from kaocheng.evaluate.columns._setting import Shared, Source, unsupported
from kaocheng.language.schema import Relation
from kaocheng.language.types import Type
from kaocheng.plan.algebra import COLLECTIONS, Plan, RulePlan

if TYPE_CHECKING:
    import pyarrow as pa

# What becomes of a rule's rows before others read them: they may be stored.
Settle = Callable[[Relation, ir.Table], Source]


def build_tables(
    shared: Shared, sources: Mapping[str, Source], *, settle: Settle
) -> dict[str, Source]:
    """Every rule's rows and the collections, from the sources of the base relations."""
    known = _Sources(shared, sources, settle)
    version = version_at(shared)
    for rule in shared.plan.rules:
        given = tables_of_rule(shared, known, rule, as_of_version=version)
        made = settle(rule.relation, united(given)) if given else known.nothing(rule.relation)
        known.add(rule, made)
    names = [rule.relation.name for rule in shared.plan.rules]
    return {name: known[name] for name in dict.fromkeys([*names, *collections_of(shared.plan)])}


def collections_of(plan: Plan) -> list[str]:
    """The collections of a plan: those that its rules name, and the two that always are."""
    named = {rule.collection for rule in plan.rules if rule.collection is not None}
    return sorted(named.union(COLLECTIONS) & plan.relations.keys())


class _Sources(Mapping[str, Source]):
    """The sources known so far; what nobody reads is not made.

    A relation without rules has the rows given for it or none, a collection those of the rules
    that have been added to it.
    """

    def __init__(self, shared: Shared, given: Mapping[str, Source], settle: Settle) -> None:
        self.shared = shared
        self.settle = settle
        self.relations = shared.plan.relations
        self.parts: dict[str, list[Source]] = {name: [] for name in collections_of(shared.plan)}
        self._known = {name: made for name, made in given.items() if name not in self.parts}

    def __getitem__(self, name: str) -> Source:
        if name not in self._known:
            self._known[name] = self._made(self.relations[name])
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.relations)

    def __len__(self) -> int:
        return len(self.relations)

    def add(self, rule: RulePlan, made: Source) -> None:
        """The rows of one rule, which may also belong to a collection."""
        self._known[rule.relation.name] = made
        if rule.collection is not None:
            self.parts[rule.collection].append(made)
            self._known.pop(rule.collection, None)

    def nothing(self, relation: Relation) -> Source:
        """A relation without rows."""
        return Source(relation, self.shared.load(no_rows(relation)), unique=True, empty=True)

    def _made(self, collection: Relation) -> Source:
        parts = [part for part in self.parts.get(collection.name, ()) if not part.empty]
        if not parts:
            return self.nothing(collection)
        return self.settle(collection, united([_as_part(part, collection) for part in parts]))


def _as_part(made: Source, collection: Relation) -> ir.Table:
    """The rows of a rule as rows of a collection."""
    columns = {
        name: _as_stored(made, name, type_)
        if name in made.relation.columns
        else _native.nothing(_native.dtype(type_))
        for name, type_ in collection.columns.items()
    }
    return made.table.select(**columns)


def _as_stored(made: Source, name: str, wanted: Type) -> ir.Value:
    own = made.relation.columns[name]
    if _native.dtype(own) != _native.dtype(wanted):
        reason = f"`{made.relation.name}` has it as `{own}` and the collection as `{wanted}`"
        raise unsupported(name, reason)
    return made.table[name].cast(_native.dtype(wanted))


def no_rows(relation: Relation) -> pa.Table:
    """No rows of a relation."""
    import pyarrow as pa

    types = {name: _native.dtype(type_) for name, type_ in relation.columns.items()}
    schema = pa.schema([(name, type_.to_pyarrow()) for name, type_ in types.items()])
    return schema.empty_table()
