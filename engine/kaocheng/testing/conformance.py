"""The public conformance suite of CEL against the language of rules.

The suite is read from one JSON file, a list of its entries as cel-spec's `simple` tests have
them. Every entry is either accepted, and then has the suite's value in every evaluator, or
refused when it is compiled, with a diagnostic that names the feature.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal as Exact
from fractions import Fraction
from pathlib import Path
from typing import Any

from attrs import field, frozen

from kaocheng.diagnostics import Diagnostic, Diagnostics
from kaocheng.language.cel import FrontEnd, Text
from kaocheng.language.expressions import Expr
from kaocheng.language.types import (
    BOOL,
    DURATION,
    INSTANT,
    INT,
    STRING,
    Decimal,
    ListOf,
    Type,
)

CORE = (
    "basic",
    "comparisons",
    "conversions",
    "fields",
    "fp_math",
    "integer_math",
    "lists",
    "logic",
    "macros",
    "namespace",
    "parse",
    "plumbing",
    "string",
    "timestamps",
    "type_deduction",
)
_PRIMITIVES: Mapping[str, Type] = {"BOOL": BOOL, "INT64": INT, "STRING": STRING}
_WELL_KNOWN: Mapping[str, Type] = {"TIMESTAMP": INSTANT, "DURATION": DURATION}


@frozen(kw_only=True)
class Entry:
    """One entry: an expression, what it names, and its value or that it fails.

    `variables` is None where the entry declares something that has no type in rules.
    """

    file: str
    section: str
    name: str
    text: str
    variables: Mapping[str, Type] | None
    bindings: Mapping[str, object]
    value: object
    fails: bool

    @property
    def id(self) -> str:
        """The entry among all; some names occur in several sections, some twice in one."""
        return f"{self.file}/{self.section}/{self.name}: {self.text}"


@frozen(kw_only=True)
class Verdict:
    """What the front end made of an entry."""

    entry: Entry
    expr: Expr | None
    diagnostics: tuple[Diagnostic, ...] = field(default=())

    @property
    def accepted(self) -> bool:
        """Whether the entry belongs to the language of rules."""
        return self.expr is not None


def read_suite(path: Path, files: Sequence[str] = CORE) -> tuple[Entry, ...]:
    """The entries of some files that need no messages of protobuf."""
    raw = json.loads(path.read_text("utf-8"))
    return tuple(_entry(x) for x in raw if not x["_proto"] and x["_file"] in files)


def judge(entries: Iterable[Entry], front_end: FrontEnd) -> tuple[Verdict, ...]:
    """Each entry compiled, with its bindings declared as the types of rules."""
    return tuple(_verdict(entry, front_end) for entry in entries)


def agrees(verdict: Verdict, value: object) -> bool:
    """Whether a value on the number line is the one that the suite wants; None is an error."""
    entry, expr = verdict.entry, verdict.expr
    if entry.fails or expr is None:
        return value is None
    return _same(value, entry.value, expr.type)


def accepted_share(verdicts: Iterable[Verdict]) -> dict[str, tuple[int, int]]:
    """File -> how many of its entries are accepted, and how many there are."""
    share: dict[str, tuple[int, int]] = {}
    for verdict in verdicts:
        accepted, total = share.get(verdict.entry.file, (0, 0))
        share[verdict.entry.file] = (accepted + verdict.accepted, total + 1)
    return share


def _verdict(entry: Entry, front_end: FrontEnd) -> Verdict:
    if entry.variables is None:
        return Verdict(entry=entry, expr=None)
    diagnostics = Diagnostics()
    expr = front_end.compile(Text(entry.text), entry.variables, diagnostics=diagnostics)
    return Verdict(entry=entry, expr=expr, diagnostics=tuple(diagnostics))


def _entry(raw: Mapping[str, Any]) -> Entry:
    # An entry that states neither a value nor an error is true.
    value = raw.get("value") or raw.get("typed_result", {}).get("result", {"bool_value": True})
    return Entry(
        file=raw["_file"],
        section=raw["_sec"],
        name=raw["name"],
        text=raw["expr"],
        variables=_variables(raw.get("type_env", ())),
        bindings={name: _plain(bound["value"]) for name, bound in raw.get("bindings", {}).items()},
        value=_plain(value),
        fails="eval_error" in raw,
    )


def _variables(declared: Iterable[Mapping[str, Any]]) -> Mapping[str, Type] | None:
    """The declared names with their types; None where one has none here."""
    types = {d["name"]: _type(d["ident"]["type"]) if "ident" in d else None for d in declared}
    known = {name: type_ for name, type_ in types.items() if type_ is not None}
    return known if len(known) == len(types) else None


def _type(declared: Mapping[str, Any]) -> Type | None:
    if "list_type" in declared:
        item = _type(declared["list_type"].get("elem_type", {}))
        return None if item is None else ListOf(item)
    primitive = _PRIMITIVES.get(declared.get("primitive", ""))
    return primitive or _WELL_KNOWN.get(declared.get("well_known", ""))


def _plain(value: Mapping[str, Any]) -> object:
    """A value of the suite as Python has it; numbers with a point as exact decimals."""
    ((kind, content),) = value.items()
    match kind:
        case "int64_value":
            return int(content)
        case "double_value":
            return Exact(str(content))
        case "list_value":
            return [_plain(item) for item in content.get("values", ())]
        case _:
            return content


def _same(value: object, wanted: object, type_: Type) -> bool:
    if value is None:
        return False
    if isinstance(type_, Decimal) and isinstance(value, int) and isinstance(wanted, Exact):
        return Fraction(value, 10**type_.scale) == Fraction(wanted)
    if isinstance(type_, ListOf) and isinstance(value, Sequence) and isinstance(wanted, list):
        pairs = list(zip(value, wanted, strict=False))
        return len(value) == len(wanted) and all(_same(a, b, type_.item) for a, b in pairs)
    return type(value) is type(wanted) and value == wanted
