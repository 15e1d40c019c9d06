"""The `python` evaluator: a plan as one module of generated functions, one row at a time.

`compile_plan` gives a `Program` that runs over all facts, or rule by rule over single
rows; `compile_expression` and `evaluate_expression` take an expression on its own, and
`trace` shows every step of one. Rulesets are data: generated code holds their values as
literals only and calls nothing but the primitives of this package.
"""

from __future__ import annotations

from kaocheng.evaluate.python._context import Context
from kaocheng.evaluate.python._setting import Setting, setting_of
from kaocheng.evaluate.python.expression import (
    CompiledExpression,
    compile_expression,
    evaluate_expression,
)
from kaocheng.evaluate.python.program import Program, compile_plan, run
from kaocheng.evaluate.python.trace import Reason, Traced, compile_trace

__all__ = [
    "CompiledExpression",
    "Context",
    "Program",
    "Reason",
    "Setting",
    "Traced",
    "compile_expression",
    "compile_plan",
    "compile_trace",
    "evaluate_expression",
    "run",
    "setting_of",
]
