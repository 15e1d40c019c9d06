"""Strategies for whole plans with facts: what evaluators must agree on.

`expression_examples` puts many random expressions into one plan, `condition_examples` conditions of
conditions, `limit_examples` clocks that pause, and `pipeline_examples` random steps. They need the
extra `testing`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import hypothesis.strategies as st
from attrs import evolve, field, frozen

from kaocheng.calendars.periods import PeriodSpec, PeriodUnit
from kaocheng.language.expressions import Expr, Field, Variable
from kaocheng.language.schema import PERIOD_COLUMNS, Relation
from kaocheng.language.types import BOOL, DATE, DURATION, INSTANT, INT, STRING, ListOf, Row, Type
from kaocheng.model.facts import Facts, Times
from kaocheng.plan.algebra import (
    ROW,
    UNDETERMINED,
    Carry,
    Clock,
    Derive,
    Each,
    Measure,
    Number,
    Order,
    Pipeline,
    Plan,
    Require,
    RulePlan,
    Split,
    Step,
    Tally,
    VersionFacts,
    Where,
    Window,
)
from kaocheng.testing import _worlds as worlds
from kaocheng.testing._conditions import condition
from kaocheng.testing._expressions import advance, expression, result_types
from kaocheng.testing._scopes import Scope, is_amount, is_of_rows, is_plain
from kaocheng.testing._worlds import CENTS, GENRE, LEVEL, UNIT, facts_rows, shapes, values

Draw = Callable[..., Any]

_HIDDEN: dict[str, Type] = {"version": INT, UNDETERMINED: BOOL}
_PARAMETERS: Mapping[str, Type] = {
    "limit": INT,
    "fee": CENTS,
    "grace": DURATION,
    "levels": ListOf(LEVEL),
    "open_from": DATE,
}
_OPEN = Window(first_day=None, last_day=None)
_KEYS: tuple[Type, ...] = (INT, STRING, BOOL, DATE, INSTANT, LEVEL, UNIT, CENTS)


@frozen(kw_only=True)
class Example:
    """The arguments of an evaluator; a plan is long, and `kaocheng.plan.printing` writes it."""

    plan: Plan = field(repr=False)
    facts: Facts = field(repr=False)
    times: Times

    def _repr_pretty_(self, printer: Any, _: object) -> None:  # noqa: ANN401 - of Hypothesis
        """Hypothesis would print all fields, many pages of them."""
        printer.text(repr(self))


def expression_examples(*, columns: int = 10, depth: int = 4) -> st.SearchStrategy[Example]:
    """A plan of one rule that computes so many expressions for each report."""

    def column(draw: Draw, scope: Scope) -> Expr:
        return expression(draw, scope, draw(st.sampled_from(result_types())), depth)

    return _columns_of_report(columns, column)


def condition_examples(*, columns: int = 30, depth: int = 3) -> st.SearchStrategy[Example]:
    """A plan of one rule that computes so many conditions made of conditions."""
    return _columns_of_report(columns, lambda draw, scope: condition(draw, scope, depth))


def limit_examples(*, columns: int = 4) -> st.SearchStrategy[Example]:
    """A plan of one rule that moves times on by so many limits, most of them with pauses."""
    return _columns_of_report(columns, advance)


def _columns_of_report(
    count: int, column: Callable[[Draw, Scope], Expr]
) -> st.SearchStrategy[Example]:
    @st.composite
    def examples(draw: Draw) -> Example:
        maker = _Maker(draw)
        scope = maker.scope("report", "r")
        exprs = {f"c{place}": column(draw, scope) for place in range(count)}
        output = {"case": _field("r", "report", "case", STRING), **exprs}
        pipeline = _pipeline(draw, scope, "report", "r", (), output)
        relation = Relation("out", {n: e.type for n, e in output.items()} | _HIDDEN, ("case",))
        return maker.example([_rule(relation, dict.fromkeys(range(maker.versions), pipeline))])

    return examples()


def pipeline_examples(*, most_steps: int = 4, depth: int = 3) -> st.SearchStrategy[Example]:
    """A plan of a few rules of random steps, which read each other."""

    @st.composite
    def examples(draw: Draw) -> Example:
        maker = _Maker(draw)
        rules = [maker.total()] if draw(st.booleans()) else []
        for place in range(draw(st.integers(1, 2))):
            rules.append(maker.rule(f"rule_{place}", most_steps, depth))  # noqa: PERF401
        return maker.example(rules)

    return examples()


def tables_for(plan: Plan) -> Mapping[str, Relation]:
    """The base relations of a generated plan."""
    rules = {rule.relation.name for rule in plan.rules} | {"findings", "total"}
    return {name: relation for name, relation in plan.relations.items() if name not in rules}


class _Maker:
    """One example in the making."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.base = worlds.base_relations(draw(shapes()))
        self.relations: dict[str, Relation] = {
            **self.base,
            "total": _total_relation(),
            "findings": _findings(),
        }
        self.versions = draw(st.sampled_from([1, 1, 2]))
        self.collected: set[str] = set()

    def scope(self, source: str, variable: str) -> Scope:
        """What the expressions of a pipeline may name before its first step."""
        return Scope(self.relations, {variable: Row(source)}, {ROW: {}}, _PARAMETERS)

    def example(self, rules: list[RulePlan]) -> Example:
        """The plan, and facts and times for it."""
        draw = self.draw
        boundary = draw(st.sampled_from(worlds.BOUNDARIES))
        versions = [self._version(place, boundary) for place in range(self.versions)]
        plan = Plan(
            ruleset="generated",
            versions=tuple(versions),
            relations={**self.relations, **{rule.relation.name: rule.relation for rule in rules}},
            rules=tuple(rules),
            editions=worlds.EDITIONS,
        )
        facts = Facts(relations=draw(facts_rows(self.base)))
        return Example(
            plan=plan, facts=facts, times=Times(as_of=draw(st.sampled_from(worlds.AS_OF)))
        )

    def _version(self, place: int, boundary: int) -> VersionFacts:
        draw = self.draw
        window = _OPEN
        if self.versions > 1:
            window = (
                Window(first_day=None, last_day=boundary - 1)
                if place == 0
                else Window(first_day=boundary, last_day=None)
            )
        return VersionFacts(
            name=str(place),
            window=window,
            parameters={name: draw(_parameter(type_)) for name, type_ in _PARAMETERS.items()},
            tables={rows.name: rows for _, rows in worlds.TABLES},
            zone=draw(st.sampled_from(worlds.ZONES)),
            calendar=draw(st.sampled_from([*worlds.EDITIONS, None])),
        )

    # Rules ----------------------------------------------------------------------------------

    def total(self) -> RulePlan:
        """Reports per unit and month, which the roll reads."""
        step = Tally(
            per={"unit": _field("r", "report", "unit", UNIT)},
            measures=(Measure(name="count", how="count"),),
            at=_field("r", "report", "at", INSTANT),
            period=PeriodSpec("month", "month"),
            roll="unit per month" if self.draw(st.booleans()) else None,
        )
        columns = {"unit": UNIT, **PERIOD_COLUMNS, "count": INT, "provisional": INT}
        output = {name: _field(ROW, ROW, name, type_) for name, type_ in columns.items()}
        pipeline = Pipeline(source="report", variable="r", steps=(step,), output=output)
        return _rule(_total_relation(), dict.fromkeys(range(self.versions), pipeline))

    def rule(self, name: str, most_steps: int, depth: int) -> RulePlan:
        """A rule over some relation, whose rows later rules may read."""
        draw = self.draw
        read = {rule for rule in self.relations if rule.startswith("rule_")}
        sources = ["report", "report", "unit per month", "part", *sorted(read), *self.collected]
        source = draw(st.sampled_from(sources))
        steps = _Steps(draw, self.scope(source, "r"), depth, self.relations[source])
        for _ in range(draw(st.sampled_from([0, *2 * list(range(1, most_steps + 1))]))):
            steps.add()
        output = steps.output()
        collection = draw(st.sampled_from(["findings", None]))
        self.collected |= {"findings"} if collection else set()
        key = tuple(name for name in output if name.startswith("key"))
        relation = Relation(name, {n: e.type for n, e in output.items()} | _HIDDEN, key)
        first = _pipeline(draw, self.scope(source, "r"), source, "r", tuple(steps.steps), output)
        variants = dict.fromkeys(range(self.versions), first)
        if self.versions > 1 and draw(st.booleans()):
            variants[1] = evolve(first, steps=first.steps[:-1] if steps.droppable else first.steps)
        self.relations[name] = relation
        return _rule(relation, variants, collection)


