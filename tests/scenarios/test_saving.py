"""Any case saved as a scenario: the file reads without a word, and passes."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal as Exact
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from kaocheng import Actor, Assessment, Event, Host, Journal, Ruleset, assess, open_input
from kaocheng.calendars import parse_instant
from kaocheng.diagnostics import Diagnostics
from kaocheng.errors import InputError
from kaocheng.model.events import Correction
from kaocheng.scenarios import Outcome, Scenario, ScenarioRunner, read_scenarios, without_rule
from kaocheng.scenarios.saving import Saved, scenario_of
from kaocheng.testing import Timeline, timelines

# For each shipped ruleset, of which there are many.
FEW = max(5, settings.default.max_examples // 5)
PERMITS_AS_OF = "2012-02-01T00:00:00+01:00"


@pytest.fixture(scope="module")
def awkward(host: Host) -> Ruleset:
    """A ruleset that reads every sort of value, under two versions."""
    return host.load(str(Path(__file__).parent / "saved"))


def reread(ruleset: Ruleset, text: str, folder: Path) -> Scenario:
    """The saved scenario, which reads without an error; days of a journal are only warned of."""
    path = folder / "saved.yaml"
    path.write_text(text, "utf-8")
    diagnostics = Diagnostics()
    (scenario,) = read_scenarios(path, ruleset, diagnostics)
    assert [] == [d.message() for d in diagnostics.errors]
    return scenario


def ran(ruleset: Ruleset, text: str, folder: Path) -> Outcome:
    """What comes out when the saved scenario is read and run."""
    return ScenarioRunner(ruleset).run(reread(ruleset, text, folder))


def saved(assessment: Assessment, journal: Journal, case: str) -> Saved:
    """The scenario of a case."""
    return scenario_of(assessment, journal, case)


def test_a_saved_scenario_passes(
    ruleset: Ruleset, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the case, its scenario reads without a diagnostic and comes out as written."""
    folder = tmp_path_factory.mktemp("saved")

    @settings(max_examples=FEW)
    @given(timelines(ruleset), st.data())
    def holds(timeline: Timeline, data: st.DataObject) -> None:
        cases = sorted({event.case for event in timeline.journal.events})
        if not cases:
            return
        case = data.draw(st.sampled_from(cases))
        assessment = assess(ruleset, timeline.journal, as_of=timeline.as_of)
        try:
            scenario = saved(assessment, timeline.journal, case)
        except InputError as refusal:
            if "no rule speaks of" not in str(refusal):
                raise
            return
        assert () == ran(ruleset, scenario.text, folder).failures
        if len(cases) == 1:
            assert () == scenario.left_out

    holds()


