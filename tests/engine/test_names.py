"""Names that do not exist: no empty worklist, no empty explanation, and the nearest name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kaocheng import Engine, Journal, assess, explain
from kaocheng.errors import ArgumentError, KaochengError, UnknownNameError

AT = "2009-04-01T00:00:00+08:00"


def refused(call: Callable[[], object]) -> tuple[str, str, str]:
    """The argument and both sentences of what a call raises."""
    with pytest.raises(UnknownNameError) as error:
        call()
    return error.value.argument, str(error.value), error.value.zh


def test_a_worklist_of_a_kind_that_does_not_exist(shipped: Engine) -> None:
    """It is no empty worklist, whoever asks."""
    expected = (
        "kind",
        "the ruleset has no kind `reprot`; did you mean `report`",
        "规则集没有类别 `reprot`；是否想写 `report`",
    )

    assert expected == refused(lambda: shipped.cases(kind="reprot"))
    assert expected == refused(lambda: shipped.visible(None).cases(kind="reprot"))


def test_a_worklist_of_a_state_that_does_not_exist(shipped: Engine) -> None:
    """A state is one of the kind that is asked for, or of any kind of any version."""
    assert (
        "state",
        "no lifecycle of the ruleset has a state `submited`; did you mean `submitted`",
        "规则集的流程中没有状态 `submited`；是否想写 `submitted`",
    ) == refused(lambda: shipped.cases(state="submited"))
    assert (
        "state",
        "the lifecycle of `unit` has no state `submitted`",
        "`unit` 的流程中没有状态 `submitted`",
    ) == refused(lambda: shipped.cases(kind="unit", state="submitted"))
    assert () == shipped.cases(kind="report", state="submitted")


def test_an_evaluator_that_does_not_exist(shipped: Engine) -> None:
    """Python does not stand in for it."""
    expected = (
        "evaluator",
        "there is no evaluator `colums`; did you mean `columns`",
        "没有求值器 `colums`；是否想写 `columns`",
    )

    def bare() -> object:
        return assess(shipped.ruleset, Journal(events=()), as_of=AT, evaluator="colums")  # type: ignore[arg-type]

    assert expected == refused(bare)
    assert expected == refused(lambda: shipped.assess(evaluator="colums"))  # type: ignore[arg-type]


def test_a_rule_that_does_not_exist(shipped: Engine) -> None:
    """Its rows, statuses, standing and explanation are asked for in vain."""
    sentence = "the ruleset has no rule `leage`; did you mean `league`"
    chinese = "规则集没有规则 `leage`；是否想写 `league`"
    assessment = assess(shipped.ruleset, Journal(events=()), as_of=AT)

    by_name = ("name", sentence, chinese)
    assert by_name == refused(lambda: shipped.standings("leage"))
    assert by_name == refused(lambda: assessment.rows("leage"))
    assert by_name == refused(lambda: assessment.statuses("leage"))
    by_rule = ("rule", sentence, chinese)
    assert by_rule == refused(lambda: shipped.explain("report/1", rule="leage"))
    assert by_rule == refused(lambda: explain(assessment, "report/1", rule="leage"))


@pytest.mark.parametrize("base", [KaochengError, ArgumentError, ValueError, TypeError, KeyError])
def test_callers_may_catch_what_python_raises(shipped: Engine, base: type[Exception]) -> None:
    """A name that does not exist is a `KeyError` too, and every wrong argument a `ValueError`."""
    assessment = assess(shipped.ruleset, Journal(events=()), as_of=AT)

    with pytest.raises(base, match="no rule `nope`"):
        assessment.rows("nope")
