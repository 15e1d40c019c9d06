"""Deciding about one event of one case, with everything that may refuse it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kaocheng.engine.cases import Governed, LiveContext, Record
from kaocheng.engine.folding import Folder
from kaocheng.engine.refusing import Refused, data_refusals, misfits
from kaocheng.journal.texts import did_you_mean
from kaocheng.lifecycle import NOBODY, Access, Asked, Decision, Option, Refusal
from kaocheng.model.events import SILENT, Actor, Correction, Event

_ACCEPTED = Decision(allowed=True, reasons=(), state_before=None, state_after=None)
# A correction may leave later events without a place in the lifecycle; history is not refused.
_ABOUT_ORDER = frozenset({"out_of_order", "no_match"})


Corrected = Callable[[str, Correction, Iterable[Event]], Iterable[Event]]
"""Gives the events of a case, with those that are about to be kept, or refuses a correction
that corrects none of them."""


class Decider:
    """Asks the lifecycle, then folds the event and sees whether it fits its kind.

    `context` is what guards read of other cases; it is set to the time of each act.
    """

    def __init__(self, folder: Folder, context: LiveContext, corrected: Corrected) -> None:
        self._folder = folder
        self._context = context
        self._corrected = corrected
        # What the ids of those who act begin with, where they are cases.
        self._person = "person/" if "person" in folder.kinds else ""
        self._unit = "unit/" if "unit" in folder.kinds else ""

    def decide(
        self, record: Record, made: Event, before: Iterable[Event] = ()
    ) -> tuple[Decision, Record]:
        """The decision about an event of a case, and the record after it.

        `before` are the events of the case that go before it and are not kept yet.

        Raises:
            Refused: the lifecycle says no, or the event does not fit its kind.
        """
        lifecycle, state = record.governed.lifecycle, record.state.state
        if lifecycle is None or state is None:
            decision = _declared(record.governed, made)
        else:
            now = made.at
            if now is None:
                now = self._folder.moment(None, made.date, record)
            asked = self._asked(record, made.actor, now)
            decision = lifecycle.decide(state, made.event, asked)
        if not decision.allowed:
            raise Refused(*decision.reasons, *data_refusals(record.governed.program, made))
        if made.corrects is None:
            grown = self._folder.grown(record, made)
        else:
            earlier = self._corrected(made.case, made.corrects, before)
            grown = self._folder.rebuilt(made.case, (*earlier, made))
        if grown.state.reported is not record.state.reported:
            _check_fit(record, grown, made)
        return decision, grown

    def may(self, record: Record, actor: Actor | None, now: int) -> tuple[Option, ...]:
        """Every transition from the present state."""
        lifecycle, state = record.governed.lifecycle, record.state.state
        if lifecycle is None or state is None:
            return ()
        return lifecycle.may(state, self._asked(record, actor, now))

    def may_read(self, record: Record, actor: Actor | None, now: int) -> Access:
        """Whether the actor may read the case, under the version in force now."""
        version = self._folder.version_at(now)
        if version is None:
            version = record.governed.version
        readers = self._folder.readers(record.governed.name, version)
        return readers.decide(self._asked(record, actor, now))

    def _asked(self, record: Record, actor: Actor | None, now: int) -> Asked:
        context = self._context.begin(now, record.version)
        row = NOBODY if actor is None else self._actor_row(actor)
        return Asked(record.row, actor, row, record.happened, context)

    def _actor_row(self, actor: Actor) -> tuple[object, ...]:
        name, unit = actor.id, actor.unit
        if not name.startswith(self._person):
            name = self._person + name
        if unit is not None and not unit.startswith(self._unit):
            unit = self._unit + unit
        return (name, unit, actor.roles)


def _check_fit(before: Record, record: Record, made: Event) -> None:
    refusals = data_refusals(before.governed.program, made)
    if refusals:
        raise Refused(*refusals)
    new = [p for p in record.state.problems if p not in before.state.problems]
    wrong = [p for p in new if made.corrects is None or p.code not in _ABOUT_ORDER]
    if wrong:
        raise Refused(*misfits(wrong))


def _declared(governed: Governed, made: Event) -> Decision:
    program, event = governed.program.in_era(made), made.event
    if event not in SILENT:  # which are the engine's own to make
        if made.corrects is not None or event in program.events:
            return _ACCEPTED
        if program.anything is not None and not program.anything.known.isdisjoint(made.data):
            return _ACCEPTED
    known = {"kind": governed.name, "event": event}
    hint = did_you_mean(event, program.events)
    refusal = Refusal("unknown_event", {**known, "hint": hint})
    return Decision(allowed=False, reasons=(refusal,), state_before=None, state_after=None)
