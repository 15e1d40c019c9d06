"""The circulars of a city's information network, each by the ruleset that has the matter."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

VERIFIER: dict[str, object] = {"id": "person/chen", "roles": ["verifier"]}
EDITOR: dict[str, object] = {"id": "person/sun", "roles": ["editor"]}
OFFICER: dict[str, object] = {"id": "person/wang", "roles": ["informant"]}
EVENTS: tuple[tuple[str, str, str, dict[str, object] | None, dict[str, object]], ...] = (
    ("unit/fanchang", "admit", "01-01T00:00", None, {"name": "繁昌县", "class": "county"}),
    ("unit/gongan", "admit", "01-01T00:00", None, {"name": "市公安局", "class": "city_police"}),
    ("unit/dangan", "admit", "01-01T00:00", None, {"name": "市档案局", "class": "other"}),
    ("unit/gongan", "nothing_to_report", "03-03T17:00", None, {}),
    ("incident/1", "learn", "03-04T10:00", None, {"name": "管涌", "unit": "unit/fanchang"}),
    (
        "report/1",
        "submit",
        "03-04T18:00",
        OFFICER,
        {"headline": "管涌", "unit": "unit/fanchang", "incident": "incident/1", "stage": "final"},
    ),
    ("report/1", "verify", "03-04T19:00", VERIFIER, {"asked": ["unit/shuili"]}),
    (
        "report/1",
        "adopt",
        "03-05T09:00",
        EDITOR,
        {"outlet": "special_report", "level": "city"},
    ),
    (
        "violation/1",
        "open",
        "03-06T09:00",
        VERIFIER,
        {
            "rule": "urgent_report",
            "finding": "late",
            "about": "incident/1",
            "unit": "unit/fanchang",
        },
    ),
    ("violation/1", "verify", "03-09T09:00", VERIFIER, {}),
)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A month in which an urgent matter was reported late."""
    numbers: dict[str, int] = {}
    lines = []
    for case, event, at, actor, data in EVENTS:
        numbers[case] = numbers.get(case, 0) + 1
        time = f"2009-{at}:00+08:00"
        line = {"case": case, "sequence": numbers[case], "event": event, "at": time}
        lines.append(json.dumps({**line, "recorded_at": time, "actor": actor, "data": data}))
    path = tmp_path / "march.jsonl"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_who_is_criticised_is_named(cli: Callable[..., Any], journal: Path) -> None:
    """The month's circular of quality names what was late, and the criticism that follows."""
    said = cli("bulletin", "wuhu-quality", journal, "--period", "2009-03", "--lang", "zh").out

    assert "| 繁昌县 | 1 | 通报批评 | 2009-03-09 | 1 |\n" in said
    assert "| 繁昌县 | 迟报 | 经核实属实 | 二(一)，“要随时发生随时报送”；四(二)，" in said
    assert "| 繁昌县 | 续报要素不全 | 疑似 |" in said


def test_the_circular_of_a_week(cli: Callable[..., Any], journal: Path) -> None:
    """A week has a circular of its own, with its adoptions."""
    said = cli("bulletin", "wuhu-information", journal, "--period", "2009-W10", "--lang", "zh").out

    assert "通报周期：2009年3月2日至2009年3月8日\n" in said
    assert "| 1 | 繁昌县 | 5 | 5 | 5 | 5 |\n" in said
    assert "| 繁昌县 | 管涌 | 信息采用 | 2009-03-05 | 5 |\n" in said


def test_nothing_to_report_is_not_silent(cli: Callable[..., Any], journal: Path) -> None:
    """A unit that said that nothing happened is not named among the silent ones."""
    said = cli("bulletin", "wuhu-information", journal, "--period", "2009-03", "--lang", "zh").out

    assert "当月报送和报告“无事”次数为零的（1个）：市档案局\n" in said
