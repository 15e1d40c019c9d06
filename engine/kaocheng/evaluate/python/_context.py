"""What generated code reads besides its own row: the time, and other rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kaocheng.evaluate.python._indexes import Index
from kaocheng.evaluate.python._primitives import Row


class _Indexes(dict[Index, dict[object, object]]):
    """Builds each index when it is first asked for."""

    def __init__(self, rows: Mapping[str, Sequence[Row]]) -> None:
        super().__init__()
        self._rows = rows

    def __missing__(self, index: Index) -> dict[object, object]:
        built = self[index] = index.build(self._rows.get(index.relation.name, ()))
        return built


class Context:
    """One assessment in progress: its time, the rows known so far, and indexes on them.

    Not shared between threads. `moment` is as of when dated rows are read where an
    expression has no row of its own; `version` is the index of the version in force.

    `later`, where it is given, takes every rule with the first instant at which one of its rows
    will be another one by time alone; of a row that the version in force governs because
    its own time is not known, that is `next_version`, when another one comes into force.
    """

    __slots__ = ("as_of", "indexes", "later", "moment", "next_version", "rows", "version")

    later: dict[tuple[str, int | None], None] | None
    next_version: int | None

    def __init__(
        self,
        rows: Mapping[str, Sequence[Row]],
        *,
        as_of: int,
        moment: int | None = None,
        version: int | None = 0,
    ) -> None:
        self.as_of = as_of
        self.moment = as_of if moment is None else moment
        self.version = version
        self.later = self.next_version = None
        self.rows = dict(rows)
        self.indexes = _Indexes(self.rows)

    def add(self, name: str, rows: Sequence[Row]) -> None:
        """Let later rules read these rows as the relation `name`, in place of any before."""
        self.rows[name] = rows
        for index in [index for index in self.indexes if index.relation.name == name]:
            del self.indexes[index]
