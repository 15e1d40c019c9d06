"""The serialized form of a CEL expression, and message classes to read it with.

`Expression.serialize()` yields a `google.protobuf.Any` that holds a `cel.expr.CheckedExpr`,
or a `cel.expr.ParsedExpr` when checking is off. The wheel ships no classes for them; the
field numbers below are those of cel-spec's `syntax.proto` and `checked.proto`. Fields that
the front end does not read are left out: unknown fields are skipped.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.descriptor_pb2 import DescriptorProto

# Message -> its fields as (name, number, type), `*` marking a repeated one.
_MESSAGES: Mapping[str, tuple[tuple[str, int, str], ...]] = {
    "Any": (("type_url", 1, "string"), ("value", 2, "bytes")),
    "CheckedExpr": (("expr", 4, "Expr"), ("source_info", 5, "SourceInfo")),
    "ParsedExpr": (("expr", 2, "Expr"), ("source_info", 3, "SourceInfo")),
    "SourceInfo": (("positions", 4, "*Position"),),
    "Position": (("key", 1, "int64"), ("value", 2, "int32")),
    "Expr": (
        ("id", 2, "int64"),
        ("const_expr", 3, "Constant"),
        ("ident_expr", 4, "Ident"),
        ("select_expr", 5, "Select"),
        ("call_expr", 6, "Call"),
        ("list_expr", 7, "CreateList"),
        ("struct_expr", 8, "CreateStruct"),
        ("comprehension_expr", 9, "Comprehension"),
    ),
    "Constant": (
        ("null_value", 1, "int32"),
        ("bool_value", 2, "bool"),
        ("int64_value", 3, "int64"),
        ("uint64_value", 4, "uint64"),
        ("double_value", 5, "double"),
        ("string_value", 6, "string"),
        ("bytes_value", 7, "bytes"),
    ),
    "Ident": (("name", 1, "string"),),
    "Select": (("operand", 1, "Expr"), ("field", 2, "string"), ("test_only", 3, "bool")),
    "Call": (("target", 1, "Expr"), ("function", 2, "string"), ("args", 3, "*Expr")),
    "CreateList": (("elements", 1, "*Expr"),),
    "CreateStruct": (("message_name", 1, "string"),),
    "Comprehension": (
        ("iter_var", 1, "string"),
        ("iter_range", 2, "Expr"),
        ("accu_init", 4, "Expr"),
        ("loop_step", 6, "Expr"),
        ("result", 7, "Expr"),
    ),
}

# Its entries make a map.
_ENTRY = "Position"
# The fields of these two are alternatives of one another.
_ALTERNATIVES = {"Expr": "expr_kind", "Constant": "constant_kind"}


def read(serialized: bytes) -> Any:  # noqa: ANN401 -- a message class that exists at run time only
    """The `CheckedExpr` or `ParsedExpr` in a serialized expression, with its source info."""
    classes = _classes()
    envelope = classes["Any"].FromString(serialized)
    return classes[envelope.type_url.rpartition(".")[2]].FromString(envelope.value)


@cache
def _classes() -> Mapping[str, Any]:
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(
        name="cel_expr.proto", package="cel.expr", syntax="proto3"
    )
    for name, fields in _MESSAGES.items():
        _declare(file.message_type.add(name=name), fields)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    find, build = pool.FindMessageTypeByName, message_factory.GetMessageClass
    return {name: build(find(f"cel.expr.{name}")) for name in _MESSAGES}


def _declare(message: DescriptorProto, fields: tuple[tuple[str, int, str], ...]) -> None:
    alternatives = _ALTERNATIVES.get(message.name)
    if alternatives:
        message.oneof_decl.add(name=alternatives)
    for name, number, kind in fields:
        field = message.field.add(name=name, number=number)
        field.label = field.LABEL_REPEATED if kind.startswith("*") else field.LABEL_OPTIONAL
        item = kind.removeprefix("*")
        if item == _ENTRY:
            entry = message.nested_type.add(name="PositionsEntry")
            entry.options.map_entry = True
            _declare(entry, _MESSAGES[_ENTRY])
            field.type, field.type_name = field.TYPE_MESSAGE, ".cel.expr.SourceInfo.PositionsEntry"
        elif item in _MESSAGES:
            field.type, field.type_name = field.TYPE_MESSAGE, f".cel.expr.{item}"
        else:
            field.type = getattr(field, f"TYPE_{item.upper()}")
        if alternatives and name != "id":
            field.oneof_index = 0
