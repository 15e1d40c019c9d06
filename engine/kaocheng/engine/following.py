"""What follows from an assessment of a case: what will be due, and who is to be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kaocheng.calendars.zones import Zone
from kaocheng.engine.cases import Record
from kaocheng.engine.keeping import Change
from kaocheng.engine.migrating import Said, Told, unversioned
from kaocheng.engine.outcome import Chain, Row, grown, unchained
from kaocheng.language.schema import Relation
from kaocheng.plan.algebra import COLLECTIONS

Message = tuple[str, str, Said]
"""A kind of message, the case it is about, and what it says."""


def due_of(record: Record, zone: Zone) -> int | None:
    """The last instant of the earliest deadline that nobody has met yet."""
    ends = (clock.ends(row, zone) for clock, row in record.case_results.clocks())
    return min((end for end in ends if end is not None), default=None)


def messages_of(change: Change) -> Iterator[Message]:
    """What to tell about an event: that it happened, and what it brought or took away."""
    event, record = change.event, change.record
    said: dict[str, object] = {
        "event": event.event,
        "sequence": event.sequence,
        "state": record.state.state,
    }
    yield "event", event.case, said
    yield from _differences(event.case, change.before, record, change.told or Told())
    for before, after in change.parents:
        yield from _differences(after.state.case, before, after, Told())


def _differences(case: str, before: Record, after: Record, told: Told) -> Iterator[Message]:
    outputs, places = after.governed.outputs, after.governed.places
    for collection in COLLECTIONS:
        gained: list[Said] = []
        lost = list(told.rows.get(collection, ()))
        for rule in outputs.collections.get(collection, ()):
            relation = outputs.relations[rule]
            place = places[relation.name]
            was: Chain = before.results[place] if before.results else []
            now = after.results[place]
            if rule in told.rules:
                gained += _not_told(_said(relation, unchained(now)), lost)
            elif was is not now:
                came, went = _changed(was, now)
                gained += _said(relation, came)
                lost += _said(relation, went)
        single = SINGLE[collection]
        yield from ((single, case, said) for said in gained)
        yield from ((f"{single}.withdrawn", case, said) for said in lost)


def _said(relation: Relation, rows: Iterable[Row]) -> list[Said]:
    return [dict(zip(relation.columns, row, strict=True)) for row in rows]


def _not_told(rows: Iterable[Said], told: list[Said]) -> list[Said]:
    """The rows that others have not been told of; of those that they have, none is left over."""
    found = []
    for row in rows:
        if unversioned(row) in told:
            told.remove(unversioned(row))
        else:
            found.append(row)
    return found


def _changed(was: Chain, now: Chain) -> tuple[Iterable[Row], Iterable[Row]]:
    """The rows that came and those that went, each once."""
    before, came = unchained(was), grown(now, was)
    if came is not None:
        return [row for row in dict.fromkeys(came) if row not in before], ()
    were, are = dict.fromkeys(before), dict.fromkeys(unchained(now))
    return [row for row in are if row not in were], [row for row in were if row not in are]


SINGLE = {"findings": "finding", "entries": "entry", "notices": "notice"}
"""How messages call a row of a collection."""
