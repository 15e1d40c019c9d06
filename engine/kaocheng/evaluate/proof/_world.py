"""All rows of one proof: those that a property ranges over, and those that they lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import z3

from kaocheng.calendars.numberline import DAY, FIRST_INSTANT, LAST_INSTANT
from kaocheng.calendars.zones import Zones
from kaocheng.errors import UnsupportedError
from kaocheng.evaluate.proof._calendars import Calendars
from kaocheng.evaluate.proof._expressions import one
from kaocheng.evaluate.proof._pipelines import RuleRow, Variant, in_window
from kaocheng.evaluate.proof._rows import (
    FROM,
    BaseRow,
    alike,
    certain_columns,
    one_row,
    unique_columns,
)
from kaocheng.evaluate.proof._scope import RowView, Scope, Value
from kaocheng.evaluate.proof._strings import Strings
from kaocheng.evaluate.proof._times import LocalTime
from kaocheng.evaluate.proof._values import Symbol, all_of, inside, known, not_, yes
from kaocheng.language.schema import Relation
from kaocheng.plan.algebra import Plan, RulePlan, Window


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
            value = one(candidate.column(name), name)
            parts += [not_(value.unknown), not_(key.unknown), value.value == key.value]
        if self.relation.dated:
            parts.append(one(candidate.column(FROM), FROM).value <= self.moment)
        return all_of(parts)


class AllRows:
    """The rows of a proof, made as they are asked for, and what is certain about them."""

    def __init__(
        self, plan: Plan, strings: Strings, *, zones: Zones, as_of: int | None = None
    ) -> None:
        self.strings = strings
        self.calendars = Calendars()
        self.as_of: z3.ArithRef = z3.Int("as_of") if as_of is None else z3.IntVal(as_of)
        self.certain: list[z3.BoolRef] = []
        self.base_rows: list[BaseRow] = []
        self._plan = plan
        self._collections = {rule.collection for rule in plan.rules}
        self._rules = {rule.relation.name: rule for rule in plan.rules}
        self._zones = zones
        self._made: dict[str, list[RowView]] = {}
        self._related: dict[tuple[object, ...], Related] = {}
        self._applied: set[tuple[str, int, int]] = set()
        # Sources of rows that are looked for: what the rule gives for them is what is looked for.
        self._looked_for: set[int] = set()
        if as_of is None:
            # A day less on both sides, so that its local date is one too.
            self.certain.append(inside(self.as_of, FIRST_INSTANT + DAY, LAST_INSTANT - DAY))

    def relation(self, name: str) -> Relation:
        """The shape of a relation."""
        rule = self._rules.get(name)
        return self._plan.relations[name] if rule is None else rule.relation

    def row(self, name: str, label: str, present: z3.BoolRef) -> RowView:
        """A new row of a base relation or of a rule."""
        rule = self._rules.get(name)
        made = (
            self._base(name, label, present) if rule is None else self._rule(rule, label, present)
        )
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
            before = len(self.base_rows)
            there = self.row(name, label, found)
            if name in self._rules:
                self._looked_for.update(id(row) for row in self.base_rows[before:])
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
        if name in self._collections:
            raise UnsupportedError(
                name, "proof", "its rows come from several rules", zh="其各行来自多条规则"
            )
        relation = self._plan.relations[name]
        row = BaseRow(relation, label, present, strings=self.strings, tell=self.certain.append)
        for column in certain_columns(relation):
            row.column(column)
        self.base_rows.append(row)
        return row

    def _rule(self, rule: RulePlan, label: str, present: z3.BoolRef) -> RowView:
        sources: dict[str, RowView] = {}
        variants: dict[int, Variant] = {}
        for index, pipeline in rule.variants.items():
            source = pipeline.source
            if source not in sources:
                sources[source] = self.row(source, f"{label}.{source}", present)
            scope, in_force = self.scope(index), self._in_force(index)
            variants[index] = Variant(pipeline, sources[source], scope, in_force)
        return RuleRow(rule, label, variants, self._which(label, variants))

    def _apply(self, name: str) -> None:
        """The rows that a rule gives for the rows that there are: a link to it must find them."""
        rule = self._rules.get(name)
        if rule is None:
            return
        for index, pipeline in rule.variants.items():
            for place, source in enumerate(list(self._made.get(pipeline.source, ()))):
                if (name, index, place) in self._applied or id(source) in self._looked_for:
                    continue
                self._applied.add((name, index, place))
                variant = Variant(pipeline, source, self.scope(index), self._in_force(index))
                label = f"{name} of {pipeline.source} {place} under {index}"
                row = RuleRow(rule, label, {index: variant}, z3.IntVal(index))
                self._made.setdefault(name, []).append(row)

    def _in_force(self, version: int) -> z3.BoolRef:
        """Whether a version is the first one in force on the day of the assessment."""
        earlier = [not_(self._open_at_as_of(index)) for index in range(version)]
        return all_of((*earlier, self._open_at_as_of(version)))

    def _open_at_as_of(self, version: int) -> z3.BoolRef:
        scope = self.scope(version)
        if scope.version.window == Window(first_day=None, last_day=None):
            return yes()
        return in_window(scope.local.day_of(known(self.as_of)).value, scope.version.window)

    def _which(self, label: str, variants: Mapping[int, Variant]) -> z3.ArithRef:
        if len(variants) == 1:
            return z3.IntVal(next(iter(variants)))
        return z3.Int(f"{label} version")

    def _unique(self) -> Iterator[z3.BoolRef]:
        for first, second in combinations(self.base_rows, 2):
            if first.relation.name == second.relation.name and first.relation.key:
                yield one_row(first, second)

    def _found(self) -> Iterator[z3.BoolRef]:
        for first, second in combinations(list(self._related.values()), 2):
            if (first.relation.name, first.columns) == (second.relation.name, second.columns):
                yield _found_alike(first, second)
        for related in list(self._related.values()):
            self._apply(related.relation.name)
            yield z3.Implies(related.present, related.fits(related.there))
            for candidate in list(self._made[related.relation.name]):
                fits = related.fits(candidate)
                yield z3.Implies(fits, related.present)
                if related.relation.dated:
                    begins = one(candidate.column(FROM), FROM).value
                    latest = one(related.there.column(FROM), FROM).value
                    yield z3.Implies(fits, begins <= latest)


def _found_alike(first: Related, second: Related) -> z3.BoolRef:
    """Who looks for the same finds the same."""
    same = [a.value == b.value for a, b in zip(first.keys, second.keys, strict=True)]
    if first.relation.dated:
        same.append(first.moment == second.moment)
    equal = [
        alike(one(first.there.column(name), name), one(second.there.column(name), name))
        for name in unique_columns(first.relation)
    ]
    return z3.Implies(all_of((first.present, second.present, *same)), all_of(equal))
