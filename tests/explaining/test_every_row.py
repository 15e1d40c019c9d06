"""Every row of every rule can be explained, whatever happened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_stories import MONTH, assessed
from hypothesis import given, settings
from hypothesis import strategies as st

from kaocheng import Assessment, Explanation, Host, Journal, Ruleset, assess, explain
from kaocheng.calendars.numberline import DAY, parse_date, parse_instant
from kaocheng.calendars.zones import build_zone, to_utc
from kaocheng.diagnostics import Diagnostics
from kaocheng.plan.algebra import Tally
from kaocheng.scenarios import Scenario, read_scenarios, scenario_files
from kaocheng.testing import Timeline, timelines

FOLDERS = sorted((Path(__file__).parents[1] / "policies" / "rulesets").iterdir())
SHIPPED = sorted(Host.discover().rulesets)
LANGUAGES = ("en", "zh")
# Of scenarios of shipped rulesets, which are many, and of generated journals.
FEW_CASES = 2
FEW = 10
# What must never be read: Python's own words, a blank that was not filled, an empty name.
WRONG = re.compile(r"\bNone\b|\bTrue\b|\bFalse\b|[{}]|\(``\)|= $|：$")


def rules(ruleset: Ruleset) -> list[str]:
    """The rules of a ruleset, without the parts that they are made of."""
    return [rule.id for rule in ruleset.plan.rules if "." not in rule.id]


def texts(explanation: Explanation) -> Iterator[str]:
    """All lines in both languages."""
    for language in LANGUAGES:
        yield from explanation.texts(language)


def check(assessment: Assessment, case: str, rule: str) -> tuple[Explanation, ...]:
    """Explain one rule for one case: something is said, and nothing wrong."""
    found = explain(assessment, case, rule=rule)

    assert found
    assert [] == [line for e in found for line in texts(e) if WRONG.search(line)]
    assert {rule} == {explanation.rule for explanation in found}
    return found


def check_all(assessment: Assessment, journal: Journal, *, most: int | None = None) -> None:
    """Explain every rule for every case, or for so many of them."""
    for case in sorted({event.case for event in journal.events})[:most]:
        for rule in rules(assessment.ruleset):
            check(assessment, case, rule)


def time(ruleset: Ruleset, text: str) -> int:
    """An instant, or the end of a day."""
    if len(text) > len("2024-01-01"):
        return parse_instant(text)
    return to_utc(build_zone(ruleset.versions[-1].zone), (parse_date(text) + 1) * DAY) - 1


def assessed_scenario(ruleset: Ruleset, scenario: Scenario) -> Assessment:
    """What the ruleset says of the scenario's timeline."""
    known_at = None if scenario.known_at is None else time(ruleset, scenario.known_at)
    journal = Journal(events=scenario.events)
    as_of = time(ruleset, scenario.as_of)
    return assess(ruleset, journal, as_of=as_of, known_at=known_at)


@pytest.mark.parametrize("folder", [*map(str, FOLDERS), *SHIPPED], ids=lambda f: Path(f).name)
def test_every_rule_for_cases_of_the_scenarios(folder: str) -> None:
    """Of every form of every section, each rule says something of a case, present or not."""
    ruleset = Host.discover().load(folder)
    for path in scenario_files(ruleset):
        for scenario in read_scenarios(path, ruleset, Diagnostics()):
            journal = Journal(events=scenario.events)
            most = None if folder in map(str, FOLDERS) else FEW_CASES
            check_all(assessed_scenario(ruleset, scenario), journal, most=most)


def test_every_rule_for_every_case_of_the_desk(desk: Ruleset) -> None:
    """Each rule of the desk says something of each case of the month."""
    assessment = assessed(desk, MONTH, "2024-05-10T12:00")
    for case in sorted({told[0] for told in MONTH} | {"unit/jinghu", "person/wang"}):
        for rule in rules(desk):
            check(assessment, case, rule)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_rule_for_any_case(name: str) -> None:
    """Whatever the journal holds, a rule says something of a case that is in it."""
    ruleset = Host.discover().load(name)
    if not rules(ruleset):
        pytest.skip("a ruleset without rules")

    @settings(max_examples=FEW)
    @given(timelines(ruleset), st.sampled_from(rules(ruleset)), st.data())
    def holds(timeline: Timeline, rule: str, data: st.DataObject) -> None:
        cases = sorted({event.case for event in timeline.journal.events})
        if cases:
            case = data.draw(st.sampled_from(cases))
            check(assess(ruleset, timeline.journal, as_of=timeline.as_of), case, rule)

    holds()


@pytest.mark.parametrize("name", SHIPPED)
def test_present_is_what_the_assessment_has(name: str) -> None:
    """As many rows are explained as present as the assessment has of the case, and their statuses.

    The rows of a roll are asked for by their periods.
    """
    ruleset = Host.discover().load(name)
    if not one_row_each(ruleset):
        pytest.skip("a ruleset without such rules")

    @settings(max_examples=FEW)
    @given(timelines(ruleset), st.sampled_from(one_row_each(ruleset)), st.data())
    def holds(timeline: Timeline, rule: str, data: st.DataObject) -> None:
        assessment = assess(ruleset, timeline.journal, as_of=timeline.as_of)
        rows = assessment.rows(rule)
        if not rows:
            return
        row = data.draw(st.sampled_from(rows))
        period = row.get("period")
        found = explain(assessment, str(row["case"]), rule=rule, period=period)  # type: ignore[arg-type]
        same = [r for r in rows if r["case"] == row["case"] and r.get("period") == period]
        assert len(same) == sum(explanation.present for explanation in found)

    holds()


def one_row_each(ruleset: Ruleset) -> list[str]:
    """The rules that give a row of a case at most one result, and no tallies."""
    return [
        rule.id
        for rule in ruleset.plan.rules
        if "." not in rule.id
        and "case" in rule.relation.key
        and not {"recipient", "to"} & set(rule.relation.key)
        and not any(isinstance(s, Tally) for p in rule.variants.values() for s in p.steps)
    ]
