"""What the rows of a decision table cover: rows never reached, and values without a row."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product

from attrs import frozen

from kaocheng.diagnostics import Diagnostics, Label, Span
from kaocheng.language import declaration_codes
from kaocheng.language.types import BOOL, Enum, Type
from kaocheng.syntax import Scalar
from kaocheng.syntax.quoting import shown

# More combinations than these are not gone through, and more than these not listed.
_MOST_COMBINATIONS = 10_000
_MOST_SHOWN = 3


@frozen
class Row:
    """A row: its keys (None fits anything), its value, and the cells the keys stand in."""

    keys: tuple[object, ...]
    value: object
    cells: tuple[Scalar, ...]

    @property
    def span(self) -> Span:
        """Where its keys stand."""
        return self.cells[0].span

    @property
    def text(self) -> str:
        """Its keys as written."""
        return ", ".join(f"`{shown(cell.text)}`" for cell in self.cells)


class Coverage:
    """The rows of one table so far; the first row that fits counts."""

    def __init__(self, table: str, diagnostics: Diagnostics) -> None:
        self._table = table
        self._diagnostics = diagnostics
        # By which keys fit anything, the rows by those that do not.
        self._rows: dict[tuple[bool, ...], dict[tuple[object, ...], Row]] = {}

    def add(self, row: Row) -> None:
        """A further row, which must not be covered by the ones before."""
        shape = tuple(key is None for key in row.keys)
        earlier = self._covering(row.keys)
        if earlier is not None:
            self._report(row, earlier, is_same=earlier.keys == row.keys)
            return
        self._rows.setdefault(shape, {})[_fixed(row.keys, shape)] = row

    def _covering(self, keys: tuple[object, ...]) -> Row | None:
        for shape, rows in self._rows.items():
            found = rows.get(_fixed(keys, shape))
            if found is not None:
                return found
        return None

    def _report(self, row: Row, earlier: Row, *, is_same: bool) -> None:
        label = Label(earlier.span, "the earlier row", "在前的一行")
        code = declaration_codes.DUPLICATE_ROW if is_same else declaration_codes.SHADOWED_ROW
        self._diagnostics.add(code, row.span, labels=(label,), key=row.text, table=self._table)

    def check_complete(self, types: list[Type], span: Span) -> None:
        """Warn of combinations of named values that no row fits."""
        values = [_values(type_) for type_ in types]
        count = 1
        for known in values:
            count *= len(known)
        if not 0 < count <= _MOST_COMBINATIONS:
            return
        missing = (keys for keys in product(*values) if self._covering(keys) is None)
        found = list(islice(missing, _MOST_SHOWN + 1))
        if found:
            en, zh = (_listed(found, *words) for words in (("; ", "and others"), ("；", "等")))
            self._diagnostics.add(
                declaration_codes.MISSING_ROW, span, key=en, key_zh=zh, table=self._table
            )


def _fixed(keys: tuple[object, ...], shape: tuple[bool, ...]) -> tuple[object, ...]:
    """The keys that must be equal."""
    return tuple(key for key, is_any in zip(keys, shape, strict=True) if not is_any)


def _values(type_: Type) -> tuple[object, ...]:
    """All values of a type that can be listed."""
    if isinstance(type_, Enum):
        return type_.values
    return (True, False) if type_ == BOOL else ()


def _listed(found: list[tuple[object, ...]], separator: str, more: str) -> str:
    texts = [", ".join(_shown(keys)) for keys in found[:_MOST_SHOWN]]
    if len(found) > _MOST_SHOWN:
        texts.append(more)
    return separator.join(texts)


def _shown(keys: tuple[object, ...]) -> Iterator[str]:
    for key in keys:
        yield f"`{str(key).lower() if isinstance(key, bool) else key}`"
