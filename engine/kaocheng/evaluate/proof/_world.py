"""All rows of one proof: those that a property ranges over, and those that they lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import z3

from kaocheng.calendars.numberline import FIRST_INSTANT, LAST_INSTANT
from kaocheng.calendars.zones import Zones
from kaocheng.evaluate.proof._calendars import Calendars
from kaocheng.evaluate.proof._pipelines import RuleRow, Variant
from kaocheng.evaluate.proof._rows import FROM, BaseRow, alike, certain_columns, one_row, unique_columns
from kaocheng.evaluate.proof._scope import RowView, Scope, Value
from kaocheng.evaluate.proof._strings import Strings
from kaocheng.evaluate.proof._times import LocalTime
from kaocheng.evaluate.proof._values import Symbol, all_of, inside, not_
from kaocheng.language.schema import Relation
from kaocheng.plan.algebra import Plan, RulePlan


class Related:
    """The row that a reference or a link finds; `present` says whether it finds one.

    `there` may be any row at all: that it is the one looked for, and that there is no
    other where none is found, is stated when all rows of the proof are known.
    """

    def __init__(
        self, there: RowView, columns: tuple[str, ...], keys: tuple[Symbol, ...],
        moment: z3.ArithRef, found: z3.BoolRef,
    ) -> None:  # fmt: skip
        self.relation = there.relation
        self.present = found
        self.there = there
        self.columns = columns
        self.keys = keys
        self.moment = moment

    def column(self, name: str) -> Value:
        """The value of a column of the row."""
        return self.there.column(name)

    def fits(self, candidate: RowView) -> z3.BoolRef:
        """Whether a row is one that is looked for."""
        parts = [candidate.present]
        for name, key in zip(self.columns, self.keys, strict=True):
            value = _one(candidate.column(name))
            parts += [not_(value.unknown), not_(key.unknown), value.value == key.value]
        if self.relation.dated:
            parts.append(_one(candidate.column(FROM)).value <= self.moment)
        return all_of(parts)


class AllRows:
    """The rows of a proof, made as they are asked for, and what is certain about them."""

    def __init__(self, plan: Plan, strings: Strings, *, as_of: int | None = None) -> None:
        self.strings = strings
        self.calendars = Calendars()
        self.as_of: z3.ArithRef = z3.Int("as_of") if as_of is None else z3.IntVal(as_of)
        self.certain: list[z3.BoolRef] = []
        self.base_rows: list[BaseRow] = []
        self._plan = plan
        self._rules = {rule.relation.name: rule for rule in plan.rules}
        self._zones = Zones()
        self._made: dict[str, list[RowView]] = {}
        self._related: dict[tuple[object, ...], Related] = {}
        if as_of is None:
            self.certain.append(inside(self.as_of, FIRST_INSTANT, LAST_INSTANT))

    def relation(self, name: str) -> Relation:
        """The shape of a relation."""
        rule = self._rules.get(name)
        return self._plan.relations[name] if rule is None else rule.relation

    def row(self, name: str, label: str, present: z3.BoolRef) -> RowView:
        """A new row of a base relation or of a rule."""
        rule = self._rules.get(name)
        made = self._base(name, label, present) if rule is None else self._rule(rule, label, present)
        self._made.setdefault(name, []).append(made)
        return made

    def scope(self, version: int) -> Scope:
        """The scope of a version, without variables."""
        facts = self._plan.versions[version]
        edition = None if facts.calendar is None else self._plan.editions[facts.calendar]
        local = LocalTime(self.calendars, self._zones.get(facts.zone), edition)
        return Scope(self, facts, local, self.as_of)

    def related(
        self, name: str, columns: tuple[str, ...], keys: tuple[Symbol, ...], moment: z3.ArithRef
    ) -> RowView:
        """The row of relation `name` whose `columns` are `keys`, there or not."""
        asked = (name, columns, *((key.value.get_id(), key.unknown.get_id()) for key in keys))
        when = moment.get_id() if self.relation(name).dated else None
        if (asked, when) not in self._related:
            label = f"{name} {len(self._related) + 1}"
            found = z3.Bool(f"{label} is found")
            there = self.row(name, label, found)
            self._related[asked, when] = Related(there, columns, keys, moment, found)
        return self._related[asked, when]

    def premises(self) -> list[z3.BoolRef]:
        """Everything that is certain about the rows.

        Stating it may lead to further rows, about which the same is then stated, until
        there are no new ones; rules lead to earlier rules only, so that this ends.
        """
        while True:
            before = (len(self._related), len(self.certain))
            stated = [*self._unique(), *self._found()]
            if before == (len(self._related), len(self.certain)):
                return [*self.certain, *stated]

    def _base(self, name: str, label: str, present: z3.BoolRef) -> RowView:
        relation = self._plan.relations[name]
        row = BaseRow(relation, label, present, strings=self.strings, tell=self.certain.append)
        for name in certain_columns(relation):
            row.column(name)
        self.base_rows.append(row)
        return row

    def _rule(self, rule: RulePlan, label: str, present: z3.BoolRef) -> RowView:
        sources: dict[str, RowView] = {}
        variants: dict[int, Variant] = {}
        for index, pipeline in rule.variants.items():
            source = pipeline.source
            if source not in sources:
                sources[source] = self.row(source, f"{label}.{source}", present)
            window = self._plan.versions[index].window
            variants[index] = Variant(pipeline, sources[source], self.scope(index), window)
        return RuleRow(rule, label, variants, self._which(label, variants))

    def _which(self, label: str, variants: Mapping[int, Variant]) -> z3.ArithRef:
        if len(variants) == 1:
            return z3.IntVal(next(iter(variants)))
        return z3.Int(f"{label} version")

    def _unique(self) -> Iterator[z3.BoolRef]:
        for one, other in combinations(self.base_rows, 2):
            if one.relation.name == other.relation.name and one.relation.key:
                yield one_row(one, other)

    def _found(self) -> Iterator[z3.BoolRef]:
        for one, other in combinations(list(self._related.values()), 2):
            if one.columns == other.columns and one.relation.name == other.relation.name:
                yield _found_alike(one, other)
        for related in list(self._related.values()):
            yield z3.Implies(related.present, related.fits(related.there))
            for candidate in list(self._made[related.relation.name]):
                fits = related.fits(candidate)
                yield z3.Implies(fits, related.present)
                if related.relation.dated:
                    begins = _one(candidate.column(FROM)).value
                    latest = _one(related.there.column(FROM)).value
                    yield z3.Implies(fits, begins <= latest)


def _found_alike(one: Related, other: Related) -> z3.BoolRef:
    """Who looks for the same finds the same."""
    keys = zip(one.keys, other.keys, strict=True)
    same = [a.value == b.value for a, b in keys]
    if one.relation.dated:
        same.append(one.moment == other.moment)
    names = unique_columns(one.relation)
    equal = [alike(_one(one.there.column(name)), _one(other.there.column(name))) for name in names]
    return z3.Implies(all_of((one.present, other.present, *same)), all_of(equal))


def _one(value: Value) -> Symbol:
    if isinstance(value, Symbol):
        return value
    message = "a list is no key"
    raise TypeError(message)
