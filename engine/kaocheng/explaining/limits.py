"""A limit explained: what it runs from, when it stood still, which days did not count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import evolve, frozen

from kaocheng.calendars import pauses as paused
from kaocheng.calendars.editions import Edition
from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import NEVER, format_date
from kaocheng.calendars.zones import local_day
from kaocheng.evaluate.python.trace import Traced
from kaocheng.explaining.model import Line
from kaocheng.explaining.names import shown, source_title
from kaocheng.explaining.subject import Subject
from kaocheng.explaining.texts import say
from kaocheng.language.expressions import Advance, Expr
from kaocheng.language.types import DATE, INSTANT, INT, ListOf, Row
from kaocheng.language.writing import limit_text, limit_text_zh, write
from kaocheng.rendering.words import Pair

MOST_GAPS = 4


@frozen
class LimitExplained:
    """One limit on one row."""

    subject: Subject
    traced: Traced
    expr: Advance
    version: int

    def words(self) -> Pair:
        """The limit as a phrase, with the amount that the case gives."""
        limit, given = self.expr.limit, self._value(self.expr.amount)
        if self.expr.amount is None:
            return (limit_text(limit, flat=True), limit_text_zh(limit, flat=True))
        english, chinese = shown(self.subject, given, INT, self.version)
        if given is None:
            return (english, chinese)
        return (
            limit_text(limit, amount=english, flat=True),
            limit_text_zh(limit, amount=chinese, flat=True),
        )

    @property
    def amount(self) -> Traced | None:
        """How many units the case gives, where the limit is not written out."""
        return next((p for p in self.traced.parts if p.expr is self.expr.amount), None)

    def path(self) -> Pair:
        """The limit within an expression, as it runs from its start."""
        amount = None if self.expr.amount is None else write(self.expr.amount)
        chinese = limit_text_zh(self.expr.limit, amount=amount, flat=True)
        return (f"`{write(self.expr)}`", f"自 `{write(self.expr.start)}` 起 {chinese}")

    def lines(self) -> tuple[Line, ...]:
        """The pauses inside the clock, the calendar it counts by, and the days it did not count."""
        start = self._value(self.expr.start)
        if not isinstance(start, int) or start == NEVER:
            return ()
        return (*self._pauses(start), *self._calendar(start))

    def _value(self, expr: Expr | None) -> object:
        return next((p.value for p in self.traced.parts if p.expr is expr), None)

    def _pauses(self, start: int) -> Iterator[Line]:
        pauses = self.expr.pauses
        item = pauses.type.item if pauses is not None and isinstance(pauses.type, ListOf) else None
        rows = self._value(pauses)
        if pauses is None or not isinstance(item, Row) or not isinstance(rows, (tuple, list)):
            return
        relation = self.subject.plan.relations[item.relation]
        begins, ends = relation.index("from"), relation.index("until")
        ledger = self._ledger(start, [(row[begins], row[ends]) for row in rows])
        if ledger is None:
            return
        title = source_title(self.subject, relation.name)
        for spell in ledger.spells:
            if spell.kind == "paused":
                yield self._pause(spell, title)
        if ledger.due == NEVER and ledger.projected != NEVER:
            yield say("projected", value=self._instant(ledger.projected))

    def _ledger(self, start: int, pauses: Sequence[tuple[int, int]]) -> paused.Ledger | None:
        setting, limit = self.subject.setting(self.version), self.expr.limit
        amount = self._value(self.expr.amount)
        try:
            if isinstance(amount, int):
                limit = evolve(limit, amount=amount)
            as_of = self.subject.context.as_of
            return paused.run_instant(
                start, limit, setting.zone, setting.edition, pauses, as_of=as_of
            )
        except (ClockError, TypeError):
            return None

    def _pause(self, spell: paused.Spell, title: Pair) -> Line:
        first = self._instant(spell.start)
        if spell.end == NEVER:
            return say("paused_since", first=first, name=title)
        return say("paused", first=first, last=self._instant(spell.end), name=title)

    def _instant(self, value: int) -> Pair:
        return shown(self.subject, value, INSTANT, self.version)

    def _calendar(self, start: int) -> Iterator[Line]:
        limit = self.expr.limit
        edition = self.subject.setting(self.version).edition
        if edition is None or not (limit.by_working_days or limit.roll != "none"):
            return
        yield say("calendar", edition=edition.name)
        first, last = self._day(start), self._day(self.traced.value)
        gaps = [] if first is None or last is None else list(_gaps(edition, first + 1, last))
        if gaps:
            english = [_days(gap, " to ") for gap in gaps[:MOST_GAPS]]
            chinese = [_days(gap, " 至 ") for gap in gaps[:MOST_GAPS]]
            more = len(gaps) > MOST_GAPS
            yield say(
                "free_days",
                days=(
                    ", ".join(english) + (", …" if more else ""),
                    "、".join(chinese) + ("……" if more else ""),
                ),
            )

    def _day(self, value: object) -> int | None:
        if not isinstance(value, int) or value == NEVER:
            return None
        zone = self.subject.zone(self.version)
        return value if self.expr.type == DATE else local_day(zone, value)


def _gaps(edition: Edition, first: int, last: int) -> Iterator[tuple[int, int]]:
    """The stretches of days that are no working days, both ends included."""
    begins: int | None = None
    last = min(last, edition.last_day)
    for day in range(max(first, edition.first_day), last + 1):
        if edition.is_working(day):
            if begins is not None:
                yield begins, day - 1
            begins = None
        elif begins is None:
            begins = day
    if begins is not None:
        yield begins, last


def _days(gap: tuple[int, int], to: str) -> str:
    first, last = (format_date(day) for day in gap)
    return first if first == last else f"{first}{to}{last}"
