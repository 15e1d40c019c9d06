"""What expressions may name, declared to CEL: messages, functions and variables.

A relation is a message, so that CEL's checker knows its fields; a reference is the message
of the kind it refers to. A date is an empty message, since CEL has none; a decimal is a
double and an enumeration value a string, whose literals and scales are checked afterwards.
Of CEL's own functions only the three of logic are kept; all others are those declared here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kaocheng.extras import needing_package
from kaocheng.language.cel.rows import is_period
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
    Row,
    Type,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from google.protobuf.descriptor_pb2 import DescriptorProto

    from kaocheng.language.schema import Schema

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_READING = ("reading a ruleset", "读取规则集")
_OR_SAVED = (
    "install `cel-expr-python`, or take a file that `kaocheng compile` saved",
    "请安装 `cel-expr-python`，或改用 `kaocheng compile` 保存的文件",
)
_LOGIC = ("_&&_", "_||_", "!_", "@not_strictly_false")
_ANYTHING = "kc.Anything"
_NAMES: Mapping[Type, str] = {
    BOOL: "bool",
    INT: "int",
    STRING: "string",
    DATE: "kc.Date",
    INSTANT: "timestamp",
    DURATION: "duration",
}
_WELL_KNOWN = {"timestamp": "google.protobuf.Timestamp", "duration": "google.protobuf.Duration"}
_SCALARS = {
    "bool": "TYPE_BOOL",
    "int": "TYPE_INT64",
    "string": "TYPE_STRING",
    "double": "TYPE_DOUBLE",
}

# What each function takes and gives. `~A` and `~B` are any types: which of them meet is
# decided by the project's own checker, which knows enumerations, scales and references.
_SIGNATURES = """\
_==_(~A,~B) bool
_!=_(~A,~B) bool
@in(~A,list<~B>) bool
_?_:_(bool,~A,~A) ~A
_?_:_(bool,int,double) double
_?_:_(bool,double,int) double
-_(int) int
-_(double) double
-_(duration) duration
_+_(string,string) string
_+_(duration,duration) duration
_+_(timestamp,duration) timestamp
_+_(duration,timestamp) timestamp
_+_(list<~A>,list<~A>) list<~A>
_-_(duration,duration) duration
_-_(timestamp,duration) timestamp
_-_(timestamp,timestamp) duration
_-_(kc.Date,kc.Date) int
_%_(int,int) int
string.startsWith(string) bool
string.endsWith(string) bool
string.contains(string) bool
size(string) int
size(list<~A>) int
string.size() int
list<~A>.size() int
earliest(list<~A>) ~A
latest(list<~A>) ~A
min(list<~A>) ~A
max(list<~A>) ~A
sum(list<~A>) ~A
date_of(timestamp) kc.Date
start_of(kc.Date) timestamp
start_of(kc.Period) timestamp
end_of(kc.Date) timestamp
end_of(kc.Period) timestamp
add_days(kc.Date,int) kc.Date
add_months(kc.Date,int) kc.Date
year(kc.Date) int
month(kc.Date) int
day(kc.Date) int
weekday(kc.Date) int
utc_offset(timestamp) duration
int(timestamp) int
is_working_day(kc.Date) bool
happened(~A) bool
started(~A,~B) int
whole(~A,~B) int
ratio(~A,~B,int) dyn
round(~A,int) dyn
date(string) kc.Date
timestamp(string) timestamp
duration(string) duration"""
_ORDER = ("<", "<=", ">", ">=")
_ANY, _INT, _DOUBLE = (
    "{type_name: A, is_type_param: true}",
    "{type_name: int}",
    "{type_name: double}",
)
_ORDERED = ((_ANY, _ANY), (_INT, _DOUBLE), (_DOUBLE, _INT))


def _arithmetic() -> list[str]:
    """The signatures of arithmetic on whole numbers and decimals."""
    mixed = (("int", "int"), ("int", "double"), ("double", "int"), ("double", "double"))
    return [
        f"_{sign}_({left},{right}) {'int' if left == right == 'int' else 'double'}"
        for sign in "+-*"
        for left, right in mixed
    ]


def _order_overload(left: str, right: str) -> str:
    """Signatures cannot name the operators of order, which read as brackets in them."""
    return f"args: [{left}, {right}], return: {{type_name: bool}}"


def _messages(schema: Schema) -> Mapping[str, str]:
    """Relation -> the message of all relations of its shape."""
    shapes: dict[object, str] = {}
    found: dict[str, str] = {}
    for name, relation in schema.relations.items():
        shape = (tuple(relation.columns.items()), tuple(relation.links.items()))
        found[name] = shapes.setdefault(shape, f"facts.r{len(shapes)}")
    return found


class Declarations:
    """A schema as CEL's checker sees it.

    Making an environment is slow, so relations of one shape share a message: rules over
    different relations of that shape can then be compiled in the same environment. That
    rows of different relations do not mix is for the project's own checker to see.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._messages = _messages(schema)
        with needing_package(_READING, ("cel_expr_python", "google"), _OR_SAVED):
            self._pool = self._build_pool()
            self._config = self._build_config()

    def types(self, variables: Mapping[str, Type]) -> dict[str, str]:
        """CEL's types of `variables` and the parameters, which make up an environment."""
        named = {**self._schema.parameters, **variables}
        return {
            name: self._name(type_) for name, type_ in named.items() if IDENTIFIER.fullmatch(name)
        }

    def environment(self, types: Mapping[str, str]) -> Any:  # noqa: ANN401 -- untyped library
        """The environment for expressions over what `types` gave for their variables."""
        from cel_expr_python import cel

        variables = {name: cel.Type(type_) for name, type_ in types.items()}
        return cel.NewEnv(descriptor_pool=self._pool, config=self._config, variables=variables)

    def _name(self, type_: Type) -> str:
        """CEL's name of the type."""
        match type_:
            case Decimal():
                return "double"
            case Enum():
                return "string"
            case Reference(kind) | Row(kind):
                return self._messages.get(kind, _ANYTHING)
            case ListOf(item):
                return f"list<{self._name(item)}>"
            case _:
                return _NAMES.get(type_, _ANYTHING)

    def _build_config(self) -> Any:  # noqa: ANN401
        from cel_expr_python import cel

        lines = ["stdlib:", "  include_functions:"]
        lines += [f'    - {{name: "{name}"}}' for name in _LOGIC]
        lines += ["functions:"]
        for name, overloads in self._overloads().items():
            lines += [f'  - name: "{name}"', "    overloads:"]
            lines += [
                f'      - {{id: "{name}:{i}", {overload}}}' for i, overload in enumerate(overloads)
            ]
        return cel.NewEnvConfigFromYaml("\n".join(lines))

    def _overloads(self) -> dict[str, list[str]]:
        """Function -> its overloads as entries of CEL's configuration."""
        found: dict[str, list[str]] = {}
        for line in [*_SIGNATURES.split("\n"), *_arithmetic(), *self._tables()]:
            signature, _, given = line.rpartition(" ")
            name = signature.partition("(")[0].rpartition(".")[2]
            overload = f'signature: "{signature}", return: "{given}"'
            found.setdefault(name, []).append(overload)
        for sign in _ORDER:
            found[f"_{sign}_"] = [_order_overload(*pair) for pair in _ORDERED]
        return found

    def _tables(self) -> Iterator[str]:
        """Decision tables; one that is called like a function of the language is hidden by it."""
        own = {line.partition("(")[0] for line in _SIGNATURES.split("\n")}
        for name, table in self._schema.tables.items():
            if IDENTIFIER.fullmatch(name) and name not in own:
                types = ",".join(f"~P{i}" for i in range(len(table.arguments)))
                yield f"{name}({types}) {self._name(table.result)}"

    def _build_pool(self) -> Any:  # noqa: ANN401
        from google.protobuf import descriptor_pb2, descriptor_pool, duration_pb2, timestamp_pb2

        pool = descriptor_pool.DescriptorPool()
        dependencies = []
        for module in (timestamp_pb2, duration_pb2):
            copy = descriptor_pb2.FileDescriptorProto()
            module.DESCRIPTOR.CopyToProto(copy)
            pool.Add(copy)
            dependencies.append(copy.name)
        own = descriptor_pb2.FileDescriptorProto(name="kc.proto", package="kc", syntax="proto2")
        for name in ("Date", "Anything"):
            own.message_type.add(name=name)
        period = own.message_type.add(name="Period")
        for part, type_ in (("name", STRING), ("first_day", DATE), ("last_day", DATE)):
            self._add_field(period, part, self._name(type_))
        pool.Add(own)
        facts = descriptor_pb2.FileDescriptorProto(
            name="facts.proto",
            package="facts",
            syntax="proto2",
            dependency=[*dependencies, own.name],
        )
        # Of the relations that share a message, any one says what its fields are.
        for message_name, name in {m: name for name, m in self._messages.items()}.items():
            message = facts.message_type.add(name=message_name.rpartition(".")[2])
            for field, cel_name in self._fields(name):
                self._add_field(message, field, cel_name)
        pool.Add(facts)
        return pool

    def _fields(self, relation_name: str) -> Iterator[tuple[str, str]]:
        """The fields of a relation's message, each with CEL's name of its type."""
        relation = self._schema.relations[relation_name]
        for column, type_ in relation.columns.items():
            if IDENTIFIER.fullmatch(column):
                yield column, "kc.Period" if is_period(relation, column) else self._name(type_)
        for link in relation.links.values():
            if link.name in relation.columns or not IDENTIFIER.fullmatch(link.name):
                continue
            if link.value is not None and not link.many:
                yield (
                    link.name,
                    self._name(self._schema.relations[link.relation].columns[link.value]),
                )
            else:
                row = self._name(Row(link.relation))
                yield link.name, f"list<{row}>" if link.many else row

    def _add_field(self, message: DescriptorProto, name: str, cel_name: str) -> None:
        item = cel_name.removeprefix("list<").removesuffix(">")
        field = message.field.add(name=name, number=len(message.field) + 1)
        field.label = field.LABEL_REPEATED if cel_name.startswith("list<") else field.LABEL_OPTIONAL
        if item in _SCALARS:
            field.type = getattr(field, _SCALARS[item])
        else:
            field.type = field.TYPE_MESSAGE
            field.type_name = f".{_WELL_KNOWN.get(item, item)}"
