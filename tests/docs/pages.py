"""Pages whose examples run: fences found, put into a folder, and their commands carried out.

| fence | what is done with it |
| --- | --- |
| `yaml` | a version of a ruleset: checked, without a warning |
| `yaml broken` | a version that does not check; a command below shows what is said |
| `yaml scenario` | scenarios of the ruleset above it: run |
| `yaml scenario failing` | scenarios that do not come out; a command below shows how |
| `csv FILE`, `jsonl FILE` | a file beside the rulesets |
| `console` | commands behind `$`, and what they print |
| `console exit=1` | the same, the last one ending with that exit code |
| `python` | run in one go with the others of the page |
| `text` | what the Python above it prints |
| `toml` | to be read only |
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import field, frozen

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"
RULESETS = REPOSITORY / "rulesets" / "kaocheng_rulesets"
KINDS = (
    "yaml",
    "yaml broken",
    "yaml scenario",
    "yaml scenario failing",
    "csv",
    "jsonl",
    "console",
    "python",
    "text",
    "toml",
)

_FENCE = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_KEY = re.compile(r"^(ruleset|version): *[\"']?([^\"'\n#]+?)[\"']? *(?:#.*)?$", re.MULTILINE)
_MARKS = ("broken", "scenario", "failing")
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
        return " ".join([self.language, *(word for word in self.words if word in _MARKS)])

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
    return (*sorted(DOCS.glob("*.md")), *sorted(RULESETS.glob("*/README.md")))


def name_of(page: Path) -> str:
    """The page as messages call it."""
    return str(page.relative_to(REPOSITORY))


def fences(text: str) -> list[Fence]:
    """The fences of a page in order."""
    return [
        Fence(
            language=found[1],
            words=tuple(found[2].split()),
            text=found[3],
            line=text.count("\n", 0, found.start(3)) + 1,
            start=found.start(3),
        )
        for found in _FENCE.finditer(text)
    ]


def files(text: str) -> dict[Path, str]:
    """The files that the fences of a page are, by their path."""
    found: dict[Path, str] = {}
    ruleset = ""
    for fence in fences(text):
        if fence.kind in {"yaml", "yaml broken"}:
            ruleset = fence.keys["ruleset"]
            path = Path(ruleset, "versions", f"{fence.keys['version']}.yaml")
        elif fence.kind.startswith("yaml scenario"):
            path = Path(ruleset, "scenarios", f"line_{fence.line}.yaml")
        elif fence.kind in {"csv", "jsonl"}:
            path = Path(fence.words[0])
        else:
            continue
        if path in found:
            raise ValueError(f"line {fence.line}: `{path}` stands on the page twice")
        found[path] = fence.text
    return found


def rulesets(text: str, *kinds: str) -> list[str]:
    """The rulesets of a page that have a fence of one of these kinds."""
    found: list[str] = []
    ruleset = ""
    for fence in fences(text):
        if fence.language == "yaml":
            ruleset = fence.keys["ruleset"] if "version" in fence.keys else ruleset
            if fence.kind in kinds and ruleset not in found:
                found.append(ruleset)
    return found


def lay_out(text: str, folder: Path) -> None:
    """Write the files of a page into a folder, beside the shipped rulesets."""
    for path, content in files(text).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, "utf-8")
    (folder / "rulesets").symlink_to(REPOSITORY / "rulesets")


def refreshed(text: str, folder: Path) -> str:
    """The page with what its commands and its Python print now."""
    names: dict[str, object] = {}
    printed = ""
    parts, end = [], 0
    for fence in fences(text):
        now = fence.text
        if fence.language == "console":
            now = _run_all(fence, folder)
        elif fence.language == "python":
            printed = _execute(fence, names, folder)
        elif fence.language == "text":
            now = printed
        parts += [text[end : fence.start], fence.text if _alike(fence.text, now) else now]
        end = fence.start + len(fence.text)
    return "".join([*parts, text[end:]])


def run(arguments: list[str], folder: Path) -> tuple[int, str]:
    """A command in a folder, as on a terminal of 80 columns: its exit code and what it prints."""
    from kaocheng.cli.app import run as run_command

    out = io.StringIO()
    code = 0
    with _terminal(folder, out):
        try:
            run_command(arguments)
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
    return code, _trimmed(out.getvalue())


def commands(fence: Fence) -> Iterator[str]:
    """The commands of a console fence; only `kaocheng` runs here."""
    for line in fence.text.splitlines():
        if line.startswith("$ "):
            if not line.startswith("$ kaocheng "):
                raise ValueError(f"line {fence.line}: not a command of ours: {line}")
            yield line.removeprefix("$ ")


def _run_all(fence: Fence, folder: Path) -> str:
    parts: list[str] = []
    code = 0
    for command in commands(fence):
        code, printed = run(shlex.split(command)[1:], folder)
        parts += [f"$ {command}\n", printed]
    text = "".join(parts)
    if code != fence.exit_code:
        raise AssertionError(f"line {fence.line}: exit code {code}, not {fence.exit_code}\n{text}")
    return text


def _execute(fence: Fence, names: dict[str, object], folder: Path) -> str:
    out = io.StringIO()
    with _terminal(folder, out):
        exec(compile(fence.text, f"line {fence.line}", "exec"), names)  # noqa: S102 - our own pages
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


def _alike(old: str, new: str) -> bool:
    """Whether two outputs differ in nothing but what differs from run to run."""
    return _CHANGING.sub("", old) == _CHANGING.sub("", new)
