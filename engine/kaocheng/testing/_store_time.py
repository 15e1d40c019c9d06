"""What a store must do with time, the worklist, and whoever checks its books."""

from __future__ import annotations

import json
from typing import Unpack

from kaocheng.calendars.numberline import HOUR, MINUTE
from kaocheng.engine.database import Filters
from kaocheng.model.events import Correction
from kaocheng.testing._store_test import LI, MORNING, WANG, StoreTest, adopt, found, happen, submit


class TimeFacts(StoreTest):
    """The worklist, timers and the audit."""

    # The worklist ---------------------------------------------------------------------------------

    def test_the_worklist_is_filtered(self) -> None:
        """By kind, state, unit and when something is due, each alone and together."""
        engine = self.engine()
        happen(engine, hours=3)
        for number, unit in ((1, "unit/a"), (2, "unit/b"), (3, "unit/a")):
            submit(engine, f"report/{number}", hours=number, unit=unit)
        engine.act("report/3", "verify", at=MORNING + 4 * HOUR, actor=WANG)

        def cases(**filters: Unpack[Filters]) -> list[str]:
            return [listed.case for listed in engine.cases(**filters)]

        assert ["incident/1", "report/1", "report/2", "report/3"] == cases()
        assert ["report/1", "report/2", "report/3"] == cases(kind="report")
        assert ["report/1", "report/2"] == cases(state="submitted")
        assert ["incident/1", "report/1", "report/3"] == cases(unit="unit/a")
        assert ["report/1"] == cases(unit="unit/a", state="submitted")
        assert ["report/1"] == cases(due_before=MORNING + 3 * HOUR + 1)
        assert ["report/1", "report/2"] == cases(due_before=MORNING + 5 * HOUR)
        assert [] == cases(due_before=MORNING + 3 * HOUR)
        assert [] == cases(kind="unit")

    def test_what_cannot_be_computed_is_listed(self) -> None:
        """A deadline that begins nobody knows when is listed, and told of, until that is known."""
        engine, told = self.engine(), list[str]()
        submit(engine, "report/1")
        vague = engine.act("report/2", "submit", at="unknown", actor=LI, data={"unit": "unit/a"})
        listed = self.engine().cases(undetermined=True)
        known = Correction(sequence=1, reason="the stamp on it", at=MORNING + HOUR)
        mended = engine.act("report/2", "amend", at=MORNING + HOUR, actor=WANG, corrects=known)
        for row in self.kept()["outbox"]:
            message = json.loads(str(row["message"]))
            told += [message["type"]] if message["data"].get("rule") == "verification" else []

        assert vague.accepted, vague.reasons
        assert [("verification", ("start", "due"))] == [
            (deadline.rule, deadline.lacking) for deadline in vague.undetermined
        ]
        assert [("report/2", None, 1)] == [(one.case, one.due, one.undetermined) for one in listed]
        assert mended.accepted, mended.reasons
        assert () == mended.undetermined
        assert () == self.engine().cases(undetermined=True)
        assert ["kaocheng.undetermined", "kaocheng.undetermined.withdrawn"] == told
        assert ["report/1", "report/2"] == [one.case for one in engine.cases(kind="report")]

    def test_pages_of_the_worklist_are_stable(self) -> None:
        """Whatever is added meanwhile, each case that was there is on one page, once."""
        engine = self.engine()
        there = [f"report/{number:02}" for number in range(0, 20, 2)]
        for case in there:
            submit(engine, case)
        seen: list[str] = []
        for number in range(1, 21, 2):
            page = engine.cases(after=seen[-1] if seen else None, limit=3)
            if not page:
                break
            seen += [listed.case for listed in page]
            submit(self.engine(), f"report/{number:02}")
            adopt(engine, there[0])

        assert sorted(seen) == seen
        assert set(there) <= set(seen)
        assert len(set(seen)) == len(seen)

    def test_cases_are_listed_in_one_order_everywhere(self) -> None:
        """The order is that of code points, whatever the database thinks of letters."""
        engine = self.engine()
        names = [
            "report/a",
            "report/B",
            "report/a b",
            "report/é",
            "report/中",
            "report/-1",
            "report/Z",
        ]
        for name in names:
            assert submit(engine, name).accepted

        assert sorted(names) == [listed.case for listed in engine.cases()]
        assert sorted(names)[3:] == [c.case for c in engine.cases(after=sorted(names)[2])]

    # Time -----------------------------------------------------------------------------------------

    def test_a_tick_does_what_is_due_once(self) -> None:
        """Each at its own instant, however late; a second tick finds nothing."""
        engine, other = self.engine(), self.engine()
        happen(engine)
        submit(engine, "report/1", hours=1)

        assert 0 == engine.tick(MORNING + 3 * HOUR).fired
        assert 2 == engine.tick(self.now).fired
        assert 0 == engine.tick(self.now).fired
        assert 0 == other.tick(self.now + HOUR).fired
        assert ["missed"] == found(other, "incident/1")
        assert ["unverified"] == found(other, "report/1")
        fired = [event for event in other.journal().events if event.event == "kaocheng.timer"]
        assert [4 * HOUR + 1, 3 * HOUR + 1] == [(event.at or 0) - MORNING for event in fired]
        assert [self.now, self.now] == [event.recorded_at for event in fired]

    def test_all_that_time_alone_brings_is_done(self) -> None:
        """A warning before a deadline, the deadline and a lapse; then nothing is still to come."""
        engine = self.engine()
        submit(engine, "report/1", length=4000)
        seen = []
        for minutes in (64, 66, 130, 241, 420, 422):
            engine.tick(MORNING + minutes * MINUTE)
            results = self.engine().results("report/1")
            notices = [notice["rule"] for notice in results.collected("notices")]
            seen.append((notices, results["sequel"][0]["status"]))
        engine.tick(self.now)

        assert [
            ([], "open"),
            (["reminded"], "open"),
            (["reminded"], "open"),
            (["reminded"], "overdue"),
            (["reminded"], "overdue"),
            (["reminded"], "lapsed"),
        ] == seen
        assert dict(engine.results("report/1")) == dict(engine.results("report/1", as_of=self.now))
        assert [] == self.kept()["timers"]

    def test_a_tick_has_a_bound(self) -> None:
        """What is beyond it is left for the next one."""
        engine = self.engine()
        for number in range(5):
            submit(engine, f"report/{number}", hours=number)

        assert [2, 2, 1, 0] == [engine.tick(self.now, limit=2).fired for _ in range(4)]

    def test_ticks_at_once_do_everything_once(self) -> None:
        """Workers that share a database share the work."""
        engines = [self.engine() for _ in range(3)]
        for number in range(6):
            submit(engines[0], f"report/{number}")
        self.store().together(engines, lambda engine: engine.tick(self.now, limit=4))
        self.now += HOUR
        self.engine().tick(self.now)

        assert [2] * 6 == [self.engine().sequence(f"report/{number}") for number in range(6)]

    def test_an_act_does_first_what_was_due(self) -> None:
        """Before it, and never what is due at its own instant or later."""
        engine = self.engine()
        submit(engine, "report/1")
        adopt(engine, "report/1", minutes=2 * 60)
        assert 2 == engine.sequence("report/1")
        outcome = adopt(engine, "report/1", hours=3)

        assert 4 == engine.sequence("report/1")
        assert ["submit", "adopt", "kaocheng.timer", "adopt"] == [
            event.event for event in engine.journal().events
        ]
        assert () == outcome.findings
        assert ["unverified"] == found(engine, "report/1")

    # Audit ----------------------------------------------------------------------------------------

    def test_what_is_kept_is_sound_after_all_of_it(self) -> None:
        """Chain, snapshots, timers, links and messages of a busy day are what the journal says."""
        one, other = self.engine(), self.engine()
        happen(one)
        submit(other, "report/1", hours=1, incident="incident/1", length=2000)
        submit(one, "report/2", hours=2, answers="report/1")
        adopt(other, "report/1", hours=3)
        one.tick(MORNING + 30 * HOUR)
        one.act("report/1", "verify", at=MORNING + 31 * HOUR, actor=WANG)
        adopt(one, "report/2", hours=32)
        taken_back = Correction(sequence=2, reason="a mistake", void=True)
        outcome = one.act(
            "report/1", "amend", at=MORNING + 33 * HOUR, actor=WANG, corrects=taken_back
        )
        other.tick(self.now)

        assert outcome.accepted, outcome.reasons
        assert [] == self.faults()

    def test_a_change_behind_the_journals_back_is_seen(self) -> None:
        """Whoever changes a line, the order or a snapshot by hand is found out."""
        engine = self.engine()
        submit(engine, "report/1")
        adopt(engine, "report/1")
        changes = (
            "UPDATE kaocheng_events SET line = replace(line, 'daily_express', 'special_report')",
            "UPDATE kaocheng_cases SET state = 'verified'",
            "DELETE FROM kaocheng_timers",
            "DELETE FROM kaocheng_outbox WHERE number = 2",
            "UPDATE kaocheng_tenants SET position = 1",
        )
        for change in changes:
            before = self.kept()
            self.do(change)
            assert [] != self.faults()
            self.restore(before)

        assert [] == self.faults()
