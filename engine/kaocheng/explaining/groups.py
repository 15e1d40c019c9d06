"""Steps that look at a group: ranks and shares, with the others that they were held against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kaocheng.explaining.conditions import because
from kaocheng.explaining.model import Line
from kaocheng.explaining.names import MOST, case_title, fact_name, joined, party, row_title, shown
from kaocheng.explaining.subject import Found, Key, Subject
from kaocheng.explaining.texts import say
from kaocheng.language.expressions import Call, Expr, Field, Literal, Variable
from kaocheng.language.types import STRING, Reference, Type
from kaocheng.language.writing import write
from kaocheng.plan.algebra import ROW, Number, Order, Split, Where
from kaocheng.rendering.words import Pair

if TYPE_CHECKING:
    from kaocheng.explaining.steps import Walk


def number_lines(walk: Walk, step: Number, index: int) -> Iterator[Line]:
    """Where the row stands in its group; when a limit follows, whether it was kept."""
    standing = _Standing(walk, step, index)
    own = standing.own
    if own is None:
        return
    walk.derived[step.column] = own[step.column]
    if own[step.column] is None:
        yield say("no_rank", reason=because(walk.why_unknown()))
        return
    best = _best(walk, step, index)
    if best is None:
        yield standing.ranked()
        return
    yield standing.kept(best)
    walk.ended = int(str(own[step.column])) > best


def _best(walk: Walk, step: Number, index: int) -> int | None:
    """How many the step that follows keeps of each group; None where it is a mere rank."""
    follows = walk.pipeline.steps[index + 1 : index + 2]
    condition = follows[0].condition if follows and isinstance(follows[0], Where) else None
    if not isinstance(condition, Call) or condition.op != "le":
        return None
    rank, best = condition.args
    is_rank = isinstance(rank, Field) and rank.name == step.column
    return (
        best.value
        if is_rank and isinstance(best, Literal) and isinstance(best.value, int)
        else None
    )


class _Standing:
    """One row among the rows of its group."""

    def __init__(self, walk: Walk, step: Number, index: int) -> None:
        self._walk = walk
        self._step = step
        rows = walk.subject.after(walk.rule, walk.version, index + 1)
        mine = rows.get(walk.own_key, [])
        self.own: Found | None = mine[0] if mine else None
        self._group = [
            (key, row)
            for key, found in rows.items()
            for row in found
            if self.own is not None and self._same_group(row) and row[step.column] is not None
        ]
        self._group.sort(key=lambda item: (int(str(item[1][step.column])), str(item[0])))

    def _same_group(self, row: Found) -> bool:
        own = self.own or {}
        names = [f"group {number}" for number in range(len(self._step.per))]
        return all(row[name] == own[name] for name in names)

    def ranked(self) -> Line:
        """The rank, the others around it, and what decided among equals."""
        own = self.own or {}
        return say(
            "ranked",
            (*self._neighbours(), *self._ties(own)),
            rank=str(own[self._step.column]),
            count=str(len(self._group)),
            group=self._group_words(own, ("in ", "")),
        )

    def kept(self, best: int) -> Line:
        """Whether the row is among those kept, and which are."""
        own = self.own or {}
        rank = int(str(own[self._step.column]))
        words = {
            "rank": (str(rank), str(rank)),
            "count": (str(len(self._group)), str(len(self._group))),
            "best": _best_words(best),
            "group": self._group_words(own, ("in the group ", "同组")),
        }
        if rank <= best:
            return say("kept", (), **words)
        ahead = [(key, row) for key, row in self._group if int(str(row[self._step.column])) <= best]
        below = tuple(self._line(key, row) for key, row in ahead[:MOST])
        return say("dropped", below, **words)

    def _neighbours(self) -> Iterator[Line]:
        """The row just ahead and the rows of the same rank."""
        rank = int(str((self.own or {})[self._step.column]))
        ahead = [item for item in self._group if int(str(item[1][self._step.column])) < rank]
        alike = [
            item
            for item in self._group
            if item[1][self._step.column] == rank and item[0] != self._walk.own_key
        ]
        for key, row in ahead[-1:]:
            yield say("ahead", row=self._name(key), value=self._first(row))
        for key, row in alike[:MOST]:
            yield say("alike", row=self._name(key), value=self._first(row))

    def _ties(self, own: Found) -> Iterator[Line]:
        """What decided among those with the same value of what counts first."""
        equals = [row for _, row in self._group if row["order 0"] == own["order 0"]]
        if len(equals) == 1:
            return
        for number, key in enumerate(self._step.order[1:], start=1):
            value = self._order_value(own, number, key)
            yield say("then_by", name=self._order_name(key), value=value)

    def _line(self, key: Key, row: Found) -> Line:
        rank = str(row[self._step.column])
        return say("kept_row", row=self._name(key), rank=rank, value=self._first(row))

    def _name(self, key: Key) -> Pair:
        relation = self._walk.relation
        return row_title(self._walk.subject, relation, dict(zip(relation.key, key, strict=True)))

    def _first(self, row: Found) -> Pair:
        """What the group is ordered by in the first place."""
        return self._order_value(row, 0, self._step.order[0]) if self._step.order else ("", "")

    def _order_value(self, row: Found, number: int, key: Order) -> Pair:
        """The value that counts; behind a minus sign stands what people know."""
        expr, value = _unsigned(key.by), row[f"order {number}"]
        if expr is not key.by and isinstance(value, int):
            value = -value
        return shown(self._walk.subject, value, expr.type, self._walk.version)

    def _order_name(self, key: Order) -> Pair:
        expr = _unsigned(key.by)
        most = key.descending != (expr is not key.by)
        name = fact_name(self._walk.subject, expr)
        words = ("most first", "多者在前") if most else ("least first", "少者在前")
        return (f"{name[0]}, {words[0]}", f"{name[1]}（{words[1]}）")

    def _group_words(self, own: Found, head: Pair) -> Pair:
        """The values that all rows of the group have."""
        subject, version = self._walk.subject, self._walk.version
        parts = [
            _group_part(subject, own[f"group {number}"], expr.type, version)
            for number, expr in enumerate(self._step.per)
        ]
        if not parts:
            return ("", "")
        english, chinese = joined(parts)
        return (f" {head[0]}{english}", f"{head[1]}（{chinese}）" if head[1] else f"{chinese} ")


def _group_part(subject: Subject, value: object, type_: Type, version: int) -> Pair:
    is_case = type_ == STRING or isinstance(type_, Reference)
    if is_case and isinstance(value, str) and "/" in value:
        return case_title(subject, value)
    return shown(subject, value, type_, version)


def _best_words(best: int) -> Pair:
    if best == 1:
        return ("the best counts", "只计最高一项")
    return (f"the best {best} count", f"计前 {best} 项")


def _unsigned(expr: Expr) -> Expr:
    return expr.args[0] if isinstance(expr, Call) and expr.op == "neg" else expr


def split_lines(walk: Walk, step: Split) -> Iterator[Line]:
    """Who got which share, and by which rule."""
    among = walk.trace(step.among)
    if isinstance(among.value, (tuple, list)) and not among.value:
        walk.ended = True
        yield say("nobody", expression=f"`{write(step.among)}`")
        return
    type_ = walk.rule.relation.columns["amount"]
    parts = []
    for result in walk.results:
        amount = shown(walk.subject, result["amount"], type_, walk.version)
        who = party(walk.subject, result["recipient"])
        parts.append((f"{who[0]} {amount[0]}", f"{who[1]} {amount[1]}"))
    if parts and not walk.is_undetermined:
        yield say("shared", parts=joined(parts), how=_how(step))


def _how(step: Split) -> Pair:
    rest = {
        "first": ("the rest to the first", "余数归首位"),
        "last": ("the rest to the last", "余数归末位"),
        "largest": ("the rest by largest remainder", "余数按最大余额"),
    }[step.rest]
    if step.weights is None:
        return (f"in equal parts, {rest[0]}", f"均分，{rest[1]}")
    weights = " : ".join(map(str, step.weights))
    return (f"{weights}, {rest[0]}", f"按 {weights}，{rest[1]}")


def is_derived(expr: Expr) -> bool:
    """Whether an expression reads what earlier steps added."""
    return any(isinstance(node, Variable) and node.name == ROW for node in expr.walk())
