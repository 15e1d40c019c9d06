"""The public conformance suite: what is accepted has the suite's value, the rest is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaocheng.evaluate.python.expression import evaluate_expression
from kaocheng.evaluate.python._setting import Setting
from kaocheng.language.cel import FrontEnd, codes
from kaocheng.language.schema import Schema
from kaocheng.plan.algebra import VersionFacts, Window
from kaocheng.testing.conformance import CORE, Verdict, accepted_share, agrees, judge, read_suite

# What stands for "cannot be read" or "does not fit" says nothing about a feature.
VAGUE = {"KC201", "KC299"}
# What the language of rules leaves out, as far as the suite asks for it. Everything accepted is
# counted, so that a change in either direction is seen.
ACCEPTED = {
    "basic": 21,
    "comparisons": 38,
    "conversions": 1,
    "fields": 0,
    "fp_math": 22,
    "integer_math": 36,
    "lists": 4,
    "logic": 12,
    "macros": 20,
    "namespace": 0,
    "parse": 87,
    "plumbing": 2,
    "string": 36,
    "timestamps": 35,
    "type_deduction": 6,
}
# Entries that our number rules answer differently: name -> why.
DIFFERENT: dict[str, str] = {}


@pytest.fixture(scope="module")
def verdicts(data_dir: Path) -> tuple[Verdict, ...]:
    """Every entry of the core, compiled."""
    return judge(read_suite(data_dir / "cel_spec_tests.json"), FrontEnd(Schema({})))


def test_accepted_entries_have_the_value_of_the_suite(verdicts: tuple[Verdict, ...]) -> None:
    """The Python evaluator gives the suite's value, and unknown where the suite has an error."""
    setting = Setting(relations={}, version=VersionFacts(name="suite", window=Window(None, None)))
    different = {
        verdict.entry.id
        for verdict in verdicts
        if verdict.expr is not None
        and not agrees(
            verdict, evaluate_expression(verdict.expr, verdict.entry.bindings, setting)
        )
    }

    assert set(DIFFERENT) == different


def test_refused_entries_are_refused_by_feature(verdicts: tuple[Verdict, ...]) -> None:
    """What is not accepted is refused when it is compiled, and the diagnostic says for what."""
    known = {code.id for code in codes.CODES} - VAGUE
    vague = [
        verdict.entry.id
        for verdict in verdicts
        if not verdict.accepted
        and verdict.entry.variables is not None
        and not {found.code.id for found in verdict.diagnostics} & known
    ]

    assert [] == vague


def test_the_share_of_accepted_entries_is_known(verdicts: tuple[Verdict, ...]) -> None:
    """How much of each file is accepted changes only with the language, and then here too."""
    share = accepted_share(verdicts)

    assert list(CORE) == sorted(share)
    assert ACCEPTED == {file: accepted for file, (accepted, _) in share.items()}
