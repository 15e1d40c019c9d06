"""A report desk's lifecycle, built by hand, and guards compiled by the Python evaluator."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kaocheng.evaluate.python._setting import Setting
from kaocheng.evaluate.python.expression import compile_expression
from kaocheng.language.expressions import Call, Expr, Field, Literal, Variable
from kaocheng.language.ruleset import Lifecycle, Transition
from kaocheng.language.schema import Relation
from kaocheng.language.types import BOOL, INT, STRING, ListOf, Reference, Row
from kaocheng.lifecycle import CaseLifecycle
from kaocheng.lifecycle.guards import GuardFunction
from kaocheng.plan.algebra import VersionFacts, Window

REPORT = Relation(
    "report",
    {"case": Reference("report"), "state": STRING, "submitted_by": STRING, "length": INT},
    ("case",),
)
ACTOR = Relation("actor", {"id": STRING, "unit": STRING, "roles": ListOf(STRING)}, ("id",))
SETTING = Setting(
    relations={"report": REPORT, "actor": ACTOR},
    version=VersionFacts(name="1", window=Window(first_day=None, last_day=None)),
)


def field(variable: str, name: str) -> Field:
    """A column of the case or of the actor."""
    relation = SETTING.relations[variable]
    row = Variable(type=Row(variable), name=variable)
    return Field(type=relation.columns[name], row=row, name=name)


SOMEBODY_ELSE = Call(
    type=BOOL, op="ne", args=(field("actor", "id"), field("report", "submitted_by"))
)
LONG_ENOUGH = Call(
    type=BOOL, op="ge", args=(field("report", "length"), Literal(type=INT, value=100))
)

DESK = Lifecycle(
    initial="draft",
    states=("draft", "submitted", "verified", "closed"),
    titles={"draft": {"zh": "拟稿"}, "submitted": {"zh": "已上报"}, "verified": {"zh": "已审核"}},
    transitions=(
        Transition(event="submit", sources=("draft",), target="submitted", by=("informant",)),
        Transition(
            event="verify",
            sources=("submitted",),
            target="verified",
            by=("verifier", "chief"),
            when=Call(type=BOOL, op="and", args=(SOMEBODY_ELSE, LONG_ENOUGH)),
            titles={"zh": "审核", "en": "Verification"},
            clause="二(一)",
        ),
        Transition(
            event="adopt", sources=("submitted", "verified", "closed"), target=None, repeats=True
        ),
        Transition(event="close", sources=("verified",), target="closed"),
        Transition(event="close", sources=("submitted",), target="closed", by=("chief",)),
    ),
)


def compile_guard(expr: Expr) -> GuardFunction:
    """A guard as the engine compiles it."""
    return compile_expression(expr, SETTING, variables=("report", "actor")).function


@pytest.fixture
def desk() -> CaseLifecycle:
    """The lifecycle of a report."""
    return CaseLifecycle("report", DESK, compile_guard=compile_guard)


@pytest.fixture
def lifecycle_of() -> Callable[..., CaseLifecycle]:
    """Makes the lifecycle of any states and transitions."""

    def make(*transitions: Transition, states: tuple[str, ...], initial: str) -> CaseLifecycle:
        lifecycle = Lifecycle(initial=initial, states=states, transitions=transitions)
        return CaseLifecycle("report", lifecycle, compile_guard=compile_guard)

    return make
