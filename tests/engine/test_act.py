"""Acting on a case: accepted or refused with every reason, and never by halves."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kaocheng.calendars.numberline import LAST_INSTANT, parse_date, parse_instant
from kaocheng.engine import ClashError, Engine, MemoryStore, Outcome, Receipt
from kaocheng.evaluate.python import Program
from kaocheng.journal.texts import NO_TIME
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import Actor, Correction, Event

LI = Actor(id="li", unit="office", roles=("informant",))
WANG = Actor(id="wang", roles=("verifier", "editor"))
NINE = "2009-03-02T09:00:00+08:00"
TEN = "2009-03-02T10:00:00+08:00"
NOON = "2009-03-02T12:00:00+08:00"
ADOPTION = {"outlet": "daily_express", "level": "city"}


def submitted(engine: Engine, case: str = "report/1") -> Outcome:
    """A case that has been submitted by li at nine."""
    return engine.act(case, "submit", at=NINE, actor=LI, data={"genre": "research", "length": 300})


def texts(outcome: Outcome, language: str = "en") -> list[str]:
    """The reasons of an outcome, as people read them."""
    return [reason.message(language) for reason in outcome.reasons]


def test_accepts(engine: Engine) -> None:
    """An accepted act gives the event with its number, and the new state."""
    outcome = submitted(engine)

    assert outcome.accepted
    assert () == outcome.reasons
    assert "submitted" == outcome.state
    assert (
        Event(
            case="report/1",
            sequence=1,
            event="submit",
            at=parse_instant(NINE),
            actor=LI,
            data={"genre": "research", "length": 300},
        )
        == outcome.event
    )


def test_now_is_what_the_clock_says(engine: Engine) -> None:
    """An act that does not say when is done now; under its key it is the same act later."""
    times = iter([parse_instant(NINE), parse_instant(TEN)])
    clocked = Engine(engine.ruleset, program=engine.program, clock=lambda: next(times))
    data = {"genre": "research", "length": 300}
    first = clocked.act("report/1", "submit", data, actor=LI, idempotency_key="k")
    again = clocked.act("report/1", "submit", data, actor=LI, idempotency_key="k")

    assert first.event is not None
    assert (parse_instant(NINE), parse_instant(NINE)) == (first.event.at, first.event.recorded_at)
    assert first.event == again.event
    assert [f"`at` {NO_TIME.en}"] == texts(engine.act("report/1", "submit", data))


def test_facts(engine: Engine) -> None:
    """The facts of a case are there at once, by the names of the ruleset."""
    submitted(engine)
    row = engine.case("report/1")

    assert row is not None
    assert ("research", 300, "person/li", parse_instant(NINE), "submitted") == (
        row["genre"],
        row["length"],
        row["submitted_by"],
        row["submitted_at"],
        row["state"],
    )


def test_results(engine: Engine) -> None:
    """The rules of the case are evaluated at once: here its deadline is met in time."""
    submitted(engine)
    outcome = engine.act("report/1", "verify", at=TEN, actor=WANG)

    assert ["met"] == [row["status"] for row in outcome.results["verification"]]


def test_every_reason(engine: Engine) -> None:
    """A refusal carries the reasons of the lifecycle and those of the data, all at once."""
    submitted(engine)
    outcome = engine.act(
        "report/1", "verify", at=TEN, actor=LI, data={"lenght": 5, "length": "long"}
    )

    assert not outcome.accepted
    assert outcome.event is None
    assert [
        "`verify` needs the role `verifier`, and `li` has only `informant`",
        (
            "`verify` requires `actor.id != report.submitted_by`, which is false: `actor.id` is "
            "`person/li`, `report.submitted_by` is `person/li`"
        ),
        "`verify` carries no `lenght`; did you mean `length`",
        "`length`: `long` is not a whole number",
    ] == texts(outcome)
    assert [
        "办理 `verify` 须具备角色 `verifier`，而 `li` 仅具备 `informant`",
        (
            "办理 `verify` 的条件 `actor.id != report.submitted_by` 不成立"
            "（`actor.id` 为 `person/li`，`report.submitted_by` 为 `person/li`）"
        ),
        "`verify` 不带 `lenght` 一项；是否想写 `length`",
        "`length`：`long` 不是整数",
    ] == texts(outcome, "zh")


@pytest.mark.parametrize(
    ("case", "event", "data", "en", "zh"),
    [
        (
            "report/1",
            "adopt",
            {"outlet": "daily_expres"},
            (
                "`outlet`: `daily_expres` is none of `daily_express`, `special_report`; "
                "did you mean `daily_express`"
            ),
            (
                "`outlet`：`daily_expres` 不在可选值 `daily_express`、`special_report` 之内；"
                "是否想写 `daily_express`"
            ),
        ),
        (
            "reprot/1",
            "submit",
            {},
            "the ruleset has no kind `reprot`; did you mean `report`",
            "规则集没有类别 `reprot`；是否想写 `report`",
        ),
        (
            "2009-0131",
            "submit",
            {},
            "the case `2009-0131` does not begin with its kind, as `report/2009-0131` does",
            "事项编号 `2009-0131` 未以类别开头，应如 `report/2009-0131`",
        ),
        (
            "incident/1",
            "hapen",
            {},
            "`incident` has no event `hapen`; did you mean `happen`",
            "`incident` 没有事件 `hapen`；是否想写 `happen`",
        ),
    ],
)
def test_refusals(  # noqa: PLR0913, PLR0917 - one row of the table
    engine: Engine, case: str, event: str, data: Mapping[str, object], en: str, zh: str
) -> None:
    """Unknown kinds, ids without a kind, unknown events and wrong data are refused in words."""
    submitted(engine)
    outcome = engine.act(case, event, at=NOON, actor=WANG, data=data)

    assert [en] == texts(outcome)
    assert [zh] == texts(outcome, "zh")


@pytest.mark.parametrize(
    ("at", "en", "zh"),
    [
        (
            "2009-03-02 09:00",
            "`at`: `2009-03-02 09:00` is not an instant; write it as `2009-03-02T09:00:00+08:00`",
            "`at`：`2009-03-02 09:00` 不是时刻，应写作 `2009-03-02T09:00:00+08:00`",
        ),
        (
            2**62,
            "`at`: the instant lies outside the days from 0001-01-02 to 9999-12-30",
            "`at`：时刻超出 0001-01-02 至 9999-12-30 的范围",
        ),
        (
            "2009-02-30",
            "`at`: `2009-02-30` names a day that does not exist",
            "`at`：`2009-02-30` 中的日期不存在",
        ),
    ],
)
def test_impossible_time(engine: Engine, at: int | str, en: str, zh: str) -> None:
    """A time that cannot be is refused, as text and as a number."""
    outcome = engine.act("report/1", "submit", at=at, actor=LI)

    assert [en] == texts(outcome)
    assert [zh] == texts(outcome, "zh")


def test_refused_act_leaves_no_trace(engine: Engine) -> None:
    """After a refusal the journal, the state, the facts and the results are as before."""
    before = submitted(engine)
    row = engine.case("report/1")
    for event, data in (("verify", {}), ("adopt", {"outlet": 7}), ("nothing", {})):
        outcome = engine.act("report/1", event, at=NOON, actor=LI, data=data)
        assert not outcome.accepted
        assert "submitted" == outcome.state
        assert dict(before.results) == dict(outcome.results)

    assert (before.event,) == engine.journal().events
    assert row == engine.case("report/1")
    assert 1 == engine.sequence("report/1")


def test_refused_case_is_not_opened(engine: Engine) -> None:
    """A case whose first act is refused does not exist."""
    outcome = engine.act("report/1", "verify", at=NINE, actor=WANG)

    assert (False, None) == (outcome.accepted, outcome.state)
    assert engine.case("report/1") is None
    assert engine.state("report/1") is None
    assert 0 == engine.sequence("report/1")
    assert {} == dict(engine.results("report/1"))
    assert () == engine.journal().events


class FullStore(MemoryStore):
    """A store that fails when it should keep something."""

    def append(self, event: Event, receipt: Receipt | None = None) -> None:
        """Fail, whether there is a receipt or not."""
        del receipt
        raise ClashError(event.case, event.sequence)


def test_store_that_fails(office: Ruleset, program: Program) -> None:
    """Where the store cannot keep the event, nothing of the act is shown."""
    store = FullStore()
    engine = Engine(office, program=program, store=store)

    with pytest.raises(ClashError, match="`report/1` already has an event 1"):
        submitted(engine)
    assert engine.case("report/1") is None
    assert () == engine.journal().events


def test_date(engine: Engine) -> None:
    """What is known by its day alone is acted with a date."""
    outcome = engine.act("report/1", "submit", at="2009-03-02", actor=LI)

    assert outcome.event is not None
    assert (None, parse_date("2009-03-02")) == (outcome.event.at, outcome.event.date)


def test_number_as_time(engine: Engine) -> None:
    """The time may be microseconds since 1970."""
    outcome = engine.act("report/1", "submit", at=parse_instant(NINE), actor=LI)

    assert outcome.event is not None
    assert parse_instant(NINE) == outcome.event.at


def test_clock(office: Ruleset, program: Program) -> None:
    """The engine's clock says when an act became known, unless the act says it itself."""
    now = parse_instant(NINE) + 1_000
    engine = Engine(office, program=program, clock=lambda: now)
    first = engine.act("report/1", "submit", at=NINE, actor=LI)
    second = engine.act("report/1", "adopt", at=NINE, actor=WANG, data=ADOPTION, recorded_at=TEN)

    assert first.event is not None
    assert second.event is not None
    assert (now, parse_instant(TEN)) == (first.event.recorded_at, second.event.recorded_at)


