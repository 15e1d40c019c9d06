"""From a file to its text: what is missing, what is too large, what is not UTF-8."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kaocheng.diagnostics import Span
from kaocheng.errors import InputError
from kaocheng.syntax import Limits, Mapping, Scalar, read


def test_a_file_is_called_as_it_was_named(tmp_path: Path) -> None:
    """Diagnostics and spans call the file by the path that was given."""
    path = tmp_path / "rules.yaml"
    path.write_text("a:\n", "utf-8")

    assert str(path) == read(path).diagnostics[0].span.file
    assert read(path) == read(str(path))


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    """A file that an editor saved with a byte order mark reads like one without."""
    path = tmp_path / "rules.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    root = read(path).root

    assert isinstance(root, Mapping)
    assert Span(str(path), 1, 1, 1, 2) == root.entries[0].key.span


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A file that is not there is an input error in both languages."""
    path = tmp_path / "none.yaml"

    with pytest.raises(InputError) as caught:
        read(path)

    assert (str(path), "there is no such file") == (caught.value.place, caught.value.message)
    assert "没有这个文件" == caught.value.zh


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """A folder in the place of a file is said to be one."""
    with pytest.raises(InputError, match="this is a folder and not a file"):
        read(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """What is no ordinary file is refused and never opened."""
    path = tmp_path / "pipe"
    os.mkfifo(path)

    with pytest.raises(InputError, match="this is not an ordinary file"):
        read(path)


def test_a_file_below_a_file_cannot_be_read(tmp_path: Path) -> None:
    """The reason of the system is passed on in lower case."""
    (tmp_path / "a").touch()

    with pytest.raises(InputError, match="the file cannot be read: not a directory"):
        read(tmp_path / "a" / "b.yaml")


def test_a_name_that_is_none_cannot_be_read() -> None:
    """A name that no file can have is an input error."""
    with pytest.raises(InputError, match="the file cannot be read: the name is not a file name"):
        read("a\0b.yaml")


def test_a_large_file_is_not_opened(tmp_path: Path) -> None:
    """A file over the limit is refused by its size alone, so a sparse one costs nothing."""
    path = tmp_path / "large.yaml"
    with path.open("wb") as stream:
        stream.truncate(50_000_000_000)
    parsed = read(path)

    assert ["the file is larger than 2,000,000 bytes"] == [
        item.message() for item in parsed.diagnostics
    ]
    assert parsed.root is None


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    """The limit itself is allowed, counted in bytes."""
    path = tmp_path / "rules.yaml"
    path.write_text("a: 信\n", "utf-8")
    size = path.stat().st_size

    assert () == read(path, limits=Limits(size=size)).diagnostics
    assert "file-too-large" == read(path, limits=Limits(size=size - 1)).diagnostics[0].code.name


@pytest.mark.parametrize(
    ("data", "message", "line", "column"),
    [
        (b"a: 1\nb: \xff\n", "byte 0xFF at offset 8 is not UTF-8", 2, 4),
        ("信: ".encode() + b"\x80", "byte 0x80 at offset 5 is not UTF-8", 1, 4),
        (b"a: \xc3", "byte 0xC3 at offset 3 is not UTF-8", 1, 4),
        (b"\xef\xbb\xbfa: \xe9!", "byte 0xE9 at offset 6 is not UTF-8", 1, 4),
        (
            "题: x".encode("gbk"),
            "the file looks like GBK: byte 0xCC at offset 0 is not UTF-8",
            1,
            1,
        ),
        (
            "a: 1".encode("utf-16"),
            "the file looks like UTF-16: byte 0xFF at offset 0 is not UTF-8",
            1,
            1,
        ),
    ],
)
def test_wrong_bytes_have_a_place(
    tmp_path: Path, data: bytes, message: str, line: int, column: int
) -> None:
    """What is not UTF-8 is reported with its byte, its offset, its line and its column."""
    path = tmp_path / "rules.yaml"
    path.write_bytes(data)
    item = read(path).diagnostics[0]

    assert message == item.message()
    assert (line, column) == (item.span.line, item.span.column)


def test_a_text_is_read_as_it_stands(tmp_path: Path) -> None:
    """Line ends are kept as they are, so that raw stretches are slices of the file."""
    path = tmp_path / "rules.yaml"
    path.write_bytes(b"a: b\r\n   c\r\n")
    root = read(path).root

    assert isinstance(root, Mapping)
    value = root.get("a")
    assert isinstance(value, Scalar)
    assert ("b c", "b\r\n   c") == (value.text, value.raw)
