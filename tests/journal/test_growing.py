"""Rows that only grow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kaocheng.journal.growing import Growing


@given(st.lists(st.tuples(st.integers(0, 30), st.integers()), max_size=30))
def test_every_value_keeps_what_it_was(steps: list[tuple[int, int]]) -> None:
    """Whatever grows out of a value, in whatever branches, the value itself stays."""
    values: list[Growing[int]] = [Growing.empty()]
    expected: list[tuple[int, ...]] = [()]
    for parent, item in steps:
        index = parent % len(values)
        values.append(values[index].plus(item))
        expected.append((*expected[index], item))

    assert expected == [tuple(value) for value in values]
    assert [len(items) for items in expected] == [len(value) for value in values]


def test_growing_shares_its_rows() -> None:
    """Adding to the newest value does not copy."""
    value: Growing[int] = Growing.empty()
    for number in range(3):
        value = value.plus(number)
    newer = value.plus(3)

    assert value._items is newer._items  # noqa: SLF001 - sharing is the point
