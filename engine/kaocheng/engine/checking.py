"""Arguments that can be used at all: of the right type, and text that every database can keep."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NoReturn

from kaocheng.calendars.numberline import FIRST_INSTANT, LAST_INSTANT
from kaocheng.engine.refusing import Refused
from kaocheng.errors import ArgumentError
from kaocheng.journal.texts import Text
from kaocheng.lifecycle import Refusal
from kaocheng.model.events import Actor, Correction

MOST_NAME = 200
"""How many characters an id, a key or a name may have: databases index them."""

_MOST = 2**63 - 1
_UNCLEAN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_UNKEPT = re.compile("[\x00\ud800-\udfff]")

_TEXT = Text("must be text", "应为文本")
_EMPTY = Text("is empty", "为空")
_LONG = Text(f"has more than {MOST_NAME} characters", f"超过 {MOST_NAME} 个字符")
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
_INSTANT = Text(
    "must be microseconds since 1970 UTC, within the years 0001 to 9999",
    "应为自 1970 年（UTC）起的微秒数，且在公元 1 年至 9999 年之间",
)
_TIME = Text("must be an instant or text", "应为时刻或文本")


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
    corrects: object,
    recorded_at: object,
    expected_sequence: object,
    idempotency_key: object,
) -> None:
    """Refuse an act with an argument that is of another type or holds what cannot be kept."""
    _check_name("case", case)
    _check_name("event", event)
    _check_time("at", at)
    if actor is not None:
        _check_actor(actor)
    if data is not None:
        _check_data("data", data)
    if corrects is not None:
        _check_correction(corrects)
    if recorded_at is not None:
        _check_time("recorded_at", recorded_at)
    if expected_sequence is not None and not _is_count(expected_sequence):
        _refuse("expected_sequence", _COUNT)
    if idempotency_key is not None:
        _check_name("idempotency_key", idempotency_key)


def is_text(value: object) -> bool:
    """Whether it is text."""
    return isinstance(value, str)


def check_text(name: str, value: object) -> None:
    """Refuse what is no text.

    Raises:
        ArgumentError: it is something else.
    """
    if not isinstance(value, str):
        raise ArgumentError(name, _TEXT.en)


def check_case_id(case: object) -> None:
    """Refuse what can be no case.

    Raises:
        ArgumentError: it says what is wrong.
    """
    why = why_no_name(case)
    if why is not None:
        raise ArgumentError("case", why.en)


def check_actor(actor: object) -> None:
    """Refuse who is no actor.

    Raises:
        ArgumentError: it says what is wrong.
    """
    if actor is not None:
        try:
            _check_actor(actor)
        except Refused as refused:
            values = refused.refusals[0].values
            why = values["why"]
            reason = why.en if isinstance(why, Text) else why
            raise ArgumentError(str(values["key"]), reason) from refused


def check_filters(*, due_before: int | None, **texts: str | None) -> None:
    """Refuse filters of a worklist that are neither missing nor of their type."""
    for name, value in texts.items():
        check_filter(name, value)
    if due_before is not None:
        check_instant("due_before", due_before)


def check_filter(name: str, value: object) -> None:
    """Refuse a filter of the worklist that is neither text nor left out.

    Raises:
        ArgumentError: it says what is wrong.
    """
    why = None if value is None else why_no_name(value)
    if why is not None:
        raise ArgumentError(name, why.en)


def check_tenant(value: object) -> None:
    """Refuse a tenant that there cannot be.

    Raises:
        ArgumentError: it says what is wrong.
    """
    why = why_no_name(value)
    if why is not None:
        raise ArgumentError("tenant", why.en)


def check_instant(name: str, value: object) -> None:
    """Refuse an instant that is none.

    Raises:
        ArgumentError: it is not microseconds within the years 0001 to 9999.
    """
    if type(value) is not int or not FIRST_INSTANT <= value <= LAST_INSTANT:
        raise ArgumentError(name, _INSTANT.en)


def check_limit(value: object) -> None:
    """Refuse a limit that is no number of things.

    Raises:
        ArgumentError: it is not a whole number from 1.
    """
    if type(value) is not int or not 1 <= value <= _MOST:
        raise ArgumentError("limit", _POSITIVE.en)


def check_flag(name: str, value: object) -> None:
    """Refuse what is neither true nor false.

    Raises:
        ArgumentError: it is something else.
    """
    if not isinstance(value, bool):
        raise ArgumentError(name, "must be true or false")


def _check_name(key: str, value: object) -> None:
    why = why_no_name(value)
    if why is not None:
        _refuse(key, why)


def _check_time(key: str, value: object) -> None:
    if type(value) is not int and not isinstance(value, str):
        _refuse(key, _TIME)
    if isinstance(value, str) and len(value) > MOST_NAME:
        _refuse(key, _LONG)


def _check_actor(actor: object) -> None:
    if not isinstance(actor, Actor):
        _refuse("actor", _ACTOR)
    _check_name("actor.id", actor.id)
    if actor.unit is not None:
        _check_name("actor.unit", actor.unit)
    if not isinstance(actor.roles, tuple):
        _refuse("actor.roles", _ROLES)
    for role in actor.roles:
        _check_name("actor.roles", role)


def _check_data(key: str, data: object) -> None:
    if not isinstance(data, Mapping):
        _refuse(key, _OBJECT)
    for name in data:
        if not isinstance(name, str):
            _refuse(key, _KEY)


def _check_correction(corrects: object) -> None:
    if not isinstance(corrects, Correction):
        _refuse("corrects", _CORRECTION)
    if not _is_count(corrects.sequence):
        _refuse("corrects.sequence", _COUNT)
    reason = corrects.reason
    if not isinstance(reason, str):
        _refuse("corrects.reason", _TEXT)
    if not reason.strip():
        _refuse("corrects.reason", _EMPTY)
    if _UNKEPT.search(reason):
        _refuse("corrects.reason", _KEPT)
    for name in ("at", "date"):
        value = getattr(corrects, name)
        if value is not None and type(value) is not int:
            _refuse(f"corrects.{name}", _INSTANT)
    if corrects.at is not None and not FIRST_INSTANT <= corrects.at <= LAST_INSTANT:
        _refuse("corrects.at", _INSTANT)
    _check_data("corrects.data", corrects.data)


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= _MOST


def _refuse(key: str, why: Text) -> NoReturn:
    raise Refused(Refusal("bad_argument", {"key": key, "why": why}))
