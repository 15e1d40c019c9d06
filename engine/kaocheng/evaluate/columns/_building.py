"""A plan as tables: every rule's rows, in the order of what they read, and the collections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kaocheng.evaluate.columns import _native
from kaocheng.evaluate.columns._carrying import united
from kaocheng.evaluate.columns._pipelines import rows_of, tables_of_rule, version_at
from kaocheng.evaluate.columns._setting import Shared, Source, unsupported
from kaocheng.language.schema import Relation
from kaocheng.language.types import Type
from kaocheng.plan.algebra import COLLECTIONS, Plan, RulePlan

if TYPE_CHECKING:
    import ibis.expr.types as ir


def build_tables(shared: Shared, given: Mapping[str, Source]) -> dict[str, Source]:
    """Every rule's rows and the collections, from the sources of the base relations."""
    known = _Sources(shared, given)
    for rule in shared.plan.rules:
        known.add(rule)
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

    def __init__(self, shared: Shared, given: Mapping[str, Source]) -> None:
        self.shared = shared
        self.relations = shared.plan.relations
        self.version = version_at(shared)
        self.alike = frozenset(name for name, source in given.items() if not source.unique)
        self.parts: dict[str, list[Source]] = {name: [] for name in collections_of(shared.plan)}
        self._known = {name: made for name, made in given.items() if name not in self.parts}

    def __getitem__(self, name: str) -> Source:
        self.shared.keeping.read(name)
        if name not in self._known:
            self._known[name] = self._collected(name)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.relations)

    def __len__(self) -> int:
        return len(self.relations)

    def add(self, rule: RulePlan) -> None:
        """The rows of one rule, which may also belong to a collection."""
        name = rule.relation.name
        read = {name for pipeline in rule.variants.values() for name in rows_of(pipeline)}
        empty = frozenset(name for name in read if self[name].empty)

        def make() -> ir.Table | None:
            tables = tables_of_rule(self.shared, self, rule, as_of_version=self.version)
            return united(tables) if tables else None

        key = (self.version, self.alike, empty)
        place = place_of(self.shared.plan, name)
        made = self.shared.keeping.settle(place, rule.relation, key, self, make)
        self._known[name] = made
        if rule.collection is not None:
            self.parts[rule.collection].append(made)
            self._known.pop(rule.collection, None)

    def _collected(self, name: str) -> Source:
        """The rows of the rules of a collection so far; none of a relation that nobody gave."""
        all_parts = self.parts.get(name, ())
        parts = [part for part in all_parts if not part.empty]
        relation = self.relations[name]

        def make() -> ir.Table | None:
            return united([_as_part(part, relation) for part in parts]) if parts else None

        key = tuple(part.relation.name for part in parts)
        place = place_of(self.shared.plan, name)
        if name in self.parts:
            place += f"_{len(all_parts)}"
        return self.shared.keeping.settle(place, relation, key, self, make)


def place_of(plan: Plan, name: str) -> str:
    """What tells a relation of a plan from the others, whatever characters its name has."""
    return f"r{list(plan.relations).index(name)}"


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
        zh = f"它在 `{made.relation.name}` 中为 `{own}`，在汇总中为 `{wanted}`"
        raise unsupported(name, reason, zh=zh)
    return made.table[name].cast(_native.dtype(wanted))
