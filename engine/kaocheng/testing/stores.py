"""What a store must do, as a test class: whoever brings a database of their own runs it there.

    class TestOurDatabase(StoreContract):
        def open(self, tenant: str) -> SqlStore:
            return SqlStore.open(self.url, tenant=tenant)

`open` gives a `SqlStore` or an `AsyncSqlStore`, or the promise of one; all that are opened within
one test are on the same database, and the first one finds it empty. The class needs no plugin
of the test runner and asserts with plain `assert`. Needs the extra `async`.
"""

from __future__ import annotations

from kaocheng.testing._store_acts import ActFacts
from kaocheng.testing._store_others import OtherFacts
from kaocheng.testing._store_test import StoreTest
from kaocheng.testing._store_time import TimeFacts

__all__ = ["StoreContract", "StoreTest"]


class StoreContract(ActFacts, OtherFacts, TimeFacts):
    """The facts that every store holds; a test class that inherits it has them as its tests."""
