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

from kaocheng.assessing import assess
from kaocheng.assessment import Assessment
from kaocheng.engine.database import Bulletin, Database, Units
from kaocheng.engine.outcome import Outcome
from kaocheng.engine.refusing import why_elsewhere
from kaocheng.engine.store import Store
from kaocheng.engine.unit_of_work import UnitOfWork
from kaocheng.errors import ArgumentError, UnknownNameError
from kaocheng.journal.json_text import canonical
from kaocheng.journal.known import voided_by
from kaocheng.journal.texts import Text, names, shown
from kaocheng.journal.unknown import NO_PERIOD, check_known
from kaocheng.language.ruleset import Ruleset
from kaocheng.lifecycle import Refusal
from kaocheng.model.events import PUBLICATION, Event, Journal

if TYPE_CHECKING:
    from kaocheng.circular.changes import Bulletin as Earlier

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
    the text that is kept, and `bulletin` is nothing where there is none. `versions_changed`
    says that the ruleset is not the one under which it was published.
    """

    case: str
    sequence: int
    period: str
    bulletin: Bulletin | None = None
    difference: tuple[str, ...] = ()
    problem: Text | None = None
    versions_changed: bool = False

    @property
    def same(self) -> bool:
        """Whether it is what was published, and comes out again."""
        return self.problem is None and not self.difference


@frozen(kw_only=True)
class Issue:
    """What is to be published: of which period, at which two times, in which language.

    `is_now` says that nobody has stated the world's time, so that it is that of the publication.
    """

    period: str
    as_of: int
    known_at: int
    language: str
    is_now: bool = False

    def is_of(self, earlier: Bulletin) -> bool:
        """Whether that is what was published; done again, what is of now is of then."""
        as_of = earlier.known_at if self.is_now else self.as_of
        asked = (self.period, self.language, as_of)
        return asked == (earlier.period, earlier.language, earlier.as_of)

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
class _From:
    """What a circular was drawn up from: its two times, and how many events stood before it."""

    as_of: int
    known_at: int
    end: int


Drawn = Mapping[str, Sequence[_From]]
"""What circulars were drawn up from, by their cases."""

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
    """Publishes under a ruleset; `hashes` are those of its versions."""

    ruleset: Ruleset
    hashes: tuple[str, ...]

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

        Raises:
            UnknownNameError: the ruleset has no rows for the period.
        """
        before = store.journal()
        text = self.text(before, issue, _drawn(before, _finder(store.bulletins())))
        with units.write() as unit:
            if unit.keeper.position != len(before):
                before = unit.keeper.journal()
                text = self.text(before, issue, _drawn(before, unit.keeper.bulletin))
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
            refusals = (*_why_not_all(unit, before), *_published_before(unit, before, event, issue))
            if refusals:
                return unit.refused(event.case, refusals), None
            bulletin = issue.bulletin(event, text, self.hashes)
            said = {"sequence": event.sequence, "period": issue.period}
            unit.keeper.publish(bulletin)
            unit.say_published(event.case, said | {"digest": digest_of(bulletin)})
        return outcome, bulletin

    def replay(self, store: Database) -> Iterator[Replayed]:
        """Compute again what was published, and compare it with what is kept and journaled."""
        events = store.journal()
        places = _places(events)
        journaled = {_published(e): e.data for e in events if e.event == PUBLICATION}
        bulletins = store.bulletins()
        drawn = _drawn(events, _finder(bulletins))
        for bulletin in bulletins:
            said = journaled.pop((bulletin.case, bulletin.sequence), None)
            place = places.get((bulletin.case, bulletin.sequence), len(events))
            yield self._replayed(bulletin, said, events[:place], drawn)
        for (case, sequence), said in journaled.items():
            period = str(said["period"])
            yield Replayed(case=case, sequence=sequence, period=period, problem=GONE)

    def _replayed(
        self,
        bulletin: Bulletin,
        said: Mapping[str, object] | None,
        before: Sequence[Event],
        drawn: Drawn,
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
            text = self.text(before, issue, drawn)
        except UnknownNameError as error:
            text = str(error)
        return Replayed(
            case=bulletin.case,
            sequence=bulletin.sequence,
            period=bulletin.period,
            bulletin=bulletin,
            difference=tuple(_difference(bulletin.text, text)),
            problem=problem,
            versions_changed=bulletin.versions != self.hashes,
        )

    def circular(self, store: Store | Database, journal: Journal, issue: Issue) -> str:
        """The text of a circular as it would be published now.

        Raises:
            UnknownNameError: the ruleset has no rows for the period.
        """
        if not isinstance(store, Database):
            return self.text(journal.events, issue, {})
        events = store.journal()
        return self.text(events, issue, _drawn(events, _finder(store.bulletins())))

    def text(self, events: Sequence[Event], issue: Issue, drawn: Drawn) -> str:
        """The text of a circular that is drawn up from events.

        An earlier one knew no event that stands behind it, whatever clock recorded that: `drawn`
        says by its case what it was drawn up from.

        Raises:
            UnknownNameError: the ruleset has no rows for the period.
        """
        from kaocheng.circular import as_markdown, compose, periods_of

        period = issue.period
        if not isinstance(period, str):
            raise ArgumentError("period", "must be text", zh="应为文本")

        def assess_at(as_of: int, known_at: int, end: int | None = None) -> Assessment:
            journal = Journal(events=tuple(events[:end]))
            return assess(self.ruleset, journal, as_of=as_of, known_at=known_at)

        def again(earlier: Earlier) -> Assessment:
            drawn_up = [at for at in drawn.get(earlier.case, ()) if at.end < len(events)]
            if not drawn_up:
                return assess_at(earlier.known_at, earlier.known_at)
            last = max(drawn_up, key=lambda at: at.end)
            return assess_at(last.as_of, last.known_at, last.end)

        assessment = assess_at(issue.as_of, issue.known_at)
        check_known("period", period, periods_of(assessment), NO_PERIOD)
        return as_markdown(compose(assessment, period, again=again, language=issue.language))


def digest_of(bulletin: Bulletin) -> str:
    """What stands for a bulletin in the journal: SHA-256 of all that is kept of it."""
    return hashlib.sha256(canonical(asdict(bulletin)).encode()).hexdigest()


def _finder(bulletins: Sequence[Bulletin]) -> Callable[[str, int], Bulletin | None]:
    found = {(bulletin.case, bulletin.sequence): bulletin for bulletin in bulletins}
    return lambda case, sequence: found.get((case, sequence))


def _drawn(events: Sequence[Event], find: Callable[[str, int], Bulletin | None]) -> Drawn:
    """What was published was drawn up from, by its case."""
    places = _places(events)
    published = [_published(event) for event in events if event.event == PUBLICATION]
    found = [(find(*one), places.get(one)) for one in published]
    drawn: dict[str, list[_From]] = {}
    for bulletin, place in found:
        if bulletin is not None and place is not None:
            times = _From(as_of=bulletin.as_of, known_at=bulletin.known_at, end=place)
            drawn.setdefault(bulletin.case, []).append(times)
    return drawn


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


def _published_before(
    unit: UnitOfWork, before: Iterable[Event], act: Event, issue: Issue
) -> Iterator[Refusal]:
    """By what the period was published already, in whatever language, by a case of the kind."""
    for event in before:
        if event.event != PUBLICATION or event.kind != act.kind:
            continue
        case, sequence = _published(event)
        if event.data["period"] != issue.period or sequence in voided_by(unit.keeper.load(case)):
            continue
        values = {"period": issue.period, "case": case, "sequence": str(sequence)}
        yield Refusal("already_published", values)


def _difference(published: str, now: str) -> Iterator[str]:
    return unified_diff(published.splitlines(), now.splitlines(), "published", "now", lineterm="")