class _Steps:
    """The steps of a pipeline in the making, and what can be named after each."""

    def __init__(self, draw: Draw, scope: Scope, depth: int, source: Relation) -> None:
        self.draw = draw
        self.scope = scope
        self.depth = depth
        self.source = source
        self.steps: list[Step] = []
        self._count = 0

    @property
    def droppable(self) -> bool:
        """Whether nothing that is read after the last step comes from it."""
        return bool(self.steps) and isinstance(self.steps[-1], Where)

    def add(self) -> None:
        """One more step, of whatever kind."""
        kinds = [
            self._where, self._derive, self._require, self._each, self._clock, self._number,
            self._split, self._tally, self._carry,
        ]  # fmt: skip
        self.draw(st.sampled_from(kinds))()

    def output(self) -> dict[str, Expr]:
        """Columns to project to: key columns first."""
        columns = self.scope.columns[ROW]
        rows = {**self.source.columns} if "r" in self.scope.variables else {}
        keys = [
            _field("r", self.source.name, name, rows[name]) for name in self.source.key if rows
        ] or [_field(ROW, ROW, name, type_) for name, type_ in list(columns.items())[:2]]
        found = {f"key{i}": key for i, key in enumerate(keys)}
        found |= {
            f"c{i}": _field(ROW, ROW, name, type_)
            for i, (name, type_) in enumerate(columns.items())
            if not isinstance(type_, Row) and not is_of_rows(type_)
        }
        more = {"note": self.expr(STRING), "points": self.expr(INT)}
        return found | more | {"extra": self.expr(self.draw(st.sampled_from(_KEYS)))}

    def expr(self, type_: Type) -> Expr:
        """A random expression over what there is now."""
        return expression(self.draw, self.scope, type_, self.depth)

    def _new(self, hint: str) -> str:
        self._count += 1
        return f"{hint}{self._count}"

    def _set(self, columns: Mapping[str, Type]) -> None:
        now = {**self.scope.columns[ROW], **columns}
        self.scope = evolve(self.scope, columns={ROW: now})

    def _plain(self) -> Type:
        return self.draw(st.sampled_from(_KEYS))  # type: ignore[no-any-return]

    # Kinds ----------------------------------------------------------------------------------

    def _where(self) -> None:
        self.steps.append(Where(condition=self._condition()))

    def _condition(self) -> Expr:
        if self.draw(st.booleans()):
            return self.expr(BOOL)
        return condition(self.draw, self.scope, self.draw(st.integers(1, 2)))

    def _derive(self) -> None:
        columns: dict[str, Expr] = {}
        for _ in range(self.draw(st.integers(1, 3))):
            names = [
                name
                for name, found in self.scope.columns[ROW].items()
                if is_plain(found) and name not in columns
            ]
            again = bool(names) and self.draw(st.integers(0, 4)) == 0
            name = self.draw(st.sampled_from(names)) if again else self._new("d")
            type_ = self.scope.columns[ROW][name] if again else self.draw(_derived())
            columns[name] = self.expr(type_)
            self._set({name: type_})
        self.steps.append(Derive(columns=columns))

    def _require(self) -> None:
        names = list(self.scope.columns[ROW])
        if names:
            self.steps.append(Require(columns=(self.draw(st.sampled_from(names)),)))

    def _each(self) -> None:
        name = self._new("item")
        type_ = self._a_list()
        self.steps.append(Each(over=self.expr(ListOf(type_)), column=name))
        self._set({name: type_})

    def _a_list(self) -> Type:
        source = "r" in self.scope.variables and self.source.name == "report"
        found: list[Type] = [UNIT, INT, STRING, *([Row("part"), Row("part")] if source else [])]
        return self.draw(st.sampled_from(found))  # type: ignore[no-any-return]

    def _clock(self) -> None:
        type_: Type = self.draw(st.sampled_from([DATE, INSTANT]))
        starts, due, met_at = (self.expr(type_) for _ in range(3))
        lapses_at = self.expr(type_) if self.draw(st.booleans()) else None
        excused = self._condition() if self.draw(st.booleans()) else None
        self.steps.append(
            Clock(starts=starts, due=due, met_at=met_at, lapses_at=lapses_at, excused=excused)
        )
        late_by = INT if type_ == DATE else DURATION
        times = dict.fromkeys(("start", "due", "met_at"), type_)
        self._set({**times, "late_by": late_by, "status": STRING})

    def _order(self) -> tuple[Order, ...]:
        count = self.draw(st.integers(0, 2))
        return tuple(
            Order(by=self.expr(self._plain()), descending=self.draw(st.booleans()))
            for _ in range(count)
        )

    def _per(self) -> tuple[Expr, ...]:
        return tuple(self.expr(self._plain()) for _ in range(self.draw(st.integers(0, 2))))

    def _number(self) -> None:
        name = self._new("rank")
        ties = self.draw(st.sampled_from(["all", "dense", "first"]))
        self.steps.append(Number(column=name, per=self._per(), order=self._order(), ties=ties))
        self._set({name: INT})

    def _split(self) -> None:
        names = [name for name, type_ in self.scope.columns[ROW].items() if is_amount(type_)]
        if not names:
            names = [self._new("amount")]
            self.steps.append(Derive(columns={names[0]: self.expr(CENTS)}))
            self._set({names[0]: CENTS})
        recipient = self._new("recipient")
        weights = self.draw(st.sampled_from([None, (2, 1), (0, 3, 1), (1,), (5, 3, 2), (0,)]))
        step = Split(
            among=self.expr(ListOf(UNIT)),
            recipient=recipient,
            column=self.draw(st.sampled_from(names)),
            weights=weights,
            rest=self.draw(st.sampled_from(["first", "last", "largest"])),
        )
        self.steps.append(step)
        self._set({recipient: UNIT})

    def _tally(self) -> None:
        draw = self.draw
        roll = "unit per month" if draw(st.booleans()) else None
        per: dict[str, Expr] = {}
        if roll or draw(st.integers(0, 2)):
            per[self._new("g")] = self.expr(UNIT)
        if draw(st.booleans()):
            per[self._new("g")] = self.expr(self._plain())
        measures = tuple(self._measure() for _ in range(draw(st.integers(1, 3))))
        period, at = None, None
        if draw(st.integers(0, 2)):
            at = self.expr(draw(st.sampled_from([DATE, INSTANT])))
            period = draw(st.one_of(st.none(), periods()))
        self.steps.append(Tally(per=per, measures=measures, at=at, period=period, roll=roll))
        columns = {name: expr.type for name, expr in per.items()}
        columns |= PERIOD_COLUMNS if period else {}
        columns |= {
            m.name: INT if m.of is None or m.how == "count" else m.of.type for m in measures
        }
        columns["provisional"] = INT
        self.scope = evolve(self.scope, variables={}, columns={ROW: columns})

    def _measure(self) -> Measure:
        how = self.draw(st.sampled_from(["count", "sum", "min", "max"]))
        name = self._new("m")
        if how == "count":
            of = self._condition() if self.draw(st.booleans()) else None
            return Measure(name=name, how=how, of=of)
        types = [INT, CENTS] if how == "sum" else [INT, CENTS, DATE, INSTANT]
        return Measure(name=name, how=how, of=self.expr(self.draw(st.sampled_from(types))))

    def _carry(self) -> None:
        types = [self.draw(st.sampled_from([INT, BOOL, CENTS])) for _ in range(2)]
        names = [self._new("s") for _ in types]
        state = dict(zip(names, types, strict=True))
        begin = {name: self.expr(type_) for name, type_ in state.items()}
        per, order = self._per(), self._order()
        inside = self.scope
        self.scope = evolve(inside, columns={**inside.columns, "was": state})
        following = {name: self.expr(type_) for name, type_ in state.items()}
        self.scope = inside
        self.steps.append(Carry(per=per, order=order, begin=begin, next=following))
        self._set(state)


