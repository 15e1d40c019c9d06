"""Decisions: a choice or an amount by people inside stated bounds, checked against them.

A choice (`choose`) runs over the list of the events that record it. What people chose
stands in the journal; the rule says which choices count, and raises a finding when the
choices of a period are not as many as the text asks, or one was not open to choice. An
amount (`value`) is one number per row; see `kaocheng_policies._amounts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kaocheng.diagnostics import Code
from kaocheng.language import codes
from kaocheng.language.expressions import Expr, Field, Literal, Variable
from kaocheng.language.schema import PERIOD_COLUMNS, Relation
from kaocheng.language.sections import FOR_KEY, BuiltRule, Scope, Section, Source, rule_record
from kaocheng.language.shapes import (
    Expression,
    Fields,
    Identifier,
    Key,
    Number,
    Record,
    Text,
    listed,
)
from kaocheng.language.types import BOOL, DATE, INSTANT, INT, Row, Type
from kaocheng.plan.algebra import Measure, Pipeline, Tally, Where
from kaocheng_policies._amounts import AMOUNT_KEYS, amount_rules
from kaocheng_policies._shared import (
    FINDINGS_RELATION,
    HIDDEN,
    call,
    date_from,
    derived,
    instant_from,
    is_keyed,
    key_columns,
    link_from,
    text,
)
from kaocheng_policies.violations import Finding, stage_of

FORMS = ("choose", "value")
NEEDED: Mapping[str, tuple[str, ...]] = {"choose": ("period",), "value": ("between",)}
# With the form, the keys that only the other one has.
ONLY_OF: Mapping[str, tuple[str, ...]] = {
    "choose": tuple(key.name for key in AMOUNT_KEYS if key.name != "value"),
    "value": ("period", "eligible"),
}

NOT_WITH = Code(
    "KC503",
    "not-with",
    "`{key}` has no meaning beside `{form}`",
    "`{key}` 不与 `{form}` 同用",
    "leave it out",
    "请删去",
)

BOUNDS: Mapping[str, str] = {"exactly": "ne", "at_most": "gt", "at_least": "lt"}

CHOOSE = Record(
    "the number to choose",
    "应选数量",
    (
        Key("exactly", Number(least=0), "exactly so many", "恰好"),
        Key("at_most", Number(least=0), "at most so many", "至多"),
        Key("at_least", Number(least=0), "at least so many", "至少"),
    ),
)

SHAPE = rule_record(
    "a decision",
    "决定事项",
    FOR_KEY,
    Key("who", Text(), "who decides", "由谁决定"),
    Key(
        "at",
        Expression("a date or instant"),
        "when it was decided",
        "决定时间",
        required=True,
    ),
    Key("choose", CHOOSE, "how many are to be chosen in each period", "每期应选数量"),
    Key(
        "period",
        Identifier(),
        "with `choose`: the period that one decision is for",
        "与 `choose` 同用：每次决定所属周期",
    ),
    Key(
        "eligible",
        Expression("true or false"),
        "with `choose`: what was open to choice",
        "与 `choose` 同用：可供选择的条件",
    ),
    *AMOUNT_KEYS,
)


def build(fields: Fields, scope: Scope) -> Sequence[BuiltRule]:
    """The choices, how many there were per period, and findings where they break the bounds."""
    source = scope.source(fields)
    if source is None or not _is_one_form(fields, scope):
        return ()
    own = ("at", "value", "decided") if "value" in fields.nodes else ("at", "eligible")
    if not is_keyed(scope, source, own):
        return ()
    if "value" in fields.nodes:
        return amount_rules(fields, scope, source)
    return _Decision(fields, scope, source).rules()


def _is_one_form(fields: Fields, scope: Scope) -> bool:
    """Whether it is a choice or an amount, with nothing that belongs to the other."""
    place = {"place": "the decision", "place_zh": "该决定事项"}
    given = [key for key in FORMS if key in fields.nodes]
    if len(given) != 1:
        span = fields.keys[given[1]] if given else fields.span
        scope.report(codes.EXACTLY_ONE, span, **place, **listed(FORMS, "keys"))
        return False
    missing = [key for key in NEEDED[given[0]] if key not in fields.nodes]
    for key in missing:
        scope.report(codes.MISSING_KEY, fields.span, key=key, **place)
    strange = [key for key in ONLY_OF[given[0]] if key in fields.nodes]
    for key in strange:
        scope.report(NOT_WITH, fields.keys[key], key=key, form=given[0])
    return not missing and not strange


class _Decision:
    """Builds one decision."""

    def __init__(self, fields: Fields, scope: Scope, source: Source) -> None:
        self.fields = fields
        self.scope = scope
        self.source = source
        self.id = fields.text("id")

    def rules(self) -> Sequence[BuiltRule]:
        """The choices, the count, the findings."""
        variables = self.source.variables()
        at = self.scope.compile(self.fields.get("at"), variables, expected=(DATE, INSTANT))
        eligible = self.scope.compile(self.fields.get("eligible"), variables, expected=BOOL)
        name = self.fields.text("period")
        period = self.scope.period(name, self.fields.at("period")) if name else None
        bound = self._bound()
        relation = self._relation()
        if (
            at is None
            or period is None
            or bound is None
            or ("eligible" in self.fields and eligible is None)
        ):
            return (
                BuiltRule(id=self.id, section=self.scope.section, relation=relation, pipeline=None),
            )
        choices = self._choices(relation, at, eligible)
        count = self._count(relation, period)
        return (choices, count, self._miscounted(count.relation, bound), self._ineligible(relation))

    def _bound(self) -> tuple[str, int] | None:
        choose = self.fields.get("choose")
        given = [n for n in BOUNDS if isinstance(choose, Fields) and n in choose]
        if not isinstance(choose, Fields) or (not given and choose.nodes):
            return None
        if len(given) != 1:
            place = {"place": "`choose`", "place_zh": "`choose` "}
            span = self.fields.at("choose")
            self.scope.report(codes.EXACTLY_ONE, span, **place, **listed(BOUNDS, "keys"))
            return None
        number = choose.get(given[0])
        return (BOUNDS[given[0]], number) if isinstance(number, int) else None

    def _relation(self) -> Relation:
        key = self.source.relation.key
        columns: dict[str, Type] = {name: self.source.relation.columns[name] for name in key}
        if "recorded_at" in self.source.relation.columns:
            columns["recorded_at"] = INSTANT
        return Relation(self.id, {**columns, "at": DATE, "eligible": BOOL, **HIDDEN}, key)

    def _choices(self, relation: Relation, at: Expr, eligible: Expr | None) -> BuiltRule:
        yes = Literal(type=BOOL, value=True)
        output = {**key_columns(self.source), "at": date_from(at), "eligible": eligible or yes}
        if "recorded_at" in relation.columns:
            output["recorded_at"] = self.source.column("recorded_at")
        pipeline = Pipeline(
            source=self.source.relation.name,
            variable=self.source.variable,
            steps=(),
            output=output,
            instant=at,
        )
        return BuiltRule(
            id=self.id,
            section=self.scope.section,
            relation=relation,
            pipeline=pipeline,
            links=(link_from(self.source, self.id),),
        )

    def _column(self, relation: Relation, name: str) -> Field:
        row = Variable(type=Row(relation.name), name="c")
        return Field(type=relation.columns[name], row=row, name=name)

    def _count(self, relation: Relation, period: object) -> BuiltRule:
        name = f"{self.id}.count"
        columns: dict[str, Type] = {**PERIOD_COLUMNS, "value": INT, "provisional": INT, **HIDDEN}
        tally = Tally(
            per={},
            measures=(Measure(name="value", how="count"),),
            at=self._column(relation, "at"),
            period=period,  # type: ignore[arg-type]
        )
        pipeline = Pipeline(
            source=self.id,
            variable="c",
            steps=(tally,),
            output={n: derived(n, t) for n, t in columns.items() if n not in HIDDEN},
        )
        relation = Relation(name, columns, ("period",))
        return BuiltRule(id=name, section=self.scope.section, relation=relation, pipeline=pipeline)

    def _miscounted(self, count: Relation, bound: tuple[str, int]) -> BuiltRule:
        wrong = call(
            bound[0], BOOL, self._column(count, "value"), Literal(type=INT, value=bound[1])
        )
        last = self._column(count, "period.last_day")
        output: dict[str, Expr] = {
            "period": self._column(count, "period"),
            "at": instant_from(last),
        }
        return self._finding("miscounted", count, wrong, output, last)

    def _ineligible(self, relation: Relation) -> BuiltRule:
        not_open = call("not", BOOL, self._column(relation, "eligible"))
        at = self._column(relation, "at")
        keys = {k: self._column(relation, k) for k in ("case", "sequence") if k in relation.columns}
        return self._finding("ineligible", relation, not_open, {**keys, "at": instant_from(at)}, at)

    def _finding(
        self, finding: str, source: Relation, when: Expr, output: Mapping[str, Expr], instant: Expr
    ) -> BuiltRule:
        kind = f"{self.id}_{finding}"
        rows = Source(relation=source, variable="c", span=self.source.span)
        stage, links = stage_of(text("alleged"), Finding(self.id, kind), rows, self.scope)
        filled: dict[str, Expr] = {
            "finding": text(kind),
            "stage": stage,
            "rule": text(self.id),
            **output,
        }
        columns = {k: t for k, t in FINDINGS_RELATION.columns.items() if k in filled or k in HIDDEN}
        name = f"{self.id}.{finding}"
        pipeline = Pipeline(
            source=source.name,
            variable="c",
            steps=(Where(condition=when),),
            output=filled,
            instant=instant,
        )
        return BuiltRule(
            id=name,
            section=self.scope.section,
            relation=Relation(
                name, columns, tuple(k for k in FINDINGS_RELATION.key if k in columns)
            ),
            pipeline=pipeline,
            collection="findings",
            links=links,
        )


DECISIONS = Section(
    name="decisions",
    titles={"zh": "决定事项", "en": "Decisions"},
    shape=SHAPE,
    build=build,
    reads=("violations",),
    collections={"findings": FINDINGS_RELATION},
    codes=(NOT_WITH,),
)
