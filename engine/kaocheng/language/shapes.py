"""What a stretch of YAML may look like, said once: read, checked, documented from one place.

A `Shape` describes a node. `read` turns a located node into plain values, reporting
every structural mistake at its place. The same shapes give the language reference
and the JSON Schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
from kaocheng.syntax.quoting import shown


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
    """A whole number, not below `least`."""

    least: int | None = None


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
    """A mapping from names to `item`; `identifiers` are names that expressions can use."""

    item: Shape
    identifiers: bool = False


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
    """A scalar of one shape or a mapping of another.

    With `titled`, a mapping of `zh` and `en` is one text in two languages.
    """

    scalar: Shape
    mapping: Shape
    sequence: Shape | None = None
    titled: bool = False


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

    def names(self, key: str) -> MappingABC[str, Span]:
        """The places of the names in the mapping that is the value of `key`."""
        node = self.nodes.get(key)
        entries = node.entries if isinstance(node, Mapping) else ()
        return {entry.key.text: entry.key.span for entry in entries}


TITLES = Record(
    "a title", "标题", (Key("zh", Text(), required=True), Key("en", Text(), required=True))
)


def read(
    shape: Shape, node: Node, diagnostics: Diagnostics, *, key: str, in_list: bool = False
) -> object | None:
    """The value of `node` read as `shape`, or None after reporting why it cannot be.

    `key` is what messages call it; `in_list` says that it is an item of the list under `key`.
    """
    if isinstance(node, Scalar) and node.is_blank:
        return None
    reader = _Reader(diagnostics, key, in_list)
    value: object | None
    match shape:
        case Raw():
            value = node
        case Either():
            value = reader.either(shape, node)
        case Record():
            value = read_record(shape, node, diagnostics, key=key, in_list=in_list)
        case Many():
            value = reader.many(shape, node)
        case Named():
            value = reader.named(shape, node)
        case _:
            value = reader.scalar(shape, node)
    return value


def read_record(
    shape: Record, node: Node, diagnostics: Diagnostics, *, key: str, in_list: bool = False
) -> Fields | None:
    """A mapping with known keys; unknown and missing keys are reported."""
    if not isinstance(node, Mapping):
        place, wanted = place_of(key, in_list=in_list), _mapping_with(shape)
        wrong_shape(node, diagnostics, place=place, wanted=wanted)
        return None
    known = {k.name: k for k in shape.keys}
    values: dict[str, object] = {}
    nodes: dict[str, Node] = {}
    keys: dict[str, Span] = {}
    for entry in node.entries:
        name = entry.key.text
        if name not in known:
            unknown_key(entry.key, shape, diagnostics)
            continue
        keys[name] = entry.key.span
        nodes[name] = entry.value
        value = read(known[name].shape, entry.value, diagnostics, key=name)
        if value is not None:
            values[name] = value
    for declared in shape.keys:
        if declared.required and declared.name not in nodes:
            missing_key(node.span, shape, declared.name, diagnostics)
    return Fields(values, nodes, node.span, keys)


def _mapping_with(shape: Record) -> tuple[str, str]:
    """A mapping, with the keys it must have."""
    names = listed(key.name for key in shape.keys if key.required)
    if not any(key.required for key in shape.keys):
        return _MAPPING
    return f"a mapping with {names['known']}", f"含 {names['known_zh']} 的一组键值"


@frozen
class _Reader:
    """Reads what stands under one key."""

    diagnostics: Diagnostics
    key: str
    in_list: bool

    def either(self, shape: Either, node: Node) -> object | None:
        """A scalar, a mapping or a list, each with a shape of its own."""
        wanted = shape.mapping
        if isinstance(node, Scalar):
            wanted = shape.scalar
        elif isinstance(node, Sequence) and shape.sequence is not None:
            wanted = shape.sequence
        elif isinstance(node, Mapping) and shape.titled and _is_title(node):
            wanted = TITLES
        return self._read(wanted, node)

    def many(self, shape: Many, node: Node) -> tuple[object, ...] | None:
        """A list, or a single item where one may stand alone."""
        if not isinstance(node, Sequence):
            if shape.or_one:
                value = self._read(shape.item, node)
                return None if value is None else (value,)
            self._wrong(node, _LIST)
            return None
        values = [self._item(shape.item, item) for item in node.items]
        return tuple(value for value in values if value is not None)

    def named(self, shape: Named, node: Node) -> dict[str, object] | None:
        """A mapping from names."""
        if not isinstance(node, Mapping):
            self._wrong(node, _MAPPING)
            return None
        values: dict[str, object] = {}
        for entry in node.entries:
            if shape.identifiers and as_identifier(entry.key, self.diagnostics) is None:
                continue
            value = read(shape.item, entry.value, self.diagnostics, key=entry.key.text)
            if value is not None:
                values[entry.key.text] = value
        return values

    def scalar(self, shape: Shape, node: Node) -> object | None:
        """A single value."""
        if not isinstance(node, Scalar):
            self._wrong(node, _words(shape))
            return None
        match shape:
            case Expression():
                return node
            case Choice():
                return self._choice(shape, node)
            case Number():
                return self._number(shape, node)
            case Text():
                return self._text(node)
            case _:
                return self._simple(shape, node)

    def _simple(self, shape: Shape, node: Scalar) -> object | None:
        readers = {
            Identifier: as_identifier,
            DecimalNumber: as_decimal,
            Flag: as_bool,
            Day: as_date,
            Phrase: as_duration,
        }
        value: object | None = readers[type(shape)](node, self.diagnostics)
        return value

    def _text(self, node: Scalar) -> str | None:
        text = as_text(node, self.diagnostics)
        if text is not None and not text.strip():
            self._wrong(node, _words(Text()), seen=("empty", "空白"))
            return None
        return text

    def _choice(self, shape: Choice, node: Scalar) -> str | None:
        if node.text in shape.values:
            return node.text
        unknown_choice(node, shape.values, self.diagnostics, key=self.key)
        return None

    def _number(self, shape: Number, node: Scalar) -> int | None:
        number = as_int(node, self.diagnostics)
        if number is None or shape.least is None or number >= shape.least:
            return number
        values = {"key": self.key, "seen": node.text, "least": str(shape.least)}
        self.diagnostics.add(codes.TOO_SMALL, node.span, words=values)
        return None

    def _item(self, shape: Shape, node: Node) -> object | None:
        return read(shape, node, self.diagnostics, key=self.key, in_list=True)

    def _read(self, shape: Shape, node: Node) -> object | None:
        return read(shape, node, self.diagnostics, key=self.key, in_list=self.in_list)

    def _wrong(
        self, node: Node, wanted: tuple[str, str], seen: tuple[str, str] | None = None
    ) -> None:
        place = place_of(self.key, in_list=self.in_list)
        wrong_shape(node, self.diagnostics, place=place, wanted=wanted, seen=seen)


def _is_title(node: Mapping) -> bool:
    return all(entry.key.text in ("zh", "en") for entry in node.entries)


def texts(title: object) -> MappingABC[str, str]:
    """The texts of a title by language; none for anything else."""
    return {k: str(v) for k, v in title.values.items()} if isinstance(title, Fields) else {}


# Sections at the top of a version.


def named_entries(
    node: Node | None, diagnostics: Diagnostics, *, key: str
) -> Iterator[tuple[Scalar, Node]]:
    """The entries of a section that is a mapping from names to declarations."""
    if node is None or _is_blank(node):
        return
    if not isinstance(node, Mapping):
        wrong_shape(node, diagnostics, place=place_of(key), wanted=_MAPPING)
        return
    for entry in node.entries:
        if as_identifier(entry.key, diagnostics) is not None:
            yield entry.key, entry.value


def listed_items(node: Node | None, diagnostics: Diagnostics, *, key: str) -> tuple[Node, ...]:
    """The items of a section that is a list."""
    if node is None or _is_blank(node):
        return ()
    if not isinstance(node, Sequence):
        wrong_shape(node, diagnostics, place=place_of(key), wanted=_LIST)
        return ()
    return node.items


def _is_blank(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_blank


# What is reported.


def unknown_key(
    key: Scalar, place: Record, diagnostics: Diagnostics, *, known: Iterable[str] = ()
) -> None:
    """Report a key that a record does not have; `known` are keys it has besides."""
    names = [*(k.name for k in place.keys), *known]
    diagnostics.add(
        codes.UNKNOWN_KEY,
        key.span,
        suggestion=nearest(key.text, names),
        seen=shown(key.text),
        place=place.name,
        place_zh=place.zh,
        words=listed(names),
    )


def missing_key(span: Span, place: Record, key: str, diagnostics: Diagnostics) -> None:
    """Report that a record lacks a key."""
    diagnostics.add(codes.MISSING_KEY, span, place=place.name, place_zh=place.zh, key=key)


def wrong_shape(
    node: Node,
    diagnostics: Diagnostics,
    *,
    place: tuple[str, str],
    wanted: tuple[str, str],
    seen: tuple[str, str] | None = None,
) -> None:
    """Report that what stands at a place is of another form; texts are in both languages."""
    found = seen or _FORMS[type(node)]
    diagnostics.add(
        codes.WRONG_SHAPE,
        node.span,
        place=place[0],
        place_zh=place[1],
        wanted=wanted[0],
        wanted_zh=wanted[1],
        seen=found[0],
        seen_zh=found[1],
    )


def place_of(key: str, *, in_list: bool = False) -> tuple[str, str]:
    """How messages call what stands under a key, in both languages."""
    name = shown(key)
    if in_list:
        return f"an item of `{name}`", f"`{name}` 的每一项"
    return f"`{name}`", f"`{name}` "


def unknown_choice(
    node: Scalar, values: Iterable[str], diagnostics: Diagnostics, *, key: str
) -> None:
    """Report a value that is none of those that may stand under a key."""
    known = tuple(values)
    diagnostics.add(
        codes.UNKNOWN_CHOICE,
        node.span,
        suggestion=nearest(node.text, known),
        seen=shown(node.text),
        key=key,
        words=listed(known),
    )


def listed(names: Iterable[str], key: str = "known") -> dict[str, str]:
    """Names as a message lists them, in both languages."""
    quoted = [f"`{shown(name)}`" for name in names]
    return {key: ", ".join(quoted) or "none", f"{key}_zh": "、".join(quoted) or "无"}


_MAPPING = ("a mapping", "一组键值")
_LIST = ("a list", "清单")
_FORMS: MappingABC[type[Node], tuple[str, str]] = {
    Scalar: ("a single value", "单个值"),
    Sequence: _LIST,
    Mapping: _MAPPING,
}


def _words(shape: Shape) -> tuple[str, str]:
    words: dict[type[Shape], tuple[str, str]] = {
        Expression: ("an expression", "表达式"),
        Phrase: ("a duration such as `2 hours`", "时限，如 `2 hours`"),
        Number: ("a whole number", "整数"),
        DecimalNumber: ("a number", "数字"),
        Flag: ("`true` or `false`", "`true` 或 `false`"),
        Day: ("a date such as `2009-03-01`", "日期，如 `2009-03-01`"),
        Identifier: ("a name", "名称"),
    }
    return words.get(type(shape), ("a text", "文字"))
