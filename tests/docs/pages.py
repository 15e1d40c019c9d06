"""Pages whose examples run: fences found, put into a folder, and their commands carried out.

| fence | what is done with it |
| --- | --- |
| `yaml` | a version of a ruleset: checked, without a warning |
| `yaml scenario` | scenarios of the ruleset above it: run |
| `yaml broken` | a version that does not check; a command below shows what is said |
| `csv FILE`, `jsonl FILE` | a file beside the rulesets |
| `console` | commands behind `$`, and what they print |
| `console exit=1` | the same, ending with that exit code |
| `python` | run in one go with the others of the page |
| `text` | what the Python above it prints |
| `toml` | not run |
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import evolve, field, frozen

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"
RULESETS = REPOSITORY / "rulesets" / "kaocheng_rulesets"

_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_KEY = re.compile(r"^(ruleset|version): *[\"']?([^\"'\n#]+?)[\"']? *$", re.MULTILINE)
_CHANGING = re.compile(r"\(\d+ ms\)")


@frozen
class Fence:
    """One fence: its language, the words behind it, its text, and where that stands."""

    language: str
    words: tuple[str, ...]
    text: str
    line: int
    start: int = field(eq=False)

    @property
    def kind(self) -> str:
        """The language, with what the words say is done with the fence."""
        marks = ("scenario", "broken")
        return " ".join([self.language, *(word for word in self.words if word in marks)])

    @property
    def exit_code(self) -> int:
        """What its last command ends with."""
        codes = [word.partition("=")[2] for word in self.words if word.startswith("exit=")]
        return int(codes[0]) if codes else 0

    @property
    def keys(self) -> Mapping[str, str]:
        """The ruleset and the version that a YAML fence names."""
        return dict(_KEY.findall(self.text))


def pages() -> tuple[Path, ...]:
    """Every page whose examples run."""
    own = sorted(DOCS.glob("*.md"))
    return (*own, *sorted(RULESETS.glob("*/README.md")))


def name_of(page: Path) -> str:
    """The page as messages call it."""
    return str(page.relative_to(REPOSITORY))


def fences(text: str) -> list[Fence]:
    """The fences of a page in order."""
    return [
        Fence(
            found[1],
            tuple(found[2].split()),
            found[3],
            text.count("\n", 0, found.start(3)) + 1,
            found.start(3),
        )
        for found in _FENCE.finditer(text)
    ]


def files(text: str) -> dict[Path, str]:
    """The files that the fences of a page are, by their path."""
    found: dict[Path, str] = {}
    ruleset = ""
    for fence in fences(text):
        path = None
        if fence.kind in ("yaml", "yaml broken"):
            ruleset = fence.keys["ruleset"]
            path = Path(ruleset, "versions", f"{fence.keys['version']}.yaml")
        elif fence.kind == "yaml scenario":
            path = Path(ruleset, "scenarios", f"line_{fence.line}.yaml")
        elif fence.language in ("csv", "jsonl"):
            path = Path(fence.words[0])
        if path is None:
            continue
        if path in found:
            raise ValueError(f"line {fence.line}: {path} stands on the page twice")
        found[path] = fence.text
    return found


def broken(text: str) -> set[str]:
    """The rulesets of a page that are meant not to check."""
    return {fence.keys["ruleset"] for fence in fences(text) if fence.kind == "yaml broken"}


def lay_out(text: str, folder: Path) -> list[str]:
    """Write the files of a page into a folder, with the shipped rulesets; name the rulesets."""
    laid = files(text)
    for path, content in laid.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, "utf-8")
    if not (folder / "rulesets").exists():
        (folder / "rulesets").symlink_to(REPOSITORY / "rulesets")
    return list(dict.fromkeys(path.parts[0] for path in laid if "versions" in path.parts))


def refreshed(text: str, folder: Path) -> str:
    """The page with what its commands and its Python print now."""
    names: dict[str, object] = {}
    printed = ""
    out, end = [], 0
    for fence in fences(text):
        if fence.language == "console":
            fence = evolve(fence, text=_run(fence, folder))
        elif fence.language == "python":
            printed = _execute(fence, names, folder)
            continue
        elif fence.language == "text":
            fence = evolve(fence, text=printed)
        else:
            continue
        was = next(f for f in fences(text) if f.start == fence.start).text
        kept = was if _steady(was) == _steady(fence.text) else fence.text
        out += [text[end : fence.start], kept]
        end = fence.start + len(was)
    return "".join([*out, text[end:]])


def _run(fence: Fence, folder: Path) -> str:
    """The commands of a fence, each with what it prints."""
    lines: list[str] = []
    code = 0
    for command in commands(fence):
        code, printed = run(shlex.split(command)[1:], folder)
        lines += [f"$ {command}\n", printed]
    if code != fence.exit_code:
        raise AssertionError(f"line {fence.line}: exit code {code}\n{''.join(lines)}")
    return "".join(lines)


def commands(fence: Fence) -> Iterator[str]:
    """The commands of a console fence, all of them `kaocheng`."""
    for line in fence.text.splitlines():
        if line.startswith("$ "):
            if not line.startswith("$ kaocheng "):
                raise ValueError(f"line {fence.line}: only `kaocheng` runs here, not {line}")
            yield line[2:]


def run(arguments: list[str], folder: Path) -> tuple[int, str]:
    """A command in a folder, as on a terminal of 80 columns: its exit code and what it prints."""
    from kaocheng.cli.app import run as run_command

    out = io.StringIO()
    with _terminal(folder, out):
        try:
            run_command(arguments)
        except SystemExit as ended:
            return int(ended.code or 0), _trimmed(out.getvalue())
    return 0, _trimmed(out.getvalue())


def _execute(fence: Fence, names: dict[str, object], folder: Path) -> str:
    out = io.StringIO()
    with _terminal(folder, out):
        exec(compile(fence.text, f"line {fence.line}", "exec"), names)  # noqa: S102
    return _trimmed(out.getvalue())


@contextlib.contextmanager
def _terminal(folder: Path, out: io.StringIO) -> Iterator[None]:
    before = dict(os.environ)
    os.environ |= {"COLUMNS": "80", "LINES": "25", "TERM": "dumb"}
    os.environ.pop("FORCE_COLOR", None)
    try:
        with (
            contextlib.chdir(folder),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(out),
        ):
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _trimmed(text: str) -> str:
    """Without spaces at the ends of lines and empty lines at the end: editors take them away."""
    lines = [line.rstrip() for line in text.splitlines()]
    while lines and not lines[-1]:
        del lines[-1]
    return "".join(f"{line}\n" for line in lines)


def _steady(text: str) -> str:
    """Without what differs from run to run."""
    return _CHANGING.sub("(… ms)", text)
