"""A checked ruleset as JSON, so that it loads without the CEL library and can be hashed.

Every value of a ruleset is a frozen attrs class of the library, so the file holds no
code and loading it runs none: class names are looked up in a closed list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from attrs import fields, has

from kaocheng.calendars import editions, limits, periods
from kaocheng.diagnostics import Span
from kaocheng.language import expressions, ruleset, schema, types
from kaocheng.plan import algebra, properties

if TYPE_CHECKING:
    from collections.abc import Iterator

    from attrs import AttrsInstance

FORMAT = 1

Json: TypeAlias = Any
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


def decode(data: Json) -> Any:
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


def encode_for_hash(value: object) -> Json:
    """The canonical form that a version's hash is taken of: without places in files."""
    return encode(value, spans=False)
