"""One property as a question to the solver, and the answer to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import z3

from kaocheng.calendars.numberline import DAY, FIRST_DAY, LAST_DAY
from kaocheng.calendars.zones import Zone, Zones
from kaocheng.errors import UnsupportedError
from kaocheng.evaluate.proof._expressions import one, symbol
from kaocheng.evaluate.proof._readable import readable
from kaocheng.evaluate.proof._replay import AS_OF, Case, replay
from kaocheng.evaluate.proof._rows import BaseRow, unique_columns
from kaocheng.evaluate.proof._scope import RowView
from kaocheng.evaluate.proof._search import Outcome, Search
from kaocheng.evaluate.proof._shown import concrete, concrete_row, shown_row, text_of
from kaocheng.evaluate.proof._strings import strings_for
from kaocheng.evaluate.proof._times import is_never
from kaocheng.evaluate.proof._values import (
    Symbol,
    all_of,
    any_of,
    inside,
    is_true,
    known,
    not_,
    yes,
)
from kaocheng.evaluate.proof._world import AllRows
from kaocheng.evaluate.proof.results import Counterexample, Proof, Reason, ShownRow
from kaocheng.language.expressions import Expr, Field, Linked, Variable
from kaocheng.language.types import DATE, INSTANT, Row, Type
from kaocheng.model.facts import Facts
from kaocheng.plan.algebra import UNDETERMINED, Plan, RulePlan
from kaocheng.plan.properties import Property

VERSION = "version"
_FIRST, _LAST = FIRST_DAY + 366, LAST_DAY - 366

OUT_OF_TIME = Reason(
    en="there was neither a proof nor a counterexample in the time given",
    zh="在限定时间内既未得出证明，也未找到反例",
)
NOT_REPRODUCED = Reason(
    en="the solver found a case, but assessing it does not break the promise",
    zh="求解器给出的案例经复核并不违反该性质",
)


class Question:
    """A property over symbolic rows; everything unsupported is refused here, by name."""

    def __init__(
        self,
        plan: Plan,
        promise: Property,
        *,
        as_of: int | None,
        zones: Zones,
        left: Callable[[], int],
    ) -> None:
        self._plan = plan
        self._zones = zones
        self._promise = promise
        self._version = len(plan.versions) - 1 if promise.version is None else promise.version
        strings = strings_for(_read_by(plan, promise))
        self._world = AllRows(plan, strings, zones=zones, as_of=as_of)
        self._rows = {
            variable: self._world.row(self._relation_name(name), variable, yes())
            for variable, name in promise.rows.items()
        }
        self._marks = {variable: dict(_marks(row)) for variable, row in self._rows.items()}
        self._given = all_of(
            (*map(_determined, self._rows.values()), *self._within_reach(), *self._premise())
        )
        self._broken = not_(is_true(self._truth(promise.claim)))
        self._search = Search(self._world.calendars, left=left)
        self._search.state((*self._world.premises(), self._given))
        self._search.rest_on(self._world.calendars.premises())

    def answer(self) -> Proof:
        """The verdict."""
        supposed = self._search.supposing(self._broken)
        outcome = self._search.find(supposed)
        if outcome.model is not None:
            model = readable(self._search, self._world, outcome.model, supposed, zone=self._zone)
            return self._refuted(model)
        if outcome.impossible:
            return self._proved(outcome)
        return Proof(property=self._promise, verdict="unknown", reason=OUT_OF_TIME)

    @property
    def _zone(self) -> Zone:
        return self._world.scope(self._version).local.zone

    def _proved(self, outcome: Outcome) -> Proof:
        """No case breaks the promise; whether any case satisfies its premises."""
        possible = self._search.find()
        if possible.impossible:
            return Proof(
                property=self._promise, verdict="vacuous", vacuous=True, lemmas=possible.lemmas
            )
        return Proof(property=self._promise, verdict="proved", lemmas=outcome.lemmas)

    def _refuted(self, model: z3.ModelRef) -> Proof:
        case = self._case(model)
        relations = {variable: row.relation for variable, row in self._rows.items()}
        rows = replay(
            self._plan,
            self._promise,
            case,
            version=self._version,
            relations=relations,
            zones=self._zones,
        )
        if rows is None:
            return Proof(property=self._promise, verdict="unknown", reason=NOT_REPRODUCED)
        return Proof(
            property=self._promise,
            verdict="refuted",
            counterexample=self._counterexample(case, rows, model),
        )

    def _premise(self) -> Iterator[z3.BoolRef]:
        if self._promise.given is not None:
            yield is_true(self._truth(self._promise.given))

    def _within_reach(self) -> Iterator[z3.BoolRef]:
        """The times that the property reads leave room to be compared with others."""
        for variable, row in self._rows.items():
            for name in sorted(named(self._promise, variable)):
                units: dict[Type, int] = {DATE: 1, INSTANT: DAY}
                unit = units.get(row.relation.columns[name])
                if unit is not None:
                    time = one(row.column(name), name)
                    reach = inside(time.value, _FIRST * unit, _LAST * unit)
                    yield any_of((time.unknown, is_never(time), reach))

    def _truth(self, expr: Expr) -> Symbol:
        scope = self._world.scope(self._version).bound(AS_OF, known(self._world.as_of))
        for variable, row in self._rows.items():
            scope = scope.bound(variable, row)
        return symbol(expr, scope)

    def _relation_name(self, name: str) -> str:
        rule = _rule_of(self._plan, name)
        if rule is None and name not in self._plan.relations:
            raise UnsupportedError(
                name,
                "proof",
                "there is no rule and no relation of that name",
                zh="没有这一名称的规则或关系",
            )
        return name if rule is None else rule.relation.name

    def _case(self, model: z3.ModelRef) -> Case:
        strings = self._world.strings
        marks = {
            variable: {
                name: concrete(value, self._rows[variable].relation.columns[name], model, strings)
                for name, value in columns.items()
            }
            for variable, columns in self._marks.items()
        }
        as_of = model.eval(self._world.as_of, model_completion=True).as_long()
        return Case(facts=Facts(relations=self._facts(model)), as_of=as_of, marks=marks)

    def _facts(self, model: z3.ModelRef) -> Mapping[str, list[tuple[object, ...]]]:
        made = {rule.relation.name for rule in self._plan.rules}
        made |= {rule.collection for rule in self._plan.rules if rule.collection is not None}
        facts: dict[str, list[tuple[object, ...]]] = {
            name: [] for name in self._plan.relations if name not in made
        }
        for row in self._present(model):
            values = concrete_row(row, model, self._world.strings)
            if values not in facts[row.relation.name]:
                facts[row.relation.name].append(values)
        return facts

    def _present(self, model: z3.ModelRef) -> Iterator[BaseRow]:
        """The rows that there are in a case, each key once."""
        seen: set[tuple[object, ...]] = set()
        for row in self._world.base_rows:
            if not z3.is_true(model.eval(row.present, model_completion=True)):
                continue
            names = unique_columns(row.relation)
            key = tuple(
                concrete(row.column(name), row.relation.columns[name], model, self._world.strings)
                for name in names
            )
            if names and (row.relation.name, *key) in seen:
                continue
            seen.add((row.relation.name, *key))
            yield row

    def _counterexample(
        self, case: Case, rows: Mapping[str, tuple[object, ...]], model: z3.ModelRef
    ) -> Counterexample:
        zone = self._zone
        sources: dict[str, tuple[ShownRow, ...]] = {}
        for variable in self._rows:
            sources[variable] = tuple(self._shown(self._behind(variable), model))
        own = {id(row) for variable in self._rows for row in self._behind(variable)}
        others = (row for row in self._present(model) if id(row) not in own)
        return Counterexample(
            as_of=case.as_of,
            as_of_text=text_of(case.as_of, INSTANT, zone),
            sources=sources,
            related=tuple(self._shown(others, model)),
            derived={
                variable: shown_row(
                    self._rows[variable].relation, row, named(self._promise, variable), zone
                )
                for variable, row in rows.items()
            },
            facts=case.facts,
        )

    def _behind(self, variable: str) -> Iterator[BaseRow]:
        """The rows of the case itself behind a variable; versions may each have their own."""
        for row in self._world.base_rows:
            if row.label == variable or row.label.startswith(f"{variable}."):
                yield row

    def _shown(self, rows: Iterable[BaseRow], model: z3.ModelRef) -> Iterator[ShownRow]:
        zone = self._zone
        for row in rows:
            values = concrete_row(row, model, self._world.strings)
            yield shown_row(row.relation, values, row.columns, zone)


def _determined(row: RowView) -> z3.BoolRef:
    """Whether there is such a row, and nothing unknown decided it."""
    if UNDETERMINED not in row.relation.columns:
        return row.present
    return all_of((row.present, not_(one(row.column(UNDETERMINED), UNDETERMINED).value)))


def _marks(row: RowView) -> Iterator[tuple[str, Symbol]]:
    """The columns by which a row is known again: its key, and the version that made it."""
    names = unique_columns(row.relation)
    for name in (*names, *((VERSION,) if VERSION in row.relation.columns else ())):
        yield name, one(row.column(name), name)


def named(promise: Property, variable: str) -> set[str]:
    """The columns that a property reads of a variable."""
    nodes = (node for expr in promise.expressions() for node in expr.walk())
    return {
        node.name
        for node in nodes
        if isinstance(node, Field) and isinstance(node.row, Variable) and node.row.name == variable
    }


def _rule_of(plan: Plan, name: str) -> RulePlan | None:
    return next((rule for rule in plan.rules if name in {rule.id, rule.relation.name}), None)


def _read_by(plan: Plan, promise: Property) -> Iterator[Expr]:
    """Every expression that the property may come to depend on: those of all rules it reaches."""
    yield from promise.expressions()
    waiting = [*promise.rows.values(), *_linked_from(plan, promise.expressions())]
    seen: set[str] = set()
    while waiting:
        rule = _rule_of(plan, waiting.pop())
        if rule is None or rule.id in seen:
            continue
        seen.add(rule.id)
        for pipeline in rule.variants.values():
            expressions = tuple(pipeline.expressions())
            waiting += [pipeline.source, *_linked_from(plan, expressions)]
            yield from expressions


def _linked_from(plan: Plan, expressions: Iterable[Expr]) -> Iterator[str]:
    """The relations that links in the expressions lead to."""
    for node in (node for expression in expressions for node in expression.walk()):
        if isinstance(node, Linked) and isinstance(node.row.type, Row):
            rule = _rule_of(plan, node.row.type.relation)
            here = plan.relations[node.row.type.relation] if rule is None else rule.relation
            yield here.links[node.link].relation
