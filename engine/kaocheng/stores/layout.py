"""What the row of a case has where, though it may be older than some versions of the ruleset.

A ruleset goes on by versions, which may add fields and rules. A row that was written before knows
nothing of those: it has the facts of the fields that there were, the results of the rules that
there were in their order, and no timer for the day when a version comes into force of which
nobody knew. Which versions a row knows is therefore seen by all three.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence

from attrs import frozen

from kaocheng.engine.cases import Record
from kaocheng.engine.folding import Folder
from kaocheng.engine.outcome import Row
from kaocheng.engine.timers import Timer
from kaocheng.language.ruleset import Kind


@frozen(kw_only=True)
class Layout:
    """What a row has that knows the first `known` versions of a ruleset.

    `facts` are the names of its facts, `places` those of its results among the online rules,
    `timers` those that it should have.
    """

    known: int
    facts: Collection[str]
    places: Sequence[int]
    timers: Collection[Timer]


def layout_of(known: int, record: Record, folder: Folder) -> Layout:
    """What a row of a case would have that knows so many versions."""
    kind, versions = record.governed.name, folder.ruleset.versions
    earlier, later = (
        {name for version in some if kind in version.kinds for name in _names(version.kinds[kind])}
        for some in (versions[:known], versions[known:])
    )
    first = {rule.id: min(rule.variants) for rule in folder.ruleset.plan.rules}
    rules = record.governed.rules
    begins = [turn for turn in folder.program.turns if _is_unknown(turn, known, folder)]
    return Layout(
        known=known,
        facts=[
            name
            for name in record.governed.relations[kind].columns
            if name in earlier or name not in later
        ],
        places=[place for place, rule in enumerate(rules) if first[rule.id] < known],
        timers=[timer for timer in record.timers if timer[1] not in begins],
    )


def layout_in(
    row: Mapping[str, object], timers: Collection[Timer], record: Record, folder: Folder
) -> Layout:
    """What the row of a case has, with its timers; as if it were new where that cannot be said."""
    newest = layout_of(len(folder.hashes), record, folder)
    try:
        facts, results, hashes = (
            json.loads(str(row[name])) for name in ("facts", "results", "versions")
        )
        used = max(folder.hashes.index(found) for found in hashes)
        names, count = set(facts), len(results)
    except (ValueError, TypeError):
        return newest  # somebody has changed it, which is seen where it is compared
    turns = set(folder.program.turns)
    at_turns = {timer for timer in timers if timer[1] in turns}
    for known in range(len(folder.hashes), used, -1):
        layout = layout_of(known, record, folder)
        has = (set(layout.facts), len(layout.places))
        if (names, count) == has and at_turns == {t for t in layout.timers if t[1] in turns}:
            return layout
    return newest


def rows_in(
    results: object, versions: object, record: Record, folder: Folder
) -> Mapping[int, Sequence[Row]] | None:
    """The rows of rules by their places, if a row is of this text of the ruleset and readable."""
    try:
        kept, hashes = json.loads(str(results)), json.loads(str(versions))
        if not set(hashes) <= set(folder.hashes):
            return None
        for known in range(len(folder.hashes), 0, -1):
            places = layout_of(known, record, folder).places
            if len(places) == len(kept):
                return dict(zip(places, map(_rows, kept), strict=True))
    except (ValueError, TypeError):
        pass  # somebody has changed it, which `kaocheng audit verify` tells
    return None


def _names(kind: Kind) -> Iterator[str]:
    """The columns that a version gives a kind."""
    yield from (fact.name for fact in kind.fields)
    if kind.lifecycle is not None:
        yield "state"


def _is_unknown(turn: int, known: int, folder: Folder) -> bool:
    """Whether at a turn a version comes into force that is not among the first ones."""
    version = folder.version_at(turn)
    return version is not None and version >= known


def _rows(kept: object) -> Sequence[Row]:
    if not isinstance(kept, list) or not all(isinstance(row, list) for row in kept):
        raise TypeError
    return [tuple(map(_value, row)) for row in kept]


def _value(value: object) -> object:
    return tuple(map(_value, value)) if isinstance(value, list) else value
