"""Generated text: readable, and never more than checked values of a ruleset."""

from __future__ import annotations

import ast

import hypothesis.strategies as st
import pytest
from hypothesis import given

from kaocheng.calendars.zones import Zones
from kaocheng.evaluate.python import Setting, compile_expression, evaluate_expression
from kaocheng.evaluate.python._source import Lines, Module, Names, constant, identifier
from kaocheng.language.expressions import Call, Expr, Field, Literal, Variable
from kaocheng.language.schema import Relation
from kaocheng.language.types import BOOL, INSTANT, INT, STRING, Row
from kaocheng.plan.algebra import VersionFacts, Window

RELATIONS = {
    "report": Relation("report", {"case": STRING, "n": INT, "at": INSTANT}, ("case",)),
}
SETTING = Setting(
    relations=RELATIONS,
    version=VersionFacts(name="1", window=Window(first_day=None, last_day=None)),
    zones=Zones(),
)
ANY_TEXT = st.one_of(st.text(), st.sampled_from(["'\n__import__('os')", '"""', "\\", "a\x00b"]))


def call(op: str, *args: Expr) -> Call:
    """A condition."""
    return Call(op=op, args=args, type=BOOL)


def test_a_condition_reads_well() -> None:
    """Generated code names fields after their paths and tests each for unknown once."""
    report = Variable(type=Row("report"), name="r")
    number, at = (
        Field(row=report, name="n", type=INT),
        Field(row=report, name="at", type=INSTANT),
    )
    few = call("lt", number, Literal(value=5, type=INT))
    many = call("gt", number, Literal(value=50, type=INT))
    expr = call("and", call("or", few, many), call("happened", at))

    assert (
        """\
# expression


# (r.n < 5 || r.n > 50) && happened(r.at)
def expression(r, c):
    r_n = None if r is None else r[1]
    one = None if r_n is None else r_n < 5
    if one is not True:
        other = None if r_n is None else r_n > 50
        if one is False or other:
            one = other
    both = one
    if both is not False:
        r_at = None if r is None else r[2]
        other_2 = None if r_at is None else r_at != _NEVER
        if both or other_2 is False:
            both = other_2
    return both
"""
        == compile_expression(expr, SETTING).source
    )


@given(text=ANY_TEXT)
def test_a_string_is_only_ever_a_value(text: str) -> None:
    """Whatever a string of a ruleset holds, it comes back as itself."""
    equal = call("eq", Literal(value=text, type=STRING), Variable(type=STRING, name="a"))

    assert (text, True) == (
        evaluate_expression(Literal(value=text, type=STRING), {}, SETTING),
        evaluate_expression(equal, {"a": text}, SETTING),
    )


@given(text=ANY_TEXT)
def test_a_name_is_always_an_identifier(text: str) -> None:
    """Whatever an id holds, the name made of it is a plain identifier."""
    name = identifier(text)

    assert (True, True, False) == (name.isidentifier(), name.isascii(), name.startswith("_"))


@given(text=ANY_TEXT)
def test_titles_and_notes_stay_comments(text: str) -> None:
    """Whatever a title or a rule's id holds, a module holds no more than its functions."""
    module = Module(text)
    lines = Lines()
    lines.add("return 1")
    module.define(text, ["c"], lines, text)
    tree = ast.parse(module.compiled().source)

    assert ["FunctionDef"] == [type(node).__name__ for node in tree.body]


@pytest.mark.parametrize(
    ("hints", "expected"),
    [
        (["a", "a", "a"], ["a", "a_2", "a_3"]),
        (["class", "None", "c", "len"], ["class_2", "None_2", "c_2", "len_2"]),
        (
            ["period.first_day", "_x_", "9", "信息", "r.n"],
            ["period_first_day", "x", "v9", "v", "r_n"],
        ),
    ],
)
def test_names_are_handed_out_once(hints: list[str], expected: list[str]) -> None:
    """A name is like its hint, and never one that is taken or that Python keeps."""
    names = Names()

    assert expected == [names.new(hint) for hint in hints]


def test_only_values_of_the_number_line_are_written_out() -> None:
    """What is no bool, integer, string or list of them is refused as a literal."""
    with pytest.raises(TypeError, match="is not a value of the number line"):
        constant(1.5)


def test_the_module_calls_nothing_of_its_own() -> None:
    """A module starts with the primitives and Python's own names, and nothing else."""
    compiled = Module("empty").compiled()
    foreign = [name for name in compiled.names if not name.startswith("_")]

    assert [] == foreign
