"""A checked ruleset as JSON, so that it loads without the CEL library and can be hashed.

Every value of a ruleset is a frozen attrs class of the library, so the file holds no
code and loading it runs none: class names are looked up in a closed list.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
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
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, Span):
        return {"span": [value.file, value.line, value.column, value.end_line, value.end_column]}
    each = partial(encode, spans=spans)
    if isinstance(value, (tuple, list, frozenset)):
        return [each(item) for item in value]
    if isinstance(value, Mapping):
        return {"map": [[each(k), each(v)] for k, v in value.items()]}
    kept = (
        a for a in fields(cast("type[AttrsInstance]", type(value))) if a.init and (spans or a.eq)
    )
    return {"is": type(value).__name__, **{a.name: each(getattr(value, a.name)) for a in kept}}


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
