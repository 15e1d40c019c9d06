"""Points: what a row earns, taken through steps in the order written, posted to an account."""

from __future__ import annotations

from collections.abc import Sequence

from kaocheng.language import codes
from kaocheng.language.expressions import Expr, Literal
from kaocheng.language.schema import Link, Relation
from kaocheng.language.sections import FOR_KEY, BuiltRule, Scope, Section, Source, rule_record
from kaocheng.language.shapes import (
    Expression,
    Fields,
    Identifier,
    Key,
    Many,
    Raw,
    place_of,
    wrong_shape,
)
from kaocheng.language.types import (
    BOOL,
    DATE,
    INSTANT,
    INT,
    STRING,
    Decimal,
    ListOf,
    Reference,
    Type,
)
from kaocheng.plan.algebra import Clock, Derive, Each, Pipeline, Require, Step, Where
from kaocheng.syntax import Mapping, Node
from kaocheng_policies._shared import (
    ENTRIES_RELATION,
    ENTRY_SCALE,
    HIDDEN,
    NUMBERS,
    call,
    column_or_nothing,
    date_from,
    derived,
    owner,
    text,
)
from kaocheng_policies._steps import STEPS, StepContext
from kaocheng_policies.accounts import Account, account, fits_account
from kaocheng_policies.bulletins import posted_on

AMOUNT = "amount"
# Columns of entries that only some sources have.
_OF_THE_SOURCE = ("case", "sequence", "period", "recorded_at")

SHAPE = rule_record(
    "a points rule",
    "记分规则",
    FOR_KEY,
    Key("when", Expression("true or false"), "which rows earn", "适用条件"),
    Key("earn", Expression("a number"), "how many points", "分值", required=True),
    Key(
        "then",
        Many(Raw("a step", tuple(STEPS.values()))),
        "the steps it is taken through, in this order",
        "依次经过的步骤",
    ),
    Key(
        "to",
        Expression("who receives"),
        "who receives the points; of a list each receives all of them",
        "记分对象；为清单时各得全分",
    ),
    Key("account", Identifier(), "the account they are posted to", "记入账户", required=True),
    Key("at", Expression("a date or instant"), "when they are earned", "取得时间", required=True),
)


def build(fields: Fields, scope: Scope) -> Sequence[BuiltRule]:
    """One entry per row and recipient."""
    source = scope.source(fields)
    kept = account(fields, scope) if "account" in fields else None
    if source is None:
        return ()
    entries = _Points(fields, scope, source).rule(kept)
    return (entries,)


