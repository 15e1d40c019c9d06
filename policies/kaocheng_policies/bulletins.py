"""Bulletins: the event that publishes a period, and where facts known later are posted.

What a bulletin said is `assess` at its two times, so it can always be recomputed. An
entry earned in a period that was published before the entry was known is posted on the
first day after the last period published by then (`late_facts: next_open`); with
`late_facts: reopen` it is posted where it was earned.
"""

from __future__ import annotations

from collections.abc import Sequence

from kaocheng.language import codes
from kaocheng.language.expressions import Call, Expr, Field, Fold, Linked, Literal, Variable
from kaocheng.language.schema import Link, Relation
from kaocheng.language.sections import FOR_KEY, BuiltRule, Scope, Section, Source, rule_record
from kaocheng.language.shapes import Choice, Expression, Fields, Key
from kaocheng.language.types import BOOL, DATE, INSTANT, INT, ListOf, Row, Type
from kaocheng.plan.algebra import Pipeline
from kaocheng_policies._shared import HIDDEN, call, date_from, is_keyed, key_columns

SHAPE = rule_record(
    "a bulletin",
    "通报",
    FOR_KEY,
    Key(
        "first_day",
        Expression("a date"),
        "the first day it publishes",
        "通报周期首日",
        required=True,
    ),
    Key(
        "last_day", Expression("a date"), "the last day it publishes", "通报周期末日", required=True
    ),
    Key(
        "known_at",
        Expression("an instant"),
        "the time of knowledge it was drawn up at",
        "编制时的获知截止时间",
        required=True,
    ),
    Key(
        "late_facts",
        Choice(("next_open", "reopen")),
        "where entries that became known later are posted",
        "事后获知事项记入何处",
        required=True,
    ),
)


def build(fields: Fields, scope: Scope) -> Sequence[BuiltRule]:
    """One row per bulletin: its days, and when its knowledge ended."""
    source = scope.source(fields)
    if source is None or not is_keyed(scope, source, ("first_day", "last_day", "known_at")):
        return ()
    _check_second(fields, scope)
    variables = source.variables()
    first = scope.compile(fields.get("first_day"), variables, expected=DATE)
    last = scope.compile(fields.get("last_day"), variables, expected=DATE)
    known_at = scope.compile(fields.get("known_at"), variables, expected=INSTANT)
    key = {name: source.relation.columns[name] for name in source.relation.key}
    columns: dict[str, Type] = {
        **key,
        "first_day": DATE,
        "last_day": DATE,
        "known_at": INSTANT,
        **HIDDEN,
    }
    relation = Relation(fields.text("id"), columns, source.relation.key)
    pipeline = None
    if first is not None and last is not None and known_at is not None:
        output = {**key_columns(source), "first_day": first, "last_day": last, "known_at": known_at}
        pipeline = Pipeline(
            source=source.relation.name,
            variable=source.variable,
            steps=(),
            output=output,
            instant=known_at,
        )
    return (
        BuiltRule(
            id=fields.text("id"), section=scope.section, relation=relation, pipeline=pipeline
        ),
    )


def next_open(scope: Scope) -> tuple[str, ...]:
    """The bulletins that say on which day late facts are posted."""
    declared = scope.declarations.get("bulletins", {})
    return tuple(n for n, fields in declared.items() if fields.text("late_facts") == "next_open")


def _check_second(fields: Fields, scope: Scope) -> None:
    known = next_open(scope)
    if fields.text("id") in known[1:]:
        scope.report(codes.SECOND_BULLETIN, fields.at("late_facts"), first=known[0])


def posted_on(at: Expr, source: Source, scope: Scope) -> tuple[Expr, tuple[tuple[str, Link], ...]]:
    """The day an entry is posted on, and the link to the bulletins that decides it."""
    day = date_from(at)
    bulletins = next_open(scope)
    if not bulletins or "recorded_at" not in source.relation.columns:
        return day, ()
    name = bulletins[0]
    link = Link(name=name, relation=name, on=(), many=True)
    return _posted(day, name, source), ((source.relation.name, link),)


def _posted(day: Expr, name: str, source: Source) -> Expr:
    variable = f"{source.variable}_bulletin"  # so that it hides nothing
    bulletin = Variable(type=Row(name), name=variable)
    recorded_at = source.column("recorded_at")

    def column(column_name: str, type_: Type) -> Field:
        return Field(type=type_, row=bulletin, name=column_name)

    first, last = column("first_day", DATE), column("last_day", DATE)
    before = call("lt", BOOL, column("known_at", INSTANT), recorded_at)
    inside = call("and", BOOL, call("le", BOOL, first, day), call("le", BOOL, day, last))
    published = Linked(type=ListOf(Row(name)), row=source.row, link=name)
    earlier = _filter(published, variable, before)
    covering = _filter(published, variable, call("and", BOOL, inside, before))
    ends = Fold(type=ListOf(DATE), how="map", over=earlier, variable=variable, body=last)
    next_open = call("add_days", DATE, call("latest", DATE, ends), Literal(type=INT, value=1))
    still_open = call("eq", BOOL, call("size", INT, covering), Literal(type=INT, value=0))
    return Call(type=DATE, op="if", args=(still_open, day, next_open))


def _filter(over: Expr, variable: str, body: Expr) -> Fold:
    return Fold(type=over.type, how="filter", over=over, variable=variable, body=body)


BULLETINS = Section(
    name="bulletins",
    titles={"zh": "通报", "en": "Bulletins"},
    shape=SHAPE,
    build=build,
)
