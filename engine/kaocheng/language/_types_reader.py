"""Type names as policy writers write them: `date`, `decimal(1)`, `person`, `{one_of: […]}`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping as MappingABC

from kaocheng.diagnostics import Diagnostics, nearest
from kaocheng.language import codes, declaration_codes
from kaocheng.language.shapes import (
    TITLES,
    Key,
    Raw,
    Record,
    listed,
    place_of,
    read,
    texts,
    unknown_key,
    wrong_shape,
)
from kaocheng.language.types import (
    BOOL,
    DATE,
    DURATION,
    INSTANT,
    INT,
    STRING,
    Decimal,
    Enum,
    ListOf,
    Reference,
    Type,
)
from kaocheng.syntax import Entry, Mapping, Node, Scalar, Sequence
from kaocheng.syntax.quoting import shown

_VALUES = "list of names, or names, each with its title"

TYPE = Record(
    "a type",
    "类型",
    (
        Key("type", Raw("a type"), "its type, where other keys stand beside it", "类型"),
        Key("one_of", Raw(_VALUES), "the names it is one of", "可取的值"),
        Key("ordered", Raw(_VALUES), "the same, from least to most", "由低到高的可取值"),
        Key("list", Raw("a type"), "the type of the items, for several at once", "清单各项的类型"),
    ),
)
TYPE_KEYS = tuple(key.name for key in TYPE.keys)

PRIMITIVES = {t.name: t for t in (BOOL, INT, STRING, DATE, INSTANT, DURATION)}
_DECIMAL = re.compile(r"decimal\((\d)\)", re.ASCII)
# What other languages and offices call the types.
_SYNONYMS: MappingABC[str, str] = {
    "boolean": "bool", "flag": "bool", "integer": "int", "number": "decimal(2)",
    "decimal": "decimal(2)", "float": "decimal(2)", "double": "decimal(2)", "text": "string",
    "str": "string", "day": "date", "datetime": "instant", "timestamp": "instant",
    "time": "instant", "interval": "duration", "是否": "bool", "整数": "int", "小数": "decimal(2)",
    "数字": "decimal(2)", "文字": "string", "文本": "string", "日期": "date", "时间": "instant",
    "时刻": "instant", "时长": "duration",
}  # fmt: skip


def read_type(node: Node, name: str, kinds: Iterable[str], diagnostics: Diagnostics) -> Type | None:
    """The type that `node` names; `name` becomes the name of an enumeration.

    Keys beside those of a type are for the caller to know.
    """
    return _Reader(name, tuple(kinds), diagnostics).type(node, key="type")


class _Reader:
    """Reads the type of one thing."""

    def __init__(self, name: str, kinds: tuple[str, ...], diagnostics: Diagnostics) -> None:
        self._name = name
        self._kinds = kinds
        self._diagnostics = diagnostics

    def type(self, node: Node, *, key: str) -> Type | None:
        """The type, or None after reporting."""
        if isinstance(node, Scalar):
            return None if node.is_blank else self._named(node)
        if isinstance(node, Mapping):
            return self._described(node)
        wanted = ("the name of a type", "类型名称")
        wrong_shape(node, self._diagnostics, place=place_of(key), wanted=wanted)
        return None

    def _named(self, node: Scalar) -> Type | None:
        text = node.text
        match = _DECIMAL.fullmatch(text)
        if match is not None:
            return Decimal(int(match[1]))
        if text in PRIMITIVES:
            return PRIMITIVES[text]
        if text in self._kinds:
            return Reference(text)
        hint = _SYNONYMS.get(text.lower()) or nearest(text, [*PRIMITIVES, *self._kinds])
        self._diagnostics.add(
            declaration_codes.UNKNOWN_TYPE, node.span, seen=shown(text), suggestion=hint
        )
        return None

    def _described(self, node: Mapping) -> Type | None:
        given = [entry for entry in node.entries if entry.key.text in TYPE_KEYS]
        if len(given) != 1:
            place = {"place": TYPE.name, "place_zh": TYPE.zh}
            span = given[1].key.span if given else node.span
            self._diagnostics.add(
                codes.EXACTLY_ONE, span, words={**place, **listed(TYPE_KEYS, "keys")}
            )
            return None
        key, value = given[0].key.text, given[0].value
        if key in ("one_of", "ordered"):
            return self._enum(value, key=key)
        if key == "list":
            return self._list(value)
        return self._inner(value, key=key)

    def _inner(self, node: Node, *, key: str) -> Type | None:
        """A type inside another, which has no other keys than a type's."""
        for entry in node.entries if isinstance(node, Mapping) else ():
            self._known(entry)
        return self.type(node, key=key)

    def _known(self, entry: Entry) -> None:
        if entry.key.text not in TYPE_KEYS:
            unknown_key(entry.key, TYPE, self._diagnostics)

    def _list(self, node: Node) -> Type | None:
        item = self._inner(node, key="list")
        if isinstance(item, ListOf):
            wanted, seen = ("the type of one item", "单项的类型"), ("another list", "清单")
            place = place_of("list")
            wrong_shape(node, self._diagnostics, place=place, wanted=wanted, seen=seen)
            return None
        return None if item is None else ListOf(item)

    def _enum(self, node: Node, *, key: str) -> Type | None:
        if isinstance(node, Mapping) and node.entries:
            return self._titled(node, key=key)
        if not isinstance(node, Sequence) or not node.items:
            form = None if isinstance(node, Scalar) else ("empty", "空的")
            wanted = ("a list of names", "名称清单")
            wrong_shape(node, self._diagnostics, place=place_of(key), wanted=wanted, seen=form)
            return None
        values: dict[str, None] = {}
        for item in node.items:
            if not isinstance(item, Scalar):
                place = place_of(key, in_list=True)
                wrong_shape(item, self._diagnostics, place=place, wanted=("a name", "名称"))
            elif item.text in values:
                seen = shown(item.text)
                self._diagnostics.add(codes.DUPLICATE_VALUE, item.span, seen=seen, key=key)
            elif not item.is_blank:
                values[item.text] = None
        return Enum(self._name, tuple(values), ordered=key == "ordered")

    def _titled(self, node: Mapping, *, key: str) -> Type:
        """Values in the order in which they are written, each with what people call it."""
        titles: dict[str, MappingABC[str, str]] = {}
        for entry in node.entries:
            name = entry.key.text
            titles[name] = texts(read(TITLES, entry.value, self._diagnostics, key=name))
        return Enum(self._name, tuple(titles), ordered=key == "ordered", titles=titles)
