"""One stretch of work on cases: decide about events, keep them, re-assess what they touch.

What it works on comes from a `Keeper`: in memory for as long as the engine lives, in a
database for one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from functools import partial

from attrs import field, frozen

from kaocheng.calendars.numberline import FIRST_INSTANT
from kaocheng.engine.asking import asked_time, instant, no_such
from kaocheng.engine.cases import LiveContext, Noted, Record
from kaocheng.engine.checking import check_act, check_actor, check_name, why_no_name
from kaocheng.engine.deciding import Decider
from kaocheng.engine.finding import Found
from kaocheng.engine.firing import Firing
from kaocheng.engine.folding import Folder
from kaocheng.engine.keeping import Change, Keeper, Keyed
from kaocheng.engine.loading import BadEventError, Doubt
from kaocheng.engine.migrating import FACTS, MigrationPlan, Told, Verdict, together
from kaocheng.engine.online import evaluate
from kaocheng.engine.outcome import NOTHING, CaseResults, Outcome
from kaocheng.engine.reach import Child
from kaocheng.engine.records import Records
from kaocheng.engine.refusing import (
    Elsewhere,
    Refused,
    Time,
    check_ahead,
    check_case,
    check_correction,
    check_here,
    check_revived,
    check_sequence,
    hole_before,
    instant_of,
    time_of,
    time_said,
)
from kaocheng.engine.store import ClashError, Payload
from kaocheng.lifecycle import Access, Decision, Option, Refusal
from kaocheng.model.events import MIGRATION, PUBLICATION, SILENT, TIMER, Actor, Correction, Event

_NO_DATA: Mapping[str, object] = {}
_NO_PARENTS: Mapping[str, Record] = {}
_NO_RESULTS: Mapping[str, CaseResults] = {}
_NOTHING_NOTED: Noted = ()
_SILENT = Decision(allowed=True, reasons=(), state_before=None, state_after=None)


@frozen(kw_only=True, eq=False)
class Parts:
    """What all units of an engine share."""

    folder: Folder
    clock: Callable[[], int] | None
    records: Records = field(factory=Records)


class UnitOfWork:
    """Works on the cases of one keeper; for one thread at a time, reading included."""

    def __init__(self, parts: Parts, keeper: Keeper, known: Iterable[str] = ()) -> None:
        self.keeper = keeper
        self._clock = parts.clock
        self._folder = parts.folder
        self._found = Found(parts.folder, keeper)
        self._records = self._found.records
        self._children = self._found.children
        self._context = LiveContext(self._found.live, FIRST_INSTANT, None)  # of the act in progress
        self._firing = Firing(self._found, keeper, self._going_on, self._keep_timer)
        self._decider = Decider(parts.folder, self._context, self._corrected)
        self._behind: Collection[str] = ()  # cases that go over next to another text
        # What was refused last: what had been done before it is then to be taken back.
        self.refusal: tuple[str, tuple[Refusal, ...]] | None = None
        children = [case for case in known if case.partition("/")[0] in self._children.kinds]
        for case in children:  # all of them before any is assessed: it may read the others
            before = None
            for step in parts.folder.steps(case, keeper.load(case)):
                self._children.note(case, before, step)
                before = step
        for case in children:
            self.known(case)

    def act(  # noqa: PLR0913 - each says something else about one act
        self,
        case: str,
        event: str,
        data: Mapping[str, object] | None = None,
        *,
        at: int | str | None = None,
        actor: Actor | None = None,
        recorded_at: int | str | None = None,
        corrects: Correction | None = None,
        expected_sequence: int | None = None,
        idempotency_key: str | None = None,
    ) -> Outcome:
        """Decide, keep the event, re-assess the case and its parents; see `Engine.act`.

        What was due before the act, on the case and on those that read it, is done first. A
        unit that refuses an act may have done so: its work is then to be taken back.
        """
        said, stated = at, recorded_at  # under its key an act that is done now is the same later
        if at is None and self._clock is not None:
            at = self._clock()
            recorded_at = at if recorded_at is None else recorded_at
        try:
            corrects = check_act(
                case,
                event,
                at=at,
                actor=actor,
                data=data,
                corrects=corrects,
                recorded_at=recorded_at,
                expected_sequence=expected_sequence,
                idempotency_key=idempotency_key,
            )
            carried = _NO_DATA if data is None else dict(data)
            keyed = self._keyed(idempotency_key, (case, event, said, actor, carried, corrects))
            if keyed is not None and (earlier := keyed.earlier(self.keeper)) is not None:
                return earlier
            instant, date = time_of("at", at)
            record = self._going_on(self._records.get(case) or self._record(case, instant, date))
            seen = record.state.sequence
            check_sequence(expected_sequence, seen, partial(self.keeper.load, case))
            instant = record.no_earlier(instant) if said is None else instant
            recorded = self._recorded(recorded_at, (instant, date), corrects)
            record = self._after_timers(record, self._folder.moment(instant, date, record))
            recorded = record.no_earlier(recorded) if stated is None else recorded
            made = Event(
                case=case,
                sequence=record.state.sequence + 1,
                event=event,
                at=instant,
                date=date,
                recorded_at=recorded,
                actor=actor,
                data=deepcopy(carried) if record.governed.carries_lists else carried,
                corrects=corrects,
            )
            return self._decided(record, made, keyed)
        except Refused as refused:
            return self.refused(case, refused.refusals)

    def _decided(self, record: Record, made: Event, keyed: Keyed | None) -> Outcome:
        """Keep what may happen, after what was due on the cases that read this one."""
        decision, grown = self._decider.decide(record, made)
        if record.governed.watched:
            moment = self._folder.moment(made.at, made.date, record)
            self._firing.fire_above(record, grown, before=moment)
            record = self._records.get(made.case, record)
        return self._keep(Change(made, record, grown), decision, keyed)

    def fire(self, case: str, *, before: int) -> Sequence[Outcome]:
        """Do what was due on a case before an instant; see `Firing.fire`."""
        return self._firing.fire(case, before=before)

    def migrate(
        self,
        case: str,
        going: dict[str, Verdict],
        plan: MigrationPlan,
        *,
        at: int,
        data: Mapping[str, object],
    ) -> int:
        """Go on with a case under this ruleset, and with those with which it goes; see `together`.

        Each is assessed anew, with a journaled reason. What has gone over, or has been seen to
        stay, is taken out of `going`. Gives how many went.
        """
        names, go = together(case, going, plan, self)
        verdicts = [going.pop(name) for name in names if name in going]
        if not go:
            return 0
        # Who reads others goes last, so that it is assessed once, when they are there.
        kinds = self._children.kinds
        self._behind = set(names)
        for verdict in sorted(verdicts, key=lambda one: (one.kind not in kinds, one.case)):
            self._behind.remove(verdict.case)
            self._go_over(verdict, at, data)
        return len(names)

    def parents(self, record: Record) -> Iterable[str]:
        """The other cases that read a case as a child, whether they exist or not."""
        named = self._children.parents(record.governed.name, record.row)
        return [name for name in named if name != record.state.case]

    def children(self, case: str, also: Iterable[Child] = ()) -> Iterable[str]:
        """The cases that a case reads as children, or would by the rules of another text too."""
        found: dict[str, None] = {}
        for child in (*self._folder.reach.children, *also):
            if child.parent == case.partition("/")[0]:
                found.update(dict.fromkeys(self._children.cases(child.kind, child.column, case)))
        return found

    def _go_over(self, verdict: Verdict, at: int, data: Mapping[str, object]) -> None:
        """Keep a case under this ruleset, and the cases it names, as rules may read others."""
        case = verdict.case
        record = self._records[case]
        if record.governed.watched:
            opened = self._folder.opened(case, record.governed.version)
            steps = (opened, *self._folder.steps(case, self.keeper.load(case)))
            self.keeper.link(steps, anew=FACTS in verdict.changes)
        self._keep_silent(record, MIGRATION, at, data, verdict.told)

    def load(self, batch: Iterable[tuple[str, Sequence[Event]]]) -> list[Doubt]:
        """Keep the events of cases as they are, in the order of their numbers.

        What an act would have been refused for is listed. Cases are assessed once all of
        the batch is there.

        Raises:
            BadEventError: an event cannot be kept.
            ClashError: a case already has an event of a number.
        """
        doubts: list[Doubt] = []
        were, noted = dict(self._records), list[Noted]()
        try:
            self._take([(e, self._steps(case, e, doubts, noted)) for case, e in batch])
        except BaseException:
            self._records.clear()
            self._records.update(were)
            self._found.expect_nothing()
            for notes in reversed(noted):
                self._children.restore(notes)
            raise
        return doubts

    def say_published(self, case: str, said: Mapping[str, object]) -> None:
        """Journal what was published."""
        record = self._records[case]
        self._keep_silent(record, PUBLICATION, record.as_of, said)

    def may(
        self, case: str, *, actor: Actor | None = None, at: int | str | None = None
    ) -> tuple[Option, ...]:
        """Every transition from the case's present state; see `Engine.may`."""
        check_actor(actor)
        record, now = self._looked_at(case, at)
        return self._decider.may(record, actor, now)

    def may_read(
        self, case: str, *, actor: Actor | None = None, at: int | str | None = None
    ) -> Access:
        """Whether the actor may read the case; see `Engine.may_read`."""
        check_actor(actor)
        record, now = self._looked_at(case, at)
        if at is None and self._clock is not None:
            now = max(now, self._clock())
        return self._decider.may_read(record, actor, now)

    def results(self, case: str, *, as_of: int | str | None = None) -> CaseResults:
        """What the online rules say of a case; see `Engine.results`."""
        record = self.known(case)
        if record is None or as_of is None:
            return (NOTHING if record is None else record).case_results
        return self._found.results_at(case, instant("as_of", as_of))

    def is_here(self, record: Record) -> bool:
        """Whether a case is under this text of the ruleset: what it said, others were told."""
        return not record.left and not self.keeper.other_text(record.state.case)

    def elsewhere(self, events: Iterable[Event]) -> Mapping[str, int]:
        """The cases of a journal under another text, and by which event they went over, if any."""
        return dict.fromkeys(self.keeper.elsewhere(), 0) | dict(self._folder.gone(events))

    def known(self, case: str) -> Record | None:
        """A case that exists, from the keeper where it has not been read yet."""
        return self._found.known(case)

    def refused(self, case: str, refusals: tuple[Refusal, ...]) -> Outcome:
        """The outcome of an act that is refused."""
        self.refusal = (case, refusals)
        record = self.known(case) if why_no_name(case) is None else None
        state = None if record is None else record.state.state
        decision = Decision(allowed=False, reasons=refusals, state_before=state, state_after=state)
        return Outcome(decision, None, NOTHING if record is None else record)

    # Records ------------------------------------------------------------------------------------

    def _steps(
        self, case: str, events: Sequence[Event], doubts: list[Doubt], noted: list[Noted]
    ) -> Sequence[Record]:
        """A case before and after each of its events of the past."""
        first = events[0]
        try:
            steps = [self._going_on(self._record(case, first.at, first.date))]
        except Refused as refused:
            raise BadEventError(case, first.sequence, refused.refusals) from refused
        for place, event in enumerate(events):
            if event.sequence <= steps[-1].state.sequence:
                raise ClashError(case, event.sequence)
            record = self._taken(steps[-1], event, events[:place], doubts)
            if record.governed.watched:
                noted.append(self._link(steps[-1], record))
            steps.append(record)
        try:
            check_here(case, steps[-1].left, ())
        except Refused as refused:
            raise BadEventError(case, steps[-1].left, refused.refusals) from refused
        self._records[case] = steps[-1]
        return steps

    def _taken(
        self, record: Record, event: Event, before: Sequence[Event], doubts: list[Doubt]
    ) -> Record:
        """The record after an event of the past, whatever the lifecycle says of it."""
        reasons = hole_before(event.sequence, record.state.sequence)
        grown = None
        if event.event not in SILENT:
            try:
                _, grown = self._decider.decide(record, event, before)
            except Refused as refused:
                reasons += refused.refusals
        if reasons:
            doubts.append(Doubt(case=event.case, sequence=event.sequence, reasons=reasons))
        if grown is not None:
            return grown
        if event.corrects is None:
            return self._folder.grown(record, event)
        events = (*self.keeper.load(event.case), *before, event)
        return self._folder.rebuilt(event.case, events)

    def _take(self, grown: Sequence[tuple[Sequence[Event], Sequence[Record]]]) -> None:
        """Assess cases of which all events are there, and keep them."""
        coming = {steps[-1].state.case: events for events, steps in grown}
        self._found.expect(coming)
        for case in coming:
            self.known(case)
        but = set(coming)
        for events, steps in grown:
            try:
                self.keeper.take(events, steps, self._again(steps, but))
                self._found.came(steps[-1].state.case)
            except Refused as refused:
                number = refused.sequence or events[-1].sequence
                raise BadEventError(events[0].case, number, refused.refusals) from refused

    def _again(self, steps: Sequence[Record], ours: Collection[str]) -> list[tuple[Record, Record]]:
        """The parents of a case that has been loaded, each before and after, but for `ours`."""
        if not steps[-1].governed.watched:
            return []
        were = self._assess_parents(steps, ours)
        return [(old, self._records[name]) for name, old in were.items()]

    def _checked(self, record: Record) -> Record:
        """A case with which this engine may go on: it is new, or under this text of the ruleset."""
        if record.count:
            case = record.state.case
            check_here(case, record.left, self.keeper.other_text(case))
        return record

    def _going_on(self, record: Record) -> Record:
        """The same, where the cases that read it are under the text under which it is itself."""
        if record.count and record.governed.watched:
            case, is_here = record.state.case, self.is_here(record)
            for name in self.parents(record):
                parent = self.known(name)
                if parent is not None and self.is_here(parent) != is_here:
                    raise Elsewhere(Refusal("parted", {"case": case, "parent": name}))
        return self._checked(record)

    def _looked_at(self, case: str, at: int | str | None) -> tuple[Record, int]:
        """A case that somebody asks about, and as of when."""
        check_name("case", case)
        instant, date = (None, None) if at is None else asked_time("at", at)
        try:
            record = self._records.get(case) or self._record(case, instant, date)
        except Refused as refused:
            raise no_such(refused) from refused
        return record, self._folder.moment(instant, date, record)

    def _record(self, case: str, instant: int | None, date: int | None) -> Record:
        """A case that exists, or a new one before its first event."""
        record = self.known(case)
        if record is not None:
            return record
        check_case(case, self._folder.kinds)
        version = self._folder.opening_version(instant, date)
        if version is None:
            seen = time_said(instant, date, self._folder.zone)
            raise Refused(Refusal("no_version", {"case": case, "at": seen}))
        return self._folder.opened(case, version)

    def _after_timers(self, record: Record, before: int) -> Record:
        case = record.state.case
        is_done = record.count and self._firing.fire(case, before=before)
        return self._records[case] if is_done else record

    def _recorded(
        self, given: int | str | None, time: Time, corrects: Correction | None
    ) -> int | None:
        """When an act is recorded, by when it should have happened."""
        if given is not None:
            recorded_at: int | None = instant_of("recorded_at", given)
        else:
            recorded_at = None if self._clock is None else self._clock()
        check_ahead(time, corrects, recorded_at, self._folder.zone)
        return recorded_at

    def _corrected(
        self, case: str, corrects: Correction, before: Iterable[Event]
    ) -> tuple[Event, ...]:
        """The events of a case in which there is something to correct."""
        events = (*self.keeper.load(case), *before)
        check_correction(corrects, events)
        check_revived(case, corrects, events, self.keeper)
        return events

    def _keyed(self, key: str | None, payload: Payload) -> Keyed | None:
        return None if key is None else Keyed(key, self.keeper.seal(payload))

    def _keep(self, change: Change, decision: Decision, keyed: Keyed | None) -> Outcome:
        """Evaluate everything and keep the event; whatever fails, it all stays as it was."""
        made, before, record = change.event, change.before, change.record
        case, undo, context, noted = made.case, _NO_PARENTS, self._context, _NOTHING_NOTED
        try:
            if record.governed.watched:
                noted = self._link(before, record)
            self._records[case] = record
            if self._children.kinds:
                read = self._found.reach_children(record)
                for child in () if before.count else read:
                    self._checked(child)
            context.begin(record.as_of, record.version)
            evaluate(record, context, None if made.corrects else before)
            outcome = Outcome(decision, made, record, _NO_RESULTS, before)
            if record.governed.watched:
                undo = self._assess_parents((before, record), self._behind)
                change.parents = [(old, self._records[name]) for name, old in undo.items()]
                found = {name: self._records[name].case_results for name in undo}
                named = self._children.parents(record.governed.name, record.row)
                unknown = tuple(name for name in named if name not in found and name != case)
                outcome = Outcome(decision, made, record, found, before, unknown)
            change.outcome = outcome
            if keyed is not None:
                change.receipt = keyed.receipt(outcome)
            self.keeper.keep(change)
        except BaseException as error:
            self._records.update(undo)
            self._children.restore(noted)
            self._undo(before, case, forget=isinstance(error, ClashError))
            raise
        return outcome

    def _keep_timer(self, record: Record, at: int, rules: Sequence[str]) -> Outcome:
        return self._keep_silent(record, TIMER, at, {"rules": list(rules)})

    def _keep_silent(
        self,
        record: Record,
        event: str,
        at: int,
        data: Mapping[str, object],
        told: Told | None = None,
    ) -> Outcome:
        """Keep an event that changes no fact, and the case as it is assessed then."""
        made = Event(
            case=record.state.case,
            sequence=record.state.sequence + 1,
            event=event,
            at=at,
            recorded_at=record.no_earlier(None if self._clock is None else self._clock()),
            data=data,
        )
        change = Change(made, record, self._folder.grown(record, made), told)
        return self._keep(change, _SILENT, None)

    def _link(self, before: Record, record: Record) -> Noted:
        """Let a case be found by those it names, after reading those as they are without it."""
        row = before.row if before.count else None
        for name in self._children.parents(record.governed.name, row, record.row):
            self.known(name)
        return self._children.note(record.state.case, before, record)

    def _assess_parents(
        self, steps: Sequence[Record], but: Collection[str] = ()
    ) -> Mapping[str, Record]:
        """Assess again the cases that read this one as a child; gives them as they were."""
        kind, case = steps[-1].governed.name, steps[-1].state.case
        were: dict[str, Record] = {}
        for name in self._children.parents(kind, *(step.row for step in steps)):
            known = None if name == case or name in but else self.known(name)
            if known is not None:
                were[name] = self._checked(known)
        for name, known in were.items():
            parent = self._records[name] = known.again()
            self._found.assess(parent)
        return were

    def _undo(self, before: Record, case: str, *, forget: bool) -> None:
        """Show the case as it was; one that somebody else has changed is read again."""
        self._found.restore(case, before if before.count and not forget else None)