def ahead(office: Ruleset, program: Program, at: int | str) -> list[str]:
    """Why an act is refused that is recorded at nine in Shanghai."""
    engine = Engine(office, program=program)
    outcome = engine.act("report/1", "submit", at=at, actor=LI, recorded_at=NINE)
    return [*texts(outcome), *texts(outcome, "zh")]


def test_what_has_not_happened_is_refused(office: Ruleset, program: Program) -> None:
    """An act more than a day later than it is recorded is refused, with both times."""
    assert [
        "`at` is 2062-03-02T09:00:00+08:00, more than a day after it is recorded"
        " (2009-03-02T09:00:00+08:00); check the date: an event is recorded once it has happened",
        "`at` 为 2062-03-02T09:00:00+08:00，晚于记录时间（2009-03-02T09:00:00+08:00）一日以上；"
        "请核对日期：事件应在发生之后记录",
    ] == ahead(office, program, "2062-03-02T09:00:00+08:00")


@pytest.mark.parametrize("at", ["2009-03-03T09:00:00+08:00", "2009-03-03", NINE, "unknown"])
def test_a_day_is_left_for_clocks_that_differ(office: Ruleset, program: Program, at: str) -> None:
    """A date counts from its first instant in the ruleset's zone; `unknown` is no time."""
    assert [] == ahead(office, program, at)


