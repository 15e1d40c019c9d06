"""Strict JSON: no key twice, no NaN, exact decimals, bounded nesting; and its canonical text.

The canonical text sorts the keys of every object, keeps the digits of decimals and
writes characters as themselves, so that equal values give equal bytes.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kaocheng.journal.texts import Message, Unfit, says

MOST_LEVELS = 32

NOT_JSON = Message("not_json", "this is not JSON: {why}", "不是 JSON：{why}")
REPEATED_KEY = Message("repeated_key", "the key `{key}` stands twice", "键 `{key}` 重复出现")
NOT_A_NUMBER = Message("not_a_number", "`{seen}` is not a number", "`{seen}` 不是数")
TOO_DEEP = Message(
    "too_deep",
    "the values are nested more than {most} levels deep",
    "嵌套超过 {most} 层",
)
BROKEN_CHARACTER = Message(
    "broken_character",
    "half of a surrogate pair stands alone, which is no character",
    "含有单独的代理码位，不构成字符",
)

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")

# What Python's reader says, by how it begins, and the same in Chinese.
_SAID_OF_JSON = {
    "Expecting property name": "此处应为以双引号括起的键",
    "Expecting ',' delimiter": "此处缺少逗号",
    "Expecting ':' delimiter": "此处缺少冒号",
    "Expecting value": "此处缺少值",
    "Unterminated string": "自此处起的文本未以双引号结束",
    "Invalid control character": "文本中有未转义的控制字符",
    "Invalid \\escape": "反斜杠之后的转义无效",
    "Invalid \\uXXXX escape": "`\\u` 之后应为四位十六进制数",
    "Extra data": "一行只应有一个对象，其后还有内容",
    "Illegal trailing comma": "末尾多了一个逗号",
}


def parse_json(text: str) -> object:
    """The value that `text` holds; numbers with a point are exact decimals.

    Raises:
        Unfit: it is not JSON, or not JSON that can be written back.
    """
    _check_depth(text)
    try:
        value: object = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        why = says(error.msg, _SAID_OF_JSON)
        raise Unfit(NOT_JSON.fill(why=why), column=error.pos + 1) from error
    except Unfit:
        raise
    except ValueError as error:  # a whole number of thousands of digits
        raise Unfit(NOT_A_NUMBER.fill(seen="…")) from error
    if _SURROGATE.search(text):
        _check_characters(value)
    return value


def canonical(value: object) -> str:
    """The canonical JSON text of a value that `parse_json` may have given."""
    if isinstance(value, str):
        return _string(value)
    if type(value) is int:
        return str(value)
    if type(value) is dict or isinstance(value, Mapping):
        pairs = [f"{_string(str(key))}: {canonical(value[key])}" for key in sorted(value)]
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(canonical, value)) + "]"
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise Unfit(NOT_A_NUMBER.fill(seen=str(value)))
    return _PLAIN(value)


compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""The JSON text of a value without blanks, its keys in the order in which they are."""

_string = json.encoder.encode_basestring
_PLAIN = json.JSONEncoder(ensure_ascii=False).encode


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise Unfit(NOT_A_NUMBER.fill(seen=str(value)))
    text = str(value)
    # Without a point or an exponent it would be read back as a whole number.
    return text if set(text) & set(".E") else f"{text}.0"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Unfit(REPEATED_KEY.fill(key=twice))
    return found


def _constant(name: str) -> object:
    raise Unfit(NOT_A_NUMBER.fill(seen=name))


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=Decimal, parse_constant=_constant
)


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MOST_LEVELS:
        return
    level, inside, escaped = 0, False, False
    for character in text:
        if inside:
            inside = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            inside = True
        else:
            level += (character in "[{") - (character in "]}")
            if level > MOST_LEVELS:
                raise Unfit(TOO_DEEP.fill(most=str(MOST_LEVELS)))


def _check_characters(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError as error:
        raise Unfit(BROKEN_CHARACTER.fill()) from error
