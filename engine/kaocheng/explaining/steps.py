"""One row through the steps of its rule, step by step, until the result or the first refusal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from kaocheng.evaluate.python import Traced
from kaocheng.evaluate.python.expression import free_variables
from kaocheng.explaining.clocks import clock_lines
from kaocheng.explaining.conditions import because, facts, first_not_true, is_leaf
from kaocheng.explaining.counted import counted_lines
from kaocheng.explaining.decisions import choice_lines
from kaocheng.explaining.governing import governing, version_on
from kaocheng.explaining.groups import is_derived, number_lines, split_lines
from kaocheng.explaining.headings import assumptions, heading
from kaocheng.explaining.model import Explanation, Line
from kaocheng.explaining.names import COLUMNS, row_title, shown
from kaocheng.explaining.reasons import reason_line, why_unknown
from kaocheng.explaining.results import result_lines
from kaocheng.explaining.states import carry_lines
from kaocheng.explaining.subject import Found, Key, Subject, Values, key_of
from kaocheng.explaining.texts import say
from kaocheng.explaining.totals import total_lines
from kaocheng.language.expressions import Call, Expr, Field, Literal, Variable
from kaocheng.language.schema import Relation
from kaocheng.language.writing import write
from kaocheng.plan.algebra import (
    ROW,
    Carry,
    Clock,
    Derive,
    Each,
    Number,
    Pipeline,
    RulePlan,
    Split,
    Step,
    Tally,
    Where,
)
from kaocheng.rendering.words import Pair, word

_INTERNAL = ("recipient", "to", "provisional")


class Walk:
    """One source row of one rule."""

    def __init__(self, subject: Subject, rule: RulePlan, relation: Relation, row: Values) -> None:
        self.subject = subject
        self.rule = rule
        self.relation = relation
        self.row = row
        self.key = {name: row[relation.index(name)] for name in relation.key}
        self.own_key: Key = key_of(relation, row)
        self.is_tally = any(isinstance(s, Tally) for p in rule.variants.values() for s in p.steps)
        self.results: list[Found] = []
        if not self.is_tally:
            self.results = subject.results(rule, relation).get(self.own_key, [])
        governed = governing(subject, rule, row)
        self.is_governed = governed.version is not None
        self.moment = governed.moment
        self.version = max(rule.variants) if governed.version is None else governed.version
        self.derived: dict[str, object] = {}
        self.ended = False

    @property
    def pipeline(self) -> Pipeline:
        """The rule's steps in the version that governs the row."""
        return self.rule.variants[self.version]

    @property
    def is_undetermined(self) -> bool:
        """Whether some result of the row is undetermined."""
        return any(result["undetermined"] for result in self.results)

    @property
    def _says_undetermined(self) -> bool:
        """Whether the status of a clock says so already."""
        return any("status" in result and result["status"] is None for result in self.results)

    @cached_property
    def _reason(self) -> Line:
        return why_unknown(self.subject, self.rule, self.version, self.row)

    def why_unknown(self) -> Line:
        """The first fact that is missing for the row."""
        return self._reason

    def bindings(self) -> dict[str, object]:
        """The variables of the row's expressions."""
        return {self.pipeline.variable: self.row, ROW: self.derived}

    def can_trace(self, expr: Expr) -> bool:
        """Whether everything that the expression reads is there."""
        if not free_variables(expr) <= {self.pipeline.variable, ROW}:
            return False
        return all(
            node.name in self.derived
            for node in expr.walk()
            if isinstance(node, Field) and isinstance(node.row, Variable) and node.row.name == ROW
        )

    def trace(self, expr: Expr) -> Traced:
        """Every step of an expression on this row."""
        return self.subject.trace(expr, self.bindings(), self.version, moment=self.moment)

    def facts(self, traced: Traced) -> tuple[Line, ...]:
        """The values that an expression rests on."""
        return facts(self.subject, traced, self.version, bindings=self.bindings())

    def reason(self, traced: Traced) -> Line:
        """Why an expression is unknown."""
        return reason_line(self.subject, traced, self.bindings())

    def explanation(self) -> Explanation:
        """The whole explanation."""
        lines = tuple(self._lines())
        return Explanation(
            rule=self.rule.id,
            present=bool(self.results) or (self.is_tally and not self.ended),
            heading=heading(self.subject, self.rule, self.version),
            lines=lines,
        )

    def _lines(self) -> Iterator[Line]:
        yield say("row", row=row_title(self.subject, self.relation, self.key))
        if not self.is_governed:
            self.ended = True
            name = version_on(self.subject, self.rule, self.row)
            yield say("no_version") if name is None else say("other_version", version=name)
            return
        yield from assumptions(self.subject, self.rule, self.version)
        for index, step in enumerate(self.pipeline.steps):
            if self.ended:
                return
            yield from self._step(step, index)
        if self.ended:
            return
        yield from result_lines(self)
        if self.is_undetermined and not self._says_undetermined:
            yield say("undetermined", reason=because(self.why_unknown()))
        if self.rule.section == "decisions":
            yield from choice_lines(self)

    def _step(self, step: Step, index: int) -> Iterator[Line]:
        match step:
            case Where():
                yield from self._where(step)
            case Clock():
                yield from self._clock(step, index)
            case Derive():
                yield from self._derive(step)
            case Each():
                yield from self._each(step)
            case Number():
                yield from number_lines(self, step, index)
            case Split():
                yield from split_lines(self, step)
            case Carry():
                yield from carry_lines(self, step, index)
                self.derived.update(self._after(index))
            case Tally():
                yield from counted_lines(self, step)
            case _:
                pass

    def _after(self, index: int) -> Mapping[str, object]:
        """The columns that the row has after a step."""
        rows = self.subject.after(self.rule, self.version, index + 1).get(self.own_key, [])
        known = rows[0] if rows else {}
        return {name: value for name, value in known.items() if " " not in name}

    def _where(self, step: Where) -> Iterator[Line]:
        if is_derived(step.condition):
            yield from self._where_derived(step.condition)
            return
        traced = self.trace(step.condition)
        condition = f"`{write(step.condition)}`"
        if traced.value is True:
            yield say("applies", self.facts(traced), condition=condition)
            return
        decisive = first_not_true(traced)
        shown_condition = f"`{write(decisive.expr)}`"
        below = self.facts(decisive)
        if traced.value is None:
            yield say("not_false", below, condition=shown_condition)
            return
        self.ended = True
        yield say("does_not_apply", below, condition=shown_condition)

    def _where_derived(self, condition: Expr) -> Iterator[Line]:
        """A condition on what steps added: a time that has not come; ranks speak for themselves."""
        if not self.can_trace(condition) or self.trace(condition).value is not False:
            return
        self.ended = True
        status = self.derived.get("status")
        if status == "not_begun" and isinstance(condition, Call) and condition.op == "ne":
            yield from self._not_yet()
            return
        yield say("does_not_apply", condition=f"`{write(condition)}`")

    def _not_yet(self) -> Iterator[Line]:
        clock = next(step for step in self.pipeline.steps if isinstance(step, Clock))
        traced = self.trace(clock.starts)
        value = shown(self.subject, traced.value, clock.starts.type, self.version)
        below = () if is_leaf(clock.starts) else self.facts(traced)
        yield say("not_yet", below, value=value, expression=f"`{write(clock.starts)}`")

    def _clock(self, step: Clock, index: int) -> Iterator[Line]:
        if "status" in self.rule.relation.columns:
            yield from clock_lines(self, step)
        self.derived.update(self._after(index))

    def _derive(self, step: Derive) -> Iterator[Line]:
        for name, expr in step.columns.items():
            if not self.can_trace(expr):
                continue
            traced = self.trace(expr)
            self.derived[name] = traced.value
            if name in _INTERNAL:
                continue
            value = shown(self.subject, traced.value, expr.type, self.version)
            totals = total_lines(self.subject, self.rule, self.row, self.relation, expr)
            if totals is None:
                says_all = is_leaf(expr) and traced.value is not None
                totals = () if says_all else self.facts(traced)
            yield self._derived_line(name, expr, value, totals)

    def _derived_line(self, name: str, expr: Expr, value: Pair, below: tuple[Line, ...]) -> Line:
        if name == "points":
            return say("points", below, value=value)
        is_constant = all(isinstance(node, (Literal, Call)) for node in expr.walk())
        if is_constant and name == "amount":
            return say("earns_alone", value=value)
        if is_constant or is_derived(expr):
            return say("value_alone", below, name=word(COLUMNS, name), value=value)
        expression = f"`{write(expr)}`"
        if name == "amount":
            return say("earns", below, value=value, expression=expression)
        return say("value", below, name=word(COLUMNS, name), value=value, expression=expression)

    def _each(self, step: Each) -> Iterator[Line]:
        traced = self.trace(step.over)
        value = shown(self.subject, traced.value, step.over.type, self.version)
        if isinstance(traced.value, (tuple, list)) and not traced.value:
            self.ended = True
            yield say("nobody", expression=f"`{write(step.over)}`")
            return
        below = () if traced.value is not None else (self.reason(traced),)
        yield say("each", below, value=value, expression=f"`{write(step.over)}`")
