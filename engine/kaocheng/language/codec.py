"""A checked ruleset as JSON, so that it loads without the CEL library and can be hashed.

Every value of a ruleset is a frozen attrs class of the library, so the file holds no
code and loading it runs none: class names are looked up in a closed list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from json.encoder import encode_basestring
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from attrs import fields, has

from kaocheng.calendars import editions, limits, periods
from kaocheng.diagnostics import Span
from kaocheng.language import expressions, ruleset, schema, types
from kaocheng.plan import algebra, properties

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from attrs import AttrsInstance

FORMAT = 1

Json: TypeAlias = Any
_Writer: TypeAlias = Callable[[Any], str]
_MODULES = (editions, limits, periods, expressions, ruleset, schema, types, algebra, properties)


def _classes() -> Iterator[tuple[str, type[Any]]]:
    for module in _MODULES:
        for name, value in vars(module).items():
            if isinstance(value, type) and has(value) and value.__module__ == module.__name__:
                yield name, value


def encode(value: object, *, spans: bool = True) -> Json:
    """Plain JSON values for any value of a ruleset; tuples, mappings and classes are marked."""
    return _Encoder(spans=spans).encode(value)


class _Encoder:
    """Encodes values; which fields of a class are kept is found out once."""

    def __init__(self, *, spans: bool) -> None:
        self._spans = spans
        self._kept: dict[type, tuple[str, ...]] = {}

    def encode(self, value: object) -> Json:
        """Plain JSON values for a value."""
        if value is None or isinstance(value, (str, int)):  # a truth value is a whole number
            return value
        kept = self._kept.get(type(value))
        if kept is not None:
            encoded = {name: self.encode(getattr(value, name)) for name in kept}
            return {"is": type(value).__name__, **encoded}
        if isinstance(value, (tuple, list, frozenset)):
            return [self.encode(item) for item in value]
        if isinstance(value, Mapping):
            return {"map": [[self.encode(k), self.encode(v)] for k, v in value.items()]}
        if isinstance(value, Span):
            return {
                "span": [value.file, value.line, value.column, value.end_line, value.end_column]
            }
        self._kept[type(value)] = self._fields(type(value))
        return self.encode(value)

    def _fields(self, cls: type) -> tuple[str, ...]:
        attributes = fields(cast("type[AttrsInstance]", cls))
        return tuple(a.name for a in attributes if a.init and (self._spans or a.eq))


def decode(data: Json) -> Json:
    """The value that `encode` wrote; lists become tuples."""
    return _decode(data, dict(_classes()))


def _decode(data: Json, classes: Mapping[str, type[Any]]) -> Json:
    if isinstance(data, list):
        return tuple(_decode(item, classes) for item in data)
    if not isinstance(data, dict):
        return data
    if "span" in data and len(data) == 1:
        return Span(*data["span"])
    if "map" in data and len(data) == 1:
        return {_decode(k, classes): _decode(v, classes) for k, v in data["map"]}
    values = {k: _decode(v, classes) for k, v in data.items() if k != "is"}
    return classes[data["is"]](**values)


def canonical(value: object) -> str:
    """The text that a version's hash is taken of: JSON in one fixed form, without places in files.

    It is what `json.dumps(encode(value, spans=False), sort_keys=True)` gives, without making
    the values in between.
    """
    return _Canonical().text(value)


class _Canonical:
    """Writes values; how each class is written is found out once."""

    def __init__(self) -> None:
        self._writers = _Writers(self._writer)
        # Types stand at every expression and are few; they are alive as long as this is.
        self._types: dict[int, str] = {}

    def text(self, value: object) -> str:
        """The text of a value."""
        return self._writers[type(value)](value)

    def _writer(self, cls: type) -> _Writer:
        if issubclass(cls, str):
            return encode_basestring
        if issubclass(cls, (bool, type(None))):
            return _CONSTANTS.__getitem__
        if issubclass(cls, int):
            return str
        if issubclass(cls, (tuple, list, frozenset)):
            return self._items
        if issubclass(cls, Mapping):
            return self._pairs
        write = self._instances(cls)
        return partial(self._type, write) if issubclass(cls, types.Type) else write

    def _items(self, values: Iterable[object]) -> str:
        writers = self._writers
        return f"[{','.join([writers[type(value)](value) for value in values])}]"

    def _pairs(self, values: Mapping[object, object]) -> str:
        text = self.text
        pairs = [f"[{text(key)},{text(value)}]" for key, value in values.items()]
        return f'{{"map":[{",".join(pairs)}]}}'

    def _type(self, write: _Writer, value: types.Type) -> str:
        known = self._types.get(id(value))
        if known is None:
            known = self._types[id(value)] = write(value)
        return known

    def _instances(self, cls: type) -> _Writer:
        """How a class is written: its name among its fields, in the order of the alphabet."""
        names = [a.name for a in fields(cast("type[AttrsInstance]", cls)) if a.init and a.eq]
        begins = {name: f'"{name}":%s' for name in names} | {"is": f'"is":"{cls.__name__}"'}
        template = f"{{{','.join(begins[name] for name in sorted(begins))}}}"
        if len(names) < 2:  # noqa: PLR2004 - a getter of one name gives no tuple
            return lambda value: template % tuple(self.text(getattr(value, n)) for n in names)
        writers, values = self._writers, attrgetter(*sorted(names))
        return lambda value: template % tuple([writers[type(v)](v) for v in values(value)])


class _Writers(dict[type, _Writer]):
    """Writers by class, each made when a value of the class is first met."""

    def __init__(self, make: Callable[[type], _Writer]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, cls: type) -> _Writer:
        writer = self[cls] = self._make(cls)
        return writer


_CONSTANTS: Mapping[object, str] = {None: "null", True: "true", False: "false"}
