"""An assessment on a terminal: what stands where, in tables that fit its width."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from attrs import frozen
from rich.console import Console

from kaocheng.assessment import Assessment, Problem
from kaocheng.language.amounts import trimmed
from kaocheng.language.schema import Relation
from kaocheng.language.types import BOOL, DATE, INSTANT, Decimal, Enum, Reference, Type
from kaocheng.model.events import Unreadable
from kaocheng.plan.algebra import COLLECTIONS, STATUSES, UNDETERMINED
from kaocheng.rendering.csv import check_rule
from kaocheng.rendering.data import zone_of
from kaocheng.rendering.grid import Column, bare, boxed
from kaocheng.rendering.tried import tried_lines
from kaocheng.rendering.values import as_of_text, printable, text
from kaocheng.rendering.words import (
    COLLECTION_WORDS,
    HEADS,
    Pair,
    finding_title,
    kind_title,
    rule_title,
    say,
    stage_title,
    status_title,
)

_MOST_ROWS = 12
_MOMENT = len("2009-03-02 09:00:00")
_NUMBERS = ("points", "rank", "value", "amount", "late_by", "provisional")
_HIDDEN = ("version", "undetermined", "period.first_day", "period.last_day", "recorded_at")
# A column that in every row says what another says is left out.
_SAME_AS = {"owed_by": "case", "posted_on": "at"}
# Columns whose values have words of their own.
_WORDS: Mapping[str, Callable[[Assessment, str], Pair]] = {
    "status": lambda _, value: status_title(value),
    "stage": lambda _, value: stage_title(value),
    "finding": finding_title,
    "rule": rule_title,
    "account": rule_title,
    "of_finding": finding_title,
    "of_rule": rule_title,
}


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
    tables = _Tables(assessment, language, period, out.width)
    if rule is not None:
        check_rule(assessment, rule)
        _print(out, list(tried_lines(assessment.ruleset, language)))
        _print(out, tables.all_rows(rule))
        return
    titles = assessment.ruleset.versions[-1].titles
    out.print(titles.get(language, assessment.ruleset.name), style="bold", soft_wrap=True)
    _print(out, list(tried_lines(assessment.ruleset, language)))
    cases = say("cases", language, cases=assessment.cases)
    _print(out, [f"{times_text(assessment, language)}  {cases}"])
    _print(out, tables.versions())
    _print(out, tables.deadlines())
    _print(out, tables.findings())
    for section in sections:
        _print(out, tables.section(section))
    print_problems(assessment, language, out)


def times_text(assessment: Assessment, language: str) -> str:
    """The world's time, and that of our knowledge where one is given."""
    times, zone = assessment.times, zone_of(assessment)
    as_of = as_of_text(times.as_of, zone, language=language)
    texts = [say("as_of", language, as_of=as_of)]
    if times.known_at is not None:
        known_at = as_of_text(times.known_at, zone, language=language)
        texts.append(say("known_at", language, known_at=known_at))
    return "  ".join(texts)


def _print(out: Console, lines: Iterator[str] | Sequence[str]) -> None:
    # Lines fit the width already; where they cannot, the terminal wraps them and nothing is lost.
    for line in lines:
        out.print(printable(line), soft_wrap=True)


