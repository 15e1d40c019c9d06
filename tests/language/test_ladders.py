"""What an expression can come to, as far as the ruleset alone says it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kaocheng.calendars.zones import Zones
from kaocheng.evaluate.python import Setting, evaluate_expression
from kaocheng.language._constants import Constants
from kaocheng.language.expressions import Call, Expr, Field, Items, Literal, Lookup, Variable
from kaocheng.language.schema import Relation
from kaocheng.language.types import BOOL, INT, ListOf, Row
from kaocheng.plan.algebra import Bound, TableRows, VersionFacts, Window

ROW = Variable(type=Row("state"), name="was")
KNOWN = Field(type=INT, row=ROW, name="step")
FACT = Field(type=INT, row=ROW, name="fact")
TABLE = TableRows(
    name="t", rows=(((1,), 3), ((Bound("ge", 4),), 1), ((None,), 2)), otherwise=None, result=INT
)
SETTING = Setting(
    relations={"state": Relation("state", {"step": INT, "fact": INT}, ())},
    version=VersionFacts(
        name="1", window=Window(first_day=None, last_day=None), zone="UTC", tables={"t": TABLE}
    ),
    editions={},
    zones=Zones(),
)


def numbers(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    """Numbers made of numbers."""
    pairs = st.tuples(inner, inner)
    compared = st.builds(
        lambda op, args: Call(type=BOOL, op=op, args=args),
        st.sampled_from(("lt", "le", "gt", "ge", "eq", "ne")),
        pairs,
    )
    joined = st.builds(
        lambda op, a, b: Call(type=BOOL, op=op, args=(a, b)),
        st.sampled_from(("and", "or")),
        compared,
        compared,
    )
    conditions = compared | joined | compared.map(lambda c: Call(type=BOOL, op="not", args=(c,)))
    return st.one_of(
        st.builds(
            lambda op, args: Call(type=INT, op=op, args=args),
            st.sampled_from(("add", "sub", "mul")),
            pairs,
        ),
        st.builds(
            lambda op, args: Call(type=INT, op=op, args=(Items(type=ListOf(INT), items=args),)),
            st.sampled_from(("min", "max", "sum")),
            pairs,
        ),
        st.builds(lambda c, args: Call(type=INT, op="if", args=(c, *args)), conditions, pairs),
        inner.map(lambda a: Call(type=INT, op="neg", args=(a,))),
        inner.map(lambda a: Lookup(type=INT, table="t", args=(a,))),
    )


EXPRESSIONS = st.recursive(
    st.integers(-3, 6).map(lambda n: Literal(type=INT, value=n)) | st.sampled_from((KNOWN, FACT)),
    numbers,
    max_leaves=12,
)


@given(expr=EXPRESSIONS, step=st.integers(-3, 6), fact=st.integers(-9, 9) | st.none())
def test_what_an_expression_gives_is_among_what_it_can_come_to(
    expr: Expr, step: int, fact: int | None
) -> None:
    """Whatever the facts are: a value is one of those foreseen, or anything was foreseen."""
    known = Constants(rows={ROW: {"step": step}}, parameters={}, tables={"t": TABLE})
    foreseen = known.of(expr)
    value = evaluate_expression(expr, {"was": {"step": step, "fact": fact}}, SETTING)

    assert foreseen is None or value is None or value in foreseen


def test_of_a_choice_that_is_decided_only_that_side_is_foreseen() -> None:
    """`was.step > 3 ? fact : 7` comes to 7 where the step is 2."""
    condition = Call(type=BOOL, op="gt", args=(KNOWN, Literal(type=INT, value=3)))
    choice = Call(type=INT, op="if", args=(condition, FACT, Literal(type=INT, value=7)))
    known = Constants(rows={ROW: {"step": 2}}, parameters={}, tables={})

    assert frozenset({7}) == known.of(choice)


def test_what_grows_past_the_number_line_may_be_anything() -> None:
    """A product of more than 64 bits is not foreseen."""
    large = Literal(type=INT, value=2**62)

    assert None is Constants(rows={}, parameters={}, tables={}).of(
        Call(type=INT, op="mul", args=(large, large))
    )
