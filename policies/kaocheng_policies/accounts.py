"""Accounts: where points are posted, whose they are, and how many decimals they keep.

A rule runs over the entries of one account as over any rows: `for: merit.entries as e`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import frozen

from kaocheng.diagnostics import Code, Label, Severity, Span, nearest
from kaocheng.language import codes
from kaocheng.language.expressions import Expr, Field, Variable
from kaocheng.language.schema import Relation
from kaocheng.language.sections import BuiltRule, Scope, Section, rule_record, source_of
from kaocheng.language.shapes import Choice, Fields, Identifier, Key, listed
from kaocheng.language.types import BOOL, INT, Decimal, Reference, Row, Type
from kaocheng.plan.algebra import Pipeline, Where
from kaocheng_policies._shared import ENTRIES_RELATION, ENTRY_SCALE, HIDDEN, call, text

UNREAD_ACCOUNT = Code(
    "KC505",
    "unread-account",
    "points are posted to `{account}`, and no standing, tally or other rule reads them",
    "有分值记入 `{account}`，而没有任何排名、统计或其他规则读取",
    "add it to a standing, or run over `{account}.entries`",
    "请在排名中合计该账户，或以 `{account}.entries` 为适用对象",
    severity=Severity.WARNING,
)

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
    """The entries of the account, where some rule runs over them."""
    name = fields.text("of")
    if name and name not in scope.kinds:
        hint = nearest(name, scope.kinds)
        scope.report(
            codes.UNKNOWN_KIND, fields.at("of"), seen=name, suggestion=hint, **listed(scope.kinds)
        )
        return ()
    kept = find_account(fields.text("id"), fields.at("id"), scope)
    if kept is not None:
        _check_read(kept, fields, scope)
    return () if kept is None or kept.id not in scope.run_over else (_entries(kept, scope),)


def _check_read(kept: Account, fields: Fields, scope: Scope) -> None:
    """Warn of an account that points go to and that no rule adds up or runs over.

    A circular lists the points of its period one by one. That reads no account: what is
    posted to one makes no difference to anybody until a rule takes it up.
    """
    posting = [f for f in _declared(scope, "points") if f.text("account") == kept.id]
    ranked = list(_declared(scope, "standings"))
    added = {name for f in ranked for name in _names(f.get("accounts"))}
    readable = {kept.id, "entries", *(f.text("id") for f in posting)}
    if not posting or kept.id in added or readable & scope.run_over:
        return
    labels = [Label(posting[0].at("account"), "posted to here", "在此记入")]
    passing = next((f for f in ranked if _member(f) == kept.of), None)
    if passing is not None:
        labels.append(Label(passing.at("accounts"), "not added up here", "此处未合计"))
    scope.diagnostics.add(UNREAD_ACCOUNT, fields.at("id"), labels=tuple(labels), account=kept.id)


def _declared(scope: Scope, section: str) -> Iterable[Fields]:
    return scope.declarations.get(section, {}).values()


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(name) for name in value) if isinstance(value, tuple) else ()


def _member(standing: Fields) -> str:
    """The kind that a standing ranks."""
    return (source_of(standing.text("for")) or "").partition(" per ")[0]


def _entries(kept: Account, scope: Scope) -> BuiltRule:
    """The rows of the collection of entries that are of the account.

    All rules that post to it stand before it, so that the collection has their rows.
    """
    entry = Variable(type=Row("entries"), name="e")
    output: dict[str, Expr] = {
        name: Field(type=type_, row=entry, name=name)
        for name, type_ in ENTRIES_RELATION.columns.items()
        if name not in HIDDEN
    }
    # Whole points are whole numbers, as they were when they were earned.
    amount: Type = Decimal(kept.decimals) if kept.decimals else INT
    columns: dict[str, Type] = {
        **ENTRIES_RELATION.columns,
        "recipient": Reference(kept.of),
        "amount": amount,
    }
    pipeline = Pipeline(
        source="entries",
        variable="e",
        steps=(Where(condition=call("eq", BOOL, output["account"], text(kept.id))),),
        output={**output, "amount": call("round", amount, output["amount"])},
        instant=output["at"],
    )
    name = f"{kept.id}.entries"
    return BuiltRule(
        id=name,
        section=scope.section,
        relation=Relation(name, columns, ENTRIES_RELATION.key),
        pipeline=pipeline,
    )


def account(fields: Fields, scope: Scope, key: str = "account") -> Account | None:
    """The account that a rule names, or None after reporting."""
    return find_account(fields.text(key), fields.at(key), scope)


def find_account(name: str, span: Span, scope: Scope) -> Account | None:
    """The account of that name, or None after reporting."""
    declared = scope.declarations.get("accounts", {})
    found = declared.get(name)
    if not isinstance(found, Fields):
        hint = nearest(name, declared)
        values = {"seen": name, **listed(declared)}
        scope.report(codes.UNKNOWN_ACCOUNT, span, suggestion=hint, **values)
        return None
    return Account(name, found.text("of"), int(found.text("decimals", "0")))


def fits_account(type_: Type, kept: Account, scope: Scope, fields: Fields, key: str) -> bool:
    """Whether points of the account can go to what is of that type; reports where they cannot."""
    if not isinstance(type_, Reference) or type_.kind == kept.of or kept.of not in scope.kinds:
        return True
    span = fields.at(key) if key in fields.nodes else fields.at("account")
    values = {"key": key, "seen": type_.kind, "account": kept.id, "of": kept.of}
    scope.report(codes.WRONG_RECIPIENT, span, **values)
    return False


ACCOUNTS = Section(
    name="accounts",
    titles={"zh": "账户", "en": "Accounts"},
    shape=SHAPE,
    build=build,
    codes=(UNREAD_ACCOUNT,),
)
