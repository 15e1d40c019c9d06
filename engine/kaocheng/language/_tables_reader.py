"""Decision tables from YAML, with their rows in the file or in a CSV file beside it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from collections.abc import Mapping as MappingABC
from pathlib import Path

from attrs import frozen

from kaocheng.diagnostics import Diagnostics, Span, nearest
from kaocheng.language import codes, declaration_codes
from kaocheng.language._bands import check_bands
from kaocheng.language._clauses import SOURCE_KEYS, check_clause
from kaocheng.language._coverage import Coverage, Row
from kaocheng.language._csv_cells import CsvError, read_csv
from kaocheng.language._names import Names
from kaocheng.language._table_keys import read_key
from kaocheng.language._types_reader import PRIMITIVES, TYPE, read_type
from kaocheng.language._values_reader import read_value, single_type
from kaocheng.language.ruleset import Kind
from kaocheng.language.schema import TableShape
from kaocheng.language.shapes import (
    TITLES,
    Fields,
    Key,
    Raw,
    Record,
    Text,
    listed,
    named_entries,
    place_of,
    read,
    wrong_shape,
)
from kaocheng.language.types import INT, STRING, Decimal, ListOf, Type
from kaocheng.plan.algebra import Bound, TableRows
from kaocheng.syntax import Mapping, Node, Scalar, Sequence, as_identifier
from kaocheng.syntax.quoting import shown

TABLE = Record(
    "a table",
    "表",
    (
        Key(
            "by",
            Raw("a list of fields, or names with their types", parts=(TYPE,)),
            "the columns it is looked up by, each with its type",
            "查表依据的栏目及类型",
            required=True,
        ),
        Key(
            "rows",
            Raw("rows"),
            "the rows; a key is a value, a comparison such as `>= 30`, or `*` for anything",
            "各行；条件为取值、比较（如 `>= 30`）或表示任意的 `*`",
        ),
        Key("csv", Text(), "a CSV file with the rows, beside the version", "各行所在的 CSV 文件"),
        Key(
            "gives",
            Raw("a type, or a field", parts=(TYPE,)),
            "the type of its values, or the field that has it",
            "取值类型，或有该类型的项",
        ),
        Key("otherwise", Text(), "the value where no row fits", "无对应行时的取值"),
        Key("title", TITLES, "what people call it", "名称"),
        *SOURCE_KEYS,
    ),
)

_WHOLE = re.compile(r"[-+]?\d+", re.ASCII)
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?", re.ASCII)


@frozen(kw_only=True)
class TableRead:
    """A table: how expressions see it, its rows, and where it is declared."""

    shape: TableShape
    rows: TableRows
    span: Span


@frozen
class _Cells:
    """A row as written."""

    keys: tuple[Scalar, ...]
    value: Scalar


def read_tables(
    node: Node | None, kinds: MappingABC[str, Kind], names: Names, diagnostics: Diagnostics
) -> dict[str, TableRead]:
    """The tables of a version; `names` are those that a table may not have."""
    fields_by_path = _fields_by_path(kinds)
    found: dict[str, TableRead] = {}
    for key, value in named_entries(node, diagnostics, key="tables"):
        names.claim(key.text, key.span, ("a table", "表"))
        fields = read(TABLE, value, diagnostics, key=key.text)
        if isinstance(fields, Fields):
            check_clause(key.text, fields, key.span, diagnostics)
            columns = _Columns(fields_by_path, tuple(kinds), diagnostics)
            table = _TableReader(key, fields, columns, diagnostics).table()
            if table is not None:
                found[key.text] = table
    return found


def _fields_by_path(kinds: MappingABC[str, Kind]) -> MappingABC[str, Type]:
    """Types of fields by full path: `report.adoptions.outlet`."""
    paths: dict[str, Type] = {}
    for kind in kinds.values():
        paths |= {f"{kind.name}.{fact.name}": fact.type for fact in kind.fields}
        parts = {item.name: item.fields for item in kind.lists}
        parts |= {spell.name: spell.fields for spell in kind.spells}
        for part, facts in parts.items():
            paths |= {f"{kind.name}.{part}.{fact.name}": fact.type for fact in facts}
    return paths


class _Columns:
    """Reads `by:`, the columns that a table is looked up by."""

    def __init__(
        self, paths: MappingABC[str, Type], kinds: tuple[str, ...], diagnostics: Diagnostics
    ) -> None:
        self._paths = paths
        self.kinds = kinds
        self._diagnostics = diagnostics
        self._short: dict[str, list[str]] = {}
        for path in paths:
            self._short.setdefault(path.rpartition(".")[2], []).append(path)

    def read(self, node: Node) -> list[tuple[str, Type]] | None:
        """Each column's name and type, or None after reporting."""
        if isinstance(node, Mapping):
            columns = [
                (entry.key.text, self._declared(entry.key, entry.value)) for entry in node.entries
            ]
        else:
            items = node.items if isinstance(node, Sequence) else (node,)
            columns = [(_text(item), self.of_field(item)) for item in items]
        if not columns:
            wanted = ("at least one column", "至少一个栏目")
            seen = ("empty", "空的")
            wrong_shape(node, self._diagnostics, place=place_of("by"), wanted=wanted, seen=seen)
            return None
        found = [(name, type_) for name, type_ in columns if type_ is not None]
        return found if len(found) == len(columns) else None

    def _declared(self, key: Scalar, node: Node) -> Type | None:
        """The type behind a column's own name: that of a field, or one written out."""
        if as_identifier(key, self._diagnostics) is None:
            return None
        if self.is_field(node):
            return self.of_field(node)
        type_ = read_type(node, key.text, self.kinds, self._diagnostics)
        return None if type_ is None else self._single(node, type_)

    def is_field(self, node: Node) -> bool:
        """Whether it names a field, or would if it had not been misspelt, and no type."""
        text = _text(node)
        is_type = text in PRIMITIVES or text in self.kinds
        return "." in text or (text in self._short and not is_type)

    def of_field(self, node: Node, key: str = "by") -> Type | None:
        """The type of the field that is named under `key`, or None after reporting."""
        if not isinstance(node, Scalar):
            place = place_of(key, in_list=True)
            wrong_shape(node, self._diagnostics, place=place, wanted=("a field", "一项事实"))
            return None
        if node.is_blank:
            return None
        paths = [node.text] if node.text in self._paths else self._short.get(node.text, [])
        types = {self._paths[path] for path in paths}
        if len(types) == 1:
            return self._single(node, next(iter(types)), key)
        if types:
            known = listed(sorted(paths))
            self._diagnostics.add(
                declaration_codes.AMBIGUOUS_FIELD, node.span, seen=shown(node.text), words=known
            )
        else:
            self._unknown(node)
        return None

    def _unknown(self, node: Scalar) -> None:
        names = list(self._paths) if "." in node.text else list(self._short)
        self._diagnostics.add(
            declaration_codes.UNKNOWN_FIELD,
            node.span,
            seen=shown(node.text),
            suggestion=nearest(node.text, names),
        )

    def _single(self, node: Node, type_: Type, key: str = "by") -> Type | None:
        if isinstance(type_, ListOf):
            wanted = ("a field with a single value", "只有一个取值的项")
            seen = ("a list", "清单")
            place = place_of(key, in_list=key == "by")
            wrong_shape(node, self._diagnostics, place=place, wanted=wanted, seen=seen)
            return None
        return type_


