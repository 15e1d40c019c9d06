"""Every mistake that this stage knows, one small file for each, with the whole message pinned.

`python tests/syntax/test_bad_files.py` writes `bad/expected.txt` anew; read the difference
before it is committed. A first line such as `# limits: depth=3` sets limits, and a key such as
`as_int` has its value read by the reader of that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kaocheng import syntax
from kaocheng.diagnostics import Code, Diagnostic, Diagnostics, Span
from kaocheng.syntax import Limits, Mapping, Parsed, Scalar
from kaocheng.syntax.codes import CODES
from kaocheng.syntax.reading import parse_bytes

BAD = Path(__file__).parent / "bad"
EXPECTED = BAD / "expected.txt"
FILES = sorted(BAD.glob("*.yaml"))
LANGUAGES = ("en", "zh")
LONGEST_LINE = 100


def limits_of(data: bytes) -> Limits:
    """The limits that the first line of a file sets."""
    found = re.match(rb"# limits: (\w+)=(\d+)\n", data)
    return Limits(**{found[1].decode(): int(found[2])}) if found else Limits()


def diagnostics_of(path: Path) -> tuple[Diagnostic, ...]:
    """What is wrong with a file, and with the values for which it names a reader."""
    data = path.read_bytes()
    parsed = parse_bytes(data, path.name, limits=limits_of(data))
    found = Diagnostics()
    found.extend(parsed.diagnostics)
    read_values(parsed, found)
    return tuple(found)


def read_values(parsed: Parsed, diagnostics: Diagnostics) -> None:
    """Reads the values whose keys are names of readers."""
    if not isinstance(parsed.root, Mapping):
        return
    for entry in parsed.root.entries:
        if entry.key.text.startswith("as_") and isinstance(entry.value, Scalar):
            getattr(syntax, entry.key.text)(entry.value, diagnostics)


def lines_of(path: Path) -> list[str]:
    """The lines of a file as an editor shows them."""
    return path.read_bytes().decode("utf-8", "replace").split("\n")


def underlined(path: Path, span: Span) -> Iterator[str]:
    """The line that a span begins on, and the span below it."""
    line = lines_of(path)[span.line - 1].rstrip("\r")
    end = span.end_column if span.end_line == span.line else len(line) + 1
    # A wide character takes two columns on a screen; the mark below it is as wide.
    marks = "".join(
        (
            "＾"
            if is_marked and is_wide(char)
            else "^"
            if is_marked
            else "　"
            if is_wide(char)
            else " "
        )
        for column, char in enumerate(line.ljust(end - 1), 1)
        for is_marked in [span.column <= column < end]
    )
    yield f"  {printable(line)[:LONGEST_LINE]}"
    yield f"  {marks[:LONGEST_LINE].rstrip(' 　')}"


def is_wide(char: str) -> bool:
    """Whether a character takes two columns on a screen."""
    return "\u2e80" <= char <= "\uff60"


def printable(line: str) -> str:
    """A line whose invisible characters can be seen in the file of expectations."""
    return "".join(char if char.isprintable() or char == "　" else "\ufffd" for char in line)


def described(path: Path) -> str:
    """All that is said about a file."""
    lines = [f"== {path.name}"]
    for item in diagnostics_of(path):
        span = item.span
        lines.append(
            f"{span.line}:{span.column}-{span.end_line}:{span.end_column} "
            f"{item.code.severity.value} "
            f"{item.code.id} {item.code.name}"
        )
        lines.extend(underlined(path, span))
        for language in LANGUAGES:
            lines.append(f"  {language}: {item.message(language)}")
            if item.help(language):
                lines.append(f"      {item.help(language)}")
        lines.extend(f"  see {label.span}: {label.en} / {label.zh}" for label in item.labels)
    return "\n".join(lines) + "\n"


def expectations() -> dict[str, str]:
    """What `expected.txt` says about each file."""
    parts = re.split(r"^(?=== )", EXPECTED.read_text("utf-8"), flags=re.MULTILINE)
    return {part.split("\n", 1)[0].removeprefix("== "): part.rstrip() for part in parts if part}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_message_is_as_expected(path: Path) -> None:
    """A bad file gets exactly the pinned diagnostics: code, place, text and help."""
    expected = expectations()[path.name]

    assert expected == described(path).rstrip()


def test_no_expectation_is_left_over() -> None:
    """`expected.txt` speaks of the files that there are and of no others."""
    assert [path.name for path in FILES] == sorted(expectations())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_place_is_in_the_file(path: Path) -> None:
    """A diagnostic points at characters of the file, or at most one past the end of a line."""
    lines = [line.rstrip("\r").removeprefix("\ufeff") for line in lines_of(path)]

    for item in diagnostics_of(path):
        span = item.span
        assert 1 <= span.line <= span.end_line <= len(lines)
        assert 1 <= span.column <= len(lines[span.line - 1]) + 1
        assert span.end_column <= len(lines[span.end_line - 1]) + 2
        assert (span.line, span.column) < (span.end_line, span.end_column)


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.name)
def test_every_code_has_a_bad_file(code: Code) -> None:
    """Every diagnostic is shown by at least one file, and one that has its name comes first."""
    named = [path for path in FILES if path.stem.startswith(code.name)]
    found = {item.code for path in named or FILES for item in diagnostics_of(path)}

    assert code in found


def test_ids_and_names_are_unique() -> None:
    """No two diagnostics share an id or a name, and the ids belong to this stage."""
    assert len(CODES) == len({code.id for code in CODES}) == len({code.name for code in CODES})
    assert all(re.fullmatch(r"KC1\d\d", code.id) for code in CODES)
    assert sorted(CODES, key=lambda code: code.id) == list(CODES)


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.name)
def test_both_languages_say_the_same(code: Code) -> None:
    """The texts of both languages have the same placeholders, and both have a help or none."""
    assert code.placeholders(code.en) == code.placeholders(code.zh)
    assert code.placeholders(code.help_en) == code.placeholders(code.help_zh)
    assert bool(code.help_en) == bool(code.help_zh)


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.name)
def test_messages_keep_the_standard(code: Code) -> None:
    """A message is in lower case, has no full stop and names nothing of the program."""
    for text in (code.en, code.help_en):
        assert not text[:1].isupper()
        assert not text.endswith(".")
        assert not re.search(r"\b(str|int|dict|NoneType|Python|scalar|token|node)\b", text)
    for text in (code.zh, code.help_zh):
        assert not text.endswith("。")


if __name__ == "__main__":
    EXPECTED.write_text("\n".join(map(described, FILES)), "utf-8")
