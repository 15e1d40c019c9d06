"""What a stretch of YAML may look like, said once: read, checked, documented from one place.

A `Shape` describes a node. `read` turns a located node into plain values, reporting
every structural mistake at its place. The same shapes give the language reference
and the JSON Schema.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingABC

from attrs import field, frozen

from kaocheng.diagnostics import Diagnostics, Span, nearest
from kaocheng.language import codes
from kaocheng.syntax import (
    Mapping,
    Node,
    Scalar,
    Sequence,
    as_bool,
    as_date,
    as_decimal,
    as_duration,
    as_identifier,
    as_int,
    as_text,
)


@frozen
class Shape:
    """The root of all shapes."""


@frozen
class Text(Shape):
    """A text."""


@frozen
class Identifier(Shape):
    """An identifier: `lower_snake_case`."""


@frozen
class Number(Shape):
    """A whole number."""


@frozen
class DecimalNumber(Shape):
    """A number, with a point or without."""


@frozen
class Flag(Shape):
    """`true` or `false`."""


@frozen
class Day(Shape):
    """A date, `YYYY-MM-DD`."""


@frozen
class Phrase(Shape):
    """A duration: `2 hours`, `8 weeks`, `3 working days`."""


@frozen
class Choice(Shape):
    """One of the named values."""

    values: tuple[str, ...]


@frozen
class Expression(Shape):
    """An expression; `gives` says in words what it must give."""

    gives: str = "any value"


@frozen
class Raw(Shape):
    """Anything: the section reads the node itself.

    For the reference, `gives` says in words what it takes, and `parts` are records inside it.
    """

    gives: str = "see the text"
    parts: tuple[Record, ...] = ()


@frozen
class Many(Shape):
    """A list of `item`; with `or_one` a single item may stand without the brackets."""

    item: Shape
    or_one: bool = False


@frozen
class Named(Shape):
    """A mapping from names to `item`."""

    item: Shape


@frozen
class Key:
    """One key of a record: its name, what its value looks like, and what it means."""

    name: str
    shape: Shape
    en: str = ""
    zh: str = ""
    required: bool = False


@frozen
class Record(Shape):
    """A mapping with known keys; `name` is how messages call it."""

    name: str
    zh: str
    keys: tuple[Key, ...]

    def key(self, name: str) -> Key | None:
        """The key of that name."""
        return next((key for key in self.keys if key.name == name), None)


@frozen
class Either(Shape):
    """A scalar of one shape or a mapping of another."""

    scalar: Shape
    mapping: Shape
    sequence: Shape | None = None


@frozen
class Fields:
    """A record as read: values by key, and the nodes they came from."""

    values: MappingABC[str, object]
    nodes: MappingABC[str, Node]
    span: Span
    keys: MappingABC[str, Span] = field(factory=dict)

    def __contains__(self, key: str) -> bool:
        """Whether the key was given and could be read."""
        return key in self.values

    def get(self, key: str, default: object = None) -> object:
        """The value of `key`."""
        return self.values.get(key, default)

    def text(self, key: str, default: str = "") -> str:
        """The value of `key` as text."""
        value = self.values.get(key, default)
        return value if isinstance(value, str) else default

    def at(self, key: str) -> Span:
        """The place of the value of `key`, or of the whole record."""
        node = self.nodes.get(key)
        return self.span if node is None else node.span


TITLES = Record(
    "a title", "标题", (Key("zh", Text(), required=True), Key("en", Text(), required=True))
)


def read(shape: Shape, node: Node, diagnostics: Diagnostics, *, key: str) -> object | None:
    """The value of `node` read as `shape`, or None after reporting why it cannot be."""
    if isinstance(node, Scalar) and node.is_blank:
        return None
    match shape:
        case Raw():
            value: object | None = node
        case Either():
            value = _read_either(shape, node, diagnostics, key=key)
        case Record():
            value = read_record(shape, node, diagnostics, key=key)
        case Many():
            value = _read_many(shape, node, diagnostics, key=key)
        case Named():
            value = _read_named(shape, node, diagnostics, key=key)
        case _:
            value = _read_scalar(shape, node, diagnostics, key=key)
    return value


def _read_either(shape: Either, node: Node, diagnostics: Diagnostics, *, key: str) -> object | None:
    if isinstance(node, Scalar):
        return read(shape.scalar, node, diagnostics, key=key)
    if isinstance(node, Sequence) and shape.sequence is not None:
        return read(shape.sequence, node, diagnostics, key=key)
    return read(shape.mapping, node, diagnostics, key=key)


def read_record(shape: Record, node: Node, diagnostics: Diagnostics, *, key: str) -> Fields | None:
    """A mapping with known keys; unknown and missing keys are reported."""
    if not isinstance(node, Mapping):
        _wrong(node, diagnostics, key=key, wanted=("a mapping", "一组键值"))
        return None
    known = [k.name for k in shape.keys]
    values: dict[str, object] = {}
    nodes: dict[str, Node] = {}
    keys: dict[str, Span] = {}
    for entry in node.entries:
        name = entry.key.text
        declared = shape.key(name)
        if declared is None:
            diagnostics.add(
                codes.UNKNOWN_KEY,
                entry.key.span,
                suggestion=nearest(name, known),
                seen=name,
                place=shape.name,
                known=", ".join(f"`{k}`" for k in known),
            )
            continue
        keys[name] = entry.key.span
        nodes[name] = entry.value
        value = read(declared.shape, entry.value, diagnostics, key=name)
        if value is not None:
            values[name] = value
    for declared in shape.keys:
        if declared.required and declared.name not in nodes:
            diagnostics.add(codes.MISSING_KEY, node.span, place=shape.name, key=declared.name)
    return Fields(values, nodes, node.span, keys)


def _read_many(
    shape: Many, node: Node, diagnostics: Diagnostics, *, key: str
) -> tuple[object, ...] | None:
    if not isinstance(node, Sequence):
        if shape.or_one:
            value = read(shape.item, node, diagnostics, key=key)
            return None if value is None else (value,)
        _wrong(node, diagnostics, key=key, wanted=("a list", "清单"))
        return None
    values = (read(shape.item, item, diagnostics, key=key) for item in node.items)
    return tuple(value for value in values if value is not None)


def _read_named(
    shape: Named, node: Node, diagnostics: Diagnostics, *, key: str
) -> dict[str, object] | None:
    if not isinstance(node, Mapping):
        _wrong(node, diagnostics, key=key, wanted=("a mapping", "一组键值"))
        return None
    values: dict[str, object] = {}
    for entry in node.entries:
        value = read(shape.item, entry.value, diagnostics, key=entry.key.text)
        if value is not None:
            values[entry.key.text] = value
    return values


def _read_scalar(shape: Shape, node: Node, diagnostics: Diagnostics, *, key: str) -> object | None:
    if not isinstance(node, Scalar):
        _wrong(node, diagnostics, key=key, wanted=_words(shape))
        return None
    if isinstance(shape, Expression):
        return node
    if isinstance(shape, Choice):
        return _read_choice(shape, node, diagnostics, key=key)
    readers = {
        Text: as_text,
        Identifier: as_identifier,
        Number: as_int,
        DecimalNumber: as_decimal,
        Flag: as_bool,
        Day: as_date,
        Phrase: as_duration,
    }
    value: object | None = readers[type(shape)](node, diagnostics)
    return value


def _read_choice(shape: Choice, node: Scalar, diagnostics: Diagnostics, *, key: str) -> str | None:
    if node.text in shape.values:
        return node.text
    diagnostics.add(
        codes.UNKNOWN_CHOICE,
        node.span,
        suggestion=nearest(node.text, shape.values),
        seen=node.text,
        key=key,
        known=", ".join(f"`{v}`" for v in shape.values),
    )
    return None


def _wrong(node: Node, diagnostics: Diagnostics, *, key: str, wanted: tuple[str, str]) -> None:
    seen = {
        Scalar: ("a single value", "单个值"),
        Sequence: ("a list", "清单"),
        Mapping: ("a mapping", "一组键值"),
    }[type(node)]
    diagnostics.add(
        codes.WRONG_SHAPE,
        node.span,
        key=key,
        wanted=wanted[0],
        wanted_zh=wanted[1],
        seen=seen[0],
        seen_zh=seen[1],
    )


def _words(shape: Shape) -> tuple[str, str]:
    words: dict[type[Shape], tuple[str, str]] = {
        Expression: ("an expression", "表达式"),
        Phrase: ("a duration such as `2 hours`", "时限，如 `2 hours`"),
        Number: ("a whole number", "整数"),
        DecimalNumber: ("a number", "数字"),
        Flag: ("`true` or `false`", "`true` 或 `false`"),
        Day: ("a date such as `2009-03-01`", "日期，如 `2009-03-01`"),
        Identifier: ("an identifier", "标识名"),
    }
    return words.get(type(shape), ("a text", "文字"))
