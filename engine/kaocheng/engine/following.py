"""What follows from an assessment of a case: what will be due, and who is to be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from json.encoder import encode_basestring

from kaocheng.calendars.zones import Zone
from kaocheng.engine.cases import Record
from kaocheng.engine.keeping import Change
from kaocheng.engine.migrating import Told
from kaocheng.engine.outcome import Chain, Row, grown, unchained
from kaocheng.engine.telling import Said, Teller, unversioned
from kaocheng.engine.timers import ClockPlace
from kaocheng.model.events import Event
from kaocheng.plan.algebra import COLLECTIONS, UNDETERMINED

Message = tuple[str, str, Said]
"""A kind of message, the case it is about, and what it says as JSON."""


def open_deadlines(record: Record, zone: Zone) -> tuple[int | None, int]:
    """The last instant of the earliest deadline that nobody has met, how many are undetermined."""
    due, undetermined = None, 0
    for clock, row in record.case_results.clocks():
        if row[clock.status] is None:
            undetermined += 1
            continue
        end = clock.ends(row, zone)
        if end is not None and (due is None or end < due):
            due = end
    return due, undetermined


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
        for said in gained:
            yield single, case, said
        for said in lost:
            yield f"{single}.withdrawn", case, said
    if outputs.clocks:
        yield from _undetermined(before, after, teller, told)


def _undetermined(before: Record, after: Record, teller: Teller, told: Told) -> Iterator[Message]:
    """What to tell of deadlines that are undetermined now, or were so until now."""
    case, outputs = after.state.case, after.governed.outputs
    gained, lost = list[Said](), list(told.rows.get(UNDETERMINED, ()))
    for clock in outputs.clocks:
        are, were = _among(after.results, clock), _among(before.results, clock)
        if not (are or were):  # as nearly always
            continue
        if clock.rule in told.rules:
            gained += _not_told(teller.undetermined(clock.rule, outputs, are), lost)
        else:
            came, went = _changed(were, are)
            gained += teller.undetermined(clock.rule, outputs, came)
            lost += teller.undetermined(clock.rule, outputs, went)
    for said in gained:
        yield UNDETERMINED, case, said
    for said in lost:
        yield f"{UNDETERMINED}.withdrawn", case, said


def _among(results: Sequence[Chain], clock: ClockPlace) -> list[Row]:
    """The rows of a rule with deadlines that are undetermined; of none where there are no rows."""
    rows = unchained(results[clock.place]) if results else ()
    return [row for row in rows if row[clock.status] is None]


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
