"""Damaged and hostile rulesets: clear messages at places in the file, and never a crash."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kaocheng import Host
from kaocheng.cli.messages import render
from kaocheng.language.check import Checked

RULESETS = Path(__file__).parents[2] / "rulesets/kaocheng_rulesets"
TEXTS = {
    path: path.read_text("utf-8")
    for path in sorted(RULESETS.glob("*/versions/*.yaml"))
    if "extends:" not in path.read_text("utf-8")
}
HEAD = 'kaocheng: 1\nruleset: tried\nversion: "1"\neffective: {from: open}\n'


def check_bytes(host: Host, folder: Path, data: bytes) -> Checked:
    """Checks the bytes of the only version of a ruleset."""
    path = folder / "versions/1.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return host.check(str(folder))


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"", ["empty-file"]),
        (b"\x00" * 100, ["control-character"]),
        (bytes(range(256)), ["not-utf8"]),
        ("标题: 要点\n".encode("gbk"), ["other-encoding"]),
        (b"a: " + b"x" * 2_000_001, ["file-too-large"]),
        (b"a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n", None),
        (b"[" * 100_000, ["too-deep"]),
        (b"{a: " * 100_000, ["too-deep"]),
        (b"- " * 100_000, ["too-deep"]),
        (b"a: 1\n" * 100_000, ["too-many-problems"]),
        (b"a\n", ["wrong-shape"]),
        (b"- a\n", ["wrong-shape"]),
        (b"!!python/object:os.system [x]\n", None),
        (b"%YAML 1.1\n---\na: b\n", ["directive"]),
        (b"a: b\n---\na: b\n", ["multiple-documents"]),
    ],
)
def test_files_that_are_no_rulesets(
    host: Host, tmp_path: Path, data: bytes, names: list[str] | None
) -> None:
    """A file that is no ruleset is refused with a message at a place in it."""
    checked = check_bytes(host, tmp_path, data)
    found = [item.code.name for item in checked.diagnostics]

    assert not checked.passed
    assert checked.errors
    assert {str(tmp_path / "versions/1.yaml")} == {item.span.file for item in checked.diagnostics}
    if names is not None:
        assert names == found[-1:] if names == ["too-many-problems"] else names == found


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_truncated_rulesets(host: Host, tmp_path: Path, path: Path) -> None:
    """A ruleset that was cut off anywhere is refused, or is a shorter ruleset."""
    data = path.read_bytes()
    for end in range(0, len(data), max(1, len(data) // 25)):
        checked = check_bytes(host, tmp_path, data[:end])

        assert checked.passed or checked.errors


@pytest.mark.parametrize(
    "text",
    [
        "kinds: {" + ", ".join(f"k{n}: {{}}" for n in range(3_000)) + "}",
        "findings:\n" + "  - {id: a, for: a as b, when: b, finding: c}\n" * 3_000,
        "nothing_known: 1\n" + "".join(f"key_{n}: 1\n" for n in range(20_000)),
        "extends: " + "x" * 5_000,
        "without: [" + "a, " * 3_000 + "a]",
        "tables: {t: {by: {n: int}, rows: {" + ", ".join(f"{n}: 1" for n in range(9_000)) + "}}}",
    ],
    ids=["kinds", "findings", "unknown-keys", "long-name", "long-list", "table"],
)
def test_large_rulesets(host: Host, tmp_path: Path, text: str) -> None:
    """A large file of one kind of thing is checked in reasonable time."""
    checked = check_bytes(host, tmp_path, (HEAD + text).encode())

    assert checked.diagnostics or checked.passed


def test_a_folder_in_place_of_a_version(host: Host, tmp_path: Path) -> None:
    """A folder that is called like a version file is named."""
    from kaocheng.errors import InputError

    (tmp_path / "versions/1.yaml").mkdir(parents=True)

    with pytest.raises(InputError, match="this is a folder and not a file"):
        host.check(str(tmp_path))


WORDS = st.sampled_from(
    [
        *("", "~", "[]", "{}", "0", "-1", "true", "''", '""', "a b", "标题", "x" * 70, "\\", "1e9"),
        *("report", "unit per year as u", "r.pages", "2 hours", "open", "*", "any", "{after: a}"),
        *("{list: {list: int}}", "[[a]]", "{a: {b: c}}", "2009-02-30", "r.", "!x", "&a", "\x1b[2J"),
        *("case", "findings", "actor", "row", "int", "in", "_", "9", "a-b", "A"),
    ]
)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[Path, str]:
    """A shipped ruleset in which a few words or lines are others, gone, or twice there."""
    path = draw(st.sampled_from(sorted(TEXTS)))
    lines = TEXTS[path].split("\n")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        lines[at] = draw(_damage(lines[at], lines))
    return path, "\n".join(lines)


def _damage(line: str, lines: list[str]) -> st.SearchStrategy[str]:
    indent = line[: len(line) - len(line.lstrip())]
    key = line.partition(":")[0]
    words = line.split(" ")
    return st.one_of(
        WORDS.map(lambda word: f"{key}: {word}"),
        WORDS.map(lambda word: f"{indent}{word}: x"),
        WORDS.map(lambda word: f"{indent}- {word}"),
        st.just(""),
        st.just(f"{line}\n{line}"),
        st.sampled_from(lines),
        st.tuples(st.integers(0, len(words) - 1), WORDS).map(
            lambda choice: " ".join([*words[: choice[0]], choice[1], *words[choice[0] + 1 :]])
        ),
    )


@given(damaged())
@settings(deadline=None)
def test_check_never_raises(
    tmp_path_factory: pytest.TempPathFactory, case: tuple[Path, str]
) -> None:
    """Whatever stands in a ruleset, it passes or is refused with reasons that can be shown."""
    host, (path, text) = Host.discover(), case
    folder = tmp_path_factory.mktemp("damaged", numbered=True)
    try:
        shutil.copytree(path.parents[1], folder, dirs_exist_ok=True)
        (folder / "versions" / path.name).write_text(text, "utf-8")
        checked = host.check(str(folder))
        lines = text.split("\n")

        assert checked.passed == (not checked.errors)
        for item in checked.diagnostics:
            for language in ("en", "zh"):
                shown = render(item, language=language)
                assert item.code.id in shown
                assert all(line.isprintable() for line in shown.split("\n"))
            if Path(item.span.file).name == path.name:
                assert 1 <= item.span.line <= len(lines) + 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@given(st.text(max_size=200))
@example("findings: [{id: a, for: 'a as b\n', when: b, finding: c}]")
@settings(deadline=None)
def test_any_text_below_a_head(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Any text below a head passes or is refused."""
    path = tmp_path_factory.mktemp("any", numbered=True) / "1.yaml"
    path.write_bytes((HEAD + text).encode("utf-8", "surrogatepass"))
    checked = Host.discover().check(str(path))

    assert checked.passed == (not checked.errors)
