"""From one decoded line of a journal to an `Event`, every field checked; and back.

Decisions that the checks rest on:

* `at` is an instant with its offset, a date (a dated event), or the word `unknown`
  (it happened, nobody knows when). The offset is never guessed.
* `recorded_at` may lie before `at`: a journal is history as somebody kept it. An act is held
  to more (`ahead`).
* `sequence` starts at 1 and is unique within its case; gaps are allowed, because an
  extract of a journal has them; the order of the lines means nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import (
    OffsetTable,
    checked_event_time,
    format_date,
    format_instant,
    parse_date,
    parse_instant,
)
from kaocheng.journal.texts import (
    Message,
    Text,
    Unfit,
    clock_text,
    did_you_mean,
    shown,
)
from kaocheng.model.events import Actor, Correction, Event

KEYS = ("case", "sequence", "event", "at", "recorded_at", "actor", "data", "corrects")
REQUIRED = ("case", "sequence", "event", "at")
UNKNOWN_WORD = "unknown"

_ACTOR_KEYS = ("id", "unit", "roles")
_CORRECTION_KEYS = ("sequence", "reason", "void", "at", "data")

NO_KEY = Message("no_key", "{where} has no `{key}`", "{where}缺少 `{key}`")
STRANGE_KEY = Message(
    "strange_key",
    "{where} has the key `{key}`, which is not known{hint}",
    "{where}有未知的键 `{key}`{hint}",
)
WRONG_SHAPE = Message(
    "wrong_shape", "`{key}` is `{seen}`, but must be {wanted}", "`{key}` 为 `{seen}`，应为{wanted}"
)
NO_KIND = Message(
    "no_kind",
    "the case `{seen}` does not begin with its kind, as `report/2009-0131` does",
    "事项编号 `{seen}` 未以类别开头，应如 `report/2009-0131`",
)
STRAY = Message(
    "stray",
    "the number of the case `{seen}` is empty, begins or ends with a blank,"
    " or holds a control character",
    "事项编号 `{seen}` 为空、首尾有空白或含有控制字符",
)
BAD_TIME = Message("bad_time", "`{key}`: {why}", "`{key}`：{why}")
VOID_AND_MORE = Message(
    "void_and_more",
    "a correction that voids an event cannot also replace its `{key}`",
    "更正既撤销事件，就不能再替换其 `{key}`",
)
CHANGES_NOTHING = Message(
    "changes_nothing",
    "the correction changes nothing: write `void`, `at` or `data`",
    "更正没有内容，应写明 `void`、`at` 或 `data`",
)
CORRECTS_LATER = Message(
    "corrects_later",
    "event {own} corrects event {other}, which is not earlier",
    "第 {own} 号事件更正的第 {other} 号事件并不在其前",
)

_LINE = Text("the line", "该行")
_ACTOR = Text("`actor`", "`actor` ")
_CORRECTION = Text("`corrects`", "`corrects` ")
_TEXT = Text("text that is not empty", "非空文本")
_COUNT = Text("a whole number from 1", "不小于 1 的整数")
_OBJECT = Text("an object with keys and values", "由键和值组成的对象")
_TEXTS = Text("a list of texts", "文本清单")
_TRUE = Text("true", "true")
_TIME = Text("a date or an instant as text", "以文本书写的日期或时刻")

_KIND = re.compile(r"[a-z][a-z0-9_]*/", re.ASCII)
_INNER = r"\x00-\x1f\x7f-\x9f"
_CASE = re.compile(rf"[a-z][a-z0-9_]*/[^\s{_INNER}]([^{_INNER}]*[^\s{_INNER}])?", re.ASCII)
_DATE_LENGTH = len("2009-03-02")
_MOST = 2**63 - 1


def read_event(raw: Mapping[str, object]) -> Event:
    """The event of a decoded line.

    Raises:
        Unfit: a key is missing or not known, or a value is not what it must be.
    """
    _check_keys(raw, KEYS, REQUIRED, _LINE)
    sequence = _count(raw, "sequence")
    corrects = raw.get("corrects")
    at, date = read_time("at", raw["at"])
    recorded = raw.get("recorded_at")
    return Event(
        case=_case(raw),
        sequence=sequence,
        event=_text(raw, "event"),
        at=at,
        date=date,
        recorded_at=None if recorded is None else _instant("recorded_at", recorded),
        actor=_actor(raw.get("actor")),
        data=_data(raw.get("data")),
        corrects=None if corrects is None else _correction(corrects, sequence),
    )


def event_fields(event: Event, zone: OffsetTable | None = None) -> dict[str, object]:
    """The line of an event before it is text: keys in their fixed order, absent ones left out."""
    line: dict[str, object] = {
        "case": event.case,
        "sequence": event.sequence,
        "event": event.event,
        "at": _time_text(event.at, event.date, zone) or UNKNOWN_WORD,
    }
    if event.recorded_at is not None:
        line["recorded_at"] = format_instant(event.recorded_at, zone)
    if event.actor is not None:
        line["actor"] = _actor_fields(event.actor)
    if event.data:
        line["data"] = event.data
    if event.corrects is not None:
        line["corrects"] = _correction_fields(event.corrects, zone)
    return line


def read_time(key: str, value: object) -> tuple[int | None, int | None]:
    """The instant or the date that `value` names; neither for `unknown`."""
    if value == UNKNOWN_WORD:
        return None, None
    if isinstance(value, str) and len(value) <= _DATE_LENGTH:
        try:
            return None, parse_date(value)
        except ClockError as error:
            raise Unfit(BAD_TIME.fill(key=key, why=clock_text(error))) from error
    return _instant(key, value), None


def check_times(event: Event) -> None:
    """Refuse an event within a day of the ends of the calendar: some zone's day lies outside.

    Raises:
        Unfit: it says which of its times.
    """
    _check_time("at", event.at, event.date)
    _check_time("recorded_at", event.recorded_at, None)
    if event.corrects is not None:
        _check_time("at", event.corrects.instant, event.corrects.date)


def _check_time(key: str, at: int | None, date: int | None) -> None:
    try:
        checked_event_time(at, date)
    except ClockError as error:
        raise Unfit(BAD_TIME.fill(key=key, why=clock_text(error))) from error


def is_case_id(text: str) -> bool:
    """Whether it is a kind, a slash and an id without control characters."""
    return _CASE.fullmatch(text) is not None


def _check_keys(
    raw: Mapping[str, object], known: tuple[str, ...], required: tuple[str, ...], where: Text
) -> None:
    for key in raw:
        if key not in known:
            hint = did_you_mean(key, known)
            raise Unfit(STRANGE_KEY.fill(where=where, key=shown(key), hint=hint))
    for key in required:
        if key not in raw:
            raise Unfit(NO_KEY.fill(where=where, key=key))


def _wrong(key: str, seen: object, wanted: Text) -> Unfit:
    return Unfit(WRONG_SHAPE.fill(key=key, seen=shown(seen), wanted=wanted))


def _text(raw: Mapping[str, object], key: str) -> str:
    value = raw[key]
    if isinstance(value, str) and value.strip():
        return value
    raise _wrong(key, value, _TEXT)


def _count(raw: Mapping[str, object], key: str) -> int:
    value = raw[key]
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST:
        return value
    # A number between quotes is text, and must be seen to be.
    is_quoted = isinstance(value, str) and value.isdigit()
    raise _wrong(key, json.dumps(value) if is_quoted else value, _COUNT)


def _case(raw: Mapping[str, object]) -> str:
    case = _text(raw, "case")
    if is_case_id(case):
        return case
    begins = _KIND.match(case) is not None
    raise Unfit((STRAY if begins else NO_KIND).fill(seen=shown(case)))


def _instant(key: str, value: object) -> int:
    if not isinstance(value, str):
        raise _wrong(key, value, _TIME)
    try:
        return parse_instant(value)
    except ClockError as error:
        raise Unfit(BAD_TIME.fill(key=key, why=clock_text(error))) from error


def _data(value: object) -> Mapping[str, object]:
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    raise _wrong("data", value, _OBJECT)


def _actor(value: object) -> Actor | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise _wrong("actor", value, _OBJECT)
    _check_keys(value, _ACTOR_KEYS, ("id",), _ACTOR)
    unit = value.get("unit")
    return Actor(
        id=_text(value, "id"),
        unit=None if unit is None else _text(value, "unit"),
        roles=_roles(value.get("roles")),
    )


def _roles(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, list) and all(isinstance(role, str) and role for role in value):
        return tuple(value)
    raise _wrong("roles", value, _TEXTS)


def _correction(value: object, own: int) -> Correction:
    if not isinstance(value, Mapping):
        raise _wrong("corrects", value, _OBJECT)
    _check_keys(value, _CORRECTION_KEYS, ("sequence", "reason"), _CORRECTION)
    sequence = _count(value, "sequence")
    if sequence >= own:
        raise Unfit(CORRECTS_LATER.fill(own=str(own), other=str(sequence)))
    if "void" in value and value["void"] is not True:
        raise _wrong("void", value["void"], _TRUE)
    replaced = [key for key in ("at", "data") if key in value]
    if "void" in value and replaced:
        raise Unfit(VOID_AND_MORE.fill(key=replaced[0]))
    at, date = read_time("at", value["at"]) if "at" in value else (None, None)
    data = _data(value.get("data"))
    if "void" not in value and at is None and date is None and not data:
        raise Unfit(CHANGES_NOTHING.fill())
    return Correction(
        sequence=sequence,
        reason=_text(value, "reason"),
        void="void" in value,
        at=at,
        date=date,
        data=data,
    )


def _time_text(at: int | None, date: int | None, zone: OffsetTable | None) -> str | None:
    if at is not None:
        return format_instant(at, zone)
    return None if date is None else format_date(date)


def _actor_fields(actor: Actor) -> dict[str, object]:
    line: dict[str, object] = {"id": actor.id}
    if actor.unit is not None:
        line["unit"] = actor.unit
    if actor.roles:
        line["roles"] = list(actor.roles)
    return line


def _correction_fields(corrects: Correction, zone: OffsetTable | None) -> dict[str, object]:
    line: dict[str, object] = {"sequence": corrects.sequence, "reason": corrects.reason}
    time = _time_text(corrects.instant, corrects.date, zone)
    if corrects.void:
        line["void"] = True
    if time is not None:
        line["at"] = time
    if corrects.data:
        line["data"] = corrects.data
    return line