class _Points:
    """Builds one points rule."""

    def __init__(self, fields: Fields, scope: Scope, source: Source) -> None:
        self.fields = fields
        self.scope = scope
        self.source = source
        self.id = fields.text("id")

    def rule(self, kept: Account | None) -> BuiltRule:
        """The rule's entries; without a pipeline when something does not check."""
        variables = self.source.variables()
        when = self.scope.compile(self.fields.get("when"), variables, expected=BOOL)
        earn = self.scope.compile(self.fields.get("earn"), variables, expected=NUMBERS)
        at = self.scope.compile(self.fields.get("at"), variables, expected=(DATE, INSTANT))
        steps = self._steps(earn, kept, when, at)
        complete = kept is not None and earn is not None and at is not None and steps is not None
        complete = complete and ("when" not in self.fields or when is not None)
        relation = self._relation()
        pipeline = None
        links: tuple[tuple[str, Link], ...] = ()
        if complete and kept is not None and at is not None and steps is not None:
            posted, links = posted_on(at, self.source, self.scope)
            pipeline = self._pipeline(relation, kept, at, steps, posted)
        return BuiltRule(
            id=self.id,
            section=self.scope.section,
            relation=relation,
            pipeline=pipeline,
            collection="entries",
            links=links,
        )

    def _relation(self) -> Relation:
        own = self.source.relation.columns
        columns = {
            name: type_
            for name, type_ in ENTRIES_RELATION.columns.items()
            if name not in _OF_THE_SOURCE or name in own
        }
        key = tuple(name for name in ENTRIES_RELATION.key if name in columns)
        return Relation(self.id, columns, key)

    def _steps(
        self, earn: Expr | None, kept: Account | None, when: Expr | None, at: Expr | None
    ) -> list[Step] | None:
        if earn is None or kept is None or at is None:
            return None
        amount = self._in_account(earn, kept)
        to = self._recipient(kept)
        then = None if amount is None else self._then(amount, kept)
        if amount is None or to is None or then is None:
            return None
        several = isinstance(to.type, ListOf)
        columns = {AMOUNT: amount} if several else {AMOUNT: amount, "recipient": to}
        steps: list[Step] = [] if when is None else [Where(condition=when)]
        steps += [*begun(at), Derive(columns=columns), *then]
        if several:
            steps.append(Each(over=to, column="recipient"))
        steps.append(Require(columns=(AMOUNT, "recipient", "start")))
        return steps

    def _then(self, amount: Expr, kept: Account) -> list[Step] | None:
        """The steps under `then`, or None if one does not check."""
        context = StepContext(
            scope=self.scope, source=self.source, column=AMOUNT, type=amount.type, account=kept
        )
        built = [context.build(node, number) for number, node in enumerate(self._nodes(), start=1)]
        steps = [step for steps in built if steps is not None for step in steps]
        return steps if None not in built else None

    def _nodes(self) -> tuple[Node, ...]:
        nodes = self.fields.get("then")
        return nodes if isinstance(nodes, tuple) else ()

    def _in_account(self, earn: Expr, kept: Account) -> Expr | None:
        scale = earn.type.scale if isinstance(earn.type, Decimal) else 0
        if scale > kept.decimals:
            self.scope.report(
                codes.TOO_MANY_DECIMALS,
                self.fields.at("earn"),
                key="earn",
                seen=str(scale),
                account=kept.id,
                kept=str(kept.decimals),
            )
            return None
        return earn if scale == kept.decimals and scale else rescaled(earn, kept.decimals)

    def _recipient(self, kept: Account) -> Expr | None:
        shares = any(isinstance(n, Mapping) and n.get("share") is not None for n in self._nodes())
        if "to" not in self.fields and " per " not in self.source.relation.name:
            if shares:
                return Literal(type=Reference(kept.of), value="")
            self.scope.report(codes.NO_RECIPIENT, self.fields.span)
            return None
        to = owner(self.scope, self.fields, self.source, key="to")
        if to is None:
            return None
        if isinstance(to.type, ListOf) and shares:
            wanted = (
                "a single recipient (several take part in a `share`)",
                "单一记分对象（多个对象以 `share` 分配）",
            )
            seen, node = (f"`{to.type}`", f" `{to.type}`"), self.fields.nodes["to"]
            report = self.scope.diagnostics
            wrong_shape(node, report, place=place_of("to"), wanted=wanted, seen=seen)
            return None
        one = to.type.item if isinstance(to.type, ListOf) else to.type
        return to if fits_account(one, kept, self.scope, self.fields, "to") else None

    def _pipeline(
        self, relation: Relation, kept: Account, at: Expr, steps: list[Step], posted: Expr
    ) -> Pipeline:
        amount: Type = Decimal(kept.decimals) if kept.decimals else INT
        output: dict[str, Expr] = {
            "account": text(kept.id),
            "rule": text(self.id),
            "case": column_or_nothing(self.source, "case", STRING),
            "sequence": column_or_nothing(self.source, "sequence", INT),
            "period": column_or_nothing(self.source, "period", ENTRIES_RELATION.columns["period"]),
            "recipient": derived("recipient", ENTRIES_RELATION.columns["recipient"]),
            "amount": rescaled(derived(AMOUNT, amount), ENTRY_SCALE),
            "at": date_from(at),
            "posted_on": posted,
            "recorded_at": column_or_nothing(self.source, "recorded_at", INSTANT),
        }
        return Pipeline(
            source=self.source.relation.name,
            variable=self.source.variable,
            steps=tuple(steps),
            output={name: output[name] for name in relation.columns if name not in HIDDEN},
            instant=at,
        )


def begun(at: Expr) -> list[Step]:
    """Only rows whose time has come by `as_of`: a clock that starts then has begun."""
    status = derived("status", STRING)
    return [
        Clock(starts=at, due=at, met_at=at),
        Where(condition=call("ne", BOOL, status, text("not_begun"))),
    ]


def rescaled(expr: Expr, scale: int) -> Expr:
    """A number with `scale` decimal places; an integer stays one at scale 0."""
    if scale == 0 and expr.type == INT:
        return expr
    if isinstance(expr.type, Decimal) and expr.type.scale == scale:
        return expr
    return call("rescale", Decimal(scale), expr)


POINTS = Section(
    name="points",
    titles={"zh": "记分", "en": "Points"},
    shape=SHAPE,
    build=build,
    reads=("bulletins",),
    gives_to="account",
    collections={"entries": ENTRIES_RELATION},
)
