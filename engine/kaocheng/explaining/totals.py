"""The total behind a standing: the entries that it adds up."""

from __future__ import annotations

from kaocheng.explaining.model import Line
from kaocheng.explaining.subject import Subject, Values
from kaocheng.explaining.tallies import Counted
from kaocheng.language.expressions import Expr, Linked
from kaocheng.language.schema import Relation
from kaocheng.plan.algebra import RulePlan, Tally


def total_lines(
    subject: Subject, rule: RulePlan, row: Values, relation: Relation, expr: Expr
) -> tuple[Line, ...] | None:
    """The rows that a part of the rule added up for this row; None where it reads no such part."""
    parts = {part.id: part for part in subject.plan.rules if part.id.startswith(f"{rule.id}.")}
    linked = next((n for n in expr.walk() if isinstance(n, Linked) and n.link in parts), None)
    if linked is None:
        return None
    part, link = parts[linked.link], relation.links[linked.link]
    if not any(isinstance(step, Tally) for p in part.variants.values() for step in p.steps):
        return None
    for total in subject.assessment.rows(part.id):
        version = total["version"]
        same = all(total[there] == row[relation.index(here)] for here, there in link.on)
        if same and isinstance(version, int) and version in part.variants:
            return (Counted(subject, part, total, version).total(),)
    return ()
