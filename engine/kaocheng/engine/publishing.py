"""Publishing: the text of a circular as it was known when it was issued, and computing it again.

What is published is the text of everything that stands before the publication in the journal.
Under the publication the engine journals an event of its own with a digest of the text, so
that nobody can change or remove what was published without breaking the hash chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import unified_diff
from typing import TYPE_CHECKING

from attrs import asdict, frozen

from kaocheng.calendars.numberline import format_date, format_instant
from kaocheng.calendars.zones import build_zone
from kaocheng.engine.database import Bulletin, Database, Units
from kaocheng.engine.drafting import (
    Before,
    Draft,
    Issue,
    before_known,
    before_new,
    before_published,
    drafted,
)
from kaocheng.engine.outcome import Outcome
from kaocheng.engine.refusing import why_elsewhere, why_published
from kaocheng.engine.store import Store
from kaocheng.engine.unit_of_work import UnitOfWork
from kaocheng.errors import ArgumentError, UnknownNameError
from kaocheng.journal.json_text import canonical
from kaocheng.journal.publications import (
    Drawn,
    Key,
    Publication,
    publications_of,
    versions_of,
    withdrawn_of,
)
from kaocheng.journal.texts import Text, names, shown
from kaocheng.language.ruleset import Ruleset
from kaocheng.lifecycle import Refusal
from kaocheng.model.events import PUBLICATION, Event, Journal

if TYPE_CHECKING:
    from kaocheng.circular.compose import Again

LANGUAGES = ("zh", "en")
CHANGED = Text(
    "what is kept is not what was published: the journal has another digest of it",
    "所存内容并非当时发布的内容：与台账所记的摘要不符",
)
GONE = Text(
    "the journal says that it was published, but its text is gone",
    "台账记载已经发布，而所存文本已不存在",
)
NOT_PUBLISHED = Text("the journal does not say that it was published", "台账没有记载其发布")


@frozen(kw_only=True)
class Replayed:
    """A bulletin that was computed again.

    `difference` are the lines that differ, as a unified diff; `problem` says what is wrong with
    the text that is kept, and `bulletin` is nothing where there is none. `other_text` says that a
    text of the ruleset under which it was published, or compared with earlier ones, is not at
    hand: a difference then says nothing.
    """

    case: str
    sequence: int
    period: str
    bulletin: Bulletin | None = None
    difference: tuple[str, ...] = ()
    problem: Text | None = None
    other_text: bool = False

    @property
    def same(self) -> bool:
        """Whether it is what was published, and comes out again."""
        return self.problem is None and not self.difference

    @property
    def wrong(self) -> bool:
        """Whether it is not what was published, or does not come out under the same texts."""
        return self.problem is not None or (bool(self.difference) and not self.other_text)


Act = Callable[[UnitOfWork], Outcome]
"""The act that publishes."""


def check_language(language: object) -> None:
    """Refuse a language in which there are no circulars.

    Raises:
        ArgumentError: it is another one.
    """
    if language not in LANGUAGES:
        raise ArgumentError("language", "must be `zh` or `en`", zh="应为 `zh` 或 `en`")


@frozen(kw_only=True)
class Publisher:
    """Publishes under a ruleset, and knows texts that it had before."""

    ruleset: Ruleset
    earlier: Sequence[Ruleset] = ()

    def check(self, case: object, language: object) -> None:
        """Refuse a language without circulars, and a case whose kind has no bulletins.

        Where the ruleset has none at all, any case may carry what is published.

        Raises:
            ArgumentError: it says which.
        """
        check_language(language)
        rules = [rule for rule in self.ruleset.plan.rules if rule.section == "bulletins"]
        kinds = {pipe.source.partition(".")[0] for rule in rules for pipe in rule.variants.values()}
        if kinds and isinstance(case, str):
            kind = case.partition("/")[0]
            if kind in self.ruleset.kinds and kind not in kinds:
                known, seen = names(sorted(kinds)), shown(case)
                raise ArgumentError(
                    "case",
                    f"cannot be `{seen}`: the ruleset has bulletins of {known.en} alone",
                    zh=f"不能是 `{seen}`：规则集的通报只属于 {known.zh}",
                )

    def publish(
        self, store: Database, units: Units, act: Act, issue: Issue, *, key: str | None
    ) -> tuple[Outcome, Bulletin | None]:
        """Act, and keep the text of what stands before the act, in one transaction.

        The text is computed before anybody has to wait. Where somebody has written meanwhile
        it is computed again, and the others wait. An act that was done before under the same
        key gives what was published then. A circular speaks of all cases, so it is refused as an
        act on each of them would be; a period is published once, unless that was taken back.
        It is of what was known when the act says so, by the ruleset's bulletins.

        Raises:
            UnknownNameError: there is no such period.
        """
        asked = issue
        with units.write(keep=False) as unit:
            issue = self._as_said(act(unit), asked)
        before = store.journal()
        draft = self._draft(before, issue)
        with units.write() as unit:
            if unit.keeper.position != len(before):
                before = unit.keeper.journal()
                draft = self._draft(before, issue)
            outcome = act(unit)
            event = outcome.event
            if event is None:
                return outcome, None
            if unit.keeper.position == len(before):  # what was done before under the same key
                earlier = unit.keeper.bulletin(event.case, event.sequence)
                if earlier is not None and issue.is_of(earlier):
                    return outcome, earlier
                refusal = Refusal("key_reused", {"key": str(key)})
                return unit.refused(event.case, (refusal,)), None
            as_said = self._as_said(outcome, asked)
            if as_said != issue:  # the case has become another one meanwhile
                issue, draft = as_said, self._draft(before, as_said)
            refusals = (
                *_why_not_all(unit, before),
                *why_published(issue.period, event.kind, before, unit.keeper.load),
                *self._other_days(outcome, draft, issue),
                *self._known_later(event, issue),
            )
            if refusals:
                return unit.refused(event.case, refusals), None
            bulletin = issue.bulletin(event, draft.text, versions_of(self.ruleset))
            publication = draft.publication(bulletin, position=unit.keeper.position - 1)
            unit.keeper.publish(bulletin)
            data = publication.data(language=issue.language, digest=digest_of(bulletin))
            unit.say_published(event.case, data)
        return outcome, bulletin

    def _as_said(self, outcome: Outcome, issue: Issue) -> Issue:
        """The same of what was known when the act says so; if not, when it happens."""
        known = {at for row in self._said(outcome) if isinstance(at := row["known_at"], int)}
        happens = {issue.known_at} if outcome.event is None else {issue.known_at, outcome.event.at}
        return issue if not known or known & happens else issue.known(min(known))

    def _known_later(self, act: Event, issue: Issue) -> Iterator[Refusal]:
        """Where the act says that its circular is of what becomes known after it."""
        if act.at is not None and issue.known_at > act.at:
            zone = build_zone(self.ruleset.versions[-1].zone)
            at, known_at = (format_instant(time, zone) for time in (act.at, issue.known_at))
            yield Refusal("known_later", {"at": at, "known_at": known_at})

    def _other_days(self, outcome: Outcome, draft: Draft, issue: Issue) -> Iterator[Refusal]:
        """Where the days that the act says are not the period's."""
        for row in self._said(outcome):
            first, last = row["first_day"], row["last_day"]
            if not isinstance(first, int) or not isinstance(last, int):
                continue
            if (first, last) != draft.days:
                names_ = ("first", "last", "period_first", "period_last")
                days = map(format_date, (first, last, *draft.days))
                said = dict(zip(names_, days, strict=True))
                yield Refusal("other_days", {"period": issue.period, **said})

    def _said(self, outcome: Outcome) -> Iterator[Mapping[str, object]]:
        """What the ruleset's bulletins say of the act."""
        rules = [rule.id for rule in self.ruleset.plan.rules if rule.section == "bulletins"]
        own = None if outcome.event is None else outcome.event.sequence
        for row in (row for rule in rules for row in outcome.results.get(rule, ())):
            if row.get("sequence", own) == own:
                yield row

    def replay(self, store: Database) -> Iterator[Replayed]:
        """Compute again what was published, and compare it with what is kept and journaled."""
        events = store.journal()
        places = _places(events)
        journaled = {_published(e): e.data for e in events if e.event == PUBLICATION}
        publications = publications_of(events, is_in_order=True)
        again = self._again(events)
        for bulletin in store.bulletins():
            key = bulletin.case, bulletin.sequence
            place = places.get(key, len(events))
            found = [one for one in publications if places.get(one.key, place) < place]
            own = next((one for one in publications if one.key == key), None)
            if own is None:  # of a journal that says less
                own = _unsaid(bulletin, withdrawn_of(events[:place], found))
            before = before_published(own, found, place, self.ruleset, *self.earlier)
            yield _replayed(bulletin, journaled.pop(key, None), own, before, again)
        for (case, sequence), said in journaled.items():
            period = str(said["period"])
            yield Replayed(case=case, sequence=sequence, period=period, problem=GONE)

    def circular(self, store: Store | Database, journal: Journal, issue: Issue) -> str:
        """The text of a circular at its two times, as the journal has it by now.

        Of one that was published it says what that compared itself with, under its text.

        Raises:
            UnknownNameError: there is no such period.
        """
        is_in_order = isinstance(store, Database)
        events = store.journal() if isinstance(store, Database) else journal.events
        found = publications_of(events, is_in_order=is_in_order)
        own = next((one for one in reversed(found) if issue.was(one)), None)
        texts = self.ruleset, *self.earlier
        if own is None:
            before = before_known(events, found, issue.known_at, *texts)
        else:
            before = before_published(own, found[: found.index(own)], len(events), *texts)
        return drafted(self._again(events), issue, before).text

    def _draft(self, events: Sequence[Event], issue: Issue) -> Draft:
        before = before_new(events, self.ruleset, self.earlier)
        return drafted(self._again(events), issue, before)

    def _again(self, events: Sequence[Event]) -> Again:
        from kaocheng.circular.again import assessing

        return assessing(events, self.ruleset, self.earlier)


