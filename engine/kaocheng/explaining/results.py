"""What a row finally gave: findings raised, points posted, people told, values stated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kaocheng.explaining.conditions import is_leaf
from kaocheng.explaining.model import Line
from kaocheng.explaining.names import COLUMNS, party, row_title, shown
from kaocheng.explaining.subject import Found
from kaocheng.explaining.texts import say
from kaocheng.language.expressions import Expr, Literal
from kaocheng.language.types import DATE, INSTANT
from kaocheng.language.writing import write
from kaocheng.rendering.words import Pair, finding_title, rule_title, stage_title, word

if TYPE_CHECKING:
    from kaocheng.explaining.steps import Walk

_NAMED = ("rule", "finding", "case", "sequence", "period", "owed_by")
# Columns that say which row it is, or that other lines speak of.
_SAID = ("case", "sequence", "period", "period.first_day", "period.last_day", "recorded_at")


def result_lines(walk: Walk) -> Iterator[Line]:
    """The findings, entries and notices of the row, and the values that the rule states."""
    match walk.rule.collection:
        case "findings":
            yield from _findings(walk, walk.results)
        case "entries":
            yield from _entries(walk)
        case "notices":
            yield from _notices(walk)
        case _:
            yield from _values(walk)
    for name in _raised(walk):
        yield from _findings(walk, _of_the_row(walk, name))


def _raised(walk: Walk) -> list[str]:
    prefix = f"{walk.rule.id}."
    return [
        rule.id
        for rule in walk.subject.plan.rules
        if rule.collection == "findings" and rule.id.startswith(prefix)
    ]


def _of_the_row(walk: Walk, name: str) -> list[Found]:
    """The findings that the rule raises about the row; those about a period stand with it."""
    columns = walk.subject.plan.relations[name].columns
    if not set(walk.key) & set(columns):
        return []
    shared = {key: value for key, value in walk.key.items() if key in columns}
    if "case" in walk.key and "case" not in shared:
        return []
    rows = walk.subject.assessment.rows(name)
    return [row for row in rows if all(row[k] == value for k, value in shared.items())]


def _findings(walk: Walk, rows: Sequence[Found]) -> Iterator[Line]:
    for found in rows:
        if not found["undetermined"]:
            yield finding_line(walk, found)


def finding_line(walk: Walk, found: Found) -> Line:
    """One finding: its kind, how far it has got, and who answers for it."""
    kind = finding_title(walk.subject.assessment, str(found["finding"]))
    stage = str(found["stage"])
    title = stage_title(stage)
    if stage == "alleged":
        title = (f"{title[0]}, to be verified by a person", f"{title[1]}，待人工核实")
    below = tuple(_established(walk, found))
    owed_by = found.get("owed_by")
    if owed_by is None or walk.rule.section == "deadlines" or owed_by == walk.key.get("case"):
        return say("raises", below, finding=kind, stage=title)
    who = party(walk.subject, owed_by)
    return say("raises_against", below, finding=kind, stage=title, who=who)


def _established(walk: Walk, found: Found) -> Iterator[Line]:
    """The cases in which people kept what became of the finding."""
    assessment = walk.subject.assessment
    for rule in assessment.rules("violations"):
        for row in assessment.rows(rule.id):
            if all(_names(row, name, found.get(name)) for name in _NAMED):
                relation = rule.relation
                case = row_title(walk.subject, relation, {n: row[n] for n in relation.key})
                stage = stage_title(str(row["stage"]))
                yield say("established", case=case, stage=stage)


def _names(row: Found, name: str, value: object) -> bool:
    """Whether a violation names this of a finding; whose it is may be left open."""
    named = row.get(f"of_{name}")
    return named == value or (name == "owed_by" and named is None)


def _entries(walk: Walk) -> Iterator[Line]:
    columns = walk.rule.relation.columns
    for entry in walk.results:
        if entry["undetermined"]:
            continue
        posted, at = entry["posted_on"], entry["at"]
        yield say(
            "posted",
            () if posted == at else (_posted_late(walk, entry),),
            account=rule_title(walk.subject.assessment, str(entry["account"])),
            who=party(walk.subject, entry["recipient"]),
            amount=shown(walk.subject, entry["amount"], columns["amount"], walk.version),
            day=shown(walk.subject, posted, DATE, walk.version),
        )


def _posted_late(walk: Walk, entry: Found) -> Line:
    """Why an entry is posted on another day than the one it was earned on."""
    return say(
        "posted_late",
        at=shown(walk.subject, entry["at"], DATE, walk.version),
        known=shown(walk.subject, entry.get("recorded_at"), INSTANT, walk.version),
    )


def _notices(walk: Walk) -> Iterator[Line]:
    for notice in walk.results:
        if not notice["undetermined"]:
            at = shown(walk.subject, notice["at"], INSTANT, walk.version)
            yield say("notice", who=party(walk.subject, notice["to"]), at=at)


def _values(walk: Walk) -> Iterator[Line]:
    """The columns of the result that no step has spoken of."""
    if not walk.results or walk.rule.section in ("deadlines", "standings", "carry"):
        return
    columns = walk.rule.relation.columns
    for name, expr in walk.pipeline.output.items():
        if name in _SAID or name in walk.key or name in walk.derived or isinstance(expr, Literal):
            continue
        if walk.results[0][name] is None or not walk.can_trace(expr):
            continue
        value = shown(walk.subject, walk.results[0][name], columns[name], walk.version)
        yield _value(walk, name, expr, value)


def _value(walk: Walk, name: str, expr: Expr, value: Pair) -> Line:
    traced = walk.trace(expr)
    below = () if is_leaf(expr) else walk.facts(traced)
    title = word(COLUMNS, name)
    return say("value", below, name=title, value=value, expression=f"`{write(expr)}`")
