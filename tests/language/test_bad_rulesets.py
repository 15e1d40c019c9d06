"""Every mistake that the checker knows, one small ruleset for each, with its messages pinned.

A case is a file of `bad/`, or a folder where it takes several versions or a table; it is called
like the diagnostic it shows. `python tests/language/test_bad_rulesets.py` writes
`bad/expected.txt` anew; read the difference before it is committed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import golden

from kaocheng.diagnostics import Code, Diagnostic
from kaocheng.language import codes
from kaocheng.language.check import check
from kaocheng_policies import plugin

BAD = Path(__file__).parent / "bad"
EXPECTED = BAD / "expected.txt"
CASES = sorted(path for path in BAD.iterdir() if path != EXPECTED)
SECTIONS = plugin.kaocheng_sections()
CODES = (*codes.CODES, *(code for section in SECTIONS for code in section.codes))


def diagnostics_of(case: Path) -> tuple[Diagnostic, ...]:
    """What is wrong with a case."""
    return check(case, sections=SECTIONS).diagnostics


def described(case: Path) -> str:
    """All that is said about a case."""
    folder = case if case.is_dir() else case.parent
    return golden.described(case.name, folder, diagnostics_of(case))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_the_messages_are_as_expected(case: Path) -> None:
    """A bad ruleset gets exactly the pinned diagnostics: code, place, texts, help and labels."""
    expected = golden.expectations(EXPECTED)[case.name]

    assert expected == described(case).rstrip()


def test_no_expectation_is_left_over() -> None:
    """`expected.txt` speaks of the cases that there are and of no others."""
    assert [case.name for case in CASES] == sorted(golden.expectations(EXPECTED))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_the_places_are_in_the_files(case: Path) -> None:
    """A diagnostic and its labels point at characters of a file."""
    found = list(golden.places(diagnostics_of(case)))

    assert found
    assert [] == [span for span in found if not golden.is_in_its_file(span)]


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.name)
def test_every_code_has_a_bad_ruleset(code: Code) -> None:
    """Every diagnostic is shown by a case that has its name."""
    named = [case for case in CASES if case.stem.startswith(code.name)]
    found = {item.code for case in named for item in diagnostics_of(case)}

    assert code in found


if __name__ == "__main__":
    EXPECTED.write_text("\n".join(map(described, CASES)), "utf-8")
