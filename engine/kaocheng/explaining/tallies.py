"""A tally explained: the rows that it counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from kaocheng.calendars.numberline import NEVER
from kaocheng.calendars.zones import local_day
from kaocheng.explaining.headings import assumptions, heading, row_name
from kaocheng.explaining.model import Explanation, Line
from kaocheng.explaining.subject import Subject
from kaocheng.explaining.texts import say
from kaocheng.language.expressions import Expr, Field, Variable
from kaocheng.language.schema import Relation
from kaocheng.language.types import INSTANT, Row
from kaocheng.plan.algebra import Pipeline, RulePlan, Tally

MOST_ROWS = 10


def explain_tally(
    subject: Subject, rule: RulePlan, case: str, period: str | None
) -> Iterator[Explanation]:
    """The rows of a tally whose group is the case."""
    for row in subject.assessment.rows(rule.id):
        members = [name for name in rule.relation.key if name != "period"]
        if not any(row[name] == case for name in members):
            continue
        if period is not None and row.get("period") != period:
            continue
        version = row["version"]
        if isinstance(version, int) and version in rule.variants and row["value"]:
            yield _explanation(subject, rule, row, version)


def _explanation(
    subject: Subject, rule: RulePlan, row: Mapping[str, object], version: int
) -> Explanation:
    counted = _Counted(subject, rule, row, version).lines()
    value = subject.show(row["value"], rule.relation.columns["value"], version)
    lines = [
        say("row", row=" ".join(str(row[name]) for name in rule.relation.key)),
        *assumptions(subject, rule, version),
        say("tallied", _shown(counted), value=value, count=str(len(counted))),
    ]
    if row["provisional"]:
        lines.append(say("provisional", count=str(row["provisional"])))
    return Explanation(
        rule=rule.id, present=True, heading=heading(subject, rule, version), lines=tuple(lines)
    )


def _shown(counted: list[Line]) -> tuple[Line, ...]:
    if len(counted) <= MOST_ROWS:
        return tuple(counted)
    return (*counted[:MOST_ROWS], say("and_more", count=str(len(counted) - MOST_ROWS)))


@frozen
class _Counted:
    """The rows that one row of a tally counted."""

    subject: Subject
    rule: RulePlan
    row: Mapping[str, object]
    version: int

    def lines(self) -> list[Line]:
        """One line per row."""
        pipeline = self.rule.variants[self.version]
        place, tally = next((i, s) for i, s in enumerate(pipeline.steps) if isinstance(s, Tally))
        source = self.subject.plan.relations[pipeline.source]
        columns = self._columns(pipeline, tally)
        rows = self.subject.prefix(self.rule, self.version, place, columns)
        return [self._line(item, source, tally) for item in rows if self._mine(item, tally)]

    def _columns(self, pipeline: Pipeline, tally: Tally) -> dict[str, Expr]:
        source = self.subject.plan.relations[pipeline.source]
        variable = Variable(type=Row(source.name), name=pipeline.variable)
        columns: dict[str, Expr] = {
            **{f"key_{n}": Field(type=source.columns[n], row=variable, name=n) for n in source.key},
            **{f"group_{name}": expr for name, expr in tally.per.items()},
        }
        if tally.measures[0].of is not None:
            columns["value"] = tally.measures[0].of
        if tally.at is not None:
            columns["at"] = tally.at
        return columns

    def _mine(self, item: Mapping[str, object], tally: Tally) -> bool:
        if item["undetermined"] or any(item[f"group_{n}"] != self.row[n] for n in tally.per):
            return False
        return tally.period is None or tally.at is None or self._inside(item["at"], tally.at)

    def _inside(self, value: object, at: Expr) -> bool:
        if not isinstance(value, int) or value == NEVER:
            return False
        zone = self.subject.zone(self.version)
        day = local_day(zone, value) if at.type == INSTANT else value
        first, last = self.row["period.first_day"], self.row["period.last_day"]
        return isinstance(first, int) and isinstance(last, int) and first <= day <= last

    def _line(self, item: Mapping[str, object], source: Relation, tally: Tally) -> Line:
        name = row_name(self.subject, source, {n: item[f"key_{n}"] for n in source.key})
        of = tally.measures[0].of
        value = (
            ("1", "1") if of is None else self.subject.show(item["value"], of.type, self.version)
        )
        return say("tally_row", row=name, value=value)
