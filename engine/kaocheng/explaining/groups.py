"""Steps that look at a group: ranks and shares, with the others that they were held against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kaocheng.explaining.model import Line
from kaocheng.explaining.texts import say
from kaocheng.language.expressions import Expr, Field, Variable
from kaocheng.language.types import INT, Row
from kaocheng.plan.algebra import ROW, Number, Where

if TYPE_CHECKING:
    from kaocheng.explaining.steps import Walk


def number_lines(walk: Walk, step: Number, index: int) -> Iterator[Line]:
    """Where the row stands in its group; when a limit follows, whether it was kept."""
    columns: dict[str, Expr] = {
        **{f"key_{n}": _source(walk, n) for n in walk.key},
        **{f"group_{i}": expr for i, expr in enumerate(step.per)},
        "rank": Field(type=INT, row=Variable(type=Row(""), name=ROW), name=step.column),
    }
    rows = walk.subject.prefix(walk.rule, walk.version, index + 1, columns)
    mine = [r for r in rows if all(r[f"key_{n}"] == v for n, v in walk.key.items())]
    if not mine:
        return
    own = mine[0]
    walk.derived[step.column] = own["rank"]
    group = [
        r for r in rows if all(r[f"group_{i}"] == own[f"group_{i}"] for i in range(len(step.per)))
    ]
    rank, count = walk.shown_number(own["rank"]), str(len(group))
    follows = walk.pipeline.steps[index + 1 : index + 2]
    limit = follows[0].condition if follows and isinstance(follows[0], Where) else None
    if limit is None:
        yield say("ranked", rank=rank, count=count)
    elif walk.trace(limit).value is False:
        first = next((r for r in group if r["rank"] == 1), own)
        shown = "#".join(str(first[f"key_{n}"]) for n in walk.key)
        walk.ended = True
        yield say("dropped", rank=rank, count=count, first=shown)
    else:
        yield say("kept", rank=rank, count=count)


def split_lines(walk: Walk) -> Iterator[Line]:
    """Who got which share."""
    parts = []
    type_ = walk.rule.relation.columns["amount"]
    for result in walk.results:
        amount = walk.subject.show(result["amount"], type_, walk.version)[0]
        parts.append(f"{result['recipient']} {trimmed(amount)}")
    if parts:
        yield say("shared", parts=", ".join(parts))


def trimmed(number: str) -> str:
    """A decimal without the noughts that say nothing."""
    return number.rstrip("0").rstrip(".") if "." in number else number


def _source(walk: Walk, name: str) -> Field:
    variable = Variable(type=Row(walk.relation.name), name=walk.pipeline.variable)
    return Field(type=walk.relation.columns[name], row=variable, name=name)
