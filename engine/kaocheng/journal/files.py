"""Files as lines of text: UTF-8 with or without its mark, and a clear word otherwise."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from kaocheng.journal.input_format import Progress
from kaocheng.journal.texts import Message

NO_FILE = Message("no_file", "there is no such file", "文件不存在")
NOT_READABLE = Message("not_readable", "the file cannot be opened for reading", "文件无法打开读取")
NOT_UTF8 = Message(
    "not_utf8",
    "the text is not UTF-8 (byte `{byte}`); save the file as UTF-8",
    "文本不是 UTF-8 编码（字节 `{byte}`），请将文件另存为 UTF-8",
)
IS_UTF16 = Message(
    "is_utf16",
    "the file is UTF-16; save it as UTF-8",
    "文件为 UTF-16 编码，请另存为 UTF-8",
)

TOO_LONG = Message(
    "too_long",
    "the line is longer than 16 million bytes, so this is no file of lines",
    "该行超过 1600 万字节，这不是按行书写的文件",
)

LINES_BETWEEN_REPORTS = 1_000
LONGEST_LINE = 16_000_000
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file, open for reading bytes; refusals of the system become input errors."""
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise NO_FILE.refusal(str(path)) from error
    except OSError as error:
        raise NOT_READABLE.refusal(str(path)) from error
    with file:
        yield file


def text_lines(path: Path, on_progress: Progress) -> Iterator[str]:
    """The lines of a text file with their ends; progress is in bytes."""
    with opened(path) as file:
        total = path.stat().st_size
        done = 0
        for number, raw in enumerate(iter(partial(file.readline, LONGEST_LINE), b""), start=1):
            if len(raw) == LONGEST_LINE:
                raise TOO_LONG.refusal(f"{path}:{number}")
            yield _decoded(path, number, raw)
            done += len(raw)
            if number % LINES_BETWEEN_REPORTS == 0:
                on_progress(done, total)
        on_progress(done, total)


def _decoded(path: Path, number: int, raw: bytes) -> str:
    if number == 1:
        if raw.startswith(_UTF16):
            raise IS_UTF16.refusal(f"{path}:1")
        raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        column = len(raw[: error.start].decode()) + 1
        byte = f"0x{raw[error.start]:02X}"
        raise NOT_UTF8.refusal(f"{path}:{number}:{column}", byte=byte) from error
