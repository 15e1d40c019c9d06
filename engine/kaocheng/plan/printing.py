"""The algebra as text: what `kaocheng plan` prints."""

from __future__ import annotations

from collections.abc import Iterator

from kaocheng.language.expressions import Expr
from kaocheng.language.writing import write
from kaocheng.plan.algebra import (
    Carry,
    Clock,
    Derive,
    Each,
    Number,
    Order,
    Pipeline,
    Plan,
    Require,
    RulePlan,
    Split,
    Step,
    Tally,
    Where,
)


def print_plan(plan: Plan) -> Iterator[str]:
    """Every rule, in the order of what they read, with its steps in each version."""
    for rule in plan.rules:
        yield from _rule(plan, rule)


def _rule(plan: Plan, rule: RulePlan) -> Iterator[str]:
    collection = f" → {rule.collection}" if rule.collection else ""
    yield f"{rule.id} ({rule.section}){collection}"
    previous: Pipeline | None = None
    for index, pipeline in rule.variants.items():
        if len(plan.versions) > 1:
            same = "as before" if pipeline == previous else ""
            yield f"  version {plan.versions[index].name}{': ' if same else ''}{same}"
        if pipeline != previous:
            yield from _pipeline(pipeline)
        previous = pipeline
    yield ""


def _pipeline(pipeline: Pipeline) -> Iterator[str]:
    yield f"    rows     {pipeline.source} as {pipeline.variable}"
    if pipeline.instant is not None:
        yield f"    governed at {write(pipeline.instant)}"
    for step in pipeline.steps:
        yield from (f"    {line}" for line in _step(step))
    shown = (f"{name} = {write(expr)}" for name, expr in pipeline.output.items())
    for index, line in enumerate(shown):
        yield f"    {'gives    ' if index == 0 else ' ' * 9}{line}"


def _step(step: Step) -> Iterator[str]:
    match step:
        case Where():
            yield f"where    {write(step.condition)}"
        case Derive():
            yield from (f"derive   {name} = {write(expr)}" for name, expr in step.columns.items())
        case Require():
            yield f"require  {', '.join(step.columns)}"
        case Each():
            yield f"each     {step.column} of {write(step.over)}"
        case Clock():
            yield from _clock(step)
        case Number():
            yield f"number   {step.column} per [{_list(step.per)}]"
            yield f"         by {_order(step.order)}, ties {step.ties}"
        case Split():
            weights = "equal shares" if step.weights is None else ":".join(map(str, step.weights))
            yield f"split    {step.column} among {write(step.among)}, {weights}, rest {step.rest}"
        case Tally():
            yield from _tally(step)
        case Carry():
            yield f"carry    per [{_list(step.per)}] in order {_order(step.order)}"
            yield from (
                f"         begin {name} = {write(expr)}" for name, expr in step.begin.items()
            )
            yield from (f"         next {name} = {write(expr)}" for name, expr in step.next.items())
        case _:
            yield type(step).__name__.lower()


def _clock(step: Clock) -> Iterator[str]:
    yield f"clock    starts {write(step.starts)}"
    yield f"         due {write(step.due)}"
    yield f"         met at {write(step.met_at)}"
    if step.lapses_at is not None:
        yield f"         lapses at {write(step.lapses_at)}"
    if step.excused is not None:
        yield f"         excused when {write(step.excused)}"


def _tally(step: Tally) -> Iterator[str]:
    groups = [f"{name} = {write(expr)}" for name, expr in step.per.items()]
    if step.period is not None and step.at is not None:
        groups.append(f"{step.period.name} of {write(step.at)}")
    yield f"tally    per [{', '.join(groups)}]"
    for measure in step.measures:
        of = "" if measure.of is None else f" of {write(measure.of)}"
        yield f"         {measure.name} = {measure.how}{of}"
    if step.roll is not None:
        yield f"         zero rows from {step.roll}"


def _list(expressions: tuple[Expr, ...]) -> str:
    return ", ".join(write(e) for e in expressions)


def _order(order: tuple[Order, ...]) -> str:
    return ", ".join(f"{write(key.by)}{' descending' if key.descending else ''}" for key in order)
