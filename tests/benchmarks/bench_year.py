"""A synthetic year of 112 units, some 36,000 reports, under all of `wuhu-information`.

Both evaluators begin with the same folded facts, rows of plain values, and end with the same rows
in the same order; they are compared before anything is measured. Reading and folding the journal
is the same work for both and not measured. Python compiles its module each time. Columns load the
facts into a database of their own and read all rows out again each time; the texts of their
queries are those that the plan keeps from its first run.
"""

from __future__ import annotations

from collections.abc import Callable

from measuring import Row, alternating, rated

from kaocheng.assessing import Evaluator, fold_facts, run, with_rolls
from kaocheng.calendars.numberline import parse_instant
from kaocheng.calendars.zones import build_zone
from kaocheng.host import Host
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.facts import Facts, Times
from kaocheng.testing.information_office import synthetic_year

RULESET = "wuhu-information"
TIMES = Times(as_of=parse_instant("2009-12-31T23:59:59+08:00"))
ROUNDS = 7


def main() -> list[Row]:
    """The rows of this benchmark."""
    ruleset = Host.discover().load(RULESET)
    facts = facts_of_a_year(ruleset)

    def task(evaluator: Evaluator) -> Callable[[], object]:
        return lambda: run(ruleset.plan, facts, TIMES, evaluator=evaluator)

    tasks = {"ours": task("columns"), "python": task("python")}
    if tasks["ours"]() != tasks["python"]():
        raise AssertionError("the evaluators give different rows")
    reports = len(facts.relations["report"])
    figures = alternating(tasks, rounds=ROUNDS)
    return [rated("a year in columns", reports, "reports", figures, "python", ">= 4")]


def facts_of_a_year(ruleset: Ruleset) -> Facts:
    """What the journal of the year says, with the rolls that the rules run over."""
    zone = build_zone(ruleset.versions[-1].zone)
    kinds, folded = fold_facts(ruleset, synthetic_year(), TIMES, zone=zone)
    if folded.problems:
        raise AssertionError("some events of the year do not fit the ruleset")
    return with_rolls(ruleset, kinds, folded.facts, as_of=TIMES.as_of, zone=zone)
