"""Outputs that cannot be written: one message, exit 1, and nothing half-written."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

BREACH = "washington-breach"
# What every command may write: a saved ruleset is read by no other name.
NAME = "out.kaocheng.json"


def arguments(command: str, target: Path, sample: Path) -> list[object]:
    """The arguments of each command that writes a file."""
    return {
        "compile": ["compile", BREACH, "--output", target],
        "save-scenario": ["assess", BREACH, sample, "--case", "1", "--save-scenario", target],
        "demo": ["demo", "--journal", target],
    }[command]


COMMANDS = ("compile", "save-scenario", "demo")


@contextmanager
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A disk that is full after the first bytes of any file."""
    write_bytes = Path.write_bytes

    def cut(path: Path, data: bytes) -> int:
        write_bytes(path, data[:10])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", cut)
        yield


@pytest.mark.parametrize("command", COMMANDS)
def test_no_such_folder(
    cli: Callable[..., Any], samples: dict[str, Path], tmp_path: Path, command: str
) -> None:
    """A folder that does not exist is named."""
    target = tmp_path / "nowhere" / NAME
    ran = cli(*arguments(command, target, samples[BREACH]))

    assert (1, "") == (ran.code, ran.out)
    assert f"error: {target}: there is no folder `{tmp_path}/nowhere`\n" == ran.err
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_in_the_place_of_the_folder(
    cli: Callable[..., Any], samples: dict[str, Path], tmp_path: Path, command: str
) -> None:
    """A file is no folder to write into."""
    (tmp_path / "file").write_text("kept", "utf-8")
    target = tmp_path / "file" / NAME
    ran = cli(*arguments(command, target, samples[BREACH]))

    assert (1, "") == (ran.code, ran.out)
    assert f"error: {target}: there is no folder `{tmp_path}/file`\n" == ran.err
    assert "kept" == (tmp_path / "file").read_text("utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_in_the_place_of_the_file(
    cli: Callable[..., Any], samples: dict[str, Path], tmp_path: Path, command: str
) -> None:
    """A folder is not overwritten, and no draft is left beside it."""
    target = tmp_path / NAME
    target.mkdir()
    ran = cli(*arguments(command, target, samples[BREACH]))

    assert (1, "") == (ran.code, ran.out)
    assert f"error: {target}: this is a folder, not a file\n" == ran.err
    assert [target] == list(tmp_path.iterdir())


@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk(
    cli: Callable[..., Any],
    samples: dict[str, Path],
    tmp_path: Path,
    command: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What stood in the file before is kept when the new text cannot all be written."""
    target = tmp_path / NAME
    target.write_text("kept", "utf-8")
    with full_disk(monkeypatch):
        ran = cli(*arguments(command, target, samples[BREACH]))

    assert (1, "") == (ran.code, ran.out)
    assert f"error: {target}: the file cannot be written\n" == ran.err
    assert {target: "kept"} == {path: path.read_text("utf-8") for path in tmp_path.iterdir()}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_device_in_the_place_of_the_file(
    cli: Callable[..., Any], samples: dict[str, Path], tmp_path: Path, command: str
) -> None:
    """A device or a pipe is not replaced by a file."""
    target = tmp_path / NAME
    os.mkfifo(target)
    ran = cli(*arguments(command, target, samples[BREACH]))

    assert (1, "") == (ran.code, ran.out)
    assert f"error: {target}: this is not an ordinary file\n" == ran.err
    assert target.is_fifo()
    assert [target] == list(tmp_path.iterdir())


def test_a_link_stays_a_link(cli: Callable[..., Any], tmp_path: Path) -> None:
    """What a link points to is written, and the link stays."""
    link, target = tmp_path / "link.kaocheng.json", tmp_path / "saved.kaocheng.json"
    target.write_text("old", "utf-8")
    link.symlink_to(target)
    ran = cli("compile", BREACH, "--output", link)

    assert (0, f"written: {link}\n") == (ran.code, ran.out)
    assert link.is_symlink()
    assert target.read_text("utf-8").startswith('{"kaocheng"')


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_without_permission(cli: Callable[..., Any], tmp_path: Path) -> None:
    """A folder that may not be written into is named."""
    tmp_path.chmod(0o500)
    ran = cli("compile", BREACH, "--output", tmp_path / NAME)
    tmp_path.chmod(0o700)

    assert (1, "") == (ran.code, ran.out)
    assert f"error: {tmp_path}/{NAME}: the file cannot be written\n" == ran.err


def test_chinese(cli: Callable[..., Any], samples: dict[str, Path], tmp_path: Path) -> None:
    """The refusal is said in Chinese where that is asked for."""
    target = tmp_path / "无" / "out.yaml"
    ran = cli(*arguments("save-scenario", target, samples[BREACH]), "--lang=zh")

    assert f"错误：{target}：没有文件夹 `{tmp_path}/无`\n" == ran.err
