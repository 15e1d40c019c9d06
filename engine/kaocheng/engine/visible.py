"""An engine as one person may read it: what they may not read is not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Unpack

from kaocheng.engine.checking import check_limit
from kaocheng.engine.database import Filters, Listed
from kaocheng.engine.outcome import CaseResults, RowView
from kaocheng.lifecycle import Access
from kaocheng.model.events import Actor, Event

if TYPE_CHECKING:
    from kaocheng.engine.core import Engine
    from kaocheng.explaining import Explanation

_PAGE = 200
_LISTED = 100  # if nobody says how many, as with `Engine.cases`


class HiddenError(PermissionError):
    """The actor may not read the case, or there is none: nobody can tell one from the other.

    `access` has every reason, with facts of the case: it is for the application, not for
    the actor.
    """

    def __init__(self, case: str, access: Access) -> None:
        self.case = case
        self.access = access
        super().__init__(f"`{case}` may not be read")


class Visible:
    """Reads of an engine, each asked of the ruleset's `readers` first; deny by default.

    A case that does not exist is refused as one that may not be read is, so that nobody
    learns of its existence.
    """

    def __init__(self, engine: Engine, actor: Actor | None, at: int | str | None = None) -> None:
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
        found: list[Listed] = []
        kinds = self._engine.ruleset.kinds
        for listed in self._listed(filters):
            # Cases of another ruleset have no readers in this one.
            if listed.kind in kinds and self.access(listed.case).allowed:
                found.append(listed)
                if len(found) == limit:
                    break
        return tuple(found)

    def state(self, case: str) -> str | None:
        """See `Engine.state`."""
        self._check(case)
        return self._engine.state(case)

    def case(self, case: str) -> RowView | None:
        """See `Engine.case`."""
        self._check(case)
        return self._engine.case(case)

    def results(self, case: str, *, as_of: int | str | None = None) -> CaseResults:
        """See `Engine.results`."""
        self._check(case)
        return self._engine.results(case, as_of=as_of)

    def history(
        self, case: str, *, as_of: int | str | None = None, known_at: int | str | None = None
    ) -> tuple[Event, ...]:
        """See `Engine.history`."""
        self._check(case)
        return self._engine.history(case, as_of=as_of, known_at=known_at)

    def explain(
        self,
        case: str,
        *,
        rule: str | None = None,
        as_of: int | str | None = None,
        known_at: int | str | None = None,
    ) -> tuple[Explanation, ...]:
        """See `Engine.explain`."""
        self._check(case)
        return self._engine.explain(case, rule=rule, as_of=as_of, known_at=known_at)

    def _check(self, case: str) -> None:
        access = self.access(case)
        if not access.allowed:
            raise HiddenError(case, access)

    def _listed(self, filters: Filters) -> Iterator[Listed]:
        after = filters.get("after")
        while True:
            wanted: Filters = {**filters, "after": after, "limit": _PAGE}
            page = self._engine.cases(**wanted)
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].case
