"""Drafting: the text of a circular, and what its publication says of what went before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from kaocheng.calendars.numberline import format_instant
from kaocheng.engine.database import Bulletin
from kaocheng.errors import ArgumentError
from kaocheng.journal.publications import (
    Days,
    Drawn,
    Key,
    Publication,
    Versions,
    publications_of,
    texts_of,
    versions_of,
    withdrawn_of,
)
from kaocheng.journal.unknown import NO_PERIOD_KNOWN, unknown
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import Event

if TYPE_CHECKING:
    from kaocheng.assessment import Assessment
    from kaocheng.circular.changes import Published
    from kaocheng.circular.compose import Again


@frozen(kw_only=True)
class Issue:
    """What is to be published: of which period, at which two times, in which language.

    `is_now` says that nobody has stated the world's time, so that it is the time of knowledge.
    """

    period: str
    as_of: int
    known_at: int
    language: str
    is_now: bool = False

    def known(self, known_at: int) -> Issue:
        """The same of what was known at another time."""
        return evolve(self, known_at=known_at, as_of=known_at if self.is_now else self.as_of)

    def is_of(self, earlier: Bulletin) -> bool:
        """Whether that is what was published; done again, what is of now is of then."""
        as_of = earlier.known_at if self.is_now else self.as_of
        asked = (self.period, self.language, as_of)
        return asked == (earlier.period, earlier.language, earlier.as_of)

    def was(self, earlier: Publication) -> bool:
        """Whether that was published at the same two times."""
        drawn = earlier.drawn
        asked = (self.period, self.as_of, self.known_at)
        return asked == (drawn.period, drawn.as_of, drawn.known_at)

    def bulletin(self, act: Event, text: str, hashes: tuple[str, ...]) -> Bulletin:
        """What is kept of it."""
        return Bulletin(
            case=act.case,
            sequence=act.sequence,
            period=self.period,
            as_of=self.as_of,
            known_at=self.known_at,
            language=self.language,
            text=text,
            versions=hashes,
        )


@frozen(kw_only=True)
class Before:
    """What goes before a circular: how many events, and which publications in their order.

    `withdrawn` are those that are void by then. The circular is drawn up under `text`, and
    compares with `earlier` ones.
    """

    end: int
    publications: Sequence[Publication]
    withdrawn: frozenset[Key]
    text: Ruleset
    earlier: frozenset[Versions]

    def published(self, assessment: Assessment, period: str) -> Published:
        """What readers have been told before the circular of a period."""
        from kaocheng.circular.changes import published_before

        return published_before(
            assessment,
            period,
            self.publications,
            earlier=self.earlier,
            withdrawn=self.withdrawn,
        )


@frozen(kw_only=True)
class Draft:
    """The text of a circular, and what its publication is to say."""

    text: str
    days: Days
    used: frozenset[Versions]
    withdrawn: frozenset[Key]

    def publication(self, bulletin: Bulletin, *, position: int) -> Publication:
        """What the journal says of it, once so many events stand before the act."""
        drawn = Drawn(
            as_of=bulletin.as_of,
            known_at=bulletin.known_at,
            versions=bulletin.versions,
            period=bulletin.period,
        )
        return Publication(
            case=bulletin.case,
            sequence=bulletin.sequence,
            days=self.days,
            drawn=drawn,
            position=position,
            earlier=self.used,
            withdrawn=self.withdrawn,
        )


def before_new(events: Sequence[Event], text: Ruleset, earlier: Iterable[Ruleset]) -> Before:
    """What goes before a circular that is to be published now: all of a journal."""
    publications = publications_of(events, is_in_order=True)
    return Before(
        end=len(events),
        publications=publications,
        withdrawn=withdrawn_of(events, publications),
        text=text,
        earlier=frozenset(texts_of(text, earlier)),
    )


def before_published(
    own: Publication, found: Sequence[Publication], end: int, text: Ruleset, *others: Ruleset
) -> Before:
    """What went before one that was published, under its texts as far as they are at hand.

    Args:
        own: what the journal says of it.
        found: the publications before it.
        end: how many events of the journal are read.
        text: the ruleset, in place of a text that is not at hand.
        others: texts that it had before.
    """
    texts = texts_of(text, others)
    return Before(
        end=end,
        publications=found,
        withdrawn=own.withdrawn or frozenset(),
        text=texts.get(own.drawn.versions, text),
        earlier=own.earlier & texts.keys(),
    )


def before_known(
    events: Sequence[Event],
    publications: Iterable[Publication],
    known_at: int | None,
    text: Ruleset,
    *others: Ruleset,
) -> Before:
    """What goes before a circular that nobody has published: what was known at a time, or all."""
    known = [one for one in publications if known_at is None or one.drawn.known_at <= known_at]
    return Before(
        end=len(events),
        publications=known,
        withdrawn=withdrawn_of(events, known, known_at=known_at),
        text=text,
        earlier=frozenset(texts_of(text, others)),
    )


def drafted(again: Again, issue: Issue, before: Before) -> Draft:
    """A circular, after what goes before it.

    One that says no place in the journal of its own knew what stands before this one at most.

    Raises:
        UnknownNameError: there is no such period by what was known.
    """
    from kaocheng.circular import as_markdown, compose, find_period, periods_of
    from kaocheng.rendering.data import zone_of

    period, end = issue.period, before.end
    if not isinstance(period, str):
        raise ArgumentError("period", "must be text", zh="应为文本")
    drawn = Drawn(
        as_of=issue.as_of,
        known_at=issue.known_at,
        end=end,
        versions=versions_of(before.text),
        period=period,
    )
    assessment = again(drawn)
    days = find_period(assessment, period)
    if days is None:
        known_at = format_instant(issue.known_at, zone_of(assessment))
        named = periods_of(assessment)
        raise unknown("period", period, named, NO_PERIOD_KNOWN, known_at=known_at)
    published = before.published(assessment, period)

    def up_to_here(earlier: Drawn) -> Assessment:
        known = earlier if earlier.end is not None else evolve(earlier, end=end)
        return again(known if known.versions else evolve(known, versions=drawn.versions))

    circular = compose(
        assessment, period, again=up_to_here, published=published, language=issue.language
    )
    return Draft(
        text=as_markdown(circular),
        days=days,
        used=published.used,
        withdrawn=before.withdrawn,
    )
