"""What holds of every diagnostic of the library and of its policies."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import kaocheng
import kaocheng_policies
from kaocheng.diagnostics import Code
from kaocheng.language import codes as language_codes
from kaocheng.language.cel import codes as cel_codes
from kaocheng.scenarios import codes as scenario_codes
from kaocheng.syntax import codes as syntax_codes
from kaocheng_policies import plugin

TESTS = Path(__file__).parents[1]
# Where the messages of each stage are pinned; the last are had by no short text.
CORPORA = (
    TESTS / "syntax/bad/expected.txt",
    TESTS / "language/bad/expected.txt",
    TESTS / "language/cel/refused.txt",
    TESTS / "language/cel/test_refused.py",
    TESTS / "scenarios/bad/expected.txt",
)
STAGES = {
    "KC1": syntax_codes.CODES,
    "KC2": cel_codes.CODES,
    "KC3": language_codes.CODES,
    "KC4": scenario_codes.CODES,
    "KC5": tuple(code for s in plugin.kaocheng_sections() for code in s.codes),
}
CODES = tuple(code for stage in STAGES.values() for code in stage)


def modules() -> Iterator[ModuleType]:
    """The modules of the library and of its policies that declare diagnostics."""
    for package in (kaocheng, kaocheng_policies):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            path = Path(found.module_finder.path) / f"{found.name.rpartition('.')[2]}.py"  # type: ignore[union-attr]
            if path.is_file() and "Code(" in path.read_text("utf-8"):
                yield importlib.import_module(found.name)


def test_every_code_is_listed() -> None:
    """A diagnostic that is declared somewhere is in the list of its stage, and there once."""
    declared = {
        value.id for module in modules() for value in vars(module).values() if type(value) is Code
    }

    assert sorted(declared) == sorted(code.id for code in CODES)


def test_ids_are_unique() -> None:
    """No two diagnostics share an id."""
    assert len(CODES) == len({code.id for code in CODES})


@pytest.mark.parametrize(("prefix", "codes"), STAGES.items(), ids=STAGES)
def test_ids_say_the_stage(prefix: str, codes: tuple[Code, ...]) -> None:
    """The ids of a stage begin alike, and no two of its diagnostics share a name."""
    assert all(re.fullmatch(rf"{prefix}\d\d", code.id) for code in codes)
    assert len(codes) == len({code.name for code in codes})


def test_every_code_is_shown() -> None:
    """Every diagnostic is reported for something that a corpus holds."""
    shown = {id_ for path in CORPORA for id_ in re.findall(r"KC\d{3}", path.read_text("utf-8"))}

    assert [] == sorted({code.id for code in CODES} - shown)


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.id)
def test_both_languages_say_the_same(code: Code) -> None:
    """The texts of both languages have the same placeholders, and both have a help or none."""
    assert code.placeholders(code.en) == code.placeholders(code.zh)
    assert code.placeholders(code.help_en) == code.placeholders(code.help_zh)
    assert bool(code.help_en) == bool(code.help_zh)


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.id)
def test_messages_keep_the_standard(code: Code) -> None:
    """A message is in lower case, has no full stop and names nothing of the program."""
    for text in (code.en, code.help_en):
        assert not text[:1].isupper()
        assert not text.endswith(".")
        assert not re.search(r"\b(str|dict|NoneType|Python|scalar|token|node)\b", text)
    for text in (code.zh, code.help_zh):
        assert not text.endswith("。")
        words = re.sub(r"`[^`]*`", "", text)
        assert not re.search(r"[一-鿿][,;:]", words)
