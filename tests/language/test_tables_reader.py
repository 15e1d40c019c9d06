"""Decision tables: their columns, their rows, and the places of cells in CSV files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaocheng.diagnostics import Diagnostics, Span
from kaocheng.language._bands import check_bands
from kaocheng.language._coverage import Coverage, Row
from kaocheng.language._csv_cells import CsvError, _records, read_csv
from kaocheng.language.types import BOOL, INT, STRING, Decimal, Enum
from kaocheng.plan.algebra import COMPARISONS, Bound
from kaocheng.syntax import Scalar

Check = Callable[..., Any]

KINDS = """
kinds:
  unit: {fields: {class: {one_of: [county, other]}}}
  report: {fields: {level: {ordered: [city, central]}, pages: int, urgent: bool, unit: unit}}
"""
LEVEL = Enum("report.level", ("city", "central"), ordered=True)


def table(check_text: Check, text: str, **files: str | bytes) -> Any:  # noqa: ANN401
    """The rows of the only table of a ruleset."""
    return check_text(f'{KINDS}\ntables: {{t: {{clause: "1", {text}}}}}', **files).version.tables[
        "t"
    ]


def test_one_column(check_text: Check) -> None:
    """A table by one column may be written as a mapping."""
    found = table(check_text, "by: [level], rows: {city: 2, central: 5}")

    assert ((("city",), 2), (("central",), 5)) == found.rows
    assert (INT, None) == (found.result, found.otherwise)


def test_several_columns(check_text: Check) -> None:
    """A table by several columns has a list for each row; `*` fits anything."""
    rows = "rows: [[city, 1, 0.5], [city, '*', 1], ['*', '*', 10]]"
    found = table(check_text, f"by: [level, pages], {rows}, otherwise: 0")

    assert ((("city", 1), 5), (("city", None), 10), ((None, None), 100)) == found.rows
    assert (Decimal(1), 0) == (found.result, found.otherwise)


@pytest.mark.parametrize(
    ("by", "row", "key"),
    [
        ("[report.level]", "[city, 1]", "city"),
        ("{level: report.level}", "[city, 1]", "city"),
        ("{level: level}", "[city, 1]", "city"),
        ("{n: int}", "[3, 1]", 3),
        ("{b: bool}", "[true, 1]", True),
        ("{u: unit}", "[a, 1]", "unit/a"),
        ("[unit]", "[unit/a, 1]", "unit/a"),
        ("level", "[city, 1]", "city"),
        ("{k: {one_of: [x]}}", "[x, 1]", "x"),
    ],
)
def test_what_a_table_is_looked_up_by(check_text: Check, by: str, row: str, key: object) -> None:
    """A column is a field, by name or path, or has a type of its own."""
    found = table(check_text, f"by: {by}, rows: [{row}], otherwise: 0")

    assert (((key,), 1),) == found.rows


@pytest.mark.parametrize(
    ("type_", "cell", "bound"),
    [
        ("int", ">= 30", Bound("ge", 30)),
        ("int", ">30", Bound("gt", 30)),
        ("int", "<=  -2", Bound("le", -2)),
        ("int", "< 3", Bound("lt", 3)),
        ("decimal(2)", ">= 2.5", Bound("ge", 250)),
        ("date", "< 1970-01-11", Bound("lt", 10)),
        ("instant", "> 1970-01-01T00:00:01Z", Bound("gt", 1_000_000)),
        ("duration", ">= 2 hours", Bound("ge", 7_200_000_000)),
    ],
)
def test_a_key_may_compare(check_text: Check, type_: str, cell: str, bound: Bound) -> None:
    """A key compares with one sign and one value of the column's type."""
    found = table(check_text, f'by: {{n: {type_}}}, rows: {{"{cell}": 1}}, otherwise: 0')

    assert (((bound,), 1),) == found.rows


def test_keys_that_compare_with_less_need_no_quotes(check_text: Check) -> None:
    """YAML takes `<` for what it is, in brackets and on a line of its own."""
    found = table(check_text, "by: {n: int}, rows: {< 3: 1, <= 9: 2}, otherwise: 0")

    assert (((Bound("lt", 3),), 1), ((Bound("le", 9),), 2)) == found.rows


