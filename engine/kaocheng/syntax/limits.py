"""How much of a file is read."""

from __future__ import annotations

from typing import Final

from attrs import frozen


@frozen
class Limits:
    """How much of a file is read; what goes beyond is one diagnostic.

    `size` counts bytes, `depth` levels, `scalar` the characters of one value, `problems` the
    diagnostics of one file. `events` counts keys, values, the beginning and the end of each
    mapping, list and file.
    """

    size: int = 2_000_000
    depth: int = 64
    events: int = 200_000
    scalar: int = 100_000
    problems: int = 100


DEFAULT_LIMITS: Final = Limits()
