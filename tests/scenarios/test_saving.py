"""Any case saved as a scenario: the file reads without a word, and passes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaocheng import Assessment, Host, Journal, Ruleset, assess, open_input
from kaocheng.calendars import parse_instant
from kaocheng.diagnostics import Diagnostics
from kaocheng.scenarios import Outcome, Scenario, ScenarioRunner, read_scenarios, without_rule
from kaocheng.scenarios.saving import Saved, scenario_of
from kaocheng.testing import Timeline, timelines

NAMES = ("permit-receipt", "washington-breach", "wuhu-information")
PERMITS_AS_OF = "2012-02-01T00:00:00+01:00"


@pytest.fixture(scope="module", params=NAMES)
def ruleset(request: pytest.FixtureRequest, host: Host) -> Ruleset:
    """Each shipped ruleset."""
    return host.load(request.param)


def reread(ruleset: Ruleset, text: str, folder: Path) -> Scenario:
    """The saved scenario, which reads without a diagnostic."""
    path = folder / "saved.yaml"
    path.write_text(text, "utf-8")
    diagnostics = Diagnostics()
    (scenario,) = read_scenarios(path, ruleset, diagnostics)
    assert [] == [d.message() for d in diagnostics]
    return scenario


def ran(ruleset: Ruleset, text: str, folder: Path) -> Outcome:
    """What comes out when the saved scenario is read and run."""
    return ScenarioRunner(ruleset).run(reread(ruleset, text, folder))


def saved(assessment: Assessment, journal: Journal, case: str) -> Saved:
    """The scenario of a case."""
    return scenario_of(assessment, journal, case)


@pytest.mark.xfail(reason="some generated data are not written back as they were", strict=False)
def test_a_saved_scenario_passes(
    ruleset: Ruleset, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the case, its scenario reads without a diagnostic and comes out as written."""
    folder = tmp_path_factory.mktemp("saved")

    @given(timelines(ruleset), st.data())
    def holds(timeline: Timeline, data: st.DataObject) -> None:
        cases = sorted({event.case for event in timeline.journal.events})
        if not cases:
            return
        case = data.draw(st.sampled_from(cases))
        assessment = assess(ruleset, timeline.journal, as_of=timeline.as_of)
        text = saved(assessment, timeline.journal, case).text
        if "expect:" in text or "states:" in text:
            assert () == ran(ruleset, text, folder).failures

    holds()


@pytest.mark.xfail(reason="some generated data are not written back as they were", strict=False)
def test_a_saved_scenario_leaves_out_only_what_rests_on_others(
    ruleset: Ruleset, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Where the journal has no other case, nothing is left out."""
    folder = tmp_path_factory.mktemp("saved")

    @given(timelines(ruleset, max_cases=1))
    def holds(timeline: Timeline) -> None:
        cases = sorted({event.case for event in timeline.journal.events})
        for case in cases:
            assessment = assess(ruleset, timeline.journal, as_of=timeline.as_of)
            scenario = saved(assessment, timeline.journal, case)
            assert () == scenario.left_out
            if "expect:" in scenario.text or "states:" in scenario.text:
                assert ran(ruleset, scenario.text, folder).passed

    holds()


def test_a_real_notice(host: Host, data_dir: Path, tmp_path: Path) -> None:
    """A real notice becomes a scenario that passes, and fails without its rule."""
    ruleset = host.load("washington-breach")
    journal = open_input(data_dir / "wa_breach_notifications.csv", ruleset, host.formats())
    assessment = assess(ruleset, journal, as_of=parse_instant("2024-04-20T00:00:00-07:00"))
    scenario = saved(assessment, journal, "breach/10427")

    without = ScenarioRunner(without_rule(ruleset, "notice"))

    assert "rule: notice" in scenario.text
    assert ran(ruleset, scenario.text, tmp_path).passed
    assert not without.run(reread(ruleset, scenario.text, tmp_path)).passed


def test_every_real_permit(host: Host, data_dir: Path, tmp_path: Path) -> None:
    """Real permits, the suspicious ones among them, become scenarios that pass."""
    ruleset = host.load("permit-receipt")
    journal = open_input(data_dir / "env_permit.xes.gz", ruleset, host.formats())
    assessment = assess(ruleset, journal, as_of=parse_instant(PERMITS_AS_OF))
    cases = ["permit/case-10862", "permit/case-8267", "permit/case-5877"]
    scenarios = [saved(assessment, journal, case) for case in cases]

    assert [()] * 3 == [scenario.left_out for scenario in scenarios]
    assert all(ran(ruleset, scenario.text, tmp_path).passed for scenario in scenarios)
    assert "finding: suspicious" in scenarios[0].text


@pytest.mark.parametrize(
    ("name", "file", "case"),
    [
        ("washington-breach", "notices.csv", "breach/7"),
        ("permit-receipt", "permits.xes", "permit/synthetic-01"),
        ("wuhu-information", "march.jsonl", "report/synthetic-1"),
        ("wuhu-information", "march.jsonl", "unit/synthetic-002"),
    ],
)
def test_the_command_line(  # noqa: PLR0913, PLR0917
    cli: Callable[..., Any], host: Host, tmp_path: Path, name: str, file: str, case: str
) -> None:
    """`--save-scenario` writes the scenario of a case of a sample, which passes."""
    folder = host.find(name)
    target = tmp_path / "out.yaml"
    ran_ = cli("assess", name, folder / "sample" / file, "--case", case, "--save-scenario", target)

    assert (0, f"written: {target}\n") == (ran_.code, ran_.out)
    assert ran(host.load(name), target.read_text("utf-8"), tmp_path).passed


def test_a_rank_rests_on_others(cli: Callable[..., Any], host: Host, tmp_path: Path) -> None:
    """A unit's rank among others is left out of its scenario, and the command says so."""
    two = "".join(
        '{"case": "unit/%s", "sequence": 1, "event": "admit", "at": "2009-03-01T00:00:00+08:00",'  # noqa: UP031
        ' "data": {"class": "other", "name": "%s"}}\n' % (name, name)
        for name in ("a", "b")
    )
    report = (
        '{"case": "report/1", "sequence": 1, "event": "submit",'
        ' "at": "2009-03-02T00:00:00+08:00", "data": {"unit": "unit/b", "genre": "dynamic"}}\n'
    )
    journal = tmp_path / "journal.jsonl"
    journal.write_text(two + report, "utf-8")
    target = tmp_path / "out.yaml"
    ran_ = cli("assess", "wuhu-information", journal, "--case", "unit/a", "--save-scenario", target)

    assert (0, f"written: {target}\n") == (ran_.code, ran_.out)
    assert "left out, because cases outside of the file count: league\n" == ran_.err
    assert ran(host.load("wuhu-information"), target.read_text("utf-8"), tmp_path).passed
