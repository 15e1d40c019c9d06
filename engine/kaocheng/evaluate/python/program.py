"""A compiled plan: run all of it over facts, or one rule over one row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from attrs import field, frozen

from kaocheng.calendars.numberline import DAY
from kaocheng.calendars.zones import Zones, to_utc
from kaocheng.evaluate.python import _times
from kaocheng.evaluate.python._context import Context
from kaocheng.evaluate.python._order import sorted_rows
from kaocheng.evaluate.python._pipelines import PipelineWriter, Written
from kaocheng.evaluate.python._primitives import Row
from kaocheng.evaluate.python._setting import Setting, setting_of
from kaocheng.evaluate.python._source import Compiled, Module
from kaocheng.language.schema import Relation
from kaocheng.model.facts import Facts, Times
from kaocheng.plan.algebra import COLLECTIONS, Plan, RulePlan

Results = dict[str, list[Row]]
RowFunction = Callable[[Row, Context], list[Row]]


@frozen(kw_only=True)
class Variant:
    """One rule of one version, ready to run."""

    source: str
    stages: tuple[Callable[[Iterable[Row], Context], list[Row]], ...]
    only_as_of: bool
    function: RowFunction | None

    def run(self, context: Context, version: int) -> list[Row]:
        """The rows that this version gives the rule."""
        if self.only_as_of and context.version != version:
            return []
        rows: Iterable[Row] = context.rows.get(self.source, ())
        for stage in self.stages:
            rows = stage(rows, context)
        return list(rows)


@frozen(kw_only=True)
class Program:
    """A plan compiled to one Python module, whose text is `source`.

    Immutable, and safe to share between threads; each assessment has its own `Context`.
    """

    plan: Plan
    source: str = field(repr=False)
    _variants: Mapping[str, Mapping[int, Variant]] = field(repr=False)
    _settings: tuple[Setting, ...] = field(repr=False)
    _collections: tuple[str, ...] = field(repr=False)

    def run(self, facts: Facts, times: Times) -> Results:
        """Every rule's rows and the collections, sorted by their keys."""
        context = self.context(facts.relations, as_of=times.as_of)
        for rule in self.plan.rules:
            self._assess(rule, context)
        names = [rule.relation.name for rule in self.plan.rules]
        return {
            name: sorted_rows(context.rows[name], self.plan.relations[name])
            for name in dict.fromkeys([*names, *self._collections])
        }

    def context(self, rows: Mapping[str, Sequence[Row]], *, as_of: int) -> Context:
        """A context for one assessment of these rows; `add` gives it the rows of rules."""
        empty: dict[str, Sequence[Row]] = {name: [] for name in self._collections}
        return Context({**rows, **empty}, as_of=as_of, version=self.version_at(as_of))

    def version_at(self, instant: int) -> int | None:
        """The index of the version in force at an instant, by its own local date."""
        for index, setting in enumerate(self._settings):
            if in_force(setting, instant):
                return index
        return None

    @property
    def turns(self) -> tuple[int, ...]:
        """The instants at which another version comes into force, or none any more."""
        found: set[int] = set()
        for setting in self._settings:
            first, last = setting.version.window.first_day, setting.version.window.last_day
            days = (first, None if last is None else last + 1)
            found |= {to_utc(setting.zone, day * DAY) for day in days if day is not None}
        return tuple(sorted(found))

    def is_row_wise(self, rule_id: str) -> bool:
        """Whether every version of the rule looks at one row at a time."""
        variants = self._variants[rule_id].values()
        return all(variant.function is not None for variant in variants)

    def row_function(self, rule_id: str, version: int) -> RowFunction:
        """The function of one source row and a context to the rule's rows under a version.

        It gives no rows where another version governs the row.
        """
        function = self._variants[rule_id][version].function
        if function is None:
            message = f"the rule `{rule_id}` looks at more than one row at a time"
            raise ValueError(message)
        return function

    def rule_rows(self, rule_id: str, context: Context) -> list[Row]:
        """The rows of one rule under all versions, over the rows that the context holds."""
        variants = self._variants[rule_id].items()
        return [row for version, variant in variants for row in variant.run(context, version)]

    def _assess(self, rule: RulePlan, context: Context) -> None:
        rows = self.rule_rows(rule.id, context)
        context.add(rule.relation.name, rows)
        if rule.collection is not None:
            collection = self.plan.relations[rule.collection]
            projected = project(rows, rule.relation, collection)
            context.add(collection.name, [*context.rows[collection.name], *projected])


def compile_plan(plan: Plan, *, zones: Zones | None = None) -> Program:
    """Compile every rule of every version into one module.

    Zones take a moment to build: give the ones of the process, if it keeps them.
    """
    known_zones = zones or Zones()
    settings = tuple(setting_of(plan, i, zones=known_zones) for i in range(len(plan.versions)))
    module = Module(plan.ruleset)
    written = {
        rule.id: {
            version: PipelineWriter(
                module, settings[version], rule, version, versions=len(settings)
            ).write()
            for version in sorted(rule.variants)
        }
        for rule in plan.rules
    }
    compiled = module.compiled()
    variants = {
        rule: {version: _ready(pipeline, compiled) for version, pipeline in versions.items()}
        for rule, versions in written.items()
    }
    return Program(
        plan=plan,
        source=compiled.source,
        variants=variants,
        settings=settings,
        collections=collections_of(plan),
    )


def run(plan: Plan, facts: Facts, times: Times) -> Results:
    """Compile a plan and run it once."""
    return compile_plan(plan).run(facts, times)


def collections_of(plan: Plan) -> tuple[str, ...]:
    """The collections of a plan: those that its rules name, and those that always are."""
    named = {rule.collection for rule in plan.rules if rule.collection is not None}
    return tuple(sorted(named.union(COLLECTIONS) & plan.relations.keys()))


def project(rows: Iterable[Row], here: Relation, there: Relation) -> list[Row]:
    """Rows of one relation as rows of another, by the names of columns; others are unknown."""
    places = [here.index(name) if name in here.columns else None for name in there.columns]
    return [tuple(None if i is None else row[i] for i in places) for row in rows]


def in_force(setting: Setting, instant: int) -> bool:
    """Whether a version is in force at an instant."""
    window = setting.version.window
    if window.first_day is None and window.last_day is None:
        return True
    day = _times.date_of(setting.zone)(instant)
    if day is None:
        return False
    begun = window.first_day is None or window.first_day <= day
    return begun and (window.last_day is None or day <= window.last_day)


def _ready(pipeline: Written, compiled: Compiled) -> Variant:
    only = compiled.names[pipeline.functions[0]] if pipeline.is_row_wise else None
    return Variant(
        source=pipeline.source,
        stages=tuple(stage(compiled.names) for stage in pipeline.stages),
        only_as_of=pipeline.only_as_of,
        function=only,
    )
