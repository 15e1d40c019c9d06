"""Acting on cases: decide, keep the event, and know at once what follows from it.

    engine = Engine(ruleset)
    outcome = engine.act("report/1", "submit", at="2009-03-02T09:00:00+08:00", actor=li)

`Engine` is for applications that embed the library. Where events are kept is a `Store`'s
business.
"""

from kaocheng.engine.core import Engine
from kaocheng.engine.loading import BadEventError
from kaocheng.engine.outcome import CaseResults, Outcome, RowView, UndeterminedDeadline
from kaocheng.engine.store import ClashError, MemoryStore, Receipt, Store

__all__ = [
    "BadEventError",
    "CaseResults",
    "ClashError",
    "Engine",
    "MemoryStore",
    "Outcome",
    "Receipt",
    "RowView",
    "Store",
    "UndeterminedDeadline",
]
