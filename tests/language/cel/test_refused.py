"""Every refusal: its place, its sentence and its help in both languages, pinned in refused.txt.

A block of that file is an expression behind `> ` (one line each), perhaps `wanted:` with the
types that its place wants, and then what is said about it, one line each: the code with its
place, the sentence, the help, and both again in Chinese.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from kaocheng.diagnostics import Code, Diagnostic, Diagnostics
from kaocheng.language.cel import FrontEnd, Text, codes
from kaocheng.language.schema import Schema
from kaocheng.language.types import BOOL, DATE, INSTANT, INT, Decimal, ListOf, Reference, Type

REFUSED = Path(__file__).with_name("refused.txt")
WANTED: dict[str, tuple[Type, ...]] = {
    "bool": (BOOL,),
    "int": (INT,),
    "date": (DATE,),
    "instant": (INSTANT,),
    "date / instant": (DATE, INSTANT),
    "decimal(1)": (Decimal(1),),
    "unit": (Reference("unit"),),
    "list of person": (ListOf(Reference("person")),),
}
# Not to be had with a short expression: see the tests below.
ELSEWHERE = {"KC218", "KC219", "KC299"}


@frozen
class Block:
    """An expression and what is said about it."""

    text: str
    wanted: str | None
    said: str

    def __str__(self) -> str:
        return self.text if self.wanted is None else f"{self.text} as {self.wanted}"


def blocks() -> Iterator[Block]:
    """The blocks of the file."""
    for block in REFUSED.read_text("utf-8").strip("\n").split("\n\n"):
        lines = block.split("\n")
        text = "\n".join(line[2:] for line in lines if line.startswith("> "))
        wanted = [line.removeprefix("wanted: ") for line in lines if line.startswith("wanted: ")]
        said = [line for line in lines if not line.startswith(("> ", "wanted: "))]
        yield Block(text, wanted[0] if wanted else None, "\n".join(said))


def rendered(diagnostics: tuple[Diagnostic, ...]) -> str:
    """What the file says about these diagnostics."""
    lines = []
    for found in diagnostics:
        span = found.span
        end = f"{span.end_line}:{span.end_column}"
        lines.append(f"{found.code.id} {found.code.name} {span.line}:{span.column}-{end}")
        for language in ("en", "zh"):
            texts = found.message(language), found.help(language)
            lines += [f"  {text}" for text in texts if text]
    return "\n".join(lines)


@pytest.mark.parametrize("block", list(blocks()), ids=str)
def test_a_refusal_says_what_is_wrong_and_where(block: Block, compile_: Callable[..., Any]) -> None:
    """The whole text of every refusal is as pinned, and nothing comes of the expression."""
    outcome = compile_(block.text, WANTED[block.wanted] if block.wanted else None)

    assert (block.said, None) == (rendered(outcome.diagnostics), outcome.expr)


def test_every_code_is_pinned() -> None:
    """Each code of the front end has at least one expression that it refuses."""
    pinned = {line[:5] for block in blocks() for line in block.said.split("\n")}

    assert {code.id for code in codes.CODES} == (pinned & {c.id for c in codes.CODES}) | ELSEWHERE


def test_codes_are_stable_names() -> None:
    """Ids and names are unique, and all ids begin with KC2."""
    ids = [code.id for code in codes.CODES]
    names = [code.name for code in codes.CODES]

    assert (len(ids), len(names)) == (len(set(ids)), len(set(names)))
    assert {"KC2"} == {id_[:3] for id_ in ids}


@pytest.mark.parametrize("code", codes.CODES, ids=lambda code: code.name)
def test_both_languages_say_the_same(code: Code) -> None:
    """A code has both languages, with the same placeholders in each."""
    assert code.placeholders(code.en) == code.placeholders(code.zh)
    assert code.placeholders(code.help_en) == code.placeholders(code.help_zh)
    assert bool(code.help_en) == bool(code.help_zh)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 40 + "n" + ")" * 40 + " == 1",
        " + ".join(["n"] * 40) + " == 1",
        "b ? 1 : " * 40 + "2",
        "u.period" + ".name" * 200,
    ],
    ids=["parentheses", "terms", "conditionals", "fields"],
)
def test_deep_nesting_is_refused(text: str, compile_: Callable[..., Any]) -> None:
    """Whatever is nested too deeply for CEL is refused with one sentence, without a crash."""
    diagnostics = compile_(text).diagnostics

    assert ["KC218"] == [found.code.id for found in diagnostics]
    assert "the expression is nested too deeply" == diagnostics[0].message()


def test_long_chains_of_conditions_are_not_deep(compile_: Callable[..., Any]) -> None:
    """`&&` and `||` do not nest: a thousand conditions in a row are fine."""
    assert () == compile_(" && ".join(["n == 1"] * 1000)).diagnostics


@pytest.mark.parametrize(
    "text",
    ["n == 1 " + " " * 100_000, "b" + "||b" * 33_000],
    ids=["characters", "parts"],
)
def test_a_huge_expression_is_refused(text: str, compile_: Callable[..., Any]) -> None:
    """An expression of more than 100,000 characters or parts is refused at once."""
    (found,) = compile_(text).diagnostics

    assert "KC219" == found.code.id
    assert "the expression is too large" == found.message()


def test_only_the_first_mistakes_are_listed(compile_: Callable[..., Any]) -> None:
    """Of very many mistakes in one expression the first twenty are reported."""
    assert 20 == len(compile_(" || ".join(["nobody"] * 1_000)).diagnostics)
    assert 20 == len(compile_(" and ".join(["b"] * 1_000)).diagnostics)


def test_a_text_cannot_pretend_to_be_a_refusal(compile_: Callable[..., Any]) -> None:
    """What CEL quotes of the expression is not taken for what CEL says."""
    text = "'ERROR: <input>:1:1: Exceeded max recursion' = s"

    assert ["KC208"] == [found.code.id for found in compile_(text).diagnostics]


class _StricterChecker:
    """An environment whose checker refuses everything."""

    def __init__(self, environment: Any) -> None:  # noqa: ANN401 -- untyped library
        self._environment = environment

    def compile(self, text: str, *, disable_check: bool = False) -> object:
        """Refuse to check."""
        if not disable_check:
            message = "found no matching overload"
            raise RuntimeError(message)
        return self._environment.compile(text, disable_check=True)


class _StricterFrontEnd(FrontEnd):
    """A front end whose CEL checker refuses what the project's own accepts."""

    def environment(self, variables: object) -> object:
        return _StricterChecker(super().environment(variables))  # type: ignore[arg-type]


def test_nothing_is_accepted_that_cel_refuses(schema: Schema) -> None:
    """Where only CEL's own checker finds fault, the expression is refused all the same."""
    diagnostics = Diagnostics()

    assert None is _StricterFrontEnd(schema).compile(Text("1 == 1"), {}, diagnostics=diagnostics)
    assert ["KC299"] == [found.code.id for found in diagnostics]
