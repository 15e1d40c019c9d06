"""The front end as a whole: what it keeps, what it loads, and that it never fails otherwise."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from kaocheng.diagnostics import Diagnostics
from kaocheng.language.cel import FrontEnd, Text, compile_text
from kaocheng.language.expressions import Expr, Field, Variable
from kaocheng.language.schema import Relation, Schema
from kaocheng.language.types import (
    BOOL,
    DATE,
    DURATION,
    INSTANT,
    INT,
    STRING,
    Reference,
    Row,
    Type,
)


def compiled(
    front_end: FrontEnd, text: str, variables: Mapping[str, Type]
) -> tuple[Expr | None, Diagnostics]:
    """What comes of an expression."""
    diagnostics = Diagnostics()
    return front_end.compile(Text(text), variables, diagnostics=diagnostics), diagnostics


def test_the_same_variables_share_an_environment(schema: Schema) -> None:
    """Environments are costly, so each set of variables has one, whatever their order."""
    front_end = FrontEnd(schema)
    first = front_end.environment({"n": INT, "b": BOOL})

    assert first is front_end.environment({"b": BOOL, "n": INT})
    assert first is not front_end.environment({"n": INT})


def test_outputs_of_rules_become_relations(schema: Schema) -> None:
    """A front end over a grown schema knows the new relation, the old one still does not."""
    notice = Relation("notice", {"case": Reference("report"), "days": INT}, ("case",))
    grown = evolve(schema, relations={**schema.relations, "notice": notice})
    front_end = FrontEnd(schema)
    variables = {"x": Row("notice")}
    wanted = Field(type=INT, row=Variable(type=Row("notice"), name="x"), name="days")

    assert wanted == compiled(front_end.with_schema(grown), "x.days", variables)[0]
    assert None is compiled(front_end, "x.days", variables)[0]


def test_an_unchanged_schema_keeps_its_front_end(front_end: FrontEnd, schema: Schema) -> None:
    """Asking for the same schema again costs nothing."""
    assert front_end is front_end.with_schema(schema)


def test_a_variable_hides_a_parameter_of_its_name(front_end: FrontEnd) -> None:
    """What a rule names itself comes before what the ruleset names."""
    assert Variable(type=STRING, name="limit") == compiled(front_end, "limit", {"limit": STRING})[0]


def test_a_name_that_is_no_identifier_cannot_be_written(front_end: FrontEnd) -> None:
    """A variable or column with such a name does no harm; it just cannot be named."""
    expr, diagnostics = compiled(front_end, "n == 1", {"n": INT, "no identifier": INT})

    assert expr is not None
    assert 0 == len(diagnostics)


def test_text_that_stands_in_no_file_is_compiled(schema: Schema) -> None:
    """`compile_text` is for expressions on a command line or in a test."""
    diagnostics = Diagnostics()
    expr = compile_text("n", schema, {"n": INT}, expected=INT, diagnostics=diagnostics)

    assert (Variable(type=INT, name="n"), 0) == (expr, len(diagnostics))


def test_importing_the_front_end_loads_neither_cel_nor_protobuf() -> None:
    """A saved ruleset is loaded without the CEL library, so only compiling may import it."""
    code = (
        "import sys, kaocheng.language.cel\n"
        "print([m for m in sys.modules if m.startswith(('cel_expr_python', 'google'))])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == ran.stdout.strip()


def one_of(words: str) -> st.SearchStrategy[str]:
    """One of the words."""
    return st.sampled_from(words.split())


WORDS = one_of("""
    r u a w p n m b s d t length limit grace x r.level r.unit u.period u.period.name r.adoptions
    r.tags r.amount r.final quota( size( year( min( ratio( round( date( has( dyn( 'city' 'x'
    'unit/x' 1 2.5 0 true null 1u 010 && || ! - + * / % == < >= in ? : ( ) [ ] , . .exists(x,
    .map(x, x.level {} duration('1h') 紧急 “ ” ， = and not for 'a\\q' \" ' ; // \\ ` @ #
    """)


@given(text=st.one_of(st.text(), st.lists(WORDS, max_size=12).map(" ".join)))
@example(text="\ud800")
@example(text="'\ud800'")
@example(text="n == 1 \x00")
@example(text="[1].exists(x, .x == 1)")
@example(text="!" * 200 + "b")
@example(text="a" * 5_000)
@example(text="9" * 10_000)
@example(text="f(" * 2_000)
def test_compiling_never_fails(
    text: str, front_end: FrontEnd, variables: Mapping[str, Type]
) -> None:
    """Any text gives a checked tree, or None with errors that lie within the text."""
    expr, diagnostics = compiled(front_end, text, variables)

    assert (expr is None) == bool(diagnostics.errors)
    lines = text.split("\n")
    for found in diagnostics:
        assert found.message("en")
        assert found.message("zh")
        assert 1 <= found.span.line <= len(lines)
        assert 1 <= found.span.column <= max(1, len(lines[found.span.line - 1]))


ATOMS = one_of("""
    r u a w n b s m p t d length limit grace r.level r.genre r.unit u.period u.period.name
    r.adoptions r.authors r.tags r.amount r.final r.final.due r.points u.class 'city' 'x' 'unit/x'
    1 2.5 true duration('1h') date('2020-01-01') x x.level x.at x.unit
    """)
OPERATORS = one_of("&& || == != < <= > >= + - * % in")
FUNCTIONS = one_of("""
    quota size year earliest latest min max sum date_of start_of end_of happened started whole
    ratio round int is_working_day add_days
    """)
MACROS = st.sampled_from(["exists", "all", "filter", "map", "exists_one"])
LISTS = st.sampled_from(["r.adoptions", "r.authors", "r.tags", "u.reports", "[1, 2]"])


def larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions made of smaller ones."""
    return st.one_of(
        st.tuples(parts, OPERATORS, parts).map(" ".join).map("({})".format),
        st.builds("({} ? {} : {})".format, parts, parts, parts),
        st.builds("!({})".format, parts),
        st.builds("-({})".format, parts),
        st.builds("[{}, {}]".format, parts, parts),
        st.builds("{}.{}(x, {})".format, LISTS, MACROS, parts),
        st.builds("{}({})".format, FUNCTIONS, parts),
        st.builds("{}({}, {})".format, FUNCTIONS, parts, parts),
        st.builds("{}({}, {}, 2)".format, FUNCTIONS, parts, parts),
    )


CEL_NAMES: Mapping[Type, str] = {
    BOOL: "BOOL",
    INT: "INT",
    STRING: "STRING",
    INSTANT: "TIMESTAMP",
    DURATION: "DURATION",
    DATE: "kc.Date",
}


@given(text=st.recursive(ATOMS, larger, max_leaves=8))
def test_both_checkers_agree(text: str, front_end: FrontEnd, variables: Mapping[str, Type]) -> None:
    """CEL's checker accepts whatever the project's own does, and sees the same type."""
    expr, diagnostics = compiled(front_end, text, variables)

    assert "KC299" not in {found.code.id for found in diagnostics}
    if expr is not None and expr.type in CEL_NAMES:
        seen = front_end.environment(variables).compile(text).return_type().name()
        assert seen in {CEL_NAMES[expr.type], "DYN"}