@pytest.mark.parametrize("at", ["2009-03-03T09:00:00.000001+08:00", "2009-03-04"])
def test_more_than_a_day_is_not(office: Ruleset, program: Program, at: str) -> None:
    """One microsecond more than a day is too much, and so is the day after the next."""
    assert f"`at` is {at}, more than" in ahead(office, program, at)[0]


def test_history_is_loaded_as_it_is(office: Ruleset, program: Program) -> None:
    """What a journal says to be later than it was recorded is taken over, without a doubt."""
    nine, later = parse_instant(NINE), parse_instant("2062-03-02T09:00:00+08:00")
    engine = Engine(office, program=program, clock=lambda: nine)
    said = Event(case="report/1", sequence=1, event="submit", at=later, recorded_at=nine, actor=LI)
    loaded = engine.load([said])

    assert (1, ()) == (loaded.events, loaded.doubts)


def test_without_a_clock_nothing_is_ahead(engine: Engine) -> None:
    """Where nobody says when the act is recorded there is nothing to compare with."""
    assert engine.act("report/1", "submit", at="2062-03-02T09:00:00+08:00", actor=LI).accepted


@pytest.mark.parametrize(
    ("at", "what"),
    [
        ("9999-12-31T00:00:00Z", ("instant", "时刻")),
        ("0001-01-01T23:59:59Z", ("instant", "时刻")),
        (LAST_INSTANT, ("instant", "时刻")),
        ("9999-12-31", ("date", "日期")),
        ("0001-01-01", ("date", "日期")),
    ],
)
def test_the_ends_of_the_calendar(engine: Engine, at: int | str, what: tuple[str, str]) -> None:
    """Within a day of them no event can be, as some zone's day would lie outside."""
    outcome = engine.act("report/1", "submit", at=at, actor=LI)

    assert [
        f"`at`: the {what[0]} lies outside the days from 0001-01-02 to 9999-12-30",
        f"`at`：{what[1]}超出 0001-01-02 至 9999-12-30 的范围",
    ] == [*texts(outcome), *texts(outcome, "zh")]


