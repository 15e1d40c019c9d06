"""Records that a process keeps between transactions, each with the stamp it had when kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from kaocheng.engine.cases import Record


@frozen
class Known:
    """A record, the stamp of its row when it was kept, and what else was kept of it then.

    Its timers are those that the record has. `found_by` are the columns of its row by which
    worklists find it, `texts` those of the results of its rules.
    """

    stamp: str
    record: Record
    found_by: Mapping[str, object]
    texts: Sequence[str]


class Records:
    """At most `most` records; the one that was put longest ago goes first.

    A record is only used where the database still has its stamp, so what is here may be
    old or never have been committed: that costs time and changes nothing. As long as the
    end of the tenant's journal is where this process has left it, nobody else has written,
    and every record put since is as it is there.
    """

    def __init__(self, most: int = 1_000) -> None:
        self._most = most
        self._found: dict[str, tuple[Known, int]] = {}
        self._head: str | None = None
        self._stretch = 0  # grows whenever somebody else has written

    def get(self, case: str) -> Known | None:
        """What is known of a case."""
        found = self._found.get(case)
        return None if found is None else found[0]

    def is_current(self, case: str, head: str) -> bool:
        """Whether that is so, where the journal ends with the hash `head`."""
        return head == self._head and self._found[case][1] == self._stretch

    def put(self, known: Mapping[str, Known], before: str, head: str) -> None:
        """Keep records of a transaction that went from one end of the journal to another."""
        if before != self._head:
            self._stretch += 1
        self._head = head
        for case, one in known.items():
            self._found.pop(case, None)
            self._found[case] = (one, self._stretch)
        while len(self._found) > self._most:
            del self._found[next(iter(self._found))]
