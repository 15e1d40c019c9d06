"""Where a rule and a figure come from: the clause, and the document where it is another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaocheng import Assessment, Event, Host, Journal, assess, explain
from kaocheng.calendars.numberline import parse_instant

RULESET = """\
kaocheng: 1
ruleset: reading
version: "1"
cite: 《办法》
effective: {from: open}
kinds: {report: {fields: {pages: int}}}
parameters:
  most: {type: int, value: 9, title: {zh: 页数上限, en: most pages}, clause: 第二条, cite: 《细则》}
  least:
    type: int
    value: 1
    title: {zh: 页数下限, en: least pages}
    assumed: {value: {zh: 原文未定, en: not given}}
findings:
  - id: own
    title: {zh: 甲, en: A}
    clause: 第三条
    cite: 《办法》
    for: report as r
    when: r.pages > least
    finding: own
  - id: other
    title: {zh: 乙, en: B}
    clause: 第四条
    cite: 《细则》
    for: report as r
    when: r.pages > most
    finding: other
  - id: alone
    title: {zh: 丙, en: C}
    cite: Letter of 2009
    assumed: {zh: 依复函, en: as the letter says}
    for: report as r
    when: r.pages > 0
    finding: alone
"""


@pytest.fixture
def assessment(tmp_path: Path) -> Assessment:
    """One report under rules of several documents."""
    folder = tmp_path / "reading"
    (folder / "versions").mkdir(parents=True)
    (folder / "versions/1.yaml").write_text(RULESET, "utf-8")
    ruleset = Host.discover().load(str(folder))
    at = parse_instant("2024-03-01T09:00:00Z")
    data = {"pages": 12}
    event = Event(case="report/1", sequence=1, event="submit", at=at, data=data)
    return assess(ruleset, Journal(events=(event,)), as_of=at)


def told(assessment: Assessment, rule: str, language: str) -> list[str]:
    """What explains a rule, line by line and without indentation."""
    found = explain(assessment, "report/1", rule=rule)
    return [line.strip() for item in found for line in item.texts(language)]


@pytest.mark.parametrize(
    ("rule", "english", "chinese"),
    [
        ("own", "A · 第三条 · version 1", "甲 · 第三条 · 版本 1"),
        ("other", "B · 《细则》, 第四条 · version 1", "乙 · 《细则》第四条 · 版本 1"),
        ("alone", "C · Letter of 2009 · version 1", "丙 · Letter of 2009 · 版本 1"),
    ],
)
def test_another_document_is_named_in_the_heading(
    assessment: Assessment, rule: str, english: str, chinese: str
) -> None:
    """A heading names the document beside the clause only where it is not the ruleset's own."""
    assert (english, chinese) == (
        told(assessment, rule, "en")[0],
        told(assessment, rule, "zh")[0],
    )


def test_another_document_of_a_figure_is_named(assessment: Assessment) -> None:
    """A parameter of another document is explained with the document and the clause."""
    assert "by 《细则》, 第二条" in told(assessment, "other", "en")
    assert "依据：《细则》第二条" in told(assessment, "other", "zh")


def test_what_a_figure_assumes_is_named(assessment: Assessment) -> None:
    """A reason about one thing of a figure says what it is about."""
    assert "assumed for value: not given" in told(assessment, "own", "en")
    assert "系假定（value）：原文未定" in told(assessment, "own", "zh")


def test_one_reason_in_both_languages(assessment: Assessment) -> None:
    """A rule may give one reason for the whole in both languages."""
    assert "assumed: as the letter says" in told(assessment, "alone", "en")
    assert "系假定：依复函" in told(assessment, "alone", "zh")
