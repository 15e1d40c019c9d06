"""A checked ruleset as JSON, so that it loads without the CEL library and can be hashed.

Every value of a ruleset is a frozen attrs class of the library, so the file holds no
code and loading it runs none: class names are looked up in a closed list.
"""

from __future__ import annotations

from collections.abc import Mapping
from json.encoder import encode_basestring
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
    """Writes values; how each class begins its fields is found out once."""

    def __init__(self) -> None:
        self._fields: dict[type, tuple[tuple[str, str], ...]] = {}
        # Types stand at every expression and are few; they are alive as long as this is.
        self._types: dict[int, str] = {}

    def text(self, value: object) -> str:
        """The text of a value."""
        if isinstance(value, str):
            return encode_basestring(value)
        if value is None or isinstance(value, int):
            return str(value) if type(value) is int else _CONSTANTS[value]
        if isinstance(value, types.Type):
            known = self._types.get(id(value))
            if known is None:
                known = self._types[id(value)] = self._instance(value)
            return known
        if isinstance(value, (tuple, list, frozenset)):
            return f"[{','.join([self.text(item) for item in value])}]"
        if isinstance(value, Mapping):
            pairs = [f"[{self.text(k)},{self.text(v)}]" for k, v in value.items()]
            return f'{{"map":[{",".join(pairs)}]}}'
        return self._instance(value)

    def _instance(self, value: object) -> str:
        cls = type(value)
        begins = self._fields.get(cls)
        if begins is None:
            begins = self._fields[cls] = _begins(cls)
        parts = [
            begin + self.text(getattr(value, name)) if name else begin for name, begin in begins
        ]
        return f"{{{','.join(parts)}}}"


_CONSTANTS: Mapping[object, str] = {None: "null", True: "true", False: "false"}


def _begins(cls: type) -> tuple[tuple[str, str], ...]:
    """Each field's name with what stands before its value, and the name of the class."""
    kept = [a.name for a in fields(cast("type[AttrsInstance]", cls)) if a.init and a.eq]
    begins = {name: (name, f'"{name}":') for name in kept}
    begins["is"] = ("", f'"is":"{cls.__name__}"')
    return tuple(begins[name] for name in sorted(begins))