@pytest.mark.parametrize("at", ["9999-12-30T23:59:59.999999Z", "9999-12-30", "0001-01-02"])
def test_up_to_there_all_can_be_assessed(engine: Engine, at: str) -> None:
    """The first and the last day on which an event may be are days of every zone."""
    assert engine.act("report/1", "submit", at=at, actor=LI).accepted
    assert 1 == engine.assess().cases


def test_no_clock(engine: Engine) -> None:
    """Without a clock an event is known from when it happened: nothing reads the wall clock."""
    outcome = submitted(engine)

    assert outcome.event is not None
    assert outcome.event.recorded_at is None


def test_data_is_copied(engine: Engine) -> None:
    """What the caller does with its data afterwards does not change history."""
    data: dict[str, object] = {"genre": "research"}
    engine.act("report/1", "submit", at=NINE, actor=LI, data=data)
    data["genre"] = "dynamic"

    assert {"genre": "research"} == engine.journal().events[0].data


def test_lists_are_copied(engine: Engine) -> None:
    """Lists in the data are copied too."""
    authors = ["li"]
    engine.act("report/1", "submit", at=NINE, actor=LI, data={"authors": authors})
    authors.append("wang")

    assert {"authors": ["li"]} == engine.journal().events[0].data


@pytest.mark.parametrize("at", ["2009-03-02", "unknown"])
def test_recorded_at_is_an_instant(engine: Engine, at: str) -> None:
    """When an act became known is always an instant."""
    outcome = engine.act("report/1", "submit", at=NINE, actor=LI, recorded_at=at)

    assert [
        f"`recorded_at`: `{at}` is not an instant; write it as `2009-03-02T09:00:00+08:00`"
    ] == texts(outcome)
    assert [f"`recorded_at`：`{at}` 不是时刻，应写作 `2009-03-02T09:00:00+08:00`"] == texts(
        outcome, "zh"
    )


def test_results_as_of_an_instant(engine: Engine) -> None:
    """Results are asked for as of an instant; a date is refused."""
    submitted(engine)

    assert ["open"] == [r["status"] for r in engine.results("report/1", as_of=TEN)["verification"]]
    with pytest.raises(ValueError, match="`as_of` is no instant: `2009-03-02` is not an instant"):
        engine.results("report/1", as_of="2009-03-02")


def test_late_entry(engine: Engine) -> None:
    """What happened earlier may be entered later: the lifecycle goes by number, facts by time."""
    submitted(engine)
    engine.act("report/1", "adopt", at=NOON, actor=WANG, data=ADOPTION)
    outcome = engine.act("report/1", "verify", at=TEN, actor=WANG)

    assert outcome.accepted
    assert ["met"] == [row["status"] for row in outcome.results["verification"]]


