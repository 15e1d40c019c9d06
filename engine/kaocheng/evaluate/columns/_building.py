"""A plan as tables: every rule's rows, in the order of what they read, and the collections."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import ibis
import ibis.expr.types as ir

from kaocheng.evaluate.columns import _native
from kaocheng.evaluate.columns._carrying import united
from kaocheng.evaluate.columns._pipelines import tables_of_rule, version_at
from kaocheng.evaluate.columns._setting import Shared, Source, unsupported
from kaocheng.language.schema import Relation
from kaocheng.language.types import Type
from kaocheng.plan.algebra import COLLECTIONS, RulePlan

# What becomes of a rule's rows before others read them: they may be stored.
Settle = Callable[[Relation, ir.Table], Source]


def build_tables(
    shared: Shared, sources: Mapping[str, Source], *, settle: Settle
) -> dict[str, Source]:
    """Every rule's rows and the collections, from the sources of the base relations."""
    building = _Building(shared, sources, settle)
    for rule in shared.plan.rules:
        building.add(rule)
    return building.results()


class _Building:
    """The sources known so far."""

    def __init__(self, shared: Shared, sources: Mapping[str, Source], settle: Settle) -> None:
        self.shared = shared
        self.settle = settle
        self.plan = shared.plan
        self.version = version_at(shared)
        self.sources = {
            name: sources.get(name) or Source(relation, empty(relation), unique=True)
            for name, relation in self.plan.relations.items()
        }
        for name in self._collections():
            relation = self.plan.relations[name]
            self.sources[name] = Source(relation, empty(relation), unique=True)

    def add(self, rule: RulePlan) -> None:
        """The rows of one rule, as a relation that later rules may read."""
        given = tables_of_rule(self.shared, self.sources, rule, as_of_version=self.version)
        rows = united(given) if given else empty(rule.relation)
        made = self.settle(rule.relation, rows)
        self.sources[rule.relation.name] = made
        if rule.collection is not None:
            self._collect(self.plan.relations[rule.collection], made)

    def _collect(self, collection: Relation, made: Source) -> None:
        columns = {
            name: _as_stored(made, name, type_)
            if name in made.relation.columns
            else _native.nothing(_native.dtype(type_))
            for name, type_ in collection.columns.items()
        }
        before = self.sources[collection.name].table.select(*collection.columns)
        table = ibis.union(before, made.table.select(**columns))
        self.sources[collection.name] = self.settle(collection, table)

    def _collections(self) -> list[str]:
        named = {rule.collection for rule in self.plan.rules if rule.collection is not None}
        return sorted(named.union(COLLECTIONS) & self.plan.relations.keys())

    def results(self) -> dict[str, Source]:
        """The relations of the rules, then the collections."""
        names = [rule.relation.name for rule in self.plan.rules]
        wanted = dict.fromkeys([*names, *self._collections()])
        return {name: self.sources[name] for name in wanted}


def _as_stored(made: Source, name: str, wanted: Type) -> ir.Value:
    own = made.relation.columns[name]
    if _native.dtype(own) != _native.dtype(wanted):
        reason = f"`{made.relation.name}` has it as `{own}` and the collection as `{wanted}`"
        raise unsupported(name, reason)
    return made.table[name].cast(_native.dtype(wanted))


def empty(relation: Relation) -> ir.Table:
    """No rows of a relation."""
    import pyarrow as pa

    types = {name: _native.dtype(type_) for name, type_ in relation.columns.items()}
    schema = pa.schema([(name, type_.to_pyarrow()) for name, type_ in types.items()])
    return ibis.memtable(schema.empty_table())
