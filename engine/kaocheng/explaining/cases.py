"""`explain`: every rule that speaks of a case, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kaocheng.assessment import Assessment
from kaocheng.explaining.model import Explanation
from kaocheng.explaining.steps import Walk
from kaocheng.explaining.subject import Subject, Values
from kaocheng.explaining.tallies import explain_tally
from kaocheng.explaining.texts import say
from kaocheng.language.schema import Relation
from kaocheng.plan.algebra import RulePlan, Tally

# On a roll a unit has a row per day: without a period only rows that need a reason are explained.
QUIET = ("met", "open", "not_begun")


def explain(
    assessment: Assessment, case: str, *, rule: str | None = None, period: str | None = None
) -> tuple[Explanation, ...]:
    """Why the case's results are what they are, and why rules that run over it give it none.

    Args:
        assessment: what `assess` gave.
        case: the case id, `report/2009-0131`.
        rule: only this rule.
        period: on a roll, only the rows of the period of this name.

    Returns:
        One explanation per row and rule, in the order of the plan.
    """
    subject = Subject(assessment)
    wanted = [r for r in assessment.ruleset.plan.rules if "." not in r.id and rule in (None, r.id)]
    return tuple(e for r in wanted for e in _rule(subject, r, case, period, asked=rule is not None))


def _rule(
    subject: Subject, rule: RulePlan, case: str, period: str | None, *, asked: bool
) -> Iterator[Explanation]:
    if any(isinstance(step, Tally) for p in rule.variants.values() for step in p.steps):
        yield from explain_tally(subject, rule, case, period)
        return
    sources = {pipeline.source for pipeline in rule.variants.values()}
    for source in sorted(sources):
        relation = subject.plan.relations[source]
        if "case" not in relation.columns:
            continue
        rows = [row for row in subject.rows.get(source, ()) if row[relation.index("case")] == case]
        rows = _of_period(relation, rows, period)
        if not rows and asked:
            yield _nothing(subject, rule, source)
        for row in _worth_a_word(subject, rule, relation, rows, period):
            yield Walk(subject, rule, relation, row).explanation()


def _of_period(relation: Relation, rows: list[Values], period: str | None) -> list[Values]:
    if period is None or "period" not in relation.columns:
        return rows
    place = relation.index("period")
    return [row for row in rows if row[place] == period]


def _worth_a_word(
    subject: Subject, rule: RulePlan, relation: Relation, rows: list[Values], period: str | None
) -> Sequence[Values]:
    if " per " not in relation.name or period is not None:
        return rows
    results = keyed(subject, rule, relation)
    return [row for row in rows if _speaks(rule, results.get(key_of(relation, row), []))]


def _speaks(rule: RulePlan, results: Sequence[Mapping[str, object]]) -> bool:
    if "status" in rule.relation.columns:
        return any(result["status"] not in QUIET for result in results)
    return bool(results)


def key_of(relation: Relation, row: Values) -> tuple[object, ...]:
    """The key of a source row."""
    return tuple(row[relation.index(name)] for name in relation.key)


def keyed(
    subject: Subject, rule: RulePlan, relation: Relation
) -> dict[tuple[object, ...], list[Mapping[str, object]]]:
    """The rule's results by the key of the source row they come from."""
    found: dict[tuple[object, ...], list[Mapping[str, object]]] = {}
    for result in subject.assessment.rows(rule.id):
        found.setdefault(tuple(result.get(name) for name in relation.key), []).append(result)
    return found


def _nothing(subject: Subject, rule: RulePlan, source: str) -> Explanation:
    from kaocheng.explaining.headings import heading

    index = max(rule.variants)
    line = say("no_row", source=f"`{source}`")
    return Explanation(
        rule=rule.id, present=False, heading=heading(subject, rule, index), lines=(line,)
    )
