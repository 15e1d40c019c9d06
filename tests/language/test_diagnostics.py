"""Diagnostics: one of each, in the order of their places, in two languages."""

from __future__ import annotations

import pytest

from kaocheng.diagnostics import Code, Diagnostic, Diagnostics, Label, Severity, Span, nearest

CODE = Code(
    "KC001", "tried", "{place} has no `{key}`", "{place}没有 `{key}`", "add {key}", "补 {key}"
)
WARNING = Code("KC002", "warned", "so", "如此", severity=Severity.WARNING)


def place(line: int, column: int = 1) -> Span:
    """A place in a file."""
    return Span.point("a.yaml", line, column)


def test_texts() -> None:
    """A message fills its placeholders; words are given in both languages, names once."""
    values = {"place": "the rule", "place_zh": "该规则", "key": "at"}
    item = Diagnostic(CODE, place(1), values, suggestion="as")

    assert ("the rule has no `at`", "该规则没有 `at`") == (item.message(), item.message("zh"))
    assert ("did you mean `as`; add at", "是否想写 `as`；补 at") == (item.help(), item.help("zh"))


def test_no_help() -> None:
    """Without help and suggestion there is none."""
    assert ("", "") == (
        Diagnostic(WARNING, place(1)).help(),
        Diagnostic(WARNING, place(1)).help("zh"),
    )


def test_each_is_kept_once_in_order() -> None:
    """What is reported twice is kept once; places decide the order, then codes."""
    diagnostics = Diagnostics()
    for line, column in ((2, 5), (1, 9), (2, 1), (1, 9)):
        diagnostics.add(CODE, place(line, column), place="x", key="k")
    diagnostics.add(WARNING, place(1, 9))

    assert [(1, 9), (1, 9), (2, 1), (2, 5)] == [
        (item.span.line, item.span.column) for item in diagnostics
    ]
    assert ("KC001", "KC002") == tuple(item.code.id for item in list(diagnostics)[:2])
    assert (4, 3, 1) == (len(diagnostics), len(diagnostics.errors), len(diagnostics.warnings))


@pytest.mark.parametrize(
    "other",
    [
        Diagnostic(CODE, place(1), {"key": "b"}),
        Diagnostic(CODE, place(2), {"key": "a"}),
        Diagnostic(WARNING, place(1), {"key": "a"}),
        Diagnostic(CODE, place(1), {"key": "a"}, "b"),
        Diagnostic(CODE, place(1), {"key": "a"}, None, (Label(place(3), "here", "此处"),)),
    ],
)
def test_what_differs_is_kept(other: Diagnostic) -> None:
    """Diagnostics that differ in anything that is shown are both kept."""
    diagnostics = Diagnostics()
    diagnostics.extend([Diagnostic(CODE, place(1), {"key": "a"}), other, other])

    assert 2 == len(diagnostics)


def test_words_fill_placeholders_too() -> None:
    """Values may be passed together, as those of both languages are made."""
    diagnostics = Diagnostics()
    diagnostics.add(CODE, place(1), key="at", words={"place": "it", "place_zh": "此处"})

    assert ["此处没有 `at`"] == [item.message("zh") for item in diagnostics]


@pytest.mark.parametrize(
    ("seen", "known", "found"),
    [
        ("reprot", ["report", "unit"], "report"),
        ("x", ["report", "unit"], None),
        ("report", [], None),
        ("a" * 100_000, ["report"], None),
    ],
)
def test_nearest(seen: str, known: list[str], found: str | None) -> None:
    """The nearest known name, where one is near."""
    assert found == nearest(seen, known)


def test_places_are_written_as_editors_read_them() -> None:
    """A place is file, line and column."""
    assert "a.yaml:3:7" == str(place(3, 7))