def _replayed(
    bulletin: Bulletin,
    said: Mapping[str, object] | None,
    own: Publication,
    before: Before,
    again: Again,
) -> Replayed:
    problem = None
    if said is None:
        problem = NOT_PUBLISHED
    elif said["digest"] != digest_of(bulletin):
        problem = CHANGED
    issue = Issue(
        period=bulletin.period,
        as_of=bulletin.as_of,
        known_at=bulletin.known_at,
        language=bulletin.language,
    )
    try:
        text = drafted(again, issue, before).text
    except UnknownNameError as error:
        text = str(error)
    is_other = own.drawn.versions != versions_of(before.text) or own.earlier != before.earlier
    return Replayed(
        case=bulletin.case,
        sequence=bulletin.sequence,
        period=bulletin.period,
        bulletin=bulletin,
        difference=tuple(_difference(bulletin.text, text)),
        problem=problem,
        other_text=is_other,
    )


def _unsaid(bulletin: Bulletin, withdrawn: frozenset[Key]) -> Publication:
    """What there would be in the journal of a bulletin, if that said it."""
    drawn = Drawn(as_of=bulletin.as_of, known_at=bulletin.known_at, versions=bulletin.versions)
    return Publication(
        case=bulletin.case,
        sequence=bulletin.sequence,
        days=(0, 0),
        drawn=drawn,
        position=0,
        withdrawn=withdrawn,
    )


def digest_of(bulletin: Bulletin) -> str:
    """What stands for a bulletin in the journal: SHA-256 of all that is kept of it."""
    return hashlib.sha256(canonical(asdict(bulletin)).encode()).hexdigest()


def _places(events: Sequence[Event]) -> Mapping[tuple[str, int], int]:
    """How many events stand before each event."""
    return {(event.case, event.sequence): place for place, event in enumerate(events)}


def _published(event: Event) -> tuple[str, int]:
    sequence = event.data["sequence"]
    return event.case, sequence if isinstance(sequence, int) else 0


def _why_not_all(unit: UnitOfWork, before: Iterable[Event]) -> Iterator[Refusal]:
    """Why this text cannot speak of all cases of a journal: some are under another one."""
    elsewhere = unit.elsewhere(before)
    if elsewhere:
        first = min(elsewhere)
        refusal = why_elsewhere(first, elsewhere[first], unit.keeper.other_text(first))
        if refusal is not None:
            yield refusal
        yield Refusal("several_texts", {"count": str(len(elsewhere)), "case": first})


def _difference(published: str, now: str) -> Iterator[str]:
    return unified_diff(published.splitlines(), now.splitlines(), "published", "now", lineterm="")