class _TableReader:
    """Reads one table."""

    def __init__(
        self, key: Scalar, fields: Fields, columns: _Columns, diagnostics: Diagnostics
    ) -> None:
        self._name = key.text
        self._span = key.span
        self._fields = fields
        self._columns = columns
        self._diagnostics = diagnostics

    def table(self) -> TableRead | None:
        """The table, or None after reporting."""
        by = self._fields.nodes.get("by")
        arguments = None if by is None else self._columns.read(by)
        if arguments is None or not self._has_one_source():
            return None
        before = len(self._diagnostics)
        names = [name for name, _ in arguments]
        cells = list(self._csv(names) if "csv" in self._fields.nodes else self._rows(names))
        result = self._result(cells)
        if result is None:
            return None
        rows = [self._row(row, arguments, result) for row in cells]
        otherwise = self._otherwise(result)
        if len(self._diagnostics) == before:
            types = [type_ for _, type_ in arguments]
            self._check_coverage(rows, types, has_rest=otherwise is not None)
        table = TableRows(
            name=self._name,
            rows=tuple((row.keys, row.value) for row in rows),
            otherwise=otherwise,
            result=result,
        )
        shape = TableShape(self._name, tuple(arguments), result)
        return TableRead(shape=shape, rows=table, span=self._span)

    def _has_one_source(self) -> bool:
        given = [key for key in ("rows", "csv") if key in self._fields.nodes]
        if len(given) == 1:
            return True
        span = self._fields.keys["csv"] if given else self._fields.span
        self._diagnostics.add(
            codes.EXACTLY_ONE,
            span,
            place=f"the table `{self._name}`",
            place_zh=f"表 `{self._name}` ",
            words=listed(("rows", "csv"), "keys"),
        )
        return False

    def _check_coverage(self, rows: list[Row], types: list[Type], *, has_rest: bool) -> None:
        compares = any(isinstance(key, Bound) for row in rows for key in row.keys)
        span = None if has_rest else self._span
        if compares and check_bands(self._name, rows, types, span, self._diagnostics):
            return
        coverage = Coverage(self._name, self._diagnostics)
        for row in rows:
            coverage.add(row)
        if span is not None and not compares:
            coverage.check_complete(types, span)

    # The rows as written.

    def _rows(self, names: list[str]) -> Iterator[_Cells]:
        node = self._fields.nodes["rows"]
        if isinstance(node, Mapping) and len(names) == 1:
            for entry in node.entries:
                if isinstance(entry.value, Scalar):
                    yield _Cells((entry.key,), entry.value)
                else:
                    place = place_of(entry.key.text)
                    wanted = ("a single value", "单个值")
                    wrong_shape(entry.value, self._diagnostics, place=place, wanted=wanted)
        elif isinstance(node, Sequence):
            for item in node.items:
                cells = item.items if isinstance(item, Sequence) else ()
                scalars = tuple(cell for cell in cells if isinstance(cell, Scalar))
                if len(scalars) == len(cells) == len(names) + 1:
                    yield _Cells(scalars[:-1], scalars[-1])
                else:
                    self._wrong_row(item, names)
        elif not (isinstance(node, Scalar) and node.is_blank):
            wrong_shape(node, self._diagnostics, place=place_of("rows"), wanted=_wanted_rows(names))

    def _wrong_row(self, node: Node, names: list[str]) -> None:
        count = len(node.items) if isinstance(node, Sequence) else None
        seen = None if count is None else (f"{count} values", f" {count} 个值")
        place = (f"a row of `{self._name}`", f"表 `{self._name}` 的每一行")
        wrong_shape(node, self._diagnostics, place=place, wanted=_wanted(names), seen=seen)

    def _csv(self, names: list[str]) -> Iterator[_Cells]:
        path = self._csv_path()
        if path is None:
            return
        try:
            records = read_csv(path)
        except CsvError as error:
            problem = {"problem": error.en, "problem_zh": error.zh}
            span = error.span or self._fields.at("csv")
            self._diagnostics.add(
                declaration_codes.UNREADABLE_FILE, span, seen=path.name, words=problem
            )
            return
        for number, record in enumerate(records):
            if len(record.cells) != len(names) + 1:
                node = Sequence(record.cells, record.span)
                self._wrong_row(node, names)
            elif number:
                yield _Cells(record.cells[:-1], record.cells[-1])
            else:
                self._check_header(record.cells, names)

    def _csv_path(self) -> Path | None:
        """The CSV file, beside the file that declares the table and inside the ruleset's folder."""
        node = self._fields.nodes["csv"]
        name = self._fields.text("csv")
        if not name:
            return None
        folder = Path(node.span.file).parent
        root = folder.parent if folder.name == "versions" else folder
        path = Path(os.path.normpath(folder / name))
        try:
            is_inside = path.resolve().is_relative_to(root.resolve())
            is_file = path.is_file()
        except (OSError, ValueError):  # a name that no file can have
            is_inside, is_file = True, False
        if is_inside and is_file:
            return path
        code = declaration_codes.NO_SUCH_FILE if is_inside else declaration_codes.EXTENDS_OUTSIDE
        self._diagnostics.add(code, node.span, seen=shown(name))
        return None

    def _check_header(self, cells: tuple[Scalar, ...], names: list[str]) -> None:
        for number, (cell, name) in enumerate(zip(cells, names, strict=False), start=1):
            if cell.text not in (name, name.rpartition(".")[2]):
                values = {"number": str(number), "seen": shown(cell.text), "wanted": name}
                self._diagnostics.add(declaration_codes.TABLE_HEADER, cell.span, words=values)

    # The rows as values.

    def _row(self, cells: _Cells, columns: list[tuple[str, Type]], result: Type) -> Row:
        pairs = zip(cells.keys, columns, strict=True)
        keys = tuple(
            read_key(cell, name, type_, self._diagnostics) for cell, (name, type_) in pairs
        )
        value = read_value(cells.value, result, self._diagnostics)
        return Row(keys, value, cells.keys)

    def _result(self, cells: list[_Cells]) -> Type | None:
        gives = self._fields.nodes.get("gives")
        if gives is not None and self._columns.is_field(gives):
            return self._columns.of_field(gives, "gives")
        if gives is not None:
            kinds, name = self._columns.kinds, self._name
            return single_type(self._fields, "gives", name, kinds, self._diagnostics)
        texts = [row.value.text for row in cells]
        if "otherwise" in self._fields:
            texts.append(self._fields.text("otherwise"))
        if all(_WHOLE.fullmatch(text) for text in texts):
            return INT
        if all(_NUMBER.fullmatch(text) for text in texts):
            return Decimal(max(len(text.partition(".")[2]) for text in texts))
        return STRING

    def _otherwise(self, result: Type) -> object | None:
        node = self._fields.nodes.get("otherwise")
        return read_value(node, result, self._diagnostics) if isinstance(node, Scalar) else None


def _wanted(names: list[str]) -> tuple[str, str]:
    """What a row consists of."""
    columns = ", ".join(f"`{name}`" for name in names)
    zh = "、".join(f"`{name}`" for name in names)
    count = len(names) + 1
    return f"{count} values ({columns} and the result)", f" {count} 个值（{zh}，最后是结果）"


def _wanted_rows(names: list[str]) -> tuple[str, str]:
    if len(names) == 1:
        return "a mapping from values to results", "取值与结果的对应"
    return "a list of rows, each a list of values", "各行的清单，每行为一组值"


def _text(node: Node) -> str:
    return node.text if isinstance(node, Scalar) else ""
