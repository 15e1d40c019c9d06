"""How a section of a ruleset (a policy) plugs in: its shape, and how it builds rules.

**Policy-facing.** A section declares a `Record` shape for one rule and a `build`
function that turns the fields of one rule into `BuiltRule` values by means of the
`Scope`: it compiles expressions, resolves what the rule runs over, and reports
diagnostics. Whoever registers a section gets structural checks, every evaluator,
explanation and documentation from the algebra.

**Checker-facing.** `Scope` is made by the checker for one version and one level of rules.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from attrs import field, frozen

from kaocheng.calendars.periods import PeriodSpec
from kaocheng.diagnostics import Code, Diagnostics, Span, nearest
from kaocheng.language import codes
from kaocheng.language._clauses import ASSUMED
from kaocheng.language.cel import FrontEnd
from kaocheng.language.cel.forms import TYPE_NAMES
from kaocheng.language.expressions import Call, Expr, Field, Variable
from kaocheng.language.ruleset import Assumption, Kind, RuleText
from kaocheng.language.schema import Link, Relation, Schema
from kaocheng.language.shapes import (
    TITLES,
    Fields,
    Identifier,
    Key,
    Record,
    Text,
    listed,
)
from kaocheng.language.types import (
    DURATION,
    INT,
    Enum,
    ListOf,
    Row,
    Type,
    is_number,
    is_time,
)
from kaocheng.plan.algebra import Pipeline
from kaocheng.plan.properties import Property
from kaocheng.syntax import Scalar
from kaocheng.syntax.quoting import shown
from kaocheng.syntax.scalars import RESERVED_WORDS

COMMON_KEYS = (
    Key(
        "id",
        Identifier(),
        "the rule's name, unique in the ruleset",
        "规则编号，在规则集内唯一",
        required=True,
    ),
    Key("title", TITLES, "what people call it", "名称"),
    Key("clause", Text(), "the clause the figures stand in", "出处条款"),
    Key("cite", Text(), "the document, where it is not the ruleset's own", "出处文件"),
    Key(
        "assumed",
        ASSUMED,
        "what the text does not give, and why it was read so",
        "原文未规定、系假定之处及理由",
    ),
    Key(
        "replaces",
        Identifier(),
        "the rule of the extended version that this one replaces",
        "所替换的原规则",
    ),
)
FOR_KEY = Key(
    "for",
    Text(),
    "what the rule runs over, `report as r`",
    "适用对象，如 `report as r`",
    required=True,
)

_FOR = re.compile(
    r"\s*(?P<source>[a-z_][a-z0-9_.]*(?: per [a-z_][a-z0-9_]*)?)"
    r"\s+as\s+(?P<variable>[a-z_][a-z0-9_]*)\s*",
    re.ASCII,
)


# What rules do not run over, and what their variables cannot be called.
_NO_ROWS = ("actor",)
_RESERVED = {
    "actor": ("whoever acts", "办理人"),
    "row": ("what the rule has worked out so far", "规则的中间结果"),
}


def rule_record(name: str, zh: str, *keys: Key) -> Record:
    """The shape of one rule of a section: the common keys and its own."""
    return Record(name, zh, (*COMMON_KEYS, *keys))


@frozen(kw_only=True)
class Rows:
    """What `report as r` says: the name of a relation, that of its rows, and where both stand."""

    name: str
    variable: str
    name_span: Span
    variable_span: Span
    span: Span


@frozen(kw_only=True)
class Source:
    """What a rule runs over: a relation, and the variable bound to its rows."""

    relation: Relation
    variable: str
    span: Span

    @property
    def row(self) -> Variable:
        """The variable as an expression."""
        return Variable(type=Row(self.relation.name), name=self.variable, span=self.span)

    def column(self, name: str) -> Field:
        """A column of the row as an expression."""
        return Field(type=self.relation.columns[name], row=self.row, name=name, span=self.span)

    def variables(self) -> Mapping[str, Type]:
        """The variable and its type, as the front end takes them."""
        return {self.variable: Row(self.relation.name)}


@frozen(kw_only=True)
class BuiltRule:
    """One relation that a rule gives: `pipeline` None when its expressions do not check.

    `links` are readings that the rule adds to other relations, as (relation name, link).
    """

    id: str
    section: str
    relation: Relation
    pipeline: Pipeline | None
    collection: str | None = None
    links: tuple[tuple[str, Link], ...] = ()


@frozen(kw_only=True)
class Section:
    """A policy: the YAML key, the shape of one rule, and how a rule is built.

    `reads` names collections and sections whose rules its own read without writing their
    names (a standing reads `entries`). `gives_to` is the key that names another rule whose
    rows come from this one (an entry's account). Where a rule gives more relations than its
    own, they are called like it, with a dot and a name behind: `notice.late`.
    """

    name: str
    titles: Mapping[str, str]
    shape: Record
    build: Callable[[Fields, Scope], Sequence[BuiltRule | Property]]
    reads: tuple[str, ...] = ()
    gives_to: str = ""
    collections: Mapping[str, Relation] = field(factory=dict)
    codes: tuple[Code, ...] = ()


@frozen(kw_only=True)
class Setting:
    """What all rules of a version share: kinds, periods, what each section declares, the head.

    `run_over` names what some rule of the version runs over.
    """

    kinds: Mapping[str, Kind]
    periods: Mapping[str, PeriodSpec]
    declarations: Mapping[str, Mapping[str, Fields]]
    calendar: str | None
    cite: str
    run_over: frozenset[str] = frozenset()


class Scope:
    """What a rule may name while it is being built, and where it reports."""

    def __init__(
        self,
        *,
        section: str,
        schema: Schema,
        front_end: FrontEnd,
        setting: Setting,
        diagnostics: Diagnostics,
    ) -> None:
        self.section = section
        self.schema = schema
        self.kinds = setting.kinds
        self.periods = setting.periods
        self.declarations = setting.declarations
        self.calendar = setting.calendar
        self.run_over = setting.run_over
        self.diagnostics = diagnostics
        self._front_end = front_end

    def with_schema(self, schema: Schema) -> Scope:
        """The same scope with more relations to name."""
        other = copy.copy(self)
        other.schema = schema
        other._front_end = self._front_end.with_schema(schema)  # noqa: SLF001 - a copy of itself
        return other

    def report(
        self, code: Code, span: Span, *, suggestion: str | None = None, **values: str
    ) -> None:
        """Report a diagnostic of the section."""
        self.diagnostics.add(code, span, suggestion=suggestion, words=values)

    def compile(
        self,
        scalar: object,
        variables: Mapping[str, Type],
        *,
        expected: Type | Sequence[Type] | None = None,
    ) -> Expr | None:
        """The checked expression of a scalar, or None after reporting what is wrong."""
        if not isinstance(scalar, Scalar):
            return None
        return self._front_end.compile(
            scalar, variables, expected=expected, diagnostics=self.diagnostics
        )

    def source(self, fields: Fields, key: str = "for") -> Source | None:
        """What the rule runs over, from `for: report as r`."""
        if key not in fields:
            return None
        node = fields.nodes[key]
        found = self.rows(node) if isinstance(node, Scalar) else None
        if found is None:
            self.report(codes.BAD_FOR, fields.at(key), seen=shown(fields.text(key)))
        return self.source_of(found) if found is not None else None

    def rows(self, node: Scalar) -> Rows | None:
        """What `report as r` says, or None where it says nothing of the kind."""
        match = _FOR.fullmatch(node.text)
        if match is None:
            return None
        spans = {}
        for part in ("source", "variable"):
            start, end = match.span(part)
            spans[part] = node.span_at(1, start + 1, end - start)
        return Rows(
            name=match["source"],
            variable=match["variable"],
            name_span=spans["source"],
            variable_span=spans["variable"],
            span=node.span,
        )

    def source_of(self, rows: Rows) -> Source | None:
        """What a rule runs over, or None after reporting that it cannot."""
        relation = self.relation(rows.name, rows.name_span)
        if not self.is_free(rows.variable, rows.variable_span) or relation is None:
            return None
        return Source(relation=relation, variable=rows.variable, span=rows.span)

    def relation(self, name: str, span: Span) -> Relation | None:
        """The relation of that name, or None after reporting that no rule can run over it."""
        found = self.schema.relations.get(name)
        if found is not None and name not in _NO_ROWS:
            return found
        kind, per, period = name.partition(" per ")
        if per and kind in self.kinds:
            place = Span(span.file, span.line, span.column + len(kind) + len(per), *_end(span))
            if self.period(period, place) is not None:
                self.report(codes.NOT_MEMBERS, span, kind=kind)
        else:
            known = [row for row in self.schema.relations if row not in _NO_ROWS]
            self.report(codes.UNKNOWN_RELATION, span, seen=name, suggestion=nearest(name, known))
        return None

    def is_free(self, variable: str, span: Span) -> bool:
        """Whether rows may be called so; reports what else the name already means."""
        what = _RESERVED.get(variable)
        if variable in self.schema.parameters:
            what = ("a parameter", "参数")
        elif variable in self.schema.tables:
            what = ("a table", "表")
        elif variable in TYPE_NAMES:
            what = ("a type of expressions", "表达式的类型")
        if what is None and variable not in RESERVED_WORDS:
            return True
        what = what or ("a reserved word of expressions", "表达式的保留字")
        self.report(codes.NAME_TAKEN, span, name=variable, what=what[0], what_zh=what[1])
        return False

    def value(self, expr: Expr | None) -> Expr | None:
        """An expression whose result can stand in a column: a row counts as the id of its case.

        None, after reporting, for lists and for rows that are no case.
        """
        if expr is None or not isinstance(expr.type, (Row, ListOf)):
            return expr
        row = expr.type.relation if isinstance(expr.type, Row) else ""
        relation = self.schema.relations.get(row)
        if relation is not None and relation.key in (("case",), ("case", "period")):
            type_ = relation.columns["case"]
            return Field(type=type_, row=expr, name="case", span=expr.span)
        self.report(codes.NOT_A_VALUE, expr.span, seen=str(expr.type))
        return None

    def order(self, expr: Expr | None) -> Expr | None:
        """An expression that rows are put in order by, or None after reporting that it has none."""
        if expr is None or is_number(expr.type) or is_time(expr.type) or expr.type == DURATION:
            return expr
        if isinstance(expr.type, Enum) and expr.type.ordered:
            return Call(type=INT, span=expr.span, op="rank", args=(expr,))
        self.report(codes.NO_ORDER, expr.span, seen=str(expr.type))
        return None

    def each(
        self,
        fields: Fields,
        key: str,
        variables: Mapping[str, Type],
        fit: Callable[[Expr | None], Expr | None],
    ) -> tuple[Expr, ...] | None:
        """The expressions of a list under a key, each made to `fit`; None if one does not check."""
        nodes = fields.get(key, ())
        found = [
            fit(self.compile(node, variables))
            for node in (nodes if isinstance(nodes, tuple) else ())
        ]
        checked = tuple(expr for expr in found if expr is not None)
        return checked if len(checked) == len(found) else None

    def period(self, name: str, span: Span) -> PeriodSpec | None:
        """The period of that name, or None after reporting."""
        spec = self.periods.get(name)
        if spec is None:
            hint = nearest(name, self.periods)
            values = {"seen": name, **listed(self.periods)}
            self.report(codes.UNKNOWN_PERIOD, span, suggestion=hint, **values)
        return spec


def _end(span: Span) -> tuple[int, int]:
    return span.end_line, span.end_column


def source_of(text: str) -> str | None:
    """The relation that a `for:` names, without checking that it exists."""
    match = _FOR.fullmatch(text)
    return match["source"] if match else None


def rule_text(fields: Fields, section: str, *, cite: str = "") -> RuleText:
    """The texts of a rule, for people."""
    assumed = fields.get("assumed")
    subjects = assumed if isinstance(assumed, dict) else {"": assumed}
    assumptions = tuple(
        Assumption(subject=subject, reasons=_reasons(reason))
        for subject, reason in subjects.items()
        if reason is not None
    )
    return RuleText(
        id=fields.text("id"),
        section=section,
        titles=_titles(fields.get("title")),
        clause=fields.text("clause"),
        cite=fields.text("cite", cite),
        assumed=assumptions,
        findings=dict(_finding_titles(fields)),
        span=fields.span,
    )


def _titles(title: object) -> Mapping[str, str]:
    return {k: str(v) for k, v in title.values.items()} if isinstance(title, Fields) else {}


def _finding_titles(fields: Fields) -> Iterator[tuple[str, Mapping[str, str]]]:
    """What a rule, and each part of it that raises a finding, calls that kind of finding."""
    if "finding_title" in fields:
        yield fields.text("finding"), _titles(fields.get("finding_title"))
    for value in fields.values.values():
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Fields):
                yield from _finding_titles(part)


def _reasons(reason: object) -> Mapping[str, str]:
    """A reason by language; a text alone stands for both."""
    if isinstance(reason, Fields):
        return {language: str(text) for language, text in reason.values.items()}
    return {"en": str(reason), "zh": str(reason)}