def test_named_values_may_look_like_comparisons(check_text: Check) -> None:
    """A value that the column declares is that value, whatever it begins with."""
    values = '{one_of: ["<18", "18-64", ">=65"]}'
    found = table(check_text, f'by: {{age: {values}}}, rows: {{"<18": 1, "*": 2}}')

    assert ((("<18",), 1), ((None,), 2)) == found.rows


@pytest.mark.parametrize(
    ("values", "result"),
    [
        ("{city: 1, central: 2}", INT),
        ("{city: 1, central: 2.50}", Decimal(2)),
        ("{city: a, central: 2}", STRING),
        ("{city: 1, central: 2}, gives: decimal(1)", Decimal(1)),
        ("{city: true, central: false}, gives: bool", BOOL),
        ("{city: 1, central: 2}, otherwise: 0.5", Decimal(1)),
        ("{city: a, central: b}, gives: {ordered: [a, b]}", Enum("t", ("a", "b"), ordered=True)),
        ("{city: central, central: city}, gives: report.level", LEVEL),
        ("{city: central, central: city}, gives: level", LEVEL),
    ],
)
def test_what_a_table_gives(check_text: Check, values: str, result: object) -> None:
    """The type of the values is declared, that of a field, or that of all of them."""
    assert result == table(check_text, f"by: [level], rows: {values}").result


@pytest.mark.parametrize(
    ("gives", "said"),
    [
        ("report.levels", "no kind has a field `report.levels`"),
        ("authors", "`gives` wants a field with a single value, and is a list"),
    ],
)
def test_fields_that_give_no_type(check_text: Check, gives: str, said: str) -> None:
    """A table gives what a field with a single value has, and no other."""
    text = f"""
        kinds: {{report: {{fields: {{level: string, authors: {{list: string}}}}}}}}
        tables: {{t: {{by: [level], rows: {{a: b}}, gives: {gives}, clause: "1"}}}}
    """

    assert [said] == [d.message() for d in check_text(text).diagnostics]


CSV = '\ufefflevel,pages,points\r\ncity,1,2\r\n"central","*", 3 \r\n\r\n'


def test_csv(check_text: Check) -> None:
    """Rows may stand in a CSV file beside the versions, as spreadsheets save them."""
    found = table(check_text, "by: [level, pages], csv: ../t.csv, otherwise: 0", t__csv=CSV)

    assert ((("city", 1), 2), (("central", None), 3)) == found.rows


def test_csv_that_compares(check_text: Check) -> None:
    """The cells of a CSV file compare as those of YAML do, with or without quotes."""
    data = 'level,pages,points\ncity, >= 3 ,2\n*,"< 3",1\n'
    found = table(check_text, "by: [level, pages], csv: ../t.csv, otherwise: 0", t__csv=data)

    assert ((("city", Bound("ge", 3)), 2), ((None, Bound("lt", 3)), 1)) == found.rows


def test_csv_of_a_version_that_is_extended(check_versions: Check, tmp_path: Path) -> None:
    """The CSV file is looked for beside the file that declares the table."""
    below = tmp_path / "tried/versions/old"
    below.mkdir(parents=True)
    table = 'tables: {t: {by: {level: string}, csv: t.csv, clause: "1"}}\n'
    head = 'kaocheng: 1\nruleset: tried\nversion: "1"\neffective: {from: open}\n'
    (below / "base.yaml").write_text(head + table, "utf-8")
    (below / "t.csv").write_text("level,points\ncity,2\n", "utf-8")
    outcome = check_versions({"1": head + "extends: old/base\n"})

    assert ((("city",), 2),) == outcome.version.tables["t"].rows


