"""CSV as rows of text."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaocheng.errors import InputError
from kaocheng.journal.formats import CSV, format_named, no_progress
from kaocheng.model.events import Unreadable


def written(folder: Path, content: str | bytes) -> Path:
    """A CSV file with this content."""
    path = folder / "t.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows(path: Path) -> list[object]:
    """The rows, with places cut to the line."""
    found: list[object] = []
    for row in CSV.read_rows(path, no_progress):
        if isinstance(row, Unreadable):
            found.append((row.place.rpartition("/")[2], row.en))
        else:
            found.append((row[0].rpartition("/")[2], dict(row[1])))
    return found


def test_rows_and_their_lines(tmp_path: Path) -> None:
    """A row is found where it begins, also after cells that hold line breaks."""
    path = written(tmp_path, 'Id,Name\r\n1,"a\nb"\n\n2,"say ""hi"", li"\n')

    assert [
        ("t.csv:2", {"Id": "1", "Name": "a\nb"}),
        ("t.csv:5", {"Id": "2", "Name": 'say "hi", li'}),
    ] == rows(path)


def test_a_row_of_another_length_is_unreadable(tmp_path: Path) -> None:
    """A row with a cell too few or too many is reported at its line."""
    path = written(tmp_path, "a,b\n1\n1,2\n1,2,3\n")

    assert [
        ("t.csv:2", "the number of cells is 1, that of columns 2"),
        ("t.csv:3", {"a": "1", "b": "2"}),
        ("t.csv:4", "the number of cells is 3, that of columns 2"),
    ] == rows(path)


def test_columns(tmp_path: Path) -> None:
    """The columns are those of the header, without a byte order mark."""
    assert ("编号", "名称") == CSV.read_columns(written(tmp_path, "\ufeff编号,名称\n"))  # type: ignore[misc]


@pytest.mark.parametrize(
    ("content", "place", "en"),
    [
        ("", "t.csv:1", "the file is empty; its first line must name the columns"),
        ("\n", "t.csv:1", "the file is empty; its first line must name the columns"),
        ("a,b,a\n", "t.csv:1", "the column `a` stands twice"),
        (
            "a;b;c\n1;2;3\n",
            "t.csv:1",
            "the columns are separated by `;`; save the file with commas",
        ),
        (
            'a,b\n1,2\n3,"open\n4,5\n',
            "t.csv:3",
            "a quoted cell that begins here does not end as it should: unexpected end of data",
        ),
        (
            'a,b\n1,"x"y\n',
            "t.csv:2",
            "a quoted cell that begins here does not end as it should: ',' expected after '\"'",
        ),
        (
            "名称,b\n信息,".encode() + "信".encode("gbk") + b"\n",
            "t.csv:2:4",
            "the text is not UTF-8 (byte `0xD0`); save the file as UTF-8",
        ),
    ],
)
def test_refused(tmp_path: Path, content: str | bytes, place: str, en: str) -> None:
    """A file that is not CSV with a header in UTF-8 is refused at its place."""
    with pytest.raises(InputError) as refused:
        rows(written(tmp_path, content))

    assert (place, en) == (refused.value.place.rpartition("/")[2], refused.value.message)


def test_formats_by_name() -> None:
    """A format is found by its name, and a wrong name gets a suggestion."""
    assert CSV is format_named("csv", [CSV], place="r.yaml:3")
    with pytest.raises(InputError) as refused:
        format_named("csw", [CSV], place="r.yaml:3")

    assert (
        "r.yaml:3: there is no input format `csw`; the known ones are `csv`; did you mean `csv`"
    ) == str(refused.value)
