"""Rows of an assessment as CSV."""

from __future__ import annotations

import csv
import io

from kaocheng.assessment import Assessment
from kaocheng.journal.texts import Message, did_you_mean
from kaocheng.journal.unknown import NO_RULE
from kaocheng.plan.algebra import COLLECTIONS
from kaocheng.rendering.data import rows_as_data, zone_of
from kaocheng.rendering.tried import tried_text

NO_DEADLINES = Message(
    "no_deadlines",
    "the ruleset has no deadlines, so CSV needs the rule whose rows it is to show",
    "规则集没有时限，输出 CSV 须指明所列规则",
)


def as_csv(assessment: Assessment, rule: str | None) -> str:
    """The rows of one rule or collection; without `rule`, of every deadline, named in `rule`.

    The columns are the same whether there are rows or not. Where values of parameters are
    tried, the last column, `set`, says which.
    """
    names = [rule] if rule is not None else [r.id for r in assessment.rules("deadlines")]
    if not names:
        raise NO_DEADLINES.refusal("--rule")
    zone = zone_of(assessment)
    rows: list[dict[str, object]] = []
    columns: dict[str, None] = {} if rule is not None else {"rule": None}
    for name in names:
        check_rule(assessment, name)
        found = rows_as_data(assessment, name, zone)
        columns |= dict.fromkeys(assessment.relation(name).columns)
        rows += found if rule is not None else [{"rule": name, **row} for row in found]
    tried = tried_text(assessment.ruleset)
    if tried:
        columns["set"] = None
        rows = [{**row, "set": tried} for row in rows]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    """A value as CSV has it: what is not known is blank, and truth is written as in JSON."""
    return str(value).lower() if isinstance(value, bool) else value


def check_rule(assessment: Assessment, name: str) -> None:
    """Refuse a rule that the ruleset does not have, with the nearest name."""
    known = [*(rule.id for rule in assessment.ruleset.plan.rules), *COLLECTIONS]
    if name not in known:
        raise NO_RULE.refusal("--rule", seen=name, hint=did_you_mean(name, known))
