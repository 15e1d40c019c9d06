"""The public conformance suite: what is accepted has the suite's value, the rest is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaocheng.evaluate.python._setting import Setting
from kaocheng.evaluate.python.expression import evaluate_expression
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
# Entries that our number rules answer differently, with the reason.
LONG = "a duration is any number of microseconds within 64 bits; CEL has its own, smaller bounds"
DIFFERENT = {
    "timestamps/timestamp_range/sub_time_duration_over: "
    "timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z')": LONG,
    "timestamps/timestamp_range/sub_time_duration_under: "
    "timestamp('0001-01-01T00:00:00Z') - timestamp('9999-12-31T23:59:59Z')": LONG,
    "timestamps/duration_range/add_under: "
    "duration('-200000000000s') + duration('-200000000000s')": LONG,
    "timestamps/duration_range/add_over: "
    "duration('200000000000s') + duration('200000000000s')": LONG,
    "timestamps/duration_range/sub_under: "
    "duration('-200000000000s') - duration('200000000000s')": LONG,
    "timestamps/duration_range/sub_over: "
    "duration('200000000000s') - duration('-200000000000s')": LONG,
}


@pytest.fixture(scope="module")
def verdicts(data_dir: Path) -> tuple[Verdict, ...]:
    """Every entry of the core, compiled."""
    return judge(read_suite(data_dir / "cel_spec_tests.json"), FrontEnd(Schema({})))


def test_accepted_entries_have_the_value_of_the_suite(verdicts: tuple[Verdict, ...]) -> None:
    """The Python evaluator gives the suite's value, and unknown where the suite has an error."""
    setting = Setting(
        relations={},
        version=VersionFacts(name="suite", window=Window(first_day=None, last_day=None)),
    )
    different = {
        verdict.entry.id
        for verdict in verdicts
        if verdict.expr is not None
        and not agrees(verdict, evaluate_expression(verdict.expr, verdict.entry.bindings, setting))
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
