"""An assessment on a terminal: what stands where, in tables of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen
from rich.console import Console, JustifyMethod
from rich.table import Table

from kaocheng.assessment import Assessment
from kaocheng.language.ruleset import RuleText
from kaocheng.language.schema import Relation
from kaocheng.language.types import DATE, DURATION, INSTANT, Type
from kaocheng.plan.algebra import COLLECTIONS, STATUSES, UNDETERMINED
from kaocheng.rendering.csv import check_rule
from kaocheng.rendering.data import zone_of
from kaocheng.rendering.values import text

WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "not_begun": "未起算",
        "open": "在办",
        "overdue": "超期未办",
        "met": "按时",
        "late": "迟报",
        "lapsed": "失效未办",
        "excused": "免责",
        "undetermined": "待定",
        "deadline": "时限",
        "finding": "认定",
        "count": "件数",
        "cases": "事项",
        "colon": "：",
        "hash": "校验码",
        "as_of": "截至",
        "versions": "版本",
        "instances": "适用条数",
        "unreadable": "无法读取的行",
        "problems": "与规则集不符之处",
        "more": "……另有 {n} 行，用 `--rule {rule}` 或 `--format json` 查看",
        "further": "……另有 {n} 处",
        "provisional": "待定行数",
        "case": "单位或事项",
        "period": "周期",
        "points": "得分",
        "rank": "名次",
        "league": "组别",
        "value": "数值",
        "owed_by": "责任者",
        "start": "起算",
        "due": "到期",
        "met_at": "办结",
        "late_by": "迟报",
        "status": "状态",
        "missed": "漏报",
        "suspicious": "存疑",
        "unit": "单位",
        "rule": "规则",
        "stage": "阶段",
        "sequence": "序号",
        "at": "时间",
        "account": "账户",
        "recipient": "得分者",
        "amount": "分值",
        "posted_on": "记分日",
        "eligible": "合格",
        "first_day": "首日",
        "last_day": "末日",
        "known_at": "获知截止",
    },
    "en": {
        "not_begun": "not begun",
        "open": "open",
        "overdue": "overdue",
        "met": "met",
        "late": "late",
        "lapsed": "lapsed",
        "excused": "excused",
        "undetermined": "undetermined",
        "deadline": "deadline",
        "finding": "finding",
        "count": "count",
        "cases": "cases",
        "colon": ": ",
        "hash": "hash",
        "as_of": "as of",
        "versions": "version",
        "instances": "instances",
        "unreadable": "lines not read",
        "problems": "does not fit the ruleset",
        "more": "… {n} more rows: use `--rule {rule}` or `--format json`",
        "further": "… {n} more",
        "provisional": "provisional",
    },
}
_MOST_ROWS = 12
_DAY = len("2009-03-02")
_MOMENT = len("2009-03-02 09:00:00")
_NUMBERS = ("points", "rank", "value", "amount", "late_by")
_HIDDEN = ("version", "undetermined", "period.first_day", "period.last_day", "recorded_at")


def plain_console(*, stderr: bool = False) -> Console:
    """A console that prints texts as they are: data may hold what rich takes for its own marks."""
    return Console(highlight=False, markup=False, emoji=False, stderr=stderr)


def print_assessment(  # noqa: PLR0913 - one assessment, five options
    assessment: Assessment,
    *,
    rule: str | None = None,
    language: str = "en",
    console: Console | None = None,
    sections: Sequence[str] = ("standings", "tallies"),
    period: str | None = None,
) -> None:
    """Print the whole assessment, or all rows of one rule.

    Of standings only the last period is shown, or `period`.
    """
    out = console or plain_console()
    shown = _Shown(assessment, language, period)
    if rule is not None:
        check_rule(assessment, rule)
        out.print(shown.rows(rule, most=None))
        return
    words = WORDS[language]
    as_of = text(assessment.times.as_of, INSTANT, zone_of(assessment), language=language)
    out.print(_title(assessment, language), style="bold")
    out.print(f"{words['as_of']} {as_of}  {words['cases']}{words['colon']}{assessment.cases}")
    out.print(_versions(assessment, language))
    if any(True for _ in assessment.rules("deadlines")):
        out.print(_deadlines(assessment, language))
    if assessment.findings():
        out.print(_findings(assessment, language))
    for section in sections:
        for part in shown.section(section):
            out.print(part, soft_wrap=isinstance(part, str))
    print_problems(assessment, language, out)


def _title(assessment: Assessment, language: str) -> str:
    titles = assessment.ruleset.versions[-1].titles
    return titles.get(language, assessment.ruleset.name)


def rule_title(assessment: Assessment, name: str, language: str) -> str:
    """What people call a rule, in the last version that has it."""
    texts = [v.rules[name] for v in assessment.ruleset.versions if name in v.rules]
    found: RuleText | None = texts[-1] if texts else None
    return found.titles.get(language, name) if found is not None else name


def _versions(assessment: Assessment, language: str) -> Table:
    words = WORDS[language]
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column(words["versions"])
    table.add_column(words["instances"], justify="right")
    table.add_column(words["hash"])
    for use in assessment.versions():
        table.add_row(use.version, str(use.instances), use.hash[:12])
    return table


def _deadlines(assessment: Assessment, language: str) -> Table:
    words = WORDS[language]
    table = Table()
    table.add_column(words["deadline"])
    counted = {r.id: assessment.statuses(r.id) for r in assessment.rules("deadlines")}
    shown = [s for s in STATUSES if any(counts[s] for counts in counted.values())]
    for status in shown:
        table.add_column(words[status], justify="right")
    for name, counts in counted.items():
        table.add_row(rule_title(assessment, name, language), *(str(counts[s]) for s in shown))
    return table


def _findings(assessment: Assessment, language: str) -> Table:
    words = WORDS[language]
    table = Table()
    table.add_column(words["finding"])
    table.add_column(words["count"], justify="right")
    for name, count in assessment.findings().items():
        table.add_row(words.get(name, name), str(count))
    return table


@frozen
class _Shown:
    """Rows of rules as tables."""

    assessment: Assessment
    language: str
    period: str | None

    def section(self, name: str) -> Iterator[Table | str]:
        """One table per rule; tallies over the same groups stand side by side in one."""
        groups: dict[tuple[str, ...], list[str]] = {}
        for rule in self.assessment.rules(name):
            if not self._sorted(rule.id):
                continue
            key = (*rule.relation.key, *rule.relation.columns) if name == "tallies" else (rule.id,)
            groups.setdefault(key, []).append(rule.id)
        for first, *others in groups.values():
            yield self._beside((first, *others)) if others else self.rows(first, most=_MOST_ROWS)
            yield from self._more(first, max(len(self._sorted(n)) for n in (first, *others)))

    def rows(self, name: str, *, most: int | None) -> Table:
        """The rows of one rule."""
        relation = self.assessment.relation(name)
        rows = self._sorted(name)
        columns = [c for c in relation.columns if _is_shown(relation, c, rows)]
        title = rule_title(self.assessment, name, self.language)
        # All rows of a rule have many columns: lines between them would take too much room.
        table = (
            Table(title=title, title_justify="left")
            if most is not None
            else Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
        )
        for column in columns:
            self._add_column(table, column, relation.columns[column])
        for row in rows[:most]:
            table.add_row(*(self._cell(relation, c, row) for c in columns))
        return table

    def _add_column(self, table: Table, column: str, type_: Type) -> None:
        is_number = column in _NUMBERS
        justify: JustifyMethod = "right" if is_number else "left"
        table.add_column(
            self._head(column),
            justify=justify,
            overflow="fold",
            no_wrap=column == "status" or type_ == DATE or (is_number and type_ != DURATION),
            min_width=_DAY if type_ in (DATE, INSTANT) else None,
        )

    def _beside(self, rules: Sequence[str]) -> Table:
        first = self.assessment.relation(rules[0])
        values: dict[tuple[object, ...], dict[str, str]] = {}
        for name in rules:
            for row in self._sorted(name):
                key = tuple(row[first.index(k)] for k in first.key)
                cells = values.setdefault(key, {})
                cells[name] = self._cell(first, "value", row)
                if row[first.index("provisional")]:
                    cells["provisional"] = self._cell(first, "provisional", row)
        columns = [*rules]
        if any("provisional" in cells for cells in values.values()):
            columns.append("provisional")
        table = Table()
        for key_name in first.key:
            table.add_column(self._head(key_name))
        for name in columns:
            title = rule_title(self.assessment, name, self.language)
            table.add_column(WORDS[self.language].get(name, title), justify="right")
        for key, cells in sorted(values.items(), key=lambda item: str(item[0]))[:_MOST_ROWS]:
            shown = (self._plain(first.columns[n], v) for n, v in zip(first.key, key, strict=True))
            table.add_row(*shown, *(cells.get(name, "") for name in columns))
        return table

    def _more(self, name: str, count: int) -> Iterator[str]:
        """What stands below a table that does not show all rows."""
        if count > _MOST_ROWS:
            yield WORDS[self.language]["more"].format(n=count - _MOST_ROWS, rule=name)

    def _head(self, column: str) -> str:
        return WORDS[self.language].get(column, column.replace("_", " "))

    def _cell(self, relation: Relation, column: str, row: Sequence[object]) -> str:
        if column == "status":
            status = str(row[relation.index(column)] or UNDETERMINED)
            return WORDS[self.language].get(status, status)
        value = row[relation.index(column)]
        if (column == "late_by" and not value) or (value is None and relation.name in COLLECTIONS):
            return ""
        return self._plain(relation.columns[column], value)

    def _plain(self, type_: Type, value: object) -> str:
        shown = text(value, type_, zone_of(self.assessment), language=self.language)
        if type_ == INSTANT and isinstance(value, int):
            return _local(shown)
        return self.assessment.name_of(shown) if "/" in shown else shown

    def _sorted(self, name: str) -> list[tuple[object, ...]]:
        rows = list(self.assessment.results.get(name, ()))
        relation = self.assessment.relation(name)
        if "rank" not in relation.columns:
            return rows
        rank, period = relation.index("rank"), relation.index("period")
        last = self.period or max((str(row[period]) for row in rows), default="")
        rows = [row for row in rows if str(row[period]) == last]
        return sorted(rows, key=lambda row: (row[rank] is None, row[rank] or 0))


def _local(instant: str) -> str:
    """An instant as a column shows it: day and local time, without offset and fractions.

    A narrow column breaks the line between the two.
    """
    return instant.replace("T", " ")[:_MOMENT]


def _is_shown(relation: Relation, column: str, rows: Sequence[tuple[object, ...]]) -> bool:
    if column in _HIDDEN or (column == "rule" and relation.name not in COLLECTIONS):
        return False
    place = relation.index(column)
    if column == "provisional":
        return any(row[place] for row in rows)
    # A collection has the columns of all its rules; what none of its rows has is left out.
    return relation.name not in COLLECTIONS or any(row[place] is not None for row in rows)


def print_problems(assessment: Assessment, language: str, out: Console) -> None:
    """Print what was not read, and what does not fit, each with its number and the first places."""
    words = WORDS[language]
    for label, items in (("unreadable", assessment.unreadable), ("problems", assessment.problems)):
        if not items:
            continue
        out.print(f"{words[label]}{words['colon']}{len(items)}")
        for item in items[:_MOST_ROWS]:
            message = item.zh if language == "zh" else item.en
            # Not folded: a place that is broken in two can be neither searched nor clicked.
            out.print(f"  {item.place}: {message}", soft_wrap=True)
        if len(items) > _MOST_ROWS:
            out.print(f"  {words['further'].format(n=len(items) - _MOST_ROWS)}")
