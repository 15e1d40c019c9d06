"""The engine: one object that decides about events, keeps them and knows what follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy

from kaocheng.calendars.zones import Zones
from kaocheng.engine.database import Database, Listed, Ticked, Units, Wanted
from kaocheng.engine.folding import Folder
from kaocheng.engine.memory import MemoryUnits
from kaocheng.engine.outcome import CaseResults, Outcome, RowView
from kaocheng.engine.store import MemoryStore, Store
from kaocheng.engine.unit_of_work import Parts
from kaocheng.errors import UnsupportedError
from kaocheng.evaluate.python import Program, compile_plan
from kaocheng.language.ruleset import Ruleset
from kaocheng.lifecycle import Access, Option
from kaocheng.model.events import Actor, Correction, Journal


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
        store: Store | Database | None = None,
        program: Program | None = None,
        clock: Callable[[], int] | None = None,
    ) -> None:
        zones = Zones()
        self.ruleset = ruleset
        self.store: Store | Database = MemoryStore() if store is None else store
        self.program = compile_plan(ruleset.plan, zones=zones) if program is None else program
        self._folder = Folder(ruleset, self.program, zones)
        self._parts = Parts(folder=self._folder, clock=clock)
        if isinstance(self.store, Database):
            self._units: Units = self.store.units(self._parts)
        else:
            self._units = MemoryUnits(self._parts, self.store)

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
        expected_sequence: int | None = None,
        idempotency_key: str | None = None,
        dry_run: bool = False,
    ) -> Outcome:
        """Do something to a case: decide, keep the event, re-assess the case and its parents.

        An act that is refused, for whatever reason, leaves everything as it was, and its
        outcome carries every reason. A case that does not exist yet is opened. Times are
        microseconds since 1970 UTC or text such as `2009-03-02T09:00:00+08:00`; `at` may be a
        date, where only the day is known. `actor` is trusted, `expected_sequence` is the number
        of the last event that the caller has seen (`Engine.sequence`). The same act under
        the same `idempotency_key` gives its first outcome again and another act is refused;
        only accepted acts are remembered. With `dry_run` the outcome is what would come of
        the act, and nothing is kept.

        Where timers are kept, what was due on the case before the act is done first, so
        that it does not matter when somebody looked at the clock.
        """
        with self._units.write(keep=not dry_run) as unit:
            return unit.act(
                case,
                event,
                at=at,
                actor=actor,
                data=data,
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
            ValueError: there is no such kind, or `at` is no time.
        """
        with self._units.read() as unit:
            return unit.may(case, actor=actor, at=at)

    def may_read(
        self, case: str, *, actor: Actor | None = None, at: int | str | None = None
    ) -> Access:
        """Whether the actor may read the case, and every reason if not.

        The ruleset's `readers` decide, in the version in force at `at`, else at the case's
        last event. Whom no reader permits may not, and what is unknown is decided against.

        Raises:
            ValueError: there is no such kind, or `at` is no time.
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

        At another time later events of the case do not exist; other cases that its rules
        read are taken as they are now.

        Raises:
            ValueError: `as_of` is no instant.
        """
        with self._units.read() as unit:
            return unit.results(case, as_of=as_of)

    def journal(self) -> Journal:
        """All events, by case and number."""
        events = [event for case in sorted(self.store.cases()) for event in self.store.load(case)]
        return Journal(events=tuple(sorted(events, key=lambda e: (e.case, e.sequence))))

    @property
    def online(self) -> Mapping[str, tuple[str, ...]]:
        """The rules that acts evaluate, by kind; all others need an assessment."""
        rules = self._folder.reach.rules
        return {kind: tuple(rule.id for rule in found) for kind, found in rules.items()}

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
        after: str | None = None,
        limit: int = 100,
    ) -> tuple[Listed, ...]:
        """The worklist: cases in the order of their ids, at most `limit` of them.

        `due_before` keeps those with an open deadline due before that instant: give it the
        present to get what is overdue. `after` is the id of the last case of the page
        before: a page stays the same whatever is added or goes elsewhere.

        Raises:
            UnsupportedError: the engine's store is not in a database.
        """
        wanted = Wanted(kind=kind, state=state, unit=unit, due_before=due_before)
        return self._database("cases").worklist(wanted, after=after, limit=limit)

    def tick(self, now: int, *, limit: int = 100) -> Ticked:
        """Do what is due by `now`, at most `limit` timers of cases, each as of its own instant.

        Call it as often as you like, from as many processes as you like: a timer is done
        once. One that fails is put off, longer each time, and does not hold up others.
        Timers of kinds that the ruleset does not have are left to engines that know them.

        Raises:
            UnsupportedError: the engine's store is not in a database.
        """
        store = self._database("tick")
        fired, failed = 0, []
        for case in store.claim(now, limit=limit, kinds=self._folder.kinds):
            try:
                with self._units.write() as unit:
                    fired += len(unit.fire(case, before=now + 1))
            except Exception as error:  # noqa: BLE001 - whatever a rule does, others go on
                store.put_off(case, now, str(error))
                failed.append((case, str(error)))
        return Ticked(fired=fired, failed=tuple(failed))

    def _on(self, store: Database) -> Engine:
        other = copy(self)
        other.store = store
        other._units = store.units(self._parts)  # noqa: SLF001 - a copy of its own
        return other

    def _database(self, what: str) -> Database:
        if isinstance(self.store, Database):
            return self.store
        reason = "this engine keeps its cases in memory; give it a store in a database"
        raise UnsupportedError(what, "engine", reason)
