"""What is explained: an assessment, and ways to look at one rule of it with the engine's own tools.

A prefix of a rule's steps is itself a rule, so what a step saw is computed by running
the steps before it, never by a second reading of the rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from attrs import define, evolve, field

from kaocheng.assessment import Assessment
from kaocheng.calendars.zones import Zone, build_zone
from kaocheng.evaluate.python import Context, Setting, compile_plan, setting_of
from kaocheng.evaluate.python.trace import CompiledTrace, Traced, compile_trace
from kaocheng.language.expressions import Expr, Field, Linked
from kaocheng.language.ruleset import RuleText, Version
from kaocheng.language.schema import Relation
from kaocheng.language.types import BOOL, INT, Row, Type
from kaocheng.language.writing import write
from kaocheng.model.facts import Facts
from kaocheng.plan.algebra import Pipeline, Plan, RulePlan, Step
from kaocheng.rendering.values import text

Values = tuple[object, ...]
PERIODS: Mapping[str, Mapping[str, str]] = {
    "period": {"en": "period", "zh": "周期"},
    "period.first_day": {"en": "first day of the period", "zh": "周期首日"},
    "period.last_day": {"en": "last day of the period", "zh": "周期末日"},
}


@define(slots=False)
class Subject:
    """One assessment with what explaining it needs, each made when first asked for."""

    assessment: Assessment
    _settings: dict[int, Setting] = field(factory=dict)
    _traces: dict[tuple[Expr, int], CompiledTrace] = field(factory=dict)

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.assessment.ruleset.plan

    @cached_property
    def rows(self) -> Mapping[str, Sequence[Values]]:
        """Every relation: facts and results."""
        return {**self.assessment.facts.relations, **self.assessment.results}

    @cached_property
    def context(self) -> Context:
        """The context in which expressions are traced."""
        as_of = self.assessment.times.as_of
        version = compile_plan(evolve(self.plan, rules=())).version_at(as_of)
        return Context(self.rows, as_of=as_of, version=version)

    def setting(self, version: int) -> Setting:
        """A version's zone, tables and parameters."""
        if version not in self._settings:
            self._settings[version] = setting_of(self.plan, version)
        return self._settings[version]

    def zone(self, version: int) -> Zone:
        """A version's zone."""
        return build_zone(self.plan.versions[version].zone)

    def version(self, index: int) -> Version:
        """A version of the ruleset."""
        return self.assessment.ruleset.versions[index]

    def text_of(self, rule: str, version: int) -> RuleText | None:
        """What people need of a rule."""
        return self.version(version).rules.get(rule)

    def trace(self, expr: Expr, bindings: Mapping[str, object], version: int) -> Traced:
        """Every step of an expression's evaluation."""
        if (expr, version) not in self._traces:
            self._traces[expr, version] = compile_trace(expr, self.setting(version))
        return self._traces[expr, version](bindings, self.context)

    def show(self, value: object, type_: Type, version: int) -> tuple[str, str]:
        """A value in both languages."""
        zone = self.zone(version)
        return (text(value, type_, zone), text(value, type_, zone, language="zh"))

    def name(self, expr: Expr) -> tuple[str, str]:
        """What people call a fact: the title of its field, or the path as written."""
        titles: Mapping[str, str] = {}
        if isinstance(expr, Field) and isinstance(expr.row.type, Row):
            titles = self._titles(expr.row.type.relation, expr.name)
        if isinstance(expr, Linked):
            titles = self._rule_titles(expr.link)
        path = write(expr)
        return (titles.get("en", path), titles.get("zh", path))

    def _titles(self, relation: str, column: str) -> Mapping[str, str]:
        if " per " in relation and column in PERIODS:
            return PERIODS[column]
        kind, _, part = relation.partition(" per ")[0].partition(".")
        for version in reversed(self.assessment.ruleset.versions):
            found = version.kinds.get(kind)
            if found is None:
                continue
            lists = {item.name: item.fields for item in found.lists}
            lists |= {item.name: item.fields for item in found.spells}
            for fact in lists.get(part, ()) if part else found.fields:
                if fact.name == column:
                    return fact.titles
        return {}

    def _rule_titles(self, rule: str) -> Mapping[str, str]:
        for version in reversed(self.assessment.ruleset.versions):
            if rule in version.rules:
                return version.rules[rule].titles
        return {}

    def prefix(
        self, rule: RulePlan, version: int, steps: int, columns: Mapping[str, Expr]
    ) -> list[dict[str, object]]:
        """The rows of a rule after its first `steps` steps, with the columns asked for."""
        pipeline = rule.variants[version]
        own: Sequence[Step] = pipeline.steps[:steps]
        types = {
            **{name: expr.type for name, expr in columns.items()},
            "version": INT,
            "undetermined": BOOL,
        }
        relation = Relation("explained", types, tuple(columns)[:1])
        cut = Pipeline(
            source=pipeline.source,
            variable=pipeline.variable,
            steps=tuple(own),
            output=columns,
            instant=pipeline.instant,
        )
        one = RulePlan(
            id="explained", section=rule.section, relation=relation, variants={version: cut}
        )
        relations = {**self.plan.relations, "explained": relation}
        plan = evolve(self.plan, rules=(one,), relations=relations)
        results = compile_plan(plan).run(Facts(relations=self.rows), self.assessment.times)
        return [dict(zip(types, row, strict=True)) for row in results["explained"]]
