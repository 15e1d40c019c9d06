"""The ruleset that the trial is under, checked and compiled once for all processes."""

from __future__ import annotations

import tempfile
from pathlib import Path

from attrs import frozen

from kaocheng.evaluate.python import Program, compile_plan
from kaocheng.language.check import check
from kaocheng.language.ruleset import Ruleset
from kaocheng_policies import plugin


@frozen
class Rules:
    """A ruleset and its compiled plan."""

    ruleset: Ruleset
    program: Program


def rules() -> Rules:
    """The ruleset that stands beside this file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "versions" / "1.yaml"
        path.parent.mkdir()
        path.write_bytes(Path(__file__).with_name("ruleset.yaml").read_bytes())
        checked = check(Path(folder), sections=plugin.kaocheng_sections())
    if checked.ruleset is None:
        raise AssertionError("\n".join(f"{d.span}: {d.message()}" for d in checked.errors))
    return Rules(checked.ruleset, compile_plan(checked.ruleset.plan))
