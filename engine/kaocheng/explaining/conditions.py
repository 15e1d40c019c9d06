"""Conditions with their values: what held, what did not, and the first reason why."""

from __future__ import annotations

from collections.abc import Iterator

from kaocheng.evaluate.python.trace import Reason, Traced
from kaocheng.explaining.model import Line
from kaocheng.explaining.subject import Subject
from kaocheng.explaining.texts import say
from kaocheng.language.expressions import (
    Call,
    Expr,
    Field,
    Fold,
    Linked,
    Literal,
    Lookup,
    Parameter,
    Variable,
)
from kaocheng.language.types import ListOf, Row
from kaocheng.language.writing import write


def first_not_true(traced: Traced) -> Traced:
    """The first part of a conjunction that is not true: what a reader needs to see."""
    if isinstance(traced.expr, Call) and traced.expr.op == "and":
        decisive = [part for part in traced.parts if part.value is traced.value]
        return first_not_true(decisive[0]) if decisive else traced
    return traced


def facts(subject: Subject, traced: Traced, version: int) -> tuple[Line, ...]:
    """The values that an expression rests on, each once, in the order of reading."""
    seen: dict[str, Line] = {}
    for leaf in _leaves(traced):
        seen.setdefault(write(leaf.expr), _fact(subject, leaf, version))
    return tuple(seen.values())


def is_leaf(expr: Expr) -> bool:
    """Whether the expression is a single fact, whose value says everything."""
    return isinstance(expr, Field) and isinstance(expr.row, Variable)


def _leaves(traced: Traced) -> Iterator[Traced]:
    expr = traced.expr
    if isinstance(expr, (Literal, Variable)) or isinstance(expr.type, Row):
        return
    if isinstance(expr, (Field, Linked, Lookup, Parameter)) and not isinstance(expr.type, ListOf):
        yield traced
        if not isinstance(expr, Lookup):
            return
    if isinstance(expr, Fold):
        yield from (leaf for part in traced.parts[1:4] for leaf in _leaves(part))
        return
    for part in traced.parts:
        yield from _leaves(part)


def _fact(subject: Subject, leaf: Traced, version: int) -> Line:
    if leaf.value is None and leaf.reason is not None:
        return reason_line(leaf.reason)
    name = subject.name(leaf.expr)
    return say("fact", name=name, value=subject.show(leaf.value, leaf.expr.type, version))


def reason_line(reason: Reason | None) -> Line:
    """Why something is unknown."""
    if reason is None:
        return say("missing", subject="…")
    return say(reason.kind, subject=reason.subject)


def because(reason: Reason | None) -> tuple[str, str]:
    """Why something is unknown, as part of a sentence."""
    line = reason_line(reason)
    return (line.en, line.zh)
