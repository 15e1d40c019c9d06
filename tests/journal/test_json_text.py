"""Strict JSON and its canonical text."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaocheng.journal.json_text import canonical, parse_json
from kaocheng.journal.texts import Unfit

PLAIN = st.none() | st.booleans() | st.integers() | st.text()
EXACT = st.decimals(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    PLAIN | EXACT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_what_was_written_is_read_back(value: object) -> None:
    """The canonical text of a value is read back as an equal value."""
    assert value == parse_json(canonical(value))


@given(VALUES)
def test_the_text_is_a_fixed_point(value: object) -> None:
    """Writing what was read gives the same text again."""
    text = canonical(value)

    assert text == canonical(parse_json(text))


def test_keys_are_sorted_and_characters_kept() -> None:
    """Keys stand in order at every level and Chinese is written as itself."""
    assert '{"a": {"x": 2, "y": 1}, "b": "事件"}' == canonical({"b": "事件", "a": {"y": 1, "x": 2}})


def test_decimals_keep_their_digits() -> None:
    """A number with a point is exact and written as it was."""
    assert Decimal("0.10") == parse_json("0.10")
    assert "0.10" == canonical(parse_json("0.10"))
    assert "2.0" == canonical(Decimal(2))


@pytest.mark.parametrize(
    ("text", "en", "column"),
    [
        ('{"a": 1', "this is not JSON: expecting ',' delimiter", 8),
        ("nonsense", "this is not JSON: expecting value", 1),
        ('{"a": 1, "a": 2}', "the key `a` stands twice", None),
        ('{"a": NaN}', "`NaN` is not a number", None),
        ('{"a": -Infinity}', "`-Infinity` is not a number", None),
        ("9" * 5_000, "`…` is not a number", None),
        ("[" * 33 + "]" * 33, "the values are nested more than 32 levels deep", None),
        ("[" * 100_000, "the values are nested more than 32 levels deep", None),
        (
            r'"\ud83d"',
            "half of a surrogate pair stands alone, which is no character",
            None,
        ),
    ],
)
def test_refused(text: str, en: str, column: int | None) -> None:
    """What is not strict JSON is refused, with its column where there is one."""
    with pytest.raises(Unfit) as refused:
        parse_json(text)

    assert (en, column) == (refused.value.text.en, refused.value.column)


def test_brackets_within_text_are_not_levels() -> None:
    """Only structure counts as nesting."""
    text = '{"a": "' + r"\"[" * 40 + '"}'

    assert {"a": '"[' * 40} == parse_json(text)


def test_surrogate_pairs_are_characters() -> None:
    """An escaped pair is the character that it stands for."""
    assert "😀" == parse_json(r'"\ud83d\ude00"')


@pytest.mark.parametrize("value", [Decimal("NaN"), float("inf")])
def test_not_every_number_can_be_written(value: object) -> None:
    """What is no number in JSON is not written."""
    with pytest.raises(Unfit, match="is not a number"):
        canonical(value)
