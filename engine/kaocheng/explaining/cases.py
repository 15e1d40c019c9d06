"""`explain`: every rule that speaks of a case, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kaocheng.assessment import Assessment
from kaocheng.explaining.headings import heading
from kaocheng.explaining.model import Explanation, Line
from kaocheng.explaining.names import source_title
from kaocheng.explaining.steps import Walk
from kaocheng.explaining.subject import Found, Key, Subject, Values, key_of
from kaocheng.explaining.tallies import explain_tally
from kaocheng.explaining.texts import say
from kaocheng.journal.unknown import NO_RULE, check_known
from kaocheng.language.schema import Relation
from kaocheng.language.types import STRING, Reference
from kaocheng.plan.algebra import COLLECTIONS, RulePlan, Tally

# On a roll a unit has a row per day: without a period only rows that need a reason are explained.
QUIET = ("met", "open", "not_begun")
# The columns of a result that name whom it concerns.
PARTIES = ("recipient", "owed_by", "to")


def explain(
    assessment: Assessment, case: str, *, rule: str | None = None, period: str | None = None
) -> tuple[Explanation, ...]:
    """Why the case's results are what they are, and why rules that run over it give it none.

    A rule speaks of a case by the rows of the case, and by results that name the case as
    the one who owes or receives.

    Args:
        assessment: what `assess` gave.
        case: the case id, `report/2009-0131`.
        rule: only this rule.
        period: on a roll, only the rows of the period of this name.

    Returns:
        One explanation per row and rule, in the order of the plan.

    Raises:
        UnknownNameError: the ruleset has no such rule.
    """
    subject = Subject(assessment)
    asked = rule is not None
    rules = [found for found in assessment.ruleset.plan.rules if "." not in found.id]
    if asked:
        check_known("rule", rule, [found.id for found in rules], NO_RULE)
    wanted = [found for found in rules if rule in (None, found.id)]
    return tuple(
        e for r in wanted for e in _Rule(subject, r, case, period, asked=asked).explanations()
    )


class _Rule:
    """One rule and one case."""

    def __init__(
        self, subject: Subject, rule: RulePlan, case: str, period: str | None, *, asked: bool
    ) -> None:
        self.subject = subject
        self.rule = rule
        self.case = case
        self.period = period
        self.asked = asked

    def explanations(self) -> Iterator[Explanation]:
        """Everything that the rule has to say of the case."""
        if self._is_tally and self._is_of_the_kind(self.rule.relation):
            yield from self._of_the_group()
            return
        for source in sorted({pipeline.source for pipeline in self.rule.variants.values()}):
            yield from self._over(source)

    @property
    def _is_tally(self) -> bool:
        pipelines = self.rule.variants.values()
        return any(isinstance(step, Tally) for pipeline in pipelines for step in pipeline.steps)

    def _of_the_group(self) -> Iterator[Explanation]:
        """The rows of a tally that counts for cases such as this one."""
        found = list(
            explain_tally(self.subject, self.rule, self.case, self.period, asked=self.asked)
        )
        yield from found
        if self.asked and not found:
            yield self._absent(say("no_group"))

    def _is_of_the_kind(self, relation: Relation) -> bool:
        """Whether the rows of a tally are those of cases such as this one."""
        kind = self.case.partition("/")[0]
        return any(relation.columns[name] == Reference(kind) for name in relation.key)

    def _over(self, source: str) -> Iterator[Explanation]:
        relation = self.subject.plan.relations[source]
        if self.period is not None and not self.asked and "period" not in relation.columns:
            return
        own = [row for row in self.subject.rows.get(source, ()) if self._owns(relation, row)]
        rows = self._of_period(relation, own)
        is_near = self.period is None and self._runs_over_the_kind(source)
        if not rows and (self.asked or is_near):
            yield self._nothing(source, own)
        worth = self._worth_a_word(relation, rows)
        # Who asks for the rule is told why nothing speaks, by the last of the rows.
        for row in worth or (rows[-1:] if self.asked else ()):
            yield Walk(self.subject, self.rule, relation, row).explanation()

    def _owns(self, relation: Relation, row: Values) -> bool:
        """Whether a row is one of the case."""
        return any(
            row[relation.index(name)] == self.case
            for name in relation.key
            if relation.columns[name] == STRING or isinstance(relation.columns[name], Reference)
        ) or bool(self._as_party(relation, row))

    def _as_party(self, relation: Relation, row: Values) -> list[Found]:
        """Results of the row that name the case as the one who owes or receives."""
        if self._is_tally or not set(PARTIES) & set(self.rule.relation.columns):
            return []
        results = self.subject.results(self.rule, relation).get(key_of(relation, row), [])
        return [r for r in results if any(r.get(name) == self.case for name in PARTIES)]

    def _runs_over_the_kind(self, source: str) -> bool:
        """Whether the rule runs over cases such as this one, or over what belongs to them."""
        kind = _base(self.subject, source).partition(" per ")[0].partition(".")[0]
        return kind == self.case.partition("/")[0]

    def _may_name(self, source: str) -> bool:
        """Whether the rule could name the case in another way: as a party, or in its findings."""
        has_party = bool(set(PARTIES) & set(self.rule.relation.columns)) and not self._is_tally
        return has_party or source in COLLECTIONS

    def _of_period(self, relation: Relation, rows: list[Values]) -> list[Values]:
        if self.period is None or "period" not in relation.columns:
            return rows
        place = relation.index("period")
        return [row for row in rows if row[place] == self.period]

    def _worth_a_word(self, relation: Relation, rows: list[Values]) -> Sequence[Values]:
        if self.period is not None:
            return rows
        is_roll = " per " in relation.name
        return [row for row in rows if self._speaks(relation, row, is_roll=is_roll)]

    def _speaks(self, relation: Relation, row: Values, *, is_roll: bool) -> bool:
        """Whether a row needs a reason: on a roll, and where the case is a party, not each does."""
        key: Key = key_of(relation, row)
        is_own = "case" not in relation.columns or row[relation.index("case")] == self.case
        if not is_roll and is_own:
            return True
        if self._is_tally:
            return False
        results = self.subject.results(self.rule, relation).get(key, [])
        if "status" in self.rule.relation.columns:
            return any(result["status"] not in QUIET for result in results)
        return bool(results)

    def _nothing(self, source: str, own: Sequence[Values]) -> Explanation:
        title = source_title(self.subject, source)
        line = say("no_row", source=title)
        if not self._runs_over_the_kind(source) and not self._may_name(source):
            kind = self.case.partition("/")[0]
            line = say("no_kind", source=title, kind=source_title(self.subject, kind))
        if own and self.period is not None:
            line = say("no_row_in", source=title, period=self.period)
        return self._absent(line)

    def _absent(self, line: Line) -> Explanation:
        head = heading(self.subject, self.rule, max(self.rule.variants))
        return Explanation(rule=self.rule.id, present=False, heading=head, lines=(line,))


def _base(subject: Subject, source: str) -> str:
    """What a rule runs over in the end, where it runs over the results of rules."""
    by_relation = {rule.relation.name: rule for rule in subject.plan.rules}
    while source in by_relation:
        rule = by_relation[source]
        if any(isinstance(step, Tally) for p in rule.variants.values() for step in p.steps):
            return source
        source = next((p.source for p in rule.variants.values()), "")
    return source
