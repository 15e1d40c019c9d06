"""Records that a process keeps between transactions, each with the stamp it had when kept."""

from __future__ import annotations

from kaocheng.engine.cases import Record


class Records:
    """At most `most` records; the one that was put longest ago goes first.

    A record is only used where the database still has its stamp, so what is here may be
    old or never have been committed: that costs time and changes nothing.
    """

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._found: dict[str, tuple[str, Record]] = {}

    def get(self, case: str) -> tuple[str, Record] | None:
        """The record of a case and its stamp."""
        return self._found.get(case)

    def put(self, case: str, stamp: str, record: Record) -> None:
        """Keep a record, and forget an old one where there are too many."""
        self._found.pop(case, None)
        self._found[case] = (stamp, record)
        if len(self._found) > self._most:
            del self._found[next(iter(self._found))]
