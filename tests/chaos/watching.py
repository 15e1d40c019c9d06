"""What a process shows of itself in memory that outlives it: where it is, and what it met.

The killer looks at it while the process runs, to hit it inside a transaction, and once more
when it is dead: then it cannot have moved on.
"""

from __future__ import annotations

import mmap
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

OUTSIDE, INSIDE, COMMITTING = 0, 1, 2
NOW = 1
_NUMBERS = 2  # of a slot


class Board:
    """Shared memory with a slot for each process, and how far the story has come."""

    def __init__(self, slots: int) -> None:
        memory = mmap.mmap(-1, _NUMBERS * 8 * slots)
        # Each number is written in one go: `struct` would write noughts first, for others to read.
        self._numbers = memoryview(memory).cast("q")

    def slot(self, number: int) -> Slot:
        """The slot of a process."""
        first = _NUMBERS * number
        return Slot(self._numbers[first : first + _NUMBERS])


class Slot:
    """Where one process is, and the time of the story: it has one slot of its own."""

    def __init__(self, numbers: memoryview[int]) -> None:
        self._numbers = numbers

    def __getitem__(self, place: int) -> int:
        return self._numbers[place]

    def __setitem__(self, place: int, value: int) -> None:
        self._numbers[place] = value

    @property
    def where(self) -> int:
        """Whether the process is inside a transaction that writes."""
        return self[0]

    @where.setter
    def where(self, value: int) -> None:
        self[0] = value

    def watch(self, engine: sa.Engine) -> None:
        """Show when transactions of this engine begin and end.

        A transaction ends where its connection goes back to the pool, which is after the
        database has answered the commit. On SQLite the statements are looked at and nobody
        listens to SQLAlchemy: else it, and not the driver, would begin and end transactions.
        """

        def ended(*_: object) -> None:
            self.where = OUTSIDE

        event.listen(engine, "checkin", ended)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", self._trace)
            return

        def begun(connection: sa.Connection) -> None:
            if not connection.get_execution_options().get("kaocheng_reads", False):
                self.where = INSIDE

        event.listen(engine, "begin", begun)
        event.listen(engine, "commit", lambda _: self._commits())

    def _commits(self) -> None:
        if self.where == INSIDE:
            self.where = COMMITTING

    def _trace(self, connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's
        is_begun = False  # or waits for the lock, before which nothing is held

        def executes(statement: str) -> None:
            nonlocal is_begun
            if statement.startswith("COMMIT"):
                self._commits()
            elif is_begun and not statement.startswith("BEGIN"):
                self.where = INSIDE
            is_begun = statement.startswith("BEGIN IMMEDIATE")

        connection.set_trace_callback(executes)
