"""From a file to its text: size first, then the encoding."""

from __future__ import annotations

import codecs
import stat
from pathlib import Path

from kaocheng.diagnostics import Diagnostic
from kaocheng.errors import InputError
from kaocheng.syntax import codes
from kaocheng.syntax.limits import DEFAULT_LIMITS, Limits
from kaocheng.syntax.parse import Parsed, parse, too_large
from kaocheng.syntax.places import Source

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read(path: Path | str, *, limits: Limits = DEFAULT_LIMITS) -> Parsed:
    """The located tree of a file; a file beyond the limit is not opened.

    Raises:
        InputError: there is no such file, or it cannot be read.
    """
    file = str(path)
    try:
        status = Path(path).stat()
        if stat.S_ISDIR(status.st_mode):
            raise InputError(file, "this is a folder and not a file", zh="这是文件夹，不是文件")
        if not stat.S_ISREG(status.st_mode):
            raise InputError(file, "this is not an ordinary file", zh="这不是普通文件")
        if status.st_size > limits.size:
            return too_large(file, limits)
        with Path(path).open("rb") as stream:
            data = stream.read(limits.size + 1)
    except FileNotFoundError:
        raise InputError(file, "there is no such file", zh="没有这个文件") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or "the name is not a file name"
        message = f"the file cannot be read: {reason.lower()}"
        raise InputError(file, message, zh=f"无法读取文件：{reason.lower()}") from None
    return parse_bytes(data, file, limits=limits)


def parse_bytes(data: bytes, file: str, *, limits: Limits = DEFAULT_LIMITS) -> Parsed:
    """The located tree of the bytes of a file, which must be UTF-8."""
    if len(data) > limits.size:
        return too_large(file, limits)
    try:
        return parse(data.decode("utf-8"), file, limits=limits)
    except UnicodeDecodeError as error:
        return Parsed(None, (_not_utf8(data, file, error.start),))


def _not_utf8(data: bytes, file: str, offset: int) -> Diagnostic:
    before = data[:offset].decode("utf-8").removeprefix("\ufeff")
    span = Source(before, file).span(len(before), len(before))
    values = {"byte": f"0x{data[offset]:02X}", "offset": str(offset)}
    encoding = _likely_encoding(data)
    if encoding is None:
        return Diagnostic(codes.NOT_UTF8, span, values)
    return Diagnostic(codes.OTHER_ENCODING, span, {**values, "encoding": encoding})


def _likely_encoding(data: bytes) -> str | None:
    """The encoding that a Chinese office would most likely have saved this in."""
    if data.startswith(_UTF_16):
        return "UTF-16"
    try:
        data.decode("gb2312")
    except UnicodeDecodeError:
        return None
    return "GBK"
