"""Facts as evaluators take them, and the two times of an assessment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen


@frozen(kw_only=True)
class Times:
    """`as_of` moves the world, `known_at` moves our knowledge; microseconds since 1970 UTC."""

    as_of: int
    known_at: int | None = None


@frozen(kw_only=True)
class Facts:
    """Base relations by name; rows are tuples in the order of the relation's columns."""

    relations: Mapping[str, Sequence[tuple[object, ...]]]