@frozen
class _Tables:
    """Parts of an assessment as the lines of tables."""

    assessment: Assessment
    language: str
    period: str | None
    room: int

    def versions(self) -> Iterator[str]:
        """Which versions there are, and how much each governs."""
        columns = [self._column("version"), self._column("instances"), self._column("hash")]
        columns[1] = Column(columns[1].head, right=True)
        rows = [(v.version, str(v.instances), v.hash[:12]) for v in self.assessment.versions()]
        return bare(columns, rows, self.room)

    def deadlines(self) -> Iterator[str]:
        """How many rows of each deadline have which status."""
        counted = {r.id: self.assessment.statuses(r.id) for r in self.assessment.rules("deadlines")}
        if not counted:
            return
        shown = [s for s in STATUSES if any(counts[s] for counts in counted.values())]
        columns = [self._column("deadline"), *(self._number(status) for status in shown)]
        rows = [
            (self._title(name), *(str(counts[s]) for s in shown))
            for name, counts in counted.items()
        ]
        yield from boxed(columns, rows, self.room)

    def findings(self) -> Iterator[str]:
        """How many findings there are of each kind."""
        counted = self.assessment.findings()
        if not counted:
            return
        columns = [self._column("finding"), self._number("count")]
        rows = [
            (self._one(finding_title(self.assessment, name)), str(count))
            for name, count in counted.items()
        ]
        yield from boxed(columns, rows, self.room)

    def section(self, name: str) -> Iterator[str]:
        """One table per rule; tallies over the same groups stand side by side in one."""
        groups: dict[tuple[str, ...], list[str]] = {}
        for rule in self.assessment.rules(name):
            if not self._sorted(rule.id):
                continue
            key = (*rule.relation.key, *rule.relation.columns) if name == "tallies" else (rule.id,)
            groups.setdefault(key, []).append(rule.id)
        for first, *others in groups.values():
            rules = (first, *others)
            yield from self._beside(rules) if others else self._first_rows(first)
            count = max(len(self._sorted(n)) for n in rules)
            if count > _MOST_ROWS:
                yield say("more", self.language, n=count - _MOST_ROWS, rule=first)

    def all_rows(self, name: str) -> Iterator[str]:
        """Every row of one rule; without a box, because many rows have many columns."""
        yield self._title(name)
        yield times_text(self.assessment, self.language)
        columns, rows = self._table(name)
        if not rows:
            yield say("no_rows", self.language)
            return
        yield from bare(columns, rows, self.room)

    def _first_rows(self, name: str) -> Iterator[str]:
        yield self._title(name)
        columns, rows = self._table(name)
        yield from boxed(columns, rows[:_MOST_ROWS], self.room)

    def _table(self, name: str) -> tuple[list[Column], list[list[str]]]:
        """The columns and cells of one rule's rows, without columns that say nothing."""
        relation = self.assessment.relation(name)
        rows = self._sorted(name)
        names = [c for c in relation.columns if _is_shown(relation, c, rows)]
        cells = {c: [self._cell(relation, c, row) for row in rows] for c in names}
        said = [c for c in names if any(cells[c]) and cells[c] != cells.get(_SAME_AS.get(c, ""))]
        columns = [
            self._column(c, relation.columns[c], self._kind(relation, c, rows)) for c in said
        ]
        return columns, [[cells[c][i] for c in said] for i in range(len(rows))]

    def _kind(self, relation: Relation, column: str, rows: Sequence[Sequence[object]]) -> str:
        """The kind of case that a column holds, where all its rows hold one of the same kind."""
        type_ = relation.columns[column]
        if isinstance(type_, Reference):
            return type_.kind
        if column != "case":
            return ""
        place = relation.index(column)
        kinds = {str(row[place]).partition("/")[0] for row in rows}
        return min(kinds) if len(kinds) == 1 else ""

    def _column(self, name: str, type_: Type | None = None, kind: str = "") -> Column:
        is_number = name in _NUMBERS
        head = HEADS.get(name)
        if head is None or name == "case":
            title = kind_title(self.assessment, kind) if kind else None
            head = title or head or (name.replace("_", " "),) * 2
        whole = name in ("status", "period", "stage") or type_ in (DATE, BOOL)
        return Column(self._one(head), right=is_number, whole=whole or name in ("points", "amount"))

    def _number(self, name: str) -> Column:
        return Column(self._one(HEADS[name]), right=True)

    def _beside(self, rules: Sequence[str]) -> Iterator[str]:
        first = self.assessment.relation(rules[0])
        values: dict[tuple[object, ...], dict[str, str]] = {}
        for name in rules:
            for row in self._sorted(name):
                key = tuple(row[first.index(k)] for k in first.key)
                cells = values.setdefault(key, {})
                cells[name] = self._cell(first, "value", row)
                if row[first.index("provisional")]:
                    cells["provisional"] = self._cell(first, "provisional", row)
        rows = self._sorted(rules[0])
        columns = [
            *(self._column(k, first.columns[k], self._kind(first, k, rows)) for k in first.key),
            *(Column(self._title(name), right=True) for name in rules),
        ]
        shown = [*rules]
        if any("provisional" in cells for cells in values.values()):
            columns.append(self._number("provisional"))
            shown.append("provisional")
        table = []
        for key, cells in sorted(values.items(), key=lambda item: str(item[0]))[:_MOST_ROWS]:
            keys = (
                printable(self._plain(first.columns[n], v))
                for n, v in zip(first.key, key, strict=True)
            )
            table.append([*keys, *(cells.get(name, "") for name in shown)])
        return boxed(columns, table, self.room)

    def _cell(self, relation: Relation, column: str, row: Sequence[object]) -> str:
        return printable(self._text(relation, column, row))

    def _text(self, relation: Relation, column: str, row: Sequence[object]) -> str:
        value = row[relation.index(column)]
        if column == "status":
            return self._one(status_title(str(value or UNDETERMINED)))
        if column in _WORDS and isinstance(value, str):
            return self._one(_WORDS[column](self.assessment, value))
        is_blank = column in ("late_by", "provisional") and not value
        if is_blank or (value is None and (relation.name in COLLECTIONS or column == "rank")):
            return ""
        return self._plain(relation.columns[column], value)

    def _plain(self, type_: Type, value: object) -> str:
        shown = text(value, type_, zone_of(self.assessment), language=self.language)
        if type_ == INSTANT and isinstance(value, int):
            return _local(shown)
        if isinstance(type_, Decimal):
            return trimmed(shown)
        if isinstance(type_, Enum):
            return shown
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

    def _title(self, name: str) -> str:
        return self._one(COLLECTION_WORDS.get(name) or rule_title(self.assessment, name))

    def _one(self, words: Pair) -> str:
        return words[self.language == "zh"]


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
    print_places("unreadable", assessment.unreadable, language, out)
    print_places("problems", assessment.problems, language, out)


def print_places(
    name: str, items: Sequence[Unreadable | Problem], language: str, out: Console
) -> None:
    """Print what is wrong with an input, under a head that says how often, if it is at all."""
    if not items:
        return
    # Not folded: a place that is broken in two can be neither searched nor clicked.
    _print(out, [say(name, language, n=len(items))])
    for item in items[:_MOST_ROWS]:
        message = item.zh if language == "zh" else item.en
        _print(out, [f"  {item.place}: {message}"])
    if len(items) > _MOST_ROWS:
        _print(out, [f"  {say('further', language, n=len(items) - _MOST_ROWS)}"])
