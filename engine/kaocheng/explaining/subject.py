"""What is explained: an assessment, and ways to look at one rule of it with the engine's own tools.

A prefix of a rule's steps is itself a rule, so what a step saw is computed by running
the steps before it, never by a second reading of the rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from attrs import define, evolve, field

from kaocheng.assessment import Assessment
from kaocheng.calendars.zones import Zone
from kaocheng.evaluate.python import (
    Context,
    Program,
    Setting,
    Traced,
    compile_plan,
    compile_trace,
    setting_of,
)
from kaocheng.evaluate.python.trace import CompiledTrace
from kaocheng.explaining.added import added_columns
from kaocheng.language.expressions import Expr, Field, Variable
from kaocheng.language.ruleset import RuleText, Version
from kaocheng.language.schema import Relation
from kaocheng.language.types import BOOL, INT, Row, Type
from kaocheng.plan.algebra import COLLECTIONS, ROW, Pipeline, Plan, RulePlan, Tally, Window

Values = tuple[object, ...]
Key = tuple[object, ...]
Found = Mapping[str, object]
ALWAYS = Window(first_day=None, last_day=None)
EXPLAINED = "explained"


@define(slots=False)
class Subject:
    """One assessment with what explaining it needs, each made when first asked for."""

    assessment: Assessment
    _settings: dict[int, Setting] = field(factory=dict)
    _traces: dict[tuple[Expr, int], CompiledTrace] = field(factory=dict)
    _after: dict[tuple[str, int, int], Mapping[Key, list[Found]]] = field(factory=dict)
    _counted: dict[tuple[str, int, int], Mapping[Key, list[Found]]] = field(factory=dict)
    _results: dict[tuple[str, str], Mapping[Key, list[Found]]] = field(factory=dict)

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.assessment.ruleset.plan

    @cached_property
    def rows(self) -> Mapping[str, Sequence[Values]]:
        """Every relation: facts and results."""
        return {**self.assessment.facts.relations, **self.assessment.results}

    @cached_property
    def versions(self) -> Program:
        """The plan without its rules: which version is in force when."""
        return compile_plan(evolve(self.plan, rules=()))

    @cached_property
    def context(self) -> Context:
        """The context in which expressions are traced."""
        as_of = self.assessment.times.as_of
        return Context(self.rows, as_of=as_of, version=self.versions.version_at(as_of))

    def setting(self, version: int) -> Setting:
        """A version's zone, tables and parameters."""
        if version not in self._settings:
            self._settings[version] = setting_of(self.plan, version)
        return self._settings[version]

    def zone(self, version: int) -> Zone:
        """A version's zone."""
        return self.setting(version).zone

    def version(self, index: int) -> Version:
        """A version of the ruleset."""
        return self.assessment.ruleset.versions[index]

    def text_of(self, rule: str, version: int) -> RuleText | None:
        """What people need of a rule."""
        return self.version(version).rules.get(rule)

    def trace(
        self,
        expr: Expr,
        bindings: Mapping[str, object],
        version: int,
        *,
        moment: int | None = None,
    ) -> Traced:
        """Every step of an expression's evaluation; dated facts are read as of `moment`."""
        if (expr, version) not in self._traces:
            self._traces[expr, version] = compile_trace(expr, self.setting(version))
        self.context.moment = self.context.as_of if moment is None else moment
        return self._traces[expr, version](bindings, self.context)

    def results(self, rule: RulePlan, relation: Relation) -> Mapping[Key, list[Found]]:
        """What a rule that runs over a relation gave, by the key of the row it comes from."""
        known = (rule.id, relation.name)
        if known not in self._results:
            if set(relation.key) <= set(rule.relation.columns):
                found = self.assessment.rows(rule.id)
                self._results[known] = _keyed(found, relation.key)
            else:
                self._results[known] = self._run_whole(rule, relation)
        return self._results[known]

    def _run_whole(self, rule: RulePlan, relation: Relation) -> Mapping[Key, list[Found]]:
        """The same where the rule's rows do not say which row they come from: run once more."""
        found: list[Found] = []
        for version, pipeline in rule.variants.items():
            if pipeline.source == relation.name:
                columns = {**_key_columns(relation, pipeline), **pipeline.output}
                found += self.prefix(rule, version, len(pipeline.steps), columns)
        return _keyed(found, [_of_key(name) for name in relation.key])

    def after(self, rule: RulePlan, version: int, steps: int) -> Mapping[Key, list[Found]]:
        """What a rule's first `steps` steps made of each row, by the key of the row.

        There are the columns that steps added, and `group` and `order` of the last step
        where it is one that looks at groups.
        """
        known = (rule.id, version, steps)
        if known not in self._after:
            pipeline = rule.variants[version]
            relation = self.plan.relations[pipeline.source]
            columns = {
                **_key_columns(relation, pipeline),
                **{
                    name: Field(type=type_, row=Variable(type=Row(""), name=ROW), name=name)
                    for name, type_ in added_columns(pipeline.steps[:steps]).items()
                },
                **_of_group(pipeline, steps),
            }
            found = self.prefix(rule, version, steps, columns)
            self._after[known] = _keyed(found, [_of_key(name) for name in relation.key])
        return self._after[known]

    def counted(
        self, rule: RulePlan, version: int, steps: int, columns: Mapping[str, Expr]
    ) -> Mapping[Key, list[Found]]:
        """Columns of a rule's rows after its first steps, by the key of the row."""
        known = (rule.id, version, steps)
        if known not in self._counted:
            pipeline = rule.variants[version]
            relation = self.plan.relations[pipeline.source]
            wanted = {**_key_columns(relation, pipeline), **columns}
            found = self.prefix(rule, version, steps, wanted)
            self._counted[known] = _keyed(found, [_of_key(name) for name in relation.key])
        return self._counted[known]

    def prefix(
        self, rule: RulePlan, version: int, steps: int, columns: Mapping[str, Expr]
    ) -> list[dict[str, object]]:
        """The rows of a rule after its first `steps` steps, with the columns asked for."""
        pipeline = rule.variants[version]
        types: dict[str, Type] = {
            **{name: expr.type for name, expr in columns.items()},
            "version": INT,
            "undetermined": BOOL,
        }
        relation = Relation(EXPLAINED, types, tuple(columns)[:1])
        cut = Pipeline(
            source=pipeline.source,
            variable=pipeline.variable,
            steps=pipeline.steps[:steps],
            output=columns,
            instant=pipeline.instant,
        )
        program = compile_plan(self._plan_of(rule, version, relation, cut))
        context = program.context(self.rows, as_of=self.assessment.times.as_of)
        # A program begins without rows in its collections; here they are what is explained.
        for name in COLLECTIONS:
            context.add(name, self.rows.get(name, ()))
        return [
            {**dict(zip(types, row, strict=True)), "version": version}
            for row in program.rule_rows(EXPLAINED, context)
        ]

    def _plan_of(self, rule: RulePlan, version: int, relation: Relation, cut: Pipeline) -> Plan:
        """A plan of one rule; a version governs the period of a tally, not the rows it counts."""
        tallies = any(isinstance(step, Tally) for step in rule.variants[version].steps)
        index, versions = version, self.plan.versions
        if tallies and not any(isinstance(step, Tally) for step in cut.steps):
            index, versions = 0, (evolve(versions[version], window=ALWAYS),)
        one = RulePlan(id=EXPLAINED, section=rule.section, relation=relation, variants={index: cut})
        relations = {**self.plan.relations, EXPLAINED: relation}
        return evolve(self.plan, versions=versions, rules=(one,), relations=relations)


def key_of(relation: Relation, row: Values) -> Key:
    """The key of a row."""
    return tuple(row[relation.index(name)] for name in relation.key)


def _of_key(name: str) -> str:
    return f"key {name}"


def _key_columns(relation: Relation, pipeline: Pipeline) -> dict[str, Expr]:
    row = Variable(type=Row(relation.name), name=pipeline.variable)
    return {
        _of_key(name): Field(type=relation.columns[name], row=row, name=name)
        for name in relation.key
    }


def _of_group(pipeline: Pipeline, steps: int) -> dict[str, Expr]:
    step = pipeline.steps[steps - 1] if steps else None
    per: Sequence[Expr] = getattr(step, "per", ()) if hasattr(step, "order") else ()
    order = getattr(step, "order", ())
    return {
        **{f"group {number}": expr for number, expr in enumerate(per)},
        **{f"order {number}": key.by for number, key in enumerate(order)},
    }


def _keyed(found: Iterator[Found] | Sequence[Found], key: Sequence[str]) -> dict[Key, list[Found]]:
    keyed: dict[Key, list[Found]] = {}
    for row in found:
        keyed.setdefault(tuple(row[name] for name in key), []).append(row)
    return keyed
