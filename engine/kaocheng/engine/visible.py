"""An engine as one person may read it: what they may not read is not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, NoReturn, Unpack

from kaocheng.assessing import Evaluator
from kaocheng.engine.actions import Action
from kaocheng.engine.asking import asked_time, assessed
from kaocheng.engine.checking import check_limit, check_name
from kaocheng.engine.database import Database, Filters, Listed
from kaocheng.engine.outcome import CaseResults, RowView
from kaocheng.errors import KaochengError, UnsupportedError
from kaocheng.lifecycle import Access, Option
from kaocheng.model.events import Actor, Event, Journal

if TYPE_CHECKING:
    from kaocheng.assessment import Assessment
    from kaocheng.engine.core import Engine
    from kaocheng.explaining import Explanation

_PAGE = 200
_OF_ALL = (
    "it is made of all cases, and of some it would be another one; ask the engine itself where"
    " the actor may see it"
)
_OF_ALL_ZH = "它由全部事项得出，只取部分则结果不同；查阅人可查看时，请直接向引擎查询"
_LISTED = 100  # if nobody says how many, as with `Engine.cases`


class HiddenError(KaochengError, PermissionError):
    """The actor may not read the case, or there is none: nobody can tell one from the other.

    It has no reasons, because these quote facts of the case: `Engine.may_read` tells them to
    the application.
    """

    def __init__(self, case: str) -> None:
        self.case = case
        self.zh = f"`{case}` 不可查阅"
        super().__init__(f"`{case}` may not be read")


class Visible:
    """Reads of an engine, each asked of the ruleset's `readers` first; deny by default.

    Whether a case may be read, and what is read of it, are of one state of the database.
    A case that does not exist is refused as one that may not be read is, so that nobody
    learns of its existence. What the rules conclude about a case belongs to it, and so do the
    conditions of what may be done with it, also where they read other cases; what those
    cases hold is not explained.
    """

    def __init__(self, engine: Engine, actor: Actor | None, at: int | str | None = None) -> None:
        if at is not None:
            asked_time("at", at)
        self._engine = engine
        self._actor = actor
        self._at = at

    def access(self, case: str) -> Access:
        """Whether the case may be read, and every reason if not."""
        return self._engine.may_read(case, actor=self._actor, at=self._at)

    def cases(self, **filters: Unpack[Filters]) -> tuple[Listed, ...]:
        """The worklist without what may not be read; see `Engine.cases`."""
        limit = filters.get("limit", _LISTED)
        check_limit(limit)
        with _at_once(self._engine) as engine:
            found = (one for one in _listed(engine, filters) if self._is_readable(engine, one.case))
            return tuple(islice(found, limit))

    def state(self, case: str) -> str | None:
        """See `Engine.state`."""
        with self._reading(case) as engine:
            return engine.state(case)

    def case(self, case: str) -> RowView | None:
        """See `Engine.case`."""
        with self._reading(case) as engine:
            return engine.case(case)

    def sequence(self, case: str) -> int:
        """See `Engine.sequence`."""
        with self._reading(case) as engine:
            return engine.sequence(case)

    def timers(self, case: str) -> tuple[tuple[str, int], ...]:
        """See `Engine.timers`."""
        with self._reading(case) as engine:
            return engine.timers(case)

    def may(self, case: str) -> tuple[Option, ...]:
        """What the actor may do with the case; see `Engine.may`."""
        with self._reading(case) as engine:
            return engine.may(case, actor=self._actor, at=self._at)

    def actions(self, case: str) -> tuple[Action, ...]:
        """What the actor can do with the case; see `Engine.actions`."""
        with self._reading(case) as engine:
            return engine.actions(case, actor=self._actor, at=self._at)

    def results(self, case: str, *, as_of: int | str | None = None) -> CaseResults:
        """See `Engine.results`."""
        with self._reading(case) as engine:
            return engine.results(case, as_of=as_of)

    def history(
        self, case: str, *, as_of: int | str | None = None, known_at: int | str | None = None
    ) -> tuple[Event, ...]:
        """See `Engine.history`."""
        with self._reading(case) as engine:
            return engine.history(case, as_of=as_of, known_at=known_at)

    def explain(
        self,
        case: str,
        *,
        rule: str | None = None,
        as_of: int | str | None = None,
        known_at: int | str | None = None,
    ) -> tuple[Explanation, ...]:
        """See `Engine.explain`; as of the last event that may be read if not said otherwise.

        Lines that rest on cases that may not be read are left out, and one line says so.
        """
        from kaocheng.explaining import explain, hidden

        with self._reading(case) as engine:
            whole = engine.journal()
            part = self._part(engine, whole)
        known = assessed(self._engine.ruleset, part, as_of=as_of, known_at=known_at)
        found = explain(known, case, rule=rule)
        if len(part.events) == len(whole.events):
            return found
        as_of, known_at = known.times.as_of, known.times.known_at
        of_all = assessed(self._engine.ruleset, whole, as_of=as_of, known_at=known_at)
        return hidden(explain(of_all, case, rule=rule), found)

    # All cases ----------------------------------------------------------------------------------

    def journal(self) -> Journal:
        """The events of the cases that may be read; see `Engine.journal`."""
        with _at_once(self._engine) as engine:
            return self._part(engine, engine.journal())

    def assess(
        self,
        *,
        as_of: int | str | None = None,
        known_at: int | str | None = None,
        evaluator: Evaluator = "python",
    ) -> Assessment:
        """What the ruleset says of the cases that may be read, as if there were no others.

        Totals and ranks are those of these cases, and a rule that reads another one finds
        nothing there.
        """
        ruleset, part = self._engine.ruleset, self.journal()
        return assessed(ruleset, part, as_of=as_of, known_at=known_at, evaluator=evaluator)

    def standings(
        self,
        name: str,
        *,
        as_of: int | str | None = None,  # noqa: ARG002 - as the engine is asked
        known_at: int | str | None = None,  # noqa: ARG002 - as the engine is asked
    ) -> NoReturn:
        """Refused: a standing ranks all cases, whoever may read them.

        Raises:
            UnsupportedError: always; it says what to do.
        """
        check_name("name", name)
        raise UnsupportedError("standings", "visible", _OF_ALL, zh=_OF_ALL_ZH)

    def circular(
        self,
        period: str,
        *,
        as_of: int | str,  # noqa: ARG002 - as the engine is asked
        known_at: int | str,  # noqa: ARG002 - as the engine is asked
        language: str = "zh",  # noqa: ARG002 - as the engine is asked
    ) -> NoReturn:
        """Refused: a circular tells of all cases, whoever may read them.

        Raises:
            UnsupportedError: always; it says what to do.
        """
        check_name("period", period)
        raise UnsupportedError("circular", "visible", _OF_ALL, zh=_OF_ALL_ZH)

    @contextmanager
    def _reading(self, case: str) -> Iterator[Engine]:
        """The engine at one time, at which the case may be read."""
        with _at_once(self._engine) as engine:
            # Of no case readers may say more than of one, and a time may be before any version.
            is_there = engine.sequence(case) > 0
            at = self._at if is_there else None
            if not (engine.may_read(case, actor=self._actor, at=at).allowed and is_there):
                raise HiddenError(case)
            yield engine

    def _part(self, engine: Engine, journal: Journal) -> Journal:
        """The events of those cases of a journal that may be read."""
        cases = {event.case for event in journal.events}
        readable = {case for case in cases if self._is_readable(engine, case)}
        return Journal(events=tuple(e for e in journal.events if e.case in readable))

    def _is_readable(self, engine: Engine, case: str) -> bool:
        # Cases of another ruleset have no readers in this one.
        kind = case.partition("/")[0]
        return (
            kind in engine.ruleset.kinds
            and engine.may_read(case, actor=self._actor, at=self._at).allowed
        )


@contextmanager
def _at_once(engine: Engine) -> Iterator[Engine]:
    """The engine, of which everything is read in one state of the database."""
    if not isinstance(engine.store, Database):
        yield engine
        return
    with engine.store.reading() as store:
        yield engine._on(store)  # noqa: SLF001 - as `bind`, in a transaction that only reads


def _listed(engine: Engine, filters: Filters) -> Iterator[Listed]:
    after = filters.get("after")
    while True:
        wanted: Filters = {**filters, "after": after, "limit": _PAGE}
        page = engine.cases(**wanted)
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].case
