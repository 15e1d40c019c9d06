"""An assessment on a terminal: what stands where, in tables of 80 columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from kaocheng.language.ruleset import RuleText
from kaocheng.language.types import INSTANT
from kaocheng.model.assessment import Assessment
from kaocheng.plan.algebra import STATUSES
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
        "as_of": "截至",
        "versions": "版本",
        "instances": "适用条数",
        "unreadable": "无法读取的行",
        "problems": "与规则集不符之处",
        "more": "……另有 {n} 行，用 `--rule {rule}` 或 `--format json` 查看",
        "provisional": "尚待核定的行数",
    },
    "en": {
        "not_begun": "not begun",
        "open": "open",
        "overdue": "overdue",
        "met": "met",
        "late": "late",
        "lapsed": "lapsed",
        "excused": "excused",
        "undetermined": "undeter-mined",
        "deadline": "deadline",
        "finding": "finding",
        "count": "count",
        "cases": "cases",
        "as_of": "as of",
        "versions": "version",
        "instances": "instances",
        "unreadable": "lines not read",
        "problems": "does not fit the ruleset",
        "more": "… {n} more rows: use `--rule {rule}` or `--format json`",
        "provisional": "provisional",
    },
}
_MOST_ROWS = 12
_HIDDEN = ("version", "undetermined", "period.first_day", "period.last_day")


def print_assessment(
    assessment: Assessment,
    *,
    rule: str | None = None,
    language: str = "en",
    console: Console | None = None,
) -> None:
    """Print the whole assessment, or all rows of one rule."""
    out = console or Console(highlight=False)
    if rule is not None:
        check_rule(assessment, rule)
        out.print(_rows(assessment, rule, language, most=None))
        return
    words = WORDS[language]
    as_of = text(assessment.times.as_of, INSTANT, zone_of(assessment), language=language)
    out.print(f"[bold]{_title(assessment, language)}[/]")
    out.print(f"{words['as_of']} {as_of}  {words['cases']}: {assessment.cases}")
    out.print(_versions(assessment, language))
    if any(True for _ in assessment.rules("deadlines")):
        out.print(_deadlines(assessment, language))
    if assessment.findings():
        out.print(_findings(assessment, language))
    for section in ("standings", "tallies"):
        for item in assessment.rules(section):
            if assessment.results.get(item.id):
                out.print(_rows(assessment, item.id, language, most=_MOST_ROWS))
    _print_problems(assessment, language, out)


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
    table.add_column("hash")
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


def _rows(assessment: Assessment, name: str, language: str, *, most: int | None) -> Table:
    relation = assessment.relation(name)
    zone = zone_of(assessment)
    rows = _sorted(assessment, name)
    columns = [
        c for c in relation.columns if c not in _HIDDEN and _interesting(relation.index(c), rows, c)
    ]
    table = Table(title=rule_title(assessment, name, language), title_justify="left")
    for column in columns:
        table.add_column(
            column.replace("_", " "),
            justify="right" if column in ("points", "rank", "value") else "left",
        )
    for row in rows[:most]:
        cells = (
            text(row[relation.index(c)], relation.columns[c], zone, language=language)
            for c in columns
        )
        table.add_row(*(_short(cell) for cell in cells))
    if most is not None and len(rows) > most:
        table.caption = WORDS[language]["more"].format(n=len(rows) - most, rule=name)
        table.caption_justify = "left"
    return table


def _interesting(place: int, rows: Sequence[tuple[object, ...]], column: str) -> bool:
    return column != "provisional" or any(row[place] for row in rows)


def _sorted(assessment: Assessment, name: str) -> list[tuple[object, ...]]:
    rows = list(assessment.results.get(name, ()))
    relation = assessment.relation(name)
    if "rank" in relation.columns:
        rank, period = relation.index("rank"), relation.index("period")
        latest = max((str(row[period]) for row in rows), default="")
        rows = [row for row in rows if str(row[period]) == latest]
        rows.sort(key=lambda row: (row[rank] is None, row[rank] or 0))
    return rows


def _short(cell: str) -> str:
    return cell.partition("/")[2] if cell.count("/") == 1 and " " not in cell else cell


def _print_problems(assessment: Assessment, language: str, out: Console) -> None:
    words = WORDS[language]
    for label, items in (("unreadable", assessment.unreadable), ("problems", assessment.problems)):
        if items:
            out.print(f"{words[label]}: {len(items)}")
            for item in items[:_MOST_ROWS]:
                out.print(
                    f"  {item.place}: {item.zh if language == 'zh' else item.en}", markup=False
                )
