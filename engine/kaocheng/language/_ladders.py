"""Tables that are looked up by a carried state: steps of a ladder that have no row.

A table by bands covers all numbers or is known to have a gap. A table of single numbers never
covers all of them; whether a number is missing depends on the ladder that goes through it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product

from attrs import evolve, field, frozen

from kaocheng.diagnostics import Diagnostics, Label, Span
from kaocheng.language import declaration_codes
from kaocheng.language._constants import Constants, Values, looked_up
from kaocheng.language._coverage import MOST_SHOWN, text_of
from kaocheng.language._tables_reader import TableRead
from kaocheng.language.expressions import Call, Expr, Field, Lookup, Variable
from kaocheng.language.sections import BuiltRule
from kaocheng.language.types import Row
from kaocheng.plan.algebra import Bound, Carry, Pipeline, TableRows, Where
from kaocheng.syntax.quoting import shown

# A ladder is followed through so many states.
_MOST_STATES = 1_000
# The variable by which a carried state reads the one before.
_WAS = "was"

State = Mapping[str, object]  # a part that is not in it may be anything


@frozen
class _Ladder:
    """A carried state: the rule, and the states, each with the expressions that gave it."""

    id: str
    states: Sequence[tuple[State, Mapping[str, Expr]]]


@frozen
class _Gap:
    """What a table is looked up by and has no row for; a part of None may be anything."""

    keys: tuple[object, ...]
    lookup: Span
    step: str
    place: Span


def check_ladders(
    rules: Iterable[BuiltRule],
    tables: Mapping[str, TableRead],
    parameters: Mapping[str, object],
    diagnostics: Diagnostics,
) -> None:
    """Warn of tables that have no row for a step which a ladder reaches."""
    known = Constants(
        rows={}, parameters=parameters, tables={name: t.rows for name, t in tables.items()}
    )
    pipelines = {rule.id: rule.pipeline for rule in rules if rule.pipeline is not None}
    checker = _Checker(known, _ladders(pipelines, known))
    for pipeline in pipelines.values():
        checker.check(pipeline)
    for name, gaps in checker.gaps.items():
        _report(name, list(gaps.values()), tables[name].span, diagnostics)


def _report(table: str, gaps: list[_Gap], span: Span, diagnostics: Diagnostics) -> None:
    first = gaps[0]
    words = (f"`{first.step}` comes to it here", f"`{first.step}` 在此取该值")
    labels = (Label(first.place, *words), Label(first.lookup, "looked up here", "在此查表"))
    keys = [_text(gap.keys) for gap in gaps[:MOST_SHOWN]]
    is_all = len(gaps) <= MOST_SHOWN
    values = {
        "table": table,
        "key": ", ".join(en for en, _ in keys) + ("" if is_all else ", and others"),
        "key_zh": "、".join(zh for _, zh in keys) + ("" if is_all else "等"),
    }
    diagnostics.add(declaration_codes.MISSING_ROW, span, labels=labels, words=values)


def _text(keys: tuple[object, ...]) -> tuple[str, str]:
    parts = ["`*`" if key is None else f"`{shown(text_of(key))}`" for key in keys]
    if len(parts) == 1:
        return parts[0], parts[0]
    return f"({', '.join(parts)})", f"（{'、'.join(parts)}）"


# Ladders --------------------------------------------------------------------------------------


def _ladders(pipelines: Mapping[str, Pipeline], known: Constants) -> Mapping[str, _Ladder]:
    """By the relations whose rows have a carried state, the state: after a row, and before it."""
    found: dict[str, _Ladder] = {}
    for name, pipeline in pipelines.items():
        carry = next((step for step in pipeline.steps if isinstance(step, Carry)), None)
        if carry is not None:
            begun = list(_states(carry.begin, known))
            after = [(state, carry.next) for state in _following(carry, begun, known)]
            found[name] = _Ladder(name, after)
            was = _was(carry)
            if was is not None:
                before = [(state, carry.begin) for state in begun]
                found[_relation(was)] = _Ladder(name, [*before, *after])
    return found


def _following(carry: Carry, begun: list[State], known: Constants) -> Iterator[State]:
    """The states after a row, nearest to the beginning first; of very many only the first."""
    was = _was(carry)
    waiting, seen = deque(begun), set[frozenset[tuple[str, object]]]()
    while waiting and len(seen) < _MOST_STATES:
        before = waiting.popleft()
        rows = {} if was is None else {was: before}
        for state in _states(carry.next, evolve(known, rows=rows)):
            if frozenset(state.items()) not in seen:
                seen.add(frozenset(state.items()))
                waiting.append(state)
                yield state


def _was(carry: Carry) -> Expr | None:
    """The row of the state before, where the next one reads it."""
    nodes = (node for expr in carry.next.values() for node in expr.walk())
    return next((n for n in nodes if isinstance(n, Variable) and n.name == _WAS), None)


def _states(parts: Mapping[str, Expr], known: Constants) -> Iterator[State]:
    """The states that expressions can give together."""
    values = {name: known.of(expr) for name, expr in parts.items()}
    choices = {name: found for name, found in values.items() if found is not None}
    for chosen in islice(product(*choices.values()), _MOST_STATES):
        yield dict(zip(choices, chosen, strict=True))


# Lookups --------------------------------------------------------------------------------------


@frozen
class _Checker:
    """Follows each pipeline with every state of the ladders that it looks up tables by."""

    known: Constants
    ladders: Mapping[str, _Ladder]
    gaps: dict[str, dict[tuple[object, ...], _Gap]] = field(factory=dict)

    def check(self, pipeline: Pipeline) -> None:
        """Note what a pipeline looks up and no table has."""
        for row in self._rows(pipeline):
            ladder = self.ladders[_relation(row)]
            for state, given in ladder.states:
                known = evolve(self.known, rows={row: state})
                for lookup in _lookups(pipeline, known):
                    read = _read(lookup, row)
                    if read in given and _is_exact(known.tables[lookup.table]):
                        place = (f"{ladder.id}.{read}", given[read].span)
                        self._note(lookup, known, *place)

    def _rows(self, pipeline: Pipeline) -> list[Expr]:
        """The rows with a carried state by which tables of single numbers are looked up."""
        lookups = (
            node
            for expr in pipeline.expressions()
            for node in expr.walk()
            if isinstance(node, Lookup) and _is_exact(self.known.tables[node.table])
        )
        rows = (f.row for lookup in lookups for f in lookup.walk() if isinstance(f, Field))
        return list(dict.fromkeys(row for row in rows if _relation(row) in self.ladders))

    def _note(self, lookup: Lookup, known: Constants, step: str, place: Span) -> None:
        for keys in _keys([known.of(arg) for arg in lookup.args]):
            if looked_up(known.tables[lookup.table], keys) is None:
                gap = _Gap(keys, lookup.span, step, place)
                self.gaps.setdefault(lookup.table, {}).setdefault(keys, gap)


def _read(lookup: Lookup, row: Expr) -> str:
    """The part of a state by which a table is looked up."""
    reads = (node for node in lookup.walk() if isinstance(node, Field) and node.row == row)
    return next((read.name for read in reads), "")


def _relation(row: Expr) -> str:
    return row.type.relation if isinstance(row.type, Row) else ""


def _is_exact(table: TableRows) -> bool:
    """Whether a table names single values, so that what it lacks is not known by itself."""
    compares = any(isinstance(key, Bound) for keys, _ in table.rows for key in keys)
    return table.otherwise is None and not compares


def _lookups(pipeline: Pipeline, known: Constants) -> Iterator[Lookup]:
    """The lookups that a row with such a state comes to."""
    for step in pipeline.steps:
        for expr in step.expressions():
            yield from _reached(expr, known)
        if isinstance(step, Where) and known.of(step.condition) == frozenset({False}):
            return
    for expr in pipeline.output.values():
        yield from _reached(expr, known)


def _reached(expr: Expr, known: Constants) -> Iterator[Lookup]:
    below: Iterable[Expr] = expr.children()
    if isinstance(expr, Lookup):
        yield expr
    elif isinstance(expr, Call) and expr.op == "if":
        below = [expr.args[0], *known.branches(expr)]
    elif isinstance(expr, Call) and (alone := known.decided(expr)) is not None:
        below = [alone]
    for part in below:
        yield from _reached(part, known)


def _keys(found: Sequence[Values]) -> Iterator[tuple[object, ...]]:
    if all(values is None for values in found):
        return
    yield from product(*([None] if values is None else sorted(values) for values in found))
