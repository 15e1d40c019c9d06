"""What the rows of a table of exact keys cover: rows never reached, and values without a row."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice, product

from attrs import frozen

from kaocheng.diagnostics import Diagnostics, Label, Span
from kaocheng.language import declaration_codes
from kaocheng.language.shapes import listed
from kaocheng.language.types import BOOL, Enum, Type
from kaocheng.syntax import Scalar

# More combinations than these are not gone through, and more than these not listed.
_MOST_COMBINATIONS = 10_000
MOST_SHOWN = 3


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
    def words(self) -> Mapping[str, str]:
        """Its keys as written, for messages."""
        return listed((cell.text for cell in self.cells), "key")


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
        alike = self._rows.setdefault(shape, {})
        same = alike.get(_fixed(row.keys, shape))
        earlier = same or self._covering(row.keys)
        if earlier is None:
            alike[_fixed(row.keys, shape)] = row
        else:
            self._report(row, earlier, is_same=same is not None)

    def _covering(self, keys: tuple[object, ...]) -> Row | None:
        for shape, rows in self._rows.items():
            found = rows.get(_fixed(keys, shape))
            if found is not None:
                return found
        return None

    def _report(self, row: Row, earlier: Row, *, is_same: bool) -> None:
        label = Label(earlier.span, "the earlier row", "在前的一行")
        code = declaration_codes.DUPLICATE_ROW if is_same else declaration_codes.SHADOWED_ROW
        words = {"table": self._table, **row.words}
        self._diagnostics.add(code, row.span, labels=(label,), words=words)

    def check_complete(self, types: list[Type], span: Span) -> None:
        """Warn of combinations of named values that no row fits."""
        values = [known_values(type_) for type_ in types]
        count = 1
        for known in values:
            count *= len(known)
        if not 0 < count <= _MOST_COMBINATIONS:
            return
        missing = (keys for keys in product(*values) if self._covering(keys) is None)
        found = list(islice(missing, MOST_SHOWN + 1))
        if found:
            column = next((type_.name for type_ in types if isinstance(type_, Enum)), "")
            words = {"table": self._table, "column": column, **_listed(found)}
            self._diagnostics.add(declaration_codes.MISSING_ROW, span, words=words)


def _fixed(keys: tuple[object, ...], shape: tuple[bool, ...]) -> tuple[object, ...]:
    """The keys that must be equal."""
    return tuple(key for key, is_any in zip(keys, shape, strict=True) if not is_any)


def known_values(type_: Type) -> tuple[object, ...]:
    """All values of a type that can be listed."""
    if isinstance(type_, Enum):
        return type_.values
    return (True, False) if type_ == BOOL else ()


def _listed(found: list[tuple[object, ...]]) -> Mapping[str, str]:
    """Combinations as a message lists them; of many only some."""
    rows = [listed(map(text_of, keys)) for keys in found[:MOST_SHOWN]]
    en = [row["known"] if len(found[0]) == 1 else f"({row['known']})" for row in rows]
    zh = [row["known_zh"] if len(found[0]) == 1 else f"（{row['known_zh']}）" for row in rows]
    is_all = len(found) <= MOST_SHOWN
    return {
        "key": ", ".join(en if is_all else [*en, "and others"]),
        "key_zh": "、".join(zh) + ("" if is_all else "等"),
    }


def text_of(key: object) -> str:
    """A named value as it is written."""
    return str(key).lower() if isinstance(key, bool) else str(key)
