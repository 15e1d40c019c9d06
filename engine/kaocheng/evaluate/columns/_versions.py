"""Versions of a rule as one pipeline, so that the rows are gone through once for all of them.

Versions of a law mostly differ in a number here and there. Where their steps are the same
apart from expressions, what differs becomes a choice by the row's own version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce

from attrs import evolve

from kaocheng.evaluate.columns._nodes import call, number
from kaocheng.language.expressions import Expr, Field, Fold, Follow, Linked, Variable
from kaocheng.language.types import BOOL, INT, Row
from kaocheng.plan.algebra import (
    ROW,
    Carry,
    Clock,
    Derive,
    Each,
    Number,
    Pipeline,
    Plan,
    Require,
    RulePlan,
    Split,
    Step,
    Tally,
    Where,
    Window,
)

OPEN = Window(first_day=None, last_day=None)
GOVERNING = "version~"
"""The column of `row` that holds the version of a row, in a pipeline of several versions."""

_CLOCK = ("starts", "due", "met_at", "lapses_at", "excused")
# What is looked up for one version would be looked up for the rows of all.
_LOOKS_FURTHER = (Follow, Linked, Fold)

Pipelines = Mapping[int, Pipeline]


def pipelines_of(plan: Plan, rule: RulePlan) -> list[tuple[tuple[int, ...], Pipeline]]:
    """The pipelines of a rule with the versions that each is for.

    Versions that say the same are together, and so are those that say nearly the same.
    """
    groups: list[list[int]] = []
    for version in sorted(rule.variants):
        fitting = (g for g in groups if _together(plan, rule, (*g, version)) is not None)
        group = next(fitting, None)
        if group is None:
            groups.append([version])
        else:
            group.append(version)
    return [
        (tuple(group), _together(plan, rule, group) or rule.variants[group[0]]) for group in groups
    ]


def _together(plan: Plan, rule: RulePlan, versions: Sequence[int]) -> Pipeline | None:
    """One pipeline for several versions; None where they are too different."""
    variants = {version: rule.variants[version] for version in versions}
    settings = [evolve(plan.versions[version], name="", window=OPEN) for version in versions]
    first, *others = variants.values()
    if any(setting != settings[0] for setting in settings):
        return None
    if all(other == first for other in others):
        return first if len(variants) == 1 or _tells_versions_apart(first) else None
    return merged(variants)


def _tells_versions_apart(pipeline: Pipeline) -> bool:
    """Whether each of its rows is governed by one version, and looks at no row of another."""
    if any(isinstance(step, (Number, Carry)) for step in pipeline.steps):
        return False
    tallies = [step for step in pipeline.steps if isinstance(step, Tally)]
    without = [tally.period is None for tally in tallies]
    return not tallies or all(without) or not without[-1]


def merged(variants: Pipelines) -> Pipeline | None:
    """One pipeline that does what each version does for the rows that it governs.

    None, where the versions have other steps, or where one looks for other rows than another.
    """
    first = next(iter(variants.values()))
    frames = [(p.source, p.variable, p.instant, tuple(p.output)) for p in variants.values()]
    if first.instant is None or any(frame != frames[0] for frame in frames):
        return None
    if len({len(p.steps) for p in variants.values()}) > 1:
        return None
    columns = zip(*(p.steps for p in variants.values()), strict=True)
    steps = [_step(dict(zip(variants, column, strict=True))) for column in columns]
    output = _choices({version: p.output for version, p in variants.items()})
    kept = tuple(step for step in steps if step is not None)
    if output is None or len(kept) < len(steps):
        return None
    return evolve(first, steps=kept, output=output)


def _step(variants: Mapping[int, Step]) -> Step | None:
    """One step of all versions; steps that look at several rows see those of one version each."""
    first = next(iter(variants.values()))
    if any(type(step) is not type(first) for step in variants.values()):
        return None
    rebuild = _REBUILT.get(type(first))
    if rebuild is not None:
        return rebuild(variants)
    same = all(step == first for step in variants.values())
    return first if same and isinstance(first, (Require, Each, Split)) else None


def _where(variants: Mapping[int, Where]) -> Step | None:
    condition = _choice({version: step.condition for version, step in variants.items()})
    return None if condition is None else Where(condition=condition)


def _derive(variants: Mapping[int, Derive]) -> Step | None:
    columns = _choices({version: step.columns for version, step in variants.items()})
    return None if columns is None else Derive(columns=columns)


def _clock(variants: Mapping[int, Clock]) -> Step | None:
    parts = {version: dict(_parts(step)) for version, step in variants.items()}
    chosen = _choices(parts)
    return None if chosen is None else evolve(next(iter(variants.values())), **chosen)


def _parts(step: Clock) -> Iterator[tuple[str, Expr]]:
    for name in _CLOCK:
        part = getattr(step, name)
        if part is not None:
            yield name, part


_REBUILT: Mapping[type[Step], Callable[..., Step | None]] = {
    Where: _where,
    Derive: _derive,
    Clock: _clock,
}


def _choices(variants: Mapping[int, Mapping[str, Expr]]) -> dict[str, Expr] | None:
    """Named expressions of all versions; None where the names or their order differ."""
    names = list(next(iter(variants.values())))
    if any(list(exprs) != names for exprs in variants.values()):
        return None
    found = {name: _choice({v: exprs[name] for v, exprs in variants.items()}) for name in names}
    whole = {name: expr for name, expr in found.items() if expr is not None}
    return whole if len(whole) == len(found) else None


def _choice(exprs: Mapping[int, Expr]) -> Expr | None:
    """An expression of all versions: the same, or by the version of the row."""
    versions: dict[Expr, list[int]] = {}
    for version, expr in exprs.items():
        versions.setdefault(expr, []).append(version)
    *others, last = versions
    if not others:
        return last
    if any(expr.type != last.type or _looks_further(expr) for expr in versions):
        return None
    chosen = last
    for expr in reversed(others):
        chosen = call("if", last.type, _is_one_of(versions[expr]), expr, chosen)
    return chosen


def _looks_further(expr: Expr) -> bool:
    return isinstance(expr.type, Row) or any(isinstance(n, _LOOKS_FURTHER) for n in expr.walk())


def _is_one_of(versions: Sequence[int]) -> Expr:
    version = Field(row=Variable(name=ROW, type=Row("")), name=GOVERNING, type=INT)
    tests: list[Expr] = [call("eq", BOOL, version, number(v)) for v in versions]
    return reduce(lambda a, b: call("or", BOOL, a, b), tests)
