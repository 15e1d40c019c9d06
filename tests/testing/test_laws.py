"""What holds of every journal under every shipped ruleset."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from kaocheng import Assessment, Event, Explanation, Journal, Ruleset, assess, explain
from kaocheng.assessing import Evaluator
from kaocheng.explaining.texts import word
from kaocheng.journal.writing import write_jsonl
from kaocheng.model.events import Correction
from kaocheng.rendering.data import as_data
from kaocheng.testing import Timeline, timelines

# For each law and each shipped ruleset, of which there are many; a tenth of what others look at.
FEW = max(5, settings.default.max_examples // 10)


def assessed(ruleset: Ruleset, timeline: Timeline, evaluator: Evaluator = "python") -> Assessment:
    """The timeline, assessed at its time."""
    return assess(ruleset, timeline.journal, as_of=timeline.as_of, evaluator=evaluator)


def printed(assessment: Assessment) -> str:
    """The whole assessment as JSON text."""
    return json.dumps(as_data(assessment), ensure_ascii=False)


def test_every_row_has_one_status(ruleset: Ruleset) -> None:
    """Any journal is assessed, and the statuses of a deadline sum to its rows."""

    @settings(max_examples=FEW)
    @given(timelines(ruleset))
    def holds(timeline: Timeline) -> None:
        assessment = assessed(ruleset, timeline)
        for rule in assessment.rules("deadlines"):
            assert len(assessment.results[rule.id]) == sum(assessment.statuses(rule.id).values())
        assert sum(assessment.findings().values()) == len(assessment.results["findings"])
        governed = sum(use.instances for use in assessment.versions())
        assert governed == sum(len(assessment.results[r.id]) for r in ruleset.plan.rules)

    holds()


def test_evaluators_agree(ruleset: Ruleset, evaluator: Evaluator) -> None:
    """Every evaluator gives the same rows."""

    @settings(max_examples=FEW)
    @given(timelines(ruleset))
    def holds(timeline: Timeline) -> None:
        reference = assessed(ruleset, timeline)
        seen = assessed(ruleset, timeline, evaluator)
        assert reference.results == seen.results

    holds()


def test_order_of_events(ruleset: Ruleset) -> None:
    """The order in which events are given means nothing, down to the bytes."""

    @settings(max_examples=FEW)
    @given(timelines(ruleset), st.randoms(use_true_random=False))
    def holds(timeline: Timeline, chance: random.Random) -> None:
        events = list(timeline.journal.events)
        chance.shuffle(events)
        other = evolve(timeline, journal=Journal(events=tuple(events)))
        assert printed(assessed(ruleset, timeline)) == printed(assessed(ruleset, other))

    holds()


def test_a_voided_event_never_happened(ruleset: Ruleset) -> None:
    """A correction that voids an event gives what the journal without the event gives."""

    @settings(max_examples=FEW)
    @given(timelines(ruleset), st.data())
    def holds(timeline: Timeline, data: st.DataObject) -> None:
        events = [event for event in timeline.journal.events if event.corrects is None]
        if not events:
            return
        gone = data.draw(st.sampled_from(events))
        without = [event for event in events if event is not gone]
        voided = [*events, _void(gone, events)]
        rows = [
            assess(ruleset, Journal(events=tuple(found)), as_of=timeline.as_of).results
            for found in (without, voided)
        ]
        assert rows[0] == rows[1]

    holds()


def test_explanations_agree_with_the_rows(ruleset: Ruleset) -> None:
    """Every case can be explained, and its explanation ends in the status of its row."""

    @settings(max_examples=FEW)
    @given(timelines(ruleset))
    def holds(timeline: Timeline) -> None:
        assessment = assessed(ruleset, timeline)
        for case in sorted({event.case for event in timeline.journal.events}):
            explain(assessment, case)
            for rule in assessment.rules("deadlines"):
                assert _statuses(assessment, rule.id, case) == _explained(assessment, rule.id, case)

    holds()


def test_generated_journals_can_be_written_and_read(ruleset: Ruleset) -> None:
    """A generated journal is valid: as a file it reads back as it is, every line of it."""
    from kaocheng.journal.json_text import parse_json
    from kaocheng.journal.lines import read_event

    @settings(max_examples=FEW)
    @given(timelines(ruleset))
    def holds(timeline: Timeline) -> None:
        text = write_jsonl(timeline.journal)
        events = tuple(read_event(parse_json(line)) for line in text.splitlines())  # type: ignore[arg-type]
        assert text == write_jsonl(Journal(events=events))
        assert len(timeline.journal.events) == len(events)

    holds()


def _void(event: Event, events: list[Event]) -> Event:
    """The correction by which the event has never happened; it is known from the start."""
    last = max(other.sequence for other in events if other.case == event.case)
    return Event(
        case=event.case,
        sequence=last + 1,
        event="correct",
        at=0,
        corrects=Correction(sequence=event.sequence, reason="never happened", void=True),
    )


def _statuses(assessment: Assessment, rule: str, case: str) -> Counter[str]:
    rows = [row for row in assessment.rows(rule) if row["case"] == case]
    return Counter(str(row["status"] or "undetermined") for row in rows)


def _explained(assessment: Assessment, rule: str, case: str) -> Counter[str]:
    """The statuses that the explanations of every row of a rule end in."""
    words = {word(name)[0]: name for name in assessment.statuses(rule)}
    periods = {row.get("period") for row in assessment.rows(rule) if row["case"] == case}
    found: Counter[str] = Counter()
    for period in periods:
        name = None if period is None else str(period)
        for explanation in explain(assessment, case, rule=rule, period=name):
            found.update(_ends(explanation, words))
    return found


def _ends(explanation: Explanation, words: Mapping[str, str]) -> Iterator[str]:
    """The statuses that an explanation ends in; one that only may apply says why beside it."""
    lines = [line.en for line in explanation.lines]
    results = [line.removeprefix("result: ") for line in lines if line.startswith("result: ")]
    for result in results:
        yield "late" if result.startswith("late by") else words[result]
    if not results:
        yield from ("undetermined" for line in lines if line.startswith("undetermined: "))
