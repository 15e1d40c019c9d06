"""The engine: one object that decides about events, keeps them and knows what follows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from copy import copy
from typing import TYPE_CHECKING

from kaocheng.arguments import RULESET, check_is
from kaocheng.assessing import Evaluator
from kaocheng.calendars.zones import Zones
from kaocheng.engine.actions import Action, actions_of
from kaocheng.engine.asking import assessed, given, instant
from kaocheng.engine.checking import (
    check_actor,
    check_come,
    check_filters,
    check_flag,
    check_limit,
    check_listed,
    check_name,
    check_parts,
    checked_clock,
    no_clock,
)
from kaocheng.engine.database import Bulletin, Database, Listed, Ticked, Units, Wanted, load_all
from kaocheng.engine.drafting import Issue
from kaocheng.engine.folding import Folder
from kaocheng.engine.loading import Loaded, checked
from kaocheng.engine.memory import MemoryUnits, in_memory
from kaocheng.engine.migrating import MigrationPlan, carried_out, check_migration, planned
from kaocheng.engine.outcome import CaseResults, Outcome, RowView
from kaocheng.engine.publishing import Publisher, Replayed, check_language
from kaocheng.engine.store import MemoryStore, Store
from kaocheng.engine.ticking import ticked
from kaocheng.engine.unit_of_work import Parts, UnitOfWork
from kaocheng.engine.visible import Visible
from kaocheng.evaluate.python import Program, compile_plan
from kaocheng.journal.input_format import Progress, no_progress
from kaocheng.journal.known import Horizon, Moment, in_force
from kaocheng.journal.unknown import NO_RULE, check_known
from kaocheng.language.ruleset import Ruleset
from kaocheng.lifecycle import Access, Option
from kaocheng.model.events import Actor, Correction, Event, Journal

if TYPE_CHECKING:
    from kaocheng.assessment import Assessment
    from kaocheng.explaining import Explanation


class Engine:
    """Decides about events under a ruleset, keeps them, and re-assesses their cases.

    An engine is an ordinary object without threads or a clock of its own. **It is for one
    thread at a time**, reading included. What is costly to make, the compiled `program`,
    never changes: give the same one to as many engines as there are threads.

    Args:
        ruleset: the checked ruleset, all its versions.
        store: where events are kept; in memory when it is not given.
        program: the compiled plan of the ruleset, if there is one already.
        clock: gives `at` and `recorded_at` of acts that do not say them, in microseconds since
            1970 UTC. Without a clock `at` must be said, and such events have no `recorded_at`.
            One that gives anything else is an `ArgumentError` when it is read.
        earlier: texts that the ruleset had before, under which circulars were published.

    Raises:
        ArgumentError: one of these is something else.
    """

    def __init__(
        self,
        ruleset: Ruleset,
        *,
        store: Store | Database | None = None,
        program: Program | None = None,
        clock: Callable[[], int] | None = None,
        earlier: Collection[Ruleset] = (),
    ) -> None:
        check_parts(ruleset, store, program, clock, earlier)
        zones = Zones()
        self.ruleset = ruleset
        self.store: Store | Database = MemoryStore() if store is None else store
        self.program = compile_plan(ruleset.plan, zones=zones) if program is None else program
        self._folder = Folder(ruleset, self.program, zones)
        present = None if clock is None else checked_clock(clock)
        self._parts = Parts(folder=self._folder, clock=present)
        self._publisher = Publisher(ruleset=ruleset, earlier=tuple(earlier))
        if isinstance(self.store, Database):
            self._units: Units = self.store.units(self._parts)
        else:
            self._units = MemoryUnits(self._parts, self.store)

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
        dry_run: bool = False,
    ) -> Outcome:
        """Do something to a case: decide, keep the event, re-assess the case and its parents.

        An act that is refused, for whatever reason, leaves everything as it was, and its
        outcome carries every reason. A case that does not exist yet is opened. Times are
        microseconds since 1970 UTC or text such as `2009-03-02T09:00:00+08:00`; `at` may be a
        date, where only the day is known, and is now by the engine's clock where it is not
        said. `actor` is trusted, `expected_sequence` is the number
        of the last event that the caller has seen (`Engine.sequence`). The same act under
        the same `idempotency_key` gives its first outcome again and another act is refused;
        only accepted acts are remembered. With `dry_run` the outcome is what would come of
        the act, and nothing is kept.

        Where timers are kept, what was due on the case before the act is done first, so
        that it does not matter when somebody looked at the clock.
        """
        check_flag("dry_run", dry_run)
        with self._units.write(keep=not dry_run) as unit:
            return unit.act(
                case,
                event,
                data,
                at=at,
                actor=actor,
                recorded_at=recorded_at,
                corrects=corrects,
                expected_sequence=expected_sequence,
                idempotency_key=idempotency_key,
            )

    def may(
        self, case: str, *, actor: Actor | None = None, at: int | str | None = None
    ) -> tuple[Option, ...]:
        """Every transition from the case's present state, with all its conditions.

        A case that does not exist stands before its first event; a kind without lifecycle
        has no transitions. Dated facts are read as of `at`, else of the last event.

        Raises:
            ArgumentError: there is no such kind, or `at` is no time.
        """
        with self._units.read() as unit:
            return unit.may(case, actor=actor, at=at)

    def may_read(
        self, case: str, *, actor: Actor | None = None, at: int | str | None = None
    ) -> Access:
        """Whether the actor may read the case, and every reason if not.

        The ruleset's `readers` decide, in the version in force at `at`, else by the engine's clock,
        else at the last event. Whom none permits may not; what is unknown is decided against.

        Raises:
            ArgumentError: there is no such kind, or `at` is no time.
        """
        with self._units.read() as unit:
            return unit.may_read(case, actor=actor, at=at)

    # Reading ------------------------------------------------------------------------------------

    def state(self, case: str) -> str | None:
        """The state of a case; None without a lifecycle, and where there is no such case."""
        with self._units.read() as unit:
            record = unit.known(case)
            return None if record is None else record.state.state

    def case(self, case: str) -> RowView | None:
        """The facts of a case as they are now; None where there is no such case."""
        with self._units.read() as unit:
            record = unit.known(case)
            if record is None or not record.state.exists:
                return None
            return RowView(self.ruleset.plan.relations[record.governed.name], record.row)

    def sequence(self, case: str) -> int:
        """The number of a case's last event: what `expected_sequence` is compared with."""
        with self._units.read() as unit:
            record = unit.known(case)
            return 0 if record is None else record.state.sequence

    def results(self, case: str, *, as_of: int | str | None = None) -> CaseResults:
        """What the online rules say of a case: as of its last event, or of another time.

        At another time later events of the case, and of others that its rules read, do not
        exist.

        Raises:
            ArgumentError: `as_of` is no instant.
        """
        with self._units.read() as unit:
            return unit.results(case, as_of=as_of)

    def actions(
        self, case: str, *, actor: Actor | None = None, at: int | str | None = None
    ) -> tuple[Action, ...]:
        """What can be done with the case now, event by event: allowed, or every reason why not.

        Raises:
            ArgumentError: there is no such kind, or `at` is no time.
        """
        return actions_of(self.may(case, actor=actor, at=at))

    def history(
        self, case: str, *, as_of: int | str | None = None, known_at: int | str | None = None
    ) -> tuple[Event, ...]:
        """The events of a case as of a time, as they were known at another, as corrected then."""
        check_name("case", case)
        zone = self._folder.zone
        as_of, known_at = instant("as_of", as_of), instant("known_at", known_at)
        horizon = Horizon(
            as_of=None if as_of is None else Moment.of(as_of, zone),
            known_at=None if known_at is None else Moment.of(known_at, zone),
        )
        return tuple(in_force(self.store.load(case), horizon)[0])

    def assess(
        self,
        *,
        as_of: int | str | None = None,
        known_at: int | str | None = None,
        evaluator: Evaluator = "python",
    ) -> Assessment:
        """Everything the ruleset says of all cases; as of the last event if not said otherwise."""
        return assessed(
            self.ruleset, self.journal(), as_of=as_of, known_at=known_at, evaluator=evaluator
        )

    def standings(
        self, name: str, *, as_of: int | str | None = None, known_at: int | str | None = None
    ) -> tuple[Mapping[str, object], ...]:
        """The rows of a standing, a tally or any other rule of the ruleset, by assessment.

        Raises:
            UnknownNameError: the ruleset has no such rule.
        """
        check_name("name", name)
        check_known("name", name, [rule.id for rule in self.ruleset.plan.rules], NO_RULE)
        return tuple(self.assess(as_of=as_of, known_at=known_at).rows(name))

    def explain(
        self,
        case: str,
        *,
        rule: str | None = None,
        as_of: int | str | None = None,
        known_at: int | str | None = None,
    ) -> tuple[Explanation, ...]:
        """Why the results of a case are what they are, and why others are not there."""
        from kaocheng.explaining import explain

        check_name("case", case)
        return explain(self.assess(as_of=as_of, known_at=known_at), case, rule=rule)

    def visible(self, actor: Actor | None, *, at: int | str | None = None) -> Visible:
        """Every read of the engine for one person, by the ruleset's `readers`; deny by default.

        Raises:
            ArgumentError: there can be no such actor, or `at` is no time.
        """
        check_actor(actor)
        return Visible(self, actor, at)

    def journal(self) -> Journal:
        """All events, by case and number."""
        if isinstance(self.store, Database):
            events = list(self.store.journal())
        else:
            events = [e for case in sorted(self.store.cases()) for e in self.store.load(case)]
        return Journal(events=tuple(sorted(events, key=lambda e: (e.case, e.sequence))))

    @property
    def online(self) -> Mapping[str, tuple[str, ...]]:
        """The rules that acts evaluate, by kind; all others need an assessment."""
        rules = self._folder.reach.rules
        return {kind: tuple(rule.id for rule in found) for kind, found in rules.items()}

    def load(self, events: Iterable[Event], *, on_progress: Progress = no_progress) -> Loaded:
        """Bring in history as it is, many cases a transaction; list doubts and holes.

        Events of timers and migrations are part of it. Nobody is told; timers are set for
        what is still to come. Events are checked before any is kept; what fails later leaves
        the batches before it: to have all or nothing, `bind` to a transaction of yours.

        Raises:
            BadEventError: an event could not have come from an act, whatever the lifecycle.
            ClashError: a case already has an event of a number.
            ArgumentError: something is no event.
        """
        return load_all(self._units, checked(events, self._folder), on_progress=on_progress)

    # Stores in a database -----------------------------------------------------------------------

    def bind(self, connection: object) -> Engine:
        """The same engine inside somebody else's transaction, which it never ends.

        `connection` is a SQLAlchemy connection or session. Each act is a savepoint in it:
        an act that is refused or fails leaves the transaction as it was, and whether
        anything is kept is decided by whoever commits.

        Raises:
            UnsupportedError: the engine's store is not in a database.
        """
        return self._on(self._database("bind").bound(connection))

    def over(self, connection: object) -> Engine:
        """The same engine with transactions of its own on one connection that has none.

        Raises:
            UnsupportedError: the engine's store is not in a database.
        """
        return self._on(self._database("over").over(connection))

    def cases(  # noqa: PLR0913 - filters, all of them optional
        self,
        *,
        kind: str | None = None,
        state: str | None = None,
        unit: str | None = None,
        due_before: int | None = None,
        overdue: bool = False,
        undetermined: bool = False,
        after: str | None = None,
        limit: int = 100,
    ) -> tuple[Listed, ...]:
        """The worklist: cases in the order of their ids, at most `limit` of them.

        `due_before` keeps those with an open deadline due before that instant, `overdue` those
        with one due before the present by the engine's clock, `undetermined` those with one that
        cannot be computed, which has no due time. `after` is the last id of the page before: a
        page stays the same whatever is added or goes elsewhere.

        Raises:
            UnsupportedError: the engine's store is not in a database.
            ArgumentError: there is no such kind or state, or no clock for `overdue`.
        """
        check_filters(kind=kind, state=state, unit=unit, after=after, due_before=due_before)
        check_listed(self.ruleset, kind=kind, state=state)
        check_limit(limit)
        check_flag("overdue", overdue)
        check_flag("undetermined", undetermined)
        if overdue:
            now = self._now("overdue")
            due_before = now if due_before is None else min(due_before, now)
        wanted = Wanted(
            kind=kind, state=state, unit=unit, due_before=due_before, undetermined=undetermined
        )
        return self._database("cases").worklist(wanted, after=after, limit=limit)

    def tick(self, now: int, *, limit: int = 100) -> Ticked:
        """Do what is due by `now`, at most `limit` timers of cases, each as of its own instant.

        Call it as often as you like, from as many processes as you like: a timer is done
        once. One that fails is put off, longer each time, and does not hold up others.
        Timers of kinds that the ruleset does not have, and of cases that are under another text
        of it, are left to other engines; of the latter the outcome has the cases.

        Raises:
            UnsupportedError: the engine's store is not in a database.
            ArgumentError: `now` is no instant, or more than a day ahead of the engine's clock.
        """
        store = self._database("tick")
        check_come(now, self._parts.clock, self._folder.zone)
        check_limit(limit)
        return ticked(store, self._units, now, limit=limit, folder=self._folder)

    def publish(  # noqa: PLR0913 - the act that publishes, and what is published
        self,
        case: str,
        event: str,
        *,
        period: str,
        at: int | str | None = None,
        as_of: int | str | None = None,
        actor: Actor | None = None,
        data: Mapping[str, object] | None = None,
        expected_sequence: int | None = None,
        idempotency_key: str | None = None,
        language: str = "zh",
    ) -> tuple[Outcome, Bulletin | None]:
        """Issue the circular of a period: an act, and the text as it stands at its two times.

        The text is of what stands before the act in the journal and was known at `at`, or at the
        earlier `known_at` that the ruleset's bulletins give of the act, as of `as_of` or then. It
        is kept with the act in one transaction, and the engine journals a digest of it. The same
        act under the same `idempotency_key` gives what it published; with another `period`,
        `language` or `as_of` it is refused, and so it is under the key of an act that published
        nothing.

        Raises:
            UnknownNameError: there is no such period.
            UnsupportedError: the engine's store is not in a database.
        """
        self._publisher.check(case, language)
        now = self._now("at") if at is None else instant("at", at)
        issue = Issue(
            period=period,
            as_of=instant("as_of", now if as_of is None else as_of),
            known_at=now,
            language=language,
            is_now=as_of is None,
        )

        def act(unit: UnitOfWork) -> Outcome:
            return unit.act(
                case,
                event,
                data,
                at=None if at is None else now,
                actor=actor,
                recorded_at=None if self._parts.clock else now,
                expected_sequence=expected_sequence,
                idempotency_key=idempotency_key,
            )

        store = self._database("publish")
        return self._publisher.publish(store, self._units, act, issue, key=idempotency_key)

    def circular(
        self, period: str, *, as_of: int | str, known_at: int | str, language: str = "zh"
    ) -> str:
        """The circular of a period at two times, in Markdown.

        Raises:
            UnknownNameError: there is no such period by what was known.
        """
        check_language(language)
        at, known = given("as_of", as_of), given("known_at", known_at)
        issue = Issue(period=period, as_of=at, known_at=known, language=language)
        return self._publisher.circular(self.store, self.journal(), issue)

    def replay(self) -> tuple[Replayed, ...]:
        """Compute every published bulletin again, at its two times and under its text, and compare.

        A difference says that the journal, or this library, is not what it was; where the text is
        neither the ruleset nor one of `earlier`, that the ruleset is not.

        Raises:
            UnsupportedError: the engine's store is not in a database.
        """
        return tuple(self._publisher.replay(self._database("replay")))

    def plan_migration(self, new: Ruleset) -> MigrationPlan:
        """What a changed ruleset would make of every case, without changing anything.

        Cases of kinds that this engine does not know, or under another text, are left out; of the
        latter those that are not under the new one either are counted.

        Raises:
            UnsupportedError: the engine's store is not in a database.
        """
        store = self._database("plan_migration")
        check_is("new", new, Ruleset, RULESET)
        other = Engine(new, store=store, clock=self._parts.clock)
        units, folders = (self._units, other._units), (self._folder, other._folder)
        return planned(store.cases(), units, folders)

    def migrate(self, plan: MigrationPlan, *, at: int | str, reason: str) -> int:
        """Carry out a plan under this, the new, ruleset; gives how many cases went over.

        Each case that can goes over by an event in its journal that says from which versions to
        which, and why, in one transaction with those that read it or that it reads. It is assessed
        as of `at`, others are told of what differs, and its timers are set anew. A case that has
        had events since it was planned, or whose results a child's event has changed, stays as it
        is with those that belong to it, for the next plan.

        Raises:
            ArgumentError: the plan is for other versions than this engine's, `at` or `reason`
                is none, or `at` is more than a day ahead of the clock or before the last event
                of a case that would go over.
        """
        at = instant("at", at)
        now = None if self._parts.clock is None else self._parts.clock()
        check_migration(plan, self._folder, at=at, reason=reason, now=now)
        return carried_out(plan, self._units, at=at, reason=reason)

    def _now(self, argument: str) -> int:
        if self._parts.clock is None:
            raise no_clock(argument)
        return self._parts.clock()

    def timers(self, case: str) -> tuple[tuple[str, int], ...]:
        """The online rules that will say something else by time alone, and when they will."""
        return self.results(case).timers

    def _on(self, store: Database) -> Engine:
        other = copy(self)
        other.store = store
        other._units = store.units(self._parts)  # noqa: SLF001 - a copy of its own
        return other

    def _database(self, what: str) -> Database:
        if isinstance(self.store, Database):
            return self.store
        raise in_memory(what)
