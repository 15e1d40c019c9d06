"""A circular speaks of all cases: by an engine of their text only, and once for a period."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaocheng import Host, open_input, with_parameters
from kaocheng.calendars.numberline import DAY, parse_instant
from kaocheng.engine import Engine, Outcome
from kaocheng.engine.database import Bulletin
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import Actor, Correction, Event, Journal
from kaocheng.stores import SqlStore
from kaocheng.stores.comparing import compare

WUHU = "wuhu-information"
APRIL = parse_instant("2009-04-02T08:00:00+08:00")
EDITOR = Actor(id="person/editor", roles=("chief_editor",))
MARCH = {
    "first_day": "2009-03-01",
    "last_day": "2009-03-31",
    "known_at": "2009-04-02T08:00:00+08:00",
}


@pytest.fixture(scope="module")
def office(host: Host) -> Ruleset:
    """The ruleset of an information office."""
    return host.load(WUHU)


@pytest.fixture(scope="module")
def changed(office: Ruleset) -> Ruleset:
    """The same by another text."""
    return with_parameters(office, {"best_points": "20"})


@pytest.fixture(scope="module")
def sample(office: Ruleset, samples: dict[str, Path], host: Host) -> Journal:
    """Its sample month."""
    return open_input(samples[WUHU], office, host.formats())


@pytest.fixture
def old(office: Ruleset, sample: Journal, store: SqlStore) -> Engine:
    """An engine of the old text, under which the sample is kept."""
    engine = Engine(office, store=store, clock=lambda: APRIL)
    engine.load(sample.events)
    return engine


@pytest.fixture
def new(old: Engine, changed: Ruleset) -> Engine:
    """An engine of the new text on the same store."""
    return Engine(changed, store=old.store, clock=lambda: APRIL)


def publish(
    engine: Engine, case: str = "bulletin/1", *, language: str = "zh", key: str | None = None
) -> tuple[Outcome, Bulletin | None]:
    """The circular of March."""
    return engine.publish(
        case,
        "publish",
        period="2009-03",
        data=MARCH,
        actor=EDITOR,
        language=language,
        idempotency_key=key,
    )


def withdraw(engine: Engine, case: str, sequence: int) -> bool:
    """Take back what a case says, an earlier withdrawal as well."""
    corrects = Correction(sequence=sequence, reason="it was a draft", void=True)
    return engine.act(case, "publish", corrects=corrects, actor=EDITOR).accepted


def codes(outcome: Outcome) -> list[str]:
    """Why it was refused."""
    return [reason.code for reason in outcome.reasons]


# Two texts ----------------------------------------------------------------------------------------


def test_before_the_migration_only_the_old_text_publishes(old: Engine, new: Engine) -> None:
    """The new one is told the first case that it may not speak of, and how many there are."""
    journal, own = old.journal(), old.ruleset.versions[-1].hash
    outcome, bulletin = publish(new)
    first, count = old.cases(limit=1)[0].case, len(old.cases(limit=1000))

    assert (False, None, journal) == (outcome.accepted, bulletin, old.journal())
    assert ["not_migrated", "several_texts"] == codes(outcome)
    assert {"case": first, "hash": own} == outcome.reasons[0].values
    assert (
        f"the circular would count cases under another text of the ruleset ({count}, the first is"
        f" `{first}`); publish once all are under one text, by an engine of that text"
    ) == outcome.reasons[1].message()
    assert (
        f"本通报将计入适用规则集另一文本的事项（共 {count} 件，首件为 `{first}`）；请待全部事项适用"
        "同一文本后，由该文本的引擎发布"
    ) == outcome.reasons[1].message("zh")
    assert publish(old)[0].accepted


def test_after_the_migration_only_the_new_text_publishes(old: Engine, new: Engine) -> None:
    """The old one is refused though the case of the bulletin is new, and so is nobody else."""
    new.migrate(old.plan_migration(new.ruleset), at=APRIL, reason="a corrected text")
    refused, nothing = publish(old, "bulletin/old")
    outcome, bulletin = publish(new)

    assert (["gone_over", "several_texts"], None) == (codes(refused), nothing)
    assert str(len(old.cases(limit=1000)) - 1) == refused.reasons[1].values["count"]
    assert outcome.accepted
    assert bulletin is not None
    assert [True] == [replayed.same for replayed in new.replay()]
    assert compare(new.store, new.ruleset).passed  # type: ignore[arg-type]


def test_a_case_that_went_over_counts_though_its_row_says_nothing(
    old: Engine, new: Engine, sample: Journal
) -> None:
    """The journal says so too, as where the versions that govern a case are in both texts."""
    new.migrate(old.plan_migration(new.ruleset), at=APRIL, reason="a corrected text")
    gone = Engine(old.ruleset, store=old.store)._folder.gone(old.store.journal())  # type: ignore[union-attr]  # noqa: SLF001

    assert set(old.store.cases()) == set(gone)
    assert {} == Engine(new.ruleset)._folder.gone(old.store.journal())  # type: ignore[union-attr]  # noqa: SLF001
    assert {} == Engine(old.ruleset)._folder.gone(sample.events)  # noqa: SLF001


def test_one_case_that_the_old_text_opens_afterwards_holds_up_both(
    old: Engine, new: Engine
) -> None:
    """It goes over by the next plan, and then the new text publishes."""
    plan = old.plan_migration(new.ruleset)
    new.migrate(plan, at=APRIL, reason="a corrected text")
    old.load([Event(case="report/zz", sequence=1, event="submit", at=APRIL - DAY)])

    outcome, _ = publish(new)
    assert ("report/zz", "1") == (
        outcome.reasons[0].values["case"],
        outcome.reasons[1].values["count"],
    )
    new.migrate(old.plan_migration(new.ruleset), at=APRIL, reason="a corrected text")
    assert publish(new)[0].accepted


def test_cases_of_other_rulesets_do_not_count(
    old: Engine, host: Host, samples: dict[str, Path]
) -> None:
    """Beside the office's cases a store may have those of kinds that it does not know."""
    washington = host.load("washington-breach")
    other = Engine(washington, store=old.store, clock=lambda: APRIL)
    other.load(open_input(samples["washington-breach"], washington, host.formats()).events)

    assert publish(old)[0].accepted


