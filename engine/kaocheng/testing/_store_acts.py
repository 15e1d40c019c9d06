"""What a store must do with acts, and with keys under which they are done once."""

from __future__ import annotations

from kaocheng.calendars.numberline import DAY, HOUR, LAST_INSTANT
from kaocheng.model.events import Correction
from kaocheng.testing._store_test import (
    EXPRESS,
    LI,
    MORNING,
    WANG,
    StoreTest,
    adopt,
    happen,
    same,
    submit,
)


class ActFacts(StoreTest):
    """Acts and their keys."""

    # Acts -----------------------------------------------------------------------------------------

    def test_an_act_is_read_back_by_another_engine(self) -> None:
        """State, facts, results, number and events of a case are the same for every engine."""
        one, other = self.engine(), self.engine()
        outcome = submit(one, "report/1")
        adopted = adopt(one, "report/1")

        assert outcome.accepted
        assert "submitted" == other.state("report/1") == adopted.state
        assert dict(one.case("report/1") or {}) == dict(other.case("report/1") or {})
        assert dict(adopted.results) == dict(other.results("report/1"))
        assert adopted.results.as_of == other.results("report/1").as_of
        assert 2 == other.sequence("report/1")
        assert (outcome.event, adopted.event) == other.journal().events

    def test_what_is_not_there_reads_as_nothing(self) -> None:
        """A case without events has no state, no facts, no results and no events."""
        engine = self.engine()

        assert engine.state("report/1") is None
        assert engine.case("report/1") is None
        assert {} == dict(engine.results("report/1"))
        assert 0 == engine.sequence("report/1")
        assert () == engine.cases()
        assert () == engine.journal().events

    def test_a_refused_act_changes_nothing(self) -> None:
        """No row of any table is another after an act that was refused, for whatever reason."""
        engine = self.engine()
        submit(engine, "report/1")
        before = self.kept()
        refused = [
            engine.act("report/1", "verify", at=MORNING + HOUR, actor=LI),
            engine.act("report/1", "vrify", at=MORNING + HOUR, actor=WANG),
            engine.act("report/2", "adopt", at=MORNING, actor=WANG, data=EXPRESS),
            submit(engine, "report/2", length="long"),
            submit(engine, "report/2", strange=1),
            submit(engine, "reprot/2"),
            engine.act("report/1", "verify", at="yesterday", actor=WANG),
            engine.act("report/1", "verify", at=MORNING, actor=WANG, expected_sequence=7),
        ]

        assert [False] * len(refused) == [outcome.accepted for outcome in refused]
        assert all(outcome.reasons for outcome in refused)
        assert before == self.kept()

    def test_a_refused_act_fires_no_timer(self) -> None:
        """What was due on the case is not done by an act that is refused."""
        engine = self.engine()
        submit(engine, "report/1")
        before = self.kept()
        refused = engine.act("report/1", "verify", at=MORNING + 9 * HOUR, actor=LI)

        assert not refused.accepted
        assert before == self.kept()
        assert 1 == engine.sequence("report/1") == self.engine().sequence("report/1")

    def test_what_has_not_happened_yet_is_refused(self) -> None:
        """A year mistyped fires no timer and raises no finding; a day ahead is let pass."""
        engine = self.engine()
        self.now = MORNING + HOUR
        submit(engine, "report/1")
        before = self.kept()
        mistyped = engine.act("report/1", "verify", at="2062-03-02T10:00:00+08:00", actor=WANG)
        just_past = engine.act("report/1", "verify", at=self.now + DAY + 1, actor=WANG)

        assert ["ahead"] == [reason.code for reason in mistyped.reasons]
        assert ["ahead"] == [reason.code for reason in just_past.reasons]
        assert before == self.kept()
        assert 1 == engine.sequence("report/1") == self.engine().sequence("report/1")
        assert engine.act("report/1", "verify", at=self.now + DAY, actor=WANG).accepted

    def test_a_correction_puts_nothing_ahead(self) -> None:
        """An event is not moved to a time that has not come."""
        engine = self.engine()
        submit(engine, "report/1")
        before = self.kept()
        moved = Correction(sequence=1, reason="a slip", at=self.now + DAY + 1)
        outcome = engine.act("report/1", "amend", at=self.now, actor=WANG, corrects=moved)

        assert ["ahead"] == [reason.code for reason in outcome.reasons]
        assert before == self.kept()

    def test_an_act_at_the_end_of_the_calendar_is_refused(self) -> None:
        """Some zone has no such day, and nothing could be said of any case from then on."""
        engine = self.engine()
        self.now = LAST_INSTANT - DAY
        ends = ("9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", LAST_INSTANT, "9999-12-31")
        refused = [engine.act("report/1", "submit", at=at, actor=LI) for at in ends]

        assert [["bad_time"]] * 4 == [[r.code for r in outcome.reasons] for outcome in refused]
        assert () == engine.cases()
        assert submit(engine, "report/1").accepted
        assert 1 == engine.assess().cases

    def test_a_dry_run_keeps_nothing(self) -> None:
        """Its outcome is that of the act; no row changes, and the case is as it was."""
        engine = self.engine()
        submit(engine, "report/1")
        before = self.kept()
        dry = engine.act(
            "report/1", "verify", at=MORNING + HOUR, actor=WANG, idempotency_key="k", dry_run=True
        )

        assert (True, "verified") == (dry.accepted, dry.state)
        assert before == self.kept()
        assert "submitted" == engine.state("report/1")

        wet = engine.act("report/1", "verify", at=MORNING + HOUR, actor=WANG, idempotency_key="k")

        assert dry.event == wet.event
        assert dict(dry.results) == dict(wet.results)

    def test_corrections_are_kept(self) -> None:
        """A correction changes what was, for every engine."""
        engine = self.engine()
        submit(engine, "report/1", length=10)
        corrects = Correction(sequence=1, reason="miscounted", data={"length": 20})
        outcome = engine.act("report/1", "amend", at=MORNING + HOUR, actor=WANG, corrects=corrects)

        assert outcome.accepted, outcome.reasons
        facts = self.engine().case("report/1")

        assert facts is not None
        assert 20 == facts["length"]

    def test_the_number_that_the_caller_has_seen_is_compared(self) -> None:
        """With another number the act is refused, and says what it saw and what it expected."""
        engine, other = self.engine(), self.engine()
        submit(engine, "report/1")
        adopt(other, "report/1")
        late = adopt(engine, "report/1", expected_sequence=1)

        assert ["changed_meanwhile"] == [reason.code for reason in late.reasons]
        assert adopt(engine, "report/1", expected_sequence=2).accepted

    def test_one_of_many_acts_at_once_on_a_number_is_accepted(self) -> None:
        """Of acts at the same time that expect the same number, one is accepted."""
        engines = [self.engine() for _ in range(4)]
        submit(engines[0], "report/1")
        outcomes = self.store().together(
            engines, lambda engine: adopt(engine, "report/1", expected_sequence=1)
        )

        assert [False, False, False, True] == sorted(outcome.accepted for outcome in outcomes)
        assert 2 == self.engine().sequence("report/1")

    def test_acts_at_once_are_all_kept(self) -> None:
        """Acts at the same time on one case and on others each have a number of their own."""
        engines = [self.engine() for _ in range(4)]
        submit(engines[0], "report/1")
        outcomes = self.store().together(engines, lambda engine: adopt(engine, "report/1"))

        assert [2, 3, 4, 5] == sorted(o.event.sequence for o in outcomes if o.event is not None)

    # Idempotency ----------------------------------------------------------------------------------

    def test_the_same_act_under_a_key_is_done_once(self) -> None:
        """Its outcome is the first one, to the last detail, from whichever engine."""
        engine = self.engine()
        happen(engine)
        first = submit(engine, "report/1", key="k", incident="incident/1")
        before = self.kept()
        same(first, submit(engine, "report/1", key="k", incident="incident/1"))
        same(first, submit(self.engine(), "report/1", key="k", incident="incident/1"))

        assert before == self.kept()

    def test_an_outcome_under_a_key_outlives_later_acts(self) -> None:
        """It is what came of the act then, not what the case is now."""
        engine = self.engine()
        happen(engine)
        submit(engine, "report/1", incident="incident/1")
        first = adopt(engine, "report/1", key="k", hours=9)
        engine.act("report/1", "verify", at=MORNING + 10 * HOUR, actor=WANG)
        again = adopt(self.engine(), "report/1", key="k", hours=9)

        assert 1 == len(first.entries) == len(first.notices)
        same(first, again)
        assert "verified" == engine.state("report/1")

    def test_another_act_under_a_key_is_refused(self) -> None:
        """A key says one thing; a refused act uses none up."""
        engine = self.engine()
        assert not engine.act("report/1", "verify", at=MORNING, idempotency_key="k").accepted
        submit(engine, "report/1", key="k")
        before = self.kept()
        others = [
            submit(engine, "report/1", key="k", length=1),
            submit(engine, "report/2", key="k"),
            adopt(engine, "report/1", key="k"),
            adopt(self.engine(), "report/1", key="k"),
        ]

        assert [["key_reused"]] * 4 == [[r.code for r in other.reasons] for other in others]
        assert before == self.kept()

    def test_the_same_act_at_once_under_a_key_is_done_once(self) -> None:
        """Engines that do it at the same time all get the one outcome."""
        engines = [self.engine() for _ in range(4)]
        outcomes = self.store().together(
            engines, lambda engine: submit(engine, "report/1", key="k")
        )
        for outcome in outcomes:
            same(outcomes[0], outcome)

        assert 1 == self.engine().sequence("report/1")
