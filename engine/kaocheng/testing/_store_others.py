"""What a store must do where others have a part: callers, engines, tenants, other cases."""

from __future__ import annotations

from kaocheng.calendars.numberline import HOUR
from kaocheng.testing._opened import STYLES
from kaocheng.testing._store_test import (
    LI,
    MORNING,
    WANG,
    StoreTest,
    adopt,
    found,
    happen,
    note,
    submit,
)
from kaocheng.testing.durable import TABLES, Kept


class OtherFacts(StoreTest):
    """Callers' transactions, other engines, other tenants, other cases."""

    # The caller's transaction ---------------------------------------------------------------------

    def test_an_act_inside_a_transaction_is_committed_by_the_caller(self) -> None:
        """It is there when the caller commits, together with what the caller did."""
        self.make_notes()
        for style in STYLES:
            engine, case = self.engine(), f"report/{style}"
            with self.store().transaction(engine, style) as caller:
                note(caller, style)
                assert submit(caller.engine, case).accepted
                assert caller.is_open()
                assert "submitted" == caller.engine.state(case)
                caller.commit()

            assert "submitted" == engine.state(case) == self.engine().state(case)
            assert 1 == self.notes(style)

    def test_a_refusal_inside_a_transaction_undoes_the_act_alone(self) -> None:
        """The caller's transaction goes on as if nothing had been asked."""
        self.make_notes()
        for style in STYLES:
            engine, case = self.engine(), f"report/{style}"
            submit(engine, case)
            with self.store().transaction(engine, style) as caller:
                note(caller, style)
                refused = caller.engine.act(case, "verify", at=MORNING + 9 * HOUR, actor=LI)
                assert not refused.accepted
                assert caller.is_open()
                assert 1 == caller.engine.sequence(case)
                assert adopt(caller.engine, case).accepted
                caller.commit()

            assert 2 == engine.sequence(case) == self.engine().sequence(case)
            assert 1 == self.notes(style)

    def test_a_rollback_of_the_caller_takes_everything_along(self) -> None:
        """Nothing is left of it, and acting afterwards works, by the same engine and others."""
        self.make_notes()
        for style in STYLES:
            engine, case = self.engine(), f"report/{style}"
            happen(engine, f"incident/{style}")
            submit(engine, case)
            before = self.kept()
            with self.store().transaction(engine, style) as caller:
                note(caller, style)
                for number in range(3):
                    assert adopt(caller.engine, case, key=f"{style}{number}").accepted
                submit(caller.engine, f"{case}-2", incident=f"incident/{style}")
                assert 4 == caller.engine.sequence(case)
                caller.rollback()

            assert before == self.kept()
            assert 0 == self.notes(style)
            assert 1 == engine.sequence(case)
            assert 2 == getattr(adopt(engine, case, key=f"{style}0").event, "sequence", None)
            assert submit(engine, f"{case}-2", incident=f"incident/{style}").accepted
            assert dict(engine.results(case)) == dict(self.engine().results(case))
            assert [] == self.faults()

    def test_a_tick_inside_a_transaction_is_the_callers_too(self) -> None:
        """What it fired is gone with the caller's rollback, and is fired again afterwards."""
        for style in STYLES:
            engine, case = self.engine(), f"report/{style}"
            submit(engine, case)
            with self.store().transaction(engine, style) as caller:
                assert 1 == caller.engine.tick(self.now).fired
                caller.rollback()

            assert 1 == engine.sequence(case)
            assert 1 == engine.tick(self.now).fired
            assert 2 == engine.sequence(case)

    # Engines and tenants --------------------------------------------------------------------------

    def test_engines_see_each_others_acts(self) -> None:
        """Whatever one has seen before, it sees what the other has done since."""
        one, other = self.engine(), self.engine()
        submit(one, "report/1")
        for number, engine in enumerate([other, one, other, one], start=2):
            assert adopt(engine, "report/1").accepted
            assert number == one.sequence("report/1") == other.sequence("report/1")
            assert dict(one.results("report/1")) == dict(other.results("report/1"))
        engine = self.engine()

        assert dict(engine.results("report/1")) == dict(one.results("report/1"))

    def test_tenants_see_nothing_of_each_other(self) -> None:
        """The same case, key and timer of two tenants have nothing to do with each other."""
        north, south = self.engine("north"), self.engine("south")
        submit(north, "report/1", key="k")
        adopt(north, "report/1")
        before = self.kept("north")

        assert south.state("report/1") is None
        assert () == south.cases()
        assert () == south.journal().events
        assert 0 == south.tick(self.now).fired
        assert submit(south, "report/1", key="k", length=5).accepted
        assert 1 == south.sequence("report/1")
        assert before == self.kept("north")
        assert {name: [] for name in TABLES} == self.store("east").look(
            lambda connection: dict(Kept.read(connection, "east").rows)
        )

    def test_parents_follow_their_children(self) -> None:
        """A rule that reads other cases says the same in every engine, whoever acted."""
        one, other = self.engine(), self.engine()
        happen(one)
        assert 1 == one.tick(MORNING + 5 * HOUR).fired
        assert ["missed"] == found(other, "incident/1")
        outcome = submit(other, "report/1", hours=6, incident="incident/1")

        assert ["incident/1"] == list(outcome.parents)
        assert dict(outcome.parents["incident/1"]) == dict(one.results("incident/1"))
        assert ["late"] == found(one, "incident/1")

        moved = {"incident": "incident/2"}
        happen(one, "incident/2", hours=2)
        one.act("report/1", "amend", at=MORNING + 7 * HOUR, actor=WANG, data=moved)

        for engine in (one, other, self.engine()):
            assert ["missed"] == found(engine, "incident/1")
            assert [] == found(engine, "incident/2")

    def test_a_parent_that_does_not_exist_is_named(self) -> None:
        """Events come in any order, so it is no refusal; told again, it is named again."""
        one, other = self.engine(), self.engine()
        outcome = submit(one, "report/1", key="k", incident="incident/1", answers="report/1")
        again = submit(other, "report/1", key="k", incident="incident/1", answers="report/1")
        happen(other)
        amended = {"length": 3}
        known = one.act("report/1", "amend", at=MORNING + HOUR, actor=WANG, data=amended)

        assert outcome.accepted
        assert {} == outcome.parents
        assert ("incident/1",) == outcome.unknown_parents == again.unknown_parents
        assert () == known.unknown_parents
        assert ["incident/1"] == list(known.parents)

    def test_cases_of_one_kind_may_be_parents_of_each_other(self) -> None:
        """A report that answers a report, which answers it again, is assessed as it stands."""
        one, other = self.engine(), self.engine()
        submit(one, "report/1", length=2000)
        submit(other, "report/2", hours=1, length=2000, answers="report/1")
        submit(one, "report/3", hours=2, length=2000, answers="report/2")
        other.act(
            "report/1", "amend", at=MORNING + 3 * HOUR, actor=WANG, data={"answers": "report/3"}
        )

        for engine in (one, other, self.engine()):
            for number in (1, 2, 3):
                (reply,) = engine.results(f"report/{number}")["reply"]
                assert "met" == reply["status"]

    def test_history_is_loaded_as_it_is(self) -> None:
        """In whatever order cases come, parents and children are as if they had been acted."""
        acted, events = self.engine("acted"), []
        happen(acted)
        happen(acted, "incident/2", hours=1)
        submit(acted, "report/1", hours=2, incident="incident/1", length=2000)
        submit(acted, "report/2", hours=3, incident="incident/2", answers="report/1")
        events = list(acted.journal().events)
        engine = self.engine()
        happen(engine, "incident/3")
        loaded = engine.load(list(reversed(events)))
        again = self.engine("again")
        again.load([event for event in events if event.kind == "incident"])
        again.load([event for event in events if event.kind == "report"])

        assert (4, 4, ()) == (loaded.events, loaded.cases, loaded.doubts)
        for case in ("incident/1", "incident/2", "report/1", "report/2"):
            wanted = dict(acted.results(case))
            assert wanted == dict(engine.results(case)) == dict(self.engine().results(case))
            assert wanted == dict(again.results(case))
        assert 2 + 1 == engine.tick(MORNING + 26 * HOUR + 1).fired
