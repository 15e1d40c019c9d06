"""What Google's evaluator says about an expression: the oracle of differential tests.

The expression is compiled a second time, with every row as a `map(string, dyn)` that has no
entry for what is unknown. Reading such an entry is an error in CEL, and CEL's `&&`, `||`,
`exists` and `all` absorb errors exactly as Kleene's logic absorbs the unknown; so an error is
read as unknown here, and so are overflow and a remainder by zero, which are unknown in rules.

It speaks for whole numbers, truth values, texts and lists of them. It does not speak for lists
with unknown items, where CEL fails for the list as a whole and rules know the other items, nor
for an unknown value `in` an empty list, which is false in rules and fails in CEL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kaocheng.errors import KaochengError

Known = bool | int | str | list["Known"]

# The beginnings of the errors that mean unknown; any other is a mistake of the expression.
_UNKNOWN = (
    "NOT_FOUND: Key not found",
    "OUT_OF_RANGE: integer overflow",
    "INVALID_ARGUMENT: modulus by zero",
)


class OracleError(KaochengError):
    """The oracle cannot speak about an expression, which then lies outside of its types."""


class Oracle:
    """Evaluates expressions over some rows by Google's evaluator; one environment for all."""

    def __init__(self, rows: Iterable[str]) -> None:
        from cel_expr_python import cel

        facts = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
        self._environment: Any = cel.NewEnv(variables=dict.fromkeys(rows, facts))

    def value(self, text: str, rows: Mapping[str, Mapping[str, object]]) -> Known | None:
        """The value of the expression; None when it is unknown.

        `rows` gives each row its columns; a column whose value is None is unknown.
        """
        known = {
            name: {column: value for column, value in row.items() if value is not None}
            for name, row in rows.items()
        }
        try:
            found = self._environment.compile(text).eval(data=known)
        except RuntimeError as refused:
            raise OracleError(str(refused)) from refused
        value: Known = found.plain_value()
        if found.type().name() != "ERROR":
            return value
        if str(value).startswith(_UNKNOWN):
            return None
        raise OracleError(str(value))
