"""Parquet as rows of text."""

from __future__ import annotations

import datetime as dt
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kaocheng.errors import InputError
from kaocheng.journal.formats import PARQUET, no_progress

pa: Any = pytest.importorskip("pyarrow")
pq: Any = pytest.importorskip("pyarrow.parquet")

MOMENT = dt.datetime(2009, 3, 2, 9, 0, 0, 500_000)  # noqa: DTZ001 - a local time is meant


def written(folder: Path, **columns: object) -> Path:
    """A Parquet file with these columns."""
    path = folder / "t.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def refusal(path: Path) -> str:
    """Why the file is refused."""
    with pytest.raises(InputError) as refused:
        list(PARQUET.read_rows(path, no_progress))
    assert path.name == refused.value.place.rpartition("/")[2]
    return refused.value.message


def test_cells_are_text_as_csv_would_hold_them(tmp_path: Path) -> None:
    """Every plain type becomes its ordinary text, null becomes blank."""
    path = written(
        tmp_path,
        text=["信息", None],
        whole=[7, None],
        wide=[7.0, 0.5],
        exact=pa.array([Decimal("1.50"), None]),
        truth=[True, False],
        day=[dt.date(2009, 3, 2), None],
        local=pa.array([MOMENT, None], pa.timestamp("ms")),
        instant=pa.array([MOMENT, None], pa.timestamp("ns", tz="+08:00")),
        choice=pa.array(["a", "a"]).dictionary_encode(),
    )
    rows = [row for row in PARQUET.read_rows(path, no_progress) if isinstance(row, tuple)]
    (first_place, first), (second_place, second) = rows

    assert [f"{path}:1", f"{path}:2"] == [first_place, second_place]
    assert {
        "text": "信息",
        "whole": "7",
        "wide": "7",
        "exact": "1.50",
        "truth": "true",
        "day": "2009-03-02",
        "local": "2009-03-02T09:00:00.500000",
        "instant": "2009-03-02T17:00:00.500000+08:00",
        "choice": "a",
    } == first
    assert {"wide": "0.5", "truth": "false", "choice": "a"} == {
        k: v for k, v in second.items() if v
    }


def test_columns_without_reading_rows(tmp_path: Path) -> None:
    """The columns stand in the head of the file."""
    assert ("a", "b") == PARQUET.read_columns(written(tmp_path, a=[1], b=[2]))  # type: ignore[misc]


def test_progress_is_in_rows(tmp_path: Path) -> None:
    """Progress ends at the number of rows."""
    seen: list[tuple[int, int | None]] = []
    path = written(tmp_path, a=list(range(10_000)))
    list(PARQUET.read_rows(path, lambda done, total: seen.append((done, total))))

    assert [(8_192, 10_000), (10_000, 10_000)] == seen


@pytest.mark.parametrize("length", [0, 4, 100, -1])
def test_a_truncated_file(tmp_path: Path, length: int) -> None:
    """A file that is cut short, wherever, is refused."""
    path = written(tmp_path, a=[1, 2, 3])
    path.write_bytes(path.read_bytes()[:length])

    assert "the file is not Parquet, or it is cut short" == refusal(path)


def test_damaged_pages(tmp_path: Path) -> None:
    """Damage that shows only when the rows are read is refused as well."""
    path = written(tmp_path, a=[1, 2, 3])
    content = bytearray(path.read_bytes())
    content[4:60] = b"\xff" * 56
    path.write_bytes(content)

    assert "the file is not Parquet, or it is cut short" == refusal(path)


@pytest.mark.parametrize(("column", "value"), [("nested", [[1]]), ("nested", [{"a": 1}])])
def test_nested_values_are_refused(tmp_path: Path, column: str, value: object) -> None:
    """Lists, objects and bytes are not text."""
    en = f"the column `{column}` holds bytes or nested values; store them as text"

    assert en == refusal(written(tmp_path, **{column: value}))


def test_bytes_are_refused(tmp_path: Path) -> None:
    """A column of bytes is refused by name."""
    en = "the column `b` holds bytes or nested values; store them as text"

    assert en == refusal(written(tmp_path, b=[b"x"]))


def test_instants_finer_than_a_microsecond(tmp_path: Path) -> None:
    """What the number line cannot hold is refused rather than rounded."""
    column = pa.array([1], pa.timestamp("ns", tz="UTC"))
    en = "the column `at` holds instants finer than a microsecond"

    assert en == refusal(written(tmp_path, at=column))


def test_no_file(tmp_path: Path) -> None:
    """A file that is not there is said to be not there."""
    assert "there is no such file" == refusal(tmp_path / "t.parquet")


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the library that reads Parquet is not installed, the extra is named."""
    path = written(tmp_path, a=[1])
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    assert "reading Parquet needs the extra `columns` (`kaocheng[columns]`)" == refusal(path)
