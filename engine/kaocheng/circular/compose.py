"""From an assessment to the circular of one period: ranks, items, silent units, findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from kaocheng.assessment import Assessment, Row
from kaocheng.calendars.numberline import DAY, MINUTE, format_date
from kaocheng.calendars.zones import Zone, local_day, to_local
from kaocheng.circular.changes import (
    Changes,
    Published,
    changed_since,
    day_of,
    days_of_period,
    is_told,
    published_before,
)
from kaocheng.circular.model import Block, Circular
from kaocheng.circular.texts import clock_text, day_text, head, number, period_text, say
from kaocheng.journal.publications import Drawn
from kaocheng.language.amounts import decimal, trimmed
from kaocheng.language.types import INSTANT, Decimal, Enum, Type
from kaocheng.plan.algebra import RulePlan, Tally
from kaocheng.rendering.data import zone_of
from kaocheng.rendering.values import text
from kaocheng.rendering.words import (
    finding_title,
    kind_title,
    provenance,
    rule_cite,
    rule_text,
    rule_title,
    stage_title,
)

# What a case may be called by, where its kind has such a field.
_NAMES = ("name", "headline", "title")


Again = Callable[[Drawn], Assessment]
"""Assesses what an earlier circular was drawn up from."""


def compose(
    assessment: Assessment,
    period: str,
    *,
    again: Again,
    published: Published | None = None,
    language: str = "en",
) -> Circular:
    """The circular of a period.

    Args:
        assessment: at the two times of the circular.
        period: its name, one that `find_period` finds.
        again: gives what circulars before it were drawn up from, to say what has changed.
        published: what was published before it (`published_before`); by the data of the cases of
            bulletins alone where it is not given.
        language: `en` or `zh`.

    Raises:
        KeyError: there is no such period.
    """
    first, last = days_of_period(assessment, period)
    if published is None:
        published = published_before(assessment, period)
    changes = changed_since(assessment, again, published)
    return _Composer(assessment, period, first, last, language, published, changes).circular()


@frozen
class _Composer:
    """Composes one circular."""

    assessment: Assessment
    period: str
    first: int
    last: int
    language: str
    published: Published
    changes: Changes

    def circular(self) -> Circular:
        """All of it."""
        titles = self.assessment.ruleset.versions[-1].titles
        ruleset = titles.get(self.language, self.assessment.ruleset.name)
        period = period_text(self.period, self.language)
        return Circular(
            language=self.language,
            title=self._say("title", ruleset=ruleset, period=period),
            lead=(self._days(), self._times()),
            blocks=tuple(self._blocks()),
            notes=(*self._provisional(), *self._lacking(), *self._versions()),
        )

    def _say(self, name: str, **values: object) -> str:
        return say(name, self.language, **values)

    def _pair(self, pair: tuple[str, str]) -> str:
        return pair[self.language == "zh"]

    def _days(self) -> str:
        days = (day_text(format_date(day), self.language) for day in (self.first, self.last))
        return self._say("days", **dict(zip(("first", "last"), days, strict=True)))

    def _times(self) -> str:
        times, zone = self.assessment.times, zone_of(self.assessment)
        as_of = self._moment(times.as_of, zone)
        if times.known_at is None:
            return self._say("as_of", as_of=as_of)
        return self._say("known_at", as_of=as_of, known_at=self._moment(times.known_at, zone))

    def _moment(self, at: int, zone: Zone) -> str:
        """An instant as a circular writes it; the last moment of a day is the end of that day."""
        day = day_text(format_date(local_day(zone, at)), self.language)
        of_day = to_local(zone, at) % DAY
        if of_day == DAY - 1:
            return self._say("end_of_day", day=day)
        if self.language == "zh" and of_day % MINUTE == 0:
            return f"{day}{clock_text(of_day // MINUTE)}"
        return text(at, INSTANT, zone, language=self.language)

    # The parts, numbered in the order in which they are there.

    def _blocks(self) -> Iterator[Block]:
        place = 0
        for block in self._parts():
            if block is not None:
                place += 1
                yield _numbered(block, number(place, self.language), self.language)

    def _parts(self) -> Iterator[Block | None]:
        for rule in self.assessment.rules("standings"):
            yield self._standing(rule)
        yield from self._items()
        yield self._silent()
        yield self._findings()
        yield self._late()
        yield self._changes()
        yield self._finding_changes()

    def _so_far(self, kind: str) -> Iterator[tuple[str, Mapping[object, str]]]:
        """What those of a kind have in standings of longer periods, of which this one is a part."""
        for rule in self.assessment.rules("standings"):
            rows = [r for r in self.assessment.rows(rule.id) if self._is_part_of(r)]
            if rows and _kind(rows[0]["case"]) == kind:
                points = rule.relation.columns["points"]
                scale = points.scale if isinstance(points, Decimal) else 0
                title = self._pair(rule_title(self.assessment, rule.id))
                period = period_text(str(rows[0]["period"]), self.language)
                found = {row["case"]: _amount(row["points"], scale) for row in rows}
                yield self._say("so_far", title=title, period=period), found

    def _is_part_of(self, row: Row) -> bool:
        first, last = row["period.first_day"], row["period.last_day"]
        if not isinstance(first, int) or not isinstance(last, int):
            return False
        return first <= self.first <= self.last <= last and last - first > self.last - self.first

    def _standing(self, rule: RulePlan) -> Block | None:
        rows = [r for r in self.assessment.rows(rule.id) if r["period"] == self.period]
        if not rows:
            return None
        so_far = list(self._so_far(_kind(rows[0]["case"])))
        leagues = [name for name in rule.relation.columns if name.startswith("league")]
        points = rule.relation.columns["points"]
        scale = points.scale if isinstance(points, Decimal) else 0
        heads = [head("rank", self.language), *(head("league", self.language) for _ in leagues)]
        order = sorted(
            rows, key=lambda r: (*(str(r[n]) for n in leagues), _rank(r), str(r["case"]))
        )
        return Block(
            heading=self._pair(rule_title(self.assessment, rule.id)),
            heads=(
                *heads,
                self._who(r["case"] for r in rows),
                head("points", self.language),
                *(title for title, _ in so_far),
            ),
            rows=tuple(
                (
                    "" if row["rank"] is None else str(row["rank"]),
                    *(self._league(row[n], rule.relation.columns[n]) for n in leagues),
                    self._name(row["case"]),
                    _amount(row["points"], scale),
                    *(found.get(row["case"], "") for _, found in so_far),
                )
                for row in order
            ),
            numbers=frozenset({0, *range(len(leagues) + 2, len(leagues) + 3 + len(so_far))}),
        )

    def _league(self, value: object, type_: Type) -> str:
        if isinstance(type_, Enum) and value is not None:
            return text(value, type_, zone_of(self.assessment), language=self.language)
        return self._name(value)

    def _entries(self) -> list[Row]:
        """What was posted in the period and is no nought."""
        return [
            row
            for row in self.assessment.rows("entries")
            if isinstance(day := row["posted_on"], int)
            and self.first <= day <= self.last
            and row["amount"]
            and not row["undetermined"]
        ]

    def _items(self) -> Iterator[Block]:
        by_kind: dict[str, list[Row]] = {}
        for row in self._entries():
            if not self._is_earlier(row):
                by_kind.setdefault(_kind(row["recipient"]), []).append(row)
        if not by_kind:
            heading = self._pair(("Points", "记分"))
            yield Block(heading=heading, sentences=(self._say("no_items"),))
        for kind in sorted(by_kind):
            title = self._pair(kind_title(self.assessment, kind))
            yield self._entry_table(f"items:{title}", by_kind[kind])

    def _late(self) -> Block | None:
        earlier = [row for row in self._entries() if self._is_earlier(row)]
        return self._entry_table("late:", earlier, lead="late_lead") if earlier else None

    def _changes(self) -> Block | None:
        changed = self.changes.entries
        return self._entry_table("changes:", changed, lead="changes_lead") if changed else None

    def _is_earlier(self, row: Row) -> bool:
        earned = row["at"]
        return isinstance(earned, int) and earned < self.first

    def _entry_table(self, heading: str, rows: Sequence[Row], *, lead: str = "") -> Block:
        names = ("item", "rule", "day", "amount")
        order = sorted(
            rows, key=lambda r: (self._name(r["recipient"]), str(r["at"]), str(r["case"]))
        )
        return Block(
            heading=heading,
            sentences=(self._say(lead),) if lead else (),
            heads=(
                self._who(row["recipient"] for row in rows),
                *(head(name, self.language) for name in names),
            ),
            rows=tuple(
                (
                    self._name(row["recipient"]),
                    self._item(row, row["recipient"]),
                    self._pair(rule_title(self.assessment, str(row["rule"]))),
                    format_date(int(str(row["at"]))),
                    _amount(row["amount"], 4),
                )
                for row in order
            ),
            numbers=frozenset({4}),
        )

    def _item(self, row: Row, who: object) -> str:
        """The case that it is for; a row of the roll is about the member itself."""
        return "" if row["case"] in {None, who} else self._name(row["case"])

    def _silent(self) -> Block | None:
        sentences = []
        for rule in self.assessment.rules("tallies"):
            if not any(_counts_roll(pipeline.steps) for pipeline in rule.variants.values()):
                continue
            member = rule.relation.key[0]
            names = [
                self._name(row[member])
                for row in self.assessment.rows(rule.id)
                if row["period"] == self.period and row["value"] == 0
            ]
            if names:
                title = self._pair(rule_title(self.assessment, rule.id))
                listed = self._say("separator").join(sorted(names))
                sentences.append(
                    self._say("silent_of", title=title, count=len(names), names=listed)
                )
        return Block(heading="silent:", sentences=tuple(sentences)) if sentences else None

    def _findings(self) -> Block | None:
        if "findings" not in self.assessment.results:
            return None
        rows = [row for row in self.assessment.rows("findings") if self._is_of_period(row)]
        if not rows:
            return Block(heading="findings:", sentences=(self._say("no_findings"),))
        counted = Counter((self._name(_answers(row)), *self._finding(row)) for row in rows)
        names = ("finding", "stage", "clause", "count")
        return Block(
            heading="findings:",
            heads=self._finding_heads(rows, names),
            rows=tuple((*key, str(counted[key])) for key in sorted(counted)),
            numbers=frozenset({4}),
        )

    def _finding_changes(self) -> Block | None:
        """The findings of published times that there are more or fewer of than was said."""
        changed = self.changes.findings
        counted: Counter[tuple[str, ...]] = Counter()
        for row in changed:
            who = _answers(row)
            day = day_of(row, zone_of(self.assessment))
            about = self._name(who), "" if day is None else format_date(day)
            counted[(*about, self._item(row, who), *self._finding(row))] += int(str(row["amount"]))
        rows = tuple((*key, f"{counted[key]:+}") for key in sorted(counted) if counted[key])
        if not rows:
            return None
        names = ("day", "item", "finding", "stage", "clause", "difference")
        return Block(
            heading="finding_changes:",
            sentences=(self._say("finding_changes_lead"),),
            heads=self._finding_heads(changed, names),
            rows=rows,
            numbers=frozenset({6}),
        )

    def _finding_heads(self, rows: Sequence[Row], names: Sequence[str]) -> tuple[str, ...]:
        return self._who({_answers(row) for row in rows}), *(head(n, self.language) for n in names)

    def _finding(self, row: Row) -> tuple[str, str, str]:
        """Its kind, its stage and its clause."""
        return (
            self._pair(finding_title(self.assessment, str(row["finding"]))),
            self._pair(stage_title(str(row["stage"]))),
            self._clause(str(row["rule"])),
        )

    def _is_of_period(self, row: Row) -> bool:
        """Whether a finding arose in the period, and no earlier circular was to list it."""
        zone = zone_of(self.assessment)
        if not is_told(row) or self.published.days_of_finding(row, zone) is not None:
            return False
        day = day_of(row, zone)
        return row["period"] == self.period or (day is not None and self.first <= day <= self.last)

    def _clause(self, rule: str) -> str:
        found = rule_text(self.assessment, rule)
        if found is None:
            return ""
        return self._pair(provenance(found, rule_cite(self.assessment, rule)))

    # Notes.

    def _provisional(self) -> Iterator[str]:
        for rule in self.assessment.rules("standings"):
            rows = [r for r in self.assessment.rows(rule.id) if r["period"] == self.period]
            count = sum(int(str(row["provisional"] or 0)) for row in rows)
            if count:
                title = self._pair(rule_title(self.assessment, rule.id))
                yield self._say("provisional", title=title, count=count)

    def _lacking(self) -> Iterator[str]:
        """What has not been compared, as the text is not at hand under which it was published."""
        if self.published.lacking:
            names = [period_text(name, self.language) for name in self.published.lacking]
            listed = self._say("separator").join(names)
            yield self._say("lacking", periods=listed)

    def _versions(self) -> Iterator[str]:
        for use in self.assessment.versions():
            if use.instances:
                yield self._say("version", version=use.version, hash=use.hash[:12])

    def _who(self, cases: Iterable[object]) -> str:
        """The head of a column of cases: what they are, where all are of one kind."""
        kinds = {_kind(case) for case in cases if case is not None}
        known = [kind for kind in kinds if kind in self.assessment.ruleset.plan.relations]
        if len(kinds) != 1 or not known:
            return head("who", self.language)
        return self._pair(kind_title(self.assessment, known[0]))

    def _name(self, value: object) -> str:
        """What people call a case, a unit or a person."""
        kind, _, own = str(value).partition("/")
        relation = self.assessment.ruleset.plan.relations.get(kind)
        if value is None or relation is None or not own:
            return "" if value is None else str(value)
        column = next((name for name in _NAMES if name in relation.columns), None)
        names = {} if column is None else self._named(kind, column)
        return names.get(str(value), own)

    def _named(self, kind: str, column: str) -> Mapping[str, str]:
        relation = self.assessment.ruleset.plan.relations[kind]
        key, place = relation.index("case"), relation.index(column)
        rows = self.assessment.facts.relations.get(kind, ())
        return {str(row[key]): str(row[place]) for row in rows if row[place] is not None}


def _numbered(block: Block, place: str, language: str) -> Block:
    """The part with its number; a heading that is a key of the texts is said now."""
    name, is_key, title = block.heading.partition(":")
    if is_key:
        heading = say(name, language, n=place, kind=title)
    else:
        heading = say("standing", language, n=place, title=block.heading)
    return Block(
        heading=heading,
        sentences=block.sentences,
        heads=block.heads,
        rows=block.rows,
        numbers=block.numbers,
    )


def _counts_roll(steps: Sequence[object]) -> bool:
    return any(isinstance(step, Tally) and step.roll is not None for step in steps)


def _kind(recipient: object) -> str:
    return str(recipient).partition("/")[0]


def _answers(finding: Row) -> object:
    """Who answers for a finding, or else the case that it is about."""
    return finding["case"] if finding["owed_by"] is None else finding["owed_by"]


def _rank(row: Row) -> tuple[bool, int]:
    rank = row["rank"]
    return (rank is None, rank if isinstance(rank, int) else 0)


def _amount(value: object, scale: int) -> str:
    return trimmed(decimal(value, scale)) if isinstance(value, int) else ""