def periods() -> st.SearchStrategy[PeriodSpec]:
    """Periods of every unit, some of which begin on a day of their own."""
    units: tuple[PeriodUnit, ...] = ("day", "week", "month", "quarter", "half_year", "year")
    own = st.builds(
        lambda unit, first, named: PeriodSpec(
            "own", unit, month=first[0], day=first[1], named_after=named
        ),
        st.sampled_from(["quarter", "half_year", "year"]),
        st.sampled_from([(2, 29), (7, 24), (11, 1), (12, 31)]),
        st.sampled_from(["start", "end"]),
    )
    months = st.builds(
        lambda day, named: PeriodSpec("own", "month", day=day, named_after=named),
        st.sampled_from([26, 31]),
        st.sampled_from(["start", "end"]),
    )
    return st.one_of(st.sampled_from(units).map(lambda unit: PeriodSpec(unit, unit)), own, months)


def _derived() -> st.SearchStrategy[Type]:
    return st.sampled_from([*_KEYS, INT, CENTS, DURATION, GENRE, ListOf(INT), ListOf(UNIT)])


def _field(variable: str, relation: str, name: str, type_: Type) -> Field:
    return Field(row=Variable(type=Row(relation), name=variable), name=name, type=type_)


def _pipeline(  # noqa: PLR0913, PLR0917
    draw: Draw,
    scope: Scope,
    source: str,
    variable: str,
    steps: tuple[Step, ...],
    output: Mapping[str, Expr],
) -> Pipeline:
    type_ = draw(st.sampled_from([DATE, INSTANT]))
    instant = draw(st.sampled_from([None, type_, type_]))
    return Pipeline(
        source=source,
        variable=variable,
        steps=steps,
        output=output,
        instant=None if instant is None else expression(draw, scope, instant, 2),
    )


def _rule(
    relation: Relation, variants: Mapping[int, Pipeline], collection: str | None = None
) -> RulePlan:
    return RulePlan(
        id=relation.name,
        section="rules",
        relation=relation,
        variants=variants,
        collection=collection,
    )


def _parameter(type_: Type) -> st.SearchStrategy[object]:
    if isinstance(type_, ListOf):
        return st.lists(values(type_.item), max_size=3).map(tuple)
    return values(type_)


def _total_relation() -> Relation:
    columns: dict[str, Type] = {
        "unit": UNIT, **PERIOD_COLUMNS, "count": INT, "provisional": INT, **_HIDDEN,
    }  # fmt: skip
    return Relation("total", columns, ("unit", "period"))


def _findings() -> Relation:
    columns: dict[str, Type] = {"key0": STRING, "note": STRING, "points": INT, "never_given": DATE}
    return Relation("findings", {**columns, **_HIDDEN}, ("key0", "note"))


__all__ = [
    "Example",
    "condition_examples",
    "expression_examples",
    "limit_examples",
    "periods",
    "pipeline_examples",
    "tables_for",
]
