"""What the row of a case has where, though it may be older than some versions of the ruleset.

A ruleset goes on by versions, which may add rules and fields. A row that was written before knows
nothing of those: its results are those of the rules that there were, in their order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from kaocheng.engine.cases import Record
from kaocheng.engine.folding import Folder
from kaocheng.engine.outcome import Row


def results_of(
    kept: Sequence[object], known: int, record: Record, folder: Folder
) -> Mapping[int, object] | None:
    """The rows of online rules by their places, from a row that knows so many versions.

    Nothing where it does not have as many as there were rules.
    """
    places = list(rules_of(known, record, folder))
    return dict(zip(places, kept, strict=True)) if len(places) == len(kept) else None


def rules_of(known: int, record: Record, folder: Folder) -> Iterator[int]:
    """The places of the rules that the first so many versions have."""
    variants = {rule.id: min(rule.variants) for rule in folder.ruleset.plan.rules}
    for place, rule in enumerate(record.governed.rules):
        if variants[rule.id] < known:
            yield place


def rows_in(
    results: object, versions: object, record: Record, folder: Folder
) -> Mapping[int, Sequence[Row]] | None:
    """The rows of rules as a row has them, if it is of this text of the ruleset and can be read."""
    try:
        kept, hashes = json.loads(str(results)), json.loads(str(versions))
        if not set(hashes) <= set(folder.hashes):
            return None
        for known in range(len(folder.hashes), 0, -1):
            found = results_of(kept, known, record, folder)
            if found is not None:
                return {place: _rows(rows) for place, rows in found.items()}
    except (ValueError, TypeError):
        pass  # somebody has changed it, which `kaocheng audit verify` tells
    return None


def _rows(kept: object) -> Sequence[Row]:
    if not isinstance(kept, list) or not all(isinstance(row, list) for row in kept):
        raise TypeError
    return [tuple(map(_value, row)) for row in kept]


def _value(value: object) -> object:
    return tuple(map(_value, value)) if isinstance(value, list) else value
