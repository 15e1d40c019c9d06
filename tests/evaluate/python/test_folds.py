"""Folds over lists: Kleene throughout, and each variable in its own place."""

from __future__ import annotations

import pytest

from kaocheng.calendars.zones import Zones
from kaocheng.evaluate.python import Setting, compile_expression, evaluate_expression
from kaocheng.language.expressions import Call, Expr, Fold, Has, Items, Literal, Variable
from kaocheng.language.types import BOOL, INT, ListOf, Type
from kaocheng.plan.algebra import VersionFacts, Window

SETTING = Setting(
    relations={},
    version=VersionFacts(name="1", window=Window(first_day=None, last_day=None)),
    zones=Zones(),
)
NUMBERS = ListOf(INT)
RESULTS: dict[str, Type] = {"filter": NUMBERS, "map": NUMBERS}


def variable(name: str, type_: Type = INT) -> Variable:
    """A variable."""
    return Variable(type=type_, name=name)


def positive(name: str = "x") -> Expr:
    """Whether a variable is above zero; unknown where the variable is."""
    return Call(op="gt", args=(variable(name), Literal(value=0, type=INT)), type=BOOL)


def fold(how: str, over: Expr, body: Expr, name: str = "x") -> Fold:
    """A macro over a list of numbers."""
    return Fold(how=how, over=over, variable=name, body=body, type=RESULTS.get(how, BOOL))


@pytest.mark.parametrize(
    ("how", "items", "expected"),
    [
        ("exists", (), False),
        ("exists", (0, 1), True),
        ("exists", (0, -1), False),
        ("exists", (None, 0), None),
        ("exists", (None, 1), True),
        ("exists", (1, None), True),
        ("exists", None, None),
        ("all", (), True),
        ("all", (1, 2), True),
        ("all", (1, 0), False),
        ("all", (None, 1), None),
        ("all", (None, 0), False),
        ("all", (0, None), False),
        ("all", None, None),
        ("exists_one", (), False),
        ("exists_one", (0, 1), True),
        ("exists_one", (1, 1), False),
        ("exists_one", (1, 1, None), None),
        ("exists_one", None, None),
        ("filter", (), ()),
        ("filter", (0, 1, 2), (1, 2)),
        ("filter", (1, None), None),
        ("filter", None, None),
    ],
)
def test_fold(how: str, items: tuple[int | None, ...] | None, expected: object) -> None:
    """A macro gives what three-valued logic says."""
    expr = fold(how, variable("items", NUMBERS), positive())

    assert expected == evaluate_expression(expr, {"items": items}, SETTING)


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("exists", True),
        ("all", False),
        ("exists_one", True),
        ("filter", (1,)),
        ("map", (False, True)),
    ],
)
def test_a_fold_of_what_is_always_known(how: str, expected: object) -> None:
    """A condition that is never unknown needs no third value, whatever the list is."""
    there = Has(operand=variable("x"), type=BOOL)
    written_out = Items(items=(variable("a"), Literal(value=1, type=INT)), type=NUMBERS)
    results = [
        evaluate_expression(fold(how, over, there), {"a": None, "items": (None, 1)}, SETTING)
        for over in (written_out, variable("items", NUMBERS))
    ]

    assert [expected, expected] == results


@pytest.mark.parametrize(
    ("how", "expected"), [("exists", True), ("all", None), ("exists_one", None), ("filter", None)]
)
def test_a_fold_of_a_list_that_is_written_out(how: str, expected: object) -> None:
    """Items that are written out may be unknown although their list is not."""
    over = Items(items=(variable("a"), Literal(value=1, type=INT)), type=NUMBERS)

    assert expected == evaluate_expression(fold(how, over, positive()), {"a": None}, SETTING)


def test_a_list_is_filtered_by_a_choice() -> None:
    """A condition that is a choice between two others is one condition of the filter."""
    there, true = Has(operand=variable("x"), type=BOOL), Literal(value=True, type=BOOL)
    choice = Call(op="if", args=(Has(operand=variable("a"), type=BOOL), there, true), type=BOOL)
    expr = fold(
        "filter", Items(items=(variable("b"), Literal(value=1, type=INT)), type=NUMBERS), choice
    )

    assert (1,) == evaluate_expression(expr, {"a": 0, "b": None}, SETTING)
    assert (None, 1) == evaluate_expression(expr, {"a": None, "b": None}, SETTING)


def test_a_fold_of_what_needs_lines() -> None:
    """A list is filtered and mapped in loops where a condition needs lines of its own."""
    inner = fold("exists", variable("items", NUMBERS), positive("y"), "y")
    both = Call(op="and", args=(Has(operand=variable("x"), type=BOOL), inner), type=BOOL)
    either = Call(op="or", args=(Has(operand=variable("x"), type=BOOL), inner), type=BOOL)
    over = Items(items=(Literal(value=None, type=INT), Literal(value=1, type=INT)), type=NUMBERS)
    results = [
        evaluate_expression(fold(how, over, body), {"items": items}, SETTING)
        for how, body in (("map", both), ("map", either), ("filter", both))
        for items in ((1,), (0,), (None,))
    ]

    assert [
        *((False, True), (False, False), (False, None)),
        *((True, True), (False, True), (None, True)),
        *((1,), (), None),
    ] == results


@pytest.mark.parametrize(("items", "expected"), [((), ()), ((1, None), (2, None)), (None, None)])
def test_map(items: tuple[int | None, ...] | None, expected: object) -> None:
    """A map keeps unknown items, and an unknown list is unknown."""
    double = Call(op="mul", args=(variable("x"), Literal(value=2, type=INT)), type=INT)
    expr = fold("map", variable("items", NUMBERS), double)

    assert expected == evaluate_expression(expr, {"items": items}, SETTING)


def test_an_inner_variable_hides_an_outer_one() -> None:
    """In a fold within a fold, the same name means the inner item inside and the outer after."""
    inner = fold("exists", variable("others", NUMBERS), positive())
    body = Call(op="and", args=(positive(), inner), type=BOOL)
    after = Call(op="and", args=(body, positive()), type=BOOL)
    expr = fold("exists", variable("items", NUMBERS), after)
    results = [
        evaluate_expression(expr, {"items": items, "others": others}, SETTING)
        for items in ((1,), (-1,))
        for others in ((1,), (-1,))
    ]

    assert [True, False, False, False] == results


def test_a_filter_that_is_read_once_stays_a_list() -> None:
    """A list that only goes into another fold is not made a tuple in between."""
    expr = Call(op="size", args=(fold("filter", variable("items", NUMBERS), positive()),), type=INT)
    compiled = compile_expression(expr, SETTING)

    assert (2, False) == (
        evaluate_expression(expr, {"items": (1, 0, 2)}, SETTING),
        "tuple" in compiled.source,
    )
