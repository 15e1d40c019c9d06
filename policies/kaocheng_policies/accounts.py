"""Accounts: where points are posted, whose they are, and how many decimals they keep."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from kaocheng.diagnostics import nearest
from kaocheng.language import codes
from kaocheng.language.sections import BuiltRule, Scope, Section, rule_record
from kaocheng.language.shapes import Choice, Fields, Identifier, Key
from kaocheng_policies._shared import ENTRY_SCALE

SHAPE = rule_record(
    "an account",
    "账户",
    Key(
        "of",
        Identifier(),
        "whose points it keeps: a kind such as `unit` or `person`",
        "记谁的分：如 `unit`、`person`",
        required=True,
    ),
    Key(
        "decimals",
        Choice(tuple(str(n) for n in range(ENTRY_SCALE + 1))),
        "how many decimal places it keeps",
        "保留几位小数",
    ),
)


@frozen
class Account:
    """An account as points see it."""

    id: str
    of: str
    decimals: int


def build(fields: Fields, scope: Scope) -> Sequence[BuiltRule]:
    """An account gives no rows of its own; points post to it."""
    if "of" in fields and fields.text("of") not in scope.kinds:
        scope.report(
            codes.UNKNOWN_RELATION,
            fields.at("of"),
            seen=fields.text("of"),
            suggestion=nearest(fields.text("of"), scope.kinds),
        )
    return ()


def account(fields: Fields, scope: Scope, key: str = "account") -> Account | None:
    """The account that a rule names, or None after reporting."""
    name = fields.text(key)
    return find_account(name, fields, scope, key)


def find_account(name: str, fields: Fields, scope: Scope, key: str) -> Account | None:
    """The account of that name, or None after reporting."""
    declared = scope.declarations.get("accounts", {})
    found = declared.get(name)
    if not isinstance(found, Fields):
        known = ", ".join(f"`{n}`" for n in declared)
        scope.report(
            codes.UNKNOWN_ACCOUNT,
            fields.at(key),
            seen=name,
            known=known,
            suggestion=nearest(name, declared),
        )
        return None
    return Account(name, found.text("of"), int(found.text("decimals", "0")))


ACCOUNTS = Section(
    name="accounts",
    titles={"zh": "账户", "en": "Accounts"},
    shape=SHAPE,
    build=build,
)
