"""What holds for every error that the library raises on purpose."""

from __future__ import annotations

from copy import copy

import pytest

from kaocheng.engine.visible import HiddenError
from kaocheng.errors import (
    ArgumentError,
    DeliveryError,
    JournalError,
    KaochengError,
    MissingEventError,
    StoreError,
    UnknownNameError,
    UnsupportedError,
)

ERRORS = (
    ArgumentError("limit", "must be a whole number from 1", zh="应为不小于 1 的整数"),
    DeliveryError("no answer", after=30),
    HiddenError("report/1"),
    JournalError("{", "it is no object", zh="不是对象"),
    MissingEventError("report/1", 2),
    StoreError("the database is locked", zh="数据库正被他人写入", retry=True),
    UnknownNameError("rule", "the ruleset has no rule `x`", zh="规则集没有规则 `x`"),
    UnsupportedError("assess", "memory", "it has no journal", zh="没有台账"),
)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_can_be_taken_apart_and_made_again(error: KaochengError) -> None:
    """With its facts, as pools of processes do with what a job raises (`copy` does it that way)."""
    again = copy(error)

    assert again is not error
    assert (type(error), str(error), vars(error)) == (type(again), str(again), vars(again))