def test_what_was_published_before_the_migration_is_told_again(old: Engine, new: Engine) -> None:
    """Under its key, by whichever text: nothing new is published."""
    first = publish(old, key="k")[1]
    new.migrate(old.plan_migration(new.ruleset), at=APRIL, reason="a corrected text")

    assert first is not None
    assert [first, first] == [publish(engine, key="k")[1] for engine in (old, new)]


# Once for a period --------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["bulletin/1", "bulletin/2"])
def test_a_period_is_published_once(old: Engine, case: str) -> None:
    """By whichever case: what becomes known later stands in the next circular."""
    publish(old)
    outcome, bulletin = publish(old, case)

    assert (["already_published"], None) == (codes(outcome), bulletin)
    (reason,) = outcome.reasons
    assert {"period": "2009-03", "case": "bulletin/1", "sequence": "1"} == reason.values
    assert (
        "the period `2009-03` was published by event 1 of `bulletin/1`; what became known later"
        " stands in the next circular, and one that is withdrawn is published anew once that event"
        " is void"
    ) == reason.message()
    assert (
        "周期 `2009-03` 已由 `bulletin/1` 第 1 号事件发布；其后获知的情况由下期通报更正，"
        "原通报撤回的，作废该事件后方可重新发布"
    ) == reason.message("zh")


def test_another_language_is_no_circular_of_its_own(old: Engine) -> None:
    """It would say what is known by then; at the two times of the first it is the same."""
    _, bulletin = publish(old)

    assert ["already_published"] == codes(publish(old, language="en")[0])
    assert bulletin is not None
    times = {"as_of": bulletin.as_of, "known_at": bulletin.known_at}
    assert old.circular("2009-03", **times).splitlines()[0] in bulletin.text
    assert "Changes" not in old.circular("2009-03", **times, language="en")


def test_what_is_withdrawn_is_published_anew(old: Engine) -> None:
    """Once its event is void; both texts stay, and come out again."""
    publish(old)
    assert withdraw(old, "bulletin/1", 1)
    assert publish(old, "bulletin/2")[0].accepted
    assert [True, True] == [replayed.same for replayed in old.replay()]


@pytest.mark.parametrize("again", ["bulletin/1", "bulletin/2"])
def test_a_withdrawal_stands_once_another_is_out(old: Engine, again: str) -> None:
    """It can be taken back only where no other circular of the period is in force."""
    publish(old)
    assert withdraw(old, "bulletin/1", 1)
    _, bulletin = publish(old, again)
    assert bulletin is not None
    corrects = Correction(sequence=3, reason="it was none", void=True)
    outcome = old.act("bulletin/1", "publish", corrects=corrects, actor=EDITOR)

    assert ["already_published"] == codes(outcome)
    assert {"period": "2009-03", "case": again, "sequence": str(bulletin.sequence)} == (
        outcome.reasons[0].values
    )
    assert withdraw(old, again, bulletin.sequence)
    assert withdraw(old, "bulletin/1", 3)
    assert ["already_published"] == codes(publish(old, "bulletin/3")[0])


def test_where_the_text_is_gone_the_journal_speaks(old: Engine, store: SqlStore) -> None:
    """A journal that was moved has no texts, and says that it was published."""
    publish(old)
    moved = Engine(old.ruleset, store=store.of("moved"), clock=lambda: APRIL)
    moved.load(store.journal())

    assert ["already_published"] == codes(publish(moved, "bulletin/2", language="en")[0])


# The days of a period -----------------------------------------------------------------------------


def test_the_days_are_those_of_the_period(old: Engine) -> None:
    """An act whose days are of another month is refused, and leaves nothing behind."""
    journal = old.journal()
    data = {**MARCH, "first_day": "2009-02-01", "last_day": "2009-02-28"}
    outcome, bulletin = old.publish(
        "bulletin/1", "publish", period="2009-03", data=data, actor=EDITOR
    )

    assert (["other_days"], None, journal) == (codes(outcome), bulletin, old.journal())
    (reason,) = outcome.reasons
    assert (
        "the act says that it publishes `2009-02-01` to `2009-02-28`, but the period `2009-03` is"
        " `2009-03-01` to `2009-03-31`; give the days of that period, or publish another"
    ) == reason.message()
    assert (
        "本次办理所载通报起止日期为 `2009-02-01` 至 `2009-02-28`，而周期 `2009-03` 为"
        " `2009-03-01` 至 `2009-03-31`；请改正起止日期，或改发与之相符的周期"
    ) == reason.message("zh")
    assert publish(old)[0].accepted


def test_days_that_nobody_says_are_no_other_days(old: Engine) -> None:
    """Where the act has none, the journal has those of the period all the same."""
    outcome, bulletin = old.publish("bulletin/1", "publish", period="2009-03", actor=EDITOR)
    said = old.history("bulletin/1")[-1].data

    assert outcome.accepted
    assert bulletin is not None
    assert ("2009-03-01", "2009-03-31") == (said["first_day"], said["last_day"])
