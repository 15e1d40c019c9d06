"""Files that are written whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from kaocheng.errors import InputError


def write_whole(path: Path, text: str) -> None:
    """Write a file; until all of it is written, what stood there before stays.

    Raises:
        InputError: the file cannot be written; nothing of it is left behind.
    """
    write_bytes(path, text.encode("utf-8"))


def write_pieces(path: Path, pieces: Iterable[str]) -> None:
    """Write a file a piece at a time, whole or not at all, as `write_whole` does.

    What goes wrong while the pieces are made is raised as it is.
    """
    try:
        target = _target(path)
    except (OSError, ValueError, RuntimeError) as error:
        raise _refusal(path, error) from error
    draft = target.with_name(f"{target.name}.part")
    try:
        _write(draft, target, partial(_fill, pieces=pieces))
    except OSError as error:
        raise _refusal(path, error) from error


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file of bytes, whole or not at all, as `write_whole` does.

    What a link points to is written, and not the link; a device is no file.
    """
    try:
        target = _target(path)
        draft = target.with_name(f"{target.name}.part")
        _write(draft, target, lambda path: path.write_bytes(content))
    except (OSError, ValueError, RuntimeError) as error:  # no such name, or links in a circle
        raise _refusal(path, error) from error


def _target(path: Path) -> Path:
    target = path.resolve()
    if target.is_dir():
        raise IsADirectoryError
    if target.exists() and not target.is_file():
        raise InputError(str(path), "this is not an ordinary file", zh="这不是普通文件")
    return target


def _fill(path: Path, pieces: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(pieces)


def _write(draft: Path, target: Path, fill: Callable[[Path], object]) -> None:
    try:
        fill(draft)
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True) if draft.parent.is_dir() else None
        raise


def _refusal(path: Path, error: Exception) -> InputError:
    place = str(path)
    if isinstance(error, IsADirectoryError):
        return InputError(place, "this is a folder, not a file", zh="这是文件夹，不是文件")
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        folder = path.parent
        return InputError(place, f"there is no folder `{folder}`", zh=f"没有文件夹 `{folder}`")
    return InputError(place, "the file cannot be written", zh="文件无法写入")
