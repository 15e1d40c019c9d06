"""The catalogue of refusals: both languages say the same."""

from __future__ import annotations

import string

import pytest

from kaocheng.lifecycle import MESSAGES

# What is said there is a whole sentence of the journal or the calendar.
PASSED_ON = ("bad_argument", "bad_time", "bad_data", "misfit")


def placeholders(text: str) -> set[str]:
    """The names in a template."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", MESSAGES)
def test_placeholders(code: str) -> None:
    """Both texts of a refusal have the same placeholders, and the Chinese one is Chinese."""
    message = MESSAGES[code]

    assert placeholders(message.en) == placeholders(message.zh)
    assert code in PASSED_ON or any("\u4e00" <= letter <= "\u9fff" for letter in message.zh)


@pytest.mark.parametrize("code", MESSAGES)
def test_house_style(code: str) -> None:
    """English texts begin in lower case or with what was seen, and end without a full stop."""
    text = MESSAGES[code].en

    assert code in PASSED_ON or text[0] == "`" or text[0].islower()
    assert not text.endswith(".")
