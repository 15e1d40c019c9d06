"""Promises of small rulesets, proved or broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from kaocheng.calendars.editions import Edition
from kaocheng.calendars.limits import Limit
from kaocheng.calendars.numberline import DAY, HOUR, NEVER, parse_date, parse_instant
from kaocheng.calendars.zones import Zones
from kaocheng.errors import UnsupportedError
from kaocheng.evaluate.proof import Proof, prove
from kaocheng.evaluate.python import run
from kaocheng.language.types import BOOL, DATE, INSTANT, INT, STRING
from kaocheng.model.facts import Times
from kaocheng.plan.algebra import Plan, Where
from kaocheng.plan.properties import Property

if TYPE_CHECKING:
    from tests.evaluate.proof.conftest import Build

WASHINGTON = (Limit(45, "day"), Limit(30, "day"))


def names(proof: Proof) -> set[str]:
    """The functions of the calendar whose lemmas a proof rests on."""
    return {lemma.id.split("/")[0].split(":")[0] for lemma in proof.lemmas}


def derived(proof: Proof, variable: str) -> dict[str, str]:
    """What a counterexample says of a variable, for people."""
    assert proof.counterexample is not None
    return dict(proof.counterexample.derived[variable].texts)


def moments(proof: Proof, variable: str) -> tuple[int, int]:
    """The start and the due time of a counterexample, on the number line."""
    assert proof.counterexample is not None
    values = proof.counterexample.derived[variable].values
    start, due = values["start"], values["due"]
    assert isinstance(start, int)
    assert isinstance(due, int)
    return start, due


def statuses(plan: Plan, proof: Proof) -> list[object]:
    """The statuses that assessing a counterexample again gives."""
    assert proof.counterexample is not None
    times = Times(as_of=proof.counterexample.as_of)
    rows = run(plan, proof.counterexample.facts, times)["notice"]
    return [row[plan.rules[0].relation.index("status")] for row in rows]


def test_lateness_is_never_negative(build: Build, zones: Zones) -> None:
    """No incident of any version is late by a negative number of days."""
    claim = build.test("ge", build.column("late_by"), build.value(0, INT))

    proof = prove(build.limits(*WASHINGTON), build.promise(claim), zones=zones)

    assert proof.verdict == "proved"
    assert not proof.vacuous


def test_notifying_later_never_makes_a_late_notice_timely(build: Build, zones: Zones) -> None:
    """Of two notices that start together, the later one is not met when the earlier is late."""
    promise = build.promise(
        build.test("ne", build.column("status", "late"), build.value("met", STRING)),
        given=build.all(
            build.test("eq", build.column("start", "early"), build.column("start", "late")),
            build.test("le", build.column("met_at", "early"), build.column("met_at", "late")),
            build.test("eq", build.column("status", "early"), build.value("late", STRING)),
        ),
        rows={"early": "notice", "late": "notice"},
    )

    proof = prove(build.limits(*WASHINGTON), promise, zones=zones)

    assert proof.verdict == "proved"


def test_knowing_earlier_can_be_due_later_across_a_change_of_version(
    build: Build, zones: Zones
) -> None:
    """The change from 45 to 30 days makes an earlier start due later, as a real case shows."""
    proof = prove(build.limits(*WASHINGTON), build.never_due_earlier(), zones=zones)

    assert proof.verdict == "refuted"
    assert derived(proof, "early") == {"start": "2020-02-29", "due": "2020-04-14"}
    assert derived(proof, "late") == {"start": "2020-03-01", "due": "2020-03-31"}


def test_a_counterexample_can_be_assessed_again(build: Build, zones: Zones) -> None:
    """The facts of a counterexample give its statuses when anybody assesses them."""
    claim = build.test("ne", build.column("status"), build.value("late", STRING))
    plan = build.limits(*WASHINGTON)

    proof = prove(plan, build.promise(claim), zones=zones)

    assert proof.verdict == "refuted"
    assert statuses(plan, proof) == ["late"]
    assert derived(proof, "n") == {"status": "late"}


def test_a_counterexample_is_close_to_the_edge(build: Build, zones: Zones) -> None:
    """The times of a counterexample are round, of our own years and near each other."""
    claim = build.test("ne", build.column("status"), build.value("late", STRING))

    proof = prove(build.limits(Limit(30, "day")), build.promise(claim), zones=zones)

    assert proof.counterexample is not None
    (source,) = proof.counterexample.sources["n"]
    aware, notified = source.values["aware"], source.values["notified"]
    assert isinstance(aware, int)
    assert isinstance(notified, int)
    assert parse_date("2000-01-01") <= aware <= parse_date("2040-01-01")
    assert notified - aware == 31
    assert proof.counterexample.as_of_text.endswith("T00:00:00-08:00")


def test_a_counterexample_does_not_depend_on_earlier_proofs(build: Build, zones: Zones) -> None:
    """The same question has the same case, whatever was asked before it."""
    claim = build.test("ne", build.column("status"), build.value("late", STRING))
    thirty = build.limits(Limit(30, "day"))
    first = prove(thirty, build.promise(claim), zones=zones)

    for days in (7, 45, 60):
        prove(build.limits(Limit(days, "day")), build.never_due_earlier(), zones=zones)
        again = prove(thirty, build.promise(claim), zones=zones)
        assert first.counterexample == again.counterexample


def test_one_limit_for_all_never_makes_a_later_start_due_earlier(
    build: Build, zones: Zones
) -> None:
    """Where both versions give as many days, a later start is never due earlier."""
    plan = build.limits(Limit(45, "day"), Limit(45, "day"))

    proof = prove(plan, build.never_due_earlier(), zones=zones)

    assert proof.verdict == "proved"


def test_a_month_is_never_due_earlier_for_a_later_start(build: Build, zones: Zones) -> None:
    """Months are proved monotone by the lemma that says so, which the proof names."""
    plan = build.limits(Limit(1, "month"))

    proof = prove(plan, build.never_due_earlier(), zones=zones)

    assert proof.verdict == "proved"
    assert ["months:1/order"] == [lemma.id for lemma in proof.lemmas]


def test_a_month_is_not_always_thirty_days(build: Build, zones: Zones) -> None:
    """A month may be shorter than 30 days, and the case shown starts at the end of January."""
    days = build.call("diff", INT, build.column("due"), build.column("start"))
    claim = build.test("ge", days, build.value(30, INT))

    proof = prove(build.limits(Limit(1, "month")), build.promise(claim), zones=zones)

    assert proof.verdict == "refuted"
    assert derived(proof, "n")["due"][5:7] in {"02", "03"}


def test_a_promise_that_nothing_satisfies_is_vacuous(build: Build, zones: Zones) -> None:
    """A premise that no case satisfies is found out instead of being called proved."""
    given = build.all(
        build.test("eq", build.column("status"), build.value("late", STRING)),
        build.test("le", build.column("met_at"), build.column("due")),
    )
    promise = build.promise(build.value(value=False, type_=BOOL), given=given)

    proof = prove(build.limits(*WASHINGTON), promise, zones=zones)

    assert proof.verdict == "vacuous"
    assert proof.vacuous


def test_a_claim_that_is_unknown_breaks_the_promise(build: Build, zones: Zones) -> None:
    """On a determined row a claim must be true; days to a notice that never came are unknown."""
    days = build.call("diff", INT, build.column("met_at"), build.column("start"))
    claim = build.test("lt", days, build.value(10**7, INT))

    proof = prove(build.limits(*WASHINGTON), build.promise(claim), zones=zones)

    assert proof.verdict == "refuted"
    assert derived(proof, "n")["met_at"] == "never"


def test_undetermined_rows_are_left_out(build: Build, zones: Zones) -> None:
    """A promise says nothing about rows in which a time is unknown."""
    known = build.test("eq", build.column("due"), build.column("due"))

    proof = prove(build.limits(*WASHINGTON), build.promise(known), zones=zones)

    assert proof.verdict == "proved"


def test_a_condition_keeps_other_cases_out_of_the_promise(build: Build, zones: Zones) -> None:
    """A rule that looks only at incidents since 2021 makes no row of an earlier one."""
    since = build.value(parse_date("2021-01-01"), DATE)
    recent = Where(condition=build.test("ge", build.fact("aware"), since))
    plan = build.plan(build.pipeline(recent, build.clock(Limit(30, "day"))))
    claim = build.test("ge", build.column("start"), since)

    proof = prove(plan, build.promise(claim), zones=zones)

    assert proof.verdict == "proved"


def test_each_version_governs_its_own_days(build: Build, zones: Zones) -> None:
    """An incident before the change has 45 days and none has more."""
    days = build.call("diff", INT, build.column("due"), build.column("start"))
    old = build.test("eq", build.column("version"), build.value(0, INT))
    is_45 = build.test("eq", days, build.value(45, INT))
    begun = build.test("happened", build.column("start"))

    proof = prove(
        build.limits(*WASHINGTON),
        build.promise(build.test("eq", is_45, old), given=begun),
        zones=zones,
    )

    assert proof.verdict == "proved"


def test_what_never_began_is_governed_by_the_version_at_as_of(build: Build, zones: Zones) -> None:
    """A row without an instant belongs to the version in force when it is assessed."""
    never = build.test("eq", build.column("start"), build.value(NEVER, DATE))
    old = build.test("eq", build.column("version"), build.value(0, INT))
    promise = build.promise(old, given=never)

    before = parse_instant("2020-02-29T12:00:00-08:00")
    after = parse_instant("2020-03-01T12:00:00-08:00")
    plan = build.limits(*WASHINGTON)

    assert prove(plan, promise, as_of=before, zones=zones).verdict == "proved"
    assert prove(plan, promise, as_of=after, zones=zones).verdict == "refuted"


def test_a_deadline_in_hours_is_monotone_without_lemmas(local: Build, zones: Zones) -> None:
    """Elapsed time knows no clock change, so its proof rests on nothing."""
    proof = prove(local.limits(Limit(72, "hour")), local.never_due_earlier(), zones=zones)

    assert proof.verdict == "proved"
    assert proof.lemmas == ()


def test_eight_weeks_of_local_time_can_be_due_earlier_for_a_later_start(
    local: Build, zones: Zones
) -> None:
    """Around a change of the clock a later start is due earlier, as a real case shows."""
    plan = local.limits(Limit(8, "week"))

    proof = prove(plan, local.never_due_earlier(), zones=zones)

    assert proof.verdict == "refuted"
    early, late = moments(proof, "early"), moments(proof, "late")
    assert early[0] < late[0]
    assert early[1] > late[1]


def test_eight_weeks_of_local_time_are_monotone_but_for_an_hour(local: Build, zones: Zones) -> None:
    """Since 1980 the slack of one hour is enough in Amsterdam, by lemmas about its clock."""
    since = local.value(parse_instant("1980-01-01T00:00:00Z"), INSTANT)
    recent = local.test("ge", local.column("start", "early"), since)
    plan = local.limits(Limit(8, "week"))

    proof = prove(plan, local.never_due_earlier(recent, slack=HOUR), zones=zones)

    assert proof.verdict == "proved"
    assert "later_by_days" in names(proof)


def test_the_slack_of_an_hour_is_too_small_for_1940(local: Build, zones: Zones) -> None:
    """In May 1940 Amsterdam moved its clock by more than an hour, and a case shows it."""
    plan = local.limits(Limit(8, "week"))

    proof = prove(plan, local.never_due_earlier(slack=HOUR), zones=zones)

    assert proof.verdict == "refuted"
    assert derived(proof, "early")["start"].startswith("1940-03-21")


def test_eight_weeks_stay_within_an_hour_of_elapsed_time(local: Build, zones: Zones) -> None:
    """Since 1980 eight weeks of local time differ from 1344 hours by at most one."""
    start, due = local.column("start"), local.column("due")
    given = local.all(
        local.test("happened", start),
        local.test("ge", start, local.value(parse_instant("1980-01-01T00:00:00Z"), INSTANT)),
    )

    def later(hours: int) -> object:
        length = local.value(56 * DAY + hours * HOUR, INT)
        return local.call("shift", INSTANT, start, length)

    claim = local.all(
        local.test("ge", due, later(-1)),  # type: ignore[arg-type]
        local.test("le", due, later(1)),  # type: ignore[arg-type]
    )

    proof = prove(local.limits(Limit(8, "week")), local.promise(claim, given=given), zones=zones)

    assert proof.verdict == "proved"


def test_the_end_of_the_day_is_monotone_in_amsterdam(local: Build, zones: Zones) -> None:
    """Three months until 24:00 are never due earlier for a later start."""
    plan = local.limits(Limit(3, "month", until="end_of_day"))

    proof = prove(plan, local.never_due_earlier(), zones=zones)

    assert proof.verdict == "proved"
    assert {"local_day", "months"} <= names(proof)


def test_working_days_are_never_due_earlier_for_a_later_start(build: Build, zones: Zones) -> None:
    """Five working days of an edition are monotone by the lemma about that edition."""
    edition = Edition("office", parse_date("2024-01-01"), parse_date("2026-12-31"))
    office = evolve(build, edition=edition)

    proof = prove(office.limits(Limit(5, "working_day")), office.never_due_earlier(), zones=zones)

    assert proof.verdict == "proved"
    assert ["working_days:office:5/order"] == [lemma.id for lemma in proof.lemmas]


def test_working_days_outside_the_edition_make_no_promise(build: Build, zones: Zones) -> None:
    """No determined deadline starts outside the years that the edition covers."""
    edition = Edition("office", parse_date("2024-01-01"), parse_date("2026-12-31"))
    office = evolve(build, edition=edition)
    start = office.column("start")
    claim = office.all(
        office.test("ge", start, office.value(edition.first_day, DATE)),
        office.test("lt", start, office.value(edition.last_day, DATE)),
    )
    begun = office.test("happened", start)

    proof = prove(
        office.limits(Limit(1, "working_day")), office.promise(claim, given=begun), zones=zones
    )

    assert proof.verdict == "proved"


def test_one_row_of_a_kind_can_be_spoken_of(build: Build, zones: Zones) -> None:
    """A variable may range over a kind, and two cases with one name are one case."""
    from kaocheng.language.expressions import Field, Variable
    from kaocheng.language.types import Row

    def fact(variable: str, name: str, type_: object) -> Field:
        row = Variable(name=variable, type=Row("incident"))
        return Field(row=row, name=name, type=type_)  # type: ignore[arg-type]

    promise = build.promise(
        build.test("eq", fact("a", "aware", DATE), fact("b", "aware", DATE)),
        given=build.all(
            build.test("eq", fact("a", "case", STRING), fact("b", "case", STRING)),
            build.test("happened", fact("a", "aware", DATE)),
        ),
        rows={"a": "incident", "b": "incident"},
    )

    proof = prove(build.limits(*WASHINGTON), promise, zones=zones)

    assert proof.verdict == "proved"


def test_a_promise_may_speak_of_the_time_of_the_assessment(build: Build, zones: Zones) -> None:
    """What is met was met by the time it is assessed."""
    from kaocheng.language.expressions import Variable

    as_of = build.call("date_of", DATE, Variable(name="as_of", type=INSTANT))
    given = build.test("eq", build.column("status"), build.value("met", STRING))
    claim = build.test("le", build.column("met_at"), as_of)

    proof = prove(build.limits(*WASHINGTON), build.promise(claim, given=given), zones=zones)

    assert proof.verdict == "proved"


def test_without_time_there_is_no_verdict(build: Build, zones: Zones) -> None:
    """A proof that may take no time ends unknown and says why in both languages."""
    claim = build.test("ge", build.column("late_by"), build.value(0, INT))

    proof = prove(build.limits(*WASHINGTON), build.promise(claim), timeout_ms=0, zones=zones)

    assert proof.verdict == "unknown"
    assert proof.reason is not None
    assert "there was neither a proof nor a counterexample in the time given" == proof.reason.en
    assert "在限定时间内既未得出证明，也未找到反例" == proof.reason.zh


def test_how_long_a_proof_took_does_not_make_it_another(build: Build, zones: Zones) -> None:
    """Two proofs of one promise are equal whatever the stopwatch said."""
    claim = build.test("ge", build.column("late_by"), build.value(0, INT))
    plan, promise = build.limits(*WASHINGTON), build.promise(claim)
    readings = iter([0.0, *([0.001] * 50)])

    slow = prove(plan, promise, zones=zones, stopwatch=lambda: next(readings))
    quick = prove(plan, promise, zones=zones, stopwatch=lambda: 0.0)

    assert slow == quick
    assert (1.0, 0.0) == (slow.milliseconds, quick.milliseconds)


def test_a_rule_of_no_such_name_is_refused(build: Build) -> None:
    """A promise about a rule that does not exist is refused by name."""
    promise = build.promise(build.value(value=True, type_=BOOL), rows={"n": "notices"})

    with pytest.raises(UnsupportedError) as refused:
        prove(build.limits(*WASHINGTON), promise)

    expected = "proof cannot do `notices` exactly: there is no rule and no relation of that name"
    assert expected == str(refused.value)
    assert "`proof` 无法准确完成 `notices`：没有这一名称的规则或关系" == refused.value.zh


def test_a_property_has_a_premise_and_a_claim(build: Build) -> None:
    """A property names its expressions, the premise first."""
    claim = build.value(value=True, type_=BOOL)
    given = build.value(value=False, type_=BOOL)

    with_premise = Property(id="p", titles={}, rows={}, claim=claim, given=given)

    assert (given, claim) == with_premise.expressions()
    assert (claim,) == evolve(with_premise, given=None).expressions()