def test_a_journal_as_offices_keep_them(
    awkward: Ruleset, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Blank, wrong and misleading values, gaps and clashes of numbers: nothing is lost."""
    folder = tmp_path_factory.mktemp("saved")

    @given(timelines(awkward, max_cases=1), st.data())
    def holds(timeline: Timeline, data: st.DataObject) -> None:
        events = tuple(data.draw(spoilt(event)) for event in timeline.journal.events)
        known_at = data.draw(st.none() | st.just(timeline.as_of))
        journal = Journal(events=(*events, *data.draw(st.sampled_from(((), events[:1])))))
        for case in sorted({event.case for event in events}):
            assessment = assess(awkward, journal, as_of=timeline.as_of, known_at=known_at)
            if case.startswith("office/") and not assessment.facts.relations["office"]:
                continue
            scenario = saved(assessment, journal, case)
            assert () == scenario.left_out
            assert () == ran(awkward, scenario.text, folder).failures

    holds()


SPOILT: tuple[object, ...] = (
    None, "unknown", "never", "", " ", "5", "true", "null", "~", "no", "17:00", "2009-03-02",
    "a: b", "a #b", "- a", "x == y && z", "两\u3000行\u2028，\u200b零宽\ufeff", "line\nline\n",
    "\x00\x85", "😀" * 50, 5, 2**63 - 2, 2**63, -1, True, 1.5, Exact("1E+3"), Exact("0E-60"),
    Exact("1000.00"), Exact("0.001"), [], [None], ["office/a", None, "unknown"], {"a": 1},
    "office/a", "a",
)  # fmt: skip


@st.composite
def spoilt(draw: st.DrawFn, event: Event) -> Event:
    """The event with other numbers and other data, as any journal might have it."""
    keys = st.sampled_from(
        ("text", "pages", "fee", "counted", "readers", "old", "size", "place", "class")
    )
    data = {**event.data, **draw(st.dictionaries(keys, st.sampled_from(SPOILT), max_size=4))}
    corrects = event.corrects
    if corrects is not None:
        corrects = evolve(corrects, data={} if corrects.void else data)
    name = event.event if corrects is None else draw(st.sampled_from((event.event, "更正 1")))
    number = event.sequence * 10 if draw(st.booleans()) and corrects is None else event.sequence
    return evolve(event, data=data, corrects=corrects, event=name, sequence=number)


WRITTEN = """\
kaocheng: 1
ruleset: saved
scenarios:
  - id: case_note_1___
    as_of: '2009-12-31T23:59:59+08:00'
    timeline:
      - case: 'note/1 #二'
        event: write
        at: '2008-03-02T09:00:00+08:00'
        sequence: 7
        recorded_at: '2008-03-03T09:00:00+08:00'
        actor:
          id: li
          roles:
            - clerk
        data:
          office: a
          text: unknown
          pages: unknown
          fee: '1000.00'
          readers:
            - a
            - unknown
          old: "unknown"
      - case: 'note/1 #二'
        event: mark
        at: unknown
        data:
          size: 5
          place: "a\\u200bb\\n"
      - case: 'note/1 #二'
        event: 更正
        at: '2009-01-02'
        corrects:
          sequence: 7
          reason: misread
          data:
            counted: true
            pages: 9223372036854775806
      - case: office/a
        event: open
        at: '2008-01-01'
"""


def test_how_it_is_written(awkward: Ruleset, tmp_path: Path) -> None:
    """What the ruleset reads of an event is written, nothing else, and so that it is read back."""
    at, recorded = (parse_instant(f"2008-03-0{day}T09:00:00+08:00") for day in (2, 3))
    data = {
        "office": "a",
        "text": None,
        "pages": "many",
        "fee": Exact("1E+3"),
        "readers": ["a", None],
        "old": "unknown",
        "colour": "red",
    }
    late = {"counted": True, "pages": 2**63 - 2}
    case = "note/1 #二"
    written = Event(
        case=case,
        sequence=7,
        event="write",
        at=at,
        recorded_at=recorded,
        actor=Actor(id="li", roles=("clerk",)),
        data=data,
    )
    journal = Journal(
        events=(
            written,
            Event(case=case, sequence=8, event="mark", data={"size": 5, "place": "a\u200bb\n"}),
            Event(case=case, sequence=10, event="mark", at=at, data={"size": 5}),
            Event(case=case, sequence=10, event="mark", at=at, data={"size": 6}),
            Event(case=case, sequence=11, event="stray", at=at),
            Event(
                case=case,
                sequence=9,
                event="更正",
                date=14246,
                corrects=Correction(sequence=7, reason="misread", data=late),
            ),
            Event(case="office/a", sequence=1, event="open", date=13879),
            Event(case="office/b", sequence=1, event="open", date=13879),
        )
    )
    as_of = parse_instant("2009-12-31T23:59:59+08:00")
    scenario = saved(assess(awkward, journal, as_of=as_of), journal, case)

    assert WRITTEN == scenario.text.partition("    expect:")[0]
    assert "finding: thick" in scenario.text
    assert () == scenario.left_out
    assert ran(awkward, scenario.text, tmp_path).passed


@pytest.mark.parametrize(
    ("case", "message", "zh"),
    [
        ("letter/1", "letter/1: the ruleset has no kind `letter`", "规则集没有类别 `letter`"),
        (
            "office/late",
            "office/late: no rule speaks of `office`, and as of 2009-12-31T23:59:59+08:00 "
            "it has no state, so nothing can be expected",
            "没有规则涉及 `office`，截至 2009-12-31T23:59:59+08:00 也没有状态，无从写明应得结果",
        ),
        (
            "note/long",
            "note/long: no scenario can say it: this value is longer than 100,000 characters",
            "无法写成情景：此值超过 100,000 个字符",
        ),
    ],
)
def test_what_no_scenario_can_say(awkward: Ruleset, case: str, message: str, zh: str) -> None:
    """A case that no file can hold, or of which nothing is said, is refused with the reason."""
    at, as_of = (parse_instant(f"20{year}-12-31T23:59:59+08:00") for year in ("08", "09"))
    journal = Journal(
        events=(
            Event(case="letter/1", sequence=1, event="write", at=at),
            Event(case="office/late", sequence=1, event="open", at=as_of + 1),
            Event(case="note/long", sequence=1, event="write", at=at, data={"text": "x" * 100_001}),
        )
    )
    with pytest.raises(InputError) as caught:
        saved(assess(awkward, journal, as_of=as_of), journal, case)

    assert (message, zh) == (str(caught.value), caught.value.zh)


def test_a_case_about_which_nothing_is_said(awkward: Ruleset, tmp_path: Path) -> None:
    """Where no rule gives a row, as before the case begins, that is what is expected."""
    at = parse_instant("2009-12-31T23:59:59+08:00")
    journal = Journal(events=(Event(case="note/1", sequence=1, event="mend", at=at),))
    scenario = saved(assess(awkward, journal, as_of=at - 1), journal, "note/1")

    assert "    absent:\n      - rule: mending\n        case: note/1\n" in scenario.text
    assert "expect:" not in scenario.text
    assert ran(awkward, scenario.text, tmp_path).passed


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
        ("guangdong-highest", "march.jsonl", "commission/synthetic-1"),
        ("lianyungang-cumulative", "march.jsonl", "report/synthetic-1"),
        ("lianshi-person", "april.jsonl", "person/synthetic-1"),
        ("zhonglou-quarter", "first_quarter.jsonl", "unit/synthetic-1"),
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
    command = ("assess", "wuhu-information", journal, "--case", "unit/a", "--save-scenario", target)
    ran_, in_chinese = cli(*command), cli(*command, "--lang", "zh")

    assert (0, f"written: {target}\n") == (ran_.code, ran_.out)
    assert "left out, because cases outside of the file count: league\n" == ran_.err
    assert "因涉及文件以外的事项，未写入：league\n" == in_chinese.err
    assert ran(host.load("wuhu-information"), target.read_text("utf-8"), tmp_path).passed
