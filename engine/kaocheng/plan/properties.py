"""What a ruleset promises about all possible cases, for the prover and for random search alike.

A property ranges over rows: each of its variables is one row of a rule or of a kind,
and several variables may range over the same one, which makes the property about pairs.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from kaocheng.language.expressions import Expr


@frozen(kw_only=True)
class Property:
    """For all rows for which `given` holds, `claim` holds.

    `rows` names, for each variable, the rule or kind whose row it is; the rows of one
    property belong to one assessment. A variable has the columns of its relation. Only
    determined rows count: the property says nothing about a row that is marked
    undetermined. On determined rows `given` must be true, not merely unknown, for the
    property to apply, and a claim that is then false *or unknown* refutes it.

    `slack` says, in each language, why the claim allows for one (a clock change, say).
    `version` is the index of the version whose zone, calendar, tables and parameters the
    two expressions read; without it, the last one.
    """

    id: str
    titles: Mapping[str, str]
    rows: Mapping[str, str]
    claim: Expr
    given: Expr | None = None
    slack: Mapping[str, str] = field(factory=dict)
    version: int | None = None

    def expressions(self) -> tuple[Expr, ...]:
        """The premise, if there is one, and the claim."""
        return (self.claim,) if self.given is None else (self.given, self.claim)
