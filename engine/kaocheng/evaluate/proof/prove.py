"""Prove a promise for all possible cases, or find a case that breaks it.

The rows of a property are any rows at all: every column that its rules read may have
any value of its type, be unknown or not have happened, and the assessment may be at any
time. What is taken for certain is only what holds of all facts: types, keys that are
unique, and that a row named by a reference is the one with that key. Times that the
property itself reads lie at least a year inside the years 1 to 9999, so that a promise
may allow for a slack without failing at the end of the calendar.

A verdict is *proved* when there is no such case by the lemmas about the calendar that
the proof lists, *refuted* when there is one and the Python evaluator confirms it,
*vacuous* when nothing satisfies the premises, and otherwise *unknown*. The solver is not
made for several threads: prove one property at a time in a process. Each proof has a
context of its own, so that which case is found does not depend on what was solved before.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from attrs import evolve

from kaocheng.calendars.zones import Zones
from kaocheng.errors import UnsupportedError
from kaocheng.evaluate.proof.results import Proof
from kaocheng.plan.algebra import Plan
from kaocheng.plan.properties import Property

if TYPE_CHECKING:
    from kaocheng.evaluate.proof._question import Question


def prove(  # noqa: PLR0913 - two arguments and four options
    plan: Plan,
    promise: Property,
    *,
    timeout_ms: int = 10_000,
    as_of: int | None = None,
    zones: Zones | None = None,
    stopwatch: Callable[[], float] = time.perf_counter,
) -> Proof:
    """The verdict on one property of a plan.

    `as_of` fixes the time of the assessment, which is any time otherwise. Zones take a
    moment to build: give the ones of the process, if it keeps them. `stopwatch`
    gives seconds; only how long the proof took, and when it gives up, depend on it.

    Raises:
        UnsupportedError: a rule that the property depends on has a step or an operation
            that cannot be said exactly; the error names it.
    """
    begun = stopwatch()

    def spent() -> float:
        return (stopwatch() - begun) * 1000

    make = _solver()
    _forget()
    question = make(
        plan,
        promise,
        as_of=as_of,
        zones=zones or Zones(),
        left=lambda: int(timeout_ms - spent()),
    )
    return evolve(question.answer(), milliseconds=spent())


def _solver() -> type[Question]:
    try:
        from kaocheng.evaluate.proof._question import Question
    except ModuleNotFoundError as error:
        if error.name != "z3":
            raise
        reason = "the solver is not installed; install the extra `proof`"
        zh = "未安装求解器；请安装可选组件 `proof`"
        raise UnsupportedError("prove", "proof", reason, zh=zh) from None
    return Question


def _forget() -> None:
    """Let the solver begin anew; what an earlier proof still holds stays valid.

    Z3 names a fresh context for all expressions of a process in no public way.
    """
    import z3.z3

    z3.z3._main_ctx = None  # noqa: SLF001 - made anew when it is next asked for