# Concurrency and repetition ---------------------------------------------------------------------


def test_expected_sequence(engine: Engine) -> None:
    """An act on a case that the caller has seen as it is goes through."""
    submitted(engine)

    assert engine.act("report/1", "verify", at=TEN, actor=WANG, expected_sequence=1).accepted


def test_changed_meanwhile(engine: Engine) -> None:
    """An act on a case that has changed since the caller looked is refused."""
    submitted(engine)
    outcome = engine.act("report/1", "verify", at=TEN, actor=WANG, expected_sequence=0)

    said = "the case changed meanwhile: its last event is 1, and 0 was expected"
    assert [said] == texts(outcome)
    assert ["本事项在此期间已有变动：末条事件为第 1 号，预期为第 0 号"] == texts(outcome, "zh")


def test_same_key_same_act(engine: Engine) -> None:
    """The same act under the same key gives its first outcome again and happens once."""
    acts = [
        engine.act(
            "report/1", "submit", at=NINE, actor=LI, idempotency_key="k", expected_sequence=0
        )
        for _ in range(2)
    ]

    assert acts[0] is acts[1]
    assert 1 == engine.sequence("report/1")


def test_who_asks_again_may_have_looked_again(engine: Engine) -> None:
    """Which number the caller has seen, and when it is recorded, is no part of the act."""
    said = {"at": NINE, "actor": LI, "idempotency_key": "k"}
    first = engine.act("report/1", "submit", expected_sequence=0, recorded_at=NINE, **said)
    again = engine.act("report/1", "submit", expected_sequence=1, recorded_at=TEN, **said)

    assert first is again


def test_same_key_other_act(engine: Engine) -> None:
    """Another act under a key that was used is refused."""
    engine.act("report/1", "submit", at=NINE, actor=LI, idempotency_key="k")
    outcome = engine.act("report/1", "submit", at=TEN, actor=LI, idempotency_key="k")

    assert ["the idempotency key `k` was used for another act"] == texts(outcome)
    assert ["幂等键 `k` 已用于另一次办理"] == texts(outcome, "zh")


def test_refused_key_is_free(engine: Engine) -> None:
    """A refused act uses up no key: it may be tried again once the obstacle is gone."""
    early = engine.act("report/1", "verify", at=TEN, actor=WANG, idempotency_key="k")
    submitted(engine)
    again = engine.act("report/1", "verify", at=TEN, actor=WANG, idempotency_key="k")

    assert (False, True) == (early.accepted, again.accepted)


# Corrections ------------------------------------------------------------------------------------


def test_void(engine: Engine) -> None:
    """A voided event is as if never written: facts, state and results follow."""
    submitted(engine)
    engine.act("report/1", "verify", at=TEN, actor=WANG)
    outcome = engine.act(
        "report/1",
        "correct",
        at=NOON,
        corrects=Correction(sequence=2, reason="not verified", void=True),
    )

    assert outcome.accepted
    assert "submitted" == outcome.state
    assert ["overdue"] == [row["status"] for row in outcome.results["verification"]]


def test_voided_event_may_happen_again(engine: Engine) -> None:
    """An event that was voided has not happened, so one that does not repeat may happen."""
    submitted(engine)
    engine.act("report/1", "verify", at=TEN, actor=WANG)
    void = Correction(sequence=2, reason="not verified", void=True)
    engine.act("report/1", "correct", at=TEN, corrects=void)

    assert engine.act("report/1", "verify", at=NOON, actor=WANG).accepted


def test_replaced_data(engine: Engine) -> None:
    """A correction replaces single values."""
    submitted(engine)
    change = Correction(sequence=1, reason="misread", data={"genre": "dynamic"})
    engine.act("report/1", "correct", at=NOON, corrects=change)
    row = engine.case("report/1")

    assert row is not None
    assert ("dynamic", 300) == (row["genre"], row["length"])


