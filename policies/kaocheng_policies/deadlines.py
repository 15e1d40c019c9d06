"""Deadlines: a clock on every row of what the rule runs over.

A deadline starts, has a limit or a due time, and is met, late, overdue, lapsed,
excused, open, not begun or undetermined (`kaocheng.plan.algebra.Clock`). It may
raise a finding; from time alone only `late` can be *found*, everything else is
alleged until a person verifies it.
"""

from __future__ import annotations

from collections.abc import Sequence

from kaocheng.language import codes
from kaocheng.language.expressions import Expr, Field, Has, Literal, Variable
from kaocheng.language.schema import Relation
from kaocheng.language.sections import (
    FOR_KEY,
    BuiltRule,
    Scope,
    Section,
    Source,
    rule_record,
)
from kaocheng.language.shapes import (
    Choice,
    Expression,
    Fields,
    Identifier,
    Key,
    Many,
    Raw,
    Record,
)
from kaocheng.language.types import (
    BOOL,
    DATE,
    DURATION,
    INSTANT,
    INT,
    STRING,
    Enum,
    ListOf,
    Row,
    Type,
)
from kaocheng.plan.algebra import STATUSES, Clock, Each, Pipeline, Step, Where
from kaocheng_policies._due import AFTER, LIMIT_KEYS, Times, read_due
from kaocheng_policies._shared import (
    FINDING_TITLE_KEY,
    FINDINGS_RELATION,
    HIDDEN,
    call,
    derived,
    instant_from,
    is_keyed,
    is_one_of,
    key_columns,
    link_from,
    nothing,
    owner,
    text,
)
from kaocheng_policies.violations import Finding, stage_of

STATUS = Enum("status", STATUSES)
# Nothing follows from a row that is undetermined.
RAISING = tuple(status for status in STATUSES if status != "undetermined")
_TIMES = ("start", "due", "met_at", "late_by", "status")

RAISE = Record(
    "what a deadline raises",
    "所提出的认定",
    (
        Key("finding", Identifier(), "the kind of finding", "认定种类", required=True),
        FINDING_TITLE_KEY,
        Key("as", Choice(("found", "alleged")), "its first stage", "初始阶段"),
        Key(
            "on",
            Many(Choice(RAISING), or_one=True),
            "the statuses that raise it",
            "据以提出的状态",
        ),
    ),
)

SHAPE = rule_record(
    "a deadline",
    "时限",
    FOR_KEY,
    Key("when", Expression("true or false"), "which rows have the duty", "适用条件"),
    Key(
        "owed_by",
        Expression("who owes it"),
        "who owes it: a unit, a person, or a list of them",
        "责任者",
    ),
    Key("starts", Expression("a date or instant"), "when the clock starts", "起算"),
    *LIMIT_KEYS,
    Key(
        "due",
        Raw("expression or a due time", (AFTER,)),
        "the due time itself, instead of `within`",
        "到期时间（代替 `within`）",
    ),
    Key(
        "met_at",
        Expression("a date or instant"),
        "when the duty was done",
        "办结时间",
        required=True,
    ),
    Key(
        "lapses_at",
        Expression("a date or instant"),
        "when the duty ends unfulfilled",
        "逾此不再补办",
    ),
    Key("excused", Expression("true or false"), "when the duty does not count", "免责条件"),
    Key("raise", Many(RAISE, or_one=True), "the findings it raises", "提出的认定"),
)


def build(fields: Fields, scope: Scope) -> Sequence[BuiltRule]:
    """The clock's rows, and one more rule per finding that it raises."""
    source = scope.source(fields)
    if source is None or not is_keyed(scope, source, _TIMES):
        return ()
    return _Deadline(fields, scope, source).rules()


