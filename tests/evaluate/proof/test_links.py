"""Promises that read other rules through their rows: what a rule gives, a link to it finds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

RULESET = """\
kaocheng: 1
ruleset: links
version: "1"
effective: {from: open}
kinds:
  incident:
    fields:
      deaths: {type: int, event: happen}
      known_at: {at: learn}
      told_at: {at: tell}
derived:
  - {id: grade, clause: a, for: incident as i, value: "i.deaths >= 3 ? 2 : 1"}
deadlines:
  - {id: local, clause: a, for: incident as i, starts: i.known_at, within: 40 minutes, met_at: i.told_at}
  - {id: national, clause: a, for: incident as i, starts: i.known_at, within: 2 hours, met_at: i.told_at}
properties:
"""  # noqa: E501


@pytest.mark.parametrize(
    ("given", "claim", "verdict"),
    [
        ("i.deaths >= 3", "i.grade == 2", "proved"),
        ("i.deaths >= 0", "i.grade == 2", "refuted"),
        ("happened(i.known_at)", "i.local.due <= i.national.due", "proved"),
        ("happened(i.known_at)", "i.national.due <= i.local.due", "refuted"),
    ],
)
def test_a_link_finds_what_the_rule_gives(
    given: str, claim: str, verdict: str, tmp_path: Path, cli: Callable[..., Any]
) -> None:
    """A promise of a case may read its grade and its deadlines; it is proved, or broken by a case."""  # noqa: E501
    path = tmp_path / "links.yaml"
    promise = f'  - {{id: p, clause: a, for: incident as i, given: "{given}", claim: "{claim}"}}\n'
    path.write_text(RULESET + promise, "utf-8")

    assert cli("prove", path).out.startswith(f"{verdict}  p")
