"""One row through the steps of its rule, step by step, until the result or the first refusal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kaocheng.evaluate.python.trace import Traced
from kaocheng.explaining.clocks import clock_lines
from kaocheng.explaining.conditions import because, facts, first_not_true
from kaocheng.explaining.groups import number_lines, split_lines
from kaocheng.explaining.headings import assumptions, heading, row_name
from kaocheng.explaining.model import Explanation, Line
from kaocheng.explaining.results import result_lines
from kaocheng.explaining.subject import Subject, Values
from kaocheng.explaining.texts import say
from kaocheng.language.expressions import Expr, Field, Variable
from kaocheng.language.schema import Relation
from kaocheng.language.types import INT, STRING, Row
from kaocheng.language.writing import write
from kaocheng.plan.algebra import ROW, Clock, Derive, Each, Number, Pipeline, RulePlan, Split, Where

_INTERNAL = ("recipient", "provisional")


class Walk:
    """One source row of one rule."""

    def __init__(self, subject: Subject, rule: RulePlan, relation: Relation, row: Values) -> None:
        self.subject = subject
        self.rule = rule
        self.relation = relation
        self.row = row
        self.key = {name: row[relation.index(name)] for name in relation.key}
        self.results = [r for r in subject.assessment.rows(rule.id) if self._mine(r)]
        self.version = self._version()
        self.derived: dict[str, object] = {}
        self.ended = False

    def _mine(self, result: Mapping[str, object]) -> bool:
        return all(result.get(name) == value for name, value in self.key.items())

    def _version(self) -> int:
        for result in self.results:
            version = result["version"]
            if isinstance(version, int):
                return version
        return max(self.rule.variants)

    @property
    def pipeline(self) -> Pipeline:
        """The rule's steps in the version that governs the row."""
        return self.rule.variants[self.version]

    def bindings(self) -> dict[str, object]:
        """The variables of the row's expressions."""
        return {self.pipeline.variable: self.row, ROW: self.derived}

    def trace(self, expr: Expr) -> Traced:
        """Every step of an expression on this row."""
        return self.subject.trace(expr, self.bindings(), self.version)

    def explanation(self) -> Explanation:
        """The whole explanation."""
        lines = tuple(self._lines())
        return Explanation(
            rule=self.rule.id,
            present=bool(self.results),
            heading=heading(self.subject, self.rule, self.version),
            lines=lines,
        )

    def _lines(self) -> Iterator[Line]:
        yield say("row", row=row_name(self.subject, self.relation, self.key))
        yield from assumptions(self.subject, self.rule, self.version)
        for index, step in enumerate(self.pipeline.steps):
            if self.ended:
                return
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
                    yield from split_lines(self)
                case _:
                    pass
        yield from result_lines(self)

    def _where(self, step: Where) -> Iterator[Line]:
        if self._about_derived(step.condition):
            return
        traced = self.trace(step.condition)
        condition = f"`{write(step.condition)}`"
        if traced.value is True:
            yield say("applies", facts(self.subject, traced, self.version), condition=condition)
            return
        decisive = first_not_true(traced)
        shown = f"`{write(decisive.expr)}`"
        below = facts(self.subject, decisive, self.version)
        if traced.value is None:
            yield say("not_false", below, condition=shown, reason=because(traced.reason))
            return
        self.ended = True
        yield say("does_not_apply", below, condition=shown)

    def _about_derived(self, condition: Expr) -> bool:
        """Whether the condition reads what earlier steps added; those steps speak for it."""
        return any(isinstance(n, Variable) and n.name == ROW for n in condition.walk())

    def _clock(self, step: Clock, index: int) -> Iterator[Line]:
        if "status" in self.rule.relation.columns:
            yield from clock_lines(self, step)
        else:
            self._read_status(index)

    def _read_status(self, index: int) -> None:
        """What a clock that is no deadline's gave the row, for the steps that read it."""
        source = Variable(type=Row(self.relation.name), name=self.pipeline.variable)
        columns: dict[str, Expr] = {
            name: Field(type=self.relation.columns[name], row=source, name=name)
            for name in self.key
        }
        status = Field(type=STRING, row=Variable(type=Row(""), name=ROW), name="status")
        rows = self.subject.prefix(
            self.rule, self.version, index + 1, {**columns, "status~": status}
        )
        for row in rows:
            if all(row[name] == value for name, value in self.key.items()):
                self.derived["status"] = row["status~"]

    def _derive(self, step: Derive) -> Iterator[Line]:
        for name, expr in step.columns.items():
            traced = self.trace(expr)
            self.derived[name] = traced.value
            if name in _INTERNAL:
                continue
            below = facts(self.subject, traced, self.version)
            value = self.subject.show(traced.value, expr.type, self.version)
            key = "earns" if name == "amount" else "value"
            if traced.value is None:
                value = because(traced.reason)
            if key == "earns":
                yield say("earns", below, value=value, expression=f"`{write(expr)}`")
            else:
                yield say("value", below, name=name, value=value, expression=f"`{write(expr)}`")

    def _each(self, step: Each) -> Iterator[Line]:
        traced = self.trace(step.over)
        yield say("each", value=self.subject.show(traced.value, step.over.type, self.version))

    def shown_number(self, value: object) -> str:
        """A whole number as text."""
        return self.subject.show(value, INT, self.version)[0]
