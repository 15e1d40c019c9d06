"""A pipeline of one rule and version as a table: begin, govern, step, project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import ibis
import ibis.expr.types as ir
from attrs import evolve

from kaocheng.calendars.numberline import FIRST_DAY, LAST_DAY, NEVER
from kaocheng.calendars.zones import local_day
from kaocheng.evaluate.columns import _native, _times
from kaocheng.evaluate.columns._frames import Frame
from kaocheng.evaluate.columns._grouping import moment_of
from kaocheng.evaluate.columns._native import integer
from kaocheng.evaluate.columns._nodes import Column, Meaning, RowOf, call, number
from kaocheng.evaluate.columns._running import Running
from kaocheng.evaluate.columns._setting import Setting, Shared, Source
from kaocheng.evaluate.columns._steps import STEPS
from kaocheng.evaluate.columns._used import columns_used
from kaocheng.evaluate.columns._versions import GOVERNING, OPEN, pipelines_of
from kaocheng.language.expressions import Expr, Follow, Linked
from kaocheng.language.types import BOOL, INSTANT, INT
from kaocheng.plan.algebra import UNDETERMINED, Pipeline, RulePlan, Tally, Window

VERSION = "version"


def version_at(shared: Shared) -> int | None:
    """The index of the version in force at the assessment, by its own local date."""
    for index, version in enumerate(shared.plan.versions):
        day = local_day(shared.zones.get(version.zone), shared.times.as_of)
        window = version.window
        first = FIRST_DAY if window.first_day is None else window.first_day
        last = LAST_DAY if window.last_day is None else window.last_day
        if window == OPEN or first <= day <= last:
            return index
    return None


def tables_of_rule(
    shared: Shared, sources: Mapping[str, Source], rule: RulePlan, *, as_of_version: int | None
) -> list[ir.Table]:
    """The rows that all versions give a rule; versions that are alike are computed at once."""
    made = [
        _Variant(
            Setting(shared=shared, version=versions[0], sources=sources),
            rule,
            versions,
            pipeline,
            as_of_version,
        )
        for versions, pipeline in pipelines_of(shared.plan, rule)
    ]
    tables = (variant.table() for variant in made)
    return [table for table in tables if table is not None]


def rows_of(pipeline: Pipeline) -> list[str]:
    """The relations whose rows, and no others, make rows of the pipeline."""
    tallies = (step for step in pipeline.steps if isinstance(step, Tally))
    return [pipeline.source, *(tally.roll for tally in tallies if tally.roll is not None)]


class _Variant:
    """One rule under versions that are alike, on its way to a table."""

    def __init__(
        self,
        setting: Setting,
        rule: RulePlan,
        versions: tuple[int, ...],
        pipeline: Pipeline,
        as_of_version: int | None,
    ) -> None:
        self.pipeline = pipeline
        unique = setting.source(self.pipeline.source).unique
        plan = setting.shared.plan
        used = columns_used(self.pipeline, plan.relations, unique=unique)
        self.setting = evolve(setting, used=used)
        self.rule = rule
        self.windows = {version: plan.versions[version].window for version in versions}
        self.here = as_of_version if as_of_version in versions else None
        self.always = len(plan.versions) == 1 and plan.versions[0].window == OPEN
        self.tallies = [step for step in self.pipeline.steps if isinstance(step, Tally)]
        self.version: Expr = number(setting.version if self.here is None else self.here)

    def table(self) -> ir.Table | None:
        """The rule's rows under these versions."""
        only_now = bool(self.tallies) and all(t.period is None for t in self.tallies)
        if (only_now and self.here is None) or self._is_empty:
            return None
        running = self._begin()
        for step in self.pipeline.steps:
            STEPS[type(step)](running, step)
        if self.tallies and not self.always:
            first = running.columns.get("period.first_day")
            if isinstance(first, Expr):
                self._govern(running, first)
        return self._project(running)

    @property
    def _is_empty(self) -> bool:
        """Whether there are no rows and no members of a roll, and so nothing comes of them."""
        return all(self.setting.source(name).empty for name in rows_of(self.pipeline))

    def _begin(self) -> Running:
        setting = self.setting
        source = setting.source(self.pipeline.source)
        used = setting.columns_of(source.relation)
        wanted = dict.fromkeys((*used, *source.identity))
        names = {column: setting.shared.name(column) for column in wanted}
        table = source.table.select(**{new: source.table[old] for old, new in names.items()})
        frame = Frame(setting, table, tuple(names[column] for column in source.identity))
        running = Running(setting, frame)
        columns: dict[str, Meaning] = {
            column: Column(name=names[column], type=source.relation.columns[column])
            for column in used
        }
        running.meanings[self.pipeline.variable] = RowOf(columns)
        running.before = [names[column] for column in used]
        frame.numbered_by = tuple(running.before)
        running.own = [names[column] for column in source.relation.key]
        running.unique = source.unique
        if UNDETERMINED in columns:
            marked = Column(name=names[UNDETERMINED], type=BOOL)
            running.mark_if([call("_is_true", BOOL, marked)])
        self._instant(running)
        return running

    def _instant(self, running: Running) -> None:
        """What the row's own instant decides: its version, and the moment of dated facts."""
        expr = self.pipeline.instant
        governed = not self.tallies and not self.always
        if expr is None:
            if governed and self.here is None:
                running.frame.replace(running.frame.table.filter(ibis.literal(value=False)))
            return
        dated = any(map(self._reads_dated, self.pipeline.expressions()))
        if not governed and not dated:
            return
        (name,) = running.frame.named([running.core(expr)], "instant")
        instant = Column(name=name, type=expr.type)
        if governed:
            self._govern(running, instant)
        if dated:
            (name,) = running.frame.named([moment_of(running, instant)], "moment")
            running.moment = Column(name=name, type=INSTANT)

    def _reads_dated(self, expr: Expr) -> bool:
        relations = self.setting.shared.plan.relations
        for node in expr.walk():
            if isinstance(node, Follow) and self.setting.relation_of(node.type).dated:
                return True
            if isinstance(node, Linked):
                link = self.setting.relation_of(node.row.type).links[node.link]
                if relations[link.relation].dated and not link.many:
                    return True
        return False

    def _govern(self, running: Running, instant: Expr) -> None:
        """Leave out rows that another version governs."""
        day = instant
        if instant.type == INSTANT:
            day = _times.date_of(self.setting, instant)
        (name,) = running.frame.named([day], "governed_on")
        if len(self.windows) == 1:
            (window,) = self.windows.values()
            governed = self._governs(running.frame.table[name], window)
        else:
            version = running.frame.add(self._version_on(running.frame.table[name]), "version")
            self.version = Column(name=version, type=INT, certain=True)
            running.set(GOVERNING, self.version)
            if self.here is not None and _cover_all_days(self.windows.values()):
                return
            governed = running.frame.table[version].notnull()
        running.frame.replace(running.frame.table.filter(governed))

    def _governs(self, day: ir.Value, window: Window) -> ir.Value:
        """Whether the one version governs rows of a day."""
        inside = _inside(day, window)
        # Without a last day, what has not happened is inside already.
        bounded = window.last_day is not None
        if self.here is None:
            return inside if bounded else inside & (day != integer(NEVER))
        never = [day == integer(NEVER)] if bounded else []
        return ibis.or_(inside, *never, day.isnull())

    def _version_on(self, day: ir.Value) -> ir.Value:
        """Which of the versions governs rows of a day; unknown where none does."""
        latest = max(self.windows)
        if self.here == latest and _cover_all_days(self.windows.values()):
            # It also governs what has no day, for which no comparison holds.
            ended = sorted(
                (w.last_day, v) for v, w in self.windows.items() if w.last_day is not None
            )
            return ibis.cases(
                *((day <= integer(last), integer(v)) for last, v in ended), else_=integer(latest)
            )
        nothing = _native.nothing("int64")
        here = nothing if self.here is None else integer(self.here)
        never = (day.isnull() | (day == integer(NEVER)), here)
        known = [(_inside(day, window), integer(v)) for v, window in self.windows.items()]
        return ibis.cases(never, *known, else_=nothing)

    def _project(self, running: Running) -> ir.Table:
        """The columns of the rule's relation."""
        ready: dict[str, Expr] = {VERSION: self.version, UNDETERMINED: running.undetermined}
        given = {name: expr for name, expr in self.pipeline.output.items() if name not in ready}
        core = ready | {name: running.core(expr) for name, expr in given.items()}
        values = dict(zip(core, running.frame.values(list(core.values())), strict=True))
        columns = {}
        for name, type_ in self.rule.relation.columns.items():
            stored = _native.dtype(type_)
            columns[name] = values[name].cast(stored) if name in values else _native.nothing(stored)
        return running.frame.table.select(**columns)


def _cover_all_days(windows: Iterable[Window]) -> bool:
    """Whether every day lies in one of the windows, which do not overlap."""
    next_day = None
    for window in sorted(windows, key=_first_day):
        if window.first_day != next_day:
            return False
        next_day = None if window.last_day is None else window.last_day + 1
    return next_day is None


def _first_day(window: Window) -> int:
    return FIRST_DAY if window.first_day is None else window.first_day


def _inside(day: ir.Value, window: Window) -> ir.Value:
    tests = []
    if window.first_day is not None:
        tests.append(day >= integer(window.first_day))
    if window.last_day is not None:
        tests.append(day <= integer(window.last_day))
    return ibis.and_(*tests) if tests else day.notnull()
