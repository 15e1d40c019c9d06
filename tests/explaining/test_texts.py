"""The sentences of explanations: each in both languages, with the same blanks."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from kaocheng import explaining
from kaocheng.explaining.texts import TEXTS, say

SOURCES = "\n".join(
    path.read_text("utf-8") for path in sorted(Path(explaining.__file__).parent.glob("*.py"))
)
# Said under a name that is put together or handed on: reasons, and the four times of a clock.
BY_NAME = {"start", "due", "met", "lapses"}
# In English a word follows the number, in Chinese none does.
ONLY_ENGLISH = {"provisional": {"rows"}}


def blanks(text: str) -> set[str]:
    """The names of the blanks of a sentence."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_say_the_same(key: str) -> None:
    """Both sentences have the same blanks, and neither is left in the other language."""
    english, chinese = TEXTS[key]

    assert blanks(english) == blanks(chinese)
    assert not re.search(r"[\u4e00-\u9fff]", english)
    assert re.search(r"[\u4e00-\u9fff]", chinese) or blanks(chinese)


def test_no_sentence_is_idle() -> None:
    """Every sentence is said somewhere."""
    from kaocheng.evaluate.python._reasons import KINDS

    said = set(re.findall(r'say\(\s*"(\w+)"', SOURCES)) | BY_NAME | set(KINDS)

    assert set(TEXTS) == said


def test_a_pair_is_one_text_in_each_language() -> None:
    """A blank is filled with one text, or with one for each language."""
    line = say("fact", name=("class of unit", "单位类别"), value="county")

    assert ("class of unit = county", "单位类别：county") == (line.en, line.zh)