def test_replaced_time(engine: Engine) -> None:
    """A correction of the time moves the clocks that start then."""
    submitted(engine)
    change = Correction(sequence=1, reason="misread", at=parse_instant(TEN))
    outcome = engine.act("report/1", "correct", at=NOON, corrects=change)

    assert [parse_instant(TEN)] == [row["start"] for row in outcome.results["verification"]]


def test_correction_of_nothing(engine: Engine) -> None:
    """A correction of an event that the case does not have is refused."""
    submitted(engine)
    change = Correction(sequence=7, reason="misread", void=True)
    outcome = engine.act("report/1", "correct", at=NOON, corrects=change)

    assert ["event 7 cannot be corrected: the case has 1 event, and none of that number"] == texts(
        outcome
    )
    assert ["无法更正第 7 号事件：本事项共有 1 条事件，其中没有此号"] == texts(outcome, "zh")


def test_correction_to_bad_data(engine: Engine) -> None:
    """A correction to a value that is none is refused."""
    submitted(engine)
    change = Correction(sequence=1, reason="misread", data={"genre": "novel"})
    outcome = engine.act("report/1", "correct", at=NOON, corrects=change)

    assert not outcome.accepted
    assert ["misfit"] == [reason.code for reason in outcome.reasons]
    assert 1 == engine.sequence("report/1")


def test_correction_may_upset_the_order(engine: Engine) -> None:
    """A true correction is accepted even where later events lose their place in the lifecycle."""
    submitted(engine)
    engine.act("report/1", "verify", at=TEN, actor=WANG)
    void = Correction(sequence=1, reason="never submitted", void=True)
    outcome = engine.act("report/1", "correct", at=NOON, corrects=void)

    assert (True, "draft") == (outcome.accepted, outcome.state)


# Kinds without lifecycle ------------------------------------------------------------------------


def test_declared_events(engine: Engine) -> None:
    """A kind without lifecycle takes the events that it declares, from anybody."""
    outcome = engine.act("incident/1", "happen", at=NINE, data={"severity": "major"})

    assert (True, None) == (outcome.accepted, outcome.state)
    assert () == engine.may("incident/1")


def test_any_event_with_data(engine: Engine) -> None:
    """Where fields take their data from any event, an event that carries some is declared."""
    assert engine.act("unit/jing_hu", "set_up", at=NINE, data={"class": "county"}).accepted
    assert not engine.act("unit/jing_hu", "set_up", at=NINE).accepted


# Before acting ----------------------------------------------------------------------------------


def test_may(engine: Engine) -> None:
    """`may` lists every transition from the present state and whether it would pass."""
    submitted(engine)

    assert [
        ("verify", True),
        ("send_back", True),
        ("adopt", True),
        ("pause", True),
        ("resume", True),
        ("correct", True),
    ] == [(option.event, option.allowed) for option in engine.may("report/1", actor=WANG)]


def test_may_shows_values(engine: Engine) -> None:
    """`may` shows each condition with the values that it reads."""
    submitted(engine)
    verify = engine.may("report/1", actor=LI)[0]

    assert [("role", False), ("once", True), ("guard", False)] == [
        (condition.what, condition.holds) for condition in verify.conditions
    ]
    assert [("actor.id", "person/li"), ("report.submitted_by", "person/li")] == [
        (reading.text, reading.value) for reading in verify.conditions[2].readings
    ]


def test_may_of_a_new_case(engine: Engine) -> None:
    """A case that does not exist stands before its first event."""
    assert [("submit", True)] == [(o.event, o.allowed) for o in engine.may("report/9", actor=LI)]


def test_may_of_no_kind(engine: Engine) -> None:
    """`may` refuses what is no case with the words of `act`."""
    with pytest.raises(ValueError, match="the ruleset has no kind `reprot`; did you mean `report`"):
        engine.may("reprot/1")


def test_may_changes_nothing(engine: Engine) -> None:
    """Asking opens no case."""
    engine.may("report/9")

    assert engine.case("report/9") is None
