"""A tally explained: the rows that it counted, those it left out, and the first reason why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from attrs import define

from kaocheng.calendars.numberline import NEVER
from kaocheng.calendars.zones import local_day
from kaocheng.explaining.conditions import because, facts, first_not_true
from kaocheng.explaining.headings import assumptions, heading
from kaocheng.explaining.model import Explanation, Line
from kaocheng.explaining.names import key_name, row_title, shown
from kaocheng.explaining.reasons import why_unknown
from kaocheng.explaining.subject import Found, Key, Subject, Values, key_of
from kaocheng.explaining.texts import say
from kaocheng.language.expressions import Expr
from kaocheng.language.schema import Relation
from kaocheng.language.types import DATE, INT
from kaocheng.language.writing import write
from kaocheng.plan.algebra import Measure, RulePlan, Tally, Where
from kaocheng.rendering.words import Pair

MOST_ROWS = 10
_HOW = {
    "count": ("{value} counted", "计 {value}"),
    "sum": ("{value}, added up from {count} {rows}", "合计 {value}，共 {count} 行"),
    "min": ("{value}, the least of {count} {rows}", "最小值 {value}，共 {count} 行"),
    "max": ("{value}, the greatest of {count} {rows}", "最大值 {value}，共 {count} 行"),
}


def explain_tally(
    subject: Subject, rule: RulePlan, case: str, period: str | None, *, asked: bool
) -> Iterator[Explanation]:
    """The rows of a tally whose group is the case; those with nothing in them where asked for."""
    members = [name for name in rule.relation.key if name != "period"]
    for row in subject.assessment.rows(rule.id):
        version = row["version"]
        of_case = any(row[name] == case for name in members)
        of_period = period is None or row.get("period") in (period, None)
        if not of_case or not of_period or not isinstance(version, int):
            continue
        is_quiet = not row.get("value") and not row.get("provisional") and not row["undetermined"]
        if version in rule.variants and (asked or not is_quiet):
            yield _explanation(Counted(subject, rule, row, version))


def _explanation(counted: Counted) -> Explanation:
    subject, rule, row, version = counted.subject, counted.rule, counted.row, counted.version
    name = key_name(subject, rule.relation, {key: row[key] for key in rule.relation.key})
    lines = [say("row", row=name), *assumptions(subject, rule, version), counted.total()]
    left_out = counted.left_out()
    if left_out:
        lines.append(say("not_counted", _cut(left_out), count=str(len(left_out))))
    provisional = row.get("provisional")  # a section of a plugin may leave it out
    if provisional:
        count = str(provisional)
        rows = ("row is" if count == "1" else "rows are", "")
        lines.append(say("provisional", counted.undecided(), count=count, rows=rows))
    return Explanation(
        rule=rule.id, present=True, heading=heading(subject, rule, version), lines=tuple(lines)
    )


def _cut(lines: Sequence[Line]) -> tuple[Line, ...]:
    if len(lines) <= MOST_ROWS:
        return tuple(lines)
    return (*lines[:MOST_ROWS], say("and_more", count=str(len(lines) - MOST_ROWS)))


@define(slots=False)
class Counted:
    """The rows that one row of a tally counted, and those that it might have."""

    subject: Subject
    rule: RulePlan
    row: Mapping[str, object]
    version: int

    @property
    def source(self) -> Relation:
        """What the tally runs over."""
        return self.subject.plan.relations[self.rule.variants[self.version].source]

    @cached_property
    def tally(self) -> Tally:
        """The step that counts."""
        steps = self.rule.variants[self.version].steps
        return next(step for step in steps if isinstance(step, Tally))

    @property
    def measure(self) -> Measure:
        """What is counted or added up."""
        return self.tally.measures[0]

    @cached_property
    def _kept(self) -> list[tuple[Key, Found]]:
        """The rows of the group that pass its conditions."""
        steps = self.rule.variants[self.version].steps
        return self._of_group(steps.index(self.tally))

    @cached_property
    def _keys(self) -> set[Key]:
        return {key for key, _ in self._kept}

    def _of_group(self, steps: int) -> list[tuple[Key, Found]]:
        columns = {
            **{f"group {name}": expr for name, expr in self.tally.per.items()},
            **({} if self.measure.of is None else {"of": self.measure.of}),
            **({} if self.tally.at is None else {"at": self.tally.at}),
        }
        found = self.subject.counted(self.rule, self.version, steps, columns)
        mine = [(key, row) for key, rows in found.items() for row in rows if self._mine(row)]
        return sorted(mine, key=lambda item: tuple((part is not None, part) for part in item[0]))

    def _mine(self, item: Found) -> bool:
        if any(item[f"group {name}"] != self.row[name] for name in self.tally.per):
            return False
        if self.tally.at is None:
            return True
        return self._inside(item["at"], self.tally.at)

    def _inside(self, value: object, at: Expr) -> bool:
        if not isinstance(value, int) or value == NEVER:
            return False
        if self.tally.period is None:
            return True
        day = value if at.type == DATE else local_day(self.subject.zone(self.version), value)
        first, last = self.row["period.first_day"], self.row["period.last_day"]
        return isinstance(first, int) and isinstance(last, int) and first <= day <= last

    def counted(self) -> list[Line]:
        """One line per row that was counted."""
        return [self._line(key, row) for key, row in self._kept if self._counts(row)]

    def _counts(self, row: Found) -> bool:
        if row["undetermined"] or (self.measure.of is not None and row["of"] is None):
            return False
        return self.measure.how != "count" or self.measure.of is None or row["of"] is True

    def total(self) -> Line:
        """The value, and the rows that make it up."""
        counted = self.counted()
        value = shown(
            self.subject, self.row["value"], self.rule.relation.columns["value"], self.version
        )
        english, chinese = _HOW[self.measure.how]
        count, rows = str(len(counted)), "row" if len(counted) == 1 else "rows"
        return say(
            "tallied",
            _cut(counted),
            text=(
                english.format(value=value[0], count=count, rows=rows),
                chinese.format(value=value[1], count=count),
            ),
        )

    def _line(self, key: Key, row: Found) -> Line:
        name = self._name(key)
        if self.measure.of is None or self.measure.how == "count":
            return say("counted_row", row=name)
        value = shown(self.subject, row["of"], self.measure.of.type, self.version)
        return say("tally_row", row=name, value=value)

    def _name(self, key: Key) -> Pair:
        values = dict(zip(self.source.key, key, strict=True))
        return row_title(self.subject, self.source, values)

    def left_out(self) -> list[Line]:
        """One line per row of the group that the tally's conditions left out, and why."""
        wheres = [s for s in self.rule.variants[self.version].steps if isinstance(s, Where)]
        if not wheres:
            return []
        rows = self._rows
        return [
            self._why_not(key, rows[key], wheres)
            for key, _ in self._of_group(0)
            if key not in self._keys and key in rows
        ]

    @cached_property
    def _rows(self) -> Mapping[Key, Values]:
        return {key_of(self.source, row): row for row in self.subject.rows[self.source.name]}

    def _why_not(self, key: Key, row: Values, wheres: Sequence[Where]) -> Line:
        bindings = {self.rule.variants[self.version].variable: row}
        for step in wheres:
            decisive = first_not_true(self.subject.trace(step.condition, bindings, self.version))
            if decisive.value is False:
                below = facts(self.subject, decisive, self.version, bindings=bindings)
                condition = f"`{write(decisive.expr)}`"
                return say("left_out", below, row=self._name(key), condition=condition)
        return say("counted_row", row=self._name(key))

    def undecided(self) -> tuple[Line, ...]:
        """One line per row that was left out because something is missing."""
        rows = self._rows
        lines = []
        for key, row in self._kept:
            if (row["undetermined"] or not self._known(row)) and key in rows:
                reason = why_unknown(self.subject, self.rule, self.version, rows[key])
                lines.append(say("undecided", row=self._name(key), reason=because(reason)))
        return _cut(lines)

    def _known(self, row: Found) -> bool:
        return self.measure.of is None or row["of"] is not None


def group_words(
    subject: Subject, rule: RulePlan, values: Mapping[str, object], version: int
) -> Pair:
    """The group of a tally in words: its members and its period."""
    columns = rule.relation.columns
    parts = [
        shown(subject, value, columns.get(name, INT), version) for name, value in values.items()
    ]
    return (" ".join(part[0] for part in parts), " ".join(part[1] for part in parts))
