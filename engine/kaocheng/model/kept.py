"""A case as a store keeps it."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen


@frozen(kw_only=True)
class Kept:
    """A case as it is kept: its facts by column are values of the number line."""

    case: str
    kind: str
    as_of: int
    facts: Mapping[str, object]
