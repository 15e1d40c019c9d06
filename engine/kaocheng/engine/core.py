"""The engine: one object that decides about events, keeps them and knows what follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy

from attrs import frozen

from kaocheng.calendars.numberline import FIRST_INSTANT, NEVER, format_instant
from kaocheng.calendars.zones import Zones
from kaocheng.engine.cases import Children, LiveContext, LiveIndexes, Record
from kaocheng.engine.deciding import Decider
from kaocheng.engine.folding import Folder
from kaocheng.engine.online import evaluate
from kaocheng.engine.outcome import NOTHING, CaseResults, Outcome, RowView
from kaocheng.engine.refusing import (
    Refused,
    check_case,
    check_correction,
    check_version,
    instant_of,
    time_of,
)
from kaocheng.engine.store import ClashError, MemoryStore, Payload, Receipt, Store
from kaocheng.evaluate.python import Program, compile_plan
from kaocheng.journal.known import Horizon
from kaocheng.language.ruleset import Ruleset
from kaocheng.lifecycle import Access, Decision, Option, Refusal
from kaocheng.model.events import Actor, Correction, Event, Journal
from kaocheng.model.facts import Times

_NO_DATA: Mapping[str, object] = {}
_NO_PARENTS: Mapping[str, Record] = {}


@frozen
class _Keyed:
    """An act under an idempotency key."""

    key: str
    payload: Payload


class Engine:
    """Decides about events under a ruleset, keeps them, and re-assesses their cases.

    An engine is an ordinary object without threads or a clock of its own. **It is for one
    thread at a time**, reading included. What is costly to make, the compiled `program`,
    never changes: give the same one to as many engines as there are threads.

    Args:
        ruleset: the checked ruleset, all its versions.
        store: where events are kept; in memory when it is not given.
        program: the compiled plan of the ruleset, if there is one already.
        clock: gives `recorded_at` of acts that do not say it, in microseconds since 1970
            UTC; without a clock such events have none.
    """

    def __init__(
        self,
        ruleset: Ruleset,
        *,
        store: Store | None = None,
        program: Program | None = None,
        clock: Callable[[], int] | None = None,
    ) -> None:
        zones = Zones()
        self.ruleset = ruleset
        self.store: Store = MemoryStore() if store is None else store
        self.program = compile_plan(ruleset.plan, zones=zones) if program is None else program
        self._clock = clock
        self._folder = Folder(ruleset, self.program, zones)
        self._records: dict[str, Record] = {}
        self._children = Children(self._folder.reach.children)
        self._live = LiveIndexes(self._folder.kinds, self._known, self._children)
        self._context = LiveContext(self._live, FIRST_INSTANT, None)  # of the act in progress
        self._decider = Decider(self._folder, self._context, self._corrected)
        for case in self.store.cases():
            if case.partition("/")[0] in self._children.kinds:
                self._known(case)

    # Acting -------------------------------------------------------------------------------------

    def act(  # noqa: PLR0913 - each says something else about one act
        self,
        case: str,
        event: str,
        *,
        at: int | str,
        actor: Actor | None = None,
        data: Mapping[str, object] | None = None,
        recorded_at: int | str | None = None,
        corrects: Correction | None = None,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Outcome:
        """Do something to a case: decide, keep the event, re-assess the case and its parents.

        An act that is refused, for whatever reason, leaves everything as it was, and its
        outcome carries every reason. A case that does not exist yet is opened. Times are
        microseconds since 1970 UTC or text such as `2009-03-02T09:00:00+08:00`; `at` may be a
        date, where only the day is known. `actor` is trusted, `expected_version` is how many
        events the caller believes the case to have. The same act under the same
        `idempotency_key` gives its first outcome again and another act is refused; only
        accepted acts are remembered.
        """
        carried = _NO_DATA if data is None else dict(data)
        keyed = None
        try:
            if idempotency_key is not None:
                keyed = _Keyed(idempotency_key, (case, event, at, actor, carried, corrects))
                earlier = self._earlier(keyed)
                if earlier is not None:
                    return earlier
            instant, date = time_of("at", at)
            record = self._records.get(case) or self._record(case, instant, date)
            if expected_version is not None:
                check_version(expected_version, record.count)
            recorded = None
            if recorded_at is not None or self._clock is not None:
                recorded = self._recorded_at(recorded_at)
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
            decision, grown = self._decider.decide(record, made)
        except Refused as refused:
            return self._refused(case, refused.refusals)
        return self._keep(record, grown, made, decision, keyed)

    def may(
        self, case: str, *, actor: Actor | None = None, at: int | str | None = None
    ) -> tuple[Option, ...]:
        """Every transition from the case's present state, with all its conditions.

        A case that does not exist stands before its first event; a kind without lifecycle
        has no transitions. Dated facts are read as of `at`, else of the last event.

        Raises:
            ValueError: there is no such kind, or `at` is no time.
        """
        try:
            instant, date = (None, None) if at is None else time_of("at", at)
            record = self._records.get(case) or self._record(case, instant, date)
        except Refused as refused:
            raise ValueError(refused.refusals[0].message()) from refused
        return self._decider.may(record, actor, self._folder.moment(instant, date, record))

    def may_read(
        self, case: str, *, actor: Actor | None = None, at: int | str | None = None
    ) -> Access:
        """Whether the actor may read the case, and every reason if not.

        The ruleset's `readers` decide, in the version in force at `at`, else at the case's
        last event. Whom no reader permits may not, and what is unknown is decided against.

        Raises:
            ValueError: there is no such kind, or `at` is no time.
        """
        try:
            instant, date = (None, None) if at is None else time_of("at", at)
            record = self._records.get(case) or self._record(case, instant, date)
        except Refused as refused:
            raise ValueError(refused.refusals[0].message()) from refused
        return self._decider.may_read(record, actor, self._folder.moment(instant, date, record))

    # Reading ------------------------------------------------------------------------------------

    def state(self, case: str) -> str | None:
        """The state of a case; None without a lifecycle, and where there is no such case."""
        record = self._known(case)
        return None if record is None else record.state.state

    def case(self, case: str) -> RowView | None:
        """The facts of a case as they are now; None where there is no such case."""
        record = self._known(case)
        if record is None or not record.state.exists:
            return None
        return RowView(self.ruleset.plan.relations[record.governed.name], record.row)

    def version(self, case: str) -> int:
        """How many events a case has: what `expected_version` is compared with."""
        record = self._known(case)
        return 0 if record is None else record.count

    def results(self, case: str, *, as_of: int | str | None = None) -> CaseResults:
        """What the online rules say of a case: as of its last event, or of another time.

        At another time later events of the case do not exist; other cases that its rules
        read are taken as they are now.

        Raises:
            ValueError: `as_of` is no instant.
        """
        record = self._known(case)
        if record is None:
            return NOTHING.case_results
        if as_of is None:
            return record.case_results
        try:
            return self._results_at(case, instant_of("as_of", as_of))
        except Refused as refused:
            raise ValueError(refused.refusals[0].message()) from refused

    def journal(self) -> Journal:
        """All events, by case and number."""
        events = [event for case in sorted(self.store.cases()) for event in self.store.load(case)]
        return Journal(events=tuple(sorted(events, key=lambda e: (e.case, e.sequence))))

    @property
    def online(self) -> Mapping[str, tuple[str, ...]]:
        """The rules that acts evaluate, by kind; all others need an assessment."""
        rules = self._folder.reach.rules
        return {kind: tuple(rule.id for rule in found) for kind, found in rules.items()}

    # Records ------------------------------------------------------------------------------------

    def _known(self, case: str) -> Record | None:
        """A case that exists, from the store where it has not been read yet."""
        record = self._records.get(case)
        if record is not None:
            return record
        events = self.store.load(case)
        if not events or case.partition("/")[0] not in self._folder.kinds:
            return None
        record = self._records[case] = self._folder.rebuilt(case, events)
        self._children.note(record.governed.name, case, None, record.row)
        self._reach_children(record)
        evaluate(record, self._context_of(record))
        return record

    def _reach_children(self, record: Record) -> None:
        """A case that reads children is assessed as of the last event of all of them."""
        for case in self._children.of(record.governed.name, record.state.case):
            child = self._known(case)
            if child is not None and child.as_of > record.as_of:
                record.as_of = child.as_of
                record.version = self._folder.version_at(child.as_of)

    def _record(self, case: str, instant: int | None, date: int | None) -> Record:
        """A case that exists, or a new one before its first event."""
        record = self._known(case)
        if record is not None:
            return record
        check_case(case, self._folder.kinds)
        version = self._folder.opening_version(instant, date)
        if version is None:
            at = NEVER if instant is None else instant
            values = {"case": case, "at": format_instant(at, self._folder.zone)}
            raise Refused(Refusal("no_version", values))
        return self._folder.opened(case, version)

    def _recorded_at(self, given: int | str | None) -> int | None:
        if given is not None:
            return instant_of("recorded_at", given)
        return None if self._clock is None else self._clock()

    def _corrected(self, case: str, corrects: Correction) -> tuple[Event, ...]:
        """The events of a case in which there is something to correct."""
        events = tuple(self.store.load(case))
        check_correction(corrects, {event.sequence for event in events})
        return events

    def _earlier(self, keyed: _Keyed) -> Outcome | None:
        receipt = self.store.receipt(keyed.key)
        if receipt is None:
            return None
        if receipt.payload != keyed.payload or not isinstance(receipt.outcome, Outcome):
            raise Refused(Refusal("key_reused", {"key": keyed.key}))
        return receipt.outcome

    def _refused(self, case: str, refusals: tuple[Refusal, ...]) -> Outcome:
        record = self._known(case)
        state = None if record is None else record.state.state
        decision = Decision(allowed=False, reasons=refusals, state_before=state, state_after=state)
        return Outcome(decision, None, NOTHING if record is None else record)

    def _keep(
        self,
        before: Record,
        record: Record,
        made: Event,
        decision: Decision,
        keyed: _Keyed | None,
    ) -> Outcome:
        """Evaluate everything and keep the event; whatever fails, it all stays as it was."""
        case, undo, context = made.case, _NO_PARENTS, self._context
        if self._children.kinds:
            self._reach_children(record)
        context.as_of = context.moment = record.as_of
        context.version = record.version
        self._records[case] = record
        try:
            evaluate(record, context, None if made.corrects else before)
            outcome = Outcome(decision, made, record)
            if record.governed.watched:
                undo = self._note(before, record)
                found = {parent: self._records[parent].case_results for parent in undo}
                outcome = Outcome(decision, made, record, found)
            if keyed is None:
                self.store.append(made)
            else:
                self.store.append(made, Receipt(keyed.key, keyed.payload, outcome))
        except BaseException as error:
            self._records.update(undo)
            self._undo(before, record, forget=isinstance(error, ClashError))
            raise
        return outcome

    def _note(self, before: Record, record: Record) -> Mapping[str, Record]:
        """Assess again the cases that read this one as a child; gives them as they were."""
        kind, case = record.governed.name, record.state.case
        self._children.note(kind, case, before.row if before.count else None, record.row)
        were: dict[str, Record] = {}
        for name in self._children.parents(kind, before.row, record.row):
            known = None if name == case else self._known(name)
            if known is not None:
                were[name] = known
                parent = self._records[name] = known.later(record.as_of)
                parent.version = self._folder.version_at(parent.as_of)
                evaluate(parent, self._context_of(parent))
        return were

    def _undo(self, before: Record, record: Record, *, forget: bool) -> None:
        """Show the case as it was; one that somebody else has changed is read again."""
        kind, case = record.governed.name, record.state.case
        if record.governed.watched:
            self._children.note(kind, case, record.row, before.row if before.count else None)
        if before.count and not forget:
            self._records[case] = before
        else:
            self._records.pop(case, None)

    def _results_at(self, case: str, instant: int) -> CaseResults:
        horizon = Horizon.of(Times(as_of=instant), self._folder.zone)
        record = self._folder.rebuilt(case, self.store.load(case), horizon)
        record.as_of = instant
        record.version = self._folder.version_at(instant)
        present = self._records[case]
        self._records[case] = record
        try:
            evaluate(record, self._context_of(record))
        finally:
            self._records[case] = present
        return record.case_results

    def _context_of(self, record: Record) -> LiveContext:
        return LiveContext(self._live, record.as_of, record.version)
