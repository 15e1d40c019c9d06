"""Every mistake in a scenario file, one small file for each, with its messages pinned.

`python tests/scenarios/test_reading_bad.py` writes `bad/expected.txt` anew; read the
difference before it is committed.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "language"))

import golden

from kaocheng.diagnostics import Code, Diagnostic, Diagnostics
from kaocheng.language.check import check
from kaocheng.language.ruleset import Ruleset
from kaocheng.scenarios import codes, read_scenarios
from kaocheng_policies import plugin

HERE = Path(__file__).parent
BAD = HERE / "bad"
EXPECTED = BAD / "expected.txt"
CASES = sorted(BAD.glob("*.yaml"))


@functools.cache
def ruleset() -> Ruleset:
    """The ruleset that the scenarios are for."""
    checked = check(HERE / "ruleset", sections=plugin.kaocheng_sections())
    assert checked.ruleset is not None
    return checked.ruleset


def diagnostics_of(case: Path) -> tuple[Diagnostic, ...]:
    """What is wrong with a file."""
    diagnostics = Diagnostics()
    read_scenarios(case, ruleset(), diagnostics)
    return tuple(diagnostics)


def described(case: Path) -> str:
    """All that is said about a file."""
    return golden.described(case.name, BAD, diagnostics_of(case))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_the_messages_are_as_expected(case: Path) -> None:
    """A bad scenario file gets exactly the pinned diagnostics: code, place, texts and help."""
    expected = golden.expectations(EXPECTED)[case.name]

    assert expected == described(case).rstrip()


def test_no_expectation_is_left_over() -> None:
    """`expected.txt` speaks of the files that there are and of no others."""
    assert [case.name for case in CASES] == sorted(golden.expectations(EXPECTED))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_the_places_are_in_the_file(case: Path) -> None:
    """A diagnostic points at characters of the file."""
    found = list(golden.places(diagnostics_of(case)))

    assert found
    assert [] == [span for span in found if not golden.is_in_its_file(span)]


@pytest.mark.parametrize("code", codes.CODES, ids=lambda code: code.name)
def test_every_code_has_a_bad_file(code: Code) -> None:
    """Every diagnostic is shown by a file that has its name."""
    named = [case for case in CASES if case.stem.startswith(code.name)]
    found = {item.code for case in named for item in diagnostics_of(case)}

    assert code in found


if __name__ == "__main__":
    EXPECTED.write_text("\n".join(map(described, CASES)), "utf-8")
