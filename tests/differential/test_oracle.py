"""The Python evaluator against Google's: the same expression, the same facts, the same value."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from kaocheng.diagnostics import Diagnostics
from kaocheng.evaluate.python._setting import Setting
from kaocheng.evaluate.python.expression import evaluate_expression
from kaocheng.language.cel import FrontEnd, Text
from kaocheng.language.schema import Relation, Schema
from kaocheng.language.types import BOOL, INT, STRING, ListOf, Row, Type
from kaocheng.plan.algebra import VersionFacts, Window
from kaocheng.testing.oracle import Oracle, OracleError

COLUMNS: Mapping[str, Type] = {
    "n": INT,
    "m": INT,
    "b": BOOL,
    "c": BOOL,
    "s": STRING,
    "t": STRING,
    "numbers": ListOf(INT),
    "texts": ListOf(STRING),
}
RELATION = Relation("fact", COLUMNS, ("n",))
FRONT_END = FrontEnd(Schema({"fact": RELATION}))
SETTING = Setting(
    relations={"fact": RELATION},
    version=VersionFacts(name="oracle", window=Window(first_day=None, last_day=None)),
)
SMALL = st.integers(-3, 3)
ANY_INT = SMALL | st.sampled_from([2**63 - 1, -(2**63), 2**62, 3_037_000_500])
TEXT = st.text("ab'\\紧", max_size=3)
FACTS = st.fixed_dictionaries(
    {
        "n": st.none() | ANY_INT,
        "m": st.none() | ANY_INT,
        "b": st.none() | st.booleans(),
        "c": st.none() | st.booleans(),
        "s": st.none() | TEXT,
        "t": st.none() | TEXT,
        "numbers": st.none() | st.lists(SMALL, max_size=4),
        "texts": st.none() | st.lists(TEXT, max_size=3),
    }
)


def quoted(text: str) -> str:
    """The text as a literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def written(items: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """A list written out; the language has no empty one."""
    return st.lists(items, min_size=1, max_size=3).map(", ".join).map("[{}]".format)


WRITTEN_NUMBERS = written(SMALL.map(str))
WRITTEN_TEXTS = written(TEXT.map(quoted))


@frozen
class Writer:
    """Strategies for the text of expressions, with fold variables in scope by their type."""

    depth: int
    numbers: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def smaller(self) -> Writer:
        """The writer of a part."""
        return Writer(self.depth - 1, self.numbers, self.texts)

    def integer(self) -> st.SearchStrategy[str]:
        """A whole number."""
        atoms = st.sampled_from(["r.n", "r.m", *self.numbers]) | ANY_INT.map(str)
        if self.depth == 0:
            return atoms
        part = self.smaller
        return st.one_of(
            atoms,
            st.builds("({} {} {})".format, part.integer(), st.sampled_from("+-*%"), part.integer()),
            part.integer().map("-({})".format),
            st.builds("({} ? {} : {})".format, part.truth(), part.integer(), part.integer()),
            part.text().map("size({})".format),
            (part.list_of_numbers() | part.list_of_texts()).map("size({})".format),
        )

    def text(self) -> st.SearchStrategy[str]:
        """A text."""
        atoms = st.sampled_from(["r.s", "r.t", *self.texts]) | TEXT.map(quoted)
        if self.depth == 0:
            return atoms
        part = self.smaller
        return st.one_of(
            atoms,
            st.builds("({} + {})".format, part.text(), part.text()),
            st.builds("({} ? {} : {})".format, part.truth(), part.text(), part.text()),
        )

    def truth(self) -> st.SearchStrategy[str]:
        """Something true or false."""
        atoms = st.sampled_from(["r.b", "r.c", "true", "false", "has(r.n)", "has(r.s)"])
        if self.depth == 0:
            return atoms
        part = self.smaller
        tests = st.sampled_from(["startsWith", "endsWith", "contains"])
        order = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
        equal = st.sampled_from(["==", "!="])
        both = st.sampled_from(["&&", "||"])
        return st.one_of(
            atoms,
            st.builds("({} {} {})".format, part.truth(), both, part.truth()),
            part.truth().map("!({})".format),
            st.builds("({} {} {})".format, part.integer(), order, part.integer()),
            st.builds("({} {} {})".format, part.text(), equal, part.text()),
            st.builds("({} {} {})".format, part.truth(), equal, part.truth()),
            st.builds("{}.{}({})".format, part.text(), tests, part.text()),
            st.builds("({} in {})".format, part.integer(), WRITTEN_NUMBERS),
            st.builds("({} in {})".format, SMALL, part.list_of_numbers()),
            st.builds("({} in {})".format, part.text(), WRITTEN_TEXTS),
            st.builds("({} in {})".format, TEXT.map(quoted), part.list_of_texts()),
            self.fold(st.sampled_from(["exists", "all", "exists_one"]), texts=False),
            self.fold(st.sampled_from(["exists", "all", "exists_one"]), texts=True),
        )

    def fold(self, how: st.SearchStrategy[str], *, texts: bool) -> st.SearchStrategy[str]:
        """A macro with a condition."""
        name, part = f"x{self.depth}", self.smaller
        over = part.list_of_texts() if texts else part.list_of_numbers()
        numbers = part.numbers if texts else (*part.numbers, name)
        named = (*part.texts, name) if texts else part.texts
        body = Writer(part.depth, numbers, named).truth()
        return st.builds(("{}.{}(" + name + ", {})").format, over, how, body)

    def list_of_numbers(self) -> st.SearchStrategy[str]:
        """A list of whole numbers; its items are known, as the oracle wants them."""
        atoms = st.just("r.numbers") | WRITTEN_NUMBERS
        if self.depth == 0:
            return atoms
        mapped = ("{}.map(x" + str(self.depth) + ", x" + str(self.depth) + " {} {})").format
        return st.one_of(
            atoms,
            self.fold(st.just("filter"), texts=False),
            st.builds(mapped, self.smaller.list_of_numbers(), st.sampled_from("+-*"), SMALL),
        )

    def list_of_texts(self) -> st.SearchStrategy[str]:
        """A list of texts."""
        atoms = st.just("r.texts") | WRITTEN_TEXTS
        return atoms if self.depth == 0 else atoms | self.fold(st.just("filter"), texts=True)


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    """Google's evaluator over one row of facts."""
    return Oracle(["r"])


def ours(text: str, facts: Mapping[str, object]) -> object:
    """The value by the Python evaluator; lists as lists."""
    diagnostics = Diagnostics()
    expr = FRONT_END.compile(Text(text), {"r": Row("fact")}, diagnostics=diagnostics)
    assert expr is not None, [found.message() for found in diagnostics]
    row = tuple(
        tuple(value) if isinstance(value, list) else value
        for value in (facts[column] for column in COLUMNS)
    )
    value = evaluate_expression(expr, {"r": row}, SETTING)
    return list(value) if isinstance(value, tuple) else value


EXPRESSIONS = st.one_of(
    Writer(3).truth(), Writer(3).integer(), Writer(2).text(), Writer(2).list_of_numbers()
)


@given(text=EXPRESSIONS, facts=FACTS)
def test_both_evaluators_agree(text: str, facts: Mapping[str, object], oracle: Oracle) -> None:
    """Over known and unknown facts the Python evaluator gives what Google's gives."""
    expected = oracle.value(text, {"r": facts})
    actual = ours(text, facts)

    assert (type(expected), expected) == (type(actual), actual)


ABSORBED = {
    "r.b && false": False,
    "r.b && true": None,
    "r.b || true": True,
    "!r.b": None,
    "r.b ? 1 : 1": None,
    "[1, 2].exists(x, x == 2 || r.b)": True,
    "[1, 2].all(x, x == 1 && r.b)": False,
    "[1, 2].exists_one(x, x == 2 || r.b)": None,
    "r.n % 0 == 1 || true": True,
    "has(r.b)": False,
}


@pytest.mark.parametrize("text", ABSORBED)
def test_the_unknown_is_absorbed_as_in_kleene_logic(text: str, oracle: Oracle) -> None:
    """Where the known part decides, the unknown does not matter, in both evaluators."""
    facts = {**dict.fromkeys(COLUMNS), "n": 1}

    assert ABSORBED[text] == oracle.value(text, {"r": facts})
    assert ABSORBED[text] == ours(text, facts)


@pytest.mark.parametrize("text", ["r.n + 'x'", "r.n +", "nobody == 1"])
def test_the_oracle_says_what_it_cannot_speak_about(text: str, oracle: Oracle) -> None:
    """A mistake in a test is not taken for an unknown value."""
    with pytest.raises(OracleError):
        oracle.value(text, {"r": {"n": 1}})