@pytest.mark.parametrize(
    ("text", "name", "place"),
    [
        ("level,pages,points\ncity,two,2\n", "not-an-integer", (2, 6, 9)),
        ('level,pages,points\n"city","two",2\n', "not-an-integer", (2, 8, 13)),
        ("level,pages,points\ncity,1,\n", "not-an-integer", (2, 8, 9)),
        ('level,pages,points\n"ci\nty",1,2\n', "unknown-choice", (2, 1, 4)),
        ("level,pages,points\n\ncity,1,x\n", "not-an-integer", (3, 8, 9)),
        ("level,page,points\ncity,1,2\n", "table-header", (1, 7, 11)),
        ("level,pages\ncity,1\n", "wrong-shape", (1, 1, 12)),
        ("level,pages,points\ncity,1,2\ncity,1,3\n", "duplicate-row", (3, 1, 5)),
        ('level,pages,points\ncity,"1,2\n', "unreadable-file", (2, 6, 7)),
        ("level,pages,points\ncity,>= x,2\n", "not-an-integer", (2, 9, 10)),
        ("level,pages,points\ncity,≥3,2\n", "comparison-form", (2, 6, 8)),
    ],
)
def test_cells_are_named(
    check_text: Check, text: str, name: str, place: tuple[int, int, int]
) -> None:
    """What is wrong with a cell is reported at its line and column in the CSV file."""
    outcome = check_text(
        f'{KINDS}\ntables: {{t: {{clause: "1", gives: int, by: [level, pages], csv: ../t.csv}}}}',
        t__csv=text,
    )
    item = next(d for d in outcome.diagnostics if d.code.name == name)

    assert ("t.csv", *place) == (
        Path(item.span.file).name,
        item.span.line,
        item.span.column,
        item.span.end_column,
    )


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"a" * 2_000_001, "it is larger than 2,000,000 bytes"),
        ("级".encode("gbk"), "byte 1 is not UTF-8"),
        (b"a\tb\n", "the cells are separated by `\t`"),
        (b"\x00\x01,\xff", "byte 4 is not UTF-8"),
    ],
)
def test_files_that_are_no_tables(tmp_path: Path, data: bytes, problem: str) -> None:
    """A file that cannot be read as CSV is refused with the reason."""
    path = tmp_path / "t.csv"
    path.write_bytes(data)

    with pytest.raises(CsvError, match=f"^{problem}$"):
        read_csv(path)


CELLS = st.lists(
    st.lists(st.text(st.sampled_from('ab,"\n\r 级'), max_size=5), min_size=2, max_size=3),
    max_size=4,
)


@given(CELLS)
def test_cells_are_where_they_say(rows: list[list[str]]) -> None:
    """The place of every cell leads back to its text."""
    quoted = [['"' + cell.replace('"', '""') + '"' for cell in row] for row in rows]
    text = "\n".join(",".join(row) for row in quoted)
    lines = text.split("\n")
    records = list(_records(text, "t.csv"))

    assert [[cell.strip() for cell in row] for row in rows] == [
        [cell.text for cell in record.cells] for record in records
    ]
    for record, row in zip(records, quoted, strict=True):
        for cell, written in zip(record.cells, row, strict=True):
            assert written == sliced(lines, cell.span)


def sliced(lines: list[str], span: Span) -> str:
    """The text that a span covers."""
    if span.line == span.end_line:
        return lines[span.line - 1][span.column - 1 : span.end_column - 1]
    inner = lines[span.line : span.end_line - 1]
    first, last = lines[span.line - 1][span.column - 1 :], lines[span.end_line - 1]
    return "\n".join((first, *inner, last[: span.end_column - 1]))


KEYS = st.tuples(st.sampled_from([None, "a", "b"]), st.sampled_from([None, "x", "y"]))
TYPES = [Enum("p", ("a", "b")), Enum("q", ("x", "y"))]


def covered(rows: list[tuple[str | None, str | None]]) -> tuple[list[str], list[str]]:
    """The names of diagnostics of rows, and the combinations said to be missing."""
    diagnostics = Diagnostics()
    coverage = Coverage("t", diagnostics)
    for line, keys in enumerate(rows, 1):
        span = Span.point("t", line)
        cells = tuple(Scalar(key or "*", span, "plain", key or "*", (line, 1)) for key in keys)
        coverage.add(Row(keys, 1, cells))
    faults = [item.code.name for item in diagnostics]
    coverage.check_complete(list(TYPES), Span.point("t"))
    missing = [item.values["key"] for item in diagnostics if item.code.name == "missing-row"]
    return faults, missing


