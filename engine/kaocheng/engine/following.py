"""What follows from an assessment of a case: what will be due, and who is to be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from json.encoder import encode_basestring

from kaocheng.calendars.zones import Zone
from kaocheng.engine.cases import Record
from kaocheng.engine.keeping import Change
from kaocheng.engine.migrating import Told
from kaocheng.engine.outcome import Chain, Row, grown, unchained
from kaocheng.engine.telling import Said, Teller, unversioned
from kaocheng.model.events import Event
from kaocheng.plan.algebra import COLLECTIONS

Message = tuple[str, str, Said]
"""A kind of message, the case it is about, and what it says as JSON."""


def due_of(record: Record, zone: Zone) -> int | None:
    """The last instant of the earliest deadline that nobody has met yet."""
    ends = (clock.ends(row, zone) for clock, row in record.case_results.clocks())
    return min((end for end in ends if end is not None), default=None)


def messages_of(change: Change, teller: Teller) -> Iterator[Message]:
    """What to tell about an event: that it happened, and what it brought or took away."""
    event, record = change.event, change.record
    yield "event", event.case, said_of(event, record)
    yield from _differences(change.before, record, teller, change.told or Told())
    for before, after in change.parents:
        yield from _differences(before, after, teller, Told())


def said_of(event: Event, record: Record) -> Said:
    """What is said of an event."""
    name, state = encode_basestring(event.event), record.state.state
    state = "null" if state is None else encode_basestring(state)
    return f'{{"event":{name},"sequence":{event.sequence},"state":{state}}}'


def _differences(before: Record, after: Record, teller: Teller, told: Told) -> Iterator[Message]:
    case = after.state.case
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
                gained += _not_told(teller.say(relation, unchained(now)), lost)
            elif was is not now:
                came, went = _changed(was, now)
                gained += teller.say(relation, came)
                if went:
                    lost += teller.say(relation, went)
        single = SINGLE[collection]
        yield from ((single, case, said) for said in gained)
        yield from ((f"{single}.withdrawn", case, said) for said in lost)


def _not_told(rows: Iterable[Said], told: list[Said]) -> list[Said]:
    """The rows that others have not been told of; of those that they have, none is left over."""
    found, known = [], list(map(unversioned, told))
    for row in rows:
        if unversioned(row) in known:
            place = known.index(unversioned(row))
            del known[place], told[place]
        else:
            found.append(row)
    return found


def _changed(was: Chain, now: Chain) -> tuple[Iterable[Row], Iterable[Row]]:
    """The rows that came and those that went, each once."""
    came = grown(now, was)
    if came is not None:
        before = unchained(was)
        return [row for row in dict.fromkeys(came) if row not in before], ()
    were, are = dict.fromkeys(unchained(was)), dict.fromkeys(unchained(now))
    return [row for row in are if row not in were], [row for row in were if row not in are]


SINGLE = {"findings": "finding", "entries": "entry", "notices": "notice"}
"""How messages call a row of a collection."""
