"""A pipeline as a chain of stages: generated functions of rows, and steps on many rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from kaocheng.calendars.periods import PeriodSpec
from kaocheng.evaluate.python import _operations, _times
from kaocheng.evaluate.python._context import Context
from kaocheng.evaluate.python._groups import Carrying, Numbering, Tallying
from kaocheng.evaluate.python._primitives import Row
from kaocheng.evaluate.python._relations import reads_dated
from kaocheng.evaluate.python._rows import ROW_STEPS
from kaocheng.evaluate.python._segments import AS_OF, Segment
from kaocheng.evaluate.python._setting import Setting
from kaocheng.evaluate.python._source import (
    Module,
    Value,
    constant,
    known_or_none,
    named,
    tuple_of,
)
from kaocheng.language.expressions import Expr
from kaocheng.language.schema import PERIOD_COLUMNS
from kaocheng.language.types import DATE, INSTANT, Type
from kaocheng.plan.algebra import (
    UNDETERMINED,
    Carry,
    Number,
    Order,
    Pipeline,
    RulePlan,
    Tally,
    Window,
)

VERSION = "version"
WAS = "was"
FIRST_DAY = "period.first_day"

# What makes a stage once the module is compiled: from the module's names to a function.
Stage = Callable[[Mapping[str, Any]], Callable[[Iterable[Row], Context], list[Row]]]


@frozen(kw_only=True)
class Written:
    """A pipeline that has been written: its stages, and whether only `as_of`'s version runs it."""

    source: str
    stages: tuple[Stage, ...]
    functions: tuple[str, ...]
    only_as_of: bool

    @property
    def is_row_wise(self) -> bool:
        """Whether one function does it all, one row at a time."""
        return len(self.stages) == 1


def row_stage(function: str) -> Stage:
    """The stage that calls a generated function on each row."""

    def stage(names: Mapping[str, Any]) -> Callable[[Iterable[Row], Context], list[Row]]:
        of_row = names[function]

        def all_rows(rows: Iterable[Row], context: Context) -> list[Row]:
            return [out for row in rows for out in of_row(row, context)]

        return all_rows

    return stage


