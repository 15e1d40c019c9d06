"""What a changed ruleset would make of the cases that are there, case by case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from kaocheng.engine.cases import Record
from kaocheng.engine.checking import check_instant, check_reason
from kaocheng.engine.outcome import unchained

SAME, CHANGES, CANNOT = "same", "changes", "cannot"
VERDICTS = (SAME, CHANGES, CANNOT)


@frozen(kw_only=True)
class Verdict:
    """What becomes of one case: the same, other results with which, or it cannot and why.

    `changes` has, for `state` and for every rule that differs, what was and what would be.
    """

    case: str
    verdict: str
    changes: Mapping[str, tuple[object, object]]
    why: str = ""


@frozen(kw_only=True)
class MigrationPlan:
    """The verdicts on all cases, and the versions that they would go from and to."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    verdicts: tuple[Verdict, ...]

    def count(self, verdict: str) -> int:
        """How many cases have that verdict."""
        return sum(found.verdict == verdict for found in self.verdicts)

    @property
    def possible(self) -> bool:
        """Whether every case can be migrated."""
        return not self.count(CANNOT)


def check_migration(plan: MigrationPlan, hashes: tuple[str, ...], *, at: int, reason: str) -> None:
    """Refuse to carry out a plan for other versions, or without a time or a reason.

    Raises:
        ValueError: it says which.
    """
    check_instant("at", at)
    check_reason(reason)
    if plan.new != hashes:
        raise ValueError("the plan leads to other versions than those of this engine")


def compare(case: str, was: Record | None, would: Record | None) -> Verdict:
    """What a case is under two rulesets that read the same history."""
    if was is None or would is None:
        kind = case.partition("/")[0]
        why = f"the new ruleset has no kind `{kind}`"
        return Verdict(case=case, verdict=CANNOT, changes={}, why=why)
    problems = [p for p in would.state.problems if p not in was.state.problems]
    if problems:
        why = "; ".join(problem.en for problem in problems)
        return Verdict(case=case, verdict=CANNOT, changes={}, why=why)
    changes = dict(_changes(was, would))
    return Verdict(case=case, verdict=CHANGES if changes else SAME, changes=changes)


def _changes(was: Record, would: Record) -> Iterator[tuple[str, tuple[object, object]]]:
    if was.state.state != would.state.state:
        yield "state", (was.state.state, would.state.state)
    before, after = _rows(was), _rows(would)
    for rule in dict.fromkeys((*before, *after)):
        if before.get(rule) != after.get(rule):
            yield rule, (before.get(rule), after.get(rule))


def _rows(record: Record) -> dict[str, list[dict[str, object]]]:
    """The rows by rule, without which of the versions gave them."""
    found: dict[str, list[dict[str, object]]] = {}
    for rule, rows in zip(record.governed.rules, record.results, strict=True):
        columns = tuple(rule.relation.columns)
        plain = [dict(zip(columns, row, strict=True)) for row in unchained(rows)]
        found[rule.id] = [{k: v for k, v in row.items() if k != "version"} for row in plain]
    return found
