"""What the README shows is what happens."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from kaocheng.cli.app import run

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text("utf-8")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MOST_LINES = 150


def fences(language: str) -> list[str]:
    """The fenced blocks of a language."""
    return [body for name, body in FENCE.findall(TEXT) if name == language]


def commands() -> Iterator[tuple[str, str]]:
    """Every `kaocheng` command with the output shown below it."""
    for block in fences("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            if command.startswith("kaocheng "):
                yield command, output


def printed(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command prints."""
    with pytest.raises(SystemExit) as ended:
        run(shlex.split(command)[1:])
    assert ended.value.code in (0, None)
    return capsys.readouterr().out


def test_it_is_short() -> None:
    """The README has at most 150 lines."""
    assert len(TEXT.splitlines()) <= MOST_LINES


@pytest.mark.parametrize(("command", "output"), list(commands()))
def test_commands_print_what_it_shows(
    command: str, output: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command prints what stands below it."""
    monkeypatch.chdir(ROOT)

    assert output.strip() == printed(command, capsys).strip()


def test_the_demo_prints_what_it_shows(capsys: pytest.CaptureFixture[str]) -> None:
    """Every line that the README quotes of the demo is one that the demo prints."""
    shown = [line for line in fences("text")[0].splitlines() if line.strip("… ")]
    lines = printed("kaocheng demo", capsys).splitlines()

    assert [line for line in shown if line.rstrip() not in {x.rstrip() for x in lines}] == []


def test_python_runs() -> None:
    """The embedding example runs, and so does the property test, which holds."""
    for block in fences("python"):
        namespace: dict[str, object] = {}
        exec(compile(block, "README.md", "exec"), namespace)  # noqa: S102 - our own README
        for name, value in namespace.items():
            if name.startswith("test_") and callable(value):
                value()


def test_the_tree_names_real_folders() -> None:
    """Every folder that the README's tree names exists."""
    tree = fences("text")[1]
    roots = re.findall(r"^(\S+/)\s", tree, flags=re.MULTILINE)

    assert [] == [root for root in roots if not (ROOT / root).is_dir()]
