"""Kinds of findings are called what their rule calls them, also where a deadline raises them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaocheng import Assessment, Host, Journal, Ruleset, assess
from kaocheng.language.expressions import Literal
from kaocheng.language.saving import load, save
from kaocheng.rendering.words import finding_title

RULESET = """\
kaocheng: 1
ruleset: named
version: "1"
effective: {from: open}
time_zone: Asia/Shanghai
kinds:
  report: {fields: {due_at: {at: ask}, sent_at: {at: send}, pages: {type: int, event: send}}}
deadlines:
  - id: sent
    clause: a
    for: report as r
    starts: r.due_at
    within: 1 day
    met_at: r.sent_at
    raise:
      - {finding: late, finding_title: {zh: 逾期, en: too late}}
      - {finding: gone, finding_title: {zh: 未报, en: not sent}, as: alleged, on: overdue}
      - {finding: bare, as: alleged, on: lapsed}
findings:
  - id: thin
    clause: a
    for: report as r
    when: r.pages < 2
    finding: odd
    finding_title: {zh: 篇幅异常, en: odd length}
  - {id: thick, clause: a, for: report as r, when: r.pages > 9, finding: odd}
"""


def assessed(ruleset: Ruleset) -> Assessment:
    """The ruleset on nothing."""
    return assess(ruleset, Journal(events=()), as_of=0)


@pytest.fixture
def named(tmp_path: Path, host: Host) -> Ruleset:
    """A deadline that raises three kinds, and two rules that give the same one."""
    path = tmp_path / "named.yaml"
    path.write_text(RULESET, "utf-8")
    return host.load(path)


def test_titles_of_what_a_deadline_raises(named: Ruleset, tmp_path: Path) -> None:
    """The ruleset's own title goes before a word of the trade, and a saved ruleset keeps it."""
    save(named, tmp_path / "named.kaocheng.json")
    for ruleset in (named, load(tmp_path / "named.kaocheng.json")):
        titles = [finding_title(assessed(ruleset), kind) for kind in ("late", "gone", "odd")]

        assert [("too late", "逾期"), ("not sent", "未报"), ("odd length", "篇幅异常")] == titles
        assert finding_title(assessed(ruleset), "bare") == ("bare", "bare")


def test_a_title_is_part_of_the_hash(named: Ruleset, tmp_path: Path, host: Host) -> None:
    """A version whose findings are called something else is not the same text."""
    path = tmp_path / "other.yaml"
    path.write_text(RULESET.replace("篇幅异常", "篇幅有误"), "utf-8")

    assert host.load(path).versions[0].hash != named.versions[0].hash


@pytest.mark.parametrize("name", sorted(Host.discover().rulesets))
def test_every_shipped_kind_of_finding_has_a_title(host: Host, name: str) -> None:
    """No table, explanation or circular of a shipped ruleset shows the name of a kind."""
    ruleset = host.load(name)
    kinds = {
        str(kind.value)
        for rule in ruleset.plan.rules
        if rule.collection == "findings"
        for pipeline in rule.variants.values()
        if isinstance(kind := pipeline.output["finding"], Literal)
    }
    assessment = assessed(ruleset)

    assert not [kind for kind in kinds if finding_title(assessment, kind)[1].isascii()]
