"""Properties: what a ruleset promises about every possible case, for the prover."""

from __future__ import annotations

from collections.abc import Sequence

from kaocheng.language import codes
from kaocheng.language.sections import BuiltRule, Scope, Section, rule_record
from kaocheng.language.shapes import TITLES, Expression, Fields, Key, Many, Text
from kaocheng.language.types import BOOL, Row, Type
from kaocheng.plan.properties import Property
from kaocheng.syntax import Scalar
from kaocheng.syntax import Sequence as SequenceNode
from kaocheng.syntax.quoting import shown

SHAPE = rule_record(
    "a property",
    "性质",
    Key(
        "for",
        Many(Text(), or_one=True),
        "the rows it is about: `notice as n`, or a pair",
        "所涉的行",
        required=True,
    ),
    Key("given", Expression("true or false"), "the premise", "前提"),
    Key("claim", Expression("true or false"), "what must then hold", "结论", required=True),
    Key("slack", TITLES, "why the claim allows for one", "留有余地的理由"),
)


def build(fields: Fields, scope: Scope) -> Sequence[BuiltRule | Property]:
    """The property, or nothing after reporting."""
    rows = _rows(fields, scope)
    if not rows:
        return ()
    variables: dict[str, Type] = {name: Row(relation) for name, relation in rows.items()}
    given = scope.compile(fields.get("given"), variables, expected=BOOL)
    claim = scope.compile(fields.get("claim"), variables, expected=BOOL)
    if claim is None or ("given" in fields and given is None):
        return ()
    title, slack = fields.get("title"), fields.get("slack")
    return (
        Property(
            id=fields.text("id"),
            titles={k: str(v) for k, v in title.values.items()}
            if isinstance(title, Fields)
            else {},
            rows=rows,
            given=given,
            claim=claim,
            slack={k: str(v) for k, v in slack.values.items()} if isinstance(slack, Fields) else {},
        ),
    )


def _rows(fields: Fields, scope: Scope) -> dict[str, str]:
    rows: dict[str, str] = {}
    node = fields.nodes.get("for")
    for item in node.items if isinstance(node, SequenceNode) else (node,):
        if not isinstance(item, Scalar) or item.is_blank:
            return {}
        named = scope.rows(item)
        if named is None:
            scope.report(codes.BAD_PROPERTY, item.span, seen=shown(item.text))
            return {}
        source = scope.source_of(named)
        if source is None:
            return {}
        if source.variable in rows:
            what = {"what": "the other row", "what_zh": "另一行"}
            span = named.variable_span
            scope.report(codes.NAME_TAKEN, span, name=source.variable, **what)
            return {}
        rows[source.variable] = source.relation.name
    return rows


PROPERTIES = Section(
    name="properties",
    titles={"zh": "性质", "en": "Properties"},
    shape=SHAPE,
    build=build,
)
