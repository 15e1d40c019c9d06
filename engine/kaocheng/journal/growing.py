"""Rows that only grow, shared between the values that grew out of each other.

Adding costs the same however many rows there are: an older value and the newer one
share one list and differ in how much of it they see. Only where two different rows are
added to the same older value is the list copied.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Growing(Generic[T]):
    """An immutable sequence with a cheap `plus`; safe to share between threads."""

    __slots__ = ("_items", "_size")

    def __init__(self, items: list[T], size: int) -> None:
        self._items = items
        self._size = size

    @classmethod
    def empty(cls) -> Growing[T]:
        """No rows yet."""
        return cls([], 0)

    def plus(self, item: T) -> Growing[T]:
        """These rows and one more."""
        items, size = self._items, self._size
        if len(items) == size:
            items.append(item)
            # Another thread may have added its own row in between; then its row stands here.
            if items[size] is item:
                return Growing(items, size + 1)
        items = items[:size]
        items.append(item)
        return Growing(items, size + 1)

    def after(self, older: Growing[T]) -> list[T]:
        """The rows that an older value, which this one grew out of, does not have."""
        return self._items[older._size : self._size]

    def __iter__(self) -> Iterator[T]:
        return iter(self._items[: self._size])

    def __len__(self) -> int:
        return self._size
