"""Parameters, tables, periods and relations from YAML: values that expressions may name."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Mapping as MappingABC
from decimal import Decimal as PyDecimal
from pathlib import Path
from typing import Literal, cast

from attrs import frozen

from kaocheng.calendars.numberline import date_to_days
from kaocheng.calendars.periods import PeriodSpec, PeriodUnit, standard_periods
from kaocheng.diagnostics import Diagnostics, Span, nearest
from kaocheng.language import codes
from kaocheng.language._types_reader import read_type
from kaocheng.language.schema import TableShape
from kaocheng.language.shapes import (
    TITLES,
    Choice,
    Fields,
    Identifier,
    Key,
    Raw,
    Record,
    Text,
    read,
)
from kaocheng.language.types import BOOL, DATE, INT, STRING, Decimal, Enum, Type
from kaocheng.plan.algebra import TableRows
from kaocheng.syntax import Mapping, Node, Scalar, Sequence, as_bool, as_date, as_decimal, as_int

PARAMETER = Record(
    "a parameter",
    "参数",
    (
        Key("type", Text(), "its type", "类型", required=True),
        Key("value", Raw(), "its value", "取值", required=True),
        Key("title", TITLES, "what people call it", "名称"),
        Key("clause", Text(), "the clause it stands in", "出处条款"),
        Key("assumed", Raw(), "why it was assumed", "假定理由"),
    ),
)

TABLE = Record(
    "a table",
    "表",
    (
        Key(
            "by",
            Raw(),
            "the columns it is looked up by, each with its type",
            "查表依据的栏目及类型",
            required=True,
        ),
        Key("rows", Raw(), "the rows", "各行"),
        Key("csv", Text(), "a CSV file with the rows, beside the version", "各行所在的 CSV 文件"),
        Key("gives", Text(), "the type of its values", "取值类型"),
        Key("otherwise", Raw(), "the value where no row fits", "无对应行时的取值"),
        Key("title", TITLES, "what people call it", "名称"),
        Key("clause", Text(), "the clause it stands in", "出处条款"),
        Key("assumed", Raw(), "why its figures were assumed", "假定理由"),
    ),
)

PERIOD = Record(
    "a period",
    "周期",
    (
        Key(
            "unit",
            Choice(("day", "week", "month", "quarter", "half_year", "year")),
            "its length",
            "长度",
            required=True,
        ),
        Key("from", Text(), "its first day, as `07-24`", "起始月日，如 `07-24`"),
        Key(
            "named_after",
            Choice(("start", "end")),
            "which end gives it its name",
            "以起始或终了之年命名",
        ),
        Key("title", TITLES, "what people call it", "名称"),
    ),
)

RELATION = Record(
    "a relation",
    "关联",
    (
        Key("id", Identifier(), "its name on the parent", "在上级事项中的名称", required=True),
        Key("of", Identifier(), "the kind that has the children", "上级类别", required=True),
        Key("to", Identifier(), "the kind of the children", "下级类别", required=True),
        Key(
            "by",
            Identifier(),
            "the field of the child that names the parent",
            "下级中指明上级的项",
            required=True,
        ),
        Key(
            "at", Identifier(), "the child's time that places it in a period", "据以归入周期的时间"
        ),
        Key("title", TITLES, "what people call it", "名称"),
    ),
)


@frozen(kw_only=True)
class ParameterRead:
    """A parameter: its type and its value on the number line."""

    type: Type
    value: object


def read_parameters(node: Node | None, diagnostics: Diagnostics) -> dict[str, ParameterRead]:
    """The parameters of a version."""
    found: dict[str, ParameterRead] = {}
    if not isinstance(node, Mapping):
        return found
    for entry in node.entries:
        fields = read(PARAMETER, entry.value, diagnostics, key=entry.key.text)
        if not isinstance(fields, Fields) or "type" not in fields or "value" not in fields:
            continue
        type_node = fields.nodes["type"]
        type_ = read_type(type_node, entry.key.text, (), diagnostics)
        value_node = fields.nodes["value"]
        if type_ is None or not isinstance(value_node, Scalar):
            continue
        value = read_value(value_node, type_, diagnostics)
        if value is not None:
            found[entry.key.text] = ParameterRead(type=type_, value=value)
    return found


def read_value(node: Scalar, type_: Type, diagnostics: Diagnostics) -> object | None:
    """A scalar of a known type on the number line, or None after reporting."""
    if type_ == INT:
        return as_int(node, diagnostics)
    if isinstance(type_, Decimal):
        number = as_decimal(node, diagnostics)
        return None if number is None else scaled(number, type_.scale)
    if type_ == BOOL:
        return as_bool(node, diagnostics)
    if type_ == DATE:
        day = as_date(node, diagnostics)
        return None if day is None else date_to_days(day)
    if isinstance(type_, Enum) and node.text not in type_.values:
        diagnostics.add(
            codes.UNKNOWN_CHOICE,
            node.span,
            seen=node.text,
            key=type_.name,
            suggestion=nearest(node.text, type_.values),
            known=", ".join(f"`{v}`" for v in type_.values),
        )
        return None
    return node.text


def scaled(number: PyDecimal, scale: int) -> int:
    """A decimal number as an integer of its scale."""
    return int(number.scaleb(scale))


def read_periods(node: Node | None, diagnostics: Diagnostics) -> dict[str, PeriodSpec]:
    """The standard periods and those that the version declares."""
    found = {spec.name: spec for spec in standard_periods()}
    if not isinstance(node, Mapping):
        return found
    for entry in node.entries:
        fields = read(PERIOD, entry.value, diagnostics, key=entry.key.text)
        if not isinstance(fields, Fields) or "unit" not in fields:
            continue
        month, day = _month_day(fields, diagnostics)
        named_after: Literal["start", "end"] = (
            "end" if fields.text("named_after") == "end" else "start"
        )
        unit = cast("PeriodUnit", fields.text("unit"))
        found[entry.key.text] = PeriodSpec(
            entry.key.text, unit, month=month, day=day, named_after=named_after
        )
    return found


def _month_day(fields: Fields, diagnostics: Diagnostics) -> tuple[int, int]:
    text = fields.text("from", "01-01")
    try:
        day = dt.date.fromisoformat(f"2000-{text}")
    except ValueError:
        diagnostics.add(codes.BAD_MONTH_DAY, fields.at("from"), seen=text)
        return 1, 1
    return day.month, day.day


@frozen(kw_only=True)
class TableRead:
    """A table: how expressions see it, and its rows."""

    shape: TableShape
    rows: TableRows


def read_tables(
    node: Node | None,
    fields_by_name: MappingABC[str, Type],
    kinds: tuple[str, ...],
    folder: Path,
    diagnostics: Diagnostics,
) -> dict[str, TableRead]:
    """The tables of a version; `fields_by_name` types the columns that a table names."""
    found: dict[str, TableRead] = {}
    if not isinstance(node, Mapping):
        return found
    for entry in node.entries:
        fields = read(TABLE, entry.value, diagnostics, key=entry.key.text)
        if isinstance(fields, Fields):
            table = _TableReader(entry.key.text, fields, diagnostics, folder).table(
                fields_by_name, kinds
            )
            if table is not None:
                found[entry.key.text] = table
    return found


class _TableReader:
    """Reads one table from YAML rows or from CSV."""

    def __init__(self, name: str, fields: Fields, diagnostics: Diagnostics, folder: Path) -> None:
        self.name = name
        self.fields = fields
        self.diagnostics = diagnostics
        self.folder = folder

    def table(self, known: MappingABC[str, Type], kinds: tuple[str, ...]) -> TableRead | None:
        """The table, or None after reporting."""
        arguments = self._arguments(known, kinds)
        if arguments is None:
            return None
        cells = self._csv(arguments) if "csv" in self.fields else self._rows(arguments)
        result = self._result(cells)
        if result is None:
            return None
        rows: list[tuple[tuple[object, ...], object]] = []
        seen: set[tuple[object, ...]] = set()
        for key_cells, cell in cells:
            keys = tuple(self._key(c, t) for c, (_, t) in zip(key_cells, arguments, strict=True))
            value = read_value(cell, result, self.diagnostics)
            if keys in seen:
                shown = ", ".join(f"`{c.text}`" for c in key_cells)
                self.diagnostics.add(
                    codes.DUPLICATE_ROW, key_cells[0].span, key=shown, table=self.name
                )
            seen.add(keys)
            rows.append((keys, value))
        return TableRead(
            shape=TableShape(self.name, tuple(arguments), result),
            rows=TableRows(
                name=self.name, rows=tuple(rows), otherwise=self._otherwise(result), result=result
            ),
        )

    def _arguments(
        self, known: MappingABC[str, Type], kinds: tuple[str, ...]
    ) -> list[tuple[str, Type]] | None:
        by = self.fields.nodes.get("by")
        found: list[tuple[str, Type]] = []
        if isinstance(by, Mapping):
            for entry in by.entries:
                type_ = self._path_type(entry.value, known) or read_type(
                    entry.value, entry.key.text, kinds, self.diagnostics
                )
                if type_ is None:
                    return None
                found.append((entry.key.text, type_))
            return found
        for item in by.items if isinstance(by, Sequence) else ([by] if by is not None else []):
            if not isinstance(item, Scalar) or item.text not in known:
                text = item.text if isinstance(item, Scalar) else "…"
                self.diagnostics.add(
                    codes.WRONG_FIELD,
                    item.span,
                    seen=text,
                    kind="any kind",
                    suggestion=nearest(text, known),
                )
                return None
            found.append((item.text, known[item.text]))
        return found or None

    def _path_type(self, node: Node, known: MappingABC[str, Type]) -> Type | None:
        return known.get(node.text) if isinstance(node, Scalar) else None

    def _rows(self, arguments: list[tuple[str, Type]]) -> list[tuple[tuple[Scalar, ...], Scalar]]:
        node = self.fields.nodes.get("rows")
        if isinstance(node, Mapping) and len(arguments) == 1:
            return [((e.key,), e.value) for e in node.entries if isinstance(e.value, Scalar)]
        found = []
        for item in node.items if isinstance(node, Sequence) else ():
            cells = item.items if isinstance(item, Sequence) else ()
            if len(cells) == len(arguments) + 1 and all(isinstance(c, Scalar) for c in cells):
                scalars = [c for c in cells if isinstance(c, Scalar)]
                found.append((tuple(scalars[:-1]), scalars[-1]))
            else:
                wanted = f"{len(arguments) + 1} values: {', '.join(n for n, _ in arguments)} and the result"
                self._bad(item.span, wanted, f"{len(arguments) + 1} 个值（依次为查表各栏与结果）")
        if node is None:
            self.diagnostics.add(
                codes.EXACTLY_ONE,
                self.fields.span,
                place=f"table `{self.name}`",
                keys="`rows`, `csv`",
            )
        return found

    def _bad(self, span: Span, wanted: str, wanted_zh: str) -> None:
        self.diagnostics.add(
            codes.WRONG_SHAPE,
            span,
            key="rows",
            wanted=wanted,
            wanted_zh=wanted_zh,
            seen="another row",
            seen_zh="其他形式的行",
        )

    def _csv(self, arguments: list[tuple[str, Type]]) -> list[tuple[tuple[Scalar, ...], Scalar]]:
        path = self.folder / self.fields.text("csv")
        if not path.resolve().is_relative_to(self.folder.parent.resolve()) or not path.is_file():
            self.diagnostics.add(
                codes.EXTENDS_MISSING, self.fields.at("csv"), seen=self.fields.text("csv")
            )
            return []
        found = []
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for number, cells in enumerate(csv.reader(lines), start=1):
                if number == 1 or not cells:
                    continue
                scalars = [
                    self._cell(path, number, column, text)
                    for column, text in enumerate(cells, start=1)
                ]
                if len(scalars) != len(arguments) + 1:
                    self._bad(
                        scalars[0].span, f"{len(arguments) + 1} cells", f"{len(arguments) + 1} 格"
                    )
                    continue
                found.append((tuple(scalars[:-1]), scalars[-1]))
        return found

    def _cell(self, path: Path, line: int, column: int, text: str) -> Scalar:
        span = Span(str(path), line, column, line, column + 1)
        return Scalar(text.strip(), span, "plain", text.strip(), (line, column))

    def _key(self, cell: Scalar, type_: Type) -> object | None:
        return None if cell.text == "*" else read_value(cell, type_, self.diagnostics)

    def _result(self, cells: list[tuple[tuple[Scalar, ...], Scalar]]) -> Type | None:
        if "gives" in self.fields:
            return read_type(self.fields.nodes["gives"], self.name, (), self.diagnostics)
        texts = [cell.text for _, cell in cells]
        if all(re.fullmatch(r"[-+]?\d+", text) for text in texts):
            return INT
        if all(re.fullmatch(r"[-+]?\d+(\.\d+)?", text) for text in texts):
            return Decimal(max(len(text.partition(".")[2]) for text in texts))
        return STRING

    def _otherwise(self, result: Type) -> object | None:
        node = self.fields.nodes.get("otherwise")
        return read_value(node, result, self.diagnostics) if isinstance(node, Scalar) else None
