"""A tick: what is due on cases is done, some cases a transaction."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from kaocheng.engine.database import Database, Ticked, Units
from kaocheng.engine.folding import Folder
from kaocheng.engine.refusing import Elsewhere

TIMERS_AT_ONCE = 50
"""So many cases are done in one transaction when they are due: an act has to wait for it."""


def ticked(store: Database, units: Units, now: int, *, limit: int, folder: Folder) -> Ticked:
    """Do what is due by `now` on cases under the folder's ruleset; see `Engine.tick`."""
    fired, failed = 0, []
    claimed = store.claim(now, limit=limit, kinds=folder.kinds, hashes=folder.hashes)
    for place in range(0, len(claimed.cases), TIMERS_AT_ONCE):
        some = claimed.cases[place : place + TIMERS_AT_ONCE]
        with suppress(Exception):  # then each of them has a transaction of its own
            fired += _fired(units, some, now)
            continue
        for case in some:
            try:
                fired += _fired(units, (case,), now)
            except Exception as error:  # noqa: BLE001 - whatever a rule does, others go on
                # Those of another text need not wait for long once somebody has migrated.
                store.put_off(case, now, str(error), longer=not isinstance(error, Elsewhere))
                failed.append((case, str(error)))
    return Ticked(fired=fired, failed=tuple(failed), other_text=tuple(claimed.other_text))


def _fired(units: Units, cases: Iterable[str], now: int) -> int:
    """Do what is due on cases in one transaction; gives how many timers that were."""
    with units.write() as unit:
        return sum(len(unit.fire(case, before=now + 1)) for case in cases)
