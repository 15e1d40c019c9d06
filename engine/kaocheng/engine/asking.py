"""What reads share: the times that they are asked with, and the assessment of a journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from kaocheng.assessing import Evaluator, assess, last_instant
from kaocheng.calendars.numberline import EVENT_INSTANTS
from kaocheng.calendars.zones import build_zone
from kaocheng.engine.refusing import Refused, Time, instant_of, time_of, why_of
from kaocheng.errors import ArgumentError, UnknownNameError
from kaocheng.journal.texts import NO_TIME, Text
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import Journal

if TYPE_CHECKING:
    from kaocheng.assessment import Assessment

_NO_INSTANT = Text("is no instant", "不是时刻")
_NEITHER = Text("is no time", "不是时间")
_NO_CASE = Text("is none that there can be", "不可能存在")


@overload
def instant(name: str, value: int | str) -> int: ...
@overload
def instant(name: str, value: int | str | None) -> int | None: ...
def instant(name: str, value: int | str | None) -> int | None:
    """Microseconds since 1970 UTC, of a number or of text such as `2009-03-02T09:00:00+08:00`.

    Raises:
        ArgumentError: it is no instant, or within a day of the ends of the calendar.
    """
    if value is None:
        return None
    try:
        return instant_of(name, value)
    except Refused as refused:
        raise _unusable(name, refused, _NO_INSTANT) from refused


def given(name: str, value: int | str) -> int:
    """The instant of an argument that has to be given.

    Raises:
        ArgumentError: it is none, or no instant.
    """
    found = instant(name, value)
    if found is None:
        raise ArgumentError(name, NO_TIME.en, zh=NO_TIME.zh)
    return found


def asked_time(name: str, value: int | str) -> Time:
    """The instant or the date of a question.

    Raises:
        ArgumentError: it is neither.
    """
    try:
        return time_of(name, value)
    except Refused as refused:
        raise _unusable(name, refused, _NEITHER) from refused


def no_such(refused: Refused) -> ArgumentError:
    """What is wrong with asking about a case that there can never be."""
    if refused.refusals[0].code == "unknown_kind":
        why = why_of(refused, "case")
        return UnknownNameError("case", why.en, zh=why.zh)
    return _unusable("case", refused, _NO_CASE)


def _unusable(name: str, refused: Refused, what: Text) -> ArgumentError:
    why = why_of(refused, name)
    if refused.refusals[0].code == "bad_argument":  # which says it all
        return ArgumentError(name, why.en, zh=why.zh)
    return ArgumentError(name, f"{what.en}: {why.en}", zh=f"{what.zh}：{why.zh}")


def assessed(
    ruleset: Ruleset,
    journal: Journal,
    *,
    as_of: int | str | None,
    known_at: int | str | None,
    evaluator: Evaluator = "python",
) -> Assessment:
    """What a ruleset says of a journal; as of its last event if not said otherwise.

    Raises:
        ArgumentError: a time is none.
    """
    as_of, known_at = instant("as_of", as_of), instant("known_at", known_at)
    if as_of is None:
        last = last_instant(journal.events, build_zone(ruleset.versions[-1].zone))
        as_of = EVENT_INSTANTS.start if last is None else last
    return assess(ruleset, journal, as_of=as_of, known_at=known_at, evaluator=evaluator)
