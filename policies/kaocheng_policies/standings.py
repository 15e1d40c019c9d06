"""Standings: a row of the league table per member and period, ranked by a written order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kaocheng.language import codes
from kaocheng.language.expressions import Expr, Field, Linked, Variable
from kaocheng.language.schema import PERIOD_COLUMNS, Link, Relation
from kaocheng.language.sections import (
    FOR_KEY,
    BuiltRule,
    Scope,
    Section,
    Source,
    rule_record,
)
from kaocheng.language.shapes import Choice, Expression, Fields, Identifier, Key, Many
from kaocheng.language.types import BOOL, INT, STRING, Decimal, Reference, Row, Type
from kaocheng.plan.algebra import Derive, Measure, Number, Order, Pipeline, Step, Tally, Where
from kaocheng.syntax import Scalar
from kaocheng.syntax import Sequence as SequenceNode
from kaocheng_policies._shared import (
    ENTRIES_RELATION,
    ENTRY_SCALE,
    HIDDEN,
    call,
    derived,
    is_one_of,
    key_columns,
)
from kaocheng_policies.accounts import Account, find_account, fits_account

SHAPE = rule_record(
    "a standing",
    "排名",
    FOR_KEY,
    Key("when", Expression("true or false"), "which members are ranked", "参加排名的条件"),
    Key(
        "accounts",
        Many(Identifier(), or_one=True),
        "the accounts that are added up",
        "合计的账户",
        required=True,
    ),
    Key(
        "per",
        Many(Expression(), or_one=True),
        "the leagues: each is ranked apart",
        "分组：各组分别排名",
    ),
    Key(
        "then_by",
        Many(Expression(), or_one=True),
        "the order among equal points, least first; write `-x` for most first",
        "分数相同时的次序，小者在前；大者在前写 `-x`",
    ),
    Key(
        "ties",
        Choice(("all", "dense")),
        "rank numbers after a tie: skipped (`all`) or not (`dense`)",
        "并列之后的名次：跳过（`all`）或不跳（`dense`）",
    ),
)


def build(fields: Fields, scope: Scope) -> Sequence[BuiltRule]:
    """The total of the accounts per member and period, then the ranked rows."""
    source = scope.source(fields)
    if source is None:
        return ()
    if " per " not in source.relation.name:
        scope.report(codes.NEEDS_ROLL, fields.at("for"), seen=source.relation.name)
        return ()
    return _Standing(fields, scope, source).rules()


class _Standing:
    """Builds one standing."""

    def __init__(self, fields: Fields, scope: Scope, source: Source) -> None:
        self.fields = fields
        self.scope = scope
        self.source = source
        self.id = fields.text("id")
        self.kind, _, self.period = source.relation.name.partition(" per ")
        self.total = f"{self.id}.points"

    def rules(self) -> Sequence[BuiltRule]:
        """The totals and the standing."""
        kept = self._accounts()
        decimals = max((account.decimals for account in kept), default=0)
        totals = self._totals(tuple(account.id for account in kept))
        return (totals, self._standing(decimals, totals.relation))

    def _accounts(self) -> list[Account]:
        """The accounts that are added up; each must be one of the members ranked."""
        node = self.fields.nodes.get("accounts")
        items = node.items if isinstance(node, SequenceNode) else (node,)
        member = Reference(self.kind)
        found = []
        for item in items:
            if isinstance(item, Scalar) and not item.is_blank:
                kept = find_account(item.text, item.span, self.scope)
                fits = kept is not None and fits_account(
                    member, kept, self.scope, self.fields, "for"
                )
                found += [kept] if kept is not None and fits else []
        return found

    def _totals(self, accounts: tuple[str, ...]) -> BuiltRule:
        entry = Variable(type=Row("entries"), name="e")

        def column(name: str) -> Field:
            return Field(type=ENTRIES_RELATION.columns[name], row=entry, name=name)

        value = Measure(name="value", how="sum", of=column("amount"))
        recipient = column("recipient")
        tally = Tally(
            per={"case": recipient},
            measures=(value,),
            at=column("posted_on"),
            period=self.scope.periods[self.period],
            roll=self.source.relation.name,
        )
        columns: dict[str, Type] = {
            "case": Reference(self.kind),
            **PERIOD_COLUMNS,
            "value": Decimal(ENTRY_SCALE),
            "provisional": INT,
            **HIDDEN,
        }
        relation = Relation(self.total, columns, ("case", "period"))
        where = call(
            "and",
            BOOL,
            is_one_of(column("account"), accounts),
            call("starts_with", BOOL, recipient, _prefix(self.kind)),
        )
        pipeline = Pipeline(
            source="entries",
            variable="e",
            steps=(Where(condition=where), tally),
            output={n: derived(n, t) for n, t in columns.items() if n not in HIDDEN},
        )
        return BuiltRule(
            id=self.total,
            section=self.scope.section,
            relation=relation,
            pipeline=pipeline,
            links=((self.source.relation.name, self._link()),),
        )

    def _link(self) -> Link:
        on = (("case", "case"), ("period", "period"))
        return Link(name=self.total, relation=self.total, on=on)

    def _standing(self, decimals: int, totals: Relation) -> BuiltRule:
        variables = self.source.variables()
        per = self.scope.each(self.fields, "per", variables, self.scope.value)
        then_by = self.scope.each(self.fields, "then_by", variables, self.scope.order)
        when = self.scope.compile(self.fields.get("when"), variables, expected=BOOL)
        relation = self._relation(decimals, per or ())
        complete = "when" not in self.fields or when is not None
        pipeline = None
        if complete and per is not None and then_by is not None:
            steps: list[Step] = [] if when is None else [Where(condition=when)]
            steps += self._ranking(self._read(decimals, totals), per, then_by)
            pipeline = self._pipeline(relation, steps, per)
        on = tuple((name, name) for name in relation.key)
        link = Link(name=self.id, relation=self.id, on=on)
        return BuiltRule(
            id=self.id,
            section=self.scope.section,
            relation=relation,
            pipeline=pipeline,
            links=((self.source.relation.name, link),),
        )

    def _relation(self, decimals: int, per: Sequence[Expr]) -> Relation:
        source = self.source.relation
        columns: dict[str, Type] = {
            **{key: source.columns[key] for key in source.key},
            **PERIOD_COLUMNS,
            **dict(zip(_leagues(per), (expr.type for expr in per), strict=True)),
            "points": Decimal(decimals),
            "rank": INT,
            "provisional": INT,
            **HIDDEN,
        }
        return Relation(self.id, columns, source.key)

    def _read(self, decimals: int, totals: Relation) -> Mapping[str, Expr]:
        """What is read of the member's total in the period."""
        linked = Linked(type=Row(self.total), row=self.source.row, link=self.total)
        value = Field(type=totals.columns["value"], row=linked, name="value")
        return {
            "points": call("round", Decimal(decimals), value),
            "provisional": Field(type=INT, row=linked, name="provisional"),
        }

    def _ranking(
        self, read: Mapping[str, Expr], per: Sequence[Expr], then_by: Sequence[Expr]
    ) -> list[Step]:
        points = derived("points", read["points"].type)
        order = (Order(by=points, descending=True), *(Order(by=expr) for expr in then_by))
        rank = Number(
            column="rank",
            per=(self.source.column("period"), *per),
            order=order,
            ties=self.fields.text("ties", "all"),
        )
        return [Derive(columns=read), rank]

    def _pipeline(self, relation: Relation, steps: Sequence[Step], per: Sequence[Expr]) -> Pipeline:
        own = ("points", "rank", "provisional")
        output: dict[str, Expr] = {
            **key_columns(self.source),
            **{name: self.source.column(name) for name in PERIOD_COLUMNS},
            **dict(zip(_leagues(per), per, strict=True)),
            **{name: derived(name, relation.columns[name]) for name in own},
        }
        return Pipeline(
            source=self.source.relation.name,
            variable=self.source.variable,
            steps=tuple(steps),
            output=output,
            instant=self.source.column("period.first_day"),
        )


def _leagues(per: Sequence[Expr]) -> list[str]:
    """The columns that say which league a member is ranked in."""
    return [f"league_{number}" if number > 1 else "league" for number, _ in enumerate(per, 1)]


def _prefix(kind: str) -> Expr:
    from kaocheng.language.expressions import Literal

    return Literal(type=STRING, value=f"{kind}/")


STANDINGS = Section(
    name="standings",
    titles={"zh": "排名", "en": "Standings"},
    shape=SHAPE,
    build=build,
    reads=("entries",),
)
