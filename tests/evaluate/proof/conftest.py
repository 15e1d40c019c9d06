"""Plans built by hand: duties to notify and to answer, and promises about them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from attrs import field, frozen

from kaocheng.calendars.editions import Edition
from kaocheng.calendars.limits import Limit
from kaocheng.calendars.numberline import parse_date
from kaocheng.calendars.zones import Zones
from kaocheng.language.expressions import Advance, Call, Expr, Field, Literal, Variable
from kaocheng.language.schema import Relation
from kaocheng.language.types import (
    BOOL,
    DATE,
    DURATION,
    INSTANT,
    INT,
    STRING,
    Row,
    Type,
)
from kaocheng.plan.algebra import Clock, Pipeline, Plan, RulePlan, Step, VersionFacts, Window
from kaocheng.plan.properties import Property

pytest.importorskip("z3")

CHANGE = parse_date("2020-03-01")


def clock_columns(type_: Type) -> dict[str, Type]:
    """The columns of a rule with a clock."""
    late_by = INT if type_ == DATE else DURATION
    times = dict.fromkeys(("start", "due", "met_at"), type_)
    return {
        "case": STRING,
        **times,
        "late_by": late_by,
        "status": STRING,
        "version": INT,
        "undetermined": BOOL,
    }


@frozen
class Build:
    """Expressions, plans and promises, written shortly.

    The kind `incident` has the dates or instants `aware` and `notified`; the rule
    `notice` is a clock from one to the other.
    """

    type: Type = DATE
    zone: str = "America/Los_Angeles"
    edition: Edition | None = None
    relations: Mapping[str, Relation] = field(factory=dict)

    @property
    def incident(self) -> Relation:
        """The kind."""
        columns = {"case": STRING, "aware": self.type, "notified": self.type}
        return Relation("incident", columns, ("case",))

    @property
    def notice(self) -> Relation:
        """The rows of the rule."""
        return Relation("notice", clock_columns(self.type), ("case",))

    def column(self, name: str, of: str = "n") -> Expr:
        """A column of a row of the rule."""
        row = Variable(name=of, type=Row("notice"))
        return Field(row=row, name=name, type=clock_columns(self.type)[name])

    def fact(self, name: str, type_: Type | None = None) -> Expr:
        """A column of the incident, inside the rule."""
        row = Variable(name="i", type=Row("incident"))
        return Field(row=row, name=name, type=type_ or self.type)

    def added(self, name: str, type_: Type) -> Expr:
        """A column that an earlier step added."""
        return Field(row=Variable(name="row", type=Row("row")), name=name, type=type_)

    def call(self, op: str, type_: Type, *args: Expr) -> Expr:
        """An operation."""
        return Call(op=op, type=type_, args=args)

    def test(self, op: str, *args: Expr) -> Expr:
        """An operation that is true or false."""
        return Call(op=op, type=BOOL, args=args)

    def all(self, *conditions: Expr) -> Expr:
        """All of the conditions."""
        found = conditions[0]
        for condition in conditions[1:]:
            found = self.test("and", found, condition)
        return found

    def value(self, value: bool | int | str | None, type_: Type) -> Expr:  # noqa: FBT001
        """A constant."""
        return Literal(value=value, type=type_)

    def clock(self, limit: Limit, **optional: Expr) -> Clock:
        """The duty to notify within a limit of becoming aware."""
        aware = self.fact("aware")
        due = Advance(start=aware, limit=limit, type=self.type)
        return Clock(starts=aware, due=due, met_at=self.fact("notified"), **optional)

    def pipeline(self, *steps: Step) -> Pipeline:
        """The rule of one version."""
        columns = clock_columns(self.type)
        made = [name for name in columns if name not in {"case", "version", "undetermined"}]
        return Pipeline(
            source="incident",
            variable="i",
            instant=self.fact("aware"),
            steps=steps,
            output={
                "case": self.fact("case", STRING),
                **{name: self.added(name, columns[name]) for name in made},
            },
        )

    def plan(self, *pipelines: Pipeline) -> Plan:
        """One rule; with two pipelines the second is in force from 1 March 2020."""
        windows = [Window(first_day=None, last_day=None)]
        if len(pipelines) > 1:
            windows = [
                Window(first_day=None, last_day=CHANGE - 1),
                Window(first_day=CHANGE, last_day=None),
            ]
        calendar = None if self.edition is None else self.edition.name
        rule = RulePlan(
            id="notice",
            section="deadlines",
            relation=self.notice,
            variants=dict(enumerate(pipelines)),
        )
        return Plan(
            ruleset="breach",
            versions=tuple(
                VersionFacts(name=str(index), window=window, zone=self.zone, calendar=calendar)
                for index, window in enumerate(windows)
            ),
            relations={"incident": self.incident, "notice": self.notice, **self.relations},
            rules=(rule,),
            editions={} if self.edition is None else {self.edition.name: self.edition},
        )

    def limits(self, *limits: Limit) -> Plan:
        """One plain duty, with a limit for each version."""
        return self.plan(*(self.pipeline(self.clock(limit)) for limit in limits))

    def promise(
        self, claim: Expr, *, given: Expr | None = None, rows: Mapping[str, str] | None = None
    ) -> Property:
        """A promise about one row `n`, or about others."""
        titles = {"zh": "性质", "en": "promise"}
        return Property(
            id="promise", titles=titles, rows=rows or {"n": "notice"}, given=given, claim=claim
        )

    def never_due_earlier(self, *given: Expr, slack: int = 0) -> Property:
        """That starting later is never due earlier, but for a slack in microseconds."""
        starts = self.test("le", self.column("start", "early"), self.column("start", "late"))
        latest = self.column("due", "late")
        if slack:
            latest = self.call("shift", INSTANT, latest, self.value(slack, DURATION))
        return self.promise(
            self.test("le", self.column("due", "early"), latest),
            given=self.all(starts, *given),
            rows={"early": "notice", "late": "notice"},
        )


@pytest.fixture
def build() -> Build:
    """Duties with dates, in Washington."""
    return Build()


@pytest.fixture
def local() -> Build:
    """Duties with instants, in Amsterdam."""
    return Build(type=INSTANT, zone="Europe/Amsterdam")


@pytest.fixture(scope="session")
def zones() -> Zones:
    """The zones of all tests, each built once."""
    return Zones()