@given(st.lists(KEYS, max_size=6))
def test_rows_that_are_never_reached(rows: list[tuple[str | None, str | None]]) -> None:
    """A row is refused exactly when one that was kept before fits all that it fits."""
    kept: list[tuple[str | None, str | None]] = []
    expected = []
    for row in rows:
        covering = [
            other
            for other in kept
            if all(o is None or o == k for o, k in zip(other, row, strict=True))
        ]
        if covering:
            expected.append("duplicate-row" if row in covering else "shadowed-row")
        else:
            kept.append(row)

    assert sorted(expected) == sorted(covered(rows)[0])


@given(st.lists(KEYS, max_size=6))
def test_combinations_without_a_row(rows: list[tuple[str | None, str | None]]) -> None:
    """A combination is missing exactly when no row fits it."""
    missing = [
        f"(`{p}`, `{q}`)"
        for p in ("a", "b")
        for q in ("x", "y")
        if not any(r in (None, p) and s in (None, q) for r, s in rows)
    ]
    shown = missing if len(missing) <= 3 else [*missing[:3], "and others"]

    assert ([", ".join(shown)] if missing else []) == covered(rows)[1]


BOUNDS = st.builds(Bound, st.sampled_from(list(COMPARISONS)), st.integers(-2, 2))
BANDS = st.tuples(
    st.one_of(st.none(), st.integers(-2, 2), BOUNDS), st.sampled_from([None, "x", "y"])
)
PLACES = [(n, q) for n in range(-4, 5) for q in ("x", "y")]


def banded(rows: list[tuple[object, str | None]]) -> tuple[list[int], bool]:
    """The places of rows that are said to be never reached, and whether any band has no row."""
    diagnostics = Diagnostics()
    found = []
    for line, keys in enumerate(rows):
        span = Span.point("t", line + 1)
        cells = tuple(Scalar(str(key), span, "plain", str(key), (line, 1)) for key in keys)
        found.append(Row(keys, 1, cells))
    assert check_bands("t", found, [INT, TYPES[1]], Span.point("t", 99), diagnostics)
    names = ("duplicate-row", "shadowed-row", "unreached-row")
    faults = [item.span.line - 1 for item in diagnostics if item.code.name in names]
    return faults, any(item.code.name == "missing-row" for item in diagnostics)


def first_fitting(rows: list[tuple[object, str | None]], n: int, q: str) -> int | None:
    """The place of the first row that fits a number and a name."""
    for place, (key, name) in enumerate(rows):
        compares = isinstance(key, Bound) and key.compare(n, key.value)
        if (key is None or key == n or compares) and name in {None, q}:
            return place
    return None


@given(st.lists(BANDS, max_size=6))
def test_what_rows_that_compare_cover(rows: list[tuple[object, str | None]]) -> None:
    """A row is refused exactly when no value reaches it; what no row fits is always found.

    A column whose rows name numbers and do not compare asks for those numbers only.
    """
    first = {place: first_fitting(rows, *place) for place in PLACES}
    compares = any(isinstance(key, Bound) for key, _ in rows)
    unreached = [place for place in range(len(rows)) if place not in first.values()]
    faults, missing = banded(rows)

    assert unreached == faults
    if compares:
        assert (None in first.values()) == missing


def test_a_table_with_too_many_bands(check_text: Check) -> None:
    """A table with more bands than can be gone through is accepted; only equal rows are found."""
    cells = "".join(f"{n},>= {n},{n}\n" for n in range(1, 900))
    head, by = "a,b,points\n", "by: {a: int, b: int}, csv: ../t.csv, gives: int"
    text = f'{KINDS}\ntables: {{t: {{clause: "1", {by}}}}}'

    assert [] == [d.code.name for d in check_text(text, t__csv=head + cells).diagnostics]
    twice = check_text(text, t__csv=f"{head}{cells}7,>= 7,1\n")
    assert ["duplicate-row"] == [d.code.name for d in twice.diagnostics]