class PipelineWriter:
    """Writes one pipeline of one rule into a module.

    A segment ends where a step looks at many rows; the next one reads what the row held:
    the source row, the moment of dated facts, the row's own key, its columns.
    """

    def __init__(
        self, module: Module, setting: Setting, rule: RulePlan, version: int, *, versions: int
    ) -> None:
        self.module = module
        self.setting = setting
        self.rule = rule
        self.version = version
        self.pipeline: Pipeline = rule.variants[version]
        self.source = setting.relations[self.pipeline.source]
        self.always = versions == 1 and setting.version.window == Window(
            first_day=None, last_day=None
        )
        self.dated = reads_dated(setting, self.pipeline.expressions())
        self.stages: list[Stage] = []
        self.functions: list[str] = []
        self.segment = self._new_segment()

    def write(self) -> Written:
        """Write all of it."""
        tallies = [step for step in self.pipeline.steps if isinstance(step, Tally)]
        self._begin(governed=not tallies)
        for step in self.pipeline.steps:
            many = GROUP_STEPS.get(type(step))
            if many is None:
                ROW_STEPS[type(step)](self.segment, step)
            else:
                many(self, step)
        if tallies:
            self._govern_group()
        self._finish()
        return Written(
            source=self.pipeline.source,
            stages=tuple(self.stages),
            functions=tuple(self.functions),
            only_as_of=bool(tallies) and all(tally.period is None for tally in tallies),
        )

    # Segments -------------------------------------------------------------------------------

    def _new_segment(self) -> Segment:
        keyed = any(isinstance(step, Number | Carry) for step in self.pipeline.steps)
        return Segment(self.module, self.setting, self.rule.id, keyed=keyed)

    def _begin(self, *, governed: bool) -> None:
        segment = self.segment
        segment.row = segment.names.new(self.pipeline.variable)
        row = named(segment.row, nullable=False)
        segment.writer.variables[self.pipeline.variable] = row
        if UNDETERMINED in self.source.columns:
            mark = Value(f"{row.code}[{self.source.index(UNDETERMINED)}] is True", nullable=False)
            segment.set(UNDETERMINED, mark)
        places = map(self.source.index, self.source.key)
        segment.own = [Value(f"{row.code}[{place}]", tight=True) for place in places]
        self._instant(governed=governed and not self.always)

    def _instant(self, *, governed: bool) -> None:
        """What the row's own instant decides: its version, and the moment of dated facts."""
        expr, writer = self.pipeline.instant, self.segment.writer
        if not governed and not self.dated:
            return
        instant = constant(None) if expr is None else writer.name(expr)
        type_ = INSTANT if expr is None else expr.type
        if governed:
            self._govern(self._local_day(instant, type_))
        if self.dated:
            # What the instant itself read of dated facts, it read as of the assessment.
            writer.forget(lambda _node: True)
            writer.moment = self._moment(instant, type_)

    def _local_day(self, instant: Value, type_: Type) -> Value:
        if type_ == DATE or instant.code == "None":
            return instant
        writer = self.segment.writer
        code = f"{_operations.of_zone(writer, 'date_of')}({instant.code})"
        return writer.keep(known_or_none([instant], code, partial=True), "local_day")

    def _govern(self, day: Value) -> None:
        """Leave out a row that another version governs."""
        window, segment = self.setting.version.window, self.segment
        other_version = f"c.version != {self.version}"
        if day.code == "None":
            segment.note_later("c.next_version")
            segment.skip_if(other_version)
            return
        outside = []
        if window.first_day is not None:
            outside.append(f"{day.code} < {window.first_day}")
        if window.last_day is not None:
            outside.append(f"{day.code} > {window.last_day}")
        with segment.writer.lines.block(f"if {_not_known(day)}:"):
            segment.note_later("c.next_version")
            segment.skip_if(other_version)
        if outside:
            segment.skip_if(" or ".join(outside), word="elif")

    def _moment(self, instant: Value, type_: Type) -> str:
        writer = self.segment.writer
        if instant.code == "None":
            return AS_OF
        if type_ == DATE:
            prepared = _operations.of_zone(writer, "moment_of_date")
            code = f"{prepared}({instant.code}, {AS_OF})"
        else:
            code = f"{AS_OF} if {_not_known(instant)} else {instant.code}"
        return writer.keep(Value(code, nullable=False), "moment").code

    def _state(self) -> dict[str, Value]:
        """All that the row holds, by what it is."""
        segment = self.segment
        state: dict[str, Value] = {}
        source = segment.writer.variables.get(self.pipeline.variable)
        if isinstance(source, Value):
            state["source"] = source
        if self.dated:
            state["moment"] = Value(segment.writer.moment, nullable=False, tight=True)
        state |= {f"key {place}": value for place, value in enumerate(segment.own)}
        return state | {f"column {name}": value for name, value in segment.columns.items()}

    def _end(self, values: Sequence[Value]) -> None:
        """End the segment with rows of these values."""
        self.segment.give(values)
        part = f"_{len(self.functions) + 1}" if self.functions or self._has_group_steps else ""
        note = f"{self.rule.id}, version {self.setting.version.name}"
        name = self.segment.define(f"{self.rule.id}_{self.version}{part}", note)
        self.functions.append(name)
        self.stages.append(row_stage(name))

    @property
    def _has_group_steps(self) -> bool:
        return any(type(step) in GROUP_STEPS for step in self.pipeline.steps)

    def _resume(self, state: Mapping[str, Value], added: Mapping[str, bool]) -> Segment:
        """A segment that reads such a state, with more columns behind it."""
        segment = self._new_segment()
        parts = [(_like(key, self.pipeline), value.nullable) for key, value in state.items()]
        read = segment.unpack([*parts, *added.items()])
        for key, value in zip(state, read, strict=False):
            what, _, name = key.partition(" ")
            if what == "source":
                segment.writer.variables[self.pipeline.variable] = value
            elif what == "moment":
                segment.writer.moment = value.code
            elif what == "key":
                segment.own.append(value)
            else:
                segment.columns[name] = value
        segment.columns.update(zip(added, read[len(state) :], strict=True))
        return segment

    # Steps on many rows -----------------------------------------------------------------------

    def ordered(self, per: Sequence[Expr], order: Sequence[Order]) -> dict[str, Value]:
        """End the segment with what `Number` and `Carry` read; gives the state handed on."""
        segment = self.segment
        group = [segment.writer.name(expr) for expr in per]
        keys = [segment.writer.name(key.by) for key in order]
        segment.mark([*group, *keys])
        state = self._state()
        parts = (group, keys, segment.own, state.values())
        self._end([segment.columns[UNDETERMINED], *(tuple_of(tuple(part)) for part in parts)])
        return state

    def number(self, step: Number) -> None:
        """Rank rows; what comes next reads the rank as a column."""
        state = self.ordered(step.per, step.order)
        numbering = Numbering(
            descending=tuple(key.descending for key in step.order), ties=step.ties
        )
        self.stages.append(lambda _names: numbering)
        self.segment = self._resume(state, {step.column: True})

    def carry(self, step: Carry) -> None:
        """Fold ordered rows; what comes next reads the state after the row as columns."""
        state = self.ordered(step.per, step.order)
        columns = dict.fromkeys(step.begin, True)
        begin = self._state_function(state, step.begin, "begin", ())
        following = self._state_function(state, step.next, "next", tuple(columns))
        descending = tuple(key.descending for key in step.order)

        def stage(names: Mapping[str, Any]) -> Carrying:
            return Carrying(
                descending=descending,
                width=len(columns),
                begin=names[begin],
                next=names[following],
            )

        self.stages.append(stage)
        self.segment = self._resume(state, columns)

    def _state_function(
        self, state: Mapping[str, Value], exprs: Mapping[str, Expr], word: str, was: Sequence[str]
    ) -> str:
        """A function of the row and, for `next`, of the state before it."""
        segment = self._resume(state, {})
        writer = segment.writer
        parameters = ["s", "c"]
        if word == "next":
            before = segment.names.new(WAS)
            parameters.insert(1, before)
            columns = {name: Value(f"{before}[{i}]", tight=True) for i, name in enumerate(was)}
            writer.variables[WAS] = columns
        order = was or tuple(exprs)
        values = [writer.value(exprs[name]) for name in order]
        writer.lines.add(f"return {tuple_of(values).code}")
        hint = f"{self.rule.id}_{self.version}_{word}"
        return self.module.define(hint, parameters, writer.lines, f"{self.rule.id}: {word}")

    def tally(self, step: Tally) -> None:
        """Group rows; what comes next reads the group and its measures as columns only."""
        self._end(self._grouping(step))
        columns = [*step.per, *(PERIOD_COLUMNS if step.period else ())]
        roll = None if step.roll is None else self.setting.relations[step.roll]
        tallying = Tallying(
            measures=tuple(measure.how for measure in step.measures),
            width=len(columns),
            periods=step.period is not None,
            roll=roll,
        )
        self.stages.append(lambda _names: tallying)
        measures = {m.name: m.how != "count" for m in step.measures}
        self.segment = self._new_segment()
        names = {UNDETERMINED: False, **dict.fromkeys(columns, True), **measures}
        names["provisional"] = False
        read = self.segment.unpack(list(names.items()))
        self.segment.columns.update(zip(names, read, strict=True))
        self.segment.own = [self.segment.columns[name] for name in columns]
        if self.dated and step.period is not None:
            self.segment.writer.moment = self._moment(self.segment.columns[FIRST_DAY], DATE)

    def _grouping(self, step: Tally) -> list[Value]:
        """What the tally reads of a row: whether it counts, its group, its measures."""
        segment, writer = self.segment, self.segment.writer
        group = [writer.name(expr) for expr in step.per.values()]
        needed = list(group)
        if step.at is not None:
            at = writer.name(step.at)
            segment.skip_if(f"{at.code} == _NEVER")
            needed.append(
                at if step.period is None else self._period(step.period, at, step.at.type)
            )
        of = [constant(1) if m.of is None else writer.name(m.of) for m in step.measures]
        segment.mark([*needed, *of])
        period = [] if step.period is None else [Value(f"*{needed[-1].code}", tight=True)]
        key = known_or_none(needed, tuple_of([*group, *period]).code)
        counted = [
            Value(f"1 if {value.code} else 0", nullable=False)
            if measure.how == "count" and measure.of is not None
            else value
            for measure, value in zip(step.measures, of, strict=True)
        ]
        return [segment.columns[UNDETERMINED], key, tuple_of(counted)]

    def _period(self, spec: PeriodSpec, at: Value, type_: Type) -> Value:
        """The name, first and last day of the period of a row, or unknown."""
        day = self._local_day(at, type_)
        prepared = self.module.bind(f"period_{spec.name}", spec, lambda: _times.period(spec))
        found = known_or_none([day], f"{prepared}({day.code})", partial=True)
        return self.segment.writer.keep(found, "period")

    # The end ----------------------------------------------------------------------------------

    def _govern_group(self) -> None:
        day = self.segment.columns.get(FIRST_DAY)
        if day is not None and not self.always:
            self._govern(day)

    def _finish(self) -> None:
        """Project the row to the columns of the rule's relation."""
        segment = self.segment
        ready = {
            VERSION: constant(self.version),
            UNDETERMINED: segment.columns[UNDETERMINED],
        }
        output = self.pipeline.output
        times = Counter(output.values())

        def value(name: str) -> Value:
            if name in ready or name not in output:
                return ready.get(name, constant(None))
            expr = output[name]
            return segment.writer.name(expr) if times[expr] > 1 else segment.writer.value(expr)

        self._end([value(name) for name in self.rule.relation.columns])


def _not_known(time: Value) -> str:
    """The test whether a time is unknown or never."""
    tests = [f"{time.code} is None"] if time.nullable else []
    return " or ".join([*tests, f"{time.code} == _NEVER"])


def _like(key: str, pipeline: Pipeline) -> str:
    what, _, name = key.partition(" ")
    return {"source": pipeline.variable, "moment": "moment", "key": "key"}.get(what, name)


GROUP_STEPS: dict[type, Callable[[PipelineWriter, Any], None]] = {
    Number: PipelineWriter.number,
    Carry: PipelineWriter.carry,
    Tally: PipelineWriter.tally,
}
