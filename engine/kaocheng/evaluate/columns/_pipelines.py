"""A pipeline of one rule and version as a table: begin, govern, step, project."""

from __future__ import annotations

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
from kaocheng.evaluate.columns._setting import Setting, Shared
from kaocheng.evaluate.columns._steps import STEPS
from kaocheng.evaluate.columns._used import columns_used
from kaocheng.language.expressions import Expr, Follow, Linked
from kaocheng.language.types import BOOL, INSTANT
from kaocheng.plan.algebra import UNDETERMINED, Pipeline, RulePlan, Tally, Window

VERSION = "version"
_OPEN = Window(first_day=None, last_day=None)


def version_at(shared: Shared) -> int | None:
    """The index of the version in force at the assessment, by its own local date."""
    for index, version in enumerate(shared.plan.versions):
        day = local_day(shared.zones.get(version.zone), shared.times.as_of)
        window = version.window
        first = FIRST_DAY if window.first_day is None else window.first_day
        last = LAST_DAY if window.last_day is None else window.last_day
        if window == _OPEN or first <= day <= last:
            return index
    return None


def table_of_variant(
    setting: Setting, rule: RulePlan, *, as_of_version: int | None
) -> ir.Table | None:
    """The rows that one version gives the rule; None where it gives none."""
    return _Variant(setting, rule, as_of_version).table()


class _Variant:
    """One rule of one version on its way to a table."""

    def __init__(self, setting: Setting, rule: RulePlan, as_of_version: int | None) -> None:
        self.pipeline: Pipeline = rule.variants[setting.version]
        unique = setting.source(self.pipeline.source).unique
        relations = setting.shared.plan.relations
        used = columns_used(self.pipeline, relations, unique=unique)
        self.setting = evolve(setting, used=used)
        self.rule = rule
        self.here = as_of_version == setting.version
        self.window = setting.facts.window
        versions = setting.shared.plan.versions
        self.always = len(versions) == 1 and self.window == _OPEN
        self.tallies = [step for step in self.pipeline.steps if isinstance(step, Tally)]

    def table(self) -> ir.Table | None:
        """The rule's rows under this version."""
        if self.tallies and not self.here and all(t.period is None for t in self.tallies):
            return None
        running = self._begin()
        for step in self.pipeline.steps:
            STEPS[type(step)](running, step)
        if self.tallies and not self.always:
            first = running.columns.get("period.first_day")
            if isinstance(first, Expr):
                self._govern(running, first)
        return self._project(running)

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
            marked = call("_is_true", BOOL, columns[UNDETERMINED])  # type: ignore[arg-type]
            running.mark_if([marked])
        self._instant(running)
        return running

    def _instant(self, running: Running) -> None:
        """What the row's own instant decides: its version, and the moment of dated facts."""
        expr = self.pipeline.instant
        governed = not self.tallies and not self.always
        if expr is None:
            if governed and not self.here:
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
        here = running.frame.table[name]
        inside = ibis.literal(value=True)
        if self.window.first_day is not None:
            inside &= here >= integer(self.window.first_day)
        if self.window.last_day is not None:
            inside &= here <= integer(self.window.last_day)
        never = here == integer(NEVER)
        if self.here:
            governed = _native.decided(inside | never, otherwise=True) | here.isnull()
        else:
            governed = inside & ~never & here.notnull()
        running.frame.replace(running.frame.table.filter(governed))

    def _project(self, running: Running) -> ir.Table:
        """The columns of the rule's relation."""
        ready: dict[str, Expr] = {
            VERSION: number(self.setting.version),
            UNDETERMINED: running.undetermined,
        }
        given = {name: expr for name, expr in self.pipeline.output.items() if name not in ready}
        core = ready | {name: running.core(expr) for name, expr in given.items()}
        values = dict(zip(core, running.frame.values(list(core.values())), strict=True))
        columns = {}
        for name, type_ in self.rule.relation.columns.items():
            stored = _native.dtype(type_)
            columns[name] = values[name].cast(stored) if name in values else _native.nothing(stored)
        return running.frame.table.select(**columns)