class _Deadline:
    """Builds one deadline."""

    def __init__(self, fields: Fields, scope: Scope, source: Source) -> None:
        self.fields = fields
        self.scope = scope
        self.source = source
        self.id = fields.text("id")

    def rules(self) -> Sequence[BuiltRule]:
        """The deadline, then its findings."""
        owed_by = self._owner()
        clock = self._clock()
        time = clock.starts.type if clock is not None else INSTANT
        several = owed_by is not None and isinstance(owed_by.type, ListOf)
        relation = self._relation(time, owed_by, several=several)
        when = self.scope.compile(self.fields.get("when"), self.source.variables(), expected=BOOL)
        pipeline = None
        complete = (
            clock is not None
            and owed_by is not None
            and ("when" not in self.fields or when is not None)
        )
        if clock is not None and owed_by is not None and complete:
            pipeline = self._pipeline(relation, clock, owed_by, when, several=several)
        rule = BuiltRule(
            id=self.id,
            section=self.scope.section,
            relation=relation,
            pipeline=pipeline,
            links=(link_from(self.source, self.id, many=several),),
        )
        return (rule, *self._findings(relation))

    def _owner(self) -> Expr | None:
        """Who owes it; where what it runs over has one row for each who owes, that one."""
        owed_by = owner(self.scope, self.fields, self.source)
        if "owed_by" not in self.source.relation.key:
            return owed_by
        known = self.source.column("owed_by")
        if owed_by is None or "owed_by" not in self.fields.nodes or owed_by == known:
            return known
        is_keyed(self.scope, self.source, ("owed_by",))
        return None

    def _relation(self, time: Type, owed_by: Expr | None, *, several: bool) -> Relation:
        key = self.source.relation.key
        owed = STRING if owed_by is None else owed_by.type
        columns: dict[str, Type] = {
            **{name: self.source.relation.columns[name] for name in key},
            "owed_by": owed.item if isinstance(owed, ListOf) else owed,
            "start": time,
            "due": time,
            "met_at": time,
            "late_by": INT if time == DATE else DURATION,
            "status": STATUS,
            **HIDDEN,
        }
        return Relation(self.id, columns, (*key, "owed_by") if several else key)

    def _clock(self) -> Clock | None:
        variables = self.source.variables()
        times = Times(self.scope, self.fields, self.source)
        starts = times.starts()
        due = read_due(times, starts)
        met_at = self.scope.compile(self.fields.get("met_at"), variables, expected=(DATE, INSTANT))
        lapses_at = self.scope.compile(
            self.fields.get("lapses_at"), variables, expected=(DATE, INSTANT)
        )
        excused = self.scope.compile(self.fields.get("excused"), variables, expected=BOOL)
        if starts is None or due is None or met_at is None:
            return None
        given = {"starts": starts, "due": due, "met_at": met_at, "lapses_at": lapses_at}
        if not self._one_line(given, times):
            return None
        return Clock(starts=starts, due=due, met_at=met_at, lapses_at=lapses_at, excused=excused)

    def _one_line(self, given: dict[str, Expr | None], times: Times) -> bool:
        first = given["starts"]
        for key, expr in given.items():
            if expr is not None and first is not None and expr.type != first.type:
                shown = key if key in self.fields else "within"
                times.report_mix(self.fields.at(shown), ("starts", first), (shown, expr))
                return False
        return True

    def _pipeline(
        self, relation: Relation, clock: Clock, owed_by: Expr, when: Expr | None, *, several: bool
    ) -> Pipeline:
        steps: list[Step] = [] if when is None else [Where(condition=when)]
        if several:
            steps.append(Each(over=owed_by, column="owed_by"))
        steps.append(clock)
        owed = derived("owed_by", relation.columns["owed_by"]) if several else owed_by
        names = ("start", "due", "met_at", "late_by")
        output = {
            **key_columns(self.source),
            "owed_by": owed,
            **{name: derived(name, relation.columns[name]) for name in names},
            "status": _known_status(derived("status", STATUS)),
        }
        return Pipeline(
            source=self.source.relation.name,
            variable=self.source.variable,
            steps=tuple(steps),
            output=output,
            instant=clock.starts,
        )

    def _findings(self, relation: Relation) -> list[BuiltRule]:
        raised = self.fields.get("raise")
        records = raised if isinstance(raised, tuple) else (raised,)
        found: dict[str, BuiltRule] = {}
        for record in records:
            rule = self._finding(record, relation) if isinstance(record, Fields) else None
            if rule is not None and isinstance(record, Fields):
                if rule.id in found:
                    span, seen = record.at("finding"), record.text("finding")
                    self.scope.report(codes.DUPLICATE_VALUE, span, seen=seen, key="raise")
                found[rule.id] = rule
        return list(found.values())

    def _finding(self, record: Fields, relation: Relation) -> BuiltRule | None:
        finding = record.text("finding")
        if not finding or ("as" in record.nodes and "as" not in record):
            return None
        stage = record.text("as", "found" if finding == "late" else "")
        if (stage == "found" and finding != "late") or not stage:
            self.scope.report(codes.NOT_FOUND_BY_CLOCK, record.at("finding"), finding=finding)
            return None
        statuses = record.get("on")
        on = tuple(str(s) for s in statuses) if isinstance(statuses, tuple) else ("late",)
        name = f"{self.id}.{finding}"
        row = Variable(type=Row(self.id), name="d")

        def column(column_name: str) -> Field:
            return Field(type=relation.columns[column_name], row=row, name=column_name)

        status = column("status")
        raised = call("and", BOOL, Has(type=BOOL, operand=status), is_one_of(status, on))
        source = Source(relation=relation, variable="d", span=self.source.span)
        shown, links = stage_of(
            text(stage), Finding(self.id, finding, column("owed_by")), source, self.scope
        )
        output: dict[str, Expr] = {
            "finding": text(finding),
            "stage": shown,
            "rule": text(self.id),
            **{
                key: column(key)
                for key in ("case", "sequence", "period")
                if key in relation.columns
            },
            "owed_by": column("owed_by"),
            "at": instant_from(column("due")),
        }
        pipeline = Pipeline(
            source=self.id,
            variable="d",
            steps=(Where(condition=raised),),
            output=output,
            instant=column("start"),
        )
        columns = {k: t for k, t in FINDINGS_RELATION.columns.items() if k in output or k in HIDDEN}
        key = tuple(k for k in FINDINGS_RELATION.key if k in columns)
        return BuiltRule(
            id=name,
            section=self.scope.section,
            relation=Relation(name, columns, key),
            pipeline=pipeline,
            collection="findings",
            links=links,
        )


def _known_status(status: Expr) -> Expr:
    """The status, or unknown where it is undetermined: what reads it is then provisional."""
    undecided = call("eq", BOOL, status, Literal(type=STATUS, value="undetermined"))
    return call("if", STATUS, undecided, nothing(STATUS), status)


DEADLINES = Section(
    name="deadlines",
    titles={"zh": "时限", "en": "Deadlines"},
    shape=SHAPE,
    build=build,
    reads=("violations",),
    collections={"findings": FINDINGS_RELATION},
)
