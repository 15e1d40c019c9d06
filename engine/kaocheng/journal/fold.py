"""From a journal to facts: the rows of every kind, its lists and its spells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from attrs import frozen

from kaocheng.calendars.zones import Zone
from kaocheng.journal.case_state import CaseState
from kaocheng.journal.known import Horizon
from kaocheng.journal.program import KindProgram, compile_kind
from kaocheng.journal.texts import Message, Problem, did_you_mean, problem
from kaocheng.language.ruleset import Kind
from kaocheng.language.schema import Relation
from kaocheng.model.events import Event, Journal
from kaocheng.model.facts import Facts, Times

UNKNOWN_KIND = Message(
    "unknown_kind",
    "the ruleset has no kind `{kind}` (cases in the journal: {count}){hint}",
    "规则集没有类别 `{kind}`（台账中有此类事项 {count} 件）{hint}",
)


@frozen(kw_only=True)
class Folded:
    """The facts, and what in the history did not fit the ruleset."""

    facts: Facts
    problems: tuple[Problem, ...] = ()


class Programs(Protocol):
    """How the cases of each kind are folded, and the cases of several versions each by its own."""

    @property
    def programs(self) -> Mapping[str, KindProgram]:
        """A program of each kind; all programs of a kind give rows of the same relations."""

    def of_case(self, kind: str, events: Sequence[Event], horizon: Horizon) -> KindProgram:
        """The program for a case with these events."""


@frozen
class _OneEach:
    """The same program for all cases of a kind."""

    programs: Mapping[str, KindProgram]

    def of_case(self, kind: str, _events: Sequence[Event], _horizon: Horizon) -> KindProgram:
        return self.programs[kind]


def fold(
    kinds: Mapping[str, Kind],
    journal: Journal,
    times: Times,
    *,
    zone: Zone,
    relations: Mapping[str, Relation],
) -> Folded:
    """The facts at the two times; `relations` give the columns of the rows (`language.kinds`)."""
    programs = {name: compile_kind(kind, relations, zone=zone) for name, kind in kinds.items()}
    return fold_by(_OneEach(programs), journal, times, zone=zone)


def fold_by(governing: Programs, journal: Journal, times: Times, *, zone: Zone) -> Folded:
    """The facts at the two times, each case folded as it is governed.

    Rows stand by case, then by number or time; the order of the events means nothing.
    """
    horizon = Horizon.of(times, zone)
    programs = governing.programs
    rows: dict[str, list[tuple[object, ...]]] = {}
    for program in programs.values():
        spells = (shape.name for shape in program.spells)
        rows |= {name: [] for name in (program.kind, *program.lists, *spells)}
    problems: list[Problem] = []
    strangers: dict[str, list[str]] = {}
    for case, events in sorted(by_case(journal.events).items()):
        kind = events[0].kind
        if kind not in programs:
            strangers.setdefault(kind, []).append(case)
            continue
        program = governing.of_case(kind, events, horizon)
        state = CaseState.of(program, case, events, horizon=horizon)
        problems.extend(state.problems)
        for name, found in state.rows().items():
            rows[name].extend(found)
    problems.extend(_unknown_kind(kind, cases, programs) for kind, cases in strangers.items())
    return Folded(facts=Facts(relations=rows), problems=tuple(problems))


def by_case(events: Iterable[Event]) -> dict[str, list[Event]]:
    """The events of each case."""
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(event.case, []).append(event)
    return found


def _unknown_kind(kind: str, cases: list[str], kinds: Iterable[str]) -> Problem:
    hint = did_you_mean(kind, kinds)
    return problem(UNKNOWN_KIND, cases[0], kind=kind, count=str(len(cases)), hint=hint)
