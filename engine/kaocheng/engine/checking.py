"""Arguments and events that can be used at all: of the right type, and kept by every database."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NoReturn

from attrs import evolve

from kaocheng.arguments import (
    PROGRAM,
    RULESET,
    RULESETS,
    STORE,
    check_clock,
    check_does,
    check_each,
    check_is,
)
from kaocheng.calendars.numberline import EVENT_DAYS, EVENT_INSTANTS, format_date, format_instant
from kaocheng.calendars.zones import Zone
from kaocheng.engine.epochs import why_misread, why_unset
from kaocheng.engine.refusing import (
    MOST_AHEAD,
    Refused,
    refuse_misread,
    refuse_unset,
    time_of,
    why_of,
)
from kaocheng.errors import ArgumentError
from kaocheng.evaluate.python import Program
from kaocheng.journal.publications import publication_of
from kaocheng.journal.texts import NO_TIME, Message, Text
from kaocheng.journal.unknown import NO_KIND, NO_STATE, NO_STATE_OF, check_known
from kaocheng.language.ruleset import Ruleset
from kaocheng.lifecycle import Refusal
from kaocheng.model.events import MIGRATION, PUBLICATION, SILENT, TIMER, Actor, Correction, Event

MOST_NAME = 200
"""How many characters an id, a key or a name may have: databases index them."""

MOST_REASON = 10_000
"""How many characters the reason of a migration may have: every case keeps it."""

_MOST = 2**63 - 1
_UNCLEAN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_UNKEPT = re.compile("[\x00\ud800-\udfff]")

_TEXT = Text("must be text", "应为文本")
_EMPTY = Text("is empty", "为空")
_LONG = Text(f"has more than {MOST_NAME} characters", f"超过 {MOST_NAME} 个字符")
_LONG_REASON = Text(f"has more than {MOST_REASON:,} characters", f"超过 {MOST_REASON:,} 个字符")
_CHARACTER = Text(
    "holds a control character or half of a surrogate pair", "含有控制字符或单独的代理码位"
)
_KEPT = Text("holds a NUL character or half of a surrogate pair", "含有空字符或单独的代理码位")
_OBJECT = Text("must be an object with keys and values", "应为由键和值组成的对象")
_KEY = Text("has a key that is not text", "有的键不是文本")
_ACTOR = Text("must be an actor", "应为办理人")
_ROLES = Text("must be a tuple of texts", "应为文本的元组")
_CORRECTION = Text("must be a correction", "应为更正")
_COUNT = Text("must be a whole number from 0", "应为不小于 0 的整数")
_POSITIVE = Text("must be a whole number from 1", "应为不小于 1 的整数")
_FIRST, _LAST = format_date(EVENT_DAYS[0]), format_date(EVENT_DAYS[-1])
_INSTANT = Text(
    f"must be microseconds since 1970 UTC, from {_FIRST} to {_LAST}",
    f"应为自 1970 年（UTC）起的微秒数，且在 {_FIRST} 至 {_LAST} 之间",
)
_MICROSECONDS = Text("microseconds", "微秒数")
_DAY = Text(
    f"must be days since 1970, from {_FIRST} to {_LAST}",
    f"应为自 1970 年起的天数，且在 {_FIRST} 至 {_LAST} 之间",
)
_ONE_TIME = Text("cannot stand beside `at`", "不能与 `at` 并用")
_NO_CLOCK = {
    "at": Text("must be given, or the engine a clock", "须给出，或为引擎配置时钟"),
    "overdue": Text(
        "needs an engine with a clock; `due_before` needs none",
        "须由配置了时钟的引擎判断；也可改用 `due_before`",
    ),
}
_AHEAD = Message(
    "ahead",
    "is {now}, more than a day ahead of the engine's clock ({clock}); give the present: a timer"
    " that has fired stays in the journal",
    "为 {now}，晚于引擎时钟（{clock}）一日以上；应给出当前时刻：到期处理一经办理即记入台账",
)
_FLAG = Text("must be true or false", "应为真或假")
_VOID_AND_MORE = Text(
    "cannot stand beside `at`, `date` or `data`: an event that is void is not replaced",
    "不能与 `at`、`date` 或 `data` 并用：已撤销的事件无从替换",
)
_NO_CHANGE = Text(
    "changes nothing; give `void`, `at`, `date` or `data`",
    "没有更正内容；应给出 `void`、`at`、`date` 或 `data`",
)
_LATER = Text("is no earlier event of the case", "不是该事项在此之前的事件")
_MADE = Text(
    "is the engine's own and not as the engine makes it", "为引擎专用，而内容与引擎所生成的不同"
)
# What the engine's own events carry.
_CARRIED: Mapping[str, Mapping[str, type]] = {
    TIMER: {"rules": list},
    MIGRATION: {"from": list, "to": list, "reason": str},
    PUBLICATION: {"sequence": int, "period": str, "digest": str},  # as journals once had it
}


def why_no_name(value: object) -> Text | None:
    """Why a value cannot be an id, a key or a name; nothing where it can."""
    if not isinstance(value, str):
        return _TEXT
    if not value.strip():
        return _EMPTY
    if len(value) > MOST_NAME:
        return _LONG
    if not value.isprintable() and _UNCLEAN.search(value):
        return _CHARACTER
    return None


def check_act(  # noqa: PLR0913 - the arguments of an act
    case: object,
    event: object,
    *,
    at: object,
    actor: object,
    data: object,
    corrects: Correction | None,
    recorded_at: object,
    expected_sequence: object,
    idempotency_key: object,
) -> Correction | None:
    """Refuse an act with an argument that is of another type or holds what cannot be kept.

    Gives its correction as a journal has it: with the time read, where that is text.
    """
    _refuse_name("case", case)
    _refuse_name("event", event)
    _check_time("at", at)
    if actor is not None:
        _check_actor(actor)
    if data is not None:
        _check_data("data", data)
    said = corrects.at if isinstance(corrects, Correction) else None
    corrects = _read_correction(corrects)
    if corrects is not None:
        _check_correction(corrects)
        if said is not None and not isinstance(said, str):
            refuse_unset("corrects.at", said)
            refuse_misread("corrects.at", said)
    if recorded_at is not None:
        _check_time("recorded_at", recorded_at)
    if expected_sequence is not None and not _is_count(expected_sequence):
        _refuse("expected_sequence", _COUNT)
    if idempotency_key is not None:
        _refuse_name("idempotency_key", idempotency_key)
    return corrects


def check_event(event: Event) -> None:
    """Refuse an event of the past that no act could have made, whatever the lifecycle says."""
    _refuse_name("case", event.case)
    _refuse_name("event", event.event)
    if not _is_count(event.sequence) or not event.sequence:
        _refuse("sequence", _POSITIVE)
    _check_times("", event.at, event.date)
    if event.recorded_at is not None and not _is_instant(event.recorded_at):
        _refuse("recorded_at", _INSTANT)
    if event.actor is not None:
        _check_actor(event.actor)
    _check_data("data", event.data)
    if event.corrects is not None:
        _check_correction(event.corrects)
        if event.corrects.sequence >= event.sequence:
            _refuse("corrects.sequence", _LATER)
    if event.event in SILENT and not _is_made(event):
        _refuse("event", _MADE)


def check_text(name: str, value: object) -> None:
    """Refuse what is no text.

    Raises:
        ArgumentError: it is something else.
    """
    if not isinstance(value, str):
        raise _wrong(name, _TEXT)


def check_name(name: str, value: object) -> None:
    """Refuse what can be no id, key or name.

    Raises:
        ArgumentError: it says what is wrong.
    """
    why = why_no_name(value)
    if why is not None:
        raise _wrong(name, why)


def check_reason(value: object) -> None:
    """Refuse what gives no reason.

    Raises:
        ArgumentError: it says what is wrong.
    """
    why = _why_no_reason(value)
    if why is None and len(str(value)) > MOST_REASON:
        why = _LONG_REASON
    if why is not None:
        raise _wrong("reason", why)


def check_actor(actor: object) -> None:
    """Refuse who is no actor.

    Raises:
        ArgumentError: it says what is wrong.
    """
    if actor is not None:
        try:
            _check_actor(actor)
        except Refused as refused:
            key = str(refused.refusals[0].values["key"])
            raise _wrong(key, why_of(refused, key)) from refused


def check_filters(*, due_before: int | None, **names: str | None) -> None:
    """Refuse filters of a worklist that there cannot be; None is no filter.

    Raises:
        ArgumentError: it says what is wrong.
    """
    for name, value in names.items():
        if value is not None:
            check_name(name, value)
    if due_before is not None:
        check_instant("due_before", due_before)


def check_listed(ruleset: Ruleset, *, kind: str | None, state: str | None) -> None:
    """Refuse to list what there cannot be: a kind, or a state, that no version has.

    Raises:
        UnknownNameError: it offers the nearest.
    """
    if kind is not None:
        check_known("kind", kind, ruleset.kinds, NO_KIND)
    if state is not None:
        kinds = [found for version in ruleset.versions for found in version.kinds.values()]
        lifecycles = [found.lifecycle for found in kinds if kind in (None, found.name)]
        states = {name for found in lifecycles if found is not None for name in found.states}
        message = NO_STATE if kind is None else NO_STATE_OF
        check_known("state", state, states, message, kind=str(kind))


def check_instant(name: str, value: object) -> None:
    """Refuse an instant that is none.

    Raises:
        ArgumentError: it is not microseconds after 1970 and before the end of the calendar, or
            is hardly meant as microseconds.
    """
    if type(value) is not int or value not in EVENT_INSTANTS:
        raise _wrong(name, _INSTANT)
    why = why_unset(value, give=_MICROSECONDS) or why_misread(value, give=_MICROSECONDS)
    if why is not None:
        raise _wrong(name, Text(f"is no instant: {why.en}", f"不是时刻：{why.zh}"))


def checked_clock(clock: Callable[[], int]) -> Callable[[], int]:
    """A clock of which every instant has been looked at: one that is wrong gets its own error."""

    def now() -> int:
        instant = clock()
        check_instant("clock", instant)
        return instant

    return now


def check_come(now: int, clock: Callable[[], int] | None, zone: Zone) -> None:
    """Refuse to do what is due by an instant that has not come, as acts are refused.

    Raises:
        ArgumentError: it is more than a day ahead of the clock, where there is one.
    """
    check_instant("now", now)
    present = now if clock is None else clock()
    if now > present + MOST_AHEAD:
        seen, known = format_instant(now, zone), format_instant(present, zone)
        raise _wrong("now", _AHEAD.fill(now=seen, clock=known))


def no_clock(argument: str) -> ArgumentError:
    """What is wrong with an argument that leaves the time to a clock that there is not."""
    return _wrong(argument, _NO_CLOCK[argument])


def check_parts(
    ruleset: object, store: object, program: object, clock: object, earlier: object
) -> None:
    """Refuse an engine of anything else than its parts; None is none of them but the ruleset.

    Raises:
        ArgumentError: it says which.
    """
    check_is("ruleset", ruleset, Ruleset, RULESET)
    if store is not None:
        parts = ("load", "cases", "units" if hasattr(store, "units") else "append")
        check_does("store", store, parts, STORE)
    if program is not None:
        check_is("program", program, Program, PROGRAM)
    if clock is not None:
        check_clock(clock)
    check_each("earlier", earlier, Ruleset, RULESETS)


def check_limit(value: object, name: str = "limit") -> None:
    """Refuse what is no number of things: a limit, or the first of several.

    Raises:
        ArgumentError: it is not a whole number from 1.
    """
    if type(value) is not int or not 1 <= value <= _MOST:
        raise _wrong(name, _POSITIVE)


def check_flag(name: str, value: object) -> None:
    """Refuse what is neither true nor false.

    Raises:
        ArgumentError: it is something else.
    """
    if not isinstance(value, bool):
        raise _wrong(name, _FLAG)


def _refuse_name(key: str, value: object) -> None:
    why = why_no_name(value)
    if why is not None:
        _refuse(key, why)


def _check_time(key: str, value: object) -> None:
    if type(value) is not int and not isinstance(value, str):
        _refuse(key, NO_TIME)
    if isinstance(value, str) and len(value) > MOST_NAME:
        _refuse(key, _LONG)
    refuse_unset(key, value)


def _check_actor(actor: object) -> None:
    if not isinstance(actor, Actor):
        _refuse("actor", _ACTOR)
    _refuse_name("actor.id", actor.id)
    if actor.unit is not None:
        _refuse_name("actor.unit", actor.unit)
    if not isinstance(actor.roles, tuple):
        _refuse("actor.roles", _ROLES)
    for role in actor.roles:
        _refuse_name("actor.roles", role)


def _check_data(key: str, data: object) -> None:
    if not isinstance(data, Mapping):
        _refuse(key, _OBJECT)
    for name in data:
        if not isinstance(name, str):
            _refuse(key, _KEY)


def _read_correction(corrects: Correction | None) -> Correction | None:
    if not isinstance(corrects, Correction) or not isinstance(corrects.at, str):
        return corrects
    _check_time("corrects.at", corrects.at)
    instant, date = time_of("corrects.at", corrects.at)
    if corrects.date is not None:
        _refuse("corrects.date", _ONE_TIME)
    return evolve(corrects, at=instant, date=date)


def _check_correction(corrects: object) -> None:
    if not isinstance(corrects, Correction):
        _refuse("corrects", _CORRECTION)
    if not _is_count(corrects.sequence):
        _refuse("corrects.sequence", _COUNT)
    why = _why_no_reason(corrects.reason)
    if why is not None:
        _refuse("corrects.reason", why)
    _check_times("corrects.", corrects.at, corrects.date)
    _check_data("corrects.data", corrects.data)
    if not isinstance(corrects.void, bool):
        _refuse("corrects.void", _FLAG)
    is_replaced = bool(corrects.data) or (corrects.at, corrects.date) != (None, None)
    if corrects.void and is_replaced:
        _refuse("corrects.void", _VOID_AND_MORE)
    if not corrects.void and not is_replaced:
        _refuse("corrects", _NO_CHANGE)


def _why_no_reason(value: object) -> Text | None:
    if not isinstance(value, str):
        return _TEXT
    if not value.strip():
        return _EMPTY
    return _KEPT if _UNKEPT.search(value) else None


def _check_times(place: str, at: object, date: object) -> None:
    if at is not None and not _is_instant(at):
        _refuse(f"{place}at", _INSTANT)
    if date is not None and (type(date) is not int or date not in EVENT_DAYS):
        _refuse(f"{place}date", _DAY)
    if at is not None and date is not None:
        _refuse(f"{place}date", _ONE_TIME)


def _is_made(event: Event) -> bool:
    """Whether an event of the engine's own is as the engine makes it."""
    carried, data = _CARRIED[event.event], event.data
    if event.at is None or event.actor is not None or event.corrects is not None:
        return False
    if event.event == PUBLICATION and (said := publication_of(event)) is not None:
        again = said.data(language=str(data.get("language")), digest=str(data.get("digest")))
        return data == again
    return data.keys() == carried.keys() and all(
        isinstance(data[key], kind) for key, kind in carried.items()
    )


def _is_instant(value: object) -> bool:
    return type(value) is int and value in EVENT_INSTANTS


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= _MOST


def _wrong(name: str, why: Text) -> ArgumentError:
    return ArgumentError(name, why.en, zh=why.zh)


def _refuse(key: str, why: Text) -> NoReturn:
    raise Refused(Refusal("bad_argument", {"key": key, "why": why}))
