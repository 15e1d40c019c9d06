"""Scenarios run: assessed like any journal, and compared with what they expect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve, frozen

from kaocheng.assessing import Evaluator, assess
from kaocheng.assessment import Assessment
from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import DAY, NEVER, parse_date, parse_instant
from kaocheng.calendars.zones import build_zone, to_utc
from kaocheng.journal.texts import Text
from kaocheng.language.ruleset import Ruleset
from kaocheng.language.types import DATE, INSTANT, Decimal, Type
from kaocheng.model.events import Journal
from kaocheng.plan.algebra import UNDETERMINED
from kaocheng.rendering.values import plain
from kaocheng.scenarios.model import Expected, Scenario
from kaocheng.scenarios.refusals import wrongly_decided, wrongly_read

_DATE_LENGTH = 10


@frozen(kw_only=True)
class Difference:
    """One column: what was expected, and what came out."""

    column: str
    expected: str
    seen: str


@frozen(kw_only=True)
class Failure:
    """An expectation that was not met.

    `kind` is `missing` (with the differences from the nearest row), `present` (a row
    that should not be there), `state`, `accepted` (an event that should be refused) or
    `refused` (one that should not, with the reasons of the refusal); `readable` (a case
    that somebody must not read) or `unreadable` (one that somebody may).
    """

    kind: str
    rule: str
    expected: Mapping[str, str]
    differences: tuple[Difference, ...] = ()
    reasons: Text | None = None
    place: str = ""


@frozen(kw_only=True)
class Outcome:
    """What running a scenario gave."""

    scenario: Scenario
    failures: tuple[Failure, ...]

    @property
    def passed(self) -> bool:
        """Whether everything came out as expected."""
        return not self.failures


@frozen
class ScenarioRunner:
    """Runs scenarios under one ruleset."""

    ruleset: Ruleset
    evaluator: Evaluator = "python"

    def run(self, scenario: Scenario) -> Outcome:
        """Assess the timeline and compare."""
        assessment = assess(
            self.ruleset,
            Journal(events=scenario.events),
            as_of=self._time(scenario.as_of),
            known_at=None if scenario.known_at is None else self._time(scenario.known_at),
            evaluator=self.evaluator,
        )
        comparison = _Comparison(assessment)
        failures = (
            *(f for e in scenario.expect for f in comparison.missing(e)),
            *(f for e in scenario.absent for f in comparison.present(e)),
            *comparison.states(scenario),
            *self._decisions(scenario),
            *self._readings(scenario),
        )
        return Outcome(scenario=scenario, failures=failures)

    def _time(self, text: str) -> int:
        if len(text) == _DATE_LENGTH:
            zone = build_zone(self.ruleset.versions[-1].zone)
            return to_utc(zone, (parse_date(text) + 1) * DAY) - 1
        return parse_instant(text)

    def _decisions(self, scenario: Scenario) -> Iterator[Failure]:
        for step, outcome in wrongly_decided(self.ruleset, scenario):
            decision = outcome.decision
            yield Failure(
                kind="accepted" if step.refused else "refused",
                rule=step.event.event,
                expected={"case": step.event.case},
                reasons=Text(decision.message(), decision.message("zh")),
                place=str(step.span),
            )

    def _readings(self, scenario: Scenario) -> Iterator[Failure]:
        for reading, access in wrongly_read(self.ruleset, scenario):
            yield Failure(
                kind="readable" if reading.refused else "unreadable",
                rule="nobody" if reading.actor is None else reading.actor.id,
                expected={"case": reading.case},
                reasons=Text(access.message(), access.message("zh")),
                place=str(reading.span),
            )


@frozen
class _Comparison:
    """Compares expectations with an assessment."""

    assessment: Assessment

    def missing(self, expected: Expected) -> Iterator[Failure]:
        """A failure unless exactly one row has all the expected columns."""
        rows = list(self._rows(expected.rule))
        matching = [row for row in rows if not self._differences(expected, *row)]
        if len(matching) == 1:
            return
        nearest = min((self._differences(expected, *row) for row in rows), key=len, default=())
        if len(matching) > 1:
            nearest = (Difference(column="rows", expected="1", seen=str(len(matching))),)
        yield Failure(
            kind="missing",
            rule=expected.rule,
            expected=expected.columns,
            differences=nearest,
            place=str(expected.span),
        )

    def present(self, expected: Expected) -> Iterator[Failure]:
        """A failure if some row has all the columns."""
        if any(not self._differences(expected, *row) for row in self._rows(expected.rule)):
            yield Failure(
                kind="present",
                rule=expected.rule,
                expected=expected.columns,
                place=str(expected.span),
            )

    def states(self, scenario: Scenario) -> Iterator[Failure]:
        """A failure for each case that ends in another state."""
        for case, state in scenario.states.items():
            seen = self._state(case)
            if seen != state:
                difference = Difference(column="state", expected=state, seen=seen)
                yield Failure(
                    kind="state",
                    rule=case,
                    expected={"state": state},
                    differences=(difference,),
                    place=str(scenario.span),
                )

    def _state(self, case: str) -> str:
        kind = case.partition("/")[0]
        relation = self.assessment.ruleset.plan.relations.get(kind)
        if relation is None or "state" not in relation.columns:
            return "unknown"
        own, state = relation.index("case"), relation.index("state")
        rows = self.assessment.facts.relations.get(kind, ())
        # Where fields keep their history, a case has a row for each change, the last one last.
        states = [row[state] for row in rows if row[own] == case]
        return str(states[-1]) if states else "unknown"

    def _rows(self, rule: str) -> Iterator[tuple[Mapping[str, Type], Mapping[str, object]]]:
        """The rows of a rule and of its findings; what else it gives is asked for by name."""
        for plan in self.assessment.ruleset.plan.rules:
            is_finding = plan.collection is not None and plan.id.startswith(f"{rule}.")
            if plan.id == rule or is_finding:
                for row in self.assessment.rows(plan.id):
                    yield plan.relation.columns, row

    def _differences(
        self, expected: Expected, types: Mapping[str, Type], row: Mapping[str, object]
    ) -> tuple[Difference, ...]:
        found = []
        for column, text in expected.columns.items():
            if column == "version":
                seen = self.assessment.ruleset.versions[int(str(row["version"]))].name
                same = seen == text
            else:
                seen = self._shown(row.get(column), types.get(column))
                if column == "status" and seen == "unknown":
                    seen = UNDETERMINED
                same = column in row and self._same(row[column], types[column], text, seen)
            if not same:
                found.append(Difference(column=column, expected=text, seen=seen))
        return tuple(found)

    def _shown(self, value: object, type_: Type | None) -> str:
        if type_ is None:
            return "no such column"
        zone = build_zone(self.assessment.ruleset.versions[-1].zone)
        shown = plain(value, type_, zone)
        if shown is None:
            return "unknown"
        if isinstance(shown, bool):
            return "true" if shown else "false"
        return str(shown)

    def _same(self, value: object, type_: Type, text: str, shown: str) -> bool:
        if text == shown or value is None or text in ("unknown", "never"):
            return text == shown
        try:
            if type_ == INSTANT and value != NEVER:
                return value == parse_instant(text)
            if type_ == DATE and value != NEVER:
                return value == parse_date(text)
        except ClockError:
            return False
        return isinstance(type_, Decimal) and _decimal_equal(text, shown)


def _decimal_equal(text: str, shown: str) -> bool:
    from decimal import Decimal as Number
    from decimal import InvalidOperation

    try:
        return Number(text) == Number(shown)
    except InvalidOperation:
        return False


def without_rule(ruleset: Ruleset, rule: str) -> Ruleset:
    """The ruleset as if the rule, and what only it needs, were not there."""
    kept = tuple(
        plan
        for plan in ruleset.plan.rules
        if plan.id != rule and not plan.id.startswith(f"{rule}.")
    )
    return evolve(ruleset, plan=evolve(ruleset.plan, rules=kept))
